// SPDX-License-Identifier: GPL-2.0
/*
 * id_vcpu_test: the ID registers of each vCPU and of its caches, MPIDR_EL1, CLIDR_EL1,
 * CTR_EL0 and CCSIDR_EL1, and SSBS.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.82     KVM_SET_ONE_REG, KVM_ARM_VCPU_INIT
 *   Documentation/virt/kvm/api.rst 4.139          KVM_ARM_GET_REG_WRITABLE_MASKS
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  SMCCC_ARCH_WORKAROUND_2
 *   Arm DDI0487 D24.2                             the registers
 *
 * No document states how KVM numbers its vCPUs. A guest that is moved takes its MPIDRs along,
 * and the GIC's SGI registers reach 16 values of Aff0, so the layout is held to what it is.
 */
#include <errno.h>

#include "harness.h"

#include "host_issue.h"
#include "id_expect.h"

#define CTR_EL0 ABI_REG_SYS(3, 3, 0, 0, 1)
#define CCSIDR_EL1 ABI_REG_SYS(3, 1, 0, 0, 0)
#define CSSELR_EL1 ABI_REG_SYS(3, 2, 0, 0, 0)
#define MPIDR_RES1 BIT_ULL(31)

/* What a guest reads of registers, in one run */
static void guest_read(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		       struct guest_reg *reg, unsigned int nr)
{
	struct guest_result res;

	guest_regs(vm, cpu, reg, nr, &res);
	expect_end(_metadata, "reading ID registers", &res);
}

static void expect_guest_reads(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, u64 id, u64 want, const char *when)
{
	struct guest_reg reg = { .id = id };

	guest_read(_metadata, vm, cpu, &reg, 1);
	EXPECT_TRUE(reg.how == GUEST_REG_DONE && reg.val == want)
	{
		TH_LOG("MRS of %s on vCPU %u %s: the guest gets %s; expected the value %#lx",
		       reg_name(id), cpu, when, guest_reg_str(&reg), want);
		count_failure(_metadata);
	}
}

FIXTURE(mpidr)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(mpidr)
{
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(mpidr)
{
	test_vm_free(self->vm);
}

/* Aff0 has 16 vCPUs, Aff1 256 of these; the VM has just the vCPUs of these numbers */
TEST_F(mpidr, follows_from_the_number_of_the_vcpu)
{
	static const unsigned int numbers[] = { 1, 15, 16, 17, 255, 256, 511 };
	unsigned int max = kvm_check_cap(KVM_CAP_MAX_VCPUS), i;

	expect_id_get(_metadata, self->vm->vcpu[0], ABI_MPIDR_EL1, MPIDR_RES1, "at reset");
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		unsigned int n = numbers[i];
		u64 want = MPIDR_RES1 | (n / 16) << 8 | n % 16;

		if (n >= max)
			continue;
		self->vm->nr_vcpus = n;
		test_vm_add_vcpu(self->vm);
		expect_id_get(_metadata, self->vm->vcpu[n], ABI_MPIDR_EL1, want, "at reset");
	}
	for (i = 0; i < ARRAY_SIZE(numbers) && numbers[i] < max; i++)
		expect_guest_reads(_metadata, self->vm, numbers[i], ABI_MPIDR_EL1,
				   MPIDR_RES1 | (numbers[i] / 16) << 8 | numbers[i] % 16,
				   "at reset");
}

/* A value that user space chose for a vCPU */

FIXTURE(chosen)
{
	struct test_vm *vm;
	u64 reset[2], val;
	int err; /* of the write */
};

FIXTURE_VARIANT(chosen)
{
	u64 id;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(chosen, mpidr_el1) { ABI_MPIDR_EL1 };
FIXTURE_VARIANT_ADD(chosen, clidr_el1) { ABI_CLIDR_EL1 };
/* clang-format on */

#define CLIDR_CTYPE(n) (7ULL << 3 * ((n)-1))
#define CLIDR_UNIFIED(n) (4ULL << 3 * ((n)-1))

FIXTURE_SETUP(chosen)
{
	unsigned int i;

	self->vm = test_vm_create(2, 0, VM_PARKED);
	for (i = 0; i < 2; i++)
		self->reset[i] = reg_get(self->vm->vcpu[i], variant->id);
	if (variant->id == ABI_MPIDR_EL1) {
		self->val = MPIDR_RES1 | 0x105;
	} else {
		/* One more level of unified caches */
		for (i = 1; self->reset[1] & CLIDR_CTYPE(i); i++)
			;
		self->val = self->reset[1] | CLIDR_UNIFIED(i);
	}
	self->err = __reg_set(self->vm->vcpu[1], variant->id, self->val);
}

/* NULL, or the SKIP text: kernels before 6.3 have no CLIDR_EL1 that can be chosen */
static const char *chosen_missing(u64 id, int err)
{
	return err == -EINVAL && id == ABI_CLIDR_EL1 ? "this kernel has CLIDR_EL1 of the CPU alone"
						     : NULL;
}

FIXTURE_TEARDOWN(chosen)
{
	test_vm_free(self->vm);
}

static void expect_chosen(struct __test_metadata *_metadata, struct test_vm *vm, u64 id,
			  const u64 val[2], const char *when)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		expect_id_get(_metadata, vm->vcpu[i], id, val[i], when);
}

TEST_F(chosen, is_that_vcpus_and_what_its_guest_reads)
{
	const u64 want[2] = { self->reset[0], self->val };
	unsigned int i;

	if (chosen_missing(variant->id, self->err))
		SKIP(return, "%s", chosen_missing(variant->id, self->err));
	expect_err(_metadata, "KVM_SET_ONE_REG of another value on vCPU 1", self->val, 0,
		   self->err);
	expect_chosen(_metadata, self->vm, variant->id, want, "as set on vCPU 1");
	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	for (i = 0; i < 2; i++)
		expect_guest_reads(_metadata, self->vm, i, variant->id, want[i],
				   "as set on vCPU 1");
	expect_chosen(_metadata, self->vm, variant->id, want, "after the run");
}

TEST_F(chosen, outlives_vcpu_init)
{
	const u64 want[2] = { self->reset[0], self->val };

	if (chosen_missing(variant->id, self->err))
		SKIP(return, "%s", chosen_missing(variant->id, self->err));
	test_vcpu_reinit(self->vm, 0);
	expect_chosen(_metadata, self->vm, variant->id, want, "after KVM_ARM_VCPU_INIT of vCPU 0");
	test_vcpu_reinit(self->vm, 1);
	expect_chosen(_metadata, self->vm, variant->id, want, "after KVM_ARM_VCPU_INIT of vCPU 1");
	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	expect_guest_reads(_metadata, self->vm, 1, variant->id, self->val,
			   "after KVM_ARM_VCPU_INIT");
}

TEST_F(chosen, outlives_cpu_on)
{
	const u64 want[2] = { self->reset[0], self->val };
	u64 target = variant->id == ABI_MPIDR_EL1 ? self->val : 1;
	const u64 call[8] = { ABI_PSCI_CPU_ON | ABI_CALL_64, target & ABI_MPIDR_AFFINITY,
			      guest_entry_ipa(), 0 };
	struct guest_result res;

	if (chosen_missing(variant->id, self->err))
		SKIP(return, "%s", chosen_missing(variant->id, self->err));
	guest_call(self->vm->vcpu[0], guest_conduit(self->vm), call, &res);
	expect_end(_metadata, "CPU_ON of vCPU 1", &res);
	EXPECT_EQ(ABI_SUCCESS, res.x[0])
	{
		TH_LOG("CPU_ON of %#lx: %#lx; expected SUCCESS, since vCPU 1 is there", call[1],
		       res.x[0]);
	}
	guest_run(self->vm->vcpu[1], &res);
	expect_end(_metadata, "the entry point of CPU_ON", &res);
	expect_chosen(_metadata, self->vm, variant->id, want, "after CPU_ON of vCPU 1");
	expect_guest_reads(_metadata, self->vm, 1, variant->id, self->val, "after CPU_ON");
}

/*
 * As with PSCI_VERSION no document demands a refusal, and no kernel refuses. The ground is that
 * "the ID registers are mutable until the VM has started" [arm/vcpu-features.rst]. It fails as
 * well on a kernel that lets no one choose CLIDR_EL1: to skip would be an unexpected pass.
 */
TEST_F(chosen, change_after_the_first_run_is_refused)
{
	expect_guest_reads(_metadata, self->vm, 0, variant->id, self->reset[0], "on vCPU 0");
	expect_id_set(_metadata, self->vm->vcpu[1], variant->id, self->val, 0, self->val,
		      "the same after the run");
	expect_id_set(_metadata, self->vm->vcpu[1], variant->id, self->reset[1], -EBUSY, self->val,
		      "another value after the run");
}

XFAIL_ADD(chosen, mpidr_el1, change_after_the_first_run_is_refused);
XFAIL_ADD(chosen, clidr_el1, change_after_the_first_run_is_refused);

/* Caches */

FIXTURE(caches)
{
	struct test_vm *vm;
	u64 ctr, clidr;
	u64 mask[ID_NR_MASKS];
};

FIXTURE_SETUP(caches)
{
	self->vm = test_vm_create(2, 0, 0);
	id_masks(self->vm, self->mask);
	self->ctr = reg_get(self->vm->vcpu[0], CTR_EL0);
	self->clidr = reg_get(self->vm->vcpu[0], ABI_CLIDR_EL1);
}

FIXTURE_TEARDOWN(caches)
{
	test_vm_free(self->vm);
}

TEST_F(caches, guest_reads_what_user_space_reads)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		expect_guest_reads(_metadata, self->vm, i, CTR_EL0, self->ctr, "at reset");
		expect_guest_reads(_metadata, self->vm, i, ABI_CLIDR_EL1, self->clidr, "at reset");
		expect_id_get(_metadata, self->vm->vcpu[i], CTR_EL0, self->ctr, "after the run");
		expect_id_get(_metadata, self->vm->vcpu[i], ABI_CLIDR_EL1, self->clidr,
			      "after the run");
	}
}

/* CLIDR_EL1 for which a guest that cleans by level would leave data behind */
static u64 clidr_without_clean(u64 clidr)
{
	return clidr & ~(7ULL << 27 | 7ULL << 21); /* LoUU, LoUIS */
}

TEST_F(caches, reserved_bits_of_clidr_are_refused)
{
	unsigned int bit;

	for (bit = 47; bit < 64; bit++)
		expect_id_refused(_metadata, self->vm->vcpu[0], ABI_CLIDR_EL1,
				  self->clidr | BIT_ULL(bit), self->clidr, false, "a reserved bit");
}

/*
 * Caches have to be cleaned if neither LoC nor both of LoUIS and LoUU are 0 [Arm DDI0487 D24.2,
 * CTR_EL0.IDC], so that one of the two is enough.
 */
TEST_F(caches, clidr_that_is_right_is_taken)
{
	static const struct {
		u64 clear, set;
	} levels[] = {
		{ 7ULL << 27, 1ULL << 21 }, /* LoUU 0, LoUIS 1 */
		{ 7ULL << 21, 1ULL << 27 },
		{ 0, 1ULL << 21 | 1ULL << 27 },
	};
	unsigned int i;
	u64 val;

	if (!id_mask(self->mask, ABI_CLIDR_EL1))
		SKIP(return, "this kernel has CLIDR_EL1 of the CPU alone");
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		val = (self->clidr & ~levels[i].clear) | levels[i].set;
		expect_id_set(_metadata, self->vm->vcpu[0], ABI_CLIDR_EL1, val, 0, val,
			      "with a level of unification");
		expect_id_get(_metadata, self->vm->vcpu[1], ABI_CLIDR_EL1, self->clidr,
			      "that is vCPU 0's");
	}
}

TEST_F(caches, clidr_that_is_wrong_is_refused)
{
	if (self->ctr & BIT(28))
		SKIP(return, "this CPU has CTR_EL0.IDC");
	expect_id_refused(_metadata, self->vm->vcpu[0], ABI_CLIDR_EL1,
			  clidr_without_clean(self->clidr), self->clidr, false,
			  "LoUU and LoUIS 0 though CTR_EL0.IDC is 0");
	expect_id_refused(_metadata, self->vm->vcpu[0], ABI_CLIDR_EL1, self->clidr & ~(7ULL << 24),
			  self->clidr, false, "LoC 0 though CTR_EL0.IDC is 0");
}

/* By one field after the other, through one vCPU after the other */
TEST_F(caches, ctr_may_be_limited_for_all_vcpus)
{
	const struct id_reg_field *field = NULL;
	unsigned int i, writer = 0;
	u64 want = self->ctr, to;

	if (!id_mask(self->mask, CTR_EL0))
		SKIP(return, "this kernel has CTR_EL0 of the CPU alone");
	while ((field = id_reg_next(field))) {
		if (field->id != CTR_EL0 || id_field_mask(field) & ~id_mask(self->mask, CTR_EL0) ||
		    !id_field_lower(field, id_field_get(field, self->ctr), &to))
			continue;
		want = id_field_put(field, want, to);
		expect_id_set(_metadata, self->vm->vcpu[writer++ % 2], CTR_EL0, want, 0, want,
			      id_field_str(field));
		for (i = 0; i < 2; i++)
			expect_id_get(_metadata, self->vm->vcpu[i], CTR_EL0, want, "as set");
	}
	test_vcpu_reinit(self->vm, 0);
	for (i = 0; i < 2; i++)
		expect_guest_reads(_metadata, self->vm, i, CTR_EL0, want, "as set");
	for (i = 0; i < 2; i++) {
		expect_id_set(_metadata, self->vm->vcpu[i], CTR_EL0, want, 0, want,
			      "the same after the run");
		if (want != self->ctr)
			expect_id_set(_metadata, self->vm->vcpu[i], CTR_EL0, self->ctr, -EBUSY,
				      want, "another value after the run");
	}
}

TEST_F(caches, ctr_that_is_wrong_is_refused)
{
	const struct id_reg_field *field = NULL;
	u64 fields = id_reg_fields(CTR_EL0), to;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (!(fields & BIT_ULL(bit)))
			expect_id_refused(_metadata, self->vm->vcpu[0], CTR_EL0,
					  self->ctr ^ BIT_ULL(bit), self->ctr, false,
					  "a bit of no field");
	while ((field = id_reg_next(field))) {
		if (field->id != CTR_EL0)
			continue;
		if (id_field_mask(field) & ~id_mask(self->mask, CTR_EL0))
			to = id_field_get(field, self->ctr) ^ 1;
		else if (!id_field_above(field, id_field_get(field, self->ctr), &to))
			continue;
		expect_id_refused(_metadata, self->vm->vcpu[0], CTR_EL0,
				  id_field_put(field, self->ctr, to), self->ctr, false,
				  id_field_str(field));
	}
	field = id_reg_find("CTR_EL0", "L1Ip");
	for (to = 0; to < 2; to++)
		expect_id_refused(_metadata, self->vm->vcpu[0], CTR_EL0,
				  id_field_put(field, self->ctr, to), self->ctr, false,
				  "a reserved L1Ip");
}

#define CSSELR_RES0 BIT_ULL(5)

/*
 * CCSIDR_EL1 of each level and type, by CSSELR_EL1 [API 4.68, KVM_REG_ARM_DEMUX]. A reserved bit of
 * CSSELR_EL1 selects nothing [Arm DDI0487 D24.2].
 */
static void expect_ccsidrs(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	unsigned int csselr;

	for (csselr = 0; csselr < ABI_NR_CSSELR; csselr++) {
		struct guest_reg reg[3] = {
			{ .id = CSSELR_EL1, .write = true, .val = csselr },
			{ .id = CCSIDR_EL1 },
			{ .id = CSSELR_EL1 },
		};
		struct guest_reg res0[2] = {
			{ .id = CSSELR_EL1, .write = true, .val = csselr | CSSELR_RES0 },
			{ .id = CCSIDR_EL1 },
		};
		u32 val = 0;

		if (__reg_ioctl(vm->vcpu[cpu], KVM_GET_ONE_REG, ABI_REG_DEMUX_CCSIDR(csselr), &val))
			continue;
		guest_read(_metadata, vm, cpu, reg, ARRAY_SIZE(reg));
		EXPECT_TRUE(reg[1].how == GUEST_REG_DONE && reg[1].val == val &&
			    reg[2].val == csselr)
		{
			TH_LOG("CCSIDR_EL1 on vCPU %u by CSSELR_EL1 %#x: the guest gets %s, CSSELR_EL1 %#lx; expected the value %#x of %s",
			       cpu, csselr, guest_reg_str(&reg[1]), reg[2].val, val,
			       reg_name(ABI_REG_DEMUX_CCSIDR(csselr)));
			count_failure(_metadata);
		}
		guest_read(_metadata, vm, cpu, res0, ARRAY_SIZE(res0));
		EXPECT_TRUE(res0[1].how == GUEST_REG_DONE && res0[1].val == val)
		{
			TH_LOG("CCSIDR_EL1 on vCPU %u by CSSELR_EL1 %#llx, with a reserved bit: the guest gets %s; expected the value %#x as without",
			       cpu, csselr | CSSELR_RES0, guest_reg_str(&res0[1]), val);
			count_failure(_metadata);
		}
	}
}

TEST_F(caches, guest_reads_ccsidr_of_each_level)
{
	expect_ccsidrs(_metadata, self->vm, 0);
	expect_ccsidrs(_metadata, self->vm, 1);
}

static void set_ccsidr(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		       unsigned int csselr, u32 val, int want_err, u32 want)
{
	int err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_DEMUX_CCSIDR(csselr), &val);
	u32 now = 0;

	__reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_DEMUX_CCSIDR(csselr), &now);
	EXPECT_TRUE(err == want_err && now == want)
	{
		TH_LOG("KVM_SET_ONE_REG %s to %#x on vCPU %u: %s, then it is %#x; expected %s and %#x",
		       reg_name(ABI_REG_DEMUX_CCSIDR(csselr)), val, vcpu->id, err_str(err), now,
		       err_str(want_err), want);
		count_failure(_metadata);
	}
}

static void get_ccsidrs(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			u32 val[ABI_NR_CSSELR])
{
	unsigned int i;

	for (i = 0; i < ABI_NR_CSSELR; i++)
		ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_DEMUX_CCSIDR(i), &val[i]));
}

TEST_F(caches, chosen_ccsidr_is_that_vcpus)
{
	u32 reset[ABI_NR_CSSELR], now[ABI_NR_CSSELR];
	unsigned int i;

	if (!id_mask(self->mask, ABI_CLIDR_EL1))
		SKIP(return, "this kernel has CCSIDR_EL1 of the CPU alone");
	get_ccsidrs(_metadata, self->vm->vcpu[1], reset);
	for (i = 0; i < ABI_NR_CSSELR; i++) {
		/* Sets and ways that differ; lines no shorter than CTR_EL0 says */
		u32 val = reset[i] + ((i + 1) << 13 | (i + 1) << 3);

		set_ccsidr(_metadata, self->vm->vcpu[1], i, val, 0, val);
		if (val & 7)
			set_ccsidr(_metadata, self->vm->vcpu[1], i, val - 1, -EINVAL, val);
		get_ccsidrs(_metadata, self->vm->vcpu[1], now);
		EXPECT_TRUE(
			same_bytes(&now[i + 1], &reset[i + 1], sizeof(now) - (i + 1) * sizeof(u32)))
		{
			TH_LOG("%s or one behind it is another since %s was set; expected only that to change",
			       reg_name(ABI_REG_DEMUX_CCSIDR(i + 1)),
			       reg_name(ABI_REG_DEMUX_CCSIDR(i)));
			count_failure(_metadata);
		}
	}
	for (i = 0; i < ABI_NR_CSSELR; i++)
		set_ccsidr(_metadata, self->vm->vcpu[0], i, reset[i], 0, reset[i]);
	test_vcpu_reinit(self->vm, 1);
	expect_ccsidrs(_metadata, self->vm, 0);
	expect_ccsidrs(_metadata, self->vm, 1);
}

/*
 * The caches that KVM makes up, since a VM may move to a CPU with others. No document has them:
 * a guest must have them as before on each kernel. CTR_EL0.IDC and DIC say which are needed:
 * data to clean by a level of unification, and instructions to invalidate. The tags of MTE are
 * in the cache of the level of coherency.
 */
FIXTURE(made_up)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(made_up)
{
	unsigned int flags;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(made_up, plain) { 0 };
FIXTURE_VARIANT_ADD(made_up, mte) { VM_MTE };
/* clang-format on */

FIXTURE_SETUP(made_up)
{
	if (variant->flags & VM_MTE && !kvm_has_cap(KVM_CAP_ARM_MTE))
		SKIP(return, "this host offers no MTE to guests");
	self->vm = test_vm_create(1, 0, variant->flags);
}

FIXTURE_TEARDOWN(made_up)
{
	test_vm_free(self->vm);
}

TEST_F(made_up, caches_follow_from_ctr)
{
	enum {
		INSTRUCTIONS = 1,
		DATA = 2,
		SEPARATE = 3,
		UNIFIED = 4
	};
	static const struct {
		u64 caches, loc, lou;
	} want[2][2] = {
		/* by IDC and DIC */
		{ { SEPARATE, 1, 1 }, { DATA, 1, 1 } },
		{ { INSTRUCTIONS | UNIFIED << 3, 2, 0 }, { UNIFIED, 1, 0 } },
	};
	u64 ctr = reg_get(self->vm->vcpu[0], CTR_EL0), clidr, mask[ID_NR_MASKS];
	unsigned int idc = ctr >> 28 & 1, dic = ctr >> 29 & 1;

	id_masks(self->vm, mask);
	if (!id_mask(mask, ABI_CLIDR_EL1))
		SKIP(return, "this kernel has CLIDR_EL1 of the CPU alone");
	clidr = want[idc][dic].caches | want[idc][dic].loc << 24 | want[idc][dic].lou << 21 |
		want[idc][dic].lou << 27;
	if (variant->flags & VM_MTE)
		clidr |= 2ULL << (33 + 2 * (want[idc][dic].loc - 1));
	expect_id_get(_metadata, self->vm->vcpu[0], ABI_CLIDR_EL1, clidr,
		      "as IDC and DIC of CTR_EL0 have it");
}

FIXTURE(ssbs)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(ssbs)
{
	self->vm = test_vm_create(2, 0, 0);
}

FIXTURE_TEARDOWN(ssbs)
{
	test_vm_free(self->vm);
}

/* A VMM that hides SSBS relies on the mitigation of the host's firmware */
TEST_F(ssbs, hidden_ssbs_means_that_the_host_is_protected)
{
	const struct id_reg_field *ssbs = id_reg_find("ID_AA64PFR1_EL1", "SSBS");
	const u64 call[8] = { ABI_ARCH_FEATURES, ABI_ARCH_WORKAROUND_2 };
	u64 mask[ID_NR_MASKS], val, level;
	struct guest_result res;
	unsigned int i;

	id_masks(self->vm, mask);
	val = reg_get(self->vm->vcpu[0], ssbs->id);
	if (!id_field_get(ssbs, val) || id_field_mask(ssbs) & ~id_mask(mask, ssbs->id) ||
	    !host_issue_is("spec_store_bypass", "Mitigation")) {
		SKIP(return,
			   "this host is not one with SSBS that is mitigated, or the kernel does not hide it");
	}
	level = reg_get(self->vm->vcpu[0], ABI_WORKAROUND_2);
	EXPECT_EQ(ABI_WORKAROUND_NOT_AVAIL, level)
	{
		TH_LOG("WORKAROUND_2 is %#lx with SSBS; expected NOT_AVAIL, since the guest mitigates itself",
		       level);
	}
	reg_set(self->vm->vcpu[0], ssbs->id, id_field_put(ssbs, val, 0));
	for (i = 0; i < 2; i++) {
		level = reg_get(self->vm->vcpu[i], ABI_WORKAROUND_2);
		EXPECT_EQ(ABI_WORKAROUND_2_NOT_REQUIRED, level)
		{
			TH_LOG("WORKAROUND_2 on vCPU %u is %#lx without SSBS; expected NOT_REQUIRED, %#x, since the host mitigates",
			       i, level, ABI_WORKAROUND_2_NOT_REQUIRED);
		}
		guest_call(self->vm->vcpu[i], guest_conduit(self->vm), call, &res);
		expect_end(_metadata, "ARCH_FEATURES(WORKAROUND_2)", &res);
		EXPECT_EQ(ABI_NOT_REQUIRED, res.x[0])
		{
			TH_LOG("ARCH_FEATURES(WORKAROUND_2) on vCPU %u without SSBS: %#lx; expected NOT_REQUIRED",
			       i, res.x[0]);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
