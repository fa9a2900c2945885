// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of CPUs: stay on one, and their names.
 */
#include <sched.h>
#include <stdio.h>
#include <linux/kernel.h>

#include "cpu_kind.h"

/* MIDR_EL1: bits 31:24 the implementer, 15:4 the part [Arm DDI0487 D24; each maker's manuals] */
static const struct {
	unsigned int implementer, part;
	const char *name;
} cores[] = {
	{ 0x00, 0x051, "QEMU max" },
	{ 0x41, 0xd03, "Arm Cortex-A53" },
	{ 0x41, 0xd05, "Arm Cortex-A55" },
	{ 0x41, 0xd07, "Arm Cortex-A57" },
	{ 0x41, 0xd08, "Arm Cortex-A72" },
	{ 0x41, 0xd09, "Arm Cortex-A73" },
	{ 0x41, 0xd0b, "Arm Cortex-A76" },
	{ 0x41, 0xd0c, "Arm Neoverse N1" },
	{ 0x41, 0xd40, "Arm Neoverse V1" },
	{ 0x41, 0xd41, "Arm Cortex-A78" },
	{ 0x41, 0xd44, "Arm Cortex-X1" },
	{ 0x41, 0xd46, "Arm Cortex-A510" },
	{ 0x41, 0xd47, "Arm Cortex-A710" },
	{ 0x41, 0xd48, "Arm Cortex-X2" },
	{ 0x41, 0xd49, "Arm Neoverse N2" },
	{ 0x41, 0xd4f, "Arm Neoverse V2" },
	{ 0x46, 0x001, "Fujitsu A64FX" },
	{ 0x48, 0xd01, "HiSilicon Kunpeng 920" },
	{ 0x61, 0x022, "Apple M1, efficiency core" },
	{ 0x61, 0x023, "Apple M1, performance core" },
	{ 0x61, 0x032, "Apple M2, efficiency core" },
	{ 0x61, 0x033, "Apple M2, performance core" },
	{ 0xc0, 0xac3, "Ampere-1" },
};

const char *cpu_kind_str(unsigned long val)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cores); i++)
		if (cores[i].implementer == (val >> 24 & 0xff) &&
		    cores[i].part == (val >> 4 & 0xfff))
			return cores[i].name;
	return "unknown CPU";
}

static cpu_set_t allowed; /* before cpu_kind_stay() */
static unsigned long midr[CPU_SETSIZE];
static unsigned long own;

static unsigned long read_midr(int cpu)
{
	unsigned long val = 0;
	char name[80];
	FILE *file;

	snprintf(name, sizeof(name), "/sys/devices/system/cpu/cpu%d/regs/identification/midr_el1",
		 cpu);
	file = fopen(name, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%lx", &val) != 1)
		val = 0;
	fclose(file);
	return val;
}

static void kind_of(int first, cpu_set_t *kind)
{
	int cpu;

	CPU_ZERO(kind);
	for (cpu = first; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && midr[cpu] == midr[first])
			CPU_SET(cpu, kind);
}

void cpu_kind_stay(void)
{
	cpu_set_t kind, most;
	int cpu;

	/* Fails on a host with more CPUs than the set holds, which are of one kind */
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	CPU_ZERO(&most);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			midr[cpu] = read_midr(cpu);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!midr[cpu])
			continue;
		kind_of(cpu, &kind);
		if (CPU_COUNT(&kind) <= CPU_COUNT(&most))
			continue;
		most = kind;
		own = midr[cpu];
	}
	if (own && !CPU_EQUAL(&most, &allowed) && sched_setaffinity(0, sizeof(most), &most))
		perror("# sched_setaffinity() to CPUs of one kind");
}

unsigned long cpu_kind_midr(void)
{
	return own;
}

int cpu_kind_other(void)
{
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (midr[cpu] && midr[cpu] != own)
			return cpu;
	return -1;
}
