/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test waits for, and its end if that never comes: lib/watch.c. No verdict depends
 * on the speed of the machine, so that a wait ends by its condition and not by the clock,
 * but one that takes WATCH_LIMIT is a failure that says what it was for.
 */
#ifndef GUEST_ABI_WATCH_H
#define GUEST_ABI_WATCH_H

#include <linux/types.h>

/*
 * Seconds for one KVM_RUN, or another step that takes milliseconds on an idle emulated
 * machine, and for a race to happen.
 */
#define WATCH_LIMIT 120

struct watch;

#define WATCH_NO_VCPU (-1)

/**
 * watch_begin() - the calling thread waits
 * @vcpu: for this vCPU, or WATCH_NO_VCPU
 * @what: to do this, and what it did instead: "to run; it had not begun". Static
 * @id: of the register or attribute that it is about, or 0
 *
 * Return: for watch_end()
 */
struct watch *watch_begin(int vcpu, const char *what, __u64 id);

/** watch_end() - what the thread waited for has come */
void watch_end(struct watch *watch);

/** watch_seconds() - the time by which WATCH_LIMIT counts */
long watch_seconds(void);

/** watch_start() - from now on a wait that takes too long ends its process, also a child */
void watch_start(void);

#endif /* GUEST_ABI_WATCH_H */
