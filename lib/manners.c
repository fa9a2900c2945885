// SPDX-License-Identifier: GPL-2.0
/*
 * How VMMs restore: the table.
 */
#include <string.h>

#include "reg_list.h"
#include "vmm.h"

/*
 * QEMU restores what it migrated in two steps [target/arm/kvm.c]: all registers
 * but core and SVE ones by id, then from kvm_arch_put_registers() the X registers
 * and stack pointers, PSTATE, PC, ELR_EL1, the SPSRs, V or Z, P and FFR, FPSR and
 * FPCR, and those of the first step once more without the counters.
 */
u64 vmm_rank_qemu(u64 id)
{
	unsigned int coproc = reg_coproc(id), num = id & 0xffff;

	if (coproc == ABI_COPROC_CORE) {
		if (id == ABI_PSTATE)
			return 0x3f;
		if (id == ABI_REG_CORE_U64(0x44)) /* SP_EL1, with SP */
			return 0x3e;
		return num < 0xd4 ? num : num + 0x10000;
	}
	if (coproc == ABI_COPROC_SVE)
		return 0x1000 + num;
	return 0;
}

const struct vmm_manner vmm_manners[] = {
	{
		.name = "blind",
		.text = "writes every saved register in the list's order and stops at a refusal",
		.source = "the least a VMM can do",
	},
	{
		.name = "aware",
		.text = "follows docs/rollback.md",
		.source = "docs/rollback.md",
		.aware = true,
	},
};

const unsigned int nr_vmm_manners = ARRAY_SIZE(vmm_manners);

const struct vmm_manner *vmm_manner(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_vmm_manners; i++)
		if (!strcmp(vmm_manners[i].name, name))
			return &vmm_manners[i];
	return NULL;
}
