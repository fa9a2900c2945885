// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abort_test: accesses that fail, and the exceptions that the guest takes for them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst, 4.10        KVM_RUN, ENOSYS
 *   Documentation/virt/kvm/api.rst, 4.31, 4.32  ext_dabt_pending
 *   Documentation/virt/kvm/api.rst, 5           KVM_EXIT_MMIO, KVM_EXIT_ARM_NISV
 *   Documentation/virt/kvm/api.rst, 7.20        KVM_CAP_ARM_NISV_TO_USER
 *   Arm DDI0487 D1.3, D24.2                     exceptions, ESR_ELx
 */
#include <string.h>

#include "harness.h"

#include "events_expect.h"
#include "vm.h"

#define NOWHERE (VM_NO_MEMORY + 0x1238)
#define MARKER 0x0123456789abcdefULL

FIXTURE(abort)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	u64 pstate; /* of the access */
};

/* The level below that of the vectors, or a stack pointer at that level */
FIXTURE_VARIANT(abort)
{
	unsigned int pstate_el1, pstate_el2;
	bool lower;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(abort, spx) { 5, 9, false };
FIXTURE_VARIANT_ADD(abort, sp0) { 4, 8, false };
FIXTURE_VARIANT_ADD(abort, el0) { 0, 0, true };
/* clang-format on */

FIXTURE_SETUP(abort)
{
	if (!kvm_has_cap(KVM_CAP_ARM_INJECT_EXT_DABT))
		SKIP(return, "this kernel has no KVM_CAP_ARM_INJECT_EXT_DABT");
	self->vm = test_vm_create(1, 0, 0);
	self->vcpu = self->vm->vcpu[0];
	self->pstate = PSTATE_DAIF | (self->vm->at_el2 ? variant->pstate_el2 : variant->pstate_el1);
	/* EL0 below EL2, as the programs of a host [Arm ARM D24.2, HCR_EL2.TGE] */
	if (self->vm->at_el2 && variant->lower)
		reg_set(self->vcpu, ABI_HCR_EL2,
			reg_get(self->vcpu, ABI_HCR_EL2) | ABI_HCR_EL2_TGE);
	reg_set(self->vcpu, ABI_PSTATE, self->pstate);
	vcpu_x_set(self->vcpu, 0, MARKER);
}

FIXTURE_TEARDOWN(abort)
{
	test_vm_free(self->vm);
}

static void make_pending(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	const struct kvm_vcpu_events event = { .exception.ext_dabt_pending = 1 };
	struct kvm_vcpu_events now;

	events_set(_metadata, vcpu, &event);
	/* "It is not possible to read back a pending external abort" */
	ASSERT_EQ(0, __events_get(vcpu, &now));
	EXPECT_TRUE(!now.exception.ext_dabt_pending && !now.exception.serror_pending)
	{
		TH_LOG("KVM_GET_VCPU_EVENTS after ext_dabt_pending: SError pending %u, abort pending %u; expected 0, 0",
		       now.exception.serror_pending, now.exception.ext_dabt_pending);
	}
}

/*
 * An abort of @ec and @fsc at @pc for an access to @far. No document has the other bits of the
 * syndrome, but they say nothing: ISV, S1PTW and FnV are 0.
 */
static void expect_abort(struct __test_metadata *_metadata, struct test_vm *vm, const char *what,
			 const struct guest_result *res, u64 pstate, u64 pc, u32 ec, u32 fsc,
			 u64 far)
{
	expect_exception(_metadata, vm, vm->vcpu[0], res,
			 &(struct exception){
				 .what = what,
				 .pstate = pstate,
				 .pc = pc,
				 .vector = ABI_VECTOR_SYNC,
				 .esr = (u64)ec << 26 | ABI_ESR_IL | fsc,
				 .esr_mask = ~(u64)BIT(6), /* WnR */
			 });
	EXPECT_EQ(far, res->far)
	{
		TH_LOG("%s: FAR %#lx; expected %#lx", what, res->far, far);
	}
}

static void expect_mmio(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			const struct guest_result *res)
{
	ASSERT_TRUE(res->end == GUEST_EXIT && res->reason == KVM_EXIT_MMIO &&
		    vcpu->run->mmio.phys_addr == NOWHERE)
	{
		TH_LOG("an access to %#llx, where no memory is: the guest %s; expected KVM_EXIT_MMIO",
		       NOWHERE, guest_end_str(res));
	}
	memset(vcpu->run->mmio.data, 0xff, sizeof(vcpu->run->mmio.data));
}

/* The guest goes on after its handler */
static void expect_goes_on(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	struct guest_result res;

	guest_load(vcpu, VM_RAM_DATA, sizeof(u64), &res);
	expect_end(_metadata, "a load after the handler", &res);
}

TEST_F(abort, user_space_makes_a_load_abort)
{
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	struct guest_result res;
	unsigned int size;
	u64 pc;

	for (size = 4; size <= 8; size += 4) {
		test_vcpu_complete(self->vcpu);
		reg_set(self->vcpu, ABI_PSTATE, self->pstate);
		vcpu_x_set(self->vcpu, 0, MARKER);
		guest_load(self->vcpu, NOWHERE, size, &res);
		expect_mmio(_metadata, self->vcpu, &res);
		pc = reg_get(self->vcpu, ABI_PC);
		make_pending(_metadata, self->vcpu);
		guest_run(self->vcpu, &res);
		expect_abort(_metadata, self->vm, "a load that user space aborted", &res,
			     self->pstate, pc, ec, ABI_FSC_EXTERNAL, NOWHERE);
		EXPECT_EQ(MARKER, res.x[0])
		{
			TH_LOG("a load that user space aborted gave %#lx; expected x0 to be as before, %#llx",
			       res.x[0], MARKER);
		}
		expect_goes_on(_metadata, self->vcpu);
	}
}

TEST_F(abort, user_space_makes_a_store_abort)
{
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	struct guest_result res;
	u64 pc;

	guest_store(self->vcpu, NOWHERE, 8, MARKER, &res);
	expect_mmio(_metadata, self->vcpu, &res);
	pc = reg_get(self->vcpu, ABI_PC);
	make_pending(_metadata, self->vcpu);
	guest_run(self->vcpu, &res);
	expect_abort(_metadata, self->vm, "a store that user space aborted", &res, self->pstate, pc,
		     ec, ABI_FSC_EXTERNAL, NOWHERE);
	expect_goes_on(_metadata, self->vcpu);
}

/* A VMM that saves the VM completes the exit first [api.rst 5, immediate_exit] */
TEST_F(abort, pending_abort_is_state_that_travels)
{
	u64 vbar = self->vm->at_el2 ? ABI_VBAR_EL2 : ABI_VBAR_EL1;
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	struct guest_result res;
	u64 pc, vector;

	guest_load(self->vcpu, NOWHERE, 8, &res);
	expect_mmio(_metadata, self->vcpu, &res);
	pc = reg_get(self->vcpu, ABI_PC);
	make_pending(_metadata, self->vcpu);
	self->vcpu->run->immediate_exit = 1;
	guest_run_once(self->vcpu, &res);
	self->vcpu->run->immediate_exit = 0;
	EXPECT_EQ(-EINTR, res.err)
	{
		TH_LOG("KVM_RUN with immediate_exit: the guest %s; expected EINTR",
		       guest_end_str(&res));
	}
	vector = reg_get(self->vcpu, ABI_PC) - reg_get(self->vcpu, vbar);
	EXPECT_TRUE(!(vector & 0x1ff) && vector < 0x800)
	{
		TH_LOG("PC after KVM_RUN with immediate_exit is VBAR and %#lx; expected a vector of synchronous exceptions",
		       vector);
	}
	guest_run(self->vcpu, &res);
	expect_abort(_metadata, self->vm, "a load that user space aborted", &res, self->pstate, pc,
		     ec, ABI_FSC_EXTERNAL, NOWHERE);
}

/*
 * The abort is taken first, and its handler has SError masked, so that it stays pending. No
 * document has the order; the other one would have the abort at the first instruction of the
 * SError's handler
 */
TEST_F(abort, serror_stays_pending_beside_it)
{
	const struct kvm_vcpu_events both = {
		.exception = { .serror_pending = 1, .ext_dabt_pending = 1 },
	};
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	u64 pstate = self->pstate & ~BIT_ULL(8), pc; /* SError is not masked */
	struct guest_result res;

	if (guest_at_el2)
		SKIP(return, "guests at EL2 have no SError without HCR_EL2.AMO");
	reg_set(self->vcpu, ABI_PSTATE, pstate);
	guest_load(self->vcpu, NOWHERE, 8, &res);
	expect_mmio(_metadata, self->vcpu, &res);
	pc = reg_get(self->vcpu, ABI_PC);
	events_set(_metadata, self->vcpu, &both);
	guest_run(self->vcpu, &res);
	expect_abort(_metadata, self->vm, "a load that user space aborted", &res, pstate, pc, ec,
		     ABI_FSC_EXTERNAL, NOWHERE);
	guest_unmask_serror(self->vcpu, &res);
	EXPECT_TRUE(res.end == GUEST_EXCEPTION && ABI_ESR_EC(res.esr) == ABI_EC_SERROR)
	{
		TH_LOG("an SError beside an abort: the guest %s; expected it to take the SError",
		       guest_end_str(&res));
	}
}

/* A call that is refused has no effect. No document states it */
TEST_F(abort, is_not_made_by_events_that_are_refused)
{
	const struct kvm_vcpu_events bad = {
		.exception = {
			.serror_pending = 1,
			.serror_has_esr = 1,
			.serror_esr = BIT(25),
			.ext_dabt_pending = 1,
		},
	};
	struct guest_result res;
	u64 pc;

	guest_load(self->vcpu, NOWHERE, 8, &res);
	expect_mmio(_metadata, self->vcpu, &res);
	pc = reg_get(self->vcpu, ABI_PC);
	expect_err(_metadata, "KVM_SET_VCPU_EVENTS, an abort, and serror_esr",
		   bad.exception.serror_esr, -EINVAL, __events_set(self->vcpu, &bad));
	EXPECT_EQ(pc, reg_get(self->vcpu, ABI_PC))
	{
		TH_LOG("PC %#lx after KVM_SET_VCPU_EVENTS was refused; expected %#lx, as before",
		       reg_get(self->vcpu, ABI_PC), pc);
	}
	guest_run(self->vcpu, &res);
	EXPECT_EQ(GUEST_DONE, res.end)
	{
		TH_LOG("after KVM_SET_VCPU_EVENTS was refused: the guest %s; expected the load to end",
		       guest_end_str(&res));
	}
}

/* An access without a syndrome: KVM_RUN is ENOSYS, or the VMM asked to be told */
TEST_F(abort, access_without_a_syndrome_is_user_spaces_if_it_asks)
{
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	struct kvm_run *run = self->vcpu->run;
	struct guest_result res;
	u64 pc;

	if (!kvm_has_cap(KVM_CAP_ARM_NISV_TO_USER))
		SKIP(return, "this kernel has no KVM_CAP_ARM_NISV_TO_USER");
	guest_load_pair(self->vcpu, NOWHERE, &res);
	EXPECT_TRUE(res.end == GUEST_ERROR && !strcmp("ENOSYS", err_str(res.err)))
	{
		TH_LOG("a load of two registers from no memory: the guest %s; expected KVM_RUN to be ENOSYS",
		       guest_end_str(&res));
	}
	vm_enable_cap(self->vm->kvm, KVM_CAP_ARM_NISV_TO_USER, 0);
	guest_load_pair(self->vcpu, NOWHERE, &res);
	/* fault_ipa is of the page, or of the access [api.rst 5] */
	ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_ARM_NISV &&
		    run->arm_nisv.fault_ipa >> 12 == NOWHERE >> 12)
	{
		TH_LOG("a load of two registers from no memory: the guest %s, address %#llx; expected KVM_EXIT_ARM_NISV, %#llx",
		       guest_end_str(&res), run->arm_nisv.fault_ipa, NOWHERE);
	}
	EXPECT_FALSE(run->arm_nisv.esr_iss & BIT(24))
	{
		TH_LOG("KVM_EXIT_ARM_NISV with esr_iss %#llx; expected ISV, bit 24, to be 0",
		       run->arm_nisv.esr_iss);
	}
	pc = reg_get(self->vcpu, ABI_PC);
	make_pending(_metadata, self->vcpu);
	guest_run(self->vcpu, &res);
	expect_abort(_metadata, self->vm, "a load of two registers that user space aborted", &res,
		     self->pstate, pc, ec, ABI_FSC_EXTERNAL, NOWHERE);
	expect_goes_on(_metadata, self->vcpu);
}

/* KVM's own aborts. No document has them */

TEST_F(abort, fetch_from_no_memory_aborts)
{
	u32 ec = variant->lower ? ABI_EC_IABT_LOWER : ABI_EC_IABT_SAME;
	struct guest_result res;

	reg_set(self->vcpu, ABI_PC, VM_NO_MEMORY);
	guest_run(self->vcpu, &res);
	expect_abort(_metadata, self->vm, "a fetch from no memory", &res, self->pstate,
		     VM_NO_MEMORY, ec, ABI_FSC_EXTERNAL, VM_NO_MEMORY);
}

/* The address is within ID_AA64MMFR0_EL1.PARange, so that it is no address size fault */
TEST_F(abort, load_beyond_the_ipa_space_aborts)
{
	u32 ec = variant->lower ? ABI_EC_DABT_LOWER : ABI_EC_DABT_SAME;
	u64 beyond = 1ULL << ABI_DEFAULT_IPA_BITS | 0x128;
	struct guest_result res;

	if (vm_ipa_limit() <= ABI_DEFAULT_IPA_BITS)
		SKIP(return, "this host's IPA space has no more than 40 bits");
	guest_load(self->vcpu, beyond, 8, &res);
	if (res.end == GUEST_EXIT && res.reason == KVM_EXIT_MMIO)
		SKIP(return, "this kernel leaves accesses beyond the IPA space to user space");
	expect_abort(_metadata, self->vm, "a load beyond the IPA space", &res, self->pstate,
		     res.elr, ec, ABI_FSC_EXTERNAL, beyond);
	EXPECT_EQ(MARKER, res.x[0])
	{
		TH_LOG("a load beyond the IPA space gave %#lx; expected x0 to be as before, %#llx",
		       res.x[0], MARKER);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
