// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_typer2_test: what a vGIC says it is, GICD_IIDR and GICD_TYPER2, and how
 * a VMM keeps that over a migration.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0069 and IHI0048                         the registers
 *
 * The parts:
 *   vgic/expect.h  stages in the life of a VM, and the checks
 *   vgic/iidr.h    the revision of either vGIC
 *   vgic/typer2.h  nASSGIcap and nASSGIreq, on hosts with GICv4.1 and without
 *   vgic/access.h  before initialisation, while a vCPU runs, by the guest
 *   vgic/redist.h  the revision's effect on the redistributors
 *   vgic/image.h   save and restore
 *   vgic/v2.h      what a vGICv2 has of its own
 *
 * A host has vGICv3, vGICv2 or both; the tests of what it lacks are skipped.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"

#include "verdict.h"
#include "vgic.h"
#include "vgic_image.h"

#include "vgic/expect.h"
#include "vgic/iidr.h"
#include "vgic/typer2.h"
#include "vgic/access.h"
#include "vgic/redist.h"
#include "vgic/image.h"
#include "vgic/v2.h"

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
