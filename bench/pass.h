/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: a pass over registers and vCPUs, by one thread or by one a vCPU.
 *
 * The empty ioctl is one that KVM refuses by its number, before it takes any lock,
 * on the same vCPU's file: a system call and the way to KVM's first instruction. The
 * bare loop makes the same pass and calls a function instead that does nothing.
 */

/* Of no KVM ioctl's type [_IOC_TYPE() is not KVMIO] */
#define EMPTY_IOCTL _IO(0, 0xff)

enum pass_op {
	OP_GET,
	OP_SET,
	OP_EMPTY,
	OP_NOTHING, /* the bare loop */
	OP_CREATE,
	OP_DESTROY,
	OP_CALL,
};

static const char *const op_names[] = {
	[OP_GET] = "get",	  [OP_SET] = "set",   [OP_CREATE] = "create",
	[OP_DESTROY] = "destroy", [OP_CALL] = "call",
};

struct pass {
	const struct bench_vm *bvm;
	enum pass_op op;
	enum reg_class class;
	unsigned int first, end; /* vCPUs */
};

typedef int (*ioctl_fn)(int fd, unsigned long cmd, ...);

static noinline int no_ioctl(int fd, unsigned long cmd, ...)
{
	__asm__ volatile("" : : "r"(fd), "r"(cmd) : "memory");
	return 0;
}

/* Returns the number of accesses that failed */
static unsigned long run_pass(const struct pass *pass, unsigned long batch)
{
	static const unsigned long cmds[] = {
		[OP_GET] = KVM_GET_ONE_REG,
		[OP_SET] = KVM_SET_ONE_REG,
		[OP_EMPTY] = EMPTY_IOCTL,
		[OP_NOTHING] = 0,
	};
	const struct bench_regs *regs = pass->bvm->regs;
	const unsigned int nr = pass->class == CLASS_VM ? 1 : regs->nr[pass->class];
	const ioctl_fn call = pass->op == OP_NOTHING ? no_ioctl : ioctl;
	const unsigned long cmd = cmds[pass->op];
	unsigned long failed = 0;
	unsigned int v, r;

	while (batch--) {
		for (v = pass->first; v < pass->end; v++) {
			struct kvm_one_reg *reg = pass->bvm->reg + regs->start[pass->class] +
						  (size_t)v * regs->nr[CLASS_ALL];
			int fd = pass->bvm->vm->vcpu[v]->fd;

			for (r = 0; r < nr; r++)
				failed += call(fd, cmd, reg + r) < 0;
		}
	}
	return pass->op == OP_EMPTY ? 0 : failed;
}

/* One thread a vCPU, that wait for what all are to do at once */
struct worker {
	pthread_t thread;
	struct pool *pool;
	unsigned int vcpu;
	double begin, end;
	unsigned long failed;
};

struct pool {
	unsigned int nr;
	struct worker *worker;
	pthread_barrier_t go, done;
	struct pass pass;
	unsigned long batch;
	bool quit;
};

static void *worker_run(void *arg)
{
	struct worker *self = arg;
	struct pool *pool = self->pool;
	struct pass pass;

	for (;;) {
		pthread_barrier_wait(&pool->go);
		if (pool->quit)
			return NULL;
		pass = pool->pass;
		pass.first = self->vcpu;
		pass.end = self->vcpu + 1;
		self->begin = now_ns();
		self->failed = run_pass(&pass, pool->batch);
		self->end = now_ns();
		pthread_barrier_wait(&pool->done);
	}
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	err = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	if (err)
		die(KSFT_FAIL, "cannot start a thread for each vCPU: %s; see ulimit -u",
		    strerror(err));
}

static void pool_start(struct pool *pool, unsigned int nr)
{
	unsigned int i;

	memset(pool, 0, sizeof(*pool));
	pool->nr = nr;
	pool->worker = calloc(nr, sizeof(*pool->worker));
	if (!pool->worker)
		die(KSFT_FAIL, "no memory for %u threads", nr);
	pthread_barrier_init(&pool->go, NULL, nr + 1);
	pthread_barrier_init(&pool->done, NULL, nr + 1);
	for (i = 0; i < nr; i++) {
		pool->worker[i].pool = pool;
		pool->worker[i].vcpu = i;
		start_thread(&pool->worker[i].thread, worker_run, &pool->worker[i]);
	}
}

static void pool_stop(struct pool *pool)
{
	unsigned int i;

	pool->quit = true;
	pthread_barrier_wait(&pool->go);
	for (i = 0; i < pool->nr; i++)
		pthread_join(pool->worker[i].thread, NULL);
	pthread_barrier_destroy(&pool->go);
	pthread_barrier_destroy(&pool->done);
	free(pool->worker);
}

/*
 * Nanoseconds that a batch of passes takes: with a pool from the start of the first
 * thread to the end of the last
 */
static double time_pass(struct pool *pool, const struct pass *pass, unsigned long batch)
{
	unsigned long failed = 0;
	double begin, end;
	unsigned int i;

	if (!pool) {
		begin = now_ns();
		failed = run_pass(pass, batch);
		end = now_ns();
	} else {
		pool->pass = *pass;
		pool->batch = batch;
		pthread_barrier_wait(&pool->go);
		pthread_barrier_wait(&pool->done);
		begin = pool->worker[0].begin;
		end = pool->worker[0].end;
		for (i = 0; i < pool->nr; i++) {
			failed += pool->worker[i].failed;
			if (pool->worker[i].begin < begin)
				begin = pool->worker[i].begin;
			if (pool->worker[i].end > end)
				end = pool->worker[i].end;
		}
	}
	if (failed)
		die(KSFT_FAIL, "%lu accesses failed: KVM_%s_ONE_REG of class %s", failed,
		    pass->op == OP_GET ? "GET" : "SET", class_names[pass->class]);
	return end - begin;
}

/* Guests that make hypercalls all the time: calls that nobody serves */

#define RUNNER_CALLS 1024 /* until it looks whether it is to stop */

struct runner {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	unsigned long rounds;
	bool stop;
	struct guest_result res;
};

static void *runner_run(void *arg)
{
	const u32 first = ABI_FAST_CALL | (ABI_NR_OWNERS - 1) << ABI_OWNER_SHIFT;
	struct runner *self = arg;

	while (!__atomic_load_n(&self->stop, __ATOMIC_RELAXED)) {
		struct guest_sweep sweep = { .next = first, .last = first + RUNNER_CALLS - 1 };

		guest_sweep(self->vcpu, guest_conduit(), &sweep, &self->res);
		__atomic_add_fetch(&self->rounds, 1, __ATOMIC_RELEASE);
		if (self->res.end != GUEST_DONE)
			break;
	}
	return NULL;
}

/* Returns once all of them run */
static struct runner *runners_start(struct test_vm *vm, unsigned int nr)
{
	struct runner *runner = calloc(nr, sizeof(*runner));
	unsigned int i;

	if (!runner)
		die(KSFT_FAIL, "no memory for %u guests", nr);
	for (i = 0; i < nr; i++) {
		runner[i].vcpu = vm->vcpu[vm->nr_vcpus - nr + i];
		start_thread(&runner[i].thread, runner_run, &runner[i]);
	}
	for (i = 0; i < nr; i++) {
		while (!__atomic_load_n(&runner[i].rounds, __ATOMIC_ACQUIRE))
			usleep(1000);
	}
	return runner;
}

static void runners_stop(struct runner *runner, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		__atomic_store_n(&runner[i].stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < nr; i++) {
		pthread_join(runner[i].thread, NULL);
		if (runner[i].res.end != GUEST_DONE)
			die(KSFT_FAIL, "a guest that made hypercalls ended: %s",
			    guest_end_str(&runner[i].res));
	}
	free(runner);
}
