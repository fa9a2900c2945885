// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the reader of state files with libFuzzer, on any machine: no bytes may make it
 * crash, and what it accepts must be what state_write() writes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct state *state;
	char *text = NULL;
	size_t len = 0;
	FILE *file;

	if (!null)
		null = fopen("/dev/null", "w");
	if (!null || !size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	if (!file)
		return 0;
	state = state_read(file, "fuzz", null);
	fclose(file);
	if (!state)
		return 0;

	file = open_memstream(&text, &len);
	if (!file || !state_write(state, file) || fclose(file))
		abort();
	if (len != size || memcmp(text, data, size))
		abort();
	free(text);
	state_free(state);
	return 0;
}
