/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Firmware levels: a fresh VM that gets the firmware of an older kernel.
 */
#ifndef GUEST_ABI_VMM_FW_LEVEL_H
#define GUEST_ABI_VMM_FW_LEVEL_H

#include "smccc.h"
#include "vmm/state.h"

/* The firmware that a VMM chose */
struct fw_level {
	struct fw_config cfg;
	u64 psci; /* PSCI_VERSION */
	u32 iidr; /* GICD_IIDR; 0 without a vGIC */
	bool lacking; /* this kernel lacks a register, or is older than a value */
	struct {
		const char *reg;
		u64 val;
		int err; /* 0 if there was none */
	} refused; /* the first write that KVM refused without lacking anything */
};

/**
 * fw_level_choose() - write the firmware registers before the VM's first run
 * @release: whose firmware, as SERIES() has it
 * @out: gets a line for each write that a VMM must make
 *
 * Return: 0; -ENOENT if this kernel lacks some of it; or the negative errno of
 * @level->refused, a write that KVM must accept
 */
int fw_level_choose(struct test_vm *vm, unsigned int release, struct fw_level *level, FILE *out);

/**
 * fw_level_verify() - whether the guest got the answers of the chosen firmware
 * @now: with the answers of query_guest(), to a guest that calls by HVC
 * @out: gets a line for each other answer
 */
bool fw_level_verify(struct test_vm *vm, const struct state *now, const struct fw_level *level,
		     FILE *out);

#endif /* GUEST_ABI_VMM_FW_LEVEL_H */
