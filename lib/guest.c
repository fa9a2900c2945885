// SPDX-License-Identifier: GPL-2.0
/*
 * Running the guest of guest_page.S one operation at a time.
 */
#include <errno.h>
#include <string.h>

#include "guest.h"
#include "guest_page.h"
#include "processor.h"

static u64 guest_addr(const char *sym)
{
	return VM_RAM_BASE + ((unsigned long)sym - (unsigned long)guest_page);
}

void guest_load_page(void *ram)
{
	memcpy(ram, guest_page, (unsigned long)guest_page_end - (unsigned long)guest_page);
}

void guest_enter(struct kvm_vcpu *vcpu)
{
	reg_set(vcpu, ARM64_CORE_REG(regs.pc), guest_addr(guest_page));
	reg_set(vcpu, KVM_ARM64_SYS_REG(SYS_VBAR_EL1), guest_addr(guest_vectors));
	x_set(vcpu, 20, VM_EXIT_PORT);
}

void guest_run(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	struct kvm_run *run = vcpu->run;
	unsigned int i;

	memset(res, 0, sizeof(*res));

	while (ioctl(vcpu->fd, KVM_RUN, NULL)) {
		if (errno == EINTR)
			continue;
		res->end = GUEST_ERROR;
		res->err = -errno;
		return;
	}

	res->reason = run->exit_reason;
	res->end = GUEST_EXIT;
	if (run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write) {
		switch (run->mmio.phys_addr) {
		case VM_EXIT_PORT + PORT_DONE:
			res->end = GUEST_DONE;
			break;
		case VM_EXIT_PORT + PORT_ANSWERED:
			res->end = GUEST_ANSWERED;
			break;
		case VM_EXIT_PORT + PORT_EXCEPTION:
			res->end = GUEST_EXCEPTION;
			res->esr = reg_get(vcpu, KVM_ARM64_SYS_REG(SYS_ESR_EL1));
			res->elr = reg_get(vcpu, ARM64_CORE_REG(elr_el1));
			res->far = reg_get(vcpu, KVM_ARM64_SYS_REG(SYS_FAR_EL1));
			break;
		}
	}

	for (i = 0; i < ARRAY_SIZE(res->x); i++)
		res->x[i] = x_get(vcpu, i);
}

static void guest_op(struct kvm_vcpu *vcpu, const char *op, struct guest_result *res)
{
	x_set(vcpu, 19, guest_addr(op));
	guest_run(vcpu, res);
}

static void set_args(struct kvm_vcpu *vcpu, const u64 in[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		x_set(vcpu, i, in[i]);
}

void guest_call(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		struct guest_result *res)
{
	set_args(vcpu, in);
	guest_op(vcpu, conduit == CONDUIT_HVC ? guest_op_hvc : guest_op_smc, res);
}

void guest_calls(struct test_vm *vm, unsigned int cpu, enum conduit conduit,
		 struct guest_row_call *row, unsigned int nr, struct guest_result *res)
{
	const char *op = conduit == CONDUIT_HVC ? guest_op_row_hvc : guest_op_row_smc;
	char *ram = vm->ram + (VM_RAM_ROW - VM_RAM_BASE);
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];

	TEST_ASSERT(nr >= 1 && nr <= GUEST_MAX_CALLS, "%u calls in a row", nr);
	memcpy(ram, row, nr * sizeof(*row));
	x_set(vcpu, 21, VM_RAM_ROW);
	x_set(vcpu, 22, VM_RAM_ROW + nr * sizeof(*row));
	guest_op(vcpu, op, res);
	memcpy(row, ram, nr * sizeof(*row));
}

void guest_call_timed(struct kvm_vcpu *vcpu, const u64 in[8], struct guest_result *res,
		      struct guest_times *times)
{
	set_args(vcpu, in);
	guest_op(vcpu, guest_op_hvc_timed, res);
	times->virt_before = x_get(vcpu, 21);
	times->phys_before = x_get(vcpu, 22);
	times->virt_after = x_get(vcpu, 23);
	times->phys_after = x_get(vcpu, 24);
}

static bool in_ram(u64 ipa)
{
	return ipa >= VM_RAM_BASE && ipa < VM_RAM_BASE + VM_RAM_SIZE;
}

void guest_load(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, struct guest_result *res)
{
	const char *op;

	TEST_ASSERT(size == 4 || size == 8, "A guest loads 4 or 8 bytes, not %u", size);
	if (in_ram(ipa))
		op = size == 4 ? guest_op_load32_ram : guest_op_load64_ram;
	else
		op = size == 4 ? guest_op_load32 : guest_op_load64;
	x_set(vcpu, 1, ipa);
	guest_op(vcpu, op, res);
}

void guest_store(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, u64 val,
		 struct guest_result *res)
{
	const char *op;

	TEST_ASSERT(size == 4 || size == 8, "A guest stores 4 or 8 bytes, not %u", size);
	if (in_ram(ipa))
		op = size == 4 ? guest_op_store32_ram : guest_op_store64_ram;
	else
		op = size == 4 ? guest_op_store32 : guest_op_store64;
	x_set(vcpu, 0, val);
	x_set(vcpu, 1, ipa);
	guest_op(vcpu, op, res);
}

void guest_sweep(struct kvm_vcpu *vcpu, enum conduit conduit, struct guest_sweep *sweep,
		 struct guest_result *res)
{
	x_set(vcpu, 21, sweep->next);
	x_set(vcpu, 22, sweep->last);
	x_set(vcpu, 23, sweep->calls);
	guest_op(vcpu, conduit == CONDUIT_HVC ? guest_op_sweep_hvc : guest_op_sweep_smc, res);
	sweep->next = x_get(vcpu, 21);
	sweep->calls = x_get(vcpu, 23);
	sweep->answered = x_get(vcpu, 24);
}

const char *guest_end_str(const struct guest_result *res)
{
	switch (res->end) {
	case GUEST_DONE:
		return "done";
	case GUEST_ANSWERED:
		return "a function id was answered";
	case GUEST_EXCEPTION:
		return "the guest took an exception";
	case GUEST_EXIT:
		return "an exit to user space";
	case GUEST_ERROR:
		return "KVM_RUN failed";
	}
	return "unknown";
}
