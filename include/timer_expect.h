/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timers of a vCPU and their PPIs. For timer_*_test.c alone: the harness works in one
 * source file only.
 */
#ifndef GUEST_ABI_TIMER_EXPECT_H
#define GUEST_ABI_TIMER_EXPECT_H

#include "abi.h"
#include "expect.h"
#include "guest.h"

enum timer_id {
	VTIMER,
	PTIMER,
	HVTIMER,
	HPTIMER,
	NR_TIMERS
};

static const struct timer {
	const char *name;
	u64 attr;
	int ppi; /* at first */
	int other; /* one that a test chooses */
	u64 ctl, cval; /* for user space */
	u64 el1_ctl, el1_cval; /* for guests at EL1 */
	u64 el2_ctl, el2_cval; /* for guests at EL2 */
	unsigned int arm; /* for guests at EL1 */
} timers[NR_TIMERS] = {
	[VTIMER] = { "KVM_ARM_VCPU_TIMER_IRQ_VTIMER", ABI_TIMER_VTIMER, ABI_PPI_VTIMER,
		     ABI_PPI_FIRST, ABI_CNTV_CTL_EL0, ABI_REG_TIMER_CVAL, ABI_CNTV_CTL_EL0,
		     ABI_CNTV_CVAL_EL0, ABI_CNTV_CTL_EL02, ABI_CNTV_CVAL_EL02, GUEST_ARM_VIRTUAL },
	[PTIMER] = { "KVM_ARM_VCPU_TIMER_IRQ_PTIMER", ABI_TIMER_PTIMER, ABI_PPI_PTIMER,
		     ABI_PPI_LAST, ABI_CNTP_CTL_EL0, ABI_CNTP_CVAL_EL0, ABI_CNTP_CTL_EL0,
		     ABI_CNTP_CVAL_EL0, ABI_CNTP_CTL_EL02, ABI_CNTP_CVAL_EL02, GUEST_ARM_PHYSICAL },
	[HVTIMER] = { "KVM_ARM_VCPU_TIMER_IRQ_HVTIMER", ABI_TIMER_HVTIMER, ABI_PPI_HVTIMER,
		      ABI_PPI_VTIMER, ABI_CNTHV_CTL_EL2, ABI_CNTHV_CVAL_EL2, 0, 0,
		      ABI_CNTHV_CTL_EL2, ABI_CNTHV_CVAL_EL2, 0 },
	[HPTIMER] = { "KVM_ARM_VCPU_TIMER_IRQ_HPTIMER", ABI_TIMER_HPTIMER, ABI_PPI_HPTIMER,
		      ABI_PPI_PTIMER, ABI_CNTHP_CTL_EL2, ABI_CNTHP_CVAL_EL2, 0, 0,
		      ABI_CNTHP_CTL_EL2, ABI_CNTHP_CVAL_EL2, 0 },
};

/* A guest at EL1 has no timers of EL2 */
static inline unsigned int nr_timers(void)
{
	return guest_at_el2 ? NR_TIMERS : HVTIMER;
}

static inline int __set_ppi(struct kvm_vcpu *vcpu, enum timer_id id, int ppi)
{
	return __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_TIMER_GROUP, timers[id].attr, &ppi);
}

static inline void set_ppi(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   enum timer_id id, int ppi, int want_err)
{
	int err = __set_ppi(vcpu, id, ppi);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_SET_DEVICE_ATTR of %s to %d on vCPU %u: %s; expected %s",
		       timers[id].name, ppi, vcpu->id, err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
}

#endif /* GUEST_ABI_TIMER_EXPECT_H */
