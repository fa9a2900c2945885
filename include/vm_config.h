/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM configurations: combinations of vCPU features that tests and tools go through.
 */
#ifndef GUEST_ABI_VM_CONFIG_H
#define GUEST_ABI_VM_CONFIG_H

#include "abi.h"
#include "test_vm.h"

/* vCPU features, masks for test_vm_create() [api.rst 4.82] */
#define FEAT_PMU (1U << KVM_ARM_VCPU_PMU_V3)
#define FEAT_SVE (1U << KVM_ARM_VCPU_SVE)
#define FEAT_PTRAUTH (1U << KVM_ARM_VCPU_PTRAUTH_ADDRESS | 1U << KVM_ARM_VCPU_PTRAUTH_GENERIC)
#define FEAT_EL2 (1U << ABI_VCPU_HAS_EL2)
#define FEAT_E2H0 (FEAT_EL2 | 1U << ABI_VCPU_HAS_EL2_E2H0)
#define FEAT_EL1_32 (1U << KVM_ARM_VCPU_EL1_32BIT)

/*
 * All combinations that KVM_ARM_VCPU_INIT takes, with PSCI 0.1 and MTE just once: pointer
 * authentication comes with both of its features, and a guest with a 32-bit EL1
 * has neither SVE nor pointer authentication nor EL2 [api.rst 4.82]. VMs with EL2
 * are slow to make and to free, so only some of these get all tests.
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
	CONFIG_MTE,
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

struct vm_config {
	const char *name;
	u32 features; /* for test_vm_create() */
	unsigned int flags;
};

extern const struct vm_config vm_configs[NR_CONFIGS];

/** config_missing() - NULL, or what this host lacks for a configuration */
const char *config_missing(const struct vm_config *config);

/** config_vm() - a VM of a configuration with one vCPU; @flags as for test_vm_create() */
struct test_vm *config_vm(enum config_id config, unsigned int flags);

/* clang-format off */
/* A variant of a fixture for each configuration that gets all tests: { .config } */
#define CONFIG_VARIANTS(fixture) \
	FIXTURE_VARIANT_ADD(fixture, plain) { .config = CONFIG_PLAIN }; \
	FIXTURE_VARIANT_ADD(fixture, psci_0_1) { .config = CONFIG_PSCI_0_1 }; \
	FIXTURE_VARIANT_ADD(fixture, pmu) { .config = CONFIG_PMU }; \
	FIXTURE_VARIANT_ADD(fixture, sve) { .config = CONFIG_SVE }; \
	FIXTURE_VARIANT_ADD(fixture, ptrauth) { .config = CONFIG_PTRAUTH }; \
	FIXTURE_VARIANT_ADD(fixture, pmu_sve) { .config = CONFIG_PMU_SVE }; \
	FIXTURE_VARIANT_ADD(fixture, pmu_ptrauth) { .config = CONFIG_PMU_PTRAUTH }; \
	FIXTURE_VARIANT_ADD(fixture, sve_ptrauth) { .config = CONFIG_SVE_PTRAUTH }; \
	FIXTURE_VARIANT_ADD(fixture, pmu_sve_ptrauth) { .config = CONFIG_PMU_SVE_PTRAUTH }; \
	FIXTURE_VARIANT_ADD(fixture, el1_32) { .config = CONFIG_EL1_32 }; \
	FIXTURE_VARIANT_ADD(fixture, el1_32_pmu) { .config = CONFIG_EL1_32_PMU }; \
	FIXTURE_VARIANT_ADD(fixture, mte) { .config = CONFIG_MTE }; \
	FIXTURE_VARIANT_ADD(fixture, el2) { .config = CONFIG_EL2 }; \
	FIXTURE_VARIANT_ADD(fixture, el2_pmu_sve_ptrauth) { .config = CONFIG_EL2_PMU_SVE_PTRAUTH }; \
	FIXTURE_VARIANT_ADD(fixture, e2h0_pmu_sve_ptrauth) { .config = CONFIG_E2H0_PMU_SVE_PTRAUTH };
/* clang-format on */

#endif /* GUEST_ABI_VM_CONFIG_H */
