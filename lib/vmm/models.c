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

const char *vmm_tolerates(const struct vmm_model *model, const struct reg_value *reg)
{
	const struct vmm_tolerance *row = model->tolerates;

	for (; row && row->why; row++)
		if (reg->id == row->id && (!row->if_zero || reg_value_is_zero(reg)))
			return row->why;
	return NULL;
}

/*
 * QEMU's list has all but core and SVE registers, by id. QEMU 10 first compares how many
 * there are. Then it walks both lists and fails at a register that is not in its own, but
 * ends the walk with its own list. QEMU 11 prints what is not in its own, and fails if the
 * last of these is not one that it tolerates: each overwrites the outcome of the one before.
 */
const struct reg_value *vmm_unlisted_refused(const struct vmm_model *model,
					     const struct state_vcpu *vcpu, const __u64 *id, u64 nr)
{
	const struct reg_value *reg, *first = NULL, *last = NULL;
	unsigned int nr_saved = 0, nr_listed = 0;
	u64 top = 0, i, n;

	for (i = 0; i < nr; i++) {
		if (vmm_rank_qemu(id[i]))
			continue;
		nr_listed++;
		if (id[i] > top)
			top = id[i];
	}
	for (i = 0; i < vcpu->nr_regs; i++) {
		reg = &vcpu->reg[i];
		if (vmm_rank_qemu(reg->id))
			continue;
		nr_saved++;
		for (n = 0; n < nr && id[n] != reg->id; n++)
			;
		if (n < nr)
			continue;
		if (!first || reg->id < first->id)
			first = reg;
		if (!last || reg->id > last->id)
			last = reg;
	}
	if (!last)
		return NULL;
	if (model->unlisted == UNLISTED_QEMU_11)
		return vmm_tolerates(model, last) ? NULL : last;
	return nr_saved > nr_listed || first->id < top ? first : NULL;
}

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
		.name = "qemu-10",
		.text = "wants no more registers than are listed here, and each of them listed here, unless its id is above all of these; then writes by id, core and SVE registers last; its vGIC keeps the host's identity",
		.source =
			"QEMU 10.0: target/arm/machine.c cpu_post_load(), target/arm/kvm.c write_list_to_kvmstate(), hw/intc/arm_gicv3_kvm.c kvm_arm_gicv3_put()",
		.rank = vmm_rank_qemu,
		.by_id = true,
		.unlisted = UNLISTED_QEMU_10,
		.tries_all = true,
		.vgic_first = true,
		.skips_iidr = true,
	},
	{
		.name = "qemu-11",
		.text = "refuses a saved register that is not listed here, but for four, if it has the highest id of all that are not; then as qemu-10",
		.source =
			"QEMU e2d6971a3c25 (2026), as 11.1.3 does when `make vmm` runs it: target/arm/machine.c cpu_post_load(), handle_cpreg_only_in_incoming_stream(), target/arm/cpu64.c kvm_arm_set_cpreg_mig_tolerances(), hw/intc/arm_gicv3_kvm.c kvm_arm_gicv3_put()",
		.rank = vmm_rank_qemu,
		.by_id = true,
		.tolerates = qemu_tolerates,
		.unlisted = UNLISTED_QEMU_11,
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
