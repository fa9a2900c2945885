// SPDX-License-Identifier: GPL-2.0
/*
 * The core registers and those of SVE, as a guest at EL1 finds them and as it leaves them.
 */
#include <stddef.h>
#include <string.h>

#include "abi.h"
#include "guest_code.h"
#include "guest_core.h"
#include "guest_core_code.h"
#include "kvm_reg.h"

static_assert(offsetof(struct guest_core, sp) == 248, "as guest_core_code.S has it");
static_assert(offsetof(struct guest_core, fpcr) == 296, "as guest_core_code.S has it");
static_assert(offsetof(struct guest_core, v) == 304, "as guest_core_code.S has it");

/* In the VM's memory */
#define CORE_IPA VM_RAM_DATA
#define Z_IPA VM_RAM_DATA
#define P_IPA (Z_IPA + SVE_NR_Z * SVE_Z_BYTES)

static_assert(P_IPA + SVE_NR_P * SVE_P_BYTES <= VM_RAM_BATCH, "the registers");

#define LEN_MAX 0xf /* ZCR_EL1.LEN: the longest vectors that there are [Arm ARM D24.2] */

static void allow_fp(struct kvm_vcpu *vcpu, u64 more)
{
	reg_set(vcpu, ABI_CPACR_EL1, ABI_CPACR_FPEN | more);
}

/* The guest's MMU is off, so that it bypasses the host's caches */
static void run(struct test_vm *vm, u64 bytes, const char *code, const char *end,
		struct guest_result *res)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	char *ram = test_vm_ram(vm, VM_RAM_DATA);

	guest_sync(ram, bytes);
	guest_code_prepare(vm, 0, code, end - code);
	vcpu_x_set(vcpu, 21, VM_RAM_DATA);
	guest_run(vcpu, res);
	guest_sync(ram, bytes);
}

void guest_core_read(struct test_vm *vm, struct guest_core *core, struct guest_result *res)
{
	allow_fp(vm->vcpu[0], 0);
	run(vm, sizeof(*core), guest_core_read_code, guest_core_read_code_end, res);
	memcpy(core, test_vm_ram(vm, CORE_IPA), sizeof(*core));
}

void guest_core_write(struct test_vm *vm, const struct guest_core *core, struct guest_result *res)
{
	allow_fp(vm->vcpu[0], 0);
	memcpy(test_vm_ram(vm, CORE_IPA), core, sizeof(*core));
	run(vm, sizeof(*core), guest_core_write_code, guest_core_write_code_end, res);
}

static void run_sve(struct test_vm *vm, const char *code, const char *end, struct guest_result *res)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];

	allow_fp(vcpu, ABI_CPACR_ZEN);
	reg_set(vcpu, ABI_ZCR_EL1, LEN_MAX);
	vcpu_x_set(vcpu, 22, P_IPA);
	run(vm, P_IPA + SVE_NR_P * SVE_P_BYTES - Z_IPA, code, end, res);
}

void guest_sve_read(struct test_vm *vm, struct guest_sve *sve, struct guest_result *res)
{
	const char *z = test_vm_ram(vm, Z_IPA), *p = test_vm_ram(vm, P_IPA);
	unsigned int i;

	run_sve(vm, guest_sve_read_code, guest_sve_read_code_end, res);
	memset(sve, 0, sizeof(*sve));
	sve->vl = res->x[0] <= SVE_Z_BYTES ? res->x[0] : SVE_Z_BYTES;
	for (i = 0; i < SVE_NR_Z; i++)
		memcpy(sve->z[i], z + i * sve->vl, sve->vl);
	for (i = 0; i < SVE_NR_P; i++)
		memcpy(sve->p[i], p + i * sve->vl / 8, sve->vl / 8);
}

void guest_sve_write(struct test_vm *vm, const struct guest_sve *sve, struct guest_result *res)
{
	char *z = test_vm_ram(vm, Z_IPA), *p = test_vm_ram(vm, P_IPA);
	unsigned int i;

	for (i = 0; i < SVE_NR_Z; i++)
		memcpy(z + i * sve->vl, sve->z[i], sve->vl);
	for (i = 0; i < SVE_NR_P; i++)
		memcpy(p + i * sve->vl / 8, sve->p[i], sve->vl / 8);
	run_sve(vm, guest_sve_write_code, guest_sve_write_code_end, res);
}
