/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The capabilities that KVM/arm64 answers, for KVM_CHECK_EXTENSION.
 */
#ifndef GUEST_ABI_CAP_H
#define GUEST_ABI_CAP_H

/** cap_name() - the name of a capability; NULL if no arm64 kernel up to 7.3 has it */
const char *cap_name(unsigned int nr);

#endif /* GUEST_ABI_CAP_H */
