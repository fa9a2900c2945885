// SPDX-License-Identifier: GPL-2.0
/*
 * Combinations of vCPU features, and VMs that have them.
 */
#include <string.h>

#include "shape.h"
#include "vgic.h"

/* clang-format off */

/* What a host has to offer for a vCPU feature [api.rst 4.82] */
static const struct {
	unsigned int feature;
	int cap;
	const char *lack;
} feature_caps[] = {
	{ KVM_ARM_VCPU_EL1_32BIT, KVM_CAP_ARM_EL1_32BIT, "this host offers no 32-bit EL1" },
	{ ABI_VCPU_HAS_EL2, ABI_CAP_ARM_EL2, "this host offers no EL2 to guests" },
	{ ABI_VCPU_HAS_EL2_E2H0, ABI_CAP_ARM_EL2_E2H0, "this host offers no EL2 without VHE" },
	{ KVM_ARM_VCPU_PMU_V3, KVM_CAP_ARM_PMU_V3, "this host offers no PMU to guests" },
	{ KVM_ARM_VCPU_SVE, KVM_CAP_ARM_SVE, "this host offers no SVE to guests" },
	{ KVM_ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAP_ARM_PTRAUTH_ADDRESS,
	  "this host offers no pointer authentication to guests" },
	{ KVM_ARM_VCPU_PTRAUTH_GENERIC, KVM_CAP_ARM_PTRAUTH_GENERIC,
	  "this host offers no pointer authentication to guests" },
};

const struct guest_shape guest_shapes[] = {
	{ "plain", 0, 0, "no optional vCPU feature" },
	{ "psci_0_1", 0, VM_PSCI_0_1, "without the feature PSCI_0_2" },
	{ "pmu", FEAT_PMU, 0, "a PMU" },
	{ "sve", FEAT_SVE, 0, "SVE of the longest vectors" },
	{ "ptrauth", FEAT_PTRAUTH, 0, "pointer authentication" },
	{ "pmu_sve_ptrauth", FEAT_PMU | FEAT_SVE | FEAT_PTRAUTH, 0, "all three" },
	{ "el2", FEAT_EL2, 0, "guests that start at EL2" },
};

/* clang-format on */

const unsigned int nr_guest_shapes = ARRAY_SIZE(guest_shapes);

const char *features_lack(u32 features)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(feature_caps); i++)
		if (features & 1U << feature_caps[i].feature && !kvm_has_cap(feature_caps[i].cap))
			return feature_caps[i].lack;
	return NULL;
}

const struct guest_shape *guest_shape(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_guest_shapes; i++)
		if (!strcmp(guest_shapes[i].name, name))
			return &guest_shapes[i];
	return NULL;
}

struct test_vm *guest_shape_create(const struct guest_shape *shape)
{
	struct test_vm *vm;
	struct vgic_host host;

	vm = test_vm_create(GUEST_SHAPE_VCPUS, shape->features,
			    shape->flags | VM_PARKED | VM_NO_VGIC | VM_UNFINISHED | VM_AT_EL1);
	vgic_probe(KVM_DEV_TYPE_ARM_VGIC_V3, &host);
	if (host.there) {
		vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
		return vm;
	}
	vgic_probe(KVM_DEV_TYPE_ARM_VGIC_V2, &host);
	if (host.there)
		vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V2);
	return vm;
}
