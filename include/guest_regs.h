/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that reads and writes any system registers, many in one KVM_RUN.
 */
#ifndef GUEST_ABI_GUEST_REGS_H
#define GUEST_ABI_GUEST_REGS_H

#include "guest.h"

#define GUEST_MAX_REGS 512

/* What became of an access */
enum {
	GUEST_REG_MISSED, /* the guest did not come to it */
	GUEST_REG_DONE, /* no exception */
	GUEST_REG_EXCEPTION,
};

/* An access to a register: MRS, or MSR of the first access's val */
struct guest_reg {
	u64 id; /* as for KVM_GET_ONE_REG */
	bool write;
	u64 how; /* GUEST_REG_* */
	u64 val; /* read; of an exception ESR, at the level that the guest is at */
};

/**
 * guest_regs() - make the guest access registers, one after the other
 * @cpu: the vCPU that does; one at a time for each VM, in AArch64
 * @reg: what to access; how and val are valid once @res says GUEST_DONE
 * @nr: how many, up to GUEST_MAX_REGS
 */
void guest_regs(struct test_vm *vm, unsigned int cpu, struct guest_reg *reg, unsigned int nr,
		struct guest_result *res);

/** guest_reg_ec() - the class of an exception, ESR_ELx.EC [Arm ARM D24.2] */
u64 guest_reg_ec(const struct guest_reg *reg);

/** guest_reg_is_undef() - whether an access was undefined: EC 0, or 0x18 with FEAT_IDST */
bool guest_reg_is_undef(const struct guest_reg *reg);

/** guest_reg_str() - "the value 0x1", "UNDEF", "an exception, ESR 0x...": until the eighth call */
const char *guest_reg_str(const struct guest_reg *reg);

#endif /* GUEST_ABI_GUEST_REGS_H */
