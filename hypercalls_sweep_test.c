// SPDX-License-Identifier: GPL-2.0
/*
 * hypercalls_sweep_test: no function id is answered but those of the table.
 *
 * Holds KVM to
 *   Arm DEN0028 (SMCCC)                        the calling convention
 *   Documentation/virt/kvm/arm/hypercalls.rst  KVM's vendor calls
 *
 * A guest calls every function id of a range. PSCI is left out, since its calls have effects.
 *
 * Option, in addition to the harness's own:
 *   --sweep=near    only the function numbers around assigned ones
 *   --sweep=hyp     every number of fast calls of the hypervisor owners, standard and vendor
 *   --sweep=served  every number of the owners that KVM serves (the default)
 *   --sweep=all     every number of every owner, too
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "vm.h"

#define MAX_RANGES (ABI_NR_OWNERS * 4 + 64)
#define MAX_ANSWERS 64
#define MAX_SWEEP 4096 /* ids that a guest calls in one KVM_RUN, which WATCH_LIMIT is for */

enum sweep_width {
	SWEEP_NEAR,
	SWEEP_HYP,
	SWEEP_SERVED,
	SWEEP_ALL,
};

static const char *const sweep_widths[] = {
	[SWEEP_NEAR] = "near",
	[SWEEP_HYP] = "hyp",
	[SWEEP_SERVED] = "served",
	[SWEEP_ALL] = "all",
};

static enum sweep_width sweep_asked = SWEEP_SERVED;

/* Remove --sweep from argv; returns the new argc, or -1 */
static int sweep_options(int argc, char **argv)
{
	static const char option[] = "--sweep=";
	unsigned int w;
	int i, kept = 1;

	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], option, strlen(option))) {
			argv[kept++] = argv[i];
			continue;
		}
		for (w = 0; w < ARRAY_SIZE(sweep_widths); w++) {
			if (!strcmp(argv[i] + strlen(option), sweep_widths[w]))
				break;
		}
		if (w == ARRAY_SIZE(sweep_widths)) {
			fprintf(stderr, "%s: %s is not near, hyp, served or all\n", argv[0],
				argv[i]);
			return -1;
		}
		sweep_asked = w;
	}
	argv[kept] = NULL;
	return kept;
}

/* The hypervisor's own come first */
#define NR_HYP_OWNERS 2

static const u32 served_owners[] = {
	ABI_OWNER_STD_HYP,
	ABI_OWNER_VENDOR_HYP,
	ABI_OWNER_ARCH,
	ABI_OWNER_STD,
};

/* Function numbers around those that are assigned */
static const struct {
	u32 first, last;
} near_numbers[] = {
	{ 0x0000, 0x00ff }, /* every service's own calls */
	{ 0x3ff0, 0x400f }, /* SMCCC_ARCH_WORKAROUND_3 */
	{ 0x7ff0, 0x800f }, /* SMCCC_ARCH_WORKAROUND_2 and _1 */
	{ 0xff00, 0xff1f }, /* a service's UID and revision */
	{ 0xfff0, 0xffff },
};

struct sweep_range {
	u32 first, last;
};

struct sweep_answer {
	u32 id;
	u64 x[4];
};

struct sweep_job {
	enum conduit conduit;
	struct sweep_range range[MAX_RANGES];
	unsigned int nr_ranges, next_range;
	struct sweep_answer answer[MAX_ANSWERS];
	unsigned int nr_answers; /* may go above MAX_ANSWERS */
	u64 calls;
};

/* 32- and 64-bit, fast ones first */
#define NR_FAST_KINDS 2

static const u32 call_kinds[] = {
	ABI_FAST_CALL,
	ABI_FAST_CALL | ABI_CALL_64,
	0,
	ABI_CALL_64,
};

static void add_range(struct sweep_job *job, u32 first, u32 last)
{
	while (first <= last && smccc_is_psci(first))
		first++;
	if (first > last)
		return;
	job->range[job->nr_ranges++] = (struct sweep_range){ first, last };
}

static void add_owner(struct sweep_job *job, u32 owner, unsigned int nr_kinds, bool near)
{
	unsigned int k, n;

	for (k = 0; k < nr_kinds; k++) {
		u32 base = call_kinds[k] | owner << ABI_OWNER_SHIFT;

		if (!near) {
			add_range(job, base, base + ABI_NR_FUNCTIONS - 1);
			continue;
		}
		for (n = 0; n < ARRAY_SIZE(near_numbers); n++)
			add_range(job, base + near_numbers[n].first, base + near_numbers[n].last);
	}
}

static void add_owners(struct sweep_job *job, enum sweep_width width)
{
	const unsigned int nr_kinds = width == SWEEP_HYP ? NR_FAST_KINDS : ARRAY_SIZE(call_kinds);
	unsigned int i;

	if (width == SWEEP_ALL) {
		for (i = 0; i < ABI_NR_OWNERS; i++)
			add_owner(job, i, nr_kinds, false);
		return;
	}
	for (i = 0; i < (width == SWEEP_HYP ? NR_HYP_OWNERS : ARRAY_SIZE(served_owners)); i++)
		add_owner(job, served_owners[i], nr_kinds, width == SWEEP_NEAR);
}

/* The next part of what is left to call */
static bool take_range(struct sweep_job *job, struct sweep_range *range)
{
	struct sweep_range *left = &job->range[job->next_range];

	if (job->next_range == job->nr_ranges)
		return false;
	*range = *left;
	if (left->last - left->first < MAX_SWEEP) {
		job->next_range++;
	} else {
		range->last = left->first + MAX_SWEEP - 1;
		left->first += MAX_SWEEP;
	}
	return true;
}

static void add_answer(struct sweep_job *job, u32 id, const u64 x[4])
{
	if (job->nr_answers < MAX_ANSWERS) {
		job->answer[job->nr_answers].id = id;
		memcpy(job->answer[job->nr_answers].x, x, sizeof(job->answer[0].x));
	}
	job->nr_answers++;
}

/* How the guest ended in @res: GUEST_DONE, unless something failed */
static void call_ranges(struct sweep_job *job, struct kvm_vcpu *vcpu, struct guest_result *res)
{
	struct sweep_range range;

	while (take_range(job, &range)) {
		struct guest_sweep sweep = { .next = range.first, .last = range.last };

		do {
			guest_sweep(vcpu, job->conduit, &sweep, res);
			if (res->end == GUEST_ANSWERED)
				add_answer(job, sweep.answered, res->x);
		} while (res->end == GUEST_ANSWERED && sweep.answered != sweep.last);
		job->calls += sweep.calls;
		if (res->end == GUEST_ANSWERED)
			res->end = GUEST_DONE;
		if (res->end != GUEST_DONE)
			return;
	}
}

static const struct sweep_answer *find_answer(const struct sweep_job *job, u32 id)
{
	unsigned int i;

	for (i = 0; i < job->nr_answers && i < MAX_ANSWERS; i++) {
		if (job->answer[i].id == id)
			return &job->answer[i];
	}
	return NULL;
}

FIXTURE(sweep)
{
	struct test_vm *vm;
	struct fw_config cfg;
	struct sweep_job job;
};

FIXTURE_VARIANT(sweep)
{
	enum sweep_width width;
	bool smc; /* by SMC, whatever the guest's own conduit is */
	bool on;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(sweep, near_off) { SWEEP_NEAR, false, false };
FIXTURE_VARIANT_ADD(sweep, near_on) { SWEEP_NEAR, false, true };
FIXTURE_VARIANT_ADD(sweep, near_smc_off) { SWEEP_NEAR, true, false };
FIXTURE_VARIANT_ADD(sweep, near_smc_on) { SWEEP_NEAR, true, true };
FIXTURE_VARIANT_ADD(sweep, hyp_on) { SWEEP_HYP, false, true };
FIXTURE_VARIANT_ADD(sweep, served_off) { SWEEP_SERVED, false, false };
FIXTURE_VARIANT_ADD(sweep, served_on) { SWEEP_SERVED, false, true };
FIXTURE_VARIANT_ADD(sweep, all_off) { SWEEP_ALL, false, false };
FIXTURE_VARIANT_ADD(sweep, all_on) { SWEEP_ALL, false, true };
/* clang-format on */

FIXTURE_SETUP(sweep)
{
	const char *missing;

	/* the wider sweep repeats the narrower one's calls */
	if (variant->width > sweep_asked)
		SKIP(return, "not asked for: --sweep=%s", sweep_widths[variant->width]);

	host_fw(&self->cfg);
	missing = variant->smc ? host_missing_conduit(CONDUIT_SMC) : NULL;
	if (missing)
		SKIP(return, "%s", missing);
	if (variant->smc && guest_at_el2)
		SKIP(return, "the guest's own conduit is SMC");
	if (!variant->on && !self->cfg.has_reg[BMAP_STD])
		SKIP(return, "this kernel has no bitmap registers");

	if (variant->on)
		fw_all_on(&self->cfg);
	else
		fw_all_off(&self->cfg);
	/* Without a vGIC KVM masks the host's timer interrupt for each exit, which doubles its cost */
	self->vm = test_vm_create(1, 0, host_vgic_v3());
	fw_apply(self->vm->vcpu[0], &self->cfg);

	self->job.conduit = variant->smc ? CONDUIT_SMC : guest_conduit(self->vm);
	add_owners(&self->job, variant->width);
}

FIXTURE_TEARDOWN(sweep)
{
	test_vm_free(self->vm);
}

static void sweep_run(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) * self)
{
	struct timespec start, end;
	struct guest_result res;

	clock_gettime(CLOCK_MONOTONIC, &start);
	call_ranges(&self->job, self->vm->vcpu[0], &res);
	clock_gettime(CLOCK_MONOTONIC, &end);
	TH_LOG("%lu calls in %.2f s", self->job.calls,
	       end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);

	expect_end(_metadata, "a sweep", &res);
	EXPECT_LE(self->job.nr_answers, MAX_ANSWERS)
	{
		TH_LOG("%u function ids are answered; expected %u at most", self->job.nr_answers,
		       MAX_ANSWERS);
	}
}

static void expect_in_table(struct __test_metadata *_metadata, const FIXTURE_DATA(sweep) * self,
			    const struct sweep_answer *answer)
{
	/* a sweep has zero in x1 */
	const struct smccc_call *call = smccc_call(answer->id, 0);

	/*
	 * KVM answers these before it looks at any register, and they return nothing
	 * [DEN0028 7.5]: docs/contract.md.
	 */
	if (self->job.conduit == CONDUIT_HVC && smccc_is_workaround(answer->id) &&
	    answer->x[0] == ABI_SUCCESS)
		return;

	EXPECT_NE(NULL, call)
	{
		TH_LOG("%s %s (x0 %#x, x1 0) answered x0-x3 %#lx %#lx %#lx %#lx; expected NOT_SUPPORTED 0 0 0, since the table has no such call",
		       conduit_str(self->job.conduit), smccc_function_str(answer->id), answer->id,
		       answer->x[0], answer->x[1], answer->x[2], answer->x[3]);
		count_failure(_metadata);
	}
	if (call)
		expect_answer(_metadata, self->vm->vcpu[0], self->job.conduit, call, &self->cfg,
			      answer->x);
}

/* What a guest may call, by the table or by the level of a workaround, was answered */
static void expect_table_answered(struct __test_metadata *_metadata,
				  const FIXTURE_DATA(sweep) * self)
{
	const u64 none[4] = { ABI_NOT_SUPPORTED };
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		if (!call->arg && !find_answer(&self->job, call->id))
			expect_answer(_metadata, self->vm->vcpu[0], self->job.conduit, call,
				      &self->cfg, none);
	}

	for (i = 0; self->job.conduit == CONDUIT_HVC && i < ARRAY_SIZE(smccc_workarounds); i++) {
		const struct smccc_workaround *wa = &smccc_workarounds[i];

		EXPECT_TRUE(find_answer(&self->job, wa->id) ||
			    !workaround_offered(self->vm->vcpu[0], wa))
		{
			TH_LOG("HVC SMCCC_ARCH_WORKAROUND_%u (x0 %#x) is NOT_SUPPORTED; expected SUCCESS, by the level of its firmware register",
			       wa->reg, wa->id);
		}
	}
}

TEST_F(sweep, only_the_table_answers)
{
	unsigned int i;

	sweep_run(_metadata, self);
	for (i = 0; i < self->job.nr_answers && i < MAX_ANSWERS; i++)
		expect_in_table(_metadata, self, &self->job.answer[i]);
	/* This sweep leaves out owners of the table */
	if (variant->width != SWEEP_HYP)
		expect_table_answered(_metadata, self);
}

int main(int argc, char **argv)
{
	argc = sweep_options(argc, argv);
	if (argc < 0)
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
