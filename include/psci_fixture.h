/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of tests that go through PSCI's versions. A new version is a row for each
 * conduit. For psci_*_test.c alone: the harness works in one source file only.
 */
#ifndef GUEST_ABI_PSCI_FIXTURE_H
#define GUEST_ABI_PSCI_FIXTURE_H

#include "psci_expect.h"

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
	const char *missing = host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = psci_vm_create(2, variant->version, VM_PARKED);
	if (!self->vm)
		SKIP(return, "this kernel has no PSCI %s", psci_versions[variant->version].name);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(psci)
{
	test_vm_free(self->vm);
}

#endif /* GUEST_ABI_PSCI_FIXTURE_H */
