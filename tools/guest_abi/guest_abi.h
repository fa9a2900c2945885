/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of guest_abi share.
 */
#ifndef GUEST_ABI_TOOL_H
#define GUEST_ABI_TOOL_H

#include "vm_config.h"
#include "vmm/state.h"

/* Exit status of a host that has no usable KVM, or lacks what a shape needs */
#define EXIT_SKIPPED 4

/* The configuration of a shape by its name, or NULL */
const struct vm_config *shape_config(const char *name);

/* Releases that hosts may be rolled back to, and what stands before one in a shape's name */
extern const char *const pin_releases[];
extern const unsigned int nr_pin_releases;
#define PIN_INFIX "-as-"

/* A release such as 6.1 as SERIES() has it; 0 after a message */
unsigned int parse_release(const char *text);

/* A state from a file, or NULL after a message; "-" is standard input */
struct state *read_file(const char *name);
/* A state to a file, "-" is standard output; returns the exit status */
int write_file(const struct state *state, const char *name);

/* Commands; they return the exit status */
int save_command(const char *shape_name, const char *pin, const char *name);
int restore_command(const char *vmm, const char *save_name, const char *name);
int show_command(const char *name);
int diff_command(const char *name_a, const char *name_b);
int pin_command(const char *release, const char *name);

#endif /* GUEST_ABI_TOOL_H */
