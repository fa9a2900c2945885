/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smccc_filter_test: calls that are forwarded to user space, and what the VMM
 * makes of them [api.rst, KVM_EXIT_HYPERCALL].
 */

/* What a register other than the id, x19 and x20 holds when the guest calls */
static u64 marked(unsigned int n)
{
	return 0xa5a5a5a500000000ULL + n * 0x01010101ULL;
}

static void expect_reg(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id,
		       const char *when, unsigned int n, u64 want)
{
	u64 val = x_get(vcpu, n);

	EXPECT_EQ(want, val)
	{
		TH_LOG("forwarded call %#x: x%u is %#lx %s; expected %#lx", id, n, val, when, want);
		count_failure(_metadata);
	}
}

/* The vCPU stands behind a call that was forwarded, which is at insn */
static void expect_forwarded(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     enum conduit conduit, u32 id, const struct guest_result *res, u64 insn)
{
	u64 pc = reg_get(vcpu, ARM64_CORE_REG(regs.pc));
	u64 flags = conduit == CONDUIT_SMC ? ABI_HYPERCALL_EXIT_SMC : 0;

	ASSERT_TRUE(res->end == GUEST_EXIT && res->reason == KVM_EXIT_HYPERCALL)
	{
		TH_LOG("%s %#x: %s, KVM_EXIT reason %u, x0 %#lx; expected KVM_EXIT_HYPERCALL",
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", id, guest_end_str(res), res->reason,
		       res->x[0]);
	}
	EXPECT_TRUE(vcpu->run->hypercall.nr == id && vcpu->run->hypercall.flags == flags)
	{
		TH_LOG("%s %#x: KVM_EXIT_HYPERCALL with nr %#llx flags %#llx; expected nr %#x flags %#lx",
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", id, vcpu->run->hypercall.nr,
		       vcpu->run->hypercall.flags, id, flags);
		count_failure(_metadata);
	}
	EXPECT_EQ(insn + 4, pc)
	{
		TH_LOG("%s %#x at %#lx: PC is %#lx at the exit; expected the next instruction",
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", id, insn, pc);
		count_failure(_metadata);
	}
}

/*
 * One call from end to end: id, conduit and all registers at the exit; then what
 * the VMM writes to x0 to x3 is what the guest goes on with, and the rest stays.
 */
static void expect_forwarding(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      enum conduit conduit, u64 x0, const u64 answer[4])
{
	u64 in[8] = { x0 };
	struct guest_result res;
	unsigned int n;
	u64 insn;

	for (n = 1; n < 8; n++)
		in[n] = marked(n);
	for (n = 8; n <= 30; n++) {
		/* x19 and x20 are the guest's own */
		if (n != 19 && n != 20)
			x_set(vcpu, n, marked(n));
	}
	guest_call(vcpu, conduit, in, &res);
	insn = x_get(vcpu, 19);
	expect_forwarded(_metadata, vcpu, conduit, (u32)x0, &res, insn);
	expect_reg(_metadata, vcpu, x0, "at the exit", 0, x0);
	for (n = 1; n <= 30; n++) {
		if (n != 19 && n != 20)
			expect_reg(_metadata, vcpu, x0, "at the exit", n, marked(n));
	}

	for (n = 0; answer && n < 4; n++)
		x_set(vcpu, n, answer[n]);
	guest_run(vcpu, &res);
	expect_end(_metadata, "a forwarded call, run on", &res);
	for (n = 0; n < 4; n++)
		expect_reg(_metadata, vcpu, x0, "after the VMM's answer", n,
			   answer ? answer[n] : in[n]);
	for (n = 4; n <= 30; n++) {
		if (n != 19 && n != 20)
			expect_reg(_metadata, vcpu, x0, "after the VMM's answer", n, marked(n));
	}
}

static const u64 answers[][4] = {
	{ 0, 0, 0, 0 },
	{ ABI_NOT_SUPPORTED, 0, 0, 0 },
	{ 0x0123456789abcdef, 0xfedcba9876543210, 0x8000000000000000, 0x7fffffffffffffff },
	{ 0x84000050, ~0ULL, ~0ULL, ~0ULL },
};

FIXTURE(forwarded)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(forwarded)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(forwarded, hvc) { .conduit = CONDUIT_HVC };
FIXTURE_VARIANT_ADD(forwarded, smc) { .conduit = CONDUIT_SMC };
/* clang-format on */

FIXTURE_SETUP(forwarded)
{
	if (variant->conduit == CONDUIT_HVC && guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	fw_probe(&self->cfg);
	self->vm = test_vm_create(1, 0, 0);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
	filter_add_all(self->vm, ABI_FILTER_FWD_TO_USER);
}

FIXTURE_TEARDOWN(forwarded)
{
	test_vm_free(self->vm);
}

/* Every call of the table; KVM answers the reserved ones as the bitmaps say */
static void expect_services_forwarded(struct __test_metadata *_metadata, struct test_vm *vm,
				      enum conduit conduit, const struct fw_config *cfg)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;
	unsigned int i;

	fw_apply(vcpu, cfg);
	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		if (!filter_is_reserved(call->id)) {
			expect_forwarding(_metadata, vcpu, conduit, call->id,
					  answers[i % ARRAY_SIZE(answers)]);
			continue;
		}
		guest_call(vcpu, conduit, in, &res);
		expect_end(_metadata, call->name, &res);
		expect_answer(_metadata, vcpu, conduit, call, cfg, res.x);
	}
	expect_bitmaps(_metadata, vm, cfg);
}

TEST_F(forwarded, services_reach_user_space_though_enabled)
{
	fw_all_on(&self->cfg);
	expect_services_forwarded(_metadata, self->vm, variant->conduit, &self->cfg);
}

TEST_F(forwarded, services_reach_user_space_though_disabled)
{
	fw_all_off(&self->cfg);
	expect_services_forwarded(_metadata, self->vm, variant->conduit, &self->cfg);
}

/* No KVM_EXIT_SYSTEM_EVENT, and the vCPU runs on: all is left to the VMM */
TEST_F(forwarded, psci_calls_reach_user_space)
{
	unsigned int i;

	for (i = 0; i < NR_PSCI_IDS; i++)
		expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit, psci_id(i),
				  answers[i % ARRAY_SIZE(answers)]);
}

/* Both ends of each kind of call: yielding and fast, 32- and 64-bit */
static const u32 edge_ids[] = {
	0x00000000, 0x00000001, 0x04000050, 0x3fffffff, 0x40000000, 0x44000050, 0x7fffffff,
	0x80010000, 0x8600ffff, 0xbfffffff, 0xc0010000, 0xfffffffe, 0xffffffff,
};

TEST_F(forwarded, ids_of_every_kind_reach_user_space)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edge_ids); i++)
		expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit, edge_ids[i],
				  answers[i % ARRAY_SIZE(answers)]);
}

/* The function id is w0 alone [DEN0028 2.5]; x0 itself is not touched */
TEST_F(forwarded, upper_half_of_x0_is_not_in_the_id)
{
	static const u64 upper[] = { 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(edge_ids); i++) {
		for (j = 0; j < ARRAY_SIZE(upper); j++)
			expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit,
					  upper[j] | edge_ids[i], answers[j]);
	}
}

/* KVM has no answer of its own for a forwarded call */
TEST_F(forwarded, without_an_answer_the_registers_stay)
{
	expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit, ABI_TRNG_VERSION, NULL);
	expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit, FREE_BASE, NULL);
}

/* What the guest itself stores of x0 to x3, several calls on end */
TEST_F(forwarded, guest_sees_the_answers)
{
	static const u32 ids[] = { ABI_TRNG_VERSION, FREE_BASE, ABI_KVM_FEATURES, 0xffffffff };
	struct guest_row_call row[2 * ARRAY_SIZE(ids)] = { 0 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i, n;

	/* with one that KVM answers between any two */
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		row[2 * i].in[0] = ids[i];
		row[2 * i + 1].in[0] = ABI_SMCCC_VERSION;
	}
	guest_calls(self->vm, 0, variant->conduit, row, ARRAY_SIZE(row), &res);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_HYPERCALL);
		EXPECT_EQ(ids[i], vcpu->run->hypercall.nr);
		for (n = 0; n < 4; n++)
			x_set(vcpu, n, answers[i][n]);
		guest_run(vcpu, &res);
	}
	expect_end(_metadata, "a row of forwarded calls", &res);
	memcpy(row, test_vm_ram(self->vm, VM_RAM_ROW), sizeof(row));
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const u64 version[4] = { ABI_SMCCC_VERSION_1_1 };

		expect_x(_metadata, "forwarded call", ids[i], row[2 * i].out, answers[i]);
		expect_x(_metadata, "handled call", ABI_SMCCC_VERSION, row[2 * i + 1].out, version);
	}
}

/* KVM_RUN with immediate_exit completes the exit and lets no guest run */
TEST_F(forwarded, immediate_exit_changes_nothing)
{
	const u64 in[8] = { FREE_BASE, 1, 2, 3 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int n;
	int err;

	guest_call(vcpu, variant->conduit, in, &res);
	expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE, &res, x_get(vcpu, 19));
	for (n = 0; n < 4; n++)
		x_set(vcpu, n, answers[2][n]);
	vcpu->run->immediate_exit = 1;
	err = ioctl(vcpu->fd, KVM_RUN, NULL) ? -errno : 0;
	vcpu->run->immediate_exit = 0;
	expect_err(_metadata, "KVM_RUN with immediate_exit", 1, -EINTR, err);
	for (n = 0; n < 4; n++)
		expect_reg(_metadata, vcpu, FREE_BASE, "after immediate_exit", n, answers[2][n]);
	EXPECT_EQ(x_get(vcpu, 19) + 4, reg_get(vcpu, ARM64_CORE_REG(regs.pc)));
	guest_run(vcpu, &res);
	expect_end(_metadata, "a forwarded call, run on", &res);
	expect_x(_metadata, "forwarded call", FREE_BASE, res.x, answers[2]);
}

/* The PC is the VMM's to set: it may have the guest make its call again */
TEST_F(forwarded, call_is_repeated_where_the_vmm_sets_pc_back)
{
	const u64 in[8] = { FREE_BASE };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i;
	u64 insn;

	guest_call(vcpu, variant->conduit, in, &res);
	insn = x_get(vcpu, 19);
	for (i = 1; i <= 3; i++) {
		expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE + i - 1, &res, insn);
		x_set(vcpu, 0, FREE_BASE + i);
		reg_set(vcpu, ARM64_CORE_REG(regs.pc), insn);
		guest_run(vcpu, &res);
	}
	expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE + 3, &res, insn);
	guest_run(vcpu, &res);
	expect_end(_metadata, "a forwarded call, run on", &res);
}

/* One guest, both conduits */

FIXTURE(conduits)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(conduits)
{
	if (guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	self->vm = test_vm_create(1, 0, 0);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
	filter_add_all(self->vm, ABI_FILTER_FWD_TO_USER);
}

FIXTURE_TEARDOWN(conduits)
{
	test_vm_free(self->vm);
}

TEST_F(conduits, are_told_apart_at_each_exit)
{
	static const enum conduit conduits[] = { CONDUIT_HVC, CONDUIT_SMC, CONDUIT_SMC,
						 CONDUIT_HVC, CONDUIT_HVC, CONDUIT_SMC };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(conduits); i++)
		expect_forwarding(_metadata, self->vm->vcpu[0], conduits[i], FREE_BASE + i,
				  answers[i % ARRAY_SIZE(answers)]);
}

/* Without the vCPU feature PSCI_0_2 */

FIXTURE(psci_0_1)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(psci_0_1)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(psci_0_1, hvc) { .conduit = CONDUIT_HVC };
FIXTURE_VARIANT_ADD(psci_0_1, smc) { .conduit = CONDUIT_SMC };
/* clang-format on */

FIXTURE_SETUP(psci_0_1)
{
	if (variant->conduit == CONDUIT_HVC && guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	self->vm = test_vm_create(1, 0, VM_PSCI_0_1);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
}

FIXTURE_TEARDOWN(psci_0_1)
{
	test_vm_free(self->vm);
}

TEST_F(psci_0_1, calls_reach_user_space)
{
	unsigned int i;

	filter_add(self->vm, ABI_PSCI_0_1_CPU_SUSPEND, NR_PSCI_0_1, ABI_FILTER_FWD_TO_USER);
	for (i = 0; i < NR_PSCI_0_1; i++)
		expect_forwarding(_metadata, self->vm->vcpu[0], variant->conduit,
				  ABI_PSCI_0_1_CPU_SUSPEND + i, answers[i % ARRAY_SIZE(answers)]);
}

TEST_F(psci_0_1, calls_can_be_denied)
{
	struct guest_row_call row[NR_PSCI_0_1] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add(self->vm, ABI_PSCI_0_1_CPU_SUSPEND, NR_PSCI_0_1, ABI_FILTER_DENY);
	for (i = 0; i < NR_PSCI_0_1; i++)
		row[i].in[0] = ABI_PSCI_0_1_CPU_SUSPEND + i;
	guest_calls(self->vm, 0, variant->conduit, row, NR_PSCI_0_1, &res);
	expect_end(_metadata, "denied PSCI 0.1 calls", &res);
	for (i = 0; i < NR_PSCI_0_1; i++)
		expect_x(_metadata, "denied PSCI 0.1 call", ABI_PSCI_0_1_CPU_SUSPEND + i,
			 row[i].out, not_supported);
}
