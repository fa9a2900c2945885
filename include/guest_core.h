/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core registers and those of SVE, as a guest at EL1 finds them and as it leaves them.
 */
#ifndef GUEST_ABI_GUEST_CORE_H
#define GUEST_ABI_GUEST_CORE_H

#include "guest.h"

#define SVE_Z_BYTES 256 /* of a register in KVM_GET_ONE_REG [api.rst 4.68] */
#define SVE_P_BYTES 32

/* As lib/guest_core_code.S has it */
struct guest_core {
	u64 x[31]; /* X19, X20 and X21 are the guest's own */
	u64 sp; /* SP_EL1 */
	u64 sp_el0;
	u64 elr_el1;
	u64 spsr_el1;
	u64 nzcv; /* of PSTATE, in bits 31:28 */
	u64 fpsr;
	u64 fpcr;
	u64 v[32][2];
};

/** guest_core_read() - the guest stores the registers that it finds */
void guest_core_read(struct test_vm *vm, struct guest_core *core, struct guest_result *res);

/** guest_core_write() - the guest gives its registers these values */
void guest_core_write(struct test_vm *vm, const struct guest_core *core, struct guest_result *res);

#define SVE_NR_Z 32
#define SVE_NR_P 17 /* P0 to P15, and FFR */

struct guest_sve {
	unsigned int vl; /* of the guest, in bytes */
	u8 z[SVE_NR_Z][SVE_Z_BYTES];
	u8 p[SVE_NR_P][SVE_P_BYTES];
};

/** guest_sve_read() - the guest stores its vector length and the registers that it finds */
void guest_sve_read(struct test_vm *vm, struct guest_sve *sve, struct guest_result *res);

/** guest_sve_write() - the guest, whose vector length is sve->vl, gives its registers these values */
void guest_sve_write(struct test_vm *vm, const struct guest_sve *sve, struct guest_result *res);

#endif /* GUEST_ABI_GUEST_CORE_H */
