// SPDX-License-Identifier: GPL-2.0
/*
 * VM configurations.
 */
#include "host.h"
#include "vm.h"
#include "vm_config.h"

/* clang-format off */
const struct vm_config vm_configs[NR_CONFIGS] = {
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
	[CONFIG_MTE] = { "mte", 0, VM_MTE },
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

const char *config_missing(const struct vm_config *config)
{
	if (config->flags & VM_MTE && !kvm_has_cap(KVM_CAP_ARM_MTE))
		return "this host offers no MTE to guests";
	return host_missing_features(config->features);
}

struct test_vm *config_vm(enum config_id config, unsigned int flags)
{
	return test_vm_create(1, vm_configs[config].features,
			      vm_configs[config].flags | flags | VM_AT_EL1);
}
