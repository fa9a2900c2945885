/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of the firmware registers that belong to the whole VM. For *_test.c alone, like
 * expect.h.
 */
#ifndef GUEST_ABI_VM_WIDE_EXPECT_H
#define GUEST_ABI_VM_WIDE_EXPECT_H

#include "expect.h"
#include "vm_wide.h"

/* fw_wide_init() for a test, which ends if KVM does not take its own PSCI version */
static inline void fw_wide_setup(struct __test_metadata *_metadata, struct fw_wide_state *state)
{
	fw_wide_init(state);
	ASSERT_TRUE(fw_wide_is_legal(state, FW_WIDE_PSCI_VERSION, state->psci_version))
	{
		TH_LOG("KVM_REG_ARM_PSCI_VERSION is %#lx at reset and cannot be set to it; expected one of psci_versions[]",
		       state->psci_version);
	}
}

/* All vCPUs read one register as the state says */
static inline void expect_wide_get(struct __test_metadata *_metadata, struct test_vm *vm,
				   const struct fw_wide_state *state, unsigned int reg)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		expect_get(_metadata, vm->vcpu[i], fw_wide_reg(reg), fw_wide_get(state, reg));
}

/* All vCPUs read all registers as the state says */
static inline void expect_wide_state(struct __test_metadata *_metadata, struct test_vm *vm,
				     const struct fw_wide_state *state)
{
	unsigned int reg;

	for (reg = 0; reg < NR_FW_WIDE; reg++) {
		if (state->nr_values[reg])
			expect_wide_get(_metadata, vm, state, reg);
	}
}

/* What the state says can be written */
static inline void expect_wide_set(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   const struct fw_wide_state *state, unsigned int reg)
{
	u64 val = fw_wide_get(state, reg);

	expect_set(_metadata, vcpu, fw_wide_reg(reg), val, 0, val);
}

/* Another value is EBUSY since a vCPU has run, and changes nothing */
static inline void expect_wide_busy(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				    const struct fw_wide_state *state, unsigned int reg, u64 val)
{
	expect_set(_metadata, vcpu, fw_wide_reg(reg), val, -EBUSY, fw_wide_get(state, reg));
}

/* @x is what the state has KVM answer to a query */
static inline void expect_query(struct __test_metadata *_metadata, struct test_vm *vm,
				unsigned int cpu, const struct fw_wide_state *state,
				unsigned int query, const u64 x[4])
{
	const struct smccc_call call = fw_wide_query(state, query);

	expect_answer(_metadata, vm->vcpu[cpu], guest_conduit(vm), &call, &state->cfg, x);
}

/* The guest of a vCPU sees what the state says */
static inline void expect_guest_sees(struct __test_metadata *_metadata, struct test_vm *vm,
				     unsigned int cpu, const struct fw_wide_state *state)
{
	struct guest_batch_call batch[FW_WIDE_NR_QUERIES] = { 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < FW_WIDE_NR_QUERIES; i++) {
		const struct smccc_call call = fw_wide_query(state, i);

		batch[i].in[0] = call.id;
		batch[i].in[1] = call.arg;
	}
	guest_call_batch(vm, cpu, guest_conduit(vm), batch, FW_WIDE_NR_QUERIES, &res);
	expect_end(_metadata, "the calls whose answers depend on the registers", &res);
	for (i = 0; i < FW_WIDE_NR_QUERIES; i++)
		expect_query(_metadata, vm, cpu, state, i, batch[i].out);
}

static inline void expect_guests_see(struct __test_metadata *_metadata, struct test_vm *vm,
				     const struct fw_wide_state *state)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		expect_guest_sees(_metadata, vm, i, state);
}

#endif /* GUEST_ABI_VM_WIDE_EXPECT_H */
