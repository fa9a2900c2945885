// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: the clock, medians and quartiles.
 */
#include <stdlib.h>
#include <time.h>

#include "bench.h"

/* NTP slews CLOCK_MONOTONIC, but not CLOCK_MONOTONIC_RAW */
double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Interpolated between the two nearest values */
static double quantile(const double *sorted, unsigned int nr, double q)
{
	double at = q * (nr - 1);
	unsigned int i = at;

	if (i + 1 >= nr)
		return sorted[nr - 1];
	return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
}

struct summary summarize(double *val, unsigned int nr)
{
	struct summary s;
	double *far = calloc(nr, sizeof(*far));
	unsigned int i;

	if (!far)
		die(KSFT_FAIL, "no memory for %u samples", nr);
	qsort(val, nr, sizeof(*val), compare_doubles);
	s.median = quantile(val, nr, 0.5);
	s.q1 = quantile(val, nr, 0.25);
	s.q3 = quantile(val, nr, 0.75);
	for (i = 0; i < nr; i++)
		far[i] = val[i] > s.median ? val[i] - s.median : s.median - val[i];
	qsort(far, nr, sizeof(*far), compare_doubles);
	s.mad = quantile(far, nr, 0.5);
	free(far);
	return s;
}
