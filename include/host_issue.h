/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host's kernel says of the weaknesses of its CPUs.
 */
#ifndef GUEST_ABI_HOST_ISSUE_H
#define GUEST_ABI_HOST_ISSUE_H

#include <stdbool.h>

/**
 * host_issue_is() - whether a file of /sys/devices/system/cpu/vulnerabilities says so
 * @issue: its name
 * @state: what its text begins with: "Not affected", "Vulnerable", "Mitigation"
 *
 * Return: false also if there is no such file
 */
bool host_issue_is(const char *issue, const char *state);

#endif /* GUEST_ABI_HOST_ISSUE_H */
