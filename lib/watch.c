// SPDX-License-Identifier: GPL-2.0
/*
 * Ends a test that waits too long, and says for what. A thread of the program looks at what
 * its tests wait for: one for each test would cost as much as the test's VM.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

/* As many as wait at once at most: more of them are not watched */
#define MAX_WATCHES 128
#define WATCH_STACK (256 << 10)

struct watch {
	bool taken;
	long since; /* 0: nothing to look at */
	pid_t process;
	int vcpu;
	const char *what;
	__u64 id;
};

/* In memory that the program and its tests share; NULL: no one looks */
static struct watch *watches;
/* This process, or 0: a child begins with a page of zeros. getpid() costs as much as the ioctl. */
static pid_t *own_process;

static pid_t this_process(void)
{
	if (!own_process)
		return getpid();
	if (!*own_process)
		*own_process = getpid();
	return *own_process;
}

long watch_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

struct watch *watch_begin(int vcpu, const char *what, __u64 id)
{
	struct watch *watch;

	for (watch = watches; watches && watch < watches + MAX_WATCHES; watch++) {
		if (__atomic_exchange_n(&watch->taken, true, __ATOMIC_ACQUIRE))
			continue;
		watch->process = this_process();
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

/* Says what took too long, and ends the process that waits */
static void watch_look(struct watch *watch, long now)
{
	long since = __atomic_load_n(&watch->since, __ATOMIC_ACQUIRE);
	char vcpu[24] = "", id[32] = "";

	if (!since)
		return;
	if (kill(watch->process, 0) && errno == ESRCH) {
		/* It was ended meanwhile */
		watch_end(watch);
		return;
	}
	if (now - since < WATCH_LIMIT)
		return;
	if (watch->vcpu >= 0)
		snprintf(vcpu, sizeof(vcpu), "vCPU %d ", watch->vcpu);
	if (watch->id)
		snprintf(id, sizeof(id), " (%#llx)", watch->id);
	dprintf(STDERR_FILENO, "# waited %ld s for %s%s%s\n", now - since, vcpu, watch->what, id);
	/* No exit status: an expected failure would hide that this test did not end */
	kill(watch->process, SIGKILL);
}

static void *watch_thread(void *unused)
{
	unsigned int i;

	for (;;) {
		for (i = 0; i < MAX_WATCHES; i++)
			watch_look(&watches[i], watch_seconds());
		sleep(1);
	}
	return unused;
}

/* Memory for the watches, or less */
static void *map_page(int flags)
{
	void *page = mmap(NULL, MAX_WATCHES * sizeof(*watches), PROT_READ | PROT_WRITE,
			  flags | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void watch_start(void)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	own_process = map_page(MAP_PRIVATE);
	if (own_process && madvise(own_process, sizeof(*own_process), MADV_WIPEONFORK))
		own_process = NULL;
	watches = map_page(MAP_SHARED);
	if (!watches) {
		err = ENOMEM;
		goto out;
	}
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WATCH_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Signals are the program's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, &attr, watch_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
out:
	if (err)
		fprintf(stderr,
			"# no thread to watch the tests (%s): only their timeout ends them\n",
			strerror(err));
}
