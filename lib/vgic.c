// SPDX-License-Identifier: GPL-2.0
/*
 * The vGICv3 and vGICv2 devices.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "abi.h"
#include "kvm_reg.h"
#include "vgic.h"

/* clang-format off */

const struct vgic_reg vgic_ctlr = {
	"GICD_CTLR", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_CTLR
};
const struct vgic_reg vgic_iidr = {
	"GICD_IIDR", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR
};
const struct vgic_reg vgic_typer2 = {
	"GICD_TYPER2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_TYPER2
};
const struct vgic_reg vgic_gicr_ctlr = {
	"GICR_CTLR", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR
};
const struct vgic_reg vgic_gicr_iidr = {
	"GICR_IIDR", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_IIDR
};
const struct vgic_reg vgic_gicr_typer = {
	"GICR_TYPER bits 31:0", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_TYPER
};
const struct vgic_reg vgic_gicr_affinity = {
	"GICR_TYPER bits 63:32", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_TYPER + 4
};

/* clang-format on */

int __vgic_attr(struct test_vm *vm, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	return __fd_attr(vm->vgic_fd, cmd, group, attr, addr);
}

static void set_attr(struct test_vm *vm, u32 group, u64 attr, const void *addr)
{
	int err = __vgic_attr(vm, KVM_SET_DEVICE_ATTR, group, attr, addr);

	TEST_ASSERT(!err, "vGIC attribute, group %u attr %#lx: %s", group, attr, err_str(err));
}

int __vgic_create(struct test_vm *vm, u32 type)
{
	struct kvm_create_device dev = { .type = type };
	unsigned int i;
	u64 mpidr;

	if (__vm_ioctl(vm->kvm, KVM_CREATE_DEVICE, &dev))
		return -errno;
	vm->vgic_fd = dev.fd;
	vm->vgic_type = type;
	/* Read now, since KVM_GET_ONE_REG waits for as long as the vCPU runs */
	for (i = 0; i < vm->nr_vcpus; i++) {
		mpidr = reg_get(vm->vcpu[i], ABI_MPIDR_EL1);
		vm->affinity[i] = (mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff);
	}
	return 0;
}

void vgic_create_irqs(struct test_vm *vm, u32 type, u32 nr_irqs)
{
	/* count in bits 63:52, base in 51:16, one region: devices/arm-vgic-v3.rst */
	u64 redist = (u64)vm->nr_vcpus << 52 | VM_GICR_BASE;
	u64 dist = VM_GICD_BASE, cpu = VM_GICR_BASE;
	int err = __vgic_create(vm, type);

	TEST_ASSERT(!err, "KVM_CREATE_DEVICE of type %u: %s", type, err_str(err));
	set_attr(vm, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs);
	if (type == KVM_DEV_TYPE_ARM_VGIC_V2) {
		set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, &dist);
		set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &cpu);
		return;
	}
	set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &redist);
}

void vgic_create(struct test_vm *vm, u32 type)
{
	vgic_create_irqs(vm, type, VGIC_NR_IRQS);
}

int __vgic_init(struct test_vm *vm)
{
	return __vgic_attr(vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			   KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

void vgic_init(struct test_vm *vm)
{
	set_attr(vm, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

u64 vgic_reg_attr(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg)
{
	if (vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V2)
		return (u64)cpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT | reg->offset;
	return (u64)vm->affinity[cpu] << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | reg->offset;
}

int __vgic_get(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 *val)
{
	return __vgic_attr(vm, KVM_GET_DEVICE_ATTR, reg->group, vgic_reg_attr(vm, cpu, reg), val);
}

int __vgic_set(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 val)
{
	return __vgic_attr(vm, KVM_SET_DEVICE_ATTR, reg->group, vgic_reg_attr(vm, cpu, reg), &val);
}

static bool has_64_bits(const struct vgic_reg *reg)
{
	return reg->group == KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
}

int __vgic_get64(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u64 *val)
{
	u32 half = 0;
	int err;

	if (has_64_bits(reg))
		return __vgic_attr(vm, KVM_GET_DEVICE_ATTR, reg->group, vgic_reg_attr(vm, cpu, reg),
				   val);
	err = __vgic_get(vm, cpu, reg, &half);
	*val = half;
	return err;
}

int __vgic_set64(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u64 val)
{
	if (!has_64_bits(reg))
		return __vgic_set(vm, cpu, reg, val);
	return __vgic_attr(vm, KVM_SET_DEVICE_ATTR, reg->group, vgic_reg_attr(vm, cpu, reg), &val);
}

u32 vgic_get(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg)
{
	u32 val = 0;
	int err = __vgic_get(vm, cpu, reg, &val);

	TEST_ASSERT(!err, "Reading %s (%#x) of vCPU %u: %s", reg->name, reg->offset, cpu,
		    err_str(err));
	return val;
}

void vgic_set(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 val)
{
	int err = __vgic_set(vm, cpu, reg, val);

	TEST_ASSERT(!err, "Writing %#x to %s (%#x) of vCPU %u: %s", val, reg->name, reg->offset,
		    cpu, err_str(err));
}

static u64 reg_ipa(unsigned int cpu, const struct vgic_reg *reg)
{
	switch (reg->group) {
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		return VM_GICD_BASE + reg->offset;
	case KVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		return VM_GICR_BASE + cpu * (u64)ABI_GICR_FRAMES + reg->offset;
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return VM_GICR_BASE + reg->offset;
	}
	TEST_ASSERT(false, "A guest cannot reach %s", reg->name);
	return 0;
}

void vgic_load(struct test_vm *vm, unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
	       struct guest_result *res)
{
	guest_load(vm->vcpu[by], reg_ipa(cpu, reg), 4, res);
}

void vgic_store(struct test_vm *vm, unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
		u32 val, struct guest_result *res)
{
	guest_store(vm->vcpu[by], reg_ipa(cpu, reg), 4, val, res);
}
