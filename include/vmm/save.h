/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Run a VM of vmm_create() and save it.
 */
#ifndef GUEST_ABI_VMM_SAVE_H
#define GUEST_ABI_VMM_SAVE_H

#include "vm_config.h"
#include "vmm/state.h"

/** state_new() - the state of a VM on this host, without registers and answers yet */
struct state *state_new(const struct vm_config *config);

/**
 * vmm_start() - make both vCPUs run
 * @state: gets the IPAs of the stolen time, which each vCPU is given if the host has it
 *
 * The first vCPU starts the second.
 */
void vmm_start(struct test_vm *vm, struct state *state);

/**
 * vmm_fill() - write values that a fresh VM does not have
 *
 * Only to registers that nothing else depends on.
 */
void vmm_fill(struct test_vm *vm);

/** vmm_host_midr() - MIDR_EL1 of the CPUs that this process runs on */
u64 vmm_host_midr(struct test_vm *vm);

/**
 * vmm_save() - save all that a VMM carries: listed registers, MP states and the vGIC
 * @state: as vmm_start() left it
 *
 * No vCPU may be running.
 */
void vmm_save(struct test_vm *vm, struct state *state);

/**
 * vmm_save_and_free() - start a VM, query it, fill it, save it and free it
 * @state: from state_new()
 */
void vmm_save_and_free(struct test_vm *vm, struct state *state);

#endif /* GUEST_ABI_VMM_SAVE_H */
