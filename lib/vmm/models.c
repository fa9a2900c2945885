// SPDX-License-Identifier: GPL-2.0
/*
 * How VMMs restore: the table, as read in the sources that it names.
 */
#include <string.h>
#include <linux/kernel.h>

#include "abi.h"
#include "reg_value.h"
#include "vmm/models.h"

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
			return ABI_CORE_SP + 1;
		if (id == ABI_REG_CORE_U64(ABI_CORE_SP_EL1)) /* SP_EL1 comes with SP */
			return ABI_CORE_SP;
		return num < ABI_CORE_FPSR ? num : num + 0x10000;
	}
	if (coproc == ABI_COPROC_SVE)
		return 0x1000 + num;
	return 0;
}

/* Cloud Hypervisor: core registers, SVE, then all others as listed */
static u64 rank_core_sve(u64 id)
{
	unsigned int coproc = reg_coproc(id);

	return coproc == ABI_COPROC_CORE ? 0 : coproc == ABI_COPROC_SVE ? 1 : 2;
}

/* crosvm: SP, PC, PSTATE, X, V, system registers by encoding, CCSIDR, firmware */
static u64 rank_crosvm(u64 id)
{
	unsigned int num = id & 0xffff;

	switch (reg_coproc(id)) {
	case ABI_COPROC_CORE:
		if (num >= ABI_CORE_SP && num <= ABI_CORE_PSTATE)
			return num - ABI_CORE_SP;
		if (num < ABI_CORE_SP)
			return 0x10 + num;
		/* The SPSRs go with the system registers */
		return num >= ABI_CORE_V0 && num < ABI_CORE_FPSR ? 0x100 + num : 0x1000 + num;
	case ABI_COPROC_SYS:
		return 0x1000 + num;
	case ABI_COPROC_DEMUX:
		return 0x20000;
	}
	return 0x20001;
}

/* crosvm does not know the group of the bitmap registers */
static bool crosvm_carries(u64 id)
{
	return reg_coproc(id) != ABI_COPROC_FW_BMAP;
}

static const struct vmm_tolerance qemu_tolerates[] = {
	{ ABI_TCR2_EL1, false, "exposed-by-mistake-before-6.13" },
	{ ABI_PIRE0_EL1, false, "exposed-by-mistake-before-6.13" },
	{ ABI_PIR_EL1, false, "exposed-by-mistake-before-6.13" },
	{ ABI_VENDOR_HYP_BMAP_2, true, "no-service-was-on" },
	{ 0 }
};

/*
 * All write SVE's vector lengths before the vCPU is finalised, and set the MP state. Not
 * modelled: what a VMM's user may set before, such as QEMU's psci-version.
 */
const struct vmm_model vmm_models[] = {
	{
		.name = "blind",
		.text = "writes all that was saved in the list's order and stops at a refusal",
		.source = "the least a VMM can do",
	},
	{
		.name = "aware",
		.text = "follows the rules of docs/rollback.md",
		.source = "docs/rollback.md",
		.aware = true,
	},
	{
		.name = "qemu",
		.text = "wants every saved register listed here, but for four; then writes by id, core and SVE registers last; its vGIC keeps the host's identity",
		.source =
			"QEMU 10.2 and, for the four, 11: target/arm/machine.c cpu_post_load(), target/arm/kvm.c write_list_to_kvmstate(), kvm_arm_set_cpreg_mig_tolerances(), hw/intc/arm_gicv3_kvm.c kvm_arm_gicv3_put()",
		.rank = vmm_rank_qemu,
		.by_id = true,
		.tolerates = qemu_tolerates,
		.needs_known = true,
		.tries_all = true,
		.vgic_first = true,
		.skips_iidr = true,
	},
	{
		.name = "firecracker",
		.text = "writes in the list's order and stops at a refusal; its vGIC keeps the host's identity",
		.source =
			"Firecracker 81b38b9da (2026-08): src/vmm/src/arch/aarch64/vcpu.rs restore_state(), gic/gicv3/regs/dist_regs.rs",
		.skips_iidr = true,
	},
	{
		.name = "cloud-hypervisor",
		.text = "writes core registers, SVE, then the rest in the list's order and stops at a refusal; its vGIC keeps the host's identity",
		.source =
			"Cloud Hypervisor ae44c2971 (2026-08): hypervisor/src/kvm/mod.rs set_state(), hypervisor/src/kvm/aarch64/gic/dist_regs.rs",
		.rank = rank_core_sve,
		.skips_iidr = true,
	},
	{
		.name = "crosvm",
		.text = "writes core registers, system registers by encoding, CCSIDR and the firmware registers of group 0x14, stops at a refusal, and leaves the bitmap registers alone",
		.source =
			"crosvm f1e797a68 (2026-08): hypervisor/src/aarch64.rs restore(), hypervisor/src/kvm/aarch64.rs, devices/src/irqchip/kvm/aarch64.rs",
		.rank = rank_crosvm,
		.by_id = true,
		.carries = crosvm_carries,
		.vgic_first = true,
	},
};

const unsigned int nr_vmm_models = ARRAY_SIZE(vmm_models);

const struct vmm_model *vmm_model(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_vmm_models; i++)
		if (!strcmp(vmm_models[i].name, name))
			return &vmm_models[i];
	return NULL;
}
