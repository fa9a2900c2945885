// SPDX-License-Identifier: GPL-2.0
/*
 * psci_thread_test: CPU_ON and CPU_OFF of vCPUs that are inside KVM_RUN, in threads of their own,
 * and what a VMM that saves a vCPU sees of CPU_ON before the vCPU runs.
 *
 * Holds KVM to
 *   Arm DEN0022 (PSCI)                          CPU_ON, CPU_OFF, AFFINITY_INFO, initial core state
 *   Arm DEN0028 (SMCCC) 2.9                     immediates of HVC and SMC
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39  vCPU states
 *   Documentation/virt/kvm/api.rst, 4.68, 4.69  KVM_SET_ONE_REG, KVM_GET_ONE_REG
 */
#include "harness.h"

#include "psci_expect.h"
#include "vcpu_thread_expect.h"

/* EL1h and EL2h with every exception masked, what a vCPU is reset to [Arm ARM D1.4] */
#define PSTATE_RESET_EL1 0x3c5ULL
#define PSTATE_RESET_EL2 0x3c9ULL
#define PSTATE_MASK 0x3dfULL

#define SCTLR_EE BIT_ULL(25)
#define CPU_ON64 (ABI_PSCI_CPU_ON | ABI_CALL_64)

FIXTURE(thread)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu; /* the first one, which is on */
	struct kvm_vcpu *other; /* the second one, which is off */
};

FIXTURE_VARIANT(thread)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(thread, hvc) { CONDUIT_HVC };
FIXTURE_VARIANT_ADD(thread, smc) { CONDUIT_SMC };
/* clang-format on */

FIXTURE_SETUP(thread)
{
	const char *missing = host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = psci_vm_create(2, PSCI_0_2, VM_PARKED);
	ASSERT_NE(NULL, self->vm);
	self->vcpu = self->vm->vcpu[0];
	self->other = self->vm->vcpu[1];
}

FIXTURE_TEARDOWN(thread)
{
	test_vm_free(self->vm);
}

static void cpu_on(struct __test_metadata *_metadata, struct kvm_vcpu *by, enum conduit conduit,
		   u64 target, u64 context)
{
	expect_psci(_metadata, by, PSCI_0_2, conduit, CPU_ON64, target, guest_entry_ipa(), context,
		    ABI_SUCCESS);
}

static void expect_affinity_info(struct __test_metadata *_metadata, struct kvm_vcpu *by,
				 enum conduit conduit, u64 target, u64 want)
{
	expect_psci(_metadata, by, PSCI_0_2, conduit, ABI_PSCI_AFFINITY_INFO | ABI_CALL_64, target,
		    0, 0, want);
}

/* The vCPU has come to the entry point of CPU_ON */
static void expect_started(struct __test_metadata *_metadata, const struct kvm_vcpu *vcpu,
			   const struct guest_result *res, u64 context)
{
	expect_end(_metadata, "the entry point of CPU_ON", res);
	EXPECT_EQ(context, res->x[0])
	{
		TH_LOG("vCPU %u started with x0 %#lx; expected the context id %#lx", vcpu->id,
		       res->x[0], context);
	}
}

TEST_F(thread, cpu_on_wakes_a_vcpu_that_waits_in_kvm_run)
{
	struct vcpu_thread thread;

	vcpu_thread_start(self->other, &thread);
	expect_waits(_metadata, &thread, "that is off");
	expect_affinity_info(_metadata, self->vcpu, variant->conduit, 1, ABI_PSCI_LEVEL_OFF);
	cpu_on(_metadata, self->vcpu, variant->conduit, 1, CONTEXT);
	vcpu_thread_join(&thread);
	expect_started(_metadata, self->other, &thread.res, CONTEXT);
	expect_affinity_info(_metadata, self->vcpu, variant->conduit, 1, ABI_PSCI_LEVEL_ON);
}

/* No document states it, but a VMM gets threads out of KVM_RUN at any time */
TEST_F(thread, vcpu_that_is_off_stays_off_after_a_signal)
{
	struct vcpu_thread thread;
	unsigned int round;

	for (round = 0; round < 3; round++) {
		vcpu_thread_start(self->other, &thread);
		expect_waits(_metadata, &thread, "that is off");
		vcpu_thread_kick(&thread);
		expect_interrupted(_metadata, &thread);
		expect_mp_state(_metadata, self->other, KVM_MP_STATE_STOPPED);
	}
	vcpu_thread_start(self->other, &thread);
	cpu_on(_metadata, self->vcpu, variant->conduit, 1, CONTEXT);
	vcpu_thread_join(&thread);
	expect_started(_metadata, self->other, &thread.res, CONTEXT);
}

/* CPU_OFF returns no more, so that the vCPU starts anew each time */
TEST_F(thread, vcpu_goes_off_and_on_again)
{
	const u64 off[8] = { ABI_PSCI_CPU_OFF };
	struct vcpu_thread thread;
	u64 round;

	vcpu_thread_start(self->other, &thread);
	for (round = 1; round <= 5; round++) {
		cpu_on(_metadata, self->vcpu, variant->conduit, 1, CONTEXT + round);
		vcpu_thread_join(&thread);
		expect_started(_metadata, self->other, &thread.res, CONTEXT + round);

		guest_prepare_call(self->other, variant->conduit, off);
		vcpu_thread_start(self->other, &thread);
		expect_waits(_metadata, &thread, "that called CPU_OFF");
		expect_affinity_info(_metadata, self->vcpu, variant->conduit, 1,
				     ABI_PSCI_LEVEL_OFF);
	}
	vcpu_thread_kick(&thread);
	expect_interrupted(_metadata, &thread);
	expect_mp_state(_metadata, self->other, KVM_MP_STATE_STOPPED);
	expect_mp_state(_metadata, self->vcpu, KVM_MP_STATE_RUNNABLE);
}

/* Also the first one, which is then turned on by another */
TEST_F(thread, cpu_off_stops_the_caller_alone)
{
	const u64 off[8] = { ABI_PSCI_CPU_OFF };
	struct guest_spinner spinner;
	struct vcpu_thread thread;

	mp_state_set(self->other, KVM_MP_STATE_RUNNABLE);
	guest_spin_start(self->vm, 1, &spinner);
	guest_prepare_call(self->vcpu, variant->conduit, off);
	vcpu_thread_start(self->vcpu, &thread);
	expect_waits(_metadata, &thread, "that called CPU_OFF");
	wait_for_rounds(self->vm, 1);
	guest_spin_stop(&spinner);
	expect_end(_metadata, "vCPU 1", &spinner.res);

	cpu_on(_metadata, self->other, variant->conduit, 0, CONTEXT);
	vcpu_thread_join(&thread);
	expect_started(_metadata, self->vcpu, &thread.res, CONTEXT);
	guest_prepare_call(self->other, variant->conduit, off);
	vcpu_thread_start(self->other, &thread);
	expect_waits(_metadata, &thread, "that called CPU_OFF");
	expect_affinity_info(_metadata, self->vcpu, variant->conduit, 1, ABI_PSCI_LEVEL_OFF);
	vcpu_thread_kick(&thread);
	expect_interrupted(_metadata, &thread);
}

/*
 * What a VMM sees of a vCPU between CPU_ON and the first run, if it saves the VM then. Which
 * register it reads first must not matter.
 */
FIXTURE(saved_on)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(saved_on)
{
	bool waits; /* the vCPU has been inside KVM_RUN before */
	u64 first; /* the register that is read first */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(saved_on, pc_first) { false, ABI_PC };
FIXTURE_VARIANT_ADD(saved_on, x0_first) { false, ABI_REG_CORE_U64(0) };
FIXTURE_VARIANT_ADD(saved_on, pstate_first) { false, ABI_PSTATE };
FIXTURE_VARIANT_ADD(saved_on, pc_first_after_a_run) { true, ABI_PC };
/* clang-format on */

FIXTURE_SETUP(saved_on)
{
	struct vcpu_thread thread;

	self->vm = psci_vm_create(2, PSCI_0_2, VM_PARKED);
	ASSERT_NE(NULL, self->vm);
	if (variant->waits) {
		vcpu_thread_start(self->vm->vcpu[1], &thread);
		vcpu_thread_settle(&thread);
		vcpu_thread_kick(&thread);
	}
	/* What CPU_ON has to replace */
	vcpu_x_set(self->vm->vcpu[1], 0, ~CONTEXT);
	reg_set(self->vm->vcpu[1], ABI_PC, VM_NO_MEMORY);
	if (!self->vm->at_el2) {
		reg_set(self->vm->vcpu[1], ABI_PSTATE, 0x5);
		reg_set(self->vm->vcpu[1], ABI_SCTLR_EL1,
			reg_get(self->vm->vcpu[1], ABI_SCTLR_EL1) | 1);
	}
	cpu_on(_metadata, self->vm->vcpu[0], guest_conduit(self->vm), 1, CONTEXT);
}

FIXTURE_TEARDOWN(saved_on)
{
	test_vm_free(self->vm);
}

static void expect_saved(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id, u64 mask,
			 const char *name, u64 want)
{
	u64 val = reg_get(vcpu, id) & mask;

	EXPECT_EQ(want, val)
	{
		TH_LOG("%s of vCPU %u after CPU_ON, before it ran: %#lx; expected %#lx", name,
		       vcpu->id, val, want);
	}
}

static void expect_saved_on(struct __test_metadata *_metadata, struct test_vm *vm, u64 context)
{
	struct kvm_vcpu *vcpu = vm->vcpu[1];

	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_RUNNABLE);
	expect_saved(_metadata, vcpu, ABI_PC, ~0ULL, "PC", guest_entry_ipa());
	expect_saved(_metadata, vcpu, ABI_REG_CORE_U64(0), ~0ULL, "x0", context);
	expect_saved(_metadata, vcpu, ABI_PSTATE, PSTATE_MASK, "PSTATE",
		     vm->at_el2 ? PSTATE_RESET_EL2 : PSTATE_RESET_EL1);
	expect_saved(_metadata, vcpu, ABI_SCTLR_EL1, 1, "SCTLR_EL1.M", 0);
}

TEST_F(saved_on, registers_are_those_of_cpu_on)
{
	struct guest_result res;

	reg_get(self->vm->vcpu[1], variant->first);
	expect_saved_on(_metadata, self->vm, CONTEXT);
	/* and they are not reset once more by the run */
	guest_run(self->vm->vcpu[1], &res);
	expect_started(_metadata, self->vm->vcpu[1], &res, CONTEXT);
}

TEST_F(saved_on, vmm_may_change_them)
{
	struct guest_result res;

	/* The write is the first access: CPU_ON comes before it, not after */
	vcpu_x_set(self->vm->vcpu[1], 0, 1);
	expect_saved_on(_metadata, self->vm, 1);
	guest_run(self->vm->vcpu[1], &res);
	expect_started(_metadata, self->vm->vcpu[1], &res, 1);
}

/* It is on, although it has not run: DEN0022 would allow ON_PENDING, which KVM never answers */
TEST_F(saved_on, vcpu_is_on)
{
	expect_affinity_info(_metadata, self->vm->vcpu[0], guest_conduit(self->vm), 1,
			     ABI_PSCI_LEVEL_ON);
	expect_psci(_metadata, self->vm->vcpu[0], PSCI_0_2, guest_conduit(self->vm), CPU_ON64, 1,
		    VM_NO_MEMORY, ~CONTEXT, ABI_PSCI_ALREADY_ON);
	expect_saved_on(_metadata, self->vm, CONTEXT);
}

/* A vCPU starts with the caller's endianness of data, SCTLR_ELx.EE [DEN0022, initial core state] */

static void expect_endianness(struct __test_metadata *_metadata, struct test_vm *vm, bool big)
{
	struct kvm_vcpu *vcpu = vm->vcpu[1];
	u32 *word = test_vm_ram(vm, VM_RAM_DATA);
	u32 want = big ? 0x44332211 : 0x11223344;
	struct guest_result res;
	u64 sctlr;

	sctlr = reg_get(vcpu, vm->at_el2 ? ABI_SCTLR_EL2 : ABI_SCTLR_EL1);
	EXPECT_EQ(big, !!(sctlr & SCTLR_EE))
	{
		TH_LOG("SCTLR_EL%c of a vCPU that a %s-endian one turned on: %#lx; expected EE to be %d",
		       vm->at_el2 ? '2' : '1', big ? "big" : "little", sctlr, big);
	}
	guest_run(vcpu, &res);
	expect_started(_metadata, vcpu, &res, CONTEXT);
	*word = 0x11223344;
	guest_load(vcpu, VM_RAM_DATA, sizeof(*word), &res);
	expect_end(_metadata, "a load", &res);
	EXPECT_EQ(want, res.x[0])
	{
		TH_LOG("a vCPU that a %s-endian one turned on loads %#lx; expected %#x",
		       big ? "big" : "little", res.x[0], want);
	}
}

TEST_F(thread, cpu_on_starts_with_the_callers_endianness)
{
	const u64 on[8] = { CPU_ON64, 1, guest_entry_ipa(), CONTEXT };
	unsigned int mixed = reg_get(self->vcpu, ABI_ID_AA64MMFR0_EL1) >> 8 & 0xf;
	struct guest_result res;

	if (!mixed)
		SKIP(return, "this host's CPUs are little-endian only");
	guest_call_be(self->vcpu, variant->conduit, on, &res);
	expect_end(_metadata, "CPU_ON by a big-endian caller", &res);
	EXPECT_EQ(ABI_SUCCESS, res.x[0])
	{
		TH_LOG("CPU_ON by a big-endian caller: %s; expected SUCCESS",
		       psci_result_str(res.x[0]));
	}
	expect_endianness(_metadata, self->vm, true);

	test_vcpu_reinit(self->vm, 1);
	cpu_on(_metadata, self->vcpu, variant->conduit, 1, CONTEXT);
	expect_endianness(_metadata, self->vm, false);
}

/*
 * An immediate other than 0 is reserved in an SMC, and in an HVC "designated for use by hypervisor
 * vendors" [DEN0028 2.9]. That KVM makes the former NOT_SUPPORTED and the latter a call like
 * others is in no document; guests see a change.
 */
TEST_F(thread, immediate_of_an_smc_is_reserved_and_of_an_hvc_ignored)
{
	const u64 on[8] = { CPU_ON64, 1, guest_entry_ipa(), CONTEXT };
	bool made = variant->conduit == CONDUIT_HVC;
	struct guest_result res;

	guest_call_imm(self->vcpu, variant->conduit, on, &res);
	expect_end(_metadata, "a call with the immediate 1", &res);
	EXPECT_EQ(made ? ABI_SUCCESS : ABI_NOT_SUPPORTED, res.x[0])
	{
		TH_LOG("CPU_ON by %s #1: %s; expected %s", conduit_str(variant->conduit),
		       psci_result_str(res.x[0]), made ? "SUCCESS" : "NOT_SUPPORTED");
	}
	expect_mp_state(_metadata, self->other,
			made ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_STOPPED);
	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "the next operation", &res);
}

/* Affinities that differ at each level, as the VMM chose them [DEN0022 5.6, 5.7] */

static const u64 far_mpidr[] = { 0, 0x100000000, 0x0100000000 | 0x010000, 0x000100 };

FIXTURE(affinity)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(affinity)
{
	unsigned int i;

	self->vm = test_vm_create(ARRAY_SIZE(far_mpidr), 0, VM_PARKED | VM_AT_EL1);
	for (i = 1; i < ARRAY_SIZE(far_mpidr); i++)
		if (__reg_set(self->vm->vcpu[i], ABI_MPIDR_EL1, BIT_ULL(31) | far_mpidr[i]))
			SKIP(return, "this kernel takes no other MPIDR_EL1");
}

FIXTURE_TEARDOWN(affinity)
{
	test_vm_free(self->vm);
}

TEST_F(affinity, info_is_of_the_level_asked_for)
{
	/* vCPUs 0 and 2 are on */
	static const struct {
		u64 target, level, want;
	} rows[] = {
		{ 0, 0, ABI_PSCI_LEVEL_ON },
		{ 0x100000000, 0, ABI_PSCI_LEVEL_OFF },
		{ 0x100010000, 0, ABI_PSCI_LEVEL_ON },
		{ 0x000000100, 0, ABI_PSCI_LEVEL_OFF },
		{ 0x000010000, 0, ABI_PSCI_INVALID_PARAMETERS },
		{ 0x100000001, 0, ABI_PSCI_INVALID_PARAMETERS },

		{ 0x000000001, 1, ABI_PSCI_LEVEL_ON },
		{ 0x100000001, 1, ABI_PSCI_LEVEL_OFF },
		{ 0x100010001, 1, ABI_PSCI_LEVEL_ON },
		{ 0x0000001ff, 1, ABI_PSCI_LEVEL_OFF },
		{ 0x000000200, 1, ABI_PSCI_INVALID_PARAMETERS },

		{ 0x00000ffff, 2, ABI_PSCI_LEVEL_ON },
		{ 0x10000ffff, 2, ABI_PSCI_LEVEL_OFF },
		{ 0x10001ffff, 2, ABI_PSCI_LEVEL_ON },
		{ 0x000010000, 2, ABI_PSCI_INVALID_PARAMETERS },

		{ 0x000ffffff, 3, ABI_PSCI_LEVEL_ON },
		{ 0x100ffffff, 3, ABI_PSCI_LEVEL_ON },
		{ 0x200000000, 3, ABI_PSCI_INVALID_PARAMETERS },
	};
	unsigned int n;

	mp_state_set(self->vm->vcpu[2], KVM_MP_STATE_RUNNABLE);
	for (n = 0; n < ARRAY_SIZE(rows); n++)
		expect_psci(_metadata, self->vm->vcpu[0], PSCI_1_0, guest_conduit(self->vm),
			    ABI_PSCI_AFFINITY_INFO | ABI_CALL_64, rows[n].target, rows[n].level, 0,
			    rows[n].want);
}

TEST_F(affinity, cpu_on_starts_the_vcpu_of_the_affinity)
{
	struct guest_result res;
	unsigned int i, n;

	for (i = 1; i < ARRAY_SIZE(far_mpidr); i++) {
		expect_psci(_metadata, self->vm->vcpu[0], PSCI_1_0, guest_conduit(self->vm),
			    CPU_ON64, far_mpidr[i], guest_entry_ipa(), CONTEXT + i, ABI_SUCCESS);
		for (n = 1; n < ARRAY_SIZE(far_mpidr); n++)
			expect_mp_state(_metadata, self->vm->vcpu[n],
					n <= i ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_STOPPED);
		guest_run(self->vm->vcpu[i], &res);
		expect_started(_metadata, self->vm->vcpu[i], &res, CONTEXT + i);
	}
}

/* KVM looks vCPUs up by the bits in which their affinities differ */
TEST_F(affinity, cpu_on_of_a_like_affinity_is_invalid)
{
	static const u64 like[] = { 0x1,	 0x200,	      0x300,	   0x000101,	0x100000100,
				    0x100020000, 0x100010100, 0x300000000, 0xff00000000 };
	struct guest_result res;
	unsigned int i, n;

	for (n = 0; n < ARRAY_SIZE(like); n++)
		expect_psci(_metadata, self->vm->vcpu[0], PSCI_1_0, guest_conduit(self->vm),
			    CPU_ON64, like[n], guest_entry_ipa(), 0, ABI_PSCI_INVALID_PARAMETERS);
	for (i = 1; i < ARRAY_SIZE(far_mpidr); i++)
		expect_mp_state(_metadata, self->vm->vcpu[i], KVM_MP_STATE_STOPPED);
	guest_load(self->vm->vcpu[0], VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "the caller", &res);
}

/*
 * A vCPU that is added after the first run, as for hotplug. It does not run here: KVM in protected
 * mode refuses it
 */
TEST_F(affinity, cpu_on_finds_a_later_vcpu)
{
	struct guest_result res;
	struct kvm_vcpu *vcpu;

	guest_load(self->vm->vcpu[0], VM_RAM_DATA, sizeof(u64), &res);
	test_vm_add_vcpu(self->vm);
	vcpu = self->vm->vcpu[ARRAY_SIZE(far_mpidr)];
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);
	expect_psci(_metadata, self->vm->vcpu[0], PSCI_1_0, guest_conduit(self->vm), CPU_ON64,
		    reg_get(vcpu, ABI_MPIDR_EL1) & ABI_MPIDR_AFFINITY, guest_entry_ipa(), CONTEXT,
		    ABI_SUCCESS);
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_RUNNABLE);
	expect_saved(_metadata, vcpu, ABI_PC, ~0ULL, "PC", guest_entry_ipa());
	expect_saved(_metadata, vcpu, ABI_REG_CORE_U64(0), ~0ULL, "x0", CONTEXT);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
