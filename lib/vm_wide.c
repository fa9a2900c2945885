// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware registers that belong to the whole VM.
 */
#include <string.h>

#include "host.h"
#include "kvm_reg.h"
#include "psci.h"
#include "vm.h"
#include "vm_wide.h"

/* clang-format off */
static const struct {
	u32 id;
	u64 arg; /* x1 */
} queries[FW_WIDE_NR_QUERIES] = {
	{ ABI_PSCI_GET_VERSION, 0 }, /* not in smccc_calls[] */
	{ ABI_TRNG_VERSION, 0 },
	{ ABI_ARCH_FEATURES, ABI_PV_TIME_FEATURES },
	{ ABI_KVM_FEATURES, 0 },
	{ ABI_KVM_CALL_UID, 0 },
	{ ABI_KVM_PTP, ABI_PTP_VIRTUAL },
};
/* clang-format on */

const struct fw_reg *fw_wide_reg(unsigned int reg)
{
	static const struct fw_reg psci_version = { "KVM_REG_ARM_PSCI_VERSION", ABI_PSCI_VERSION };

	return reg == FW_WIDE_PSCI_VERSION ? &psci_version : &fw_bitmaps[reg].reg;
}

bool fw_wide_locked_by_run(unsigned int reg)
{
	return reg != FW_WIDE_PSCI_VERSION;
}

u64 fw_wide_get(const struct fw_wide_state *state, unsigned int reg)
{
	return reg == FW_WIDE_PSCI_VERSION ? state->psci_version : state->cfg.bmap[reg];
}

void fw_wide_set(struct fw_wide_state *state, unsigned int reg, u64 val)
{
	if (reg == FW_WIDE_PSCI_VERSION)
		state->psci_version = val;
	else
		state->cfg.bmap[reg] = val;
}

bool fw_wide_is_legal(const struct fw_wide_state *state, unsigned int reg, u64 val)
{
	unsigned int i;

	for (i = 0; i < state->nr_values[reg]; i++) {
		if (state->value[reg][i] == val)
			return true;
	}
	return false;
}

u64 fw_wide_other(const struct fw_wide_state *state, unsigned int reg)
{
	unsigned int i;

	for (i = 0; i + 1 < state->nr_values[reg]; i++) {
		if (state->value[reg][i] == fw_wide_get(state, reg))
			return state->value[reg][i + 1];
	}
	return state->value[reg][0];
}

static void add_value(struct fw_wide_state *state, unsigned int reg, u64 val)
{
	unsigned int *nr = &state->nr_values[reg];

	TEST_ASSERT(*nr < FW_WIDE_MAX_VALUES, "%s has more than %u legal values",
		    fw_wide_reg(reg)->name, FW_WIDE_MAX_VALUES);
	state->value[reg][(*nr)++] = val;
}

void fw_wide_init(struct fw_wide_state *state)
{
	struct test_vm *vm;
	unsigned int i;

	memset(state, 0, sizeof(*state));
	host_fw(&state->cfg);
	for (i = 0; i < NR_BMAPS; i++) {
		u64 val = 0;

		if (!state->cfg.has_reg[i])
			continue;
		do {
			add_value(state, i, val);
			val = next_subset(val, fw_bitmaps[i].accepted);
		} while (val);
		if (state->cfg.reset[i] & state->cfg.unknown[i])
			add_value(state, i, state->cfg.reset[i]);
	}

	vm = test_vm_create(1, 0, VM_AT_EL1);
	state->psci_version = reg_get(vm->vcpu[0], ABI_PSCI_VERSION);
	for (i = PSCI_0_2; i < NR_PSCI_VERSIONS; i++) {
		if (!__reg_set(vm->vcpu[0], ABI_PSCI_VERSION, psci_versions[i].value))
			add_value(state, FW_WIDE_PSCI_VERSION, psci_versions[i].value);
	}
	if (host_takes_unknown_psci(state->psci_version))
		add_value(state, FW_WIDE_PSCI_VERSION, state->psci_version);
	test_vm_free(vm);
}

struct smccc_call fw_wide_query(const struct fw_wide_state *state, unsigned int n)
{
	const struct smccc_call psci_version = {
		.name = "PSCI_VERSION",
		.id = ABI_PSCI_GET_VERSION,
		.service = SVC_NONE,
		.answer = ANS_EXACT,
		.x = { state->psci_version },
	};
	const struct smccc_call *call;

	if (queries[n].id == psci_version.id)
		return psci_version;
	call = smccc_call(queries[n].id, queries[n].arg);
	TEST_ASSERT(call, "smccc_calls[] has no row for %#x", queries[n].id);
	return *call;
}
