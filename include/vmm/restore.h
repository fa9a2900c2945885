/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restore a VM as a model of a VMM does it, and compare what the guest finds.
 */
#ifndef GUEST_ABI_VMM_RESTORE_H
#define GUEST_ABI_VMM_RESTORE_H

#include "vm_config.h"
#include "vmm/models.h"
#include "vmm/state.h"

enum vmm_outcome {
	VMM_SAME, /* the guest finds everything as it was */
	VMM_CHANGED, /* the guest runs, and sees changes */
	VMM_REFUSED, /* KVM, or the VMM's own rule, refused a value */
};

/**
 * vmm_restore() - make a fresh VM and restore a state to it
 * @config: of the VM; its vGIC is that of @state
 * @out: gets a line for each register that is refused, tolerated, zeroed or differs
 *       afterwards; docs/rollback.md lists their words
 * @vm: gets the VM, to be freed; NULL if this host has no such vGIC
 */
enum vmm_outcome vmm_restore(const struct state *state, const struct vm_config *config,
			     const struct vmm_model *model, FILE *out, struct test_vm **vm);

/** vmm_compare() - have the guest ask again, and print a line for each changed answer */
enum vmm_outcome vmm_compare(struct test_vm *vm, const struct state *state, FILE *out);

#endif /* GUEST_ABI_VMM_RESTORE_H */
