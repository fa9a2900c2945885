/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of registers, and the names and values of what they list.
 */
#ifndef GUEST_ABI_REG_LIST_H
#define GUEST_ABI_REG_LIST_H

#include "reg_value.h"
#include "kvm_reg.h"

#define REG_NAME_LEN 48

/**
 * reg_plain_name() - the name of a register, made from its id alone
 *
 * A system register is S3_3_C14_C0_1. The text is valid until the eighth call after
 * this one.
 */
const char *reg_plain_name(u64 id);

/** __reg_list() - KVM_GET_REG_LIST; returns 0 or a negative errno */
int __reg_list(struct kvm_vcpu *vcpu, struct kvm_reg_list *list);

/** reg_list_count() - how often a list from vcpu_get_reg_list() names a register */
unsigned int reg_list_count(const struct kvm_reg_list *list, u64 id);

/**
 * reg_save() - read every register of a list
 * @values: list->n of them
 *
 * Return: 0, or the errno of the first that cannot be read, whose index is in @bad
 */
int reg_save(struct kvm_vcpu *vcpu, const struct kvm_reg_list *list, struct reg_value *values,
	     unsigned int *bad);

/** reg_listed() - how often KVM_GET_REG_LIST of a vCPU names a register */
unsigned int reg_listed(struct kvm_vcpu *vcpu, u64 id);

/** reg_is_counter() - whether a register is a counter, which goes on from what is written */
bool reg_is_counter(u64 id);

#endif /* GUEST_ABI_REG_LIST_H */
