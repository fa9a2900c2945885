/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm_scope_test: one value for the VM, however many vCPUs it has.
 */

/* File descriptors beside those of the vCPUs: the VM's, the harness's, libkvm's */
#define FILES_A_VCPU 2 /* its own, and in newer trees the one of its statistics that libkvm opens */
#define MORE_FILES 64

#define AS_MANY_AS_KVM_OFFERS VM_MAX_VCPUS

FIXTURE(scope)
{
	struct test_vm *vm;
	struct wide_state state;
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

/* Raise the limit of open files if it has to be */
static bool can_open(rlim_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	if (limit.rlim_cur >= files)
		return true;
	limit.rlim_cur = files;
	if (limit.rlim_max < files)
		limit.rlim_max = files;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

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
	if (!can_open(nr * FILES_A_VCPU + MORE_FILES))
		SKIP(return, "RLIMIT_NOFILE allows no file for each vCPU");
	wide_probe(_metadata, &self->state);
	self->vm = test_vm_create(nr, 0, 0);
}

FIXTURE_TEARDOWN(scope)
{
	test_vm_free(self->vm);
}

/* Another legal value than @val, the next one of the list */
static u64 other_value(const struct wide_state *state, enum vm_wide w, u64 val)
{
	unsigned int i;

	for (i = 0; i + 1 < state->nr_vals[w]; i++) {
		if (state->val[w][i] == val)
			return state->val[w][i + 1];
	}
	return state->val[w][0];
}

/* Make every register differ from what it is at reset, as far as it can */
static void set_other_values(struct __test_metadata *_metadata, struct test_vm *vm,
			     struct wide_state *state, unsigned int writer)
{
	enum vm_wide w;

	for (w = 0; w < NR_WIDE; w++) {
		if (!state->nr_vals[w])
			continue;
		wide_set(state, w, other_value(state, w, wide_get(state, w)));
		expect_set(_metadata, vm->vcpu[writer], wide_reg(w), wide_get(state, w), 0,
			   wide_get(state, w));
	}
}

static bool has_bitmaps(const struct wide_state *state)
{
	return state->nr_vals[WIDE_STD];
}

TEST_F(scope, every_vcpu_reads_and_shows_the_reset_value)
{
	expect_state_everywhere(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
	expect_state_everywhere(_metadata, self->vm, &self->state);
}

TEST_F(scope, one_write_is_enough)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	const unsigned int writers[] = { 0, last, last / 2 };
	unsigned int i, v;
	enum vm_wide w;

	for (w = 0; w < NR_WIDE; w++) {
		for (i = 0; i < ARRAY_SIZE(writers); i++) {
			for (v = 0; v < self->state.nr_vals[w]; v++) {
				wide_set(&self->state, w, self->state.val[w][v]);
				expect_set(_metadata, self->vm->vcpu[writers[i]], wide_reg(w),
					   self->state.val[w][v], 0, self->state.val[w][v]);
				expect_get_everywhere(_metadata, self->vm, w,
						      self->state.val[w][v]);
			}
		}
	}
	set_other_values(_metadata, self->vm, &self->state, last);
	expect_state_everywhere(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
}

TEST_F(scope, last_of_conflicting_writes_stands)
{
	const unsigned int nr = self->vm->nr_vcpus;
	unsigned int i, cpu, pass;
	enum vm_wide w;

	/* from the first vCPU to the last, and back */
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < nr; i++) {
			cpu = pass ? nr - 1 - i : i;
			for (w = 0; w < NR_WIDE; w++) {
				if (!self->state.nr_vals[w])
					continue;
				wide_set(&self->state, w,
					 other_value(&self->state, w, wide_get(&self->state, w)));
				expect_set(_metadata, self->vm->vcpu[cpu], wide_reg(w),
					   wide_get(&self->state, w), 0, wide_get(&self->state, w));
			}
		}
		expect_state_everywhere(_metadata, self->vm, &self->state);
	}
	expect_guests_see(_metadata, self->vm, &self->state);
}

static void write_all_again(struct __test_metadata *_metadata, struct test_vm *vm,
			    const struct wide_state *state)
{
	unsigned int i;
	enum vm_wide w;

	for (i = 0; i < vm->nr_vcpus; i++) {
		for (w = 0; w < NR_WIDE; w++) {
			if (state->nr_vals[w])
				expect_set(_metadata, vm->vcpu[i], wide_reg(w), wide_get(state, w),
					   0, wide_get(state, w));
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

	expect_state_everywhere(_metadata, self->vm, &self->state);
}

TEST_F(scope, change_is_refused_through_every_vcpu_once_one_ran)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	unsigned int i, v;
	enum vm_wide w;

	if (!has_bitmaps(&self->state))
		SKIP(return, "this kernel has no bitmap registers");

	set_other_values(_metadata, self->vm, &self->state, 0);
	expect_guest_sees(_metadata, self->vm, last, &self->state);
	for (i = 0; i <= last; i++) {
		for (w = 0; w < NR_WIDE; w++) {
			for (v = 0; v < self->state.nr_vals[w] && wide_regs[w].locked_by_run; v++) {
				if (self->state.val[w][v] == wide_get(&self->state, w))
					continue;
				expect_set(_metadata, self->vm->vcpu[i], wide_reg(w),
					   self->state.val[w][v], -EBUSY,
					   wide_get(&self->state, w));
			}
		}
	}
	expect_state_everywhere(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
}

/* Neither the lock nor an access waits for the vCPUs that happen to run */
TEST_F(scope, running_vcpu_does_not_hinder_access_through_others)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	struct guest_spinner spinner;
	enum vm_wide w;

	set_other_values(_metadata, self->vm, &self->state, last);
	guest_spin_start(self->vm, 0, &spinner);
	for (w = 0; w < NR_WIDE; w++) {
		u64 val = wide_get(&self->state, w);

		if (!self->state.nr_vals[w])
			continue;
		expect_set(_metadata, self->vm->vcpu[last], wide_reg(w), val, 0, val);
		if (wide_regs[w].locked_by_run)
			expect_set(_metadata, self->vm->vcpu[last], wide_reg(w),
				   other_value(&self->state, w, val), -EBUSY, val);
	}
	guest_spin_stop(&spinner);
	expect_end(_metadata, "a vCPU that ran meanwhile", &spinner.res);
	expect_state_everywhere(_metadata, self->vm, &self->state);
}

/*
 * Where a late change is not ruled out, it is taken for the whole VM or refused
 * for the whole VM.
 */
TEST_F(scope, late_version_is_the_same_for_every_vcpu)
{
	const unsigned int last = self->vm->nr_vcpus - 1;
	unsigned int taken = 0, refused = 0;
	unsigned int i, v;
	enum vm_wide w;

	expect_guest_sees(_metadata, self->vm, last, &self->state);
	for (w = 0; w < NR_WIDE; w++) {
		for (v = 0; v < self->state.nr_vals[w] && !wide_regs[w].locked_by_run; v++) {
			u64 old = wide_get(&self->state, w);
			u64 val = self->state.val[w][v];
			int err;

			if (val == old)
				continue;
			err = __reg_set(self->vm->vcpu[v % (last + 1)], wide_reg(w)->id, val);
			EXPECT_TRUE(!err || err == -EBUSY)
			{
				TH_LOG("KVM_SET_ONE_REG %s to %#lx after the run: %s; expected 0 or %s",
				       wide_reg(w)->name, val, err_str(err), err_str(-EBUSY));
				count_failure(_metadata);
			}
			if (err)
				refused++;
			else
				taken++;
			wide_set(&self->state, w, err ? old : val);
			expect_get_everywhere(_metadata, self->vm, w, err ? old : val);
		}
	}
	EXPECT_TRUE(!taken || !refused)
	{
		TH_LOG("KVM took %u late changes and refused %u; expected all or none", taken,
		       refused);
	}
	for (i = 0; i <= last; i++)
		expect_guest_sees(_metadata, self->vm, i, &self->state);
}

/* vCPUs that a VMM adds when the registers are set, as it does for hotplug */

FIXTURE(later_vcpu)
{
	struct test_vm *vm;
	struct wide_state state;
};

FIXTURE_SETUP(later_vcpu)
{
	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	wide_probe(_metadata, &self->state);
	self->vm = test_vm_create(1, 0, 0);
	set_other_values(_metadata, self->vm, &self->state, 0);
}

FIXTURE_TEARDOWN(later_vcpu)
{
	test_vm_free(self->vm);
}

static void add_vcpu(struct test_vm *vm)
{
	unsigned int i = vm->nr_vcpus++;

	vm->vcpu[i] = __vm_vcpu_add(vm->kvm, i);
	test_vcpu_reinit(vm, i);
}

TEST_F(later_vcpu, takes_the_values_that_the_vm_has)
{
	add_vcpu(self->vm);
	expect_state_everywhere(_metadata, self->vm, &self->state);
	set_other_values(_metadata, self->vm, &self->state, 1);
	expect_state_everywhere(_metadata, self->vm, &self->state);
	expect_guests_see(_metadata, self->vm, &self->state);
}

TEST_F(later_vcpu, is_bound_by_the_first_run)
{
	enum vm_wide w;

	expect_guest_sees(_metadata, self->vm, 0, &self->state);
	add_vcpu(self->vm);
	expect_state_everywhere(_metadata, self->vm, &self->state);
	for (w = 0; w < NR_WIDE; w++) {
		u64 val = wide_get(&self->state, w);

		if (!self->state.nr_vals[w] || !wide_regs[w].locked_by_run)
			continue;
		expect_set(_metadata, self->vm->vcpu[1], wide_reg(w),
			   other_value(&self->state, w, val), -EBUSY, val);
		expect_set(_metadata, self->vm->vcpu[1], wide_reg(w), val, 0, val);
	}
	/* not of the new one: a host in protected mode has no place for it any more */
	expect_guest_sees(_metadata, self->vm, 0, &self->state);
}
