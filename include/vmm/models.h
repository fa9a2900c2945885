/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models of VMMs: how each restores a VM, as data.
 */
#ifndef GUEST_ABI_VMM_MODELS_H
#define GUEST_ABI_VMM_MODELS_H

#include <stdbool.h>
#include <linux/types.h>

/** vmm_rank_qemu() - QEMU's order: core and SVE registers after all others */
u64 vmm_rank_qemu(u64 id);

/* A register that the destination may lack */
struct vmm_tolerance {
	u64 id;
	bool if_zero; /* only if it was zero on the source */
	const char *why; /* one word */
};

struct vmm_model {
	const char *name;
	const char *text; /* one sentence */
	const char *source; /* where that was read */
	u64 (*rank)(u64 id); /* registers of a lower rank first; NULL: as saved */
	bool by_id; /* registers of one rank by their ids, else as saved */
	bool (*carries)(u64 id); /* NULL: every listed register */
	const struct vmm_tolerance *tolerates; /* ends with a row whose why is NULL */
	bool needs_known; /* refuses a saved register that the destination does not list */
	bool tries_all; /* a refusal fails the restore, but the rest is written */
	bool vgic_first; /* restores the vGIC before the vCPUs, else after them */
	bool skips_iidr; /* does not carry GICD_IIDR and GICD_TYPER2 */
	bool aware; /* follows the rules of docs/rollback.md */
};

extern const struct vmm_model vmm_models[];
extern const unsigned int nr_vmm_models;

/** vmm_model() - a model by its name, or NULL */
const struct vmm_model *vmm_model(const char *name);

#endif /* GUEST_ABI_VMM_MODELS_H */
