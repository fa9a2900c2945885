/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that takes interrupts: it acknowledges each, records what it got, and ends it. Guests
 * at EL1 alone; each function ends the process with a message if the guest does not come back.
 */
#ifndef GUEST_ABI_GUEST_IRQ_H
#define GUEST_ABI_GUEST_IRQ_H

#include <pthread.h>

#include "guest.h"

#define GUEST_MAX_IRQS 64 /* recorded by one call */
#define GUEST_IRQ_VCPUS 16 /* vCPUs that can take some */

/* An interrupt that the guest took */
struct guest_irq {
	u32 iar; /* as ICC_IAR0_EL1, ICC_IAR1_EL1 or GICC_IAR had it */
	u32 fiq; /* 1: by FIQ, 0: by IRQ */
	u32 rpr; /* the running priority then */
	u32 mpidr; /* bits 31:0 of the vCPU's MPIDR_EL1 */
};

struct guest_irqs {
	unsigned int nr;
	struct guest_irq irq[GUEST_MAX_IRQS];
};

/* What the guest does with an interrupt */
enum guest_irq_how {
	GUEST_IRQ_END = 0, /* acknowledges and ends it */
	GUEST_IRQ_HOLD = BIT(0), /* acknowledges it and leaves it active */
	GUEST_IRQ_NO_GIC = BIT(1), /* records it, since there is no GIC */
};

/*
 * Groups that do not interrupt. Group 1 is never off alone: QEMU 10.0 would raise the maintenance
 * interrupt of a GICv3 for ever, as docs/contract.md has it.
 */
enum guest_irq_off {
	GUEST_IRQ_NO_GROUP,
	GUEST_IRQ_GROUP_0,
	GUEST_IRQ_BOTH_GROUPS,
};

/* How the guest sets its CPU interface */
struct guest_irq_setup {
	u32 pmr; /* priorities below this value are let through */
	enum guest_irq_off off;
	bool split; /* EOImode 1: ending one does not deactivate it */
};

/** guest_irq_setup() - have the guest set its CPU interface; a vGICv2 signals group 0 by FIQ */
void guest_irq_setup(struct test_vm *vm, unsigned int cpu, const struct guest_irq_setup *setup);

/** guest_irq_take() - let the guest take what is pending, until there is nothing more */
void guest_irq_take(struct test_vm *vm, unsigned int cpu, enum guest_irq_how how,
		    struct guest_irqs *taken);

/** guest_irq_end() - end an interrupt that was left active: priority drop [GIC 4.5, GIC2 3.2] */
void guest_irq_end(struct test_vm *vm, unsigned int cpu, const struct guest_irq *irq);

/** guest_irq_deactivate() - deactivate one by ICC_DIR_EL1 or GICC_DIR */
void guest_irq_deactivate(struct test_vm *vm, unsigned int cpu, u32 iar);

/** guest_msr() - have the guest write a system register */
void guest_msr(struct test_vm *vm, unsigned int cpu, u64 id, u64 val);

/* A vCPU that waits for interrupts in a thread of its own */
struct guest_irq_waiter {
	pthread_t thread;
	struct test_vm *vm;
	unsigned int cpu, nr;
	int tid; /* of the thread, once it runs */
	u64 vbar; /* to be restored */
	struct guest_irqs taken;
};

/**
 * guest_irq_wait_start() - have a vCPU wait until it has taken interrupts
 * @asleep: by WFI, else in a loop
 * @nr: how many
 */
void guest_irq_wait_start(struct test_vm *vm, unsigned int cpu, bool asleep, unsigned int nr,
			  struct guest_irq_waiter *waiter);

/** guest_irq_waited() - how many it has acknowledged up to now */
unsigned int guest_irq_waited(struct guest_irq_waiter *waiter);

/** guest_irq_wait_end() - wait until it has; taken says which */
void guest_irq_wait_end(struct guest_irq_waiter *waiter);

#endif /* GUEST_ABI_GUEST_IRQ_H */
