// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_pstate_test: which levels and modes KVM_SET_ONE_REG of PSTATE takes.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68  KVM_SET_ONE_REG
 *   Documentation/virt/kvm/api.rst 4.82  KVM_ARM_VCPU_INIT: the features EL1_32BIT and HAS_EL2
 *
 * For vCPUs with a 64-bit and a 32-bit EL1 and with EL2.
 */
#include <errno.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "vcpu_init.h"
#include "vm.h"
#include "vm_config.h"

#define FLAGS_AIF 0xf00001c0ULL /* N, Z, C, V, A, I and F [Arm ARM C5.2.19] */
#define PSTATE_MODE 0x1fULL
#define MODE_USER 0x10ULL

FIXTURE(pstate)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
	u32 features;
};

FIXTURE_VARIANT(pstate)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(pstate, el1) { CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(pstate, el1_32) { CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(pstate, el2) { CONFIG_EL2 };
/* clang-format on */

FIXTURE_SETUP(pstate)
{
	const struct vm_config *config = &vm_configs[variant->config];
	const char *missing = config_missing(config);

	if (missing)
		SKIP(return, "%s", missing);
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
	self->features = config->features | 1U << KVM_ARM_VCPU_PSCI_0_2;
	ASSERT_EQ(0, __vcpu_init(self->vcpu, self->features));
}

FIXTURE_TEARDOWN(pstate)
{
	if (self->kvm)
		kvm_vm_free(self->kvm);
}

/* Who has a level or mode, by PSTATE.M [Arm ARM C5.2.19, G8.2.33] */
enum mode_of {
	OF_NONE, /* reserved, EL3 or a mode of EL2 and EL3 in AArch32 */
	OF_64_BIT,
	OF_EL2,
	OF_32_BIT,
	OF_32_BIT_EL0, /* also of 64-bit vCPUs, if their EL0 has AArch32 */
};

static const struct {
	const char *name;
	enum mode_of of;
} modes[] = {
	[0x00] = { "EL0t", OF_64_BIT },	      [0x04] = { "EL1t", OF_64_BIT },
	[0x05] = { "EL1h", OF_64_BIT },	      [0x08] = { "EL2t", OF_EL2 },
	[0x09] = { "EL2h", OF_EL2 },	      [0x0c] = { "EL3t", OF_NONE },
	[0x0d] = { "EL3h", OF_NONE },	      [0x10] = { "User", OF_32_BIT_EL0 },
	[0x11] = { "FIQ", OF_32_BIT },	      [0x12] = { "IRQ", OF_32_BIT },
	[0x13] = { "Supervisor", OF_32_BIT }, [0x16] = { "Monitor", OF_NONE },
	[0x17] = { "Abort", OF_32_BIT },      [0x1a] = { "Hyp", OF_NONE },
	[0x1b] = { "Undefined", OF_32_BIT },  [0x1f] = { "System", OF_32_BIT },
};

static bool has_mode(struct kvm_vcpu *vcpu, u32 features, enum mode_of of)
{
	bool is_32 = features & FEAT_EL1_32;

	switch (of) {
	case OF_64_BIT:
		return !is_32;
	case OF_EL2:
		return features & FEAT_EL2;
	case OF_32_BIT:
		return is_32;
	case OF_32_BIT_EL0:
		return is_32 || (reg_get(vcpu, ABI_ID_AA64PFR0_EL1) & 0xf) == 2;
	default:
		return false;
	}
}

#define X_VALUE 0x1122334455667788ULL

static void expect_mode(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 features,
			u64 m)
{
	bool has = has_mode(vcpu, features, modes[m].of);
	const char *name = modes[m].name ?: "(reserved)";
	int want_err = has ? 0 : -EINVAL, err;
	const u64 val = FLAGS_AIF | m;
	u64 reset, pstate, x;

	ASSERT_EQ(0, __vcpu_init(vcpu, features));
	reset = reg_get(vcpu, ABI_PSTATE);
	vcpu_x_set(vcpu, 5, X_VALUE);
	x = vcpu_x_get(vcpu, 5);
	err = __reg_set(vcpu, ABI_PSTATE, val);
	pstate = reg_get(vcpu, ABI_PSTATE);
	EXPECT_TRUE(err == want_err && pstate == (has ? val : reset))
	{
		TH_LOG("KVM_SET_ONE_REG PSTATE to %#lx, mode %s: %s, then it reads %#lx; expected %s and %#lx, since the vCPU has %s mode",
		       val, name, err_str(err), pstate, err_str(want_err), has ? val : reset,
		       has ? "that" : "no such");
		count_failure(_metadata);
	}
	EXPECT_TRUE(has || vcpu_x_get(vcpu, 5) == x)
	{
		TH_LOG("X5 after PSTATE was set to mode %s, which the vCPU has not: %#lx; expected %#lx as before",
		       name, vcpu_x_get(vcpu, 5), x);
		count_failure(_metadata);
	}
}

/* No document has the errno for a mode that the vCPU has not; KVM's is EINVAL */
TEST_F(pstate, takes_the_modes_of_the_vcpu_and_no_other)
{
	u64 m;

	for (m = 0; m <= PSTATE_MODE; m++)
		if (modes[m].of != OF_32_BIT_EL0)
			expect_mode(_metadata, self->vcpu, self->features, m);
}

/* A vCPU has AArch32 at EL0 if ID_AA64PFR0_EL1.EL0 says so */
TEST_F(pstate, takes_user_mode_if_el0_has_aarch32)
{
	expect_mode(_metadata, self->vcpu, self->features, MODE_USER);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
