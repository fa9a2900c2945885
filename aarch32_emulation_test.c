// SPDX-License-Identifier: GPL-2.0
/*
 * aarch32_emulation_test: where a guest in AArch32 goes on after an instruction that KVM emulates:
 * its PC, its IT state, its condition codes, and the exceptions that it takes.
 *
 * Holds KVM to
 *   Arm DDI0487 (Arm ARM) E1.2, F5, G1     instructions and exceptions
 *   Documentation/virt/kvm/api.rst 4.32    KVM_SET_VCPU_EVENTS: ext_dabt_pending
 *   Documentation/virt/kvm/api.rst 5       KVM_EXIT_MMIO, KVM_EXIT_HYPERCALL
 *
 * The instructions are those that a hypervisor traps: MRC of ID registers, SMC, WFI, stores to
 * where no memory is, and accesses to IMPLEMENTATION DEFINED registers, which a VM has not.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "harness.h"

#include "aarch32_expect.h"
#include "filter_expect.h"

FIXTURE(emulation)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(emulation)
{
	const char *missing = host_missing_features(FEAT_EL1_32);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = guest32_vm_create(1, 0);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(emulation)
{
	test_vm_free(self->vm);
}

/* mrc p15, 0, Rt, c0, c1, 0: ID_PFR0, which has AArch32 state in a field of its own, is not 0 */
#define MRC_PFR0(rt) (0xee100f11U | (rt) << 12)

/* Condition codes [Arm ARM F1.3.1] */

static bool passes(unsigned int cond, u32 flags)
{
	bool n = flags & CPSR_N, z = flags & CPSR_Z, c = flags & CPSR_C, v = flags & CPSR_V;
	const bool pass[] = {
		z, /* EQ */
		c, /* CS */
		n, /* MI */
		v, /* VS */
		c && !z, /* HI */
		n == v, /* GE */
		!z && n == v, /* GT */
	};

	/* Each is followed by its opposite: NE, CC, PL, VC, LS, LT, LE */
	return pass[cond / 2] != (cond & 1);
}

#define NR_CONDS 14

/* In System mode R0 to R14 are X0 to X14. R7 is the guest's own */
static unsigned int rt_of(unsigned int cond)
{
	return cond < 7 ? cond : cond + 1;
}

static void expect_read(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, enum isa isa,
			const char *what, unsigned int rt, bool want)
{
	bool read = (u32)vcpu_x_get(vcpu, rt) != marked32(rt);

	EXPECT_EQ(want, read)
	{
		TH_LOG("%s in %s: an MRC to R%u was %s; expected it to be %s", what, isa_str(isa),
		       rt, read ? "done" : "left out", want ? "done" : "left out");
		count_failure(_metadata);
	}
}

static void expect_conditions(struct __test_metadata *_metadata, struct test_vm *vm,
			      const struct guest32_code *code)
{
	unsigned int flags, cond;
	char what[48];

	for (flags = 0; flags < 16; flags++) {
		snprintf(what, sizeof(what), "conditional, with NZCV %#x", flags);
		mark32(vm->vcpu[0], 0);
		run32(_metadata, what, vm, code, CPSR_SYS | CPSR_AIF | flags << 28);
		for (cond = 0; cond < NR_CONDS; cond++)
			expect_read(_metadata, vm->vcpu[0], code->isa, what, rt_of(cond),
				    passes(cond, flags << 28));
	}
}

/* A trapped instruction whose condition fails may be a trap, or not [Arm ARM G1.18.2] */
TEST_F(emulation, a32_conditions_are_kept)
{
	u32 insns[NR_CONDS];
	unsigned int cond;

	for (cond = 0; cond < NR_CONDS; cond++)
		insns[cond] = (MRC_PFR0(rt_of(cond)) & 0x0fffffff) | cond << 28;
	expect_conditions(_metadata, self->vm, &A32_CODE(insns));
}

TEST_F(emulation, t32_conditions_are_kept)
{
	u16 insns[3 * NR_CONDS];
	unsigned int cond;

	for (cond = 0; cond < NR_CONDS; cond++) {
		insns[3 * cond] = 0xbf08 | cond << 4; /* it <cond> */
		insns[3 * cond + 1] = MRC_PFR0(rt_of(cond)) >> 16;
		insns[3 * cond + 2] = (u16)MRC_PFR0(rt_of(cond));
	}
	expect_conditions(_metadata, self->vm, &T32_CODE(insns));
}

/* IT blocks [Arm ARM F5.1.55, E1.2.4] */

/* Of IT with EQ or NE and a mask: how many instructions, and whether number n is of EQ */
static unsigned int it_length(unsigned int mask)
{
	return 5 - ffs(mask);
}

static bool it_is_eq(unsigned int cond, unsigned int mask, unsigned int n)
{
	return n ? !(mask >> (4 - n) & 1) : !cond;
}

/* A block whose instructions all trap, and one more that has no condition */
static void expect_it_block(struct __test_metadata *_metadata, struct test_vm *vm,
			    unsigned int cond, unsigned int mask, u32 flags)
{
	unsigned int nr = it_length(mask), i;
	u16 insns[1 + 2 * 5] = { 0xbf00 | cond << 4 | mask };
	struct guest32_code code = { ISA_T32, insns, 2 + 4 * (nr + 1) };
	char what[48];
	u32 cpsr;

	snprintf(what, sizeof(what), "IT of %s, mask %#x, with %s", cond ? "NE" : "EQ", mask,
		 flags ? "Z" : "no Z");
	for (i = 0; i <= nr; i++) {
		insns[1 + 2 * i] = MRC_PFR0(i) >> 16;
		insns[2 + 2 * i] = (u16)MRC_PFR0(i);
	}
	mark32(vm->vcpu[0], 0);
	run32(_metadata, what, vm, &code, CPSR_RESET | flags);
	for (i = 0; i < nr; i++)
		expect_read(_metadata, vm->vcpu[0], ISA_T32, what, i,
			    it_is_eq(cond, mask, i) == !!flags);
	expect_read(_metadata, vm->vcpu[0], ISA_T32, "after the block", nr, true);
	cpsr = reg_get(vm->vcpu[0], ABI_PSTATE);
	EXPECT_EQ(CPSR_RESET | CPSR_T | flags, cpsr)
	{
		TH_LOG("%s: CPSR after the block is %#x; expected %#x, without IT state", what,
		       cpsr, CPSR_RESET | CPSR_T | flags);
		count_failure(_metadata);
	}
}

TEST_F(emulation, it_blocks_of_trapped_instructions_run_as_they_should)
{
	unsigned int cond, mask;

	for (cond = 0; cond <= 1; cond++) {
		for (mask = 1; mask <= 0xf; mask++) {
			expect_it_block(_metadata, self->vm, cond, mask, 0);
			expect_it_block(_metadata, self->vm, cond, mask, CPSR_Z);
		}
	}
}

/* What an emulated instruction leaves behind: the PC and the IT state */

static u32 it_bits(unsigned int it)
{
	return (it & 3) << 25 | (it >> 2) << 10;
}

static u32 it_of(u32 cpsr)
{
	return (cpsr >> 25 & 3) | (cpsr >> 8 & 0xfc);
}

static void expect_after(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, const char *what,
			 u32 offset, u32 want_cpsr)
{
	u64 pc = reg_get(vcpu, ABI_PC);
	u32 cpsr = reg_get(vcpu, ABI_PSTATE);

	EXPECT_TRUE(pc == guest32_ipa() + offset && cpsr == want_cpsr)
	{
		TH_LOG("after %s: PC %#lx, CPSR %#x, IT %#x; expected %#lx, %#x, IT %#x", what, pc,
		       cpsr, it_of(cpsr), guest32_ipa() + offset, want_cpsr, it_of(want_cpsr));
		count_failure(_metadata);
	}
}

static const u32 str_a32[] = {
	0xe5870000, /* str r0, [r7] */
};

/* A store to the exit port, which KVM completes when the vCPU runs again */
static const struct store {
	const char *what;
	u16 insns[6]; /* T32 */
	u32 end; /* offset of what comes after the store */
	unsigned int it; /* then */
} stores[] = {
	{ "a store of 16 bits", { 0x6038 /* str r0, [r7] */, 0xbf00 /* nop */ }, 2, 0 },
	{ "a store of 32 bits", { 0xf8c7, 0x0000 /* str.w r0, [r7] */, 0xbf00 }, 4, 0 },
	{ "the last store of an IT block", { 0xbf08 /* it eq */, 0x6038, 0xbf00 }, 4, 0 },
	{ "the last long store of an IT block", { 0xbf08, 0xf8c7, 0x0000, 0xbf00 }, 6, 0 },
	/* IT[7:0] is the condition and the mask, of which bits 4:0 move up [Arm ARM E1.2.4] */
	{ "the first store of ITTE EQ", { 0xbf06 /* itte eq */, 0x6038, 0xbf00, 0xbf00 }, 4, 0x0c },
	{ "the first store of ITEE EQ", { 0xbf0e /* itee eq */, 0x6038, 0xbf00, 0xbf00 }, 4, 0x1c },
	{ "the first store of ITTTT EQ",
	  { 0xbf01 /* itttt eq */, 0x6038, 0xbf00, 0xbf00, 0xbf00 },
	  4,
	  0x02 },
	{ "the second store of ITTT EQ",
	  { 0xbf02 /* ittt eq */, 0xbf00, 0x6038, 0xbf00 },
	  6,
	  0x08 },
};

TEST_F(emulation, stores_are_completed_at_the_next_instruction)
{
	const u32 cpsr = CPSR_RESET | CPSR_Z;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stores); i++) {
		run32(_metadata, stores[i].what, self->vm, &T32_CODE(stores[i].insns), cpsr);
		test_vcpu_complete(self->vcpu);
		expect_after(_metadata, self->vcpu, stores[i].what, stores[i].end,
			     cpsr | CPSR_T | it_bits(stores[i].it));
	}
	run32(_metadata, "a store in A32", self->vm, &A32_CODE(str_a32), cpsr);
	test_vcpu_complete(self->vcpu);
	expect_after(_metadata, self->vcpu, "a store in A32", 4, cpsr);
}

/*
 * api.rst 5: data has, "in its first len bytes, the value as it would appear if the VCPU
 * performed" the access to it
 */
TEST_F(emulation, stores_are_in_the_byte_order_of_the_guest)
{
	unsigned int big;

	for (big = 0; big <= 1; big++) {
		const struct kvm_run *run = self->vcpu->run;
		const u8 *data = run->mmio.data;
		u32 want = big ? 0x11223344 : 0x44332211, seen;

		vcpu_x_set(self->vcpu, 0, 0x11223344);
		run32(_metadata, "a store", self->vm, &A32_CODE(str_a32),
		      CPSR_RESET | (big ? CPSR_E : 0));
		seen = (u32)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];
		EXPECT_TRUE(run->mmio.len == 4 && seen == want)
		{
			TH_LOG("KVM_EXIT_MMIO of a %s-endian guest that stores 0x11223344: %u bytes, %08x; expected 4, %08x",
			       big ? "big" : "little", run->mmio.len, seen, want);
		}
	}
}

/* Loads of R0 from behind the exit port, and what the bytes 81 92 a3 b4 are to the guest */
static const struct load {
	const char *what;
	u32 insn; /* A32 */
	unsigned int len;
	u32 little, big;
} loads[] = {
	{ "LDR", 0xe5970040 /* ldr r0, [r7, #64] */, 4, 0xb4a39281, 0x8192a3b4 },
	{ "LDRH", 0xe1d704b0 /* ldrh r0, [r7, #64] */, 2, 0x9281, 0x8192 },
	{ "LDRB", 0xe5d70040 /* ldrb r0, [r7, #64] */, 1, 0x81, 0x81 },
	{ "LDRSH", 0xe1d704f0 /* ldrsh r0, [r7, #64] */, 2, 0xffff9281, 0xffff8192 },
	{ "LDRSB", 0xe1d704d0 /* ldrsb r0, [r7, #64] */, 1, 0xffffff81, 0xffffff81 },
};

static void expect_load(struct __test_metadata *_metadata, struct test_vm *vm,
			const struct load *load, bool big)
{
	const struct guest32_code code = { ISA_A32, &load->insn, sizeof(load->insn) };
	static const u8 data[4] = { 0x81, 0x92, 0xa3, 0xb4 };
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct kvm_run *run = vcpu->run;
	struct guest_result res;

	vcpu_x_set(vcpu, 0, 0x5a5a5a5a);
	guest32_run(vm, 0, &code, CPSR_RESET | (big ? CPSR_E : 0), &res);
	ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_MMIO && !run->mmio.is_write &&
		    run->mmio.len == load->len)
	{
		TH_LOG("%s: the guest %s, %u bytes; expected KVM_EXIT_MMIO of a read of %u",
		       load->what, guest32_end_str(vcpu, &res), run->mmio.len, load->len);
	}
	memcpy(run->mmio.data, data, load->len);
	guest_run(vcpu, &res);
	expect_end32(_metadata, load->what, vcpu, &res);
	expect_r(_metadata, vcpu, load->what, 0, big ? load->big : load->little);
}

#define NR_UNSIGNED 3

TEST_F(emulation, loads_are_in_the_byte_order_of_the_guest)
{
	unsigned int i;

	for (i = 0; i < 2 * NR_UNSIGNED; i++)
		expect_load(_metadata, self->vm, &loads[i / 2], i % 2);
}

TEST_F(emulation, signed_loads_extend_the_sign)
{
	unsigned int i;

	for (i = 2 * NR_UNSIGNED; i < 2 * ARRAY_SIZE(loads); i++)
		expect_load(_metadata, self->vm, &loads[i / 2], i % 2);
}

/* WFI comes back with an interrupt pending, though CPSR.I masks it [Arm ARM G1.17.2] */
static const u32 wfi_a32[] = {
	0xe320f003, /* wfi */
	0xe3a00001, /* mov r0, #1 */
};
static const u16 wfi_t32[] = {
	0xbf30, /* wfi */
	0x2001, /* movs r0, #1 */
};
static const u16 wfi_wide_t32[] = {
	0xf3af, 0x8003, /* wfi.w */
	0x2001, /* movs r0, #1 */
};
static const u16 wfi_it_t32[] = {
	0xbf0c, /* ite eq */
	0xbf30, /* wfieq */
	0x2002, /* movne r0, #2 */
	0x3001, /* adds r0, #1 */
};

TEST_F(emulation, wfi_goes_on_with_the_next_instruction)
{
	const struct guest32_code codes[] = {
		A32_CODE(wfi_a32),
		T32_CODE(wfi_t32),
		T32_CODE(wfi_wide_t32),
		T32_CODE(wfi_it_t32),
	};
	unsigned int i;

	ASSERT_EQ(0, _kvm_irq_line(self->vm->kvm, 0, 1));
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		vcpu_x_set(self->vcpu, 0, 0);
		run32(_metadata, "WFI with a pending interrupt", self->vm, &codes[i],
		      CPSR_RESET | CPSR_Z);
		expect_r(_metadata, self->vcpu, "what comes after WFI", 0, 1);
	}
}

/* SMC, which is conditional, with a call that changes R0 [Arm ARM F5.1.179] */
static const u32 smc_ne_a32[] = {
	0x11600070, /* smcne #0 */
};
static const u16 smc_ne_t32[] = {
	0xbf18, /* it ne */
	0xf7f0, 0x8000, /* smcne #0 */
};

TEST_F(emulation, smc_whose_condition_fails_is_no_call)
{
	const struct guest32_code codes[] = { A32_CODE(smc_ne_a32), T32_CODE(smc_ne_t32) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		u32 t = codes[i].isa == ISA_T32 ? CPSR_T : 0;

		vcpu_x_set(self->vcpu, 0, ABI_SMCCC_VERSION);
		run32(_metadata, "SMC whose condition fails", self->vm, &codes[i],
		      CPSR_RESET | CPSR_Z);
		expect_r(_metadata, self->vcpu, "SMC whose condition fails", 0, ABI_SMCCC_VERSION);
		vcpu_x_set(self->vcpu, 0, ABI_SMCCC_VERSION);
		run32(_metadata, "SMC whose condition holds", self->vm, &codes[i], CPSR_RESET);
		EXPECT_NE(ABI_SMCCC_VERSION, (u32)vcpu_x_get(self->vcpu, 0));
		expect_after(_metadata, self->vcpu, "SMC whose condition holds", codes[i].bytes,
			     CPSR_RESET | t);
	}
}

/* At the exit the guest is behind the call, with its IT state, too */
TEST_F(emulation, forwarded_smc_ends_an_it_block)
{
	static const u16 insns[] = {
		0xbf04, /* itt eq */
		0xbf00, /* nopeq */
		0xf7f0, 0x8000, /* smceq #0 */
	};
	const char *missing = host_missing_filter() ?: host_missing_conduit(CONDUIT_SMC);
	struct guest_result res;

	if (missing)
		SKIP(return, "%s", missing);
	filter_add_all(self->vm, ABI_FILTER_FWD_TO_USER);
	vcpu_x_set(self->vcpu, 0, FREE_BASE);
	guest32_run(self->vm, 0, &T32_CODE(insns), CPSR_RESET | CPSR_Z, &res);
	expect_forwarded(_metadata, self->vcpu, CONDUIT_SMC, FREE_BASE, &res);
	expect_after(_metadata, self->vcpu, "a forwarded SMC", sizeof(insns),
		     CPSR_RESET | CPSR_Z | CPSR_T);
}

/* Exceptions [Arm ARM G1.12] */

static const u32 udf_a32[] = {
	0xe7f000f0, /* udf #0 */
};
static const u16 udf_t32[] = {
	0xde00, /* udf #0 */
};
static const u16 udf_wide_t32[] = {
	0xf7f0, 0xa000, /* udf.w #0 */
};
/* A register for TCMs, of c11, which are IMPLEMENTATION DEFINED [Arm ARM G7.4.1] */
static const u32 imp_def_a32[] = {
	0xee1b0f10, /* mrc p15, 0, r0, c11, c0, 0 */
};
static const u16 imp_def_t32[] = {
	0xee1b, 0x0f10, /* mrc p15, 0, r0, c11, c0, 0 */
};
static const u16 imp_def_it_t32[] = {
	0xbf06, /* itte eq */
	0xee1b, 0x0f10, /* mrceq p15, 0, r0, c11, c0, 0 */
	0xbf00, /* nopeq */
	0xbf00, /* nopne */
};

static const struct undefined {
	const char *what;
	struct guest32_code code;
	u32 offset; /* of the instruction */
	u32 it; /* before it */
	bool trapped; /* the exception is KVM's but in User mode, else the CPU's own */
} undefineds[] = {
	{ "UDF", { ISA_A32, udf_a32, sizeof(udf_a32) }, 0, 0, false },
	{ "UDF", { ISA_T32, udf_t32, sizeof(udf_t32) }, 0, 0, false },
	{ "UDF.W", { ISA_T32, udf_wide_t32, sizeof(udf_wide_t32) }, 0, 0, false },
	{ "MRC of c11", { ISA_A32, imp_def_a32, sizeof(imp_def_a32) }, 0, 0, true },
	{ "MRC of c11", { ISA_T32, imp_def_t32, sizeof(imp_def_t32) }, 0, 0, true },
	{ "MRC of c11 in an IT block",
	  { ISA_T32, imp_def_it_t32, sizeof(imp_def_it_t32) },
	  2,
	  0x06,
	  true },
};

/*
 * The state of a guest in an exception: its vector has not yet done anything. SPSR is compared
 * for KVM's exceptions alone, since QEMU 10.0 has that of the current mode elsewhere.
 */
static void expect_exception(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			     const struct guest_result *res, const char *what, int vector, u32 mode,
			     u32 cpsr, unsigned int x_lr, u32 lr, int spsr)
{
	/* Condition flags, Q and GE stay; I is set, and A but for Undefined; E is SCTLR.EE */
	u32 want =
		(cpsr & (CPSR_N | CPSR_Z | CPSR_C | CPSR_V | CPSR_Q | CPSR_GE | CPSR_A | CPSR_F)) |
		CPSR_I | mode | (mode == CPSR_ABT ? CPSR_A : 0) |
		(reg_get(vcpu, ABI_SCTLR_EL1) & ABI_SCTLR_EE ? CPSR_E : 0);
	u32 now = reg_get(vcpu, ABI_PSTATE), saved = cpsr, link = vcpu_x_get(vcpu, x_lr);
	u64 pc = reg_get(vcpu, ABI_PC);

	if (spsr >= 0)
		saved = reg_get(vcpu, ABI_REG_CORE_U64(ABI_CORE_SPSR + 2 * spsr));
	ASSERT_EQ(vector, guest32_vector(vcpu, res))
	{
		TH_LOG("%s with CPSR %#x: the guest %s, CPSR %#x, PC %#lx; expected an exception to %s mode",
		       what, cpsr, guest32_end_str(vcpu, res), now, pc, guest32_mode_str(mode));
	}
	EXPECT_TRUE(now == want && link == lr && saved == cpsr && pc == guest32_vector_ipa(vector))
	{
		TH_LOG("%s with CPSR %#x: CPSR %#x, LR %#x, SPSR %#x, PC %#lx in the exception",
		       what, cpsr, now, link, saved, pc);
		TH_LOG("  expected CPSR %#x, LR %#x, SPSR %#x, PC %#lx", want, lr, cpsr,
		       guest32_vector_ipa(vector));
		count_failure(_metadata);
	}
}

/* FS of DFSR in the short-descriptor format [Arm ARM G8.2.41] */
#define DFSR_FS 0x40fU
#define DFSR_EXTERNAL 0x8U

/* Before an exception: modes, masks, flags and byte order */
static const u32 cpsrs[] = {
	CPSR_RESET | CPSR_Z,
	CPSR_SYS | CPSR_Z,
	CPSR_USR | CPSR_Z | CPSR_C,
	CPSR_FIQ | CPSR_A | CPSR_Z | CPSR_N,
	CPSR_IRQ | CPSR_F | CPSR_Z | CPSR_V,
	CPSR_ABT | CPSR_I | CPSR_Z | CPSR_Q,
	CPSR_UND | CPSR_Z | 0x00050000 /* some of GE */,
	CPSR_SVC | CPSR_E | CPSR_Z | CPSR_GE,
};

/* UDF is the CPU's; the others are KVM's, and are to be the same */
static void expect_undefined(struct __test_metadata *_metadata, struct test_vm *vm)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(undefineds); i++) {
		const struct undefined *row = &undefineds[i];
		bool t32 = row->code.isa == ISA_T32;
		struct guest_result res;

		for (n = 0; n < ARRAY_SIZE(cpsrs); n++) {
			guest32_run(vm, 0, &row->code, cpsrs[n], &res);
			expect_exception(
				_metadata, vm->vcpu[0], &res, row->what, GUEST32_VECTOR_UNDEF,
				CPSR_UND, cpsrs[n] | (t32 ? CPSR_T : 0) | it_bits(row->it),
				X_LR_UND, guest32_ipa() + row->offset + (t32 ? 2 : 4),
				row->trapped && (cpsrs[n] & CPSR_MODE) != CPSR_USR ? 2 : -1);
		}
	}
}

TEST_F(emulation, undefined_instructions_are_taken_as_hardware_does)
{
	expect_undefined(_metadata, self->vm);
}

/* With SCTLR.EE exceptions are in big-endian state */
TEST_F(emulation, exceptions_have_the_byte_order_of_sctlr)
{
	reg_set(self->vcpu, ABI_SCTLR_EL1, reg_get(self->vcpu, ABI_SCTLR_EL1) | ABI_SCTLR_EE);
	expect_undefined(_metadata, self->vm);
}

/* The VMM asks for an external abort instead of the access: FS is 0b01000 of DFSR, ESR_EL1 */
TEST_F(emulation, aborted_access_is_a_data_abort)
{
	static const u16 str_t32[] = { 0x6038 /* str r0, [r7] */ };
	const struct guest32_code codes[] = { A32_CODE(str_a32), T32_CODE(str_t32) };
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	struct guest_result res;
	u32 dfsr, dfar;
	unsigned int i;

	if (!kvm_has_cap(KVM_CAP_ARM_INJECT_EXT_DABT))
		SKIP(return, "this kernel has no KVM_CAP_ARM_INJECT_EXT_DABT");
	for (i = 0; i < ARRAY_SIZE(codes) * ARRAY_SIZE(cpsrs); i++) {
		const struct guest32_code *code = &codes[i % ARRAY_SIZE(codes)];
		u32 cpsr = cpsrs[i / ARRAY_SIZE(codes)];

		run32(_metadata, "a store", self->vm, code, cpsr);
		vcpu_ioctl(self->vcpu, KVM_SET_VCPU_EVENTS, &events);
		guest_run(self->vcpu, &res);
		expect_exception(_metadata, self->vcpu, &res, "an aborted store",
				 GUEST32_VECTOR_DATA_ABORT, CPSR_ABT,
				 cpsr | (code->isa == ISA_T32 ? CPSR_T : 0), X_LR_ABT,
				 guest32_ipa() + 8, 1);
		dfsr = reg_get(self->vcpu, ABI_ESR_EL1);
		dfar = reg_get(self->vcpu, ABI_FAR_EL1);
		EXPECT_TRUE((dfsr & DFSR_FS) == DFSR_EXTERNAL && dfar == VM_EXIT_PORT)
		{
			TH_LOG("DFSR and DFAR of an aborted store to %#llx: %#x, %#x; expected FS 0b01000 and that address",
			       VM_EXIT_PORT, dfsr, dfar);
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
