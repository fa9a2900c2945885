/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Single interrupts of a vGIC: their lines, and their fields in the registers, by user space and
 * by the guest.
 */
#ifndef GUEST_ABI_VGIC_IRQ_H
#define GUEST_ABI_VGIC_IRQ_H

#include "vgic.h"

/** __irq_line() - KVM_IRQ_LINE [api.rst 4.25]; returns 0 or a negative errno */
int __irq_line(struct test_vm *vm, u32 irq, bool level);

/** irq_line() - set the line of an SPI, or of a PPI of vCPU @cpu */
void irq_line(struct test_vm *vm, unsigned int cpu, u32 intid, bool level);

/**
 * irq_reg() - the register that has an interrupt's field
 * @offset: of the first one in a distributor, such as ABI_GICD_ISENABLER. In a vGICv3 the
 *          register of a private interrupt is in the redistributor
 * @bits: how many bits each interrupt has there
 */
struct vgic_reg irq_reg(const struct test_vm *vm, u32 offset, unsigned int bits, u32 intid);

/** irq_field(), irq_field_set() - an interrupt's field as user space has it */
u32 irq_field(struct test_vm *vm, unsigned int cpu, u32 offset, unsigned int bits, u32 intid);
void irq_field_set(struct test_vm *vm, unsigned int cpu, u32 offset, unsigned int bits, u32 intid,
		   u32 val);

/**
 * irq_set(), irq_clear() - set an interrupt's state by user space
 * @offset: ABI_GICD_ISENABLER, ABI_GICD_ISPENDR or ABI_GICD_ISACTIVER
 *
 * To clear the pending state of a vGICv3 user space writes GICD_ISPENDR
 * [devices/arm-vgic-v3.rst], else GICD_IC*.
 */
void irq_set(struct test_vm *vm, unsigned int cpu, u32 offset, u32 intid);
void irq_clear(struct test_vm *vm, unsigned int cpu, u32 offset, u32 intid);

/** irq_guest_field() - a field as the guest on vCPU @by reads it */
u32 irq_guest_field(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset,
		    unsigned int bits, u32 intid);

/** irq_guest_field_set() - have the guest change a field, and none beside it */
void irq_guest_field_set(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset,
			 unsigned int bits, u32 intid, u32 val);

/** irq_guest_set(), irq_guest_clear() - have the guest set or clear an interrupt's state */
void irq_guest_set(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset, u32 intid);
void irq_guest_clear(struct test_vm *vm, unsigned int by, unsigned int cpu, u32 offset, u32 intid);

#endif /* GUEST_ABI_VGIC_IRQ_H */
