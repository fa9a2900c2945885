/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of a vCPU and attributes of KVM's files, one ioctl at a time.
 *
 * A function foo() asserts: if it cannot do its work, it ends the process with a
 * message. A function __foo() returns 0 or a negative errno for the test to judge.
 */
#ifndef GUEST_ABI_KVM_REG_H
#define GUEST_ABI_KVM_REG_H

#include "kvm_util.h"

/** err_str() - the name of a negative errno, "0" for 0, words for a positive value */
const char *err_str(int err);

/**
 * ioctl_err() - what is wrong with the return value of an ioctl that has no other than 0
 *
 * Return: 0, a negative errno, or the value itself: none but 0 is success [api.rst 4]
 */
int ioctl_err(int ret);

/**
 * __reg_get() - KVM_GET_ONE_REG
 *
 * Return: 0 with the value in @val, else a negative errno [api.rst 4.69]
 */
int __reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *val);

/** __reg_set() - KVM_SET_ONE_REG; returns 0 or a negative errno [api.rst 4.68] */
int __reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val);

/**
 * __reg_ioctl() - KVM_GET_ONE_REG or KVM_SET_ONE_REG with a buffer of the caller's
 *
 * Return: 0, a negative errno, or a positive value, which api.rst 4.68 and 4.69 do not have
 */
int __reg_ioctl(struct kvm_vcpu *vcpu, unsigned long cmd, u64 id, const void *addr);

u64 reg_get(struct kvm_vcpu *vcpu, u64 id);
void reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val);

/** vcpu_x_get(), vcpu_x_set() - a general purpose register, @n from 0 to 30 */
u64 vcpu_x_get(struct kvm_vcpu *vcpu, unsigned int n);
void vcpu_x_set(struct kvm_vcpu *vcpu, unsigned int n, u64 val);

/**
 * __fd_attr() - an attribute of a VM, vCPU or device, by its file [api.rst 4.80]
 * @cmd: KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR or KVM_HAS_DEVICE_ATTR
 * @addr: user address of the attribute's value
 *
 * Return: 0 or a negative errno
 */
int __fd_attr(int fd, unsigned long cmd, u32 group, u64 attr, const void *addr);

/** __vcpu_attr() - the same for a vCPU [devices/vcpu.rst] */
int __vcpu_attr(struct kvm_vcpu *vcpu, unsigned long cmd, u32 group, u64 attr, const void *addr);

#endif /* GUEST_ABI_KVM_REG_H */
