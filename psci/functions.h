/* SPDX-License-Identifier: GPL-2.0 */
/*
 * psci_version_test: which functions a guest of each version finds.
 */

FIXTURE(psci)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu; /* the first one; the second is off */
};

FIXTURE_VARIANT(psci)
{
	enum psci_version version;
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(psci, v0_1_hvc) { PSCI_0_1, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v0_2_hvc) { PSCI_0_2, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v1_0_hvc) { PSCI_1_0, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v1_1_hvc) { PSCI_1_1, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v1_2_hvc) { PSCI_1_2, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v1_3_hvc) { PSCI_1_3, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci, v0_1_smc) { PSCI_0_1, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(psci, v0_2_smc) { PSCI_0_2, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(psci, v1_0_smc) { PSCI_1_0, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(psci, v1_1_smc) { PSCI_1_1, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(psci, v1_2_smc) { PSCI_1_2, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(psci, v1_3_smc) { PSCI_1_3, CONDUIT_SMC };
/* clang-format on */

FIXTURE_SETUP(psci)
{
	struct fw_config cfg;

	if (variant->conduit == CONDUIT_HVC && guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	fw_probe(&cfg);
	if (variant->conduit == CONDUIT_SMC && !cfg.smc)
		SKIP(return, "this kernel does not serve SMC");
	self->vm = psci_vm_create(2, variant->version, VM_PARKED);
	if (!self->vm)
		SKIP(return, "this kernel has no PSCI %s", psci_versions[variant->version].name);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(psci)
{
	test_vm_free(self->vm);
}

/* A call that answers x0 = want and nothing else */
static void expect_psci(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			enum conduit conduit, u64 x0, u64 x1, u64 x2, u64 x3, u64 want)
{
	const struct psci_function *row = psci_function(x0);
	const u64 in[8] = { x0, x1, x2, x3 };
	struct guest_result res;

	guest_call(vcpu, conduit, in, &res);
	expect_end(_metadata, row ? row->name : "a call", &res);
	EXPECT_TRUE(res.x[0] == want && !(res.x[1] | res.x[2] | res.x[3]))
	{
		TH_LOG("%s %s (%#lx, %#lx, %#lx, %#lx) on vCPU %u answered x0-x3 %#lx %#lx %#lx %#lx; expected %#lx and zeros",
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", row ? row->name : "call", x0, x1, x2,
		       x3, vcpu->id, res.x[0], res.x[1], res.x[2], res.x[3], want);
		count_failure(_metadata);
	}
}

TEST_F(psci, version_is_the_one_set)
{
	u64 value = psci_versions[variant->version].value;

	expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_GET_VERSION, 0, 0, 0,
		    variant->version == PSCI_0_1 ? ABI_NOT_SUPPORTED : value);
}

/* Ids that PSCI_FEATURES may be asked about, beside those of PSCI itself */
static const u32 foreign_ids[] = {
	0,
	0xffffffff,
	0x80000001, /* SMCCC_ARCH_FEATURES */
	0xc0000000,
	0x84000020, /* the one behind PSCI's range */
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
		expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_FEATURES, id, 0, 0,
			    psci_features(variant->version, id, false));
		expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_FEATURES,
			    id | ABI_CALL_64, 0, 0,
			    psci_features(variant->version, id | ABI_CALL_64, false));
	}
	expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_FEATURES, ABI_SMCCC_VERSION,
		    0, 0, psci_features(variant->version, ABI_SMCCC_VERSION, false));
	for (n = 0; n < ARRAY_SIZE(foreign_ids); n++)
		expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_FEATURES,
			    foreign_ids[n], 0, 0, ABI_NOT_SUPPORTED);
	/* the argument has 32 bits */
	expect_psci(_metadata, self->vcpu, variant->conduit, ABI_PSCI_FEATURES,
		    1ULL << 32 | ABI_PSCI_GET_VERSION, 0, 0,
		    psci_features(variant->version, ABI_PSCI_GET_VERSION, false));
}

/* What a function without further effect answers where it is there, with x1 to x3 zero */
static u64 plain_answer(enum psci_version version, const struct psci_function *row)
{
	if (version < row->since)
		return ABI_NOT_SUPPORTED;
	switch (row->id) {
	case ABI_PSCI_GET_VERSION:
		return psci_versions[version].value;
	case ABI_PSCI_CPU_ON: /* of the caller itself */
		return ABI_PSCI_ALREADY_ON;
	case ABI_PSCI_AFFINITY_INFO:
		return ABI_PSCI_LEVEL_ON;
	case ABI_PSCI_MIGRATE_INFO_TYPE:
		return ABI_PSCI_TOS_NOT_PRESENT;
	default: /* of PSCI_FEATURES, that there is no function 0 */
		return ABI_NOT_SUPPORTED;
	}
}

/*
 * Every id of PSCI's range, both widths, and 0.1's own: none that is newer than the
 * version answers. Left out are those that are there and stop the vCPU or exit.
 */
TEST_F(psci, only_functions_of_the_version_answer)
{
	unsigned int wide;
	u32 id;

	for (id = ABI_PSCI_FIRST; id <= ABI_PSCI_LAST; id++) {
		for (wide = 0; wide <= 1; wide++) {
			u32 fn = wide ? id | ABI_CALL_64 : id;
			const struct psci_function *row = psci_function(fn);
			u64 want = row ? plain_answer(variant->version, row) : ABI_NOT_SUPPORTED;

			/* without its capability SYSTEM_SUSPEND is not there in any version */
			if (row && row->effect != PSCI_ANSWERS && variant->version >= row->since &&
			    row->id != ABI_PSCI_SYSTEM_SUSPEND)
				continue;
			expect_psci(_metadata, self->vcpu, variant->conduit, fn, 0, 0, 0, want);
		}
	}
	for (id = ABI_PSCI_0_1_CPU_SUSPEND; id <= ABI_PSCI_0_1_MIGRATE; id++) {
		if (variant->version == PSCI_0_1 && id == ABI_PSCI_0_1_CPU_OFF)
			continue;
		expect_psci(_metadata, self->vcpu, variant->conduit, id, 0, 0, 0,
			    variant->version == PSCI_0_1 && id == ABI_PSCI_0_1_CPU_ON
				    ? ABI_PSCI_INVALID_PARAMETERS
				    : ABI_NOT_SUPPORTED);
		expect_psci(_metadata, self->vcpu, variant->conduit, id | ABI_CALL_64, 0, 0, 0,
			    ABI_NOT_SUPPORTED);
	}
}
