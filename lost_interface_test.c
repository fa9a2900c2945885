// SPDX-License-Identifier: GPL-2.0
/*
 * lost_interface_test: the interfaces that kernels of this age have: none is missing.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst                      capabilities
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  firmware registers
 *   Documentation/virt/kvm/devices/vm.rst, vcpu.rst     attributes of VMs and vCPUs
 *
 * User space relies on what a release had, so that a later one must have it, too. Other tests
 * skip what a kernel lacks, since it may be older.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "abi.h"
#include "cap.h"
#include "expect.h"
#include "host.h"
#include "vm.h"

enum kind {
	CAPABILITY, /* id is its number */
	VM_ATTR, /* of group 0 */
	PVTIME_ATTR,
	FW_REG,
	PSCI, /* id is a version */
	SMC, /* KVM serves the guest's SMC */
};

struct interface {
	const char *since; /* mainline series */
	enum kind kind;
	u64 id;
	const char *name; /* NULL: that of the capability */
};

/* clang-format off */

/*
 * In the order in which mainline got them: Debian's 5.10, 6.1, 6.12, 6.18 and 7.3 have all up to
 * one of these, and none after it. They need no hardware, and every mode has them: so MTE,
 * KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE and the like are not here. Neither is the register of
 * SMCCC_ARCH_WORKAROUND_3, since stable kernels got it.
 */
static const struct interface interfaces[] = {
	{ "3.12", CAPABILITY, 88, NULL }, /* ARM_SET_DEVICE_ADDR */
	{ "4.19", CAPABILITY, 41, NULL }, /* VCPU_EVENTS */
	{ "4.20", CAPABILITY, 165, NULL }, /* ARM_VM_IPA_SIZE */
	{ "5.4", CAPABILITY, 174, NULL }, /* ARM_IRQ_LINE_LAYOUT_2 */
	{ "5.5", CAPABILITY, 177, NULL }, /* ARM_NISV_TO_USER */
	{ "5.5", CAPABILITY, 178, NULL }, /* ARM_INJECT_EXT_DABT */
	{ "5.5", PVTIME_ATTR, ABI_PV_TIME_IPA, "KVM_ARM_VCPU_PVTIME_IPA" },
	{ "5.10", CAPABILITY, 187, NULL }, /* STEAL_TIME */
	{ "5.13", CAPABILITY, 195, NULL }, /* SET_GUEST_DEBUG2 */
	{ "5.13", CAPABILITY, 198, NULL }, /* PTP_KVM */
	{ "5.14", CAPABILITY, 203, NULL }, /* BINARY_STATS_FD */
	{ "5.18", PSCI, ABI_PSCI_1_1, "PSCI 1.1" },
	{ "5.19", CAPABILITY, 215, NULL }, /* SYSTEM_EVENT_DATA */
	{ "5.19", CAPABILITY, 216, NULL }, /* ARM_SYSTEM_SUSPEND */
	{ "5.19", FW_REG, ABI_STD_BMAP, "KVM_REG_ARM_STD_BMAP" },
	{ "5.19", FW_REG, ABI_STD_HYP_BMAP, "KVM_REG_ARM_STD_HYP_BMAP" },
	{ "5.19", FW_REG, ABI_VENDOR_HYP_BMAP, "KVM_REG_ARM_VENDOR_HYP_BMAP" },
	{ "6.2", CAPABILITY, 225, NULL }, /* DIRTY_LOG_RING_WITH_BITMAP */
	{ "6.4", CAPABILITY, 227, NULL }, /* COUNTER_OFFSET */
	{ "6.4", VM_ATTR, ABI_SMCCC_FILTER, "the SMCCC filter, KVM_ARM_VM_SMCCC_FILTER," },
	{ "6.4", SMC, 0, "SMC from guests" },
	{ "6.7", CAPABILITY, 230, NULL }, /* ARM_SUPPORTED_REG_MASK_RANGES */
	{ "6.8", CAPABILITY, 231, NULL }, /* USER_MEMORY2 */
	{ "6.13", PSCI, ABI_PSCI_1_2, "PSCI 1.2" },
	{ "6.13", PSCI, ABI_PSCI_1_3, "PSCI 1.3" },
	{ "6.15", CAPABILITY, 239, NULL }, /* ARM_WRITABLE_IMP_ID_REGS */
	{ "6.15", FW_REG, ABI_VENDOR_HYP_BMAP_2, "KVM_REG_ARM_VENDOR_HYP_BMAP_2" },
	{ "6.18", CAPABILITY, 234, NULL }, /* GUEST_MEMFD */
	{ "6.18", CAPABILITY, 244, NULL }, /* GUEST_MEMFD_FLAGS */
	{ "6.19", CAPABILITY, 245, NULL }, /* ARM_SEA_TO_USER */
};

/* clang-format on */

#define NR_INTERFACES ARRAY_SIZE(interfaces)

FIXTURE(lost)
{
	struct test_vm *vm;
	bool there[NR_INTERFACES];
};

static const char *interface_name(const struct interface *row)
{
	return row->name ?: cap_name(row->id);
}

static bool is_there(struct test_vm *vm, const struct interface *row)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct fw_config cfg;
	u64 val;

	switch (row->kind) {
	case CAPABILITY:
		return ioctl(vm->kvm->fd, KVM_CHECK_EXTENSION, row->id) > 0;
	case VM_ATTR:
		return !__fd_attr(vm->kvm->fd, KVM_HAS_DEVICE_ATTR, ABI_SMCCC_GROUP, row->id, NULL);
	case PVTIME_ATTR:
		return !__vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_GROUP, row->id, NULL);
	case FW_REG:
		return !__reg_get(vcpu, row->id, &val);
	case PSCI:
		return !__reg_set(vcpu, ABI_PSCI_VERSION, row->id);
	case SMC:
		host_fw(&cfg);
		return cfg.smc;
	}
	return false;
}

FIXTURE_SETUP(lost)
{
	unsigned int i;

	self->vm = test_vm_create(1, 0, 0);
	for (i = 0; i < NR_INTERFACES; i++)
		self->there[i] = is_there(self->vm, &interfaces[i]);
}

FIXTURE_TEARDOWN(lost)
{
	test_vm_free(self->vm);
}

/*
 * The interfaces that show this kernel to be of a later series than number @i: the first of
 * each of two series. Distributions take single features into an older kernel, but hardly
 * from two series while they leave out what came before.
 */
static bool is_later(const FIXTURE_DATA(lost) * self, unsigned int i,
		     const struct interface *later[2])
{
	const char *after = interfaces[i].since;
	unsigned int nr = 0;

	for (; i < NR_INTERFACES && nr < 2; i++) {
		if (self->there[i] && strcmp(interfaces[i].since, after)) {
			later[nr++] = &interfaces[i];
			after = interfaces[i].since;
		}
	}
	return nr == 2;
}

TEST_F(lost, no_interface_that_kernels_of_this_age_have_is_missing)
{
	const struct interface *later[2];
	unsigned int i, there = 0;

	for (i = 0; i < NR_INTERFACES; i++) {
		const struct interface *row = &interfaces[i];

		there += self->there[i];
		EXPECT_TRUE(self->there[i] || !is_later(self, i, later))
		{
			TH_LOG("%s since %s is missing, but this kernel has %s since %s and %s since %s: lost",
			       interface_name(row), row->since, interface_name(later[0]),
			       later[0]->since, interface_name(later[1]), later[1]->since);
		}
	}
	TH_LOG("%u of %zu interfaces are there", there, NR_INTERFACES);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
