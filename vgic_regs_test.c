// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_regs_test: each register of a vGIC's distributor and redistributors, as a new VM has it,
 * as user space writes it and as the guest does: what can be written reads back, what cannot
 * stays, and each register is one of its own.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0069                                     GICv3 registers
 *   Arm IHI0048                                     GICv2 registers
 *
 * The specifications leave most reset values open. No document has KVM's, which a guest that is
 * booted again after a move has to find again.
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

#define DIST KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define SGI(offset) (ABI_GICR_SGI_BASE + (offset))
/* Two words of SPIs */
#define NR_IRQS 96
#define NR_VCPUS 3
/* Private interrupts without those of timers and PMU, whose state follows the devices */
#define PRIVATE 0x007fffffU
#define PPIS 0x007f0000U

struct row {
	struct vgic_reg reg; /* the first */
	unsigned int nr, step;
	bool banked;
	u32 reset, mask; /* bits that can be written */
	u32 clear; /* the register that clears what this one sets; 0 if none */
	bool own_bit; /* banked: the bit of the vCPU in each byte, and no reset value */
	bool later; /* came with GICD_IIDR's revision 3; until then nothing is there, which is zero */
};

/* clang-format off */

static const struct row rows_v3[] = {
	{ { "GICD_IGROUPR", DIST, ABI_GICD_IGROUPR + 4 }, 2, 4, false, ~0U, .mask = ~0U },
	{ { "GICD_ISENABLER", DIST, ABI_GICD_ISENABLER + 4 }, 2, 4, false, 0, .mask = ~0U, .clear = ABI_GICD_ICENABLER + 4 },
	{ { "GICD_ISACTIVER", DIST, ABI_GICD_ISACTIVER + 4 }, 2, 4, false, 0, .mask = ~0U, .clear = ABI_GICD_ICACTIVER + 4 },
	{ { "GICD_IPRIORITYR", DIST, ABI_GICD_IPRIORITYR + 32 }, 16, 4, false, 0, .mask = 0xf8f8f8f8 },
	{ { "GICD_ICFGR", DIST, ABI_GICD_ICFGR + 8 }, 4, 4, false, 0xaaaaaaaa, .mask = 0xaaaaaaaa },
	/* Aff0 to Aff2; there is no Aff3 and no choice of one from many */
	{ { "GICD_IROUTER", DIST, ABI_GICD_IROUTER + 8 * 32 }, 64, 8, false, 0, .mask = 0x00ffffff },
	{ { "GICD_IROUTER+4", DIST, ABI_GICD_IROUTER + 8 * 32 + 4 }, 64, 8, false, 0, .mask = 0 },
	/* private interrupts are the redistributors' [GIC 12.9] */
	{ { "GICD_IGROUPR0", DIST, ABI_GICD_IGROUPR }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ISENABLER0", DIST, ABI_GICD_ISENABLER }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ICENABLER0", DIST, ABI_GICD_ICENABLER }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ISPENDR0", DIST, ABI_GICD_ISPENDR }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ICPENDR0", DIST, ABI_GICD_ICPENDR }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ISACTIVER0", DIST, ABI_GICD_ISACTIVER }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_ICACTIVER0", DIST, ABI_GICD_ICACTIVER }, 1, 4, false, 0, .mask = 0 },
	{ { "GICD_IPRIORITYR0", DIST, ABI_GICD_IPRIORITYR }, 8, 4, false, 0, .mask = 0 },
	{ { "GICD_ICFGR0", DIST, ABI_GICD_ICFGR }, 2, 4, false, 0, .mask = 0 },
	{ { "GICD_IROUTER0", DIST, ABI_GICD_IROUTER }, 4, 4, false, 0, .mask = 0 },
	/* affinity routing and one security state [GIC 12.9] */
	{ { "GICD_ITARGETSR", DIST, ABI_GICD_ITARGETSR }, 24, 4, false, 0, .mask = 0 },
	{ { "GICD_IGRPMODR", DIST, ABI_GICD_IGRPMODR }, 3, 4, false, 0, .mask = 0 },
	{ { "GICD_PIDR2", DIST, ABI_GICD_PIDR2 }, 1, 4, false, ABI_GIC_PIDR2, .mask = 0 },
	{ { "GICR_IIDR", REDIST, ABI_GICR_IIDR }, 1, 4, true, ABI_IIDR_KVM, .mask = 0 },
	{ { "GICR_WAKER", REDIST, ABI_GICR_WAKER }, 1, 4, true, 0, .mask = 0 },
	{ { "GICR_SYNCR", REDIST, ABI_GICR_SYNCR }, 1, 4, true, 0, .mask = 0, .later = true },
	{ { "GICR_PIDR2", REDIST, ABI_GICR_PIDR2 }, 1, 4, true, ABI_GIC_PIDR2, .mask = 0 },
	{ { "GICR_IGROUPR0", REDIST, SGI(ABI_GICD_IGROUPR) }, 1, 4, true, ~0U, .mask = ~0U },
	{ { "GICR_ISENABLER0", REDIST, SGI(ABI_GICD_ISENABLER) }, 1, 4, true, 0xffff, .mask = PRIVATE,
	  .clear = SGI(ABI_GICD_ICENABLER) },
	{ { "GICR_ISACTIVER0", REDIST, SGI(ABI_GICD_ISACTIVER) }, 1, 4, true, 0, .mask = PRIVATE,
	  .clear = SGI(ABI_GICD_ICACTIVER) },
	{ { "GICR_IPRIORITYR", REDIST, SGI(ABI_GICD_IPRIORITYR) }, 8, 4, true, 0, .mask = 0xf8f8f8f8 },
	/* SGIs are edge-triggered, PPIs level-sensitive */
	{ { "GICR_ICFGR0", REDIST, SGI(ABI_GICD_ICFGR) }, 1, 4, true, 0xaaaaaaaa, .mask = 0 },
	{ { "GICR_ICFGR1", REDIST, SGI(ABI_GICD_ICFGR + 4) }, 1, 4, true, 0, .mask = 0 },
	{ { "GICR_IGRPMODR0", REDIST, SGI(ABI_GICD_IGRPMODR) }, 1, 4, true, 0, .mask = 0 },
	{ { "GICR_NSACR", REDIST, SGI(ABI_GICR_NSACR) }, 1, 4, true, 0, .mask = 0 },
};

static const struct row rows_v2[] = {
	{ { "GICD_IGROUPR0", DIST, ABI_GICD_IGROUPR }, 1, 4, true, 0, .mask = ~0U },
	{ { "GICD_IGROUPR", DIST, ABI_GICD_IGROUPR + 4 }, 2, 4, false, 0, .mask = ~0U },
	{ { "GICD_ISENABLER0", DIST, ABI_GICD_ISENABLER }, 1, 4, true, 0xffff, .mask = PRIVATE,
	  .clear = ABI_GICD_ICENABLER },
	{ { "GICD_ISENABLER", DIST, ABI_GICD_ISENABLER + 4 }, 2, 4, false, 0, .mask = ~0U, .clear = ABI_GICD_ICENABLER + 4 },
	{ { "GICD_ISACTIVER0", DIST, ABI_GICD_ISACTIVER }, 1, 4, true, 0, .mask = PPIS,
	  .clear = ABI_GICD_ICACTIVER },
	{ { "GICD_ISACTIVER", DIST, ABI_GICD_ISACTIVER + 4 }, 2, 4, false, 0, .mask = ~0U, .clear = ABI_GICD_ICACTIVER + 4 },
	{ { "GICD_IPRIORITYR0", DIST, ABI_GICD_IPRIORITYR }, 8, 4, true, 0, .mask = 0xf8f8f8f8 },
	{ { "GICD_IPRIORITYR", DIST, ABI_GICD_IPRIORITYR + 32 }, 16, 4, false, 0, .mask = 0xf8f8f8f8 },
	{ { "GICD_ITARGETSR0", DIST, ABI_GICD_ITARGETSR }, 8, 4, true, 0, .mask = 0, .own_bit = true },
	/* as many CPU interfaces as there are vCPUs */
	{ { "GICD_ITARGETSR", DIST, ABI_GICD_ITARGETSR + 32 }, 16, 4, false, 0, .mask = 0x07070707 },
	{ { "GICD_ICFGR0", DIST, ABI_GICD_ICFGR }, 1, 4, true, 0xaaaaaaaa, .mask = 0 },
	{ { "GICD_ICFGR1", DIST, ABI_GICD_ICFGR + 4 }, 1, 4, true, 0, .mask = 0 },
	{ { "GICD_ICFGR", DIST, ABI_GICD_ICFGR + 8 }, 4, 4, false, 0xaaaaaaaa, .mask = 0xaaaaaaaa },
};

/* clang-format on */

struct word {
	const struct row *row;
	struct vgic_reg reg;
	unsigned int cpu, at;
	u32 reset;
};

#define MAX_WORDS 512

FIXTURE(regs)
{
	struct test_vm *vm;
	struct word word[MAX_WORDS];
	u32 now[MAX_WORDS];
	unsigned int nr;
	u32 newest; /* revision */
};

FIXTURE_VARIANT(regs)
{
	u32 type;
	const struct row *rows;
	unsigned int nr_rows;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(regs, v3) { V3, rows_v3, ARRAY_SIZE(rows_v3) };
FIXTURE_VARIANT_ADD(regs, v2) { V2, rows_v2, ARRAY_SIZE(rows_v2) };
/* clang-format on */

FIXTURE_SETUP(regs)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);
	unsigned int r, cpu, i;

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_with_groups(variant->type, NR_VCPUS, NR_IRQS);
	self->newest = host.newest;
	for (r = 0; r < variant->nr_rows; r++) {
		const struct row *row = &variant->rows[r];

		for (cpu = 0; cpu < (row->banked ? NR_VCPUS : 1); cpu++) {
			for (i = 0; i < row->nr; i++) {
				struct word *word = &self->word[self->nr];

				ASSERT_GT(MAX_WORDS, self->nr);
				word->row = row;
				word->reg = row->reg;
				word->reg.offset += i * row->step;
				word->cpu = cpu;
				word->at = i;
				word->reset = row->own_bit ? 0x01010101U << cpu : row->reset;
				self->now[self->nr++] = word->reset;
			}
		}
	}
}

FIXTURE_TEARDOWN(regs)
{
	test_vm_free(self->vm);
}

static struct vgic_reg clear_of(const struct word *word)
{
	struct vgic_reg reg = word->reg;

	reg.offset = word->row->clear + word->at * word->row->step;
	return reg;
}

static void expect_word(struct __test_metadata *_metadata, struct test_vm *vm,
			const struct word *word, u32 want, bool guest)
{
	struct vgic_reg clear = clear_of(word);

	expect_reg(_metadata, vm, word->cpu, &word->reg, want);
	if (word->row->clear)
		expect_reg(_metadata, vm, word->cpu, &clear, want);
	if (!guest)
		return;
	expect_guest_reg(_metadata, vm, word->cpu, word->cpu, &word->reg, want);
	if (word->row->clear)
		expect_guest_reg(_metadata, vm, word->cpu, word->cpu, &clear, want);
}

static void expect_words(struct __test_metadata *_metadata, FIXTURE_DATA(regs) * self, bool guest)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++)
		expect_word(_metadata, self->vm, &self->word[i], self->now[i], guest);
}

TEST_F(regs, have_their_reset_values)
{
	expect_words(_metadata, self, true);
}

/* A register that sets bits leaves the others, and so does the one that clears them */
static void write_word(struct __test_metadata *_metadata, FIXTURE_DATA(regs) * self, unsigned int i,
		       u32 val, bool guest)
{
	struct word *word = &self->word[i];
	u32 mask = word->row->mask;
	/* what the rest of a register that sets or clears would do to timers */
	u32 set = word->row->clear && word->row->banked ? val & mask : val;
	struct vgic_reg clear = clear_of(word);

	if (guest)
		guest_writes(_metadata, self->vm, word->cpu, word->cpu, &word->reg, set);
	else
		vgic_set(self->vm, word->cpu, &word->reg, set);
	if (!word->row->clear) {
		self->now[i] = (val & mask) | (word->reset & ~mask);
		return;
	}
	self->now[i] |= val & mask;
	expect_word(_metadata, self->vm, word, self->now[i], false);
	val = (val << 7 | val >> 25) & mask;
	if (guest)
		guest_writes(_metadata, self->vm, word->cpu, word->cpu, &clear, val);
	else
		vgic_set(self->vm, word->cpu, &clear, val);
	self->now[i] &= ~val;
}

/* About half of the bits, others in each word, and more than can be written */
static u32 fill(unsigned int i, unsigned int turn)
{
	return (i + 1 + turn * MAX_WORDS) * 0x9e3779b1U ^ 0x00ff00ff * turn;
}

TEST_F(regs, keep_what_user_space_writes)
{
	unsigned int i, turn;

	for (turn = 0; turn < 2; turn++) {
		for (i = 0; i < self->nr; i++) {
			write_word(_metadata, self, i, fill(i, turn), false);
			expect_word(_metadata, self->vm, &self->word[i], self->now[i], false);
		}
		expect_words(_metadata, self, !turn);
	}
	for (i = 0; i < self->nr; i++)
		write_word(_metadata, self, i, i % 2 ? ~0U : 0, false);
	expect_words(_metadata, self, false);
}

TEST_F(regs, keep_what_the_guest_writes)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++) {
		write_word(_metadata, self, i, fill(i, 2), true);
		expect_word(_metadata, self->vm, &self->word[i], self->now[i], false);
	}
	expect_words(_metadata, self, true);
}

/* The distributor is one, through whichever vCPU it is accessed */
TEST_F(regs, of_all_vcpus_are_the_same_through_each)
{
	unsigned int i, cpu;

	for (i = 0; i < self->nr; i++) {
		if (self->word[i].row->banked)
			continue;
		self->word[i].cpu = i % NR_VCPUS;
		write_word(_metadata, self, i, fill(i, 3), false);
		for (cpu = 0; cpu < NR_VCPUS; cpu++) {
			self->word[i].cpu = cpu;
			expect_word(_metadata, self->vm, &self->word[i], self->now[i], false);
		}
	}
}

TEST_F(regs, are_announced)
{
	unsigned int i, bit;

	for (i = 0; i < self->nr; i++) {
		const struct word *word = &self->word[i];
		u64 attr = vgic_reg_attr(self->vm, word->cpu, &word->reg);

		if (word->row->later && self->newest < ABI_IIDR_LPI)
			continue;
		expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &word->reg, "that is there", 0,
			      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, word->reg.group, attr,
					  NULL));
		for (bit = 0; bit < 2; bit++)
			expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &word->reg, "unaligned",
				      -ENXIO,
				      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, word->reg.group,
						  attr | 1 << bit, NULL));
	}
}

/*
 * There is nothing at such an offset, so that KVM refuses the access, or it reads as zero and
 * writes are ignored
 */
static void expect_nothing_there(struct __test_metadata *_metadata, struct test_vm *vm,
				 unsigned int cpu, const struct vgic_reg *reg)
{
	u32 val = 0;
	int err = __vgic_get(vm, cpu, reg, &val);

	EXPECT_TRUE((!err || err == -ENXIO) && !val)
	{
		TH_LOG("reading %s at %#x: %s, value %#x; expected ENXIO, or 0 and zero", reg->name,
		       reg->offset, err_str(err), val);
		count_failure(_metadata);
	}
	err = __vgic_set(vm, cpu, reg, ~0U);
	EXPECT_TRUE(!err || err == -ENXIO)
	{
		TH_LOG("writing %s at %#x: %s; expected ENXIO, or 0", reg->name, reg->offset,
		       err_str(err));
		count_failure(_metadata);
	}
}

TEST_F(regs, have_nothing_at_unaligned_offsets)
{
	unsigned int i, byte;

	for (i = 0; i < self->nr; i++)
		write_word(_metadata, self, i, fill(i, 0), false);
	for (i = 0; i < self->nr; i++) {
		for (byte = 1; byte < 4; byte++) {
			struct vgic_reg reg = self->word[i].reg;

			reg.offset += byte;
			expect_nothing_there(_metadata, self->vm, self->word[i].cpu, &reg);
		}
	}
	expect_words(_metadata, self, false);
}

/* "any interrupt with a higher ID than the number of interrupts supported" has no registers */
TEST_F(regs, end_with_the_last_interrupt)
{
	static const struct {
		const char *name;
		u32 offset;
		unsigned int bits; /* for each interrupt */
		bool v3; /* alone */
	} files[] = {
		{ "GICD_IGROUPR", ABI_GICD_IGROUPR, 1, false },
		{ "GICD_ISENABLER", ABI_GICD_ISENABLER, 1, false },
		{ "GICD_ICENABLER", ABI_GICD_ICENABLER, 1, false },
		{ "GICD_ISPENDR", ABI_GICD_ISPENDR, 1, false },
		{ "GICD_ICPENDR", ABI_GICD_ICPENDR, 1, false },
		{ "GICD_ISACTIVER", ABI_GICD_ISACTIVER, 1, false },
		{ "GICD_ICACTIVER", ABI_GICD_ICACTIVER, 1, false },
		{ "GICD_IPRIORITYR", ABI_GICD_IPRIORITYR, 8, false },
		{ "GICD_ITARGETSR", ABI_GICD_ITARGETSR, 8, false },
		{ "GICD_ICFGR", ABI_GICD_ICFGR, 2, false },
		{ "GICD_IROUTER", ABI_GICD_IROUTER, 64, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct vgic_reg reg = { files[i].name, DIST, 0 };

		if (files[i].v3 && variant->type == V2)
			continue;
		reg.offset = files[i].offset + NR_IRQS * files[i].bits / 8 - 4;
		expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &reg, "of the last interrupt", 0,
			      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, DIST, reg.offset, NULL));
		reg.offset += 4;
		expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", &reg,
			      "behind the last interrupt", -ENXIO,
			      __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, DIST, reg.offset, NULL));
		expect_nothing_there(_metadata, self->vm, 1, &reg);
		guest_writes(_metadata, self->vm, 1, 0, &reg, ~0U);
		expect_guest_reg(_metadata, self->vm, 1, 0, &reg, 0);
	}
	expect_words(_metadata, self, false);
}

/*
 * "setting the attributes with the register offsets for these two registers simply sets the
 * non-reserved bits to the value written"; a GIC that does not have them reads them as zero [GIC
 * 12.9, 12.11]
 */

FIXTURE(statusr)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(statusr)
{
	struct vgic_reg reg;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(statusr, gicd) { { "GICD_STATUSR", DIST, ABI_GICD_STATUSR } };
FIXTURE_VARIANT_ADD(statusr, gicr) { { "GICR_STATUSR", REDIST, ABI_GICR_STATUSR } };
/* clang-format on */

FIXTURE_SETUP(statusr)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_with_groups(V3, NR_VCPUS, NR_IRQS);
}

FIXTURE_TEARDOWN(statusr)
{
	test_vm_free(self->vm);
}

TEST_F(statusr, is_announced)
{
	expect_announced(_metadata, self->vm, &variant->reg, "of a vGICv3", 0);
}

TEST_F(statusr, is_as_written_or_zero)
{
	static const u32 vals[] = { 0, 1, 8, 15 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vals); i++) {
		u32 got;

		vgic_set(self->vm, 0, &variant->reg, vals[i]);
		got = vgic_get(self->vm, 0, &variant->reg);
		EXPECT_TRUE(!got || got == vals[i])
		{
			TH_LOG("%s reads as %#x after %#x was written; expected %#x, or zero",
			       variant->reg.name, got, vals[i], vals[i]);
			count_failure(_metadata);
		}
		expect_guest_reg(_metadata, self->vm, 0, 0, &variant->reg, got);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
