// SPDX-License-Identifier: GPL-2.0
/*
 * id_hidden_test: registers of features that a VM does not have are undefined in its guest.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.82           vCPU features
 *   Documentation/virt/kvm/arm/vcpu-features.rst  limiting features by ID registers
 *   Arm DDI0487 D23, IHI0069 12.2                 the registers, UNDEFINED without their feature
 */
#include "harness.h"

#include "id_expect.h"

#define NEVER BIT(31) /* what no guest gets */

/* An access, and what a guest needs for it */
struct hidden {
	const char *name;
	u64 id;
	enum {
		READ = 1,
		WRITE = 2,
		BOTH = 3
	} access;
	u32 features; /* of the VM */
	const char *reg, *field; /* and a field of an ID register */
	u8 min; /* of at least this */
};

/* CPACR_EL1, and CPTR_EL2 with VHE: FPEN, ZEN and SMEN */
#define CPACR_NO_TRAPS (3ULL << 20 | 3ULL << 16 | 3ULL << 24)

#define SYS(op0, op1, crn, crm, op2) ABI_REG_SYS(op0, op1, crn, crm, op2)

/* clang-format off */
static const struct hidden hidden[] = {
	/* Performance monitors; to read by PMSELR_EL0 is UNDEF if that selects no counter */
	{ "PMCR_EL0", SYS(3, 3, 9, 12, 0), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCNTENSET_EL0", SYS(3, 3, 9, 12, 1), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCNTENCLR_EL0", SYS(3, 3, 9, 12, 2), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMOVSCLR_EL0", SYS(3, 3, 9, 12, 3), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMSWINC_EL0", SYS(3, 3, 9, 12, 4), WRITE, FEAT_PMU, NULL, NULL, 0 },
	{ "PMSELR_EL0", SYS(3, 3, 9, 12, 5), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCEID0_EL0", SYS(3, 3, 9, 12, 6), READ, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCEID1_EL0", SYS(3, 3, 9, 12, 7), READ, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCCNTR_EL0", SYS(3, 3, 9, 13, 0), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMXEVTYPER_EL0", SYS(3, 3, 9, 13, 1), WRITE, FEAT_PMU, NULL, NULL, 0 },
	{ "PMXEVCNTR_EL0", SYS(3, 3, 9, 13, 2), WRITE, FEAT_PMU, NULL, NULL, 0 },
	{ "PMUSERENR_EL0", SYS(3, 3, 9, 14, 0), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMOVSSET_EL0", SYS(3, 3, 9, 14, 3), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMEVCNTR0_EL0", SYS(3, 3, 14, 8, 0), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMEVTYPER0_EL0", SYS(3, 3, 14, 12, 0), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMCCFILTR_EL0", SYS(3, 3, 14, 15, 7), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMINTENSET_EL1", SYS(3, 0, 9, 14, 1), BOTH, FEAT_PMU, NULL, NULL, 0 },
	{ "PMINTENCLR_EL1", SYS(3, 0, 9, 14, 2), BOTH, FEAT_PMU, NULL, NULL, 0 },

	{ "ZCR_EL1", SYS(3, 0, 1, 2, 0), BOTH, FEAT_SVE, NULL, NULL, 0 },

	{ "APIAKEYLO_EL1", SYS(3, 0, 2, 1, 0), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APIAKEYHI_EL1", SYS(3, 0, 2, 1, 1), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APIBKEYLO_EL1", SYS(3, 0, 2, 1, 2), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APIBKEYHI_EL1", SYS(3, 0, 2, 1, 3), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APDAKEYLO_EL1", SYS(3, 0, 2, 2, 0), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APDAKEYHI_EL1", SYS(3, 0, 2, 2, 1), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APDBKEYLO_EL1", SYS(3, 0, 2, 2, 2), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APDBKEYHI_EL1", SYS(3, 0, 2, 2, 3), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APGAKEYLO_EL1", SYS(3, 0, 2, 3, 0), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },
	{ "APGAKEYHI_EL1", SYS(3, 0, 2, 3, 1), BOTH, FEAT_PTRAUTH, NULL, NULL, 0 },

	{ "RGSR_EL1", SYS(3, 0, 1, 0, 5), BOTH, HAS_MTE, NULL, NULL, 0 },
	{ "GCR_EL1", SYS(3, 0, 1, 0, 6), BOTH, HAS_MTE, NULL, NULL, 0 },
	{ "TFSR_EL1", SYS(3, 0, 5, 6, 0), BOTH, HAS_MTE, NULL, NULL, 0 },
	{ "TFSRE0_EL1", SYS(3, 0, 5, 6, 1), BOTH, HAS_MTE, NULL, NULL, 0 },
	{ "GMID_EL1", SYS(3, 1, 0, 0, 4), READ, HAS_MTE, NULL, NULL, 0 },

	/* EL2 */
	{ "HCR_EL2", SYS(3, 4, 1, 1, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "VBAR_EL2", SYS(3, 4, 12, 0, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "VTTBR_EL2", SYS(3, 4, 2, 1, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "CNTHCTL_EL2", SYS(3, 4, 14, 1, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "ESR_EL2", SYS(3, 4, 5, 2, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "SP_EL1", SYS(3, 4, 4, 1, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "VPIDR_EL2", SYS(3, 4, 0, 0, 0), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "CPTR_EL2", SYS(3, 4, 1, 1, 2), BOTH, FEAT_EL2, NULL, NULL, 0 },
	{ "MDCR_EL2", SYS(3, 4, 1, 1, 1), BOTH, FEAT_EL2, NULL, NULL, 0 },

	/* The GIC's CPU interface, save for ICC_SRE_EL1, which some hosts cannot trap */
	{ "ICC_PMR_EL1", SYS(3, 0, 4, 6, 0), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_IAR0_EL1", SYS(3, 0, 12, 8, 0), READ, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_EOIR0_EL1", SYS(3, 0, 12, 8, 1), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_HPPIR0_EL1", SYS(3, 0, 12, 8, 2), READ, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_BPR0_EL1", SYS(3, 0, 12, 8, 3), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_AP0R0_EL1", SYS(3, 0, 12, 8, 4), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_AP1R0_EL1", SYS(3, 0, 12, 9, 0), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_DIR_EL1", SYS(3, 0, 12, 11, 1), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_RPR_EL1", SYS(3, 0, 12, 11, 3), READ, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_SGI1R_EL1", SYS(3, 0, 12, 11, 5), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_ASGI1R_EL1", SYS(3, 0, 12, 11, 6), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_SGI0R_EL1", SYS(3, 0, 12, 11, 7), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_IAR1_EL1", SYS(3, 0, 12, 12, 0), READ, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_EOIR1_EL1", SYS(3, 0, 12, 12, 1), WRITE, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_HPPIR1_EL1", SYS(3, 0, 12, 12, 2), READ, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_BPR1_EL1", SYS(3, 0, 12, 12, 3), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_CTLR_EL1", SYS(3, 0, 12, 12, 4), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_IGRPEN0_EL1", SYS(3, 0, 12, 12, 6), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },
	{ "ICC_IGRPEN1_EL1", SYS(3, 0, 12, 12, 7), BOTH, HAS_VGIC_V3, NULL, NULL, 0 },

	/* By ID register alone */
	{ "SCTLR2_EL1", SYS(3, 0, 1, 0, 3), BOTH, 0, "ID_AA64MMFR3_EL1", "SCTLRX", 1 },
	{ "TCR2_EL1", SYS(3, 0, 2, 0, 3), BOTH, 0, "ID_AA64MMFR3_EL1", "TCRX", 1 },
	{ "PIRE0_EL1", SYS(3, 0, 10, 2, 2), BOTH, 0, "ID_AA64MMFR3_EL1", "S1PIE", 1 },
	{ "PIR_EL1", SYS(3, 0, 10, 2, 3), BOTH, 0, "ID_AA64MMFR3_EL1", "S1PIE", 1 },
	{ "POR_EL1", SYS(3, 0, 10, 2, 4), BOTH, 0, "ID_AA64MMFR3_EL1", "S1POE", 1 },
	{ "POR_EL0", SYS(3, 3, 10, 2, 4), BOTH, 0, "ID_AA64MMFR3_EL1", "S1POE", 1 },
	{ "FPMR", SYS(3, 3, 4, 4, 2), BOTH, 0, "ID_AA64PFR2_EL1", "FPMR", 1 },
	{ "LORID_EL1", SYS(3, 0, 10, 4, 7), READ, 0, "ID_AA64MMFR1_EL1", "LO", 1 },
	{ "LORC_EL1", SYS(3, 0, 10, 4, 3), BOTH, 0, "ID_AA64MMFR1_EL1", "LO", 1 },
	{ "LORSA_EL1", SYS(3, 0, 10, 4, 0), BOTH, 0, "ID_AA64MMFR1_EL1", "LO", 1 },
	{ "ERRIDR_EL1", SYS(3, 0, 5, 3, 0), READ, 0, "ID_AA64PFR0_EL1", "RAS", 1 },
	{ "ERRSELR_EL1", SYS(3, 0, 5, 3, 1), WRITE, 0, "ID_AA64PFR0_EL1", "RAS", 1 },
	{ "CCSIDR2_EL1", SYS(3, 1, 0, 0, 2), READ, 0, "ID_AA64MMFR2_EL1", "CCIDX", 1 },

	/* No guest has these */
	{ "SCXTNUM_EL1", SYS(3, 0, 13, 0, 7), BOTH, NEVER, NULL, NULL, 0 },
	{ "SCXTNUM_EL0", SYS(3, 3, 13, 0, 7), BOTH, NEVER, NULL, NULL, 0 },
	{ "AMCR_EL0", SYS(3, 3, 13, 2, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "AMCFGR_EL0", SYS(3, 3, 13, 2, 1), READ, NEVER, NULL, NULL, 0 },
	{ "AMCNTENSET0_EL0", SYS(3, 3, 13, 2, 5), BOTH, NEVER, NULL, NULL, 0 },
	{ "AMEVCNTR00_EL0", SYS(3, 3, 13, 4, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "AMUSERENR_EL0", SYS(3, 3, 13, 2, 3), BOTH, NEVER, NULL, NULL, 0 },
	{ "MPAM0_EL1", SYS(3, 0, 10, 5, 1), BOTH, NEVER, NULL, NULL, 0 },
	{ "MPAM1_EL1", SYS(3, 0, 10, 5, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "MPAMIDR_EL1", SYS(3, 0, 10, 4, 4), READ, NEVER, NULL, NULL, 0 },
	{ "PMSCR_EL1", SYS(3, 0, 9, 9, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "PMSIDR_EL1", SYS(3, 0, 9, 9, 7), READ, NEVER, NULL, NULL, 0 },
	{ "PMSEVFR_EL1", SYS(3, 0, 9, 9, 5), BOTH, NEVER, NULL, NULL, 0 },
	{ "PMBLIMITR_EL1", SYS(3, 0, 9, 10, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "PMBPTR_EL1", SYS(3, 0, 9, 10, 1), BOTH, NEVER, NULL, NULL, 0 },
	{ "PMBSR_EL1", SYS(3, 0, 9, 10, 3), BOTH, NEVER, NULL, NULL, 0 },
	{ "TRFCR_EL1", SYS(3, 0, 1, 2, 1), BOTH, NEVER, NULL, NULL, 0 },
	{ "TRBLIMITR_EL1", SYS(3, 0, 9, 11, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "TRBPTR_EL1", SYS(3, 0, 9, 11, 1), BOTH, NEVER, NULL, NULL, 0 },
	{ "BRBCR_EL1", SYS(2, 1, 9, 0, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "BRBFCR_EL1", SYS(2, 1, 9, 0, 1), BOTH, NEVER, NULL, NULL, 0 },
	{ "TRCPRGCTLR", SYS(2, 1, 0, 1, 0), BOTH, NEVER, NULL, NULL, 0 },
	{ "SMCR_EL1", SYS(3, 0, 1, 2, 6), BOTH, NEVER, NULL, NULL, 0 },
	{ "SMPRI_EL1", SYS(3, 0, 1, 2, 4), BOTH, NEVER, NULL, NULL, 0 },
	{ "SVCR", SYS(3, 3, 4, 2, 2), BOTH, NEVER, NULL, NULL, 0 },
	{ "TPIDR2_EL0", SYS(3, 3, 13, 0, 5), BOTH, NEVER, NULL, NULL, 0 },
	{ "SMIDR_EL1", SYS(3, 1, 0, 0, 6), READ, NEVER, NULL, NULL, 0 },
	{ "ACCDATA_EL1", SYS(3, 0, 13, 0, 5), BOTH, NEVER, NULL, NULL, 0 },
	{ "GCSCR_EL1", SYS(3, 0, 2, 5, 0), BOTH, NEVER, NULL, NULL, 0 },
};
/* clang-format on */

static_assert(2 * ARRAY_SIZE(hidden) <= GUEST_MAX_REGS, "one run");

FIXTURE(hidden)
{
	struct test_vm *vm;
	u32 has;
};

FIXTURE_VARIANT(hidden)
{
	u32 features;
	unsigned int flags;
	enum id_vgic vgic;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(hidden, no_vgic) { 0, 0, NO_VGIC };
FIXTURE_VARIANT_ADD(hidden, vgic_v2) { 0, 0, V2 };
FIXTURE_VARIANT_ADD(hidden, vgic_v3) { 0, 0, V3 };
FIXTURE_VARIANT_ADD(hidden, pmu) { FEAT_PMU, 0, V3 };
FIXTURE_VARIANT_ADD(hidden, sve) { FEAT_SVE, 0, V3 };
FIXTURE_VARIANT_ADD(hidden, ptrauth) { FEAT_PTRAUTH, 0, V3 };
FIXTURE_VARIANT_ADD(hidden, mte) { 0, VM_MTE, V3 };
FIXTURE_VARIANT_ADD(hidden, pmu_sve_ptrauth) { FEAT_PMU | FEAT_SVE | FEAT_PTRAUTH, 0, V3 };
/* clang-format on */

FIXTURE_SETUP(hidden)
{
	const char *missing = id_vm_missing(variant->features, variant->flags, variant->vgic);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = id_vm(variant->features, variant->flags, variant->vgic, &self->has);
}

FIXTURE_TEARDOWN(hidden)
{
	test_vm_free(self->vm);
}

/* Whether a VM that has these features, and these ID registers, has a register */
static bool has_register(const struct hidden *row, u32 has, const struct id_view *view)
{
	if ((has & row->features) != row->features)
		return false;
	return !row->field || id_view_field(view, row->reg, row->field) >= row->min;
}

/*
 * Try every register that the VM has not: each access is UNDEF. And read those that it has,
 * which shows that the table has the right ones: they may trap, but not as UNDEF.
 */
static void expect_hidden(struct __test_metadata *_metadata, struct test_vm *vm, u32 has,
			  const struct id_view *view)
{
	struct guest_reg reg[2 * ARRAY_SIZE(hidden)];
	const struct hidden *row[2 * ARRAY_SIZE(hidden)];
	struct guest_result res;
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		unsigned int access = hidden[i].access;

		if (has_register(&hidden[i], has, view))
			access &= READ;
		for (; access; access &= access - 1) {
			row[nr] = &hidden[i];
			reg[nr++] =
				(struct guest_reg){ .id = hidden[i].id, .write = !(access & READ) };
		}
	}
	/* Else the guest's own level traps SVE and SME, before KVM sees that they are hidden */
	reg_set(vm->vcpu[0], vm->at_el2 ? SYS(3, 4, 1, 1, 2) : SYS(3, 0, 1, 0, 2), CPACR_NO_TRAPS);
	guest_regs(vm, 0, reg, nr, &res);
	expect_end(_metadata, "accesses to registers", &res);
	for (i = 0; i < nr; i++) {
		bool there = has_register(row[i], has, view);

		EXPECT_TRUE(guest_reg_is_undef(&reg[i]) != there)
		{
			TH_LOG("%s %s: the guest gets %s; expected %s, since the VM has %s",
			       reg[i].write ? "MSR to" : "MRS of", row[i]->name,
			       guest_reg_str(&reg[i]), there ? "no UNDEF" : "UNDEF",
			       there ? "its feature" : "not its feature");
			count_failure(_metadata);
		}
	}
}

TEST_F(hidden, registers_of_other_features_are_undefined)
{
	struct id_view view;

	id_user_view(self->vm->vcpu[0], &view);
	expect_hidden(_metadata, self->vm, self->has, &view);
}

/*
 * With FEAT_IDST an MRS of the feature ID space that is undefined says so by EC 0x18, a trapped
 * MRS, so that a hypervisor may emulate it; without, by EC 0 [Arm DDI0487 D24.1.3].
 */
TEST_F(hidden, undefined_id_registers_say_what_idst_has_them_say)
{
	struct guest_reg reg[ARRAY_SIZE(hidden)];
	struct guest_result res;
	struct id_view view;
	unsigned int i, nr = 0;
	u64 ec;

	id_user_view(self->vm->vcpu[0], &view);
	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		if (hidden[i].access & READ && hidden[i].id >= SYS(3, 1, 0, 0, 0) &&
		    hidden[i].id <= SYS(3, 1, 0, 7, 7) &&
		    !has_register(&hidden[i], self->has, &view))
			reg[nr++] = (struct guest_reg){ .id = hidden[i].id };
	guest_regs(self->vm, 0, reg, nr, &res);
	expect_end(_metadata, "accesses to registers", &res);
	ec = id_view_field(&view, "ID_AA64MMFR2_EL1", "IDS") ? 0x18 : 0;
	for (i = 0; i < nr; i++) {
		EXPECT_TRUE(reg[i].how == GUEST_REG_EXCEPTION && guest_reg_ec(&reg[i]) == ec)
		{
			TH_LOG("MRS of %s: the guest gets %s; expected an exception of EC %#lx, since ID_AA64MMFR2_EL1.IDS is %u",
			       reg_name(reg[i].id), guest_reg_str(&reg[i]), ec, !!ec);
		}
	}
}

/* What the VMM hides by the ID registers is gone, too */
TEST_F(hidden, registers_that_the_vmm_hides_are_undefined)
{
	u64 mask[ID_NR_MASKS];
	struct id_view view;
	unsigned int i, nr = 0;

	if (!id_masks(self->vm, mask))
		SKIP(return, "this kernel has no KVM_ARM_GET_REG_WRITABLE_MASKS");
	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		const struct hidden *row = &hidden[i];
		const struct id_reg_field *field;

		if (!row->field)
			continue;
		field = id_reg_find(row->reg, row->field);
		id_user_view(self->vm->vcpu[0], &view);
		if (!has_register(row, self->has, &view) ||
		    id_field_mask(field) & ~id_mask(mask, field->id))
			continue;
		reg_set(self->vm->vcpu[0], field->id,
			id_field_put(field, reg_get(self->vm->vcpu[0], field->id), 0));
		nr++;
	}
	if (!nr)
		SKIP(return, "this host and kernel have no register that a field hides");
	id_user_view(self->vm->vcpu[0], &view);
	expect_hidden(_metadata, self->vm, self->has, &view);
}

FIXTURE(announced)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(announced)
{
	self->vm = test_vm_create(1, 0, host_vgic_v3());
}

FIXTURE_TEARDOWN(announced)
{
	test_vm_free(self->vm);
}

/*
 * Of the 16 breakpoints and watchpoints that there may be, ID_AA64DFR0_EL1 says how many there
 * are; the registers of the others are UNDEFINED [Arm DDI0487 D24.3]
 */
TEST_F(announced, breakpoints_and_watchpoints_are_as_many_as_announced)
{
	/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn */
	static const char *const names[] = { "DBGBVR", "DBGBCR", "DBGWVR", "DBGWCR" };
	struct guest_reg reg[4 * 16];
	struct guest_result res;
	struct id_view view;
	unsigned int i, n[2];

	id_user_view(self->vm->vcpu[0], &view);
	n[0] = id_view_field(&view, "ID_AA64DFR0_EL1", "BRPs") + 1;
	n[1] = id_view_field(&view, "ID_AA64DFR0_EL1", "WRPs") + 1;
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		reg[i] = (struct guest_reg){ .id = SYS(2, 0, 0, i / 4, 4 + i % 4) };
	guest_regs(self->vm, 0, reg, ARRAY_SIZE(reg), &res);
	expect_end(_metadata, "accesses to registers", &res);
	for (i = 0; i < ARRAY_SIZE(reg); i++) {
		bool there = i / 4 < n[i % 4 / 2];

		EXPECT_TRUE(guest_reg_is_undef(&reg[i]) != there)
		{
			TH_LOG("MRS of %s%u_EL1: the guest gets %s; expected %s, as ID_AA64DFR0_EL1 announces %u of them",
			       names[i % 4], i / 4, guest_reg_str(&reg[i]),
			       there ? "no UNDEF" : "UNDEF", n[i % 4 / 2]);
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
