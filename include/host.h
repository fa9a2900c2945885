/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host is like.
 */
#ifndef GUEST_ABI_HOST_H
#define GUEST_ABI_HOST_H

/**
 * kvm_mode() - vhe, nvhe, protected or nested
 *
 * The boot log has it and nothing else; "unknown" where that cannot be read.
 */
const char *kvm_mode(void);

#endif /* GUEST_ABI_HOST_H */
