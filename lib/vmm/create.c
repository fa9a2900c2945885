// SPDX-License-Identifier: GPL-2.0
/*
 * The VMs that are saved and restored.
 */
#include "host.h"
#include "vgic.h"
#include "vm.h"
#include "vmm/create.h"

struct test_vm *vmm_create(const struct vm_config *config, unsigned int gic)
{
	u32 type = gic == 3 ? KVM_DEV_TYPE_ARM_VGIC_V3 : KVM_DEV_TYPE_ARM_VGIC_V2;
	struct host_vgic host;
	struct test_vm *vm;

	if (gic) {
		host_vgic(type, &host);
		if (!host.there)
			return NULL;
	}
	vm = test_vm_create(VMM_VCPUS, config->features,
			    config->flags | VM_PARKED | VM_NO_VGIC | VM_DEFER_FINISH | VM_AT_EL1);
	if (gic)
		vgic_create(vm, type);
	return vm;
}

struct test_vm *vmm_create_ready(const struct vm_config *config)
{
	struct test_vm *vm = vmm_create(config, 3) ?: vmm_create(config, 2);

	if (vm)
		vgic_init(vm);
	else
		vm = vmm_create(config, 0);
	test_vm_finish(vm);
	return vm;
}
