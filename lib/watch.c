// SPDX-License-Identifier: GPL-2.0
/*
 * Ends a test that waits too long, and says for what.
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

/* As many as wait at once at most: more of them are not watched */
#define MAX_WATCHES 128
#define WATCH_STACK (256 << 10)

static struct watch {
	bool taken;
	long since; /* 0: nothing to look at */
	int vcpu;
	const char *what;
	__u64 id;
} watches[MAX_WATCHES];

static bool watching;

long watch_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

struct watch *watch_begin(int vcpu, const char *what, __u64 id)
{
	struct watch *watch;

	for (watch = watches; watching && watch < watches + MAX_WATCHES; watch++) {
		if (__atomic_exchange_n(&watch->taken, true, __ATOMIC_ACQUIRE))
			continue;
		watch->vcpu = vcpu;
		watch->what = what;
		watch->id = id;
		__atomic_store_n(&watch->since, watch_seconds(), __ATOMIC_RELEASE);
		return watch;
	}
	return NULL;
}

void watch_end(struct watch *watch)
{
	if (!watch)
		return;
	__atomic_store_n(&watch->since, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&watch->taken, false, __ATOMIC_RELEASE);
}

/* Says what took too long; returns whether there was anything */
static bool watch_look(void)
{
	long now = watch_seconds();
	struct watch *watch;
	bool late = false;

	for (watch = watches; watch < watches + MAX_WATCHES; watch++) {
		long since = __atomic_load_n(&watch->since, __ATOMIC_ACQUIRE);
		char vcpu[24] = "", id[32] = "";

		if (!since || now - since < WATCH_LIMIT)
			continue;
		if (watch->vcpu >= 0)
			snprintf(vcpu, sizeof(vcpu), "vCPU %d ", watch->vcpu);
		if (watch->id)
			snprintf(id, sizeof(id), " (%#llx)", watch->id);
		dprintf(STDERR_FILENO, "# waited %ld s for %s%s%s\n", now - since, vcpu,
			watch->what, id);
		late = true;
	}
	return late;
}

static void *watch_thread(void *unused)
{
	while (!watch_look())
		sleep(1);
	/* Not exit() or abort(): an expected failure would hide that this test did not end */
	kill(getpid(), SIGKILL);
	return unused;
}

void watch_start(void)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;

	watching = true;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WATCH_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Signals are the test's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, &attr, watch_thread, NULL))
		fprintf(stderr, "# no thread to watch this test: only its timeout ends it\n");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}
