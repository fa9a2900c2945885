// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: the listed registers by class, and a buffer for those of all vCPUs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi.h"
#include "bench.h"
#include "guest.h"
#include "kvm_reg.h"
#include "reg_history.h"
#include "reg_value.h"
#include "vm.h"

const char *const class_names[NR_CLASSES] = {
	[CLASS_CORE] = "core",	     [CLASS_SYS] = "sys", [CLASS_ID] = "id",
	[CLASS_TIMER] = "timer",     [CLASS_FW] = "fw",	  [CLASS_ALL] = "all",
	[CLASS_FW_ONCE] = "fw-once", [CLASS_VM] = "vm",	  [CLASS_HVC] = "hvc",
	[CLASS_SWEEP] = "sweep",
};

static enum reg_class class_of(u64 id)
{
	unsigned int num = id & 0xffff;

	switch (reg_coproc(id)) {
	case ABI_COPROC_FW:
	case ABI_COPROC_FW_BMAP:
		return CLASS_FW;
	case ABI_COPROC_CORE:
		return CLASS_CORE;
	case ABI_COPROC_SYS:
		if (num >> 7 == 0x180) /* op0 3, op1 0, CRn 0 */
			return CLASS_ID;
		if (num >> 14 == 3 && (num >> 7 & 15) == 14) /* CRn 14 */
			return CLASS_TIMER;
		return CLASS_SYS;
	}
	return CLASS_SYS;
}

/* Read and written back, as each pass will do it */
static bool is_usable(struct kvm_vcpu *vcpu, u64 id)
{
	u8 val[REG_MAX_BYTES];

	return !__reg_ioctl(vcpu, KVM_GET_ONE_REG, id, val) &&
	       !__reg_ioctl(vcpu, KVM_SET_ONE_REG, id, val);
}

void find_regs(struct bench_regs *regs)
{
	const u64 call[8] = { ABI_SMCCC_VERSION };
	struct test_vm *vm = test_vm_create(1, 0, 0);
	struct kvm_reg_list *list = vcpu_get_reg_list(vm->vcpu[0]);
	bool *usable = calloc(list->n, sizeof(*usable));
	struct guest_result res;
	unsigned int i, c, nr = 0;

	memset(regs, 0, sizeof(*regs));
	regs->id = calloc(list->n, sizeof(*regs->id));
	if (!usable || !regs->id)
		die(KSFT_FAIL, "no memory for a list of registers");
	for (i = 0; i < list->n; i++)
		usable[i] = is_usable(vm->vcpu[0], list->reg[i]);
	/* The guest runs on a fresh vCPU: writing the registers back may have changed this one */
	test_vm_free(vm);
	vm = test_vm_create(1, 0, 0);
	guest_call(vm->vcpu[0], guest_conduit(vm), call, &res);
	for (i = 0; i < list->n; i++) {
		if (usable[i] && is_usable(vm->vcpu[0], list->reg[i]))
			continue;
		usable[i] = false;
		regs->left_out++;
		fprintf(stderr, "reg_access_bench: left out, cannot be read and written back: %s\n",
			reg_name(list->reg[i]));
	}
	for (c = 0; c < NR_REAL_CLASSES; c++) {
		regs->start[c] = nr;
		for (i = 0; i < list->n; i++) {
			if (!usable[i] || class_of(list->reg[i]) != c)
				continue;
			regs->id[nr++] = list->reg[i];
			regs->bytes += reg_bytes(list->reg[i]);
		}
		regs->nr[c] = nr - regs->start[c];
	}
	regs->nr[CLASS_ALL] = nr;
	regs->start[CLASS_FW_ONCE] = regs->start[CLASS_FW];
	regs->nr[CLASS_FW_ONCE] = regs->nr[CLASS_FW];
	free(usable);
	free(list);
	test_vm_free(vm);
	if (!regs->nr[CLASS_FW])
		die(KSFT_FAIL, "this KVM lists no firmware register");
}

void bench_vm_init(struct bench_vm *bvm, struct test_vm *vm, const struct bench_regs *regs)
{
	const unsigned int nr = regs->nr[CLASS_ALL];
	struct kvm_one_reg *reg;
	unsigned int i, r;
	char *val;

	bvm->vm = vm;
	bvm->regs = regs;
	reg = calloc((size_t)vm->nr_vcpus * nr, sizeof(*bvm->reg));
	val = calloc(vm->nr_vcpus, regs->bytes);
	if (!reg || !val)
		die(KSFT_FAIL, "no memory for the registers of %u vCPUs", vm->nr_vcpus);
	bvm->reg = reg;
	bvm->values = val;
	for (i = 0; i < vm->nr_vcpus; i++) {
		for (r = 0; r < nr; r++, reg++) {
			reg->id = regs->id[r];
			reg->addr = (unsigned long)val;
			val += reg_bytes(reg->id);
			if (ioctl(vm->vcpu[i]->fd, KVM_GET_ONE_REG, reg))
				die(KSFT_FAIL, "KVM_GET_ONE_REG %s on vCPU %u: %s",
				    reg_name(reg->id), i, strerror(errno));
		}
	}
}

void bench_vm_free(struct bench_vm *bvm)
{
	free(bvm->reg);
	free(bvm->values);
}
