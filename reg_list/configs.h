/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: the vCPU configurations.
 */

/*
 * All combinations that KVM_ARM_VCPU_INIT takes, PSCI 0.1 but once: pointer
 * authentication comes with both of its features, and a guest with a 32-bit EL1
 * has neither SVE nor pointer authentication nor EL2 [api.rst 4.82]. VMs with EL2
 * are slow to make and to free, so but a few of these get all tests.
 */
enum config_id {
	CONFIG_PLAIN,
	CONFIG_PSCI_0_1,
	CONFIG_PMU,
	CONFIG_SVE,
	CONFIG_PTRAUTH,
	CONFIG_PMU_SVE,
	CONFIG_PMU_PTRAUTH,
	CONFIG_SVE_PTRAUTH,
	CONFIG_PMU_SVE_PTRAUTH,
	CONFIG_EL1_32,
	CONFIG_EL1_32_PMU,
	CONFIG_EL2,
	CONFIG_EL2_PMU_SVE_PTRAUTH,
	CONFIG_E2H0_PMU_SVE_PTRAUTH,
	CONFIG_EL2_PMU,
	CONFIG_EL2_SVE,
	CONFIG_EL2_PTRAUTH,
	CONFIG_EL2_PMU_SVE,
	CONFIG_EL2_PMU_PTRAUTH,
	CONFIG_EL2_SVE_PTRAUTH,
	CONFIG_E2H0,
	CONFIG_E2H0_PMU,
	CONFIG_E2H0_SVE,
	CONFIG_E2H0_PTRAUTH,
	CONFIG_E2H0_PMU_SVE,
	CONFIG_E2H0_PMU_PTRAUTH,
	CONFIG_E2H0_SVE_PTRAUTH,
	NR_CONFIGS
};

struct config {
	const char *name;
	u32 features; /* for test_vm_create() */
	unsigned int flags;
};

/* clang-format off */
static const struct config configs[NR_CONFIGS] = {
	[CONFIG_PLAIN] = { "plain", 0, 0 },
	[CONFIG_PSCI_0_1] = { "psci_0_1", 0, VM_PSCI_0_1 },
	[CONFIG_PMU] = { "pmu", FEAT_PMU, 0 },
	[CONFIG_SVE] = { "sve", FEAT_SVE, 0 },
	[CONFIG_PTRAUTH] = { "ptrauth", FEAT_PTRAUTH, 0 },
	[CONFIG_PMU_SVE] = { "pmu_sve", FEAT_PMU | FEAT_SVE, 0 },
	[CONFIG_PMU_PTRAUTH] = { "pmu_ptrauth", FEAT_PMU | FEAT_PTRAUTH, 0 },
	[CONFIG_SVE_PTRAUTH] = { "sve_ptrauth", FEAT_SVE | FEAT_PTRAUTH, 0 },
	[CONFIG_PMU_SVE_PTRAUTH] = { "pmu_sve_ptrauth", FEAT_PMU | FEAT_SVE | FEAT_PTRAUTH, 0 },
	[CONFIG_EL1_32] = { "el1_32", FEAT_EL1_32, 0 },
	[CONFIG_EL1_32_PMU] = { "el1_32_pmu", FEAT_EL1_32 | FEAT_PMU, 0 },
	[CONFIG_EL2] = { "el2", FEAT_EL2, 0 },
	[CONFIG_EL2_PMU_SVE_PTRAUTH] = { "el2_pmu_sve_ptrauth", FEAT_EL2 | FEAT_PMU | FEAT_SVE | FEAT_PTRAUTH, 0 },
	[CONFIG_E2H0_PMU_SVE_PTRAUTH] = { "e2h0_pmu_sve_ptrauth", FEAT_E2H0 | FEAT_PMU | FEAT_SVE | FEAT_PTRAUTH, 0 },
	[CONFIG_EL2_PMU] = { "el2_pmu", FEAT_EL2 | FEAT_PMU, 0 },
	[CONFIG_EL2_SVE] = { "el2_sve", FEAT_EL2 | FEAT_SVE, 0 },
	[CONFIG_EL2_PTRAUTH] = { "el2_ptrauth", FEAT_EL2 | FEAT_PTRAUTH, 0 },
	[CONFIG_EL2_PMU_SVE] = { "el2_pmu_sve", FEAT_EL2 | FEAT_PMU | FEAT_SVE, 0 },
	[CONFIG_EL2_PMU_PTRAUTH] = { "el2_pmu_ptrauth", FEAT_EL2 | FEAT_PMU | FEAT_PTRAUTH, 0 },
	[CONFIG_EL2_SVE_PTRAUTH] = { "el2_sve_ptrauth", FEAT_EL2 | FEAT_SVE | FEAT_PTRAUTH, 0 },
	[CONFIG_E2H0] = { "e2h0", FEAT_E2H0, 0 },
	[CONFIG_E2H0_PMU] = { "e2h0_pmu", FEAT_E2H0 | FEAT_PMU, 0 },
	[CONFIG_E2H0_SVE] = { "e2h0_sve", FEAT_E2H0 | FEAT_SVE, 0 },
	[CONFIG_E2H0_PTRAUTH] = { "e2h0_ptrauth", FEAT_E2H0 | FEAT_PTRAUTH, 0 },
	[CONFIG_E2H0_PMU_SVE] = { "e2h0_pmu_sve", FEAT_E2H0 | FEAT_PMU | FEAT_SVE, 0 },
	[CONFIG_E2H0_PMU_PTRAUTH] = { "e2h0_pmu_ptrauth", FEAT_E2H0 | FEAT_PMU | FEAT_PTRAUTH, 0 },
	[CONFIG_E2H0_SVE_PTRAUTH] = { "e2h0_sve_ptrauth", FEAT_E2H0 | FEAT_SVE | FEAT_PTRAUTH, 0 },
};
/* clang-format on */

/* NULL, or what the host lacks for a configuration */
static const char *config_lack(enum config_id config)
{
	return features_lack(configs[config].features);
}

static struct test_vm *config_vm(enum config_id config, unsigned int flags)
{
	return test_vm_create(1, configs[config].features,
			      configs[config].flags | flags | VM_AT_EL1);
}
