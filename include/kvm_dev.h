/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/kvm, before libkvm opens it.
 */
#ifndef GUEST_ABI_KVM_DEV_H
#define GUEST_ABI_KVM_DEV_H

/**
 * kvm_unusable() - why this host has no usable KVM, as the text of a SKIP
 *
 * Return: NULL if /dev/kvm can be opened, or cannot for a reason that is no lack of the
 * host, such as too many open files
 */
const char *kvm_unusable(void);

#endif /* GUEST_ABI_KVM_DEV_H */
