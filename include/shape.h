/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Combinations of vCPU features, what a host lacks for them, and the VMs that
 * guest_abi saves and restores.
 */
#ifndef GUEST_ABI_SHAPE_H
#define GUEST_ABI_SHAPE_H

#include "abi.h"
#include "vm.h"

/* vCPU features, masks for test_vm_create() [api.rst 4.82] */
#define FEAT_PMU (1U << KVM_ARM_VCPU_PMU_V3)
#define FEAT_SVE (1U << KVM_ARM_VCPU_SVE)
#define FEAT_PTRAUTH (1U << KVM_ARM_VCPU_PTRAUTH_ADDRESS | 1U << KVM_ARM_VCPU_PTRAUTH_GENERIC)
#define FEAT_EL2 (1U << ABI_VCPU_HAS_EL2)
#define FEAT_E2H0 (FEAT_EL2 | 1U << ABI_VCPU_HAS_EL2_E2H0)
#define FEAT_EL1_32 (1U << KVM_ARM_VCPU_EL1_32BIT)

/** features_lack() - NULL, or what this host lacks for a mask of vCPU features */
const char *features_lack(u32 features);

struct guest_shape {
	const char *name;
	u32 features;
	unsigned int flags; /* of test_vm_create() */
	const char *text;
};

extern const struct guest_shape guest_shapes[];
extern const unsigned int nr_guest_shapes;

/** guest_shape() - a shape by its name, or NULL */
const struct guest_shape *guest_shape(const char *name);

/**
 * guest_shape_create() - a VM of a shape, with two vCPUs
 *
 * The second vCPU is off. There is the newest vGIC that the host offers, if any, not
 * yet initialised, and test_vm_finish() is the caller's.
 */
struct test_vm *guest_shape_create(const struct guest_shape *shape);
#define GUEST_SHAPE_VCPUS 2

#endif /* GUEST_ABI_SHAPE_H */
