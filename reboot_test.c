// SPDX-License-Identifier: GPL-2.0
/*
 * reboot_test: calls that turn a system off or reset it while its vCPUs run and wait in threads
 * of their own, and the reboot that a VMM makes of it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 5           KVM_EXIT_SYSTEM_EVENT
 *   Documentation/virt/kvm/api.rst, 4.82        KVM_ARM_VCPU_INIT, also of a vCPU that has run
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39  vCPU states
 *   Arm DEN0022 (PSCI)                          SYSTEM_OFF, SYSTEM_RESET, SYSTEM_RESET2, SYSTEM_OFF2,
 *                                               SYSTEM_SUSPEND
 */
#include <errno.h>
#include <sched.h>

#include "harness.h"

#include "psci_expect.h"
#include "vcpu_init.h"
#include "vcpu_thread_expect.h"

#define CPU_ON64 (ABI_PSCI_CPU_ON | ABI_CALL_64)
#define NR_REBOOTS 10

FIXTURE(reboot)
{
	struct test_vm *vm;
	enum conduit conduit;
};

FIXTURE_VARIANT(reboot)
{
	enum psci_version version;
	u32 id;
	u64 type; /* the call's argument */
	u32 event;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(reboot, system_off) {
	PSCI_0_2, ABI_PSCI_SYSTEM_OFF, 0, ABI_EVENT_SHUTDOWN,
};
FIXTURE_VARIANT_ADD(reboot, system_reset) {
	PSCI_0_2, ABI_PSCI_SYSTEM_RESET, 0, ABI_EVENT_RESET,
};
FIXTURE_VARIANT_ADD(reboot, system_reset2_warm) {
	PSCI_1_1, ABI_PSCI_SYSTEM_RESET2, 0, ABI_EVENT_RESET,
};
FIXTURE_VARIANT_ADD(reboot, system_reset2_vendor) {
	PSCI_1_1, ABI_PSCI_SYSTEM_RESET2 | ABI_CALL_64, 0x80000000, ABI_EVENT_RESET,
};
FIXTURE_VARIANT_ADD(reboot, system_off2_hibernate) {
	PSCI_1_3, ABI_PSCI_SYSTEM_OFF2 | ABI_CALL_64, 1, ABI_EVENT_SHUTDOWN,
};
/* clang-format on */

FIXTURE_SETUP(reboot)
{
	self->vm = psci_vm_create(few_vcpus(), variant->version, VM_PARKED);
	if (!self->vm)
		SKIP(return, "this kernel has no PSCI %s", psci_versions[variant->version].name);
	self->conduit = guest_conduit(self->vm);
}

FIXTURE_TEARDOWN(reboot)
{
	test_vm_free(self->vm);
}

/* vCPU 0 makes the call */
static void call_system(struct __test_metadata *_metadata, struct test_vm *vm,
			const FIXTURE_VARIANT(reboot) * variant)
{
	const u64 in[8] = { variant->id, variant->type };
	struct guest_result res;

	guest_call(vm->vcpu[0], guest_conduit(vm), in, &res);
	ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_SYSTEM_EVENT &&
		    res.event == variant->event)
	{
		TH_LOG("%s: the guest %s, x0 %s; expected KVM_EXIT_SYSTEM_EVENT, %s",
		       psci_call_str(guest_conduit(vm), in), guest_end_str(&res),
		       psci_result_str(res.x[0]), system_event_str(variant->event));
	}
}

/*
 * From the exit on, a vCPU that ran in another thread runs no more: its guest counts on, or its
 * thread waits
 */
static void expect_standstill(struct __test_metadata *_metadata, struct test_vm *vm,
			      unsigned int cpu, struct vcpu_thread *thread)
{
	u64 before = guest_rounds(vm, cpu), now;
	struct watch *watch;
	bool waits;

	watch = watch_begin(cpu, "to wait, since the system is off, or to run on", 0);
	do {
		sched_yield();
		waits = vcpu_thread_sleeps(thread);
		now = guest_rounds(vm, cpu);
	} while (now == before && !waits && !__atomic_load_n(&thread->ended, __ATOMIC_ACQUIRE));
	watch_end(watch);
	EXPECT_TRUE(waits && now == before)
	{
		TH_LOG("vCPU %u, which ran when another turned the system off: %lu rounds at the exit, %lu later, and its thread %s",
		       cpu, before, now, waits ? "waits" : "does not wait");
		TH_LOG("  expected it to stop, and its thread to wait in KVM_RUN");
	}
}

TEST_F(reboot, stops_vcpus_that_run_and_wait)
{
	struct vcpu_thread runs, waits, again;
	struct kvm_vcpu *caller = self->vm->vcpu[0];
	unsigned int i, last = self->vm->nr_vcpus - 1;
	bool suspended = last > 1 && self->vm->vgic_fd < 0;
	const u64 suspend[8] = { ABI_PSCI_CPU_SUSPEND };

	/* vCPU 1 runs, and the last one waits for an interrupt */
	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	guest_prepare_spin(self->vm, 1);
	vcpu_thread_start(self->vm->vcpu[1], &runs);
	wait_for_rounds(self->vm, 1);
	if (suspended) {
		mp_state_set(self->vm->vcpu[last], KVM_MP_STATE_RUNNABLE);
		guest_prepare_call(self->vm->vcpu[last], self->conduit, suspend);
		vcpu_thread_start(self->vm->vcpu[last], &waits);
		expect_waits(_metadata, &waits, "that called CPU_SUSPEND");
	}

	call_system(_metadata, self->vm, variant);
	expect_standstill(_metadata, self->vm, 1, &runs);
	if (suspended) {
		set_irq_line(_metadata, self->vm->vcpu[last], true);
		expect_waits(_metadata, &waits,
			     "that was stopped in CPU_SUSPEND, with an interrupt");
		vcpu_thread_kick(&waits);
		expect_interrupted(_metadata, &waits);
		set_irq_line(_metadata, self->vm->vcpu[last], false);
	}
	/* "It may call KVM_RUN again" */
	vcpu_thread_start(caller, &again);
	expect_waits(_metadata, &again, "that turned the system off");
	vcpu_thread_kick(&again);
	vcpu_thread_kick(&runs);
	expect_interrupted(_metadata, &runs);
	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_mp_state(_metadata, self->vm->vcpu[i], KVM_MP_STATE_STOPPED);
}

/* The VMM gets all threads out of KVM_RUN, initialises each vCPU and runs the first one */
TEST_F(reboot, vm_boots_again_and_again)
{
	struct vcpu_thread thread[VM_MAX_VCPUS];
	unsigned int round, i, nr = self->vm->nr_vcpus;
	struct kvm_vcpu *boot = self->vm->vcpu[0];

	for (round = 0; round < NR_REBOOTS; round++) {
		for (i = 0; i < nr; i++)
			expect_mp_state(_metadata, self->vm->vcpu[i],
					i ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE);
		/* The others wait for CPU_ON, whether that comes before KVM_RUN or after it */
		for (i = 1; i < nr; i++) {
			vcpu_thread_start(self->vm->vcpu[i], &thread[i]);
			if (round & 1)
				expect_waits(_metadata, &thread[i], "with POWER_OFF");
			expect_psci(_metadata, boot, variant->version, self->conduit, CPU_ON64, i,
				    guest_entry_ipa(), CONTEXT + round + i, ABI_SUCCESS);
			vcpu_thread_join(&thread[i]);
			expect_end(_metadata, "the entry point of CPU_ON", &thread[i].res);
			EXPECT_EQ(CONTEXT + round + i, thread[i].res.x[0])
			{
				TH_LOG("boot %u: vCPU %u started with x0 %#lx; expected the context id %#llx",
				       round, i, thread[i].res.x[0], CONTEXT + round + i);
			}
			guest_prepare_spin(self->vm, i);
			vcpu_thread_start(self->vm->vcpu[i], &thread[i]);
			wait_for_rounds(self->vm, i);
		}
		call_system(_metadata, self->vm, variant);
		for (i = 1; i < nr; i++) {
			expect_standstill(_metadata, self->vm, i, &thread[i]);
			vcpu_thread_kick(&thread[i]);
			expect_interrupted(_metadata, &thread[i]);
		}
		for (i = 0; i < nr; i++)
			test_vcpu_reinit(self->vm, i);
	}
}

/* A CPU_ON that the vCPU has not seen yet belongs to the system that is gone */
TEST_F(reboot, pending_cpu_on_is_forgotten)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[1];
	u32 off = 1U << KVM_ARM_VCPU_POWER_OFF;
	struct vcpu_thread thread;

	vcpu_thread_start(vcpu, &thread);
	expect_waits(_metadata, &thread, "with POWER_OFF");
	vcpu_thread_kick(&thread);
	expect_psci(_metadata, self->vm->vcpu[0], variant->version, self->conduit, CPU_ON64, 1,
		    guest_entry_ipa(), CONTEXT, ABI_SUCCESS);
	call_system(_metadata, self->vm, variant);
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);

	ASSERT_EQ(0, __vcpu_init(vcpu, self->vm->features | off));
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);
	EXPECT_TRUE(!reg_get(vcpu, ABI_PC) && !vcpu_x_get(vcpu, 0))
	{
		TH_LOG("PC %#lx, x0 %#lx after KVM_ARM_VCPU_INIT; expected 0, 0: the CPU_ON came before",
		       reg_get(vcpu, ABI_PC), vcpu_x_get(vcpu, 0));
	}
	test_vcpu_reinit(self->vm, 0);
	vcpu_thread_start(vcpu, &thread);
	expect_waits(_metadata, &thread, "with POWER_OFF");
	expect_psci(_metadata, self->vm->vcpu[0], variant->version, self->conduit, CPU_ON64, 1,
		    guest_entry_ipa(), ~CONTEXT, ABI_SUCCESS);
	vcpu_thread_join(&thread);
	expect_end(_metadata, "the entry point of CPU_ON", &thread.res);
	EXPECT_EQ(~CONTEXT, thread.res.x[0])
	{
		TH_LOG("vCPU 1 started with x0 %#lx; expected the context id %#llx",
		       thread.res.x[0], ~CONTEXT);
	}
}

/* The other way round: SYSTEM_SUSPEND is the VMM's to do, so that the others run on */

FIXTURE(suspend)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(suspend)
{
	if (!kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND))
		SKIP(return, "this kernel has no KVM_CAP_ARM_SYSTEM_SUSPEND");
	self->vm = psci_vm_create(2, PSCI_1_0, 0);
	ASSERT_NE(NULL, self->vm);
	vm_enable_cap(self->vm->kvm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);
}

FIXTURE_TEARDOWN(suspend)
{
	test_vm_free(self->vm);
}

TEST_F(suspend, leaves_the_other_vcpus_running)
{
	const u64 in[8] = { ABI_PSCI_SYSTEM_SUSPEND | ABI_CALL_64, guest_entry_ipa(), CONTEXT };
	struct kvm_run *run = self->vm->vcpu[0]->run;
	struct guest_spinner spinner;
	struct vcpu_thread thread;
	struct guest_result res;

	guest_spin_start(self->vm, 1, &spinner);
	run->system_event.ndata = 77;
	guest_call(self->vm->vcpu[0], guest_conduit(self->vm), in, &res);
	ASSERT_TRUE(res.end == GUEST_EXIT && res.event == ABI_EVENT_SUSPEND);
	EXPECT_TRUE(!kvm_has_cap(KVM_CAP_SYSTEM_EVENT_DATA) || !run->system_event.ndata)
	{
		TH_LOG("KVM_SYSTEM_EVENT_SUSPEND has ndata %u; expected 0",
		       run->system_event.ndata);
	}
	wait_for_rounds(self->vm, 1);

	/* Nor does the VMM's choice for the caller stop them */
	mp_state_set(self->vm->vcpu[0], KVM_MP_STATE_SUSPENDED);
	vcpu_thread_start(self->vm->vcpu[0], &thread);
	expect_waits(_metadata, &thread, "that is SUSPENDED");
	wait_for_rounds(self->vm, 1);
	guest_spin_stop(&spinner);
	expect_end(_metadata, "vCPU 1", &spinner.res);
	vcpu_thread_kick(&thread);
	expect_interrupted(_metadata, &thread);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
