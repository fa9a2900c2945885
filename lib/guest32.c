// SPDX-License-Identifier: GPL-2.0
/*
 * A guest in AArch32: the host writes a few instructions, and a vCPU runs them.
 *
 * Instructions are words, since no assembler for arm64 knows them [Arm ARM F5].
 */
#include <string.h>

#include "abi.h"
#include "guest32.h"
#include "kvm_reg.h"
#include "vm.h"

/* In the VM's memory, from VM_RAM_CODE on: the vectors, two entry points, the code */
#define ENTRY_A32 0x100
#define ENTRY_T32 0x140
#define CODE 0x200

/* Offset from the exit port: a word for each vector */
#define PORT_VECTORS 0x20
#define NR_VECTORS 8

static const u32 vectors[NR_VECTORS] = {
	0xe5870020, /* str r0, [r7, #32] */
	0xe5870024, /* str r0, [r7, #36] */
	0xe5870028, /* str r0, [r7, #40] */
	0xe587002c, /* str r0, [r7, #44] */
	0xe5870030, /* str r0, [r7, #48] */
	0xe5870034, /* str r0, [r7, #52] */
	0xe5870038, /* str r0, [r7, #56] */
	0xe587003c, /* str r0, [r7, #60] */
};

/* What ends each run */
static const u32 end_a32[] = {
	0xe5870000, /* str r0, [r7] */
};
static const u16 end_t32[] = {
	0x6038, /* str r0, [r7] */
};

static const u32 entry_a32[] = {
	0xe10f1000, /* mrs r1, cpsr */
	0xe3a07801, /* mov r7, #0x10000, VM_EXIT_PORT */
	0xe5870000, /* str r0, [r7] */
};
static const u16 entry_t32[] = {
	0xf3ef, 0x8100, /* mrs r1, cpsr */
	0xf44f, 0x3780, /* mov r7, #0x10000, VM_EXIT_PORT */
	0x6038, /* str r0, [r7] */
};

static const u32 hvc_a32[] = {
	0xe1400070, /* hvc #0 */
};
static const u32 smc_a32[] = {
	0xe1600070, /* smc #0 */
};
static const u16 hvc_t32[] = {
	0xf7e0, 0x8000, /* hvc #0 */
};
static const u16 smc_t32[] = {
	0xf7f0, 0x8000, /* smc #0 */
};

const char *isa_str(enum isa isa)
{
	return isa == ISA_A32 ? "A32" : "T32";
}

u64 guest32_ipa(void)
{
	return VM_RAM_CODE + CODE;
}

u32 guest32_entry_ipa(enum isa isa)
{
	return VM_RAM_CODE + (isa == ISA_A32 ? ENTRY_A32 : ENTRY_T32 | 1);
}

struct guest32_code guest32_call(enum isa isa, enum conduit conduit)
{
	bool hvc = conduit == CONDUIT_HVC;

	if (isa == ISA_A32)
		return hvc ? A32_CODE(hvc_a32) : A32_CODE(smc_a32);
	return hvc ? T32_CODE(hvc_t32) : T32_CODE(smc_t32);
}

struct test_vm *guest32_vm_create(unsigned int nr_vcpus, unsigned int flags)
{
	struct test_vm *vm = test_vm_create(nr_vcpus, 1U << KVM_ARM_VCPU_EL1_32BIT, flags);
	char *page = test_vm_ram(vm, VM_RAM_CODE);

	memcpy(page, vectors, sizeof(vectors));
	memcpy(page + ENTRY_A32, entry_a32, sizeof(entry_a32));
	memcpy(page + ENTRY_T32, entry_t32, sizeof(entry_t32));
	guest_sync(page, CODE);
	return vm;
}

void guest32_prepare(struct test_vm *vm, unsigned int cpu, const struct guest32_code *code,
		     u32 cpsr)
{
	char *to = test_vm_ram(vm, guest32_ipa());
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	bool t32 = code->isa == ISA_T32;

	TEST_ASSERT(code->bytes <= GUEST32_MAX_BYTES, "%u bytes of code", code->bytes);
	memcpy(to, code->insns, code->bytes);
	if (t32)
		memcpy(to + code->bytes, end_t32, sizeof(end_t32));
	else
		memcpy(to + code->bytes, end_a32, sizeof(end_a32));
	guest_sync(to, code->bytes + sizeof(u32));

	/* Else KVM would skip an instruction for the store that ended the last run */
	test_vcpu_complete(vcpu);
	reg_set(vcpu, ABI_PSTATE, cpsr | (t32 ? CPSR_T : 0));
	reg_set(vcpu, ABI_PC, guest32_ipa());
	reg_set(vcpu, ABI_VBAR_EL1, VM_RAM_CODE);
	vcpu_x_set(vcpu, 7, VM_EXIT_PORT);
}

void guest32_run(struct test_vm *vm, unsigned int cpu, const struct guest32_code *code, u32 cpsr,
		 struct guest_result *res)
{
	guest32_prepare(vm, cpu, code, cpsr);
	guest_run(vm->vcpu[cpu], res);
}

u64 guest32_vector_ipa(unsigned int vector)
{
	return VM_RAM_CODE + vector * sizeof(vectors[0]);
}

int guest32_vector(const struct kvm_vcpu *vcpu, const struct guest_result *res)
{
	u64 port = vcpu->run->mmio.phys_addr - VM_EXIT_PORT;

	if (res->end != GUEST_EXIT || res->reason != KVM_EXIT_MMIO || port < PORT_VECTORS ||
	    port >= PORT_VECTORS + sizeof(vectors))
		return -1;
	return (port - PORT_VECTORS) / sizeof(vectors[0]);
}

const char *guest32_end_str(const struct kvm_vcpu *vcpu, const struct guest_result *res)
{
	static const char *const names[NR_VECTORS] = {
		"came to the reset vector",
		"took an Undefined Instruction exception",
		"took a Supervisor Call exception",
		"took a Prefetch Abort exception",
		"took a Data Abort exception",
		"took a Hyp Trap exception",
		"took an IRQ exception",
		"took an FIQ exception",
	};
	int vector = guest32_vector(vcpu, res);

	return vector < 0 ? guest_end_str(res) : names[vector];
}

const char *guest32_mode_str(u32 cpsr)
{
	switch (cpsr & CPSR_MODE) {
	case CPSR_USR:
		return "User";
	case CPSR_FIQ:
		return "FIQ";
	case CPSR_IRQ:
		return "IRQ";
	case CPSR_SVC:
		return "Supervisor";
	case CPSR_ABT:
		return "Abort";
	case CPSR_UND:
		return "Undefined";
	case CPSR_SYS:
		return "System";
	}
	return "an unknown mode";
}
