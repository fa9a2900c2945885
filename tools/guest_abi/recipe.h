/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VM must be given, so that each host of a fleet can take it: docs/fleet.md.
 *
 * Needs libc alone, as vmm/state.h does.
 */
#ifndef GUEST_ABI_RECIPE_H
#define GUEST_ABI_RECIPE_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#define RECIPE_MAX_REGS 512

/* Bits of a register */
struct recipe_reg {
	u64 id, mask, value;
};

struct recipe {
	bool is_recipe;
	char shape[64], verdict[64];
	u64 version, gic, iidr, ipa_bits; /* gic 0: none */
	u64 vls[8]; /* KVM_REG_ARM64_SVE_VLS */
	unsigned int nr;
	struct recipe_reg reg[RECIPE_MAX_REGS];
};

/**
 * recipe_read() - read a file
 * @name: for messages
 * @log: where a message goes
 *
 * Return: the recipe, to be freed; NULL after a message if it is not whole, or says no
 */
struct recipe *recipe_read(FILE *file, const char *name, FILE *log);

#endif /* GUEST_ABI_RECIPE_H */
