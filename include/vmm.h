/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM saved and restored as a VMM does it; how VMMs differ is data.
 */
#ifndef GUEST_ABI_VMM_H
#define GUEST_ABI_VMM_H

#include "shape.h"
#include "state.h"

/**
 * vm_start() - bring a VM of guest_shape_create() to life
 *
 * Gives each vCPU stolen time where the host has it, and has the first vCPU start the
 * second.
 */
void vm_start(struct test_vm *vm, struct state *state);

/**
 * vm_fill() - fill registers that nothing else depends on with values that can be told
 * from those of a fresh VM
 */
void vm_fill(struct test_vm *vm);

/**
 * vm_save() - everything that a VMM carries: listed registers, the vGIC, the rest
 * @state: gets it; has the release, the shape and what vm_start() said already
 *
 * No vCPU may be running.
 */
void vm_save(struct test_vm *vm, struct state *state);

/** state_new() - a state of a shape on this host, without registers and answers yet */
struct state *state_new(const struct guest_shape *shape);

/** vmm_rank_qemu() - core and SVE registers behind all others, as QEMU has them */
u64 vmm_rank_qemu(u64 id);

/* A register that the destination may lack */
struct vmm_tolerance {
	u64 id;
	bool if_zero; /* only if it was zero on the source */
	const char *why; /* one word */
};

/* How a VMM restores a VM */
struct vmm_manner {
	const char *name;
	const char *text; /* one sentence */
	const char *source; /* where that is read off */
	u64 (*rank)(u64 id); /* registers of a lower rank first; NULL: as saved */
	bool by_id; /* registers of one rank by their ids, else as saved */
	bool (*carries)(u64 id); /* NULL: every listed register */
	const struct vmm_tolerance *tolerates; /* ends with a row whose why is NULL */
	bool needs_known; /* refuses a saved register that the destination does not list */
	bool tries_all; /* a refusal fails the restore, but the rest is written */
	bool vgic_first; /* restores the vGIC before the vCPUs, else behind them */
	bool skips_iidr; /* does not carry GICD_IIDR and GICD_TYPER2 */
	bool aware; /* the rules of docs/rollback.md */
};

extern const struct vmm_manner vmm_manners[];
extern const unsigned int nr_vmm_manners;

/** vmm_manner() - a manner by its name, or NULL */
const struct vmm_manner *vmm_manner(const char *name);

enum vmm_verdict {
	VMM_SAME, /* the guest finds everything as it was */
	VMM_CHANGED, /* the guest runs, and sees changes */
	VMM_REFUSED, /* KVM, or the VMM's own rule, refused a value */
};

/**
 * vm_restore() - make a fresh VM and restore a state in a manner
 * @out: where to print
 * @vm: gets the VM, to be freed
 *
 * Prints a line for each register that is refused, tolerated, zeroed or differs
 * afterwards; docs/rollback.md lists their words.
 */
enum vmm_verdict vm_restore(const struct state *state, const struct guest_shape *shape,
			    const struct vmm_manner *manner, FILE *out, struct test_vm **vm);

/** vm_compare() - have the guest ask again, and print a line for each changed answer */
enum vmm_verdict vm_compare(struct test_vm *vm, const struct state *state, FILE *out);

#endif /* GUEST_ABI_VMM_H */
