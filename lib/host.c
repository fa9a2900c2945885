// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is like.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <linux/kernel.h>

#include "host.h"

/* As in scripts/modes.list, the more special ones first */
static const struct {
	const char *says, *mode;
} mode_messages[] = {
	{ "Protected hVHE mode initialized", "protected" },
	{ "Protected nVHE mode initialized", "protected" },
	{ "VHE+NV2 mode initialized", "nested" },
	{ "VHE+NV mode initialized", "nested" },
	{ "hVHE mode initialized", "nvhe" },
	{ "nVHE mode initialized", "nvhe" },
	{ "Hyp mode initialized", "nvhe" },
	{ ": VHE mode initialized", "vhe" },
};

const char *kvm_mode(void)
{
	const char *mode = "unknown";
	unsigned int i;
	char *text;
	int len;

	len = klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0);
	if (len <= 0)
		return mode;
	text = calloc(1, len + 1);
	if (text && klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, len) > 0) {
		for (i = 0; i < ARRAY_SIZE(mode_messages); i++) {
			if (strstr(text, mode_messages[i].says)) {
				mode = mode_messages[i].mode;
				break;
			}
		}
	}
	free(text);
	return mode;
}
