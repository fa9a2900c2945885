/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VM of the tests is: its memory map, its flags and its parts.
 */
#ifndef GUEST_ABI_TEST_VM_H
#define GUEST_ABI_TEST_VM_H

#include <stdbool.h>
#include <linux/bits.h>

#include "kvm_util.h"

#define VM_MAX_VCPUS 512

/* clang-format off */

/* Intermediate physical addresses, in bytes */
#define VM_EXIT_PORT	0x00010000ULL /* no memory: a store here ends a guest operation */
#define VM_GICD_BASE	0x08000000ULL
#define VM_GICR_BASE	0x09000000ULL
#define VM_RAM_BASE	0x80000000ULL
#define VM_RAM_SIZE	0x00080000ULL /* a multiple of the largest page, 64 KiB */
#define VM_RAM_CODE	0x80008000ULL /* what guest32_run() and guest_code() run */
#define VM_RAM_DATA	0x80010000ULL /* below it the guest's code */
#define VM_RAM_BATCH	0x80040000ULL /* from here on rows of calls: guest_call_batch() */
#define VM_RAM_SPIN	0x80060000ULL /* and what spinning vCPUs count in */
#define VM_RAM_REGS	0x80070000ULL /* and what guest_regs() runs */
#define VM_RAM_IRQ	0x80078000ULL /* and what guest_irq_take() runs */
#define VM_NO_MEMORY	0x40000000ULL /* no memslot here */

/* test_vm_create() flags */
#define VM_VGIC_V3	BIT(0) /* with an initialised vGICv3 */
#define VM_PSCI_0_1	BIT(1) /* without the vCPU feature PSCI_0_2 */
#define VM_PARKED	BIT(2) /* all vCPUs but the first wait for PSCI CPU_ON */
#define VM_AT_EL1	BIT(3) /* guests start at EL1 though guest_at_el2 is set */
#define VM_NO_VGIC	BIT(4) /* none at EL2 either: the caller creates it before the first run */
#define VM_DEFER_FINALIZE	BIT(5) /* leaves KVM_ARM_VCPU_FINALIZE to the caller */
#define VM_DEFER_FINISH	BIT(6) /* leaves test_vm_finish() to the caller */
#define VM_MTE		BIT(7) /* with KVM_CAP_ARM_MTE [api.rst 7, KVM_CAP_ARM_MTE] */
#define VM_IMP_ID_REGS	BIT(8) /* with KVM_CAP_ARM_WRITABLE_IMP_ID_REGS enabled */
#define VM_IPA_BITS(n)	((n) << 24) /* an IPA space of that size, not of the usual one */

/* clang-format on */

/*
 * Whether guests start at EL2, with the vCPU feature HAS_EL2 [devices/vcpu.rst].
 * Each foo_el2_test is foo_test.o linked with guest_el2.o instead of guest_el1.o.
 */
extern const bool guest_at_el2;

struct test_vm {
	struct kvm_vm *kvm;
	unsigned int nr_vcpus;
	struct kvm_vcpu *vcpu[VM_MAX_VCPUS];
	char *ram; /* VM_RAM_SIZE bytes at VM_RAM_BASE */
	int vgic_fd; /* -1 without a vGIC */
	u32 vgic_type; /* KVM_DEV_TYPE_ARM_VGIC_* */
	u32 affinity[VM_MAX_VCPUS]; /* of each vCPU: Aff3 to Aff0, once there is a vGIC */
	u32 features; /* of every vCPU */
	unsigned int flags; /* as given to test_vm_create() */
	bool at_el2; /* the guests start at EL2 */
};

/**
 * test_vm_ram() - the host's address of guest memory
 * @ipa: within the VM_RAM_SIZE bytes from VM_RAM_BASE
 */
static inline void *test_vm_ram(struct test_vm *vm, u64 ipa)
{
	TEST_ASSERT(ipa >= VM_RAM_BASE && ipa < VM_RAM_BASE + VM_RAM_SIZE, "No memory at IPA %#lx",
		    ipa);
	return vm->ram + (ipa - VM_RAM_BASE);
}

#endif /* GUEST_ABI_TEST_VM_H */
