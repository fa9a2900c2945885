// SPDX-License-Identifier: GPL-2.0
/*
 * imp_id_test: the registers that identify the implementation: one value in the VM, whichever
 * kind of core a vCPU is on, and one that the VMM may choose.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 7.42  KVM_CAP_ARM_WRITABLE_IMP_ID_REGS
 *
 * Without that capability they are invariant, and a guest reads what the core has, on hosts
 * with two kinds either.
 */
#include <sched.h>

#include "harness.h"

#include "cpu_kind.h"
#include "id_expect.h"

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

/* The capability, and what it lets a VMM write */

FIXTURE(imp_id)
{
	struct test_vm *vm;
	u64 reset;
};

FIXTURE_VARIANT(imp_id)
{
	u64 id;
	u64 writable; /* bits that may be set */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(imp_id, midr_el1) { ABI_MIDR_EL1, GENMASK_ULL(31, 0) };
FIXTURE_VARIANT_ADD(imp_id, revidr_el1) { ABI_REG_SYS(3, 0, 0, 0, 6), GENMASK_ULL(63, 0) };
FIXTURE_VARIANT_ADD(imp_id, aidr_el1) { ABI_REG_SYS(3, 1, 0, 0, 7), GENMASK_ULL(63, 0) };
/* clang-format on */

static bool has_imp_id_cap(void)
{
	return kvm_has_cap(ABI_CAP_ARM_WRITABLE_IMP_ID_REGS);
}

FIXTURE_SETUP(imp_id)
{
	self->vm = test_vm_create(2, 0, has_imp_id_cap() ? VM_IMP_ID_REGS : 0);
	self->reset = reg_get(self->vm->vcpu[0], variant->id);
}

FIXTURE_TEARDOWN(imp_id)
{
	test_vm_free(self->vm);
}

static void expect_everywhere(struct __test_metadata *_metadata, struct test_vm *vm, u64 id,
			      u64 want, const char *when)
{
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		struct guest_reg reg = { .id = id };

		expect_id_get(_metadata, vm->vcpu[i], id, want, when);
		guest_regs(vm, i, &reg, 1, &res);
		expect_end(_metadata, "reading an ID register", &res);
		EXPECT_TRUE(reg.how == GUEST_REG_DONE && reg.val == want)
		{
			TH_LOG("MRS of %s on vCPU %u %s: the guest gets %s; expected the value %#lx",
			       reg_name(id), i, when, guest_reg_str(&reg), want);
		}
	}
}

TEST_F(imp_id, is_the_cpus_without_the_capability)
{
	struct test_vm *vm = test_vm_create(2, 0, 0);

	expect_id_refused(_metadata, vm->vcpu[1], variant->id, self->reset ^ 1, self->reset, false,
			  "without the capability");
	expect_id_set(_metadata, vm->vcpu[1], variant->id, self->reset, 0, self->reset, "as it is");
	expect_everywhere(_metadata, vm, variant->id, self->reset, "without the capability");
	expect_id_set(_metadata, vm->vcpu[1], variant->id, self->reset, 0, self->reset,
		      "the same after the run");
	test_vm_free(vm);
}

TEST_F(imp_id, chosen_value_is_the_vms)
{
	/* another implementer, or all bits */
	u64 val = ~self->reset & variant->writable;

	if (!has_imp_id_cap())
		SKIP(return, "this kernel has no KVM_CAP_ARM_WRITABLE_IMP_ID_REGS");
	expect_id_set(_metadata, self->vm->vcpu[1], variant->id, val, 0, val, "another value");
	expect_id_get(_metadata, self->vm->vcpu[0], variant->id, val, "as set on vCPU 1");
	test_vcpu_reinit(self->vm, 0);
	test_vm_add_vcpu(self->vm);
	expect_id_get(_metadata, self->vm->vcpu[2], variant->id, val, "that was made later");
	/* KVM in protected mode runs no vCPU that was made after the first run */
	expect_everywhere(_metadata, self->vm, variant->id, val, "as set on vCPU 1");

	expect_id_set(_metadata, self->vm->vcpu[0], variant->id, val, 0, val,
		      "the same after the run");
	expect_id_set(_metadata, self->vm->vcpu[0], variant->id, self->reset, -EBUSY, val,
		      "another value after the run");
	test_vcpu_reinit(self->vm, 1);
	expect_everywhere(_metadata, self->vm, variant->id, val, "after KVM_ARM_VCPU_INIT");
}

TEST_F(imp_id, bits_that_are_not_writable_are_refused)
{
	unsigned int bit;

	if (!has_imp_id_cap())
		SKIP(return, "this kernel has no KVM_CAP_ARM_WRITABLE_IMP_ID_REGS");
	for (bit = 0; bit < 64; bit++)
		if (!(variant->writable & BIT_ULL(bit)))
			expect_id_refused(_metadata, self->vm->vcpu[0], variant->id,
					  (self->reset ^ 1) | BIT_ULL(bit), self->reset, false,
					  "bits 63:32");
}

FIXTURE(imp_id_cap)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(imp_id_cap)
{
	if (!has_imp_id_cap())
		SKIP(return, "this kernel has no KVM_CAP_ARM_WRITABLE_IMP_ID_REGS");
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(imp_id_cap)
{
	test_vm_free(self->vm);
}

TEST_F(imp_id_cap, comes_before_the_vcpus)
{
	struct kvm_enable_cap cap = { .cap = ABI_CAP_ARM_WRITABLE_IMP_ID_REGS };

	expect_err(_metadata, "KVM_ENABLE_CAP once there is a vCPU, capability", cap.cap, -EINVAL,
		   ioctl_err(ioctl(self->vm->kvm->fd, KVM_ENABLE_CAP, &cap)));
	expect_id_refused(_metadata, self->vm->vcpu[0], ABI_MIDR_EL1,
			  reg_get(self->vm->vcpu[0], ABI_MIDR_EL1) ^ 1,
			  reg_get(self->vm->vcpu[0], ABI_MIDR_EL1), false,
			  "without the capability");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
