// SPDX-License-Identifier: GPL-2.0
/*
 * aarch32_test: the firmware of guests in AArch32: their calls, in A32 and in T32, by HVC and by
 * SMC.
 *
 * Holds KVM to
 *   Arm DEN0028 (SMCCC)                        calls from AArch32: no 64-bit ones, R0 to R3
 *   Arm DEN0022 (PSCI)                         functions and errors
 *   Documentation/virt/kvm/arm/hypercalls.rst  services
 *   Documentation/virt/kvm/arm/ptp_kvm.rst     PTP: 32 bits in each register
 *   Documentation/virt/kvm/api.rst             KVM_EXIT_HYPERCALL, KVM_EXIT_SYSTEM_EVENT
 *
 * What does not depend on the width is in hypercalls_*_test, psci_*_test and smccc_filter_*_test.
 */
#include <time.h>

#include "harness.h"

#include "aarch32_expect.h"
#include "filter_expect.h"
#include "psci_expect.h"

FIXTURE(calls)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(calls)
{
	enum isa isa;
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(calls, a32_hvc) { ISA_A32, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(calls, t32_hvc) { ISA_T32, CONDUIT_HVC };
FIXTURE_VARIANT_ADD(calls, a32_smc) { ISA_A32, CONDUIT_SMC };
FIXTURE_VARIANT_ADD(calls, t32_smc) { ISA_T32, CONDUIT_SMC };
/* clang-format on */

static const char *call_name(const FIXTURE_VARIANT(calls) * variant, const char *name)
{
	static char text[96];

	snprintf(text, sizeof(text), "%s by %s in %s", name, conduit_str(variant->conduit),
		 isa_str(variant->isa));
	return text;
}

static void prepare_call(struct test_vm *vm, const FIXTURE_VARIANT(calls) * variant, u32 cpsr,
			 const u32 in[4])
{
	struct guest32_code code = guest32_call(variant->isa, variant->conduit);
	unsigned int n;

	guest32_prepare(vm, 0, &code, cpsr);
	for (n = 0; n < 4; n++)
		vcpu_x_set(vm->vcpu[0], n, in[n]);
}

static void do_call(struct __test_metadata *_metadata, struct test_vm *vm,
		    const FIXTURE_VARIANT(calls) * variant, u32 cpsr, const char *name,
		    const u32 in[4], struct guest_result *res)
{
	prepare_call(vm, variant, cpsr, in);
	guest_run(vm->vcpu[0], res);
	expect_end32(_metadata, call_name(variant, name), vm->vcpu[0], res);
}

/* No call changed a register that is not one of its results [DEN0028 2.6] */
static void expect_others_kept(struct __test_metadata *_metadata, struct test_vm *vm)
{
	expect_marked32(_metadata, vm->vcpu[0], "after the calls of this test", 4);
}

static struct test_vm *create_vm(unsigned int flags)
{
	struct test_vm *vm = guest32_vm_create(2, VM_PARKED | flags);

	mark32(vm->vcpu[0], 4);
	return vm;
}

FIXTURE_SETUP(calls)
{
	const char *missing =
		host_missing_features(FEAT_EL1_32) ?: host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	host_fw(&self->cfg);
	self->vm = create_vm(0);
}

FIXTURE_TEARDOWN(calls)
{
	test_vm_free(self->vm);
}

/* PSCI [DEN0022] */

/*
 * The oldest versions and the newest; psci_version_test has all of them. Each gets a VM of its
 * own, since nothing is promised of a late change.
 */
static const enum psci_version versions[] = { PSCI_0_1, PSCI_0_2, NR_PSCI_VERSIONS - 1 };

static enum psci_version set_version(FIXTURE_DATA(calls) * self, enum psci_version version)
{
	test_vm_free(self->vm);
	self->vm = create_vm(version == PSCI_0_1 ? VM_PSCI_0_1 : 0);
	/* Or the newest that this kernel has */
	while (version &&
	       __reg_set(self->vm->vcpu[0], ABI_PSCI_VERSION, psci_versions[version].value))
		version--;
	return version;
}

/* A negative result has 32 bits here, and 64 in the tables */
static u64 widened(u64 r)
{
	return (s32)r;
}

static void expect_psci32(struct __test_metadata *_metadata, struct test_vm *vm,
			  const FIXTURE_VARIANT(calls) * variant, enum psci_version version, u32 r0,
			  u32 r1, u64 want)
{
	const u64 wide[4] = { r0, r1 };
	const u32 in[4] = { r0, r1 };
	struct guest_result res;

	do_call(_metadata, vm, variant, CPSR_RESET, psci_call_str(variant->conduit, wide), in,
		&res);
	EXPECT_TRUE((u32)res.x[0] == (u32)want && !(u32)(res.x[1] | res.x[2] | res.x[3]))
	{
		TH_LOG("%s in %s: the answer is %s, R1 to R3 %#x %#x %#x",
		       psci_call_str(variant->conduit, wide), isa_str(variant->isa),
		       psci_answer_str(r0, widened(res.x[0])), (u32)res.x[1], (u32)res.x[2],
		       (u32)res.x[3]);
		TH_LOG("  expected %s and zeros%s", psci_answer_str(r0, want),
		       r0 & ABI_CALL_64 ? ": a 32-bit caller has no 64-bit functions"
					: psci_why(version, wide, want));
		count_failure(_metadata);
	}
}

static u32 event_of(u32 id)
{
	return id == ABI_PSCI_SYSTEM_OFF || id == ABI_PSCI_SYSTEM_OFF2 ? ABI_EVENT_SHUTDOWN
								       : ABI_EVENT_RESET;
}

static void expect_event32(struct __test_metadata *_metadata, struct test_vm *vm,
			   const FIXTURE_VARIANT(calls) * variant, const struct psci_function *row)
{
	const char *name = call_name(variant, row->name);
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	const u32 in[4] = { row->id };
	struct guest_result res;
	unsigned int i;

	prepare_call(vm, variant, CPSR_RESET, in);
	guest_run(vcpu, &res);
	EXPECT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_SYSTEM_EVENT &&
		    res.event == event_of(row->id))
	{
		TH_LOG("%s: the guest %s, R0 %s; expected KVM_EXIT_SYSTEM_EVENT, %s", name,
		       guest32_end_str(vcpu, &res), psci_result_str(widened(res.x[0])),
		       system_event_str(event_of(row->id)));
		count_failure(_metadata);
		return;
	}
	for (i = 0; i < 2; i++)
		expect_mp_state(_metadata, vm->vcpu[i], KVM_MP_STATE_STOPPED);
	/* A guest that is run again must not see the call succeed */
	mp_state_set(vcpu, KVM_MP_STATE_RUNNABLE);
	guest_run(vcpu, &res);
	expect_end32(_metadata, name, vcpu, &res);
	EXPECT_EQ((u32)ABI_PSCI_INTERNAL_FAILURE, (u32)res.x[0])
	{
		TH_LOG("%s, and the guest runs on: R0 is %s; expected INTERNAL_FAILURE", name,
		       psci_result_str(widened(res.x[0])));
	}
}

/* The vCPU stops inside KVM_RUN, and CPU_SUSPEND comes back, since an interrupt is pending */
static void expect_stops(struct __test_metadata *_metadata, struct test_vm *vm,
			 const FIXTURE_VARIANT(calls) * variant, const struct psci_function *row)
{
	bool suspend = row->id == ABI_PSCI_CPU_SUSPEND, stayed;
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	const u32 in[4] = { row->id };

	set_irq_line(_metadata, vcpu, suspend);
	prepare_call(vm, variant, CPSR_RESET, in);
	stayed = stays_in_kvm_run(_metadata, vcpu);
	EXPECT_EQ(!suspend, stayed)
	{
		TH_LOG("%s: the guest %s; expected it %s", call_name(variant, row->name),
		       stayed ? "waits in KVM_RUN" : "came back",
		       suspend ? "to come back, since an interrupt is pending" : "to wait");
		count_failure(_metadata);
	}
	if (suspend && !stayed)
		expect_r(_metadata, vcpu, "CPU_SUSPEND", 0, ABI_SUCCESS);
	if (!suspend)
		expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);
	set_irq_line(_metadata, vcpu, false);
	mp_state_set(vcpu, KVM_MP_STATE_RUNNABLE);
}

TEST_F(calls, psci_functions_are_those_of_the_version)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		enum psci_version v = set_version(self, versions[i]);

		for (n = 0; n < nr_psci_functions; n++) {
			const struct psci_function *row = &psci_functions[n];

			/* Without its capability SYSTEM_SUSPEND is not there in any version */
			if (row->effect == PSCI_ANSWERS || row->since > v ||
			    row->id == ABI_PSCI_SYSTEM_SUSPEND)
				expect_psci32(_metadata, self->vm, variant, v, row->id, 0,
					      psci_plain_answer(v, row->id));
			else if (row->effect == PSCI_EXITS)
				expect_event32(_metadata, self->vm, variant, row);
			else
				expect_stops(_metadata, self->vm, variant, row);
		}
		for (n = 0; n < nr_psci_functions; n++)
			expect_psci32(_metadata, self->vm, variant, v, ABI_PSCI_FEATURES,
				      psci_functions[n].id,
				      psci_features(v, psci_functions[n].id, false));
		expect_others_kept(_metadata, self->vm);
	}
}

TEST_F(calls, psci_functions_of_64_bit_are_not_supported)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		enum psci_version v = set_version(self, versions[i]);

		for (n = 0; n < nr_psci_functions; n++) {
			u32 id = psci_functions[n].id | ABI_CALL_64;

			expect_psci32(_metadata, self->vm, variant, v, id, 0, ABI_NOT_SUPPORTED);
			expect_psci32(_metadata, self->vm, variant, v, ABI_PSCI_FEATURES, id,
				      ABI_NOT_SUPPORTED);
		}
		expect_others_kept(_metadata, self->vm);
	}
}

/* Services [DEN0028, hypercalls.rst] */

static void expect_answer32(struct __test_metadata *_metadata, FIXTURE_DATA(calls) * self,
			    const FIXTURE_VARIANT(calls) * variant, const struct smccc_call *call,
			    const struct smccc_expect *want)
{
	const u32 in[4] = { call->id, call->arg };
	struct guest_result res;
	bool match = true;
	unsigned int n;

	do_call(_metadata, self->vm, variant, CPSR_RESET, call->name, in, &res);
	for (n = 0; n < 4; n++)
		match &= !(u32)((res.x[n] ^ want->val[n]) & want->mask[n]);
	EXPECT_TRUE(match)
	{
		TH_LOG("%s (R0 %#x, R1 %#x) with bitmaps %#lx %#lx %#lx %#lx",
		       call_name(variant, call->name), in[0], in[1], self->cfg.bmap[0],
		       self->cfg.bmap[1], self->cfg.bmap[2], self->cfg.bmap[3]);
		TH_LOG("  answered R0-R3 %#x %#x %#x %#x", (u32)res.x[0], (u32)res.x[1],
		       (u32)res.x[2], (u32)res.x[3]);
		TH_LOG("  expected       %#x %#x %#x %#x in the bits of %#x %#x %#x %#x%s",
		       (u32)want->val[0], (u32)want->val[1], (u32)want->val[2], (u32)want->val[3],
		       (u32)want->mask[0], (u32)want->mask[1], (u32)want->mask[2],
		       (u32)want->mask[3],
		       call->id & ABI_CALL_64 ? ": a 32-bit caller has no 64-bit functions" : "");
		count_failure(_metadata);
	}
}

static void expect_services32(struct __test_metadata *_metadata, FIXTURE_DATA(calls) * self,
			      const FIXTURE_VARIANT(calls) * variant)
{
	struct smccc_expect want;
	unsigned int i;

	fw_apply(self->vm->vcpu[0], &self->cfg);
	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		/*
		 * No document has what a 32-bit guest is told of a function that it cannot call;
		 * 64-bit calls have a test of their own
		 */
		if ((call->id | call->arg) & ABI_CALL_64)
			continue;
		smccc_expect(call, &self->cfg, self->vm->vcpu[0], variant->conduit, &want);
		expect_answer32(_metadata, self, variant, call, &want);
	}
	expect_others_kept(_metadata, self->vm);
}

TEST_F(calls, services_answer_in_32_bits)
{
	expect_services32(_metadata, self, variant);
}

TEST_F(calls, services_that_are_off_do_not_answer)
{
	fw_all_off(&self->cfg);
	expect_services32(_metadata, self, variant);
}

/* DEN0028: a 64-bit call from AArch32 is an unknown function, whatever the services are */
TEST_F(calls, services_of_64_bit_are_not_supported)
{
	struct smccc_expect want = {
		.val = { ABI_NOT_SUPPORTED },
		.mask = { ~0ULL, ~0ULL, ~0ULL, ~0ULL },
	};
	unsigned int i;

	/* With an address the calls of stolen time have something to answer */
	__set_stolen_time_ipa(self->vm->vcpu[0], stolen_time_ipa(0));
	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		if (!(call->id & ABI_CALL_64))
			continue;
		/* A kernel that does not serve SMC leaves R1 alone */
		want.mask[1] = variant->conduit == CONDUIT_SMC && !self->cfg.smc ? 0 : ~0ULL;
		expect_answer32(_metadata, self, variant, call, &want);
	}
}

/* Which level of the workarounds makes them callable is workarounds_test's */
TEST_F(calls, workarounds_keep_other_registers)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(smccc_workarounds); i++) {
		const u32 in[4] = { smccc_workarounds[i].id, marked32(1), marked32(2),
				    marked32(3) };
		struct guest_result res;

		do_call(_metadata, self->vm, variant, CPSR_RESET, "a workaround", in, &res);
		EXPECT_TRUE(!(u32)res.x[0] || (u32)res.x[0] == (u32)ABI_NOT_SUPPORTED)
		{
			TH_LOG("%s, %#x: R0 is %#x; expected 0 or NOT_SUPPORTED",
			       call_name(variant, "the workaround"), in[0], (u32)res.x[0]);
		}
		expect_others_kept(_metadata, self->vm);
	}
}

static u64 realtime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static u64 pair(u64 high, u64 low)
{
	return (u64)(u32)high << 32 | (u32)low;
}

/* ptp_kvm.rst: R0 and R1 are the time, R2 and R3 the counter */
TEST_F(calls, ptp_splits_time_and_counter)
{
	static const u64 counters[] = {
		[ABI_PTP_VIRTUAL] = ABI_REG_TIMER_CNT,
		[ABI_PTP_PHYSICAL] = ABI_REG_PTIMER_CNT,
	};
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 time[2], count[2], t, c;
	struct guest_result res;
	unsigned int i;

	if (!service_on(&self->cfg, SVC_PTP))
		SKIP(return, "this kernel has no PTP service");
	if (!self->cfg.counter_clock)
		SKIP(return, "this host does not keep time by its counter");
	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		const u32 in[4] = { ABI_KVM_PTP, i };

		/* Old kernels have no register for the physical counter */
		if (__reg_get(vcpu, counters[i], &count[0]))
			continue;
		time[0] = realtime_ns();
		do_call(_metadata, self->vm, variant, CPSR_RESET, "PTP", in, &res);
		time[1] = realtime_ns();
		count[1] = reg_get(vcpu, counters[i]);
		t = pair(res.x[0], res.x[1]);
		c = pair(res.x[2], res.x[3]);
		EXPECT_TRUE(t >= time[0] && t <= time[1] && c >= count[0] && c <= count[1])
		{
			TH_LOG("%s of the %s counter: R0:R1 %#lx, R2:R3 %#lx; expected a time from %#lx to %#lx and a count from %#lx to %#lx",
			       call_name(variant, "PTP"), i ? "physical" : "virtual", t, c, time[0],
			       time[1], count[0], count[1]);
		}
	}
}

/* HVC and SMC are there in all modes but User, and for a guest in either byte order */
TEST_F(calls, every_privileged_mode_calls)
{
	static const u32 modes[] = { CPSR_FIQ, CPSR_IRQ, CPSR_SVC, CPSR_ABT, CPSR_UND, CPSR_SYS };
	static const u32 others[] = { CPSR_AIF, CPSR_AIF | CPSR_E, CPSR_N | CPSR_Z, CPSR_C | CPSR_V,
				      CPSR_GE | CPSR_Q | CPSR_A };
	const u32 in[4] = { ABI_KVM_CALL_UID }, uid[4] = ABI_KVM_UID;
	struct guest_result res;
	unsigned int i, n;

	if (!service_on(&self->cfg, SVC_KVM_FEATURES))
		SKIP(return, "this kernel has no KVM features and UID service");
	for (i = 0; i < ARRAY_SIZE(modes) * ARRAY_SIZE(others); i++) {
		u32 cpsr = modes[i % ARRAY_SIZE(modes)] | others[i / ARRAY_SIZE(modes)], now;

		do_call(_metadata, self->vm, variant, cpsr, "CALL_UID", in, &res);
		for (n = 0; n < 4; n++)
			expect_r(_metadata, self->vm->vcpu[0], call_name(variant, "CALL_UID"), n,
				 uid[n]);
		now = reg_get(self->vm->vcpu[0], ABI_PSTATE);
		EXPECT_EQ(cpsr | (variant->isa == ISA_T32 ? CPSR_T : 0), now)
		{
			TH_LOG("CPSR after CALL_UID in %s mode and %s: %#x; expected %#x as before",
			       guest32_mode_str(cpsr), isa_str(variant->isa), now,
			       cpsr | (variant->isa == ISA_T32 ? CPSR_T : 0));
			count_failure(_metadata);
		}
	}
}

/* Calls that the SMCCC filter forwards [api.rst, KVM_EXIT_HYPERCALL] */

/* All instructions that call have 32 bits [Arm ARM F5.1], so that the flag 16BIT is not set */
static void expect_forwarding32(struct __test_metadata *_metadata, struct test_vm *vm,
				const FIXTURE_VARIANT(calls) * variant, u32 id, const u64 answer[4])
{
	const u32 in[4] = { id, marked32(1), marked32(2), marked32(3) };
	const char *name = call_name(variant, "a forwarded call");
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;
	unsigned int n;
	u64 pc;

	prepare_call(vm, variant, CPSR_RESET, in);
	guest_run(vcpu, &res);
	expect_forwarded(_metadata, vcpu, variant->conduit, id, &res);
	pc = reg_get(vcpu, ABI_PC);
	EXPECT_EQ(guest32_ipa() + 4, pc)
	{
		TH_LOG("%s at %#lx: PC is %#lx at the exit; expected the next instruction", name,
		       guest32_ipa(), pc);
		count_failure(_metadata);
	}
	for (n = 0; n < 4; n++)
		expect_r(_metadata, vcpu, name, n, in[n]);
	for (n = 0; n < 4; n++)
		vcpu_x_set(vcpu, n, answer[n]);
	guest_run(vcpu, &res);
	expect_end32(_metadata, name, vcpu, &res);
	for (n = 0; n < 4; n++)
		expect_r(_metadata, vcpu, "the VMM's answer to a forwarded call", n, answer[n]);
}

TEST_F(calls, filter_forwards_with_conduit_and_pc)
{
	static const u64 answers[][4] = {
		{ 0, 0, 0, 0 },
		{ ABI_NOT_SUPPORTED, 0, 0, 0 },
		{ 0x89abcdef, 0xfedcba98, 0x80000000, 0x7fffffff },
	};
	const char *missing = host_missing_filter();
	unsigned int i;

	if (missing)
		SKIP(return, "%s", missing);
	filter_add_all(self->vm, ABI_FILTER_FWD_TO_USER);
	for (i = 0; i < NR_PSCI_IDS; i++)
		expect_forwarding32(_metadata, self->vm, variant, psci_id(i),
				    answers[i % ARRAY_SIZE(answers)]);
	for (i = 0; i < nr_smccc_calls; i++)
		if (!filter_is_reserved(smccc_calls[i].id))
			expect_forwarding32(_metadata, self->vm, variant, smccc_calls[i].id,
					    answers[i % ARRAY_SIZE(answers)]);
	expect_others_kept(_metadata, self->vm);
}

TEST_F(calls, filter_denies)
{
	const char *missing = host_missing_filter();
	struct guest_result res;
	unsigned int i;

	if (missing)
		SKIP(return, "%s", missing);
	filter_add_all(self->vm, ABI_FILTER_DENY);
	for (i = 0; i < nr_smccc_calls; i++) {
		const u32 in[4] = { smccc_calls[i].id, 1, 2, 3 };
		unsigned int n;

		if (filter_is_reserved(in[0]))
			continue;
		do_call(_metadata, self->vm, variant, CPSR_RESET, "a denied call", in, &res);
		for (n = 0; n < 4; n++)
			expect_r(_metadata, self->vm->vcpu[0], call_name(variant, "a denied call"),
				 n, n ? 0 : (u32)ABI_NOT_SUPPORTED);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
