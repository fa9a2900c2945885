// SPDX-License-Identifier: GPL-2.0
/*
 * aarch32_abort_test: what a guest in AArch32 finds in its fault registers after an abort that user
 * space or KVM makes.
 *
 * Holds KVM to
 *   Arm DDI0487 (Arm ARM) G8.2              DFSR, DFAR, IFSR, IFAR, TTBCR
 *   Arm DDI0487 (Arm ARM) D1.20.1, D24.2    ESR_EL1, FAR_EL1 and IFSR32_EL2 are these
 *   Documentation/virt/kvm/api.rst 4.32     KVM_SET_VCPU_EVENTS: ext_dabt_pending
 *
 * Where the guest goes on and in which mode is in aarch32_emulation_test.
 */
#include <sys/ioctl.h>

#include "harness.h"

#include "aarch32_expect.h"
#include "events_expect.h"

#define ABI_IFSR32_EL2 ABI_REG_SYS(3, 4, 5, 0, 1)
#define ABI_TCR_EL1 ABI_REG_SYS(3, 0, 2, 0, 2)
#define TTBCR_EAE 0x80000000ULL

/* A synchronous external abort, in the formats of short and of long descriptors */
#define FS_MASK 0x60fU /* LPAE, FS[4], FS[3:0] */
#define FS_EXTERNAL 0x008U
#define LONG_MASK 0x23fU /* LPAE, STATUS */
#define LONG_EXTERNAL 0x210U

FIXTURE(abort)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	u32 mask, want; /* of DFSR and IFSR */
};

FIXTURE_VARIANT(abort)
{
	bool eae; /* TTBCR.EAE: the guest has long descriptors */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(abort, short_format) { false };
FIXTURE_VARIANT_ADD(abort, long_format) { true };
/* clang-format on */

FIXTURE_SETUP(abort)
{
	const char *missing = host_missing_features(FEAT_EL1_32);
	u64 tcr;

	if (missing)
		SKIP(return, "%s", missing);
	if (!kvm_has_cap(KVM_CAP_ARM_INJECT_EXT_DABT))
		SKIP(return, "this kernel has no KVM_CAP_ARM_INJECT_EXT_DABT");
	self->vm = guest32_vm_create(1, 0);
	self->vcpu = self->vm->vcpu[0];
	tcr = reg_get(self->vcpu, ABI_TCR_EL1) & ~TTBCR_EAE;
	reg_set(self->vcpu, ABI_TCR_EL1, tcr | (variant->eae ? TTBCR_EAE : 0));
	self->mask = variant->eae ? LONG_MASK : FS_MASK;
	self->want = variant->eae ? LONG_EXTERNAL : FS_EXTERNAL;
}

FIXTURE_TEARDOWN(abort)
{
	test_vm_free(self->vm);
}

/* FAR_EL1 has DFAR in its lower half and IFAR in its upper one */
#define OLD_FAR 0x1111222333344445ULL
#define OLD_FSR 0x5a5ULL

static void set_fault_regs(struct kvm_vcpu *vcpu)
{
	reg_set(vcpu, ABI_FAR_EL1, OLD_FAR);
	reg_set(vcpu, ABI_ESR_EL1, OLD_FSR);
	reg_set(vcpu, ABI_IFSR32_EL2, OLD_FSR);
}

static void expect_fault_reg(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     const char *what, const char *name, u64 id, u64 mask, u64 want)
{
	u64 val = reg_get(vcpu, id);

	EXPECT_EQ(want, val & mask)
	{
		TH_LOG("%s: %s is %#lx; expected %#lx in the bits of %#lx", what, name, val, want,
		       mask);
		count_failure(_metadata);
	}
}

static void expect_vector(struct __test_metadata *_metadata, const struct kvm_vcpu *vcpu,
			  const struct guest_result *res, const char *what, int vector)
{
	ASSERT_EQ(vector, guest32_vector(vcpu, res))
	{
		TH_LOG("%s: the guest %s; expected it to take the abort", what,
		       guest32_end_str(vcpu, res));
	}
}

static const u32 ldr_a32[] = {
	0xe5970040, /* ldr r0, [r7, #64] */
};
#define LDR_ADDRESS (VM_EXIT_PORT + 64)

TEST_F(abort, of_a_load_is_in_dfsr_and_dfar_alone)
{
	const struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	const char *what = "a load that user space aborted";
	struct guest_result res;

	guest32_prepare(self->vm, 0, &A32_CODE(ldr_a32), CPSR_RESET);
	set_fault_regs(self->vcpu);
	guest_run(self->vcpu, &res);
	ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_MMIO);
	events_set(_metadata, self->vcpu, &events);
	guest_run(self->vcpu, &res);
	expect_vector(_metadata, self->vcpu, &res, what, GUEST32_VECTOR_DATA_ABORT);
	expect_fault_reg(_metadata, self->vcpu, what, "DFSR", ABI_ESR_EL1, self->mask, self->want);
	expect_fault_reg(_metadata, self->vcpu, what, "FAR_EL1", ABI_FAR_EL1, ~0ULL,
			 (OLD_FAR & ~0xffffffffULL) | LDR_ADDRESS);
	expect_fault_reg(_metadata, self->vcpu, what, "IFSR", ABI_IFSR32_EL2, ~0ULL, OLD_FSR);
}

/* KVM's own abort. No document has it */
TEST_F(abort, of_a_fetch_is_in_ifsr_and_ifar_alone)
{
	const char *what = "a fetch from no memory";
	struct guest_result res;

	guest32_prepare(self->vm, 0, &A32_CODE(ldr_a32), CPSR_RESET);
	set_fault_regs(self->vcpu);
	reg_set(self->vcpu, ABI_PC, VM_NO_MEMORY + 0x40);
	guest_run(self->vcpu, &res);
	expect_vector(_metadata, self->vcpu, &res, what, GUEST32_VECTOR_PREFETCH_ABORT);
	expect_fault_reg(_metadata, self->vcpu, what, "IFSR", ABI_IFSR32_EL2, self->mask,
			 self->want);
	expect_fault_reg(_metadata, self->vcpu, what, "FAR_EL1", ABI_FAR_EL1, ~0ULL,
			 (VM_NO_MEMORY + 0x40) << 32 | (OLD_FAR & 0xffffffff));
	expect_fault_reg(_metadata, self->vcpu, what, "DFSR", ABI_ESR_EL1, 0xfff, OLD_FSR);
	expect_r(_metadata, self->vcpu, what, X_LR_ABT, VM_NO_MEMORY + 0x44);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
