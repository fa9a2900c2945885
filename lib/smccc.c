// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall contract: the tables, then the functions that read them.
 */
#include <string.h>

#include "kvm_reg.h"
#include "smccc.h"

/* clang-format off */

/* Documentation/virt/kvm/arm/fw-pseudo-registers.rst, "Bitmap Feature Firmware Registers" */
const struct fw_bitmap fw_bitmaps[NR_BMAPS] = {
	[BMAP_STD] = {
		.reg = { "KVM_REG_ARM_STD_BMAP", ABI_STD_BMAP },
		.accepted = ABI_STD_TRNG,
		.reset = ABI_STD_TRNG,
	},
	[BMAP_STD_HYP] = {
		.reg = { "KVM_REG_ARM_STD_HYP_BMAP", ABI_STD_HYP_BMAP },
		.accepted = ABI_STD_HYP_PV_TIME,
		.reset = ABI_STD_HYP_PV_TIME,
	},
	[BMAP_VENDOR_HYP] = {
		.reg = { "KVM_REG_ARM_VENDOR_HYP_BMAP", ABI_VENDOR_HYP_BMAP },
		.accepted = ABI_VENDOR_HYP_FEATURES | ABI_VENDOR_HYP_PTP,
		.reset = ABI_VENDOR_HYP_FEATURES | ABI_VENDOR_HYP_PTP,
	},
	[BMAP_VENDOR_HYP_2] = {
		.reg = { "KVM_REG_ARM_VENDOR_HYP_BMAP_2", ABI_VENDOR_HYP_BMAP_2 },
		.accepted = ABI_VENDOR_HYP_2_IMPL_VER | ABI_VENDOR_HYP_2_IMPL_CPUS,
		.reset = 0,
	},
};

const struct fw_service fw_services[NR_SERVICES] = {
	[SVC_NONE] = { "ungated", BMAP_NONE, 0, 0, 0 },
	[SVC_NEVER] = { "not KVM's own", BMAP_NONE, 0, 0, 0 },
	[SVC_TRNG] = { "TRNG", BMAP_STD, ABI_STD_TRNG, ABI_TRNG_VERSION, 0 },
	/* PV_TIME_FEATURES is NOT_SUPPORTED without an IPA, so ask ARCH_FEATURES */
	[SVC_PV_TIME] = { "PV time", BMAP_STD_HYP, ABI_STD_HYP_PV_TIME, ABI_ARCH_FEATURES,
			  ABI_PV_TIME_FEATURES },
	[SVC_KVM_FEATURES] = { "KVM features and UID", BMAP_VENDOR_HYP, ABI_VENDOR_HYP_FEATURES,
			       ABI_KVM_CALL_UID, 0 },
	[SVC_PTP] = { "PTP", BMAP_VENDOR_HYP, ABI_VENDOR_HYP_PTP, ABI_KVM_PTP, ABI_PTP_VIRTUAL },
};

/* A call of a service that is off answers NOT_SUPPORTED, and zeros in x1 to x3 */
const struct smccc_call smccc_calls[] = {
	{ "SMCCC_VERSION", ABI_SMCCC_VERSION, 0, SVC_NONE, ANS_EXACT, { ABI_SMCCC_VERSION_1_1 } },

	{ "ARCH_FEATURES(ARCH_WORKAROUND_1)",
	  ABI_ARCH_FEATURES,
	  ABI_ARCH_WORKAROUND_1,
	  SVC_NONE,
	  ANS_WORKAROUND,
	  { 1 } },
	{ "ARCH_FEATURES(ARCH_WORKAROUND_2)",
	  ABI_ARCH_FEATURES,
	  ABI_ARCH_WORKAROUND_2,
	  SVC_NONE,
	  ANS_WORKAROUND,
	  { 2 } },
	{ "ARCH_FEATURES(ARCH_WORKAROUND_3)",
	  ABI_ARCH_FEATURES,
	  ABI_ARCH_WORKAROUND_3,
	  SVC_NONE,
	  ANS_WORKAROUND,
	  { 3 } },
	{ "ARCH_FEATURES(PV_TIME_FEATURES)",
	  ABI_ARCH_FEATURES,
	  ABI_PV_TIME_FEATURES,
	  SVC_PV_TIME,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "ARCH_FEATURES(ARCH_SOC_ID)",
	  ABI_ARCH_FEATURES,
	  ABI_ARCH_SOC_ID,
	  SVC_NEVER,
	  ANS_EXACT,
	  { 0 } },
	{ "ARCH_SOC_ID", ABI_ARCH_SOC_ID, 0, SVC_NEVER, ANS_EXACT, { 0 } },

	{ "TRNG_VERSION", ABI_TRNG_VERSION, 0, SVC_TRNG, ANS_EXACT, { ABI_TRNG_VERSION_1_0 } },
	{ "TRNG_FEATURES(TRNG_VERSION)",
	  ABI_TRNG_FEATURES,
	  ABI_TRNG_VERSION,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "TRNG_FEATURES(TRNG_FEATURES)",
	  ABI_TRNG_FEATURES,
	  ABI_TRNG_FEATURES,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "TRNG_FEATURES(TRNG_GET_UUID)",
	  ABI_TRNG_FEATURES,
	  ABI_TRNG_GET_UUID,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "TRNG_FEATURES(TRNG_RND32)",
	  ABI_TRNG_FEATURES,
	  ABI_TRNG_RND32,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "TRNG_FEATURES(TRNG_RND64)",
	  ABI_TRNG_FEATURES,
	  ABI_TRNG_RND64,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "TRNG_FEATURES(0x84000054)", ABI_TRNG_FEATURES, 0x84000054, SVC_NEVER, ANS_EXACT, { 0 } },
	{ "TRNG_FEATURES(0xc4000050)", ABI_TRNG_FEATURES, 0xc4000050, SVC_NEVER, ANS_EXACT, { 0 } },
	{ "TRNG_FEATURES(0)", ABI_TRNG_FEATURES, 0, SVC_NEVER, ANS_EXACT, { 0 } },
	{ "TRNG_GET_UUID", ABI_TRNG_GET_UUID, 0, SVC_TRNG, ANS_EXACT, ABI_TRNG_UUID },
	{ "TRNG_RND32(96)", ABI_TRNG_RND32, ABI_TRNG_RND32_MAX, SVC_TRNG, ANS_RND32, { 0 } },
	{ "TRNG_RND64(192)", ABI_TRNG_RND64, ABI_TRNG_RND64_MAX, SVC_TRNG, ANS_RND64, { 0 } },
	{ "TRNG_RND32(0)", ABI_TRNG_RND32, 0, SVC_TRNG, ANS_EXACT, { ABI_SUCCESS } },
	{ "TRNG_RND64(0)", ABI_TRNG_RND64, 0, SVC_TRNG, ANS_EXACT, { ABI_SUCCESS } },
	{ "TRNG_RND64(193)",
	  ABI_TRNG_RND64,
	  ABI_TRNG_RND64_MAX + 1,
	  SVC_TRNG,
	  ANS_EXACT,
	  { ABI_TRNG_INVALID } },

	{ "PV_TIME_FEATURES(PV_TIME_FEATURES)",
	  ABI_PV_TIME_FEATURES,
	  ABI_PV_TIME_FEATURES,
	  SVC_PV_TIME,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "PV_TIME_FEATURES(PV_TIME_ST)",
	  ABI_PV_TIME_FEATURES,
	  ABI_PV_TIME_ST,
	  SVC_PV_TIME,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "PV_TIME_FEATURES(0)", ABI_PV_TIME_FEATURES, 0, SVC_NEVER, ANS_EXACT, { 0 } },
	{ "PV_TIME_FEATURES(0xc5000022)",
	  ABI_PV_TIME_FEATURES,
	  0xc5000022,
	  SVC_NEVER,
	  ANS_EXACT,
	  { 0 } },
	{ "PV_TIME_ST", ABI_PV_TIME_ST, 0, SVC_PV_TIME, ANS_STOLEN_TIME_IPA, { 0 } },

	{ "KVM_FEATURES", ABI_KVM_FEATURES, 0, SVC_KVM_FEATURES, ANS_BITMAPS, { 0 } },
	{ "CALL_UID", ABI_KVM_CALL_UID, 0, SVC_KVM_FEATURES, ANS_EXACT, ABI_KVM_UID },
	{ "PTP(virtual counter)", ABI_KVM_PTP, ABI_PTP_VIRTUAL, SVC_PTP, ANS_CLOCK, { 0 } },
	{ "PTP(physical counter)", ABI_KVM_PTP, ABI_PTP_PHYSICAL, SVC_PTP, ANS_CLOCK, { 0 } },
	{ "PTP(2)", ABI_KVM_PTP, 2, SVC_NEVER, ANS_EXACT, { 0 } },
	/* Only ever answered by the VMM, through the SMCCC filter */
	{ "DISCOVER_IMPL_VER", ABI_KVM_IMPL_VER, 0, SVC_NEVER, ANS_EXACT, { 0 } },
	{ "DISCOVER_IMPL_CPUS", ABI_KVM_IMPL_CPUS, 0, SVC_NEVER, ANS_EXACT, { 0 } },
};

const unsigned int nr_smccc_calls = ARRAY_SIZE(smccc_calls);

/*
 * The answer of ARCH_FEATURES about a workaround, by the level of its firmware register
 * [fw-pseudo-registers.rst, DEN0028 7.5 to 7.7].
 */
static const struct {
	unsigned int reg, level;
	u64 x0;
} workaround_answers[] = {
	{ 1, ABI_WORKAROUND_NOT_AVAIL, ABI_NOT_SUPPORTED },
	{ 1, ABI_WORKAROUND_AVAIL, ABI_SUCCESS },
	{ 1, ABI_WORKAROUND_NOT_REQUIRED, ABI_UNAFFECTED },
	{ 2, ABI_WORKAROUND_NOT_AVAIL, ABI_NOT_SUPPORTED },
	{ 2, ABI_WORKAROUND_2_UNKNOWN, ABI_NOT_SUPPORTED },
	{ 2, ABI_WORKAROUND_2_AVAIL, ABI_SUCCESS },
	{ 2, ABI_WORKAROUND_2_NOT_REQUIRED, ABI_NOT_REQUIRED },
	{ 3, ABI_WORKAROUND_NOT_AVAIL, ABI_NOT_SUPPORTED },
	{ 3, ABI_WORKAROUND_AVAIL, ABI_SUCCESS },
	{ 3, ABI_WORKAROUND_NOT_REQUIRED, ABI_UNAFFECTED },
};

/* The levels at which fw-pseudo-registers.rst has the call "available to the guest" */
const struct smccc_workaround smccc_workarounds[3] = {
	{ ABI_ARCH_WORKAROUND_1, 1, BIT(ABI_WORKAROUND_AVAIL) | BIT(ABI_WORKAROUND_NOT_REQUIRED) },
	{ ABI_ARCH_WORKAROUND_2, 2, BIT(ABI_WORKAROUND_2_AVAIL) },
	{ ABI_ARCH_WORKAROUND_3, 3, BIT(ABI_WORKAROUND_AVAIL) | BIT(ABI_WORKAROUND_NOT_REQUIRED) },
};

/* clang-format on */

void fw_apply(struct kvm_vcpu *vcpu, const struct fw_config *cfg)
{
	unsigned int i;

	for (i = 0; i < NR_BMAPS; i++) {
		if (cfg->has_reg[i])
			reg_set(vcpu, fw_bitmaps[i].reg.id, cfg->bmap[i]);
	}
}

bool fw_next(struct fw_config *cfg)
{
	unsigned int i;

	for (i = 0; i < NR_BMAPS; i++) {
		if (!cfg->has_reg[i])
			continue;
		/* the next subset of the accepted bits, 0 after the last */
		cfg->bmap[i] = next_subset(cfg->bmap[i], fw_bitmaps[i].accepted);
		if (cfg->bmap[i])
			return true;
	}
	return false;
}

static void fw_set_all(struct fw_config *cfg, bool on)
{
	unsigned int i;

	for (i = 0; i < NR_BMAPS; i++) {
		if (cfg->has_reg[i])
			cfg->bmap[i] = on ? fw_bitmaps[i].accepted : 0;
	}
}

void fw_all_off(struct fw_config *cfg)
{
	fw_set_all(cfg, false);
}

void fw_all_on(struct fw_config *cfg)
{
	fw_set_all(cfg, true);
}

u64 stolen_time_ipa(unsigned int cpu)
{
	return VM_RAM_DATA + cpu * ABI_PV_TIME_ALIGN;
}

int __set_stolen_time_ipa(struct kvm_vcpu *vcpu, u64 ipa)
{
	return __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, &ipa);
}

bool service_on(const struct fw_config *cfg, enum service service)
{
	const struct fw_service *svc = &fw_services[service];

	if (svc->bmap == BMAP_NONE)
		return service == SVC_NONE;
	return cfg->bmap[svc->bmap] & svc->bit;
}

static void expect_exactly(struct smccc_expect *expect, u64 x0, u64 x1, u64 x2, u64 x3)
{
	const u64 val[4] = { x0, x1, x2, x3 };

	memcpy(expect->val, val, sizeof(val));
	memset(expect->mask, 0xff, sizeof(expect->mask));
}

static void expect_workaround(struct smccc_expect *expect, struct kvm_vcpu *vcpu, unsigned int reg)
{
	unsigned int i;
	u64 level;

	expect_exactly(expect, 0, 0, 0, 0);
	/* Without the register there is no level to compare the answer with */
	expect->mask[0] = 0;
	if (__reg_get(vcpu, ABI_REG_FW(reg), &level))
		return;

	for (i = 0; i < ARRAY_SIZE(workaround_answers); i++) {
		if (workaround_answers[i].reg == reg &&
		    workaround_answers[i].level == (level & ABI_WORKAROUND_LEVEL_MASK)) {
			expect->val[0] = workaround_answers[i].x0;
			expect->mask[0] = ~0ULL;
		}
	}
	TEST_ASSERT(expect->mask[0], "SMCCC_ARCH_WORKAROUND_%u has the unknown level %#lx", reg,
		    level);
}

void smccc_expect(const struct smccc_call *call, const struct fw_config *cfg, struct kvm_vcpu *vcpu,
		  enum conduit conduit, struct smccc_expect *expect)
{
	bool on = service_on(cfg, call->service);

	/* PV time answers once the VMM has set the IPA, PTP if host and guest share a clock */
	if ((call->id == ABI_PV_TIME_FEATURES || call->id == ABI_PV_TIME_ST) &&
	    !cfg->stolen_time_ipa)
		on = false;
	if (call->answer == ANS_CLOCK && !cfg->counter_clock)
		on = false;

	expect_exactly(expect, ABI_NOT_SUPPORTED, 0, 0, 0);
	if (conduit == CONDUIT_SMC && !cfg->smc) {
		/* Refused before any SMCCC handling: x1 to x3 are left alone */
		expect->val[1] = call->arg;
		return;
	}
	if (!on)
		return;

	switch (call->answer) {
	case ANS_EXACT:
		memcpy(expect->val, call->x, sizeof(expect->val));
		break;
	case ANS_RND32:
		expect->val[0] = ABI_SUCCESS;
		expect->mask[1] = ~0xffffffffULL;
		expect->mask[2] = ~0xffffffffULL;
		expect->mask[3] = ~0xffffffffULL;
		break;
	case ANS_RND64:
		expect->val[0] = ABI_SUCCESS;
		expect->mask[1] = 0;
		expect->mask[2] = 0;
		expect->mask[3] = 0;
		break;
	case ANS_BITMAPS:
		expect_exactly(expect, cfg->bmap[BMAP_VENDOR_HYP], 0, cfg->bmap[BMAP_VENDOR_HYP_2],
			       0);
		break;
	case ANS_STOLEN_TIME_IPA:
		expect->val[0] = cfg->stolen_time_ipa;
		break;
	case ANS_CLOCK:
		expect_exactly(expect, 0, 0, 0, 0);
		memset(expect->mask, 0, sizeof(expect->mask));
		expect->mask[0] = ~0x7fffffffULL; /* the time is positive until 2262 */
		expect->mask[1] = ~0xffffffffULL;
		expect->mask[2] = ~0xffffffffULL;
		expect->mask[3] = ~0xffffffffULL;
		break;
	case ANS_WORKAROUND:
		expect_workaround(expect, vcpu, call->x[0]);
		break;
	}
}

bool smccc_matches(const struct smccc_expect *expect, const u64 x[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if ((x[i] ^ expect->val[i]) & expect->mask[i])
			return false;
	}
	return true;
}

const struct smccc_call *smccc_call(u32 id, u64 arg)
{
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		if (smccc_calls[i].id == id && smccc_calls[i].arg == arg)
			return &smccc_calls[i];
	}
	return NULL;
}

const char *smccc_function_str(u32 id)
{
	static char text[32];
	unsigned int i;

	snprintf(text, sizeof(text), "function %#x", id);
	for (i = 0; i < nr_smccc_calls; i++) {
		const char *name = smccc_calls[i].name;

		/* without the argument that a row's name may end in */
		if (smccc_calls[i].id == id)
			snprintf(text, sizeof(text), "%.*s", (int)strcspn(name, "("), name);
	}
	return text;
}

bool smccc_is_psci(u32 id)
{
	u32 psci = id & ~ABI_CALL_64;

	return psci >= ABI_PSCI_FIRST && psci <= ABI_PSCI_LAST;
}

bool smccc_is_workaround(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(smccc_workarounds); i++) {
		if (smccc_workarounds[i].id == id)
			return true;
	}
	return false;
}

bool workaround_offered(struct kvm_vcpu *vcpu, const struct smccc_workaround *workaround)
{
	u64 level;

	return !__reg_get(vcpu, ABI_REG_FW(workaround->reg), &level) &&
	       workaround->offered & BIT(level & ABI_WORKAROUND_LEVEL_MASK);
}
