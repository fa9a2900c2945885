/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/kvm, before libkvm opens it.
 */
#ifndef GUEST_ABI_KVM_DEV_H
#define GUEST_ABI_KVM_DEV_H

/**
 * kvm_open() - open /dev/kvm, if libkvm can make VMs there
 * @lack: if not, the text of a SKIP that says what the host lacks, or NULL for any other
 *        reason, such as too many open files
 *
 * Return: the file, or -1 with errno set if @lack is NULL
 */
int kvm_open(const char **lack);

#endif /* GUEST_ABI_KVM_DEV_H */
