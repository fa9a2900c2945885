// SPDX-License-Identifier: GPL-2.0
/*
 * id_features_test: the fields of the ID registers that follow from what a VM was given: vCPU
 * features, a vGIC, MTE, and from what KVM offers to no guest.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/vcpu-features.rst  features are there if they were asked for
 *   Documentation/virt/kvm/api.rst 4.82           KVM_ARM_VCPU_INIT
 *   Arm DDI0487 D24.2                             values of the fields
 */
#include "harness.h"

#include "host_issue.h"
#include "id_expect.h"

/* What a VM may have beside what id_vm() says */
#define HAS_AARCH32 BIT(18) /* at EL0, so that the registers about it are those of a CPU */

#define ANY 0xff

struct rule {
	const char *reg, *field; /* no field: the whole register */
	u32 with, without; /* it holds for VMs with all of these, and none of those */
	u8 min, max; /* ANY: no limit */
};

/* clang-format off */
static const struct rule rules[] = {
	{ "ID_AA64PFR0_EL1", "GIC", HAS_VGIC_V3, 0, 1, 1 },
	{ "ID_AA64PFR0_EL1", "GIC", 0, HAS_VGIC_V3, 0, 0 },
	{ "ID_AA64PFR2_EL1", "GCIE", 0, 0, 0, 0 },
	{ "ID_PFR1_EL1", "GIC", HAS_VGIC_V3 | HAS_AARCH32, 0, 1, 1 },
	{ "ID_PFR1_EL1", "GIC", 0, HAS_VGIC_V3, 0, 0 },

	{ "ID_AA64PFR0_EL1", "SVE", FEAT_SVE, 0, 1, ANY },
	{ "ID_AA64PFR0_EL1", "SVE", 0, FEAT_SVE, 0, 0 },
	{ "ID_AA64ZFR0_EL1", NULL, 0, FEAT_SVE, 0, 0 },

	{ "ID_AA64ISAR1_EL1", "APA", 0, FEAT_PTRAUTH, 0, 0 },
	{ "ID_AA64ISAR1_EL1", "API", 0, FEAT_PTRAUTH, 0, 0 },
	{ "ID_AA64ISAR1_EL1", "GPA", 0, FEAT_PTRAUTH, 0, 0 },
	{ "ID_AA64ISAR1_EL1", "GPI", 0, FEAT_PTRAUTH, 0, 0 },
	{ "ID_AA64ISAR2_EL1", "APA3", 0, FEAT_PTRAUTH, 0, 0 },
	{ "ID_AA64ISAR2_EL1", "GPA3", 0, FEAT_PTRAUTH, 0, 0 },

	/* PMUv3 for Armv8.0 to 8.8; 15 is a PMU that is not Arm's */
	{ "ID_AA64DFR0_EL1", "PMUVer", FEAT_PMU, 0, 1, 8 },
	{ "ID_AA64DFR0_EL1", "PMUVer", 0, FEAT_PMU, 0, 0 },
	{ "ID_DFR0_EL1", "PerfMon", FEAT_PMU | HAS_AARCH32, 0, 3, 8 },
	{ "ID_DFR0_EL1", "PerfMon", 0, FEAT_PMU, 0, 0 },

	{ "ID_AA64PFR1_EL1", "MTE", HAS_MTE, FEAT_EL2, 2, ANY },
	{ "ID_AA64PFR1_EL1", "MTE", 0, HAS_MTE, 0, 0 },
	{ "ID_AA64PFR1_EL1", "MTE_frac", 0, HAS_MTE, 0, 0 },

	/* A guest with a 32-bit EL1 has a 32-bit EL0, too */
	{ "ID_AA64PFR0_EL1", "EL1", FEAT_EL1_32, 0, 2, 2 },
	{ "ID_AA64PFR0_EL1", "EL0", FEAT_EL1_32, 0, 2, 2 },

	{ "ID_AA64PFR0_EL1", "EL2", FEAT_EL2, 0, 1, 1 },
	{ "ID_AA64PFR0_EL1", "EL1", FEAT_EL2, 0, 1, 1 },
	{ "ID_AA64PFR0_EL1", "EL0", FEAT_EL2, 0, 1, 1 },
	{ "ID_AA64PFR0_EL1", "SEL2", FEAT_EL2, 0, 0, 0 },
	{ "ID_AA64MMFR0_EL1", "SNSMEM", FEAT_EL2, 0, 0, 0 },
	{ "ID_AA64MMFR0_EL1", "EXS", FEAT_EL2, 0, 0, 0 },
	{ "ID_AA64MMFR0_EL1", "PARANGE", FEAT_EL2, 0, 0, 5 },
	{ "ID_AA64MMFR1_EL1", "VH", FEAT_E2H0, 0, 0, 0 },
	{ "ID_AA64MMFR1_EL1", "VH", FEAT_EL2, FEAT_E2H0 & ~FEAT_EL2, 1, 1 },
	{ "ID_AA64MMFR2_EL1", "NV", 0, 0, 0, 0 },
	/* Of FEAT_NV a guest gets FEAT_NV2 alone, if EL2 has VHE, and HCR_EL2.E2H cannot be 0 */
	{ "ID_AA64MMFR4_EL1", "NV_frac", FEAT_EL2, FEAT_E2H0 & ~FEAT_EL2, 1, ANY },
	{ "ID_AA64MMFR4_EL1", "E2H0", FEAT_EL2, FEAT_E2H0 & ~FEAT_EL2, 8, 15 },
	{ "ID_AA64MMFR4_EL1", "E2H0", FEAT_E2H0, 0, 0, 0 },
	{ "ID_AA64MMFR4_EL1", "NV_frac", FEAT_E2H0, 0, 0, 0 },

	/* Armv8 to 8.8; there are no debug registers of later ones */
	{ "ID_AA64DFR0_EL1", "DebugVer", 0, 0, 6, 10 },
	{ "ID_DFR0_EL1", "CopDbg", HAS_AARCH32, 0, 6, 10 },

	/* What no guest gets: KVM saves none of its registers */
	{ "ID_AA64PFR0_EL1", "AMU", 0, 0, 0, 0 },
	{ "ID_AA64PFR0_EL1", "MPAM", 0, 0, 0, 0 },
	{ "ID_AA64PFR0_EL1", "RME", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "MPAM_frac", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "RNDR_trap", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "SME", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "NMI", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "GCS", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "THE", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "MTEX", 0, 0, 0, 0 },
	{ "ID_AA64PFR1_EL1", "PFAR", 0, 0, 0, 0 },
	{ "ID_AA64SMFR0_EL1", NULL, 0, 0, 0, 0 },
	{ "ID_AA64DFR0_EL1", "PMSVer", 0, 0, 0, 0 },
	{ "ID_AA64DFR0_EL1", "BRBE", 0, 0, 0, 0 },
	{ "ID_AA64DFR0_EL1", "TraceBuffer", 0, 0, 0, 0 },
	{ "ID_AA64DFR0_EL1", "TraceFilt", 0, 0, 0, 0 },
	{ "ID_AA64DFR0_EL1", "TraceVer", 0, 0, 0, 0 },
	{ "ID_AA64MMFR2_EL1", "CCIDX", 0, 0, 0, 0 },
	{ "ID_MMFR4_EL1", "CCIDX", 0, 0, 0, 0 },
	{ "ID_AA64AFR0_EL1", NULL, 0, 0, 0, 0 },
	{ "ID_AFR0_EL1", NULL, 0, 0, 0, 0 },
	{ "ID_DFR1_EL1", NULL, 0, 0, 0, 0 },
};
/* clang-format on */

FIXTURE(features)
{
	struct test_vm *vm;
	u32 has;
	struct id_view view;
};

FIXTURE_VARIANT(features)
{
	u32 features;
	unsigned int flags;
	enum id_vgic vgic;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(features, no_vgic) { 0, 0, NO_VGIC };
FIXTURE_VARIANT_ADD(features, vgic_v2) { 0, 0, V2 };
FIXTURE_VARIANT_ADD(features, vgic_v3) { 0, 0, V3 };
FIXTURE_VARIANT_ADD(features, pmu) { FEAT_PMU, 0, NO_VGIC };
FIXTURE_VARIANT_ADD(features, sve) { FEAT_SVE, 0, NO_VGIC };
FIXTURE_VARIANT_ADD(features, ptrauth) { FEAT_PTRAUTH, 0, NO_VGIC };
FIXTURE_VARIANT_ADD(features, mte) { 0, VM_MTE, NO_VGIC };
FIXTURE_VARIANT_ADD(features, el1_32) { FEAT_EL1_32, 0, V3 };
FIXTURE_VARIANT_ADD(features, el2) { FEAT_EL2, 0, V3 };
FIXTURE_VARIANT_ADD(features, e2h0) { FEAT_E2H0, 0, V3 };
/* clang-format on */

FIXTURE_SETUP(features)
{
	const char *missing = id_vm_missing(variant->features, variant->flags, variant->vgic);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = id_vm(variant->features, variant->flags, variant->vgic, &self->has);
	/* A guest without a vGIC learns what it has when it runs */
	if (!(variant->features & FEAT_EL1_32)) {
		struct guest_reg reg[ID_SPACE];
		struct guest_result res;

		id_guest_view(self->vm, 0, reg, &res);
		expect_end(_metadata, "reading the ID registers", &res);
	}
	id_user_view(self->vm->vcpu[0], &self->view);
	if (id_view_has_aarch32(&self->view))
		self->has |= HAS_AARCH32;
}

FIXTURE_TEARDOWN(features)
{
	test_vm_free(self->vm);
}

static void expect_rule(struct __test_metadata *_metadata, const struct rule *rule,
			const struct id_view *view)
{
	const struct id_reg_field *field = rule->field ? id_reg_find(rule->reg, rule->field) : NULL;
	u64 val = view->val[(field ?: id_reg_first(rule->reg))->id & (ID_SPACE - 1)];

	if (field)
		val = id_field_get(field, val);
	EXPECT_TRUE(val >= rule->min && (rule->max == ANY || val <= rule->max))
	{
		if (rule->max == ANY)
			TH_LOG("%s%s%s is %#lx; expected %#x or more in this VM", rule->reg,
			       field ? "." : "", rule->field ?: "", val, rule->min);
		else
			TH_LOG("%s%s%s is %#lx; expected %#x to %#x in this VM", rule->reg,
			       field ? "." : "", rule->field ?: "", val, rule->min, rule->max);
		count_failure(_metadata);
	}
}

TEST_F(features, fields_follow_from_what_the_vm_has)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if ((self->has & rules[i].with) == rules[i].with && !(self->has & rules[i].without))
			expect_rule(_metadata, &rules[i], &self->view);
}

TEST_F(features, guest_reads_the_same)
{
	if (variant->features & FEAT_EL1_32)
		SKIP(return, "a guest with a 32-bit EL1 reads no AArch64 registers");
	expect_guest_view(_metadata, self->vm, 0, &self->view, "after the first run");
}

/* Registers without a field, and all that are about AArch32 if there is none: read as zero */
TEST_F(features, what_is_not_there_is_zero)
{
	unsigned int n;

	for (n = 8; n < ID_SPACE; n++) {
		u64 id = ID_SPACE_REG(n);

		if (id_is_aarch32(id) ? self->has & HAS_AARCH32 || variant->features & FEAT_EL2
				      : id_reg_fields(id))
			continue;
		EXPECT_EQ(0, self->view.val[n])
		{
			TH_LOG("KVM_GET_ONE_REG %s: %#lx; expected 0, since %s", reg_name(id),
			       self->view.val[n],
			       id_is_aarch32(id) ? "EL0 has no AArch32" : "it has no fields");
			count_failure(_metadata);
		}
	}
}

TEST_F(features, pointer_authentication_has_its_algorithms)
{
	u64 apa = id_view_field(&self->view, "ID_AA64ISAR1_EL1", "APA");
	u64 api = id_view_field(&self->view, "ID_AA64ISAR1_EL1", "API");
	u64 apa3 = id_view_field(&self->view, "ID_AA64ISAR2_EL1", "APA3");
	u64 gpa = id_view_field(&self->view, "ID_AA64ISAR1_EL1", "GPA");
	u64 gpi = id_view_field(&self->view, "ID_AA64ISAR1_EL1", "GPI");
	u64 gpa3 = id_view_field(&self->view, "ID_AA64ISAR2_EL1", "GPA3");

	if (!(variant->features & FEAT_PTRAUTH))
		SKIP(return, "this VM has no pointer authentication");
	EXPECT_EQ(1, !!apa + !!api + !!apa3)
	{
		TH_LOG("APA %#lx, API %#lx, APA3 %#lx; expected one of them to be there", apa, api,
		       apa3);
	}
	EXPECT_EQ(1, !!gpa + !!gpi + !!gpa3)
	{
		TH_LOG("GPA %#lx, GPI %#lx, GPA3 %#lx; expected one of them to be there", gpa, gpi,
		       gpa3);
	}
}

/* A host that is not affected says so to its guests */
TEST_F(features, unaffected_host_says_so)
{
	static const struct {
		const char *file;
		struct rule rule;
	} issues[] = {
		{ "spectre_v2", { "ID_AA64PFR0_EL1", "CSV2", 0, 0, 1, ANY } },
		{ "meltdown", { "ID_AA64PFR0_EL1", "CSV3", 0, 0, 1, ANY } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(issues); i++)
		if (host_issue_is(issues[i].file, "Not affected"))
			expect_rule(_metadata, &issues[i].rule, &self->view);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
