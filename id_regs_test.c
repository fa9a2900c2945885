// SPDX-License-Identifier: GPL-2.0
/*
 * id_regs_test: the feature ID registers: what a guest reads is what user space reads, which
 * fields a VMM may limit, and how long it may.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/vcpu-features.rst  The ID Registers
 *   Documentation/virt/kvm/api.rst 4.139          KVM_ARM_GET_REG_WRITABLE_MASKS
 *   Documentation/virt/kvm/api.rst 4.82           KVM_ARM_VCPU_INIT
 */
#include <errno.h>

#include "harness.h"

#include "id_expect.h"
#include "psci.h"

#define MAX_VCPUS 3

FIXTURE(id_regs)
{
	struct test_vm *vm;
	u64 mask[ID_NR_MASKS];
	bool masks; /* this kernel has them */
	struct id_view reset[MAX_VCPUS];
};

FIXTURE_VARIANT(id_regs)
{
	bool every_feature;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(id_regs, plain) { .every_feature = false };
FIXTURE_VARIANT_ADD(id_regs, every_feature) { .every_feature = true };
/* clang-format on */

#define NO_MASKS "this kernel has no KVM_ARM_GET_REG_WRITABLE_MASKS"

FIXTURE_SETUP(id_regs)
{
	unsigned int i;

	if (variant->every_feature && !id_features())
		SKIP(return, "this host offers guests no PMU, SVE or pointer authentication");
	/* KVM sets the GIC's fields when a VM without a vGIC runs */
	self->vm = test_vm_create(few_vcpus(), variant->every_feature ? id_features() : 0,
				  host_vgic_v3() | VM_PARKED);
	self->masks = id_masks(self->vm, self->mask);
	for (i = 0; i < self->vm->nr_vcpus; i++)
		id_user_view(self->vm->vcpu[i], &self->reset[i]);
}

FIXTURE_TEARDOWN(id_regs)
{
	test_vm_free(self->vm);
}

/* A feature ID register of the VM */
static bool id_is_feature(u64 id)
{
	return id >= ID_SPACE_REG(8) && id < ID_SPACE_REG(ID_SPACE);
}

/* A field whose value user space may choose */
static bool is_writable(const struct id_reg_field *field, const u64 mask[ID_NR_MASKS])
{
	return id_is_feature(field->id) && !(id_field_mask(field) & ~id_mask(mask, field->id));
}

static u64 *view_val(struct id_view *view, u64 id)
{
	return &view->val[id & (ID_SPACE - 1)];
}

/* What user space and every vCPU's guest read; vCPU n has want[n] */
static void expect_views(struct __test_metadata *_metadata, struct test_vm *vm,
			 const struct id_view *want, const char *when)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		expect_user_view(_metadata, vm->vcpu[i], &want[i], when);
		expect_guest_view(_metadata, vm, i, &want[i], when);
		expect_user_view(_metadata, vm->vcpu[i], &want[i], when);
	}
}

static void run_all(struct test_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		mp_state_set(vm->vcpu[i], KVM_MP_STATE_RUNNABLE);
}

/* Limit all fields that may be, by one write of each register, through one vCPU after the other */
static void limit_all(struct __test_metadata *_metadata, struct test_vm *vm,
		      bool (*limit)(const struct id_reg_field *field, u64 host, u64 *to),
		      struct id_view *reset, struct id_view *want)
{
	const struct id_reg_field *field = NULL;
	u64 mask[ID_NR_MASKS], to;
	unsigned int n, i;

	id_masks(vm, mask);
	id_user_view(vm->vcpu[0], reset);
	want[0] = *reset;
	while ((field = id_reg_next(field))) {
		u64 *val = view_val(&want[0], field->id);

		if (is_writable(field, mask) && limit(field, id_field_get(field, *val), &to))
			*val = id_field_put(field, *val, to);
	}
	for (n = 8; n < ID_SPACE; n++)
		expect_id_set(_metadata, vm->vcpu[n % vm->nr_vcpus], ID_SPACE_REG(n),
			      want[0].val[n], 0, want[0].val[n], "all fields limited");
	for (i = 1; i < vm->nr_vcpus; i++) {
		want[i] = want[0];
		*view_val(&want[i], ABI_MPIDR_EL1) = reg_get(vm->vcpu[i], ABI_MPIDR_EL1);
	}
}

TEST_F(id_regs, guest_reads_what_user_space_reads)
{
	unsigned int i, n;

	for (i = 1; i < self->vm->nr_vcpus; i++) {
		for (n = 8; n < ID_SPACE; n++) {
			EXPECT_EQ(self->reset[0].val[n], self->reset[i].val[n])
			{
				TH_LOG("KVM_GET_ONE_REG %s: %#lx on vCPU 0, %#lx on vCPU %u; expected one value for the VM",
				       reg_name(ID_SPACE_REG(n)), self->reset[0].val[n],
				       self->reset[i].val[n], i);
			}
		}
	}
	run_all(self->vm);
	expect_views(_metadata, self->vm, self->reset, "at reset");
	for (i = 0; i < self->vm->nr_vcpus; i++)
		test_vcpu_reinit(self->vm, i);
	run_all(self->vm);
	expect_views(_metadata, self->vm, self->reset, "after the run and KVM_ARM_VCPU_INIT");
}

/* ID registers are read-only: MSR to one is UNDEFINED [Arm ARM D24.2] */
TEST_F(id_regs, guest_does_not_write_them)
{
	struct guest_reg reg[ID_SPACE];
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < ID_SPACE; i++)
		reg[i] = (struct guest_reg){ .id = ID_SPACE_REG(i), .write = true };
	guest_regs(self->vm, 0, reg, ID_SPACE, &res);
	expect_end(_metadata, "writing the ID registers", &res);
	for (i = 0; i < ID_SPACE; i++) {
		EXPECT_TRUE(guest_reg_is_undef(&reg[i]))
		{
			TH_LOG("MSR to %s: the guest gets %s; expected UNDEF", reg_name(reg[i].id),
			       guest_reg_str(&reg[i]));
			count_failure(_metadata);
		}
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->reset[0], "after the guest's writes");
}

TEST_F(id_regs, each_field_may_be_limited)
{
	const struct id_reg_field *field = NULL;
	unsigned int writer = 0, i;
	struct id_view want;
	u64 host, lower;

	if (!self->masks)
		SKIP(return, NO_MASKS);
	while ((field = id_reg_next(field))) {
		host = *view_val(&self->reset[0], field->id);
		if (!is_writable(field, self->mask) ||
		    !id_field_lower(field, id_field_get(field, host), &lower))
			continue;
		lower = id_field_put(field, host, lower);
		expect_id_set(_metadata, self->vm->vcpu[writer], field->id, lower, 0, lower,
			      id_field_str(field));
		for (i = 0; i < self->vm->nr_vcpus; i++)
			expect_id_get(_metadata, self->vm->vcpu[i], field->id, lower, "as set");
		want = self->reset[writer];
		*view_val(&want, field->id) = lower;
		expect_user_view(_metadata, self->vm->vcpu[writer], &want, id_field_str(field));
		expect_id_set(_metadata, self->vm->vcpu[writer], field->id, host, 0, host,
			      "as at reset");
		writer = (writer + 1) % self->vm->nr_vcpus;
	}
}

/* A write that KVM may take without effect, since a kernel once gave such a value out */
static bool may_be_ignored(const struct id_reg_field *field, const struct id_view *reset)
{
	return id_field_is_ignored(field) ||
	       (id_is_aarch32(field->id) && !id_view_has_aarch32(reset));
}

TEST_F(id_regs, values_above_the_host_are_refused)
{
	const struct id_reg_field *field = NULL;
	u64 host, above;

	while ((field = id_reg_next(field))) {
		if (!id_is_feature(field->id))
			continue;
		host = *view_val(&self->reset[0], field->id);
		if (!id_field_above(field, id_field_get(field, host), &above))
			continue;
		expect_id_refused(_metadata, self->vm->vcpu[0], field->id,
				  id_field_put(field, host, above), host,
				  may_be_ignored(field, &self->reset[0]), id_field_str(field));
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->reset[0], "after refused writes");
}

/* Zero does not mean that there is nothing */
static const struct {
	const char *reg, *name;
	u64 less;
	bool at_el2; /* of guests at EL2 alone */
} too_little[] = {
	{ "ID_AA64PFR0_EL1", "EL0", 0, false },	     { "ID_AA64PFR0_EL1", "EL1", 0, false },
	{ "ID_AA64PFR0_EL1", "EL2", 0, true },	     { "ID_AA64DFR0_EL1", "DebugVer", 5, false },
	{ "ID_AA64DFR0_EL1", "DebugVer", 0, false }, { "ID_DFR0_EL1", "CopDbg", 5, false },
	{ "ID_DFR0_EL1", "PerfMon", 2, false },	     { "ID_DFR0_EL1", "PerfMon", 1, false },
};

TEST_F(id_regs, less_than_the_least_is_refused)
{
	const struct id_reg_field *field;
	unsigned int i;
	u64 host;

	for (i = 0; i < ARRAY_SIZE(too_little); i++) {
		if (too_little[i].at_el2 && !guest_at_el2)
			continue;
		field = id_reg_find(too_little[i].reg, too_little[i].name);
		host = *view_val(&self->reset[0], field->id);
		expect_id_refused(_metadata, self->vm->vcpu[0], field->id,
				  id_field_put(field, host, too_little[i].less), host,
				  id_is_aarch32(field->id) && !id_view_has_aarch32(&self->reset[0]),
				  id_field_str(field));
	}
}

TEST_F(id_regs, fields_that_are_not_writable_are_fixed)
{
	const struct id_reg_field *field = NULL;
	u64 host;

	if (!self->masks)
		SKIP(return, NO_MASKS);
	while ((field = id_reg_next(field))) {
		if (!id_is_feature(field->id) || is_writable(field, self->mask))
			continue;
		host = *view_val(&self->reset[0], field->id);
		expect_id_refused(_metadata, self->vm->vcpu[0], field->id,
				  host ^ BIT_ULL(field->low), host,
				  may_be_ignored(field, &self->reset[0]), id_field_str(field));
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->reset[0], "after refused writes");
}

/* Bits that are set at reset belong to a field that a newer kernel knows */
TEST_F(id_regs, bits_of_no_field_are_refused)
{
	unsigned int n, i;
	u64 id, host;

	for (n = 8; n < ID_SPACE; n++) {
		id = ID_SPACE_REG(n);
		host = self->reset[0].val[n];
		for (i = 0; i < 3; i++) {
			u64 bits = ~id_reg_fields(id) & ~host;

			if (!bits)
				continue;
			if (i == 1)
				bits &= -bits;
			if (i == 2)
				bits = BIT_ULL(63 - __builtin_clzll(bits));
			expect_id_refused(_metadata, self->vm->vcpu[0], id, host | bits, host,
					  id_is_aarch32(id) &&
						  !id_view_has_aarch32(&self->reset[0]),
					  "bits of no field");
		}
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->reset[0], "after refused writes");
}

/* What is wrong in a register, on top of what user space may choose */
TEST_F(id_regs, one_wrong_field_refuses_the_whole_write)
{
	const struct id_reg_field *field;
	u64 id, host, right, wrong, to;
	unsigned int n;

	if (!self->masks)
		SKIP(return, NO_MASKS);
	for (n = 8; n < ID_SPACE; n++) {
		id = ID_SPACE_REG(n);
		host = self->reset[0].val[n];
		right = host;
		wrong = host;
		for (field = id_reg_next(NULL); field; field = id_reg_next(field)) {
			if (field->id != id || id_field_is_ignored(field))
				continue;
			if (is_writable(field, self->mask) &&
			    id_field_lower(field, id_field_get(field, host), &to))
				right = id_field_put(field, right, to);
			if (!id_field_above(field, id_field_get(field, host), &to))
				continue;
			/* the field alone, among others that may be so */
			if (right != host)
				expect_id_refused(_metadata, self->vm->vcpu[0], id,
						  id_field_put(field, right, to), host, false,
						  id_field_str(field));
			wrong = id_field_put(field, wrong, to);
		}
		if (wrong != host && !(id_is_aarch32(id) && !id_view_has_aarch32(&self->reset[0])))
			expect_id_refused(_metadata, self->vm->vcpu[0], id, wrong, host, false,
					  "all fields above the host");
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->reset[0], "after refused writes");
}

static void expect_taken_as(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			    const struct id_reg_field *field, u64 val, u64 want)
{
	u64 host = reg_get(vcpu, field->id);

	expect_id_set(_metadata, vcpu, field->id, id_field_put(field, host, val), 0,
		      id_field_put(field, host, want), id_field_str(field));
	expect_id_set(_metadata, vcpu, field->id, host, 0, host, "as at reset");
}

/* Kernels before 6.4 gave guests a PMU that is not Arm's: comment of set_id_aa64dfr0_el1() */
TEST_F(id_regs, pmu_that_is_not_arms_is_taken_as_none)
{
	if (!self->masks)
		SKIP(return, NO_MASKS);
	expect_taken_as(_metadata, self->vm->vcpu[0], id_reg_find("ID_AA64DFR0_EL1", "PMUVer"), 0xf,
			0);
	if (id_view_has_aarch32(&self->reset[0]))
		expect_taken_as(_metadata, self->vm->vcpu[0], id_reg_find("ID_DFR0_EL1", "PerfMon"),
				0xf, 0);
}

/* Kernels gave guests the field of a host with FEAT_NV2: comment of set_id_aa64mmfr2_el1() */
TEST_F(id_regs, nested_virtualization_of_the_host_is_taken_as_none)
{
	const struct id_reg_field *field = id_reg_find("ID_AA64MMFR2_EL1", "NV");

	if (!kvm_has_cap(ABI_CAP_ARM_EL2))
		SKIP(return, "this host does not say that it has FEAT_NV2");
	if (id_field_get(field, *view_val(&self->reset[0], field->id)))
		SKIP(return, "this kernel gives guests the field of the host");
	expect_taken_as(_metadata, self->vm->vcpu[0], field, 2, 0);
}

/*
 * What KVM takes without effect is what a kernel gave out before, which is one value of a field
 * [comments of set_id_*()]. No document says so.
 */
TEST_F(id_regs, no_more_than_one_value_is_taken_without_effect)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	const struct id_reg_field *field = NULL;
	u64 host, val, to, taken;

	while ((field = id_reg_next(field))) {
		if (!may_be_ignored(field, &self->reset[0]) || id_is_aarch32(field->id))
			continue;
		host = *view_val(&self->reset[0], field->id);
		taken = 0;
		for (to = 0; to < 16; to++) {
			val = id_field_put(field, host, to);
			if (val == host || __reg_set(vcpu, field->id, val))
				continue;
			if (reg_get(vcpu, field->id) == host)
				taken |= BIT_ULL(to);
			reg_set(vcpu, field->id, host);
		}
		EXPECT_TRUE(!(taken & (taken - 1)))
		{
			TH_LOG("%s, which is %#lx: the values of the mask %#lx are taken without effect; expected one at most",
			       id_field_str(field), id_field_get(field, host), taken);
			count_failure(_metadata);
		}
	}
	expect_user_view(_metadata, vcpu, &self->reset[0], "after these writes");
}

TEST_F(id_regs, same_values_are_taken_after_the_run)
{
	unsigned int n, i;

	expect_guest_view(_metadata, self->vm, 0, &self->reset[0], "at reset");
	for (i = 0; i < self->vm->nr_vcpus; i++) {
		for (n = 0; n < ID_SPACE; n++)
			if (self->reset[i].there[n])
				expect_id_set(_metadata, self->vm->vcpu[i], ID_SPACE_REG(n),
					      self->reset[i].val[n], 0, self->reset[i].val[n],
					      "the same after the run");
	}
}

/* Every field limited, by one or to its least value */

FIXTURE(limited)
{
	struct test_vm *vm;
	u64 mask[ID_NR_MASKS];
	struct id_view reset, want[MAX_VCPUS + 1];
};

FIXTURE_VARIANT(limited)
{
	bool (*limit)(const struct id_reg_field *field, u64 host, u64 *to);
};

/* clang-format off */
FIXTURE_VARIANT_ADD(limited, by_one) { .limit = id_field_lower };
FIXTURE_VARIANT_ADD(limited, to_the_least) { .limit = id_field_lowest };
/* clang-format on */

FIXTURE_SETUP(limited)
{
	if (!kvm_has_cap(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES))
		SKIP(return, NO_MASKS);
	self->vm = test_vm_create(few_vcpus(), id_features(), host_vgic_v3() | VM_PARKED);
	limit_all(_metadata, self->vm, variant->limit, &self->reset, self->want);
}

FIXTURE_TEARDOWN(limited)
{
	test_vm_free(self->vm);
}

TEST_F(limited, guest_reads_them_on_every_vcpu)
{
	run_all(self->vm);
	expect_views(_metadata, self->vm, self->want, "with all fields limited");
}

TEST_F(limited, init_and_cpu_on_keep_them)
{
	const u64 call[8] = { ABI_PSCI_CPU_ON | ABI_CALL_64,
			      reg_get(self->vm->vcpu[1], ABI_MPIDR_EL1) & ABI_MPIDR_AFFINITY,
			      guest_entry_ipa(), 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		test_vcpu_reinit(self->vm, i);
	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_user_view(_metadata, self->vm->vcpu[i], &self->want[i],
				 "after KVM_ARM_VCPU_INIT");
	guest_call(self->vm->vcpu[0], guest_conduit(self->vm), call, &res);
	expect_end(_metadata, "CPU_ON of vCPU 1", &res);
	guest_run(self->vm->vcpu[1], &res);
	expect_end(_metadata, "the entry point of CPU_ON", &res);
	run_all(self->vm);
	expect_views(_metadata, self->vm, self->want, "after CPU_ON of vCPU 1");
}

TEST_F(limited, run_locks_them)
{
	unsigned int n, i;
	u64 id;

	expect_guest_view(_metadata, self->vm, 0, &self->want[0], "with all fields limited");
	for (i = 0; i < self->vm->nr_vcpus; i++) {
		for (n = 8; n < ID_SPACE; n++) {
			id = ID_SPACE_REG(n);
			expect_id_set(_metadata, self->vm->vcpu[i], id, self->want[i].val[n], 0,
				      self->want[i].val[n], "the same after the run");
			if (self->reset.val[n] != self->want[i].val[n])
				expect_id_set(_metadata, self->vm->vcpu[i], id, self->reset.val[n],
					      -EBUSY, self->want[i].val[n],
					      "another value after the run");
		}
	}
	expect_user_view(_metadata, self->vm->vcpu[0], &self->want[0], "after refused writes");
}

FIXTURE(later_vcpu)
{
	struct test_vm *vm;
	struct id_view reset, want[MAX_VCPUS + 1];
};

FIXTURE_SETUP(later_vcpu)
{
	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	if (!kvm_has_cap(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES))
		SKIP(return, NO_MASKS);
	self->vm = test_vm_create(1, id_features() & ~FEAT_PMU, 0);
	limit_all(_metadata, self->vm, id_field_lower, &self->reset, self->want);
}

FIXTURE_TEARDOWN(later_vcpu)
{
	test_vm_free(self->vm);
}

TEST_F(later_vcpu, has_the_values_that_the_vm_has)
{
	struct kvm_vcpu *vcpu;

	test_vm_add_vcpu(self->vm);
	vcpu = self->vm->vcpu[1];
	self->want[1] = self->want[0];
	*view_val(&self->want[1], ABI_MPIDR_EL1) = reg_get(vcpu, ABI_MPIDR_EL1);
	expect_user_view(_metadata, vcpu, &self->want[1], "that was made later");
	expect_user_view(_metadata, self->vm->vcpu[0], &self->want[0], "beside a new one");
}

/* KVM_ARM_GET_REG_WRITABLE_MASKS itself */

FIXTURE(masks)
{
	struct test_vm *vm;
	u64 mask[ID_NR_MASKS];
};

FIXTURE_SETUP(masks)
{
	if (!kvm_has_cap(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES))
		SKIP(return, NO_MASKS);
	self->vm = test_vm_create(1, 0, host_vgic_v3());
	id_masks(self->vm, self->mask);
}

FIXTURE_TEARDOWN(masks)
{
	test_vm_free(self->vm);
}

TEST_F(masks, capability_names_the_range)
{
	int ranges = kvm_check_cap(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES);

	EXPECT_EQ(1, ranges & 1)
	{
		TH_LOG("KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES is %#x; expected bit 0, the feature ID range",
		       ranges);
	}
}

TEST_F(masks, reserved_fields_are_refused)
{
	struct reg_mask_range range = { .addr = (unsigned long)self->mask };
	unsigned int i;

	range.range = 1;
	expect_err(_metadata, "KVM_ARM_GET_REG_WRITABLE_MASKS with range", 1, -EINVAL,
		   __id_masks(self->vm, &range));
	range.range = 0;
	for (i = 0; i < ARRAY_SIZE(range.reserved); i++) {
		range.reserved[i] = 1;
		expect_err(_metadata, "KVM_ARM_GET_REG_WRITABLE_MASKS with 1 in reserved[]", i,
			   -EINVAL, __id_masks(self->vm, &range));
		range.reserved[i] = 0;
	}
	range.addr = (unsigned long)unmapped_page(_metadata);
	expect_err(_metadata, "KVM_ARM_GET_REG_WRITABLE_MASKS into unmapped memory", range.addr,
		   -EFAULT, __id_masks(self->vm, &range));
	range.addr = (unsigned long)self->mask;
	expect_err(_metadata, "KVM_ARM_GET_REG_WRITABLE_MASKS", 0, 0, __id_masks(self->vm, &range));
}

/* All of the array is written, and the same before and after the run */
TEST_F(masks, every_mask_is_written)
{
	u64 again[ID_NR_MASKS + 1]; /* and nothing behind it */
	struct reg_mask_range range = { .addr = (unsigned long)again };
	struct guest_reg reg[ID_SPACE];
	struct guest_result res;
	unsigned int i;

	id_guest_view(self->vm, 0, reg, &res);
	expect_end(_metadata, "reading the ID registers", &res);
	memset(again, 0xa5, sizeof(again));
	ASSERT_EQ(0, __id_masks(self->vm, &range));
	for (i = 0; i < ID_NR_MASKS; i++) {
		EXPECT_EQ(self->mask[i], again[i])
		{
			TH_LOG("mask %u: %#lx before the run, %#lx after it; expected the same", i,
			       self->mask[i], again[i]);
			count_failure(_metadata);
		}
	}
	EXPECT_EQ(0xa5a5a5a5a5a5a5a5, again[ID_NR_MASKS])
	{
		TH_LOG("KVM_ARM_GET_REG_WRITABLE_MASKS wrote %#lx behind its %u masks; expected nothing there",
		       again[ID_NR_MASKS], ID_NR_MASKS);
	}
}

/* A field is writable as a whole */
TEST_F(masks, fields_are_writable_as_a_whole)
{
	const struct id_reg_field *field = NULL;
	u64 bits;

	while ((field = id_reg_next(field))) {
		bits = id_mask(self->mask, field->id) & id_field_mask(field);
		EXPECT_TRUE(!bits || bits == id_field_mask(field))
		{
			TH_LOG("%s: the mask has the bits %#lx of %#lx; expected none or all",
			       id_field_str(field), bits, id_field_mask(field));
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
