/* SPDX-License-Identifier: GPL-2.0 */
/*
 * psci_version_test: KVM_REG_ARM_PSCI_VERSION as user space sees it.
 */

FIXTURE(version)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(version)
{
	unsigned int flags; /* of test_vm_create() */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(version, psci_0_2) { .flags = 0 };
FIXTURE_VARIANT_ADD(version, psci_0_1) { .flags = VM_PSCI_0_1 };
/* clang-format on */

FIXTURE_SETUP(version)
{
	self->vm = test_vm_create(few_vcpus(), 0, variant->flags);
}

FIXTURE_TEARDOWN(version)
{
	test_vm_free(self->vm);
}

static void expect_version(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 want)
{
	const struct fw_bitmap reg = { .name = "PSCI_VERSION", .id = ABI_PSCI_VERSION };

	expect_get(_metadata, vcpu, &reg, want);
}

static void expect_set_version(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 val,
			       int want_err, u64 want)
{
	const struct fw_bitmap reg = { .name = "PSCI_VERSION", .id = ABI_PSCI_VERSION };

	expect_set(_metadata, vcpu, &reg, val, want_err, want);
}

/* The versions a vCPU may have: 0.1 is what is left without the feature PSCI_0_2 */
static bool version_fits(const FIXTURE_VARIANT(version) * variant, enum psci_version v)
{
	return (v == PSCI_0_1) == !!(variant->flags & VM_PSCI_0_1);
}

static u64 newest_accepted(struct kvm_vcpu *vcpu, const FIXTURE_VARIANT(version) * variant)
{
	u64 first = reg_get(vcpu, ABI_PSCI_VERSION), newest = 0;
	int v;

	for (v = 0; v < NR_PSCI_VERSIONS; v++) {
		if (version_fits(variant, v) &&
		    !__reg_set(vcpu, ABI_PSCI_VERSION, psci_versions[v].value))
			newest = psci_versions[v].value;
	}
	reg_set(vcpu, ABI_PSCI_VERSION, first);
	return newest;
}

TEST_F(version, default_is_the_newest)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 newest = newest_accepted(vcpu, variant);
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_version(_metadata, self->vm->vcpu[i], newest);
	TH_LOG("the newest version is %#lx", newest);
}

/* No holes: whoever saved a VM with an older version has to find that version here */
TEST_F(version, each_up_to_the_newest_is_accepted)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 newest = newest_accepted(vcpu, variant);
	int v, from;

	for (from = 0; from < NR_PSCI_VERSIONS; from++) {
		if (!version_fits(variant, from) || psci_versions[from].value > newest)
			continue;
		for (v = 0; v < NR_PSCI_VERSIONS; v++) {
			u64 val = psci_versions[v].value;

			if (!version_fits(variant, v) || val > newest)
				continue;
			expect_set_version(_metadata, vcpu, psci_versions[from].value, 0,
					   psci_versions[from].value);
			expect_set_version(_metadata, vcpu, val, 0, val);
		}
	}
}

TEST_F(version, other_values_are_refused)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 newest = newest_accepted(vcpu, variant);
	unsigned int v, bit, n;

	expect_version(_metadata, vcpu, newest);
	/* minors and majors that there are not, each beside a valid one or far away */
	for (n = 0; n < 0x40; n++) {
		static const u64 majors[] = { 0,	  0x10000,    0x20000,	  0x30000,
					      0x7fff0000, 0x80000000, 0xffff0000, 0x100000000ULL };

		for (v = 0; v < ARRAY_SIZE(majors); v++) {
			u64 val = majors[v] + n;
			bool valid = false;
			int known;

			for (known = 0; known < NR_PSCI_VERSIONS; known++)
				valid |= version_fits(variant, known) && val <= newest &&
					 val == psci_versions[known].value;
			if (!valid)
				expect_set_version(_metadata, vcpu, val, -EINVAL, newest);
		}
	}
	for (v = 0; v < NR_PSCI_VERSIONS; v++) {
		u64 val = psci_versions[v].value;

		if (!version_fits(variant, v))
			expect_set_version(_metadata, vcpu, val, -EINVAL, newest);
		expect_set_version(_metadata, vcpu, val | 0xff00, -EINVAL, newest);
		for (bit = 17; bit < 64; bit++)
			expect_set_version(_metadata, vcpu, val | 1ULL << bit, -EINVAL, newest);
	}
	expect_set_version(_metadata, vcpu, ~0ULL, -EINVAL, newest);
}

TEST_F(version, is_listed_once)
{
	EXPECT_EQ(1, test_vm_lists(self->vm, ABI_PSCI_VERSION));
}

TEST_F(version, write_through_one_vcpu_is_read_through_all)
{
	u64 newest = newest_accepted(self->vm->vcpu[0], variant);
	unsigned int writer, reader;
	int v;

	for (writer = 0; writer < self->vm->nr_vcpus; writer++) {
		for (v = 0; v < NR_PSCI_VERSIONS; v++) {
			u64 val = psci_versions[v].value;

			if (!version_fits(variant, v) || val > newest)
				continue;
			reg_set(self->vm->vcpu[writer], ABI_PSCI_VERSION, val);
			for (reader = 0; reader < self->vm->nr_vcpus; reader++)
				expect_version(_metadata, self->vm->vcpu[reader], val);
		}
	}
}

static u64 version_seen(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	const u64 in[8] = { ABI_PSCI_GET_VERSION };
	struct guest_result res;

	guest_call(vcpu, guest_conduit(), in, &res);
	expect_end(_metadata, "PSCI_VERSION", &res);
	return res.x[0];
}

static void expect_version_seen(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 want)
{
	u64 seen = version_seen(_metadata, vcpu);

	EXPECT_EQ(want, seen)
	{
		TH_LOG("the guest on vCPU %u was told PSCI version %#lx; expected %#lx", vcpu->id,
		       seen, want);
	}
}

/* Set before the first run, an old version outlives whatever resets a vCPU */
TEST_F(version, vcpu_init_keeps_the_value)
{
	u64 val = variant->flags & VM_PSCI_0_1 ? ABI_PSCI_0_1 : ABI_PSCI_0_2;
	u64 seen = variant->flags & VM_PSCI_0_1 ? ABI_NOT_SUPPORTED : ABI_PSCI_0_2;
	unsigned int i, round;

	reg_set(self->vm->vcpu[self->vm->nr_vcpus - 1], ABI_PSCI_VERSION, val);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < self->vm->nr_vcpus; i++) {
			test_vcpu_reinit(self->vm, i);
			expect_version(_metadata, self->vm->vcpu[i], val);
			expect_version_seen(_metadata, self->vm->vcpu[i], seen);
		}
	}
}

/* A vCPU that has run */

FIXTURE(run_version)
{
	struct test_vm *vm;
	u64 newest;
};

FIXTURE_VARIANT(run_version)
{
	bool written; /* before the first run */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(run_version, untouched) { .written = false };
FIXTURE_VARIANT_ADD(run_version, written) { .written = true };
/* clang-format on */

FIXTURE_SETUP(run_version)
{
	self->vm = test_vm_create(few_vcpus(), 0, 0);
	self->newest = reg_get(self->vm->vcpu[0], ABI_PSCI_VERSION);
	if (variant->written)
		reg_set(self->vm->vcpu[1], ABI_PSCI_VERSION, self->newest);
	expect_version_seen(_metadata, self->vm->vcpu[0], self->newest);
}

FIXTURE_TEARDOWN(run_version)
{
	test_vm_free(self->vm);
}

TEST_F(run_version, current_value_is_accepted)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_set_version(_metadata, self->vm->vcpu[i], self->newest, 0, self->newest);
}

TEST_F(run_version, other_values_are_invalid)
{
	static const u64 bad[] = { 0, ABI_PSCI_0_1, 0x3, 0x10010, 0x20000, 1ULL << 32 | 2, ~0ULL };
	unsigned int i, n;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		for (n = 0; n < ARRAY_SIZE(bad); n++)
			expect_set_version(_metadata, self->vm->vcpu[i], bad[n], -EINVAL,
					   self->newest);
		expect_version_seen(_metadata, self->vm->vcpu[i], self->newest);
	}
}

/*
 * A known gap of the ABI: every KVM so far accepts another version once the guest
 * has run, and the guest sees its firmware change. When a kernel refuses, as it does
 * for the bitmap registers, this becomes an unexpected pass.
 */
TEST_F(run_version, change_after_the_first_run_is_refused)
{
	int err = __reg_set(self->vm->vcpu[0], ABI_PSCI_VERSION, ABI_PSCI_0_2);
	u64 seen = version_seen(_metadata, self->vm->vcpu[0]);

	EXPECT_EQ(-EBUSY, err)
	{
		TH_LOG("KVM_SET_ONE_REG PSCI_VERSION to %#llx after the first run: %s; expected EBUSY",
		       ABI_PSCI_0_2, err_str(err));
	}
	EXPECT_EQ(self->newest, seen)
	{
		TH_LOG("the guest's PSCI version changed from %#lx to %#lx", self->newest, seen);
	}
}

XFAIL_ADD(run_version, untouched, change_after_the_first_run_is_refused);
XFAIL_ADD(run_version, written, change_after_the_first_run_is_refused);
