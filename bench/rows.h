/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: what is measured for a VM, sample by sample.
 *
 * Each sample is followed by one of as many empty ioctls, made by the same threads
 * under the same load, and divided by it: what slows the machine down for a while
 * slows down both. The rows of a VM are sampled in turn, so that a bad moment hits one
 * sample of each and not all of one.
 *
 * With --max-time a sample of a long pass is a part of it, some of the vCPUs, and the next
 * sample takes the next ones: on a machine whose processors others use too, a median
 * of many short samples is worth more than one of a few long ones. Passes by a thread a
 * vCPU cannot be parted, so that long ones are not sampled in every round.
 */

#define LONG_SAMPLE 16 /* times --max-time: of longer ones there are fewer */

struct row {
	enum pass_op op;
	enum reg_class class;
	bool each; /* one thread a vCPU, not one in all */
	bool busy; /* guests make hypercalls meanwhile */
	unsigned int vcpus, accessed, runners;
	unsigned long accesses; /* of a pass */
	unsigned long batch, empty_batch; /* passes in a sample */
	unsigned int slice, next; /* vCPUs accessed in a sample, and the first of the next one */
	unsigned int every; /* how many rounds a sample is taken in */
	double *cost_sample, *ns_sample, *empty_sample;
	unsigned int nr_samples;
	/* from here on the results */
	struct summary cost; /* of a pass, in empty ioctls */
	struct summary ns; /* of a pass */
	double empty_ns; /* of an ioctl in these threads under this load, of the wall clock */
	double overhead; /* the share of the clock and the loop, in percent */
};

/* What everything is measured with */
struct floor {
	double clock_ns; /* of reading the clock */
	double loop_ns; /* of an access to nothing */
	double empty_ns; /* of an empty ioctl, one thread, idle VM */
};

struct bench {
	struct options opt;
	struct bench_regs regs;
	struct floor floor;
	struct row *row;
	unsigned int nr_rows;
	double begin;
};

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

static struct row *add_row(struct bench *bench)
{
	struct row *row;

	bench->row = realloc(bench->row, (bench->nr_rows + 1) * sizeof(*row));
	if (!bench->row)
		die(KSFT_FAIL, "no memory for results");
	row = &bench->row[bench->nr_rows++];
	memset(row, 0, sizeof(*row));
	return row;
}

static void row_init(struct row *row, unsigned int nr_samples)
{
	row->cost_sample = calloc(nr_samples, sizeof(double));
	row->ns_sample = calloc(nr_samples, sizeof(double));
	row->empty_sample = calloc(nr_samples, sizeof(double));
	if (!row->cost_sample || !row->ns_sample || !row->empty_sample)
		die(KSFT_FAIL, "no memory for %u samples", nr_samples);
	row->batch = 1;
	row->empty_batch = 1;
	row->slice = row->accessed;
	row->every = 1;
}

/* The part of a pass that is in a sample */
static double row_part(const struct row *row)
{
	return (double)row->slice / row->accessed;
}

static void put_sample(struct row *row, double ns, double empty_ns)
{
	const unsigned int i = row->nr_samples++;

	row->ns_sample[i] = ns / row->batch / row_part(row);
	row->empty_sample[i] = empty_ns / row->empty_batch / row_part(row) / row->accesses;
	row->cost_sample[i] = row->ns_sample[i] / row->empty_sample[i];
}

static void row_finish(struct row *row, const struct floor *floor)
{
	double own;

	row->cost = summarize(row->cost_sample, row->nr_samples);
	row->ns = summarize(row->ns_sample, row->nr_samples);
	row->empty_ns = summarize(row->empty_sample, row->nr_samples).median;
	/* without registers there is no loop, and threads of their own loop at once */
	own = floor->clock_ns;
	if (row->class < CLASS_VM)
		own += floor->loop_ns * row->accesses * row->batch /
		       (row->each ? row->accessed : 1);
	row->overhead = 100 * own / (row->ns.median * row->batch);
	free(row->cost_sample);
	free(row->ns_sample);
	free(row->empty_sample);
}

/* As many passes as take min_ns */
static unsigned long batch_for(double min_ns, double pass_ns)
{
	return pass_ns >= min_ns ? 1 : min_ns / (pass_ns > 1 ? pass_ns : 1) + 1;
}

/* How a row is sampled from what a sample of it took */
static void plan_row(const struct options *opt, struct row *row, double ns, double empty_ns)
{
	double pass_ns = ns / row->batch / row_part(row);
	double empty_pass_ns = empty_ns / row->empty_batch / row_part(row);

	row->batch = batch_for(opt->min_ns, pass_ns);
	row->empty_batch = batch_for(opt->min_ns, empty_pass_ns);
	row->slice = row->accessed;
	row->every = 1;
	if (!opt->max_ns || pass_ns <= opt->max_ns)
		return;
	if (!row->each) {
		row->slice = row->accessed * opt->max_ns / pass_ns;
		if (!row->slice)
			row->slice = 1;
		row->empty_batch = batch_for(opt->min_ns, empty_pass_ns * row_part(row));
	} else {
		row->every += pass_ns / opt->max_ns / LONG_SAMPLE;
		if (row->every > opt->repeat)
			row->every = opt->repeat;
	}
}

static void sample_row(struct bench *bench, struct row *row, const struct bench_vm *bvm,
		       struct pool *pool, int round)
{
	struct pass pass = { bvm, row->op, row->class, 0, row->accessed };
	double ns, empty_ns;

	if (round >= 0 && round % row->every)
		return;
	if (row->slice < row->accessed) {
		if (row->next + row->slice > row->accessed)
			row->next = 0;
		pass.first = row->next;
		pass.end = row->next + row->slice;
		row->next += row->slice;
	}
	ns = time_pass(row->each ? pool : NULL, &pass, row->batch);
	pass.op = OP_EMPTY;
	empty_ns = time_pass(row->each ? pool : NULL, &pass, row->empty_batch);
	/* the last warm-up counts: what is cold takes longer */
	if (round < 0)
		plan_row(&bench->opt, row, ns, empty_ns);
	else
		put_sample(row, ns, empty_ns);
}

static void progress(const struct bench *bench, unsigned int nr, const char *what,
		     unsigned int round, unsigned int rounds)
{
	static double last;
	bool tty = isatty(STDERR_FILENO);

	/* a line a second is enough, and in a log one in ten */
	if (round != rounds && now_ns() - last < (tty ? 1e9 : 1e10))
		return;
	last = now_ns();
	fprintf(stderr, "%sprogress: %u vCPUs of up to %u, %s, %u of %u rounds, %.0f s%s",
		tty ? "\r\033[K" : "", nr, bench->opt.size[bench->opt.nr_sizes - 1], what, round,
		rounds, (now_ns() - bench->begin) / 1e9, tty ? "" : "\n");
	if (tty && round == rounds)
		fputs("\r\033[K", stderr);
}

/* All rows of the plan with this load */
static void measure_load(struct bench *bench, const struct bench_vm *bvm, bool busy)
{
	const unsigned int first = bench->nr_rows, nr = bvm->vm->nr_vcpus;
	const int warmup = bench->opt.warmup, rounds = bench->opt.repeat;
	unsigned int runners = 0, i, op;
	struct runner *runner = NULL;
	struct pool pool;
	struct row *row;
	int round;

	if (busy)
		runners = bench->opt.runners < nr / 2 ? bench->opt.runners : nr / 2;
	for (i = 0; i < ARRAY_SIZE(plan); i++) {
		for (op = OP_GET; op <= OP_SET && plan[i].busy == busy; op++) {
			row = add_row(bench);
			row->op = op;
			row->class = plan[i].class;
			row->each = plan[i].each;
			row->busy = busy;
			row->vcpus = nr;
			row->runners = runners;
			row->accessed = row->class == CLASS_FW_ONCE ? 1 : nr - runners;
			row->accesses = (unsigned long)row->accessed * bench->regs.nr[row->class];
			row_init(row, rounds);
		}
	}
	pool_start(&pool, nr - runners);
	if (busy)
		runner = runners_start(bvm->vm, runners);
	for (round = -warmup; round < rounds; round++) {
		progress(bench, nr, busy ? "guests running" : "idle", round + warmup,
			 warmup + rounds);
		for (i = first; i < bench->nr_rows; i++)
			sample_row(bench, &bench->row[i], bvm, &pool, round);
	}
	if (busy)
		runners_stop(runner, runners);
	pool_stop(&pool);
	for (i = first; i < bench->nr_rows; i++)
		row_finish(&bench->row[i], &bench->floor);
}

/*
 * Making and freeing the VM, whose unit is an empty ioctl a vCPU. Registers are
 * measured on the last one made.
 */
static void measure_size(struct bench *bench, unsigned int nr)
{
	const unsigned int first = bench->nr_rows, samples = bench->opt.vm_repeat;
	struct bench_vm bvm;
	struct row *row;
	double begin, ns[2], empty_ns;
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		row = add_row(bench);
		row->op = i ? OP_DESTROY : OP_CREATE;
		row->class = CLASS_VM;
		row->vcpus = row->accessed = row->accesses = nr;
		row_init(row, samples);
	}
	/* the first is a warm-up */
	for (i = 0; i <= samples; i++) {
		struct pass pass = { &bvm, OP_EMPTY, CLASS_VM, 0, nr };
		struct test_vm *vm;

		progress(bench, nr, "VMs", i, samples);
		begin = now_ns();
		vm = test_vm_create(nr, 0, 0);
		ns[0] = now_ns() - begin;
		bench_vm_init(&bvm, vm, &bench->regs);
		empty_ns = time_pass(NULL, &pass, 1);
		k = batch_for(bench->opt.min_ns, empty_ns);
		empty_ns = time_pass(NULL, &pass, k);
		if (i == samples) {
			measure_load(bench, &bvm, false);
			if (nr > 1)
				measure_load(bench, &bvm, true);
		}
		begin = now_ns();
		test_vm_free(vm);
		ns[1] = now_ns() - begin;
		bench_vm_free(&bvm);
		for (row = &bench->row[first]; i && row <= &bench->row[first + 1]; row++) {
			row->empty_batch = k;
			put_sample(row, ns[row - &bench->row[first]], empty_ns);
		}
	}
	for (i = first; i < first + 2; i++)
		row_finish(&bench->row[i], &bench->floor);
}

#define FLOOR_SAMPLES 201

/* What the clock, the loop and an empty ioctl cost */
static void measure_floor(struct bench *bench)
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
