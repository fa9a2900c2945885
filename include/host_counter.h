/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's counter, with which those of all guests go on.
 */
#ifndef GUEST_ABI_HOST_COUNTER_H
#define GUEST_ABI_HOST_COUNTER_H

#include <linux/types.h>

/** host_counter() - read it, neither earlier nor later than where this stands */
static inline __u64 host_counter(void)
{
	__u64 count;

	asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(count)::"memory");
	return count;
}

/** host_counter_hz() - how fast they count */
static inline __u64 host_counter_hz(void)
{
	__u64 hz;

	asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

#endif /* GUEST_ABI_HOST_COUNTER_H */
