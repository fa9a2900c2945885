// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_sysregs_test: which registers KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS has, those of EL2 among
 * them, and who may access them when.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
 *   Arm IHI0069                                     ICC_* and ICH_* registers
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_cpuif_expect.h"

/* Which registers there are */

#define NR_EL1_REGS 15

static bool is_el1_reg(u32 instr)
{
	static const u64 ids[NR_EL1_REGS] = {
		ABI_ICC_PMR_EL1,     ABI_ICC_BPR0_EL1,	  ABI_ICC_BPR1_EL1,    ABI_ICC_CTLR_EL1,
		ABI_ICC_SRE_EL1,     ABI_ICC_IGRPEN0_EL1, ABI_ICC_IGRPEN1_EL1, ABI_ICC_AP0R_EL1(0),
		ABI_ICC_AP0R_EL1(1), ABI_ICC_AP0R_EL1(2), ABI_ICC_AP0R_EL1(3), ABI_ICC_AP1R_EL1(0),
		ABI_ICC_AP1R_EL1(1), ABI_ICC_AP1R_EL1(2), ABI_ICC_AP1R_EL1(3),
	};
	unsigned int i;

	for (i = 0; i < NR_EL1_REGS; i++)
		if ((ids[i] & 0xffff) == instr)
			return true;
	return false;
}

/* Where the registers are: CRn 4 and 12 of op0 3, op1 0 and 4; walk these */
static bool next_instr(u32 *instr)
{
	u32 i = *instr;

	do {
		if (++i > 0xffff)
			return false;
	} while (i >> 14 != 3 || (i >> 11 & 3) || ((i >> 7 & 7) != 4));
	*instr = i;
	return true;
}

/* "-ENXIO Getting or setting this register is not supported"; EL2's belong to a vCPU with EL2 */
TEST_F(cpuif, those_that_are_announced_are_those_of_the_document)
{
	u32 instr = 0;

	while (next_instr(&instr)) {
		struct vgic_reg reg = { "a register", KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, instr };
		u64 attr = vgic_reg_attr(self->vm, 0, &reg);

		if (guest_at_el2 && instr >> 11 & 7)
			continue;
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of the instruction", instr,
			   is_el1_reg(instr) ? 0 : -ENXIO,
			   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR,
				       KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, attr, NULL));
	}
}

static void expect_no_sysreg(struct __test_metadata *_metadata, struct test_vm *vm,
			     const struct vgic_reg *reg, int want_err)
{
	u64 val = 0xa5a5a5a5;
	int err = __vgic_get64(vm, 0, reg, &val);

	EXPECT_TRUE(err == want_err && val == 0xa5a5a5a5)
	{
		TH_LOG("reading %s (%#x): %s, value %#lx; expected %s and nothing written",
		       reg->name, reg->offset, err_str(err), val, err_str(want_err));
		count_failure(_metadata);
	}
	user_writes(_metadata, vm, 0, reg, 0, want_err);
}

/* An access to what is not there is refused, and leaves no trace; the errno is another rule */
static void expect_refused(struct __test_metadata *_metadata, struct test_vm *vm,
			   const struct vgic_reg *reg)
{
	u64 val = 0xa5a5a5a5;
	int err = __vgic_get64(vm, 0, reg, &val);

	EXPECT_TRUE(err && val == 0xa5a5a5a5)
	{
		TH_LOG("reading %s (%#x): %s, value %#lx; expected an error and nothing written",
		       reg->name, reg->offset, err_str(err), val);
		count_failure(_metadata);
	}
	err = __vgic_set64(vm, 0, reg, 0x55);
	EXPECT_NE(0, err)
	{
		TH_LOG("writing %s (%#x): 0; expected an error", reg->name, reg->offset);
		count_failure(_metadata);
	}
}

#define REG(name, id)                                                                              \
	{                                                                                          \
		name, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, (id)&0xffff                                \
	}

static const struct vgic_reg others[] = {
	REG("nothing", 0ULL),
	REG("the last encoding", 0xffffULL),
	REG("SCTLR_EL1", ABI_SCTLR_EL1),
	/* they have effects */
	REG("ICC_IAR1_EL1", ABI_REG_SYS(3, 0, 12, 12, 0)),
	REG("ICC_RPR_EL1", ABI_REG_SYS(3, 0, 12, 11, 3)),
	REG("ICC_SGI1R_EL1", ABI_REG_SYS(3, 0, 12, 11, 5)),
	/* those of EL2, the last ones here */
	REG("ICH_HCR_EL2", ABI_ICH_HCR_EL2),
	REG("ICH_LR0_EL2", ABI_ICH_LR_EL2(0)),
};
#define NR_OTHERS (ARRAY_SIZE(others) - (guest_at_el2 ? 2 : 0))

TEST_F(cpuif, others_are_refused)
{
	unsigned int i;

	write_all(_metadata, self, 0, false);
	for (i = 0; i < NR_OTHERS; i++)
		expect_refused(_metadata, self->vm, &others[i]);
	expect_all(_metadata, self, false, "after such writes");
}

TEST_F(cpuif, others_are_not_supported)
{
	unsigned int i;

	for (i = 1; i < NR_OTHERS; i++)
		expect_no_sysreg(_metadata, self->vm, &others[i], -ENXIO);
}

/* How many active priorities registers there are [VGIC3] */
static unsigned int nr_aprs(u64 ctlr)
{
	u64 bits = FIELD(ctlr, ABI_ICC_CTLR_PRIBITS) + 1;

	return bits == 7 ? 4 : bits == 6 ? 2 : 1;
}

static struct vgic_reg apr(unsigned int group, unsigned int n)
{
	struct vgic_reg reg = { "ICC_AP0R<n>_EL1", KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				ABI_ICC_AP0R_EL1(n) & 0xffff };

	if (group) {
		reg.name = "ICC_AP1R<n>_EL1";
		reg.offset = ABI_ICC_AP1R_EL1(n) & 0xffff;
	}
	return reg;
}

/* "ICC_AP0R1_EL1 when the host implements at least 6 bits of priority", and so on */
TEST_F(cpuif, active_priorities_are_those_of_the_hosts_bits)
{
	unsigned int group, n, nr = nr_aprs(self->host);

	for (group = 0; group < 2; group++) {
		for (n = 0; n < nr; n++) {
			const struct vgic_reg reg = apr(group, n);

			user_writes(_metadata, self->vm, 1, &reg, 1 << (n + 4 * group), 0);
		}
	}
	for (group = 0; group < 2; group++) {
		for (n = 0; n < nr; n++) {
			const struct vgic_reg reg = apr(group, n);

			expect_user(_metadata, self->vm, 1, &reg, ~0ULL, 1 << (n + 4 * group),
				    "after the write");
			expect_user(_metadata, self->vm, 0, &reg, ~0ULL, 0, "of another vCPU");
		}
	}
}

TEST_F(cpuif, active_priorities_of_more_bits_are_refused)
{
	unsigned int group, n;

	write_all(_metadata, self, 0, false);
	for (group = 0; group < 2; group++) {
		for (n = nr_aprs(self->host); n < 4; n++) {
			const struct vgic_reg reg = apr(group, n);

			expect_refused(_metadata, self->vm, &reg);
		}
	}
	expect_all(_metadata, self, false, "after such writes");
}

TEST_F(cpuif, active_priorities_of_more_bits_are_not_supported)
{
	unsigned int group, n;

	for (group = 0; group < 2; group++) {
		for (n = nr_aprs(self->host); n < 4; n++) {
			const struct vgic_reg reg = apr(group, n);

			expect_no_sysreg(_metadata, self->vm, &reg, -ENXIO);
		}
	}
}

/* The errors of an access */

TEST_F(cpuif, bad_user_pointer_is_refused)
{
	expect_bad_pointers_fault(_metadata, self->vm, &regs[PMR].reg);
	expect_bad_pointers_fault(_metadata, self->vm, &regs[CTLR].reg);
	expect_user(_metadata, self->vm, 0, &regs[PMR].reg, ~0ULL, 0, "after such writes");
}

/*
 * "Invalid mpidr". No document has it for the redistributors and the levels, which KVM refuses
 * in the same way: they belong to no one.
 */
TEST_F(cpuif, mpidr_of_no_vcpu_is_refused)
{
	static const struct vgic_reg banked[] = {
		{ "ICC_PMR_EL1", KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_ICC_PMR_EL1 & 0xffff },
		{ "ICC_CTLR_EL1", KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_ICC_CTLR_EL1 & 0xffff },
		{ "GICR_CTLR", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR },
		{ "GICR_ISENABLER0", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
		  ABI_GICR_SGI_BASE + ABI_GICD_ISENABLER },
		{ "the levels of PPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0 },
		{ "the levels of SPIs", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 },
	};
	static const u32 mpidrs[] = { 0xf, 0x100, 0x10000, 0x01000000, 0x80000000, 0xffffffff };
	u32 affinity = self->vm->affinity[0];
	unsigned int i, m;
	u64 val;

	write_all(_metadata, self, 0, false);
	for (m = 0; m < ARRAY_SIZE(mpidrs); m++) {
		self->vm->affinity[0] = mpidrs[m];
		for (i = 0; i < ARRAY_SIZE(banked); i++) {
			val = 0;
			expect_access(_metadata, "reading", &banked[i], "of no vCPU", -EINVAL,
				      __vgic_get64(self->vm, 0, &banked[i], &val));
			expect_access(_metadata, "writing", &banked[i], "of no vCPU", -EINVAL,
				      __vgic_set64(self->vm, 0, &banked[i], self->host));
			if (banked[i].group != KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO)
				expect_access(
					_metadata, "KVM_HAS_DEVICE_ATTR of", &banked[i],
					"of no vCPU", -EINVAL,
					__vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, banked[i].group,
						    vgic_reg_attr(self->vm, 0, &banked[i]), NULL));
		}
	}
	self->vm->affinity[0] = affinity;
	expect_all(_metadata, self, false, "after such writes");
}

TEST_F(cpuif, every_access_is_busy_while_a_vcpu_runs)
{
	static const struct vgic_reg levels = { "the levels of SPIs",
						KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 };
	struct guest_spinner spinner;
	unsigned int cpu, i;
	u64 val;
	u32 level = 0;

	write_all(_metadata, self, 0, false);
	guest_spin_start(self->vm, 0, &spinner);
	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++) {
		for (i = 0; i < NR_REGS; i++) {
			expect_access(_metadata, "reading", &regs[i].reg, "while vCPU 0 runs",
				      -EBUSY, __vgic_get64(self->vm, cpu, &regs[i].reg, &val));
			expect_access(_metadata, "writing", &regs[i].reg, "while vCPU 0 runs",
				      -EBUSY, __vgic_set64(self->vm, cpu, &regs[i].reg, 0));
		}
	}
	expect_access(_metadata, "reading", &levels, "while vCPU 0 runs", -EBUSY,
		      __vgic_get(self->vm, 1, &levels, &level));
	expect_access(_metadata, "writing", &levels, "while vCPU 0 runs", -EBUSY,
		      __vgic_set(self->vm, 1, &levels, ~0U));
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the running vCPU", &spinner.res);
	expect_all(_metadata, self, true, "after such writes");
	expect_reg(_metadata, self->vm, 1, &levels, 0);
}

/* Before initialisation */

FIXTURE(before_init)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(before_init)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V3, 1, VM_AT_EL1, BEFORE_INIT);
}

FIXTURE_TEARDOWN(before_init)
{
	test_vm_free(self->vm);
}

/* "Userspace is allowed to write the following register fields": no register of this group */
TEST_F(before_init, every_access_is_busy)
{
	unsigned int i;

	for (i = 0; i < NR_REGS; i++) {
		expect_no_sysreg(_metadata, self->vm, &regs[i].reg, -EBUSY);
		expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &regs[i].reg,
			      "before initialisation", 0,
			      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, regs[i].reg.group,
					  vgic_reg_attr(self->vm, 0, &regs[i].reg), NULL));
	}
	vgic_init(self->vm);
	for (i = 0; i < NR_REGS; i++)
		user_reads(_metadata, self->vm, 0, &regs[i].reg);
}

/* The hypervisor's interface of a guest at EL2 */

#define REG(name, id)                                                                              \
	{                                                                                          \
		name, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, (id)&0xffff                                \
	}

/* clang-format off */

/* User space's values by vCPU: no interrupt is in a list register, and no bit is reserved */
static const struct {
	struct vgic_reg reg;
	u64 val[2];
} el2_regs[] = {
	{ REG("ICH_AP0R0_EL2", ABI_ICH_AP0R_EL2(0)), { 0x1, 0x80 } },
	{ REG("ICH_AP1R0_EL2", ABI_ICH_AP1R_EL2(0)), { 0x40, 0x2 } },
	{ REG("ICH_HCR_EL2", ABI_ICH_HCR_EL2), { 0x0, 0x2 } }, /* UIE */
	{ REG("ICH_VMCR_EL2", ABI_ICH_VMCR_EL2), { 0xf0900009, 0x88b40008 } },
	{ REG("ICH_LR0_EL2", ABI_ICH_LR_EL2(0)), { 0x1080000000000020, 0x10a0000000000021 } },
	{ REG("ICH_LR1_EL2", ABI_ICH_LR_EL2(1)), { 0x1090000000000022, 0x10b0000000000023 } },
	{ REG("ICH_LR2_EL2", ABI_ICH_LR_EL2(2)), { 0x1098000000000024, 0x10b8000000000025 } },
	{ REG("ICH_LR3_EL2", ABI_ICH_LR_EL2(3)), { 0x1088000000000026, 0x10a8000000000027 } },
	{ REG("ICH_LR4_EL2", ABI_ICH_LR_EL2(4)), { 0x1080000000000120, 0x10a0000000000121 } },
	{ REG("ICH_LR5_EL2", ABI_ICH_LR_EL2(5)), { 0x1080000000000122, 0x10a0000000000123 } },
	{ REG("ICH_LR6_EL2", ABI_ICH_LR_EL2(6)), { 0x1080000000000124, 0x10a0000000000125 } },
	{ REG("ICH_LR7_EL2", ABI_ICH_LR_EL2(7)), { 0x1080000000000126, 0x10a0000000000127 } },
	{ REG("ICH_LR8_EL2", ABI_ICH_LR_EL2(8)), { 0x1080000000000220, 0x10a0000000000221 } },
	{ REG("ICH_LR9_EL2", ABI_ICH_LR_EL2(9)), { 0x1080000000000222, 0x10a0000000000223 } },
	{ REG("ICH_LR10_EL2", ABI_ICH_LR_EL2(10)), { 0x1080000000000224, 0x10a0000000000225 } },
	{ REG("ICH_LR11_EL2", ABI_ICH_LR_EL2(11)), { 0x1080000000000226, 0x10a0000000000227 } },
	{ REG("ICH_LR12_EL2", ABI_ICH_LR_EL2(12)), { 0x1080000000000320, 0x10a0000000000321 } },
	{ REG("ICH_LR13_EL2", ABI_ICH_LR_EL2(13)), { 0x1080000000000322, 0x10a0000000000323 } },
	{ REG("ICH_LR14_EL2", ABI_ICH_LR_EL2(14)), { 0x1080000000000324, 0x10a0000000000325 } },
	{ REG("ICH_LR15_EL2", ABI_ICH_LR_EL2(15)), { 0x1080000000000326, 0x10a0000000000327 } },
};

static const struct vgic_reg ich_vtr = REG("ICH_VTR_EL2", ABI_ICH_VTR_EL2);
static const struct vgic_reg ctlr = REG("ICC_CTLR_EL1", ABI_ICC_CTLR_EL1);
static const struct vgic_reg icc_sre_el2 = REG("ICC_SRE_EL2", ABI_ICC_SRE_EL2);

/* clang-format on */

FIXTURE(el2)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(el2)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	if (!guest_at_el2)
		SKIP(return, "guests at EL1 have no such registers: see the program of EL2");
	self->vm = vm_at(_metadata, V3, 2, 0, AFTER_INIT);
	if (__vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, ich_vtr.group, ich_vtr.offset, NULL))
		SKIP(return, "this kernel does not give ICH registers to user space");
}

FIXTURE_TEARDOWN(el2)
{
	test_vm_free(self->vm);
}

static u64 guest_reads_id(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			  const struct vgic_reg *reg)
{
	struct guest_reg access = { .id = sysreg_id(reg) };
	struct guest_result res;

	guest_regs(vm, cpu, &access, 1, &res);
	expect_end(_metadata, reg->name, &res);
	EXPECT_EQ(GUEST_REG_DONE, access.how)
	{
		TH_LOG("the guest on vCPU %u reads %s: %s; expected a value", cpu, reg->name,
		       guest_reg_str(&access));
		count_failure(_metadata);
	}
	return access.val;
}

/* "When EL2 is available for the guest, these registers are also available" */
TEST_F(el2, every_vcpu_has_its_own_values)
{
	unsigned int nr_lrs = user_reads(_metadata, self->vm, 0, &ich_vtr) % 32 + 1;
	unsigned int nr = ARRAY_SIZE(el2_regs) - ABI_ICH_NR_LRS + nr_lrs;
	unsigned int cpu, i;

	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < ARRAY_SIZE(el2_regs); i++) {
			expect_access(
				_metadata, "KVM_HAS_DEVICE_ATTR of", &el2_regs[i].reg,
				"of a vCPU with EL2", 0,
				__vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, el2_regs[i].reg.group,
					    vgic_reg_attr(self->vm, cpu, &el2_regs[i].reg), NULL));
			expect_user(_metadata, self->vm, cpu, &el2_regs[i].reg, ~0ULL, 0,
				    "at reset");
			user_writes(_metadata, self->vm, cpu, &el2_regs[i].reg,
				    el2_regs[i].val[cpu], 0);
		}
	}
	for (cpu = 0; cpu < 2; cpu++)
		for (i = 0; i < ARRAY_SIZE(el2_regs); i++)
			expect_user(_metadata, self->vm, cpu, &el2_regs[i].reg, ~0ULL,
				    el2_regs[i].val[cpu], "after the writes");
	/* the guest finds as many list registers as ICH_VTR_EL2 says */
	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < nr; i++) {
			u64 val = guest_reads_id(_metadata, self->vm, cpu, &el2_regs[i].reg);

			EXPECT_EQ(el2_regs[i].val[cpu], val)
			{
				TH_LOG("the guest on vCPU %u reads %s: %#lx; expected %#lx, as user space wrote it",
				       cpu, el2_regs[i].reg.name, val, el2_regs[i].val[cpu]);
				count_failure(_metadata);
			}
		}
	}
}

/*
 * "ICH_AP0R1_EL2 when the host implements at least 6 bits of priority", and so on. KVM's errno is not
 * the document's: docs/findings has it of the registers of EL1
 */
TEST_F(el2, active_priorities_of_more_bits_are_refused)
{
	unsigned int nr = nr_aprs(user_reads(_metadata, self->vm, 0, &ctlr));
	unsigned int group, n;

	for (group = 0; group < 2; group++) {
		for (n = 0; n < 4; n++) {
			struct vgic_reg reg = REG("ICH_AP0R<n>_EL2", ABI_ICH_AP0R_EL2(n));

			if (group) {
				reg.name = "ICH_AP1R<n>_EL2";
				reg.offset = ABI_ICH_AP1R_EL2(n) & 0xffff;
			}
			if (n >= nr) {
				expect_refused(_metadata, self->vm, &reg);
				continue;
			}
			user_writes(_metadata, self->vm, 1, &reg, 1 << (n + 4 * group), 0);
			expect_user(_metadata, self->vm, 1, &reg, ~0ULL, 1 << (n + 4 * group),
				    "after the write");
		}
	}
}

/* "Invalid mpidr or register value supplied": they say what the host has */
TEST_F(el2, what_the_host_has_cannot_be_chosen)
{
	const struct vgic_reg *const fixed[] = { &ich_vtr, &icc_sre_el2 };
	unsigned int i, bit;
	u64 val;

	for (i = 0; i < ARRAY_SIZE(fixed); i++) {
		val = user_reads(_metadata, self->vm, 0, fixed[i]);
		user_writes(_metadata, self->vm, 1, fixed[i], val, 0);
		for (bit = 0; bit < 64; bit++)
			user_writes(_metadata, self->vm, 1, fixed[i], val ^ BIT_ULL(bit), -EINVAL);
		user_writes(_metadata, self->vm, 1, fixed[i], 0, -EINVAL);
		expect_user(_metadata, self->vm, 1, fixed[i], ~0ULL, val, "after such writes");
		EXPECT_EQ(val, guest_reads_id(_metadata, self->vm, 1, fixed[i]))
		{
			TH_LOG("the guest does not read %s as %#lx, as user space does",
			       fixed[i]->name, val);
		}
	}
}

/*
 * If no one set MAINT_IRQ it is that of Arm's BSA [DEN0094 3.6] once the guest runs; no document
 * states it
 */
TEST_F(el2, maintenance_interrupt_has_a_default)
{
	u32 irq = 0;
	int err;

	run_once(_metadata, self->vm, 0);
	err = __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, ABI_VGIC_GRP_MAINT_IRQ, 0, &irq);
	EXPECT_TRUE(!err && irq == 25)
	{
		TH_LOG("MAINT_IRQ is %u, %s; expected 25, 0", irq, err_str(err));
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
