// SPDX-License-Identifier: GPL-2.0
/*
 * psci_version_test: the register by which a VMM chooses a PSCI version, and the functions that a
 * guest of each version finds.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  KVM_REG_ARM_PSCI_VERSION
 *   Arm DEN0022 (PSCI)                                  functions and errors
 *
 * A guest of version V must find no function that is newer than V. The expectations are in
 * the tables of lib/psci.c.
 */
#include <string.h>

#include "harness.h"

#include "psci_expect.h"
#include "psci_fixture.h"

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

static const struct fw_reg psci_version_reg = { "PSCI_VERSION", ABI_PSCI_VERSION };

static void expect_version(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 want)
{
	expect_get(_metadata, vcpu, &psci_version_reg, want);
}

static void expect_set_version(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 val,
			       int want_err, u64 want)
{
	expect_set(_metadata, vcpu, &psci_version_reg, val, want_err, want);
}

/* Without the feature PSCI_0_2 a vCPU has version 0.1, with it any other */
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

/* Whether newer_kernel_test reports a version: the tables lack it, and this kernel takes it */
static bool is_unknown(const FIXTURE_VARIANT(version) * variant, u64 val)
{
	return !(variant->flags & VM_PSCI_0_1) && host_takes_unknown_psci(val);
}

/* The newest version, or one at reset that is newer than the tables */
static u64 expected_reset(struct kvm_vcpu *vcpu, const FIXTURE_VARIANT(version) * variant)
{
	u64 reset = reg_get(vcpu, ABI_PSCI_VERSION);

	return is_unknown(variant, reset) ? reset : newest_accepted(vcpu, variant);
}

TEST_F(version, default_is_the_newest)
{
	u64 want = expected_reset(self->vm->vcpu[0], variant);
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_version(_metadata, self->vm->vcpu[i], want);
	TH_LOG("the newest version is %#lx", want);
}

/* No version is left out: a VM saved with any of them must be restored here */
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
	u64 newest = newest_accepted(vcpu, variant), reset = expected_reset(vcpu, variant);
	unsigned int v, bit, n;

	expect_version(_metadata, vcpu, reset);
	/* minors and majors that do not exist, next to valid ones and far from them */
	for (n = 0; n < 0x40; n++) {
		static const u64 majors[] = { 0,	  0x10000,    0x20000,	  0x30000,
					      0x7fff0000, 0x80000000, 0xffff0000, 0x100000000ULL };

		for (v = 0; v < ARRAY_SIZE(majors); v++) {
			u64 val = majors[v] + n;
			bool valid = is_unknown(variant, val);
			int known;

			for (known = 0; known < NR_PSCI_VERSIONS; known++)
				valid |= version_fits(variant, known) && val <= newest &&
					 val == psci_versions[known].value;
			if (!valid)
				expect_set_version(_metadata, vcpu, val, -EINVAL, reset);
		}
	}
	for (v = 0; v < NR_PSCI_VERSIONS; v++) {
		u64 val = psci_versions[v].value;

		if (!version_fits(variant, v))
			expect_set_version(_metadata, vcpu, val, -EINVAL, reset);
		expect_set_version(_metadata, vcpu, val | 0xff00, -EINVAL, reset);
		for (bit = 17; bit < 64; bit++) {
			u64 with = val | 1ULL << bit;

			if (!is_unknown(variant, with))
				expect_set_version(_metadata, vcpu, with, -EINVAL, reset);
		}
	}
	expect_set_version(_metadata, vcpu, ~0ULL, -EINVAL, reset);
}

TEST_F(version, is_listed_once)
{
	expect_listed_once(_metadata, self->vm->vcpu[0], &psci_version_reg);
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

static u64 version_seen(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	const u64 in[8] = { ABI_PSCI_GET_VERSION };
	struct guest_result res;

	guest_call(vm->vcpu[cpu], guest_conduit(vm), in, &res);
	expect_end(_metadata, "PSCI_VERSION", &res);
	return res.x[0];
}

static void expect_version_seen(struct __test_metadata *_metadata, struct test_vm *vm,
				unsigned int cpu, u64 want)
{
	u64 seen = version_seen(_metadata, vm, cpu);

	EXPECT_EQ(want, seen)
	{
		TH_LOG("PSCI_VERSION answers %#lx to the guest on vCPU %u; expected %#lx", seen,
		       cpu, want);
	}
}

/* A version set before the first run is kept when a vCPU is reset */
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
			expect_version_seen(_metadata, self->vm, i, seen);
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
	expect_version_seen(_metadata, self->vm, 0, self->newest);
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
			if (!host_takes_unknown_psci(bad[n]))
				expect_set_version(_metadata, self->vm->vcpu[i], bad[n], -EINVAL,
						   self->newest);
		expect_version_seen(_metadata, self->vm, i, self->newest);
	}
}

/*
 * A known gap of the ABI: every KVM so far accepts another version once the guest has run,
 * and the guest sees its firmware change. No document demands EBUSY of this register, as
 * fw-pseudo-registers.rst does of the bitmaps: hence an expected failure. A kernel that
 * refuses makes it an unexpected pass.
 */
TEST_F(run_version, change_after_the_first_run_is_refused)
{
	int err = __reg_set(self->vm->vcpu[0], ABI_PSCI_VERSION, ABI_PSCI_0_2);
	u64 seen = version_seen(_metadata, self->vm, 0);

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

/* The functions of each version */

TEST_F(psci, version_is_the_one_set)
{
	u64 value = psci_versions[variant->version].value;

	expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, ABI_PSCI_GET_VERSION,
		    0, 0, 0, variant->version == PSCI_0_1 ? ABI_NOT_SUPPORTED : value);
}

/* Ids of other services and of PSCI 0.1, for PSCI_FEATURES */
static const u32 foreign_ids[] = {
	0,
	0xffffffff,
	0x80000001, /* SMCCC_ARCH_FEATURES */
	0xc0000000,
	0x84000020, /* the first after PSCI's range */
	0x84000050, /* TRNG_VERSION */
	0xc5000020, /* PV_TIME_FEATURES */
	0x86000000, /* KVM_FEATURES */
	ABI_PSCI_0_1_CPU_SUSPEND,
	ABI_PSCI_0_1_CPU_OFF,
	ABI_PSCI_0_1_CPU_ON,
	ABI_PSCI_0_1_MIGRATE,
};

TEST_F(psci, features_are_those_of_the_version)
{
	unsigned int n;
	u32 id;

	for (id = ABI_PSCI_FIRST; id <= ABI_PSCI_LAST; id++) {
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
			    ABI_PSCI_FEATURES, id, 0, 0,
			    psci_features(variant->version, id, false));
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
			    ABI_PSCI_FEATURES, id | ABI_CALL_64, 0, 0,
			    psci_features(variant->version, id | ABI_CALL_64, false));
	}
	expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, ABI_PSCI_FEATURES,
		    ABI_SMCCC_VERSION, 0, 0,
		    psci_features(variant->version, ABI_SMCCC_VERSION, false));
	for (n = 0; n < ARRAY_SIZE(foreign_ids); n++)
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
			    ABI_PSCI_FEATURES, foreign_ids[n], 0, 0, ABI_NOT_SUPPORTED);
	/* the argument has 32 bits */
	expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, ABI_PSCI_FEATURES,
		    1ULL << 32 | ABI_PSCI_GET_VERSION, 0, 0,
		    psci_features(variant->version, ABI_PSCI_GET_VERSION, false));
}

/*
 * Every id of PSCI's range in both widths, and 0.1's own: none that is newer than the
 * version answers. Ids that exist and stop the vCPU or exit are left out.
 */
TEST_F(psci, only_functions_of_the_version_answer)
{
	unsigned int wide;
	u32 id;

	for (id = ABI_PSCI_FIRST; id <= ABI_PSCI_LAST; id++) {
		for (wide = 0; wide <= 1; wide++) {
			u32 fn = wide ? id | ABI_CALL_64 : id;
			const struct psci_function *row = psci_function(fn);
			u64 want = psci_plain_answer(variant->version, fn);

			/* without its capability SYSTEM_SUSPEND is not there in any version */
			if (row && row->effect != PSCI_ANSWERS && variant->version >= row->since &&
			    row->id != ABI_PSCI_SYSTEM_SUSPEND)
				continue;
			expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, fn,
				    0, 0, 0, want);
		}
	}
	for (id = ABI_PSCI_0_1_CPU_SUSPEND; id <= ABI_PSCI_0_1_MIGRATE; id++) {
		if (variant->version == PSCI_0_1 && id == ABI_PSCI_0_1_CPU_OFF)
			continue;
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, id, 0, 0, 0,
			    variant->version == PSCI_0_1 && id == ABI_PSCI_0_1_CPU_ON
				    ? ABI_PSCI_INVALID_PARAMETERS
				    : ABI_NOT_SUPPORTED);
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
			    id | ABI_CALL_64, 0, 0, 0, ABI_NOT_SUPPORTED);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
