// SPDX-License-Identifier: GPL-2.0
/*
 * timer_test: the registers of the timers as user space and the guest have them, and the level of
 * the outputs of the EL1 timers in VMs without a vGIC.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69  KVM_SET_ONE_REG, KVM_GET_ONE_REG
 *   Documentation/virt/kvm/api.rst 8.9         KVM_CAP_ARM_USER_IRQ
 *   Arm ARM D12.2, D24.10                      when a timer's condition is met; its registers
 *   Arm ARM D8.1, HCR_EL2.E2H                  their names at EL2
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest_regs.h"
#include "host_counter.h"
#include "vm.h"
#include "watch.h"

enum timer_id {
	VIRTUAL,
	PHYSICAL,
	EL2_VIRTUAL,
	EL2_PHYSICAL,
	NR_TIMERS
};

/* Names of a timer's registers */
struct timer_regs {
	u64 ctl, cval, tval;
};

/* clang-format off */
static const struct timer {
	const char *ctl_name, *cval_name;
	struct timer_regs el1, el2; /* as guests at EL1 and at EL2 have them */
	u64 ctl, cval, count; /* as user space does */
	u64 level; /* bit of device_irq_level */
	unsigned int arm;
} timers[NR_TIMERS] = {
	[VIRTUAL] = { "CNTV_CTL_EL0", "CNTV_CVAL_EL0",
		      { ABI_CNTV_CTL_EL0, ABI_CNTV_CVAL_EL0, ABI_CNTV_TVAL_EL0 },
		      { ABI_CNTV_CTL_EL02, ABI_CNTV_CVAL_EL02, ABI_CNTV_TVAL_EL02 },
		      ABI_CNTV_CTL_EL0, ABI_REG_TIMER_CVAL, ABI_REG_TIMER_CNT,
		      ABI_DEV_VTIMER, GUEST_ARM_VIRTUAL },
	[PHYSICAL] = { "CNTP_CTL_EL0", "CNTP_CVAL_EL0",
		       { ABI_CNTP_CTL_EL0, ABI_CNTP_CVAL_EL0, ABI_CNTP_TVAL_EL0 },
		       { ABI_CNTP_CTL_EL02, ABI_CNTP_CVAL_EL02, ABI_CNTP_TVAL_EL02 },
		       ABI_CNTP_CTL_EL0, ABI_CNTP_CVAL_EL0, ABI_REG_PTIMER_CNT,
		       ABI_DEV_PTIMER, GUEST_ARM_PHYSICAL },
	/* CNTVOFF_EL2 is not subtracted from the count of this one */
	[EL2_VIRTUAL] = { "CNTHV_CTL_EL2", "CNTHV_CVAL_EL2", { 0 },
			  { ABI_CNTHV_CTL_EL2, ABI_CNTHV_CVAL_EL2, ABI_CNTHV_TVAL_EL2 },
			  ABI_CNTHV_CTL_EL2, ABI_CNTHV_CVAL_EL2, ABI_REG_PTIMER_CNT, 0, 0 },
	[EL2_PHYSICAL] = { "CNTHP_CTL_EL2", "CNTHP_CVAL_EL2", { 0 },
			   { ABI_CNTHP_CTL_EL2, ABI_CNTHP_CVAL_EL2, ABI_CNTHP_TVAL_EL2 },
			   ABI_CNTHP_CTL_EL2, ABI_CNTHP_CVAL_EL2, ABI_REG_PTIMER_CNT, 0, 0 },
};
/* clang-format on */

static const struct timer_regs *guest_timer(enum timer_id id)
{
	return guest_at_el2 ? &timers[id].el2 : &timers[id].el1;
}

/* The other one of the same level */
static enum timer_id other_timer(enum timer_id id)
{
	return id ^ 1;
}

#define TIMER_BITS (ABI_TIMER_ENABLE | ABI_TIMER_IMASK)
#define NO_REGS "this kernel has no registers of this timer for user space"
#define NEVER (~0ULL) /* a compare value that no count reaches */

/* The guest comes from a host that had been up for longer; both halves of a count show it */
#define OFFSET (-((1ULL << 40) + 0x56789abc))

FIXTURE(timer)
{
	struct test_vm *vm;
	bool has_count; /* user space reads this timer's counter */
	bool has_regs[NR_TIMERS]; /* and writes the registers of each timer */
};

FIXTURE_VARIANT(timer)
{
	enum timer_id id;
	bool offset;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(timer, virtual) { VIRTUAL, false };
FIXTURE_VARIANT_ADD(timer, physical) { PHYSICAL, false };
FIXTURE_VARIANT_ADD(timer, virtual_with_offset) { VIRTUAL, true };
FIXTURE_VARIANT_ADD(timer, physical_with_offset) { PHYSICAL, true };
FIXTURE_VARIANT_ADD(timer, el2_virtual) { EL2_VIRTUAL, false };
FIXTURE_VARIANT_ADD(timer, el2_physical) { EL2_PHYSICAL, false };
FIXTURE_VARIANT_ADD(timer, el2_virtual_with_offset) { EL2_VIRTUAL, true };
FIXTURE_VARIANT_ADD(timer, el2_physical_with_offset) { EL2_PHYSICAL, true };
/* clang-format on */

FIXTURE_SETUP(timer)
{
	struct kvm_arm_counter_offset offset = { .counter_offset = OFFSET };
	unsigned int id;

	if (!guest_at_el2 && variant->id >= EL2_VIRTUAL)
		SKIP(return, "a guest at EL1 has no timers of EL2");
	if (variant->offset && !kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		SKIP(return, "this kernel has no KVM_CAP_COUNTER_OFFSET");
	self->vm = test_vm_create(2, 0, 0);
	self->has_count = reg_listed(self->vm->vcpu[0], timers[variant->id].count);
	for (id = 0; id < ARRAY_SIZE(timers); id++)
		self->has_regs[id] = reg_listed(self->vm->vcpu[0], timers[id].cval);
	if (variant->offset)
		vm_ioctl(self->vm->kvm, KVM_ARM_SET_COUNTER_OFFSET, &offset);
}

FIXTURE_TEARDOWN(timer)
{
	test_vm_free(self->vm);
}

/* A physical counter that user space cannot read is the host's */
static u64 timer_count(FIXTURE_DATA(timer) * self, enum timer_id id)
{
	return self->has_count ? reg_get(self->vm->vcpu[0], timers[id].count) : host_counter();
}

static void user_writes(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			enum timer_id id, u64 ctl, u64 cval)
{
	expect_err(_metadata, timers[id].cval_name, cval, 0,
		   __reg_set(vm->vcpu[cpu], timers[id].cval, cval));
	expect_err(_metadata, timers[id].ctl_name, ctl, 0,
		   __reg_set(vm->vcpu[cpu], timers[id].ctl, ctl));
}

/* MSR of one register, and MRS of others after it */
static void guest_accesses(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   struct guest_reg *access, unsigned int nr)
{
	struct guest_result res;
	unsigned int i;

	guest_regs(vm, cpu, access, nr, &res);
	expect_end(_metadata, "accesses to timer registers", &res);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(GUEST_REG_DONE, access[i].how)
		{
			TH_LOG("%s of register %#lx on vCPU %u: %s; expected no exception",
			       access[i].write ? "MSR" : "MRS", access[i].id, cpu,
			       guest_reg_str(&access[i]));
			count_failure(_metadata);
		}
	}
}

static void guest_writes(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			 u64 id, u64 val)
{
	struct guest_reg access = { .id = id, .write = true, .val = val };

	guest_accesses(_metadata, vm, cpu, &access, 1);
}

static void guest_sets_timer(struct __test_metadata *_metadata, struct test_vm *vm,
			     unsigned int cpu, enum timer_id id, u64 ctl, u64 cval)
{
	guest_writes(_metadata, vm, cpu, guest_timer(id)->cval, cval);
	guest_writes(_metadata, vm, cpu, guest_timer(id)->ctl, ctl);
}

/* Values of a timer's registers, and whether its condition is met: the count is above 1 */
static const struct setting {
	u64 ctl, cval;
	bool met;
} settings[] = {
	{ 0, 0x123456789abcdef0, false },
	{ 0, 0, true },
	{ ABI_TIMER_IMASK, 1, true },
	{ ABI_TIMER_ENABLE, 0, true },
	{ ABI_TIMER_IMASK, NEVER, false },
	{ ABI_TIMER_ENABLE | ABI_TIMER_IMASK, 1ULL << 63, false },
	{ ABI_TIMER_ENABLE | ABI_TIMER_IMASK, 1, true },
	{ ABI_TIMER_ENABLE, NEVER, false },
	/* all other bits are RES0, but for ISTATUS, which is read-only */
	{ ~0ULL, 0, true },
	{ ~TIMER_BITS, 0xfedcba987654321, false },
	{ ABI_TIMER_ENABLE | ABI_TIMER_ISTATUS, 0xfedcba9876543210, false },
};

static void expect_guest_reads(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, enum timer_id id, const struct setting *want)
{
	struct guest_reg access[] = { { .id = guest_timer(id)->ctl },
				      { .id = guest_timer(id)->cval } };
	u64 mask = TIMER_BITS, bits = want->ctl & TIMER_BITS;

	/* ISTATUS is UNKNOWN of a timer that is off */
	if (want->ctl & ABI_TIMER_ENABLE) {
		mask |= ABI_TIMER_ISTATUS;
		bits |= want->met ? ABI_TIMER_ISTATUS : 0;
	}
	guest_accesses(_metadata, vm, cpu, access, ARRAY_SIZE(access));
	EXPECT_EQ(bits, access[0].val & mask)
	{
		TH_LOG("the guest on vCPU %u reads %s as %#lx; expected %#lx in the bits %#lx, of %s %#lx",
		       cpu, timers[id].ctl_name, access[0].val, bits, mask, timers[id].cval_name,
		       want->cval);
		count_failure(_metadata);
	}
	EXPECT_EQ(want->cval, access[1].val)
	{
		TH_LOG("the guest on vCPU %u reads %s as %#lx; expected %#lx as written", cpu,
		       timers[id].cval_name, access[1].val, want->cval);
		count_failure(_metadata);
	}
}

static void expect_user_reads(struct __test_metadata *_metadata, struct test_vm *vm,
			      unsigned int cpu, enum timer_id id, const struct setting *want)
{
	u64 ctl = reg_get(vm->vcpu[cpu], timers[id].ctl);
	u64 cval = reg_get(vm->vcpu[cpu], timers[id].cval);

	EXPECT_TRUE((ctl & TIMER_BITS) == (want->ctl & TIMER_BITS) && cval == want->cval)
	{
		TH_LOG("user space reads %s of vCPU %u as %#lx, %s as %#lx; expected ENABLE and IMASK %#lx, and %#lx, as written",
		       timers[id].ctl_name, cpu, ctl, timers[id].cval_name, cval,
		       want->ctl & TIMER_BITS, want->cval);
		count_failure(_metadata);
	}
}

/* Of two vCPUs, which have different values, and without a change of the other timer */
TEST_F(timer, registers_are_what_user_space_wrote)
{
	static const struct setting others = { ABI_TIMER_IMASK, 0x5555555566666666, false };
	enum timer_id other = other_timer(variant->id);
	const struct setting *set;
	unsigned int i, cpu;

	if (!self->has_regs[variant->id])
		SKIP(return, NO_REGS);
	for (cpu = 0; cpu < 2 && self->has_regs[other]; cpu++)
		user_writes(_metadata, self->vm, cpu, other, others.ctl, others.cval);
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		for (cpu = 0; cpu < 2; cpu++) {
			set = &settings[(i + cpu) % ARRAY_SIZE(settings)];
			user_writes(_metadata, self->vm, cpu, variant->id, set->ctl, set->cval);
			expect_user_reads(_metadata, self->vm, cpu, variant->id, set);
		}
		for (cpu = 0; cpu < 2; cpu++) {
			set = &settings[(i + cpu) % ARRAY_SIZE(settings)];
			expect_guest_reads(_metadata, self->vm, cpu, variant->id, set);
		}
		for (cpu = 0; cpu < 2; cpu++) {
			set = &settings[(i + cpu) % ARRAY_SIZE(settings)];
			expect_user_reads(_metadata, self->vm, cpu, variant->id, set);
			if (self->has_regs[other])
				expect_user_reads(_metadata, self->vm, cpu, other, &others);
		}
	}
	if (self->has_regs[other])
		expect_guest_reads(_metadata, self->vm, 1, other, &others);
}

TEST_F(timer, registers_are_what_the_guest_wrote)
{
	const struct setting *set;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		set = &settings[i];
		guest_sets_timer(_metadata, self->vm, i % 2, variant->id, set->ctl, set->cval);
		expect_guest_reads(_metadata, self->vm, i % 2, variant->id, set);
		if (self->has_regs[variant->id])
			expect_user_reads(_metadata, self->vm, i % 2, variant->id, set);
	}
}

/* Compare values on either side of the count, and between it and the host's */
static u64 near_count(u64 count, unsigned int i)
{
	const u64 near[] = { count, count / 2, count + (1ULL << 38), 2 * count + (1ULL << 38) };

	return near[i];
}

#define NR_NEAR 4
#define NR_REACHED 2 /* the first ones */

TEST_F(timer, condition_is_met_by_the_count_of_the_guest)
{
	struct setting set = { .ctl = ABI_TIMER_ENABLE | ABI_TIMER_IMASK };
	unsigned int i;

	for (i = 0; i < 2 * NR_NEAR; i++) {
		set.cval = near_count(timer_count(self, variant->id), i % NR_NEAR);
		set.met = i % NR_NEAR < NR_REACHED;
		if (i < NR_NEAR || !self->has_regs[variant->id])
			guest_sets_timer(_metadata, self->vm, 1, variant->id, set.ctl, set.cval);
		else
			user_writes(_metadata, self->vm, 1, variant->id, set.ctl, set.cval);
		expect_guest_reads(_metadata, self->vm, 1, variant->id, &set);
	}
}

/* A guest at EL2 has those of EL2 under the names of EL1, too, with HCR_EL2.E2H set */
TEST_F(timer, of_el2_answers_by_the_names_of_el1)
{
	const struct timer_regs *others = &timers[variant->id & 1].el1;
	struct guest_reg access[] = { { .id = others->ctl }, { .id = others->cval } };
	const struct setting *set;
	unsigned int i;

	if (variant->id < EL2_VIRTUAL)
		SKIP(return, "this is a timer of EL1");
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		set = &settings[i];
		guest_sets_timer(_metadata, self->vm, 0, variant->id, set->ctl, set->cval);
		guest_accesses(_metadata, self->vm, 0, access, ARRAY_SIZE(access));
		EXPECT_TRUE((access[0].val & TIMER_BITS) == (set->ctl & TIMER_BITS) &&
			    access[1].val == set->cval)
		{
			TH_LOG("the guest reads %s as %#lx, CVAL as %#lx by the names of EL1; expected ENABLE and IMASK %#lx, and %#lx, as written",
			       timers[variant->id].ctl_name, access[0].val, access[1].val,
			       set->ctl & TIMER_BITS, set->cval);
			count_failure(_metadata);
		}
		set = &settings[ARRAY_SIZE(settings) - 1 - i];
		guest_writes(_metadata, self->vm, 0, others->cval, set->cval);
		guest_writes(_metadata, self->vm, 0, others->ctl, set->ctl);
		expect_guest_reads(_metadata, self->vm, 0, variant->id, set);
	}
}

/* TVAL reads as the lower half of CVAL less the count [Arm ARM D12.2.4] */
TEST_F(timer, tval_is_the_time_to_the_compare_value)
{
	static const u64 ahead[] = { 0, 1000000, 0x7fffffff, 0x80000000, 1ULL << 40, -1000000ULL };
	struct guest_reg access = { .id = guest_timer(variant->id)->tval };
	u64 before, after, cval;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ahead); i++) {
		cval = timer_count(self, variant->id) + ahead[i];
		guest_writes(_metadata, self->vm, 0, guest_timer(variant->id)->cval, cval);
		before = timer_count(self, variant->id);
		guest_accesses(_metadata, self->vm, 0, &access, 1);
		after = timer_count(self, variant->id);
		EXPECT_TRUE(!(access.val >> 32) &&
			    (u32)(cval - before) - (u32)access.val <= after - before)
		{
			TH_LOG("MRS of TVAL: %#lx; expected %#x to %#x, the lower half of CVAL %#lx less the count",
			       access.val, (u32)(cval - after), (u32)(cval - before), cval);
		}
	}
}

/* A write of TVAL sets CVAL to the count and the lower half, which has a sign */
TEST_F(timer, write_of_tval_sets_the_compare_value)
{
	static const u64 vals[] = { 0,		1000000,    0x7fffffff,
				    0x80000000, 0xffffffff, 0xa5a5a5a500000001 };
	struct guest_reg access[] = { { .write = true }, { .id = guest_timer(variant->id)->cval } };
	u64 before, after, val;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vals); i++) {
		access[0].id = guest_timer(variant->id)->tval;
		access[0].val = vals[i];
		before = timer_count(self, variant->id);
		guest_accesses(_metadata, self->vm, 0, access, ARRAY_SIZE(access));
		after = timer_count(self, variant->id);
		val = (s64)(s32)vals[i];
		EXPECT_TRUE(access[1].val - val - before <= after - before)
		{
			TH_LOG("CVAL after a write of %#lx to TVAL: %#lx; expected %#lx to %#lx, the count and the lower half of TVAL",
			       vals[i], access[1].val, before + val, after + val);
		}
		if (!self->has_regs[variant->id])
			continue;
		val = reg_get(self->vm->vcpu[0], timers[variant->id].cval);
		EXPECT_EQ(access[1].val, val)
		{
			TH_LOG("user space reads CVAL as %#lx; expected %#lx as the guest does",
			       val, access[1].val);
		}
	}
}

/* The output of a timer in a VM without a vGIC [api.rst 8.9] */

static const char *level_missing(void)
{
	if (guest_at_el2)
		return "KVM runs no guest at EL2 without a vGIC";
	if (!kvm_has_cap(KVM_CAP_ARM_USER_IRQ))
		return "this kernel has no KVM_CAP_ARM_USER_IRQ";
	return NULL;
}

static const char *level_str(u64 level)
{
	return level == ABI_DEV_VTIMER	 ? "KVM_ARM_DEV_EL1_VTIMER"
	       : level == ABI_DEV_PTIMER ? "KVM_ARM_DEV_EL1_PTIMER"
	       : level			 ? "more than one"
					 : "none";
}

static void expect_level(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 want,
			 const char *when)
{
	u64 level = vcpu->run->s.regs.device_irq_level;

	EXPECT_EQ(want, level)
	{
		TH_LOG("device_irq_level of vCPU %u %s: %s, %#lx; expected %s, %#lx", vcpu->id,
		       when, level_str(level), level, level_str(want), want);
		count_failure(_metadata);
	}
}

static const struct {
	u64 ctl, cval;
	bool high;
	const char *when;
} outputs[] = {
	{ 0, 0, false, "of a timer that is off" },
	{ ABI_TIMER_ENABLE, 0, true, "once the count has reached CVAL" },
	{ ABI_TIMER_ENABLE | ABI_TIMER_IMASK, 0, false, "of a timer that is masked" },
	{ ABI_TIMER_ENABLE, 0, true, "once it is unmasked" },
	{ ABI_TIMER_ENABLE, NEVER, false, "with a CVAL in the future" },
	{ ABI_TIMER_ENABLE, 1, true, "with a CVAL in the past" },
	{ 0, 1, false, "once the timer is off" },
};

/* "on every return to userspace, the kernel updates the vcpu's run->s.regs.device_irq_level" */
TEST_F(timer, output_level_follows_the_guests_writes)
{
	u64 high = timers[variant->id].level;
	struct guest_result res;
	unsigned int i;

	if (level_missing())
		SKIP(return, "%s", level_missing());
	for (i = 0; i < ARRAY_SIZE(outputs); i++) {
		guest_sets_timer(_metadata, self->vm, 1, variant->id, outputs[i].ctl,
				 outputs[i].cval);
		expect_level(_metadata, self->vm->vcpu[1], outputs[i].high ? high : 0,
			     outputs[i].when);
		/* It stays so, and the other vCPU has its own */
		guest_load(self->vm->vcpu[1], VM_RAM_DATA, 8, &res);
		expect_end(_metadata, "a load", &res);
		expect_level(_metadata, self->vm->vcpu[1], outputs[i].high ? high : 0,
			     outputs[i].when);
		guest_load(self->vm->vcpu[0], VM_RAM_DATA, 8, &res);
		expect_end(_metadata, "a load", &res);
		expect_level(_metadata, self->vm->vcpu[0], 0, "while the timer of vCPU 1 is used");
	}
}

TEST_F(timer, output_level_follows_user_spaces_writes)
{
	u64 high = timers[variant->id].level;
	struct guest_result res;
	unsigned int i;

	if (level_missing())
		SKIP(return, "%s", level_missing());
	if (!self->has_regs[variant->id])
		SKIP(return, NO_REGS);
	for (i = 0; i < ARRAY_SIZE(outputs); i++) {
		user_writes(_metadata, self->vm, 0, variant->id, outputs[i].ctl, outputs[i].cval);
		guest_load(self->vm->vcpu[0], VM_RAM_DATA, 8, &res);
		expect_end(_metadata, "a load", &res);
		expect_level(_metadata, self->vm->vcpu[0], outputs[i].high ? high : 0,
			     outputs[i].when);
	}
}

/* Where the guest's count is not the host's, too */
TEST_F(timer, output_level_follows_the_guests_count)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[1];
	unsigned int i;

	if (level_missing())
		SKIP(return, "%s", level_missing());
	for (i = 0; i < NR_NEAR; i++) {
		bool reached = i < NR_REACHED;

		guest_sets_timer(_metadata, self->vm, 1, variant->id, ABI_TIMER_ENABLE,
				 near_count(timer_count(self, variant->id), i));
		expect_level(_metadata, vcpu, reached ? timers[variant->id].level : 0,
			     reached ? "with a CVAL that the count has reached"
				     : "with a CVAL that it has not reached");
	}
}

/* KVM_RUN until the level is high: the guest that waits does not come back by itself */
static void run_until_high(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 high)
{
	struct watch *watch = watch_begin(
		vcpu->id, "to come back from KVM_RUN as its timer expired; it had not", 0);
	int err;

	do {
		err = ioctl_err(ioctl(vcpu->fd, KVM_RUN, NULL));
	} while (err == -EINTR && !(vcpu->run->s.regs.device_irq_level & high));
	watch_end(watch);
	EXPECT_TRUE(err == -EINTR && vcpu->run->exit_reason == KVM_EXIT_INTR)
	{
		TH_LOG("KVM_RUN of a guest that waits for its timer: %s, %s; expected EINTR, KVM_EXIT_INTR",
		       err_str(err), exit_reason_str(vcpu->run->exit_reason));
	}
}

/*
 * "Whenever kvm detects a change in the device output level, kvm guarantees at least one
 * return to userspace before running the VM"
 */
static void expect_wait_ends(struct __test_metadata *_metadata, FIXTURE_DATA(timer) * self,
			     enum timer_id id, bool wfi)
{
	struct guest_wait wait = {
		.wfi = wfi,
		.arm = timers[id].arm,
		.ticks = host_counter_hz() / 500,
	};
	struct guest_reg due = { .id = guest_timer(id)->cval };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i;
	u64 now;

	for (i = 0; i < 2; i++) {
		guest_writes(_metadata, self->vm, 0, guest_timer(id)->ctl, 0);
		guest_prepare_wait_irq(vcpu, &wait);
		run_until_high(_metadata, vcpu, timers[id].level);
		now = timer_count(self, id);
		expect_level(_metadata, vcpu, timers[id].level, "once the timer has expired");
		/* Out of the wait, which has no end by itself */
		guest_enter(self->vm, 0);
		guest_accesses(_metadata, self->vm, 0, &due, 1);
		EXPECT_LE(due.val, now)
		{
			TH_LOG("the count is %#lx; expected CVAL %#lx or more", now, due.val);
		}
	}
}

TEST_F(timer, guest_that_runs_comes_back_as_its_timer_expires)
{
	if (level_missing())
		SKIP(return, "%s", level_missing());
	expect_wait_ends(_metadata, self, variant->id, false);
}

TEST_F(timer, guest_that_sleeps_comes_back_as_its_timer_expires)
{
	if (level_missing())
		SKIP(return, "%s", level_missing());
	expect_wait_ends(_metadata, self, variant->id, true);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
