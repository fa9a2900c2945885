// SPDX-License-Identifier: GPL-2.0
/*
 * Ask a guest what it sees. The names of answers are in state files, so they never change.
 *
 *   hvc:NAME smc:NAME   a row of smccc_calls[], by the guest's conduit; from EL1 also
 *                       smc:SMCCC_VERSION
 *   psci:NAME           a PSCI call, by HVC, or by SMC from EL2
 *   id:REGISTER         an identification register
 *   gicd:NAME gicr:NAME a register of the vGIC, by a load
 */
#include <string.h>
#include <linux/compiler.h>

#include "kvm_reg.h"
#include "psci.h"
#include "reg_history.h"
#include "vgic.h"
#include "vmm/create.h"
#include "vmm/query.h"

static void __printf(3, 4)
	record(struct state *state, const struct guest_result *res, const char *format, ...)
{
	struct state_answer *answer = state_add_answer(state);
	va_list args;

	TEST_ASSERT(answer, "No memory for an answer");
	va_start(args, format);
	vsnprintf(answer->name, sizeof(answer->name), format, args);
	va_end(args);
	TEST_ASSERT(res->end == GUEST_DONE || res->end == GUEST_EXCEPTION, "Query %s: the guest %s",
		    answer->name, guest_end_str(res));
	answer->trapped = res->end == GUEST_EXCEPTION;
	if (answer->trapped)
		answer->x[0] = res->esr;
	else
		memcpy(answer->x, res->x, sizeof(answer->x));
}

/* Zero what is random or a time, so that two answers can be compared */
static void drop_what_varies(const struct smccc_call *call, struct guest_result *res)
{
	if (res->x[0] == ABI_NOT_SUPPORTED)
		return;
	switch (call->answer) {
	case ANS_CLOCK:
		res->x[0] = 0;
		fallthrough;
	case ANS_RND32:
	case ANS_RND64:
		memset(&res->x[1], 0, 3 * sizeof(res->x[0]));
		break;
	default:
		break;
	}
}

void query_call_name(char name[STATE_WORD], enum conduit conduit, const struct smccc_call *call)
{
	snprintf(name, STATE_WORD, "%s:%s", conduit == CONDUIT_HVC ? "hvc" : "smc", call->name);
	for (; *name; name++)
		if (*name == ' ')
			*name = '_';
}

static void query_calls(struct test_vm *vm, struct state *state, enum conduit conduit)
{
	struct guest_result res;
	char name[STATE_WORD];
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		guest_call(vm->vcpu[0], conduit, in, &res);
		drop_what_varies(call, &res);
		query_call_name(name, conduit, call);
		record(state, &res, "%s", name);
	}
}

/* Kernels from 6.4 on also answer SMC to a guest that calls by HVC */
static void query_other_conduit(struct test_vm *vm, struct state *state)
{
	const u64 in[8] = { ABI_SMCCC_VERSION };
	struct guest_result res;

	guest_call(vm->vcpu[0], CONDUIT_SMC, in, &res);
	record(state, &res, "smc:SMCCC_VERSION");
}

static void query_psci_call(struct test_vm *vm, struct state *state, const char *name, u64 id,
			    u64 x1, u64 x2)
{
	const u64 in[8] = { id, x1, x2 };
	struct guest_result res;

	guest_call(vm->vcpu[0], guest_conduit(vm), in, &res);
	record(state, &res, "psci:%s", name);
}

/* PSCI calls without an effect in any version */
static void query_psci(struct test_vm *vm, struct state *state)
{
	u64 self = reg_get(vm->vcpu[0], ABI_MPIDR_EL1) & ABI_MPIDR_AFFINITY;
	u64 other = reg_get(vm->vcpu[1], ABI_MPIDR_EL1) & ABI_MPIDR_AFFINITY;
	const u64 nobody = 0xfe, entry = guest_entry_ipa();
	char name[STATE_WORD];
	unsigned int i;

	query_psci_call(vm, state, "PSCI_VERSION", ABI_PSCI_GET_VERSION, 0, 0);
	query_psci_call(vm, state, "FEATURES(SMCCC_VERSION)", ABI_PSCI_FEATURES, ABI_SMCCC_VERSION,
			0);
	for (i = 0; i < nr_psci_functions; i++) {
		const struct psci_function *row = &psci_functions[i];

		snprintf(name, sizeof(name), "FEATURES(%s)", row->name);
		query_psci_call(vm, state, name, ABI_PSCI_FEATURES, row->id, 0);
		snprintf(name, sizeof(name), "FEATURES(%s64)", row->name);
		query_psci_call(vm, state, name, ABI_PSCI_FEATURES, row->id | ABI_CALL_64, 0);
	}
	query_psci_call(vm, state, "AFFINITY_INFO(running)", ABI_PSCI_AFFINITY_INFO | ABI_CALL_64,
			other, 0);
	query_psci_call(vm, state, "AFFINITY_INFO(nobody)", ABI_PSCI_AFFINITY_INFO | ABI_CALL_64,
			nobody, 0);
	query_psci_call(vm, state, "MIGRATE_INFO_TYPE", ABI_PSCI_MIGRATE_INFO_TYPE, 0, 0);
	query_psci_call(vm, state, "CPU_ON(running)", ABI_PSCI_CPU_ON | ABI_CALL_64, self, entry);
	query_psci_call(vm, state, "CPU_ON(nobody)", ABI_PSCI_CPU_ON | ABI_CALL_64, nobody, entry);
	query_psci_call(vm, state, "0.1_CPU_ON(running)", ABI_PSCI_0_1_CPU_ON, self, entry);
	query_psci_call(vm, state, "0.1_CPU_ON(nobody)", ABI_PSCI_0_1_CPU_ON, nobody, entry);
	/* Types that no version has, so that the system goes on */
	query_psci_call(vm, state, "SYSTEM_RESET2(1)", ABI_PSCI_SYSTEM_RESET2, 1, 0);
	query_psci_call(vm, state, "SYSTEM_OFF2(2)", ABI_PSCI_SYSTEM_OFF2, 2, 0);
	/* Not enabled: KVM_CAP_ARM_SYSTEM_SUSPEND */
	query_psci_call(vm, state, "SYSTEM_SUSPEND", ABI_PSCI_SYSTEM_SUSPEND, entry, 0);
}

static void query_id_regs(struct test_vm *vm, struct state *state)
{
	struct guest_result res;
	unsigned int i;
	u64 id;

	for (i = 0; i < GUEST_NR_ID_REGS; i++) {
		id = guest_id_reg(vm->vcpu[0], i, &res);
		/* The guest's code leaves old values in x1 to x3 */
		memset(&res.x[1], 0, 3 * sizeof(res.x[0]));
		record(state, &res, "id:%s", reg_name(id));
	}
}

static void query_vgic_reg(struct test_vm *vm, struct state *state, const char *name,
			   const struct vgic_reg *reg)
{
	struct guest_result res;

	vgic_load(vm, 0, 0, reg, &res);
	memset(&res.x[1], 0, 3 * sizeof(res.x[0]));
	record(state, &res, "%s", name);
}

static void query_vgic(struct test_vm *vm, struct state *state)
{
	static const struct vgic_reg typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					       ABI_GICD_TYPER };
	static const struct vgic_reg gicd_pidr2 = { "GICD_PIDR2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
						    ABI_GICD_PIDR2 };
	static const struct vgic_reg gicr_pidr2 = { "GICR_PIDR2", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
						    ABI_GICR_PIDR2 };

	if (vm->vgic_fd < 0)
		return;
	query_vgic_reg(vm, state, "gicd:CTLR", &vgic_ctlr);
	query_vgic_reg(vm, state, "gicd:TYPER", &typer);
	query_vgic_reg(vm, state, "gicd:IIDR", &vgic_iidr);
	if (vm->vgic_type != KVM_DEV_TYPE_ARM_VGIC_V3)
		return;
	query_vgic_reg(vm, state, "gicd:TYPER2", &vgic_typer2);
	query_vgic_reg(vm, state, "gicd:PIDR2", &gicd_pidr2);
	query_vgic_reg(vm, state, "gicr:CTLR", &vgic_gicr_ctlr);
	query_vgic_reg(vm, state, "gicr:IIDR", &vgic_gicr_iidr);
	query_vgic_reg(vm, state, "gicr:TYPER", &vgic_gicr_typer);
	query_vgic_reg(vm, state, "gicr:TYPER_affinity", &vgic_gicr_affinity);
	query_vgic_reg(vm, state, "gicr:PIDR2", &gicr_pidr2);
}

void query_guest(struct test_vm *vm, struct state *state)
{
	if (vm->at_el2) {
		query_calls(vm, state, CONDUIT_SMC);
	} else {
		query_calls(vm, state, CONDUIT_HVC);
		query_other_conduit(vm, state);
	}
	query_psci(vm, state);
	query_id_regs(vm, state);
	query_vgic(vm, state);
}

bool query_is_firmware(const char *name)
{
	return strncmp(name, "id:", 3);
}
