/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The firmware registers that are accessed through a vCPU and belong to the whole VM:
 * their legal values, what a VM has in them, and the calls whose answers depend on them.
 */
#ifndef GUEST_ABI_VM_WIDE_H
#define GUEST_ABI_VM_WIDE_H

#include "smccc.h"

/* Numbers of the registers: BMAP_* of the bitmaps, and one more */
enum {
	FW_WIDE_PSCI_VERSION = NR_BMAPS,
	NR_FW_WIDE,
};

#define FW_WIDE_MAX_VALUES 8

/* What all registers of a VM hold, and which values each may take */
struct fw_wide_state {
	struct fw_config cfg; /* the bitmaps are in cfg.bmap[] */
	u64 psci_version;
	u64 value[NR_FW_WIDE][FW_WIDE_MAX_VALUES];
	unsigned int nr_values[NR_FW_WIDE]; /* 0 for a register that this kernel lacks */
};

/**
 * fw_wide_init() - fill in a state for a VM whose registers no one wrote
 *
 * Legal are all subsets of a bitmap's accepted bits, the PSCI versions that this KVM takes,
 * which are found with a VM of their own, and what a kernel that is newer than the tables
 * has at reset.
 */
void fw_wide_init(struct fw_wide_state *state);

const struct fw_reg *fw_wide_reg(unsigned int reg);

/**
 * fw_wide_locked_by_run() - whether another value is EBUSY once a vCPU has run
 *
 * The documentation says so of the bitmaps only. Of PSCI_VERSION a late change may be
 * taken or refused, but by and for the whole VM.
 */
bool fw_wide_locked_by_run(unsigned int reg);

/** fw_wide_get(), fw_wide_set() - what a state has in a register; no ioctl */
u64 fw_wide_get(const struct fw_wide_state *state, unsigned int reg);
void fw_wide_set(struct fw_wide_state *state, unsigned int reg, u64 val);

bool fw_wide_is_legal(const struct fw_wide_state *state, unsigned int reg, u64 val);

/** fw_wide_other() - a legal value other than the present one, if there are two */
u64 fw_wide_other(const struct fw_wide_state *state, unsigned int reg);

#define FW_WIDE_NR_QUERIES 6

/**
 * fw_wide_query() - a call by whose answer a guest sees registers
 * @n: which one, below FW_WIDE_NR_QUERIES
 *
 * Return: the call, which has to get the answer that smccc_expect() makes of @state->cfg
 */
struct smccc_call fw_wide_query(const struct fw_wide_state *state, unsigned int n);

#endif /* GUEST_ABI_VM_WIDE_H */
