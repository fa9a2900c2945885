/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fresh VM whose firmware is that of an older kernel.
 */
#ifndef GUEST_ABI_PIN_H
#define GUEST_ABI_PIN_H

#include "smccc.h"
#include "state.h"

/* What a chosen firmware comes to */
struct pinned {
	struct fw_config cfg;
	u64 psci; /* PSCI_VERSION */
	u64 iidr; /* GICD_IIDR; 0 without a vGIC */
};

/**
 * pin_apply() - choose the firmware of a release, before the VM's first run
 * @release: as SERIES() has it
 * @out: gets a line for each write that a VMM has to make
 *
 * Return: false if some of it cannot be had on this kernel
 */
bool pin_apply(struct test_vm *vm, unsigned int release, struct pinned *pinned, FILE *out);

/**
 * pin_verify() - whether what a guest was told is the chosen firmware
 * @now: with the answers of probe_guest(), to a guest that calls by HVC
 * @out: gets a line for each answer that is not
 */
bool pin_verify(const struct state *now, const struct pinned *pinned, FILE *out);

#endif /* GUEST_ABI_PIN_H */
