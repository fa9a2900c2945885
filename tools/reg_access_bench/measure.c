// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: what is measured for a VM, sample by sample.
 *
 * Each sample is followed by a sample of as many empty ioctls, made by the same threads
 * under the same load, and divided by it: if other work slows the machine down for a
 * while, it slows down both. The measurements of a VM are sampled in turn, so that such a
 * time falls on one sample of each and not on all samples of one.
 *
 * With --max-time a sample of a long pass is a part of it, some of the vCPUs, and the next
 * sample takes the next ones: on a machine whose processors others use too, a median of
 * many short samples is better than that of a few long ones. A pass by a thread for each
 * vCPU cannot be divided, so a long one is not sampled in every round.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "vm.h"

#define FLOOR_SAMPLES 201
#define LONG_SAMPLE 16 /* times --max-time: longer samples are taken less often */

static const struct {
	enum reg_class class;
	bool each, busy;
} plan[] = {
	{ CLASS_ALL, false, false },	 { CLASS_CORE, false, false },
	{ CLASS_SYS, false, false },	 { CLASS_ID, false, false },
	{ CLASS_TIMER, false, false },	 { CLASS_FW, false, false },
	{ CLASS_FW_ONCE, false, false }, { CLASS_ALL, true, false },
	{ CLASS_FW, true, false },	 { CLASS_ALL, false, true },
	{ CLASS_FW, false, true },	 { CLASS_FW_ONCE, false, true },
	{ CLASS_ALL, true, true },	 { CLASS_FW, true, true },
};

void add_measurement(struct bench *bench, const struct measurement *m, unsigned int nr_samples)
{
	struct measurement *new;

	bench->measurement =
		realloc(bench->measurement, (bench->nr_measurements + 1) * sizeof(*new));
	if (!bench->measurement)
		die(KSFT_FAIL, "no memory for results");
	new = &bench->measurement[bench->nr_measurements++];
	*new = *m;
	new->cost_sample = calloc(nr_samples, sizeof(double));
	new->ns_sample = calloc(nr_samples, sizeof(double));
	new->empty_sample = calloc(nr_samples, sizeof(double));
	if (!new->cost_sample || !new->ns_sample || !new->empty_sample)
		die(KSFT_FAIL, "no memory for %u samples", nr_samples);
	new->batch = 1;
	new->empty_batch = 1;
	new->slice = new->accessed;
	new->every = 1;
}

/* The part of a pass that is in a sample */
static double part(const struct measurement *m)
{
	return (double)m->slice / m->accessed;
}

void put_sample(struct measurement *m, double ns, double empty_ns)
{
	const unsigned int i = m->nr_samples++;

	m->ns_sample[i] = ns / m->batch / part(m);
	m->empty_sample[i] = empty_ns / m->empty_batch / part(m) / m->accesses;
	m->cost_sample[i] = m->ns_sample[i] / m->empty_sample[i];
}

static void finish(struct measurement *m, const struct floor *floor)
{
	double own;

	m->cost = summarize(m->cost_sample, m->nr_samples);
	m->ns = summarize(m->ns_sample, m->nr_samples);
	m->empty_ns = summarize(m->empty_sample, m->nr_samples).median;
	/* No loop without registers, and threads for each vCPU loop at the same time */
	own = floor->clock_ns;
	if (m->class < CLASS_VM)
		own += floor->loop_ns * m->accesses * m->batch / (m->each ? m->accessed : 1);
	m->overhead = 100 * own / (m->ns.median * m->batch);
	free(m->cost_sample);
	free(m->ns_sample);
	free(m->empty_sample);
}

void finish_measurements(struct bench *bench, unsigned int first)
{
	for (; first < bench->nr_measurements; first++)
		finish(&bench->measurement[first], &bench->floor);
}

/* The number of passes that take min_ns */
static unsigned long batch_for(double min_ns, double pass_ns)
{
	return pass_ns >= min_ns ? 1 : min_ns / (pass_ns > 1 ? pass_ns : 1) + 1;
}

/* Choose batches and slices by the time that a sample took */
static void plan_samples(const struct options *opt, struct measurement *m, double ns,
			 double empty_ns)
{
	double pass_ns = ns / m->batch / part(m);
	double empty_pass_ns = empty_ns / m->empty_batch / part(m);

	m->batch = batch_for(opt->min_ns, pass_ns);
	m->empty_batch = batch_for(opt->min_ns, empty_pass_ns);
	m->slice = m->accessed;
	m->every = 1;
	if (!opt->max_ns || pass_ns <= opt->max_ns)
		return;
	if (!m->each) {
		m->slice = m->accessed * opt->max_ns / pass_ns;
		if (!m->slice)
			m->slice = 1;
		m->empty_batch = batch_for(opt->min_ns, empty_pass_ns * part(m));
	} else {
		m->every += pass_ns / opt->max_ns / LONG_SAMPLE;
		if (m->every > opt->repeat)
			m->every = opt->repeat;
	}
}

static void take_sample(struct bench *bench, struct measurement *m, const struct bench_vm *bvm,
			struct pool *pool, int round)
{
	struct pass pass = { bvm, m->op, m->class, 0, m->accessed };
	double ns, empty_ns;

	if (round >= 0 && round % m->every)
		return;
	if (m->slice < m->accessed) {
		if (m->next + m->slice > m->accessed)
			m->next = 0;
		pass.first = m->next;
		pass.end = m->next + m->slice;
		m->next += m->slice;
	}
	ns = time_pass(m->each ? pool : NULL, &pass, m->batch);
	pass.op = OP_EMPTY;
	empty_ns = time_pass(m->each ? pool : NULL, &pass, m->empty_batch);
	/* The last round of the warm-up decides: before, caches may be cold */
	if (round < 0)
		plan_samples(&bench->opt, m, ns, empty_ns);
	else
		put_sample(m, ns, empty_ns);
}

static void progress(const struct bench *bench, unsigned int nr, const char *what,
		     unsigned int round, unsigned int rounds)
{
	static double last;
	bool tty = isatty(STDERR_FILENO);

	/* A line a second is enough, and in a log one in ten seconds */
	if (round != rounds && now_ns() - last < (tty ? 1e9 : 1e10))
		return;
	last = now_ns();
	fprintf(stderr, "%sprogress: %u vCPUs of up to %u, %s, %u of %u rounds, %.0f s%s",
		tty ? "\r\033[K" : "", nr, bench->opt.size[bench->opt.nr_sizes - 1], what, round,
		rounds, (now_ns() - bench->begin) / 1e9, tty ? "" : "\n");
	if (tty && round == rounds)
		fputs("\r\033[K", stderr);
}

/* Add a save and a restore of everything in the plan that has this load */
static void add_planned(struct bench *bench, unsigned int nr_vcpus, bool busy, unsigned int runners)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plan); i++) {
		struct measurement m = { .class = plan[i].class,
					 .each = plan[i].each,
					 .busy = busy,
					 .vcpus = nr_vcpus,
					 .runners = runners };

		if (plan[i].busy != busy)
			continue;
		m.accessed = m.class == CLASS_FW_ONCE ? 1 : nr_vcpus - runners;
		m.accesses = (unsigned long)m.accessed * bench->regs.nr[m.class];
		m.op = OP_GET;
		add_measurement(bench, &m, bench->opt.repeat);
		m.op = OP_SET;
		add_measurement(bench, &m, bench->opt.repeat);
	}
}

static void measure_load(struct bench *bench, const struct bench_vm *bvm, bool busy)
{
	const unsigned int first = bench->nr_measurements, nr = bvm->vm->nr_vcpus;
	const int warmup = bench->opt.warmup, rounds = bench->opt.repeat;
	unsigned int runners = 0, i;
	struct runner *runner = NULL;
	struct pool *pool;
	int round;

	if (busy)
		runners = bench->opt.runners < nr / 2 ? bench->opt.runners : nr / 2;
	add_planned(bench, nr, busy, runners);
	pool = pool_start(nr - runners);
	if (busy)
		runner = runners_start(bvm->vm, runners);
	for (round = -warmup; round < rounds; round++) {
		progress(bench, nr, busy ? "guests running" : "idle", round + warmup,
			 warmup + rounds);
		for (i = first; i < bench->nr_measurements; i++)
			take_sample(bench, &bench->measurement[i], bvm, pool, round);
	}
	if (busy)
		runners_stop(runner, runners);
	pool_stop(pool);
	finish_measurements(bench, first);
}

/*
 * Creating and freeing the VM is measured in empty ioctls too, one for each vCPU. The
 * last VM is the one whose registers are measured.
 */
void measure_size(struct bench *bench, unsigned int nr)
{
	const unsigned int created = bench->nr_measurements, freed = created + 1;
	const unsigned int samples = bench->opt.vm_repeat;
	struct measurement m = { .class = CLASS_VM, .vcpus = nr, .accessed = nr, .accesses = nr };
	double begin, create_ns, free_ns, empty_ns;
	struct bench_vm bvm;
	struct pass pass = { &bvm, OP_EMPTY, CLASS_VM, 0, nr };
	unsigned long batch;
	struct test_vm *vm;
	unsigned int i;

	m.op = OP_CREATE;
	add_measurement(bench, &m, samples);
	m.op = OP_DESTROY;
	add_measurement(bench, &m, samples);
	for (i = 0; i <= samples; i++) {
		progress(bench, nr, "VMs", i, samples);
		begin = now_ns();
		vm = test_vm_create(nr, 0, 0);
		create_ns = now_ns() - begin;
		bench_vm_init(&bvm, vm, &bench->regs);
		batch = batch_for(bench->opt.min_ns, time_pass(NULL, &pass, 1));
		empty_ns = time_pass(NULL, &pass, batch) / batch;
		if (i == samples) {
			measure_load(bench, &bvm, false);
			if (nr > 1)
				measure_load(bench, &bvm, true);
		}
		begin = now_ns();
		test_vm_free(vm);
		free_ns = now_ns() - begin;
		bench_vm_free(&bvm);
		/* The first VM is a warm-up */
		if (i) {
			put_sample(&bench->measurement[created], create_ns, empty_ns);
			put_sample(&bench->measurement[freed], free_ns, empty_ns);
		}
	}
	finish(&bench->measurement[created], &bench->floor);
	finish(&bench->measurement[freed], &bench->floor);
}

void measure_floor(struct bench *bench)
{
	double sample[FLOOR_SAMPLES];
	struct bench_vm bvm;
	struct pass pass = { &bvm, OP_NOTHING, CLASS_ALL, 0, 1 };
	const unsigned int nr = bench->regs.nr[CLASS_ALL];
	unsigned int i;
	double t;

	bench_vm_init(&bvm, test_vm_create(1, 0, 0), &bench->regs);
	for (i = 0; i < FLOOR_SAMPLES; i++) {
		t = now_ns();
		sample[i] = now_ns() - t;
	}
	bench->floor.clock_ns = summarize(sample, FLOOR_SAMPLES).median;
	for (i = 0; i < FLOOR_SAMPLES; i++)
		sample[i] = time_pass(NULL, &pass, 16) / 16 / nr;
	bench->floor.loop_ns = summarize(sample, FLOOR_SAMPLES).median;
	pass.op = OP_EMPTY;
	for (i = 0; i < FLOOR_SAMPLES; i++)
		sample[i] = time_pass(NULL, &pass, 1) / nr;
	bench->floor.empty_ns = summarize(sample, FLOOR_SAMPLES).median;
	test_vm_free(bvm.vm);
	bench_vm_free(&bvm);
}
