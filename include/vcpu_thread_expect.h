/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of vCPUs that are inside KVM_RUN in a thread. For *_test.c alone: the harness works
 * in one source file only.
 */
#ifndef GUEST_ABI_VCPU_THREAD_EXPECT_H
#define GUEST_ABI_VCPU_THREAD_EXPECT_H

#include <errno.h>
#include <sched.h>

#include "expect.h"
#include "vcpu_thread.h"
#include "watch.h"

/* It waits inside KVM_RUN. @which is "that is off", or the like. The test ends if it does not */
static inline void expect_waits(struct __test_metadata *_metadata, struct vcpu_thread *thread,
				const char *which)
{
	if (vcpu_thread_settle(thread))
		return;
	vcpu_thread_join(thread);
	ASSERT_EQ(GUEST_ERROR, thread->res.end)
	{
		TH_LOG("KVM_RUN of vCPU %u, %s: the guest %s, x0 %#lx; expected it to wait",
		       thread->vcpu->id, which, guest_end_str(&thread->res), thread->res.x[0]);
	}
	ASSERT_TRUE(false)
	{
		TH_LOG("vCPU %u, %s, %s; expected it to wait in KVM_RUN", thread->vcpu->id, which,
		       guest_end_str(&thread->res));
	}
}

/* A signal has ended its KVM_RUN */
static inline void expect_interrupted(struct __test_metadata *_metadata,
				      const struct vcpu_thread *thread)
{
	EXPECT_TRUE(thread->res.end == GUEST_ERROR && thread->res.err == -EINTR)
	{
		TH_LOG("KVM_RUN of vCPU %u, which waits, after a signal: the guest %s; expected EINTR",
		       thread->vcpu->id, guest_end_str(&thread->res));
	}
}

/* Wait until the guest of guest_prepare_spin() is seen to run */
static inline void wait_for_rounds(struct test_vm *vm, unsigned int cpu)
{
	u64 before = guest_rounds(vm, cpu);
	struct watch *watch;

	watch = watch_begin(cpu, "to run; it stood still", 0);
	while (guest_rounds(vm, cpu) == before)
		sched_yield();
	watch_end(watch);
}

#endif /* GUEST_ABI_VCPU_THREAD_EXPECT_H */
