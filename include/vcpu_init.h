/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM_ARM_VCPU_INIT with arguments of the caller's. test_vm_create() has the usual ones.
 */
#ifndef GUEST_ABI_VCPU_INIT_H
#define GUEST_ABI_VCPU_INIT_H

#include "kvm_util.h"

/** preferred_target() - the CPU type of KVM_ARM_PREFERRED_TARGET [api.rst 4.83] */
u32 preferred_target(struct kvm_vm *kvm);

/**
 * __vcpu_init() - KVM_ARM_VCPU_INIT for the preferred target [api.rst 4.82]
 * @features: a mask of 1 << KVM_ARM_VCPU_*
 *
 * Return: 0 or a negative errno
 */
int __vcpu_init(struct kvm_vcpu *vcpu, u32 features);

/** __vcpu_init_as() - the same with all of its argument */
int __vcpu_init_as(struct kvm_vcpu *vcpu, const struct kvm_vcpu_init *init);

#endif /* GUEST_ABI_VCPU_INIT_H */
