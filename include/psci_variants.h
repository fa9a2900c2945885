/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The variants of fixtures that go through PSCI's versions. A new version is a row for
 * each conduit.
 */
#ifndef GUEST_ABI_PSCI_VARIANTS_H
#define GUEST_ABI_PSCI_VARIANTS_H

#include "psci.h"

/* clang-format off */
/* For a FIXTURE_VARIANT of enum psci_version and enum conduit */
#define PSCI_VARIANTS(fixture) \
	FIXTURE_VARIANT_ADD(fixture, v0_1_hvc) { PSCI_0_1, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v0_2_hvc) { PSCI_0_2, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_0_hvc) { PSCI_1_0, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_1_hvc) { PSCI_1_1, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_2_hvc) { PSCI_1_2, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_3_hvc) { PSCI_1_3, CONDUIT_HVC }; \
	FIXTURE_VARIANT_ADD(fixture, v0_1_smc) { PSCI_0_1, CONDUIT_SMC }; \
	FIXTURE_VARIANT_ADD(fixture, v0_2_smc) { PSCI_0_2, CONDUIT_SMC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_0_smc) { PSCI_1_0, CONDUIT_SMC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_1_smc) { PSCI_1_1, CONDUIT_SMC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_2_smc) { PSCI_1_2, CONDUIT_SMC }; \
	FIXTURE_VARIANT_ADD(fixture, v1_3_smc) { PSCI_1_3, CONDUIT_SMC };
/* clang-format on */

#endif /* GUEST_ABI_PSCI_VARIANTS_H */
