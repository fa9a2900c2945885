/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All registers of a vGIC, as a VMM saves and restores them after GICD_IIDR and
 * GICD_TYPER2 [devices/arm-vgic-v3.rst, devices/arm-vgic.rst].
 */
#ifndef GUEST_ABI_VMM_VGIC_IMAGE_H
#define GUEST_ABI_VMM_VGIC_IMAGE_H

#include "vgic.h"

/* What a test may fill a row's registers with */
enum vgic_fill {
	FILL_NOTHING, /* its value at reset; KVM ignores a write to most of these */
	FILL_VALUE, /* arg */
	FILL_BITS, /* some bits of arg, others in each word */
	FILL_AFFINITY, /* that of some vCPU */
};

struct vgic_image_row {
	struct vgic_reg reg; /* the first */
	unsigned int nr, step; /* how many, and how far apart */
	bool banked; /* each vCPU has its own */
	u32 clear; /* register to write all ones to first; 0 if none */
	enum vgic_fill fill;
	u32 arg;
	bool guest; /* the guest, too, must find it as on the first VM */
};

/* A word of an image: where it is, and its place among the words */
struct vgic_image_word {
	const struct vgic_image_row *row;
	struct vgic_reg reg;
	unsigned int cpu, i, at;
};

/**
 * vgic_image_next() - step through the words, in the order of a restore
 * @word: all zero to begin with
 *
 * Return: false after the last one
 */
bool vgic_image_next(const struct test_vm *vm, struct vgic_image_word *word);

/**
 * __vgic_image_put() - write a word; clear bits first that a write can only set
 *
 * Return: 0 or a negative errno
 */
int __vgic_image_put(struct test_vm *vm, const struct vgic_image_word *word, u32 val);

/* A register of a CPU interface: CPU_SYSREGS of a vGICv3, CPU_REGS of a vGICv2 */
struct vgic_cpuif_word {
	struct vgic_reg reg;
	unsigned int cpu, i, nr;
};

/** vgic_cpuif_next() - step through those of all vCPUs, as vgic_image_next() does */
bool vgic_cpuif_next(struct test_vm *vm, struct vgic_cpuif_word *word);

/** __vgic_cpuif_get(), __vgic_cpuif_put() - read or write it; 0 or a negative errno */
int __vgic_cpuif_get(struct test_vm *vm, const struct vgic_cpuif_word *word, u64 *val);
int __vgic_cpuif_put(struct test_vm *vm, const struct vgic_cpuif_word *word, u64 val);

#endif /* GUEST_ABI_VMM_VGIC_IMAGE_H */
