// SPDX-License-Identifier: GPL-2.0
/*
 * psci_system_test: calls that exit to the VMM: SYSTEM_OFF, RESET, RESET2, OFF2 and SUSPEND.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 5           KVM_EXIT_SYSTEM_EVENT
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39  vCPU states
 *   Documentation/virt/kvm/api.rst, 7.29        KVM_CAP_ARM_SYSTEM_SUSPEND
 *   Arm DEN0022 (PSCI)                          functions and errors
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "psci_expect.h"
#include "psci_fixture.h"

/* A call of PSCI_EXITS with the arguments that decide, and the event that it causes */
static const struct system_call {
	u32 id;
	u64 x1, x2;
	u32 type; /* of the event; 0: no exit, but INVALID_PARAMETERS */
	u64 flags; /* of the event, data[0] */
} system_calls[] = {
	{ ABI_PSCI_SYSTEM_OFF, 0, 0, ABI_EVENT_SHUTDOWN, 0 },
	{ ABI_PSCI_SYSTEM_OFF, ~0ULL, ~0ULL, ABI_EVENT_SHUTDOWN, 0 },
	{ ABI_PSCI_SYSTEM_RESET, 0, 0, ABI_EVENT_RESET, 0 },
	{ ABI_PSCI_SYSTEM_RESET, ~0ULL, ~0ULL, ABI_EVENT_RESET, 0 },

	{ ABI_PSCI_SYSTEM_RESET2, 0, 0, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2, 0, ~0ULL, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2, GARBAGE, 0, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2, 0x80000000, 0, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2, 0xffffffff, 1, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2, 1, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_RESET2, 2, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_RESET2, 0x7fffffff, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_RESET2, GARBAGE | 1, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0, 0, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0, ~0ULL, ABI_EVENT_RESET, ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0x80000000, 0, ABI_EVENT_RESET,
	  ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0xffffffff, 0, ABI_EVENT_RESET,
	  ABI_EVENT_FLAG_RESET2 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 1, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0x7fffffff, 0, 0, 0 },

	{ ABI_PSCI_SYSTEM_OFF2, 0, 0, ABI_EVENT_SHUTDOWN, ABI_EVENT_FLAG_OFF2 },
	{ ABI_PSCI_SYSTEM_OFF2, 1, 0, ABI_EVENT_SHUTDOWN, ABI_EVENT_FLAG_OFF2 },
	{ ABI_PSCI_SYSTEM_OFF2, GARBAGE | 1, GARBAGE, ABI_EVENT_SHUTDOWN, ABI_EVENT_FLAG_OFF2 },
	{ ABI_PSCI_SYSTEM_OFF2, 2, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2, 3, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2, 0x80000000, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2, 0, 1, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2, 1, 0x80000000, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 0, 0, ABI_EVENT_SHUTDOWN, ABI_EVENT_FLAG_OFF2 },
	{ ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 1, 0, ABI_EVENT_SHUTDOWN, ABI_EVENT_FLAG_OFF2 },
	{ ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 2, 0, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 0, 1, 0, 0 },
	{ ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 1, 1ULL << 32, 0, 0 },
};

static void expect_event(struct __test_metadata *_metadata, const char *name, struct kvm_vcpu *vcpu,
			 const struct guest_result *res, u32 type, u32 ndata, u64 flags)
{
	struct kvm_run *run = vcpu->run;
	bool counted = kvm_has_cap(KVM_CAP_SYSTEM_EVENT_DATA);

	ASSERT_TRUE(res->end == GUEST_EXIT && res->reason == KVM_EXIT_SYSTEM_EVENT)
	{
		TH_LOG("%s: the guest %s, x0 %s; expected KVM_EXIT_SYSTEM_EVENT, %s", name,
		       guest_end_str(res), psci_result_str(res->x[0]), system_event_str(type));
	}
	EXPECT_TRUE(run->system_event.type == type &&
		    (!counted || run->system_event.ndata == ndata) &&
		    run->system_event.data[0] == flags)
	{
		TH_LOG("%s: event %s, ndata %u, flags %#llx; expected %s, ndata %u, flags %#lx",
		       name, system_event_str(run->system_event.type), run->system_event.ndata,
		       run->system_event.data[0], system_event_str(type), ndata, flags);
	}
}

TEST_F(psci, system_calls_exit_and_stop_every_vcpu)
{
	struct guest_result res;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(system_calls); n++) {
		const struct system_call *call = &system_calls[n];
		const struct psci_function *row = psci_function(call->id);
		const u64 in[8] = { call->id, call->x1, call->x2, 0 };

		if (variant->version < row->since) {
			expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
				    call->id, call->x1, call->x2, 0, ABI_NOT_SUPPORTED);
			continue;
		}
		if (!call->type) {
			expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
				    call->id, call->x1, call->x2, 0, ABI_PSCI_INVALID_PARAMETERS);
			continue;
		}

		/* both vCPUs are on, so that both have to be stopped */
		mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
		guest_call(self->vcpu, variant->conduit, in, &res);
		expect_event(_metadata, psci_call_str(variant->conduit, in), self->vcpu, &res,
			     call->type, 1, call->flags);
		expect_mp_state(_metadata, self->vm->vcpu[0], KVM_MP_STATE_STOPPED);
		expect_mp_state(_metadata, self->vm->vcpu[1], KVM_MP_STATE_STOPPED);
		EXPECT_EQ(ABI_PSCI_INTERNAL_FAILURE, res.x[0])
		{
			TH_LOG("%s: x0 %s at the exit; expected INTERNAL_FAILURE", row->name,
			       psci_result_str(res.x[0]));
		}

		/* A guest that is run again must not see the call succeed */
		mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
		guest_run(self->vcpu, &res);
		expect_end(_metadata, row->name, &res);
		EXPECT_EQ(ABI_PSCI_INTERNAL_FAILURE, res.x[0])
		{
			TH_LOG("%s: %s to a guest that is run again; expected INTERNAL_FAILURE",
			       row->name, psci_result_str(res.x[0]));
		}
	}
}

/* A vCPU that is inside KVM_RUN while another one turns the system off */

FIXTURE(running)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(running)
{
	self->vm = psci_vm_create(2, PSCI_0_2, VM_PARKED);
	if (!self->vm)
		SKIP(return, "this kernel has no PSCI 0.2");
}

FIXTURE_TEARDOWN(running)
{
	test_vm_free(self->vm);
}

#define STILL_SAMPLES 10

/*
 * The guest counts no more. On a busy machine a vCPU that runs may seem to stand still, so
 * one look is not enough; one that stands still never seems to run.
 */
static void wait_for_standstill(struct guest_spinner *spinner)
{
	u64 before, now = guest_spin_rounds(spinner);
	unsigned int samples = 0;
	struct watch *watch;

	watch = watch_begin(spinner->cpu, "to stop, since the system is off; its guest ran on", 0);
	do {
		before = now;
		usleep(20000);
		now = guest_spin_rounds(spinner);
		samples = now == before ? samples + 1 : 0;
	} while (samples < STILL_SAMPLES);
	watch_end(watch);
}

/* CPU_ON then wakes the thread that sleeps in KVM_RUN, and the vCPU starts anew */
TEST_F(running, vcpu_stops_with_the_system_and_starts_by_cpu_on)
{
	const u64 off[8] = { ABI_PSCI_SYSTEM_OFF };
	enum conduit conduit = guest_conduit(self->vm);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_spinner spinner;
	struct guest_result res;

	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	guest_spin_start(self->vm, 1, &spinner);
	guest_call(vcpu, conduit, off, &res);
	expect_event(_metadata, "SYSTEM_OFF", vcpu, &res, ABI_EVENT_SHUTDOWN, 1, 0);
	wait_for_standstill(&spinner);

	mp_state_set(vcpu, KVM_MP_STATE_RUNNABLE);
	guest_run(vcpu, &res);
	expect_end(_metadata, "SYSTEM_OFF", &res);
	expect_psci(_metadata, vcpu, PSCI_0_2, conduit, ABI_PSCI_CPU_ON | ABI_CALL_64, 1,
		    guest_entry_ipa(), CONTEXT, ABI_SUCCESS);
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the entry point of CPU_ON", &spinner.res);
	EXPECT_EQ(CONTEXT, spinner.res.x[0])
	{
		TH_LOG("vCPU 1 started with x0 %#lx; expected the context id %#llx",
		       spinner.res.x[0], CONTEXT);
	}
}

/* SYSTEM_SUSPEND, which the VMM must enable [api.rst 7.29] */

FIXTURE(suspend)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT(suspend)
{
	enum psci_version version;
	enum conduit conduit;
	bool wide;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(suspend, v0_2_hvc) { PSCI_0_2, CONDUIT_HVC, false };
FIXTURE_VARIANT_ADD(suspend, v1_0_hvc) { PSCI_1_0, CONDUIT_HVC, false };
FIXTURE_VARIANT_ADD(suspend, v1_1_hvc_64) { PSCI_1_1, CONDUIT_HVC, true };
FIXTURE_VARIANT_ADD(suspend, v1_3_hvc_64) { PSCI_1_3, CONDUIT_HVC, true };
FIXTURE_VARIANT_ADD(suspend, v0_2_smc_64) { PSCI_0_2, CONDUIT_SMC, true };
FIXTURE_VARIANT_ADD(suspend, v1_0_smc_64) { PSCI_1_0, CONDUIT_SMC, true };
FIXTURE_VARIANT_ADD(suspend, v1_3_smc) { PSCI_1_3, CONDUIT_SMC, false };
/* clang-format on */

FIXTURE_SETUP(suspend)
{
	const char *missing = host_missing_conduit(variant->conduit);

	if (!kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND))
		SKIP(return, "this kernel has no KVM_CAP_ARM_SYSTEM_SUSPEND");
	if (missing)
		SKIP(return, "%s", missing);
	self->vm = psci_vm_create(2, variant->version, 0);
	if (!self->vm)
		SKIP(return, "this kernel has no PSCI %s", psci_versions[variant->version].name);
	self->vcpu = self->vm->vcpu[0];
	vm_enable_cap(self->vm->kvm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);
}

FIXTURE_TEARDOWN(suspend)
{
	test_vm_free(self->vm);
}

static u32 suspend_id(const FIXTURE_VARIANT(suspend) * variant)
{
	return variant->wide ? ABI_PSCI_SYSTEM_SUSPEND | ABI_CALL_64 : ABI_PSCI_SYSTEM_SUSPEND;
}

/* The guest goes on after SYSTEM_SUSPEND with the answer that the VMM puts into x0 */
static void expect_goes_on(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 answer)
{
	struct guest_result res;

	vcpu_x_set(vcpu, 0, answer);
	guest_run(vcpu, &res);
	expect_end(_metadata, "SYSTEM_SUSPEND", &res);
	EXPECT_EQ(answer, res.x[0])
	{
		TH_LOG("SYSTEM_SUSPEND: the guest got the answer %s; expected the VMM's, %s",
		       psci_result_str(res.x[0]), psci_result_str(answer));
	}
}

TEST_F(suspend, is_a_feature_from_1_0_on)
{
	unsigned int wide;

	for (wide = 0; wide <= 1; wide++) {
		u32 id = wide ? ABI_PSCI_SYSTEM_SUSPEND | ABI_CALL_64 : ABI_PSCI_SYSTEM_SUSPEND;

		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit,
			    ABI_PSCI_FEATURES, id, 0, 0, psci_features(variant->version, id, true));
	}
}

/* "KVM does not change the vCPU's state before exiting": x0 to x3 are the call's */
TEST_F(suspend, exits_with_the_call_in_place)
{
	u32 id = suspend_id(variant);
	u64 upper = variant->wide ? 0 : GARBAGE;
	u64 context = variant->wide ? CONTEXT : (u32)CONTEXT;
	const u64 in[8] = { id, upper | guest_entry_ipa(), upper | context, 0 };
	struct guest_result res;

	if (variant->version < PSCI_1_0) {
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, in[0], in[1],
			    in[2], 0, ABI_NOT_SUPPORTED);
		return;
	}
	guest_call(self->vcpu, variant->conduit, in, &res);
	expect_event(_metadata, psci_call_str(variant->conduit, in), self->vcpu, &res,
		     ABI_EVENT_SUSPEND, 0, 0);
	EXPECT_TRUE(res.x[0] == id && res.x[1] == guest_entry_ipa() && res.x[2] == context &&
		    !res.x[3])
	{
		TH_LOG("SYSTEM_SUSPEND: x0-x3 %#lx %#lx %#lx %#lx at the exit; expected %#x %#lx %#lx 0",
		       res.x[0], res.x[1], res.x[2], res.x[3], id, guest_entry_ipa(), context);
	}
	expect_mp_state(_metadata, self->vm->vcpu[0], KVM_MP_STATE_RUNNABLE);
	expect_mp_state(_metadata, self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);

	/* The VMM refuses: the guest goes on after its call with the VMM's answer */
	expect_goes_on(_metadata, self->vcpu, ABI_PSCI_DENIED);
}

/* KVM_MP_STATE_SUSPENDED waits for an interrupt and then asks [api.rst 4.38, 5] */
TEST_F(suspend, suspended_vcpu_exits_when_woken)
{
	const u64 in[8] = { suspend_id(variant), guest_entry_ipa(), CONTEXT, 0 };
	struct guest_result res;

	if (variant->version < PSCI_1_0)
		SKIP(return, "PSCI 0.2 has no SYSTEM_SUSPEND");
	if (self->vm->vgic_fd >= 0)
		SKIP(return, "vCPUs of a VM with a vGIC have no interrupt lines");

	guest_call(self->vcpu, variant->conduit, in, &res);
	expect_event(_metadata, psci_call_str(variant->conduit, in), self->vcpu, &res,
		     ABI_EVENT_SUSPEND, 0, 0);
	mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED);
	EXPECT_TRUE(stays_in_kvm_run(_metadata, self->vcpu))
	{
		TH_LOG("a suspended vCPU exited with KVM_EXIT_%s; expected it to wait",
		       exit_reason_str(self->vcpu->run->exit_reason));
	}
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_SUSPENDED);
	set_irq_line(_metadata, self->vcpu, true);
	guest_run(self->vcpu, &res);
	expect_event(_metadata, "a wakeup", self->vcpu, &res, ABI_EVENT_WAKEUP, 0, 0);
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_SUSPENDED);

	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	expect_goes_on(_metadata, self->vcpu, ABI_SUCCESS);
	set_irq_line(_metadata, self->vcpu, false);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
