// SPDX-License-Identifier: GPL-2.0
/*
 * Ids and values of registers.
 */
#include <stdio.h>

#include "abi.h"
#include "reg_value.h"

unsigned int reg_bytes(u64 id)
{
	return 1U << ((id & ABI_REG_SIZE_MASK) >> ABI_REG_SIZE_SHIFT);
}

unsigned int reg_coproc(u64 id)
{
	return (id & ABI_REG_COPROC_MASK) >> ABI_REG_COPROC_SHIFT;
}

bool same_bytes(const void *a, const void *b, size_t len)
{
	const u8 *x = a, *y = b;

	while (len--)
		if (x[len] != y[len])
			return false;
	return true;
}

bool reg_value_is_zero(const struct reg_value *value)
{
	unsigned int i;

	for (i = 0; i < sizeof(value->val); i++)
		if (value->val[i])
			return false;
	return true;
}

const char *reg_value_str(const struct reg_value *value)
{
	static char buffers[4][2 * REG_MAX_BYTES + 3];
	static unsigned int next;
	char *text = buffers[next++ % 4], *at = text;
	unsigned int i = reg_bytes(value->id);

	while (i > 1 && !value->val[i - 1])
		i--;
	at += sprintf(at, "0x%x", value->val[i - 1]);
	while (--i)
		at += sprintf(at, "%02x", value->val[i - 1]);
	return text;
}
