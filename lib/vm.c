// SPDX-License-Identifier: GPL-2.0
/*
 * VMs and their vCPUs.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "abi.h"
#include "guest.h"
#include "kvm_reg.h"
#include "vgic.h"
#include "vm.h"

/* All that a guest accesses is within the smallest IPA space */
static_assert(VM_GICR_BASE + VM_MAX_VCPUS * ABI_GICR_FRAMES <= VM_NO_MEMORY, "the vGIC's frames");
static_assert(VM_NO_MEMORY < VM_RAM_BASE, "no memory there");
static_assert(VM_RAM_BASE + VM_RAM_SIZE <= 1ULL << ABI_MIN_IPA_BITS, "the guest's memory");

/* The PPI that Arm's BSA gives the PMU [DEN0094 3.6] */
#define PMU_PPI 23

void __wrap_guest_modes_append_default(void)
{
}

static void vcpu_init(struct test_vm *vm, unsigned int i)
{
	struct kvm_vcpu_init init;

	vm_ioctl(vm->kvm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = vm->features;
	if (i && vm->flags & VM_PARKED)
		init.features[0] |= 1U << KVM_ARM_VCPU_POWER_OFF;
	vcpu_ioctl(vm->vcpu[i], KVM_ARM_VCPU_INIT, &init);
	guest_enter(vm, i);
}

void test_vcpu_complete(struct kvm_vcpu *vcpu)
{
	if (vcpu->run->exit_reason != KVM_EXIT_MMIO)
		return;
	vcpu_run_complete_io(vcpu);
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
}

void test_vcpu_reinit(struct test_vm *vm, unsigned int i)
{
	test_vcpu_complete(vm->vcpu[i]);
	vcpu_init(vm, i);
}

int __test_vcpu_finalize(struct kvm_vcpu *vcpu, int feature)
{
	return ioctl_err(ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &feature));
}

u32 mp_state_get(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(vcpu, &state);
	return state.mp_state;
}

void mp_state_set(struct kvm_vcpu *vcpu, u32 mp_state)
{
	struct kvm_mp_state state = { .mp_state = mp_state };

	vcpu_mp_state_set(vcpu, &state);
}

/* KVM runs no vCPU with a PMU before this [devices/vcpu.rst 1] */
static void pmu_init(struct test_vm *vm, struct kvm_vcpu *vcpu)
{
	int irq = PMU_PPI;
	int err = 0;

	if (vm->vgic_fd >= 0)
		err = __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL,
				  KVM_ARM_VCPU_PMU_V3_IRQ, &irq);
	if (!err)
		err = __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL,
				  KVM_ARM_VCPU_PMU_V3_INIT, NULL);
	TEST_ASSERT(!err, "Initialising the PMU of vCPU %u: %s", vcpu->id, err_str(err));
}

void test_vm_finish(struct test_vm *vm)
{
	bool finalize = vm->features & 1U << KVM_ARM_VCPU_SVE && !(vm->flags & VM_DEFER_FINALIZE);
	unsigned int i;
	int err;

	for (i = 0; i < vm->nr_vcpus; i++) {
		if (vm->features & 1U << KVM_ARM_VCPU_PMU_V3)
			pmu_init(vm, vm->vcpu[i]);
		if (!finalize)
			continue;
		err = __test_vcpu_finalize(vm->vcpu[i], KVM_ARM_VCPU_SVE);
		TEST_ASSERT(!err, "KVM_ARM_VCPU_FINALIZE of vCPU %u: %s", i, err_str(err));
	}
}

static void add_ram(struct test_vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = VM_RAM_BASE,
		.memory_size = VM_RAM_SIZE,
	};

	vm->ram =
		mmap(NULL, VM_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(vm->ram != MAP_FAILED, "mmap() of %llu bytes of guest memory: errno %d",
		    VM_RAM_SIZE, errno);
	guest_load_page(vm->ram);
	region.userspace_addr = (unsigned long)vm->ram;
	vm_ioctl(vm->kvm, KVM_SET_USER_MEMORY_REGION, &region);
}

void test_vm_add_vcpu_id(struct test_vm *vm, u32 id)
{
	unsigned int i = vm->nr_vcpus++;

	vm->vcpu[i] = __vm_vcpu_add(vm->kvm, id);
	vcpu_init(vm, i);
}

void test_vm_add_vcpu(struct test_vm *vm)
{
	test_vm_add_vcpu_id(vm, vm->nr_vcpus);
}

unsigned int vm_ipa_limit(void)
{
	/* A kernel without the capability has this size alone */
	return kvm_check_cap(KVM_CAP_ARM_VM_IPA_SIZE) ?: ABI_DEFAULT_IPA_BITS;
}

struct kvm_vm *bare_vm_create(unsigned int ipa_bits)
{
	bool usual = vm_ipa_limit() >= ABI_DEFAULT_IPA_BITS;
	struct kvm_vm *kvm;
	int fd;

	/* libkvm chooses the machine type by its mode: 0 for 40 bits, else their number */
	kvm = ____vm_create(VM_SHAPE(usual ? VM_MODE_P40V48_4K : VM_MODE_P36V48_4K));
	if (!ipa_bits)
		return kvm;
	/* It has no mode for some sizes, so such a VM takes the place of that one */
	fd = ioctl(kvm->kvm_fd, KVM_CREATE_VM, (unsigned long)ipa_bits);
	TEST_ASSERT(fd >= 0 && dup2(fd, kvm->fd) == kvm->fd,
		    "A VM with an IPA space of %u bits: errno %d", ipa_bits, errno);
	close(fd);
	return kvm;
}

struct test_vm *test_vm_create(unsigned int nr_vcpus, u32 features, unsigned int flags)
{
	struct test_vm *vm;

	TEST_ASSERT(nr_vcpus >= 1 && nr_vcpus <= VM_MAX_VCPUS, "%u vCPUs", nr_vcpus);
	vm = calloc(1, sizeof(*vm));
	TEST_ASSERT(vm, "No memory for a VM");
	vm->vgic_fd = -1;
	vm->flags = flags;
	vm->features = features;
	if (!(flags & VM_PSCI_0_1))
		vm->features |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	if (guest_at_el2 && !(flags & VM_AT_EL1))
		vm->features |= 1U << ABI_VCPU_HAS_EL2;
	vm->at_el2 = vm->features & 1U << ABI_VCPU_HAS_EL2;
	vm->kvm = bare_vm_create(flags / VM_IPA_BITS(1));
	if (flags & VM_MTE)
		vm_enable_cap(vm->kvm, KVM_CAP_ARM_MTE, 0);
	if (flags & VM_IMP_ID_REGS)
		vm_enable_cap(vm->kvm, ABI_CAP_ARM_WRITABLE_IMP_ID_REGS, 0);
	add_ram(vm);
	while (vm->nr_vcpus < nr_vcpus)
		test_vm_add_vcpu(vm);

	/* KVM runs no guest at EL2 without one: its maintenance interrupt has to be there */
	if (flags & VM_VGIC_V3 || (vm->at_el2 && !(flags & VM_NO_VGIC))) {
		vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
		vgic_init(vm);
	}
	if (!(flags & VM_DEFER_FINISH))
		test_vm_finish(vm);
	return vm;
}

void test_vm_free(struct test_vm *vm)
{
	if (!vm)
		return;
	if (vm->vgic_fd >= 0)
		close(vm->vgic_fd);
	kvm_vm_free(vm->kvm);
	munmap(vm->ram, VM_RAM_SIZE);
	free(vm);
}
