// SPDX-License-Identifier: GPL-2.0
/*
 * imp_id_test: one value in the VM of each register that identifies the implementation,
 * whichever kind of core a vCPU is on.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 7.42  KVM_CAP_ARM_WRITABLE_IMP_ID_REGS
 *
 * Without that capability a guest reads what the core has, on hosts with two kinds either.
 */
#include <sched.h>

#include "harness.h"

#include "abi.h"
#include "cpu_kind.h"
#include "expect.h"
#include "guest.h"
#include "reg_history.h"
#include "vm.h"

/* MIDR_EL1, REVIDR_EL1 and AIDR_EL1 for guest_id_reg() */
static const unsigned int imp_id_regs[] = { 56, 58, 59 };

FIXTURE(mixed_cores)
{
	struct test_vm *vm;
	cpu_set_t home;
	int other;
};

FIXTURE_SETUP(mixed_cores)
{
	self->other = cpu_kind_other();
	if (self->other < 0)
		SKIP(return, "this host has one kind of core");
	if (!kvm_has_cap(ABI_CAP_ARM_WRITABLE_IMP_ID_REGS))
		SKIP(return, "this kernel has no KVM_CAP_ARM_WRITABLE_IMP_ID_REGS");
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(self->home), &self->home));
	self->vm = test_vm_create(1, 0, VM_IMP_ID_REGS);
}

FIXTURE_TEARDOWN(mixed_cores)
{
	test_vm_free(self->vm);
}

static void expect_imp_id_regs(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			       u64 val[ARRAY_SIZE(imp_id_regs)], const char *where)
{
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(imp_id_regs); i++) {
		u64 id = guest_id_reg(vcpu, imp_id_regs[i], &res), now = reg_get(vcpu, id);

		expect_end(_metadata, reg_name(id), &res);
		if (!where)
			val[i] = now;
		EXPECT_TRUE(res.x[0] == val[i] && now == val[i])
		{
			TH_LOG("%s %s: the guest reads %#lx, KVM_GET_ONE_REG %#lx; expected %#lx, as the VM had it at first",
			       reg_name(id), where ?: "on the first core", res.x[0], now, val[i]);
		}
	}
}

TEST_F(mixed_cores, implementation_registers_stay_when_the_thread_moves)
{
	u64 val[ARRAY_SIZE(imp_id_regs)];
	cpu_set_t cpus;

	expect_imp_id_regs(_metadata, self->vm->vcpu[0], val, NULL);
	CPU_ZERO(&cpus);
	CPU_SET(self->other, &cpus);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
	expect_imp_id_regs(_metadata, self->vm->vcpu[0], val, "on a core of another kind");
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(self->home), &self->home));
	expect_imp_id_regs(_metadata, self->vm->vcpu[0], val, "back on the first kind");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
