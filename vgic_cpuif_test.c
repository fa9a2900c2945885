// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_cpuif_test: what the registers of a vGICv3's CPU interface hold, as user space reaches
 * them by KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS and as the guest reads and writes them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
 *   Arm IHI0069                                     ICC_* and ICV_* registers
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_cpuif_expect.h"

/*
 * A CPU interface is off after a reset, and masks everything [GIC 12.2]. SRE cannot be
 * cleared, and there is no bypass of interrupts [GIC 12.2, ICC_SRE_EL1].
 */
TEST_F(cpuif, is_off_at_reset)
{
	unsigned int cpu, i;
	u64 val[NR_REGS];

	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++) {
		for (i = 0; i < NR_REGS; i++)
			if (!regs[i].reset_unknown)
				expect_user(_metadata, self->vm, cpu, &regs[i].reg, ~0ULL,
					    regs[i].reset, "at reset");
		guest_reads(_metadata, self->vm, cpu, val);
		for (i = 0; i < NR_REGS; i++) {
			if (!regs[i].reset_unknown) {
				EXPECT_EQ(regs[i].reset, val[i])
				{
					TH_LOG("the guest on vCPU %u reads %s at reset: %#lx; expected %#lx",
					       cpu, regs[i].reg.name, val[i], regs[i].reset);
				}
			}
			/* whatever the guest finds, user space saves */
			if (i != CTLR)
				expect_user(_metadata, self->vm, cpu, &regs[i].reg, ~0ULL, val[i],
					    "after the first run");
		}
	}
}

/* Each vCPU has registers of its own, and each register is one of its own */
TEST_F(cpuif, every_vcpu_has_its_own_values)
{
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		write_all(_metadata, self, turn, false);
		expect_all(_metadata, self, false, "before the run");
		expect_all(_metadata, self, true, "in a run");
		expect_all(_metadata, self, false, "after a run");
	}
}

TEST_F(cpuif, what_every_guest_writes_is_saved)
{
	unsigned int turn;

	for (turn = 0; turn < 2; turn++) {
		write_all(_metadata, self, turn, true);
		expect_all(_metadata, self, true, "once the guests wrote");
	}
}

/* Each value of each field reads back, from low to high, and the neighbours stay */
TEST_F(cpuif, every_value_reads_back)
{
	static const struct {
		unsigned int reg;
		u64 first, last, step; /* step 0: twice as much */
	} rows[] = {
		{ PMR, 0, 0xf8, 8 },	  { BPR0, 2, 7, 1 },
		{ BPR1, 3, 7, 1 },	  { IGRPEN0, 0, 1, 1 },
		{ IGRPEN1, 0, 1, 1 },	  { AP0R0, 1, BIT(31), 0 },
		{ AP1R0, 1, BIT(31), 0 }, { CTLR, 0, ABI_ICC_CTLR_EOIMODE, ABI_ICC_CTLR_EOIMODE },
	};
	const unsigned int cpu = 1;
	unsigned int i;
	u64 val, read[NR_REGS];

	write_all(_metadata, self, 0, false);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct cpuif_reg *reg = &regs[rows[i].reg];
		u64 before = self->want[cpu][rows[i].reg];

		for (val = rows[i].first; val <= rows[i].last; val += rows[i].step ?: val) {
			u64 host = rows[i].reg == CTLR ? self->host : 0;

			user_writes(_metadata, self->vm, cpu, &reg->reg, val | host, 0);
			self->want[cpu][rows[i].reg] = val;
			expect_all(_metadata, self, false, "once one was written");
		}
		guest_reads(_metadata, self->vm, cpu, read);
		EXPECT_EQ(rows[i].last, read[rows[i].reg] & reg->bits)
		{
			TH_LOG("the guest reads %s: %#lx; expected %#lx", reg->reg.name,
			       read[rows[i].reg], rows[i].last);
		}
		user_writes(_metadata, self->vm, cpu, &reg->reg,
			    before | (rows[i].reg == CTLR ? self->host : 0), 0);
		self->want[cpu][rows[i].reg] = before;
	}
	expect_all(_metadata, self, true, "in the end");
}

/*
 * ICV_CTLR_EL1.CBPR: BPR1 reads as BPR0 plus one, saturated to 7, and writes to it are
 * ignored; it is there again once CBPR is clear
 */
TEST_F(cpuif, cbpr_makes_bpr1_follow_bpr0)
{
	u64 read[NR_REGS], bpr0, want;

	user_writes(_metadata, self->vm, 0, &regs[BPR1].reg, 5, 0);
	user_writes(_metadata, self->vm, 0, &regs[CTLR].reg, self->host | ABI_ICC_CTLR_CBPR, 0);
	expect_user(_metadata, self->vm, 0, &regs[CTLR].reg, CTLR_FIELDS,
		    self->host | ABI_ICC_CTLR_CBPR, "with CBPR");
	for (bpr0 = 2; bpr0 <= 7; bpr0++) {
		want = bpr0 < 7 ? bpr0 + 1 : 7;
		user_writes(_metadata, self->vm, 0, &regs[BPR0].reg, bpr0, 0);
		expect_user(_metadata, self->vm, 0, &regs[BPR1].reg, ~0ULL, want, "with CBPR");
		user_writes(_metadata, self->vm, 0, &regs[BPR1].reg, 7 - bpr0 / 2, 0);
		expect_user(_metadata, self->vm, 0, &regs[BPR1].reg, ~0ULL, want, "with CBPR");
		expect_user(_metadata, self->vm, 0, &regs[BPR0].reg, ~0ULL, bpr0, "with CBPR");
		guest_reads(_metadata, self->vm, 0, read);
		EXPECT_TRUE(read[BPR1] == want && read[CTLR] & ABI_ICC_CTLR_CBPR)
		{
			TH_LOG("with ICC_CTLR_EL1 %#lx and ICC_BPR0_EL1 %#lx the guest reads ICC_BPR1_EL1 %#lx; expected %#lx, and CBPR",
			       read[CTLR], bpr0, read[BPR1], want);
		}
	}
	user_writes(_metadata, self->vm, 0, &regs[CTLR].reg, self->host, 0);
	expect_user(_metadata, self->vm, 0, &regs[BPR1].reg, ~0ULL, 5, "without CBPR");
	expect_user(_metadata, self->vm, 1, &regs[CTLR].reg, ABI_ICC_CTLR_CBPR, 0,
		    "of another vCPU with CBPR");
	guest_reads(_metadata, self->vm, 0, read);
	EXPECT_EQ(5, read[BPR1])
	{
		TH_LOG("the guest reads ICC_BPR1_EL1 without CBPR: %#lx; expected 5", read[BPR1]);
	}
}

/* PRIbits, IDbits, SEIS and A3V are the host's, and user space is told what the guest is */
TEST_F(cpuif, ctlr_says_what_the_host_has)
{
	unsigned int cpu;
	u64 read[NR_REGS];

	EXPECT_LE(4, FIELD(self->host, ABI_ICC_CTLR_PRIBITS))
	{
		TH_LOG("ICC_CTLR_EL1 is %#lx: PRIbits says fewer than five bits of priority",
		       self->host);
	}
	/* 16 or 24 bits; the other values are reserved */
	EXPECT_GE(1, FIELD(self->host, ABI_ICC_CTLR_IDBITS))
	{
		TH_LOG("ICC_CTLR_EL1 is %#lx: IDbits is reserved", self->host);
	}
	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++) {
		expect_user(_metadata, self->vm, cpu, &regs[CTLR].reg, CTLR_HOST, self->host,
			    "at reset");
		guest_reads(_metadata, self->vm, cpu, read);
		EXPECT_EQ(self->host, read[CTLR] & CTLR_HOST)
		{
			TH_LOG("the guest on vCPU %u reads ICC_CTLR_EL1 as %#lx; expected %#lx, as user space, in the bits %#llx",
			       cpu, read[CTLR], self->host, CTLR_HOST);
		}
	}
}

/* A write of ICC_CTLR_EL1 that is refused, with other values of what could be written */
static void expect_ctlr_refused(struct __test_metadata *_metadata, FIXTURE_DATA(cpuif) * self,
				u64 fields)
{
	static const u64 modes[] = { 0, ABI_ICC_CTLR_CBPR, ABI_ICC_CTLR_EOIMODE,
				     ABI_ICC_CTLR_CBPR | ABI_ICC_CTLR_EOIMODE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		user_writes(_metadata, self->vm, 0, &regs[CTLR].reg, fields | modes[i], -EINVAL);
		expect_user(_metadata, self->vm, 0, &regs[CTLR].reg, CTLR_FIELDS,
			    self->host | self->want[0][CTLR], "after a write that was refused");
	}
}

/* "Invalid mpidr or register value supplied" */
TEST_F(cpuif, ctlr_of_another_host_is_refused)
{
	u64 val, pri = ABI_ICC_CTLR_PRIBITS, id = ABI_ICC_CTLR_IDBITS;

	write_all(_metadata, self, 0, false);
	for (val = FIELD(self->host, pri) + 1; val <= 7; val++)
		expect_ctlr_refused(_metadata, self, (self->host & ~pri) | val << 8);
	for (val = FIELD(self->host, id) + 1; val <= 7; val++)
		expect_ctlr_refused(_metadata, self, (self->host & ~id) | val << 11);
	expect_ctlr_refused(_metadata, self, self->host ^ ABI_ICC_CTLR_SEIS);
	expect_ctlr_refused(_metadata, self, self->host ^ ABI_ICC_CTLR_A3V);
	expect_ctlr_refused(_metadata, self, self->host ^ (ABI_ICC_CTLR_SEIS | ABI_ICC_CTLR_A3V));
	expect_all(_metadata, self, true, "after writes that were refused");
}

/* No document states it: what is refused leaves no trace, in none of the fields */
TEST_F(cpuif, refused_ctlr_leaves_no_trace)
{
	const u64 fields[] = { ABI_ICC_CTLR_PRIBITS, ABI_ICC_CTLR_IDBITS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		u64 val = self->host - (fields[i] & -fields[i]);

		if (!(self->host & fields[i]))
			continue;
		user_writes(_metadata, self->vm, i, &regs[CTLR].reg, val ^ ABI_ICC_CTLR_SEIS,
			    -EINVAL);
		user_writes(_metadata, self->vm, i, &regs[CTLR].reg, val ^ ABI_ICC_CTLR_A3V,
			    -EINVAL);
		expect_user(_metadata, self->vm, i, &regs[CTLR].reg, CTLR_FIELDS, self->host,
			    "after writes that were refused");
		/* the VM is as good as before */
		user_writes(_metadata, self->vm, i, &regs[CTLR].reg, self->host, 0);
	}
}

/*
 * No document states it: PRIbits and IDbits are what the guest reads, so that another value
 * is refused, or taken without effect, or the guest reads it, too
 */
TEST_F(cpuif, ctlr_of_a_smaller_host_is_what_the_guest_reads)
{
	const u64 fields[] = { ABI_ICC_CTLR_PRIBITS, ABI_ICC_CTLR_IDBITS };
	u64 read[NR_REGS], val;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!(self->host & fields[i]))
			continue;
		val = self->host - (fields[i] & -fields[i]);
		err = __vgic_set64(self->vm, i, &regs[CTLR].reg, val);
		EXPECT_TRUE(!err || err == -EINVAL)
		{
			TH_LOG("writing %#lx to ICC_CTLR_EL1: %s; expected 0 or EINVAL", val,
			       err_str(err));
		}
		guest_reads(_metadata, self->vm, i, read);
		expect_user(_metadata, self->vm, i, &regs[CTLR].reg, CTLR_FIELDS, read[CTLR],
			    "where the guest reads it");
	}
}

/* SRE is RAO/WI where there is no GICv2 to fall back to [GIC 12.2] */
TEST_F(cpuif, sre_cannot_be_cleared)
{
	u64 read[NR_REGS], val;

	for (val = 0; val <= ABI_ICC_SRE_ALL; val++)
		user_writes(_metadata, self->vm, 0, &regs[SRE].reg, val,
			    val & ABI_ICC_SRE_SRE ? 0 : -EINVAL);
	expect_user(_metadata, self->vm, 0, &regs[SRE].reg, ~0ULL, ABI_ICC_SRE_ALL, "after writes");
	guest_writes_reg(_metadata, self->vm, 0, SRE, 0);
	guest_reads(_metadata, self->vm, 0, read);
	EXPECT_EQ(ABI_ICC_SRE_ALL, read[SRE])
	{
		TH_LOG("the guest reads ICC_SRE_EL1 as %#lx; expected %#llx", read[SRE],
		       ABI_ICC_SRE_ALL);
	}
	expect_user(_metadata, self->vm, 0, &regs[SRE].reg, ~0ULL, ABI_ICC_SRE_ALL,
		    "after the guest's write");
}

/* The registers of a vCPU are found by the MPIDR that user space chose for it */
TEST_F(cpuif, follows_a_chosen_mpidr)
{
	static const u64 mpidrs[] = { 0x80818283, 0x80000000, 0x80818200 };
	static const u32 affinities[] = { 0x818283, 0, 0x818200 };
	struct test_vm *vm = self->vm;
	unsigned int cpu;

	test_vm_free(vm);
	self->vm = vm = test_vm_create(few_vcpus(), 0, VM_NO_VGIC);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		reg_set(vm->vcpu[cpu], ABI_MPIDR_EL1, mpidrs[cpu]);
	vgic_create(vm, V3);
	vgic_init(vm);
	write_all(_metadata, self, 1, false);
	expect_all(_metadata, self, true, "of a chosen MPIDR");
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		EXPECT_EQ(affinities[cpu], vm->affinity[cpu]);
		expect_both(_metadata, vm, cpu, &vgic_gicr_affinity, affinities[cpu]);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
