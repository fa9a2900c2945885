// SPDX-License-Identifier: GPL-2.0
/*
 * psci_power_test: turning vCPUs on and off, asking whether they are on, and suspending them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39  vCPU states
 *   Arm DEN0022 (PSCI)                          functions and errors
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "psci_expect.h"
#include "psci_fixture.h"

/* EL1h and EL2h with every exception masked, what a vCPU is reset to [Arm ARM D1.4] */
#define PSTATE_RESET_EL1 0x3c5ULL
#define PSTATE_RESET_EL2 0x3c9ULL
#define PSTATE_MASK 0x3dfULL

/* The ids of CPU_ON in a version: the wide one is 0 where there is none */
static u32 cpu_on_id(enum psci_version version, bool wide)
{
	if (version == PSCI_0_1)
		return wide ? 0 : ABI_PSCI_0_1_CPU_ON;
	return wide ? ABI_PSCI_CPU_ON | ABI_CALL_64 : ABI_PSCI_CPU_ON;
}

static u32 cpu_off_id(enum psci_version version)
{
	return version == PSCI_0_1 ? ABI_PSCI_0_1_CPU_OFF : ABI_PSCI_CPU_OFF;
}

/* Whether a call has 64-bit arguments: in 0.1 they have the width of the caller */
static bool takes_64(enum psci_version version, u32 id)
{
	return version == PSCI_0_1 || id & ABI_CALL_64;
}

/* vCPU's first run after CPU_ON: it stands at the entry point with the context id */
static void expect_started(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   u64 context)
{
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	struct guest_result res;

	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_RUNNABLE);
	guest_run(vcpu, &res);
	expect_end(_metadata, "the entry point of CPU_ON", &res);
	EXPECT_EQ(context, res.x[0])
	{
		TH_LOG("vCPU %u started with x0 %#lx; expected the context id %#lx", cpu, res.x[0],
		       context);
	}
}

/* Change PSTATE and SCTLR_EL1, which CPU_ON must reset */
static void dirty_reset_state(struct kvm_vcpu *vcpu)
{
	reg_set(vcpu, ABI_PSTATE, 0x5);
	reg_set(vcpu, ABI_SCTLR_EL1, reg_get(vcpu, ABI_SCTLR_EL1) | 1);
}

static void expect_clean(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	u64 want = vm->at_el2 ? PSTATE_RESET_EL2 : PSTATE_RESET_EL1;
	u64 pstate = reg_get(vm->vcpu[cpu], ABI_PSTATE) & PSTATE_MASK;
	u64 sctlr = reg_get(vm->vcpu[cpu], ABI_SCTLR_EL1);

	EXPECT_EQ(want, pstate)
	{
		TH_LOG("vCPU %u started with PSTATE %#lx; expected %#lx, since CPU_ON resets it",
		       cpu, pstate, want);
	}
	EXPECT_EQ(0, sctlr & 1)
	{
		TH_LOG("vCPU %u started with SCTLR_EL1 %#lx; expected its MMU off, since CPU_ON resets it",
		       cpu, sctlr);
	}
}

TEST_F(psci, cpu_on_starts_at_the_entry_point)
{
	unsigned int wide;

	for (wide = 0; wide <= 1; wide++) {
		u32 id = cpu_on_id(variant->version, wide);
		u64 upper, context;

		if (!id)
			continue;
		upper = takes_64(variant->version, id) ? 0 : GARBAGE;
		context = upper ? (u32)CONTEXT : CONTEXT;
		/* at EL2 both registers are the guest's, and expect_clean() sees the reset alone */
		if (!self->vm->at_el2)
			dirty_reset_state(self->vm->vcpu[1]);
		expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, GARBAGE | id,
			    upper | 1, upper | guest_entry_ipa(), upper ? upper | context : context,
			    ABI_SUCCESS);
		expect_started(_metadata, self->vm, 1, context);
		expect_clean(_metadata, self->vm, 1);
		test_vcpu_reinit(self->vm, 1); /* parked once more */
	}
}

TEST_F(psci, cpu_on_of_a_running_vcpu_is_an_error)
{
	u64 want = variant->version == PSCI_0_1 ? ABI_PSCI_INVALID_PARAMETERS : ABI_PSCI_ALREADY_ON;
	unsigned int wide, target;

	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	for (wide = 0; wide <= 1; wide++) {
		u32 id = cpu_on_id(variant->version, wide);

		for (target = 0; id && target <= 1; target++) {
			u64 pc = reg_get(self->vm->vcpu[1], ABI_PC), now;

			expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, id,
				    target, guest_entry_ipa(), CONTEXT, want);
			now = reg_get(self->vm->vcpu[1], ABI_PC);
			EXPECT_EQ(pc, now)
			{
				TH_LOG("a refused CPU_ON moved the PC of vCPU 1 to %#lx; expected %#lx",
				       now, pc);
			}
		}
	}
}

/* Affinities that no vCPU of the VM has */
static const u64 absent_targets[] = { 2, 0xff, 0x100, 0x101, 0x10000, 0xffffff };
static const u64 absent_targets_64[] = { 1ULL << 32, 1ULL << 32 | 1, 0xffULL << 32 };

/* vCPU 1's affinity with a bit set that "must be zero" [DEN0022 5.6] */
static const u64 reserved_targets[] = { 0x01000001, 0x02000001, 0x40000001, 0x80000001 };
static const u64 reserved_targets_64[] = { 1ULL << 40 | 1, 1ULL << 62 | 1, 1ULL << 63 | 1 };

static void expect_invalid_targets(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   const FIXTURE_VARIANT(psci) * variant, u32 id,
				   const u64 *targets, unsigned int nr)
{
	u64 x2 = psci_function(id) == psci_function(ABI_PSCI_AFFINITY_INFO) ? 0 : guest_entry_ipa();
	unsigned int n;

	for (n = 0; id && n < nr; n++)
		expect_psci(_metadata, vcpu, variant->version, variant->conduit, id, targets[n], x2,
			    0, ABI_PSCI_INVALID_PARAMETERS);
}

TEST_F(psci, cpu_on_of_no_vcpu_is_invalid)
{
	unsigned int wide;

	for (wide = 0; wide <= 1; wide++) {
		u32 id = cpu_on_id(variant->version, wide);

		expect_invalid_targets(_metadata, self->vcpu, variant, id, absent_targets,
				       ARRAY_SIZE(absent_targets));
		if (takes_64(variant->version, id))
			expect_invalid_targets(_metadata, self->vcpu, variant, id,
					       absent_targets_64, ARRAY_SIZE(absent_targets_64));
	}
	expect_mp_state(_metadata, self->vm->vcpu[1], KVM_MP_STATE_STOPPED);
}

TEST_F(psci, reserved_affinity_bits_are_invalid)
{
	unsigned int wide;

	for (wide = 0; wide <= 1; wide++) {
		u32 on = cpu_on_id(variant->version, wide);
		u32 info = ABI_PSCI_AFFINITY_INFO | (wide ? ABI_CALL_64 : 0);

		if (variant->version != PSCI_0_1) {
			expect_invalid_targets(_metadata, self->vcpu, variant, info,
					       reserved_targets, ARRAY_SIZE(reserved_targets));
			if (wide)
				expect_invalid_targets(_metadata, self->vcpu, variant, info,
						       reserved_targets_64,
						       ARRAY_SIZE(reserved_targets_64));
		}
		expect_invalid_targets(_metadata, self->vcpu, variant, on, reserved_targets,
				       ARRAY_SIZE(reserved_targets));
		if (takes_64(variant->version, on))
			expect_invalid_targets(_metadata, self->vcpu, variant, on,
					       reserved_targets_64,
					       ARRAY_SIZE(reserved_targets_64));
	}
	expect_mp_state(_metadata, self->vm->vcpu[1], KVM_MP_STATE_STOPPED);
}

/* Run the vCPU until it is off */
static void turn_off(struct __test_metadata *_metadata, const FIXTURE_VARIANT(psci) * variant,
		     struct kvm_vcpu *vcpu)
{
	const u64 in[8] = { cpu_off_id(variant->version) };
	bool stays;

	guest_prepare_call(vcpu, variant->conduit, in);
	stays = stays_in_kvm_run(_metadata, vcpu);
	EXPECT_TRUE(stays)
	{
		TH_LOG("CPU_OFF of vCPU %u exited with KVM_EXIT_%s; expected it to wait in KVM_RUN",
		       vcpu->id, exit_reason_str(vcpu->run->exit_reason));
	}
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);
}

TEST_F(psci, cpu_off_stops_until_cpu_on)
{
	u32 on = cpu_on_id(variant->version, variant->version != PSCI_0_1);
	struct kvm_vcpu *other = self->vm->vcpu[1];

	expect_psci(_metadata, self->vcpu, variant->version, variant->conduit, on, 1,
		    guest_entry_ipa(), CONTEXT, ABI_SUCCESS);
	expect_started(_metadata, self->vm, 1, CONTEXT);

	turn_off(_metadata, variant, self->vcpu);
	expect_mp_state(_metadata, other, KVM_MP_STATE_RUNNABLE);
	expect_psci(_metadata, other, variant->version, variant->conduit, on, 0, guest_entry_ipa(),
		    ~CONTEXT, ABI_SUCCESS);
	expect_started(_metadata, self->vm, 0, ~CONTEXT);
}

/* AFFINITY_INFO [DEN0022 5.7] */

static void expect_affinity(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			    const FIXTURE_VARIANT(psci) * variant, u64 target, u64 level, u64 want)
{
	expect_psci(_metadata, vcpu, variant->version, variant->conduit, ABI_PSCI_AFFINITY_INFO,
		    GARBAGE | target, GARBAGE | level, GARBAGE, want);
	expect_psci(_metadata, vcpu, variant->version, variant->conduit,
		    ABI_PSCI_AFFINITY_INFO | ABI_CALL_64, target, level, 0, want);
}

TEST_F(psci, affinity_info_tells_on_from_off)
{
	static const u64 bad_levels[] = { 4, 5, 0x7fffffff, 0xffffffff };
	/* the VM has vCPUs 0 and 1 at affinity 0.0.0: level, target, found or not */
	static const struct {
		u64 level, target;
		bool found;
	} others[] = {
		{ 0, 2, false },       { 0, 0x100, false }, { 1, 0x7f, true },
		{ 1, 0x100, false },   { 2, 0xff7f, true }, { 2, 0x10000, false },
		{ 3, 0xffff7f, true },
	};
	unsigned int n;

	if (variant->version == PSCI_0_1)
		SKIP(return, "PSCI 0.1 has no AFFINITY_INFO");

	expect_affinity(_metadata, self->vcpu, variant, 0, 0, ABI_PSCI_LEVEL_ON);
	expect_affinity(_metadata, self->vcpu, variant, 1, 0, ABI_PSCI_LEVEL_OFF);
	for (n = 0; n < ARRAY_SIZE(others); n++)
		expect_affinity(_metadata, self->vcpu, variant, others[n].target, others[n].level,
				others[n].found ? ABI_PSCI_LEVEL_ON : ABI_PSCI_INVALID_PARAMETERS);
	for (n = 0; n < ARRAY_SIZE(bad_levels); n++)
		expect_affinity(_metadata, self->vcpu, variant, 0, bad_levels[n],
				ABI_PSCI_INVALID_PARAMETERS);
	for (n = 0; n < ARRAY_SIZE(absent_targets); n++)
		expect_affinity(_metadata, self->vcpu, variant, absent_targets[n], 0,
				ABI_PSCI_INVALID_PARAMETERS);
	expect_invalid_targets(_metadata, self->vcpu, variant, ABI_PSCI_AFFINITY_INFO | ABI_CALL_64,
			       absent_targets_64, ARRAY_SIZE(absent_targets_64));

	/* and now vCPU 0 is off and vCPU 1 asks */
	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	expect_affinity(_metadata, self->vcpu, variant, 1, 0, ABI_PSCI_LEVEL_ON);
	turn_off(_metadata, variant, self->vcpu);
	for (n = 0; n <= 3; n++)
		expect_affinity(_metadata, self->vm->vcpu[1], variant, 0, n,
				n ? ABI_PSCI_LEVEL_ON : ABI_PSCI_LEVEL_OFF);
}

/* CPU_SUSPEND [DEN0022 5.4], which KVM makes a wait for an interrupt */

/* Whether CPU_SUSPEND waits. Where the signal came too early it is called again */
static bool suspends(struct __test_metadata *_metadata, const FIXTURE_VARIANT(psci) * variant,
		     struct kvm_vcpu *vcpu, const u64 in[8])
{
	unsigned int ms = FIRST_RUN_MS;
	enum run_end first, end;
	struct watch *watch;

	watch = watch_begin(vcpu->id, "to exit from CPU_SUSPEND or to sleep in it; it did neither",
			    0);
	do {
		guest_prepare_call(vcpu, variant->conduit, in);
		first = run_for(_metadata, vcpu, ms);
		end = first == RUN_CUT ? run_until_end(_metadata, vcpu, &ms) : first;
	} while (first == RUN_CUT && end == RUN_EXITED);
	watch_end(watch);
	return end == RUN_SLEPT;
}

/*
 * CPU_SUSPEND, called before or, with @in, now, comes back with SUCCESS and without a sleep;
 * returns false if it waits
 */
static bool expect_wakes(struct __test_metadata *_metadata, const FIXTURE_VARIANT(psci) * variant,
			 struct kvm_vcpu *vcpu, u32 id, const u64 *in, const char *when)
{
	/* A thread may sleep for a page or a lock, but not each time */
	unsigned int tries = in ? 3 : 1, ms = FIRST_RUN_MS;
	bool waits;

	do {
		if (in)
			guest_prepare_call(vcpu, variant->conduit, in);
		waits = run_until_end(_metadata, vcpu, &ms) == RUN_SLEPT;
		/* the signal has ended the wait: let the guest come back */
		if (waits)
			run_until_end(_metadata, vcpu, &ms);
	} while (waits && --tries);
	EXPECT_FALSE(waits)
	{
		TH_LOG("CPU_SUSPEND %#x waits until a signal comes; expected SUCCESS, since an interrupt %s",
		       id, when);
	}
	if (waits)
		return false;
	EXPECT_TRUE(vcpu->run->exit_reason == KVM_EXIT_MMIO && vcpu_x_get(vcpu, 0) == ABI_SUCCESS)
	{
		TH_LOG("CPU_SUSPEND %#x when an interrupt %s: KVM_EXIT_%s, x0 %s; expected KVM_EXIT_MMIO, SUCCESS",
		       id, when, exit_reason_str(vcpu->run->exit_reason),
		       psci_result_str(vcpu_x_get(vcpu, 0)));
	}
	return true;
}

TEST_F(psci, cpu_suspend_waits_for_an_interrupt)
{
	unsigned int wide;

	if (variant->version == PSCI_0_1)
		SKIP(return, "KVM's PSCI 0.1 has no CPU_SUSPEND");
	if (self->vm->vgic_fd >= 0)
		SKIP(return, "vCPUs of a VM with a vGIC have no interrupt lines");

	for (wide = 0; wide <= 1; wide++) {
		u32 id = wide ? ABI_PSCI_CPU_SUSPEND | ABI_CALL_64 : ABI_PSCI_CPU_SUSPEND;
		const u64 in[8] = { id, 0, guest_entry_ipa(), CONTEXT };

		EXPECT_TRUE(suspends(_metadata, variant, self->vcpu, in))
		{
			TH_LOG("CPU_SUSPEND %#x exited with KVM_EXIT_%s; expected it to wait", id,
			       exit_reason_str(self->vcpu->run->exit_reason));
		}
		set_irq_line(_metadata, self->vcpu, true);
		if (!expect_wakes(_metadata, variant, self->vcpu, id, NULL, "came"))
			break;
		if (!expect_wakes(_metadata, variant, self->vcpu, id, in, "was pending"))
			break;
		set_irq_line(_metadata, self->vcpu, false);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
