// SPDX-License-Identifier: GPL-2.0
/*
 * get_reg_list_test: the registers by which a VMM saves and restores a vCPU.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69   KVM_SET_ONE_REG, KVM_GET_ONE_REG
 *   Documentation/virt/kvm/api.rst 4.82, 4.84   KVM_ARM_VCPU_INIT, KVM_GET_REG_LIST
 *   data/registers.list                         what kernels have listed so far
 *
 * for each combination of vCPU features that the host offers. The parts below:
 *   reg_list/configs.h       those combinations
 *   reg_list/errors.h        when there is no list, or no room for it
 *   reg_list/listed.h        what is listed answers, what is not does not
 *   reg_list/restore.h       all registers saved, and restored in any order
 *   reg_list/el2_counters.h  the counters of a guest at EL2
 *   reg_list/recorded.h      the list against the record
 *
 * Options beside the harness's own:
 *   --dump  no test: print what this kernel lists, for scripts/registers.sh
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>

#include "kselftest_harness.h"

#include "abi.h"
#include "guest.h"
#include "reg_list.h"
#include "shape.h"
#include "verdict.h"
#include "vmm.h"

#include "reg_list/configs.h"
#include "reg_list/errors.h"
#include "reg_list/listed.h"
#include "reg_list/restore.h"
#include "reg_list/el2_counters.h"
#include "reg_list/recorded.h"
#include "reg_list/dump.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--dump"))
		return print_lists();
	return run_tests(argc, argv);
}
