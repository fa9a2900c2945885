// SPDX-License-Identifier: GPL-2.0
/*
 * VMs, vCPUs and their registers.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "abi.h"
#include "guest.h"
#include "processor.h"
#include "reg_list.h"
#include "vgic.h"
#include "vm.h"

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
	vcpu->run->immediate_exit = 1;
	TEST_ASSERT(ioctl(vcpu->fd, KVM_RUN, NULL) && errno == EINTR,
		    "KVM_RUN with immediate_exit: errno %d, not EINTR", errno);
	vcpu->run->immediate_exit = 0;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
}

void test_vcpu_reinit(struct test_vm *vm, unsigned int i)
{
	test_vcpu_complete(vm->vcpu[i]);
	vcpu_init(vm, i);
}

int __test_vcpu_finalize(struct kvm_vcpu *vcpu, int feature)
{
	return ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &feature) ? -errno : 0;
}

/* KVM runs no vCPU with a PMU before this [devices/vcpu.rst 1] */
static void pmu_init(struct test_vm *vm, struct kvm_vcpu *vcpu)
{
	int irq = 23;
	int err = 0;

	if (vm->vgic_fd >= 0)
		err = __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL,
				  KVM_ARM_VCPU_PMU_V3_IRQ, &irq);
	if (!err)
		err = __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL,
				  KVM_ARM_VCPU_PMU_V3_INIT, NULL);
	TEST_ASSERT(!err, "Initialising the PMU of vCPU %u: errno %d", vcpu->id, -err);
}

void test_vm_finish(struct test_vm *vm)
{
	bool finalize = vm->features & 1U << KVM_ARM_VCPU_SVE && !(vm->flags & VM_UNFINALIZED);
	unsigned int i;
	int err;

	for (i = 0; i < vm->nr_vcpus; i++) {
		if (vm->features & 1U << KVM_ARM_VCPU_PMU_V3)
			pmu_init(vm, vm->vcpu[i]);
		if (!finalize)
			continue;
		err = __test_vcpu_finalize(vm->vcpu[i], KVM_ARM_VCPU_SVE);
		TEST_ASSERT(!err, "KVM_ARM_VCPU_FINALIZE of vCPU %u: errno %d", i, -err);
	}
}

void *test_vm_ram(struct test_vm *vm, u64 ipa)
{
	TEST_ASSERT(ipa >= VM_RAM_BASE && ipa < VM_RAM_BASE + VM_RAM_SIZE, "No memory at IPA %#lx",
		    ipa);
	return vm->ram + (ipa - VM_RAM_BASE);
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

struct test_vm *test_vm_create(unsigned int nr_vcpus, u32 features, unsigned int flags)
{
	struct test_vm *vm;
	unsigned int i;

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
	vm->kvm = ____vm_create(VM_SHAPE(VM_MODE_P40V48_4K));
	add_ram(vm);

	for (i = 0; i < nr_vcpus; i++) {
		vm->vcpu[i] = __vm_vcpu_add(vm->kvm, i);
		vcpu_init(vm, i);
	}
	vm->nr_vcpus = nr_vcpus;

	/* KVM runs no guest at EL2 without one: its maintenance interrupt has to be there */
	if (flags & VM_VGIC_V3 || (vm->at_el2 && !(flags & VM_NO_VGIC))) {
		vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
		vgic_init(vm);
	}
	if (!(flags & VM_UNFINISHED))
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
	free(vm->reg_list);
	free(vm);
}

int __reg_ioctl(struct kvm_vcpu *vcpu, unsigned long cmd, u64 id, const void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = (unsigned long)addr };

	return ioctl(vcpu->fd, cmd, &reg) ? -errno : 0;
}

int __reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *val)
{
	return __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, val);
}

int __reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	return __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, &val);
}

u64 reg_get(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val = 0;
	int err = __reg_get(vcpu, id, &val);

	TEST_ASSERT(!err, "KVM_GET_ONE_REG %#lx on vCPU %u: errno %d", id, vcpu->id, -err);
	return val;
}

void reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	int err = __reg_set(vcpu, id, val);

	TEST_ASSERT(!err, "KVM_SET_ONE_REG %#lx to %#lx on vCPU %u: errno %d", id, val, vcpu->id,
		    -err);
}

u64 x_get(struct kvm_vcpu *vcpu, unsigned int n)
{
	return reg_get(vcpu, ARM64_CORE_REG(regs.regs[0]) + 2 * n);
}

void x_set(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	reg_set(vcpu, ARM64_CORE_REG(regs.regs[0]) + 2 * n, val);
}

unsigned int test_vm_lists(struct test_vm *vm, u64 id)
{
	if (!vm->reg_list)
		vm->reg_list = reg_list_get(vm->vcpu[0]);
	return reg_list_count(vm->reg_list, id);
}

int __fd_attr(int fd, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	struct kvm_device_attr dev_attr = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)addr,
	};

	return ioctl(fd, cmd, &dev_attr) ? -errno : 0;
}

int __vcpu_attr(struct kvm_vcpu *vcpu, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	return __fd_attr(vcpu->fd, cmd, group, attr, addr);
}
