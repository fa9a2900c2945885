// SPDX-License-Identifier: GPL-2.0
/*
 * A guest in AArch64 that runs a few instructions of the caller's.
 */
#include <string.h>

#include "abi.h"
#include "guest_code.h"
#include "kvm_reg.h"
#include "vm.h"

/* The end of an operation, as in guest_page.S */
static const u32 last[] = {
	0xb900029f, /* str wzr, [x20] */
	0xd61f0260, /* br x19 */
};

u64 guest_code_ipa(void)
{
	return VM_RAM_CODE;
}

void guest_code_prepare(struct test_vm *vm, unsigned int cpu, const void *code, u64 bytes)
{
	char *to = test_vm_ram(vm, VM_RAM_CODE);
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];

	TEST_ASSERT(bytes <= GUEST_CODE_MAX_BYTES, "%lu bytes of code", bytes);
	memcpy(to, code, bytes);
	memcpy(to + bytes, last, sizeof(last));
	guest_sync(to, bytes + sizeof(last));

	/* Else KVM would skip an instruction for the store that ended the last run */
	test_vcpu_complete(vcpu);
	reg_set(vcpu, ABI_PC, VM_RAM_CODE);
	vcpu_x_set(vcpu, 20, VM_EXIT_PORT);
}

void guest_code(struct test_vm *vm, unsigned int cpu, const void *code, u64 bytes,
		struct guest_result *res)
{
	guest_code_prepare(vm, cpu, code, bytes);
	guest_run(vm->vcpu[cpu], res);
}
