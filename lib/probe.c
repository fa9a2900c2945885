// SPDX-License-Identifier: GPL-2.0
/*
 * Asking a guest what it sees. The names of probes are stable: they stand in files.
 *
 *   hvc:NAME smc:NAME   a row of smccc_calls[], by the guest's conduit; from EL1 also
 *                       smc:SMCCC_VERSION
 *   psci:NAME           a PSCI call, by HVC, or by SMC from EL2
 *   id:REGISTER         an identification register
 *   gicd:NAME gicr:NAME a register of the vGIC, by a load
 */
#include <string.h>
#include <linux/compiler.h>

#include "probe.h"
#include "psci.h"
#include "reg_list.h"
#include "smccc.h"
#include "vgic.h"

static void __printf(3, 4)
	answer(struct state *state, const struct guest_result *res, const char *format, ...)
{
	struct state_probe *probe = state_add_probe(state);
	va_list args;

	TEST_ASSERT(probe, "No memory for a probe");
	va_start(args, format);
	vsnprintf(probe->name, sizeof(probe->name), format, args);
	va_end(args);
	TEST_ASSERT(res->end == GUEST_DONE || res->end == GUEST_EXCEPTION,
		    "Probe %s: %s (exit reason %u, errno %d)", probe->name, guest_end_str(res),
		    res->reason, -res->err);
	probe->trapped = res->end == GUEST_EXCEPTION;
	if (probe->trapped)
		probe->x[0] = res->esr;
	else
		memcpy(probe->x, res->x, sizeof(probe->x));
}

/* Nothing is left of an answer but that there was one */
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

void probe_call_name(char name[STATE_WORD], enum conduit conduit, const struct smccc_call *call)
{
	snprintf(name, STATE_WORD, "%s:%s", conduit == CONDUIT_HVC ? "hvc" : "smc", call->name);
	for (; *name; name++)
		if (*name == ' ')
			*name = '_';
}

static void probe_calls(struct test_vm *vm, struct state *state, enum conduit conduit)
{
	struct guest_result res;
	char name[STATE_WORD];
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		guest_call(vm->vcpu[0], conduit, in, &res);
		drop_what_varies(call, &res);
		probe_call_name(name, conduit, call);
		answer(state, &res, "%s", name);
	}
}

/* A guest that calls by HVC may find that SMC is, or is not, answered as well */
static void probe_other_conduit(struct test_vm *vm, struct state *state)
{
	const u64 in[8] = { ABI_SMCCC_VERSION };
	struct guest_result res;

	guest_call(vm->vcpu[0], CONDUIT_SMC, in, &res);
	answer(state, &res, "smc:SMCCC_VERSION");
}

static void probe_psci_call(struct test_vm *vm, struct state *state, const char *name, u64 id,
			    u64 x1, u64 x2)
{
	const u64 in[8] = { id, x1, x2 };
	struct guest_result res;

	guest_call(vm->vcpu[0], vm->at_el2 ? CONDUIT_SMC : CONDUIT_HVC, in, &res);
	/* PSCI leaves its arguments in place or not, as it likes */
	memset(&res.x[1], 0, 3 * sizeof(res.x[0]));
	answer(state, &res, "psci:%s", name);
}

/* PSCI calls that have no effect, whatever the version */
static void probe_psci(struct test_vm *vm, struct state *state)
{
	u64 self = reg_get(vm->vcpu[0], ABI_MPIDR_EL1) & 0xff00ffffff;
	u64 other = reg_get(vm->vcpu[1], ABI_MPIDR_EL1) & 0xff00ffffff;
	const u64 nobody = 0xfe, entry = guest_entry_ipa();
	char name[STATE_WORD];
	unsigned int i;

	probe_psci_call(vm, state, "PSCI_VERSION", ABI_PSCI_GET_VERSION, 0, 0);
	probe_psci_call(vm, state, "FEATURES(SMCCC_VERSION)", ABI_PSCI_FEATURES, ABI_SMCCC_VERSION,
			0);
	for (i = 0; i < nr_psci_functions; i++) {
		const struct psci_function *row = &psci_functions[i];

		snprintf(name, sizeof(name), "FEATURES(%s)", row->name);
		probe_psci_call(vm, state, name, ABI_PSCI_FEATURES, row->id, 0);
		snprintf(name, sizeof(name), "FEATURES(%s64)", row->name);
		probe_psci_call(vm, state, name, ABI_PSCI_FEATURES, row->id | ABI_CALL_64, 0);
	}
	probe_psci_call(vm, state, "AFFINITY_INFO(running)", ABI_PSCI_AFFINITY_INFO | ABI_CALL_64,
			other, 0);
	probe_psci_call(vm, state, "AFFINITY_INFO(nobody)", ABI_PSCI_AFFINITY_INFO | ABI_CALL_64,
			nobody, 0);
	probe_psci_call(vm, state, "MIGRATE_INFO_TYPE", ABI_PSCI_MIGRATE_INFO_TYPE, 0, 0);
	probe_psci_call(vm, state, "CPU_ON(running)", ABI_PSCI_CPU_ON | ABI_CALL_64, self, entry);
	probe_psci_call(vm, state, "CPU_ON(nobody)", ABI_PSCI_CPU_ON | ABI_CALL_64, nobody, entry);
	probe_psci_call(vm, state, "0.1_CPU_ON(running)", ABI_PSCI_0_1_CPU_ON, self, entry);
	probe_psci_call(vm, state, "0.1_CPU_ON(nobody)", ABI_PSCI_0_1_CPU_ON, nobody, entry);
	/* types that no version knows, so that the system stays as it is */
	probe_psci_call(vm, state, "SYSTEM_RESET2(1)", ABI_PSCI_SYSTEM_RESET2, 1, 0);
	probe_psci_call(vm, state, "SYSTEM_OFF2(2)", ABI_PSCI_SYSTEM_OFF2, 2, 0);
	/* the VM's maker has not enabled KVM_CAP_ARM_SYSTEM_SUSPEND */
	probe_psci_call(vm, state, "SYSTEM_SUSPEND", ABI_PSCI_SYSTEM_SUSPEND, entry, 0);
}

static void probe_id_regs(struct test_vm *vm, struct state *state)
{
	struct guest_result res;
	unsigned int i;
	u64 id;

	for (i = 0; i < GUEST_NR_ID_REGS; i++) {
		id = guest_id_reg(vm->vcpu[0], i, &res);
		/* x1 to x3 are what was left in them */
		memset(&res.x[1], 0, 3 * sizeof(res.x[0]));
		answer(state, &res, "id:%s", reg_name(id));
	}
}

static void probe_vgic_reg(struct test_vm *vm, struct state *state, const char *name,
			   const struct vgic_reg *reg)
{
	struct guest_result res;

	vgic_load(vm, 0, 0, reg, &res);
	memset(&res.x[1], 0, 3 * sizeof(res.x[0]));
	answer(state, &res, "%s", name);
}

static void probe_vgic(struct test_vm *vm, struct state *state)
{
	static const struct vgic_reg typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					       ABI_GICD_TYPER };
	static const struct vgic_reg gicd_pidr2 = { "GICD_PIDR2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
						    ABI_GICD_PIDR2 };
	static const struct vgic_reg gicr_pidr2 = { "GICR_PIDR2", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
						    ABI_GICR_PIDR2 };

	if (vm->vgic_fd < 0)
		return;
	probe_vgic_reg(vm, state, "gicd:CTLR", &vgic_ctlr);
	probe_vgic_reg(vm, state, "gicd:TYPER", &typer);
	probe_vgic_reg(vm, state, "gicd:IIDR", &vgic_iidr);
	if (vm->vgic_type != KVM_DEV_TYPE_ARM_VGIC_V3)
		return;
	probe_vgic_reg(vm, state, "gicd:TYPER2", &vgic_typer2);
	probe_vgic_reg(vm, state, "gicd:PIDR2", &gicd_pidr2);
	probe_vgic_reg(vm, state, "gicr:CTLR", &vgic_gicr_ctlr);
	probe_vgic_reg(vm, state, "gicr:IIDR", &vgic_gicr_iidr);
	probe_vgic_reg(vm, state, "gicr:TYPER", &vgic_gicr_typer);
	probe_vgic_reg(vm, state, "gicr:TYPER_affinity", &vgic_gicr_affinity);
	probe_vgic_reg(vm, state, "gicr:PIDR2", &gicr_pidr2);
}

void probe_guest(struct test_vm *vm, struct state *state)
{
	if (vm->at_el2) {
		probe_calls(vm, state, CONDUIT_SMC);
	} else {
		probe_calls(vm, state, CONDUIT_HVC);
		probe_other_conduit(vm, state);
	}
	probe_psci(vm, state);
	probe_id_regs(vm, state);
	probe_vgic(vm, state);
}

bool probe_is_firmware(const char *name)
{
	return strncmp(name, "id:", 3);
}
