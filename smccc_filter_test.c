// SPDX-License-Identifier: GPL-2.0
/*
 * smccc_filter_test: what a VMM may set as SMCCC filter, and the errors.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/vm.rst, 6      KVM_ARM_VM_SMCCC_CTRL
 *   Documentation/virt/kvm/api.rst 4.80, 4.81     KVM_SET_, KVM_HAS_DEVICE_ATTR
 *
 * The VMs have guests at EL1 in both programs: the filter belongs to the VM, so it does
 * not depend on where its guests start.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"

#include "expect.h"
#include "filter.h"
#include "filter_expect.h"
#include "guest.h"
#include "host.h"
#include "vm.h"

static void expect_add(struct __test_metadata *_metadata, struct test_vm *vm, u32 base, u32 nr,
		       u8 action, int want_err)
{
	const struct smccc_filter filter = {
		.base = base,
		.nr_functions = nr,
		.action = action,
	};

	expect_filter(_metadata, vm, &filter, want_err);
}

/* KVM_HAS_DEVICE_ATTR or KVM_SET_DEVICE_ATTR of the VM */
static void expect_attr(struct __test_metadata *_metadata, struct test_vm *vm, unsigned long cmd,
			u32 group, u64 attr, const void *addr, int want_err, const char *why)
{
	int err = __vm_attr(vm, cmd, group, attr, addr);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("%s of group %#x attribute %#lx with address %#lx: %s; expected %s: %s",
		       cmd == KVM_HAS_DEVICE_ATTR ? "KVM_HAS_DEVICE_ATTR" : "KVM_SET_DEVICE_ATTR",
		       group, attr, (u64)addr, err_str(err), err_str(want_err), why);
		count_failure(_metadata);
	}
}

/* Whether the attribute is there at all */

FIXTURE(attribute)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(attribute)
{
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
}

FIXTURE_TEARDOWN(attribute)
{
	test_vm_free(self->vm);
}

/*
 * All other tests skip if KVM_HAS_DEVICE_ATTR fails, so check it against
 * KVM_SET_DEVICE_ATTR.
 */
TEST_F(attribute, is_advertised_if_and_only_if_it_can_be_set)
{
	bool advertised = test_vm_has_filter(self->vm);
	int err = __filter_add(self->vm, FREE_BASE, 1, ABI_FILTER_DENY);

	EXPECT_EQ(advertised, !err)
	{
		TH_LOG("KVM_SET_DEVICE_ATTR of a valid KVM_ARM_VM_SMCCC_FILTER: %s; expected %s, as KVM_HAS_DEVICE_ATTR says that it is %s",
		       err_str(err), advertised ? "0" : "an error",
		       advertised ? "there" : "not there");
	}
}

FIXTURE(config)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(config)
{
	const char *missing = host_missing_filter();

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
}

FIXTURE_TEARDOWN(config)
{
	test_vm_free(self->vm);
}

/* "addr" is ignored by KVM_HAS_DEVICE_ATTR [api.rst 4.81] */
TEST_F(config, has_device_attr_ignores_the_address)
{
	const void *addr[] = { NULL, (void *)-1L, self->vm->ram };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++)
		expect_attr(_metadata, self->vm, KVM_HAS_DEVICE_ATTR, ABI_SMCCC_GROUP,
			    ABI_SMCCC_FILTER, addr[i], 0, "the address is ignored");
}

static void expect_unknown(struct __test_metadata *_metadata, struct test_vm *vm, u32 group,
			   u64 attr)
{
	const struct smccc_filter filter = { .base = FREE_BASE, .nr_functions = 1 };

	expect_attr(_metadata, vm, KVM_HAS_DEVICE_ATTR, group, attr, NULL, -ENXIO,
		    "the attribute is unknown");
	expect_attr(_metadata, vm, KVM_SET_DEVICE_ATTR, group, attr, &filter, -ENXIO,
		    "the attribute is unknown");
}

TEST_F(config, unknown_attributes_are_enxio)
{
	const struct smccc_filter filter = { .base = FREE_BASE, .nr_functions = 1 };
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		expect_unknown(_metadata, self->vm, ABI_SMCCC_GROUP,
			       ABI_SMCCC_FILTER ^ 1ULL << bit);
	for (bit = 0; bit < 32; bit++)
		expect_unknown(_metadata, self->vm, ABI_SMCCC_GROUP ^ 1U << bit, ABI_SMCCC_FILTER);
	/* none of these writes set a filter */
	expect_filter(_metadata, self->vm, &filter, 0);
}

/* The attribute is write-only */
TEST_F(config, filter_cannot_be_read)
{
	struct smccc_filter filter, untouched;
	int err;

	filter_add(self->vm, FREE_BASE, 1, ABI_FILTER_DENY);
	memset(&filter, 0xa5, sizeof(filter));
	untouched = filter;
	err = __vm_attr(self->vm, KVM_GET_DEVICE_ATTR, ABI_SMCCC_GROUP, ABI_SMCCC_FILTER, &filter);
	EXPECT_GT(0, err)
	{
		TH_LOG("KVM_GET_DEVICE_ATTR of KVM_ARM_VM_SMCCC_FILTER: %s; expected an error, as it is write-only",
		       err_str(err));
	}
	EXPECT_TRUE(same_bytes(&untouched, &filter, sizeof(filter)))
	{
		TH_LOG("KVM_GET_DEVICE_ATTR of KVM_ARM_VM_SMCCC_FILTER wrote to its buffer; expected it untouched");
	}
}

TEST_F(config, bad_pointers_fault)
{
	char *pages = mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = pages + getpagesize();
	const void *bad[] = { NULL, end, end - 1, end - 23, (void *)(1UL << 63), (void *)-8L };
	unsigned int i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(end, getpagesize()));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_attr(_metadata, self->vm, KVM_SET_DEVICE_ATTR, ABI_SMCCC_GROUP,
			    ABI_SMCCC_FILTER, bad[i], -EFAULT, "no filter can be read there");
	expect_err(_metadata, "KVM_SET_DEVICE_ATTR from an unmapped page", (u64)end, -EFAULT,
		   ioctl_err(ioctl(self->vm->kvm->fd, KVM_SET_DEVICE_ATTR, end)));
	expect_err(_metadata, "KVM_HAS_DEVICE_ATTR from an unmapped page", (u64)end, -EFAULT,
		   ioctl_err(ioctl(self->vm->kvm->fd, KVM_HAS_DEVICE_ATTR, end)));

	/* and not one byte more than the structure is read */
	memset(pages, 0, getpagesize());
	((struct smccc_filter *)end)[-1] = (struct smccc_filter){
		.base = FREE_BASE,
		.nr_functions = 1,
	};
	expect_filter(_metadata, self->vm, (struct smccc_filter *)end - 1, 0);
}

TEST_F(config, padding_must_be_zero)
{
	struct smccc_filter filter = { .base = FREE_BASE, .nr_functions = 1 };
	unsigned int i, bit;

	for (i = 0; i < sizeof(filter.pad); i++) {
		for (bit = 0; bit < 8; bit++) {
			filter.pad[i] = 1U << bit;
			expect_err(_metadata, "KVM_ARM_VM_SMCCC_FILTER, not zero in padding byte",
				   i, -EINVAL, __filter_set(self->vm, &filter));
		}
		filter.pad[i] = 0;
	}
	/* the refused filters were not set */
	expect_filter(_metadata, self->vm, &filter, 0);
}

TEST_F(config, unknown_actions_are_invalid)
{
	unsigned int action;

	for (action = ABI_FILTER_NR_ACTIONS; action <= 0xff; action++)
		expect_add(_metadata, self->vm, FREE_BASE, 1, action, -EINVAL);
	for (action = 0; action < ABI_FILTER_NR_ACTIONS; action++)
		expect_add(_metadata, self->vm, FREE_BASE + action, 1, action, 0);
}

/* Ranges */

struct range_row {
	u32 base, nr;
};

static const struct range_row wrapping_ranges[] = {
	{ 0xffffffff, 2 },	    { 0xffffffff, 3 },		{ 0xffffffff, 0x80000000 },
	{ 0xffffffff, 0xffffffff }, { 0xfffffffe, 3 },		{ 0xffff0000, 0x10001 },
	{ 0x00000002, 0xffffffff }, { 0x7fffffff, 0x80000002 }, { 0x80010000, 0x7fff0001 },
	{ 0x80010000, 0xffffffff }, { FREE_BASE, 0xffffffff },	{ FREE_BASE, 0U - FREE_BASE + 1 },
};

TEST_F(config, ranges_must_not_wrap)
{
	unsigned int i, action;

	for (i = 0; i < ARRAY_SIZE(wrapping_ranges); i++) {
		for (action = 0; action < ABI_FILTER_NR_ACTIONS; action++)
			expect_add(_metadata, self->vm, wrapping_ranges[i].base,
				   wrapping_ranges[i].nr, action, -EINVAL);
	}
	/* none of them is there, and a range may end at the last id */
	expect_add(_metadata, self->vm, 0xffff0000, 0x10000, ABI_FILTER_DENY, 0);
	expect_add(_metadata, self->vm, FREE_BASE, 1, ABI_FILTER_DENY, 0);
	expect_add(_metadata, self->vm, 0, 2, ABI_FILTER_DENY, 0);
	expect_add(_metadata, self->vm, 2, 1, ABI_FILTER_DENY, 0);
}

TEST_F(config, empty_ranges_are_invalid)
{
	static const u32 bases[] = { 1, FREE_BASE, 0x7fffffff, 0x80010000, 0xffffffff };
	unsigned int i, action;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (action = 0; action < ABI_FILTER_NR_ACTIONS; action++)
			expect_add(_metadata, self->vm, bases[i], 0, action, -EINVAL);
	}
}

/* By itself, since base + nr_functions - 1 is the last of all ids here */
TEST_F(config, empty_range_at_zero_is_invalid)
{
	expect_add(_metadata, self->vm, 0, 0, ABI_FILTER_DENY, -EINVAL);
	expect_add(_metadata, self->vm, 0, 1, ABI_FILTER_DENY, 0);
}

/* A range can be added to whatever is there: to a fresh VM as to one with filters */
static const struct range_row reserved_ranges[] = {
	{ 0x80000000, 1 },
	{ 0x8000ffff, 1 },
	{ 0x80000000, 0x10000 },
	{ 0x7fffffff, 2 },
	{ 0x8000ffff, 2 },
	{ 0x80007fff, 2 }, /* SMCCC_ARCH_WORKAROUND_2 and _1 */
	{ 0x80003fff, 1 }, /* SMCCC_ARCH_WORKAROUND_3 */
	{ 0x7fff0000, 0x30000 },
	{ 0xc0000000, 1 },
	{ 0xc000ffff, 1 },
	{ 0xc0000000, 0x10000 },
	{ 0xc0008000, 1 },
	{ 0xbfffffff, 2 },
	{ 0xc000ffff, 2 },
	{ 0xbfff0000, 0x30000 },
	{ 0x80010000, 0x80000000 - 0x10000 },
	{ 0x00000000, 0xffffffff },
	{ 0x00000001, 0xffffffff },
};

TEST_F(config, architecture_calls_are_reserved)
{
	unsigned int i, action;

	for (i = 0; i < ARRAY_SIZE(reserved_ranges); i++) {
		test_vm_free(self->vm);
		self->vm = test_vm_create(1, 0, VM_AT_EL1);
		for (action = 0; action < ABI_FILTER_NR_ACTIONS; action++)
			expect_add(_metadata, self->vm, reserved_ranges[i].base,
				   reserved_ranges[i].nr, (action + i) % ABI_FILTER_NR_ACTIONS,
				   -EEXIST);
	}
	/* up to each end of them, and no part of what was refused is there */
	expect_add(_metadata, self->vm, 0x00000000, 0x80000000, ABI_FILTER_DENY, 0);
	expect_add(_metadata, self->vm, 0x80010000, 0x3fff0000, ABI_FILTER_FWD_TO_USER, 0);
	expect_add(_metadata, self->vm, 0xc0010000, 0x3fff0000, ABI_FILTER_HANDLE, 0);
	for (i = 0; i < ARRAY_SIZE(reserved_ranges); i++)
		expect_add(_metadata, self->vm, reserved_ranges[i].base, reserved_ranges[i].nr,
			   ABI_FILTER_DENY, -EEXIST);
}

TEST_F(config, every_architecture_call_is_reserved)
{
	u32 n;

	/* each of the low numbers, and every 0x400th of the others, the last one included */
	for (n = 0; n < ABI_NR_FUNCTIONS; n += n < 0x3ff ? 1 : 0x400) {
		expect_add(_metadata, self->vm, ABI_ARCH_FIRST + n, 1, ABI_FILTER_DENY, -EEXIST);
		expect_add(_metadata, self->vm, ABI_ARCH64_FIRST + n, 1, ABI_FILTER_DENY, -EEXIST);
	}
}

/* Yielding and fast, 32- and 64-bit, but for the two kinds of fast architecture calls */
TEST_F(config, calls_of_every_other_owner_can_be_filtered)
{
	u32 owner, kind;

	for (kind = 0; kind < 4; kind++) {
		for (owner = 0; owner < ABI_NR_OWNERS; owner++) {
			u32 base = kind << 30 | owner << ABI_OWNER_SHIFT;
			bool reserved = kind & 2 && owner == ABI_OWNER_ARCH;

			expect_add(_metadata, self->vm, base, ABI_NR_FUNCTIONS,
				   owner % ABI_FILTER_NR_ACTIONS, reserved ? -EEXIST : 0);
		}
	}
}

/* Against a filter of 0x10 ids from FREE_BASE + 0x20 */
static const struct {
	u32 first, nr;
	int err;
} overlaps[] = {
	{ 0x20, 0x10, -EEXIST }, /* the same */
	{ 0x20, 1, -EEXIST },	  { 0x2f, 1, -EEXIST }, { 0x28, 4, -EEXIST },
	{ 0x1f, 2, -EEXIST },	  { 0x2f, 2, -EEXIST }, { 0x00, 0x21, -EEXIST },
	{ 0x00, 0x100, -EEXIST }, { 0x1f, 1, 0 },	{ 0x30, 1, 0 },
	{ 0x00, 0x1f, 0 },	  { 0x31, 0x100, 0 },
};

TEST_F(config, overlaps_are_refused_and_neighbours_accepted)
{
	unsigned int first, second, i;

	for (first = 0; first < ABI_FILTER_NR_ACTIONS; first++) {
		for (second = 0; second < ABI_FILTER_NR_ACTIONS; second++) {
			u32 base = FREE_BASE + (first * ABI_FILTER_NR_ACTIONS + second) * 0x1000;

			expect_add(_metadata, self->vm, base + 0x20, 0x10, first, 0);
			for (i = 0; i < ARRAY_SIZE(overlaps); i++)
				expect_add(_metadata, self->vm, base + overlaps[i].first,
					   overlaps[i].nr, second, overlaps[i].err);
		}
	}
}

/* Once a vCPU has run */

#define NR_LOCKED_VCPUS 2

FIXTURE(locked)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(locked)
{
	bool filtered; /* a filter was set before the run */
	unsigned int runner; /* the one vCPU that runs */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(locked, without_filter_by_first_vcpu) { false, 0 };
FIXTURE_VARIANT_ADD(locked, without_filter_by_last_vcpu) { false, NR_LOCKED_VCPUS - 1 };
FIXTURE_VARIANT_ADD(locked, with_filter_by_first_vcpu) { true, 0 };
FIXTURE_VARIANT_ADD(locked, with_filter_by_last_vcpu) { true, NR_LOCKED_VCPUS - 1 };
/* clang-format on */

FIXTURE_SETUP(locked)
{
	const u64 in[8] = { ABI_SMCCC_VERSION };
	const char *missing = host_missing_filter();
	struct guest_result res;

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(NR_LOCKED_VCPUS, 0, VM_AT_EL1);
	if (variant->filtered)
		filter_add(self->vm, FREE_BASE, 1, ABI_FILTER_DENY);
	guest_call(self->vm->vcpu[variant->runner], CONDUIT_HVC, in, &res);
	expect_end(_metadata, "the first run", &res);
}

FIXTURE_TEARDOWN(locked)
{
	test_vm_free(self->vm);
}

/* The calls go on as without the refused filters: KVM has TRNG_VERSION, no one the other */
static void expect_locked(struct __test_metadata *_metadata, struct test_vm *vm)
{
	static const u32 ids[] = { ABI_TRNG_VERSION, FREE_BASE + 1 };
	static const u64 trng_version[4] = { ABI_TRNG_VERSION_1_0 };
	struct guest_result res;
	unsigned int i, action;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const u64 in[8] = { ids[i] };

		for (action = 0; action < ABI_FILTER_NR_ACTIONS; action++)
			expect_add(_metadata, vm, ids[i], 1, action, -EBUSY);
		guest_call(vm->vcpu[0], CONDUIT_HVC, in, &res);
		expect_end(_metadata, "a call whose filter was refused", &res);
		expect_results(_metadata, "after a refused filter, call", ids[i], res.x,
			       i ? not_supported : trng_version);
	}
}

TEST_F(locked, change_is_busy_and_without_effect)
{
	expect_locked(_metadata, self->vm);
}

TEST_F(locked, vcpu_init_does_not_unlock)
{
	unsigned int i;

	for (i = 0; i < NR_LOCKED_VCPUS; i++)
		test_vcpu_reinit(self->vm, i);
	expect_locked(_metadata, self->vm);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
