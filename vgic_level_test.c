// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_level_test: the levels of a vGICv3's interrupt lines, which user space sets and reads by
 * KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, and what is pending because of them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICD_ISPENDR, LEVEL_INFO
 *   Arm IHI0069                                     GICD_ISPENDR, GICD_ICPENDR
 *   Arm ARM D12.2                                   the level of a timer's interrupt
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "expect.h"
#include "guest_regs.h"
#include "vgic_expect.h"

#define DIST KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define SGI(offset) (ABI_GICR_SGI_BASE + (offset))
#define NR_IRQS 96
#define NR_VCPUS 3
/* PPIs that no device has: from 23 on they are the PMU's and the timers' */
#define PPIS 0x007f0000U

static const struct vgic_reg spi_levels = { "the levels of SPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
					    32 };
static const struct vgic_reg last_levels = { "the levels of the last SPIs",
					     KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 64 };
static const struct vgic_reg ppi_levels = { "the levels of PPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
					    0 };
static const struct vgic_reg icfgr = { "GICD_ICFGR2", DIST, ABI_GICD_ICFGR + 8 };

/* What is pending, of 32 interrupts: of SPIs, and of PPIs */
struct pend {
	struct vgic_reg levels, set, clear;
	u32 mask;
};

static const struct pend pends[] = {
	{ { "the levels of SPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 },
	  { "GICD_ISPENDR1", DIST, ABI_GICD_ISPENDR + 4 },
	  { "GICD_ICPENDR1", DIST, ABI_GICD_ICPENDR + 4 },
	  ~0U },
	{ { "the levels of PPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 },
	  { "GICR_ISPENDR0", REDIST, SGI(ABI_GICD_ISPENDR) },
	  { "GICR_ICPENDR0", REDIST, SGI(ABI_GICD_ICPENDR) },
	  PPIS },
};

/* KVM's SPIs are edge-triggered at reset */
static struct test_vm *vm_of_level_interrupts(void)
{
	struct test_vm *vm = test_vm_create(NR_VCPUS, 0, VM_NO_VGIC);
	struct vgic_reg reg = icfgr;

	vgic_create_irqs(vm, V3, NR_IRQS);
	vgic_init(vm);
	for (; reg.offset < ABI_GICD_ICFGR + NR_IRQS / 4; reg.offset += 4)
		vgic_set(vm, 0, &reg, 0);
	return vm;
}

FIXTURE(levels)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(levels)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_of_level_interrupts();
}

FIXTURE_TEARDOWN(levels)
{
	test_vm_free(self->vm);
}

/* "SPIs are reported with the same value regardless of the mpidr specified" */
TEST_F(levels, of_spis_are_the_same_for_every_vcpu)
{
	unsigned int bit, cpu;

	for (cpu = 0; cpu < NR_VCPUS; cpu++) {
		expect_reg(_metadata, self->vm, cpu, &spi_levels, 0);
		expect_reg(_metadata, self->vm, cpu, &last_levels, 0);
	}
	for (bit = 0; bit < 32; bit++) {
		expect_write(_metadata, self->vm, bit % NR_VCPUS, &spi_levels, 1U << bit, 0,
			     1U << bit);
		expect_write(_metadata, self->vm, (bit + 1) % NR_VCPUS, &last_levels, ~(1U << bit),
			     0, ~(1U << bit));
		for (cpu = 0; cpu < NR_VCPUS; cpu++) {
			expect_reg(_metadata, self->vm, cpu, &spi_levels, 1U << bit);
			expect_reg(_metadata, self->vm, cpu, &last_levels, ~(1U << bit));
		}
	}
	/* and as before after a run */
	run_once(_metadata, self->vm, 0);
	expect_reg(_metadata, self->vm, 1, &spi_levels, 1U << 31);
	expect_reg(_metadata, self->vm, 2, &last_levels, ~(1U << 31));
}

/* "PPIs are reported per VCPU", "SGIs ... will be RAZ/WI" */
TEST_F(levels, of_ppis_are_those_of_their_vcpu)
{
	static const u32 vals[NR_VCPUS] = { 0x00550000, 0x00330000, 0x000f0000 };
	unsigned int cpu, i;

	for (cpu = 0; cpu < NR_VCPUS; cpu++)
		expect_write(_metadata, self->vm, cpu, &ppi_levels, vals[cpu] | 0xffff, 0,
			     vals[cpu]);
	for (i = 0; i < 2; i++) {
		for (cpu = 0; cpu < NR_VCPUS; cpu++)
			expect_reg(_metadata, self->vm, cpu, &ppi_levels, vals[cpu]);
		expect_reg(_metadata, self->vm, 0, &spi_levels, 0);
		run_once(_metadata, self->vm, 1);
	}
	expect_write(_metadata, self->vm, 1, &ppi_levels, 0, 0, 0);
	expect_reg(_metadata, self->vm, 0, &ppi_levels, vals[0]);
	expect_reg(_metadata, self->vm, 2, &ppi_levels, vals[2]);
}

/* "any interrupt with a higher ID than the number of interrupts supported, will be RAZ/WI" */
TEST_F(levels, behind_the_last_interrupt_read_as_zero)
{
	struct vgic_reg reg = { "the levels of no interrupts", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 };

	for (reg.offset = NR_IRQS; reg.offset < 1024; reg.offset += 32)
		expect_write(_metadata, self->vm, 1, &reg, ~0U, 0, 0);
	expect_reg(_metadata, self->vm, 0, &last_levels, 0);
	expect_reg(_metadata, self->vm, 0, &spi_levels, 0);
}

/* "-EINVAL vINTID is not multiple of 32 or info field is not VGIC_LEVEL_INFO_LINE_LEVEL" */
TEST_F(levels, other_attributes_are_invalid)
{
	struct vgic_reg reg = { "the levels", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 };
	unsigned int shift = KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT, i;
	u32 val = 0;

	expect_write(_metadata, self->vm, 0, &spi_levels, 0x12345678, 0, 0x12345678);
	for (i = 1; i < 96; i += i < 64 ? 1 : 7) {
		reg.offset = i;
		if (!(i % 32))
			continue;
		expect_access(_metadata, "reading", &reg, "from an interrupt within a word",
			      -EINVAL, __vgic_get(self->vm, 0, &reg, &val));
		expect_access(_metadata, "writing", &reg, "from an interrupt within a word",
			      -EINVAL, __vgic_set(self->vm, 0, &reg, ~0U));
	}
	for (i = 0; i < 22; i++) {
		reg.offset = 32 | 1U << (shift + i);
		expect_access(_metadata, "reading", &reg, "by another info", -EINVAL,
			      __vgic_get(self->vm, 0, &reg, &val));
		expect_access(_metadata, "writing", &reg, "by another info", -EINVAL,
			      __vgic_set(self->vm, 0, &reg, ~0U));
		expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &reg, "by another info", -ENXIO,
			      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, reg.group,
					  vgic_reg_attr(self->vm, 0, &reg), NULL));
	}
	expect_bad_pointers_fault(_metadata, self->vm, &spi_levels);
	expect_reg(_metadata, self->vm, 0, &spi_levels, 0x12345678);
}

/* The level is that of the line, so that a VMM may restore it before GICD_ICFGR */
TEST_F(levels, outlive_a_change_of_the_trigger)
{
	expect_write(_metadata, self->vm, 0, &icfgr, 0xaaaaaaaa, 0, 0xaaaaaaaa);
	vgic_set(self->vm, 0, &spi_levels, 0x0000ffff);
	expect_write(_metadata, self->vm, 0, &icfgr, 0, 0, 0);
	expect_reg(_metadata, self->vm, 1, &spi_levels, 0x0000ffff);
}

/* What KVM_IRQ_LINE sets [api.rst 4.25] is what is read, and the reverse is what it lowers */
TEST_F(levels, are_those_of_irq_line)
{
	struct kvm_irq_level line = { .level = 1 };

	line.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | 37;
	ASSERT_EQ(0, __vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line));
	expect_reg(_metadata, self->vm, 0, &spi_levels, 1U << 5);
	line.irq =
		KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | 2 << KVM_ARM_IRQ_VCPU_SHIFT | 18;
	ASSERT_EQ(0, __vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line));
	expect_reg(_metadata, self->vm, 2, &ppi_levels, 1U << 18);
	expect_reg(_metadata, self->vm, 1, &ppi_levels, 0);
	line.level = 0;
	ASSERT_EQ(0, __vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line));
	expect_reg(_metadata, self->vm, 2, &ppi_levels, 0);
}

/* User space reads the latch, and the guest whether there is any reason to be pending */
static void expect_pending(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   const struct pend *pend, u32 latch, u32 level, const char *when)
{
	struct guest_result res;
	u32 got = vgic_get(vm, cpu, &pend->set) & pend->mask;

	EXPECT_EQ(latch, got)
	{
		TH_LOG("%s: user space reads %s as %#x; expected the latch %#x", when,
		       pend->set.name, got, latch);
		count_failure(_metadata);
	}
	expect_reg(_metadata, vm, cpu, &pend->clear, 0);
	got = vgic_get(vm, cpu, &pend->levels) & pend->mask;
	EXPECT_EQ(level, got)
	{
		TH_LOG("%s: %s are %#x; expected %#x", when, pend->levels.name, got, level);
		count_failure(_metadata);
	}
	vgic_load(vm, cpu, cpu, &pend->set, &res);
	expect_end(_metadata, pend->set.name, &res);
	EXPECT_EQ(latch | level, res.x[0] & pend->mask)
	{
		TH_LOG("%s: the guest reads %s as %#lx; expected %#x, of the latch %#x and the levels %#x",
		       when, pend->set.name, res.x[0], latch | level, latch, level);
		count_failure(_metadata);
	}
	vgic_load(vm, cpu, cpu, &pend->clear, &res);
	expect_end(_metadata, pend->clear.name, &res);
	EXPECT_EQ(latch | level, res.x[0] & pend->mask)
	{
		TH_LOG("%s: the guest reads %s as %#lx; expected %#x", when, pend->clear.name,
		       res.x[0], latch | level);
		count_failure(_metadata);
	}
}

FIXTURE(pending)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(pending)
{
	unsigned int pend;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(pending, spis) { 0 };
FIXTURE_VARIANT_ADD(pending, ppis) { 1 };
/* clang-format on */

FIXTURE_SETUP(pending)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_of_level_interrupts();
}

FIXTURE_TEARDOWN(pending)
{
	test_vm_free(self->vm);
}

#define BITS(a) ((a)&pend->mask)

TEST_F(pending, level_interrupts_are_pending_by_latch_or_line)
{
	const struct pend *pend = &pends[variant->pend];
	const unsigned int cpu = 1;
	u32 latch = BITS(0x00330003), level = BITS(0x00550005), val;
	struct test_vm *vm = self->vm;

	expect_pending(_metadata, vm, cpu, pend, 0, 0, "at reset");
	vgic_set(vm, cpu, &pend->levels, level);
	expect_pending(_metadata, vm, cpu, pend, 0, level, "once the lines are high");
	vgic_set(vm, cpu, &pend->set, latch);
	expect_pending(_metadata, vm, cpu, pend, latch, level, "once the latch is set");
	/* "writes are always ignored", of GICD_ICPENDR */
	vgic_set(vm, cpu, &pend->clear, BITS(~0U));
	expect_pending(_metadata, vm, cpu, pend, latch, level, "after a write of ICPENDR");
	/* "get/set the value of the latched pending state": also what is to be cleared */
	latch = BITS(0x000f000f);
	vgic_set(vm, cpu, &pend->set, latch);
	expect_pending(_metadata, vm, cpu, pend, latch, level, "once the latch has another value");
	/* a line that is lowered leaves the latch */
	level = BITS(0x00110001);
	vgic_set(vm, cpu, &pend->levels, level);
	expect_pending(_metadata, vm, cpu, pend, latch, level, "once some lines are low");
	/* the guest's ICPENDR clears the latch, and not the line */
	val = BITS(0x00030003);
	guest_writes(_metadata, vm, cpu, cpu, &pend->clear, val);
	latch &= ~val;
	expect_pending(_metadata, vm, cpu, pend, latch, level, "after the guest's ICPENDR");
	val = BITS(0x00610061);
	guest_writes(_metadata, vm, cpu, cpu, &pend->set, val);
	latch |= val;
	expect_pending(_metadata, vm, cpu, pend, latch, level, "after the guest's ISPENDR");
	vgic_set(vm, cpu, &pend->levels, 0);
	expect_pending(_metadata, vm, cpu, pend, latch, 0, "once all lines are low");
	vgic_set(vm, cpu, &pend->set, 0);
	expect_pending(_metadata, vm, cpu, pend, 0, 0, "in the end");
}

/* Of an edge-triggered interrupt the latch is all there is; a level makes none pending */
TEST_F(pending, edge_interrupts_are_pending_by_latch_alone)
{
	const struct pend *pend = &pends[0];
	struct vgic_reg config = icfgr;
	struct test_vm *vm = self->vm;

	if (variant->pend)
		SKIP(return, "PPIs are level-sensitive");
	vgic_set(vm, 0, &config, 0xaaaaaaaa);
	config.offset += 4;
	vgic_set(vm, 0, &config, 0xaaaaaaaa);
	vgic_set(vm, 0, &pend->set, 0x00ff00ff);
	expect_pending(_metadata, vm, 0, pend, 0x00ff00ff, 0, "once the latch is set");
	guest_writes(_metadata, vm, 0, 0, &pend->clear, 0x000f000f);
	expect_pending(_metadata, vm, 0, pend, 0x00f000f0, 0, "after the guest's ICPENDR");
	guest_writes(_metadata, vm, 0, 0, &pend->set, 0x80000001);
	expect_pending(_metadata, vm, 0, pend, 0x80f000f1, 0, "after the guest's ISPENDR");
	vgic_set(vm, 0, &pend->set, 0x12340000);
	expect_pending(_metadata, vm, 0, pend, 0x12340000, 0, "once the latch has another value");
}

/*
 * The level of a device of KVM's own, the guest's virtual timer, whose interrupt is disabled: KVM
 * is not told when the timer is off again
 */
FIXTURE(device)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(device)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);
	unsigned int cpu;

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V3, 2, 0, AFTER_INIT);
	vgic_set(self->vm, 0, &vgic_ctlr, ABI_GICD_CTLR_ENABLE_GRP1);
	for (cpu = 0; cpu < 2; cpu++) {
		struct guest_reg pmr = { .id = ABI_ICC_PMR_EL1, .write = true, .val = 0xff };
		struct guest_reg enable = { .id = ABI_ICC_IGRPEN1_EL1, .write = true, .val = 1 };
		struct guest_result res;

		guest_regs(self->vm, cpu, &pmr, 1, &res);
		expect_end(_metadata, "ICC_PMR_EL1", &res);
		guest_regs(self->vm, cpu, &enable, 1, &res);
		expect_end(_metadata, "ICC_IGRPEN1_EL1", &res);
	}
}

FIXTURE_TEARDOWN(device)
{
	test_vm_free(self->vm);
}

#define TIMER_BIT (1U << ABI_PPI_VTIMER)

/* Its compare value is 0, so that it has expired as soon as it is on */
static void set_timer(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		      bool on)
{
	struct guest_reg cval = { .id = ABI_CNTV_CVAL_EL0, .write = true, .val = 0 };
	struct guest_reg ctl = { .id = ABI_CNTV_CTL_EL0, .write = true, .val = on };
	struct guest_result res;

	guest_regs(vm, cpu, &cval, 1, &res);
	expect_end(_metadata, "CNTV_CVAL_EL0", &res);
	guest_regs(vm, cpu, &ctl, 1, &res);
	expect_end(_metadata, "CNTV_CTL_EL0", &res);
}

static void expect_timer_pends(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, bool want, const char *when)
{
	const struct vgic_reg *const both[] = { &pends[1].set, &pends[1].clear };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		vgic_load(vm, cpu, cpu, both[i], &res);
		expect_end(_metadata, both[i]->name, &res);
		EXPECT_EQ(want, !!(res.x[0] & TIMER_BIT))
		{
			TH_LOG("%s: the guest on vCPU %u reads %s as %#lx; expected that interrupt %u %s",
			       when, cpu, both[i]->name, res.x[0], ABI_PPI_VTIMER,
			       want ? "is pending" : "is not pending");
			count_failure(_metadata);
		}
	}
}

TEST_F(device, is_pending_while_its_timer_has_expired)
{
	struct test_vm *vm = self->vm;
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		expect_timer_pends(_metadata, vm, 1, false, "before the timer is on");
		set_timer(_metadata, vm, 1, true);
		expect_timer_pends(_metadata, vm, 1, true, "once it has expired");
		expect_timer_pends(_metadata, vm, 0, false, "once that of another vCPU has");
		/* the line is high, and there is no latch */
		guest_writes(_metadata, vm, 1, 1, &pends[1].clear, TIMER_BIT);
		expect_timer_pends(_metadata, vm, 1, true, "after the guest's ICPENDR");
		EXPECT_EQ(0, vgic_get(vm, 1, &pends[1].set) & TIMER_BIT)
		{
			TH_LOG("user space reads the latch of interrupt %u as set", ABI_PPI_VTIMER);
		}
		set_timer(_metadata, vm, 1, false);
		expect_timer_pends(_metadata, vm, 1, false, "once it is off again");
	}
}

TEST_F(device, is_not_taken_once_its_timer_is_off_again)
{
	static const struct vgic_reg enable = { "GICR_ISENABLER0", REDIST,
						SGI(ABI_GICD_ISENABLER) };
	static const struct vgic_reg disable = { "GICR_ICENABLER0", REDIST,
						 SGI(ABI_GICD_ICENABLER) };
	struct test_vm *vm = self->vm;
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		struct guest_reg iar = { .id = ABI_ICC_IAR1_EL1 };
		struct guest_result res;

		set_timer(_metadata, vm, 1, true);
		run_once(_metadata, vm, 1);
		set_timer(_metadata, vm, 1, false);
		guest_writes(_metadata, vm, 1, 1, &enable, TIMER_BIT);
		guest_regs(vm, 1, &iar, 1, &res);
		expect_end(_metadata, "ICC_IAR1_EL1", &res);
		EXPECT_EQ(ABI_INTID_NONE, iar.val)
		{
			TH_LOG("the guest takes interrupt %lu; expected none, since its timer is off",
			       iar.val);
		}
		guest_writes(_metadata, vm, 1, 1, &disable, TIMER_BIT);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
