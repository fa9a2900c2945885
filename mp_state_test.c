// SPDX-License-Identifier: GPL-2.0
/*
 * mp_state_test: the states of a vCPU that user space sets, and what KVM_RUN does in each.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39  KVM_GET_MP_STATE, KVM_SET_MP_STATE
 *   Documentation/virt/kvm/api.rst, 5           KVM_EXIT_SYSTEM_EVENT, immediate_exit
 *   Documentation/virt/kvm/api.rst, 7.41        KVM_CAP_ARM_SYSTEM_SUSPEND, the kernels with SUSPENDED
 *   Arm DEN0022 (PSCI)                          AFFINITY_INFO, CPU_ON
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "psci_expect.h"
#include "vcpu_thread_expect.h"

static bool has_suspended(void)
{
	return kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND);
}

static int __mp_state_set(struct kvm_vcpu *vcpu, u32 state)
{
	struct kvm_mp_state mp_state = { .mp_state = state };

	return ioctl_err(ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp_state));
}

FIXTURE(state)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu; /* that the test is about */
	struct kvm_vcpu *caller; /* that makes PSCI calls */
	enum conduit conduit;
};

FIXTURE_SETUP(state)
{
	self->vm = psci_vm_create(2, PSCI_0_2, 0);
	ASSERT_NE(NULL, self->vm);
	self->vcpu = self->vm->vcpu[0];
	self->caller = self->vm->vcpu[1];
	self->conduit = guest_conduit(self->vm);
}

FIXTURE_TEARDOWN(state)
{
	test_vm_free(self->vm);
}

/* The guest comes to its next exit, at the operation that was prepared */
static void expect_runs(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	struct guest_result res;

	guest_load(vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "a vCPU that is RUNNABLE", &res);
}

TEST_F(state, is_kept_until_it_is_set)
{
	static const u32 states[] = {
		KVM_MP_STATE_RUNNABLE,	KVM_MP_STATE_STOPPED,	KVM_MP_STATE_STOPPED,
		KVM_MP_STATE_SUSPENDED, KVM_MP_STATE_SUSPENDED, KVM_MP_STATE_STOPPED,
		KVM_MP_STATE_RUNNABLE,	KVM_MP_STATE_SUSPENDED, KVM_MP_STATE_RUNNABLE,
	};
	unsigned int n;

	EXPECT_TRUE(kvm_has_cap(KVM_CAP_MP_STATE))
	{
		TH_LOG("KVM_CAP_MP_STATE is 0; expected 1");
	}
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_RUNNABLE);
	for (n = 0; n < ARRAY_SIZE(states); n++) {
		if (states[n] == KVM_MP_STATE_SUSPENDED && !has_suspended())
			continue;
		expect_err(_metadata, mp_state_str(states[n]), states[n], 0,
			   __mp_state_set(self->vcpu, states[n]));
		expect_mp_state(_metadata, self->vcpu, states[n]);
		expect_mp_state(_metadata, self->caller, KVM_MP_STATE_RUNNABLE);
	}
	expect_runs(_metadata, self->vcpu);
}

/* Those of other architectures, and none that there is. KVM's errno is in no document */
TEST_F(state, others_are_invalid)
{
	static const u32 others[] = {
		KVM_MP_STATE_UNINITIALIZED,
		KVM_MP_STATE_INIT_RECEIVED,
		KVM_MP_STATE_HALTED,
		KVM_MP_STATE_SIPI_RECEIVED,
		KVM_MP_STATE_CHECK_STOP,
		KVM_MP_STATE_OPERATING,
		KVM_MP_STATE_LOAD,
		KVM_MP_STATE_AP_RESET_HOLD,
		64,
		BIT(16),
		BIT(31) | KVM_MP_STATE_STOPPED,
		~0U,
	};
	u32 states[] = { KVM_MP_STATE_RUNNABLE, KVM_MP_STATE_STOPPED, KVM_MP_STATE_SUSPENDED };
	unsigned int n, s;

	for (s = 0; s < (has_suspended() ? 3 : 2); s++) {
		mp_state_set(self->vcpu, states[s]);
		for (n = 0; n < ARRAY_SIZE(others); n++) {
			expect_err(_metadata, "KVM_SET_MP_STATE", others[n], -EINVAL,
				   __mp_state_set(self->vcpu, others[n]));
			expect_mp_state(_metadata, self->vcpu, states[s]);
		}
	}
	if (!has_suspended())
		expect_err(_metadata, "KVM_SET_MP_STATE without KVM_CAP_ARM_SYSTEM_SUSPEND",
			   KVM_MP_STATE_SUSPENDED, -EINVAL,
			   __mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED));
}

/* "The vcpu is stopped" */
TEST_F(state, stopped_vcpu_waits_in_kvm_run)
{
	struct vcpu_thread thread;
	unsigned int round;
	u64 pc;

	expect_runs(_metadata, self->vcpu);
	test_vcpu_complete(self->vcpu);
	pc = reg_get(self->vcpu, ABI_PC);
	mp_state_set(self->vcpu, KVM_MP_STATE_STOPPED);
	vcpu_x_set(self->vcpu, 0, CONTEXT);
	for (round = 0; round < 2; round++) {
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is STOPPED");
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_STOPPED);
	}
	EXPECT_TRUE(reg_get(self->vcpu, ABI_PC) == pc && vcpu_x_get(self->vcpu, 0) == CONTEXT)
	{
		TH_LOG("PC %#lx, x0 %#lx of a vCPU that was STOPPED; expected %#lx, %#llx, as before",
		       reg_get(self->vcpu, ABI_PC), vcpu_x_get(self->vcpu, 0), pc, CONTEXT);
	}
	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	expect_runs(_metadata, self->vcpu);
}

/* A VMM gets the vCPU out of KVM_RUN first: until then KVM_SET_MP_STATE waits */
TEST_F(state, running_vcpu_stops_and_goes_on)
{
	struct vcpu_thread thread;
	unsigned int round;
	u64 rounds;

	guest_prepare_spin(self->vm, 0);
	for (round = 0; round < 2; round++) {
		vcpu_thread_start(self->vcpu, &thread);
		wait_for_rounds(self->vm, 0);
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_RUNNABLE);

		mp_state_set(self->vcpu, KVM_MP_STATE_STOPPED);
		rounds = guest_rounds(self->vm, 0);
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is STOPPED");
		EXPECT_EQ(rounds, guest_rounds(self->vm, 0))
		{
			TH_LOG("the guest of a STOPPED vCPU ran: %lu rounds; expected %lu, as before",
			       guest_rounds(self->vm, 0), rounds);
		}
		vcpu_thread_kick(&thread);
		mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	}
}

/* CPU_ON starts a vCPU that user space stopped, too */
TEST_F(state, stopped_is_off_for_psci)
{
	struct guest_result res;

	mp_state_set(self->vcpu, KVM_MP_STATE_STOPPED);
	expect_psci(_metadata, self->caller, PSCI_0_2, self->conduit, ABI_PSCI_AFFINITY_INFO, 0, 0,
		    0, ABI_PSCI_LEVEL_OFF);
	expect_psci(_metadata, self->caller, PSCI_0_2, self->conduit, ABI_PSCI_CPU_ON, 0,
		    guest_entry_ipa(), 0x1234, ABI_SUCCESS);
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_RUNNABLE);
	guest_run(self->vcpu, &res);
	expect_end(_metadata, "the entry point of CPU_ON", &res);
	EXPECT_EQ(0x1234, res.x[0])
	{
		TH_LOG("vCPU 0 started with x0 %#lx; expected the context id 0x1234", res.x[0]);
	}
}

/* KVM_MP_STATE_SUSPENDED */

FIXTURE(suspended)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	struct kvm_vcpu *caller;
	enum conduit conduit;
};

FIXTURE_SETUP(suspended)
{
	if (!has_suspended())
		SKIP(return, "this kernel has no KVM_CAP_ARM_SYSTEM_SUSPEND");
	self->vm = psci_vm_create(2, PSCI_0_2, 0);
	ASSERT_NE(NULL, self->vm);
	self->vcpu = self->vm->vcpu[0];
	self->caller = self->vm->vcpu[1];
	self->conduit = guest_conduit(self->vm);
	mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED);
}

FIXTURE_TEARDOWN(suspended)
{
	test_vm_free(self->vm);
}

static void expect_wakeup(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			  const struct guest_result *res, u64 pc)
{
	ASSERT_TRUE(res->end == GUEST_EXIT && res->reason == KVM_EXIT_SYSTEM_EVENT &&
		    res->event == ABI_EVENT_WAKEUP)
	{
		TH_LOG("SUSPENDED vCPU %u with an interrupt: the guest %s; expected KVM_EXIT_SYSTEM_EVENT, WAKEUP",
		       vcpu->id, guest_end_str(res));
	}
	EXPECT_TRUE(!kvm_has_cap(KVM_CAP_SYSTEM_EVENT_DATA) || !vcpu->run->system_event.ndata)
	{
		TH_LOG("KVM_SYSTEM_EVENT_WAKEUP has ndata %u; expected 0",
		       vcpu->run->system_event.ndata);
	}
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_SUSPENDED);
	EXPECT_EQ(pc, reg_get(vcpu, ABI_PC))
	{
		TH_LOG("PC %#lx of a SUSPENDED vCPU; expected %#lx, as before",
		       reg_get(vcpu, ABI_PC), pc);
	}
}

static void set_line(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 line, bool level)
{
	u32 irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT |
		  vcpu->id << KVM_ARM_IRQ_VCPU_SHIFT | line;

	ASSERT_EQ(0, _kvm_irq_line(vcpu->vm, irq, level));
}

TEST_F(suspended, wakes_by_an_interrupt_until_it_is_runnable)
{
	static const u32 lines[] = { KVM_ARM_IRQ_CPU_IRQ, KVM_ARM_IRQ_CPU_FIQ };
	u64 pc = reg_get(self->vcpu, ABI_PC);
	struct vcpu_thread thread;
	struct guest_result res;
	unsigned int n;

	if (self->vm->vgic_fd >= 0)
		SKIP(return, "vCPUs of a VM with a vGIC have no interrupt lines");
	for (n = 0; n < ARRAY_SIZE(lines); n++) {
		self->vcpu->run->system_event.ndata = 77;
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is SUSPENDED");
		set_line(_metadata, self->vcpu, lines[n], true);
		vcpu_thread_join(&thread);
		expect_wakeup(_metadata, self->vcpu, &thread.res, pc);
		/* "Otherwise subsequent calls to KVM_RUN will immediately exit" */
		guest_run(self->vcpu, &res);
		expect_wakeup(_metadata, self->vcpu, &res, pc);

		set_line(_metadata, self->vcpu, lines[n], false);
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is SUSPENDED, its interrupt gone");
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_SUSPENDED);
	}
	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	expect_runs(_metadata, self->vcpu);
}

TEST_F(suspended, stays_so_after_a_signal)
{
	struct vcpu_thread thread;
	unsigned int round;

	for (round = 0; round < 3; round++) {
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is SUSPENDED");
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_SUSPENDED);
	}
	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	expect_runs(_metadata, self->vcpu);
}

TEST_F(suspended, running_vcpu_is_suspended_and_goes_on)
{
	struct vcpu_thread thread;
	u64 rounds;

	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	guest_prepare_spin(self->vm, 0);
	vcpu_thread_start(self->vcpu, &thread);
	wait_for_rounds(self->vm, 0);
	vcpu_thread_kick(&thread);
	mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED);
	rounds = guest_rounds(self->vm, 0);
	vcpu_thread_start(self->vcpu, &thread);
	expect_waits(_metadata, &thread, "that is SUSPENDED");
	EXPECT_EQ(rounds, guest_rounds(self->vm, 0))
	{
		TH_LOG("the guest of a SUSPENDED vCPU ran: %lu rounds; expected %lu, as before",
		       guest_rounds(self->vm, 0), rounds);
	}
	vcpu_thread_kick(&thread);
	mp_state_set(self->vcpu, KVM_MP_STATE_RUNNABLE);
	vcpu_thread_start(self->vcpu, &thread);
	wait_for_rounds(self->vm, 0);
	vcpu_thread_kick(&thread);
}

/* A core in a suspend state is on [DEN0022, AFFINITY_INFO] */
TEST_F(suspended, is_on_for_psci)
{
	expect_psci(_metadata, self->caller, PSCI_0_2, self->conduit, ABI_PSCI_AFFINITY_INFO, 0, 0,
		    0, ABI_PSCI_LEVEL_ON);
	expect_psci(_metadata, self->caller, PSCI_0_2, self->conduit, ABI_PSCI_CPU_ON, 0,
		    guest_entry_ipa(), 0, ABI_PSCI_ALREADY_ON);
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_SUSPENDED);
}

TEST_F(suspended, vcpu_init_makes_it_runnable)
{
	struct vcpu_thread thread;

	vcpu_thread_start(self->vcpu, &thread);
	expect_waits(_metadata, &thread, "that is SUSPENDED");
	vcpu_thread_kick(&thread);
	test_vcpu_reinit(self->vm, 0);
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_RUNNABLE);
	expect_runs(_metadata, self->vcpu);
}

/* Neither is woken by an interrupt any more */
TEST_F(suspended, stopped_by_user_space_or_a_system_call_is_not_woken)
{
	const u64 off[8] = { ABI_PSCI_SYSTEM_OFF };
	struct vcpu_thread thread;
	struct guest_result res;
	unsigned int by_call;

	if (self->vm->vgic_fd >= 0)
		SKIP(return, "vCPUs of a VM with a vGIC have no interrupt lines");
	for (by_call = 0; by_call <= 1; by_call++) {
		mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED);
		vcpu_thread_start(self->vcpu, &thread);
		expect_waits(_metadata, &thread, "that is SUSPENDED");
		if (by_call) {
			guest_call(self->caller, self->conduit, off, &res);
			ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, res.reason);
		} else {
			vcpu_thread_kick(&thread);
			mp_state_set(self->vcpu, KVM_MP_STATE_STOPPED);
			vcpu_thread_start(self->vcpu, &thread);
		}
		set_line(_metadata, self->vcpu, KVM_ARM_IRQ_CPU_IRQ, true);
		expect_waits(_metadata, &thread, "that is STOPPED, with an interrupt");
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_STOPPED);
		set_line(_metadata, self->vcpu, KVM_ARM_IRQ_CPU_IRQ, false);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
