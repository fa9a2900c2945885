// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware of an older kernel, chosen for a fresh VM.
 */
#include <string.h>

#include "pin.h"
#include "probe.h"
#include "psci.h"
#include "reg_list.h"
#include "vgic.h"

#define PIN_MAX_CHANGES 4

/* A register by which a VMM chooses firmware, and what kernels gave guests in its place */
struct pin_row {
	const char *name;
	u64 id; /* 0: GICD_IIDR's revision */
	struct {
		unsigned int since; /* mainline release; 0: all before the next */
		u64 val;
	} change[PIN_MAX_CHANGES];
};

/*
 * fw-pseudo-registers.rst and docs/contract.md have the values. That a service was
 * there before its register: Stolen time since 5.5, TRNG since 5.12, the UID call and
 * PTP since 5.13.
 */
static const struct pin_row pin_rows[] = {
	{ "PSCI_VERSION",
	  ABI_PSCI_VERSION,
	  { { 0, ABI_PSCI_1_0 },
	    { SERIES(5, 18), ABI_PSCI_1_1 },
	    { SERIES(6, 13), ABI_PSCI_1_3 } } },
	{ "STD_BMAP", ABI_STD_BMAP, { { 0, 0 }, { SERIES(5, 12), ABI_STD_TRNG } } },
	{ "STD_HYP_BMAP", ABI_STD_HYP_BMAP, { { 0, 0 }, { SERIES(5, 5), ABI_STD_HYP_PV_TIME } } },
	{ "VENDOR_HYP_BMAP",
	  ABI_VENDOR_HYP_BMAP,
	  { { 0, 0 }, { SERIES(5, 13), ABI_VENDOR_HYP_FEATURES | ABI_VENDOR_HYP_PTP } } },
	{ "VENDOR_HYP_BMAP_2", ABI_VENDOR_HYP_BMAP_2, { { 0, 0 } } },
	{ "GICD_IIDR", 0, { { 0, ABI_IIDR(2) }, { SERIES(5, 19), ABI_IIDR(3) } } },
};

static u64 pin_value(const struct pin_row *row, unsigned int release)
{
	u64 val = row->change[0].val;
	unsigned int i;

	for (i = 1; i < PIN_MAX_CHANGES && row->change[i].since; i++)
		if (release >= row->change[i].since)
			val = row->change[i].val;
	return val;
}

/* Returns whether the VM now has what the row wants, and tells @out what a VMM has to do */
static bool pin_write(struct test_vm *vm, const struct fw_config *host, const struct pin_row *row,
		      u64 val, FILE *out)
{
	unsigned int b;
	int err;

	if (!row->id) {
		if (vm->vgic_fd < 0)
			return true;
		err = __vgic_set(vm, 0, &vgic_iidr, val);
		fprintf(out, "%s device=vgic group=%u attr=%#x name=GICD_IIDR value=%#lx",
			err ? "cannot" : "set", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR, val);
	} else {
		err = __reg_set(vm->vcpu[0], row->id, val);
		for (b = 0; b < NR_BMAPS; b++)
			if (fw_bitmaps[b].id == row->id && err == -ENOENT &&
			    host->present[b] == val)
				return true; /* without a register, but so */
		fprintf(out, "%s reg=%s id=%#lx value=%#lx", err ? "cannot" : "set", row->name,
			row->id, val);
	}
	if (err)
		fprintf(out, " errno=%s", strerrorname_np(-err));
	fprintf(out, "\n");
	return !err;
}

bool pin_apply(struct test_vm *vm, unsigned int release, struct pinned *pinned, FILE *out)
{
	struct fw_config host;
	bool good = true;
	unsigned int i, b;

	fw_probe(&host);
	pinned->cfg = host;
	pinned->iidr = 0;
	for (i = 0; i < ARRAY_SIZE(pin_rows); i++) {
		u64 val = pin_value(&pin_rows[i], release);

		good &= pin_write(vm, &host, &pin_rows[i], val, out);
		if (pin_rows[i].id == ABI_PSCI_VERSION)
			pinned->psci = val;
		if (!pin_rows[i].id && vm->vgic_fd >= 0)
			pinned->iidr = val;
		for (b = 0; b < NR_BMAPS; b++)
			if (fw_bitmaps[b].id == pin_rows[i].id)
				pinned->cfg.bmap[b] = val;
	}
	return good;
}

/* Whether two answers to a call are alike, as far as the answer is not by chance */
static bool pin_expect(const struct state *now, const char *name, u64 x0, FILE *out)
{
	const struct state_probe *probe = state_probe(now, name);

	if (probe && !probe->trapped && probe->x[0] == x0)
		return true;
	fprintf(out, "changed probe=%s expected=%#lx now=%s\n", name, x0,
		probe ? state_answer_str(probe) : "-");
	return false;
}

bool pin_verify(const struct state *now, const struct pinned *pinned, FILE *out)
{
	const struct fw_config *cfg = &pinned->cfg;
	enum psci_version version;
	bool good = true;
	unsigned int i;
	char name[STATE_WORD];

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const struct state_probe *probe;
		bool on = service_on(cfg, call->service);

		/* a clock waits for the host's, and is not chosen alone */
		if (call->service == SVC_NONE || (on && call->answer == ANS_CLOCK))
			continue;
		probe_call_name(name, CONDUIT_HVC, call);
		if (!on) {
			good &= pin_expect(now, name, ABI_NOT_SUPPORTED, out);
			continue;
		}
		probe = state_probe(now, name);
		if (probe && probe->x[0] != ABI_NOT_SUPPORTED)
			continue;
		fprintf(out, "changed probe=%s expected=an-answer now=%s\n", name,
			probe ? state_answer_str(probe) : "-");
		good = false;
	}
	good &= pin_expect(now, "psci:PSCI_VERSION", pinned->psci, out);
	for (version = 0; version < NR_PSCI_VERSIONS; version++)
		if (psci_versions[version].value == pinned->psci)
			break;
	for (i = 0; i < nr_psci_functions; i++) {
		snprintf(name, sizeof(name), "psci:FEATURES(%s)", psci_functions[i].name);
		good &= pin_expect(now, name, psci_features(version, psci_functions[i].id, false),
				   out);
	}
	if (pinned->iidr)
		good &= pin_expect(now, "gicd:IIDR", pinned->iidr, out);
	return good;
}
