/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host and its kernel have. Each is found once for the process and for all
 * children of the harness.
 */
#ifndef GUEST_ABI_HOST_H
#define GUEST_ABI_HOST_H

#include "smccc.h"

/**
 * host_mode() - vhe, nvhe, protected or nested
 *
 * Only the boot log has it; "unknown" if that cannot be read.
 */
const char *host_mode(void);

/** host_missing_features() - NULL, or what this host lacks for a mask of vCPU features */
const char *host_missing_features(u32 features);

/**
 * host_fw() - registers, services and conduits
 * @cfg: filled in for a VM whose registers no one wrote
 *
 * A kernel that lacks a bitmap register may still have its services, so a guest is
 * asked for those. One that takes more bits than fw_bitmaps[] has is newer than the tables:
 * newer_kernel_test fails for it, and all other tests leave these bits alone.
 */
void host_fw(struct fw_config *cfg);

/** host_missing_conduit() - NULL, or why guests of this program cannot call that way */
const char *host_missing_conduit(enum conduit conduit);

/** host_missing_filter() - NULL, or the SKIP text for a kernel that has no SMCCC filter */
const char *host_missing_filter(void);

#define HOST_MAX_PSCI 16

struct host_psci {
	u64 reset; /* the version of a VM for which no one chose one */
	u64 unknown[HOST_MAX_PSCI]; /* what this kernel takes and psci_versions[] lacks */
	unsigned int nr_unknown;
};

/** host_psci() - PSCI versions 0.0 to 3.63 that are newer than the tables, as with host_fw() */
const struct host_psci *host_psci(void);

/** host_takes_unknown_psci() - whether a version is one of them */
bool host_takes_unknown_psci(u64 version);

struct host_vgic {
	bool there; /* the host can give a VM one */
	u32 newest; /* revision that GICD_IIDR has at reset */
	bool early; /* v3: GICD_IIDR and GICD_TYPER2 are there before initialisation */
	bool nassgicap; /* v3: GICD_TYPER2.nASSGIcap at reset */
};

/**
 * host_vgic() - what a VM's vGIC is like
 * @type: KVM_DEV_TYPE_ARM_VGIC_V3 or KVM_DEV_TYPE_ARM_VGIC_V2
 */
void host_vgic(u32 type, struct host_vgic *vgic);

/** host_vgic_v3() - VM_VGIC_V3 if this host has one for guests, else 0: for test_vm_create() */
unsigned int host_vgic_v3(void);

/** host_has_vgic() - whether KVM_CREATE_DEVICE makes a vGIC of a type */
bool host_has_vgic(u32 type);

#endif /* GUEST_ABI_HOST_H */
