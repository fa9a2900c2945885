// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: read and write files of saved state.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_abi.h"

struct state *read_file(const char *name)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	struct state *state;

	if (!file) {
		fprintf(stderr, "guest_abi: %s: %s\n", name, strerror(errno));
		return NULL;
	}
	state = state_read(file, is_stdin ? "standard input" : name, stderr);
	if (!is_stdin)
		fclose(file);
	return state;
}

/* Written under another name first, so that a file is whole or not there */
int write_text(const char *text, const char *name)
{
	char *new = NULL;
	FILE *file;

	/* main() finds the errors of standard output */
	if (!strcmp(name, "-"))
		return fputs(text, stdout) == EOF;
	if (asprintf(&new, "%s.new", name) < 0)
		return 1;
	file = fopen(new, "w");
	if (file && fputs(text, file) != EOF && !fclose(file) && !rename(new, name)) {
		free(new);
		return 0;
	}
	fprintf(stderr, "guest_abi: %s: %s\n", name, strerror(errno));
	if (file)
		unlink(new);
	free(new);
	return 1;
}

int write_file(const struct state *state, const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status = 1;

	if (out && state_write(state, out) && !fclose(out))
		status = write_text(text, name);
	free(text);
	return status;
}
