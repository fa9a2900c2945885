// SPDX-License-Identifier: GPL-2.0
/*
 * hypercalls_test: the bitmap registers by which a VMM chooses hypercall services, and
 * that the guest sees just what they enable.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  the bitmap registers
 *   Documentation/virt/kvm/arm/hypercalls.rst           KVM's vendor calls
 *   Arm DEN0028 (SMCCC)                                 the calling convention
 *
 * The expectations are in the tables of lib/smccc.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "vm.h"

/* At EL2 vm_scope_el2_test covers more vCPUs, see few_vcpus() */
static unsigned int bitmap_vcpus(void)
{
	return guest_at_el2 ? 1 : few_vcpus();
}

/* Before any vCPU has run */

FIXTURE(bitmap)
{
	struct test_vm *vm;
	const struct fw_bitmap *bmap;
	const struct fw_reg *reg;
	u64 reset, unknown; /* of struct fw_config */
	struct fw_config cfg;
};

FIXTURE_VARIANT(bitmap)
{
	int bmap;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(bitmap, std) { .bmap = BMAP_STD };
FIXTURE_VARIANT_ADD(bitmap, std_hyp) { .bmap = BMAP_STD_HYP };
FIXTURE_VARIANT_ADD(bitmap, vendor_hyp) { .bmap = BMAP_VENDOR_HYP };
FIXTURE_VARIANT_ADD(bitmap, vendor_hyp_2) { .bmap = BMAP_VENDOR_HYP_2 };
/* clang-format on */

FIXTURE_SETUP(bitmap)
{
	host_fw(&self->cfg);
	self->bmap = &fw_bitmaps[variant->bmap];
	self->reg = &self->bmap->reg;
	self->reset = self->cfg.reset[variant->bmap];
	self->unknown = self->cfg.unknown[variant->bmap];
	if (!self->cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].reg.name);
	self->vm = test_vm_create(bitmap_vcpus(), 0, 0);
}

FIXTURE_TEARDOWN(bitmap)
{
	test_vm_free(self->vm);
}

TEST_F(bitmap, reset_value_is_the_documented_one)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_get(_metadata, self->vm->vcpu[i], self->reg, self->reset);
}

TEST_F(bitmap, is_listed_once)
{
	expect_listed_once(_metadata, self->vm->vcpu[0], self->reg);
}

TEST_F(bitmap, every_accepted_subset_reads_back)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 from = 0, to;

	/* from each subset to each other: setting and clearing bits can both go wrong */
	do {
		to = 0;
		do {
			expect_set(_metadata, vcpu, self->reg, from, 0, from);
			expect_set(_metadata, vcpu, self->reg, to, 0, to);
			to = next_subset(to, self->bmap->accepted);
		} while (to);
		from = next_subset(from, self->bmap->accepted);
	} while (from);
}

TEST_F(bitmap, unsupported_bits_are_refused)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 accepted = self->bmap->accepted, refused = ~(accepted | self->unknown);
	u64 now = 0, with;
	unsigned int bit;

	do {
		expect_set(_metadata, vcpu, self->reg, now, 0, now);
		for (bit = 0; bit < 64; bit++) {
			if (!(refused & 1ULL << bit))
				continue;
			with = 0;
			do {
				expect_set(_metadata, vcpu, self->reg, 1ULL << bit | with, -EINVAL,
					   now);
				with = next_subset(with, accepted);
			} while (with);
		}
		expect_set(_metadata, vcpu, self->reg, refused, -EINVAL, now);
		expect_set(_metadata, vcpu, self->reg, ~0ULL, -EINVAL, now);
		now = next_subset(now, accepted);
	} while (now);
}

TEST_F(bitmap, write_leaves_the_other_registers_alone)
{
	u64 val = 0;
	int i;

	do {
		reg_set(self->vm->vcpu[0], self->reg->id, val);
		for (i = 0; i < NR_BMAPS; i++) {
			if (i != variant->bmap && self->cfg.has_reg[i])
				expect_get(_metadata, self->vm->vcpu[0], &fw_bitmaps[i].reg,
					   self->cfg.reset[i]);
		}
		val = next_subset(val, self->bmap->accepted);
	} while (val);
}

TEST_F(bitmap, other_sizes_are_unknown_registers)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 size, id, buf[32] = { 0 };

	for (size = 0; size <= 8; size++) {
		if (size == (self->reg->id & ABI_REG_SIZE_MASK) >> ABI_REG_SIZE_SHIFT)
			continue;
		id = (self->reg->id & ~ABI_REG_SIZE_MASK) | size << ABI_REG_SIZE_SHIFT;
		expect_err(_metadata, "KVM_GET_ONE_REG of another size", id, -ENOENT,
			   __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf));
		expect_err(_metadata, "KVM_SET_ONE_REG of another size", id, -ENOENT,
			   __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, buf));
	}
	expect_get(_metadata, vcpu, self->reg, self->reset);
}

TEST_F(bitmap, bad_pointers_fault)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	char *page = unmapped_page(_metadata);
	const void *bad[] = { NULL, page, page - 4, (void *)(1UL << 63), (void *)-8L };
	unsigned int i;

	/* the third value straddles the end of a mapping */
	ASSERT_NE(MAP_FAILED, mmap(page - getpagesize(), getpagesize(), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_err(_metadata, "KVM_GET_ONE_REG to a bad pointer", (u64)bad[i], -EFAULT,
			   __reg_ioctl(vcpu, KVM_GET_ONE_REG, self->reg->id, bad[i]));
		expect_err(_metadata, "KVM_SET_ONE_REG from a bad pointer", (u64)bad[i], -EFAULT,
			   __reg_ioctl(vcpu, KVM_SET_ONE_REG, self->reg->id, bad[i]));
		expect_get(_metadata, vcpu, self->reg, self->reset);
	}
	/* struct kvm_one_reg itself */
	expect_err(_metadata, "KVM_GET_ONE_REG with a bad argument", (u64)page, -EFAULT,
		   ioctl_err(ioctl(vcpu->fd, KVM_GET_ONE_REG, page)));
	expect_err(_metadata, "KVM_SET_ONE_REG with a bad argument", (u64)page, -EFAULT,
		   ioctl_err(ioctl(vcpu->fd, KVM_SET_ONE_REG, page)));
}

TEST_F(bitmap, vcpu_init_keeps_the_value)
{
	u64 val = self->bmap->accepted ^ self->reset;
	unsigned int i;

	reg_set(self->vm->vcpu[0], self->reg->id, val);
	for (i = 0; i < self->vm->nr_vcpus; i++) {
		test_vcpu_reinit(self->vm, i);
		expect_get(_metadata, self->vm->vcpu[i], self->reg, val);
	}
}

TEST_F(bitmap, write_through_one_vcpu_is_read_through_all)
{
	unsigned int writer, reader;
	u64 val;

	for (writer = 0; writer < self->vm->nr_vcpus; writer++) {
		val = 0;
		do {
			expect_set(_metadata, self->vm->vcpu[writer], self->reg, val, 0, val);
			for (reader = 0; reader < self->vm->nr_vcpus; reader++)
				expect_get(_metadata, self->vm->vcpu[reader], self->reg, val);
			val = next_subset(val, self->bmap->accepted);
		} while (val);
	}
}

/* Once a vCPU has run */

FIXTURE(locked_bitmap)
{
	struct test_vm *vm;
	const struct fw_bitmap *bmap;
	const struct fw_reg *reg;
	u64 val;
	u64 refused; /* bits that this kernel has not */
};

FIXTURE_VARIANT(locked_bitmap)
{
	int bmap;
	bool last; /* which vCPU is the one that runs: the last, or the first */
	bool written; /* the register differs from its reset value */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(locked_bitmap, std_by_first_vcpu) { BMAP_STD, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, std_by_last_vcpu) { BMAP_STD, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, std_hyp_by_first_vcpu) { BMAP_STD_HYP, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, std_hyp_by_last_vcpu) { BMAP_STD_HYP, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_by_first_vcpu) { BMAP_VENDOR_HYP, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_by_last_vcpu) { BMAP_VENDOR_HYP, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_2_by_first_vcpu) { BMAP_VENDOR_HYP_2, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_2_by_last_vcpu) { BMAP_VENDOR_HYP_2, true, true };
/* clang-format on */

FIXTURE_SETUP(locked_bitmap)
{
	const u64 in[8] = { ABI_SMCCC_VERSION };
	struct guest_result res;
	struct fw_config cfg;

	host_fw(&cfg);
	if (!cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].reg.name);
	self->bmap = &fw_bitmaps[variant->bmap];
	self->reg = &self->bmap->reg;
	self->val = cfg.reset[variant->bmap];
	self->refused = ~(self->bmap->accepted | cfg.unknown[variant->bmap]);
	if (variant->written)
		self->val ^= self->bmap->accepted;
	self->vm = test_vm_create(bitmap_vcpus(), 0, 0);
	reg_set(self->vm->vcpu[0], self->reg->id, self->val);
	guest_call(self->vm->vcpu[variant->last ? self->vm->nr_vcpus - 1 : 0],
		   guest_conduit(self->vm), in, &res);
	expect_end(_metadata, "the first run", &res);
}

FIXTURE_TEARDOWN(locked_bitmap)
{
	test_vm_free(self->vm);
}

TEST_F(locked_bitmap, change_is_busy)
{
	unsigned int i;
	u64 val;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		val = 0;
		do {
			if (val != self->val)
				expect_set(_metadata, self->vm->vcpu[i], self->reg, val, -EBUSY,
					   self->val);
			val = next_subset(val, self->bmap->accepted);
		} while (val);
	}
}

TEST_F(locked_bitmap, current_value_is_accepted)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_set(_metadata, self->vm->vcpu[i], self->reg, self->val, 0, self->val);
}

TEST_F(locked_bitmap, unsupported_bits_are_invalid)
{
	unsigned int i, bit;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		for (bit = 0; bit < 64; bit++) {
			if (!(self->refused & 1ULL << bit))
				continue;
			expect_set(_metadata, self->vm->vcpu[i], self->reg, 1ULL << bit, -EINVAL,
				   self->val);
			expect_set(_metadata, self->vm->vcpu[i], self->reg, 1ULL << bit | self->val,
				   -EINVAL, self->val);
		}
	}
}

TEST_F(locked_bitmap, vcpu_init_does_not_unlock)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		test_vcpu_reinit(self->vm, i);
		expect_set(_metadata, self->vm->vcpu[i], self->reg,
			   self->val ^ self->bmap->accepted, -EBUSY, self->val);
	}
}

/* The registers around the known ones */

FIXTURE(fw_coprocessor)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(fw_coprocessor)
{
	u64 base;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(fw_coprocessor, firmware) { .base = ABI_REG_FW(0) };
FIXTURE_VARIANT_ADD(fw_coprocessor, bitmaps) { .base = ABI_REG_FW_BMAP(0) };
/* clang-format on */

FIXTURE_SETUP(fw_coprocessor)
{
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(fw_coprocessor)
{
	test_vm_free(self->vm);
}

/*
 * A register answers if and only if it is listed, also one of a newer kernel. The low 512
 * numbers, and those with one of the upper bits set.
 */
TEST_F(fw_coprocessor, unlisted_registers_are_unknown)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	unsigned int n;
	u64 val;

	for (n = 0; n <= 0xffff; n += n < 512 ? 1 : n) {
		u64 id = variant->base | n;

		if (reg_list_count(list, id)) {
			expect_err(_metadata, "KVM_GET_ONE_REG of a listed register", id, 0,
				   __reg_get(vcpu, id, &val));
			continue;
		}
		expect_err(_metadata, "KVM_GET_ONE_REG of an unlisted register", id, -ENOENT,
			   __reg_get(vcpu, id, &val));
		for (val = 0; val <= 1; val++)
			expect_err(_metadata, "KVM_SET_ONE_REG of an unlisted register", id,
				   -ENOENT, __reg_set(vcpu, id, val));
	}
	free(list);
}

/* The first three bitmap registers came in one kernel release. The variant plays no role. */
TEST_F(fw_coprocessor, bitmaps_of_one_release_come_together)
{
	struct fw_config cfg;
	unsigned int i;

	host_fw(&cfg);
	EXPECT_TRUE(cfg.has_reg[BMAP_STD] == cfg.has_reg[BMAP_STD_HYP] &&
		    cfg.has_reg[BMAP_STD] == cfg.has_reg[BMAP_VENDOR_HYP] &&
		    cfg.has_reg[BMAP_STD] >= cfg.has_reg[BMAP_VENDOR_HYP_2])
	{
		for (i = 0; i < NR_BMAPS; i++)
			TH_LOG("KVM %s %s; expected the first three, or none and not the fourth",
			       cfg.has_reg[i] ? "has" : "lacks", fw_bitmaps[i].reg.name);
	}
}

/* The calls of guests */

/* Give each vCPU an IPA for its stolen time, so that PV time can answer */
static void set_stolen_time_ipas(struct __test_metadata *_metadata, struct test_vm *vm,
				 const struct fw_config *cfg)
{
	unsigned int i;

	if (!(cfg->present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME))
		return;
	for (i = 0; i < vm->nr_vcpus; i++) {
		int err = __set_stolen_time_ipa(vm->vcpu[i], stolen_time_ipa(i));

		ASSERT_EQ(0, err)
		{
			TH_LOG("KVM_SET_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_IPA, %#lx: %s; expected 0",
			       stolen_time_ipa(i), err_str(err));
		}
	}
}

/* The configuration that vCPU i sees after set_stolen_time_ipas() */
static void set_cfg_vcpu(struct fw_config *cfg, unsigned int i)
{
	cfg->stolen_time_ipa =
		cfg->present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME ? stolen_time_ipa(i) : 0;
}

FIXTURE(calls)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(calls)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(calls, hvc) { .conduit = CONDUIT_HVC };
FIXTURE_VARIANT_ADD(calls, smc) { .conduit = CONDUIT_SMC };
/* clang-format on */

static void calls_new_vm(struct __test_metadata *_metadata, FIXTURE_DATA(calls) * self)
{
	test_vm_free(self->vm);
	self->vm = test_vm_create(1, 0, 0);
	set_stolen_time_ipas(_metadata, self->vm, &self->cfg);
}

FIXTURE_SETUP(calls)
{
	/* on a kernel that does not serve SMC, that is what the calls show */
	if (variant->conduit == CONDUIT_HVC && host_missing_conduit(CONDUIT_HVC))
		SKIP(return, "%s", host_missing_conduit(CONDUIT_HVC));
	host_fw(&self->cfg);
	calls_new_vm(_metadata, self);
	set_cfg_vcpu(&self->cfg, 0);
}

FIXTURE_TEARDOWN(calls)
{
	test_vm_free(self->vm);
}

TEST_F(calls, untouched_registers_offer_everything)
{
	expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
}

TEST_F(calls, every_combination_is_answered_exactly)
{
	unsigned int combinations = 0;
	const char *missing = host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	if (!self->cfg.has_reg[BMAP_STD])
		SKIP(return, "this kernel has no bitmap registers");

	fw_all_off(&self->cfg);
	do {
		calls_new_vm(_metadata, self);
		fw_apply(self->vm->vcpu[0], &self->cfg);
		expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
		combinations++;
	} while (fw_next(&self->cfg));
	TH_LOG("%u combinations of %u calls", combinations, nr_smccc_calls);
}

/* The function id is w0 alone [DEN0028 2.5] */
TEST_F(calls, upper_half_of_x0_is_ignored)
{
	static const u64 upper[] = { 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32 };
	struct guest_result res;
	unsigned int i, j;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		for (j = 0; j < ARRAY_SIZE(upper); j++) {
			const u64 in[8] = { upper[j] | call->id, call->arg };

			guest_call(self->vm->vcpu[0], variant->conduit, in, &res);
			expect_end(_metadata, call->name, &res);
			expect_answer(_metadata, self->vm->vcpu[0], variant->conduit, call,
				      &self->cfg, res.x);
		}
	}
}

/* From SMCCC 1.1 on a call changes x0 to x3 only [DEN0028 2.6] */
TEST_F(calls, x4_to_x30_are_preserved)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i, n;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id,	     call->arg, 0,     0,
				    0x0404ULL << 48, 0x0505,	~0ULL, 0x0707ULL << 32 };
		struct guest_result res;

		for (n = 8; n <= 30; n++) {
			/* x19 and x20 are the guest's own */
			if (n != 19 && n != 20)
				vcpu_x_set(vcpu, n, 0xa5a5000000000000ULL + n);
		}
		guest_call(vcpu, variant->conduit, in, &res);
		expect_end(_metadata, call->name, &res);
		for (n = 4; n <= 30; n++) {
			u64 want = n < 8 ? in[n] : 0xa5a5000000000000ULL + n;

			if (n == 19 || n == 20)
				continue;
			EXPECT_EQ(want, vcpu_x_get(vcpu, n))
			{
				TH_LOG("%s %s left %#lx in x%u; expected %#lx, which it held before",
				       conduit_str(variant->conduit), call->name,
				       vcpu_x_get(vcpu, n), n, want);
				count_failure(_metadata);
			}
		}
	}
}

/* SMC in addition to HVC */

FIXTURE(smc)
{
	struct fw_config cfg;
};

FIXTURE_SETUP(smc)
{
	const char *missing = host_missing_filter();

	if (missing)
		SKIP(return, "%s", missing);
	host_fw(&self->cfg);
}

FIXTURE_TEARDOWN(smc)
{
}

/*
 * The exit of a forwarded call says whether it came by SMC or HVC [api.rst,
 * KVM_EXIT_HYPERCALL], so a kernel with the SMCCC filter serves SMC.
 */
TEST_F(smc, is_served_where_calls_can_be_filtered)
{
	EXPECT_TRUE(self->cfg.smc)
	{
		TH_LOG("SMC SMCCC_VERSION is NOT_SUPPORTED on a kernel with KVM_ARM_VM_SMCCC_FILTER; expected %#llx, version 1.1",
		       ABI_SMCCC_VERSION_1_1);
	}
}

/* One register for the whole VM */

FIXTURE(vm_wide)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(vm_wide)
{
	int bmap;
	bool last; /* which vCPU the register is written through: the last, or the first */
	unsigned int flags; /* of test_vm_create() */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(vm_wide, std) { .bmap = BMAP_STD, .last = false };
FIXTURE_VARIANT_ADD(vm_wide, std_hyp) { .bmap = BMAP_STD_HYP, .last = true };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp) { .bmap = BMAP_VENDOR_HYP, .last = false };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp_2) { .bmap = BMAP_VENDOR_HYP_2, .last = true };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp_with_vgic_v3) {
	.bmap = BMAP_VENDOR_HYP,
	.last = true,
	.flags = VM_VGIC_V3,
};
/* clang-format on */

FIXTURE_SETUP(vm_wide)
{
	host_fw(&self->cfg);
	if (!self->cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].reg.name);
	if (variant->flags & VM_VGIC_V3 && !host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V3))
		SKIP(return, "this host has no vGICv3");
	self->vm = test_vm_create(few_vcpus(), 0, variant->flags);
	set_stolen_time_ipas(_metadata, self->vm, &self->cfg);
}

FIXTURE_TEARDOWN(vm_wide)
{
	test_vm_free(self->vm);
}

TEST_F(vm_wide, write_through_one_vcpu_rules_all_guests)
{
	const struct fw_bitmap *bmap = &fw_bitmaps[variant->bmap];
	unsigned int i;

	self->cfg.bmap[variant->bmap] ^= bmap->accepted;
	reg_set(self->vm->vcpu[variant->last ? self->vm->nr_vcpus - 1 : 0], bmap->reg.id,
		self->cfg.bmap[variant->bmap]);

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		set_cfg_vcpu(&self->cfg, i);
		expect_all_calls(_metadata, self->vm, i, guest_conduit(self->vm), &self->cfg);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
