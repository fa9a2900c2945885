// SPDX-License-Identifier: GPL-2.0
/*
 * What the host's kernel says of the weaknesses of its CPUs.
 */
#include <stdio.h>
#include <string.h>

#include "host_issue.h"

bool host_issue_is(const char *issue, const char *state)
{
	char name[80], text[64];
	bool is = false;
	FILE *file;

	snprintf(name, sizeof(name), "/sys/devices/system/cpu/vulnerabilities/%s", issue);
	file = fopen(name, "re");
	if (!file)
		return false;
	if (fgets(text, sizeof(text), file))
		is = !strncmp(text, state, strlen(state));
	fclose(file);
	return is;
}
