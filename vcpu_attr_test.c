// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_attr_test: which attributes a vCPU has, and those of its PMU.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.80, 4.81   KVM_SET_, KVM_GET_ and KVM_HAS_DEVICE_ATTR
 *   Documentation/virt/kvm/api.rst 4.82         KVM_ARM_VCPU_INIT: PMU_V3_STRICT
 *   Documentation/virt/kvm/devices/vcpu.rst 1   KVM_ARM_VCPU_PMU_V3_CTRL
 *
 * The attributes of timers are in timer_ppi_test, those of stolen time in hypercalls_services_test.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "host.h"
#include "vcpu_init.h"
#include "vm.h"
#include "vm_config.h"

#define GROUP_PMU KVM_ARM_VCPU_PMU_V3_CTRL
#define ATTR_IRQ KVM_ARM_VCPU_PMU_V3_IRQ
#define ATTR_INIT KVM_ARM_VCPU_PMU_V3_INIT
#define ATTR_FILTER KVM_ARM_VCPU_PMU_V3_FILTER
#define ATTR_SET_PMU 3 /* KVM_ARM_VCPU_PMU_V3_SET_PMU, from 5.18 on */

#define PMU_PPI 23 /* of Arm's BSA [DEN0094 3.6] */

FIXTURE(attr)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(attr)
{
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
}

FIXTURE_TEARDOWN(attr)
{
	test_vm_free(self->vm);
}

static void expect_attr(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, unsigned long cmd,
			u32 group, u64 attr, const void *addr, int want, const char *why)
{
	const char *name = cmd == KVM_HAS_DEVICE_ATTR	? "KVM_HAS_DEVICE_ATTR"
			   : cmd == KVM_GET_DEVICE_ATTR ? "KVM_GET_DEVICE_ATTR"
							: "KVM_SET_DEVICE_ATTR";
	int err = __vcpu_attr(vcpu, cmd, group, attr, addr);

	EXPECT_EQ(want, err)
	{
		TH_LOG("%s of group %#x, attribute %#lx: %s; expected %s, %s", name, group, attr,
		       err_str(err), err_str(want), why);
		count_failure(_metadata);
	}
}

/* "ENXIO: The group or attribute is unknown". Groups 0 to 2 are the PMU, timers, stolen time */
TEST_F(attr, of_unknown_groups_is_unknown)
{
	static const unsigned long cmds[] = { KVM_HAS_DEVICE_ATTR, KVM_GET_DEVICE_ATTR,
					      KVM_SET_DEVICE_ATTR };
	u64 val = 0, attr;
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (attr = 0; attr < 3; attr++) {
			for (bit = 2; bit < 32; bit++)
				expect_attr(_metadata, self->vm->vcpu[0], cmds[i], 1U << bit, attr,
					    &val, -ENXIO, "there is no such group");
			expect_attr(_metadata, self->vm->vcpu[0], cmds[i], ~0U, attr, &val, -ENXIO,
				    "there is no such group");
		}
	}
}

/* "ENODEV: KVM_ARM_VCPU_PMU_V3 feature missing from VCPU" */
TEST_F(attr, of_a_pmu_needs_one)
{
	int irq = PMU_PPI;

	expect_attr(_metadata, self->vm->vcpu[0], KVM_HAS_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, NULL,
		    -ENXIO, "the vCPU has no PMU");
	expect_attr(_metadata, self->vm->vcpu[0], KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, &irq,
		    -ENODEV, "the vCPU has no PMU");
}

FIXTURE(pmu)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(pmu)
{
	const char *missing = host_missing_features(FEAT_PMU);

	if (missing)
		SKIP(return, "%s", missing);
	if (!host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V3))
		SKIP(return, "this host has no vGICv3");
	self->vm = test_vm_create(1, FEAT_PMU, VM_VGIC_V3 | VM_DEFER_FINISH | VM_AT_EL1);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(pmu)
{
	test_vm_free(self->vm);
}

static void set_irq(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, int irq, int want,
		    const char *why)
{
	expect_attr(_metadata, vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, &irq, want, why);
}

TEST_F(pmu, interrupt_is_set_once_and_read_back)
{
	int irq = -1;

	expect_attr(_metadata, self->vcpu, KVM_HAS_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, NULL, 0,
		    "the vCPU has a PMU");
	expect_attr(_metadata, self->vcpu, KVM_HAS_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, 0,
		    "the vCPU has a PMU");
	expect_attr(_metadata, self->vcpu, KVM_HAS_DEVICE_ATTR, GROUP_PMU, 0x100, NULL, -ENXIO,
		    "there is no such attribute");
	expect_attr(_metadata, self->vcpu, KVM_GET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, &irq, -ENXIO,
		    "the interrupt is not set");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, -ENXIO,
		    "the interrupt is not set");
	set_irq(_metadata, self->vcpu, 0, -EINVAL, "an SGI is none of the PMU");
	set_irq(_metadata, self->vcpu, 15, -EINVAL, "an SGI is none of the PMU");
	set_irq(_metadata, self->vcpu, 1023, -EINVAL, "there is no such interrupt");
	set_irq(_metadata, self->vcpu, -1, -EINVAL, "there is no such interrupt");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ,
		    unmapped_page(_metadata), -EFAULT, "the pointer is bad");

	set_irq(_metadata, self->vcpu, PMU_PPI, 0, "it is a PPI");
	expect_attr(_metadata, self->vcpu, KVM_GET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ, &irq, 0,
		    "the interrupt is set");
	EXPECT_EQ(PMU_PPI, irq)
	{
		TH_LOG("KVM_ARM_VCPU_PMU_V3_IRQ reads %d; expected %d, as it was set", irq,
		       PMU_PPI);
	}
	set_irq(_metadata, self->vcpu, PMU_PPI, -EBUSY, "the interrupt is set");
	expect_attr(_metadata, self->vcpu, KVM_GET_DEVICE_ATTR, GROUP_PMU, ATTR_IRQ,
		    unmapped_page(_metadata), -EFAULT, "the pointer is bad");
}

TEST_F(pmu, is_initialised_once)
{
	set_irq(_metadata, self->vcpu, PMU_PPI, 0, "it is a PPI");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, 0,
		    "its interrupt is set and the vGIC is initialised");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, -EBUSY,
		    "the PMU is initialised");
	set_irq(_metadata, self->vcpu, PMU_PPI, -EBUSY, "the PMU is initialised");
}

/* "Trying to set the IRQ number without using an in-kernel irqchip" */
FIXTURE(pmu_alone)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(pmu_alone)
{
	const char *missing = host_missing_features(FEAT_PMU);

	if (missing)
		SKIP(return, "%s", missing);
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(pmu_alone)
{
	if (self->kvm)
		kvm_vm_free(self->kvm);
}

TEST_F(pmu_alone, has_no_interrupt_without_a_vgic)
{
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PMU | 1U << KVM_ARM_VCPU_PSCI_0_2));
	set_irq(_metadata, self->vcpu, PMU_PPI, -EINVAL, "the VM has no vGIC");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, 0,
		    "without a vGIC it needs no interrupt");
}

/* The number that perf has for the CPUs' PMU, or -1 */
static int host_pmu(void)
{
	char text[16] = "";
	glob_t found;
	int fd = -1;

	if (!glob("/sys/bus/event_source/devices/armv8*/type", 0, NULL, &found)) {
		fd = open(found.gl_pathv[0], O_RDONLY);
		globfree(&found);
	}
	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return text[0] ? atoi(text) : -1;
}

/*
 * "Userspace must explicitly select a PMU implementation before initializing the PMU or configuring
 * a PMU event filter"; the error is that of "missing hardware PMU"
 */
TEST_F(pmu_alone, that_is_strict_waits_until_the_vmm_has_chosen)
{
	static const struct kvm_pmu_event_filter filter = { 1, 1, KVM_PMU_EVENT_ALLOW, { 0 } };
	int pmu = host_pmu(), none = 0x7fffffff;

	if (!kvm_has_cap(ABI_CAP_ARM_PMU_V3_STRICT))
		SKIP(return, "this kernel has no KVM_CAP_ARM_PMU_V3_STRICT");
	if (pmu < 0)
		SKIP(return, "this kernel shows no PMU of the CPUs in /sys");
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PMU | 1U << KVM_ARM_VCPU_PSCI_0_2 |
						     1U << ABI_VCPU_PMU_V3_STRICT));
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_FILTER, &filter,
		    -ENXIO, "no PMU is chosen");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, -ENXIO,
		    "no PMU is chosen");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_SET_PMU, &none,
		    -ENXIO, "there is no such PMU");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_SET_PMU, &pmu, 0,
		    "the host has that PMU");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_FILTER, &filter, 0,
		    "a PMU is chosen");
	expect_attr(_metadata, self->vcpu, KVM_SET_DEVICE_ATTR, GROUP_PMU, ATTR_INIT, NULL, 0,
		    "a PMU is chosen");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
