/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a program ends: lib/process.c
 */
#ifndef GUEST_ABI_PROCESS_H
#define GUEST_ABI_PROCESS_H

/* Set by a handler at exit, it takes the place of a passing status */
extern int process_status;

#endif /* GUEST_ABI_PROCESS_H */
