/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The in-kernel GICv3 and GICv2 as KVM devices [devices/arm-vgic-v3.rst,
 * devices/arm-vgic.rst]: creating them, and their registers as user space and
 * as the guest reach them.
 */
#ifndef GUEST_ABI_VGIC_H
#define GUEST_ABI_VGIC_H

#include "guest.h"

#define VGIC_NR_IRQS 128

/**
 * vgic_create() - give a VM a vGIC that is not yet initialised
 * @type: KVM_DEV_TYPE_ARM_VGIC_V3 or KVM_DEV_TYPE_ARM_VGIC_V2
 *
 * It has VGIC_NR_IRQS interrupts. The distributor is at VM_GICD_BASE; at
 * VM_GICR_BASE are the redistributors of all vCPUs, one after the other, or the
 * CPU interface of a vGICv2. Call it once all vCPUs exist.
 */
void vgic_create(struct test_vm *vm, u32 type);

/** vgic_create_irqs() - the same with a number of interrupts of the caller's */
void vgic_create_irqs(struct test_vm *vm, u32 type, u32 nr_irqs);

/** __vgic_create() - KVM_CREATE_DEVICE alone; returns 0 or a negative errno */
int __vgic_create(struct test_vm *vm, u32 type);

/** vgic_init() - KVM_DEV_ARM_VGIC_CTRL_INIT, after which the VM can run */
void vgic_init(struct test_vm *vm);
int __vgic_init(struct test_vm *vm);

/**
 * __vgic_attr() - an attribute of the vGIC
 * @cmd: KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR or KVM_HAS_DEVICE_ATTR
 * @addr: user address of the attribute's value
 *
 * Return: 0 or a negative errno
 */
int __vgic_attr(struct test_vm *vm, unsigned long cmd, u32 group, u64 attr, const void *addr);

/* A register, or the input levels of 32 interrupts */
struct vgic_reg {
	const char *name;
	u32 group; /* KVM_DEV_ARM_VGIC_GRP_{DIST,REDIST,CPU}_REGS, _CPU_SYSREGS or _LEVEL_INFO */
	u32 offset; /* LEVEL_INFO: the first interrupt; CPU_SYSREGS: the instruction's fields */
};

extern const struct vgic_reg vgic_ctlr, vgic_iidr, vgic_typer2;
extern const struct vgic_reg vgic_gicr_ctlr, vgic_gicr_iidr, vgic_gicr_typer, vgic_gicr_affinity;

/** vgic_reg_attr() - the attribute by which user space names a register as seen from vCPU @cpu */
u64 vgic_reg_attr(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg);

/** __vgic_get(), __vgic_set() - a register by user space; 0 or a negative errno */
int __vgic_get(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 *val);
int __vgic_set(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 val);

/** __vgic_get64(), __vgic_set64() - of any group: CPU_SYSREGS have 64 bits, the others 32 */
int __vgic_get64(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u64 *val);
int __vgic_set64(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u64 val);

u32 vgic_get(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg);
void vgic_set(struct test_vm *vm, unsigned int cpu, const struct vgic_reg *reg, u32 val);

/**
 * vgic_load() - make a guest read a register of 32 bits
 * @by: the vCPU that reads
 * @cpu: the one whose redistributor is read; the CPU interface of a vGICv2 is @by's
 * @res: how it ended; the value in x[0]
 */
void vgic_load(struct test_vm *vm, unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
	       struct guest_result *res);

/** vgic_store() - make a guest write a register; the arguments as in vgic_load() */
void vgic_store(struct test_vm *vm, unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
		u32 val, struct guest_result *res);

#endif /* GUEST_ABI_VGIC_H */
