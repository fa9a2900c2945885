/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interfaces that mainline got over time, which show how old a kernel is without its
 * release string.
 */
#ifndef GUEST_ABI_INTERFACE_H
#define GUEST_ABI_INTERFACE_H

#include "reg_history.h"
#include "test_vm.h"

enum interface_kind {
	IFACE_CAP, /* id is its number */
	IFACE_VM_ATTR, /* of group 0 */
	IFACE_PVTIME_ATTR,
	IFACE_FW_REG,
	IFACE_PSCI, /* id is a version */
	IFACE_SMC, /* KVM serves the guest's SMC */
};

struct interface {
	unsigned int since; /* mainline series */
	enum interface_kind kind;
	u64 id;
	const char *name; /* NULL: that of the capability */
};

extern const struct interface interfaces[];
extern const unsigned int nr_interfaces;

/** interface_name() - what it is */
const char *interface_name(const struct interface *interface);

/** interface_is_there() - whether this kernel has it; @vm: one that has not run */
bool interface_is_there(struct test_vm *vm, const struct interface *interface);

/**
 * kernel_is_after() - whether this kernel is of a later series than @since
 * @later: the interfaces that show it: the first of each of two series
 *
 * Distributions take single features into an older kernel, but hardly from two series while
 * they leave out what came before.
 */
bool kernel_is_after(struct test_vm *vm, unsigned int since, const struct interface *later[2]);

#endif /* GUEST_ABI_INTERFACE_H */
