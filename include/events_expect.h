/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vCPU events, and checks of the exceptions that they make. For *_test.c alone: the harness works
 * in one source file only.
 */
#ifndef GUEST_ABI_EVENTS_EXPECT_H
#define GUEST_ABI_EVENTS_EXPECT_H

#include <sys/ioctl.h>

#include "expect.h"
#include "host.h"

/* What an exception leaves besides the level and the masks */
#define PSTATE_MASK 0x3dfULL
#define PSTATE_DAIF 0x3c0ULL

static inline int __events_set(struct kvm_vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	return ioctl_err(ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, events));
}

static inline int __events_get(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events)
{
	return ioctl_err(ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, events));
}

static inline void events_set(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      const struct kvm_vcpu_events *events)
{
	int err = __events_set(vcpu, events);

	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_SET_VCPU_EVENTS: SError pending %u, with ESR %u, %#llx, abort pending %u: %s; expected 0",
		       events->exception.serror_pending, events->exception.serror_has_esr,
		       events->exception.serror_esr, events->exception.ext_dabt_pending,
		       err_str(err));
	}
}

/* An exception of a guest that was at @pstate and @pc */
struct exception {
	const char *what;
	u64 pstate, pc;
	u32 vector; /* kind: ABI_VECTOR_SYNC or ABI_VECTOR_SERROR */
	u64 esr, esr_mask;
};

/* The guest took it, with these syndrome, vector and return state */
static inline void expect_exception(struct __test_metadata *_metadata, struct test_vm *vm,
				    struct kvm_vcpu *vcpu, const struct guest_result *res,
				    const struct exception *e)
{
	u64 handler = vm->at_el2 ? 9 : 5, from = e->pstate & 0xf;
	u32 base = from == handler	 ? ABI_VECTOR_SPX
		   : from == handler - 1 ? ABI_VECTOR_SP0
					 : ABI_VECTOR_LOWER;
	u64 vector, spsr, pstate;

	ASSERT_EQ(GUEST_EXCEPTION, res->end)
	{
		TH_LOG("%s: the guest %s; expected it to take an exception with ESR %#lx", e->what,
		       guest_end_str(res), e->esr);
	}
	EXPECT_EQ(e->esr, res->esr & e->esr_mask)
	{
		TH_LOG("%s: the guest took an exception with ESR %#lx; expected %#lx in the bits of %#lx",
		       e->what, res->esr, e->esr, e->esr_mask);
	}
	EXPECT_EQ(e->pc, res->elr)
	{
		TH_LOG("%s: ELR %#lx; expected %#lx, where the guest was", e->what, res->elr,
		       e->pc);
	}
	/* The guest stands in its vector */
	vector = reg_get(vcpu, ABI_PC) - reg_get(vcpu, vm->at_el2 ? ABI_VBAR_EL2 : ABI_VBAR_EL1);
	EXPECT_EQ(base + e->vector, vector & ~0x7fULL)
	{
		TH_LOG("%s: the exception came to vector %#lx; expected %#x", e->what, vector,
		       base + e->vector);
	}
	spsr = reg_get(vcpu, vm->at_el2 ? ABI_SPSR_EL2 : ABI_REG_CORE_U64(ABI_CORE_SPSR));
	EXPECT_EQ(e->pstate & PSTATE_MASK, spsr & PSTATE_MASK)
	{
		TH_LOG("%s: SPSR %#lx; expected %#lx, as PSTATE was", e->what, spsr, e->pstate);
	}
	pstate = reg_get(vcpu, ABI_PSTATE);
	EXPECT_EQ(PSTATE_DAIF | handler, pstate & PSTATE_MASK)
	{
		TH_LOG("%s: PSTATE %#lx in the handler; expected all exceptions masked, %#llx",
		       e->what, pstate, PSTATE_DAIF | handler);
	}
}

#endif /* GUEST_ABI_EVENTS_EXPECT_H */
