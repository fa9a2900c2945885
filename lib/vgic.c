// SPDX-License-Identifier: GPL-2.0
/*
 * The vGICv3 device.
 */
#include <sys/ioctl.h>

#include "vgic.h"

static void set_attr(int fd, u32 group, u64 attr, const void *addr)
{
	struct kvm_device_attr dev_attr = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)addr,
	};

	TEST_ASSERT(!ioctl(fd, KVM_SET_DEVICE_ATTR, &dev_attr),
		    "vGICv3 attribute, group %u attr %#lx: errno %d", group, attr, errno);
}

bool test_vm_has_vgic_v3(void)
{
	struct kvm_create_device dev = {
		.type = KVM_DEV_TYPE_ARM_VGIC_V3,
		.flags = KVM_CREATE_DEVICE_TEST,
	};
	struct kvm_vm *kvm = ____vm_create(VM_SHAPE(VM_MODE_P40V48_4K));
	bool has = !__vm_ioctl(kvm, KVM_CREATE_DEVICE, &dev);

	kvm_vm_free(kvm);
	return has;
}

int vgic_v3_create(struct test_vm *vm)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	/* count in bits 63:52, base in 51:16, one region: devices/arm-vgic-v3.rst */
	u64 redist = (u64)vm->nr_vcpus << 52 | VM_GICR_BASE;
	u64 dist = VM_GICD_BASE;
	u32 nr_irqs = 64;

	vm_ioctl(vm->kvm, KVM_CREATE_DEVICE, &dev);
	set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs);
	set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &redist);
	set_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return dev.fd;
}
