// SPDX-License-Identifier: GPL-2.0
/*
 * newer_kernel_test: the tables of this collection: this kernel has nothing that they lack.
 *
 * Holds KVM to
 *   lib/psci.c, lib/smccc.c, lib/cap.c, include/abi.h, data/registers.list  the tables
 *
 * A kernel that is newer than the tables fails here, and here alone: all other tests judge
 * what they know. So does a kernel that takes by mistake what it does not have. A guest is
 * safe from what is new as long as it gets it only from a VMM that asks for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "cap.h"
#include "expect.h"
#include "host.h"
#include "kvm_dev.h"
#include "psci.h"
#include "reg_history.h"
#include "vcpu_init.h"
#include "vm.h"
#include "vm_config.h"

static const char newer[] = "this kernel is newer than this collection";
#define NR_CAPS 1024 /* four times as many as there are */
#define MAX_REGS 64

/* Registers that were reported for one kind of VM, and need not be for the next */
struct reported {
	u64 reg[MAX_REGS];
	unsigned int nr;
};

FIXTURE(newer)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(newer)
{
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(newer)
{
	test_vm_free(self->vm);
}

static void log_to_do(struct __test_metadata *_metadata, const char *section)
{
	TH_LOG("  add it, or report it if no document has it: docs/adding-a-test.md, \"%s\"",
	       section);
}

static void expect_known_psci(struct __test_metadata *_metadata)
{
	const struct host_psci *psci = host_psci();
	unsigned int i;

	for (i = 0; i < psci->nr_unknown; i++) {
		u64 val = psci->unknown[i];

		EXPECT_TRUE(false)
		{
			TH_LOG("%s: PSCI_VERSION takes PSCI %lu.%lu (%#lx), which psci_versions[] lacks",
			       newer, val >> 16, val & 0xffff, val);
			if (val == psci->reset)
				TH_LOG("  not safe: a guest gets it from a VMM that writes nothing; one that restores an older VM writes its version");
			else
				TH_LOG("  safe: a guest gets it only from a VMM that writes it");
			log_to_do(_metadata, "A PSCI version");
		}
	}
}

static void expect_known_bits(struct __test_metadata *_metadata)
{
	struct fw_config cfg;
	unsigned int i;

	host_fw(&cfg);
	for (i = 0; i < NR_BMAPS; i++) {
		u64 reset = cfg.reset[i] & cfg.unknown[i];

		EXPECT_EQ(0, cfg.unknown[i])
		{
			TH_LOG("%s: %s takes the bits %#lx, which fw_bitmaps[] lacks", newer,
			       fw_bitmaps[i].reg.name, cfg.unknown[i]);
			if (reset)
				TH_LOG("  not safe: %#lx of them are set at reset, so a guest gets the service from a VMM that writes nothing",
				       reset);
			else
				TH_LOG("  safe: none is set at reset, so a guest gets the service only from a VMM that sets its bit");
			log_to_do(_metadata, "A service or a bitmap register");
		}
	}
}

static void expect_known_caps(struct __test_metadata *_metadata, struct test_vm *vm)
{
	const char *lack;
	int kvm = kvm_open(&lack);
	unsigned int nr;

	ASSERT_LE(0, kvm);
	for (nr = 0; nr < NR_CAPS; nr++) {
		int of_kvm, of_vm;

		if (cap_name(nr))
			continue;
		of_kvm = ioctl(kvm, KVM_CHECK_EXTENSION, nr);
		of_vm = ioctl(vm->kvm->fd, KVM_CHECK_EXTENSION, nr);
		EXPECT_TRUE(!of_kvm && !of_vm)
		{
			TH_LOG("%s: KVM_CHECK_EXTENSION of capability %u, which caps[] lacks, gives %d for /dev/kvm and %d for a VM",
			       newer, nr, of_kvm, of_vm);
			TH_LOG("  a guest is safe if the capability has to be enabled: see Documentation/virt/kvm/api.rst");
			log_to_do(_metadata, "A capability, an interface that must not get lost");
		}
	}
	close(kvm);
}

/* Bits of the first word; vcpu_init_test has the others */
static void expect_known_features(struct __test_metadata *_metadata)
{
	struct kvm_vm *kvm = bare_vm_create(0);
	struct kvm_vcpu *vcpu = __vm_vcpu_add(kvm, 0);
	unsigned int bit;

	for (bit = ABI_VCPU_NEWEST_FEATURE + 1; bit < 32; bit++) {
		int err = __vcpu_init(vcpu, 1U << bit);

		EXPECT_EQ(-ENOENT, err)
		{
			TH_LOG("%s: KVM_ARM_VCPU_INIT with the feature %u, which include/abi.h lacks: %s; expected ENOENT",
			       newer, bit, err_str(err));
			TH_LOG("  safe: a guest gets it only from a VMM that asks for it");
			log_to_do(_metadata, "A vCPU feature");
		}
	}
	kvm_vm_free(kvm);
}

static void expect_known_revision(struct __test_metadata *_metadata, u32 type, const char *name)
{
	struct host_vgic host;

	host_vgic(type, &host);
	if (!host.there)
		return;
	EXPECT_GE(ABI_IIDR_NEWEST, host.newest)
	{
		TH_LOG("%s: GICD_IIDR of a %s has revision %u at reset; the newest known is %u",
		       newer, name, host.newest, ABI_IIDR_NEWEST);
		TH_LOG("  not safe: a guest gets it from a VMM that writes nothing; one that restores an older VM writes its revision");
		log_to_do(_metadata, "A revision of the vGIC");
	}
}

/* With the line that data/registers.list lacks */
static void report_reg(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		       enum config_id config, u64 id)
{
	struct reg_value value = { .id = id };
	int err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, value.val);

	TH_LOG("%s: KVM_GET_REG_LIST of a VM \"%s\" has %s, which data/registers.list lacks", newer,
	       vm_configs[config].name, reg_plain_name(id));
	if (err)
		TH_LOG("  perhaps not safe: KVM_GET_ONE_REG gives %s, so its value is not known",
		       err_str(err));
	else if (reg_value_is_zero(&value))
		TH_LOG("  safe, as far as its value shows: all bits are zero at reset");
	else
		TH_LOG("  perhaps not safe: it is %s at reset, and a VMM that does not know it cannot switch it off",
		       reg_value_str(&value));
	TH_LOG("  with its condition, the line is 0x%016lx\t%s\t%u.%u\t-\t-", id,
	       reg_plain_name(id), running_series() / 1000, running_series() % 1000);
	log_to_do(_metadata, (id & ~0xffffULL) == ABI_REG_FW_BMAP(0)
				     ? "A service or a bitmap register"
				     : "A register that a new kernel lists");
}

static bool was_reported(const struct reported *reported, u64 id)
{
	unsigned int i;

	for (i = 0; i < reported->nr; i++)
		if (reported->reg[i] == id)
			return true;
	return false;
}

static void expect_known_regs(struct __test_metadata *_metadata, enum config_id config,
			      struct reported *reported)
{
	struct test_vm *vm = config_vm(config, 0);
	struct kvm_reg_list *list = vcpu_get_reg_list(vm->vcpu[0]);
	u64 i;

	for (i = 0; i < list->n && reported->nr < MAX_REGS; i++) {
		u64 id = list->reg[i];

		if (was_reported(reported, id))
			continue;
		EXPECT_TRUE(reg_is_recorded(id))
		{
			reported->reg[reported->nr++] = id;
			report_reg(_metadata, vm->vcpu[0], config, id);
		}
	}
	free(list);
	test_vm_free(vm);
}

/* The whole of it is one test, so that a newer kernel fails once */
TEST_F(newer, kernel_has_nothing_that_this_collection_does_not_know)
{
	struct reported reported = { .nr = 0 };
	unsigned int i;

	expect_known_caps(_metadata, self->vm);
	expect_known_features(_metadata);
	expect_known_psci(_metadata);
	expect_known_bits(_metadata);
	expect_known_revision(_metadata, KVM_DEV_TYPE_ARM_VGIC_V3, "vGICv3");
	expect_known_revision(_metadata, KVM_DEV_TYPE_ARM_VGIC_V2, "vGICv2");
	for (i = 0; i < NR_CONFIGS; i++)
		if (!config_missing(&vm_configs[i]))
			expect_known_regs(_metadata, i, &reported);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
