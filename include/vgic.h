/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The in-kernel GICv3 as a KVM device [devices/arm-vgic-v3.rst].
 */
#ifndef GUEST_ABI_VGIC_H
#define GUEST_ABI_VGIC_H

#include "vm.h"

/**
 * vgic_v3_create() - give a VM an initialised vGICv3
 *
 * The distributor is at VM_GICD_BASE, the redistributors of all vCPUs follow
 * one another from VM_GICR_BASE. Call it once all vCPUs exist.
 *
 * Return: the device's file descriptor
 */
int vgic_v3_create(struct test_vm *vm);

#endif /* GUEST_ABI_VGIC_H */
