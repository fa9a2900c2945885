/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks that report what a maintainer needs: the register or call, what was
 * asked of KVM, what it answered, and what it should have answered.
 *
 * To be included after kselftest_harness.h; every check takes the harness's
 * _metadata, goes on after a failure, and prints values in hex.
 */
#ifndef GUEST_ABI_VERDICT_H
#define GUEST_ABI_VERDICT_H

#include "process.h"
#include "smccc.h"

/* "0" or the name of a negative errno */
static inline const char *err_str(int err)
{
	return err ? strerrorname_np(-err) ?: "an unknown errno" : "0";
}

/*
 * Enough vCPUs to tell one from the others. Guests at EL2 make do with two: one takes
 * half a second to tear down where KVM is emulated.
 */
static inline unsigned int few_vcpus(void)
{
	return guest_at_el2 ? 2 : 3;
}

/* At exit: a program whose tests were all skipped is one, and no test is no pass */
static inline void judge_nothing(int status, void *instead)
{
	if (status || ksft_cnt.ksft_pass || ksft_cnt.ksft_xfail || ksft_cnt.ksft_xpass)
		return;
	*(int *)instead = ksft_cnt.ksft_xskip ? KSFT_SKIP : KSFT_FAIL;
	if (!ksft_cnt.ksft_xskip)
		fprintf(stderr, "# no test was executed\n");
}

/* What main() returns: a whole program is skipped where its kind of guest is not on offer */
static inline int run_tests(int argc, char **argv)
{
	if (guest_at_el2 && !kvm_has_cap(ABI_CAP_ARM_EL2)) {
		ksft_print_header();
		ksft_exit_skip("this host offers no EL2 to guests\n");
	}
	if (on_exit(judge_nothing, &process_status))
		ksft_exit_fail_msg("no memory\n");
	return test_harness_run(argc, argv);
}

/* One defect can fail thousands of checks: a test that failed this many ends */
#define MAX_FAILURES 16

static inline void count_failure(struct __test_metadata *_metadata)
{
	static unsigned int failures;

	/* Not left to ASSERT: in the handler of an EXPECT even one that holds ends the test */
	if (++failures < MAX_FAILURES)
		return;
	ASSERT_GT(MAX_FAILURES, failures)
	{
		TH_LOG("enough failures: this test ends here");
	}
}

static inline void expect_get(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      const struct fw_bitmap *reg, u64 want)
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

/* Write val, see want_err, and read want_val back afterwards */
static inline void expect_set(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			      const struct fw_bitmap *reg, u64 val, int want_err, u64 want_val)
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

static inline void expect_end(struct __test_metadata *_metadata, const char *what,
			      const struct guest_result *res)
{
	ASSERT_EQ(GUEST_DONE, res->end)
	{
		TH_LOG("%s: %s; KVM_EXIT reason %u, %s, ESR %#lx ELR %#lx FAR %#lx", what,
		       guest_end_str(res), res->reason, err_str(res->err), res->esr, res->elr,
		       res->far);
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
		       conduit == CONDUIT_HVC ? "HVC" : "SMC", call->name, call->id, call->arg,
		       vcpu->id, cfg->bmap[0], cfg->bmap[1], cfg->bmap[2], cfg->bmap[3]);
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
	struct guest_row_call row[GUEST_MAX_CALLS] = { 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		row[i].in[0] = smccc_calls[i].id;
		row[i].in[1] = smccc_calls[i].arg;
	}
	guest_calls(vm, cpu, conduit, row, nr_smccc_calls, &res);
	expect_end(_metadata, "the calls of the table", &res);
	for (i = 0; i < nr_smccc_calls; i++)
		expect_answer(_metadata, vm->vcpu[cpu], conduit, &smccc_calls[i], cfg, row[i].out);
}

#endif /* GUEST_ABI_VERDICT_H */
