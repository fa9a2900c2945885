// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_reset_test: what KVM_ARM_VCPU_INIT leaves in the registers of a fresh vCPU, and of one
 * whose registers had other values, as user space and as the guest find them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.82  KVM_ARM_VCPU_INIT, "The initial values"
 *   Arm ARM D24                          fields that a warm reset sets
 *
 * For each combination of vCPU features that the host has.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest.h"
#include "reg_history.h"
#include "vcpu_init.h"
#include "vm.h"
#include "vm_config.h"

/* clang-format off */

/* PSTATE: flags, D, A, I, F, and the level or the AArch32 mode [Arm ARM C5.2.19] */
#define FLAGS		0xf0000000ULL
#define AIF		0x1c0ULL
#define DAIF		0x3c0ULL
#define MODE_EL1T	0x4ULL
#define MODE_EL1H	0x5ULL
#define MODE_EL2H	0x9ULL
#define MODE_FIQ	0x11ULL
#define MODE_SVC	0x13ULL

/*
 * What has to be zero, and whose. A warm reset sets these fields at the level that it goes to
 * and leaves most others UNKNOWN [Arm ARM D24], a timer's control register among them: that is
 * zero on ARMv7, and a guest whose timer is on gets an interrupt that it did not ask for.
 */
static const struct {
	u64 id;
	u64 mask;
	u32 with, without; /* vCPU features */
	const char *fields;
} zero_fields[] = {
	{ ABI_SCTLR_EL1, BIT(0) | BIT(2) | BIT(12), 0, FEAT_EL2, "M, C and I" },
	{ ABI_SCTLR_EL2, BIT(0) | BIT(2) | BIT(12), FEAT_EL2, 0, "M, C and I" },
	{ ABI_HCR_EL2, BIT(0) | BIT(27), FEAT_EL2, 0, "VM and TGE" },
	{ ABI_MDSCR_EL1, BIT(0) | BIT(13) | BIT(15), 0, 0, "SS, KDE and MDE" },
	{ ABI_PMCR_EL0, BIT(0), FEAT_PMU, 0, "E" },
	{ ABI_CNTV_CTL_EL0, BIT(0) | BIT(1), 0, 0, "ENABLE and IMASK" },
	{ ABI_CNTP_CTL_EL0, BIT(0) | BIT(1), 0, 0, "ENABLE and IMASK" },
};

/* clang-format on */

/* A vCPU just as KVM_ARM_VCPU_INIT made it, and what its registers have then */
struct fresh {
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
	u32 features;
	struct kvm_reg_list *list;
	struct reg_value *reg; /* list->n of them */
};

/*
 * What may outlive KVM_ARM_VCPU_INIT: firmware and ID registers, which are the VM's and have
 * tests of their own; counters, which go on; the compare values, which a warm reset leaves
 * UNKNOWN and KVM leaves alone.
 */
static bool may_outlive_init(u64 id)
{
	switch (reg_coproc(id)) {
	case ABI_COPROC_FW:
	case ABI_COPROC_FW_BMAP:
	case ABI_COPROC_DEMUX:
		return true;
	}
	switch (id) {
	case ABI_REG_SYS(3, 0, 0, 0, 0)... ABI_REG_SYS(3, 0, 0, 15, 7):
	case ABI_REG_SYS(3, 1, 0, 0, 0)... ABI_REG_SYS(3, 1, 0, 15, 7):
	case ABI_REG_SYS(3, 3, 0, 0, 0)... ABI_REG_SYS(3, 3, 0, 15, 7):
	case ABI_REG_SVE_VLS:
	case ABI_REG_TIMER_CNT:
	case ABI_REG_PTIMER_CNT:
	case ABI_REG_TIMER_CVAL:
	case ABI_CNTP_CVAL_EL0:
	case ABI_CNTHP_CVAL_EL2:
	case ABI_CNTHV_CVAL_EL2:
		return true;
	}
	return false;
}

/* Without what depends on a compare value and the time: ISTATUS of the timers */
static void get_comparable(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id,
			   struct reg_value *value)
{
	int err;

	memset(value, 0, sizeof(*value));
	value->id = id;
	err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, value->val);
	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_GET_ONE_REG %s, %#lx: %s; expected 0, since it is listed", reg_name(id),
		       id, err_str(err));
	}
	switch (id) {
	case ABI_CNTV_CTL_EL0:
	case ABI_CNTP_CTL_EL0:
	case ABI_CNTHP_CTL_EL2:
	case ABI_CNTHV_CTL_EL2:
		value->val[0] &= ~BIT(2);
	}
}

static void fresh_save(struct __test_metadata *_metadata, struct fresh *fresh,
		       struct kvm_vcpu *vcpu)
{
	u64 i;

	for (i = 0; i < fresh->list->n; i++)
		get_comparable(_metadata, vcpu, fresh->list->reg[i], &fresh->reg[i]);
}

static void fresh_create(struct __test_metadata *_metadata, struct fresh *fresh,
			 const struct vm_config *config)
{
	fresh->kvm = bare_vm_create(0);
	if (config->flags & VM_MTE)
		vm_enable_cap(fresh->kvm, KVM_CAP_ARM_MTE, 0);
	fresh->vcpu = __vm_vcpu_add(fresh->kvm, 0);
	fresh->features = config->features;
	if (!(config->flags & VM_PSCI_0_1))
		fresh->features |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	ASSERT_EQ(0, __vcpu_init(fresh->vcpu, fresh->features));
	if (fresh->features & FEAT_SVE)
		ASSERT_EQ(0, __test_vcpu_finalize(fresh->vcpu, KVM_ARM_VCPU_SVE));
	fresh->list = vcpu_get_reg_list(fresh->vcpu);
	fresh->reg = calloc(fresh->list->n, sizeof(*fresh->reg));
	ASSERT_NE(NULL, fresh->reg);
	fresh_save(_metadata, fresh, fresh->vcpu);
}

static void fresh_free(struct fresh *fresh)
{
	free(fresh->reg);
	free(fresh->list);
	if (fresh->kvm)
		kvm_vm_free(fresh->kvm);
}

static u64 reset_pstate(u32 features)
{
	if (features & FEAT_EL1_32)
		return AIF | MODE_SVC;
	return DAIF | (features & FEAT_EL2 ? MODE_EL2H : MODE_EL1H);
}

/*
 * Where the documents have what a register is after KVM_ARM_VCPU_INIT, and the value in
 * @want; NULL if they leave it open
 */
static const char *documented(u64 id, u32 features, struct reg_value *want)
{
	unsigned int num = id & 0xffff;

	memset(want, 0, sizeof(*want));
	want->id = id;
	if (id == ABI_PSTATE) {
		*(u64 *)want->val = reset_pstate(features);
		return "Processor state [api.rst 4.82]";
	}
	if (reg_coproc(id) == ABI_COPROC_SVE)
		return "since SVE registers are set to 0 [api.rst 4.82]";
	if (reg_coproc(id) != ABI_COPROC_CORE)
		return NULL;
	/* SP_EL1 is what SP names in EL1h */
	if (num <= ABI_CORE_PC ||
	    (num == ABI_CORE_SP_EL1 && !(features & (FEAT_EL1_32 | FEAT_EL2))))
		return "since general purpose registers, PC and SP are set to 0 [api.rst 4.82]";
	if (num >= ABI_CORE_V0)
		return "since FPSIMD/NEON registers are set to 0 [api.rst 4.82]";
	return NULL;
}

static void expect_zero_fields(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			       const struct fresh *fresh, const char *when)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(zero_fields); i++) {
		u64 val;

		/* Old kernels do not list all timers */
		if ((fresh->features & zero_fields[i].with) != zero_fields[i].with ||
		    fresh->features & zero_fields[i].without ||
		    !reg_list_count(fresh->list, zero_fields[i].id))
			continue;
		val = reg_get(vcpu, zero_fields[i].id);
		EXPECT_EQ(0, val & zero_fields[i].mask)
		{
			TH_LOG("%s %s: %#lx; expected zero in %s, %#lx",
			       reg_name(zero_fields[i].id), when, val, zero_fields[i].fields,
			       zero_fields[i].mask);
			count_failure(_metadata);
		}
	}
}

/* EL1's registers for exceptions, which are core registers by their ids and have a test below */
static bool is_for_exceptions(u64 id)
{
	return id == ABI_REG_CORE_U64(ABI_CORE_SP_EL1) ||
	       id == ABI_REG_CORE_U64(ABI_CORE_ELR_EL1) || id == ABI_REG_CORE_U64(ABI_CORE_SPSR);
}

static void expect_reset_reg(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     const struct reg_value *fresh, u32 features, const char *when)
{
	struct reg_value value, want;
	const char *why = documented(fresh->id, features, &want);

	get_comparable(_metadata, vcpu, fresh->id, &value);
	if (!why) {
		want = *fresh;
		why = "as a fresh vCPU has it, since system registers are reset [api.rst 4.82]";
	}
	EXPECT_TRUE(same_bytes(value.val, want.val, sizeof(value.val)))
	{
		TH_LOG("%s, %#lx, %s: %s; expected %s, %s", reg_name(value.id), value.id, when,
		       reg_value_str(&value), reg_value_str(&want), why);
		count_failure(_metadata);
	}
}

/* All registers of a vCPU just after KVM_ARM_VCPU_INIT */
static void expect_reset(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			 const struct fresh *fresh, const char *when)
{
	u64 i;

	for (i = 0; i < fresh->list->n; i++)
		if (!may_outlive_init(fresh->reg[i].id) && !is_for_exceptions(fresh->reg[i].id))
			expect_reset_reg(_metadata, vcpu, &fresh->reg[i], fresh->features, when);
	expect_zero_fields(_metadata, vcpu, fresh, when);
}

/* The @n-th value to try that a register does not have at reset; false if there is no more */
static bool other_value(const struct reg_value *reset, u32 features, unsigned int n,
			struct reg_value *value)
{
	unsigned int size = reg_bytes(reset->id), i;

	*value = *reset;
	if (n > 8 * sizeof(u64))
		return false;
	if (reset->id == ABI_PSTATE) {
		*(u64 *)value->val = FLAGS | (features & FEAT_EL1_32 ? MODE_FIQ : MODE_EL1T);
	} else if (n) {
		value->val[(n - 1) / 8] ^= 1 << (n - 1) % 8;
	} else {
		/* KVM cuts core registers of a 32-bit guest to 32 bits */
		if (features & FEAT_EL1_32 && size == 8 && reg_coproc(reset->id) == ABI_COPROC_CORE)
			size = 4;
		for (i = 0; i < size; i++)
			value->val[i] = 0xa1 + 29 * i + reset->id;
	}
	return true;
}

/* Returns whether the register now has another value than at reset */
static bool change_reg(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		       const struct reg_value *reset, u32 features)
{
	struct reg_value value;
	unsigned int n;

	for (n = 0; other_value(reset, features, n, &value); n++) {
		if (__reg_ioctl(vcpu, KVM_SET_ONE_REG, reset->id, value.val))
			continue;
		get_comparable(_metadata, vcpu, reset->id, &value);
		if (!same_bytes(value.val, reset->val, sizeof(value.val)))
			return true;
	}
	return false;
}

#define MIN_CHANGED_SYS_REGS 20

/*
 * Give every register a value that it does not have at reset. That of a system register may be
 * fixed, that of others not.
 */
static void change_all(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		       const struct fresh *fresh)
{
	unsigned int changed = 0;
	u64 i;

	for (i = 0; i < fresh->list->n; i++) {
		const struct reg_value *reg = &fresh->reg[i];
		bool done;

		if (may_outlive_init(reg->id))
			continue;
		done = change_reg(_metadata, vcpu, reg, fresh->features);
		if (reg_coproc(reg->id) == ABI_COPROC_SYS) {
			changed += done;
			continue;
		}
		EXPECT_TRUE(done)
		{
			TH_LOG("%s, %#lx, takes no other value than %s", reg_name(reg->id), reg->id,
			       reg_value_str(reg));
			count_failure(_metadata);
		}
	}
	EXPECT_LE(MIN_CHANGED_SYS_REGS, changed)
	{
		TH_LOG("%u system registers take another value than at reset; expected %u or more",
		       changed, MIN_CHANGED_SYS_REGS);
	}
}

FIXTURE(reset)
{
	struct fresh fresh;
	struct test_vm *vm;
};

FIXTURE_VARIANT(reset)
{
	enum config_id config;
};

CONFIG_VARIANTS(reset);

FIXTURE_SETUP(reset)
{
	const struct vm_config *config = &vm_configs[variant->config];
	const char *missing = config_missing(config);

	if (missing)
		SKIP(return, "%s", missing);
	fresh_create(_metadata, &self->fresh, config);
}

FIXTURE_TEARDOWN(reset)
{
	fresh_free(&self->fresh);
	test_vm_free(self->vm);
}

TEST_F(reset, registers_are_reset_whatever_they_were)
{
	struct fresh *fresh = &self->fresh;

	expect_reset(_metadata, fresh->vcpu, fresh, "on a fresh vCPU");
	change_all(_metadata, fresh->vcpu, fresh);
	ASSERT_EQ(0, __vcpu_init(fresh->vcpu, fresh->features));
	expect_reset(_metadata, fresh->vcpu, fresh, "after another value and KVM_ARM_VCPU_INIT");
}

/* A32: mrs r2, cpsr; str r2, [r1]; for ever */
static const u32 code_32[] = { 0xe10f2000, 0xe5812000, 0xeafffffc };

static void run_32(struct __test_metadata *_metadata, struct test_vm *vm, struct guest_result *res)
{
	vcpu_x_set(vm->vcpu[0], 1, VM_EXIT_PORT);
	reg_set(vm->vcpu[0], ABI_PC, VM_RAM_DATA);
	guest_run(vm->vcpu[0], res);
	expect_end(_metadata, "a store by a 32-bit guest", res);
}

/* The guest's view: what it enters with */
static void expect_guest_32(struct __test_metadata *_metadata, struct test_vm *vm)
{
	struct guest_result res;
	unsigned int i;

	run_32(_metadata, vm, &res);
	EXPECT_EQ(reset_pstate(vm->features), res.x[2])
	{
		TH_LOG("CPSR as the guest finds it after KVM_ARM_VCPU_INIT: %#lx; expected %#lx, SVC with A, I and F [api.rst 4.82]",
		       res.x[2], reset_pstate(vm->features));
	}
	for (i = 0; i < 31; i++) {
		u64 x = vcpu_x_get(vm->vcpu[0], i);

		EXPECT_TRUE(!x || i == 1 || i == 2)
		{
			TH_LOG("X%u as the guest finds it after KVM_ARM_VCPU_INIT: %#lx; expected 0 [api.rst 4.82]",
			       i, x);
		}
	}
}

static void expect_guest_64(struct __test_metadata *_metadata, struct test_vm *vm)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;
	struct guest_state state;
	unsigned int i;

	guest_enter(vm, 0);
	guest_state(vcpu, &state, &res);
	expect_end(_metadata, "a look at its state", &res);
	EXPECT_EQ(reset_pstate(vm->features), state.pstate)
	{
		TH_LOG("PSTATE as the guest finds it after KVM_ARM_VCPU_INIT: %#lx; expected %#lx, the level it starts at with D, A, I and F [api.rst 4.82]",
		       state.pstate, reset_pstate(vm->features));
	}
	EXPECT_EQ(0, state.v[0] | state.v[1] | state.fp)
	{
		TH_LOG("V0 to V31, ORed, and FPSR | FPCR as the guest finds them after KVM_ARM_VCPU_INIT: %016lx%016lx, %#lx; expected 0 [api.rst 4.82]",
		       state.v[1], state.v[0], state.fp);
	}
	/* X19 and X20 are the guest's own */
	for (i = 0; i < 31; i++) {
		u64 x = vcpu_x_get(vcpu, i);

		EXPECT_TRUE(!x || (i >= 19 && i <= 25))
		{
			TH_LOG("X%u as the guest finds it after KVM_ARM_VCPU_INIT: %#lx; expected 0 [api.rst 4.82]",
			       i, x);
		}
	}
}

/* As a VMM reboots a VM: its vCPU has run, and runs again */
TEST_F(reset, registers_are_reset_after_a_run_and_the_guest_finds_them_so)
{
	const struct vm_config *config = &vm_configs[variant->config];
	struct guest_result res;
	struct kvm_vcpu *vcpu;

	self->vm = config_vm(variant->config, 0);
	vcpu = self->vm->vcpu[0];
	if (config->features & FEAT_EL1_32) {
		memcpy(test_vm_ram(self->vm, VM_RAM_DATA), code_32, sizeof(code_32));
		run_32(_metadata, self->vm, &res);
	} else {
		guest_load(vcpu, VM_RAM_DATA, 8, &res);
		expect_end(_metadata, "a load", &res);
	}
	test_vcpu_complete(vcpu);

	/* The first run decides which bits of a guest with EL2 are RES0 and RES1 */
	if (config->features & FEAT_EL2) {
		ASSERT_EQ(0, __vcpu_init(vcpu, self->fresh.features));
		fresh_save(_metadata, &self->fresh, vcpu);
	}
	change_all(_metadata, vcpu, &self->fresh);
	ASSERT_EQ(0, __vcpu_init(vcpu, self->fresh.features));
	expect_reset(_metadata, vcpu, &self->fresh,
		     "after a run, another value and KVM_ARM_VCPU_INIT");
	if (config->features & FEAT_EL1_32)
		expect_guest_32(_metadata, self->vm);
	else
		expect_guest_64(_metadata, self->vm);
}

/* What depends on the level or width that the vCPU starts at */
FIXTURE(level)
{
	struct fresh fresh;
	struct test_vm *vm;
};

FIXTURE_VARIANT(level)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(level, el1) { CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(level, el1_32) { CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(level, el2) { CONFIG_EL2 };
/* clang-format on */

FIXTURE_SETUP(level)
{
	const struct vm_config *config = &vm_configs[variant->config];
	const char *missing = config_missing(config);

	if (missing)
		SKIP(return, "%s", missing);
	fresh_create(_metadata, &self->fresh, config);
}

FIXTURE_TEARDOWN(level)
{
	fresh_free(&self->fresh);
	test_vm_free(self->vm);
}

static void change_exception_regs(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				  const struct fresh *fresh)
{
	u64 i;

	for (i = 0; i < fresh->list->n; i++)
		if (is_for_exceptions(fresh->reg[i].id))
			ASSERT_TRUE(change_reg(_metadata, vcpu, &fresh->reg[i], fresh->features));
}

/*
 * SP_EL1, ELR_EL1 and SPSR_EL1. api.rst 4.82 has SP as 0, which is SP_EL1 for a guest that
 * starts in EL1h. A warm reset leaves the other two UNKNOWN.
 */
TEST_F(level, exception_registers_of_el1_are_reset)
{
	struct fresh *fresh = &self->fresh;
	u64 i;

	change_exception_regs(_metadata, fresh->vcpu, fresh);
	ASSERT_EQ(0, __vcpu_init(fresh->vcpu, fresh->features));
	for (i = 0; i < fresh->list->n; i++)
		if (is_for_exceptions(fresh->reg[i].id))
			expect_reset_reg(_metadata, fresh->vcpu, &fresh->reg[i], fresh->features,
					 "after another value and KVM_ARM_VCPU_INIT");
}

/* SP is that of the level which the guest starts at */
TEST_F(level, guest_finds_sp_zero)
{
	struct guest_state state;
	struct guest_result res;

	if (variant->config == CONFIG_EL1_32)
		SKIP(return, "a 32-bit guest has its SP in X19, which is reset with the others");
	self->vm = config_vm(variant->config, 0);
	change_exception_regs(_metadata, self->vm->vcpu[0], &self->fresh);
	ASSERT_EQ(0, __vcpu_init(self->vm->vcpu[0], self->fresh.features));
	guest_enter(self->vm, 0);
	guest_state(self->vm->vcpu[0], &state, &res);
	expect_end(_metadata, "a look at its state", &res);
	EXPECT_EQ(0, state.sp)
	{
		TH_LOG("SP as the guest finds it after KVM_ARM_VCPU_INIT: %#lx; expected 0, since general purpose registers, PC and SP are set to 0 [api.rst 4.82]",
		       state.sp);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
