// SPDX-License-Identifier: GPL-2.0
/*
 * Single interrupts of a vGIC.
 */
#include <errno.h>

#include "abi.h"
#include "kvm_reg.h"
#include "vgic_irq.h"

/* From GICD_IS<state>R to GICD_IC<state>R */
#define SET_TO_CLEAR 0x80

int __irq_line(struct test_vm *vm, u32 irq, bool level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	return ioctl_err(__vm_ioctl(vm->kvm, KVM_IRQ_LINE, &line));
}

void irq_line(struct test_vm *vm, unsigned int cpu, u32 intid, bool level)
{
	u32 id = vm->vcpu[cpu]->id, irq;
	int err;

	if (intid < ABI_GIC_SPI)
		irq = ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, id, intid);
	else
		irq = ABI_IRQ_LINE(ABI_IRQ_TYPE_SPI, 0U, intid);
	err = __irq_line(vm, irq, level);
	TEST_ASSERT(!err, "KVM_IRQ_LINE %#x to %u: %s", irq, level, err_str(err));
}

struct vgic_reg irq_reg(const struct test_vm *vm, u32 offset, unsigned int bits, u32 intid)
{
	bool redist = vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3 && intid < ABI_GIC_SPI;
	struct vgic_reg reg = {
		.name = "the interrupt's register",
		.group = redist ? KVM_DEV_ARM_VGIC_GRP_REDIST_REGS : KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
		.offset = offset + intid * bits / 32 * 4,
	};

	if (redist)
		reg.offset += ABI_GICR_SGI_BASE;
	return reg;
}

static u32 mask_of(unsigned int bits, u32 intid, unsigned int *shift)
{
	*shift = intid * bits % 32;
	return (bits == 32 ? ~0U : BIT(bits) - 1) << *shift;
}

u32 irq_field(struct test_vm *vm, unsigned int cpu, u32 offset, unsigned int bits, u32 intid)
{
	struct vgic_reg reg = irq_reg(vm, offset, bits, intid);
	unsigned int shift;
	u32 mask = mask_of(bits, intid, &shift);

	return (vgic_get(vm, cpu, &reg) & mask) >> shift;
}

void irq_field_set(struct test_vm *vm, unsigned int cpu, u32 offset, unsigned int bits, u32 intid,
		   u32 val)
{
	struct vgic_reg reg = irq_reg(vm, offset, bits, intid);
	unsigned int shift;
	u32 mask = mask_of(bits, intid, &shift);

	vgic_set(vm, cpu, &reg, (vgic_get(vm, cpu, &reg) & ~mask) | val << shift);
}

/* Of a vGICv3, user space has the latched state in one register */
static bool is_latch(const struct test_vm *vm, u32 offset)
{
	return vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3 && offset == ABI_GICD_ISPENDR;
}

void irq_set(struct test_vm *vm, unsigned int cpu, u32 offset, u32 intid)
{
	struct vgic_reg reg = irq_reg(vm, offset, 1, intid);

	if (is_latch(vm, offset))
		irq_field_set(vm, cpu, offset, 1, intid, 1);
	else
		vgic_set(vm, cpu, &reg, BIT(intid % 32));
}

void irq_clear(struct test_vm *vm, unsigned int cpu, u32 offset, u32 intid)
{
	struct vgic_reg reg = irq_reg(vm, offset + SET_TO_CLEAR, 1, intid);

	if (is_latch(vm, offset))
		irq_field_set(vm, cpu, offset, 1, intid, 0);
	else
		vgic_set(vm, cpu, &reg, BIT(intid % 32));
}

static u32 reg_load(struct test_vm *vm, unsigned int by, unsigned int cpu,
		    const struct vgic_reg *reg)
{
	struct guest_result res;

	vgic_load(vm, by, cpu, reg, &res);
	TEST_ASSERT(res.end == GUEST_DONE, "A load from %#x: the guest %s", reg->offset,
		    guest_end_str(&res));
	return res.x[0];
}

static void reg_store(struct test_vm *vm, unsigned int by, unsigned int cpu,
		      const struct vgic_reg *reg, u32 val)
{
	struct guest_result res;

	vgic_store(vm, by, cpu, reg, val, &res);
	TEST_ASSERT(res.end == GUEST_DONE, "A store to %#x: the guest %s", reg->offset,
		    guest_end_str(&res));
}

u32 irq_guest_field(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset,
		    unsigned int bits, u32 intid)
{
	struct vgic_reg reg = irq_reg(vm, offset, bits, intid);
	unsigned int shift;
	u32 mask = mask_of(bits, intid, &shift);

	return (reg_load(vm, by, cpu, &reg) & mask) >> shift;
}

void irq_guest_field_set(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset,
			 unsigned int bits, u32 intid, u32 val)
{
	struct vgic_reg reg = irq_reg(vm, offset, bits, intid);
	unsigned int shift;
	u32 mask = mask_of(bits, intid, &shift);

	reg_store(vm, by, cpu, &reg, (reg_load(vm, by, cpu, &reg) & ~mask) | val << shift);
}

void irq_guest_set(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset, u32 intid)
{
	struct vgic_reg reg = irq_reg(vm, offset, 1, intid);

	reg_store(vm, by, cpu, &reg, BIT(intid % 32));
}

void irq_guest_clear(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset, u32 intid)
{
	irq_guest_set(vm, by, cpu, offset + SET_TO_CLEAR, intid);
}
