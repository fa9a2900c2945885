/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Symbols of guest_core_code.S, for lib/guest_core.c alone.
 */
#ifndef GUEST_ABI_GUEST_CORE_CODE_H
#define GUEST_ABI_GUEST_CORE_CODE_H

extern const char guest_core_read_code[], guest_core_read_code_end[];
extern const char guest_core_write_code[], guest_core_write_code_end[];
extern const char guest_sve_read_code[], guest_sve_read_code_end[];
extern const char guest_sve_write_code[], guest_sve_write_code_end[];

#endif /* GUEST_ABI_GUEST_CORE_CODE_H */
