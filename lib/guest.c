// SPDX-License-Identifier: GPL-2.0
/*
 * Running the guest of guest_page.S one operation at a time.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "abi.h"
#include "guest.h"
#include "guest_page.h"
#include "kvm_reg.h"
#include "watch.h"

static u64 guest_addr(const char *sym)
{
	return VM_RAM_BASE + ((unsigned long)sym - (unsigned long)guest_page);
}

void guest_load_page(void *ram)
{
	memcpy(ram, guest_page, (unsigned long)guest_page_end - (unsigned long)guest_page);
}

u64 guest_entry_ipa(void)
{
	return guest_addr(guest_entry);
}

#define LINE_BYTES 16 /* the shortest cache line [Arm ARM, CTR_EL0] */

void guest_sync(char *start, u64 bytes)
{
	char *addr;

	for (addr = start; addr < start + bytes; addr += LINE_BYTES)
		asm volatile("dc civac, %0" : : "r"(addr) : "memory");
	asm volatile("dsb ish" : : : "memory");
	for (addr = start; addr < start + bytes; addr += LINE_BYTES)
		asm volatile("ic ivau, %0" : : "r"(addr) : "memory");
	asm volatile("dsb ish\n\tisb" : : : "memory");
}

enum conduit guest_conduit(const struct test_vm *vm)
{
	return vm->at_el2 ? CONDUIT_SMC : CONDUIT_HVC;
}

const char *conduit_str(enum conduit conduit)
{
	return conduit == CONDUIT_HVC ? "HVC" : "SMC";
}

void guest_enter(struct test_vm *vm, unsigned int cpu)
{
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];

	reg_set(vcpu, ABI_PC, guest_addr(guest_page));
	reg_set(vcpu, vm->at_el2 ? ABI_VBAR_EL2 : ABI_VBAR_EL1, guest_addr(guest_vectors));
	vcpu_x_set(vcpu, 20, VM_EXIT_PORT);
}

static void read_syndrome(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	bool el2 = !__reg_get(vcpu, ABI_ESR_EL2, &res->esr);

	if (el2) {
		res->elr = reg_get(vcpu, ABI_ELR_EL2);
		res->far = reg_get(vcpu, ABI_FAR_EL2);
		return;
	}
	res->esr = reg_get(vcpu, ABI_ESR_EL1);
	res->elr = reg_get(vcpu, ABI_REG_CORE_U64(ABI_CORE_ELR_EL1));
	res->far = reg_get(vcpu, ABI_FAR_EL1);
}

void guest_run_once(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	struct kvm_run *run = vcpu->run;
	unsigned int i;

	memset(res, 0, sizeof(*res));

	res->err = ioctl_err(ioctl(vcpu->fd, KVM_RUN, NULL));
	if (res->err) {
		res->end = GUEST_ERROR;
		return;
	}

	res->reason = run->exit_reason;
	if (res->reason == KVM_EXIT_SYSTEM_EVENT)
		res->event = run->system_event.type;
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
			read_syndrome(vcpu, res);
			break;
		case VM_EXIT_PORT + PORT_IRQ:
			res->end = GUEST_IRQ;
			break;
		}
	}

	for (i = 0; i < ARRAY_SIZE(res->x); i++)
		res->x[i] = vcpu_x_get(vcpu, i);
}

static void run_unwatched(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	do {
		guest_run_once(vcpu, res);
	} while (res->end == GUEST_ERROR && res->err == -EINTR);
}

void guest_run(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	struct watch *watch = watch_begin(vcpu->id, "to come back from KVM_RUN; it had not", 0);

	run_unwatched(vcpu, res);
	watch_end(watch);
}

static void guest_op(struct kvm_vcpu *vcpu, const char *op, struct guest_result *res)
{
	vcpu_x_set(vcpu, 19, guest_addr(op));
	guest_run(vcpu, res);
}

static void set_args(struct kvm_vcpu *vcpu, const u64 in[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		vcpu_x_set(vcpu, i, in[i]);
}

void guest_prepare_call(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8])
{
	set_args(vcpu, in);
	vcpu_x_set(vcpu, 19, guest_addr(conduit == CONDUIT_HVC ? guest_op_hvc : guest_op_smc));
}

void guest_call_imm(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		    struct guest_result *res)
{
	set_args(vcpu, in);
	guest_op(vcpu, conduit == CONDUIT_HVC ? guest_op_hvc_imm : guest_op_smc_imm, res);
}

void guest_call_be(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		   struct guest_result *res)
{
	set_args(vcpu, in);
	guest_op(vcpu, conduit == CONDUIT_HVC ? guest_op_hvc_be : guest_op_smc_be, res);
}

void guest_call(struct kvm_vcpu *vcpu, enum conduit conduit, const u64 in[8],
		struct guest_result *res)
{
	guest_prepare_call(vcpu, conduit, in);
	guest_run(vcpu, res);
}

void guest_call_batch(struct test_vm *vm, unsigned int cpu, enum conduit conduit,
		      struct guest_batch_call *call, unsigned int nr, struct guest_result *res)
{
	const char *op = conduit == CONDUIT_HVC ? guest_op_batch_hvc : guest_op_batch_smc;
	char *ram = test_vm_ram(vm, VM_RAM_BATCH);
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];

	TEST_ASSERT(nr >= 1 && nr <= GUEST_MAX_CALLS, "A batch of %u calls", nr);
	memcpy(ram, call, nr * sizeof(*call));
	vcpu_x_set(vcpu, 21, VM_RAM_BATCH);
	vcpu_x_set(vcpu, 22, VM_RAM_BATCH + nr * sizeof(*call));
	guest_op(vcpu, op, res);
	memcpy(call, ram, nr * sizeof(*call));
}

void guest_call_timed(struct test_vm *vm, unsigned int cpu, const u64 in[8],
		      struct guest_result *res, struct guest_times *times)
{
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];

	set_args(vcpu, in);
	guest_op(vcpu, guest_conduit(vm) == CONDUIT_SMC ? guest_op_smc_timed : guest_op_hvc_timed,
		 res);
	times->virt_before = vcpu_x_get(vcpu, 21);
	times->phys_before = vcpu_x_get(vcpu, 22);
	times->virt_after = vcpu_x_get(vcpu, 23);
	times->phys_after = vcpu_x_get(vcpu, 24);
}

static bool in_ram(u64 ipa)
{
	return ipa >= VM_RAM_BASE && ipa < VM_RAM_BASE + VM_RAM_SIZE;
}

void guest_load(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, struct guest_result *res)
{
	const char *op;

	TEST_ASSERT(size == 4 || size == 8 || (size == 1 && !in_ram(ipa)),
		    "A guest loads 4 or 8 bytes, or 1 from a device, not %u", size);
	if (in_ram(ipa))
		op = size == 4 ? guest_op_load32_ram : guest_op_load64_ram;
	else
		op = size == 1 ? guest_op_load8 : size == 4 ? guest_op_load32 : guest_op_load64;
	vcpu_x_set(vcpu, 1, ipa);
	guest_op(vcpu, op, res);
}

void guest_store(struct kvm_vcpu *vcpu, u64 ipa, unsigned int size, u64 val,
		 struct guest_result *res)
{
	const char *op;

	TEST_ASSERT(size == 4 || size == 8 || (size == 1 && !in_ram(ipa)),
		    "A guest stores 4 or 8 bytes, or 1 to a device, not %u", size);
	if (in_ram(ipa))
		op = size == 4 ? guest_op_store32_ram : guest_op_store64_ram;
	else
		op = size == 1 ? guest_op_store8 : size == 4 ? guest_op_store32 : guest_op_store64;
	vcpu_x_set(vcpu, 0, val);
	vcpu_x_set(vcpu, 1, ipa);
	guest_op(vcpu, op, res);
}

void guest_load_pair(struct kvm_vcpu *vcpu, u64 ipa, struct guest_result *res)
{
	vcpu_x_set(vcpu, 1, ipa);
	guest_op(vcpu, guest_op_load_pair, res);
}

/* S3_0_C0_CRm_op2 of CRm 1 to 7, then the others, in the order of guest_page.S */
#define NR_ID_SPACE (7 * 8)

u64 guest_id_reg(struct kvm_vcpu *vcpu, unsigned int nr, struct guest_result *res)
{
	static const u64 others[GUEST_NR_ID_REGS - NR_ID_SPACE] = {
		ABI_MIDR_EL1,
		ABI_MPIDR_EL1,
		ABI_REG_SYS(3, 0, 0, 0, 6), /* REVIDR_EL1 */
		ABI_REG_SYS(3, 1, 0, 0, 7), /* AIDR_EL1 */
		ABI_CLIDR_EL1,
		ABI_REG_SYS(3, 3, 0, 0, 1), /* CTR_EL0 */
		ABI_REG_SYS(3, 3, 0, 0, 7), /* DCZID_EL0 */
		ABI_REG_SYS(3, 3, 14, 0, 0), /* CNTFRQ_EL0 */
	};

	TEST_ASSERT(nr < GUEST_NR_ID_REGS, "Identification register %u", nr);
	vcpu_x_set(vcpu, 1, nr);
	guest_op(vcpu, guest_op_id_reg, res);
	return nr < NR_ID_SPACE ? ABI_REG_SYS(3, 0, 0, 1 + nr / 8, nr % 8)
				: others[nr - NR_ID_SPACE];
}

void guest_state(struct kvm_vcpu *vcpu, struct guest_state *state, struct guest_result *res)
{
	guest_op(vcpu, guest_op_state, res);
	state->pstate = vcpu_x_get(vcpu, 21);
	state->sp = vcpu_x_get(vcpu, 22);
	state->v[0] = vcpu_x_get(vcpu, 23);
	state->v[1] = vcpu_x_get(vcpu, 24);
	state->fp = vcpu_x_get(vcpu, 25);
}

void guest_prepare_wait_irq(struct kvm_vcpu *vcpu, const struct guest_wait *wait)
{
	vcpu_x_set(vcpu, 1, !wait->wfi);
	vcpu_x_set(vcpu, 2, wait->arm | wait->quiet << 2);
	vcpu_x_set(vcpu, 3, wait->ticks);
	vcpu_x_set(vcpu, 19, guest_addr(guest_op_wait_irq));
}

void guest_wait_irq(struct kvm_vcpu *vcpu, const struct guest_wait *wait, struct guest_result *res)
{
	guest_prepare_wait_irq(vcpu, wait);
	guest_run(vcpu, res);
}

void guest_unmask_serror(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	guest_op(vcpu, guest_op_unmask_serror, res);
}

void guest_sweep(struct kvm_vcpu *vcpu, enum conduit conduit, struct guest_sweep *sweep,
		 struct guest_result *res)
{
	vcpu_x_set(vcpu, 21, sweep->next);
	vcpu_x_set(vcpu, 22, sweep->last);
	vcpu_x_set(vcpu, 23, sweep->calls);
	guest_op(vcpu, conduit == CONDUIT_HVC ? guest_op_sweep_hvc : guest_op_sweep_smc, res);
	sweep->next = vcpu_x_get(vcpu, 21);
	sweep->calls = vcpu_x_get(vcpu, 23);
	sweep->answered = vcpu_x_get(vcpu, 24);
}

/* Each spinner has two cache lines of its own */
#define SPIN_BYTES 128

static u64 spin_ipa(unsigned int cpu)
{
	TEST_ASSERT(cpu < GUEST_MAX_SPINNERS, "vCPU %u cannot spin", cpu);
	return VM_RAM_SPIN + cpu * SPIN_BYTES;
}

void guest_prepare_spin(struct test_vm *vm, unsigned int cpu)
{
	memset(test_vm_ram(vm, spin_ipa(cpu)), 0, SPIN_BYTES);
	vcpu_x_set(vm->vcpu[cpu], 19, guest_addr(guest_op_spin));
	vcpu_x_set(vm->vcpu[cpu], 21, spin_ipa(cpu));
}

u64 guest_rounds(struct test_vm *vm, unsigned int cpu)
{
	u64 *rounds = test_vm_ram(vm, spin_ipa(cpu));

	return __atomic_load_n(rounds, __ATOMIC_RELAXED);
}

static void *spin_thread(void *arg)
{
	struct guest_spinner *spinner = arg;

	run_unwatched(spinner->vm->vcpu[spinner->cpu], &spinner->res);
	__atomic_store_n(&spinner->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

void guest_spin_start(struct test_vm *vm, unsigned int cpu, struct guest_spinner *spinner)
{
	struct watch *watch;
	int err;

	memset(spinner, 0, sizeof(*spinner));
	spinner->vm = vm;
	spinner->cpu = cpu;
	guest_prepare_spin(vm, cpu);
	err = pthread_create(&spinner->thread, NULL, spin_thread, spinner);
	TEST_ASSERT(!err, "pthread_create(): errno %d", err);

	watch = watch_begin(cpu, "to run; it had not begun", 0);
	while (!guest_rounds(vm, cpu) && !__atomic_load_n(&spinner->ended, __ATOMIC_ACQUIRE))
		sched_yield();
	watch_end(watch);
}

u64 guest_spin_rounds(const struct guest_spinner *spinner)
{
	return guest_rounds(spinner->vm, spinner->cpu);
}

void guest_spin_stop(struct guest_spinner *spinner)
{
	u64 *stop = test_vm_ram(spinner->vm, spin_ipa(spinner->cpu) + SPIN_BYTES / 2);
	struct watch *watch;
	int err;

	watch = watch_begin(spinner->cpu, "to see that it is told to leave KVM_RUN; it had not", 0);
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	err = pthread_join(spinner->thread, NULL);
	watch_end(watch);
	TEST_ASSERT(!err, "pthread_join(): errno %d", err);
}

const char *system_event_str(u32 type)
{
	static const char *const names[] = {
		[ABI_EVENT_SHUTDOWN] = "SHUTDOWN",
		[ABI_EVENT_RESET] = "RESET",
		[ABI_EVENT_WAKEUP] = "WAKEUP",
		[ABI_EVENT_SUSPEND] = "SUSPEND",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "an unknown event";
}

const char *guest_end_str(const struct guest_result *res)
{
	static char text[128];

	switch (res->end) {
	case GUEST_DONE:
		return "came back";
	case GUEST_ANSWERED:
		return "got an answer to a function id of the sweep";
	case GUEST_EXCEPTION:
		snprintf(text, sizeof(text), "took an exception: ESR %#lx, ELR %#lx, FAR %#lx",
			 res->esr, res->elr, res->far);
		return text;
	case GUEST_IRQ:
		return "took an interrupt";
	case GUEST_EXIT:
		if (res->reason == KVM_EXIT_SYSTEM_EVENT)
			snprintf(text, sizeof(text), "exited with KVM_EXIT_SYSTEM_EVENT, %s",
				 system_event_str(res->event));
		else
			snprintf(text, sizeof(text), "exited with KVM_EXIT_%s",
				 exit_reason_str(res->reason));
		return text;
	case GUEST_ERROR:
		snprintf(text, sizeof(text), "did not run: KVM_RUN is %s", err_str(res->err));
		return text;
	}
	return "ended in an unknown way";
}
