/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time that a thread waits for a CPU, which KVM tells its guest as stolen time.
 */
#ifndef GUEST_ABI_RUN_DELAY_H
#define GUEST_ABI_RUN_DELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <linux/types.h>

/** run_delay_missing() - NULL, or the SKIP text for a kernel that does not tell it */
const char *run_delay_missing(void);

/** run_delay() - nanoseconds that this thread waited for a CPU so far */
__u64 run_delay(void);

/* A thread that takes CPU time from the one that started it */
struct rival {
	pthread_t thread;
	bool stop;
};

/** rival_start() - from now on both share one CPU */
void rival_start(struct rival *rival);
void rival_stop(struct rival *rival);

/** lose_time() - wait until this thread lost 3 ms more; false if it does not, which it says */
bool lose_time(void);

#endif /* GUEST_ABI_RUN_DELAY_H */
