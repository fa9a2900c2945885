// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_irq_test: interrupts that a guest takes: those that its vCPUs send each other, and those
 * of lines that user space sets. Each is taken once, by the right vCPU, with the right id.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.24, 4.25        KVM_CREATE_IRQCHIP, KVM_IRQ_LINE
 *   Arm IHI0069 (GIC) 4, 12.2, IHI0048 (GIC2) 3, 4   how interrupts are sent and routed
 *   Arm DDI0487 (ARM) D12                            when a timer interrupts
 *
 * No document has the errno of a KVM_IRQ_LINE that names no interrupt: the tests hold KVM to the
 * one that it gives. What a guest does with its interrupts is in vgic_irq_state_test.
 */
#include <errno.h>
#include <sched.h>

#include "harness.h"

#include "irq_fixture.h"
#include "watch.h"

static const u32 sgis[] = { 0, 7, 15 };

static void enable_sgis(struct test_vm *vm)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		for (i = 0; i < ARRAY_SIZE(sgis); i++)
			irq_enable(vm, cpu, sgis[i], true);
}

/* vCPUs of irq_vm() as a set */
#define CPU(n) BIT(n)

/* clang-format off */

/* ICC_SGI1R_EL1 and its like: who gets the interrupt if vCPU 1 writes it [GIC 12.2.21] */
static const struct sgi3_row {
	const char *what;
	u64 reg, val; /* without the INTID */
	bool group1; /* the group of that interrupt at its targets */
	u32 to;
} sgi3_rows[] = {
	{ "a list of vCPU 0", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 0, 1), true, CPU(0) },
	{ "a list of the sender", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 0, 2), true, CPU(1) },
	{ "a list of three", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 0, 7), true, CPU(0) | CPU(1) | CPU(2) },
	{ "a list of all 16", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 0, 0xffff), true,
	  CPU(0) | CPU(1) | CPU(2) },
	{ "an empty list", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 0, 0), true, 0 },
	{ "a list with the last one's affinity", ABI_ICC_SGI1R_EL1,
	  SGI_LIST(0, LAST_AFF2, LAST_AFF1, 2), true, CPU(3) },
	{ "a list of no vCPU with that affinity", ABI_ICC_SGI1R_EL1,
	  SGI_LIST(0, LAST_AFF2, LAST_AFF1, 0xfffd), true, 0 },
	{ "a list with another Aff1", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 0, 1, 2), true, 0 },
	{ "a list with another Aff2", ABI_ICC_SGI1R_EL1, SGI_LIST(0, 1, 0, 2), true, 0 },
	{ "a list with another Aff3", ABI_ICC_SGI1R_EL1, SGI_LIST(1, 0, 0, 2), true, 0 },
	{ "a list with the last one's Aff1 alone", ABI_ICC_SGI1R_EL1,
	  SGI_LIST(0, 0, LAST_AFF1, 2), true, 0 },
	{ "a list with the last one's Aff2 alone", ABI_ICC_SGI1R_EL1,
	  SGI_LIST(0, LAST_AFF2, 0, 2), true, 0 },
	{ "all but the sender", ABI_ICC_SGI1R_EL1, ABI_ICC_SGI_IRM, true,
	  CPU(0) | CPU(2) | CPU(3) },
	{ "all but the sender, and a list that does not count", ABI_ICC_SGI1R_EL1,
	  ABI_ICC_SGI_IRM | SGI_LIST(0, 0, 0, 3), true, CPU(0) | CPU(2) | CPU(3) },
	{ "group 0 by ICC_SGI0R_EL1", ABI_ICC_SGI0R_EL1, SGI_LIST(0, 0, 0, 4), false, CPU(2) },
	{ "group 0 to all but the sender", ABI_ICC_SGI0R_EL1, ABI_ICC_SGI_IRM, false,
	  CPU(0) | CPU(2) | CPU(3) },
	{ "ICC_SGI0R_EL1 at an interrupt of group 1", ABI_ICC_SGI0R_EL1, SGI_LIST(0, 0, 0, 7), true, 0 },
	{ "ICC_SGI0R_EL1 to all at interrupts of group 1", ABI_ICC_SGI0R_EL1, ABI_ICC_SGI_IRM,
	  true, 0 },
};

/* clang-format on */

TEST_F(irq, sgi_by_affinity_reaches_those_that_the_register_names)
{
	struct test_vm *vm = self->vm;
	unsigned int i, j;

	if (variant->type != V3)
		SKIP(return, "a vGICv2 sends by GICD_SGIR");
	enable_sgis(vm);
	for (i = 0; i < ARRAY_SIZE(sgi3_rows); i++) {
		const struct sgi3_row *row = &sgi3_rows[i];
		u32 intid = sgis[i % ARRAY_SIZE(sgis)];

		for (j = 0; j < vm->nr_vcpus; j++)
			irq_field_set(vm, j, ABI_GICD_IGROUPR, 1, intid, row->group1);
		guest_msr(vm, 1, row->reg, row->val | (u64)intid << 24);
		for (j = 0; j < vm->nr_vcpus; j++) {
			u32 iar = row->group1 ? intid : FIQ(intid);

			expect_takes(vm, j, GUEST_IRQ_END, row->what,
				     row->to & CPU(j) ? iar : NOTHING);
		}
	}
}

/* GICD_SGIR: who gets the interrupt if vCPU 1 writes it [GIC2 4.3.15] */
static const struct sgi2_row {
	const char *what;
	u32 val; /* without the INTID */
	u32 to;
} sgi2_rows[] = {
	{ "a list of vCPU 0", 1 << 16, CPU(0) },
	{ "a list of the sender", 2 << 16, CPU(1) },
	{ "a list of three", 0xd << 16, CPU(0) | CPU(2) | CPU(3) },
	{ "a list of vCPUs that are not there", 0xf0 << 16, 0 },
	{ "all but the sender", 1 << 24, CPU(0) | CPU(2) | CPU(3) },
	{ "all but the sender, and a list that does not count", 1 << 24 | 3 << 16,
	  CPU(0) | CPU(2) | CPU(3) },
	{ "the sender", 2 << 24, CPU(1) },
	{ "the sender, and a list that does not count", 2 << 24 | 0xf << 16, CPU(1) },
};

static void store_dist(struct test_vm *vm, unsigned int by, u32 offset, u32 val)
{
	const struct vgic_reg reg = { "GICD", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset };
	struct guest_result res;

	vgic_store(vm, by, 0, &reg, val, &res);
	TEST_ASSERT(res.end == GUEST_DONE, "A store to %#x: the guest %s", offset,
		    guest_end_str(&res));
}

TEST_F(irq, sgi_by_list_reaches_those_that_the_register_names)
{
	struct test_vm *vm = self->vm;
	unsigned int i, j;

	if (variant->type != V2)
		SKIP(return, "a vGICv3 sends by affinity");
	enable_sgis(vm);
	for (i = 0; i < ARRAY_SIZE(sgi2_rows); i++) {
		const struct sgi2_row *row = &sgi2_rows[i];
		u32 intid = sgis[i % ARRAY_SIZE(sgis)];

		store_dist(vm, 1, ABI_GICD_SGIR, row->val | intid);
		for (j = 0; j < vm->nr_vcpus; j++)
			expect_takes(vm, j, GUEST_IRQ_END, row->what,
				     row->to & CPU(j) ? SGI_FROM(intid, 1) : NOTHING);
	}
}

/* GIC2 3.2.3: each source's is an interrupt of its own */
TEST_F(irq, sgi_of_each_source_is_taken)
{
	const u32 to_0 = 1 << 16 | SGI, spend = ABI_GICD_SPENDSGIR, cpend = ABI_GICD_CPENDSGIR;
	struct test_vm *vm = self->vm;

	if (variant->type != V2)
		SKIP(return, "SGIs of a vGICv3 have no source");
	store_dist(vm, 1, ABI_GICD_SGIR, to_0);
	store_dist(vm, 3, ABI_GICD_SGIR, to_0);
	store_dist(vm, 1, ABI_GICD_SGIR, to_0);
	expect_takes(vm, 0, GUEST_IRQ_END, "sent by vCPUs 1 and 3", SGI_FROM(SGI, 1),
		     SGI_FROM(SGI, 3));

	store_dist(vm, 0, spend + (SGI & ~3U), 0xeU << SGI % 4 * 8);
	EXPECT_EQ(0xe, irq_guest_field(vm, 0, 0, cpend, 8, SGI));
	store_dist(vm, 0, cpend + (SGI & ~3U), 0x4U << SGI % 4 * 8);
	EXPECT_EQ(0xa, irq_guest_field(vm, 0, 0, spend, 8, SGI));
	EXPECT_EQ(0xa, irq_field(vm, 0, spend, 8, SGI));
	expect_takes(vm, 0, GUEST_IRQ_END, "pending from 1 to 3, not from 2", SGI_FROM(SGI, 1),
		     SGI_FROM(SGI, 3));
	store_dist(vm, 0, spend + (SGI & ~3U), 0x8U << SGI % 4 * 8);
	store_dist(vm, 0, cpend + (SGI & ~3U), 0x8U << SGI % 4 * 8);
	expect_taken_by(_metadata, vm, 0, NOTHING, "no longer pending from any");

	/* Active from 1, and pending from 2, which is not taken as if it were from 3 */
	store_dist(vm, 1, ABI_GICD_SGIR, to_0);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "sent by vCPU 1", SGI_FROM(SGI, 1));
	store_dist(vm, 2, ABI_GICD_SGIR, to_0);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "active from vCPU 1", NOTHING);
	end_irq(vm, 0, SGI_FROM(SGI, 1));
	expect_takes(vm, 0, GUEST_IRQ_END, "sent by vCPU 2 while the other was active",
		     SGI_FROM(SGI, 2));
}

TEST_F(irq, line_of_a_ppi_is_that_of_one_vcpu)
{
	struct test_vm *vm = self->vm;
	unsigned int cpu, i;

	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		irq_line(vm, cpu, PPI, true);
		for (i = 0; i < vm->nr_vcpus; i++)
			expect_takes(vm, i, GUEST_IRQ_HOLD, "the line of a PPI is high",
				     i == cpu ? PPI : NOTHING);
		irq_line(vm, cpu, PPI, false);
		end_irq(vm, cpu, PPI);
		expect_taken_by(_metadata, vm, 0, NOTHING, "no line is high");
	}
}

/* GIC 4.1, GIC2 3.2.4 */
TEST_F(irq, level_is_taken_for_as_long_as_it_is_high)
{
	static const u32 intids[] = { PPI, SPI };
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(intids); i++) {
		u32 id = intids[i];

		irq_line(vm, 0, id, true);
		irq_line(vm, 0, id, false);
		expect_taken_by(_metadata, vm, 0, NOTHING, "the level was high");
		irq_line(vm, 0, id, true);
		irq_line(vm, 0, id, true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the level is high", id);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "it is active", NOTHING);
		end_irq(vm, 0, id);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the level is still high", id);
		irq_line(vm, 0, id, false);
		end_irq(vm, 0, id);
		expect_taken_by(_metadata, vm, 0, NOTHING, "the level is low");
	}
}

/* api.rst 4.25: "edge-triggered interrupts require the level to be set to 1 and then back to 0" */
TEST_F(irq, edge_is_taken_once)
{
	struct test_vm *vm = self->vm;

	irq_line(vm, 0, SPI_2, false);
	expect_taken_by(_metadata, vm, 0, NOTHING, "no edge");
	irq_line(vm, 0, SPI_2, true);
	expect_taken_by(_metadata, vm, 0, SPI_2, "an edge");
	irq_line(vm, 0, SPI_2, false);
	expect_taken_by(_metadata, vm, 0, NOTHING, "a falling edge");
	irq_line(vm, 0, SPI_2, true);
	irq_line(vm, 0, SPI_2, false);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "another edge", SPI_2);
	irq_line(vm, 0, SPI_2, true);
	irq_line(vm, 0, SPI_2, false);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "an edge while it is active", NOTHING);
	end_irq(vm, 0, SPI_2);
	expect_takes(vm, 0, GUEST_IRQ_END, "the edge that came while it was active", SPI_2);
}

/* GIC 4.5, 12.9.22; GIC2 4.3.12: the first SPI and the last of NR_IRQS, by user space and guest */
TEST_F(irq, spi_is_taken_where_it_is_routed)
{
	static const u32 intids[] = { ABI_GIC_SPI, SPI_2, VGIC_NR_IRQS - 1 };
	struct test_vm *vm = self->vm;
	unsigned int i, cpu;
	u32 id;

	for (i = 0; i < ARRAY_SIZE(intids); i++) {
		id = intids[i];
		irq_enable(vm, 0, id, true);
		for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
			irq_route(vm, id, cpu);
			irq_line(vm, 0, id, true);
			expect_taken_by(_metadata, vm, cpu, id, "routed by user space");
		}
		for (cpu = vm->nr_vcpus; cpu--;) {
			if (variant->type == V2)
				irq_guest_field_set(vm, 1, 0, ABI_GICD_ITARGETSR, 8, id, BIT(cpu));
			else
				store_dist(vm, 1, ABI_GICD_IROUTER + 8 * id, vm->affinity[cpu]);
			irq_line(vm, 0, id, true);
			expect_taken_by(_metadata, vm, cpu, id, "routed by the guest");
		}
	}
}

/* While it waits at another vCPU. That one may have to run before the new one gets it */
TEST_F(irq, pending_spi_goes_where_it_is_routed_now)
{
	struct test_vm *vm = self->vm;

	irq_line(vm, 0, SPI_2, true);
	irq_route(vm, SPI_2, 2);
	expect_takes(vm, 0, GUEST_IRQ_END, "routed elsewhere", NOTHING);
	expect_takes(vm, 2, GUEST_IRQ_END, "routed here while it was pending", SPI_2);
	expect_taken_by(_metadata, vm, 0, NOTHING, "it has been taken");
}

/* GIC2 3.2.3: 1 of N: any of them, and it alone */
TEST_F(irq, spi_of_several_targets_is_taken_once)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	unsigned int i, nr = 0;

	if (variant->type != V2)
		SKIP(return, "an SPI of a vGICv3 has one target");
	irq_field_set(vm, 0, ABI_GICD_ITARGETSR, 8, SPI_2, 0xe);
	EXPECT_EQ(0xe, irq_guest_field(vm, 0, 0, ABI_GICD_ITARGETSR, 8, SPI_2));
	irq_line(vm, 0, SPI_2, true);
	for (i = 0; i < vm->nr_vcpus; i++) {
		guest_irq_take(vm, i, GUEST_IRQ_END, &taken);
		nr += taken.nr;
		EXPECT_TRUE(i || !taken.nr)
		{
			TH_LOG("vCPU 0 took an interrupt of which it is no target");
		}
	}
	EXPECT_EQ(1, nr);
}

/* Not an SPI beyond NR_IRQS: for that 5.10 warns, and fails the whole run */
/* clang-format off */
static const struct bad_line {
	const char *what;
	u32 irq;
	int err;
} bad_lines[] = {
	{ "an SGI as a PPI", ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 0U, 15U), -EINVAL },
	{ "an SPI as a PPI", ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 0U, 32U), -EINVAL },
	{ "a PPI of no vCPU", ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 4U, PPI), -EINVAL },
	{ "a PPI of no vCPU, by vcpu2_index", ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 256U, PPI), -EINVAL },
	{ "a PPI as an SPI", ABI_IRQ_LINE(ABI_IRQ_TYPE_SPI, 0U, 31U), -EINVAL },
	{ "an interrupt of a CPU", ABI_IRQ_LINE(ABI_IRQ_TYPE_CPU, 0U, 0U), -ENXIO },
	{ "an unknown type", ABI_IRQ_LINE(3U, 0U, SPI), -EINVAL },
};
/* clang-format on */

TEST_F(irq, line_that_is_not_there_is_refused)
{
	unsigned int i, level;

	for (i = 0; i < ARRAY_SIZE(bad_lines); i++)
		for (level = 0; level < 2; level++)
			expect_err(_metadata, bad_lines[i].what, bad_lines[i].irq, bad_lines[i].err,
				   __irq_line(self->vm, bad_lines[i].irq, level));
	for (i = 0; i < IRQ_VCPUS; i++)
		expect_takes(self->vm, i, GUEST_IRQ_END, "all was refused", NOTHING);
}

/* api.rst 4.25: the vcpu_index field is ignored */
TEST_F(irq, line_of_an_spi_has_no_vcpu)
{
	irq_route(self->vm, SPI_2, 2);
	EXPECT_EQ(0, __irq_line(self->vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_SPI, 1U, SPI_2), true));
	expect_taken_by(_metadata, self->vm, 2, SPI_2, "by another vCPU's number");
}

TEST_F(irq, vcpu_that_waits_is_woken)
{
	struct test_vm *vm = self->vm;
	struct guest_irq_waiter waiter;
	unsigned int asleep;

	irq_route(vm, SPI_2, 2);
	for (asleep = 0; asleep < 2; asleep++) {
		guest_irq_wait_start(vm, 2, asleep, 1, &waiter);
		irq_line(vm, 0, SPI_2, true);
		guest_irq_wait_end(&waiter);
		expect_irqs(vm, 2, &waiter.taken, "an edge while the vCPU waits", SPI_2);

		guest_irq_wait_start(vm, 2, asleep, 1, &waiter);
		irq_send(vm, 2, SGI);
		guest_irq_wait_end(&waiter);
		expect_irqs(vm, 2, &waiter.taken, "an SGI while the vCPU waits",
			    variant->type == V3 ? SGI : SGI_FROM(SGI, 0));
	}
}

/* Each edge comes once the one before has been acknowledged, and may have ended or not */
#define EDGES 16U

TEST_F(irq, edges_are_taken_by_a_vcpu_that_runs)
{
	u32 want[EDGES + 1];
	struct test_vm *vm = self->vm;
	struct guest_irq_waiter waiter;
	struct watch *watch;
	unsigned int i;

	irq_route(vm, SPI_2, 2);
	guest_irq_wait_start(vm, 2, false, EDGES, &waiter);
	watch = watch_begin(2, "to take an edge while it runs; it had not", 0);
	for (i = 0; i < EDGES; i++) {
		want[i] = SPI_2;
		irq_line(vm, 0, SPI_2, true);
		irq_line(vm, 0, SPI_2, false);
		while (guest_irq_waited(&waiter) <= i)
			sched_yield();
	}
	watch_end(watch);
	want[EDGES] = NOTHING;
	guest_irq_wait_end(&waiter);
	__expect_irqs(_metadata, vm, 2, &waiter.taken, "an edge, again and again", want);
	expect_taken_by(_metadata, vm, 0, NOTHING, "all have been taken");
}

/* WFI does not wait [ARM D1.6.1], though another interrupt that is masked is pending, too */
TEST_F(irq, vcpu_does_not_sleep_while_an_interrupt_is_pending)
{
	struct test_vm *vm = self->vm;
	struct guest_irq_waiter waiter;

	irq_route(vm, SPI, 2);
	irq_route(vm, SPI_2, 2);
	irq_field_set(vm, 0, ABI_GICD_IPRIORITYR, 8, SPI, LOWEST);
	irq_line(vm, 0, SPI_2, true);
	irq_line(vm, 0, SPI, true);
	guest_irq_wait_start(vm, 2, true, 1, &waiter);
	guest_irq_wait_end(&waiter);
	expect_irqs(vm, 2, &waiter.taken, "pending before the vCPU waits", SPI_2);
}

/* The guest on vCPU 0, which masks it, sends it to the one that waits */
TEST_F(irq, pending_spi_wakes_the_vcpu_that_it_is_routed_to)
{
	const struct guest_irq_setup masked = { .pmr = PRIORITY };
	struct test_vm *vm = self->vm;
	struct guest_irq_waiter waiter;

	guest_irq_setup(vm, 0, &masked);
	irq_line(vm, 0, SPI_2, true);
	expect_takes(vm, 0, GUEST_IRQ_END, "masked", NOTHING);
	guest_irq_wait_start(vm, 2, true, 1, &waiter);
	if (variant->type == V2)
		irq_guest_field_set(vm, 0, 0, ABI_GICD_ITARGETSR, 8, SPI_2, BIT(2));
	else
		store_dist(vm, 0, ABI_GICD_IROUTER + 8 * SPI_2, vm->affinity[2]);
	guest_irq_wait_end(&waiter);
	expect_irqs(vm, 2, &waiter.taken, "routed here while the vCPU waits", SPI_2);
	expect_taken_by(_metadata, vm, 0, NOTHING, "it has been taken");
}

/*
 * A timer interrupts if it is on and has expired [ARM D12.2.4], not because user space says so. No
 * document has what KVM_IRQ_LINE returns then.
 */
TEST_F(irq, line_of_a_timer_is_not_user_spaces)
{
	static const u32 intids[] = { ABI_PPI_VTIMER, ABI_PPI_PTIMER };
	struct test_vm *vm = self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(intids); i++) {
		irq_enable(vm, 0, intids[i], false);
		__irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 0U, intids[i]), true);
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the timer is off", NOTHING);
		__irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 0U, intids[i]), false);
	}
}

FIXTURE(many)
{
	struct test_vm *vm;
};

#define MANY 258U

FIXTURE_SETUP(many)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(MANY, 0, VM_AT_EL1 | VM_NO_VGIC);
	vgic_create(self->vm, V3);
	vgic_init(self->vm);
}

FIXTURE_TEARDOWN(many)
{
	test_vm_free(self->vm);
}

/* api.rst 4.25: "(256 * vcpu2_index + vcpu_index)" */
TEST_F(many, line_of_a_ppi_has_the_vcpus_number_in_two_fields)
{
	const struct vgic_reg levels = { "the levels of PPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 };
	static const unsigned int cpus[] = { 257, 1, 256, 0 };
	struct test_vm *vm = self->vm;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cpus); i++)
		EXPECT_EQ(0, __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, cpus[i], 18 + i), true));
	for (i = 0; i < ARRAY_SIZE(cpus); i++)
		expect_reg(_metadata, vm, cpus[i], &levels, BIT(18 + i));
	for (j = 2; j < 256; j += 84)
		expect_reg(_metadata, vm, j, &levels, 0);
	expect_err(_metadata, "KVM_IRQ_LINE, a PPI of no vCPU", MANY, -EINVAL,
		   __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, MANY, PPI), true));
}

FIXTURE(no_gic)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(no_gic)
{
	self->vm = test_vm_create(2, 0, VM_AT_EL1 | VM_NO_VGIC);
}

FIXTURE_TEARDOWN(no_gic)
{
	test_vm_free(self->vm);
}

/* api.rst 4.25: "out-of-kernel GIC: irq_id 0 is IRQ, irq_id 1 is FIQ" */
TEST_F(no_gic, line_of_a_cpu_interrupts_it_while_it_is_high)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	unsigned int line, i;

	for (line = 0; line < 2; line++) {
		u32 irq = ABI_IRQ_LINE(ABI_IRQ_TYPE_CPU, 1U, line);

		ASSERT_EQ(0, __irq_line(vm, irq, true));
		expect_takes(vm, 0, GUEST_IRQ_NO_GIC, "the line of another CPU", NOTHING);
		guest_irq_take(vm, 1, GUEST_IRQ_NO_GIC, &taken);
		EXPECT_LT(1, taken.nr)
		{
			TH_LOG("a line that stays high interrupted the guest %u times", taken.nr);
		}
		for (i = 0; i < taken.nr; i++)
			EXPECT_EQ(line, taken.irq[i].fiq);
		ASSERT_EQ(0, __irq_line(vm, irq, false));
		expect_takes(vm, 1, GUEST_IRQ_NO_GIC, "the line is low", NOTHING);
	}
	expect_err(_metadata, "KVM_IRQ_LINE, line 2 of a CPU", 2, -EINVAL,
		   __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_CPU, 1U, 2U), true));
	expect_err(_metadata, "KVM_IRQ_LINE, a line of no CPU", 2, -EINVAL,
		   __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_CPU, 2U, 0U), true));
	expect_err(_metadata, "KVM_IRQ_LINE, a PPI", PPI, -ENXIO,
		   __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_PPI, 1U, PPI), true));
	expect_err(_metadata, "KVM_IRQ_LINE, an SPI", SPI, -ENXIO,
		   __irq_line(vm, ABI_IRQ_LINE(ABI_IRQ_TYPE_SPI, 0U, SPI), true));
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
