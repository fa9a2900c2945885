// SPDX-License-Identifier: GPL-2.0
/*
 * get_reg_list_test: the list of a vCPU's registers: its errors, and that a register answers
 * if and only if it is listed.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69  KVM_SET_ONE_REG, KVM_GET_ONE_REG
 *   Documentation/virt/kvm/api.rst 4.82, 4.84  KVM_ARM_VCPU_INIT, KVM_GET_REG_LIST
 *
 * For each combination of vCPU features that the host has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest.h"
#include "reg_history.h"
#include "vm.h"
#include "vm_config.h"

#define CANARY 0x5ca1ab1e0ddba11ULL

static u8 scratch[1 << 15]; /* the largest size that an id can name */

static const char *cmd_str(unsigned long cmd)
{
	return cmd == KVM_GET_ONE_REG ? "KVM_GET_ONE_REG" : "KVM_SET_ONE_REG";
}

static void expect_reg_err(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   unsigned long cmd, u64 id, const void *addr, const char *when,
			   int want_err)
{
	int err = __reg_ioctl(vcpu, cmd, id, addr);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("%s %s, %#lx, %s: %s; expected %s", cmd_str(cmd), reg_name(id), id, when,
		       err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
}

/* The vCPU is not ready: no list, and not even the number of its entries */
static void expect_no_list(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   const char *what, int want_err)
{
	struct {
		struct kvm_reg_list list;
		u64 reg[1];
	} buf;
	u64 n;

	for (n = 0; n <= 1; n++) {
		buf.list.n = n;
		buf.reg[0] = CANARY;
		expect_err(_metadata, what, n, want_err, __reg_list(vcpu, &buf.list));
		EXPECT_TRUE(buf.list.n == n && buf.reg[0] == CANARY)
		{
			TH_LOG("%s, %#lx: n is %#llx, the first entry %#lx; expected both unchanged",
			       what, n, buf.list.n, buf.reg[0]);
		}
	}
}

static void expect_no_regs(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, const u64 *ids,
			   unsigned int nr, const char *when, int want_err)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		expect_reg_err(_metadata, vcpu, KVM_GET_ONE_REG, ids[i], scratch, when, want_err);
		expect_reg_err(_metadata, vcpu, KVM_SET_ONE_REG, ids[i], scratch, when, want_err);
	}
}

/* A vCPU before KVM_ARM_VCPU_INIT */
FIXTURE(uninitialised)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(uninitialised)
{
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(uninitialised)
{
	kvm_vm_free(self->kvm);
}

TEST_F(uninitialised, vcpu_has_no_list)
{
	expect_no_list(_metadata, self->vcpu, "KVM_GET_REG_LIST before KVM_ARM_VCPU_INIT with n",
		       -ENOEXEC);
}

TEST_F(uninitialised, vcpu_has_no_registers)
{
	static const u64 ids[] = {
		ABI_PC,	      ABI_VBAR_EL1,	 ABI_PSCI_VERSION,
		ABI_STD_BMAP, ABI_REG_TIMER_CNT, ABI_REG_SVE_VLS,
	};

	expect_no_regs(_metadata, self->vcpu, ids, ARRAY_SIZE(ids), "before KVM_ARM_VCPU_INIT",
		       -ENOEXEC);
}

/* A vCPU with SVE before KVM_ARM_VCPU_FINALIZE */
FIXTURE(unfinalised)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(unfinalised)
{
	if (config_missing(&vm_configs[CONFIG_SVE]))
		SKIP(return, "this host offers no SVE to guests");
	self->vm = config_vm(CONFIG_SVE, VM_DEFER_FINALIZE);
}

FIXTURE_TEARDOWN(unfinalised)
{
	test_vm_free(self->vm);
}

TEST_F(unfinalised, vcpu_has_no_list)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *list;

	expect_no_list(_metadata, vcpu, "KVM_GET_REG_LIST before KVM_ARM_VCPU_FINALIZE with n",
		       -EPERM);
	ASSERT_EQ(0, __test_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE));
	list = vcpu_get_reg_list(vcpu);
	EXPECT_EQ(1, reg_list_count(list, ABI_REG_SVE_VLS))
	{
		TH_LOG("KVM_GET_REG_LIST after KVM_ARM_VCPU_FINALIZE names SVE_VLS %u times; expected once",
		       reg_list_count(list, ABI_REG_SVE_VLS));
	}
	free(list);
}

TEST_F(unfinalised, vector_registers_are_not_accessible)
{
	static const u64 ids[] = {
		ABI_REG_SVE_Z(0ULL),  ABI_REG_SVE_Z(31ULL), ABI_REG_SVE_P(0ULL),
		ABI_REG_SVE_P(15ULL), ABI_REG_SVE_FFR,
	};

	expect_no_regs(_metadata, self->vm->vcpu[0], ids, ARRAY_SIZE(ids),
		       "before KVM_ARM_VCPU_FINALIZE", -EPERM);
}

/* The order of every VMM: read SVE_VLS, write it, finalise, write the others */
TEST_F(unfinalised, vector_lengths_are_chosen_now_or_never)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 vls[8] = { 0 }, now[8] = { 0 }, one[8] = { 1 };

	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, vls));
	EXPECT_EQ(1, vls[0] & 1)
	{
		TH_LOG("SVE_VLS reads %#lx; expected bit 0 set, since every CPU with SVE has 128-bit vectors",
		       vls[0]);
	}
	expect_err(_metadata, "KVM_SET_ONE_REG SVE_VLS to the value read", vls[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls));
	expect_err(_metadata, "KVM_SET_ONE_REG SVE_VLS to 128-bit vectors alone", one[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, one));
	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, now));
	EXPECT_TRUE(same_bytes(one, now, sizeof(now)))
	{
		TH_LOG("SVE_VLS after a write of %#lx: %#lx; expected what was written", one[0],
		       now[0]);
	}
	expect_err(_metadata, "KVM_SET_ONE_REG SVE_VLS to its first value", vls[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls));
	ASSERT_EQ(0, __test_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE));
	expect_reg_err(_metadata, vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls,
		       "to its own value after KVM_ARM_VCPU_FINALIZE", -EPERM);
	expect_reg_err(_metadata, vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, one,
		       "to 128-bit vectors alone after KVM_ARM_VCPU_FINALIZE", -EPERM);
	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, now));
	EXPECT_TRUE(same_bytes(vls, now, sizeof(now)))
	{
		TH_LOG("SVE_VLS reads %#lx after KVM_ARM_VCPU_FINALIZE; expected %#lx", now[0],
		       vls[0]);
	}
}

/* The buffer of the caller */
FIXTURE(list_buffer)
{
	struct test_vm *vm;
	struct kvm_reg_list *list; /* as it should be */
};

FIXTURE_SETUP(list_buffer)
{
	self->vm = config_vm(CONFIG_PLAIN, 0);
	self->list = vcpu_get_reg_list(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(list_buffer)
{
	free(self->list);
	test_vm_free(self->vm);
}

TEST_F(list_buffer, short_of_room_is_told_the_number_needed)
{
	u64 need = self->list->n, room[] = { 0, 1, 2, need / 2, need - 1 };
	struct kvm_reg_list *list = calloc(need + 2, sizeof(u64));
	unsigned int i, j;

	ASSERT_NE(NULL, list);
	for (i = 0; i < ARRAY_SIZE(room); i++) {
		list->n = room[i];
		for (j = 0; j < need; j++)
			list->reg[j] = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST with n", room[i], -E2BIG,
			   __reg_list(self->vm->vcpu[0], list));
		EXPECT_EQ(need, list->n)
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx: E2BIG with n %#llx; expected %#lx",
			       room[i], list->n, need);
		}
		for (j = 0; j < need; j++)
			ASSERT_EQ(CANARY, list->reg[j])
			{
				TH_LOG("KVM_GET_REG_LIST with n %#lx wrote entry %#x; expected none, since the list does not fit",
				       room[i], j);
			}
	}
	free(list);
}

TEST_F(list_buffer, room_for_more_is_left_alone)
{
	u64 need = self->list->n, room[] = { need, need + 1, need + 16, ~0ULL };
	struct kvm_reg_list *list = calloc(need + 2, sizeof(u64));
	unsigned int i;

	ASSERT_NE(NULL, list);
	for (i = 0; i < ARRAY_SIZE(room); i++) {
		list->n = room[i];
		list->reg[need] = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST with n", room[i], 0,
			   __reg_list(self->vm->vcpu[0], list));
		EXPECT_EQ(need, list->n)
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx: n is %#llx; expected %#lx", room[i],
			       list->n, need);
		}
		EXPECT_EQ(CANARY, list->reg[need])
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx wrote %#llx after its %#lx entries; expected nothing there",
			       room[i], list->reg[need], need);
		}
		EXPECT_TRUE(same_bytes(list->reg, self->list->reg, need * sizeof(u64)))
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx: other ids than before; expected the same list",
			       room[i]);
		}
	}
	free(list);
}

TEST_F(list_buffer, bad_pointers_fault)
{
	size_t page = getpagesize(), need = self->list->n * sizeof(u64);
	size_t size = (need / page + 2) * page;
	char *map =
		mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *list;
	size_t room;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + size, page));

	expect_err(_metadata, "KVM_GET_REG_LIST at address", 0, -EFAULT, __reg_list(vcpu, NULL));
	expect_err(_metadata, "KVM_GET_REG_LIST at an unmapped page", size, -EFAULT,
		   __reg_list(vcpu, (void *)(map + size)));

	/* all entries, all but the first, and so on to the last, in the unmapped page */
	for (room = sizeof(list->n); room <= need; room += sizeof(u64)) {
		list = (void *)(map + size - room);
		list->n = self->list->n;
		expect_err(_metadata, "KVM_GET_REG_LIST with memory up to byte", room, -EFAULT,
			   __reg_list(vcpu, list));
	}

	/* n cannot be written, so neither the list nor the number needed can be returned */
	list = (void *)map;
	list->n = self->list->n;
	ASSERT_EQ(0, mprotect(map, size, PROT_READ));
	expect_err(_metadata, "KVM_GET_REG_LIST into read-only memory", need, -EFAULT,
		   __reg_list(vcpu, list));
	ASSERT_EQ(0, munmap(map, size));
}

/* The registers of a list */

FIXTURE(listed)
{
	struct test_vm *vm;
	struct kvm_reg_list *list;
};

FIXTURE_VARIANT(listed)
{
	enum config_id config;
};

CONFIG_VARIANTS(listed);

FIXTURE_SETUP(listed)
{
	const char *missing = config_missing(&vm_configs[variant->config]);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = config_vm(variant->config, 0);
	self->list = vcpu_get_reg_list(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(listed)
{
	free(self->list);
	test_vm_free(self->vm);
}

/* A group of registers, with ids of any size */
#define GROUP(coproc) (ABI_REG_ARM64 | (coproc) << ABI_REG_COPROC_SHIFT)

static bool is_firmware(u64 id)
{
	u64 group = id & ~(ABI_REG_SIZE_MASK | 0xffff);

	return group == GROUP(ABI_COPROC_FW) || group == GROUP(ABI_COPROC_FW_BMAP);
}

/* ENOENT for firmware registers [fw-pseudo-registers.rst]; for others EINVAL, too [api.rst 4.68] */
static void expect_refusal(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   unsigned long cmd, u64 id)
{
	int err = __reg_ioctl(vcpu, cmd, id, scratch);
	bool refused = err == -ENOENT || (err == -EINVAL && !is_firmware(id));

	EXPECT_TRUE(refused)
	{
		TH_LOG("%s %s, %#lx, which is not listed: %s; expected %s", cmd_str(cmd),
		       reg_plain_name(id), id, err_str(err),
		       is_firmware(id) ? "ENOENT" : "ENOENT or EINVAL");
		count_failure(_metadata);
	}
}

/* What is written is in scratch: see prepare_write() */
static void expect_no_access(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id)
{
	expect_refusal(_metadata, vcpu, KVM_GET_ONE_REG, id);
	expect_refusal(_metadata, vcpu, KVM_SET_ONE_REG, id);
}

/* The value of a listed register, so that no write to a like one is refused for what it writes */
static void prepare_write(struct kvm_vcpu *vcpu, u64 listed)
{
	__reg_ioctl(vcpu, KVM_GET_ONE_REG, listed, scratch);
}

TEST_F(listed, every_id_is_listed_once)
{
	u64 i;

	for (i = 0; i < self->list->n; i++) {
		unsigned int count = reg_list_count(self->list, self->list->reg[i]);

		EXPECT_EQ(1, count)
		{
			TH_LOG("KVM_GET_REG_LIST names %s, %#llx, %u times; expected once",
			       reg_name(self->list->reg[i]), self->list->reg[i], count);
			count_failure(_metadata);
		}
	}
}

/* Read a register into the middle of two fills; what differs from both was written */
static int get_between_canaries(struct kvm_vcpu *vcpu, u64 id, unsigned int *first,
				unsigned int *last)
{
	static u8 buf[2][3 * REG_MAX_BYTES];
	unsigned int i, at = REG_MAX_BYTES;
	int err;

	memset(buf[0], 0xa5, sizeof(buf[0]));
	memset(buf[1], 0x5a, sizeof(buf[1]));
	err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf[0] + at);
	if (!err)
		err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf[1] + at);
	*first = ~0U;
	*last = 0;
	for (i = 0; i < sizeof(buf[0]); i++) {
		if (buf[0][i] == 0xa5 && buf[1][i] == 0x5a)
			continue;
		if (*first == ~0U)
			*first = i - at;
		*last = i - at;
	}
	return err;
}

TEST_F(listed, every_register_is_read_at_the_size_of_its_id)
{
	unsigned int first, last;
	int err;
	u64 i;

	for (i = 0; i < self->list->n; i++) {
		u64 id = self->list->reg[i];

		ASSERT_GE(REG_MAX_BYTES, reg_bytes(id));
		err = get_between_canaries(self->vm->vcpu[0], id, &first, &last);
		EXPECT_TRUE(!err && first == 0 && last == reg_bytes(id) - 1)
		{
			TH_LOG("KVM_GET_ONE_REG %s, %#lx: %s, wrote bytes %d to %d; expected 0 to %u",
			       reg_name(id), id, err_str(err), first, last, reg_bytes(id) - 1);
			count_failure(_metadata);
		}
	}
}

TEST_F(listed, bad_pointers_fault)
{
	size_t page = getpagesize();
	char *map =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int j;
	u64 i;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + page, page));
	for (i = 0; i < self->list->n; i++) {
		u64 id = self->list->reg[i];
		/* unmapped as a whole, and only the last byte unmapped */
		const void *bad[] = { NULL, map + page - reg_bytes(id) + 1 };

		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			expect_reg_err(_metadata, vcpu, KVM_GET_ONE_REG, id, bad[j],
				       "to a bad pointer", -EFAULT);
			if (id == ABI_REG_SVE_VLS) /* read-only once finalised */
				continue;
			/* KVM reads Zn, Pn and FFR only up to the vector length */
			if (j && reg_coproc(id) == ABI_COPROC_SVE)
				continue;
			expect_reg_err(_metadata, vcpu, KVM_SET_ONE_REG, id, bad[j],
				       "from a bad pointer", -EFAULT);
		}
	}
	ASSERT_EQ(0, munmap(map, page));
}

TEST_F(listed, other_sizes_are_refused)
{
	u64 i, size, id;

	for (i = 0; i < self->list->n; i++) {
		prepare_write(self->vm->vcpu[0], self->list->reg[i]);
		for (size = 0; size <= 15; size++) {
			id = (self->list->reg[i] & ~ABI_REG_SIZE_MASK) | size << ABI_REG_SIZE_SHIFT;
			if (!reg_list_count(self->list, id))
				expect_no_access(_metadata, self->vm->vcpu[0], id);
		}
	}
}

static int compare_ids(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static bool sorted_has(const struct kvm_reg_list *list, u64 id)
{
	return bsearch(&id, list->reg, list->n, sizeof(id), compare_ids);
}

/* Every id whose number is one bit or one away from that of a listed one */
TEST_F(listed, unlisted_neighbours_are_refused)
{
	u64 i, id, ids[16 + 2];
	unsigned int j;

	qsort(self->list->reg, self->list->n, sizeof(u64), compare_ids);
	for (i = 0; i < self->list->n; i++) {
		id = self->list->reg[i];
		prepare_write(self->vm->vcpu[0], id);
		for (j = 0; j < 16; j++)
			ids[j] = id ^ 1ULL << j;
		ids[16] = id + 1;
		ids[17] = id - 1;
		for (j = 0; j < ARRAY_SIZE(ids); j++)
			if (!sorted_has(self->list, ids[j]))
				expect_no_access(_metadata, self->vm->vcpu[0], ids[j]);
	}
}

/* All ids that a group has, for vCPUs with few features and with many */

FIXTURE(id_space)
{
	struct test_vm *vm;
	struct kvm_reg_list *list; /* by id */
};

FIXTURE_VARIANT(id_space)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(id_space, plain) { .config = CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(id_space, sve) { .config = CONFIG_SVE };
FIXTURE_VARIANT_ADD(id_space, el1_32) { .config = CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(id_space, el2) { .config = CONFIG_EL2 };
/* clang-format on */

FIXTURE_SETUP(id_space)
{
	const char *missing = config_missing(&vm_configs[variant->config]);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = config_vm(variant->config, 0);
	self->list = vcpu_get_reg_list(self->vm->vcpu[0]);
	qsort(self->list->reg, self->list->n, sizeof(u64), compare_ids);
}

FIXTURE_TEARDOWN(id_space)
{
	free(self->list);
	test_vm_free(self->vm);
}

static void expect_answer_iff_listed(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				     const struct kvm_reg_list *list, u64 id)
{
	if (sorted_has(list, id))
		expect_reg_err(_metadata, vcpu, KVM_GET_ONE_REG, id, scratch, "which is listed", 0);
	else
		expect_refusal(_metadata, vcpu, KVM_GET_ONE_REG, id);
}

TEST_F(id_space, firmware_registers_answer_if_and_only_if_listed)
{
	static const u64 always[] = { ABI_PSCI_VERSION, ABI_WORKAROUND_1, ABI_WORKAROUND_2 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int n;

	for (n = 0; n <= 0xffff; n += n < 512 ? 1 : 255) {
		expect_answer_iff_listed(_metadata, vcpu, self->list, ABI_REG_FW(n));
		expect_answer_iff_listed(_metadata, vcpu, self->list, ABI_REG_FW_BMAP(n));
	}
	/* registers that every kernel has */
	for (n = 0; n < ARRAY_SIZE(always); n++)
		EXPECT_TRUE(sorted_has(self->list, always[n]))
		{
			TH_LOG("KVM_GET_REG_LIST does not name %s; expected on every kernel",
			       reg_name(always[n]));
		}
}

TEST_F(id_space, system_registers_answer_if_and_only_if_listed)
{
	unsigned int n;

	/* op0 2 and 3; 0 and 1 are instructions */
	for (n = 2 << 14; n < 4 << 14; n++)
		expect_answer_iff_listed(_metadata, self->vm->vcpu[0], self->list,
					 ABI_REG_SYS(0ULL, 0, 0, 0, n));
}

TEST_F(id_space, core_and_vector_registers_answer_if_and_only_if_listed)
{
	static const unsigned int sizes[] = { 2, 3, 4, 5, 6, 8 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int n, i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 size = (u64)sizes[i] << ABI_REG_SIZE_SHIFT;

		/* to some way after FPCR, and after FFR */
		for (n = 0; n < 0x100; n++)
			expect_answer_iff_listed(_metadata, vcpu, self->list,
						 size | GROUP(ABI_COPROC_CORE) | n);
		for (n = 0; n < 0x680; n++)
			expect_answer_iff_listed(_metadata, vcpu, self->list,
						 size | GROUP(ABI_COPROC_SVE) | n);
	}
}

/* The numbers of listed registers in other groups: coprocessor, architecture, unused bits */
TEST_F(id_space, registers_of_other_groups_are_refused)
{
	unsigned int bit;
	u64 i, id;

	for (i = 0; i < self->list->n; i++) {
		prepare_write(self->vm->vcpu[0], self->list->reg[i]);
		for (bit = 16; bit < 64; bit++) {
			id = self->list->reg[i] ^ 1ULL << bit;
			if (!(BIT_ULL(bit) & ABI_REG_SIZE_MASK) && !sorted_has(self->list, id))
				expect_no_access(_metadata, self->vm->vcpu[0], id);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
