// SPDX-License-Identifier: GPL-2.0
/*
 * workarounds_test: the firmware registers for SMCCC_ARCH_WORKAROUND_1 to 3.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  the levels
 *   Arm DEN0028 (SMCCC), 7.5 to 7.7                     ARCH_FEATURES
 *
 * A register reads as the host's own level, whatever was written: a write only
 * asks whether a guest that ran at some level elsewhere may run here. It may where
 * the host gives it no less protection.
 *
 *   registers 1 and 3  NOT_AVAIL < AVAIL < NOT_REQUIRED, none above the host's
 *   register 2         NOT_AVAIL and UNKNOWN run anywhere, AVAIL and NOT_REQUIRED
 *                      where the host is at NOT_REQUIRED; ENABLED goes with AVAIL
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "vm.h"

/* Bit 4 of register 2: the guest had switched its mitigation on */
#define ENABLED BIT_ULL(4)

FIXTURE(workaround)
{
	struct test_vm *vm;
	struct fw_config cfg;
	struct fw_reg reg;
	u64 level; /* the host's */
};

FIXTURE_VARIANT(workaround)
{
	unsigned int nr;
	const char *name;
	bool run; /* whether the guest has run before */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(workaround, arch_workaround_1) { 1, "SMCCC_ARCH_WORKAROUND_1", false };
FIXTURE_VARIANT_ADD(workaround, arch_workaround_2) { 2, "SMCCC_ARCH_WORKAROUND_2", false };
FIXTURE_VARIANT_ADD(workaround, arch_workaround_3) { 3, "SMCCC_ARCH_WORKAROUND_3", false };
FIXTURE_VARIANT_ADD(workaround, arch_workaround_1_run) { 1, "SMCCC_ARCH_WORKAROUND_1", true };
FIXTURE_VARIANT_ADD(workaround, arch_workaround_2_run) { 2, "SMCCC_ARCH_WORKAROUND_2", true };
FIXTURE_VARIANT_ADD(workaround, arch_workaround_3_run) { 3, "SMCCC_ARCH_WORKAROUND_3", true };
/* clang-format on */

static const u64 run_call[8] = { ABI_SMCCC_VERSION };

FIXTURE_SETUP(workaround)
{
	struct guest_result res;

	host_fw(&self->cfg);
	self->reg.name = variant->name;
	self->reg.id = ABI_REG_FW(variant->nr);
	self->vm = test_vm_create(2, 0, 0);
	if (__reg_get(self->vm->vcpu[0], self->reg.id, &self->level) == -ENOENT)
		SKIP(return, "this kernel has no %s", variant->name);
	if (variant->run) {
		guest_call(self->vm->vcpu[0], guest_conduit(self->vm), run_call, &res);
		expect_end(_metadata, "the first run", &res);
	}
}

FIXTURE_TEARDOWN(workaround)
{
	test_vm_free(self->vm);
}

/* Whether a guest that ran at val may run on a host at that level */
static bool may_run(unsigned int nr, u64 level, u64 val)
{
	if (nr != 2)
		return val <= ABI_WORKAROUND_NOT_REQUIRED && val <= level;

	switch (val) {
	case ABI_WORKAROUND_NOT_AVAIL:
	case ABI_WORKAROUND_2_UNKNOWN:
		return true;
	case ABI_WORKAROUND_2_AVAIL:
	case ABI_WORKAROUND_2_AVAIL | ENABLED:
	case ABI_WORKAROUND_2_NOT_REQUIRED:
		return level == ABI_WORKAROUND_2_NOT_REQUIRED;
	}
	return false;
}

TEST_F(workaround, level_is_a_documented_one)
{
	u64 top = variant->nr == 2 ? ABI_WORKAROUND_2_NOT_REQUIRED : ABI_WORKAROUND_NOT_REQUIRED;

	EXPECT_LE(self->level, top)
	{
		TH_LOG("%s reads %#lx; expected NOT_REQUIRED, %#lx, at most", variant->name,
		       self->level, top);
	}
	expect_get(_metadata, self->vm->vcpu[1], &self->reg, self->level);
	expect_listed_once(_metadata, self->vm->vcpu[0], &self->reg);
	TH_LOG("%s: level %lu", variant->name, self->level);
}

TEST_F(workaround, only_levels_the_host_can_give_are_accepted)
{
	unsigned int cpu, bit;
	u64 val;

	for (cpu = 0; cpu < 2; cpu++) {
		struct kvm_vcpu *vcpu = self->vm->vcpu[cpu];

		for (val = 0; val <= 0xff; val++)
			expect_set(_metadata, vcpu, &self->reg, val,
				   may_run(variant->nr, self->level, val) ? 0 : -EINVAL,
				   self->level);
		for (bit = 8; bit < 64; bit++) {
			expect_set(_metadata, vcpu, &self->reg, 1ULL << bit, -EINVAL, self->level);
			expect_set(_metadata, vcpu, &self->reg, 1ULL << bit | self->level, -EINVAL,
				   self->level);
		}
	}
}

static void expect_discovery(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     unsigned int nr, enum conduit conduit, const struct fw_config *cfg)
{
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		if (call->answer != ANS_WORKAROUND || call->x[0] != nr)
			continue;
		guest_call(vcpu, conduit, in, &res);
		expect_end(_metadata, call->name, &res);
		expect_answer(_metadata, vcpu, conduit, call, cfg, res.x);
	}
}

/* ARCH_FEATURES answers by the level of the host, whatever a VMM has written */
TEST_F(workaround, guest_is_told_the_level)
{
	u64 val;

	for (val = 0; val <= 0x1f; val++) {
		if (!may_run(variant->nr, self->level, val))
			continue;
		reg_set(self->vm->vcpu[0], self->reg.id, val);
		expect_discovery(_metadata, self->vm->vcpu[0], variant->nr, guest_conduit(self->vm),
				 &self->cfg);
		expect_discovery(_metadata, self->vm->vcpu[1], variant->nr, guest_conduit(self->vm),
				 &self->cfg);
		if (self->cfg.smc)
			expect_discovery(_metadata, self->vm->vcpu[0], variant->nr, CONDUIT_SMC,
					 &self->cfg);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
