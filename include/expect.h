/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks that report what a maintainer needs: the register or call, what was
 * asked of KVM, what it answered, and what it should have answered.
 *
 * Every check takes the harness's _metadata, goes on after a failure, and prints values
 * in hex. For *_test.c alone: the harness works in one source file only.
 */
#ifndef GUEST_ABI_EXPECT_H
#define GUEST_ABI_EXPECT_H

#include <sys/mman.h>

#include "kselftest_harness.h"

#include "kvm_reg.h"
#include "reg_list.h"
#include "smccc.h"

/*
 * Enough vCPUs to tell one from the others. Of guests at EL2 there are only two: each is
 * slow to tear down on an emulated host.
 */
static inline unsigned int few_vcpus(void)
{
	return guest_at_el2 ? 2 : 3;
}

/* An address at which nothing is mapped */
static inline void *unmapped_page(struct __test_metadata *_metadata)
{
	void *page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, munmap(page, getpagesize()));
	return page;
}

/* One defect can fail thousands of checks: a test that failed this many ends */
#define MAX_FAILURES 16

static inline void count_failure(struct __test_metadata *_metadata)
{
	static unsigned int failures;

	/* Return before ASSERT_*: inside an EXPECT handler it ends the test even if it holds */
	if (++failures < MAX_FAILURES)
		return;
	ASSERT_GT(MAX_FAILURES, failures)
	{
		TH_LOG("enough failures: this test ends here");
	}
}

/* KVM_GET_REG_LIST of the vCPU names the register once */
static inline void expect_listed_once(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				      const struct fw_reg *reg)
{
	unsigned int count = reg_listed(vcpu, reg->id);

	EXPECT_EQ(1, count)
	{
		TH_LOG("KVM_GET_REG_LIST names %s %u times; expected once", reg->name, count);
	}
}

static inline void expect_get(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      const struct fw_reg *reg, u64 want)
{
	u64 val = ~want;
	int err = __reg_get(vcpu, reg->id, &val);

	EXPECT_TRUE(!err && val == want)
	{
		TH_LOG("KVM_GET_ONE_REG %s on vCPU %u: %s, value %#lx; expected 0, value %#lx",
		       reg->name, vcpu->id, err_str(err), val, want);
		count_failure(_metadata);
	}
}

/* Write val, expect want_err, and read want_val back */
static inline void expect_set(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      const struct fw_reg *reg, u64 val, int want_err, u64 want_val)
{
	int err = __reg_set(vcpu, reg->id, val);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_SET_ONE_REG %s to %#lx on vCPU %u: %s; expected %s", reg->name, val,
		       vcpu->id, err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
	expect_get(_metadata, vcpu, reg, want_val);
}

static inline void expect_err(struct __test_metadata *_metadata, const char *what, u64 arg,
			      int want_err, int err)
{
	EXPECT_EQ(want_err, err)
	{
		TH_LOG("%s, %#lx: %s; expected %s", what, arg, err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
}

/* The guest has done what it was made to do, or the test ends */
static inline void expect_end(struct __test_metadata *_metadata, const char *what,
			      const struct guest_result *res)
{
	ASSERT_EQ(GUEST_DONE, res->end)
	{
		TH_LOG("%s: the guest %s; expected it to come back", what, guest_end_str(res));
	}
}

static inline void expect_answer(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				 enum conduit conduit, const struct smccc_call *call,
				 const struct fw_config *cfg, const u64 x[4])
{
	struct smccc_expect e;

	smccc_expect(call, cfg, vcpu, conduit, &e);
	EXPECT_TRUE(smccc_matches(&e, x))
	{
		TH_LOG("%s %s (x0 %#x, x1 %#lx) on vCPU %u with bitmaps %#lx %#lx %#lx %#lx",
		       conduit_str(conduit), call->name, call->id, call->arg, vcpu->id,
		       cfg->bmap[0], cfg->bmap[1], cfg->bmap[2], cfg->bmap[3]);
		TH_LOG("  answered x0-x3 %#lx %#lx %#lx %#lx", x[0], x[1], x[2], x[3]);
		TH_LOG("  expected       %#lx %#lx %#lx %#lx", e.val[0], e.val[1], e.val[2],
		       e.val[3]);
		TH_LOG("  in the bits of %#lx %#lx %#lx %#lx", e.mask[0], e.mask[1], e.mask[2],
		       e.mask[3]);
		count_failure(_metadata);
	}
}

/* Make the guest do every call of the table and hold the answers to the table */
static inline void expect_all_calls(struct __test_metadata *_metadata, struct test_vm *vm,
				    unsigned int cpu, enum conduit conduit,
				    const struct fw_config *cfg)
{
	struct guest_batch_call call[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		call[i].in[0] = smccc_calls[i].id;
		call[i].in[1] = smccc_calls[i].arg;
	}
	guest_call_batch(vm, cpu, conduit, call, nr_smccc_calls, &res);
	expect_end(_metadata, "the calls of the table", &res);
	for (i = 0; i < nr_smccc_calls; i++)
		expect_answer(_metadata, vm->vcpu[cpu], conduit, &smccc_calls[i], cfg, call[i].out);
}

#endif /* GUEST_ABI_EXPECT_H */
