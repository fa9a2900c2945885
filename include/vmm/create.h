/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMs that are saved and restored: two vCPUs of a configuration, and a vGIC.
 */
#ifndef GUEST_ABI_VMM_CREATE_H
#define GUEST_ABI_VMM_CREATE_H

#include "vm_config.h"

#define VMM_VCPUS 2

/**
 * vmm_create() - a VM of a configuration with VMM_VCPUS vCPUs
 * @gic: version of its vGIC: 3, 2, or 0 for none
 *
 * The second vCPU is off. The vGIC is not initialised, and test_vm_finish() is left to
 * the caller.
 *
 * Return: NULL if this host has no vGIC of that version
 */
struct test_vm *vmm_create(const struct vm_config *config, unsigned int gic);

/** vmm_create_ready() - a VM with the newest vGIC of this host, initialised and finished */
struct test_vm *vmm_create_ready(const struct vm_config *config);

#endif /* GUEST_ABI_VMM_CREATE_H */
