// SPDX-License-Identifier: GPL-2.0
/*
 * All registers of a vGIC, in the order of a restore.
 */
#include "abi.h"
#include "kvm_reg.h"
#include "vmm/vgic_image.h"

#define DIST KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define LEVEL KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO
#define SGI(offset) (ABI_GICR_SGI_BASE + (offset))
#define SPI_WORDS (VGIC_NR_IRQS / 32 - 1)

/*
 * Private interrupts from 23 on are the timers', the PMU's and the vGIC's own:
 * their state follows the devices. In each word of GICD_ICFGR<n> the upper half
 * is filled, so that the lower interrupts are level-sensitive and have levels.
 */
#define PRIVATE_BITS 0x007fffff
#define EDGE_BITS 0xaaaa0000
#define LEVEL_BITS 0x00ff00ff
#define PRIORITY_BITS 0xf8f8f8f8

/* clang-format off */

/*
 * GICD_CTLR first, as VMMs do: KVM forwards nothing that became pending while the distributor was
 * off (docs/findings)
 */
static const struct vgic_image_row image_v3[] = {
	{ { "GICD_CTLR", DIST, ABI_GICD_CTLR }, 1, 4,
	  .fill = FILL_VALUE, .arg = 0x50 | ABI_GICD_CTLR_ENABLE_GRP1, .guest = true },
	{ { "GICR_CTLR", REDIST, ABI_GICR_CTLR }, 1, 4, true, .guest = true },
	{ { "GICR_WAKER", REDIST, ABI_GICR_WAKER }, 1, 4, true, .guest = true },
	{ { "GICR_TYPER", REDIST, ABI_GICR_TYPER }, 2, 4, true, .guest = true },
	{ { "GICR_IIDR", REDIST, ABI_GICR_IIDR }, 1, 4, true, .guest = true },
	{ { "GICR_PIDR2", REDIST, ABI_GICR_PIDR2 }, 1, 4, true, .guest = true },
	/* inner shareable, write-back: KVM keeps this value unchanged */
	{ { "GICR_PROPBASER", REDIST, ABI_GICR_PROPBASER }, 1, 4, true,
	  .fill = FILL_VALUE, .arg = 0x8002078f, .guest = true },
	{ { "GICR_PROPBASER+4", REDIST, ABI_GICR_PROPBASER + 4 }, 1, 4, true,
	  .fill = FILL_VALUE, .arg = 0x1, .guest = true },
	{ { "GICR_PENDBASER", REDIST, ABI_GICR_PENDBASER }, 1, 4, true,
	  .fill = FILL_VALUE, .arg = 0x80030780, .guest = true },
	{ { "GICR_PENDBASER+4", REDIST, ABI_GICR_PENDBASER + 4 }, 1, 4, true,
	  .fill = FILL_BITS, .arg = 0xf, .guest = true },
	{ { "GICR_IGROUPR0", REDIST, SGI(ABI_GICD_IGROUPR) }, 1, 4, true,
	  .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICR_ISENABLER0", REDIST, SGI(ABI_GICD_ISENABLER) }, 1, 4, true,
	  .clear = SGI(ABI_GICD_ICENABLER),
	  .fill = FILL_BITS, .arg = PRIVATE_BITS, .guest = true },
	{ { "GICR_ICFGR", REDIST, SGI(ABI_GICD_ICFGR) }, 2, 4, true, .guest = true },
	{ { "GICR_IPRIORITYR", REDIST, SGI(ABI_GICD_IPRIORITYR) }, 8, 4, true,
	  .fill = FILL_BITS, .arg = PRIORITY_BITS, .guest = true },
	{ { "the levels of PPIs", LEVEL, 0 }, 1, 32, true,
	  .fill = FILL_BITS, .arg = PRIVATE_BITS & ~0xffffU },
	{ { "GICR_ISPENDR0", REDIST, SGI(ABI_GICD_ISPENDR) }, 1, 4, true,
	  .clear = SGI(ABI_GICD_ICPENDR), .fill = FILL_BITS, .arg = PRIVATE_BITS },
	{ { "GICR_ISACTIVER0", REDIST, SGI(ABI_GICD_ISACTIVER) }, 1, 4, true,
	  .clear = SGI(ABI_GICD_ICACTIVER), .fill = FILL_BITS, .arg = PRIVATE_BITS },
	{ { "GICD_TYPER", DIST, ABI_GICD_TYPER }, 1, 4, .guest = true },
	{ { "GICD_STATUSR", DIST, ABI_GICD_STATUSR }, 1, 4, .guest = true },
	{ { "GICD_PIDR2", DIST, ABI_GICD_PIDR2 }, 1, 4, .guest = true },
	{ { "GICD_IGROUPR", DIST, ABI_GICD_IGROUPR + 4 }, SPI_WORDS, 4,
	  .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICD_ISENABLER", DIST, ABI_GICD_ISENABLER + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICENABLER + 4, .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICD_ICFGR", DIST, ABI_GICD_ICFGR + 8 }, SPI_WORDS * 2, 4,
	  .fill = FILL_BITS, .arg = EDGE_BITS, .guest = true },
	{ { "GICD_IPRIORITYR", DIST, ABI_GICD_IPRIORITYR + 32 }, SPI_WORDS * 8, 4,
	  .fill = FILL_BITS, .arg = PRIORITY_BITS, .guest = true },
	{ { "GICD_IROUTER", DIST, ABI_GICD_IROUTER + 8 * 32 }, SPI_WORDS * 32, 8,
	  .fill = FILL_AFFINITY, .guest = true },
	{ { "GICD_IROUTER+4", DIST, ABI_GICD_IROUTER + 8 * 32 + 4 }, SPI_WORDS * 32, 8, .guest = true },
	{ { "the levels of SPIs", LEVEL, 32 }, SPI_WORDS, 32,
	  .fill = FILL_BITS, .arg = LEVEL_BITS },
	{ { "GICD_ISPENDR", DIST, ABI_GICD_ISPENDR + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICPENDR + 4, .fill = FILL_BITS, .arg = ~0U },
	{ { "GICD_ISACTIVER", DIST, ABI_GICD_ISACTIVER + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICACTIVER + 4, .fill = FILL_BITS, .arg = ~0U },
};

/* SGIs are pending by their sources, so GICD_ISPENDR0 is filled without them */
static const struct vgic_image_row image_v2[] = {
	{ { "GICD_CTLR", DIST, ABI_GICD_CTLR }, 1, 4,
	  .fill = FILL_VALUE, .arg = 1, .guest = true },
	{ { "GICD_TYPER", DIST, ABI_GICD_TYPER }, 1, 4, .guest = true },
	{ { "GICD_IGROUPR0", DIST, ABI_GICD_IGROUPR }, 1, 4, true,
	  .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICD_IGROUPR", DIST, ABI_GICD_IGROUPR + 4 }, SPI_WORDS, 4,
	  .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICD_ISENABLER0", DIST, ABI_GICD_ISENABLER }, 1, 4, true,
	  .clear = ABI_GICD_ICENABLER, .fill = FILL_BITS, .arg = PRIVATE_BITS, .guest = true },
	{ { "GICD_ISENABLER", DIST, ABI_GICD_ISENABLER + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICENABLER + 4, .fill = FILL_BITS, .arg = ~0U, .guest = true },
	{ { "GICD_ICFGR0", DIST, ABI_GICD_ICFGR }, 2, 4, true, .guest = true },
	{ { "GICD_ICFGR", DIST, ABI_GICD_ICFGR + 8 }, SPI_WORDS * 2, 4,
	  .fill = FILL_BITS, .arg = EDGE_BITS, .guest = true },
	{ { "GICD_IPRIORITYR0", DIST, ABI_GICD_IPRIORITYR }, 8, 4, true,
	  .fill = FILL_BITS, .arg = PRIORITY_BITS, .guest = true },
	{ { "GICD_IPRIORITYR", DIST, ABI_GICD_IPRIORITYR + 32 }, SPI_WORDS * 8, 4,
	  .fill = FILL_BITS, .arg = PRIORITY_BITS, .guest = true },
	{ { "GICD_ITARGETSR0", DIST, ABI_GICD_ITARGETSR }, 8, 4, true, .guest = true },
	{ { "GICD_ITARGETSR", DIST, ABI_GICD_ITARGETSR + 32 }, SPI_WORDS * 8, 4,
	  .fill = FILL_BITS, .arg = 0x07070707, .guest = true },
	{ { "GICD_ISPENDR0", DIST, ABI_GICD_ISPENDR }, 1, 4, true,
	  .clear = ABI_GICD_ICPENDR, .fill = FILL_BITS, .arg = PRIVATE_BITS & ~0xffffU },
	{ { "GICD_ISPENDR", DIST, ABI_GICD_ISPENDR + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICPENDR + 4, .fill = FILL_BITS, .arg = ~0U },
	/* After GICD_ISPENDR0, which makes each vCPU the source of its own SGIs */
	{ { "GICD_SPENDSGIR", DIST, ABI_GICD_SPENDSGIR }, 4, 4, true,
	  .clear = ABI_GICD_CPENDSGIR },
	{ { "GICD_ISACTIVER0", DIST, ABI_GICD_ISACTIVER }, 1, 4, true,
	  .clear = ABI_GICD_ICACTIVER, .fill = FILL_BITS, .arg = PRIVATE_BITS & ~0xffffU },
	{ { "GICD_ISACTIVER", DIST, ABI_GICD_ISACTIVER + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICACTIVER + 4, .fill = FILL_BITS, .arg = ~0U },
};

/* clang-format on */

static const struct vgic_image_row *rows_of(const struct test_vm *vm, unsigned int *nr)
{
	bool v3 = vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3;

	*nr = v3 ? ARRAY_SIZE(image_v3) : ARRAY_SIZE(image_v2);
	return v3 ? image_v3 : image_v2;
}

bool vgic_image_next(const struct test_vm *vm, struct vgic_image_word *word)
{
	const struct vgic_image_row *rows;
	unsigned int nr;

	rows = rows_of(vm, &nr);
	if (!word->row) {
		word->row = rows;
	} else {
		word->at++;
		if (++word->i == word->row->nr) {
			word->i = 0;
			if (++word->cpu == (word->row->banked ? vm->nr_vcpus : 1)) {
				word->cpu = 0;
				if (++word->row == rows + nr)
					return false;
			}
		}
	}
	word->reg = word->row->reg;
	word->reg.offset += word->i * word->row->step;
	return true;
}

int __vgic_image_put(struct test_vm *vm, const struct vgic_image_word *word, u32 val)
{
	struct vgic_reg clear = word->reg;
	int err = 0;

	if (word->row->clear) {
		clear.offset = word->row->clear + word->i * word->row->step;
		err = __vgic_set(vm, word->cpu, &clear, ~0U);
	}
	return err ?: __vgic_set(vm, word->cpu, &word->reg, val);
}

/* clang-format off */

#define ICC(name) { #name, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_##name & 0xffff }
#define AP(g, n) { "ICC_AP" #g "R" #n "_EL1", KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, \
		   ABI_ICC_AP##g##R_EL1(n) & 0xffff }
#define GICC(name, offset) { name, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, offset }

/* What follows the last one that every host has depends on its number of priority bits */
#define CPUIF_V3_COMMON 9

static const struct vgic_reg cpuif_v3[] = {
	ICC(ICC_SRE_EL1), ICC(ICC_CTLR_EL1), ICC(ICC_IGRPEN0_EL1), ICC(ICC_IGRPEN1_EL1),
	ICC(ICC_PMR_EL1), ICC(ICC_BPR0_EL1), ICC(ICC_BPR1_EL1), AP(0, 0), AP(1, 0),
	AP(0, 1), AP(1, 1), AP(0, 2), AP(1, 2), AP(0, 3), AP(1, 3),
};

static const struct vgic_reg cpuif_v2[] = {
	GICC("GICC_CTLR", ABI_GICC_CTLR), GICC("GICC_PMR", ABI_GICC_PMR),
	GICC("GICC_BPR", ABI_GICC_BPR), GICC("GICC_ABPR", ABI_GICC_ABPR),
	GICC("GICC_APR0", ABI_GICC_APR), GICC("GICC_APR1", ABI_GICC_APR + 4),
	GICC("GICC_APR2", ABI_GICC_APR + 8), GICC("GICC_APR3", ABI_GICC_APR + 12),
};

/* clang-format on */

/* devices/arm-vgic-v3.rst: with 6 bits there is a second register each, with 7 there are four */
static unsigned int nr_cpuif_v3(struct test_vm *vm)
{
	u64 ctlr = 0;
	int err = __vgic_get64(vm, 0, &cpuif_v3[1], &ctlr);
	unsigned int bits = (ctlr & ABI_ICC_CTLR_PRIBITS) / (ABI_ICC_CTLR_PRIBITS / 7) + 1;

	TEST_ASSERT(!err, "Reading ICC_CTLR_EL1: %s", err_str(err));
	return CPUIF_V3_COMMON + (bits == 7 ? 6 : bits == 6 ? 2 : 0);
}

bool vgic_cpuif_next(struct test_vm *vm, struct vgic_cpuif_word *word)
{
	bool v3 = vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3;

	if (!word->nr)
		word->nr = v3 ? nr_cpuif_v3(vm) : ARRAY_SIZE(cpuif_v2);
	else if (++word->i == word->nr) {
		word->i = 0;
		if (++word->cpu == vm->nr_vcpus)
			return false;
	}
	word->reg = v3 ? cpuif_v3[word->i] : cpuif_v2[word->i];
	return true;
}

int __vgic_cpuif_get(struct test_vm *vm, const struct vgic_cpuif_word *word, u64 *val)
{
	return __vgic_get64(vm, word->cpu, &word->reg, val);
}

int __vgic_cpuif_put(struct test_vm *vm, const struct vgic_cpuif_word *word, u64 val)
{
	return __vgic_set64(vm, word->cpu, &word->reg, val);
}
