/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The symbols of guest_regs_code.S.
 */
#ifndef GUEST_ABI_GUEST_REGS_CODE_H
#define GUEST_ABI_GUEST_REGS_CODE_H

extern const char guest_regs_vectors[], guest_regs_vectors_end[];
extern const char guest_regs_access[], guest_regs_access_end[];
extern const char guest_regs_last[], guest_regs_last_end[];
extern const char guest_regs_to_last[], guest_regs_to_last_end[];

#endif /* GUEST_ABI_GUEST_REGS_CODE_H */
