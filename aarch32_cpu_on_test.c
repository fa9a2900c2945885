// SPDX-License-Identifier: GPL-2.0
/*
 * aarch32_cpu_on_test: in which state CPU_ON from AArch32 starts a vCPU.
 *
 * Holds KVM to
 *   Arm DEN0022 (PSCI) 5.6, 6.4  CPU_ON: bit 0 of the entry point is for T32, Supervisor mode with
 *                                A, I and F masked, the byte order of the caller, R0 the context id
 *
 * The errors of CPU_ON, and CPU_ON from AArch64, are in psci_power_test.
 */
#include "harness.h"

#include "aarch32_expect.h"
#include "psci_expect.h"

FIXTURE(cpu_on)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(cpu_on)
{
	enum isa caller, target;
	u32 endian; /* of the caller: CPSR_E for big-endian */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(cpu_on, a32_to_a32) { ISA_A32, ISA_A32, 0 };
FIXTURE_VARIANT_ADD(cpu_on, a32_to_t32) { ISA_A32, ISA_T32, 0 };
FIXTURE_VARIANT_ADD(cpu_on, t32_to_a32) { ISA_T32, ISA_A32, 0 };
FIXTURE_VARIANT_ADD(cpu_on, t32_to_t32) { ISA_T32, ISA_T32, 0 };
FIXTURE_VARIANT_ADD(cpu_on, big_endian_a32) { ISA_A32, ISA_A32, CPSR_E };
FIXTURE_VARIANT_ADD(cpu_on, big_endian_t32) { ISA_A32, ISA_T32, CPSR_E };
/* clang-format on */

FIXTURE_SETUP(cpu_on)
{
	const char *missing = host_missing_features(FEAT_EL1_32);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = guest32_vm_create(2, VM_PARKED);
}

FIXTURE_TEARDOWN(cpu_on)
{
	test_vm_free(self->vm);
}

static void expect_started32(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     const FIXTURE_VARIANT(cpu_on) * variant, u32 context)
{
	u32 want = CPSR_RESET | variant->endian | (variant->target == ISA_T32 ? CPSR_T : 0);
	u64 entry = guest32_entry_ipa(variant->target) & ~1U, pc;
	/* An MRS of CPSR reads T as 0 */
	const u32 mask = CPSR_MODE | CPSR_AIF | CPSR_E | CPSR_T | CPSR_IT;
	struct guest_result res;
	u32 cpsr, seen;

	guest_run(vcpu, &res);
	expect_end32(_metadata, "the entry point of CPU_ON", vcpu, &res);
	expect_r(_metadata, vcpu, "started by CPU_ON with its context id", 0, context);
	seen = res.x[1] & mask;
	cpsr = reg_get(vcpu, ABI_PSTATE) & mask;
	pc = reg_get(vcpu, ABI_PC);
	EXPECT_TRUE(cpsr == want && (seen | CPSR_T) == (want | CPSR_T) &&
		    pc == entry + GUEST32_ENTRY_BYTES)
	{
		TH_LOG("started by CPU_ON from %s at %#x: CPSR %#x, which the guest reads as %#x, then PC %#lx",
		       isa_str(variant->caller), guest32_entry_ipa(variant->target), cpsr, seen,
		       pc);
		TH_LOG("  expected CPSR %#x, Supervisor mode with A, I and F, %s by bit 0 of the entry point, and the caller's byte order; PC %#lx",
		       want, isa_str(variant->target), entry + GUEST32_ENTRY_BYTES);
	}
}

/* The second time it has been in another mode, instruction set and byte order */
TEST_F(cpu_on, starts_at_the_entry_point_in_its_state)
{
	struct guest32_code code = guest32_call(variant->caller, CONDUIT_HVC);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0], *target = self->vm->vcpu[1];
	static const u32 contexts[] = { 0x89abcdef, 0x12345678 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		test_vcpu_complete(target);
		mp_state_set(target, KVM_MP_STATE_STOPPED);
		reg_set(target, ABI_PSTATE,
			CPSR_FIQ | (CPSR_E ^ variant->endian) |
				(variant->target == ISA_T32 ? 0 : CPSR_T | CPSR_IT));
		guest32_prepare(self->vm, 0, &code, CPSR_RESET | variant->endian);
		vcpu_x_set(vcpu, 0, ABI_PSCI_CPU_ON);
		vcpu_x_set(vcpu, 1, 1);
		vcpu_x_set(vcpu, 2, guest32_entry_ipa(variant->target));
		vcpu_x_set(vcpu, 3, contexts[i]);
		guest_run(vcpu, &res);
		expect_end32(_metadata, "CPU_ON", vcpu, &res);
		expect_r(_metadata, vcpu, "CPU_ON", 0, ABI_SUCCESS);
		expect_mp_state(_metadata, target, KVM_MP_STATE_RUNNABLE);
		expect_started32(_metadata, target, variant, contexts[i]);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
