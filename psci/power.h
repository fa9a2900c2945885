/* SPDX-License-Identifier: GPL-2.0 */
/*
 * psci_version_test: turning vCPUs on and off, asking for it, and suspending.
 */

/* Any context id; a 32-bit call passes its lower half */
#define CONTEXT 0x1122334455667788ULL
#define GARBAGE (0xdeadbeefULL << 32)

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

static void expect_mp_state(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 want)
{
	u32 state = mp_state_get(vcpu);

	EXPECT_EQ(want, state)
	{
		TH_LOG("KVM_GET_MP_STATE of vCPU %u: %u; expected %u", vcpu->id, state, want);
	}
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

/* What a CPU_ON has to undo */
static void soil(struct kvm_vcpu *vcpu)
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
		TH_LOG("vCPU %u started with PSTATE %#lx; expected %#lx", cpu, pstate, want);
	}
	EXPECT_EQ(0, sctlr & 1)
	{
		TH_LOG("vCPU %u started with SCTLR_EL1 %#lx; expected its MMU off", cpu, sctlr);
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
		if (!self->vm->at_el2)
			soil(self->vm->vcpu[1]);
		expect_psci(_metadata, self->vcpu, variant->conduit, GARBAGE | id, upper | 1,
			    upper | guest_entry_ipa(), upper ? upper | context : context,
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
			u64 pc = reg_get(self->vm->vcpu[1], ABI_PC);

			expect_psci(_metadata, self->vcpu, variant->conduit, id, target,
				    guest_entry_ipa(), CONTEXT, want);
			EXPECT_EQ(pc, reg_get(self->vm->vcpu[1], ABI_PC));
		}
	}
}

/* Affinities that no vCPU of the VM has */
static const u64 absent_targets[] = { 2, 0xff, 0x100, 0x101, 0x10000, 0xffffff };
static const u64 absent_targets_64[] = { 1ULL << 32, 1ULL << 32 | 1, 0xffULL << 32 };

/* and those of vCPU 1 with a bit that "must be zero" [DEN0022 5.6] */
static const u64 reserved_targets[] = { 0x01000001, 0x02000001, 0x40000001, 0x80000001 };
static const u64 reserved_targets_64[] = { 1ULL << 40 | 1, 1ULL << 62 | 1, 1ULL << 63 | 1 };

static void expect_invalid_targets(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   const FIXTURE_VARIANT(psci) * variant, u32 id,
				   const u64 *targets, unsigned int nr)
{
	u64 x2 = psci_function(id) == psci_function(ABI_PSCI_AFFINITY_INFO) ? 0 : guest_entry_ipa();
	unsigned int n;

	for (n = 0; id && n < nr; n++)
		expect_psci(_metadata, vcpu, variant->conduit, id, targets[n], x2, 0,
			    ABI_PSCI_INVALID_PARAMETERS);
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

/* KVM_RUN of a vCPU that is off, or waits, comes back only by a signal */

static void interrupted(int sig)
{
	(void)sig;
}

/* Runs a vCPU for a time; returns whether it was inside KVM_RUN for all of it */
static bool runs_for(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, unsigned int ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };
	/* again and again, since the first may come before KVM_RUN has begun */
	const struct itimerval later = { time, time }, never = { 0 };
	struct sigaction action = { .sa_handler = interrupted };
	int ret;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &later, NULL));
	ret = ioctl(vcpu->fd, KVM_RUN, NULL);
	ret = ret ? errno : 0;
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
	return ret == EINTR;
}

static bool stays_in_kvm_run(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	return runs_for(_metadata, vcpu, 30);
}

/* Until the vCPU is off, since a busy machine may take its time to get to the call */
static void turn_off(struct __test_metadata *_metadata, const FIXTURE_VARIANT(psci) * variant,
		     struct kvm_vcpu *vcpu)
{
	const u64 in[8] = { cpu_off_id(variant->version) };
	unsigned int tries = 300;
	bool stays;

	guest_prepare_call(vcpu, variant->conduit, in);
	do {
		stays = stays_in_kvm_run(_metadata, vcpu);
	} while (stays && mp_state_get(vcpu) != KVM_MP_STATE_STOPPED && --tries);
	EXPECT_TRUE(stays)
	{
		TH_LOG("KVM_RUN of vCPU %u came back from CPU_OFF, exit reason %u", vcpu->id,
		       vcpu->run->exit_reason);
	}
	expect_mp_state(_metadata, vcpu, KVM_MP_STATE_STOPPED);
}

TEST_F(psci, cpu_off_stops_until_cpu_on)
{
	u32 on = cpu_on_id(variant->version, variant->version != PSCI_0_1);
	struct kvm_vcpu *other = self->vm->vcpu[1];

	expect_psci(_metadata, self->vcpu, variant->conduit, on, 1, guest_entry_ipa(), CONTEXT,
		    ABI_SUCCESS);
	expect_started(_metadata, self->vm, 1, CONTEXT);

	turn_off(_metadata, variant, self->vcpu);
	expect_mp_state(_metadata, other, KVM_MP_STATE_RUNNABLE);
	expect_psci(_metadata, other, variant->conduit, on, 0, guest_entry_ipa(), ~CONTEXT,
		    ABI_SUCCESS);
	expect_started(_metadata, self->vm, 0, ~CONTEXT);
}

/* AFFINITY_INFO [DEN0022 5.7] */

static void expect_affinity(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			    const FIXTURE_VARIANT(psci) * variant, u64 target, u64 level, u64 want)
{
	expect_psci(_metadata, vcpu, variant->conduit, ABI_PSCI_AFFINITY_INFO, GARBAGE | target,
		    GARBAGE | level, GARBAGE, want);
	expect_psci(_metadata, vcpu, variant->conduit, ABI_PSCI_AFFINITY_INFO | ABI_CALL_64, target,
		    level, 0, want);
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

	/* with the roles exchanged */
	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	expect_affinity(_metadata, self->vcpu, variant, 1, 0, ABI_PSCI_LEVEL_ON);
	turn_off(_metadata, variant, self->vcpu);
	for (n = 0; n <= 3; n++)
		expect_affinity(_metadata, self->vm->vcpu[1], variant, 0, n,
				n ? ABI_PSCI_LEVEL_ON : ABI_PSCI_LEVEL_OFF);
}

/* CPU_SUSPEND [DEN0022 5.4], which KVM makes a wait for an interrupt */

/* KVM_IRQ_LINE, a vCPU's own IRQ line [api.rst 4.25] */
static void set_irq_line(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			 bool level)
{
	struct kvm_irq_level line = { .irq = cpu << 16, .level = level };

	ASSERT_EQ(0, __vm_ioctl(vm->kvm, KVM_IRQ_LINE, &line));
}

/* CPU_SUSPEND, called before or now, comes back with success; false if it waits on */
static bool expect_wakes(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id,
			 const char *when)
{
	bool waits = runs_for(_metadata, vcpu, 2000);

	EXPECT_FALSE(waits)
	{
		TH_LOG("CPU_SUSPEND %#x waits for 2 s, although an interrupt %s", id, when);
	}
	if (waits)
		return false;
	EXPECT_TRUE(vcpu->run->exit_reason == KVM_EXIT_MMIO && x_get(vcpu, 0) == ABI_SUCCESS)
	{
		TH_LOG("CPU_SUSPEND %#x when an interrupt %s: exit reason %u, x0 %#lx; expected 6, 0",
		       id, when, vcpu->run->exit_reason, x_get(vcpu, 0));
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

		guest_prepare_call(self->vcpu, variant->conduit, in);
		EXPECT_TRUE(stays_in_kvm_run(_metadata, self->vcpu))
		{
			TH_LOG("CPU_SUSPEND %#x did not wait: exit reason %u", id,
			       self->vcpu->run->exit_reason);
		}
		set_irq_line(_metadata, self->vm, 0, true);
		if (!expect_wakes(_metadata, self->vcpu, id, "came"))
			break;
		guest_prepare_call(self->vcpu, variant->conduit, in);
		if (!expect_wakes(_metadata, self->vcpu, id, "was pending"))
			break;
		set_irq_line(_metadata, self->vm, 0, false);
	}
}
