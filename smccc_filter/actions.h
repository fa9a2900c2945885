/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smccc_filter_test: what a filter does to the guest's calls.
 */

static const u64 not_supported[4] = { ABI_NOT_SUPPORTED };

#define NR_PSCI_0_1 (ABI_PSCI_0_1_MIGRATE - ABI_PSCI_0_1_CPU_SUSPEND + 1)

/* Every PSCI function number in both widths, and then PSCI 0.1's */
#define NR_PSCI_IDS ((ABI_PSCI_LAST - ABI_PSCI_FIRST + 1) * 2 + NR_PSCI_0_1)

static u32 psci_id(unsigned int i)
{
	if (i >= NR_PSCI_IDS - NR_PSCI_0_1)
		return ABI_PSCI_0_1_CPU_SUSPEND + i - (NR_PSCI_IDS - NR_PSCI_0_1);
	return (ABI_PSCI_FIRST + i / 2) | (i % 2 ? ABI_CALL_64 : 0);
}

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
	if (variant->conduit == CONDUIT_HVC && guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	fw_probe(&self->cfg);
	self->vm = test_vm_create(1, 0, 0);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
}

FIXTURE_TEARDOWN(filtered)
{
	test_vm_free(self->vm);
}

static void expect_x(struct __test_metadata *_metadata, const char *what, u32 id, const u64 x[4],
		     const u64 want[4])
{
	EXPECT_EQ(0, memcmp(x, want, 4 * sizeof(x[0])))
	{
		TH_LOG("%s %#x: x0-x3 %#lx %#lx %#lx %#lx; expected %#lx %#lx %#lx %#lx", what, id,
		       x[0], x[1], x[2], x[3], want[0], want[1], want[2], want[3]);
		count_failure(_metadata);
	}
}

static void expect_bitmaps(struct __test_metadata *_metadata, struct test_vm *vm,
			   const struct fw_config *cfg)
{
	unsigned int i;

	for (i = 0; i < NR_BMAPS; i++) {
		if (cfg->has_reg[i])
			expect_get(_metadata, vm->vcpu[0], &fw_bitmaps[i], cfg->bmap[i]);
	}
}

/* "gates the in-kernel emulation", "takes effect before" the bitmaps; not the reserved calls */
TEST_F(filtered, denied_calls_are_not_supported_though_enabled)
{
	struct guest_row_call row[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	fw_all_on(&self->cfg);
	fw_apply(self->vm->vcpu[0], &self->cfg);
	filter_add_all(self->vm, ABI_FILTER_DENY);
	expect_bitmaps(_metadata, self->vm, &self->cfg);

	for (i = 0; i < nr_smccc_calls; i++) {
		row[i].in[0] = smccc_calls[i].id;
		row[i].in[1] = smccc_calls[i].arg;
		row[i].in[2] = 0x0202; /* x1 to x3 of the answer are zero all the same */
		row[i].in[3] = 0x0303;
	}
	guest_calls(self->vm, 0, variant->conduit, row, nr_smccc_calls, &res);
	expect_end(_metadata, "denied calls", &res);
	for (i = 0; i < nr_smccc_calls; i++) {
		if (filter_is_reserved(smccc_calls[i].id))
			expect_answer(_metadata, self->vm->vcpu[0], variant->conduit,
				      &smccc_calls[i], &self->cfg, row[i].out);
		else
			expect_x(_metadata, smccc_calls[i].name, smccc_calls[i].id, row[i].out,
				 not_supported);
	}
	expect_bitmaps(_metadata, self->vm, &self->cfg);
}

/* Nothing is turned off or on, suspended or reset */
TEST_F(filtered, denied_psci_calls_have_no_effect)
{
	struct guest_row_call row[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add_all(self->vm, ABI_FILTER_DENY);
	for (i = 0; i < NR_PSCI_IDS; i++)
		row[i].in[0] = psci_id(i);
	guest_calls(self->vm, 0, variant->conduit, row, NR_PSCI_IDS, &res);
	expect_end(_metadata, "denied PSCI calls", &res);
	for (i = 0; i < NR_PSCI_IDS; i++)
		expect_x(_metadata, "denied PSCI call", psci_id(i), row[i].out, not_supported);
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

/* What is not there cannot be handled: no id is answered because of a filter */
TEST_F(filtered, handling_makes_no_call_that_kvm_lacks)
{
	static const u32 ids[] = {
		0x00000000, 0x00000001, 0x7fffffff, 0x80010000, 0x81000000, 0x82000000,
		0x83000000, 0x84000054, 0x8400ffff, 0x86000002, 0x86000040, 0x8600ffff,
		0xbfffffff, 0xc0010000, 0xc4000050, 0xc6000000, 0xc6000002, 0xffffffff,
	};
	struct guest_row_call row[ARRAY_SIZE(ids)] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add_all(self->vm, ABI_FILTER_HANDLE);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		row[i].in[0] = ids[i];
	guest_calls(self->vm, 0, variant->conduit, row, ARRAY_SIZE(ids), &res);
	expect_end(_metadata, "handled calls", &res);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		expect_x(_metadata, "handled call", ids[i], row[i].out, not_supported);
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
	bool forwarded;

	guest_call(vcpu, conduit, in, &res);
	forwarded = res.end == GUEST_EXIT && res.reason == KVM_EXIT_HYPERCALL;
	EXPECT_EQ(action == ABI_FILTER_FWD_TO_USER, forwarded)
	{
		TH_LOG("%s %#x: %s, KVM_EXIT reason %u; the filter says %s",
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", id, guest_end_str(&res), res.reason,
		       action == ABI_FILTER_FWD_TO_USER ? "forward" : "do not forward");
		count_failure(_metadata);
	}
	if (forwarded) {
		guest_run(vcpu, &res);
		expect_end(_metadata, "a forwarded call, run on", &res);
		return;
	}
	expect_end(_metadata, "a call that is not forwarded", &res);
	if (action == ABI_FILTER_HANDLE && call)
		expect_answer(_metadata, vcpu, conduit, call, cfg, res.x);
	else
		expect_x(_metadata, "call", id, res.x, not_supported);
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
	/* KVM_FEATURES goes on to tell of it: the register is as it was */
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
	/* a guest at EL2 is slow to free */
	self->vm = test_vm_create(guest_at_el2 ? 2 : 4, 0, 0);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
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
		guest_call(vm->vcpu[i], guest_conduit(), denied, &res);
		expect_end(_metadata, "a denied call", &res);
		expect_x(_metadata, "denied call", ABI_TRNG_FEATURES, res.x, not_supported);
		guest_call(vm->vcpu[i], guest_conduit(), forwarded, &res);
		ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_HYPERCALL)
		{
			TH_LOG("call %#x on vCPU %u: %s, KVM_EXIT reason %u; expected %u",
			       ABI_TRNG_VERSION, i, guest_end_str(&res), res.reason,
			       KVM_EXIT_HYPERCALL);
		}
		EXPECT_EQ(ABI_TRNG_VERSION, vm->vcpu[i]->run->hypercall.nr);
		guest_run(vm->vcpu[i], &res);
		expect_end(_metadata, "a forwarded call, run on", &res);
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
		reset_vcpu(_metadata, self->vm, i);
	expect_everywhere(_metadata, self->vm);
}

TEST_F(all_vcpus, obey_it_though_added_later)
{
	unsigned int i = self->vm->nr_vcpus;

	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	self->vm->vcpu[i] = __vm_vcpu_add(self->vm->kvm, i);
	test_vcpu_reinit(self->vm, i);
	self->vm->nr_vcpus++;
	expect_everywhere(_metadata, self->vm);
}

TEST_F(all_vcpus, of_another_vm_do_not)
{
	struct test_vm *other = test_vm_create(1, 0, 0);
	struct fw_config cfg;

	fw_probe(&cfg);
	expect_all_calls(_metadata, other, 0, guest_conduit(), &cfg);
	test_vm_free(other);
}
