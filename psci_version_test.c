// SPDX-License-Identifier: GPL-2.0
/*
 * psci_version_test: the PSCI that KVM/arm64 shows a guest, version by version,
 * and the register by which a VMM chooses one.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  KVM_REG_ARM_PSCI_VERSION
 *   Documentation/virt/kvm/api.rst, 5                   KVM_EXIT_SYSTEM_EVENT
 *   Documentation/virt/kvm/api.rst, 4.38, 4.39          vCPU states
 *   Arm DEN0022 (PSCI)                                  functions and errors
 *
 * A guest that was given version V must find no function and no error code that
 * is newer than V. What is expected is in the tables of lib/psci.c. The parts:
 *   psci/version.h    the register: values, errors, scope
 *   psci/functions.h  which functions answer, and PSCI_FEATURES
 *   psci/power.h      vCPUs on, off and suspended
 *   psci/system.h     calls that go to the VMM
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "kselftest_harness.h"

#include "psci.h"
#include "smccc.h"
#include "verdict.h"

#include "psci/version.h"
#include "psci/functions.h"
#include "psci/power.h"
#include "psci/system.h"

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
