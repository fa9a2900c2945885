/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts whose cores differ, such as big.LITTLE: a kind is the CPUs of one MIDR_EL1.
 *
 * What a core is shows in the ID registers of guests, and a PMU belongs to one kind, so a
 * program that moved between kinds would have a verdict that depends on the scheduler.
 */
#ifndef GUEST_ABI_CPU_KIND_H
#define GUEST_ABI_CPU_KIND_H

/**
 * cpu_kind_stay() - keep this process, and all threads and children that it will have, to
 * CPUs of one kind
 *
 * Of the CPUs that it may run on it gets the kind with the most, of kinds with as many the
 * one with the first CPU. Nothing is done if all are of one kind or sysfs does not tell.
 */
void cpu_kind_stay(void);

/** cpu_kind_midr() - MIDR_EL1 of that kind, 0 if sysfs does not tell */
unsigned long cpu_kind_midr(void);

/** cpu_kind_other() - a CPU of another kind that cpu_kind_stay() left out, or -1 */
int cpu_kind_other(void);

/** cpu_kind_str() - who made the CPU of a MIDR_EL1 and what it is called, or "unknown CPU" */
const char *cpu_kind_str(unsigned long midr);

#endif /* GUEST_ABI_CPU_KIND_H */
