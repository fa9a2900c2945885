// SPDX-License-Identifier: GPL-2.0
/*
 * PSCI: the tables, and VMs of a given version.
 */
#include "kvm_reg.h"
#include "psci.h"
#include "vm.h"

const struct psci_version_row psci_versions[NR_PSCI_VERSIONS] = {
	[PSCI_0_1] = { "0.1", ABI_PSCI_0_1 }, [PSCI_0_2] = { "0.2", ABI_PSCI_0_2 },
	[PSCI_1_0] = { "1.0", ABI_PSCI_1_0 }, [PSCI_1_1] = { "1.1", ABI_PSCI_1_1 },
	[PSCI_1_2] = { "1.2", ABI_PSCI_1_2 }, [PSCI_1_3] = { "1.3", ABI_PSCI_1_3 },
};

/* clang-format off */
const struct psci_function psci_functions[] = {
	{ "PSCI_VERSION", ABI_PSCI_GET_VERSION, false, PSCI_0_2, 0, PSCI_ANSWERS },
	{ "CPU_SUSPEND", ABI_PSCI_CPU_SUSPEND, true, PSCI_0_2, 0, PSCI_STOPS },
	{ "CPU_OFF", ABI_PSCI_CPU_OFF, false, PSCI_0_2, 0, PSCI_STOPS },
	{ "CPU_ON", ABI_PSCI_CPU_ON, true, PSCI_0_2, 0, PSCI_ANSWERS },
	{ "AFFINITY_INFO", ABI_PSCI_AFFINITY_INFO, true, PSCI_0_2, 0, PSCI_ANSWERS },
	{ "MIGRATE", 0x84000005, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "MIGRATE_INFO_TYPE", ABI_PSCI_MIGRATE_INFO_TYPE, false, PSCI_0_2, 0, PSCI_ANSWERS },
	{ "MIGRATE_INFO_UP_CPU", 0x84000007, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "SYSTEM_OFF", ABI_PSCI_SYSTEM_OFF, false, PSCI_0_2, 0, PSCI_EXITS },
	{ "SYSTEM_RESET", ABI_PSCI_SYSTEM_RESET, false, PSCI_0_2, 0, PSCI_EXITS },
	{ "PSCI_FEATURES", ABI_PSCI_FEATURES, false, PSCI_1_0, 0, PSCI_ANSWERS },
	{ "CPU_FREEZE", 0x8400000b, false, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "CPU_DEFAULT_SUSPEND", 0x8400000c, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "NODE_HW_STATE", 0x8400000d, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "SYSTEM_SUSPEND", ABI_PSCI_SYSTEM_SUSPEND, true, PSCI_1_0, 0, PSCI_EXITS },
	{ "PSCI_SET_SUSPEND_MODE", 0x8400000f, false, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "PSCI_STAT_RESIDENCY", 0x84000010, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "PSCI_STAT_COUNT", 0x84000011, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "SYSTEM_RESET2", ABI_PSCI_SYSTEM_RESET2, true, PSCI_1_1, 0, PSCI_EXITS },
	{ "MEM_PROTECT", 0x84000013, false, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "MEM_PROTECT_CHECK_RANGE", 0x84000014, true, PSCI_NEVER, 0, PSCI_ANSWERS },
	{ "SYSTEM_OFF2", ABI_PSCI_SYSTEM_OFF2, true, PSCI_1_3, ABI_PSCI_HIBERNATE_OFF, PSCI_EXITS },
};
/* clang-format on */

const unsigned int nr_psci_functions = ARRAY_SIZE(psci_functions);

const struct psci_function *psci_function(u32 id)
{
	unsigned int i;

	for (i = 0; i < nr_psci_functions; i++) {
		const struct psci_function *row = &psci_functions[i];

		if (id == row->id || (row->both && id == (row->id | ABI_CALL_64)))
			return row;
	}
	return NULL;
}

u64 psci_features(enum psci_version version, u32 id, bool suspend)
{
	const struct psci_function *row = psci_function(id);

	if (version < PSCI_1_0)
		return ABI_NOT_SUPPORTED;
	if (id == ABI_SMCCC_VERSION)
		return ABI_SUCCESS;
	if (!row || version < row->since)
		return ABI_NOT_SUPPORTED;
	if (row->id == ABI_PSCI_SYSTEM_SUSPEND && !suspend)
		return ABI_NOT_SUPPORTED;
	return row->features;
}

const char *psci_result_str(u64 x0)
{
	static char buffers[4][24];
	static unsigned int next;
	char *text;

	switch (x0) {
	case ABI_SUCCESS:
		return "SUCCESS";
	case ABI_NOT_SUPPORTED:
		return "NOT_SUPPORTED";
	case ABI_PSCI_INVALID_PARAMETERS:
		return "INVALID_PARAMETERS";
	case ABI_PSCI_DENIED:
		return "DENIED";
	case ABI_PSCI_ALREADY_ON:
		return "ALREADY_ON";
	case ABI_PSCI_INTERNAL_FAILURE:
		return "INTERNAL_FAILURE";
	}
	text = buffers[next++ % ARRAY_SIZE(buffers)];
	snprintf(text, sizeof(buffers[0]), "%#lx", x0);
	return text;
}

const char *mp_state_str(u32 state)
{
	switch (state) {
	case KVM_MP_STATE_RUNNABLE:
		return "KVM_MP_STATE_RUNNABLE";
	case KVM_MP_STATE_STOPPED:
		return "KVM_MP_STATE_STOPPED";
	case KVM_MP_STATE_SUSPENDED:
		return "KVM_MP_STATE_SUSPENDED";
	}
	return "a state that arm64 has not";
}

struct test_vm *psci_vm_create(unsigned int nr_vcpus, enum psci_version version, unsigned int flags)
{
	struct test_vm *vm;

	if (version == PSCI_0_1)
		flags |= VM_PSCI_0_1;
	vm = test_vm_create(nr_vcpus, 0, flags);
	if (__reg_set(vm->vcpu[0], ABI_PSCI_VERSION, psci_versions[version].value)) {
		test_vm_free(vm);
		return NULL;
	}
	return vm;
}
