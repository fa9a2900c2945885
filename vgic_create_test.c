// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_create_test: which VM gets a vGIC, when, and which vCPUs it has; the legacy interface to a
 * vGICv2.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Documentation/virt/kvm/api.rst 4.24, 4.79, 4.85 KVM_CREATE_IRQCHIP, KVM_CREATE_DEVICE,
 *                                                   KVM_ARM_SET_DEVICE_ADDR
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "expect.h"
#include "vgic_config_expect.h"

/* Creation */

FIXTURE(create)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(create)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(create, v3) { V3 };
FIXTURE_VARIANT_ADD(create, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(create)
{
	const char *missing = no_vgic(variant->type);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(NR_VCPUS, 0, VM_NO_VGIC);
}

FIXTURE_TEARDOWN(create)
{
	test_vm_free(self->vm);
}

static int create_device(struct test_vm *vm, u32 type, u32 flags)
{
	struct kvm_create_device dev = { .type = type, .flags = flags };

	return ioctl_err(__vm_ioctl(vm->kvm, KVM_CREATE_DEVICE, &dev));
}

/*
 * "Only one VGIC instance may be instantiated": EEXIST, of whichever type. A type that the host
 * lacks is ENODEV.
 */
TEST_F(create, only_one_vgic_for_a_vm)
{
	u32 other = variant->type == V3 ? V2 : V3;
	int want = host_has_vgic(other) ? -EEXIST : -ENODEV, err;

	ASSERT_EQ(0, __vgic_create(self->vm, variant->type));
	expect_err(_metadata, "KVM_CREATE_DEVICE of a second vGIC, type", variant->type, -EEXIST,
		   create_device(self->vm, variant->type, 0));
	expect_err(_metadata, "KVM_CREATE_DEVICE of another vGIC, type", other, want,
		   create_device(self->vm, other, 0));
	/* where the host has none either reason will do */
	err = ioctl_err(__vm_ioctl(self->vm->kvm, KVM_CREATE_IRQCHIP, NULL));
	EXPECT_TRUE(err == -EEXIST || (err == -ENODEV && !host_has_vgic(V2)))
	{
		TH_LOG("KVM_CREATE_IRQCHIP of a VM with a vGIC: %s; expected EEXIST, or ENODEV without a vGICv2",
		       err_str(err));
	}
	/* also once it is initialised, and its file is closed */
	vgic_init(self->vm);
	close(self->vm->vgic_fd);
	self->vm->vgic_fd = -1;
	expect_err(_metadata, "KVM_CREATE_DEVICE of a second vGIC, type", variant->type, -EEXIST,
		   create_device(self->vm, variant->type, 0));
}

/* "only test whether the device type is supported" */
TEST_F(create, test_flag_creates_none)
{
	static const u32 no_types[] = { 0, 0x7fffffff, 0xffffffff };
	unsigned int i;

	for (i = 0; i < 3; i++)
		expect_err(_metadata, "KVM_CREATE_DEVICE with KVM_CREATE_DEVICE_TEST, type",
			   variant->type, 0,
			   create_device(self->vm, variant->type, KVM_CREATE_DEVICE_TEST));
	for (i = 0; i < ARRAY_SIZE(no_types); i++) {
		expect_err(_metadata, "KVM_CREATE_DEVICE with KVM_CREATE_DEVICE_TEST, type",
			   no_types[i], -ENODEV,
			   create_device(self->vm, no_types[i], KVM_CREATE_DEVICE_TEST));
		expect_err(_metadata, "KVM_CREATE_DEVICE, type", no_types[i], -ENODEV,
			   create_device(self->vm, no_types[i], 0));
	}
	vgic_create(self->vm, variant->type);
	vgic_init(self->vm);
	/* the test is about the type, not about this VM */
	expect_err(_metadata, "KVM_CREATE_DEVICE with KVM_CREATE_DEVICE_TEST and a vGIC, type",
		   variant->type, 0,
		   create_device(self->vm, variant->type, KVM_CREATE_DEVICE_TEST));
	run_once(_metadata, self->vm, 1);
}

/* No document states it: a guest that began without a vGIC gets none */
TEST_F(create, none_beside_a_vcpu_that_ran)
{
	run_once(_metadata, self->vm, 1);
	expect_err(_metadata, "KVM_CREATE_DEVICE after a run, type", variant->type, -EBUSY,
		   create_device(self->vm, variant->type, 0));
	run_once(_metadata, self->vm, 0);
	expect_err(_metadata, "KVM_CREATE_DEVICE after two runs, type", variant->type, -EBUSY,
		   create_device(self->vm, variant->type, 0));
}

TEST_F(create, none_beside_a_vcpu_that_runs)
{
	struct guest_spinner spinner;

	guest_spin_start(self->vm, 1, &spinner);
	expect_err(_metadata, "KVM_CREATE_DEVICE while a vCPU runs, type", variant->type, -EBUSY,
		   create_device(self->vm, variant->type, 0));
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the running vCPU", &spinner.res);
}

/* A vCPU has its part of the vGIC whether it was made before it or after */
TEST_F(create, vcpus_may_come_later)
{
	const struct vgic_reg *reg = variant->type == V3 ? &vgic_gicr_affinity : &vgic_ctlr;
	unsigned int cpu;

	vgic_create(self->vm, variant->type);
	/* there is room for all: in a GICv3 by another region */
	test_vm_add_vcpu(self->vm);
	self->vm->affinity[NR_VCPUS] = NR_VCPUS;
	if (variant->type == V3)
		ASSERT_EQ(0, set_u64(self->vm, ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
				     1ULL << 52 | (VM_GICR_BASE + NR_VCPUS * ABI_GICR_FRAMES) | 1));
	vgic_init(self->vm);
	for (cpu = 0; cpu <= NR_VCPUS; cpu++) {
		expect_both(_metadata, self->vm, cpu, reg,
			    variant->type == V3 ? self->vm->affinity[cpu] : 0);
		run_once(_metadata, self->vm, cpu);
	}
}

/* "Must be called after all VCPUs have been created"; the errno is in no document */
TEST_F(create, no_vcpu_comes_after_initialisation)
{
	int fd;

	vgic_create(self->vm, variant->type);
	vgic_init(self->vm);
	fd = __vm_ioctl(self->vm->kvm, KVM_CREATE_VCPU, (void *)(long)NR_VCPUS);
	expect_err(_metadata, "KVM_CREATE_VCPU once the vGIC is initialised, vCPU", NR_VCPUS,
		   -EBUSY, fd < 0 ? -errno : 0);
	run_once(_metadata, self->vm, 0);
	run_once(_metadata, self->vm, 1);
}

/* The legacy interface */

FIXTURE(legacy)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(legacy)
{
	self->vm = test_vm_create(NR_VCPUS, 0, VM_NO_VGIC);
}

FIXTURE_TEARDOWN(legacy)
{
	test_vm_free(self->vm);
}

static int set_device_addr(struct test_vm *vm, u64 device, u64 type, u64 addr)
{
	struct kvm_arm_device_addr dev = { device << 16 | type, addr };

	return ioctl_err(__vm_ioctl(vm->kvm, KVM_ARM_SET_DEVICE_ADDR, &dev));
}

/* "On arm64, a GICv2 is created" */
TEST_F(legacy, irqchip_is_a_gicv2)
{
	bool has = host_has_vgic(V2);
	struct host_vgic host;
	int want = has ? 0 : -ENODEV, err;

	err = ioctl_err(__vm_ioctl(self->vm->kvm, KVM_CREATE_IRQCHIP, NULL));
	expect_err(_metadata, "KVM_CREATE_IRQCHIP, whether the host has a vGICv2", has, want, err);
	if (err) {
		/* it left nothing behind */
		ASSERT_EQ(0, __vgic_create(self->vm, V3));
		return;
	}
	expect_err(_metadata, "KVM_CREATE_DEVICE of a vGICv2 with an irqchip", V2, -EEXIST,
		   create_device(self->vm, V2, 0));
	ASSERT_EQ(0, set_device_addr(self->vm, 0, KVM_VGIC_V2_ADDR_TYPE_DIST, VM_GICD_BASE));
	ASSERT_EQ(0, set_device_addr(self->vm, 0, KVM_VGIC_V2_ADDR_TYPE_CPU, VM_GICR_BASE));
	/* it initialises itself, and is as one that was made the other way */
	run_once(_metadata, self->vm, 0);
	host_vgic(V2, &host);
	expect_guest_reg(_metadata, self->vm, 1, 0, &vgic_iidr, ABI_IIDR(host.newest));
}

TEST_F(legacy, addresses_have_the_documented_errors)
{
	static const u64 types[] = { KVM_VGIC_V2_ADDR_TYPE_DIST, KVM_VGIC_V2_ADDR_TYPE_CPU };
	static const u64 addrs[] = { VM_GICD_BASE, VM_GICR_BASE };
	unsigned int i;

	if (!host_has_vgic(V2))
		SKIP(return, "this host has no vGICv2");
	ASSERT_EQ(0, __vgic_create(self->vm, V2));
	for (i = 0; i < 2; i++) {
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR of an unknown device, type",
			   types[i], -ENODEV, set_device_addr(self->vm, 1, types[i], addrs[i]));
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR beyond the IPA space, type",
			   types[i], -E2BIG,
			   set_device_addr(self->vm, 0, types[i], 1ULL << ABI_DEFAULT_IPA_BITS));
		/* no document has this error of the ioctl; the attribute has it */
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR, misaligned, type", types[i],
			   -EINVAL, set_device_addr(self->vm, 0, types[i], addrs[i] | 0x800));
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR, type", types[i], 0,
			   set_device_addr(self->vm, 0, types[i], addrs[i]));
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR again, type", types[i], -EEXIST,
			   set_device_addr(self->vm, 0, types[i], addrs[i]));
	}
	/* no document has the type: ENODEV or EINVAL would do */
	expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR of an unknown type", 2, -ENODEV,
		   set_device_addr(self->vm, 0, KVM_VGIC_V3_ADDR_TYPE_DIST, 0x10000));
	for (i = 0; i < 2; i++)
		expect_u64(_metadata, self->vm, ADDR, types[i], addrs[i]);
}

/* No document has the errno: a vGICv3 is no such device */
TEST_F(legacy, addresses_are_not_those_of_a_gicv3)
{
	u64 type;

	/* older kernels take the types of a vGICv3, too, which is in no document */
	if (!host_has_vgic(V3))
		SKIP(return, "this host has no vGICv3");
	ASSERT_EQ(0, __vgic_create(self->vm, V3));
	for (type = 0; type < 2; type++)
		expect_err(_metadata, "KVM_ARM_SET_DEVICE_ADDR of a vGICv3, type", type, -ENODEV,
			   set_device_addr(self->vm, 0, type, VM_GICD_BASE));
	expect_u64(_metadata, self->vm, ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, NO_ADDR);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
