/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ids and values of registers, with neither KVM nor libkvm.
 */
#ifndef GUEST_ABI_REG_VALUE_H
#define GUEST_ABI_REG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define REG_MAX_BYTES 256 /* an SVE Z register: 2048 bits [api.rst 4.68] */

/* A register as saved */
struct reg_value {
	u64 id;
	u8 val[REG_MAX_BYTES]; /* reg_bytes(id) of them count, the rest is zero */
};

/** reg_bytes() - the size that a register's id claims */
unsigned int reg_bytes(u64 id);

/** reg_coproc() - ABI_COPROC_* */
unsigned int reg_coproc(u64 id);

/** reg_value_str() - a value in hex, highest bytes first, leading zeros left out */
const char *reg_value_str(const struct reg_value *value);

/**
 * same_bytes() - whether two buffers are the same
 *
 * libkvm overrides memcmp(). A compiler may turn memcmp() == 0 into bcmp(), which a static
 * libc defines together with its own memcmp(): then the program does not link.
 */
bool same_bytes(const void *a, const void *b, size_t len);

/** reg_value_is_zero() - whether all bits are clear */
bool reg_value_is_zero(const struct reg_value *value);

#endif /* GUEST_ABI_REG_VALUE_H */
