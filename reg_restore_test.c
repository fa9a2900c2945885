// SPDX-License-Identifier: GPL-2.0
/*
 * reg_restore_test: a VMM that saves every listed register and restores it without knowing
 * what it is.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69  KVM_SET_ONE_REG, KVM_GET_ONE_REG
 *   Documentation/virt/kvm/api.rst 4.82, 4.84  KVM_ARM_VCPU_INIT, KVM_GET_REG_LIST
 *   Arm ARM D12.2.2                            the counters of a guest at EL2
 *
 * For each combination of vCPU features that the host has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest.h"
#include "guest_regs.h"
#include "host_counter.h"
#include "reg_history.h"
#include "vm.h"
#include "vm_config.h"
#include "vmm/models.h"

/* Registers whose own value cannot be written back */
static const struct fixed_reg {
	u64 id;
	int err;
	const char *reason;
} fixed_regs[] = {
	{ ABI_REG_SVE_VLS, -EPERM, "since KVM_ARM_VCPU_FINALIZE fixed it [api.rst 4.68]" },
};

static const struct fixed_reg *fixed_reg(u64 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed_regs); i++)
		if (fixed_regs[i].id == id)
			return &fixed_regs[i];
	return NULL;
}

/* Registers that a write of another one changes */
static const struct {
	u64 id;
	const char *reason;
} dependent_regs[] = {
	{ ABI_PMINTENSET_EL1, "PMINTENSET_EL1 is PMINTENCLR_EL1" },
	{ ABI_PMINTENCLR_EL1, "PMINTENCLR_EL1 is PMINTENSET_EL1" },
	{ ABI_PMCNTENSET_EL0, "PMCNTENSET_EL0 is PMCNTENCLR_EL0" },
	{ ABI_PMCNTENCLR_EL0, "PMCNTENCLR_EL0 is PMCNTENSET_EL0" },
	{ ABI_PMOVSSET_EL0, "PMOVSSET_EL0 is PMOVSCLR_EL0" },
	{ ABI_PMOVSCLR_EL0, "PMOVSCLR_EL0 is PMOVSSET_EL0" },
	{ ABI_CNTP_CTL_EL0, "CNTP_CTL_EL0.ISTATUS compares CNTP_CVAL_EL0" },
	{ ABI_CNTV_CTL_EL0, "CNTV_CTL_EL0.ISTATUS compares CNTV_CVAL_EL0" },
	{ ABI_PMCR_EL0, "PMCR_EL0.N is MDCR_EL2.HPMN below EL2" },
};

/* PMCR_EL0 depends on another register only where there is an EL2 */
static bool is_dependent(struct test_vm *vm, u64 id)
{
	unsigned int i;

	if (id == ABI_PMCR_EL0 && !vm->at_el2)
		return false;
	for (i = 0; i < ARRAY_SIZE(dependent_regs); i++)
		if (dependent_regs[i].id == id)
			return true;
	return false;
}

/* The orders in which registers are written */
enum order {
	/* As listed: Firecracker [src/vmm/src/arch/aarch64/vcpu.rs], Cloud Hypervisor */
	ORDER_LIST,
	ORDER_REVERSE,
	/* By id, then core and SVE registers: QEMU, see lib/vmm/models.c */
	ORDER_QEMU,
	/* Any order */
	ORDER_SHUFFLED,
	ORDER_SHUFFLED_AGAIN,
	NR_ORDERS
};

static const char *const order_names[NR_ORDERS] = {
	[ORDER_LIST] = "the list's order",
	[ORDER_REVERSE] = "reverse order",
	[ORDER_QEMU] = "QEMU's order",
	[ORDER_SHUFFLED] = "a random order",
	[ORDER_SHUFFLED_AGAIN] = "another random order",
};

/* splitmix64: bits that look random but are the same each time */
static u64 scramble(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static int compare_values(const void *a, const void *b, void *arg)
{
	enum order order = *(const enum order *)arg;
	const struct reg_value *x = *(const struct reg_value *const *)a;
	const struct reg_value *y = *(const struct reg_value *const *)b;
	u64 rx, ry;

	switch (order) {
	case ORDER_REVERSE:
		return x < y ? 1 : -1;
	case ORDER_QEMU:
		rx = vmm_rank_qemu(x->id);
		ry = vmm_rank_qemu(y->id);
		if (rx == ry) {
			rx = x->id;
			ry = y->id;
		}
		break;
	case ORDER_SHUFFLED:
	case ORDER_SHUFFLED_AGAIN:
		rx = scramble(x->id ^ order);
		ry = scramble(y->id ^ order);
		break;
	default:
		return x < y ? -1 : 1;
	}
	return rx < ry ? -1 : rx > ry;
}

struct saved_vm {
	enum config_id config;
	struct test_vm *vm, *fresh;
	struct kvm_reg_list *list;
	struct reg_value *reg; /* as saved, list->n of them */
	u64 at; /* host_counter() before that */
};

FIXTURE(restore)
{
	struct saved_vm saved;
};

FIXTURE_VARIANT(restore)
{
	enum config_id config;
};

CONFIG_VARIANTS(restore);

FIXTURE_SETUP(restore)
{
	struct saved_vm *saved = &self->saved;
	const char *missing = config_missing(&vm_configs[variant->config]);

	if (missing)
		SKIP(return, "%s", missing);
	saved->config = variant->config;
	saved->vm = config_vm(variant->config, 0);
	saved->list = vcpu_get_reg_list(saved->vm->vcpu[0]);
	saved->reg = calloc(saved->list->n, sizeof(*saved->reg));
	ASSERT_NE(NULL, saved->reg);
}

FIXTURE_TEARDOWN(restore)
{
	free(self->saved.reg);
	free(self->saved.list);
	test_vm_free(self->saved.fresh);
	test_vm_free(self->saved.vm);
}

static void save(struct __test_metadata *_metadata, struct saved_vm *saved)
{
	unsigned int bad = 0;
	int err;

	saved->at = host_counter();
	err = reg_save(saved->vm->vcpu[0], saved->list, saved->reg, &bad);
	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_GET_ONE_REG %s, %#llx: %s; expected 0", reg_name(saved->list->reg[bad]),
		       saved->list->reg[bad], err_str(err));
	}
}

static void write_one(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct reg_value *value, const char *when)
{
	const struct fixed_reg *fixed = fixed_reg(value->id);
	int err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, value->id, value->val);

	EXPECT_EQ(fixed ? fixed->err : 0, err)
	{
		TH_LOG("KVM_SET_ONE_REG %s, %#lx, to %s as read, %s: %s; expected %s, %s",
		       reg_name(value->id), value->id, reg_value_str(value), when, err_str(err),
		       err_str(fixed ? fixed->err : 0),
		       fixed ? fixed->reason : "since KVM lists it");
		count_failure(_metadata);
	}
}

static void write_all(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct reg_value *values, unsigned int nr, enum order order,
		      const char *when)
{
	const struct reg_value **sorted = calloc(nr, sizeof(*sorted));
	unsigned int i;

	ASSERT_NE(NULL, sorted);
	for (i = 0; i < nr; i++)
		sorted[i] = &values[i];
	qsort_r(sorted, nr, sizeof(*sorted), compare_values, &order);
	for (i = 0; i < nr; i++)
		write_one(_metadata, vcpu, sorted[i], when);
	for (i = 0; i < nr && order == ORDER_QEMU; i++)
		if (!vmm_rank_qemu(sorted[i]->id) && !reg_is_counter(sorted[i]->id))
			write_one(_metadata, vcpu, sorted[i], when);
	free(sorted);
}

/* The registers have the saved values, or counted on from them */
static void expect_saved(struct __test_metadata *_metadata, struct saved_vm *saved,
			 struct test_vm *vm, const char *when)
{
	struct reg_value now;
	u64 i, count, ticks;
	int err;

	for (i = 0; i < saved->list->n; i++) {
		const struct reg_value *reg = &saved->reg[i];

		memset(&now, 0, sizeof(now));
		now.id = reg->id;
		err = __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, now.id, now.val);
		if (reg_is_counter(now.id)) {
			count = *(u64 *)now.val - *(const u64 *)reg->val;
			ticks = host_counter() - saved->at;
			EXPECT_TRUE(!err && count <= ticks)
			{
				TH_LOG("%s %s: %s, value %s; expected 0, value %s and up to %#lx more",
				       reg_name(now.id), when, err_str(err), reg_value_str(&now),
				       reg_value_str(reg), ticks);
				count_failure(_metadata);
			}
			continue;
		}
		EXPECT_TRUE(!err && same_bytes(now.val, reg->val, sizeof(now.val)))
		{
			TH_LOG("%s, %#lx, %s: %s, value %s; expected 0, value %s as saved",
			       reg_name(now.id), now.id, when, err_str(err), reg_value_str(&now),
			       reg_value_str(reg));
			count_failure(_metadata);
		}
	}
}

/* A32: str r0, [r1] for ever */
static const u32 code_32[] = { 0xe5810000, 0xeafffffd };

/* Let the guest do something, and KVM finish the exit that ends it */
static void run(struct __test_metadata *_metadata, struct test_vm *vm)
{
	const u64 call[8] = { ABI_SMCCC_VERSION };
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;

	if (vm->features & FEAT_EL1_32) {
		vcpu_x_set(vcpu, 1, VM_EXIT_PORT);
		guest_run(vcpu, &res);
		expect_end(_metadata, "a store by a 32-bit guest", &res);
	} else {
		guest_call(vcpu, guest_conduit(vm), call, &res);
		expect_end(_metadata, "a call of SMCCC_VERSION", &res);
		EXPECT_EQ(ABI_SMCCC_VERSION_1_1, res.x[0])
		{
			TH_LOG("SMCCC_VERSION: x0 %#lx; expected %#llx, version 1.1", res.x[0],
			       ABI_SMCCC_VERSION_1_1);
		}
	}
	test_vcpu_complete(vcpu);
}

static void prepare_run(struct test_vm *vm)
{
	if (!(vm->features & FEAT_EL1_32))
		return;
	memcpy(test_vm_ram(vm, VM_RAM_DATA), code_32, sizeof(code_32));
	reg_set(vm->vcpu[0], ABI_PC, VM_RAM_DATA);
}

TEST_F(restore, every_value_can_be_written_back_before_the_run)
{
	struct saved_vm *saved = &self->saved;
	static const enum order orders[] = { ORDER_LIST, ORDER_REVERSE, ORDER_QEMU };
	unsigned int i;

	save(_metadata, saved);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		write_all(_metadata, saved->vm->vcpu[0], saved->reg, saved->list->n, orders[i],
			  "before the run");
		expect_saved(_metadata, saved, saved->vm, "after a write of the value it had");
	}
}

TEST_F(restore, every_value_can_be_written_back_after_the_run)
{
	struct saved_vm *saved = &self->saved;
	static const enum order orders[] = { ORDER_LIST, ORDER_REVERSE, ORDER_QEMU };
	struct kvm_reg_list *list;
	unsigned int i;

	prepare_run(saved->vm);
	run(_metadata, saved->vm);
	save(_metadata, saved);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		write_all(_metadata, saved->vm->vcpu[0], saved->reg, saved->list->n, orders[i],
			  "after the run");
		expect_saved(_metadata, saved, saved->vm, "after a write of the value it had");
	}
	run(_metadata, saved->vm);

	/* A run does not change the list */
	list = vcpu_get_reg_list(saved->vm->vcpu[0]);
	EXPECT_TRUE(saved->list->n == list->n &&
		    same_bytes(list->reg, saved->list->reg, list->n * sizeof(u64)))
	{
		TH_LOG("KVM_GET_REG_LIST after a run names %llu registers; expected the same %llu as before",
		       list->n, saved->list->n);
	}
	free(list);
}

static void restore_on_fresh_vms(struct __test_metadata *_metadata, struct saved_vm *saved,
				 bool runs)
{
	enum order order;

	for (order = 0; order < NR_ORDERS; order++) {
		if (saved->vm->at_el2 && order >= ORDER_SHUFFLED)
			break;
		saved->fresh = config_vm(saved->config, 0);
		prepare_run(saved->fresh);
		write_all(_metadata, saved->fresh->vcpu[0], saved->reg, saved->list->n, order,
			  order_names[order]);
		expect_saved(_metadata, saved, saved->fresh, order_names[order]);
		if (runs) {
			run(_metadata, saved->fresh);
			run(_metadata, saved->fresh);
		}
		test_vm_free(saved->fresh);
		saved->fresh = NULL;
	}
}

TEST_F(restore, state_after_a_run_fits_a_fresh_vm)
{
	struct saved_vm *saved = &self->saved;

	prepare_run(saved->vm);
	run(_metadata, saved->vm);
	save(_metadata, saved);
	restore_on_fresh_vms(_metadata, saved, true);
}

/*
 * A value far from that of reset. A register that refuses it keeps its own. PSCI_VERSION,
 * the bitmaps and CNTVOFF_EL2 get fixed values, since most others are invalid there.
 */
static void make_value(struct test_vm *vm, struct reg_value *value)
{
	u64 *words = (u64 *)value->val;
	unsigned int i;

	for (i = 0; i < REG_MAX_BYTES / 8; i++)
		words[i] = 8 * i < reg_bytes(value->id) ? scramble(value->id + ((u64)i << 40)) : 0;
	/* KVM cuts the X registers and PC of a 32-bit guest */
	if (reg_bytes(value->id) == 4 ||
	    (vm->features & FEAT_EL1_32 && reg_coproc(value->id) == ABI_COPROC_CORE &&
	     reg_bytes(value->id) == 8))
		words[0] &= 0xffffffff;

	if (value->id == ABI_PSTATE) {
		/* flags, and EL1 with SP_EL0; a 32-bit mode would narrow other registers */
		words[0] = vm->features & FEAT_EL1_32 ? 0x600001d3 : 0x600003c4;
	} else if (value->id == ABI_PSCI_VERSION) {
		words[0] = vm->flags & VM_PSCI_0_1 ? ABI_PSCI_0_1 : ABI_PSCI_1_0;
	} else if (reg_coproc(value->id) == ABI_COPROC_FW_BMAP) {
		words[0] = 0;
	} else if (reg_is_counter(value->id)) {
		words[0] >>= 16; /* far from the end */
	} else if (value->id == ABI_CNTVOFF_EL2) {
		words[0] = 0; /* see el2_counters */
	}
}

TEST_F(restore, any_state_fits_a_fresh_vm)
{
	struct saved_vm *saved = &self->saved;
	struct kvm_vcpu *vcpu = saved->vm->vcpu[0];
	struct reg_value value;
	unsigned int taken = 0;
	u64 i;

	for (i = 0; i < saved->list->n; i++) {
		value.id = saved->list->reg[i];
		make_value(saved->vm, &value);
		taken += !__reg_ioctl(vcpu, KVM_SET_ONE_REG, value.id, value.val);
	}
	/* at least the core and most EL1 registers */
	EXPECT_LE(100, taken)
	{
		TH_LOG("%u registers accept another value; expected 100 or more, the core and most EL1 registers",
		       taken);
	}
	save(_metadata, saved);
	restore_on_fresh_vms(_metadata, saved, false);
}

static bool same_value(const struct reg_value *a, const struct reg_value *b)
{
	return same_bytes(a->val, b->val, sizeof(a->val));
}

/*
 * Write all registers in an order, and see that each still has what it had right
 * after its own write once all are written. Else two registers share their storage.
 */
static void write_and_compare(struct __test_metadata *_metadata, struct test_vm *vm,
			      const struct kvm_reg_list *list, struct reg_value *values,
			      bool backwards)
{
	struct reg_value now;
	u64 n, i;

	memset(values, 0, list->n * sizeof(*values));
	for (n = 0; n < list->n; n++) {
		i = backwards ? list->n - 1 - n : n;
		values[i].id = list->reg[i];
		make_value(vm, &values[i]);
		now = values[i];
		if (__reg_ioctl(vm->vcpu[0], KVM_SET_ONE_REG, values[i].id, values[i].val))
			now.id = 0;
		memset(values[i].val, 0, sizeof(values[i].val));
		ASSERT_EQ(0,
			  __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, values[i].id, values[i].val));
		/* core registers keep every value that they accept */
		EXPECT_TRUE(!now.id || reg_coproc(now.id) != ABI_COPROC_CORE ||
			    same_value(&now, &values[i]))
		{
			TH_LOG("%s, %#lx, after a write of %s: %s; expected what was written",
			       reg_name(values[i].id), values[i].id, reg_value_str(&now),
			       reg_value_str(&values[i]));
			count_failure(_metadata);
		}
	}
	for (i = 0; i < list->n; i++) {
		memset(&now, 0, sizeof(now));
		now.id = list->reg[i];
		ASSERT_EQ(0, __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, now.id, now.val));
		if (reg_is_counter(now.id) || is_dependent(vm, now.id))
			continue;
		EXPECT_TRUE(same_value(&now, &values[i]))
		{
			TH_LOG("%s, %#lx, after writes to other registers: %s; expected %s, as after its own",
			       reg_name(now.id), now.id, reg_value_str(&now),
			       reg_value_str(&values[i]));
			count_failure(_metadata);
		}
	}
}

TEST_F(restore, a_write_changes_no_other_register)
{
	struct saved_vm *saved = &self->saved;

	write_and_compare(_metadata, saved->vm, saved->list, saved->reg, false);
	write_and_compare(_metadata, saved->vm, saved->list, saved->reg, true);
}

/*
 * The counters of a guest at EL2: the virtual one is the physical one less CNTVOFF_EL2
 * [Arm ARM D12.2.2], and all three registers are listed.
 */
FIXTURE(el2_counters)
{
	struct test_vm *vm;
	struct reg_value reg[3];
};

FIXTURE_VARIANT(el2_counters)
{
	u64 ids[3]; /* in the order to write them in */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(el2_counters, offset_first) {
	.ids = { ABI_CNTVOFF_EL2, ABI_REG_PTIMER_CNT, ABI_REG_TIMER_CNT },
};
FIXTURE_VARIANT_ADD(el2_counters, offset_last) {
	.ids = { ABI_REG_PTIMER_CNT, ABI_REG_TIMER_CNT, ABI_CNTVOFF_EL2 },
};
FIXTURE_VARIANT_ADD(el2_counters, physical_last) {
	.ids = { ABI_CNTVOFF_EL2, ABI_REG_TIMER_CNT, ABI_REG_PTIMER_CNT },
};
/* clang-format on */

FIXTURE_SETUP(el2_counters)
{
	if (config_missing(&vm_configs[CONFIG_EL2]))
		SKIP(return, "this host offers no EL2 to guests");
	self->vm = config_vm(CONFIG_EL2, 0);
}

FIXTURE_TEARDOWN(el2_counters)
{
	test_vm_free(self->vm);
}

#define VIRTUAL_OFFSET 0x100000000000ULL

TEST_F(el2_counters, go_on_from_what_was_restored)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 begin, count, want, ticks;
	unsigned int i;

	reg_set(vcpu, ABI_CNTVOFF_EL2, VIRTUAL_OFFSET);
	begin = host_counter();
	for (i = 0; i < ARRAY_SIZE(self->reg); i++) {
		self->reg[i].id = variant->ids[i];
		ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, self->reg[i].id, self->reg[i].val));
	}
	for (i = 0; i < ARRAY_SIZE(self->reg); i++)
		write_one(_metadata, vcpu, &self->reg[i], "with CNTVOFF_EL2 set");
	for (i = 0; i < ARRAY_SIZE(self->reg); i++) {
		want = *(u64 *)self->reg[i].val;
		count = reg_get(vcpu, self->reg[i].id);
		ticks = reg_is_counter(self->reg[i].id) ? host_counter() - begin : 0;
		EXPECT_TRUE(count - want <= ticks)
		{
			TH_LOG("%s after a write of the value it had: %#lx; expected %#lx and up to %#lx more",
			       reg_name(self->reg[i].id), count, want, ticks);
		}
	}
}

/*
 * The OS lock, OSLSR_EL1.OSLK, which a guest writes by OSLAR_EL1. Only OSLK changes: all else says
 * what the CPU has [Arm ARM D24.3]. That another value is EINVAL no document states.
 */
FIXTURE(os_lock)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(os_lock)
{
	self->vm = config_vm(CONFIG_PLAIN, 0);
}

FIXTURE_TEARDOWN(os_lock)
{
	test_vm_free(self->vm);
}

/* What a guest reads, and what it leaves behind when it has written to OSLAR_EL1 */
static void expect_os_lock(struct __test_metadata *_metadata, struct test_vm *vm, u64 now,
			   u64 oslar, u64 then)
{
	struct guest_reg reg[] = {
		{ .id = ABI_OSLSR_EL1, .val = oslar },
		{ .id = ABI_OSLAR_EL1, .write = true },
		{ .id = ABI_OSLSR_EL1 },
	};
	struct guest_result res;
	u64 user;

	guest_regs(vm, 0, reg, ARRAY_SIZE(reg), &res);
	expect_end(_metadata, "accesses to the OS lock", &res);
	user = reg_get(vm->vcpu[0], ABI_OSLSR_EL1);
	EXPECT_TRUE(reg[0].how == GUEST_REG_DONE && reg[0].val == now &&
		    reg[2].how == GUEST_REG_DONE && reg[2].val == then && user == then)
	{
		TH_LOG("OSLSR_EL1: the guest gets %s; after it wrote %#lx to OSLAR_EL1 it gets %s, and user space %#lx; expected the values %#lx, then %#lx",
		       guest_reg_str(&reg[0]), oslar, guest_reg_str(&reg[2]), user, now, then);
	}
}

TEST_F(os_lock, travels_and_nothing_else_of_its_register_changes)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 open, locked;
	unsigned int bit;

	if (!reg_listed(vcpu, ABI_OSLSR_EL1))
		SKIP(return, "this kernel does not list OSLSR_EL1");
	open = reg_get(vcpu, ABI_OSLSR_EL1);
	locked = open | ABI_OSLSR_OSLK;
	expect_os_lock(_metadata, self->vm, open, 1, locked);
	expect_os_lock(_metadata, self->vm, locked, 0, open);
	reg_set(vcpu, ABI_OSLSR_EL1, locked);
	expect_os_lock(_metadata, self->vm, locked, 1, locked);
	reg_set(vcpu, ABI_OSLSR_EL1, open);
	expect_os_lock(_metadata, self->vm, open, 0, open);
	for (bit = 0; bit < 64; bit++) {
		if (BIT_ULL(bit) == ABI_OSLSR_OSLK)
			continue;
		expect_err(_metadata, "KVM_SET_ONE_REG OSLSR_EL1 with another bit", bit, -EINVAL,
			   __reg_set(vcpu, ABI_OSLSR_EL1, open ^ BIT_ULL(bit)));
		EXPECT_EQ(open, reg_get(vcpu, ABI_OSLSR_EL1))
		{
			TH_LOG("OSLSR_EL1 after a refused write: %#lx; expected %#lx as before",
			       reg_get(vcpu, ABI_OSLSR_EL1), open);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
