/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SMCCC filter of a VM [devices/vm.rst 6.1], and the exits it makes
 * [api.rst, KVM_EXIT_HYPERCALL].
 */
#ifndef GUEST_ABI_FILTER_H
#define GUEST_ABI_FILTER_H

#include <assert.h>

#include "abi.h"
#include "guest.h"

/* struct kvm_smccc_filter, as devices/vm.rst prints it */
struct smccc_filter {
	u32 base;
	u32 nr_functions;
	u8 action; /* ABI_FILTER_* */
	u8 pad[15];
};

static_assert(sizeof(struct smccc_filter) == 24, "the ABI has 24 bytes");

/**
 * __vm_attr() - a VM device attribute [devices/vm.rst]
 * @cmd: KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR or KVM_HAS_DEVICE_ATTR
 * @addr: user address of the attribute's value
 *
 * Return: 0 or a negative errno
 */
int __vm_attr(struct test_vm *vm, unsigned long cmd, u32 group, u64 attr, const void *addr);

/** test_vm_has_filter() - whether this kernel says that it has the SMCCC filter */
bool test_vm_has_filter(struct test_vm *vm);

/** __filter_set() - add a filter as it is; returns 0 or a negative errno */
int __filter_set(struct test_vm *vm, const struct smccc_filter *filter);

/** __filter_add() - add a range of @nr function ids from @base; 0 or a negative errno */
int __filter_add(struct test_vm *vm, u32 base, u32 nr, u8 action);

void filter_add(struct test_vm *vm, u32 base, u32 nr, u8 action);

/** filter_add_all() - add every id outside the ranges of Arm architecture calls */
void filter_add_all(struct test_vm *vm, u8 action);

/** filter_action_str() - the name of an ABI_FILTER_* action, "unknown" for others */
const char *filter_action_str(u8 action);

/** filter_is_reserved() - whether an id is in the ranges of Arm architecture calls */
bool filter_is_reserved(u32 id);

#endif /* GUEST_ABI_FILTER_H */
