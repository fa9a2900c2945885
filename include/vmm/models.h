/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models of VMMs: how each restores a VM, as data.
 */
#ifndef GUEST_ABI_VMM_MODELS_H
#define GUEST_ABI_VMM_MODELS_H

#include <stdbool.h>
#include <linux/types.h>

#include "vmm/state.h"

/** vmm_rank_qemu() - QEMU's order: core and SVE registers after all others */
u64 vmm_rank_qemu(u64 id);

/* A register that the destination may lack */
struct vmm_tolerance {
	u64 id;
	bool if_zero; /* only if it was zero on the source */
	const char *why; /* one word */
};

/* What a VMM does about a saved register that the destination does not list */
enum vmm_unlisted {
	UNLISTED_WRITTEN, /* writes it, as any other */
	UNLISTED_QEMU_10, /* see vmm_unlisted_refused() */
	UNLISTED_QEMU_11,
};

struct vmm_model {
	const char *name;
	const char *text; /* one sentence */
	const char *source; /* where that was read */
	u64 (*rank)(u64 id); /* registers of a lower rank first; NULL: as saved */
	bool by_id; /* registers of one rank by their ids, else as saved */
	bool (*carries)(u64 id); /* NULL: every listed register */
	const struct vmm_tolerance *tolerates; /* ends with a row whose why is NULL */
	enum vmm_unlisted unlisted;
	bool tries_all; /* a refusal fails the restore, but the rest is written */
	bool vgic_first; /* restores the vGIC before the vCPUs, else after them */
	bool skips_iidr; /* does not carry GICD_IIDR and GICD_TYPER2 */
	bool aware; /* follows the rules of docs/rollback.md */
};

extern const struct vmm_model vmm_models[];
extern const unsigned int nr_vmm_models;

/**
 * vmm_unlisted_refused() - the saved register at which the VMM refuses a vCPU's state, since
 * the destination does not have it
 * @id: the @nr registers that the destination lists
 *
 * Return: NULL if it goes on without those
 */
const struct reg_value *vmm_unlisted_refused(const struct vmm_model *model,
					     const struct state_vcpu *vcpu, const __u64 *id,
					     u64 nr);

/** vmm_tolerates() - why the VMM may do without a register that the destination lacks, or NULL */
const char *vmm_tolerates(const struct vmm_model *model, const struct reg_value *reg);

/** vmm_model() - a model by its name, or NULL */
const struct vmm_model *vmm_model(const char *name);

#endif /* GUEST_ABI_VMM_MODELS_H */
