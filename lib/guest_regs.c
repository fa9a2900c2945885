// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that reads and writes any system registers: code that the host makes for it.
 */
#include <string.h>

#include "abi.h"
#include "guest_regs.h"
#include "guest_regs_code.h"
#include "kvm_reg.h"

/* In the VM's memory: the vectors, the end, the accesses, the results */
#define END_IPA (VM_RAM_REGS + 0x800)
#define CODE_IPA (END_IPA + 8)
#define RESULT_IPA (VM_RAM_REGS + 0x4000)

static_assert(GUEST_MAX_REGS * 20 + 4 <= RESULT_IPA - CODE_IPA, "the code");
static_assert(RESULT_IPA + GUEST_MAX_REGS * 16 <= VM_RAM_BASE + VM_RAM_SIZE, "the results");

struct result {
	u64 val, how;
};

/* MRS x1 or MSR x0 [Arm ARM C6.2]: an id has the fields op0 to op2 as the instruction has them */
static u32 access_insn(const struct guest_reg *reg)
{
	u32 encoding = (reg->id & 0xffff) << 5;

	return (reg->write ? 0xd5000000 : 0xd5200001) | encoding;
}

static char *put(char *to, const char *from, const char *end)
{
	memcpy(to, from, end - from);
	return to + (end - from);
}

static u64 make_code(struct test_vm *vm, const struct guest_reg *reg, unsigned int nr)
{
	char *base = test_vm_ram(vm, VM_RAM_REGS);
	char *code = test_vm_ram(vm, CODE_IPA);
	unsigned int i;
	u32 insn;

	put(base, guest_regs_vectors, guest_regs_vectors_end);
	put(test_vm_ram(vm, END_IPA), guest_regs_last, guest_regs_last_end);
	for (i = 0; i < nr; i++) {
		insn = access_insn(&reg[i]);
		char *next = put(code, guest_regs_access, guest_regs_access_end);

		memcpy(code + 2 * sizeof(insn), &insn, sizeof(insn));
		code = next;
	}
	code = put(code, guest_regs_to_last, guest_regs_to_last_end);
	return code - base;
}

void guest_regs(struct test_vm *vm, unsigned int cpu, struct guest_reg *reg, unsigned int nr,
		struct guest_result *res)
{
	struct result *result = test_vm_ram(vm, RESULT_IPA);
	u64 vbar = vm->at_el2 ? ABI_VBAR_EL2 : ABI_VBAR_EL1;
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	u64 old_vbar = reg_get(vcpu, vbar);
	unsigned int i;

	TEST_ASSERT(nr <= GUEST_MAX_REGS, "A list of %u registers", nr);
	guest_sync(test_vm_ram(vm, VM_RAM_REGS), make_code(vm, reg, nr));
	memset(result, 0, nr * sizeof(*result));
	guest_sync((char *)result, nr * sizeof(*result));

	reg_set(vcpu, vbar, VM_RAM_REGS);
	vcpu_x_set(vcpu, 0, reg[0].val);
	vcpu_x_set(vcpu, 19, CODE_IPA);
	vcpu_x_set(vcpu, 21, RESULT_IPA);
	vcpu_x_set(vcpu, 23, GUEST_REG_DONE);
	vcpu_x_set(vcpu, 24, GUEST_REG_EXCEPTION);
	vcpu_x_set(vcpu, 26, END_IPA);
	guest_run(vcpu, res);
	reg_set(vcpu, vbar, old_vbar);

	guest_sync((char *)result, nr * sizeof(*result));
	for (i = 0; i < nr; i++) {
		reg[i].val = result[i].val;
		reg[i].how = result[i].how;
	}
}

u64 guest_reg_ec(const struct guest_reg *reg)
{
	return reg->val >> 26 & 0x3f;
}

bool guest_reg_is_undef(const struct guest_reg *reg)
{
	return reg->how == GUEST_REG_EXCEPTION && (!guest_reg_ec(reg) || guest_reg_ec(reg) == 0x18);
}

const char *guest_reg_str(const struct guest_reg *reg)
{
	static char text[8][48];
	static unsigned int next;
	char *to = text[next++ % ARRAY_SIZE(text)];

	if (guest_reg_is_undef(reg))
		return guest_reg_ec(reg) ? "UNDEF, EC 0x18" : "UNDEF";
	if (reg->how == GUEST_REG_EXCEPTION)
		snprintf(to, sizeof(text[0]), "an exception, ESR %#lx", reg->val);
	else if (reg->how == GUEST_REG_MISSED)
		snprintf(to, sizeof(text[0]), "nothing: it did not come to this");
	else if (reg->write)
		snprintf(to, sizeof(text[0]), "no exception");
	else
		snprintf(to, sizeof(text[0]), "the value %#lx", reg->val);
	return to;
}
