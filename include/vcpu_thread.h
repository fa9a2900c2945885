/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vCPU inside KVM_RUN in a thread of its own: it runs, waits there, and is got out.
 */
#ifndef GUEST_ABI_VCPU_THREAD_H
#define GUEST_ABI_VCPU_THREAD_H

#include <pthread.h>

#include "guest.h"

struct vcpu_thread {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	pid_t tid; /* 0 until the thread runs */
	bool ended; /* KVM_RUN came back */
	struct guest_result res; /* once it has been joined */
};

/** vcpu_thread_start() - call KVM_RUN once in a new thread; the vCPU's operation is the caller's */
void vcpu_thread_start(struct kvm_vcpu *vcpu, struct vcpu_thread *thread);

/** vcpu_thread_sleeps() - whether the thread sleeps inside KVM_RUN, where a signal would wake it */
bool vcpu_thread_sleeps(struct vcpu_thread *thread);

/**
 * vcpu_thread_settle() - wait until the vCPU waits inside KVM_RUN, or KVM_RUN came back
 *
 * Return: true if it waits
 */
bool vcpu_thread_settle(struct vcpu_thread *thread);

/** vcpu_thread_join() - wait until KVM_RUN comes back by itself */
void vcpu_thread_join(struct vcpu_thread *thread);

/**
 * vcpu_thread_kick() - have KVM_RUN come back by a signal, as VMMs do [api.rst 5, immediate_exit]
 *
 * res is GUEST_ERROR with -EINTR, unless it came back by itself before.
 */
void vcpu_thread_kick(struct vcpu_thread *thread);

#endif /* GUEST_ABI_VCPU_THREAD_H */
