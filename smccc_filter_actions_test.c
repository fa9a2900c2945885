// SPDX-License-Identifier: GPL-2.0
/*
 * smccc_filter_actions_test: what an SMCCC filter does to the calls of guests.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/vm.rst, 6  KVM_ARM_VM_SMCCC_CTRL
 *   Documentation/virt/kvm/api.rst            KVM_EXIT_HYPERCALL
 *   Arm DEN0028 (SMCCC)
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "filter.h"
#include "filter_expect.h"
#include "guest.h"
#include "host.h"
#include "vm.h"

FIXTURE(filtered)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(filtered)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(filtered, hvc) { .conduit = CONDUIT_HVC };
FIXTURE_VARIANT_ADD(filtered, smc) { .conduit = CONDUIT_SMC };
/* clang-format on */

FIXTURE_SETUP(filtered)
{
	const char *missing = host_missing_filter() ?: host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	host_fw(&self->cfg);
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(filtered)
{
	test_vm_free(self->vm);
}

/*
 * DENY wins over an enabled bit of a bitmap, but for the reserved Arm architecture calls
 * [devices/vm.rst 6.1].
 */
TEST_F(filtered, denied_calls_are_not_supported_though_enabled)
{
	struct guest_batch_call batch[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	fw_all_on(&self->cfg);
	fw_apply(self->vm->vcpu[0], &self->cfg);
	filter_add_all(self->vm, ABI_FILTER_DENY);
	expect_bitmaps(_metadata, self->vm, &self->cfg);

	for (i = 0; i < nr_smccc_calls; i++) {
		batch[i].in[0] = smccc_calls[i].id;
		batch[i].in[1] = smccc_calls[i].arg;
		batch[i].in[2] = 0x0202; /* x1 to x3 of the answer are zero all the same */
		batch[i].in[3] = 0x0303;
	}
	guest_call_batch(self->vm, 0, variant->conduit, batch, nr_smccc_calls, &res);
	expect_end(_metadata, "denied calls", &res);
	for (i = 0; i < nr_smccc_calls; i++) {
		if (filter_is_reserved(smccc_calls[i].id))
			expect_answer(_metadata, self->vm->vcpu[0], variant->conduit,
				      &smccc_calls[i], &self->cfg, batch[i].out);
		else
			expect_results(_metadata, smccc_calls[i].name, smccc_calls[i].id,
				       batch[i].out, not_supported);
	}
	expect_bitmaps(_metadata, self->vm, &self->cfg);
}

/* No vCPU is turned on or off, suspended or reset */
TEST_F(filtered, denied_psci_calls_have_no_effect)
{
	struct guest_batch_call batch[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add_all(self->vm, ABI_FILTER_DENY);
	for (i = 0; i < NR_PSCI_IDS; i++)
		batch[i].in[0] = psci_id(i);
	guest_call_batch(self->vm, 0, variant->conduit, batch, NR_PSCI_IDS, &res);
	expect_end(_metadata, "denied PSCI calls", &res);
	for (i = 0; i < NR_PSCI_IDS; i++)
		expect_results(_metadata, "denied PSCI call", psci_id(i), batch[i].out,
			       not_supported);
}

TEST_F(filtered, handled_calls_are_on_where_the_bitmaps_say_on)
{
	/* in the other order than above: first the filter */
	filter_add_all(self->vm, ABI_FILTER_HANDLE);
	fw_all_on(&self->cfg);
	fw_apply(self->vm->vcpu[0], &self->cfg);
	expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
}

TEST_F(filtered, handled_calls_are_off_where_the_bitmaps_say_off)
{
	filter_add_all(self->vm, ABI_FILTER_HANDLE);
	fw_all_off(&self->cfg);
	fw_apply(self->vm->vcpu[0], &self->cfg);
	expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
}

/* HANDLE leaves a call to KVM, which answers NOT_SUPPORTED to what it does not have */
TEST_F(filtered, handling_makes_no_call_that_kvm_lacks)
{
	static const u32 ids[] = {
		0x00000000, 0x00000001, 0x7fffffff, 0x80010000, 0x81000000, 0x82000000,
		0x83000000, 0x84000054, 0x8400ffff, 0x86000002, 0x86000040, 0x8600ffff,
		0xbfffffff, 0xc0010000, 0xc4000050, 0xc6000000, 0xc6000002, 0xffffffff,
	};
	struct guest_batch_call batch[ARRAY_SIZE(ids)] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add_all(self->vm, ABI_FILTER_HANDLE);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		batch[i].in[0] = ids[i];
	guest_call_batch(self->vm, 0, variant->conduit, batch, ARRAY_SIZE(ids), &res);
	expect_end(_metadata, "handled calls", &res);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		expect_results(_metadata, "handled call", ids[i], batch[i].out, not_supported);
}

TEST_F(filtered, refused_filters_change_nothing)
{
	struct smccc_filter filter = { .action = ABI_FILTER_DENY };

	/* first as the only ones, then beside one that was accepted */
	filter.base = ABI_FAST_CALL;
	filter.nr_functions = 0x7fffffff;
	expect_filter(_metadata, self->vm, &filter, -EEXIST);
	filter_add(self->vm, FREE_BASE, 1, ABI_FILTER_HANDLE);
	expect_filter(_metadata, self->vm, &filter, -EEXIST);
	filter.base = ABI_TRNG_VERSION;
	filter.nr_functions = FREE_BASE - ABI_TRNG_VERSION + 1;
	expect_filter(_metadata, self->vm, &filter, -EEXIST);
	filter.nr_functions = 1;
	filter.pad[14] = 1;
	expect_filter(_metadata, self->vm, &filter, -EINVAL);
	filter.pad[14] = 0;
	filter.action = ABI_FILTER_NR_ACTIONS;
	expect_filter(_metadata, self->vm, &filter, -EINVAL);

	expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
}

/*
 * Call an id and compare what becomes of it with what the filter says; @call is
 * what KVM would answer, NULL for an id that it does not know.
 */
static void expect_action(struct __test_metadata *_metadata, struct test_vm *vm,
			  enum conduit conduit, const struct fw_config *cfg, u32 id, u8 action,
			  const struct smccc_call *call)
{
	const u64 in[8] = { id, call ? call->arg : 0 };
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;

	guest_call(vcpu, conduit, in, &res);
	if (action == ABI_FILTER_FWD_TO_USER) {
		expect_forwarded(_metadata, vcpu, conduit, id, &res);
		expect_run_on(_metadata, vcpu, &res);
		return;
	}
	ASSERT_EQ(GUEST_DONE, res.end)
	{
		TH_LOG("%s %#x: the guest %s; expected it to come back, as the filter's action is %s",
		       conduit_str(conduit), id, guest_end_str(&res), filter_action_str(action));
	}
	if (action == ABI_FILTER_HANDLE && call)
		expect_answer(_metadata, vcpu, conduit, call, cfg, res.x);
	else
		expect_results(_metadata, filter_action_str(action), id, res.x, not_supported);
}

static const struct smccc_call *find_call(u32 id)
{
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		if (smccc_calls[i].id == id)
			return &smccc_calls[i];
	}
	return NULL;
}

/* Filters that lie close together, and what the ids in and between them get */
static const struct {
	u32 base, nr;
	u8 action;
} close_ranges[] = {
	/* between calls that KVM answers */
	{ ABI_TRNG_FEATURES, 1, ABI_FILTER_DENY },
	{ ABI_TRNG_RND32, 1, ABI_FILTER_FWD_TO_USER },
	{ 0x84000055, 2, ABI_FILTER_FWD_TO_USER },
	/* KVM_FEATURES still has its bit, since the register is as it was */
	{ ABI_KVM_PTP, 1, ABI_FILTER_DENY },
	{ ABI_KVM_CALL_UID, 1, ABI_FILTER_HANDLE },
	/* both ends of everything, and what is next to the reserved ranges */
	{ 0x00000000, 1, ABI_FILTER_FWD_TO_USER },
	{ 0x7fffffff, 1, ABI_FILTER_FWD_TO_USER },
	{ 0x80010000, 1, ABI_FILTER_FWD_TO_USER },
	{ 0xbfffffff, 1, ABI_FILTER_FWD_TO_USER },
	{ 0xc0010000, 1, ABI_FILTER_FWD_TO_USER },
	{ 0xffffffff, 1, ABI_FILTER_FWD_TO_USER },
};

static const u32 called_ids[] = {
	0x00000000, 0x00000001, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x8000ffff, 0x80010000,
	0x80010001, 0x8400004f, 0x84000050, 0x84000051, 0x84000052, 0x84000053, 0x84000054,
	0x84000055, 0x84000056, 0x84000057, 0x86000000, 0x86000001, 0x86000002, 0x8600ff00,
	0x8600ff01, 0x8600ff02, 0xbffffffe, 0xbfffffff, 0xc000ffff, 0xc0010000, 0xc0010001,
	0xc4000051, 0xc4000053, 0xc6000001, 0xfffffffe, 0xffffffff,
};

TEST_F(filtered, each_range_acts_on_just_its_ids)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(close_ranges); i++)
		filter_add(self->vm, close_ranges[i].base, close_ranges[i].nr,
			   close_ranges[i].action);
	for (n = 0; n < ARRAY_SIZE(called_ids); n++) {
		u8 action = ABI_FILTER_HANDLE;

		for (i = 0; i < ARRAY_SIZE(close_ranges); i++) {
			if (called_ids[n] - close_ranges[i].base < close_ranges[i].nr)
				action = close_ranges[i].action;
		}
		expect_action(_metadata, self->vm, variant->conduit, &self->cfg, called_ids[n],
			      action, find_call(called_ids[n]));
	}
}

/* Ranges of 1 to 4 ids, without and with holes between them, as a VMM might set */
#define MANY_RANGES 200
#define MANY_IDS (MANY_RANGES * 4)

TEST_F(filtered, many_ranges_each_act_on_their_own)
{
	u8 want[MANY_IDS + 1] = { 0 };
	unsigned int i, n, id = 0;

	for (i = 0; i < MANY_RANGES; i++) {
		u8 action = i % 5 % ABI_FILTER_NR_ACTIONS;
		unsigned int nr = i % 4 + 1;

		if (i % 3)
			id += i % 2;
		for (n = 0; n < nr; n++)
			want[id + n] = action;
		filter_add(self->vm, FREE_BASE + id, nr, action);
		id += nr;
	}
	ASSERT_GT(MANY_IDS, id);
	for (i = 0; i <= id; i++)
		expect_action(_metadata, self->vm, variant->conduit, &self->cfg, FREE_BASE + i,
			      want[i], NULL);
}

/* One filter for the VM */

FIXTURE(all_vcpus)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(all_vcpus)
{
	const char *missing = host_missing_filter();

	if (missing)
		SKIP(return, "%s", missing);
	/* a guest at EL2 is slow to free */
	self->vm = test_vm_create(guest_at_el2 ? 2 : 4, 0, 0);
	filter_add(self->vm, ABI_TRNG_VERSION, 1, ABI_FILTER_FWD_TO_USER);
	filter_add(self->vm, ABI_TRNG_FEATURES, 1, ABI_FILTER_DENY);
}

FIXTURE_TEARDOWN(all_vcpus)
{
	test_vm_free(self->vm);
}

static void expect_everywhere(struct __test_metadata *_metadata, struct test_vm *vm)
{
	const u64 forwarded[8] = { ABI_TRNG_VERSION };
	const u64 denied[8] = { ABI_TRNG_FEATURES, ABI_TRNG_VERSION };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		struct kvm_vcpu *vcpu = vm->vcpu[i];

		guest_call(vcpu, guest_conduit(vm), denied, &res);
		expect_end(_metadata, "a denied call", &res);
		expect_results(_metadata, "denied call", ABI_TRNG_FEATURES, res.x, not_supported);
		guest_call(vcpu, guest_conduit(vm), forwarded, &res);
		expect_forwarded(_metadata, vcpu, guest_conduit(vm), ABI_TRNG_VERSION, &res);
		expect_run_on(_metadata, vcpu, &res);
	}
}

TEST_F(all_vcpus, obey_the_one_filter)
{
	expect_everywhere(_metadata, self->vm);
}

TEST_F(all_vcpus, obey_it_after_vcpu_init)
{
	unsigned int i;

	expect_everywhere(_metadata, self->vm);
	for (i = 0; i < self->vm->nr_vcpus; i++)
		test_vcpu_reinit(self->vm, i);
	expect_everywhere(_metadata, self->vm);
}

TEST_F(all_vcpus, obey_it_though_added_later)
{
	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	test_vm_add_vcpu(self->vm);
	expect_everywhere(_metadata, self->vm);
}

TEST_F(all_vcpus, of_another_vm_do_not)
{
	struct test_vm *other = test_vm_create(1, 0, 0);
	struct fw_config cfg;

	host_fw(&cfg);
	expect_all_calls(_metadata, other, 0, guest_conduit(other), &cfg);
	test_vm_free(other);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
