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

bool psci_version_is_known(u64 value)
{
	unsigned int i;

	for (i = 0; i < NR_PSCI_VERSIONS; i++)
		if (psci_versions[i].value == value)
			return true;
	return false;
}

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

u64 psci_plain_answer(enum psci_version version, u32 id)
{
	const struct psci_function *row = psci_function(id);

	if (!row || version < row->since)
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

const char *psci_answer_str(u32 id, u64 x0)
{
	if ((id & ~ABI_CALL_64) == ABI_PSCI_AFFINITY_INFO && x0 <= ABI_PSCI_LEVEL_OFF)
		return x0 == ABI_PSCI_LEVEL_ON ? "ON" : "OFF";
	return psci_result_str(x0);
}

const char *psci_call_str(enum conduit conduit, const u64 in[4])
{
	const struct psci_function *row = psci_function(in[0]);
	static char text[128];
	char id[32];

	snprintf(id, sizeof(id), "function %#lx", in[0]);
	snprintf(text, sizeof(text), "%s%s(%#lx, %#lx, %#lx) by %s", row ? row->name : id,
		 row && in[0] & ABI_CALL_64 ? "64" : "", in[1], in[2], in[3], conduit_str(conduit));
	return text;
}

/* The arguments that do not get INVALID_PARAMETERS */
static const char *valid_args(u32 id)
{
	const struct psci_function *row = psci_function(id);

	switch (row ? row->id : id) {
	case ABI_PSCI_0_1_CPU_ON:
		return "x1 must be the affinity of a vCPU that is off, its other bits zero";
	case ABI_PSCI_CPU_ON:
		return "x1 must be the affinity of a vCPU, its other bits zero";
	case ABI_PSCI_AFFINITY_INFO:
		return "x1 must be an affinity of the VM, its other bits zero, and x2 a level up to 3";
	case ABI_PSCI_SYSTEM_RESET2:
		return "types 1 to 0x7fffffff are reserved";
	case ABI_PSCI_SYSTEM_OFF2:
		return "x1 must be 0 or 1, and x2 zero";
	}
	return "an argument is invalid";
}

const char *psci_why(enum psci_version version, const u64 in[4], u64 want)
{
	/* What PSCI_FEATURES answers is about another function */
	bool features = version >= PSCI_1_0 && (u32)in[0] == ABI_PSCI_FEATURES;
	const char *name = psci_versions[version].name;
	u32 id = in[features ? 1 : 0];
	const struct psci_function *row = psci_function(id);
	static char text[128];

	text[0] = '\0';
	if (want == ABI_PSCI_INVALID_PARAMETERS)
		snprintf(text, sizeof(text), ": %s", valid_args(id));
	else if (!row && want == ABI_NOT_SUPPORTED)
		snprintf(text, sizeof(text), ": KVM's PSCI %s has no function %#x", name, id);
	else if (!row)
		return text;
	else if (row->since == PSCI_NEVER)
		snprintf(text, sizeof(text), ": KVM has %s in no version", row->name);
	else if (version < row->since)
		snprintf(text, sizeof(text), ": PSCI %s has no such call, %s is new in %s", name,
			 row->name, psci_versions[row->since].name);
	else if (row->id == ABI_PSCI_SYSTEM_SUSPEND && want == ABI_NOT_SUPPORTED)
		snprintf(text, sizeof(text), ": the VMM did not enable KVM_CAP_ARM_SYSTEM_SUSPEND");
	else if (features || row->effect == PSCI_EXITS)
		snprintf(text, sizeof(text), ": PSCI %s has %s, new in %s", name, row->name,
			 psci_versions[row->since].name);
	else if (row->id == ABI_PSCI_GET_VERSION)
		snprintf(text, sizeof(text), ": the VMM set PSCI %s", name);
	else if (want == ABI_PSCI_ALREADY_ON)
		snprintf(text, sizeof(text), ": the vCPU of x1 is on");
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
	return "a state that arm64 does not have";
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
