/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of the SMCCC filter. For *_test.c alone, like expect.h.
 */
#ifndef GUEST_ABI_FILTER_EXPECT_H
#define GUEST_ABI_FILTER_EXPECT_H

#include "abi.h"
#include "expect.h"
#include "filter.h"
#include "reg_value.h"

/* A range of ids that nobody's calls are in, for filters whose effect is no matter */
#define FREE_BASE 0x87000000U

static const u64 not_supported[4] = { ABI_NOT_SUPPORTED };

#define NR_PSCI_0_1 (ABI_PSCI_0_1_MIGRATE - ABI_PSCI_0_1_CPU_SUSPEND + 1)

/* Every PSCI function number in both widths, and then PSCI 0.1's */
#define NR_PSCI_IDS ((ABI_PSCI_LAST - ABI_PSCI_FIRST + 1) * 2 + NR_PSCI_0_1)

static inline u32 psci_id(unsigned int i)
{
	if (i >= NR_PSCI_IDS - NR_PSCI_0_1)
		return ABI_PSCI_0_1_CPU_SUSPEND + i - (NR_PSCI_IDS - NR_PSCI_0_1);
	return (ABI_PSCI_FIRST + i / 2) | (i % 2 ? ABI_CALL_64 : 0);
}

/* What an errno of the attribute means [devices/vm.rst 6.1] */
static inline const char *filter_err_meaning(int err)
{
	switch (err) {
	case 0:
		return "the range is valid and free";
	case -EBUSY:
		return "a vCPU has run";
	case -EEXIST:
		return "the range meets another filter or the Arm architecture calls";
	case -EINVAL:
		return "the range is empty or wraps, the action is unknown, or the padding is not zero";
	default:
		return "see devices/vm.rst 6.1";
	}
}

static inline void expect_filter(struct __test_metadata *_metadata, struct test_vm *vm,
				 const struct smccc_filter *filter, int want_err)
{
	int err = __filter_set(vm, filter);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_ARM_VM_SMCCC_FILTER base %#x nr_functions %#x action %s: %s; expected %s: %s",
		       filter->base, filter->nr_functions, filter_action_str(filter->action),
		       err_str(err), err_str(want_err), filter_err_meaning(want_err));
		count_failure(_metadata);
	}
}

/* x0 to x3 that a call came back with */
static inline void expect_results(struct __test_metadata *_metadata, const char *what, u32 id,
				  const u64 x[4], const u64 want[4])
{
	EXPECT_TRUE(same_bytes(x, want, 4 * sizeof(x[0])))
	{
		TH_LOG("%s %#x: x0-x3 %#lx %#lx %#lx %#lx; expected %#lx %#lx %#lx %#lx", what, id,
		       x[0], x[1], x[2], x[3], want[0], want[1], want[2], want[3]);
		count_failure(_metadata);
	}
}

/* The registers hold what they were set to, whatever the filter */
static inline void expect_bitmaps(struct __test_metadata *_metadata, struct test_vm *vm,
				  const struct fw_config *cfg)
{
	unsigned int i;

	for (i = 0; i < NR_BMAPS; i++) {
		if (cfg->has_reg[i])
			expect_get(_metadata, vm->vcpu[0], &fw_bitmaps[i].reg, cfg->bmap[i]);
	}
}

/* The call exited to user space, or the test ends; the exit says which call it was */
static inline void expect_forwarded(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				    enum conduit conduit, u32 id, const struct guest_result *res)
{
	u64 flags = conduit == CONDUIT_SMC ? ABI_HYPERCALL_EXIT_SMC : 0;

	ASSERT_TRUE(res->end == GUEST_EXIT && res->reason == KVM_EXIT_HYPERCALL)
	{
		TH_LOG("%s %#x on vCPU %u, which the filter forwards: the guest %s, x0 %#lx; expected KVM_EXIT_HYPERCALL",
		       conduit_str(conduit), id, vcpu->id, guest_end_str(res), res->x[0]);
	}
	EXPECT_TRUE(vcpu->run->hypercall.nr == id && vcpu->run->hypercall.flags == flags)
	{
		TH_LOG("%s %#x on vCPU %u: KVM_EXIT_HYPERCALL with nr %#llx flags %#llx; expected nr %#x flags %#lx, where bit 0 is SMC",
		       conduit_str(conduit), id, vcpu->id, vcpu->run->hypercall.nr,
		       vcpu->run->hypercall.flags, id, flags);
		count_failure(_metadata);
	}
}

/* Let the guest run on, which comes back: it has no other exit */
static inline void expect_run_on(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				 struct guest_result *res)
{
	guest_run(vcpu, res);
	expect_end(_metadata, "KVM_RUN after a forwarded call", res);
}

#endif /* GUEST_ABI_FILTER_EXPECT_H */
