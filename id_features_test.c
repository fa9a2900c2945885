// SPDX-License-Identifier: GPL-2.0
/*
 * id_features_test: the fields of the ID registers that follow from what a VM was given: vCPU
 * features, a vGIC, MTE, and from what KVM offers to no guest.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/vcpu-features.rst  features are there if they were asked for
 *   Documentation/virt/kvm/api.rst 4.82           KVM_ARM_VCPU_INIT
 *   Documentation/arch/arm64/cpu-feature-registers.rst  what programs of the host read
 *   Arm DDI0487 D24.2                             values of the fields
 */
#include <sys/auxv.h>

#include "harness.h"

#include "host_issue.h"
#include "id_expect.h"

/* What a VM may have beside what id_vm() says */
#define HAS_AARCH32 BIT(18) /* at EL0, so that the registers about it are those of a CPU */

#define HAS_RAS BIT(19) /* KVM_CAP_ARM_INJECT_SERROR_ESR says that the host has it */

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

	{ "ID_AA64PFR0_EL1", "RAS", HAS_RAS, 0, 1, ANY },

	/* Armv8 to 8.8; there are no debug registers of later ones */
	{ "ID_AA64DFR0_EL1", "DebugVer", 0, 0, 6, 10 },
	{ "ID_DFR0_EL1", "CopDbg", HAS_AARCH32, 0, 6, 10 },

	/* What no guest gets: KVM saves none of its registers */
	{ "ID_AA64PFR0_EL1", "CSV2", 0, 0, 0, 1 }, /* 2 comes with SCXTNUM_ELx */
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

/* What else a vCPU feature, a vGIC or MTE may change */
static const struct rule changes[] = {
	{ "ID_AA64PFR1_EL1", "MTEX", 0, 0, 0, ANY },
	{ "ID_AA64PFR2_EL1", "MTEFAR", 0, 0, 0, ANY },
	{ "ID_AA64PFR2_EL1", "MTESTOREONLY", 0, 0, 0, ANY },
	{ "ID_AA64PFR2_EL1", "GCIE", 0, 0, 0, ANY },
};

static bool names_field(const struct rule *rule, const struct id_reg_field *field)
{
	return !strcmp(rule->reg, field->reg) &&
	       (!rule->field || !strcmp(rule->field, field->name));
}

static bool may_differ(const struct id_reg_field *field)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if ((rules[i].with | rules[i].without) && names_field(&rules[i], field))
			return true;
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		if (names_field(&changes[i], field))
			return true;
	return false;
}

FIXTURE(features)
{
	struct test_vm *vm;
	u32 has;
	struct id_view first, view; /* before and after the first run */
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
	id_user_view(self->vm->vcpu[0], &self->first);
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
	if (kvm_has_cap(KVM_CAP_ARM_INJECT_SERROR_ESR))
		self->has |= HAS_RAS;
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

/* A host that is not affected says so to its guests, and only such a host does */
TEST_F(features, unaffected_host_says_so)
{
	static const struct {
		const char *file, *state;
		struct rule rule;
	} issues[] = {
		{ "spectre_v2", "Not affected", { "ID_AA64PFR0_EL1", "CSV2", 0, 0, 1, ANY } },
		{ "spectre_v2", "Mitigation: CSV2", { "ID_AA64PFR0_EL1", "CSV2", 0, 0, 1, ANY } },
		{ "spectre_v2", "Mitigation: Branch", { "ID_AA64PFR0_EL1", "CSV2", 0, 0, 0, 0 } },
		{ "spectre_v2", "Vulnerable\n", { "ID_AA64PFR0_EL1", "CSV2", 0, 0, 0, 0 } },
		{ "meltdown", "Not affected", { "ID_AA64PFR0_EL1", "CSV3", 0, 0, 1, ANY } },
		{ "meltdown", "Mitigation", { "ID_AA64PFR0_EL1", "CSV3", 0, 0, 0, 0 } },
		{ "meltdown", "Vulnerable", { "ID_AA64PFR0_EL1", "CSV3", 0, 0, 0, 0 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(issues); i++)
		if (host_issue_is(issues[i].file, issues[i].state))
			expect_rule(_metadata, &issues[i].rule, &self->view);
}

/* The fields start at what the system supports, also before the first run */
TEST_F(features, there_is_no_gic_at_first_that_the_host_has_not)
{
	static const struct {
		u32 type;
		struct rule rule;
	} gics[] = {
		{ KVM_DEV_TYPE_ARM_VGIC_V3, { "ID_AA64PFR0_EL1", "GIC", 0, 0, 0, 0 } },
		{ KVM_DEV_TYPE_ARM_VGIC_V3, { "ID_PFR1_EL1", "GIC", 0, 0, 0, 0 } },
		{ ABI_DEV_TYPE_VGIC_V5, { "ID_AA64PFR2_EL1", "GCIE", 0, 0, 0, 0 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gics); i++)
		if (!host_has_vgic(gics[i].type))
			expect_rule(_metadata, &gics[i].rule, &self->first);
}

/* A feature changes its own fields: all others are as in a VM without any */
TEST_F(features, other_fields_are_those_of_a_plain_vm)
{
	const struct id_reg_field *field = NULL;
	struct id_view plain;
	struct test_vm *vm;
	u64 val, want;

	if (variant->features & FEAT_EL2)
		SKIP(return, "EL2 limits other features");
	vm = test_vm_create(1, 0, VM_NO_VGIC);
	id_user_view(vm->vcpu[0], &plain);
	while ((field = id_reg_next(field))) {
		if (field->id < ID_SPACE_REG(8) || field->id >= ID_SPACE_REG(ID_SPACE) ||
		    may_differ(field))
			continue;
		val = id_view_field(&self->first, field->reg, field->name);
		want = id_view_field(&plain, field->reg, field->name);
		EXPECT_EQ(want, val)
		{
			TH_LOG("%s is %#lx; expected %#lx as in a VM without features, since none of this VM's has it",
			       id_field_str(field), val, want);
			count_failure(_metadata);
		}
	}
	test_vm_free(vm);
}

#define MRS_READER(reg)                                                                            \
	static u64 mrs_##reg(void)                                                                 \
	{                                                                                          \
		u64 val;                                                                           \
		asm volatile("mrs %0, " #reg : "=r"(val));                                         \
		return val;                                                                        \
	}

MRS_READER(S3_0_C0_C4_0)
MRS_READER(S3_0_C0_C4_1)
MRS_READER(S3_0_C0_C6_0)
MRS_READER(S3_0_C0_C6_1)
MRS_READER(S3_0_C0_C6_2)
MRS_READER(S3_0_C0_C7_0)
MRS_READER(S3_0_C0_C7_1)
MRS_READER(S3_0_C0_C7_2)

/*
 * The fields that the host's kernel shows to its programs [cpu-feature-registers.rst], save for
 * those that depend on a feature of the VM, LS64, which kernels withhold from guests, and WFxT,
 * which they do where CNTVOFF_EL2 is broken.
 */
static const struct {
	const char *reg;
	u64 (*mrs)(void);
	const char *const *fields;
} host_fields[] = {
	{ "ID_AA64PFR0_EL1", mrs_S3_0_C0_C4_0,
	  (const char *const[]){ "DIT", "AdvSIMD", "FP", NULL } },
	{ "ID_AA64PFR1_EL1", mrs_S3_0_C0_C4_1, (const char *const[]){ "SSBS", "BT", NULL } },
	{ "ID_AA64ISAR0_EL1", mrs_S3_0_C0_C6_0,
	  (const char *const[]){ "RNDR", "TS", "FHM", "DP", "SM4", "SM3", "SHA3", "RDM", "ATOMIC",
				 "CRC32", "SHA2", "SHA1", "AES", NULL } },
	{ "ID_AA64ISAR1_EL1", mrs_S3_0_C0_C6_1,
	  (const char *const[]){ "I8MM", "DGH", "BF16", "SB", "FRINTTS", "LRCPC", "FCMA", "JSCVT",
				 "DPB", NULL } },
	{ "ID_AA64ISAR2_EL1", mrs_S3_0_C0_C6_2,
	  (const char *const[]){ "CSSC", "RPRFM", "BC", "MOPS", "RPRES", NULL } },
	{ "ID_AA64MMFR0_EL1", mrs_S3_0_C0_C7_0, (const char *const[]){ "ECV", NULL } },
	{ "ID_AA64MMFR1_EL1", mrs_S3_0_C0_C7_1, (const char *const[]){ "AFP", NULL } },
	{ "ID_AA64MMFR2_EL1", mrs_S3_0_C0_C7_2, (const char *const[]){ "AT", NULL } },
};

#define HWCAP_CPUID_BIT BIT(11) /* programs may read ID registers */

/* The fields start at the maximum that the system supports */
TEST_F(features, guest_has_what_programs_of_the_host_have)
{
	const struct id_reg_field *field;
	const char *const *name;
	unsigned int i;
	u64 host, val;

	if (variant->features & FEAT_EL2)
		SKIP(return, "EL2 limits other features");
	if (!(getauxval(AT_HWCAP) & HWCAP_CPUID_BIT))
		SKIP(return, "this kernel shows no ID registers to its programs");
	for (i = 0; i < ARRAY_SIZE(host_fields); i++) {
		for (name = host_fields[i].fields; *name; name++) {
			field = id_reg_find(host_fields[i].reg, *name);
			host = id_field_get(field, host_fields[i].mrs());
			val = id_view_field(&self->first, field->reg, field->name);
			/* -1, which is nothing, becomes 0 */
			if (field->is_signed) {
				host = (host + 1) & 15;
				val = (val + 1) & 15;
			}
			EXPECT_LE(host, val)
			{
				TH_LOG("%s is less for guests than for programs of the host: %#lx and %#lx%s; expected the host's or more",
				       id_field_str(field), val, host,
				       field->is_signed ? ", counted from -1" : "");
				count_failure(_metadata);
			}
		}
	}
}

/* Both say the same PMU: PMUv3 is 1 in AArch64 and 3 in AArch32, and later ones have one number */
TEST_F(features, pmu_is_the_same_for_aarch32)
{
	u64 pmuver = id_view_field(&self->view, "ID_AA64DFR0_EL1", "PMUVer");
	u64 perfmon = id_view_field(&self->view, "ID_DFR0_EL1", "PerfMon");
	u64 want = pmuver == 1 ? 3 : pmuver;

	if (!(self->has & HAS_AARCH32) || !(variant->features & FEAT_PMU))
		SKIP(return, "this VM has no PMU or no AArch32");
	EXPECT_EQ(want, perfmon)
	{
		TH_LOG("ID_DFR0_EL1.PerfMon is %#lx; expected %#lx, since ID_AA64DFR0_EL1.PMUVer is %#lx",
		       perfmon, want, pmuver);
	}
}

/* Less than 0 is -1, that there is nothing; only E2H0 has other such values [Arm ARM D24.1.3] */
TEST_F(features, signed_fields_have_no_value_below_nothing)
{
	const struct id_reg_field *field = NULL;
	u64 val;

	while ((field = id_reg_next(field))) {
		if (!field->is_signed || !strcmp(field->name, "E2H0"))
			continue;
		val = id_view_field(&self->view, field->reg, field->name);
		EXPECT_TRUE(val <= 7 || val == 15)
		{
			TH_LOG("%s is %#lx; expected up to 7, or 15", id_field_str(field), val);
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
