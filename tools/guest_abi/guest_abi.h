/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of guest_abi share.
 */
#ifndef GUEST_ABI_TOOL_H
#define GUEST_ABI_TOOL_H

#include "guest_regs.h"
#include "recipe.h"
#include "vm_config.h"
#include "vmm/state.h"

/* Exit status of a host that has no usable KVM, or lacks what a shape needs */
#define EXIT_SKIPPED 4

/* The configuration of a shape by its name, or NULL */
const struct vm_config *shape_config(const char *name);
/* The shapes one after the other; NULL after the last */
const struct vm_config *shape_config_at(unsigned int i);

/* Releases that hosts may be rolled back to, and what stands before one in a shape's name */
extern const char *const pin_releases[];
extern const unsigned int nr_pin_releases;
#define PIN_INFIX "-as-"

/* Whether a word is a release, not a file */
bool is_release(const char *text);
/* A release such as 6.1 as SERIES() has it; 0 after a message */
unsigned int parse_release(const char *text);

/* A state from a file, or NULL after a message; "-" is standard input */
struct state *read_file(const char *name);
/* A state to a file, "-" is standard output; returns the exit status */
int write_file(const struct state *state, const char *name);
/* The same for a text */
int write_text(const char *text, const char *name);

/* Whether a system register identifies the CPU */
bool reg_is_id(u64 id);

/* A recipe from a file, and what its VM is to be made of; NULL after a message */
struct recipe *read_recipe(const char *name, struct vm_config *config);
/*
 * Make its VM, with a line to @out for each write: NULL, and the exit status, if this host
 * cannot
 */
struct test_vm *recipe_create(const struct recipe *recipe, const struct vm_config *config,
			      FILE *out, int *status);
/*
 * Choose the registers, before the first run; @ids: only those that identify the CPU. A
 * refusal is reported and no more: what counts is what the guest finds.
 */
void recipe_choose(struct test_vm *vm, const struct recipe *recipe, bool ids, FILE *out);
/* A register as the guest of a vCPU reads it; false if there is no instruction that does */
bool guest_reads(struct test_vm *vm, unsigned int cpu, u64 id, struct guest_reg *read);
/* Drop from a state what recipe_choose() with @ids writes */
void recipe_drop(const struct recipe *recipe, struct state *state);

/* Commands; they return the exit status */
int save_command(const char *shape_name, const char *pin, const char *name);
int save_recipe_command(const char *recipe_name, const char *name);
int restore_command(const char *vmm, const char *recipe, const char *save_name, const char *name);
int show_command(const char *name);
int diff_command(const char *name_a, const char *name_b);
int pin_command(const char *release, const char *name);
int pin_recipe_command(const char *name);
int host_command(const char *name);

#endif /* GUEST_ABI_TOOL_H */
