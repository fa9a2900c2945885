// SPDX-License-Identifier: GPL-2.0
/*
 * The time that a thread waits for a CPU: the second number of its schedstat.
 */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "kvm_util.h"

#include "run_delay.h"
#include "watch.h"

#define SCHEDSTAT "/proc/thread-self/schedstat"

const char *run_delay_missing(void)
{
	return access(SCHEDSTAT, R_OK) ? "this kernel has no /proc/PID/schedstat" : NULL;
}

__u64 run_delay(void)
{
	FILE *file = fopen(SCHEDSTAT, "r");
	unsigned long delay = 0;

	TEST_ASSERT(file && fscanf(file, "%*u %lu", &delay) == 1, "Reading " SCHEDSTAT);
	fclose(file);
	return delay;
}

static void *burn(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
		;
	return NULL;
}

void rival_start(struct rival *rival)
{
	cpu_set_t cpus;
	int err;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	err = sched_setaffinity(0, sizeof(cpus), &cpus);
	TEST_ASSERT(!err, "sched_setaffinity() to one CPU");
	rival->stop = false;
	err = pthread_create(&rival->thread, NULL, burn, &rival->stop);
	TEST_ASSERT(!err, "pthread_create(): errno %d", err);
}

void rival_stop(struct rival *rival)
{
	__atomic_store_n(&rival->stop, true, __ATOMIC_RELAXED);
	pthread_join(rival->thread, NULL);
}

bool lose_time(void)
{
	__u64 begin = run_delay(), goal = begin + 3000000, lost;
	long start = watch_seconds();

	while ((lost = run_delay()) < goal) {
		if (watch_seconds() - start > WATCH_LIMIT) {
			fprintf(stderr,
				"# waited %d s for other threads to take 3000000 ns from this one; they took %llu\n",
				WATCH_LIMIT, lost - begin);
			return false;
		}
		sched_yield();
	}
	return true;
}
