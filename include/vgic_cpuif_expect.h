/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPU interface of a vGICv3 as a table of registers, a VM for tests of it, and checks. For
 * vgic_cpuif_test.c and vgic_sysregs_test.c alone: the harness works in one source file only.
 *
 * The values are those that every implementation has: five bits of priority and 32 levels of
 * preemption [GIC 12.4, ICH_VTR_EL2], so BPR0 from 2 on and BPR1 from 3 on.
 */
#ifndef GUEST_ABI_VGIC_CPUIF_EXPECT_H
#define GUEST_ABI_VGIC_CPUIF_EXPECT_H

#include "abi.h"
#include "guest_regs.h"
#include "vgic_expect.h"

#define NR_VALS 3
/* The fields of ICC_CTLR_EL1 that KVM tells user space of; RSS and ExtRange it does not */
#define CTLR_FIELDS 0xffffULL
#define CTLR_HOST (CTLR_FIELDS & ~(ABI_ICC_CTLR_CBPR | ABI_ICC_CTLR_EOIMODE))
#define FIELD(val, mask) (((val) & (mask)) / ((mask) & -(mask)))

enum {
	PMR,
	BPR0,
	AP0R0,
	AP1R0,
	BPR1,
	CTLR,
	SRE,
	IGRPEN1,
	IGRPEN0,
	NR_REGS,
};

struct cpuif_reg {
	struct vgic_reg reg;
	u64 bits; /* which can be compared */
	bool keeps; /* what is written, also by the guest */
	u64 reset;
	bool reset_unknown;
	u64 val[NR_VALS]; /* by vCPU */
};

#define REG(name, id)                                                                              \
	{                                                                                          \
		name, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, (id)&0xffff                                \
	}

/* clang-format off */

/* CBPR stays clear here, since BPR1 reads otherwise with it */
static const struct cpuif_reg __maybe_unused regs[NR_REGS] = {
	[PMR] = { REG("ICC_PMR_EL1", ABI_ICC_PMR_EL1), 0xf8, true,
		  .val = { 0xf0, 0x88, 0x38 } },
	[BPR0] = { REG("ICC_BPR0_EL1", ABI_ICC_BPR0_EL1), 0x7, true, .reset_unknown = true,
		   .val = { 3, 7, 4 } },
	[AP0R0] = { REG("ICC_AP0R0_EL1", ABI_ICC_AP0R_EL1(0)), 0xffffffff, true,
		    .val = { 0x1, 0x8000, 0x100 } },
	[AP1R0] = { REG("ICC_AP1R0_EL1", ABI_ICC_AP1R_EL1(0)), 0xffffffff, true,
		    .val = { 0x40000000, 0x2, 0x80 } },
	[BPR1] = { REG("ICC_BPR1_EL1", ABI_ICC_BPR1_EL1), 0x7, true, .reset_unknown = true,
		   .val = { 5, 4, 6 } },
	/* the rest of the value is the host's */
	[CTLR] = { REG("ICC_CTLR_EL1", ABI_ICC_CTLR_EL1), ABI_ICC_CTLR_EOIMODE, true,
		   .reset_unknown = true, .val = { ABI_ICC_CTLR_EOIMODE, 0, ABI_ICC_CTLR_EOIMODE } },
	[SRE] = { REG("ICC_SRE_EL1", ABI_ICC_SRE_EL1), 0xffffffff, false, ABI_ICC_SRE_ALL,
		  .val = { ABI_ICC_SRE_ALL, ABI_ICC_SRE_ALL, ABI_ICC_SRE_ALL } },
	/*
	 * No guest runs with group 0 alone: QEMU's maintenance interrupt for "group 0 disabled"
	 * looks at group 1, so that such a guest of 7.3 is interrupted for ever.
	 */
	[IGRPEN1] = { REG("ICC_IGRPEN1_EL1", ABI_ICC_IGRPEN1_EL1), 0x1, true,
		      .val = { 1, 1, 0 } },
	[IGRPEN0] = { REG("ICC_IGRPEN0_EL1", ABI_ICC_IGRPEN0_EL1), 0x1, true,
		      .val = { 0, 1, 0 } },
};

/* clang-format on */

/* As for KVM_GET_ONE_REG */
static inline u64 sysreg_id(const struct vgic_reg *reg)
{
	return ABI_REG_SYS(0, 0, 0, 0, 0) | reg->offset;
}

static inline u64 user_reads(struct __test_metadata *_metadata, struct test_vm *vm,
			     unsigned int cpu, const struct vgic_reg *reg)
{
	u64 val = ~0ULL;
	int err = __vgic_get64(vm, cpu, reg, &val);

	EXPECT_EQ(0, err)
	{
		TH_LOG("reading %s of vCPU %u: %s; expected 0", reg->name, cpu, err_str(err));
		count_failure(_metadata);
	}
	return val;
}

static inline void expect_user(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, const struct vgic_reg *reg, u64 bits, u64 want,
			       const char *when)
{
	u64 val = user_reads(_metadata, vm, cpu, reg);

	EXPECT_EQ(want & bits, val & bits)
	{
		TH_LOG("%s of vCPU %u as user space reads it %s: %#lx; expected %#lx in the bits %#lx",
		       reg->name, cpu, when, val, want & bits, bits);
		count_failure(_metadata);
	}
}

static inline void user_writes(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, const struct vgic_reg *reg, u64 val, int want_err)
{
	int err = __vgic_set64(vm, cpu, reg, val);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("writing %#lx to %s of vCPU %u: %s; expected %s", val, reg->name, cpu,
		       err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
}

/* The guest reads every register of the table */
static inline void guest_reads(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, u64 val[NR_REGS])
{
	struct guest_reg access[NR_REGS] = { 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < NR_REGS; i++)
		access[i].id = sysreg_id(&regs[i].reg);
	guest_regs(vm, cpu, access, NR_REGS, &res);
	expect_end(_metadata, "reading the CPU interface", &res);
	for (i = 0; i < NR_REGS; i++) {
		EXPECT_EQ(GUEST_REG_DONE, access[i].how)
		{
			TH_LOG("the guest on vCPU %u reads %s: %s; expected a value", cpu,
			       regs[i].reg.name, guest_reg_str(&access[i]));
			count_failure(_metadata);
		}
		val[i] = access[i].val;
	}
}

static inline void guest_writes_reg(struct __test_metadata *_metadata, struct test_vm *vm,
				    unsigned int cpu, unsigned int reg, u64 val)
{
	struct guest_reg access = { .id = sysreg_id(&regs[reg].reg), .write = true, .val = val };
	struct guest_result res;

	guest_regs(vm, cpu, &access, 1, &res);
	expect_end(_metadata, regs[reg].reg.name, &res);
	EXPECT_EQ(GUEST_REG_DONE, access.how)
	{
		TH_LOG("the guest on vCPU %u writes %s: %s; expected no exception", cpu,
		       regs[reg].reg.name, guest_reg_str(&access));
	}
}

FIXTURE(cpuif)
{
	struct test_vm *vm;
	u64 host; /* what ICC_CTLR_EL1 says of the host */
	u64 want[NR_VALS][NR_REGS]; /* by vCPU */
};

FIXTURE_SETUP(cpuif)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V3, few_vcpus(), 0, AFTER_INIT);
	self->host = user_reads(_metadata, self->vm, 0, &regs[CTLR].reg) & CTLR_HOST;
}

FIXTURE_TEARDOWN(cpuif)
{
	test_vm_free(self->vm);
}

static inline void expect_all(struct __test_metadata *_metadata, FIXTURE_DATA(cpuif) * self,
			      bool guest, const char *when)
{
	u64 val[NR_REGS];
	unsigned int cpu, i;

	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++) {
		for (i = 0; i < NR_REGS; i++)
			expect_user(_metadata, self->vm, cpu, &regs[i].reg, regs[i].bits,
				    self->want[cpu][i], when);
		if (!guest)
			continue;
		guest_reads(_metadata, self->vm, cpu, val);
		for (i = 0; i < NR_REGS; i++) {
			EXPECT_EQ(self->want[cpu][i] & regs[i].bits, val[i] & regs[i].bits)
			{
				TH_LOG("the guest on vCPU %u reads %s %s: %#lx; expected %#lx in the bits %#lx",
				       cpu, regs[i].reg.name, when, val[i], self->want[cpu][i],
				       regs[i].bits);
				count_failure(_metadata);
			}
		}
	}
}

/* Values that differ from vCPU to vCPU; with turn, others of the table */
static inline void write_all(struct __test_metadata *_metadata, FIXTURE_DATA(cpuif) * self,
			     unsigned int turn, bool guest)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++) {
		if (guest)
			guest_writes_reg(_metadata, self->vm, cpu, IGRPEN0, 0);
		for (i = 0; i < NR_REGS; i++) {
			u64 val = regs[i].val[(cpu + turn) % NR_VALS];

			self->want[cpu][i] = val;
			if (i == CTLR)
				val |= self->host;
			if (!guest)
				user_writes(_metadata, self->vm, cpu, &regs[i].reg, val, 0);
			else if (regs[i].keeps)
				guest_writes_reg(_metadata, self->vm, cpu, i, val);
		}
	}
}

#endif /* GUEST_ABI_VGIC_CPUIF_EXPECT_H */
