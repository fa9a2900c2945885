// SPDX-License-Identifier: GPL-2.0
/*
 * capabilities_test: what KVM_CHECK_EXTENSION answers, on /dev/kvm and on a VM, against what
 * released kernels answered on such a host, and the values that documents have; which
 * capabilities KVM_ENABLE_CAP enables.
 *
 * Holds KVM to
 *   data/capabilities.list                    what each kernel series has, on which host
 *   Documentation/virt/kvm/api.rst 4.4        KVM_CHECK_EXTENSION
 *   Documentation/virt/kvm/api.rst 4.7        KVM_CREATE_VCPU: numbers and ids of vCPUs
 *   Documentation/virt/kvm/api.rst 4.24       KVM_CAP_MSI_DEVID
 *   Documentation/virt/kvm/api.rst 4.37       KVM_ENABLE_CAP
 *   Documentation/virt/kvm/api.rst 4.87       numbers of debug registers
 *   Documentation/virt/kvm/api.rst 7.28       KVM_CAP_ARM_MTE
 *   Documentation/virt/kvm/api.rst 7.39       KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES and chunk sizes
 *   Documentation/virt/kvm/api.rst 8.24       KVM_CAP_STEAL_TIME and KVM_ARM_VCPU_PVTIME_CTRL
 *
 * A VMM relies on what a release had. One that goes by a capability which this host or mode
 * cannot give makes a VM that does not run.
 *
 * Option, in addition to the harness's own:
 *   --dump  no test: print what this kernel answers, for scripts/registers.sh
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "harness.h"

#include "abi.h"
#include "cap.h"
#include "cap_record.h"
#include "expect.h"
#include "host.h"
#include "interface.h"
#include "kvm_dev.h"
#include "vgic.h"
#include "vm.h"

FIXTURE(caps)
{
	struct test_vm *vm;
	int kvm; /* /dev/kvm */
};

FIXTURE_SETUP(caps)
{
	const char *lack;

	self->kvm = kvm_open(&lack);
	ASSERT_LE(0, self->kvm);
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
}

FIXTURE_TEARDOWN(caps)
{
	test_vm_free(self->vm);
	close(self->kvm);
}

static int cap_of(int fd, unsigned int nr)
{
	int val = ioctl(fd, KVM_CHECK_EXTENSION, nr);

	return val < 0 ? -errno : val;
}

/* The series by which a capability is known to be in mainline: the record has only Debian's */
static unsigned int since(const struct cap_record *record)
{
	unsigned int i;

	for (i = 0; i < nr_interfaces; i++)
		if (interfaces[i].kind == IFACE_CAP && interfaces[i].id == record->nr &&
		    interfaces[i].since < record->since)
			return interfaces[i].since;
	return record->since;
}

static void expect_promised(struct __test_metadata *_metadata, struct test_vm *vm,
			    const struct cap_record *record, int fd, const char *whose)
{
	int val = cap_of(fd, record->nr);
	const struct interface *later[2];

	if (cap_record_fits(record, val) || !kernel_is_after(vm, since(record), later))
		return;
	EXPECT_TRUE(false)
	{
		TH_LOG("%s, capability %u, of %s is %d; expected %s, as on such a host since %u.%u, condition %s: this kernel has %s since %u.%u and %s since %u.%u",
		       record->name, record->nr, whose, val, cap_record_value_str(record),
		       since(record) / 1000, since(record) % 1000, record->condition,
		       interface_name(later[0]), later[0]->since / 1000, later[0]->since % 1000,
		       interface_name(later[1]), later[1]->since / 1000, later[1]->since % 1000);
		count_failure(_metadata);
	}
}

static void expect_all_promised(struct __test_metadata *_metadata, FIXTURE_DATA(caps) * self,
				bool withdrawn)
{
	const struct cap_history *history = cap_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++) {
		const struct cap_record *record = &history->record[i];

		if ((record->withdrawn != SERIES_NEVER) != withdrawn ||
		    cap_condition(self->vm, record->condition) <= 0)
			continue;
		if (record->how != CAP_VM)
			expect_promised(_metadata, self->vm, record, self->kvm, "/dev/kvm");
		expect_promised(_metadata, self->vm, record, self->vm->kvm->fd, "a VM");
	}
}

TEST_F(caps, none_that_kernels_of_this_age_have_is_missing)
{
	expect_all_promised(_metadata, self, false);
}

/* That other releases lack it, too, does not help a VM that cannot move on */
TEST_F(caps, none_that_a_release_had_is_withdrawn)
{
	expect_all_promised(_metadata, self, true);
}

/* Whether the record has a capability on such a host, in whichever series */
static bool is_allowed(struct test_vm *vm, unsigned int nr)
{
	const struct cap_history *history = cap_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++)
		if (history->record[i].nr == nr && cap_condition(vm, history->record[i].condition))
			return true;
	return false;
}

/* One that no release has is left to newer_kernel_test */
TEST_F(caps, none_is_there_that_the_host_or_the_mode_rules_out)
{
	const struct cap_history *history = cap_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++) {
		const struct cap_record *record = &history->record[i];
		int of_kvm = cap_of(self->kvm, record->nr);
		int of_vm = cap_of(self->vm->kvm->fd, record->nr);

		EXPECT_TRUE((of_kvm <= 0 && !of_vm) || is_allowed(self->vm, record->nr))
		{
			TH_LOG("%s, capability %u, is %d for /dev/kvm and %d for a VM; expected 0, since releases have it on condition %s alone, and mode %s on this host does not meet it",
			       record->name, record->nr, of_kvm, of_vm, record->condition,
			       host_mode());
			count_failure(_metadata);
		}
	}
}

/*
 * api.rst 4.4: VMs may have different capabilities "based on their initialization". A plain one
 * has what /dev/kvm says, which is all that a VMM knows before it makes one.
 */
TEST_F(caps, a_plain_vm_has_those_of_dev_kvm)
{
	const struct cap_history *history = cap_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++) {
		const struct cap_record *record = &history->record[i];
		int of_kvm = cap_of(self->kvm, record->nr);
		int of_vm = cap_of(self->vm->kvm->fd, record->nr);

		if (record->how == CAP_VM)
			continue;
		EXPECT_EQ(of_kvm, of_vm)
		{
			TH_LOG("%s, capability %u, is %d for /dev/kvm and %d for a VM without special features; expected the same",
			       record->name, record->nr, of_kvm, of_vm);
			count_failure(_metadata);
		}
	}
}

static void expect_cap(struct __test_metadata *_metadata, int fd, unsigned int nr, int want,
		       const char *why)
{
	int val = cap_of(fd, nr);

	EXPECT_EQ(want, val)
	{
		TH_LOG("%s, capability %u: %d; expected %d, %s", cap_name(nr) ?: "?", nr, val, want,
		       why);
	}
}

static int vcpu_err(int vm, unsigned long id)
{
	int fd = ioctl(vm, KVM_CREATE_VCPU, id);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

#define CAP_NR_VCPUS 9
#define CAP_MAX_VCPUS 66
#define CAP_MAX_VCPU_ID 128

TEST_F(caps, ids_of_vcpus_end_where_they_say)
{
	int vm = self->vm->kvm->fd, max = cap_of(vm, CAP_MAX_VCPU_ID);

	ASSERT_LT(1, max);
	/* vCPU 0 is there */
	expect_err(_metadata, "KVM_CREATE_VCPU with the last id below KVM_CAP_MAX_VCPU_ID", max - 1,
		   0, vcpu_err(vm, max - 1));
	expect_err(_metadata, "KVM_CREATE_VCPU with the id KVM_CAP_MAX_VCPU_ID", max, -EINVAL,
		   vcpu_err(vm, max));
	expect_cap(_metadata, vm, CAP_MAX_VCPUS, max,
		   "as KVM_CAP_MAX_VCPU_ID: KVM has no other limit");
}

/* No document says how many are recommended. KVM has the host's CPUs, as far as VMs may have them. */
TEST_F(caps, recommended_vcpus_are_the_cpus_of_the_host)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), max = cap_of(self->kvm, CAP_MAX_VCPUS);

	expect_cap(_metadata, self->kvm, CAP_NR_VCPUS, cpus < max ? cpus : max,
		   "the host's CPUs or, if there are fewer, KVM_CAP_MAX_VCPUS");
}

#define CAP_GUEST_DEBUG_HW_BPS 119
#define CAP_GUEST_DEBUG_HW_WPS 120
#define ID_AA64DFR0_EL1 ABI_REG_SYS(3, 0, 0, 5, 0)

/* ID_AA64DFR0_EL1.BRPs and WRPs are one less [Arm ARM D24.2] */
TEST_F(caps, debug_registers_are_as_many_as_the_id_register_says)
{
	u64 dfr0 = reg_get(self->vm->vcpu[0], ID_AA64DFR0_EL1);

	expect_cap(_metadata, self->kvm, CAP_GUEST_DEBUG_HW_BPS, (dfr0 >> 12 & 0xf) + 1,
		   "as ID_AA64DFR0_EL1.BRPs says");
	expect_cap(_metadata, self->kvm, CAP_GUEST_DEBUG_HW_WPS, (dfr0 >> 20 & 0xf) + 1,
		   "as ID_AA64DFR0_EL1.WRPs says");
}

#define CAP_ARM_SUPPORTED_BLOCK_SIZES 229

/* Pages, what a table of them maps and, with pages of 4 KiB, what a table of tables does */
TEST_F(caps, block_sizes_are_those_of_the_page_size)
{
	u64 page = getpagesize(), block = page * (page / 8);
	u64 want = page | block | (page == 4096 ? block * (page / 8) : 0);

	if (!cap_of(self->kvm, CAP_ARM_SUPPORTED_BLOCK_SIZES))
		SKIP(return, "this kernel does not split blocks eagerly, or not in this mode");
	expect_cap(_metadata, self->kvm, CAP_ARM_SUPPORTED_BLOCK_SIZES, want,
		   "the sizes that stage 2 tables can map");
}

#define CAP_STEAL_TIME 187

TEST_F(caps, steal_time_is_there_if_its_attribute_is)
{
	int err = __vcpu_attr(self->vm->vcpu[0], KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_GROUP,
			      ABI_PV_TIME_IPA, NULL);

	expect_cap(_metadata, self->kvm, CAP_STEAL_TIME, !err,
		   "as KVM_HAS_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_IPA says");
}

#define CAP_MSI_DEVID 131

/* A device id is required once the VM has an ITS */
TEST_F(caps, msi_devid_says_whether_the_vm_has_an_its)
{
	struct kvm_create_device its = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS };
	int vm = self->vm->kvm->fd;

	if (!host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V3))
		SKIP(return, "this host has no vGICv3");
	expect_cap(_metadata, vm, CAP_MSI_DEVID, 0, "since the VM has no ITS");
	vgic_create(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	expect_cap(_metadata, vm, CAP_MSI_DEVID, 0, "since the VM has no ITS");
	ASSERT_EQ(0, ioctl(vm, KVM_CREATE_DEVICE, &its));
	expect_cap(_metadata, vm, CAP_MSI_DEVID, 1, "since the VM has an ITS");
	close(its.fd);
}

/*
 * A protected VM [arm/pkvm.rst]. No document lists what it has; the record has what it had.
 * pkvm.rst calls the interface subject to changes, so that what it has not is held to alone.
 */
TEST_F(caps, a_protected_vm_has_no_more_than_recorded)
{
	const struct cap_history *history = cap_history();
	int vm = ioctl(self->kvm, KVM_CREATE_VM, ABI_TYPE_PROTECTED | vm_ipa_limit());
	unsigned int i;

	if (vm < 0)
		SKIP(return, "this host makes no protected VMs");
	for (i = 0; i < history->nr; i++) {
		const struct cap_record *record = &history->record[i];
		int val = cap_of(vm, record->nr);

		if (cap_condition(self->vm, record->condition) <= 0 || record->pvm)
			continue;
		EXPECT_EQ(0, val)
		{
			TH_LOG("%s, capability %u, of a protected VM: %d; expected 0, as recorded: it is for other VMs",
			       record->name, record->nr, val);
			count_failure(_metadata);
		}
	}
	close(vm);
}

/* "0 if unsupported" [api.rst 4.4]: also of numbers that no kernel has */
TEST_F(caps, numbers_of_none_are_not_supported)
{
	static const unsigned int numbers[] = { 1024, 4095, 0xffff, 0x10000, INT_MAX, UINT_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		expect_cap(_metadata, self->kvm, numbers[i], 0, "since there is none");
		expect_cap(_metadata, self->vm->kvm->fd, numbers[i], 0, "since there is none");
	}
}

/* KVM_ENABLE_CAP on a VM without vCPUs and memory [api.rst 4.37, 7]. The errors are KVM's */
FIXTURE(enable)
{
	struct kvm_vm *kvm;
};

FIXTURE_SETUP(enable)
{
	self->kvm = bare_vm_create(0);
}

FIXTURE_TEARDOWN(enable)
{
	kvm_vm_free(self->kvm);
}

#define CAP_ARM_EAGER_SPLIT_CHUNK_SIZE 228
#define CAP_ARM_SEA_TO_USER 245

/* Those that have no arguments */
static const unsigned int can_be_enabled[] = {
	KVM_CAP_ARM_NISV_TO_USER,	  KVM_CAP_ARM_MTE,     KVM_CAP_ARM_SYSTEM_SUSPEND,
	ABI_CAP_ARM_WRITABLE_IMP_ID_REGS, CAP_ARM_SEA_TO_USER,
};

static int enable_err(struct kvm_vm *kvm, unsigned int nr, u32 flags, u64 arg)
{
	struct kvm_enable_cap cap = { .cap = nr, .flags = flags, .args = { arg } };

	return ioctl_err(ioctl(kvm->fd, KVM_ENABLE_CAP, &cap));
}

static void expect_enable(struct __test_metadata *_metadata, struct kvm_vm *kvm, unsigned int nr,
			  int want, const char *why)
{
	int err = enable_err(kvm, nr, 0, 0);

	EXPECT_EQ(want, err)
	{
		TH_LOG("KVM_ENABLE_CAP of %s, capability %u: %s; expected %s, %s",
		       cap_name(nr) ?: "?", nr, err_str(err), err_str(want), why);
		count_failure(_metadata);
	}
}

/* "To check if a capability can be enabled, the KVM_CHECK_EXTENSION ioctl should be used" */
TEST_F(enable, takes_those_that_are_there_and_no_others)
{
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(can_be_enabled); i++) {
			bool there = cap_of(self->kvm->fd, can_be_enabled[i]) > 0;

			expect_enable(_metadata, self->kvm, can_be_enabled[i], there ? 0 : -EINVAL,
				      there ? "since it is there" : "since it is not there");
		}
	}
}

/* "It only works for extensions that are supported for enablement" */
TEST_F(enable, refuses_what_cannot_be_enabled)
{
	static const unsigned int others[] = {
		CAP_NR_VCPUS,
		CAP_MAX_VCPUS,
		KVM_CAP_ONE_REG,
		KVM_CAP_ARM_PSCI_0_2,
		KVM_CAP_ARM_SVE,
		CAP_STEAL_TIME,
		1023,
		0xffff,
		UINT_MAX,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		expect_enable(_metadata, self->kvm, others[i], -EINVAL,
			      "since it is none of these");
}

/* "A bitfield indicating future enhancements. Has to be 0 for now" */
TEST_F(enable, refuses_flags)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(can_be_enabled); i++)
		for (bit = 0; bit < 32; bit++)
			expect_err(_metadata, "KVM_ENABLE_CAP with this bit in flags", bit, -EINVAL,
				   enable_err(self->kvm, can_be_enabled[i], 1U << bit, 0));
}

static void add_memory(struct __test_metadata *_metadata, struct kvm_vm *kvm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = VM_RAM_BASE,
		.memory_size = VM_RAM_SIZE,
	};
	void *ram =
		mmap(NULL, VM_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, ram);
	region.userspace_addr = (unsigned long)ram;
	vm_ioctl(kvm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* "It must also be enabled by the VMM before creating any VCPUs" [api.rst 7.28] */
TEST_F(enable, mte_comes_before_the_vcpus)
{
	if (cap_of(self->kvm->fd, KVM_CAP_ARM_MTE) <= 0)
		SKIP(return, "this host offers no MTE to guests");
	add_memory(_metadata, self->kvm);
	expect_enable(_metadata, self->kvm, KVM_CAP_ARM_MTE, 0,
		      "since the VM has anonymous memory and no vCPU");
	__vm_vcpu_add(self->kvm, 0);
	expect_enable(_metadata, self->kvm, KVM_CAP_ARM_MTE, -EINVAL, "since there is a vCPU");
}

static void expect_chunk(struct __test_metadata *_metadata, struct kvm_vm *kvm, u64 size,
			 int want_err, u64 then, const char *why)
{
	int err = enable_err(kvm, CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, 0, size);
	u64 now = cap_of(kvm->fd, CAP_ARM_EAGER_SPLIT_CHUNK_SIZE);

	EXPECT_TRUE(err == want_err && now == then)
	{
		TH_LOG("KVM_ENABLE_CAP of KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, %#lx bytes: %s, then it is %#lx; expected %s and %#lx, %s",
		       size, err_str(err), now, err_str(want_err), then, why);
		count_failure(_metadata);
	}
}

/*
 * "The chunk size needs to be a valid block size ... The default value is 0", "-EINVAL if any
 * memslot was already created". That KVM_CHECK_EXTENSION gives the size no document states.
 */
TEST_F(enable, chunks_are_blocks_and_come_before_the_memory)
{
	u64 sizes = cap_of(self->kvm->fd, CAP_ARM_SUPPORTED_BLOCK_SIZES);
	u64 then = 0;
	unsigned int bit;

	if (!sizes)
		SKIP(return, "this kernel does not split blocks eagerly, or not in this mode");
	expect_chunk(_metadata, self->kvm, 0, 0, 0, "no chunk");
	for (bit = 0; bit < 31; bit++) {
		u64 size = 1ULL << bit;
		bool is_block = sizes & size;

		if (is_block)
			then = size;
		expect_chunk(_metadata, self->kvm, size, is_block ? 0 : -EINVAL, then,
			     is_block ? "a block" : "no block");
	}
	expect_chunk(_metadata, self->kvm, 3ULL * getpagesize(), -EINVAL, then, "no block");
	expect_chunk(_metadata, self->kvm, 0, 0, 0, "no chunk");
	expect_chunk(_metadata, self->kvm, getpagesize(), 0, getpagesize(), "a page");
	EXPECT_EQ(0, kvm_check_cap(CAP_ARM_EAGER_SPLIT_CHUNK_SIZE))
	{
		TH_LOG("KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE of /dev/kvm: %d; expected 0, the default",
		       kvm_check_cap(CAP_ARM_EAGER_SPLIT_CHUNK_SIZE));
	}
	add_memory(_metadata, self->kvm);
	expect_chunk(_metadata, self->kvm, 0, -EINVAL, getpagesize(), "since there is memory");
}

/*
 * --dump prints lines of diagnostics:
 *   release RELEASE
 *   host TERM...             of conditions, and pvm if it makes protected VMs
 *   cap NUMBER NAME VALUE VALUE VALUE  of /dev/kvm, of a VM and of a protected one or "-"
 */
#define NR_CAPS 1024

static int print_caps(void)
{
	struct test_vm *vm = test_vm_create(1, 0, VM_AT_EL1);
	const char *lack;
	int kvm = kvm_open(&lack), pvm;
	struct utsname uts;
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(1);
	uname(&uts);
	printf("# release %s\n# host", uts.release);
	for (i = 0; i < nr_cap_terms; i++)
		if (cap_terms[i].holds(vm) > 0)
			printf(" %s", cap_terms[i].name);
	pvm = ioctl(kvm, KVM_CREATE_VM, ABI_TYPE_PROTECTED | vm_ipa_limit());
	printf("%s\n", pvm < 0 ? "" : " pvm");
	for (i = 0; i < NR_CAPS; i++) {
		int of_kvm = cap_of(kvm, i), of_vm = cap_of(vm->kvm->fd, i);

		if (!of_kvm && !of_vm)
			continue;
		printf("# cap %u %s %d %d ", i, cap_name(i) ?: "?", of_kvm, of_vm);
		if (pvm < 0)
			printf("-\n");
		else
			printf("%d\n", cap_of(pvm, i));
	}
	if (pvm >= 0)
		close(pvm);
	close(kvm);
	test_vm_free(vm);
	ksft_test_result_pass("capabilities_are_printed\n");
	ksft_finished();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--dump"))
		return print_caps();
	return run_tests(argc, argv);
}
