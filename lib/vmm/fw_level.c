// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware of an older kernel, chosen for a fresh VM.
 */
#include <errno.h>
#include <string.h>

#include "host.h"
#include "kvm_reg.h"
#include "psci.h"
#include "reg_history.h"
#include "vgic.h"
#include "vmm/fw_level.h"
#include "vmm/query.h"

#define MAX_CHANGES 3

/* A value that kernels give a guest from a release on, or all before the next */
struct fw_since {
	unsigned int since; /* as SERIES() has it */
	u64 val;
};

/*
 * fw-pseudo-registers.rst and docs/contract.md have the values. That a service was
 * there before its register: stolen time since 5.5, TRNG since 5.12, the UID call and
 * PTP since 5.13.
 */
static const struct fw_since psci_levels[MAX_CHANGES] = {
	{ 0, ABI_PSCI_1_0 },
	{ SERIES(5, 18), ABI_PSCI_1_1 },
	{ SERIES(6, 13), ABI_PSCI_1_3 },
};

static const struct fw_since bmap_levels[NR_BMAPS][MAX_CHANGES] = {
	[BMAP_STD] = { { 0, 0 }, { SERIES(5, 12), ABI_STD_TRNG } },
	[BMAP_STD_HYP] = { { 0, 0 }, { SERIES(5, 5), ABI_STD_HYP_PV_TIME } },
	[BMAP_VENDOR_HYP] = { { 0, 0 },
			      { SERIES(5, 13), ABI_VENDOR_HYP_FEATURES | ABI_VENDOR_HYP_PTP } },
	[BMAP_VENDOR_HYP_2] = { { 0, 0 } },
};

static const struct fw_since iidr_levels[MAX_CHANGES] = {
	{ 0, ABI_IIDR(ABI_IIDR_FIRST) },
	{ SERIES(5, 19), ABI_IIDR(ABI_IIDR_LPI) },
};

static u64 value_in(const struct fw_since levels[MAX_CHANGES], unsigned int release)
{
	u64 val = levels[0].val;
	unsigned int i;

	for (i = 1; i < MAX_CHANGES && levels[i].since; i++)
		if (release >= levels[i].since)
			val = levels[i].val;
	return val;
}

/* Print the line about a write, and keep why it failed */
static void wrote(struct fw_level *level, const char *what, const char *reg, u64 val, int err,
		  bool lacking, FILE *out)
{
	if (!err) {
		fprintf(out, "set %s value=%#lx\n", what, val);
		return;
	}
	fprintf(out, "cannot %s value=%#lx errno=%s\n", what, val, err_str(err));
	if (lacking) {
		level->lacking = true;
	} else if (!level->refused.err) {
		level->refused.reg = reg;
		level->refused.val = val;
		level->refused.err = err;
	}
}

static void choose_psci(struct test_vm *vm, struct fw_level *level, FILE *out)
{
	/* Its value at reset is the newest version that this kernel has */
	bool lacking = level->psci > reg_get(vm->vcpu[0], ABI_PSCI_VERSION);
	int err = __reg_set(vm->vcpu[0], ABI_PSCI_VERSION, level->psci);
	char what[80];

	snprintf(what, sizeof(what), "reg=PSCI_VERSION id=%#llx", ABI_PSCI_VERSION);
	wrote(level, what, "PSCI_VERSION", level->psci, err, lacking, out);
}

static void choose_bitmap(struct test_vm *vm, struct fw_level *level, unsigned int b, FILE *out)
{
	const struct fw_reg *reg = &fw_bitmaps[b].reg;
	u64 val = level->cfg.bmap[b];
	int err = __reg_set(vm->vcpu[0], reg->id, val);
	char what[80];

	/* A kernel without the register may have just these services */
	if (err == -ENOENT && level->cfg.present[b] == val)
		return;
	snprintf(what, sizeof(what), "reg=%s id=%#lx", reg_name(reg->id), reg->id);
	wrote(level, what, reg->name, val, err, err == -ENOENT, out);
}

static void choose_iidr(struct test_vm *vm, struct fw_level *level, FILE *out)
{
	/* As for PSCI_VERSION */
	bool lacking = level->iidr > vgic_get(vm, 0, &vgic_iidr);
	int err = __vgic_set(vm, 0, &vgic_iidr, level->iidr);
	char what[80];

	snprintf(what, sizeof(what), "device=vgic group=%u attr=%#x name=GICD_IIDR",
		 KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR);
	wrote(level, what, "GICD_IIDR", level->iidr, err, lacking, out);
}

int fw_level_choose(struct test_vm *vm, unsigned int release, struct fw_level *level, FILE *out)
{
	unsigned int b;

	*level = (struct fw_level){ .psci = value_in(psci_levels, release) };
	host_fw(&level->cfg);
	choose_psci(vm, level, out);
	for (b = 0; b < NR_BMAPS; b++) {
		level->cfg.bmap[b] = value_in(bmap_levels[b], release);
		choose_bitmap(vm, level, b, out);
	}
	if (vm->vgic_fd >= 0) {
		level->iidr = value_in(iidr_levels, release);
		choose_iidr(vm, level, out);
	}
	return level->refused.err ?: level->lacking ? -ENOENT : 0;
}

/* Check the answer @name; report it to @out if it is not the expected one */
static bool check(const struct state *now, const char *name, const struct smccc_expect *e,
		  FILE *out)
{
	const struct state_answer *answer = state_answer(now, name);
	struct state_answer want = { .trapped = false };

	if (answer && !answer->trapped && smccc_matches(e, answer->x))
		return true;
	memcpy(want.x, e->val, sizeof(want.x));
	fprintf(out, "changed probe=%s expected=%s now=%s\n", name, state_answer_str(&want),
		answer ? state_answer_str(answer) : "-");
	return false;
}

/* Check that the answer @name is @x0, with zero in x1 to x3 */
static bool check_x0(const struct state *now, const char *name, u64 x0, FILE *out)
{
	const struct smccc_expect e = { { x0 }, { ~0ULL, ~0ULL, ~0ULL, ~0ULL } };

	return check(now, name, &e, out);
}

static bool check_calls(struct test_vm *vm, const struct state *now, const struct fw_level *level,
			FILE *out)
{
	struct fw_config cfg = level->cfg;
	char name[STATE_WORD];
	struct smccc_expect e;
	bool good = true;
	unsigned int i;

	cfg.stolen_time_ipa = now->vcpu[0].stolen_time;
	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		/* Whether a clock that is on is there depends on the host's clock, too */
		if (call->service == SVC_NONE ||
		    (call->answer == ANS_CLOCK && service_on(&cfg, call->service)))
			continue;
		smccc_expect(call, &cfg, vm->vcpu[0], CONDUIT_HVC, &e);
		query_call_name(name, CONDUIT_HVC, call);
		good &= check(now, name, &e, out);
	}
	return good;
}

bool fw_level_verify(struct test_vm *vm, const struct state *now, const struct fw_level *level,
		     FILE *out)
{
	bool good = check_calls(vm, now, level, out);
	enum psci_version version;
	char name[STATE_WORD];
	unsigned int i;

	good &= check_x0(now, "psci:PSCI_VERSION", level->psci, out);
	for (version = 0; version < NR_PSCI_VERSIONS; version++)
		if (psci_versions[version].value == level->psci)
			break;
	for (i = 0; i < nr_psci_functions; i++) {
		snprintf(name, sizeof(name), "psci:FEATURES(%s)", psci_functions[i].name);
		good &= check_x0(now, name, psci_features(version, psci_functions[i].id, false),
				 out);
	}
	if (level->iidr)
		good &= check_x0(now, "gicd:IIDR", level->iidr, out);
	return good;
}
