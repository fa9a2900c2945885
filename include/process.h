/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a program ends: lib/process.c
 */
#ifndef GUEST_ABI_PROCESS_H
#define GUEST_ABI_PROCESS_H

#include <stdbool.h>
#include <sys/resource.h>

/* As test_vm.h has it: libkvm is not needed here */
extern const bool guest_at_el2;

/* A handler at exit sets it to replace a passing status */
extern int process_status;

/** may_have_vcpus() - allow open files for that many vCPUs; false if this process may not */
bool may_have_vcpus(unsigned int nr);

#endif /* GUEST_ABI_PROCESS_H */
