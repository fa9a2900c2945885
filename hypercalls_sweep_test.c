// SPDX-License-Identifier: GPL-2.0
/*
 * hypercalls_sweep_test: no function id is answered but those of the table.
 *
 * Holds KVM to
 *   Arm DEN0028 (SMCCC)                        the calling convention
 *   Documentation/virt/kvm/arm/hypercalls.rst  KVM's vendor calls
 *
 * Guests call every function id of a range; two at once, since the ranges are long. PSCI is
 * left out, since its calls have effects.
 *
 * Option, in addition to the harness's own:
 *   --sweep=near    only the function numbers around assigned ones
 *   --sweep=served  every number of the owners that KVM serves (the default)
 *   --sweep=all     every number of every owner, too
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "vm.h"

#define NR_SWEEPERS 2
#define MAX_RANGES (ABI_NR_OWNERS * 4 + 64)
#define MAX_ANSWERS 64
#define MAX_SWEEP 4096 /* ids that a guest calls in one KVM_RUN, which WATCH_LIMIT is for */

enum sweep_width {
	SWEEP_NEAR,
	SWEEP_SERVED,
	SWEEP_ALL,
};

static const char *const sweep_widths[] = {
	[SWEEP_NEAR] = "near",
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
			fprintf(stderr, "%s: %s is not near, served or all\n", argv[0], argv[i]);
			return -1;
		}
		sweep_asked = w;
	}
	argv[kept] = NULL;
	return kept;
}

static const u32 served_owners[] = {
	ABI_OWNER_ARCH,
	ABI_OWNER_STD,
	ABI_OWNER_STD_HYP,
	ABI_OWNER_VENDOR_HYP,
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

/* Shared by the sweepers */
struct sweep_job {
	pthread_mutex_t lock;
	enum conduit conduit;
	struct sweep_range range[MAX_RANGES];
	unsigned int nr_ranges, next_range;
	struct sweep_answer answer[MAX_ANSWERS];
	unsigned int nr_answers; /* may go above MAX_ANSWERS */
	struct guest_result failed; /* end is GUEST_DONE if nothing failed */
	u64 calls;
};

struct sweeper {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	struct sweep_job *job;
};

/* Fast and yielding, 32- and 64-bit */
static const u32 call_kinds[] = {
	0,
	ABI_CALL_64,
	ABI_FAST_CALL,
	ABI_FAST_CALL | ABI_CALL_64,
};

static void add_range(struct sweep_job *job, u32 first, u32 last)
{
	while (first <= last && smccc_is_psci(first))
		first++;
	if (first > last)
		return;
	job->range[job->nr_ranges++] = (struct sweep_range){ first, last };
}

static void add_owner(struct sweep_job *job, u32 owner, bool near)
{
	unsigned int k, n;

	for (k = 0; k < ARRAY_SIZE(call_kinds); k++) {
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
	unsigned int i;

	if (width == SWEEP_ALL) {
		for (i = 0; i < ABI_NR_OWNERS; i++)
			add_owner(job, i, false);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(served_owners); i++)
		add_owner(job, served_owners[i], width == SWEEP_NEAR);
}

/* The next part of what is left to call */
static bool take_range(struct sweep_job *job, struct sweep_range *range)
{
	bool taken = false;

	pthread_mutex_lock(&job->lock);
	if (job->next_range < job->nr_ranges) {
		struct sweep_range *left = &job->range[job->next_range];

		*range = *left;
		if (left->last - left->first < MAX_SWEEP) {
			job->next_range++;
		} else {
			range->last = left->first + MAX_SWEEP - 1;
			left->first += MAX_SWEEP;
		}
		taken = true;
	}
	pthread_mutex_unlock(&job->lock);
	return taken;
}

static void add_answer(struct sweep_job *job, u32 id, const u64 x[4])
{
	pthread_mutex_lock(&job->lock);
	if (job->nr_answers < MAX_ANSWERS) {
		job->answer[job->nr_answers].id = id;
		memcpy(job->answer[job->nr_answers].x, x, sizeof(job->answer[0].x));
	}
	job->nr_answers++;
	pthread_mutex_unlock(&job->lock);
}

static void *sweeper_run(void *arg)
{
	struct sweeper *self = arg;
	struct sweep_job *job = self->job;
	struct sweep_range range;
	struct guest_result res;
	u64 calls = 0;

	while (take_range(job, &range)) {
		struct guest_sweep sweep = { .next = range.first, .last = range.last };

		do {
			guest_sweep(self->vcpu, job->conduit, &sweep, &res);
			if (res.end == GUEST_ANSWERED)
				add_answer(job, sweep.answered, res.x);
		} while (res.end == GUEST_ANSWERED && sweep.answered != sweep.last);
		calls += sweep.calls;

		if (res.end != GUEST_DONE && res.end != GUEST_ANSWERED) {
			pthread_mutex_lock(&job->lock);
			job->failed = res;
			job->next_range = job->nr_ranges;
			pthread_mutex_unlock(&job->lock);
		}
	}
	pthread_mutex_lock(&job->lock);
	job->calls += calls;
	pthread_mutex_unlock(&job->lock);
	return NULL;
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
	self->vm = test_vm_create(NR_SWEEPERS, 0, 0);
	fw_apply(self->vm->vcpu[0], &self->cfg);

	pthread_mutex_init(&self->job.lock, NULL);
	self->job.conduit = variant->smc ? CONDUIT_SMC : guest_conduit(self->vm);
	self->job.failed.end = GUEST_DONE;
	add_owners(&self->job, variant->width);
}

FIXTURE_TEARDOWN(sweep)
{
	test_vm_free(self->vm);
}

static void sweep_run(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) * self)
{
	struct sweeper sweepers[NR_SWEEPERS];
	struct timespec start, end;
	unsigned int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < NR_SWEEPERS; i++) {
		sweepers[i].vcpu = self->vm->vcpu[i];
		sweepers[i].job = &self->job;
		ASSERT_EQ(0, pthread_create(&sweepers[i].thread, NULL, sweeper_run, &sweepers[i]));
	}
	for (i = 0; i < NR_SWEEPERS; i++)
		ASSERT_EQ(0, pthread_join(sweepers[i].thread, NULL));
	clock_gettime(CLOCK_MONOTONIC, &end);
	TH_LOG("%lu calls in %.2f s", self->job.calls,
	       end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);

	expect_end(_metadata, "a sweep", &self->job.failed);
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
	expect_table_answered(_metadata, self);
}

int main(int argc, char **argv)
{
	argc = sweep_options(argc, argv);
	if (argc < 0)
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
