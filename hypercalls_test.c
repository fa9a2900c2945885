// SPDX-License-Identifier: GPL-2.0
/*
 * hypercalls_test: the hypercall services KVM/arm64 offers, and the bitmap
 * registers by which a VMM chooses among them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  the bitmap registers
 *   Documentation/virt/kvm/arm/hypercalls.rst           KVM's vendor calls
 *   Documentation/virt/kvm/arm/ptp_kvm.rst              PTP
 *   Documentation/virt/kvm/arm/pvtime.rst               stolen time
 *   Documentation/virt/kvm/devices/vcpu.rst, 3          its vCPU attribute
 *   Arm DEN0028 (SMCCC), DEN0098 (TRNG), DEN0057 (PV time)
 *
 * What is expected is in the tables of lib/smccc.c. The parts below:
 *   hypercalls/registers.h  values, errors and the lock at the first run
 *   hypercalls/gating.h     each call under each combination of bits
 *   hypercalls/services.h   TRNG, stolen time and PTP in depth
 *   hypercalls/sweep.h      no other function id is answered
 *
 * Options beside the harness's own:
 *   --sweep=near    only the function numbers around assigned ones
 *   --sweep=served  every number of the owners that KVM serves (the default)
 *   --sweep=all     every number of every owner, too
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "kselftest_harness.h"

#include "guest.h"
#include "smccc.h"
#include "verdict.h"
#include "vgic.h"

#include "hypercalls/registers.h"
#include "hypercalls/gating.h"
#include "hypercalls/services.h"
#include "hypercalls/sweep.h"

int main(int argc, char **argv)
{
	argc = sweep_options(argc, argv);
	if (argc < 0)
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
