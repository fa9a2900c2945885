// SPDX-License-Identifier: GPL-2.0
/*
 * vm_scope_test: firmware registers that are accessed through a vCPU and belong
 * to the whole VM.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  "affects the whole VM", and
 *                                                       the bitmaps' EBUSY
 *
 * The parts:
 *   scope/registers.h  the registers, their values and what guests see of them
 *   scope/vcpus.h      2 vCPUs to as many as KVM offers, one thread
 *   scope/race.h       writes and first runs at the same time
 *
 * Option beside the harness's own:
 *   --seed=NUMBER      of the races, to repeat those of a failure
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include "kselftest_harness.h"

#include "guest.h"
#include "psci.h"
#include "smccc.h"
#include "verdict.h"

#include "scope/registers.h"
#include "scope/vcpus.h"
#include "scope/race.h"

int main(int argc, char **argv)
{
	argc = race_options(argc, argv);
	if (argc < 0)
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
