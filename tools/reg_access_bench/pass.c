// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: a pass over registers and vCPUs, by one thread or by one for each vCPU.
 *
 * The empty ioctl is made on the same vCPU's file. KVM refuses it by its number, before it
 * takes any lock, so it costs a system call and the way to KVM's first instruction. The
 * bare loop is the same pass with a function that does nothing in place of the ioctl.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bench.h"

/* KVM's ioctls have the type KVMIO, this one has not */
#define EMPTY_IOCTL _IO(0, 0xff)

#define THREAD_STACK (128 * 1024) /* small, since there are hundreds of threads */

const char *const op_names[] = {
	[OP_GET] = "get",	  [OP_SET] = "set",   [OP_CREATE] = "create",
	[OP_DESTROY] = "destroy", [OP_CALL] = "call",
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

/* Threads that wait for a pass, which all of them begin at once */
struct worker {
	pthread_t thread;
	struct pool *pool;
	unsigned int vcpu;
	double begin, end;
	unsigned long failed;
};

struct pool {
	pthread_barrier_t go, done;
	struct pass pass;
	unsigned long batch;
	bool quit;
	unsigned int nr;
	struct worker worker[];
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

void start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	err = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	if (err)
		die(KSFT_FAIL, "cannot start a thread for each vCPU: %s; see ulimit -u",
		    strerror(err));
}

struct pool *pool_start(unsigned int nr)
{
	struct pool *pool = calloc(1, sizeof(*pool) + nr * sizeof(*pool->worker));
	unsigned int i;

	if (!pool)
		die(KSFT_FAIL, "no memory for %u threads", nr);
	pool->nr = nr;
	pthread_barrier_init(&pool->go, NULL, nr + 1);
	pthread_barrier_init(&pool->done, NULL, nr + 1);
	for (i = 0; i < nr; i++) {
		pool->worker[i].pool = pool;
		pool->worker[i].vcpu = i;
		start_thread(&pool->worker[i].thread, worker_run, &pool->worker[i]);
	}
	return pool;
}

void pool_stop(struct pool *pool)
{
	unsigned int i;

	pool->quit = true;
	pthread_barrier_wait(&pool->go);
	for (i = 0; i < pool->nr; i++)
		pthread_join(pool->worker[i].thread, NULL);
	pthread_barrier_destroy(&pool->go);
	pthread_barrier_destroy(&pool->done);
	free(pool);
}

double time_pass(struct pool *pool, const struct pass *pass, unsigned long batch)
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
