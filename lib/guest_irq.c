// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that takes interrupts.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi.h"
#include "guest_irq.h"
#include "guest_irq_code.h"
#include "guest_regs.h"
#include "kvm_reg.h"
#include "watch.h"

/* In the VM's memory: the code, and each vCPU's record */
#define RECORD_IPA (VM_RAM_IRQ + 0x1000)
#define RECORD_BYTES (GUEST_MAX_IRQS * sizeof(struct guest_irq))

static_assert(sizeof(struct guest_irq) == 16, "as guest_irq_code.S has it");
static_assert(RECORD_IPA + GUEST_IRQ_VCPUS * RECORD_BYTES <= VM_RAM_BASE + VM_RAM_SIZE,
	      "the records");

#define MAX_LOOKS 300

static u64 record_ipa(unsigned int cpu)
{
	TEST_ASSERT(cpu < GUEST_IRQ_VCPUS, "vCPU %u cannot take interrupts", cpu);
	return RECORD_IPA + cpu * RECORD_BYTES;
}

static bool is_v2(const struct test_vm *vm)
{
	return vm->vgic_fd >= 0 && vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V2;
}

static void check(const struct guest_result *res, const char *what)
{
	TEST_ASSERT(res->end == GUEST_DONE, "%s: the guest %s", what, guest_end_str(res));
}

void guest_msr(struct test_vm *vm, unsigned int cpu, u64 id, u64 val)
{
	struct guest_reg reg = { .id = id, .write = true, .val = val };
	struct guest_result res;

	guest_regs(vm, cpu, &reg, 1, &res);
	check(&res, "MSR");
	TEST_ASSERT(reg.how == GUEST_REG_DONE, "MSR of %#lx: %s", id, guest_reg_str(&reg));
}

static void store_gicc(struct test_vm *vm, unsigned int cpu, u32 offset, u32 val)
{
	struct guest_result res;

	guest_store(vm->vcpu[cpu], VM_GICR_BASE + offset, 4, val, &res);
	check(&res, "a store to the CPU interface");
}

void guest_irq_setup(struct test_vm *vm, unsigned int cpu, const struct guest_irq_setup *setup)
{
	u32 ctlr = ABI_GICC_CTLR_ACKCTL | ABI_GICC_CTLR_FIQEN;

	if (is_v2(vm)) {
		ctlr |= ABI_GICC_CTLR_GRP0 | ABI_GICC_CTLR_GRP1;
		if (setup->off >= GUEST_IRQ_GROUP_0)
			ctlr &= ~ABI_GICC_CTLR_GRP0;
		if (setup->off >= GUEST_IRQ_BOTH_GROUPS)
			ctlr &= ~ABI_GICC_CTLR_GRP1;
		if (setup->split)
			ctlr |= ABI_GICC_CTLR_EOIMODE;
		store_gicc(vm, cpu, ABI_GICC_PMR, setup->pmr);
		store_gicc(vm, cpu, ABI_GICC_CTLR, ctlr);
		return;
	}
	guest_msr(vm, cpu, ABI_ICC_PMR_EL1, setup->pmr);
	guest_msr(vm, cpu, ABI_ICC_CTLR_EL1, setup->split ? ABI_ICC_CTLR_EOIMODE : 0);
	guest_msr(vm, cpu, ABI_ICC_IGRPEN0_EL1, 0);
	guest_msr(vm, cpu, ABI_ICC_IGRPEN1_EL1, setup->off < GUEST_IRQ_BOTH_GROUPS);
	if (setup->off < GUEST_IRQ_GROUP_0)
		guest_msr(vm, cpu, ABI_ICC_IGRPEN0_EL1, 1);
}

/* Place the code; the guest's MMU is off, so its fetches and loads go by the host's caches */
static void prepare(struct test_vm *vm, unsigned int cpu, const char *op, unsigned int how)
{
	u64 bytes = (unsigned long)guest_irq_code_end - (unsigned long)guest_irq_code;
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	char *code = test_vm_ram(vm, VM_RAM_IRQ);

	TEST_ASSERT(!vm->at_el2, "A guest at EL2 cannot take interrupts");
	if (memcmp(code, guest_irq_code, bytes)) {
		memcpy(code, guest_irq_code, bytes);
		guest_sync(code, bytes);
	}
	reg_set(vcpu, ABI_VBAR_EL1, VM_RAM_IRQ);
	vcpu_x_set(vcpu, 19, VM_RAM_IRQ + (op - guest_irq_code));
	vcpu_x_set(vcpu, 21, record_ipa(cpu));
	vcpu_x_set(vcpu, 22, record_ipa(cpu) + RECORD_BYTES);
	vcpu_x_set(vcpu, 23, how);
	vcpu_x_set(vcpu, 26, is_v2(vm) ? VM_GICR_BASE : 0);
}

static void run(struct test_vm *vm, unsigned int cpu, struct guest_irqs *taken)
{
	struct guest_irq *record = test_vm_ram(vm, record_ipa(cpu));
	struct kvm_vcpu *vcpu = vm->vcpu[cpu];
	struct guest_result res;
	unsigned int nr;

	guest_run(vcpu, &res);
	check(&res, "taking interrupts");
	nr = (vcpu_x_get(vcpu, 21) - record_ipa(cpu)) / sizeof(*record);
	if (nr > GUEST_MAX_IRQS - taken->nr)
		nr = GUEST_MAX_IRQS - taken->nr;
	guest_sync((char *)record, nr * sizeof(*record));
	memcpy(&taken->irq[taken->nr], record, nr * sizeof(*record));
	taken->nr += nr;
}

void guest_irq_take(struct test_vm *vm, unsigned int cpu, enum guest_irq_how how,
		    struct guest_irqs *taken)
{
	u64 vbar = reg_get(vm->vcpu[cpu], ABI_VBAR_EL1);
	unsigned int nr;

	memset(taken, 0, sizeof(*taken));
	/* What does not fit into the list registers comes after an exit at the latest */
	do {
		nr = taken->nr;
		prepare(vm, cpu, guest_irq_take_op, how);
		run(vm, cpu, taken);
	} while (taken->nr > nr && taken->nr < GUEST_MAX_IRQS);
	reg_set(vm->vcpu[cpu], ABI_VBAR_EL1, vbar);
}

void guest_irq_end(struct test_vm *vm, unsigned int cpu, const struct guest_irq *irq)
{
	if (is_v2(vm))
		store_gicc(vm, cpu, ABI_GICC_EOIR, irq->iar);
	else
		guest_msr(vm, cpu, irq->fiq ? ABI_ICC_EOIR0_EL1 : ABI_ICC_EOIR1_EL1, irq->iar);
}

void guest_irq_deactivate(struct test_vm *vm, unsigned int cpu, u32 iar)
{
	if (is_v2(vm))
		store_gicc(vm, cpu, ABI_GICC_DIR, iar);
	else
		guest_msr(vm, cpu, ABI_ICC_DIR_EL1, iar);
}

static void *wait_thread(void *arg)
{
	struct guest_irq_waiter *waiter = arg;

	__atomic_store_n(&waiter->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	run(waiter->vm, waiter->cpu, &waiter->taken);
	return NULL;
}

/* Whether the vCPU's thread sleeps in KVM_RUN; a host may also leave it in the guest */
static bool sleeps(struct guest_irq_waiter *waiter)
{
	int tid = __atomic_load_n(&waiter->tid, __ATOMIC_ACQUIRE);
	char name[64], state = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", tid);
	file = tid ? fopen(name, "r") : NULL;
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'S';
}

unsigned int guest_irq_waited(struct guest_irq_waiter *waiter)
{
	struct guest_irq *record = test_vm_ram(waiter->vm, record_ipa(waiter->cpu));
	unsigned int nr = 0;

	while (nr < waiter->nr) {
		guest_sync((char *)&record[nr], sizeof(*record));
		if (!__atomic_load_n(&record[nr].mpidr, __ATOMIC_ACQUIRE))
			break;
		nr++;
	}
	return nr;
}

void guest_irq_wait_start(struct test_vm *vm, unsigned int cpu, bool asleep, unsigned int nr,
			  struct guest_irq_waiter *waiter)
{
	char *record = test_vm_ram(vm, record_ipa(cpu));
	unsigned int i;
	int err;

	TEST_ASSERT(nr <= GUEST_MAX_IRQS, "To wait for %u interrupts", nr);

	memset(waiter, 0, sizeof(*waiter));
	waiter->vm = vm;
	waiter->cpu = cpu;
	waiter->nr = nr;
	waiter->vbar = reg_get(vm->vcpu[cpu], ABI_VBAR_EL1);
	prepare(vm, cpu, asleep ? guest_irq_sleep_op : guest_irq_spin_op, GUEST_IRQ_END);
	memset(record, 0, RECORD_BYTES);
	guest_sync(record, RECORD_BYTES);
	vcpu_x_set(vm->vcpu[cpu], 29, record_ipa(cpu) + nr * sizeof(struct guest_irq));
	err = pthread_create(&waiter->thread, NULL, wait_thread, waiter);
	TEST_ASSERT(!err, "pthread_create(): errno %d", err);
	/* Better an interrupt that wakes it than one that comes before it sleeps; both are right */
	for (i = 0; asleep && i < MAX_LOOKS && !sleeps(waiter); i++)
		sched_yield();
}

void guest_irq_wait_end(struct guest_irq_waiter *waiter)
{
	struct watch *watch;
	int err;

	watch = watch_begin(waiter->cpu, "to take an interrupt; it had not", 0);
	err = pthread_join(waiter->thread, NULL);
	watch_end(watch);
	TEST_ASSERT(!err, "pthread_join(): errno %d", err);
	reg_set(waiter->vm->vcpu[waiter->cpu], ABI_VBAR_EL1, waiter->vbar);
}
