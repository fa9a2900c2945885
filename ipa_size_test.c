// SPDX-License-Identifier: GPL-2.0
/*
 * ipa_size_test: the size of a VM's IPA space: which ones KVM_CREATE_VM takes, that memory
 * ends where they do, and that the guest's ID registers do not depend on it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.2  KVM_CREATE_VM
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest.h"
#include "kvm_dev.h"
#include "vm.h"

/* KVM_CREATE_VM with machine types */
FIXTURE(machine_type)
{
	unsigned int limit; /* of this host, in bits */
	int kvm_fd;
};

FIXTURE_SETUP(machine_type)
{
	const char *lack;

	self->limit = vm_ipa_limit();
	self->kvm_fd = kvm_open(&lack);
	ASSERT_LE(0, self->kvm_fd);
}

FIXTURE_TEARDOWN(machine_type)
{
	close(self->kvm_fd);
}

static void expect_create(struct __test_metadata *_metadata, FIXTURE_DATA(machine_type) * self,
			  unsigned long type, int want_err, const char *why)
{
	int fd = ioctl(self->kvm_fd, KVM_CREATE_VM, type);
	int err = fd < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_CREATE_VM with type %#lx on a host whose IPA limit is %u bits: %s; expected %s, since %s",
		       type, self->limit, err_str(err), err_str(want_err), why);
		count_failure(_metadata);
	}
}

TEST_F(machine_type, sizes_from_32_bits_to_the_limit_are_accepted)
{
	unsigned int bits;

	for (bits = ABI_MIN_IPA_BITS; bits <= self->limit; bits++)
		expect_create(_metadata, self, bits, 0, "the size is within the limit");
}

TEST_F(machine_type, sizes_below_32_bits_are_refused)
{
	unsigned int bits;

	for (bits = 1; bits < ABI_MIN_IPA_BITS; bits++)
		expect_create(_metadata, self, bits, -EINVAL, "an IPA space has 32 bits at least");
}

TEST_F(machine_type, sizes_above_the_limit_are_refused)
{
	unsigned int bits;

	for (bits = self->limit + 1; bits <= ABI_TYPE_IPA_BITS_MAX; bits++)
		expect_create(_metadata, self, bits, -EINVAL, "the size is above the limit");
}

/* Type 0 asks for 40 bits */
TEST_F(machine_type, default_size_is_refused_if_the_limit_is_lower)
{
	bool fits = self->limit >= ABI_DEFAULT_IPA_BITS;

	expect_create(_metadata, self, 0, fits ? 0 : -EINVAL,
		      fits ? "40 bits are within the limit" : "40 bits are above the limit");
}

/* No document states it. A VMM finds by it that a kernel does not know a kind of VM. */
TEST_F(machine_type, unknown_bits_are_refused)
{
	unsigned int bit;

	for (bit = 8; bit < 64; bit++) {
		unsigned long type = BIT_ULL(bit) | ABI_MIN_IPA_BITS;

		if (BIT_ULL(bit) != ABI_TYPE_PROTECTED)
			expect_create(_metadata, self, type, -EINVAL, "no kind of VM has that bit");
	}
}

/* Memory at the end of an IPA space */
#define PIECE 0x10000ULL /* a multiple of the largest page */

FIXTURE(memory)
{
	struct kvm_vm *kvm;
	char *mem;
	unsigned int bits;
};

FIXTURE_VARIANT(memory)
{
	unsigned int bits; /* 0: as many as the host has */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(memory, of_32_bits) { ABI_MIN_IPA_BITS };
FIXTURE_VARIANT_ADD(memory, of_36_bits) { 36 };
FIXTURE_VARIANT_ADD(memory, of_40_bits) { ABI_DEFAULT_IPA_BITS };
FIXTURE_VARIANT_ADD(memory, of_the_limit) { 0 };
/* clang-format on */

FIXTURE_SETUP(memory)
{
	self->bits = variant->bits ?: vm_ipa_limit();
	if (self->bits > vm_ipa_limit())
		SKIP(return, "this host's IPA space is smaller");
	/* 40 bits by the default, which says so */
	self->kvm = bare_vm_create(variant->bits == ABI_DEFAULT_IPA_BITS ? 0 : self->bits);
	self->mem =
		mmap(NULL, 2 * PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
}

FIXTURE_TEARDOWN(memory)
{
	if (!self->kvm)
		return;
	kvm_vm_free(self->kvm);
	munmap(self->mem, 2 * PIECE);
}

static void expect_slot(struct __test_metadata *_metadata, FIXTURE_DATA(memory) * self, u64 ipa,
			u64 size, int want_err)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (unsigned long)self->mem,
	};
	int err = ioctl_err(ioctl(self->kvm->fd, KVM_SET_USER_MEMORY_REGION, &region));

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_SET_USER_MEMORY_REGION of %#lx bytes at %#lx in an IPA space of %u bits: %s; expected %s, since that space ends at %#llx",
		       size, ipa, self->bits, err_str(err), err_str(want_err), 1ULL << self->bits);
	}
	/* Make room for the next one */
	region.memory_size = 0;
	if (!err)
		ASSERT_EQ(0, ioctl(self->kvm->fd, KVM_SET_USER_MEMORY_REGION, &region));
}

/* No document has the errno for what is beyond the end */
TEST_F(memory, ends_with_the_ipa_space)
{
	const u64 end = 1ULL << self->bits;

	expect_slot(_metadata, self, end, PIECE, -EFAULT);
	expect_slot(_metadata, self, end - PIECE, 2 * PIECE, -EFAULT);
	expect_slot(_metadata, self, end - PIECE, PIECE, 0);
}

/* ID_AA64MMFR0_EL1 for guest_id_reg(), and its field */
#define MMFR0 (6 * 8)
#define PARANGE 0xfULL

FIXTURE(guest)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(guest)
{
}

FIXTURE_TEARDOWN(guest)
{
	test_vm_free(self->vm);
}

TEST_F(guest, parange_does_not_depend_on_the_size)
{
	const unsigned int limit = vm_ipa_limit();
	const unsigned int sizes[] = { limit, ABI_MIN_IPA_BITS, 36, ABI_DEFAULT_IPA_BITS };
	u64 first = 0, id, val;
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes) && sizes[i] <= limit; i++) {
		self->vm = test_vm_create(1, 0, VM_IPA_BITS(sizes[i]));
		id = guest_id_reg(self->vm->vcpu[0], MMFR0, &res);
		expect_end(_metadata, "ID_AA64MMFR0_EL1", &res);
		val = reg_get(self->vm->vcpu[0], id);
		if (!i)
			first = val & PARANGE;
		EXPECT_TRUE((res.x[0] & PARANGE) == first && (val & PARANGE) == first)
		{
			TH_LOG("ID_AA64MMFR0_EL1.PARange in an IPA space of %u bits: the guest reads %#llx, KVM_GET_ONE_REG %#llx; expected %#lx, as in one of %u bits",
			       sizes[i], res.x[0] & PARANGE, val & PARANGE, first, limit);
		}
		test_vm_free(self->vm);
		self->vm = NULL;
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
