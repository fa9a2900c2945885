/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest can be made to do: a call, a load or store, or a sweep.
 *
 * The guest is a page of assembly, lib/guest_page.S, which runs with its MMU
 * off. Registers say what it has to do. It ends each operation with a store
 * to VM_EXIT_PORT. Batches of calls pass through memory, with cache maintenance by
 * the guest; its code is only written before it first runs.
 */
#ifndef GUEST_ABI_GUEST_H
#define GUEST_ABI_GUEST_H

#include <pthread.h>

#include "test_vm.h"

#define GUEST_MAX_CALLS 128
#define GUEST_MAX_SPINNERS 64

/* How the guest calls its firmware [DEN0028 2.4] */
enum conduit {
	CONDUIT_HVC,
	CONDUIT_SMC,
};

/* How an operation ended */
enum guest_end {
	GUEST_DONE, /* as it should */
	GUEST_ANSWERED, /* sweep: a function id was answered */
	GUEST_EXCEPTION, /* the guest took an exception: esr, elr, far */
	GUEST_IRQ, /* the guest took an interrupt */
	GUEST_EXIT, /* any other exit: reason, see kvm_run for more */
	GUEST_ERROR, /* KVM_RUN failed: err */
};

struct guest_result {
	enum guest_end end;
	u64 x[4]; /* x0 to x3 */
	u64 esr, elr, far; /* of GUEST_EXCEPTION, at the level the guest started at */
	u32 reason; /* KVM_EXIT_* of the last exit */
	u32 event; /* KVM_SYSTEM_EVENT_* if reason is KVM_EXIT_SYSTEM_EVENT */
	int err; /* negative errno of GUEST_ERROR */
};

/* A call of a batch */
struct guest_batch_call {
	u64 in[8]; /* x0 to x7 to call with */
	u64 out[4]; /* x0 to x3 as answered */
	u64 unused[4]; /* a call has two cache lines */
};

/* Counter values the guest read just before and just after a call */
struct guest_times {
	u64 virt_before, phys_before;
	u64 virt_after, phys_after;
};

/* One run through a range of function ids; counts up while it runs */
struct guest_sweep {
	u32 next; /* first function id still to be called */
	u32 last; /* last function id, included */
	u64 calls; /* calls made so far */
	u32 answered; /* the id that GUEST_ANSWERED is about */
};

/**
 * guest_conduit() - how the guests of a VM call their firmware
 *
 * A guest at EL2 would take an HVC itself, so it calls by SMC.
 */
enum conduit guest_conduit(const struct test_vm *vm);

/** conduit_str() - "HVC" or "SMC" */
const char *conduit_str(enum conduit conduit);

/**
 * guest_call() - make the guest call its firmware
 * @in: x0 to x7
 * @res: how it ended; GUEST_DONE with x0 to x3 if the guest came back
 */
void guest_call(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		struct guest_result *res);

/** guest_call_imm() - guest_call() with the immediate 1 in the HVC or SMC [DEN0028 2.9] */
void guest_call_imm(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		    struct guest_result *res);

/**
 * guest_call_be() - guest_call() whose caller is big-endian, SCTLR_ELx.EE
 *
 * Where the CPU is not, the guest cannot set the bit and calls little-endian.
 */
void guest_call_be(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		   struct guest_result *res);

/** guest_prepare_call() - guest_call() without the run: KVM_RUN is the caller's */
void guest_prepare_call(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8]);

/**
 * guest_call_batch() - make the guest do calls without an exit between them
 * @cpu: the vCPU that does them; one at a time for each VM
 * @call: the calls; out is valid once @res says GUEST_DONE
 * @nr: how many, 1 to GUEST_MAX_CALLS
 */
void guest_call_batch(struct test_vm *vm, unsigned int cpu, enum conduit conduit,
		      struct guest_batch_call *call, unsigned int nr, struct guest_result *res);

/** guest_call_timed() - a call by guest_conduit(), with the counters read around it */
void guest_call_timed(struct test_vm *vm, unsigned int cpu, const u64 in[8],
		      struct guest_result *res, struct guest_times *times);

/**
 * guest_load() - make the guest load from memory or from a device
 * @ipa: address, aligned to @size
 * @size: 4 or 8 bytes; from a device also 1
 * @res: the value in x[0]
 *
 * A load from the VM's memory sees what the host wrote last: the guest cleans
 * and invalidates the line first.
 */
void guest_load(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, struct guest_result *res);

/** guest_load_pair() - a load of two registers, which has no syndrome: what it loads is not told */
void guest_load_pair(struct kvm_vcpu *vcpu, u64 ipa, struct guest_result *res);

/** guest_store() - make the guest store the low @size bytes of @val at @ipa */
void guest_store(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, u64 val,
		 struct guest_result *res);

/**
 * guest_id_reg() - make the guest read an identification register
 * @nr: which one, below GUEST_NR_ID_REGS
 * @res: its value in x[0]
 *
 * Return: the register's id
 */
u64 guest_id_reg(struct kvm_vcpu *vcpu, unsigned int nr, struct guest_result *res);
#define GUEST_NR_ID_REGS 64

/* What a guest finds of its own state; its other X registers can be read once it is back */
struct guest_state {
	u64 pstate; /* flags, D, A, I and F, level and stack pointer, as in SPSR_EL1 */
	u64 sp;
	u64 v[2]; /* halves of the V registers, ORed */
	u64 fp; /* FPSR and FPCR, ORed */
};

/** guest_state() - have the guest look at its state; changes CPACR_EL1, V0 and X19 to X25 */
void guest_state(struct kvm_vcpu *vcpu, struct guest_state *state, struct guest_result *res);

/* How a guest waits for an interrupt */
struct guest_wait {
	bool wfi; /* by WFI, else in a loop */
	unsigned int arm; /* GUEST_ARM_*, of timers that it arms before */
	u64 ticks; /* which expire that long after */
	unsigned int quiet; /* GUEST_ARM_*, of timers that it turns off before it arms others */
};

#define GUEST_ARM_VIRTUAL BIT(0)
#define GUEST_ARM_PHYSICAL BIT(1)

/**
 * guest_wait_irq() - have the guest wait for an interrupt, which is GUEST_IRQ
 *
 * Interrupts are unmasked while it waits, and masked as it has taken one.
 */
void guest_wait_irq(struct kvm_vcpu *vcpu, const struct guest_wait *wait, struct guest_result *res);

/** guest_prepare_wait_irq() - guest_wait_irq() without the run: KVM_RUN is the caller's */
void guest_prepare_wait_irq(struct kvm_vcpu *vcpu, const struct guest_wait *wait);

/** guest_unmask_serror() - have the guest unmask SError for a moment: it takes one that is pending */
void guest_unmask_serror(struct kvm_vcpu *vcpu, struct guest_result *res);

/**
 * guest_sweep() - call every id of a range with x1 to x7 zero
 *
 * The guest stays inside while the answer is NOT_SUPPORTED and x1 to x3 are
 * zero. Call again after GUEST_ANSWERED to go on behind the answered id.
 */
void guest_sweep(struct kvm_vcpu *vcpu, enum conduit conduit, struct guest_sweep *sweep,
		 struct guest_result *res);

/* A vCPU that runs in a thread of its own */
struct guest_spinner {
	pthread_t thread;
	struct test_vm *vm;
	unsigned int cpu;
	bool ended; /* KVM_RUN came back */
	struct guest_result res;
};

/**
 * guest_spin_start() - keep a vCPU inside KVM_RUN
 *
 * Returns once the guest runs; until guest_spin_stop() it does not leave. Up to
 * GUEST_MAX_SPINNERS vCPUs of a VM, numbers 0 and up, at once.
 */
void guest_spin_start(struct test_vm *vm, unsigned int cpu, struct guest_spinner *spinner);

/** guest_spin_rounds() - what the guest counts: it grows while the vCPU runs */
u64 guest_spin_rounds(const struct guest_spinner *spinner);

/** guest_spin_stop() - end it; res says how, GUEST_DONE if all went well */
void guest_spin_stop(struct guest_spinner *spinner);

/** guest_prepare_spin() - have a vCPU count its rounds from its next KVM_RUN on */
void guest_prepare_spin(struct test_vm *vm, unsigned int cpu);

/** guest_rounds() - what it counts: it grows while the vCPU runs */
u64 guest_rounds(struct test_vm *vm, unsigned int cpu);

/** guest_run() - let the guest run on after a GUEST_EXIT that the caller handled */
void guest_run(struct kvm_vcpu *vcpu, struct guest_result *res);

/** guest_run_once() - one KVM_RUN, which a signal ends with GUEST_ERROR and -EINTR */
void guest_run_once(struct kvm_vcpu *vcpu, struct guest_result *res);

/**
 * guest_end_str() - how an operation ended
 *
 * What follows "the guest" in a sentence: "came back", "exited with KVM_EXIT_MMIO".
 * Valid until the next call.
 */
const char *guest_end_str(const struct guest_result *res);

/** system_event_str() - the name of a KVM_SYSTEM_EVENT_* [api.rst 5] */
const char *system_event_str(u32 type);

/* IPA at which PSCI CPU_ON starts a vCPU: its first guest_run() gives the context id in x[0] */
u64 guest_entry_ipa(void);

/**
 * guest_sync() - make guest and host see the same memory, data and instructions
 *
 * The guest's MMU is off, so neither its fetches nor its stores go by the host's caches.
 */
void guest_sync(char *start, u64 bytes);

/* For lib/vm.c: put the guest's page into memory, and a vCPU at its loop. */
void guest_load_page(void *ram);
void guest_enter(struct test_vm *vm, unsigned int cpu);

#endif /* GUEST_ABI_GUEST_H */
