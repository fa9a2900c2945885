// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_v2_cpuif_test: the CPU interface of a vGICv2, as user space reaches it by
 * KVM_DEV_ARM_VGIC_GRP_CPU_REGS and as the guest loads and stores it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic.rst     KVM_DEV_ARM_VGIC_GRP_CPU_REGS
 *   Arm IHI0048                                     GICC_* and GICV_* registers
 *
 * The values are those that every implementation has: 32 levels of priority, so that GICC_BPR
 * is 2 at least and GICC_ABPR 3.
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

#define NR_VALS 3
#define CPU_REG(name, offset)                                                                      \
	{                                                                                          \
		name, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, offset                                        \
	}

enum {
	CTLR,
	PMR,
	BPR,
	ABPR,
	APR0,
	NR_REGS,
};

/* clang-format off */

static const struct {
	struct vgic_reg reg;
	unsigned int shift; /* of the guest's view */
	u32 val[NR_VALS]; /* by vCPU */
	u32 reset;
	bool reset_unknown;
} regs[NR_REGS] = {
	/* EnableGrp0 and 1, AckCtl, FIQEn, CBPR, EOImode */
	[CTLR] = { CPU_REG("GICC_CTLR", ABI_GICC_CTLR), 0, { 0x207, 0x1a, 0x213 }, 0, false },
	/* "userspace must always use the lower 5 bits" */
	[PMR] = { CPU_REG("GICC_PMR", ABI_GICC_PMR), 3, { 0x1e, 0x11, 0x7 }, 0, false },
	[BPR] = { CPU_REG("GICC_BPR", ABI_GICC_BPR), 0, { 3, 7, 4 }, 0, true },
	[ABPR] = { CPU_REG("GICC_ABPR", ABI_GICC_ABPR), 0, { 5, 4, 6 }, 0, true },
	[APR0] = { CPU_REG("GICC_APR0", ABI_GICC_APR), 0, { 0x1, 0x80008000, 0x100 }, 0, false },
};

/* clang-format on */

FIXTURE(v2_cpuif)
{
	struct test_vm *vm;
	u32 want[NR_VALS][NR_REGS]; /* by vCPU */
};

FIXTURE_SETUP(v2_cpuif)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V2, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V2, NR_VALS, 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(v2_cpuif)
{
	test_vm_free(self->vm);
}

static void expect_all(struct __test_metadata *_metadata, FIXTURE_DATA(v2_cpuif) * self, bool guest)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < NR_VALS; cpu++)
		for (i = 0; i < NR_REGS; i++)
			expect_reg(_metadata, self->vm, cpu, &regs[i].reg, self->want[cpu][i]);
	if (!guest)
		return;
	for (cpu = 0; cpu < NR_VALS; cpu++)
		for (i = 0; i < NR_REGS; i++)
			expect_guest_reg(_metadata, self->vm, cpu, cpu, &regs[i].reg,
					 self->want[cpu][i] << regs[i].shift);
}

static void write_all(struct __test_metadata *_metadata, FIXTURE_DATA(v2_cpuif) * self,
		      unsigned int turn, bool guest)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < NR_VALS; cpu++) {
		for (i = 0; i < NR_REGS; i++) {
			u32 val = regs[i].val[(cpu + turn) % NR_VALS];

			self->want[cpu][i] = val;
			if (guest)
				guest_writes(_metadata, self->vm, cpu, cpu, &regs[i].reg,
					     val << regs[i].shift);
			else
				expect_write(_metadata, self->vm, cpu, &regs[i].reg, val, 0, val);
		}
	}
}

/* A CPU interface is off after a reset, and masks everything [GIC2 4.4] */
TEST_F(v2_cpuif, is_off_at_reset)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < NR_VALS; cpu++) {
		for (i = 0; i < NR_REGS; i++) {
			if (regs[i].reset_unknown)
				continue;
			expect_reg(_metadata, self->vm, cpu, &regs[i].reg, regs[i].reset);
			expect_guest_reg(_metadata, self->vm, cpu, cpu, &regs[i].reg,
					 regs[i].reset);
		}
	}
}

/* Each vCPU has registers of its own, and each register is one of its own */
TEST_F(v2_cpuif, every_vcpu_has_its_own_values)
{
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		write_all(_metadata, self, turn, false);
		expect_all(_metadata, self, false);
		expect_all(_metadata, self, true);
		expect_all(_metadata, self, false);
	}
}

TEST_F(v2_cpuif, what_every_guest_writes_is_saved)
{
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		write_all(_metadata, self, turn, true);
		expect_all(_metadata, self, true);
	}
}

TEST_F(v2_cpuif, every_value_reads_back)
{
	static const struct {
		unsigned int reg;
		u32 first, last;
		bool bits; /* each bit of last, or each value */
	} rows[] = {
		{ CTLR, 0x1, 0x21f, true }, { PMR, 0, 0x1f, false },	     { BPR, 2, 7, false },
		{ ABPR, 3, 7, false },	    { APR0, 0x1, 0xffffffff, true },
	};
	unsigned int i, cpu = 1;
	u32 val, bit;

	write_all(_metadata, self, 0, false);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 before = self->want[cpu][rows[i].reg];

		for (bit = 0; rows[i].bits && bit < 32; bit++) {
			val = 1U << bit;
			if (!(rows[i].last & val))
				continue;
			expect_write(_metadata, self->vm, cpu, &regs[rows[i].reg].reg, val, 0, val);
			self->want[cpu][rows[i].reg] = val;
			expect_all(_metadata, self, false);
		}
		for (val = rows[i].first; !rows[i].bits && val <= rows[i].last; val++) {
			expect_write(_metadata, self->vm, cpu, &regs[rows[i].reg].reg, val, 0, val);
			self->want[cpu][rows[i].reg] = val;
			expect_all(_metadata, self, false);
		}
		expect_guest_reg(_metadata, self->vm, cpu, cpu, &regs[rows[i].reg].reg,
				 self->want[cpu][rows[i].reg] << regs[rows[i].reg].shift);
		expect_write(_metadata, self->vm, cpu, &regs[rows[i].reg].reg, before, 0, before);
		self->want[cpu][rows[i].reg] = before;
	}
	expect_all(_metadata, self, true);
}

/* "Bits for undefined preemption levels are RAZ/WI": a GICv2 has 32 of them */
TEST_F(v2_cpuif, undefined_preemption_levels_read_as_zero)
{
	unsigned int n, cpu;

	write_all(_metadata, self, 0, false);
	for (cpu = 0; cpu < NR_VALS; cpu++) {
		for (n = 1; n < 4; n++) {
			struct vgic_reg apr = CPU_REG("GICC_APR<n>", ABI_GICC_APR + 4 * n);

			expect_write(_metadata, self->vm, cpu, &apr, ~0U, 0, 0);
		}
	}
	expect_all(_metadata, self, true);
}

/*
 * GICC_IIDR: architecture version 2, by Arm. User space reads KVM's product, and the guest, whose
 * loads KVM does not see, the host's; so the rest is the host's.
 */
TEST_F(v2_cpuif, is_a_gicv2_by_arm)
{
	static const struct vgic_reg iidr = CPU_REG("GICC_IIDR", ABI_GICC_IIDR);
	const u32 want = (ABI_IIDR_KVM & 0xff000000) >> 4 | 2 << 16 | (ABI_IIDR_KVM & 0xfff);
	struct guest_result res;
	unsigned int cpu;

	for (cpu = 0; cpu < NR_VALS; cpu++) {
		expect_reg(_metadata, self->vm, cpu, &iidr, want);
		expect_write(_metadata, self->vm, cpu, &iidr, ~want, 0, want);
		vgic_load(self->vm, cpu, cpu, &iidr, &res);
		expect_end(_metadata, iidr.name, &res);
		EXPECT_EQ(want & 0xf0fff, res.x[0] & 0xf0fff)
		{
			TH_LOG("the guest on vCPU %u reads GICC_IIDR as %#lx; expected %#x in the bits 0xf0fff",
			       cpu, res.x[0], want);
		}
	}
}

/* Write-only, with an effect on the guest's own interrupts alone */
TEST_F(v2_cpuif, nothing_is_deactivated_by_user_space)
{
	static const struct vgic_reg dir = CPU_REG("GICC_DIR", ABI_GICC_DIR);
	static const struct vgic_reg active = { "GICD_ISACTIVER1", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
						ABI_GICD_ISACTIVER + 4 };

	expect_write(_metadata, self->vm, 0, &active, 0x3, 0, 0x3);
	if (__vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, dir.group, dir.offset, NULL))
		SKIP(return, "this kernel does not let user space access GICC_DIR");
	expect_write(_metadata, self->vm, 0, &dir, 32, 0, 0);
	expect_reg(_metadata, self->vm, 0, &active, 0x3);
}

/* Access */

TEST_F(v2_cpuif, those_that_are_announced_are_those_of_the_document)
{
	static const u32 offsets[] = { ABI_GICC_CTLR,	 ABI_GICC_PMR,	    ABI_GICC_BPR,
				       ABI_GICC_ABPR,	 ABI_GICC_APR,	    ABI_GICC_APR + 4,
				       ABI_GICC_APR + 8, ABI_GICC_APR + 12, ABI_GICC_IIDR };
	/* GICC_IAR, _EOIR, _RPR and _HPPIR, which have effects or none; unaligned; beyond the end */
	static const u32 others[] = { 0xc, 0x10, 0x14, 0x18, 0x1, 0x2, 0xd1, 0x2000 };
	unsigned int i, cpu;

	for (cpu = 0; cpu < NR_VALS; cpu++) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			struct vgic_reg reg = CPU_REG("a register", offsets[i]);

			expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of GICC +", offsets[i], 0,
				   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, reg.group,
					       vgic_reg_attr(self->vm, cpu, &reg), NULL));
		}
		for (i = 0; i < ARRAY_SIZE(others); i++) {
			struct vgic_reg reg = CPU_REG("no register", others[i]);

			expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of GICC +", others[i], -ENXIO,
				   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, reg.group,
					       vgic_reg_attr(self->vm, cpu, &reg), NULL));
		}
	}
}

/* "Invalid vcpu_index supplied" */
TEST_F(v2_cpuif, unknown_vcpu_is_refused)
{
	unsigned int cpu;
	u32 val;

	write_all(_metadata, self, 0, false);
	for (cpu = NR_VALS; cpu < 256; cpu += 11) {
		expect_err(_metadata, "reading GICC_PMR of vCPU", cpu, -EINVAL,
			   __vgic_get(self->vm, cpu, &regs[PMR].reg, &val));
		expect_err(_metadata, "writing GICC_PMR of vCPU", cpu, -EINVAL,
			   __vgic_set(self->vm, cpu, &regs[PMR].reg, 0));
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of GICC_PMR of vCPU", cpu, -EINVAL,
			   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, regs[PMR].reg.group,
				       vgic_reg_attr(self->vm, cpu, &regs[PMR].reg), NULL));
	}
	expect_all(_metadata, self, false);
}

TEST_F(v2_cpuif, bad_user_pointer_is_refused)
{
	expect_bad_pointers_fault(_metadata, self->vm, &regs[PMR].reg);
	expect_reg(_metadata, self->vm, 0, &regs[PMR].reg, 0);
}

TEST_F(v2_cpuif, every_access_is_busy_while_a_vcpu_runs)
{
	struct guest_spinner spinner;
	unsigned int cpu, i;
	u32 val;

	write_all(_metadata, self, 0, false);
	guest_spin_start(self->vm, 1, &spinner);
	for (cpu = 0; cpu < NR_VALS; cpu++) {
		for (i = 0; i < NR_REGS; i++) {
			expect_access(_metadata, "reading", &regs[i].reg, "while vCPU 1 runs",
				      -EBUSY, __vgic_get(self->vm, cpu, &regs[i].reg, &val));
			expect_access(_metadata, "writing", &regs[i].reg, "while vCPU 1 runs",
				      -EBUSY, __vgic_set(self->vm, cpu, &regs[i].reg, 0));
		}
	}
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the running vCPU", &spinner.res);
	expect_all(_metadata, self, true);
}

/* The vGIC initialises itself at the first access, should no one have done so */
TEST_F(v2_cpuif, can_be_accessed_before_initialisation)
{
	struct test_vm *vm = vm_at(_metadata, V2, 2, 0, BEFORE_INIT);

	expect_write(_metadata, vm, 1, &regs[PMR].reg, 0x15, 0, 0x15);
	vgic_init(vm);
	expect_reg(_metadata, vm, 1, &regs[PMR].reg, 0x15);
	expect_guest_reg(_metadata, vm, 1, 1, &regs[PMR].reg, 0x15 << 3);
	expect_guest_reg(_metadata, vm, 0, 0, &regs[PMR].reg, 0);
	test_vm_free(vm);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
