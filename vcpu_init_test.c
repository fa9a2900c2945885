// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_init_test: the calls that make a vCPU what it is: which targets and features they take,
 * what they answer to others, and what a vCPU does before them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.82   KVM_ARM_VCPU_INIT
 *   Documentation/virt/kvm/api.rst 4.83   KVM_ARM_PREFERRED_TARGET
 *   Documentation/virt/kvm/api.rst 4.119  KVM_ARM_VCPU_FINALIZE
 *   Documentation/virt/kvm/api.rst 7.28   KVM_CAP_ARM_MTE and AArch32
 *
 * What registers have afterwards is in vcpu_reset_test; what KVM_GET_REG_LIST, KVM_GET_ONE_REG
 * and KVM_SET_ONE_REG answer before these calls is in get_reg_list_test.
 */
#include <errno.h>
#include <limits.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "vcpu_init.h"
#include "vm.h"
#include "vm_config.h"

#define FEAT(bit) (1U << (bit))
#define FEAT_OFF FEAT(KVM_ARM_VCPU_POWER_OFF)
#define FEAT_PSCI FEAT(KVM_ARM_VCPU_PSCI_0_2)
#define FEAT_STRICT FEAT(ABI_VCPU_PMU_V3_STRICT)
#define FEATURE_WORDS 7 /* of struct kvm_vcpu_init */

/* What the host has to have for a feature, and what the feature requires [api.rst 4.82] */
static const struct feature {
	const char *name;
	u32 mask;
	unsigned int cap; /* 0: none */
	u32 requires;
	bool old; /* every kernel knows it */
} features[] = {
	{ "POWER_OFF", FEAT_OFF, 0, 0, true },
	{ "EL1_32BIT", FEAT_EL1_32, KVM_CAP_ARM_EL1_32BIT, 0, true },
	{ "PSCI_0_2", FEAT_PSCI, 0, 0, true },
	{ "PMU_V3", FEAT_PMU, KVM_CAP_ARM_PMU_V3, 0, true },
	{ "SVE", FEAT_SVE, KVM_CAP_ARM_SVE, 0, true },
	{ "PTRAUTH_ADDRESS", FEAT(KVM_ARM_VCPU_PTRAUTH_ADDRESS), KVM_CAP_ARM_PTRAUTH_ADDRESS,
	  FEAT(KVM_ARM_VCPU_PTRAUTH_GENERIC), true },
	{ "PTRAUTH_GENERIC", FEAT(KVM_ARM_VCPU_PTRAUTH_GENERIC), KVM_CAP_ARM_PTRAUTH_GENERIC,
	  FEAT(KVM_ARM_VCPU_PTRAUTH_ADDRESS), true },
	{ "HAS_EL2", FEAT_EL2, ABI_CAP_ARM_EL2, 0, false },
	{ "HAS_EL2_E2H0", FEAT(ABI_VCPU_HAS_EL2_E2H0), ABI_CAP_ARM_EL2_E2H0, FEAT_EL2, false },
	{ "PMU_V3_STRICT", FEAT_STRICT, ABI_CAP_ARM_PMU_V3_STRICT, FEAT_PMU, false },
};

static bool host_has(const struct feature *feature)
{
	return !feature->cap || kvm_check_cap(feature->cap) > 0;
}

/* A vCPU before KVM_ARM_VCPU_INIT */
FIXTURE(vcpu)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(vcpu)
{
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(vcpu)
{
	if (self->kvm)
		kvm_vm_free(self->kvm);
}

/* A VM may have one set of features for all of its vCPUs, so that each set needs its own */
static void next_vm(FIXTURE_DATA(vcpu) * self)
{
	kvm_vm_free(self->kvm);
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

/* A vCPU that runs in spite of it does so for no time: immediate_exit ends that with EINTR */
static void expect_no_run(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			  const char *when, int want_err)
{
	int err;

	vcpu->run->immediate_exit = 1;
	err = ioctl_err(ioctl(vcpu->fd, KVM_RUN, NULL));
	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_RUN %s: %s; expected %s", when, err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
}

static void expect_init(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 mask,
			int want_err, const char *what, const char *why)
{
	int err = __vcpu_init(vcpu, mask);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_ARM_VCPU_INIT with the features %#x, %s: %s; expected %s, since %s",
		       mask, what, err_str(err), err_str(want_err), why);
		count_failure(_metadata);
	}
}

TEST_F(vcpu, does_not_run_before_init)
{
	expect_no_run(_metadata, self->vcpu, "before KVM_ARM_VCPU_INIT", -ENOEXEC);
	/* that of another vCPU is not enough */
	ASSERT_EQ(0, __vcpu_init(__vm_vcpu_add(self->kvm, 1), FEAT_PSCI));
	expect_no_run(_metadata, self->vcpu, "before KVM_ARM_VCPU_INIT, with another vCPU after it",
		      -ENOEXEC);
}

TEST_F(vcpu, preferred_target_is_taken)
{
	struct kvm_vcpu_init init = { .target = ~0U };
	int err;

	vm_ioctl(self->kvm, KVM_ARM_PREFERRED_TARGET, &init);
	err = __vcpu_init_as(self->vcpu, &init);
	EXPECT_EQ(0, err)
	{
		TH_LOG("KVM_ARM_VCPU_INIT with what KVM_ARM_PREFERRED_TARGET gave, target %#x and features %#x: %s; expected 0",
		       init.target, init.features[0], err_str(err));
	}
}

/* Those that the UAPI names are 0 to 5 */
TEST_F(vcpu, unknown_targets_are_invalid)
{
	static const u32 targets[] = { 6, 7, 8, 0xff, 0x105, 0x7fffffff, 0x80000005, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		const struct kvm_vcpu_init init = {
			.target = targets[i],
			.features = { FEAT_PSCI },
		};

		expect_err(_metadata, "KVM_ARM_VCPU_INIT with the unknown target", targets[i],
			   -EINVAL, __vcpu_init_as(self->vcpu, &init));
	}
	expect_no_run(_metadata, self->vcpu, "after a refused KVM_ARM_VCPU_INIT", -ENOEXEC);
}

/* All but those of the first word, which newer kernels may have: newer_kernel_test has these */
TEST_F(vcpu, unknown_features_do_not_exist)
{
	unsigned int bit;

	for (bit = 32; bit < 32 * FEATURE_WORDS; bit++) {
		struct kvm_vcpu_init init = {
			.target = preferred_target(self->kvm),
			.features = { FEAT_PSCI },
		};

		init.features[bit / 32] = FEAT(bit % 32);
		expect_err(_metadata, "KVM_ARM_VCPU_INIT with PSCI_0_2 and an unknown feature, bit",
			   bit, -ENOENT, __vcpu_init_as(self->vcpu, &init));
	}
	expect_no_run(_metadata, self->vcpu, "after a refused KVM_ARM_VCPU_INIT", -ENOEXEC);
	expect_init(_metadata, self->vcpu, FEAT_PSCI, 0, "after those that were refused",
		    "they leave no trace");
}

/*
 * A host that lacks something answers EINVAL. A kernel that does not know the feature, which
 * only the newest may be, answers ENOENT.
 */
static void expect_lacking(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   const struct feature *feature, u32 mask, const char *why)
{
	int err = __vcpu_init(vcpu, mask);

	EXPECT_TRUE(err == -EINVAL || (err == -ENOENT && !feature->old))
	{
		TH_LOG("KVM_ARM_VCPU_INIT with the features %#x, %s among them: %s; expected EINVAL%s, since %s",
		       mask, feature->name, err_str(err),
		       feature->old ? "" : ", or ENOENT from a kernel that does not know it", why);
		count_failure(_metadata);
	}
	if (err)
		expect_no_run(_metadata, vcpu, "after a refused KVM_ARM_VCPU_INIT", -ENOEXEC);
}

TEST_F(vcpu, features_are_taken_if_and_only_if_the_host_has_them)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *feature = &features[i];
		u32 mask = FEAT_PSCI | feature->mask | feature->requires;

		if (host_has(feature))
			expect_init(_metadata, self->vcpu, mask, 0, feature->name,
				    "the host has its capability");
		else
			expect_lacking(_metadata, self->vcpu, feature, mask,
				       "the host lacks its capability");
		next_vm(self);
	}
}

/* A feature without the one that it requires */
FIXTURE(lone_feature)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT(lone_feature)
{
	u32 mask;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(lone_feature, ptrauth_address) { FEAT(KVM_ARM_VCPU_PTRAUTH_ADDRESS) };
FIXTURE_VARIANT_ADD(lone_feature, ptrauth_generic) { FEAT(KVM_ARM_VCPU_PTRAUTH_GENERIC) };
FIXTURE_VARIANT_ADD(lone_feature, has_el2_e2h0) { FEAT(ABI_VCPU_HAS_EL2_E2H0) };
FIXTURE_VARIANT_ADD(lone_feature, pmu_v3_strict) { FEAT_STRICT };
/* clang-format on */

FIXTURE_SETUP(lone_feature)
{
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(lone_feature)
{
	kvm_vm_free(self->kvm);
}

TEST_F(lone_feature, is_invalid_without_the_one_it_requires)
{
	unsigned int i;

	for (i = 0; features[i].mask != variant->mask; i++)
		;
	expect_lacking(_metadata, self->vcpu, &features[i], FEAT_PSCI | variant->mask,
		       "it requires another one");
}

/* A 32-bit vCPU in a VM that has what only AArch64 has */
TEST_F(vcpu, el1_32bit_excludes_el2)
{
	if (config_missing(&vm_configs[CONFIG_EL1_32]))
		SKIP(return, "this host offers no 32-bit EL1");
	expect_lacking(_metadata, self->vcpu, &features[7], FEAT_PSCI | FEAT_EL1_32 | FEAT_EL2,
		       "a 32-bit vCPU has no EL2");
}

TEST_F(vcpu, el1_32bit_excludes_mte)
{
	if (config_missing(&vm_configs[CONFIG_EL1_32]))
		SKIP(return, "this host offers no 32-bit EL1");
	if (config_missing(&vm_configs[CONFIG_MTE]))
		SKIP(return, "this host offers no MTE to guests");
	kvm_vm_free(self->kvm);
	self->kvm = bare_vm_create(0);
	vm_enable_cap(self->kvm, KVM_CAP_ARM_MTE, 0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
	expect_init(_metadata, self->vcpu, FEAT_PSCI | FEAT_EL1_32, -EINVAL, "EL1_32BIT",
		    "the VM has KVM_CAP_ARM_MTE [api.rst 7.28]");
	expect_init(_metadata, self->vcpu, FEAT_PSCI, 0, "without EL1_32BIT",
		    "what was refused leaves no trace");
}

#define X_VALUE 0x5a5a5a5aULL /* a 32-bit vCPU keeps it, too */

/* The same features again, then each that may be changed */
static void expect_no_change(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 mask)
{
	unsigned int i;
	u64 x;

	expect_init(_metadata, vcpu, mask, 0, "again", "they are those of the first call");
	vcpu_x_set(vcpu, 5, X_VALUE);
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *feature = &features[i];
		u32 other = mask ^ (feature->mask | feature->requires);

		/* Kernels differ in whether POWER_OFF is one of the set: see power_off */
		if (feature->mask == FEAT_OFF || !host_has(feature))
			continue;
		expect_init(_metadata, vcpu, other, -EINVAL, feature->name,
			    "the first call on this vCPU had others");
		x = vcpu_x_get(vcpu, 5);
		EXPECT_EQ(X_VALUE, x)
		{
			TH_LOG("X5 after a refused KVM_ARM_VCPU_INIT: %#lx; expected %#llx as before",
			       x, X_VALUE);
			count_failure(_metadata);
		}
	}
}

TEST_F(vcpu, features_cannot_be_changed)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		u32 mask = FEAT_PSCI | features[i].mask | features[i].requires;

		if (features[i].mask == FEAT_OFF || features[i].mask == FEAT_STRICT ||
		    !host_has(&features[i]))
			continue;
		ASSERT_EQ(0, __vcpu_init(self->vcpu, mask));
		expect_no_change(_metadata, self->vcpu, mask);
		next_vm(self);
	}
}

/*
 * No document states it. A VM has one set of ID registers, so that the features of its vCPUs,
 * which decide what is in them, are one set. Kernels without the capability for writable ID
 * registers have these by vCPU.
 */
TEST_F(vcpu, features_of_another_vcpu_cannot_differ)
{
	struct kvm_vcpu *other = __vm_vcpu_add(self->kvm, 1);
	unsigned int i;

	if (kvm_check_cap(230) <= 0) /* KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES */
		SKIP(return, "this kernel has features by vCPU, not by VM");
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI));
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if (features[i].mask == FEAT_OFF || !host_has(&features[i]))
			continue;
		expect_init(_metadata, other, FEAT_PSCI ^ (features[i].mask | features[i].requires),
			    -EINVAL, features[i].name, "the other vCPU of the VM has others");
	}
	expect_no_run(_metadata, other, "after a refused KVM_ARM_VCPU_INIT", -ENOEXEC);
	expect_init(_metadata, other, FEAT_PSCI, 0, "as the other vCPU has them",
		    "what was refused leaves no trace");
}

/* No document states it, either: a VM whose vCPUs have different widths has no use */
TEST_F(vcpu, widths_cannot_be_mixed)
{
	const u32 wide = FEAT_PSCI, narrow = FEAT_PSCI | FEAT_EL1_32;
	struct kvm_vcpu *other;

	if (config_missing(&vm_configs[CONFIG_EL1_32]))
		SKIP(return, "this host offers no 32-bit EL1");
	ASSERT_EQ(0, __vcpu_init(self->vcpu, wide));
	other = __vm_vcpu_add(self->kvm, 1);
	expect_init(_metadata, other, narrow, -EINVAL, "EL1_32BIT",
		    "the other vCPU has a 64-bit EL1");
	next_vm(self);
	ASSERT_EQ(0, __vcpu_init(self->vcpu, narrow));
	other = __vm_vcpu_add(self->kvm, 1);
	expect_init(_metadata, other, wide, -EINVAL, "without EL1_32BIT",
		    "the other vCPU has a 32-bit EL1");
	expect_init(_metadata, other, narrow, 0, "EL1_32BIT", "all vCPUs have it");
}

/* api.rst 4.82: "all vcpus should be created before this ioctl is invoked" */
TEST_F(vcpu, el1_32bit_is_taken_once_all_vcpus_are_created)
{
	struct kvm_vcpu *other = __vm_vcpu_add(self->kvm, 1);

	if (config_missing(&vm_configs[CONFIG_EL1_32]))
		SKIP(return, "this host offers no 32-bit EL1");
	expect_init(_metadata, self->vcpu, FEAT_PSCI | FEAT_EL1_32, 0, "EL1_32BIT",
		    "the other vCPU, which is created, has no width yet");
	expect_init(_metadata, other, FEAT_PSCI | FEAT_EL1_32, 0, "EL1_32BIT", "all vCPUs have it");
}

TEST_F(vcpu, bad_pointers_are_faults)
{
	void *bad = unmapped_page(_metadata);
	int err;

	err = ioctl_err(ioctl(self->kvm->fd, KVM_ARM_PREFERRED_TARGET, bad));
	expect_err(_metadata, "KVM_ARM_PREFERRED_TARGET to memory that is not there", 0, -EFAULT,
		   err);
	expect_err(_metadata, "KVM_ARM_VCPU_INIT from memory that is not there", 0, -EFAULT,
		   __vcpu_init_as(self->vcpu, bad));
	expect_no_run(_metadata, self->vcpu, "after a refused KVM_ARM_VCPU_INIT", -ENOEXEC);
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI));
	err = ioctl_err(ioctl(self->vcpu->fd, KVM_ARM_VCPU_FINALIZE, bad));
	expect_err(_metadata, "KVM_ARM_VCPU_FINALIZE from memory that is not there", 0, -EFAULT,
		   err);
}

/* The vCPU's power state, which each KVM_ARM_VCPU_INIT sets */
static void expect_state(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 mask,
			 const char *when)
{
	u32 want = mask & FEAT_OFF ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE;
	u32 state = mp_state_get(vcpu);

	EXPECT_EQ(want, state)
	{
		TH_LOG("KVM_GET_MP_STATE of vCPU %u after KVM_ARM_VCPU_INIT %s POWER_OFF%s: state %u; expected %u",
		       vcpu->id, mask & FEAT_OFF ? "with" : "without", when, state, want);
		count_failure(_metadata);
	}
}

TEST_F(vcpu, power_off_says_whether_a_vcpu_starts)
{
	const u32 masks[] = { FEAT_PSCI, FEAT_PSCI | FEAT_OFF };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		struct kvm_vcpu *other = __vm_vcpu_add(self->kvm, 1);

		ASSERT_EQ(0, __vcpu_init(self->vcpu, masks[i]));
		expect_state(_metadata, self->vcpu, masks[i], "");
		/* vCPUs may differ in it: a VMM starts one */
		ASSERT_EQ(0, __vcpu_init(other, masks[!i]));
		expect_state(_metadata, other, masks[!i], ", unlike the other vCPU");

		mp_state_set(self->vcpu, i ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_STOPPED);
		ASSERT_EQ(0, __vcpu_init(self->vcpu, masks[i]));
		expect_state(_metadata, self->vcpu, masks[i], ", after the opposite state");
		next_vm(self);
	}
}

/*
 * Old kernels refuse another POWER_OFF as they do other changes of the features, as api.rst has
 * it. Newer ones take it, which a VMM needs to start another vCPU first after a reset.
 */
TEST_F(vcpu, power_off_of_the_last_init_counts)
{
	u32 mask = FEAT_PSCI;
	unsigned int i;
	int err;

	ASSERT_EQ(0, __vcpu_init(self->vcpu, mask));
	for (i = 0; i < 4; i++) {
		err = __vcpu_init(self->vcpu, mask ^ FEAT_OFF);
		EXPECT_TRUE(!err || err == -EINVAL)
		{
			TH_LOG("KVM_ARM_VCPU_INIT with another POWER_OFF: %s; expected 0 or EINVAL",
			       err_str(err));
		}
		if (!err)
			mask ^= FEAT_OFF;
		expect_state(_metadata, self->vcpu, mask, ", the last that was accepted");
	}
}

TEST_F(vcpu, finalize_of_what_is_no_such_feature_is_invalid)
{
	static const int nr[] = {
		KVM_ARM_VCPU_POWER_OFF,
		KVM_ARM_VCPU_EL1_32BIT,
		KVM_ARM_VCPU_PSCI_0_2,
		KVM_ARM_VCPU_PMU_V3,
		KVM_ARM_VCPU_PTRAUTH_ADDRESS,
		KVM_ARM_VCPU_PTRAUTH_GENERIC,
		ABI_VCPU_HAS_EL2,
		ABI_VCPU_HAS_EL2_E2H0,
		ABI_VCPU_PMU_V3_STRICT,
		10,
		KVM_ARM_VCPU_SVE + 32,
		-1,
		INT_MIN,
		INT_MAX,
	};
	unsigned int i;

	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI));
	for (i = 0; i < ARRAY_SIZE(nr); i++)
		expect_err(_metadata, "KVM_ARM_VCPU_FINALIZE of the feature", nr[i], -EINVAL,
			   __test_vcpu_finalize(self->vcpu, nr[i]));
}

/* api.rst 4.119 has EPERM for "not enabled" and EINVAL for "not present" */
TEST_F(vcpu, finalize_of_sve_that_the_vcpu_has_not_is_refused)
{
	int err;

	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI));
	err = __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE);
	EXPECT_TRUE(err == -EPERM || err == -EINVAL)
	{
		TH_LOG("KVM_ARM_VCPU_FINALIZE of SVE on a vCPU without it: %s; expected EPERM or EINVAL",
		       err_str(err));
	}
}

/* No document has the errno; it is KVM_RUN's */
TEST_F(vcpu, finalize_needs_init)
{
	expect_err(_metadata, "KVM_ARM_VCPU_FINALIZE before KVM_ARM_VCPU_INIT of the feature",
		   KVM_ARM_VCPU_SVE, -ENOEXEC, __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
}

TEST_F(vcpu, with_sve_runs_once_it_is_finalized)
{
	struct kvm_vcpu *other = __vm_vcpu_add(self->kvm, 1);
	struct kvm_reg_list list = { .n = 0 };

	if (config_missing(&vm_configs[CONFIG_SVE]))
		SKIP(return, "this host offers no SVE to guests");
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI | FEAT_SVE));
	ASSERT_EQ(0, __vcpu_init(other, FEAT_PSCI | FEAT_SVE));
	expect_no_run(_metadata, self->vcpu, "before KVM_ARM_VCPU_FINALIZE", -EPERM);
	expect_err(_metadata, "KVM_ARM_VCPU_FINALIZE of the feature", KVM_ARM_VCPU_SVE, 0,
		   __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
	expect_no_run(_metadata, other, "before KVM_ARM_VCPU_FINALIZE of this vCPU", -EPERM);
	expect_err(_metadata, "KVM_ARM_VCPU_FINALIZE once more, of the feature", KVM_ARM_VCPU_SVE,
		   -EPERM, __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
	/* A reset does not undo it */
	ASSERT_EQ(0, __vcpu_init(self->vcpu, FEAT_PSCI | FEAT_SVE));
	expect_err(_metadata,
		   "KVM_ARM_VCPU_FINALIZE after a second KVM_ARM_VCPU_INIT, of the feature",
		   KVM_ARM_VCPU_SVE, -EPERM, __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
	expect_err(_metadata, "KVM_GET_REG_LIST after a second KVM_ARM_VCPU_INIT, n", 0, -E2BIG,
		   __reg_list(self->vcpu, &list));
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
