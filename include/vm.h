/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMs, vCPUs and registers, on top of libkvm's ioctl wrappers.
 *
 * A function foo() asserts: if it cannot do its work it ends the process with a
 * message. A function __foo() returns 0 or a negative errno for the test to judge.
 */
#ifndef GUEST_ABI_VM_H
#define GUEST_ABI_VM_H

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
#define VM_RAM_DATA	0x80010000ULL /* below it the guest's code */
#define VM_RAM_ROW	0x80040000ULL /* from here on rows of calls: guest_calls() */
#define VM_RAM_SPIN	0x80060000ULL /* and what spinning vCPUs count in */
#define VM_NO_MEMORY	0x40000000ULL /* no memslot here */

/* test_vm_create() flags */
#define VM_VGIC_V3	BIT(0) /* with an initialised vGICv3 */
#define VM_PSCI_0_1	BIT(1) /* without the vCPU feature PSCI_0_2 */
#define VM_PARKED	BIT(2) /* all vCPUs but the first wait for PSCI CPU_ON */
#define VM_AT_EL1	BIT(3) /* guests start at EL1 though guest_at_el2 is set */
#define VM_NO_VGIC	BIT(4) /* none at EL2 either: the caller creates it before the first run */
#define VM_UNFINALIZED	BIT(5) /* leaves KVM_ARM_VCPU_FINALIZE to the caller */
#define VM_UNFINISHED	BIT(6) /* leaves test_vm_finish() to the caller */

/* clang-format on */

/*
 * Whether guests start at EL2, with the vCPU feature HAS_EL2 [devices/vcpu.rst].
 * Each program is linked twice, with lib/guest_el1.c and lib/guest_el2.c.
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
	struct kvm_reg_list *reg_list; /* see test_vm_lists() */
};

/**
 * test_vm_create() - make a VM that is ready to run
 * @nr_vcpus: number of vCPUs, 1 to VM_MAX_VCPUS
 * @features: vCPU features, a mask of 1 << KVM_ARM_VCPU_*, beside PSCI_0_2 and
 *            what @flags and guest_at_el2 ask for
 * @flags: a mask of the flags above
 *
 * The VM has a 40-bit IPA space and VM_RAM_SIZE bytes of memory, added with
 * KVM_SET_USER_MEMORY_REGION since kernels before 6.8 have no other call. Each
 * vCPU stands at the guest's first instruction; nothing has run. With SVE among
 * the features the vCPUs are finalised, with PMU_V3 their PMUs are initialised.
 */
struct test_vm *test_vm_create(unsigned int nr_vcpus, u32 features, unsigned int flags);

/**
 * test_vm_finish() - what the vCPUs' features ask for beyond KVM_ARM_VCPU_INIT: SVE is
 * finalised and PMUs are initialised, once there is the vGIC that their interrupt needs
 */
void test_vm_finish(struct test_vm *vm);

/** test_vm_free() - tear a VM down; NULL is allowed. */
void test_vm_free(struct test_vm *vm);

/** test_vcpu_reinit() - KVM_ARM_VCPU_INIT again, as a VMM does to reset a vCPU */
void test_vcpu_reinit(struct test_vm *vm, unsigned int i);

/**
 * test_vcpu_complete() - have KVM finish the exit that ended the last operation, before
 * the vCPU is saved: until then its state is not consistent [api.rst 5, KVM_EXIT_MMIO]
 */
void test_vcpu_complete(struct kvm_vcpu *vcpu);

/** __test_vcpu_finalize() - KVM_ARM_VCPU_FINALIZE; returns 0 or a negative errno */
int __test_vcpu_finalize(struct kvm_vcpu *vcpu, int feature);

/**
 * test_vm_ram() - where the host sees guest memory
 * @ipa: within the VM_RAM_SIZE bytes from VM_RAM_BASE
 */
void *test_vm_ram(struct test_vm *vm, u64 ipa);

/**
 * __reg_get() - KVM_GET_ONE_REG
 *
 * Return: 0 with the value in @val, else a negative errno [api.rst 4.69]
 */
int __reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *val);

/** __reg_set() - KVM_SET_ONE_REG; returns 0 or a negative errno [api.rst 4.68] */
int __reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val);

/** __reg_ioctl() - KVM_GET_ONE_REG or KVM_SET_ONE_REG with a buffer of the caller's */
int __reg_ioctl(struct kvm_vcpu *vcpu, unsigned long cmd, u64 id, const void *addr);

u64 reg_get(struct kvm_vcpu *vcpu, u64 id);
void reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val);

/** x_get(), x_set() - a general purpose register, @n from 0 to 30 */
u64 x_get(struct kvm_vcpu *vcpu, unsigned int n);
void x_set(struct kvm_vcpu *vcpu, unsigned int n, u64 val);

/**
 * test_vm_lists() - how often KVM_GET_REG_LIST names a register
 *
 * The list of vCPU 0 is fetched at the first use and kept.
 */
unsigned int test_vm_lists(struct test_vm *vm, u64 id);

/**
 * __fd_attr() - an attribute of a VM, vCPU or device, by its file [api.rst 4.80]
 * @cmd: KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR or KVM_HAS_DEVICE_ATTR
 * @addr: user address of the attribute's value
 *
 * Return: 0 or a negative errno
 */
int __fd_attr(int fd, unsigned long cmd, u32 group, u64 attr, const void *addr);

/** __vcpu_attr() - the same for a vCPU [devices/vcpu.rst] */
int __vcpu_attr(struct kvm_vcpu *vcpu, unsigned long cmd, u32 group, u64 attr, const void *addr);

#endif /* GUEST_ABI_VM_H */
