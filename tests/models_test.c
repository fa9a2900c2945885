// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the models of QEMU make of a list of registers that is not the host's, on any
 * machine. docs/rollback.md has the rules.
 */
#include "kselftest_harness.h"

#include "abi.h"
#include "vmm/models.h"

#define PMMIR 0x603000000013c4f6 /* PMMIR_EL1, which neither tolerates */
#define LOW 0x603000000013c080 /* SCTLR_EL1 */
#define MAX 6

FIXTURE(list)
{
	struct reg_value reg[MAX];
	struct state_vcpu vcpu;
};

FIXTURE_SETUP(list)
{
	self->vcpu.reg = self->reg;
}

FIXTURE_TEARDOWN(list)
{
}

FIXTURE_VARIANT(list)
{
	u64 saved[MAX], here[MAX];
	u64 bmap_2; /* its value, if saved */
	u64 refused_10, refused_11; /* at what; 0: it goes on */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(list, the_same) {
	.saved = { ABI_PSTATE, LOW, PMMIR }, .here = { LOW, PMMIR, ABI_PSTATE },
};

FIXTURE_VARIANT_ADD(list, shorter_than_here) {
	.saved = { LOW }, .here = { LOW, PMMIR },
};

FIXTURE_VARIANT_ADD(list, one_unknown) {
	.saved = { LOW, PMMIR }, .here = { LOW, ABI_PSCI_VERSION },
	.refused_10 = PMMIR, .refused_11 = PMMIR,
};

FIXTURE_VARIANT_ADD(list, longer_with_a_tolerated_one) {
	.saved = { LOW, ABI_TCR2_EL1 }, .here = { LOW },
	.refused_10 = ABI_TCR2_EL1,
};

FIXTURE_VARIANT_ADD(list, last_is_tolerated) {
	.saved = { LOW, PMMIR, ABI_VENDOR_HYP_BMAP_2 }, .here = { LOW, ABI_PSCI_VERSION, ABI_TCR2_EL1 },
	.refused_10 = PMMIR,
};

FIXTURE_VARIANT_ADD(list, last_is_not_zero) {
	.saved = { LOW, ABI_VENDOR_HYP_BMAP_2 }, .here = { LOW, ABI_PSCI_VERSION },
	.bmap_2 = 1, .refused_11 = ABI_VENDOR_HYP_BMAP_2,
};

FIXTURE_VARIANT_ADD(list, tolerated_before_the_last) {
	.saved = { LOW, ABI_TCR2_EL1, PMMIR }, .here = { LOW, ABI_PSCI_VERSION, ABI_VENDOR_HYP_BMAP_2 },
	.refused_10 = ABI_TCR2_EL1, .refused_11 = PMMIR,
};

FIXTURE_VARIANT_ADD(list, core_registers_do_not_count) {
	.saved = { ABI_PSTATE, LOW, ABI_VENDOR_HYP_BMAP_2 }, .here = { LOW, ABI_PSCI_VERSION },
};
/* clang-format on */

TEST_F(list, is_refused_where_qemu_does)
{
	static const char *const names[] = { "qemu-10", "qemu-11" };
	const u64 want[] = { variant->refused_10, variant->refused_11 };
	const struct reg_value *got;
	__u64 here[MAX];
	u64 nr = 0;
	int i;

	for (i = 0; i < MAX && variant->saved[i]; i++, self->vcpu.nr_regs++) {
		self->reg[i].id = variant->saved[i];
		if (self->reg[i].id == ABI_VENDOR_HYP_BMAP_2)
			self->reg[i].val[0] = variant->bmap_2;
	}
	for (; nr < MAX && variant->here[nr]; nr++)
		here[nr] = variant->here[nr];
	for (i = 0; i < 2; i++) {
		got = vmm_unlisted_refused(vmm_model(names[i]), &self->vcpu, here, nr);
		EXPECT_EQ(want[i], got ? got->id : 0)
		{
			TH_LOG("%s", names[i]);
		}
	}
}

TEST_HARNESS_MAIN
