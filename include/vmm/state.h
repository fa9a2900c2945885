/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a VM as a VMM carries it to another host, and what its guest saw:
 * in memory, and as the text file that docs/state-file.md describes.
 *
 * Needs libc and lib/reg_value.c alone, so that it can be built and fuzzed on any machine.
 */
#ifndef GUEST_ABI_VMM_STATE_H
#define GUEST_ABI_VMM_STATE_H

#include <stdio.h>

#include "reg_value.h"

#define STATE_VERSION 2 /* that is written; version 1 is read, too */

/* What a file may have at most; more is refused before memory is asked for */
#define STATE_MAX_VCPUS 512
#define STATE_MAX_REGS 4096 /* of one vCPU */
#define STATE_MAX_DEV_REGS 8192
#define STATE_MAX_ANSWERS 4096
#define STATE_MAX_LINE 1024 /* bytes */
#define STATE_WORD 64 /* bytes of a name, with the zero that ends it */

struct state_vcpu {
	u32 mp_state; /* KVM_MP_STATE_* [api.rst 4.38] */
	u64 stolen_time; /* IPA that PV time was given; 0 if none */
	struct {
		u32 pending, has_esr;
		u64 esr;
	} serror; /* KVM_GET_VCPU_EVENTS [api.rst 4.31]; since version 2 */
	unsigned int nr_regs;
	struct reg_value *reg; /* in the order of KVM_GET_REG_LIST */
};

/* A register of the vGIC as user space has it [devices/arm-vgic-v3.rst] */
struct state_dev_reg {
	u32 group; /* KVM_DEV_ARM_VGIC_GRP_* */
	u32 cpu; /* whose it is; 0 for the distributor's */
	u32 offset;
	u64 val; /* 32 bits, save in STATE_GRP_CPU_SYSREGS */
};

#define STATE_GRP_CPU_SYSREGS 6 /* KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS; since version 2 */

/* What the guest got when it asked: a line "probe" or "trap" of the file */
struct state_answer {
	char name[STATE_WORD];
	u64 x[4]; /* a call: x0 to x3; a register: x[0] */
	bool trapped; /* it took an exception instead: x[0] is the syndrome */
};

struct state {
	u32 version; /* of the format */
	char release[STATE_WORD]; /* of the kernel, as uname -r has it */
	char mode[STATE_WORD]; /* of its KVM: vhe, nvhe, protected, nested, unknown */
	char shape[STATE_WORD]; /* name of its row in vm_configs[] */
	char pin[STATE_WORD]; /* release whose firmware the VMM chose, or "-" */
	u64 midr; /* of the host's CPU that it was made on */
	u32 features; /* vCPU features, a mask of 1 << KVM_ARM_VCPU_* */
	u32 gic; /* version: 0 for none, 2, 3 */
	unsigned int nr_vcpus, nr_dev_regs, nr_answers;
	struct state_vcpu *vcpu;
	struct state_dev_reg *dev_reg;
	struct state_answer *answer;
};

/**
 * state_read() - read a file
 * @name: for messages
 * @log: where a message goes
 *
 * Return: the state, to be freed; NULL after a message that names the line if the text
 * is not a whole and valid file of version 1 or 2
 */
struct state *state_read(FILE *file, const char *name, FILE *log);

/** state_write() - write a file; false, with errno set, if that failed */
bool state_write(const struct state *state, FILE *file);

/** state_free() - NULL is allowed */
void state_free(struct state *state);

/** state_reg() - a register of a vCPU; NULL if the state has none of that id */
const struct reg_value *state_reg(const struct state_vcpu *vcpu, u64 id);

/** state_answer() - an answer by its name, or NULL */
const struct state_answer *state_answer(const struct state *state, const char *name);

/** state_add_answer() - room for one more answer; NULL if there is no memory */
struct state_answer *state_add_answer(struct state *state);

/** state_add_dev_reg() - room for one more register of the vGIC; NULL without memory */
struct state_dev_reg *state_add_dev_reg(struct state *state);

/** state_same_answer() - whether two answers are the same */
bool state_same_answer(const struct state_answer *a, const struct state_answer *b);

/** state_answer_str() - "0x1,0x0,0x0,0x0" or "trap:0x62000000"; good until the fourth call */
const char *state_answer_str(const struct state_answer *answer);

#endif /* GUEST_ABI_VMM_STATE_H */
