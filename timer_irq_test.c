// SPDX-License-Identifier: GPL-2.0
/*
 * timer_irq_test: a timer that expires interrupts its guest, under the number that the VMM
 * chose, and one that does not expire does not. timer_test has the same without a vGIC.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/vcpu.rst 2  KVM_ARM_VCPU_TIMER_CTRL
 *   Arm ARM D12.2                              when a timer signals; its signal is a level
 *   Arm IHI0069, IHI0048                       how a guest takes an interrupt
 */
#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest_regs.h"
#include "host_counter.h"
#include "timer_expect.h"
#include "vgic_expect.h"
#include "watch.h"

/* A timer's interrupt arrives */
FIXTURE(irq)
{
	struct test_vm *vm;
	int ppi; /* of the timer of the variant */
	bool by_guest; /* user space has no registers of it: the guest sets it */
};

FIXTURE_VARIANT(irq)
{
	u32 type;
	enum timer_id id;
	bool choose; /* other PPIs for all timers */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(irq, v3_vtimer) { V3, VTIMER, false };
FIXTURE_VARIANT_ADD(irq, v3_ptimer) { V3, PTIMER, false };
FIXTURE_VARIANT_ADD(irq, v3_hvtimer) { V3, HVTIMER, false };
FIXTURE_VARIANT_ADD(irq, v3_hptimer) { V3, HPTIMER, false };
FIXTURE_VARIANT_ADD(irq, v2_vtimer) { V2, VTIMER, false };
FIXTURE_VARIANT_ADD(irq, v2_ptimer) { V2, PTIMER, false };
FIXTURE_VARIANT_ADD(irq, v3_vtimer_chosen) { V3, VTIMER, true };
FIXTURE_VARIANT_ADD(irq, v3_ptimer_chosen) { V3, PTIMER, true };
FIXTURE_VARIANT_ADD(irq, v3_hvtimer_chosen) { V3, HVTIMER, true };
FIXTURE_VARIANT_ADD(irq, v3_hptimer_chosen) { V3, HPTIMER, true };
FIXTURE_VARIANT_ADD(irq, v2_vtimer_chosen) { V2, VTIMER, true };
FIXTURE_VARIANT_ADD(irq, v2_ptimer_chosen) { V2, PTIMER, true };
/* clang-format on */

static void guest_stores(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa, u32 val)
{
	struct guest_result res;

	guest_store(vcpu, ipa, 4, val, &res);
	expect_end(_metadata, "a store to the vGIC", &res);
}

static u64 access_reg(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		      u64 id, bool write, u64 val)
{
	struct guest_reg access = { .id = id, .write = write, .val = val };
	struct guest_result res;

	guest_regs(vm, cpu, &access, 1, &res);
	expect_end(_metadata, "an access to a register", &res);
	EXPECT_EQ(GUEST_REG_DONE, access.how)
	{
		TH_LOG("an access to register %#lx on vCPU %u: %s; expected no exception", id, cpu,
		       guest_reg_str(&access));
	}
	return access.val;
}

/* The guest enables all PPIs of its vCPU, and its CPU interface, for any priority */
static void enable_gic(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	u64 sgi_base = VM_GICR_BASE + cpu * (u64)ABI_GICR_FRAMES + ABI_GICR_SGI_BASE;

	if (vm->vgic_type == V2) {
		guest_stores(_metadata, vcpu, VM_GICD_BASE + ABI_GICD_CTLR, 1);
		guest_stores(_metadata, vcpu, VM_GICD_BASE + ABI_GICD_ISENABLER, 0xffff0000);
		guest_stores(_metadata, vcpu, VM_GICR_BASE + ABI_GICC_PMR, 0xff);
		guest_stores(_metadata, vcpu, VM_GICR_BASE + ABI_GICC_CTLR, 1);
		return;
	}
	guest_stores(_metadata, vcpu, VM_GICD_BASE + ABI_GICD_CTLR,
		     ABI_GICD_CTLR_FIXED | ABI_GICD_CTLR_ENABLE_GRP1);
	guest_stores(_metadata, vcpu, sgi_base + ABI_GICD_IGROUPR, ~0U);
	guest_stores(_metadata, vcpu, sgi_base + ABI_GICD_ISENABLER, 0xffff0000);
	access_reg(_metadata, vm, cpu, ABI_ICC_PMR_EL1, true, 0xff);
	access_reg(_metadata, vm, cpu, ABI_ICC_IGRPEN1_EL1, true, 1);
}

/* The guest takes the interrupt that is pending, if any, and says that it is done with it */
static void expect_ack(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		       u32 want, const char *when)
{
	struct guest_result res;
	u32 intid;

	if (vm->vgic_type == V2) {
		guest_load(vm->vcpu[cpu], VM_GICR_BASE + ABI_GICC_IAR, 4, &res);
		expect_end(_metadata, "a load from the vGIC", &res);
		intid = res.x[0];
	} else {
		intid = access_reg(_metadata, vm, cpu, ABI_ICC_IAR1_EL1, false, 0);
	}
	EXPECT_EQ(want, intid)
	{
		TH_LOG("the guest on vCPU %u takes interrupt %u %s; expected %u%s", cpu, intid,
		       when, want, want == ABI_INTID_NONE ? ", none" : "");
		count_failure(_metadata);
	}
	if (intid == ABI_INTID_NONE)
		return;
	if (vm->vgic_type == V2)
		guest_stores(_metadata, vm->vcpu[cpu], VM_GICR_BASE + ABI_GICC_EOIR, intid);
	else
		access_reg(_metadata, vm, cpu, ABI_ICC_EOIR1_EL1, true, intid);
}

/* A VM whose two guests have enabled their interrupts, with other PPIs if @choose */
static struct test_vm *irq_vm(struct __test_metadata *_metadata, u32 type, bool choose)
{
	struct test_vm *vm = vm_at(_metadata, type, 2, 0, AFTER_INIT);
	unsigned int id, cpu;

	for (id = 0; id < nr_timers() && choose; id++)
		set_ppi(_metadata, vm->vcpu[1], id, timers[id].other, 0);
	for (cpu = 0; cpu < 2; cpu++) {
		/* A guest at EL2 takes interrupts itself, and not at EL1 */
		if (vm->at_el2)
			reg_set(vm->vcpu[cpu], ABI_HCR_EL2,
				reg_get(vm->vcpu[cpu], ABI_HCR_EL2) | ABI_HCR_IMO);
		enable_gic(_metadata, vm, cpu);
	}
	return vm;
}

FIXTURE_SETUP(irq)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	if (variant->id >= nr_timers())
		SKIP(return, "a guest at EL1 has no timers of EL2");
	self->ppi = variant->choose ? timers[variant->id].other : timers[variant->id].ppi;
	self->vm = irq_vm(_metadata, variant->type, variant->choose);
	self->by_guest = !reg_listed(self->vm->vcpu[0], timers[variant->id].cval);
}

FIXTURE_TEARDOWN(irq)
{
	test_vm_free(self->vm);
}

/* A VM that no one gave an offset: only the virtual counter of a guest at EL1 is another one */
static u64 timer_count(struct test_vm *vm, enum timer_id id)
{
	return id == VTIMER ? reg_get(vm->vcpu[0], ABI_REG_TIMER_CNT) : host_counter();
}

static void guest_sets_timer(struct __test_metadata *_metadata, struct test_vm *vm,
			     unsigned int cpu, enum timer_id id, u64 ctl, u64 cval)
{
	const struct timer *timer = &timers[id];

	access_reg(_metadata, vm, cpu, vm->at_el2 ? timer->el2_cval : timer->el1_cval, true, cval);
	access_reg(_metadata, vm, cpu, vm->at_el2 ? timer->el2_ctl : timer->el1_ctl, true, ctl);
}

static void set_timer(struct __test_metadata *_metadata, FIXTURE_DATA(irq) * self, unsigned int cpu,
		      enum timer_id id, u64 ctl, u64 cval)
{
	if (self->by_guest) {
		guest_sets_timer(_metadata, self->vm, cpu, id, ctl, cval);
		return;
	}
	reg_set(self->vm->vcpu[cpu], timers[id].cval, cval);
	reg_set(self->vm->vcpu[cpu], timers[id].ctl, ctl);
}

static void expect_irq(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		       const struct guest_wait *wait)
{
	struct guest_result res;

	guest_wait_irq(vm->vcpu[cpu], wait, &res);
	ASSERT_EQ(GUEST_IRQ, res.end)
	{
		TH_LOG("vCPU %u, which waits for its timer: the guest %s; expected it to take an interrupt",
		       cpu, guest_end_str(&res));
	}
}

/* Some milliseconds: so a timer often expires while the guest is there */
static u64 soon(void)
{
	return host_counter_hz() / 50;
}

/* Whether user space or the guest sets it, on the vCPU whose timer it is, asleep or not */
TEST_F(irq, arrives_when_the_timer_expires)
{
	struct guest_wait wait = { 0 };
	unsigned int i, cpu;
	u64 due, now;

	for (i = 0; i < 8; i++) {
		cpu = i / 2 % 2;
		wait.wfi = i % 2;
		self->by_guest |= i >= 4;
		due = timer_count(self->vm, variant->id) + soon();
		set_timer(_metadata, self, cpu, variant->id, ABI_TIMER_ENABLE, due);
		expect_irq(_metadata, self->vm, cpu, &wait);
		now = timer_count(self->vm, variant->id);
		EXPECT_LE(due, now)
		{
			TH_LOG("the count is %#lx; expected the compare value %#lx or more", now,
			       due);
		}
		expect_ack(_metadata, self->vm, !cpu, ABI_INTID_NONE, "of the other vCPU's timer");
		expect_ack(_metadata, self->vm, cpu, self->ppi, "of its timer");
		set_timer(_metadata, self, cpu, variant->id, 0, 0);
		expect_ack(_metadata, self->vm, cpu, ABI_INTID_NONE, "once its timer is off");
	}
}

/* The signal is a level: it comes again until the guest makes it stop */
TEST_F(irq, stays_until_the_timer_is_quiet)
{
	const struct guest_wait wait = { .wfi = true };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		set_timer(_metadata, self, 0, variant->id, ABI_TIMER_ENABLE, 0);
		expect_irq(_metadata, self->vm, 0, &wait);
		expect_ack(_metadata, self->vm, 0, self->ppi, "of its timer");
		expect_ack(_metadata, self->vm, 0, self->ppi, "of its timer again");
		set_timer(_metadata, self, 0, variant->id, ABI_TIMER_ENABLE,
			  i ? ~0ULL : timer_count(self->vm, variant->id) + (1ULL << 40));
		expect_ack(_metadata, self->vm, 0, ABI_INTID_NONE, "with a compare value far away");
	}
}

TEST_F(irq, does_not_come_from_a_timer_that_is_off_or_masked)
{
	static const struct {
		u64 ctl, cval;
		const char *when;
	} quiet[] = {
		{ 0, 0, "of a timer that is off" },
		{ ABI_TIMER_IMASK, 0, "of a timer that is off and masked" },
		{ ABI_TIMER_ENABLE | ABI_TIMER_IMASK, 0, "of a timer that is masked" },
		{ ABI_TIMER_ENABLE, ~0ULL, "with a compare value far away" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(quiet); i++) {
		set_timer(_metadata, self, 0, variant->id, quiet[i].ctl, quiet[i].cval);
		run_once(_metadata, self->vm, 0);
		expect_ack(_metadata, self->vm, 0, ABI_INTID_NONE, quiet[i].when);
	}
	/* and the guest does take one that is on */
	set_timer(_metadata, self, 0, variant->id, ABI_TIMER_ENABLE, 0);
	run_once(_metadata, self->vm, 0);
	expect_ack(_metadata, self->vm, 0, self->ppi, "of its timer");
}

/* No interrupt is left of a timer that was about to expire, or had, as another one does */
TEST_F(irq, does_not_come_once_the_timer_is_quiet)
{
	static const struct {
		u64 ctl;
		bool far;
	} quiet[] = {
		{ 0, false },
		{ ABI_TIMER_ENABLE | ABI_TIMER_IMASK, false },
		{ ABI_TIMER_ENABLE, true },
	};
	enum timer_id other = variant->id ^ 1; /* of the same level */
	int other_ppi = variant->choose ? timers[other].other : timers[other].ppi;
	struct guest_wait wait = { 0 };
	unsigned int i;
	u64 due;

	for (i = 0; i < 2 * ARRAY_SIZE(quiet); i++) {
		self->by_guest |= i >= ARRAY_SIZE(quiet);
		wait.wfi = !(i % 2);
		due = timer_count(self->vm, variant->id) + soon();
		set_timer(_metadata, self, 0, variant->id, ABI_TIMER_ENABLE, due);
		run_once(_metadata, self->vm, 0);
		set_timer(_metadata, self, 0, variant->id, quiet[i % ARRAY_SIZE(quiet)].ctl,
			  quiet[i % ARRAY_SIZE(quiet)].far ? ~0ULL : due);
		guest_sets_timer(_metadata, self->vm, 0, other, ABI_TIMER_ENABLE,
				 timer_count(self->vm, other) + 2 * soon());
		expect_irq(_metadata, self->vm, 0, &wait);
		expect_ack(_metadata, self->vm, 0, other_ppi, "of the other timer");
		guest_sets_timer(_metadata, self->vm, 0, other, 0, 0);
		expect_ack(_metadata, self->vm, 0, ABI_INTID_NONE, "once both are quiet");
	}
}

/*
 * A timer is off after KVM_ARM_VCPU_INIT, as vcpu_reset_test has it, so that its line is low, as
 * user space reads it at once [devices/arm-vgic-v3.rst, LEVEL_INFO]
 */
TEST_F(irq, ends_with_vcpu_init)
{
	const struct vgic_reg levels = { "the levels of PPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 };
	u32 ppi = BIT(self->ppi);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		set_timer(_metadata, self, 1, variant->id, ABI_TIMER_ENABLE, 0);
		run_once(_metadata, self->vm, 1);
		if (variant->type == V3)
			expect_reg(_metadata, self->vm, 1, &levels, ppi);
		test_vcpu_reinit(self->vm, 1);
		if (variant->type == V3)
			expect_reg(_metadata, self->vm, 1, &levels, 0);
		if (self->vm->at_el2)
			reg_set(self->vm->vcpu[1], ABI_HCR_EL2,
				reg_get(self->vm->vcpu[1], ABI_HCR_EL2) | ABI_HCR_IMO);
		enable_gic(_metadata, self->vm, 1);
		expect_ack(_metadata, self->vm, 1, ABI_INTID_NONE, "after KVM_ARM_VCPU_INIT");
	}
	/* and it does come if it is turned on again */
	set_timer(_metadata, self, 1, variant->id, ABI_TIMER_ENABLE, 0);
	run_once(_metadata, self->vm, 1);
	expect_ack(_metadata, self->vm, 1, self->ppi, "of its timer");
}

/* The guest arms its timer itself, and then waits without an exit between or with one */
FIXTURE(armed)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(armed)
{
	u32 type;
	enum timer_id id;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(armed, v3_vtimer) { V3, VTIMER };
FIXTURE_VARIANT_ADD(armed, v3_ptimer) { V3, PTIMER };
FIXTURE_VARIANT_ADD(armed, v2_vtimer) { V2, VTIMER };
FIXTURE_VARIANT_ADD(armed, v2_ptimer) { V2, PTIMER };
/* clang-format on */

FIXTURE_SETUP(armed)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (guest_at_el2)
		SKIP(return, "a guest at EL2 has the timers of EL1 under other names");
	if (missing)
		SKIP(return, "%s", missing);
	self->vm = irq_vm(_metadata, variant->type, false);
}

FIXTURE_TEARDOWN(armed)
{
	test_vm_free(self->vm);
}

TEST_F(armed, by_the_guest_it_interrupts)
{
	const struct timer *timer = &timers[variant->id];
	struct guest_wait wait = { .ticks = soon() };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		wait.wfi = i % 2;
		wait.arm = i / 2 ? 0 : timer->arm;
		if (!wait.arm) {
			access_reg(_metadata, self->vm, 1, timer->el1_cval, true,
				   timer_count(self->vm, variant->id) + soon());
			access_reg(_metadata, self->vm, 1, timer->ctl, true, ABI_TIMER_ENABLE);
		}
		expect_irq(_metadata, self->vm, 1, &wait);
		expect_ack(_metadata, self->vm, 1, timer->ppi, "of its timer");
		access_reg(_metadata, self->vm, 1, timer->ctl, true, 0);
		expect_ack(_metadata, self->vm, 1, ABI_INTID_NONE, "once its timer is off");
	}
}

/* What the physical count is ahead of the virtual one: two bounds */
static void counts_apart(struct test_vm *vm, u64 *low, u64 *high)
{
	u64 before = host_counter(), count = timer_count(vm, VTIMER);

	*low = before - count;
	*high = host_counter() - count;
}

/*
 * The same of the guest, in one KVM_RUN: it turns one timer off, arms the other and waits. Had the
 * first one expired by then, the guest may take an interrupt that is no more, INTID 1023: so
 * that does not count, and is tried again with more time.
 */
TEST_F(armed, and_turned_off_by_the_guest_it_does_not)
{
	enum timer_id other = variant->id ^ 1;
	u64 due, off, low, high, ahead = soon();
	struct guest_wait wait = {
		.arm = timers[other].arm,
		.quiet = timers[variant->id].arm,
	};
	struct watch *watch =
		watch_begin(1, "to turn its timer off before that expires; it always came late", 0);
	unsigned int i = 0;

	counts_apart(self->vm, &low, &high);
	while (i < 2) {
		wait.wfi = i;
		wait.ticks = 2 * ahead;
		due = timer_count(self->vm, variant->id) + ahead;
		guest_sets_timer(_metadata, self->vm, 1, variant->id, ABI_TIMER_ENABLE, due);
		expect_irq(_metadata, self->vm, 1, &wait);
		off = access_reg(_metadata, self->vm, 1, timers[other].el1_cval, false, 0) -
		      wait.ticks + (variant->id == PTIMER ? high : -low);
		if (off < due) {
			expect_ack(_metadata, self->vm, 1, timers[other].ppi, "of the other timer");
			i++;
		} else {
			ahead *= 2;
		}
		guest_sets_timer(_metadata, self->vm, 1, other, 0, 0);
		expect_ack(_metadata, self->vm, 1, ABI_INTID_NONE, "once both are quiet");
	}
	watch_end(watch);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
