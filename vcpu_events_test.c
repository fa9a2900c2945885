// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_events_test: an SError that user space makes pending, saves and restores, and the
 * interrupt lines of a vCPU without a vGIC.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 4.25        KVM_IRQ_LINE
 *   Documentation/virt/kvm/api.rst, 4.31, 4.32  KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS
 *   Documentation/virt/kvm/api.rst, 4.38        KVM_MP_STATE_SUSPENDED, which is a WFI
 *   Documentation/virt/kvm/api.rst, 4.82        KVM_ARM_VCPU_INIT
 *   Arm DDI0487 D1.3, D24.2                     exceptions, ESR_ELx
 */
#include <string.h>

#include "harness.h"

#include "events_expect.h"
#include "guest_regs.h"
#include "psci_expect.h"
#include "vcpu_init.h"
#include "vcpu_thread_expect.h"

#define PSTATE_A BIT_ULL(8)
#define PSTATE_EL1H (PSTATE_DAIF | 5)
#define PSTATE_EL0 PSTATE_DAIF

FIXTURE(serror)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	bool with_esr; /* KVM_CAP_ARM_INJECT_SERROR_ESR */
};

FIXTURE_SETUP(serror)
{
	self->vm = test_vm_create(2, 0, VM_PARKED);
	self->vcpu = self->vm->vcpu[0];
	self->with_esr = kvm_has_cap(KVM_CAP_ARM_INJECT_SERROR_ESR);
}

FIXTURE_TEARDOWN(serror)
{
	test_vm_free(self->vm);
}

static struct kvm_vcpu_events serror_event(bool with_esr, u64 esr)
{
	return (struct kvm_vcpu_events){
		.exception = {
			.serror_pending = 1,
			.serror_has_esr = with_esr,
			.serror_esr = esr,
		},
	};
}

/* What KVM_GET_VCPU_EVENTS says of a vCPU; @esr alone if there is one pending and the host has ESRs */
static void expect_events(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, bool pending,
			  u64 esr)
{
	bool with_esr = kvm_has_cap(KVM_CAP_ARM_INJECT_SERROR_ESR);
	struct kvm_vcpu_events events, want = { 0 };
	int err;

	memset(&events, 0xff, sizeof(events));
	err = __events_get(vcpu, &events);
	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_GET_VCPU_EVENTS on vCPU %u: %s; expected 0", vcpu->id, err_str(err));
	}
	want.exception.serror_pending = pending;
	want.exception.serror_has_esr = with_esr;
	want.exception.serror_esr = pending && with_esr ? esr : 0;
	EXPECT_EQ(0, memcmp(&events, &want, sizeof(want)))
	{
		TH_LOG("KVM_GET_VCPU_EVENTS on vCPU %u: SError pending %u, with ESR %u, %#llx, abort pending %u",
		       vcpu->id, events.exception.serror_pending, events.exception.serror_has_esr,
		       events.exception.serror_esr, events.exception.ext_dabt_pending);
		TH_LOG("  expected pending %u, with ESR %u, %#llx, and zeros",
		       want.exception.serror_pending, want.exception.serror_has_esr,
		       want.exception.serror_esr);
		count_failure(_metadata);
	}
}

/* The guest takes the SError once it unmasks it; any ESR if this host has none to choose */
static void expect_taken(struct __test_metadata *_metadata, struct test_vm *vm,
			 struct kvm_vcpu *vcpu, bool with_esr, u64 iss)
{
	struct guest_result res;

	guest_unmask_serror(vcpu, &res);
	expect_exception(_metadata, vm, vcpu, &res,
			 &(struct exception){
				 .what = "an SError that was pending",
				 .pstate = PSTATE_EL1H & ~PSTATE_A,
				 .pc = res.elr, /* anywhere before it masks SError again */
				 .vector = ABI_VECTOR_SERROR,
				 .esr = (u64)ABI_EC_SERROR << 26 | ABI_ESR_IL |
					(with_esr ? iss : 0),
				 .esr_mask = ~0ULL & ~(with_esr ? 0 : ABI_ESR_ISS),
			 });
	test_vcpu_complete(vcpu);
	expect_events(_metadata, vcpu, false, 0);
	/* once */
	guest_unmask_serror(vcpu, &res);
	expect_end(_metadata, "no SError", &res);
}

TEST_F(serror, is_not_pending_at_first)
{
	EXPECT_TRUE(kvm_has_cap(KVM_CAP_VCPU_EVENTS))
	{
		TH_LOG("KVM_CAP_VCPU_EVENTS is 0; expected 1");
	}
	expect_events(_metadata, self->vcpu, false, 0);
	expect_events(_metadata, self->vm->vcpu[1], false, 0);
}

/* ISS has bits 24:0. The document's "lower 24 bits" is a slip: KVM's own choice has bit 24 */
TEST_F(serror, is_taken_with_its_syndrome)
{
	static const u64 rows[] = { 0, 1, 0x800000, 0x123456, 0xffffff, 0x1000000 };
	unsigned int n;

	if (!self->with_esr)
		SKIP(return, "this host has no KVM_CAP_ARM_INJECT_SERROR_ESR");
	for (n = 0; n < ARRAY_SIZE(rows); n++) {
		const struct kvm_vcpu_events event = serror_event(true, rows[n]);

		events_set(_metadata, self->vcpu, &event);
		expect_events(_metadata, self->vcpu, true, rows[n]);
		expect_events(_metadata, self->vm->vcpu[1], false, 0);
		expect_taken(_metadata, self->vm, self->vcpu, true, rows[n]);
	}
}

/* "KVM will choose an ESR" */
TEST_F(serror, without_a_syndrome_is_taken)
{
	const struct kvm_vcpu_events event = serror_event(false, 0);
	struct kvm_vcpu_events saved;

	events_set(_metadata, self->vcpu, &event);
	ASSERT_EQ(0, __events_get(self->vcpu, &saved));
	expect_events(_metadata, self->vcpu, true, saved.exception.serror_esr);
	/* What KVM chose is taken back */
	events_set(_metadata, self->vcpu, &saved);
	expect_events(_metadata, self->vcpu, true, saved.exception.serror_esr);
	expect_taken(_metadata, self->vm, self->vcpu, self->with_esr, saved.exception.serror_esr);
}

/* "Remains pending until the guest takes the exception by unmasking PSTATE.A" */
TEST_F(serror, stays_pending_while_it_is_masked)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x42),
				     none = { .exception.serror_has_esr = self->with_esr };
	struct guest_result res;
	unsigned int n;

	events_set(_metadata, self->vcpu, &event);
	for (n = 0; n < 3; n++) {
		guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
		expect_end(_metadata, "a load with a masked SError pending", &res);
		if (self->with_esr)
			expect_events(_metadata, self->vcpu, true, 0x42);
		/* "It is not possible to 'cancel' an SError that has been made pending" */
		events_set(_metadata, self->vcpu, &none);
		if (self->with_esr)
			expect_events(_metadata, self->vcpu, true, 0x42);
	}
	expect_taken(_metadata, self->vm, self->vcpu, self->with_esr, 0x42);
}

/* Of a vCPU at @pstate, whose next instruction the guest does not come to */
static void expect_taken_at_once(struct __test_metadata *_metadata, struct test_vm *vm,
				 bool with_esr, u64 pstate)
{
	const struct kvm_vcpu_events event = serror_event(with_esr, 0x4711);
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;
	u64 pc;

	test_vcpu_complete(vcpu);
	pc = reg_get(vcpu, ABI_PC);
	reg_set(vcpu, ABI_PSTATE, pstate);
	events_set(_metadata, vcpu, &event);
	guest_load(vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_exception(_metadata, vm, vcpu, &res,
			 &(struct exception){
				 .what = "an SError that is not masked",
				 .pstate = pstate,
				 .pc = pc,
				 .vector = ABI_VECTOR_SERROR,
				 .esr = (u64)ABI_EC_SERROR << 26 | ABI_ESR_IL |
					(with_esr ? 0x4711 : 0),
				 .esr_mask = ~0ULL & ~(with_esr ? 0 : ABI_ESR_ISS),
			 });
	expect_events(_metadata, vcpu, false, 0);
	guest_load(vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "the handler's end", &res);
}

TEST_F(serror, is_taken_at_once_where_it_is_not_masked)
{
	static const u64 pstates[] = { PSTATE_EL1H & ~PSTATE_A, (PSTATE_EL1H & ~PSTATE_A) - 1,
				       PSTATE_EL0 & ~PSTATE_A };
	struct guest_result res;
	unsigned int n;

	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "a vCPU without an SError", &res);
	for (n = 0; n < ARRAY_SIZE(pstates); n++)
		expect_taken_at_once(_metadata, self->vm, self->with_esr, pstates[n]);
}

/* As a VMM that restores it; known-defects.list has the kernels that do not survive it */
TEST_F(serror, is_taken_at_once_by_a_vcpu_that_has_not_run)
{
	if (!strcmp(host_mode(), "protected") && !kvm_has_cap(ABI_CAP_ARM_PMU_V3_STRICT))
		SKIP(return, "in protected mode a kernel of this age may die of it");
	expect_taken_at_once(_metadata, self->vm, self->with_esr, PSTATE_EL1H & ~PSTATE_A);
}

/* PSTATE.A masks it, and no other bit does [DDI0487 D1.3.6] */
TEST_F(serror, is_masked_by_pstate_a_alone)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x42);
	const u64 pstate = PSTATE_A | 5; /* EL1h */
	struct guest_result res;

	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	test_vcpu_complete(self->vcpu);
	reg_set(self->vcpu, ABI_PSTATE, pstate);
	events_set(_metadata, self->vcpu, &event);
	if (self->with_esr)
		expect_events(_metadata, self->vcpu, true, 0x42);
	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "a load with an SError pending that PSTATE.A masks", &res);
	if (self->with_esr)
		expect_events(_metadata, self->vcpu, true, 0x42);
}

static void copy_regs(struct kvm_vcpu *from, struct kvm_vcpu *to)
{
	static const u64 ids[] = {
		ABI_PC,
		ABI_PSTATE,
		ABI_REG_CORE_U64(ABI_CORE_SP),
		ABI_REG_CORE_U64(ABI_CORE_SP_EL1),
		ABI_REG_CORE_U64(ABI_CORE_ELR_EL1),
		ABI_REG_CORE_U64(ABI_CORE_SPSR),
		ABI_ESR_EL1,
		ABI_FAR_EL1,
		ABI_VBAR_EL1,
	};
	unsigned int n;

	for (n = 0; n <= 30; n++)
		vcpu_x_set(to, n, vcpu_x_get(from, n));
	for (n = 0; n < ARRAY_SIZE(ids); n++)
		reg_set(to, ids[n], reg_get(from, ids[n]));
}

/*
 * The same of one that is not masked, before the vCPU runs: whether KVM has it pending or has
 * already made the exception of it, it is in what is saved
 */
TEST_F(serror, travels_with_the_vm_where_it_is_not_masked)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x4711);
	const u64 pstate = PSTATE_EL1H & ~PSTATE_A;
	struct kvm_vcpu_events saved;
	struct guest_result res;
	struct test_vm *vm;
	u64 pc;

	if (!strcmp(host_mode(), "protected") && !kvm_has_cap(ABI_CAP_ARM_PMU_V3_STRICT))
		SKIP(return, "in protected mode a kernel of this age may die of it");
	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "a vCPU without an SError", &res);
	test_vcpu_complete(self->vcpu);
	pc = reg_get(self->vcpu, ABI_PC);
	reg_set(self->vcpu, ABI_PSTATE, pstate);
	events_set(_metadata, self->vcpu, &event);

	vm = test_vm_create(1, 0, 0);
	copy_regs(self->vcpu, vm->vcpu[0]);
	ASSERT_EQ(0, __events_get(self->vcpu, &saved));
	events_set(_metadata, vm->vcpu[0], &saved);
	guest_load(vm->vcpu[0], VM_RAM_DATA, sizeof(u64), &res);
	expect_exception(_metadata, vm, vm->vcpu[0], &res,
			 &(struct exception){
				 .what = "an SError that is not masked, restored",
				 .pstate = pstate,
				 .pc = pc,
				 .vector = ABI_VECTOR_SERROR,
				 .esr = (u64)ABI_EC_SERROR << 26 | (self->with_esr ? 0x4711 : 0),
				 /* IL is in is_taken_at_once_where_it_is_not_masked */
				 .esr_mask = ~ABI_ESR_IL & ~(self->with_esr ? 0 : ABI_ESR_ISS),
			 });
	test_vcpu_complete(vm->vcpu[0]);
	expect_events(_metadata, vm->vcpu[0], false, 0);
	test_vm_free(vm);
}

/* "To save, restore or migrate a VCPU the struct can be read then written" */
TEST_F(serror, travels_with_the_vm)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0xabcdef);
	struct kvm_vcpu_events saved;
	struct guest_result res;
	struct test_vm *vm;

	guest_load(self->vcpu, VM_RAM_DATA, sizeof(u64), &res);
	test_vcpu_complete(self->vcpu);
	events_set(_metadata, self->vcpu, &event);
	ASSERT_EQ(0, __events_get(self->vcpu, &saved));

	vm = test_vm_create(1, 0, 0);
	events_set(_metadata, vm->vcpu[0], &saved);
	if (self->with_esr)
		expect_events(_metadata, vm->vcpu[0], true, 0xabcdef);
	expect_taken(_metadata, vm, vm->vcpu[0], self->with_esr, 0xabcdef);
	test_vm_free(vm);
}

/* A WFI ends when an SError is pending, also a masked one [DDI0487 D1.6] */
TEST_F(serror, wakes_a_suspended_vcpu)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x42);
	struct vcpu_thread thread;
	bool waits;

	if (!kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND))
		SKIP(return, "this kernel has no KVM_CAP_ARM_SYSTEM_SUSPEND");
	mp_state_set(self->vcpu, KVM_MP_STATE_SUSPENDED);
	vcpu_thread_start(self->vcpu, &thread);
	expect_waits(_metadata, &thread, "that is SUSPENDED");
	vcpu_thread_kick(&thread);
	events_set(_metadata, self->vcpu, &event);
	vcpu_thread_start(self->vcpu, &thread);
	waits = vcpu_thread_settle(&thread);
	vcpu_thread_kick(&thread);
	EXPECT_TRUE(thread.res.end == GUEST_EXIT && thread.res.event == ABI_EVENT_WAKEUP)
	{
		TH_LOG("a SUSPENDED vCPU with an SError pending %s; expected KVM_SYSTEM_EVENT_WAKEUP",
		       waits ? "waits" : guest_end_str(&thread.res));
	}
}

/* "This will reset the vcpu to its initial state", in which none is pending */
TEST_F(serror, is_gone_after_vcpu_init)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x42);
	struct guest_result res;
	unsigned int ran;

	for (ran = 0; ran <= 1; ran++) {
		events_set(_metadata, self->vcpu, &event);
		test_vcpu_reinit(self->vm, 0);
		expect_events(_metadata, self->vcpu, false, 0);
		guest_unmask_serror(self->vcpu, &res);
		EXPECT_EQ(GUEST_DONE, res.end)
		{
			TH_LOG("after KVM_ARM_VCPU_INIT of a vCPU that had %s, with an SError pending: the guest %s",
			       ran ? "run" : "not run", guest_end_str(&res));
			TH_LOG("  expected it to come back: the vCPU is in its initial state");
		}
	}
}

TEST_F(serror, bad_events_are_refused)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, self->with_esr);
	struct kvm_vcpu_events bad;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(bad.exception.pad); n++) {
		bad = event;
		bad.exception.pad[n] = 1;
		expect_err(_metadata, "KVM_SET_VCPU_EVENTS, 1 in exception.pad", n, -EINVAL,
			   __events_set(self->vcpu, &bad));
	}
	for (n = 0; n < ARRAY_SIZE(bad.reserved); n++) {
		bad = event;
		bad.reserved[n] = BIT(31);
		expect_err(_metadata, "KVM_SET_VCPU_EVENTS, bit 31 in reserved", n, -EINVAL,
			   __events_set(self->vcpu, &bad));
	}
	for (n = 25; n < 64; n++) {
		bad = serror_event(true, 1ULL << n | 1);
		expect_err(_metadata, "KVM_SET_VCPU_EVENTS, serror_esr", bad.exception.serror_esr,
			   -EINVAL, __events_set(self->vcpu, &bad));
	}
	expect_events(_metadata, self->vcpu, false, 0);
	expect_err(_metadata, "KVM_SET_VCPU_EVENTS, a bad pointer", 0, -EFAULT,
		   __events_set(self->vcpu, unmapped_page(_metadata)));
	expect_err(_metadata, "KVM_GET_VCPU_EVENTS, a bad pointer", 0, -EFAULT,
		   __events_get(self->vcpu, unmapped_page(_metadata)));
	expect_events(_metadata, self->vcpu, false, 0);
}

/* "Specifying exception.has_esr on a system that does not support it will return -EINVAL" */
TEST_F(serror, syndrome_is_refused_where_there_is_none)
{
	const struct kvm_vcpu_events event = serror_event(true, 0);

	if (self->with_esr)
		SKIP(return, "this host has KVM_CAP_ARM_INJECT_SERROR_ESR");
	expect_err(_metadata, "KVM_SET_VCPU_EVENTS, serror_has_esr", 1, -EINVAL,
		   __events_set(self->vcpu, &event));
	expect_events(_metadata, self->vcpu, false, 0);
}

/* What a guest has pending: ISR_EL1 [DDI0487 D24] */
#define ISR_F BIT_ULL(6)
#define ISR_I BIT_ULL(7)
#define ISR_A BIT_ULL(8)

static void expect_isr(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		       u64 want, const char *when)
{
	struct guest_reg isr = { .id = ABI_ISR_EL1 };
	struct guest_result res;

	guest_regs(vm, cpu, &isr, 1, &res);
	expect_end(_metadata, "a read of ISR_EL1", &res);
	EXPECT_TRUE(isr.how == GUEST_REG_DONE && isr.val == want)
	{
		TH_LOG("ISR_EL1 of vCPU %u %s: %s; expected %#lx", cpu, when, guest_reg_str(&isr),
		       want);
		count_failure(_metadata);
	}
}

TEST_F(serror, shows_in_the_guests_isr)
{
	const struct kvm_vcpu_events event = serror_event(self->with_esr, 0x42);

	mp_state_set(self->vm->vcpu[1], KVM_MP_STATE_RUNNABLE);
	expect_isr(_metadata, self->vm, 0, 0, "at first");
	events_set(_metadata, self->vcpu, &event);
	expect_isr(_metadata, self->vm, 0, ISR_A, "with an SError pending");
	expect_isr(_metadata, self->vm, 1, 0, "with an SError pending on vCPU 0");
	expect_taken(_metadata, self->vm, self->vcpu, self->with_esr, 0x42);
	expect_isr(_metadata, self->vm, 0, 0, "after it was taken");
}

/* Interrupt lines: "out-of-kernel GIC: irq_id 0 is IRQ, irq_id 1 is FIQ" */

FIXTURE(line)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(line)
{
	self->vm = test_vm_create(2, 0, 0);
}

FIXTURE_TEARDOWN(line)
{
	test_vm_free(self->vm);
}

static int set_line(struct test_vm *vm, u32 type, u32 cpu, u32 id, u32 level)
{
	u32 irq = type << KVM_ARM_IRQ_TYPE_SHIFT | cpu << KVM_ARM_IRQ_VCPU_SHIFT | id;

	return ioctl_err(_kvm_irq_line(vm->kvm, irq, level));
}

TEST_F(line, is_that_vcpus_and_has_the_level_that_was_set)
{
	static const u64 bits[] = { ISR_I, ISR_F };
	unsigned int cpu, id;

	for (cpu = 0; cpu <= 1; cpu++) {
		for (id = 0; id <= 1; id++) {
			ASSERT_EQ(0, set_line(self->vm, KVM_ARM_IRQ_TYPE_CPU, cpu, id, 1));
			ASSERT_EQ(0, set_line(self->vm, KVM_ARM_IRQ_TYPE_CPU, cpu, id, 1));
			expect_isr(_metadata, self->vm, cpu, bits[id], "with its line up");
			expect_isr(_metadata, self->vm, !cpu, 0, "with the other one's line up");
			/* The other line of the vCPU does not undo it */
			ASSERT_EQ(0, set_line(self->vm, KVM_ARM_IRQ_TYPE_CPU, cpu, !id, 1));
			expect_isr(_metadata, self->vm, cpu, ISR_I | ISR_F, "with both lines up");
			ASSERT_EQ(0, set_line(self->vm, KVM_ARM_IRQ_TYPE_CPU, cpu, !id, 0));
			expect_isr(_metadata, self->vm, cpu, bits[id], "with its line still up");
			ASSERT_EQ(0, set_line(self->vm, KVM_ARM_IRQ_TYPE_CPU, cpu, id, 0));
			expect_isr(_metadata, self->vm, cpu, 0, "with its lines down");
		}
	}
}

/* The errors are in no document */
TEST_F(line, others_are_refused)
{
	static const struct {
		u32 type, cpu, id;
		int err;
	} rows[] = {
		{ KVM_ARM_IRQ_TYPE_CPU, 0, 2, -EINVAL },
		{ KVM_ARM_IRQ_TYPE_CPU, 0, 32, -EINVAL },
		{ KVM_ARM_IRQ_TYPE_CPU, 2, 0, -EINVAL },
		{ KVM_ARM_IRQ_TYPE_CPU, 255, 0, -EINVAL },
		{ KVM_ARM_IRQ_TYPE_CPU | 0x10, 0, 0, -EINVAL }, /* vCPU 256, by vcpu2_index */
		{ KVM_ARM_IRQ_TYPE_SPI, 0, 32, -ENXIO },
		{ KVM_ARM_IRQ_TYPE_PPI, 0, 16, -ENXIO },
		{ KVM_ARM_IRQ_TYPE_PPI + 1, 0, 0, -EINVAL },
	};
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(rows); n++)
		expect_err(_metadata, "KVM_IRQ_LINE of a VM without a vGIC",
			   rows[n].type << 24 | rows[n].cpu << 16 | rows[n].id, rows[n].err,
			   set_line(self->vm, rows[n].type, rows[n].cpu, rows[n].id, 1));
	expect_isr(_metadata, self->vm, 0, 0, "after lines that were refused");
	expect_isr(_metadata, self->vm, 1, 0, "after lines that were refused");
}

FIXTURE(no_init)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(no_init)
{
	self->kvm = bare_vm_create(0);
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(no_init)
{
	kvm_vm_free(self->kvm);
}

TEST_F(no_init, events_wait_for_vcpu_init)
{
	struct kvm_vcpu_events events = { 0 };

	expect_err(_metadata, "KVM_GET_VCPU_EVENTS before KVM_ARM_VCPU_INIT", 0, -ENOEXEC,
		   __events_get(self->vcpu, &events));
	expect_err(_metadata, "KVM_SET_VCPU_EVENTS before KVM_ARM_VCPU_INIT", 0, -ENOEXEC,
		   __events_set(self->vcpu, &events));
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
