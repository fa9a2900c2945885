// SPDX-License-Identifier: GPL-2.0
/*
 * core_regs_test: the core registers of a vCPU in AArch64. What user space writes is what the guest
 * finds, and what the guest leaves is what user space reads.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69  KVM_SET_ONE_REG, KVM_GET_ONE_REG: core registers
 *   Documentation/virt/kvm/api.rst 4.84        KVM_GET_REG_LIST
 *   Arm DDI0487 (Arm ARM) C5.2                 NZCV, FPSR, FPCR, SPSR_EL1
 *
 * That a write changes no other register is in reg_restore_test, what AArch32 makes of them in
 * aarch32_regs_test, SVE in sve_regs_test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest_core.h"
#include "vm.h"
#include "vm_config.h"

/* Bits that all CPUs have [Arm ARM C5.2] */
#define NZCV 0xf0000000ULL
#define FPSR_BITS 0x0800009fULL /* QC, IDC, IXC, UFC, OFC, DZC, IOC */
#define FPCR_BITS 0x07c00000ULL /* AHP, DN, FZ, RMode */
#define SPSR_BITS 0xf00003cfULL /* N, Z, C, V, D, A, I, F and an AArch64 mode */
#define PSTATE_EL1H 0x3c5ULL

#define X(n) ABI_REG_CORE_U64(2 * (n))

/* Registers of 64 and 32 bits, and where struct guest_core has them */
static const struct core_reg {
	const char *name;
	u64 id;
	size_t at;
} core_regs[] = {
	{ "SP_EL1", ABI_REG_CORE_U64(ABI_CORE_SP_EL1), offsetof(struct guest_core, sp) },
	{ "SP, SP_EL0", ABI_REG_CORE_U64(ABI_CORE_SP), offsetof(struct guest_core, sp_el0) },
	{ "ELR_EL1", ABI_REG_CORE_U64(ABI_CORE_ELR_EL1), offsetof(struct guest_core, elr_el1) },
	{ "SPSR_EL1", ABI_REG_CORE_U64(ABI_CORE_SPSR), offsetof(struct guest_core, spsr_el1) },
	{ "FPSR", ABI_REG_CORE_U32(ABI_CORE_FPSR), offsetof(struct guest_core, fpsr) },
	{ "FPCR", ABI_REG_CORE_U32(ABI_CORE_FPCR), offsetof(struct guest_core, fpcr) },
};

FIXTURE(core)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(core)
{
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
	self->vcpu = self->vm->vcpu[0];
}

FIXTURE_TEARDOWN(core)
{
	test_vm_free(self->vm);
}

/* A value for each register, other ones for each @seed */
static void make_values(struct guest_core *core, u64 seed)
{
	u64 val = 0x0123456789abcdefULL ^ (seed * 0x9e3779b97f4a7c15ULL);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(core->x); i++)
		core->x[i] = val + i * 0x0101010101010101ULL;
	core->sp = (val ^ 0x1111) & ~0xfULL;
	core->sp_el0 = (val ^ 0x2222) & ~0xfULL;
	core->elr_el1 = (val ^ 0x3333) & ~3ULL;
	core->spsr_el1 = (seed & 1 ? 0xa00003c5 : 0x50000204) & SPSR_BITS;
	core->nzcv = (seed & 1 ? 0x60000000 : 0x90000000) & NZCV;
	core->fpsr = (seed & 1 ? 0x08000005 : 0x0000009a) & FPSR_BITS;
	core->fpcr = (seed & 1 ? 0x02400000 : 0x05800000) & FPCR_BITS;
	for (i = 0; i < ARRAY_SIZE(core->v); i++) {
		core->v[i][0] = val ^ (0x1000 + i) * 0x0001000100010001ULL;
		core->v[i][1] = ~val + i * 0x0303030303030303ULL;
	}
}

/* The guest uses these itself */
static bool is_guests_own(unsigned int n)
{
	return n >= 19 && n <= 21;
}

static u64 get_any(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val = 0; /* of 32 bits the lower half is written */

	return __reg_get(vcpu, id, &val) ? ~0ULL : val;
}

static const u64 *core_field(const struct guest_core *core, const struct core_reg *reg)
{
	return (const u64 *)((const char *)core + reg->at);
}

static void expect_same(struct __test_metadata *_metadata, const char *name, unsigned int n,
			u64 want, u64 val, const char *whose)
{
	EXPECT_EQ(want, val)
	{
		TH_LOG("%s, number %u: %s %#lx; expected %#lx", name, n, whose, val, want);
		count_failure(_metadata);
	}
}

static void write_all(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct guest_core *core)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(core->x); i++)
		if (!is_guests_own(i))
			vcpu_x_set(vcpu, i, core->x[i]);
	reg_set(vcpu, ABI_PSTATE, PSTATE_EL1H | core->nzcv);
	for (i = 0; i < ARRAY_SIZE(core_regs); i++)
		ASSERT_EQ(0, __reg_set(vcpu, core_regs[i].id, *core_field(core, &core_regs[i])));
	for (i = 0; i < ARRAY_SIZE(core->v); i++)
		ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_CORE_V(i), core->v[i]));
}

static const char by_guest[] = "the guest finds";
static const char by_user[] = "user space reads";

TEST_F(core, guest_finds_what_user_space_wrote)
{
	struct guest_core want, core;
	struct guest_result res;
	unsigned int i;
	u64 seed;

	for (seed = 0; seed < 2; seed++) {
		make_values(&want, seed);
		test_vcpu_complete(self->vcpu);
		write_all(_metadata, self->vcpu, &want);
		guest_core_read(self->vm, &core, &res);
		expect_end(_metadata, "stores of all core registers", &res);
		for (i = 0; i < ARRAY_SIZE(core.x); i++)
			if (!is_guests_own(i))
				expect_same(_metadata, "X", i, want.x[i], core.x[i], by_guest);
		expect_same(_metadata, "NZCV", 0, want.nzcv, core.nzcv, by_guest);
		for (i = 0; i < ARRAY_SIZE(core_regs); i++)
			expect_same(_metadata, core_regs[i].name, 0,
				    *core_field(&want, &core_regs[i]),
				    *core_field(&core, &core_regs[i]), by_guest);
		for (i = 0; i < ARRAY_SIZE(core.v); i++) {
			expect_same(_metadata, "V[63:0]", i, want.v[i][0], core.v[i][0], by_guest);
			expect_same(_metadata, "V[127:64]", i, want.v[i][1], core.v[i][1],
				    by_guest);
		}
	}
}

TEST_F(core, user_space_finds_what_the_guest_wrote)
{
	struct guest_result res;
	struct guest_core want;
	u64 seed, v[2];
	unsigned int i;

	for (seed = 0; seed < 2; seed++) {
		make_values(&want, seed);
		guest_core_write(self->vm, &want, &res);
		expect_end(_metadata, "loads of all core registers", &res);
		for (i = 0; i < ARRAY_SIZE(want.x); i++)
			if (!is_guests_own(i))
				expect_same(_metadata, "X", i, want.x[i], get_any(self->vcpu, X(i)),
					    by_user);
		expect_same(_metadata, "PSTATE", 0, PSTATE_EL1H | want.nzcv,
			    reg_get(self->vcpu, ABI_PSTATE) & (NZCV | 0x3df), by_user);
		for (i = 0; i < ARRAY_SIZE(core_regs); i++)
			expect_same(_metadata, core_regs[i].name, 0,
				    *core_field(&want, &core_regs[i]),
				    get_any(self->vcpu, core_regs[i].id), by_user);
		for (i = 0; i < ARRAY_SIZE(want.v); i++) {
			ASSERT_EQ(0,
				  __reg_ioctl(self->vcpu, KVM_GET_ONE_REG, ABI_REG_CORE_V(i), v));
			expect_same(_metadata, "V[63:0]", i, want.v[i][0], v[0], by_user);
			expect_same(_metadata, "V[127:64]", i, want.v[i][1], v[1], by_user);
		}
	}
}

/* The list, wherever the memory for it ends: its parts come from different places of KVM */
FIXTURE(list)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(list)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(list, plain) { CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(list, sve) { CONFIG_SVE };
/* clang-format on */

FIXTURE_SETUP(list)
{
	const char *missing = config_missing(&vm_configs[variant->config]);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = config_vm(variant->config, 0);
}

FIXTURE_TEARDOWN(list)
{
	test_vm_free(self->vm);
}

TEST_F(list, faults_wherever_its_memory_ends)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *whole = vcpu_get_reg_list(vcpu), *list;
	size_t page = getpagesize(), bytes = (whole->n + 1) * sizeof(u64);
	size_t size = (bytes / page + 1) * page;
	char *map =
		mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 fit;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + size, page));
	for (fit = 0; fit <= whole->n; fit++) {
		list = (void *)(map + size - (fit + 1) * sizeof(u64));
		list->n = whole->n;
		expect_err(_metadata, "KVM_GET_REG_LIST into memory for this many registers", fit,
			   fit < whole->n ? -EFAULT : 0, __reg_list(vcpu, list));
	}
	ASSERT_EQ(0, munmap(map, size));
	free(whole);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
