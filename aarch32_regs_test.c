// SPDX-License-Identifier: GPL-2.0
/*
 * aarch32_regs_test: the registers of guests in AArch32: identification registers, banked ones,
 * and what KVM_SET_ONE_REG makes of 64 bits.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69          KVM_SET_ONE_REG, KVM_GET_ONE_REG
 *   Documentation/virt/kvm/arm/vcpu-features.rst       ID registers
 *   Arm DDI0487 (Arm ARM) D1.20.1, G8                  which register is which in AArch64
 *
 * Which modes PSTATE takes is in vcpu_pstate_test, what they are reset to in vcpu_reset_test.
 */
#include <errno.h>

#include "harness.h"

#include "aarch32_expect.h"
#include "reg_history.h"

FIXTURE(regs)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT(regs)
{
	enum isa isa;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(regs, a32) { ISA_A32 };
FIXTURE_VARIANT_ADD(regs, t32) { ISA_T32 };
/* clang-format on */

FIXTURE_SETUP(regs)
{
	const char *missing = host_missing_features(FEAT_EL1_32);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = guest32_vm_create(2, 0);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(regs)
{
	test_vm_free(self->vm);
}

/* Identification registers: MRC and its like, and the register of user space */

#define MRC(op1, crm, op2) (0xee100f10U | (op1) << 21 | (crm) << 0 | (op2) << 5)
#define MCR_CSSELR 0xee400f10U /* mcr p15, 2, r0, c0, c0, 0 */
#define VMRS(reg) (0xeef00a10U | (reg) << 16)
#define ID_ROW(name, op1, crm, op2)                                                                \
	{                                                                                          \
		name, MRC(op1, crm, op2), ABI_REG_SYS(3, op1, 0, crm, op2)                         \
	}

/* All give R0 */
static const struct id_insn {
	const char *name;
	u32 insn; /* the same in A32 and T32 [Arm ARM F5.1, F6.1] */
	u64 id;
} id_insns[] = {
	{ "MIDR", MRC(0, 0, 0), ABI_MIDR_EL1 },
	{ "CTR", MRC(0, 0, 1), ABI_REG_SYS(3, 3, 0, 0, 1) },
	{ "MPIDR", MRC(0, 0, 5), ABI_MPIDR_EL1 },
	ID_ROW("REVIDR", 0, 0, 6),
	ID_ROW("AIDR", 1, 0, 7),
	ID_ROW("CLIDR", 1, 0, 1),
	ID_ROW("ID_PFR0", 0, 1, 0),
	ID_ROW("ID_PFR1", 0, 1, 1),
	ID_ROW("ID_DFR0", 0, 1, 2),
	ID_ROW("ID_AFR0", 0, 1, 3),
	ID_ROW("ID_MMFR0", 0, 1, 4),
	ID_ROW("ID_MMFR1", 0, 1, 5),
	ID_ROW("ID_MMFR2", 0, 1, 6),
	ID_ROW("ID_MMFR3", 0, 1, 7),
	ID_ROW("ID_ISAR0", 0, 2, 0),
	ID_ROW("ID_ISAR1", 0, 2, 1),
	ID_ROW("ID_ISAR2", 0, 2, 2),
	ID_ROW("ID_ISAR3", 0, 2, 3),
	ID_ROW("ID_ISAR4", 0, 2, 4),
	ID_ROW("ID_ISAR5", 0, 2, 5),
	ID_ROW("ID_MMFR4", 0, 2, 6),
	ID_ROW("ID_ISAR6", 0, 2, 7),
	ID_ROW("ID_PFR2", 0, 3, 4),
	ID_ROW("ID_DFR1", 0, 3, 5),
	ID_ROW("ID_MMFR5", 0, 3, 6),
	{ "MVFR0", VMRS(7), ABI_REG_SYS(3, 0, 0, 3, 0) },
	{ "MVFR1", VMRS(6), ABI_REG_SYS(3, 0, 0, 3, 1) },
	{ "MVFR2", VMRS(5), ABI_REG_SYS(3, 0, 0, 3, 2) },
};

/* Of id_insns[]: where ID registers begin, and what is before them */
#define FIRST_FEATURE 6
#define CLIDR (FIRST_FEATURE - 1)

/* Run instructions that are the same in A32 and T32, where the halves have another order */
static void run_insns(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		      enum isa isa, const char *what, const u32 *insns, unsigned int nr, u32 cpsr)
{
	struct guest32_code code = { isa, insns, nr * sizeof(*insns) };
	struct guest_result res;
	unsigned int i;
	u16 halves[16];

	if (isa == ISA_T32) {
		ASSERT_LE(2 * nr, ARRAY_SIZE(halves));
		for (i = 0; i < nr; i++) {
			halves[2 * i] = insns[i] >> 16;
			halves[2 * i + 1] = insns[i];
		}
		code.insns = halves;
	}
	guest32_run(vm, cpu, &code, cpsr, &res);
	expect_end32(_metadata, what, vm->vcpu[cpu], &res);
}

static void expect_id_view(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   enum isa isa, const struct id_insn *row, const char *when)
{
	u64 user;
	u32 val;

	if (__reg_get(vm->vcpu[cpu], row->id, &user))
		return;
	run_insns(_metadata, vm, cpu, isa, row->name, &row->insn, 1, CPSR_RESET);
	val = vcpu_x_get(vm->vcpu[cpu], 0);
	EXPECT_EQ((u32)user, val)
	{
		TH_LOG("%s in %s on vCPU %u, %s: %#x; expected %#x, what KVM_GET_ONE_REG gives of %s",
		       row->name, isa_str(isa), cpu, when, val, (u32)user, reg_name(row->id));
		count_failure(_metadata);
	}
}

static void expect_id_views(struct __test_metadata *_metadata, struct test_vm *vm, enum isa isa,
			    unsigned int from, unsigned int to, const char *when)
{
	unsigned int cpu, i;

	/* VMRS needs the floating-point unit */
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		reg_set(vm->vcpu[cpu], ABI_CPACR_EL1, ABI_CPACR_FPEN);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		for (i = from; i < to; i++)
			expect_id_view(_metadata, vm, cpu, isa, &id_insns[i], when);
}

TEST_F(regs, guest_reads_cpu_registers_as_user_space_does)
{
	/* Each vCPU may have an MPIDR_EL1 of its own */
	reg_set(self->vcpu, ABI_MPIDR_EL1, 0x80000105);
	expect_id_views(_metadata, self->vm, variant->isa, 0, CLIDR, "at reset");
}

/* An operating system cleans its caches by it */
TEST_F(regs, guest_reads_clidr_as_user_space_does)
{
	expect_id_views(_metadata, self->vm, variant->isa, CLIDR, CLIDR + 1, "at reset");
}

TEST_F(regs, guest_reads_id_registers_as_user_space_does)
{
	expect_id_views(_metadata, self->vm, variant->isa, FIRST_FEATURE, ARRAY_SIZE(id_insns),
			"at reset");
}

/* KVM_CAP_ARM_WRITABLE_IMP_ID_REGS [api.rst 7.42]: of another CPU, of which AArch32 has 32 bits */
TEST_F(regs, guest_reads_chosen_implementation_registers)
{
	if (!kvm_has_cap(ABI_CAP_ARM_WRITABLE_IMP_ID_REGS))
		SKIP(return, "this kernel has no KVM_CAP_ARM_WRITABLE_IMP_ID_REGS");
	test_vm_free(self->vm);
	self->vm = guest32_vm_create(2, VM_IMP_ID_REGS);
	reg_set(self->vm->vcpu[0], ABI_MIDR_EL1, 0x481fd010);
	reg_set(self->vm->vcpu[0], ABI_REG_SYS(3, 0, 0, 0, 6), 0xffffffff00000140);
	reg_set(self->vm->vcpu[0], ABI_REG_SYS(3, 1, 0, 0, 7), 0x8000000012345678);
	expect_id_views(_metadata, self->vm, variant->isa, 0, CLIDR, "chosen by the VMM");
}

/* A field of four bits at a time becomes less, where this kernel lets it */
TEST_F(regs, guest_reads_limited_id_registers)
{
	bool any = false;
	unsigned int i, shift;
	u64 val;

	for (i = FIRST_FEATURE; i < ARRAY_SIZE(id_insns); i++) {
		if (__reg_get(self->vcpu, id_insns[i].id, &val))
			continue;
		for (shift = 0; shift < 32; shift += 4)
			if (val >> shift & 0xf &&
			    !__reg_set(self->vcpu, id_insns[i].id, val - (1ULL << shift)))
				break;
		any |= shift < 32;
	}
	if (!any)
		SKIP(return, "this kernel lets no AArch32 ID register be limited");
	expect_id_views(_metadata, self->vm, variant->isa, FIRST_FEATURE, ARRAY_SIZE(id_insns),
			"limited by the VMM");
}

/* CCSIDR by CSSELR is the DEMUX register of that number [api.rst 4.68] */
TEST_F(regs, guest_reads_ccsidr_as_user_space_does)
{
	static const u32 insns[] = {
		MCR_CSSELR, MRC(1, 0, 0), /* CCSIDR */
	};
	unsigned int csselr, nr = 0;

	for (csselr = 0; csselr < ABI_NR_CSSELR; csselr++) {
		u32 user = 0, val;

		if (__reg_ioctl(self->vcpu, KVM_GET_ONE_REG, ABI_REG_DEMUX_CCSIDR(csselr), &user))
			continue;
		nr++;
		vcpu_x_set(self->vcpu, 0, csselr);
		run_insns(_metadata, self->vm, 0, variant->isa, "CCSIDR", insns, ARRAY_SIZE(insns),
			  CPSR_RESET);
		val = vcpu_x_get(self->vcpu, 0);
		EXPECT_EQ(user, val)
		{
			TH_LOG("CCSIDR by CSSELR %#x in %s: %#x; expected %#x, what KVM_GET_ONE_REG gives",
			       csselr, isa_str(variant->isa), val, user);
		}
	}
	EXPECT_LT(0, nr);
}

/* Other system registers [Arm ARM G8.2], which are halves of AArch64's or have one of their own */

#define CP15(write, crn, crm, op2)                                                                 \
	(0xee000f10U | (write ? 0 : BIT(20)) | (crn) << 16 | (op2) << 5 | (crm))

#define OTHER 0x13579bdfULL

static const struct sys32 {
	const char *name;
	u32 crn, crm, op2; /* of coprocessor 15, with op1 0 */
	u64 id;
	unsigned int shift; /* of its 32 bits in that */
	u32 bits; /* to try: what it has for sure */
	u64 other; /* another half, which stays */
} sys32[] = {
	{ "TTBR0", 2, 0, 0, ABI_REG_SYS(3, 0, 2, 0, 0), 0, 0xfffc0000, 0 },
	{ "TTBR1", 2, 0, 1, ABI_REG_SYS(3, 0, 2, 0, 1), 0, 0xfffc0000, 0 },
	{ "DACR", 3, 0, 0, ABI_REG_SYS(3, 4, 3, 0, 0), 0, 0xffffffff, 0 },
	{ "DFSR", 5, 0, 0, ABI_ESR_EL1, 0, 0x40f, 0 },
	{ "IFSR", 5, 0, 1, ABI_REG_SYS(3, 4, 5, 0, 1), 0, 0x40f, 0 },
	{ "DFAR", 6, 0, 0, ABI_FAR_EL1, 0, 0xffffffff, OTHER << 32 },
	{ "IFAR", 6, 0, 2, ABI_FAR_EL1, 32, 0xffffffff, OTHER },
	{ "PRRR", 10, 2, 0, ABI_REG_SYS(3, 0, 10, 2, 0), 0, 0xff0fffff, OTHER << 32 },
	{ "NMRR", 10, 2, 1, ABI_REG_SYS(3, 0, 10, 2, 0), 32, 0xffffffff, OTHER },
	{ "CONTEXTIDR", 13, 0, 1, ABI_REG_SYS(3, 0, 13, 0, 1), 0, 0xffffffff, 0 },
	{ "TPIDRURW", 13, 0, 2, ABI_TPIDR_EL0, 0, 0xffffffff, 0 },
	{ "TPIDRURO", 13, 0, 3, ABI_TPIDRRO_EL0, 0, 0xffffffff, 0 },
	{ "TPIDRPRW", 13, 0, 4, ABI_TPIDR_EL1, 0, 0xffffffff, 0 },
};

/* What user space writes is what the guest reads, and the reverse; the other half stays */
static void expect_sys32(struct __test_metadata *_metadata, struct test_vm *vm, enum isa isa,
			 const struct sys32 *row)
{
	const u32 insns[] = {
		CP15(false, row->crn, row->crm, row->op2), /* to R0 */
		CP15(true, row->crn, row->crm, row->op2) | 1 << 12, /* of R1 */
	};
	u32 old = 0x5a5aa5a5 & row->bits, new = ~old & row->bits;
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	u64 want = (u64) new << row->shift | row->other, val;

	reg_set(vcpu, row->id, (u64)old << row->shift | row->other);
	vcpu_x_set(vcpu, 1, new);
	run_insns(_metadata, vm, 0, isa, row->name, insns, ARRAY_SIZE(insns), CPSR_RESET);
	expect_r(_metadata, vcpu, row->name, 0, old);
	val = reg_get(vcpu, row->id);
	EXPECT_EQ(want, val)
	{
		TH_LOG("%s after the guest wrote %#x to %s in %s: %#lx; expected %#lx",
		       reg_name(row->id), new, row->name, isa_str(isa), val, want);
		count_failure(_metadata);
	}
}

TEST_F(regs, system_registers_are_those_of_aarch64)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sys32); i++)
		expect_sys32(_metadata, self->vm, variant->isa, &sys32[i]);
}

/* Banked registers [Arm ARM D1.20.1], which T32 has as A32 does */

FIXTURE(banks)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(banks)
{
	const char *missing = host_missing_features(FEAT_EL1_32);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = guest32_vm_create(1, 0);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(banks)
{
	test_vm_free(self->vm);
}

#define SPSR(n) ABI_REG_CORE_U64(ABI_CORE_SPSR + 2 * (n))

/* Where a mode has R8 to R14, and which SPSR of struct kvm_regs; -1 for none */
static const struct bank {
	u32 mode;
	unsigned int x[7]; /* of R8 to R14 */
	int spsr;
} banks[] = {
	{ CPSR_USR, { 8, 9, 10, 11, 12, 13, 14 }, -1 },
	{ CPSR_SYS, { 8, 9, 10, 11, 12, 13, 14 }, -1 },
	{ CPSR_SVC, { 8, 9, 10, 11, 12, 19, X_LR_SVC }, 0 },
	{ CPSR_ABT, { 8, 9, 10, 11, 12, 21, X_LR_ABT }, 1 },
	{ CPSR_UND, { 8, 9, 10, 11, 12, 23, X_LR_UND }, 2 },
	{ CPSR_IRQ, { 8, 9, 10, 11, 12, 17, X_LR_IRQ }, 3 },
	{ CPSR_FIQ, { 24, 25, 26, 27, 28, 29, X_LR_FIQ }, 4 },
};

#define NR_SPSR 5

/* An SPSR of its own for each mode: condition flags and the mode */
static u32 spsr_value(unsigned int n)
{
	return (n + 1) << 28 | CPSR_AIF | CPSR_SVC;
}

/* R0 to R6 get R8 to R14, which are then inverted */
static const u32 swap_a32[] = {
	0xe1a00008, /* mov r0, r8 */
	0xe1a01009, /* mov r1, r9 */
	0xe1a0200a, /* mov r2, r10 */
	0xe1a0300b, /* mov r3, r11 */
	0xe1a0400c, /* mov r4, r12 */
	0xe1a0500d, /* mov r5, sp */
	0xe1a0600e, /* mov r6, lr */
	0xe1e08008, /* mvn r8, r8 */
	0xe1e09009, /* mvn r9, r9 */
	0xe1e0a00a, /* mvn r10, r10 */
	0xe1e0b00b, /* mvn r11, r11 */
	0xe1e0c00c, /* mvn r12, r12 */
	0xe1e0d00d, /* mvn sp, sp */
	0xe1e0e00e, /* mvn lr, lr */
};

/*
 * From another mode: R0 gets SPSR, which then gets R1. QEMU 10.0 gives the mode in which a guest
 * is entered the SPSR of another one, so the guest changes the mode itself.
 */
#define CPS(mode) (0xf1020000U | (mode)) /* cps #mode */

static const u32 swap_spsr_a32[] = {
	0xe14f0000, /* mrs r0, spsr */
	0xe16ff001, /* msr spsr_fsxc, r1 */
};

static bool in_bank(const struct bank *bank, unsigned int x)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bank->x); i++)
		if (bank->x[i] == x)
			return true;
	return false;
}

static void expect_bank(struct __test_metadata *_metadata, struct test_vm *vm,
			const struct bank *bank)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	char what[64];
	unsigned int n;

	snprintf(what, sizeof(what), "the guest in %s mode", guest32_mode_str(bank->mode));
	mark32(vcpu, 0);
	run32(_metadata, what, vm, &A32_CODE(swap_a32), bank->mode | CPSR_AIF);
	for (n = 0; n < 7; n++)
		expect_r(_metadata, vcpu, what, n, marked32(bank->x[n]));
	for (n = 8; n <= 30; n++)
		expect_r(_metadata, vcpu, what, n, in_bank(bank, n) ? ~marked32(n) : marked32(n));
}

TEST_F(banks, banked_registers_are_those_of_the_mode)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(banks); i++)
		expect_bank(_metadata, self->vm, &banks[i]);
}

TEST_F(banks, spsr_is_that_of_the_mode)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(banks); i++) {
		const struct bank *bank = &banks[i];
		const u32 insns[] = {
			CPS(bank->mode),
			swap_spsr_a32[0],
			swap_spsr_a32[1],
			CPS(CPSR_SYS),
		};

		if (bank->spsr < 0)
			continue;
		for (n = 0; n < NR_SPSR; n++)
			reg_set(self->vcpu, SPSR(n), spsr_value(n));
		vcpu_x_set(self->vcpu, 1, spsr_value(NR_SPSR));
		run32(_metadata, "an access to SPSR", self->vm, &A32_CODE(insns),
		      CPSR_SYS | CPSR_AIF);
		expect_r(_metadata, self->vcpu, "SPSR", 0, spsr_value(bank->spsr));
		for (n = 0; n < NR_SPSR; n++) {
			u32 want = spsr_value(n == (unsigned int)bank->spsr ? NR_SPSR : n);
			u32 val = reg_get(self->vcpu, SPSR(n));

			EXPECT_EQ(want, val)
			{
				TH_LOG("spsr[%u] of struct kvm_regs after the guest wrote SPSR in %s mode: %#x; expected %#x",
				       n, guest32_mode_str(bank->mode), val, want);
			}
		}
	}
}

/* Core registers and their upper halves */

#define UPPER (0xdeadbeefULL << 32)

static void expect_kept_bits(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id,
			     const char *name, u32 mode, bool wide)
{
	u64 want = wide ? UPPER | 0x12345678 : 0x12345678, val;
	int err;

	err = __reg_set(vcpu, id, UPPER | 0x12345678);
	val = reg_get(vcpu, id);
	EXPECT_TRUE(!err && val == want)
	{
		TH_LOG("KVM_SET_ONE_REG of %s to %#llx in %s mode: %s, then it reads %#lx; expected 0 and %#lx, since it has %u bits",
		       name, UPPER | 0x12345678, guest32_mode_str(mode), err_str(err), val, want,
		       wide ? 64 : 32);
		count_failure(_metadata);
	}
}

/*
 * No document states it. In AArch32 the registers have 32 bits, and a guest that a VMM
 * gives more, such as PSCI results of 64 bits, is to find the same as one that runs on.
 * Whether those of other modes are cut, too, is left open: kernels differ.
 */
TEST_F(banks, core_registers_have_32_bits_in_aarch32)
{
	unsigned int i, n;
	char name[8];

	for (i = 0; i < ARRAY_SIZE(banks); i++) {
		u32 mode = banks[i].mode;

		reg_set(self->vcpu, ABI_PSTATE, mode | CPSR_AIF);
		for (n = 0; n <= 30; n++) {
			if (n >= 8 && !in_bank(&banks[i], n))
				continue;
			snprintf(name, sizeof(name), "X%u", n);
			expect_kept_bits(_metadata, self->vcpu, ABI_REG_CORE_U64(2 * n), name, mode,
					 false);
		}
		expect_kept_bits(_metadata, self->vcpu, ABI_PC, "PC", mode, false);
	}
}

/* A 64-bit vCPU whose EL0 is in AArch32 */
FIXTURE(user)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(user)
{
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
	self->vcpu = self->vm->vcpu[0];
	if ((reg_get(self->vcpu, ABI_ID_AA64PFR0_EL1) & 0xf) != 2)
		SKIP(return, "this host has no 32-bit EL0");
}

FIXTURE_TEARDOWN(user)
{
	test_vm_free(self->vm);
}

/* X15 on are the 64-bit kernel's, which is below; X0 to X14 are the program's */
TEST_F(user, mode_keeps_the_registers_of_a_64_bit_kernel)
{
	unsigned int n;
	char name[8];

	reg_set(self->vcpu, ABI_PSTATE, CPSR_USR);
	for (n = 0; n <= 30; n++) {
		snprintf(name, sizeof(name), "X%u", n);
		expect_kept_bits(_metadata, self->vcpu, ABI_REG_CORE_U64(2 * n), name, CPSR_USR,
				 n >= 15);
	}
	expect_kept_bits(_metadata, self->vcpu, ABI_REG_CORE_U64(ABI_CORE_SP_EL1), "SP_EL1",
			 CPSR_USR, true);
	expect_kept_bits(_metadata, self->vcpu, ABI_REG_CORE_U64(ABI_CORE_ELR_EL1), "ELR_EL1",
			 CPSR_USR, true);
	expect_kept_bits(_metadata, self->vcpu, ABI_PC, "PC", CPSR_USR, false);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
