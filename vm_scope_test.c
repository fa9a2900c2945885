// SPDX-License-Identifier: GPL-2.0
/*
 * vm_scope_test: firmware registers that are accessed through a vCPU and belong to the
 * whole VM: one value for 2 vCPUs to as many as KVM offers.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  "affects the whole VM", and
 *                                                       the bitmaps' EBUSY
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "guest.h"
#include "vm.h"
#include "vm_wide_expect.h"

#define AS_MANY_AS_KVM_OFFERS VM_MAX_VCPUS

FIXTURE(scope)
{
	struct test_vm *vm;
	struct fw_wide_state state;
};

FIXTURE_VARIANT(scope)
{
	unsigned int nr_vcpus;
	/*
	 * With guests at EL2 KVM keeps a set of shadow page tables for each vCPU,
	 * and an emulated host takes 0.4 s a vCPU to free them: a few have to do.
	 */
	unsigned int nr_vcpus_el2;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(scope, two) { .nr_vcpus = 2, .nr_vcpus_el2 = 2 };
FIXTURE_VARIANT_ADD(scope, eight) { .nr_vcpus = 8 };
FIXTURE_VARIANT_ADD(scope, maximum) { .nr_vcpus = AS_MANY_AS_KVM_OFFERS, .nr_vcpus_el2 = 3 };
/* clang-format on */

FIXTURE_SETUP(scope)
{
	unsigned int nr = guest_at_el2 ? variant->nr_vcpus_el2 : variant->nr_vcpus;
	unsigned int max = kvm_check_cap(KVM_CAP_MAX_VCPUS);

	if (!nr)
		SKIP(return, "with guests at EL2 fewer vCPUs stand for these");
	if (nr == AS_MANY_AS_KVM_OFFERS && max < nr)
		nr = max;
	if (nr > max)
		SKIP(return, "this host does not offer that many vCPUs");
	if (!may_have_vcpus(nr))
		SKIP(return, "RLIMIT_NOFILE allows no file for each vCPU");
	fw_wide_setup(_metadata, &self->state);
	self->vm = test_vm_create(nr, 0, 0);
}

FIXTURE_TEARDOWN(scope)
{
	test_vm_free(self->vm);
}

/* Make every register differ from what it is at reset, as far as it can */
static void set_other_values(struct __test_metadata *_metadata, struct test_vm *vm,
			     struct fw_wide_state *state, unsigned int writer)
{
	unsigned int reg;

	for (reg = 0; reg < NR_FW_WIDE; reg++) {
		if (!state->nr_values[reg])
			continue;
		fw_wide_set(state, reg, fw_wide_other(state, reg));
		expect_wide_set(_metadata, vm->vcpu[writer], state, reg);
	}
}

TEST_F(scope, every_vcpu_reads_and_shows_the_reset_value)
{
	expect_wide_state(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
	expect_wide_state(_metadata, self->vm, &self->state);
}

TEST_F(scope, one_write_is_enough)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	const unsigned int writers[] = { 0, last, last / 2 };
	struct fw_wide_state *state = &self->state;
	unsigned int reg, i, v;

	for (reg = 0; reg < NR_FW_WIDE; reg++) {
		for (i = 0; i < ARRAY_SIZE(writers); i++) {
			for (v = 0; v < state->nr_values[reg]; v++) {
				fw_wide_set(state, reg, state->value[reg][v]);
				expect_wide_set(_metadata, self->vm->vcpu[writers[i]], state, reg);
				expect_wide_get(_metadata, self->vm, state, reg);
			}
		}
	}
	set_other_values(_metadata, self->vm, state, last);
	expect_wide_state(_metadata, self->vm, state);
	expect_guests_see(_metadata, self->vm, state);
}

TEST_F(scope, last_of_conflicting_writes_stands)
{
	const unsigned int nr = self->vm->nr_vcpus;
	unsigned int i, pass;

	/* from the first vCPU to the last, and back */
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < nr; i++)
			set_other_values(_metadata, self->vm, &self->state, pass ? nr - 1 - i : i);
		expect_wide_state(_metadata, self->vm, &self->state);
	}
	expect_guests_see(_metadata, self->vm, &self->state);
}

static void write_all_again(struct __test_metadata *_metadata, struct test_vm *vm,
			    const struct fw_wide_state *state)
{
	unsigned int i, reg;

	for (i = 0; i < vm->nr_vcpus; i++) {
		for (reg = 0; reg < NR_FW_WIDE; reg++) {
			if (state->nr_values[reg])
				expect_wide_set(_metadata, vm->vcpu[i], state, reg);
		}
	}
}

/* What a VMM does that restores each vCPU by itself */
TEST_F(scope, same_write_through_every_vcpu_is_accepted)
{
	set_other_values(_metadata, self->vm, &self->state, 0);
	write_all_again(_metadata, self->vm, &self->state);

	/* one has run, then all */
	expect_guest_sees(_metadata, self->vm, self->vm->nr_vcpus - 1, &self->state);
	write_all_again(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
	write_all_again(_metadata, self->vm, &self->state);

	expect_wide_state(_metadata, self->vm, &self->state);
}

TEST_F(scope, change_is_refused_through_every_vcpu_once_one_ran)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	const struct fw_wide_state *state = &self->state;
	unsigned int reg, i, v;

	if (!state->nr_values[BMAP_STD])
		SKIP(return, "this kernel has no bitmap registers");

	set_other_values(_metadata, self->vm, &self->state, 0);
	expect_guest_sees(_metadata, self->vm, last, state);
	for (i = 0; i <= last; i++) {
		for (reg = 0; reg < NR_BMAPS; reg++) {
			for (v = 0; v < state->nr_values[reg]; v++) {
				if (state->value[reg][v] != fw_wide_get(state, reg))
					expect_wide_busy(_metadata, self->vm->vcpu[i], state, reg,
							 state->value[reg][v]);
			}
		}
	}
	expect_wide_state(_metadata, self->vm, state);
	expect_guests_see(_metadata, self->vm, state);
}

/* Neither the lock nor an access waits for the vCPUs that happen to run */
TEST_F(scope, running_vcpu_does_not_hinder_access_through_others)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[self->vm->nr_vcpus - 1];
	struct guest_spinner spinner;
	unsigned int reg;

	set_other_values(_metadata, self->vm, &self->state, vcpu->id);
	guest_spin_start(self->vm, 0, &spinner);
	for (reg = 0; reg < NR_FW_WIDE; reg++) {
		if (!self->state.nr_values[reg])
			continue;
		expect_wide_set(_metadata, vcpu, &self->state, reg);
		if (fw_wide_locked_by_run(reg))
			expect_wide_busy(_metadata, vcpu, &self->state, reg,
					 fw_wide_other(&self->state, reg));
	}
	guest_spin_stop(&spinner);
	expect_end(_metadata, "a vCPU that ran meanwhile", &spinner.res);
	expect_wide_state(_metadata, self->vm, &self->state);
}

/*
 * Where a late change is not ruled out, it is taken for the whole VM or refused
 * for the whole VM.
 */
TEST_F(scope, late_version_is_the_same_for_every_vcpu)
{
	const struct fw_reg *reg = fw_wide_reg(FW_WIDE_PSCI_VERSION);
	const unsigned int nr = self->vm->nr_vcpus;
	struct fw_wide_state *state = &self->state;
	unsigned int v, taken = 0, refused = 0;

	expect_guest_sees(_metadata, self->vm, nr - 1, state);
	for (v = 0; v < state->nr_values[FW_WIDE_PSCI_VERSION]; v++) {
		u64 val = state->value[FW_WIDE_PSCI_VERSION][v];
		int err;

		if (val == state->psci_version)
			continue;
		err = __reg_set(self->vm->vcpu[v % nr], reg->id, val);
		EXPECT_TRUE(!err || err == -EBUSY)
		{
			TH_LOG("KVM_SET_ONE_REG %s to %#lx after the run: %s; expected 0 or EBUSY, as the value is legal",
			       reg->name, val, err_str(err));
			count_failure(_metadata);
		}
		if (err) {
			refused++;
		} else {
			taken++;
			state->psci_version = val;
		}
		expect_wide_get(_metadata, self->vm, state, FW_WIDE_PSCI_VERSION);
	}
	EXPECT_TRUE(!taken || !refused)
	{
		TH_LOG("KVM took %u late changes of %s and refused %u; expected all or none, whichever vCPU they go through",
		       taken, reg->name, refused);
	}
	expect_guests_see(_metadata, self->vm, state);
}

/* vCPUs that a VMM adds when the registers are set, as it does for hotplug */

FIXTURE(later_vcpu)
{
	struct test_vm *vm;
	struct fw_wide_state state;
};

FIXTURE_SETUP(later_vcpu)
{
	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	fw_wide_setup(_metadata, &self->state);
	self->vm = test_vm_create(1, 0, 0);
	set_other_values(_metadata, self->vm, &self->state, 0);
}

FIXTURE_TEARDOWN(later_vcpu)
{
	test_vm_free(self->vm);
}

TEST_F(later_vcpu, takes_the_values_that_the_vm_has)
{
	test_vm_add_vcpu(self->vm);
	expect_wide_state(_metadata, self->vm, &self->state);
	set_other_values(_metadata, self->vm, &self->state, 1);
	expect_wide_state(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
}

TEST_F(later_vcpu, is_bound_by_the_first_run)
{
	unsigned int reg;

	expect_guest_sees(_metadata, self->vm, 0, &self->state);
	test_vm_add_vcpu(self->vm);
	expect_wide_state(_metadata, self->vm, &self->state);
	for (reg = 0; reg < NR_BMAPS; reg++) {
		if (!self->state.nr_values[reg])
			continue;
		expect_wide_busy(_metadata, self->vm->vcpu[1], &self->state, reg,
				 fw_wide_other(&self->state, reg));
		expect_wide_set(_metadata, self->vm->vcpu[1], &self->state, reg);
	}
	/* vCPU 1 does not run: KVM in protected mode refuses it, since the VM has run without */
	expect_guest_sees(_metadata, self->vm, 0, &self->state);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
