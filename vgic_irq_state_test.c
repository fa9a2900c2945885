// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_irq_state_test: what becomes of an interrupt from pending to its end: the states that user
 * space and the guest set, priorities, masks and enables. What counts is which interrupts the
 * guest takes, and in which order.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3: GICD_ISPENDR is the latched state
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0069 (GIC) 4, IHI0048 (GIC2) 3           the life cycle of an interrupt
 *
 * On real hardware and in QEMU a CPU has between 4 and 16 list registers; the tests have more
 * interrupts pending and active at once than that.
 */
#include "harness.h"

#include "irq_fixture.h"

/* An interrupt of the fixture's VM, and the vCPU that takes it: user space reads its own state */
struct one {
	u32 intid;
	unsigned int cpu;
	bool edge;
};

static const struct one some[] = {
	{ SGI_0, 3, true }, { SGI, 2, true },	{ PPI, 2, false },
	{ SPI, 0, false },  { SPI_2, 0, true },
};

/* What GICC_IAR has after user space made it pending: an SGI comes from the vCPU itself */
static u32 iar_of(const struct test_vm *vm, const struct one *one)
{
	if (vm->vgic_type == V2 && one->intid < ABI_GIC_PPI)
		return SGI_FROM(one->intid, one->cpu);
	return one->intid;
}

/* Set or clear a state by user space or by the guest, of which a vGICv2 asks the vCPU itself */
static void set_by(struct test_vm *vm, bool guest, u32 offset, const struct one *one)
{
	if (guest)
		irq_guest_set(vm, vm->vgic_type == V2 ? one->cpu : 1, one->cpu, offset, one->intid);
	else
		irq_set(vm, one->cpu, offset, one->intid);
}

static void clear_by(struct test_vm *vm, bool guest, u32 offset, const struct one *one)
{
	if (guest)
		irq_guest_clear(vm, vm->vgic_type == V2 ? one->cpu : 1, one->cpu, offset,
				one->intid);
	else
		irq_clear(vm, one->cpu, offset, one->intid);
}

/* A vGICv2's SGIs are pending by their sources: the guest cannot set or clear them [GIC2 4.3.7] */
static bool guest_can_set(const struct test_vm *vm, const struct one *one)
{
	return vm->vgic_type == V3 || one->intid >= ABI_GIC_PPI;
}

TEST_F(irq, pending_by_user_space_is_taken_once)
{
	const u32 pend = ABI_GICD_ISPENDR;
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		irq_set(vm, o->cpu, pend, o->intid);
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 1, 1, "set by user space");
		expect_taken_by(_metadata, vm, o->cpu, iar_of(vm, o), "set by user space");
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 0, 0, "taken");

		irq_set(vm, o->cpu, pend, o->intid);
		irq_clear(vm, o->cpu, pend, o->intid);
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 0, 0, "cleared");
		expect_taken_by(_metadata, vm, 0, NOTHING, "cleared by user space");
	}
}

TEST_F(irq, pending_by_the_guest_is_taken_once)
{
	const u32 pend = ABI_GICD_ISPENDR;
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];
		bool can = guest_can_set(vm, o);

		set_by(vm, true, pend, o);
		expect_state(_metadata, vm, o->cpu, pend, o->intid, can, can, "set by the guest");
		expect_taken_by(_metadata, vm, o->cpu, can ? iar_of(vm, o) : NOTHING,
				"set by the guest");
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 0, 0, "taken");

		irq_set(vm, o->cpu, pend, o->intid);
		clear_by(vm, true, pend, o);
		expect_taken_by(_metadata, vm, o->cpu, can ? NOTHING : iar_of(vm, o),
				"cleared by the guest");
	}
}

/* arm-vgic-v3.rst: user space has the latch, the guest the latch or the line */
TEST_F(irq, level_is_pending_by_its_latch_or_its_line)
{
	static const u32 intids[] = { PPI, SPI };
	const u32 pend = ABI_GICD_ISPENDR;
	struct test_vm *vm = self->vm;
	bool v2 = variant->type == V2;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(intids); i++) {
		u32 id = intids[i];

		irq_line(vm, 0, id, true);
		expect_state(_metadata, vm, 0, pend, id, v2, 1, "the line is high");
		irq_guest_clear(vm, 0, 0, pend, id);
		expect_state(_metadata, vm, 0, pend, id, v2, 1, "cleared while the line is high");
		irq_guest_set(vm, 0, 0, pend, id);
		irq_line(vm, 0, id, false);
		expect_state(_metadata, vm, 0, pend, id, 1, 1, "set, and then the line is low");
		expect_takes(vm, 0, GUEST_IRQ_END, "set by the guest", id);
		expect_state(_metadata, vm, 0, pend, id, 0, 0, "taken and ended");
		expect_takes(vm, 0, GUEST_IRQ_END, "taken and ended", NOTHING);

		/* Taken, it is no longer latched, but pending while its line is high */
		irq_set(vm, 0, pend, id);
		irq_line(vm, 0, id, true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "latched, and the line is high", id);
		irq_line(vm, 0, id, false);
		end_irq(vm, 0, id);
		expect_takes(vm, 0, GUEST_IRQ_END, "the line is low", NOTHING);
	}
}

/* arm-vgic-v3.rst: the latch is cleared by "interrupt activation" */
TEST_F(irq, latch_is_cleared_when_the_interrupt_is_taken)
{
	const u32 pend = ABI_GICD_ISPENDR;
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		irq_set(vm, o->cpu, pend, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "latched", iar_of(vm, o));
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 0, 0, "taken and not ended");
		end_irq(vm, o->cpu, iar_of(vm, o));
	}
}

static void pend_while_active(struct __test_metadata *_metadata, struct test_vm *vm, bool edge)
{
	const u32 pend = ABI_GICD_ISPENDR, act = ABI_GICD_ISACTIVER;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];
		u32 iar = iar_of(vm, o);

		if (o->edge != edge)
			continue;
		irq_set(vm, o->cpu, pend, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "pending", iar);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 1, 1, "taken");
		irq_set(vm, o->cpu, pend, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "active and pending", NOTHING);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 1, 1, "active and pending");
		expect_state(_metadata, vm, o->cpu, pend, o->intid, 1, 1, "active and pending");
		end_irq(vm, o->cpu, iar);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 0, 0, "ended");
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "ended, and pending", iar);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "taken again", NOTHING);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 0, 0, "ended again");
	}
}

TEST_F(irq, active_is_not_taken_again_until_its_end)
{
	pend_while_active(_metadata, self->vm, true);
}

/* GIC 4.1.2, GIC2 3.2.4: active and pending becomes pending, of level-sensitive ones, too */
TEST_F(irq, level_latched_while_it_is_active_is_taken_again)
{
	pend_while_active(_metadata, self->vm, false);
}

/* Set by a register, without a priority that the CPU interface knows of */
TEST_F(irq, active_by_a_register_is_not_taken)
{
	const u32 pend = ABI_GICD_ISPENDR, act = ABI_GICD_ISACTIVER;
	struct test_vm *vm = self->vm;
	unsigned int i, guest;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		for (guest = 0; guest < 2; guest++) {
			set_by(vm, guest, act, o);
			expect_state(_metadata, vm, o->cpu, act, o->intid, 1, 1, "set active");
			irq_set(vm, o->cpu, pend, o->intid);
			expect_taken_by(_metadata, vm, 0, NOTHING, "active by a register");
			expect_state(_metadata, vm, o->cpu, act, o->intid, 1, 1, "still active");
			clear_by(vm, guest, act, o);
			expect_state(_metadata, vm, o->cpu, act, o->intid, 0, 0, "set inactive");
			expect_takes(vm, o->cpu, GUEST_IRQ_END, "no longer active", iar_of(vm, o));
		}
	}
}

/* GIC 4.7.2, GIC2 3.2.1: EOImode 1. No two are active, so the running priority is all that EOI has */
TEST_F(irq, end_and_deactivation_are_apart_if_the_guest_asks)
{
	const struct guest_irq_setup split = { .pmr = LOWEST, .split = true };
	const u32 pend = ABI_GICD_ISPENDR, act = ABI_GICD_ISACTIVER;
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		guest_irq_setup(vm, i, &split);
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];
		u32 iar = iar_of(vm, o);

		irq_set(vm, o->cpu, pend, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "pending", iar);
		end_irq(vm, o->cpu, iar);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 1, 1, "its priority dropped");
		if (o->edge)
			irq_set(vm, o->cpu, pend, o->intid);
		else
			irq_line(vm, o->cpu, o->intid, true);
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "not yet deactivated", NOTHING);
		guest_irq_deactivate(vm, o->cpu, iar);
		expect_state(_metadata, vm, o->cpu, act, o->intid, 0, 0, "deactivated");
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "deactivated, and pending", iar);
		if (!o->edge)
			irq_line(vm, o->cpu, o->intid, false);
		end_irq(vm, o->cpu, iar);
		guest_irq_deactivate(vm, o->cpu, iar);
		expect_takes(vm, o->cpu, GUEST_IRQ_HOLD, "the end", NOTHING);
	}
}

/* GIC 4.7.2, GIC2 3.2.1: an SPI need not be deactivated by the vCPU that took it */
TEST_F(irq, spi_is_deactivated_by_another_vcpu)
{
	const struct guest_irq_setup split = { .pmr = LOWEST, .split = true };
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		guest_irq_setup(vm, i, &split);
	irq_line(vm, 0, SPI_2, true);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "an edge", SPI_2);
	end_irq(vm, 0, SPI_2);
	guest_irq_deactivate(vm, 1, SPI_2);
	expect_state(_metadata, vm, 0, ABI_GICD_ISACTIVER, SPI_2, 0, 0,
		     "deactivated by another vCPU");
	irq_line(vm, 0, SPI_2, true);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "the next edge", SPI_2);
}

/* SPIs of the tests below */
#define FIRST 64U
#define MANY 24U

/* The nth of MANY to be taken; the order in which they become pending is another */
static u32 nth(unsigned int n)
{
	return FIRST + n * 7 % MANY;
}

/* GIC 4.8, GIC2 3.3: the lower value first; GICv3 has at least 32 of them, GICv2 16 */
TEST_F(irq, highest_priority_is_taken_first)
{
	unsigned int step = variant->type == V3 ? 8 : 16, nr = variant->type == V3 ? MANY : 12;
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	u32 want[MANY + 1];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		want[i] = nth(i);
		irq_enable(vm, 0, want[i], true);
		irq_field_set(vm, 0, ABI_GICD_IPRIORITYR, 8, want[i], 0x10 + i * step);
	}
	want[nr] = NOTHING;
	for (i = FIRST; i < FIRST + MANY; i++)
		irq_line(vm, 0, i, true);
	guest_irq_take(vm, 0, GUEST_IRQ_END, &taken);
	__expect_irqs(_metadata, vm, 0, &taken, "all were pending", want);
	for (i = 0; i < taken.nr; i++)
		EXPECT_EQ(0x10 + i * step, taken.irq[i].rpr)
		{
			TH_LOG("interrupt %u runs at priority %#x; expected its own, %#x",
			       taken.irq[i].iar, taken.irq[i].rpr, 0x10 + i * step);
		}
}

/* More than there are list registers, of one priority, each with a vCPU that sees it once */
TEST_F(irq, many_pending_are_all_taken)
{
	struct test_vm *vm = self->vm;
	bool seen[MANY] = { false };
	struct guest_irqs taken;
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		irq_enable(vm, 0, FIRST + i, i % 2);
		irq_set(vm, 0, ABI_GICD_ISPENDR, FIRST + i);
	}
	guest_irq_take(vm, 0, GUEST_IRQ_END, &taken);
	EXPECT_EQ(MANY, taken.nr);
	for (i = 0; i < taken.nr; i++) {
		u32 nr = taken.irq[i].iar - FIRST;

		EXPECT_TRUE(nr < MANY && !seen[nr])
		{
			TH_LOG("interrupt %u is taken twice, or not pending", taken.irq[i].iar);
			continue;
		}
		seen[nr] = true;
	}
}

/* Each preempts the one before; then they end in the opposite order */
TEST_F(irq, nested_interrupts_end_one_after_the_other)
{
	unsigned int step = variant->type == V3 ? 8 : 16, nr = variant->type == V3 ? MANY : 12, i;
	struct test_vm *vm = self->vm;

	for (i = 0; i < nr; i++) {
		irq_enable(vm, 0, nth(i), true);
		irq_field_set(vm, 0, ABI_GICD_IPRIORITYR, 8, nth(i), 0x10 + i * step);
	}
	for (i = nr; i--;) {
		irq_line(vm, 0, nth(i), true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "of a higher priority than all before", nth(i));
		/* Lower than what runs now: it has to wait */
		if (i + 1 < nr)
			irq_line(vm, 0, nth(i + 1), true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "of a lower priority than what runs", NOTHING);
	}
	for (i = 0; i < nr; i++) {
		expect_state(_metadata, vm, 0, ABI_GICD_ISACTIVER, nth(i), 1, 1, "nested");
		end_irq(vm, 0, nth(i));
		expect_state(_metadata, vm, 0, ABI_GICD_ISACTIVER, nth(i), 0, 0, "ended");
	}
	for (i = 1; i < nr; i++)
		expect_state(_metadata, vm, 0, ABI_GICD_ISPENDR, nth(i), 1, 1, "waits");
	for (i = 0; i < nr; i++)
		irq_clear(vm, 0, ABI_GICD_ISPENDR, nth(i));
	expect_takes(vm, 0, GUEST_IRQ_END, "all have ended", NOTHING);
}

/* EOImode 1: the same number active at once, deactivated in an order of their own */
TEST_F(irq, many_active_are_deactivated_in_any_order)
{
	const struct guest_irq_setup split = { .pmr = LOWEST, .split = true };
	struct test_vm *vm = self->vm;
	unsigned int i;

	guest_irq_setup(vm, 0, &split);
	for (i = 0; i < MANY; i++) {
		irq_enable(vm, 0, FIRST + i, true);
		irq_line(vm, 0, FIRST + i, true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the priority of those before dropped",
			     FIRST + i);
		end_irq(vm, 0, FIRST + i);
	}
	for (i = 0; i < MANY; i++) {
		expect_state(_metadata, vm, 0, ABI_GICD_ISACTIVER, nth(i), 1, 1, "one of many");
		guest_irq_deactivate(vm, 0, nth(i));
		expect_state(_metadata, vm, 0, ABI_GICD_ISACTIVER, nth(i), 0, 0, "deactivated");
	}
	for (i = 0; i < MANY; i++) {
		irq_line(vm, 0, FIRST + i, true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the next edge of each", FIRST + i);
		end_irq(vm, 0, FIRST + i);
		guest_irq_deactivate(vm, 0, FIRST + i);
	}
}

/* GIC 4.8, GIC2 3.3: what is not below the mask waits */
TEST_F(irq, priority_mask_lets_lower_values_through)
{
	struct guest_irq_setup setup = { .pmr = PRIORITY };
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		setup.pmr = PRIORITY;
		guest_irq_setup(vm, o->cpu, &setup);
		irq_set(vm, o->cpu, ABI_GICD_ISPENDR, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "masked by its own priority", NOTHING);
		setup.pmr = PRIORITY + 0x10;
		guest_irq_setup(vm, o->cpu, &setup);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "below the mask", iar_of(vm, o));
	}
}

TEST_F(irq, disabled_waits_until_it_is_enabled)
{
	const u32 enable = ABI_GICD_ISENABLER;
	struct test_vm *vm = self->vm;
	unsigned int i, guest;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		for (guest = 0; guest < 2; guest++) {
			clear_by(vm, guest, enable, o);
			irq_set(vm, o->cpu, ABI_GICD_ISPENDR, o->intid);
			expect_takes(vm, o->cpu, GUEST_IRQ_END, "disabled", NOTHING);
			set_by(vm, guest, enable, o);
			expect_takes(vm, o->cpu, GUEST_IRQ_END, "enabled", iar_of(vm, o));
		}
		/* Pending and not yet seen by the vCPU */
		irq_set(vm, o->cpu, ABI_GICD_ISPENDR, o->intid);
		irq_clear(vm, o->cpu, enable, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "disabled while it is pending", NOTHING);
		irq_set(vm, o->cpu, enable, o->intid);
		expect_takes(vm, o->cpu, GUEST_IRQ_END, "enabled again", iar_of(vm, o));
	}
}

TEST_F(irq, distributor_that_is_off_forwards_nothing)
{
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		irq_set(vm, some[i].cpu, ABI_GICD_ISPENDR, some[i].intid);
		irq_distributor(vm, false);
		irq_distributor(vm, true);
		expect_takes(vm, some[i].cpu, GUEST_IRQ_END, "off and on again",
			     iar_of(vm, &some[i]));
		irq_set(vm, some[i].cpu, ABI_GICD_ISPENDR, some[i].intid);
		irq_distributor(vm, false);
		expect_taken_by(_metadata, vm, 0, NOTHING, "the distributor is off");
		irq_clear(vm, some[i].cpu, ABI_GICD_ISPENDR, some[i].intid);
		irq_distributor(vm, true);
	}
}

/* GIC 12.9.4, GIC2 4.3.1: it stops forwarding, not the interrupts' state */
TEST_F(irq, pending_while_the_distributor_is_off_comes_when_it_is_on)
{
	struct test_vm *vm = self->vm;
	unsigned int i, guest;

	for (guest = 0; guest < 2; guest++) {
		for (i = 0; i < ARRAY_SIZE(some); i++) {
			irq_distributor(vm, false);
			irq_set(vm, some[i].cpu, ABI_GICD_ISPENDR, some[i].intid);
			if (guest)
				guest_writes(_metadata, vm, 1, 0, &vgic_ctlr,
					     variant->type == V3 ? ABI_GICD_CTLR_ENABLE_GRP1 : 1);
			else
				irq_distributor(vm, true);
			expect_takes(vm, some[i].cpu, GUEST_IRQ_END,
				     guest ? "switched on by the guest" : "switched on",
				     iar_of(vm, &some[i]));
		}
	}
}

TEST_F(irq, group_decides_how_it_comes)
{
	const struct guest_irq_setup without[] = {
		{ .pmr = LOWEST, .off = GUEST_IRQ_GROUP_0 },
		{ .pmr = LOWEST, .off = GUEST_IRQ_BOTH_GROUPS },
	};
	const struct guest_irq_setup both = { .pmr = LOWEST };
	struct test_vm *vm = self->vm;
	unsigned int i, group;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		const struct one *o = &some[i];

		for (group = 0; group < 2; group++) {
			u32 iar = group ? iar_of(vm, o) : FIQ(iar_of(vm, o));

			irq_guest_field_set(vm, o->cpu, o->cpu, ABI_GICD_IGROUPR, 1, o->intid,
					    group);
			guest_irq_setup(vm, o->cpu, &without[group]);
			irq_set(vm, o->cpu, ABI_GICD_ISPENDR, o->intid);
			expect_takes(vm, o->cpu, GUEST_IRQ_END, "its group is off", NOTHING);
			guest_irq_setup(vm, o->cpu, &both);
			expect_takes(vm, o->cpu, GUEST_IRQ_END, "its group is on", iar);
		}
	}
}

/* More than there are list registers, of a higher priority, in a group that does not interrupt */
TEST_F(irq, group_that_is_off_keeps_no_others_out)
{
	const struct guest_irq_setup group_1 = { .pmr = LOWEST, .off = GUEST_IRQ_GROUP_0 };
	struct test_vm *vm = self->vm;
	unsigned int i;

	if (variant->type == V2)
		SKIP(return, "a GICv2 signals its highest pending interrupt, or none");
	guest_irq_setup(vm, 0, &group_1);
	for (i = 0; i < MANY; i++) {
		irq_enable(vm, 0, FIRST + i, true);
		irq_field_set(vm, 0, ABI_GICD_IGROUPR, 1, FIRST + i, 0);
		irq_field_set(vm, 0, ABI_GICD_IPRIORITYR, 8, FIRST + i, 0x50);
		irq_line(vm, 0, FIRST + i, true);
	}
	irq_line(vm, 0, SPI, true);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "others of group 0, which is off, are pending", SPI);
	irq_line(vm, 0, SPI, false);
	end_irq(vm, 0, SPI);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
