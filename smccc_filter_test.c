// SPDX-License-Identifier: GPL-2.0
/*
 * smccc_filter_test: the SMCCC filter, by which a VMM denies a guest's calls or
 * answers them itself.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/vm.rst, 6      KVM_ARM_VM_SMCCC_CTRL
 *   Documentation/virt/kvm/api.rst                KVM_EXIT_HYPERCALL; 4.80 and 4.81
 *   Documentation/virt/kvm/arm/hypercalls.rst     DISCOVER_IMPL_VER and _CPUS
 *   Arm DEN0028 (SMCCC)
 *
 * The parts:
 *   smccc_filter/config.h     what user space may set, and the errors
 *   smccc_filter/actions.h    what becomes of the guest's calls
 *   smccc_filter/forward.h    exits, and the VMM's answers
 *   smccc_filter/discovery.h  the one service that is the VMM's by contract
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "filter.h"
#include "guest.h"
#include "processor.h"
#include "smccc.h"
#include "verdict.h"

#include "smccc_filter/config.h"
#include "smccc_filter/actions.h"
#include "smccc_filter/forward.h"
#include "smccc_filter/discovery.h"

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
