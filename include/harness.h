/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kselftest harness, and main() of a program that uses it. The harness works in
 * one source file only, so this is for *_test.c alone.
 */
#ifndef GUEST_ABI_HARNESS_H
#define GUEST_ABI_HARNESS_H

#include <stdlib.h>

#include "kselftest_harness.h"

#include "process.h"

/*
 * Each wait of a test has its own limit, in lib/watch.c. The whole test has as many seconds
 * as the longest sweep takes on an emulated machine.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 3600

/* The harness's SKIP() makes a skip of a test that has failed. This one leaves it a failure. */
static inline void skip_unless_failed(struct __test_metadata *_metadata, const char *reason)
{
	if (__test_passed(_metadata))
		SKIP(return, "%s", reason);
	TH_LOG("not done: %s", reason);
}

#undef SKIP
#define SKIP(statement, ...)                                                                       \
	do {                                                                                       \
		char skip_reason[sizeof(_metadata->results->reason)];                              \
		snprintf(skip_reason, sizeof(skip_reason), __VA_ARGS__);                           \
		skip_unless_failed(_metadata, skip_reason);                                        \
		statement;                                                                         \
	} while (0)

/* At exit: KSFT_SKIP if every test was skipped, KSFT_FAIL if none was run */
static inline void check_any_ran(int status, void *instead)
{
	if (status || ksft_cnt.ksft_pass || ksft_cnt.ksft_xfail || ksft_cnt.ksft_xpass)
		return;
	*(int *)instead = ksft_cnt.ksft_xskip ? KSFT_SKIP : KSFT_FAIL;
	if (!ksft_cnt.ksft_xskip)
		fprintf(stderr, "# no test was executed\n");
}

/**
 * run_tests() - what main() of a test program returns
 *
 * lib/process.c has skipped the program by now if this host lacks what all tests need.
 */
static inline int run_tests(int argc, char **argv)
{
	if (on_exit(check_any_ran, &process_status))
		ksft_exit_fail_msg("no memory\n");
	return test_harness_run(argc, argv);
}

#endif /* GUEST_ABI_HARNESS_H */
