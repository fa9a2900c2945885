// SPDX-License-Identifier: GPL-2.0
/*
 * vm_race_test: writes of VM-wide firmware registers that race with the first run.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  "affects the whole VM", and
 *                                                       the bitmaps' EBUSY
 *
 * A round has a VM of its own. Threads write different values through various vCPUs
 * while others start theirs. Each write is noted with its errno, what was read
 * afterwards, and what was known of the run before and after it; the notes are judged
 * when all threads have ended.
 *
 * Option in addition to the harness's own:
 *   --seed=NUMBER  of the rounds, to repeat those of a failure
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "harness.h"

#include "expect.h"
#include "guest.h"
#include "vm.h"
#include "vm_wide_expect.h"
#include "watch.h"

#define NR_WRITERS 2
#define MAX_STARTERS 2
#define MAX_WRITES 256
#define WRITES_ONCE_RUN 8 /* that a writer makes after it saw that a guest ran */
#define RACE_ROUNDS 10 /* for a register, and more until a race happened */
#define RACE_ROUNDS_EL2 3 /* these VMs are slow to free */
#define MAX_DELAY_NS 400000

static u64 race_seed;

/* Takes our option out of argv; returns the new argc, or -1 */
static int race_options(int argc, char **argv)
{
	static const char option[] = "--seed=";
	int i, kept = 1;
	char *end;

	if (getrandom(&race_seed, sizeof(race_seed), 0) != sizeof(race_seed))
		race_seed = time(NULL);
	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], option, strlen(option))) {
			argv[kept++] = argv[i];
			continue;
		}
		race_seed = strtoull(argv[i] + strlen(option), &end, 0);
		if (*end || end == argv[i] + strlen(option)) {
			fprintf(stderr, "%s: %s is not a number\n", argv[0], argv[i]);
			return -1;
		}
	}
	argv[kept] = NULL;
	return kept;
}

/* A generator that any seed suits: a Weyl sequence and a mixing function */
static u64 race_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 32) * 0xd6e8feb86659fd93ULL;
	z = (z ^ z >> 32) * 0xd6e8feb86659fd93ULL;
	return z ^ z >> 32;
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec + (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* One write, and the read after it */
struct race_write {
	unsigned int cpu; /* written through */
	u64 val;
	int err;
	bool ran; /* a guest had run before the write */
	bool starting; /* a first run was under way or over when the write was */
	u64 read;
	int read_err;
	bool read_ran; /* a guest had run before the read */
};

struct race;

struct race_thread {
	pthread_t thread;
	struct race *race;
	u64 random;
	/* a starter */
	unsigned int cpu;
	bool waits; /* for a writer to have begun */
	struct guest_result answer[FW_WIDE_NR_QUERIES];
	/* a writer */
	bool stops_early; /* does not wait for the run */
	unsigned int nr_writes;
	struct race_write write[MAX_WRITES];
};

struct race {
	struct test_vm *vm;
	const struct fw_wide_state *state;
	unsigned int reg; /* number of the register */
	unsigned int nr_starters; /* vCPUs 0 and up */
	pthread_barrier_t barrier;
	bool writing; /* a first write is done */
	bool starting; /* a KVM_RUN may have begun */
	bool ran; /* a KVM_RUN came back */
	struct race_thread starter[MAX_STARTERS];
	struct race_thread writer[NR_WRITERS];
};

static void race_delay(struct race_thread *self)
{
	u64 ns = race_random(&self->random) % MAX_DELAY_NS;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (seconds_since(&start) < ns / 1e9)
		;
}

static void *race_starter(void *arg)
{
	struct race_thread *self = arg;
	struct race *race = self->race;
	unsigned int i;

	pthread_barrier_wait(&race->barrier);
	while (self->waits && !__atomic_load_n(&race->writing, __ATOMIC_SEQ_CST))
		sched_yield();
	race_delay(self);
	for (i = 0; i < FW_WIDE_NR_QUERIES; i++) {
		const struct smccc_call call = fw_wide_query(race->state, i);
		const u64 in[8] = { call.id, call.arg };

		__atomic_store_n(&race->starting, true, __ATOMIC_SEQ_CST);
		guest_call(race->vm->vcpu[self->cpu], guest_conduit(race->vm), in,
			   &self->answer[i]);
		__atomic_store_n(&race->ran, true, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Mostly through vCPUs that no one runs: a write through one that runs has to wait */
static unsigned int race_cpu(struct race_thread *self)
{
	unsigned int nr = self->race->vm->nr_vcpus;
	unsigned int idle = self->race->nr_starters;

	if (race_random(&self->random) % 32)
		return idle + race_random(&self->random) % (nr - idle);
	return race_random(&self->random) % nr;
}

static void *race_writer(void *arg)
{
	struct race_thread *self = arg;
	struct race *race = self->race;
	unsigned int nr_vals = race->state->nr_values[race->reg];
	u64 id = fw_wide_reg(race->reg)->id;
	unsigned int once_run = 0;
	unsigned int limit = MAX_WRITES;

	if (self->stops_early)
		limit = race_random(&self->random) % 16 + 1;
	pthread_barrier_wait(&race->barrier);
	race_delay(self);
	while (self->nr_writes < limit && once_run < WRITES_ONCE_RUN) {
		struct race_write *write = &self->write[self->nr_writes++];
		struct kvm_vcpu *vcpu;

		write->cpu = race_cpu(self);
		write->val = race->state->value[race->reg][race_random(&self->random) % nr_vals];
		vcpu = race->vm->vcpu[write->cpu];

		write->ran = __atomic_load_n(&race->ran, __ATOMIC_SEQ_CST);
		write->err = __reg_set(vcpu, id, write->val);
		write->starting = __atomic_load_n(&race->starting, __ATOMIC_SEQ_CST);
		__atomic_store_n(&race->writing, true, __ATOMIC_SEQ_CST);

		vcpu = race->vm->vcpu[race_cpu(self)];
		write->read_ran = __atomic_load_n(&race->ran, __ATOMIC_SEQ_CST);
		write->read_err = __reg_get(vcpu, id, &write->read);
		once_run += write->ran;
		/* Let a starter run, so that not all writes are made before the first run */
		if (self->nr_writes == limit / 2)
			sched_yield();
	}
	return NULL;
}

static void race_run(struct __test_metadata *_metadata, struct race *race, u64 seed)
{
	unsigned int i;

	ASSERT_EQ(0, pthread_barrier_init(&race->barrier, NULL, race->nr_starters + NR_WRITERS));
	for (i = 0; i < NR_WRITERS; i++) {
		struct race_thread *writer = &race->writer[i];

		writer->race = race;
		writer->random = race_random(&seed);
		writer->stops_early = !(race_random(&seed) % 4);
		ASSERT_EQ(0, pthread_create(&writer->thread, NULL, race_writer, writer));
	}
	for (i = 0; i < race->nr_starters; i++) {
		struct race_thread *starter = &race->starter[i];

		starter->race = race;
		starter->random = race_random(&seed);
		starter->cpu = i;
		starter->waits = race_random(&seed) % 4;
		ASSERT_EQ(0, pthread_create(&starter->thread, NULL, race_starter, starter));
	}
	for (i = 0; i < NR_WRITERS; i++)
		ASSERT_EQ(0, pthread_join(race->writer[i].thread, NULL));
	for (i = 0; i < race->nr_starters; i++)
		ASSERT_EQ(0, pthread_join(race->starter[i].thread, NULL));
	pthread_barrier_destroy(&race->barrier);
}

/* NULL, or the rule that a write broke, given the value that is left in the end */
static const char *race_broken_rule(const struct race *race, const struct race_write *write,
				    u64 final)
{
	bool locked = fw_wide_locked_by_run(race->reg);

	if (write->err && write->err != -EBUSY)
		return "a legal value gives 0 or EBUSY";
	if (write->err && !write->starting)
		return "nothing is EBUSY before the first run";
	if (write->read_err)
		return "the register can always be read";
	if (!fw_wide_is_legal(race->state, race->reg, write->read))
		return "only a value that was written is read";
	if (!locked)
		return NULL;
	if (write->err && write->val == final)
		return "the value that stands can be written";
	if (!write->err && write->ran && write->val != final)
		return "no other value is taken once a guest ran";
	if (write->read_ran && write->read != final)
		return "one value is read once a guest ran";
	return NULL;
}

static void race_judge_writes(struct __test_metadata *_metadata, const struct race *race, u64 final)
{
	const struct fw_reg *reg = fw_wide_reg(race->reg);
	unsigned int i, n;

	for (i = 0; i < NR_WRITERS; i++) {
		for (n = 0; n < race->writer[i].nr_writes; n++) {
			const struct race_write *write = &race->writer[i].write[n];
			const char *rule = race_broken_rule(race, write, final);

			EXPECT_EQ(NULL, rule)
			{
				TH_LOG("%s: KVM_SET_ONE_REG %s to %#lx on vCPU %u%s: %s; then read %#lx, %s, and %#lx in the end",
				       rule, reg->name, write->val, write->cpu,
				       write->ran ? " after a run" : "", err_str(write->err),
				       write->read, err_str(write->read_err), final);
				count_failure(_metadata);
			}
		}
	}
}

/* The value left is the one that some writer set last, or that of reset */
static bool race_was_written_last(const struct race *race, u64 final)
{
	bool written = false;
	unsigned int i, n;

	for (i = 0; i < NR_WRITERS; i++) {
		const struct race_thread *writer = &race->writer[i];

		for (n = writer->nr_writes; n--;) {
			if (writer->write[n].err)
				continue;
			if (writer->write[n].val == final)
				return true;
			written = true;
			break;
		}
	}
	return !written && final == fw_wide_get(race->state, race->reg);
}

/* Whether the writes of a round met the first run */
struct race_outcome {
	bool refused; /* a write was EBUSY */
	bool taken; /* one was not, while the first run was under way or over */
	bool changed; /* and it differed from what its thread had read before */
};

static struct race_outcome race_outcome(const struct race *race)
{
	struct race_outcome out = { 0 };
	unsigned int i, n;

	for (i = 0; i < NR_WRITERS; i++) {
		for (n = 0; n < race->writer[i].nr_writes; n++) {
			const struct race_write *write = &race->writer[i].write[n];

			out.refused |= !!write->err;
			out.taken |= !write->err && write->starting && !write->ran;
			out.changed |=
				n && !write->err && write->starting && write->val != write[-1].read;
		}
	}
	return out;
}

static void race_judge(struct __test_metadata *_metadata, const struct race *race)
{
	const bool locked = fw_wide_locked_by_run(race->reg);
	struct fw_wide_state state = *race->state;
	unsigned int i, n;
	u64 final;

	final = reg_get(race->vm->vcpu[0], fw_wide_reg(race->reg)->id);
	race_judge_writes(_metadata, race, final);
	EXPECT_TRUE(race_was_written_last(race, final))
	{
		TH_LOG("%s is %#lx in the end; expected what one of the writers set last",
		       fw_wide_reg(race->reg)->name, final);
		count_failure(_metadata);
	}

	fw_wide_set(&state, race->reg, final);
	expect_wide_state(_metadata, race->vm, &state);
	for (i = 0; i < race->nr_starters; i++) {
		const struct race_thread *starter = &race->starter[i];

		for (n = 0; n < FW_WIDE_NR_QUERIES; n++) {
			expect_end(_metadata, fw_wide_query(&state, n).name, &starter->answer[n]);
			if (locked)
				expect_query(_metadata, race->vm, starter->cpu, &state, n,
					     starter->answer[n].x);
		}
	}

	/* vCPUs that start later see it, too, and it stays */
	expect_guests_see(_metadata, race->vm, &state);
	for (i = 0; i < race->vm->nr_vcpus && locked; i++) {
		expect_wide_set(_metadata, race->vm->vcpu[i], &state, race->reg);
		expect_wide_busy(_metadata, race->vm->vcpu[i], &state, race->reg,
				 fw_wide_other(&state, race->reg));
	}
}

FIXTURE(race)
{
	struct fw_wide_state state;
	struct race *race;
};

FIXTURE_VARIANT(race)
{
	unsigned int reg; /* number of the register */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(race, psci_version) { .reg = FW_WIDE_PSCI_VERSION };
FIXTURE_VARIANT_ADD(race, std) { .reg = BMAP_STD };
FIXTURE_VARIANT_ADD(race, std_hyp) { .reg = BMAP_STD_HYP };
FIXTURE_VARIANT_ADD(race, vendor_hyp) { .reg = BMAP_VENDOR_HYP };
FIXTURE_VARIANT_ADD(race, vendor_hyp_2) { .reg = BMAP_VENDOR_HYP_2 };
/* clang-format on */

FIXTURE_SETUP(race)
{
	fw_wide_setup(_metadata, &self->state);
	if (!self->state.nr_values[variant->reg])
		SKIP(return, "this kernel has no %s", fw_wide_reg(variant->reg)->name);
	self->race = calloc(1, sizeof(*self->race));
	ASSERT_NE(NULL, self->race);
}

FIXTURE_TEARDOWN(race)
{
	if (self->race)
		test_vm_free(self->race->vm);
	free(self->race);
}

/* A guest at EL2 is slow to free: one that starts, and one to write through */
static void race_new_vm(struct race *race, const struct fw_wide_state *state, unsigned int reg)
{
	test_vm_free(race->vm);
	memset(race, 0, sizeof(*race));
	race->state = state;
	race->reg = reg;
	race->nr_starters = guest_at_el2 ? 1 : MAX_STARTERS;
	race->vm = test_vm_create(guest_at_el2 ? 2 : 4, 0, 0);
}

TEST_F(race, every_interleaving_leaves_one_value)
{
	const unsigned int least = guest_at_el2 ? RACE_ROUNDS_EL2 : RACE_ROUNDS;
	unsigned int rounds = 0, refused = 0, straddled = 0, late = 0;
	long seconds, start = watch_seconds();
	bool met = false;

	/* Say it now: a test that fails too often ends at once */
	TH_LOG("--seed=%#lx repeats these rounds", race_seed);
	do {
		u64 seed = race_seed + rounds++;
		struct race_outcome out;

		race_new_vm(self->race, &self->state, variant->reg);
		race_run(_metadata, self->race, seed);
		race_judge(_metadata, self->race);
		if (!__test_passed(_metadata)) {
			TH_LOG("that was round %u; --seed=%#lx begins with it", rounds, seed);
			return;
		}
		out = race_outcome(self->race);
		refused += out.refused;
		straddled += out.refused && out.taken;
		late += out.changed;
		met = straddled || (late && !fw_wide_locked_by_run(variant->reg));
		seconds = watch_seconds() - start;
	} while (rounds < least || (!met && seconds < WATCH_LIMIT));

	TH_LOG("%u rounds: writes were refused in %u, in %u of them others had been taken during the first run; a change came during or after it in %u",
	       rounds, refused, straddled, late);
	/* Nothing has failed by now, so that the SKIP hides no failure */
	if (!met) {
		TH_LOG("waited %ld s for a write to meet a first run; none had", seconds);
		SKIP(return, "no write met a first run: this machine is too slow or too busy");
	}
}

int main(int argc, char **argv)
{
	argc = race_options(argc, argv);
	if (argc < 0)
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
