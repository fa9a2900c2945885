/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of guests in AArch32. For aarch32_*_test.c alone: the harness works in one source file
 * only.
 *
 * What an X register has above the 32 bits of AArch32 is either zero or as it was, which
 * may vary [Arm ARM D1.20.2]: it is not looked at.
 */
#ifndef GUEST_ABI_AARCH32_EXPECT_H
#define GUEST_ABI_AARCH32_EXPECT_H

#include "abi.h"
#include "expect.h"
#include "guest32.h"
#include "host.h"
#include "vm.h"
#include "vm_config.h"

/* What a register holds that nothing is to change; X7 is the guest's own */
static inline u32 marked32(unsigned int n)
{
	return 0xa5000000 + n * 0x00010101;
}

static inline void mark32(struct kvm_vcpu *vcpu, unsigned int from)
{
	unsigned int n;

	for (n = from; n <= 30; n++)
		if (n != 7)
			vcpu_x_set(vcpu, n, marked32(n));
}

static inline void expect_r(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			    const char *what, unsigned int n, u32 want)
{
	u32 val = vcpu_x_get(vcpu, n);

	EXPECT_EQ(want, val)
	{
		TH_LOG("%s: X%u is %#x in its 32 bits; expected %#x", what, n, val, want);
		count_failure(_metadata);
	}
}

static inline void expect_marked32(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   const char *what, unsigned int from)
{
	unsigned int n;

	for (n = from; n <= 30; n++)
		if (n != 7)
			expect_r(_metadata, vcpu, what, n, marked32(n));
}

/* The guest ran to the end of its code, or the test ends */
static inline void expect_end32(struct __test_metadata *_metadata, const char *what,
				struct kvm_vcpu *vcpu, const struct guest_result *res)
{
	ASSERT_EQ(GUEST_DONE, res->end)
	{
		TH_LOG("%s: the guest %s; expected it to come back", what,
		       guest32_end_str(vcpu, res));
	}
}

/* Run code that comes back */
static inline void run32(struct __test_metadata *_metadata, const char *what, struct test_vm *vm,
			 const struct guest32_code *code, u32 cpsr)
{
	struct guest_result res;

	guest32_run(vm, 0, code, cpsr, &res);
	expect_end32(_metadata, what, vm->vcpu[0], &res);
}

#endif /* GUEST_ABI_AARCH32_EXPECT_H */
