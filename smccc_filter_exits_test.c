// SPDX-License-Identifier: GPL-2.0
/*
 * smccc_filter_exits_test: calls that the SMCCC filter forwards to user space, and the
 * answers of the VMM, with the discovery of CPU implementations among them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst             KVM_EXIT_HYPERCALL
 *   Documentation/virt/kvm/arm/hypercalls.rst  DISCOVER_IMPL_VER and _CPUS
 *   Arm DEN0028 (SMCCC)
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "expect.h"
#include "filter.h"
#include "filter_expect.h"
#include "guest.h"
#include "host.h"
#include "vm.h"

/* What a register other than the id, x19 and x20 holds when the guest calls */
static u64 marked(unsigned int n)
{
	return 0xa5a5a5a500000000ULL + n * 0x01010101ULL;
}

static void expect_vcpu_x(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id,
			  const char *when, unsigned int n, u64 want)
{
	u64 val = vcpu_x_get(vcpu, n);

	EXPECT_EQ(want, val)
	{
		TH_LOG("forwarded call %#x: x%u is %#lx %s; expected %#lx", id, n, val, when, want);
		count_failure(_metadata);
	}
}

/* The PC is at the instruction after the call, whose address is in x19 */
static void expect_pc(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id,
		      const char *when)
{
	u64 insn = vcpu_x_get(vcpu, 19);
	u64 pc = reg_get(vcpu, ABI_PC);

	EXPECT_EQ(insn + 4, pc)
	{
		TH_LOG("forwarded call %#x at %#lx: PC is %#lx %s; expected %#lx, the next instruction",
		       id, insn, pc, when, insn + 4);
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

	for (n = 1; n < 8; n++)
		in[n] = marked(n);
	for (n = 8; n <= 30; n++) {
		/* x19 and x20 are the guest's own */
		if (n != 19 && n != 20)
			vcpu_x_set(vcpu, n, marked(n));
	}
	guest_call(vcpu, conduit, in, &res);
	expect_forwarded(_metadata, vcpu, conduit, (u32)x0, &res);
	expect_pc(_metadata, vcpu, x0, "at the exit");
	expect_vcpu_x(_metadata, vcpu, x0, "at the exit", 0, x0);
	for (n = 1; n <= 30; n++) {
		if (n != 19 && n != 20)
			expect_vcpu_x(_metadata, vcpu, x0, "at the exit", n, marked(n));
	}

	for (n = 0; answer && n < 4; n++)
		vcpu_x_set(vcpu, n, answer[n]);
	expect_run_on(_metadata, vcpu, &res);
	for (n = 0; n < 4; n++)
		expect_vcpu_x(_metadata, vcpu, x0, "after the VMM's answer", n,
			      answer ? answer[n] : in[n]);
	for (n = 4; n <= 30; n++) {
		if (n != 19 && n != 20)
			expect_vcpu_x(_metadata, vcpu, x0, "after the VMM's answer", n, marked(n));
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
	const char *missing = host_missing_filter() ?: host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	host_fw(&self->cfg);
	self->vm = test_vm_create(1, 0, 0);
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
	struct guest_batch_call batch[2 * ARRAY_SIZE(ids)] = { 0 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i, n;

	/* with one that KVM answers between any two */
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		batch[2 * i].in[0] = ids[i];
		batch[2 * i + 1].in[0] = ABI_SMCCC_VERSION;
	}
	guest_call_batch(self->vm, 0, variant->conduit, batch, ARRAY_SIZE(batch), &res);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		expect_forwarded(_metadata, vcpu, variant->conduit, ids[i], &res);
		for (n = 0; n < 4; n++)
			vcpu_x_set(vcpu, n, answers[i][n]);
		guest_run(vcpu, &res);
	}
	expect_end(_metadata, "a batch of forwarded calls", &res);
	memcpy(batch, test_vm_ram(self->vm, VM_RAM_BATCH), sizeof(batch));
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const u64 version[4] = { ABI_SMCCC_VERSION_1_1 };

		expect_results(_metadata, "forwarded call", ids[i], batch[2 * i].out, answers[i]);
		expect_results(_metadata, "handled call", ABI_SMCCC_VERSION, batch[2 * i + 1].out,
			       version);
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
	expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE, &res);
	for (n = 0; n < 4; n++)
		vcpu_x_set(vcpu, n, answers[2][n]);
	vcpu->run->immediate_exit = 1;
	err = ioctl_err(ioctl(vcpu->fd, KVM_RUN, NULL));
	vcpu->run->immediate_exit = 0;
	expect_err(_metadata, "KVM_RUN with immediate_exit after forwarded call", FREE_BASE, -EINTR,
		   err);
	for (n = 0; n < 4; n++)
		expect_vcpu_x(_metadata, vcpu, FREE_BASE, "after immediate_exit", n, answers[2][n]);
	expect_pc(_metadata, vcpu, FREE_BASE, "after immediate_exit");
	expect_run_on(_metadata, vcpu, &res);
	expect_results(_metadata, "forwarded call", FREE_BASE, res.x, answers[2]);
}

/* The PC is the VMM's to set: it may have the guest make its call again */
TEST_F(forwarded, call_is_repeated_where_the_vmm_sets_pc_back)
{
	const u64 in[8] = { FREE_BASE };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i;

	guest_call(vcpu, variant->conduit, in, &res);
	for (i = 1; i <= 3; i++) {
		expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE + i - 1, &res);
		expect_pc(_metadata, vcpu, FREE_BASE + i - 1, "at the exit");
		vcpu_x_set(vcpu, 0, FREE_BASE + i);
		reg_set(vcpu, ABI_PC, vcpu_x_get(vcpu, 19));
		guest_run(vcpu, &res);
	}
	expect_forwarded(_metadata, vcpu, variant->conduit, FREE_BASE + 3, &res);
	expect_pc(_metadata, vcpu, FREE_BASE + 3, "at the exit");
	expect_run_on(_metadata, vcpu, &res);
}

/* One guest, both conduits */

FIXTURE(conduits)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(conduits)
{
	const char *missing = host_missing_filter() ?: host_missing_conduit(CONDUIT_HVC);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, 0);
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
	const char *missing = host_missing_filter() ?: host_missing_conduit(variant->conduit);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, VM_PSCI_0_1);
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
	struct guest_batch_call batch[NR_PSCI_0_1] = { 0 };
	struct guest_result res;
	unsigned int i;

	filter_add(self->vm, ABI_PSCI_0_1_CPU_SUSPEND, NR_PSCI_0_1, ABI_FILTER_DENY);
	for (i = 0; i < NR_PSCI_0_1; i++)
		batch[i].in[0] = ABI_PSCI_0_1_CPU_SUSPEND + i;
	guest_call_batch(self->vm, 0, variant->conduit, batch, NR_PSCI_0_1, &res);
	expect_end(_metadata, "denied PSCI 0.1 calls", &res);
	for (i = 0; i < NR_PSCI_0_1; i++)
		expect_results(_metadata, "denied PSCI 0.1 call", ABI_PSCI_0_1_CPU_SUSPEND + i,
			       batch[i].out, not_supported);
}

/* The discovery of CPU implementations, which the VMM answers [hypercalls.rst] */

/* A VM that can run on CPUs of two kinds: version 1.0, then MIDR, REVIDR and AIDR */
static const u64 impl_version[4] = { ABI_SUCCESS, 0x10000, 2, 0 };
static const u64 impl_cpus[][4] = {
	{ ABI_SUCCESS, 0x00000000413fd0c1, 0x0000000000000140, 0 },
	{ ABI_SUCCESS, 0x00000000481fd010, 0x8000000000000001, 0xffffffff00000001 },
	{ ~2ULL /* INVALID_PARAMETER */, 0, 0, 0 },
};

FIXTURE(discovery)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(discovery)
{
	u64 bits; /* of VENDOR_HYP_BMAP_2, for calls that KVM leaves to the VMM */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(discovery, announced) {
	.bits = ABI_VENDOR_HYP_2_IMPL_VER | ABI_VENDOR_HYP_2_IMPL_CPUS,
};
FIXTURE_VARIANT_ADD(discovery, half_announced) { .bits = ABI_VENDOR_HYP_2_IMPL_VER };
FIXTURE_VARIANT_ADD(discovery, not_announced) { .bits = 0 };
/* clang-format on */

FIXTURE_SETUP(discovery)
{
	const char *missing = host_missing_filter();

	host_fw(&self->cfg);
	if (variant->bits && !self->cfg.has_reg[BMAP_VENDOR_HYP_2])
		SKIP(return, "this kernel has no KVM_REG_ARM_VENDOR_HYP_BMAP_2");
	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, 0);
	if (self->cfg.has_reg[BMAP_VENDOR_HYP_2])
		self->cfg.bmap[BMAP_VENDOR_HYP_2] = variant->bits;
	fw_apply(self->vm->vcpu[0], &self->cfg);
	filter_add(self->vm, ABI_KVM_IMPL_VER, 2, ABI_FILTER_FWD_TO_USER);
}

FIXTURE_TEARDOWN(discovery)
{
	test_vm_free(self->vm);
}

/* The guest asks as hypercalls.rst has it: what there is, what kinds, and one too many */
TEST_F(discovery, is_answered_by_the_vmm)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i;

	expect_forwarding(_metadata, vcpu, guest_conduit(self->vm), ABI_KVM_IMPL_VER, impl_version);
	for (i = 0; i < ARRAY_SIZE(impl_cpus); i++) {
		const u64 in[8] = { ABI_KVM_IMPL_CPUS, i };
		struct guest_result res;
		unsigned int n;

		guest_call(vcpu, guest_conduit(self->vm), in, &res);
		expect_forwarded(_metadata, vcpu, guest_conduit(self->vm), ABI_KVM_IMPL_CPUS, &res);
		expect_pc(_metadata, vcpu, ABI_KVM_IMPL_CPUS, "at the exit");
		expect_vcpu_x(_metadata, vcpu, ABI_KVM_IMPL_CPUS, "at the exit", 1, i);
		for (n = 0; n < 4; n++)
			vcpu_x_set(vcpu, n, impl_cpus[i][n]);
		expect_run_on(_metadata, vcpu, &res);
		expect_results(_metadata, "DISCOVER_IMPL_CPUS", ABI_KVM_IMPL_CPUS, res.x,
			       impl_cpus[i]);
	}
}

/* KVM_FEATURES has the bits as configured; all other calls are as ever */
TEST_F(discovery, leaves_the_other_calls_to_kvm)
{
	static const u32 neighbours[] = { 0xc600003f, 0xc6000042, 0x86000040, 0x86000041 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		if (call->id == ABI_KVM_IMPL_VER || call->id == ABI_KVM_IMPL_CPUS)
			continue;
		guest_call(vcpu, guest_conduit(self->vm), in, &res);
		expect_end(_metadata, call->name, &res);
		expect_answer(_metadata, vcpu, guest_conduit(self->vm), call, &self->cfg, res.x);
	}
	for (i = 0; i < ARRAY_SIZE(neighbours); i++) {
		const u64 in[8] = { neighbours[i] };

		guest_call(vcpu, guest_conduit(self->vm), in, &res);
		expect_end(_metadata, "a call beside the forwarded ones", &res);
		expect_results(_metadata, "not forwarded call", neighbours[i], res.x,
			       not_supported);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
