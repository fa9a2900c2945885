// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_access_test: how a register of a vGIC is reached: by bytes, words and double words, by any
 * vCPU, and whichever of many interrupts it is of. An access meets what it names, and nothing
 * beside it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0069 12.1, 12.9, 12.11                   sizes of accesses to a GICv3
 *   Arm IHI0048 4.1.4, 4.3                          sizes of accesses to a GICv2
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

#define DIST KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define SGI(offset) (ABI_GICR_SGI_BASE + (offset))
#define NR_IRQS 992U /* the most that KVM takes */
#define NR_VCPUS 3U
/* Private interrupts without those of timers and PMU, whose state follows the devices */
#define PRIVATE 0x007fffffU

FIXTURE(access)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(access)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(access, v3) { V3 };
FIXTURE_VARIANT_ADD(access, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(access)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_with_groups(variant->type, NR_VCPUS, NR_IRQS);
}

FIXTURE_TEARDOWN(access)
{
	test_vm_free(self->vm);
}

static u64 ipa_of(unsigned int cpu, const struct vgic_reg *reg)
{
	if (reg->group == DIST)
		return VM_GICD_BASE + reg->offset;
	return VM_GICR_BASE + cpu * (u64)ABI_GICR_FRAMES + reg->offset;
}

static u64 guest_loads(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int by,
		       u64 ipa, unsigned int size)
{
	struct guest_result res;

	guest_load(vm->vcpu[by], ipa, size, &res);
	expect_end(_metadata, "a load from the vGIC", &res);
	return res.x[0];
}

static void guest_stores(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int by,
			 u64 ipa, unsigned int size, u64 val)
{
	struct guest_result res;

	guest_store(vm->vcpu[by], ipa, size, val, &res);
	expect_end(_metadata, "a store to the vGIC", &res);
}

/* Other bits for each n, about half of them */
static u32 fill(unsigned int n)
{
	return (n + 1) * 0x9e3779b1U;
}

/* Bytes */

static const struct byte_row {
	struct vgic_reg reg;
	u32 mask; /* of the word's bits that can be written */
	u32 clear; /* a register whose ones clear what those of reg set; 0 if none */
	unsigned int type; /* that has it alone; 0 if both */
} byte_rows[] = {
	/* clang-format off */
	{ { "GICD_IPRIORITYR8", DIST, ABI_GICD_IPRIORITYR + 32 }, .mask = 0xf8f8f8f8 },
	{ { "GICD_IPRIORITYR247", DIST, ABI_GICD_IPRIORITYR + NR_IRQS - 4 }, .mask = 0xf8f8f8f8 },
	{ { "GICR_IPRIORITYR0", REDIST, SGI(ABI_GICD_IPRIORITYR) }, .mask = 0xf8f8f8f8, .type = V3 },
	{ { "GICR_IPRIORITYR7", REDIST, SGI(ABI_GICD_IPRIORITYR) + 28 }, .mask = 0xf8f8f8f8, .type = V3 },
	{ { "GICD_IPRIORITYR7", DIST, ABI_GICD_IPRIORITYR + 28 }, .mask = 0xf8f8f8f8, .type = V2 },
	{ { "GICD_ITARGETSR8", DIST, ABI_GICD_ITARGETSR + 32 }, .mask = 0x07070707, .type = V2 },
	{ { "GICD_SPENDSGIR0", DIST, ABI_GICD_SPENDSGIR }, .mask = 0x07070707, .clear = ABI_GICD_CPENDSGIR, .type = V2 },
	{ { "GICD_SPENDSGIR3", DIST, ABI_GICD_SPENDSGIR + 12 }, .mask = 0x07070707, .clear = ABI_GICD_CPENDSGIR + 12, .type = V2 },
	/* clang-format on */
};

/* By user space; where there is a register that clears, this one only sets */
static void put_word(struct test_vm *vm, unsigned int cpu, const struct byte_row *row, u32 val)
{
	struct vgic_reg clear = row->reg;

	clear.offset = row->clear;
	if (row->clear)
		vgic_set(vm, cpu, &clear, ~0U);
	vgic_set(vm, cpu, &row->reg, val);
}

/* A vCPU reads its own, as those of private interrupts are banked in a vGICv2 */
static void expect_byte_word(struct __test_metadata *_metadata, struct test_vm *vm,
			     unsigned int cpu, const struct byte_row *row, u32 want)
{
	expect_reg(_metadata, vm, cpu, &row->reg, want);
	expect_guest_reg(_metadata, vm, cpu, cpu, &row->reg, want);
}

TEST_F(access, guest_reads_and_writes_bytes)
{
	struct test_vm *vm = self->vm;
	unsigned int i, byte;
	const unsigned int cpu = 1;

	for (i = 0; i < ARRAY_SIZE(byte_rows); i++) {
		const struct byte_row *row = &byte_rows[i];
		u64 ipa = ipa_of(cpu, &row->reg);

		if (row->type && row->type != variant->type)
			continue;
		for (byte = 0; byte < 4; byte++) {
			const unsigned int shift = 8 * byte;
			u32 word = fill(4 * i + byte) & row->mask;
			u32 val = ~(word >> shift) & 0xff;
			u64 got;

			/* sources that are there [GIC2 4.3.16] */
			if (row->clear)
				val &= row->mask >> shift;
			put_word(vm, cpu, row, word);
			got = guest_loads(_metadata, vm, cpu, ipa + byte, 1);
			EXPECT_EQ(word >> shift & 0xff, got)
			{
				TH_LOG("the guest reads byte %u of %s as %#lx; expected that of %#x",
				       byte, row->reg.name, got, word);
				count_failure(_metadata);
			}
			guest_stores(_metadata, vm, cpu, ipa + byte, 1, val);
			if (!row->clear)
				word &= ~(0xffU << shift);
			word |= val << shift & row->mask;
			expect_byte_word(_metadata, vm, cpu, row, word);
			if (!row->clear)
				continue;
			/* the same of the register that clears */
			guest_stores(_metadata, vm, cpu, ipa - row->reg.offset + row->clear + byte,
				     1, 0x05);
			word &= ~(0x05U << shift);
			expect_byte_word(_metadata, vm, cpu, row, word);
		}
	}
}

/* Double words and their halves [GIC 12.1] */

static const struct {
	struct vgic_reg reg;
	u64 val[2], keeps; /* values that KVM keeps but for these bits; docs/contract.md */
} double_rows[] = {
	/* clang-format off */
	{ { "GICD_IROUTER32", DIST, ABI_GICD_IROUTER + 8 * 32 },
	  { 0x5a00000000a5c3e1ULL, 0xa5000000005a3c1eULL }, 0xffffff },
	{ { "GICD_IROUTER991", DIST, ABI_GICD_IROUTER + 8 * (NR_IRQS - 1) },
	  { 0x0000000000123456ULL, 0x0000000000edcba9ULL }, 0xffffff },
	{ { "GICR_PROPBASER", REDIST, ABI_GICR_PROPBASER },
	  { 0x0005555555555790ULL, 0x000aaaaaaaaaa78fULL }, ~0ULL },
	{ { "GICR_PENDBASER", REDIST, ABI_GICR_PENDBASER },
	  { 0x0005555555550780ULL, 0x000aaaaaaaaa0780ULL }, ~0ULL },
	/* clang-format on */
};

static void expect_double(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			  const struct vgic_reg *reg, u64 want, const char *when)
{
	struct vgic_reg high = *reg;
	u64 got;

	high.offset += 4;
	got = vgic_get(vm, cpu, reg) | (u64)vgic_get(vm, cpu, &high) << 32;
	EXPECT_EQ(want, got)
	{
		TH_LOG("%s %s: user space reads %#lx; expected %#lx", reg->name, when, got, want);
		count_failure(_metadata);
	}
	got = guest_loads(_metadata, vm, 0, ipa_of(cpu, reg), 8);
	EXPECT_EQ(want, got)
	{
		TH_LOG("%s %s: the guest reads %#lx; expected %#lx", reg->name, when, got, want);
		count_failure(_metadata);
	}
	got = guest_loads(_metadata, vm, 0, ipa_of(cpu, reg), 4) |
	      guest_loads(_metadata, vm, 0, ipa_of(cpu, &high), 4) << 32;
	EXPECT_EQ(want, got)
	{
		TH_LOG("%s %s: the guest reads %#lx by halves; expected %#lx", reg->name, when, got,
		       want);
		count_failure(_metadata);
	}
}

static void put_half(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		     const struct vgic_reg *reg, bool high, u64 val, bool guest)
{
	struct vgic_reg half = *reg;

	half.offset += high ? 4 : 0;
	val = high ? val >> 32 : val & 0xffffffff;
	if (guest)
		guest_stores(_metadata, vm, 0, ipa_of(cpu, &half), 4, val);
	else
		vgic_set(vm, cpu, &half, val);
}

#define HIGH 0xffffffff00000000ULL
#define LOW 0x00000000ffffffffULL

TEST_F(access, double_words_are_whole_or_two_halves)
{
	const unsigned int cpu = 2;
	struct test_vm *vm = self->vm;
	unsigned int i, turn;

	if (variant->type != V3)
		SKIP(return, "a vGICv2 has no registers of 64 bits");
	for (i = 0; i < ARRAY_SIZE(double_rows); i++) {
		const struct vgic_reg *reg = &double_rows[i].reg;
		u64 keeps = double_rows[i].keeps;

		/* by user space and by the guest, first the one half or the other */
		for (turn = 0; turn < 4; turn++) {
			u64 from = double_rows[i].val[turn % 2];
			u64 to = double_rows[i].val[!(turn % 2)];
			u64 first = turn & 1 ? HIGH : LOW;
			bool guest = turn & 2;

			guest_stores(_metadata, vm, 0, ipa_of(cpu, reg), 8, from);
			expect_double(_metadata, vm, cpu, reg, from & keeps, "after a whole write");
			put_half(_metadata, vm, cpu, reg, first == HIGH, to, guest);
			expect_double(_metadata, vm, cpu, reg,
				      ((to & first) | (from & ~first)) & keeps,
				      first == HIGH ? "after a write of the upper half"
						    : "after a write of the lower half");
			put_half(_metadata, vm, cpu, reg, first != HIGH, to, guest);
			expect_double(_metadata, vm, cpu, reg, to & keeps,
				      "after writes of both halves");
		}
	}
}

/* Any vCPU may access any redistributor [GIC 12.11] */

static const struct {
	struct vgic_reg reg;
	u32 mask, clear;
} redist_rows[] = {
	/* clang-format off */
	{ { "GICR_IGROUPR0", REDIST, SGI(ABI_GICD_IGROUPR) }, ~0U, 0 },
	{ { "GICR_ISENABLER0", REDIST, SGI(ABI_GICD_ISENABLER) }, PRIVATE, SGI(ABI_GICD_ICENABLER) },
	{ { "GICR_ISPENDR0", REDIST, SGI(ABI_GICD_ISPENDR) }, PRIVATE, SGI(ABI_GICD_ICPENDR) },
	{ { "GICR_ISACTIVER0", REDIST, SGI(ABI_GICD_ISACTIVER) }, PRIVATE, SGI(ABI_GICD_ICACTIVER) },
	{ { "GICR_IPRIORITYR3", REDIST, SGI(ABI_GICD_IPRIORITYR) + 12 }, 0xf8f8f8f8, 0 },
	/* clang-format on */
};

TEST_F(access, redistributor_is_reached_by_every_vcpu)
{
	struct test_vm *vm = self->vm;
	u32 want[NR_VCPUS][ARRAY_SIZE(redist_rows)];
	unsigned int cpu, by, i;

	if (variant->type != V3)
		SKIP(return, "a vGICv2 has no redistributors");
	for (by = 0; by < NR_VCPUS; by++) {
		for (cpu = 0; cpu < NR_VCPUS; cpu++) {
			for (i = 0; i < ARRAY_SIZE(redist_rows); i++) {
				const struct vgic_reg *reg = &redist_rows[i].reg;
				struct vgic_reg clear = *reg;
				u32 val =
					fill((by * NR_VCPUS + cpu) * 16 + i) & redist_rows[i].mask;

				want[cpu][i] = val;
				clear.offset = redist_rows[i].clear;
				if (clear.offset)
					guest_writes(_metadata, vm, by, cpu, &clear,
						     redist_rows[i].mask);
				guest_writes(_metadata, vm, by, cpu, reg, val);
			}
		}
		for (cpu = 0; cpu < NR_VCPUS; cpu++) {
			for (i = 0; i < ARRAY_SIZE(redist_rows); i++) {
				expect_guest_reg(_metadata, vm, (by + 1) % NR_VCPUS, cpu,
						 &redist_rows[i].reg, want[cpu][i]);
				expect_reg(_metadata, vm, cpu, &redist_rows[i].reg, want[cpu][i]);
			}
		}
	}
}

/* As many interrupts as there can be */

static const struct file {
	const char *name;
	u32 offset, clear;
	unsigned int bits; /* of each interrupt */
	u32 mask; /* of a word: what can be written */
	unsigned int type; /* that has it alone; 0 if both */
} files[] = {
	/* clang-format off */
	{ "GICD_IGROUPR", ABI_GICD_IGROUPR, 0, 1, .mask = ~0U },
	{ "GICD_ISENABLER", ABI_GICD_ISENABLER, ABI_GICD_ICENABLER, 1, .mask = ~0U },
	{ "GICD_ISPENDR", ABI_GICD_ISPENDR, ABI_GICD_ICPENDR, 1, .mask = ~0U },
	{ "GICD_ISACTIVER", ABI_GICD_ISACTIVER, ABI_GICD_ICACTIVER, 1, .mask = ~0U },
	{ "GICD_IPRIORITYR", ABI_GICD_IPRIORITYR, 0, 8, .mask = 0xf8f8f8f8 },
	{ "GICD_ICFGR", ABI_GICD_ICFGR, 0, 2, .mask = 0xaaaaaaaa },
	{ "GICD_ITARGETSR", ABI_GICD_ITARGETSR, 0, 8, .mask = 0x07070707, .type = V2 },
	{ "GICD_IROUTER", ABI_GICD_IROUTER, 0, 64, .mask = 0x00ffffff, .type = V3 },
	/* clang-format on */
};

/* Words of a file: those of the shared interrupts; the upper halves of GICD_IROUTER are zero */
static unsigned int nr_words(const struct file *file)
{
	return file->bits == 64 ? NR_IRQS - 32 : (NR_IRQS - 32) * file->bits / 32;
}

static struct vgic_reg word_of(const struct file *file, u32 offset, unsigned int n)
{
	struct vgic_reg reg = { file->name, DIST, offset };

	reg.offset += file->bits * 32 / 8 + n * (file->bits == 64 ? 8 : 4);
	return reg;
}

/* The guest is slow: it accesses every 2^n-th word, and the last one */
static bool by_guest(const struct file *file, unsigned int n)
{
	return !(n & (n - 1)) || n == nr_words(file) - 1;
}

TEST_F(access, each_of_many_interrupts_has_fields_of_its_own)
{
	struct test_vm *vm = self->vm;
	unsigned int f, n, guest;

	for (guest = 0; guest < 2; guest++) {
		for (f = 0; f < ARRAY_SIZE(files); f++) {
			const struct file *file = &files[f];

			if (file->type && file->type != variant->type)
				continue;
			for (n = 0; n < nr_words(file); n++) {
				struct vgic_reg reg = word_of(file, file->offset, n);
				struct vgic_reg clear = word_of(file, file->clear, n);
				u32 val = fill(1024 * f + n + guest);

				if (guest && !by_guest(file, n))
					continue;
				if (guest && file->clear)
					guest_writes(_metadata, vm, 0, 0, &clear, ~val);
				if (guest)
					guest_writes(_metadata, vm, 0, 0, &reg, val);
				else
					vgic_set(vm, n % NR_VCPUS, &reg, val);
			}
		}
		for (f = 0; f < ARRAY_SIZE(files); f++) {
			const struct file *file = &files[f];

			if (file->type && file->type != variant->type)
				continue;
			for (n = 0; n < nr_words(file); n++) {
				struct vgic_reg reg = word_of(file, file->offset, n);
				bool by = by_guest(file, n);
				u32 want = fill(1024 * f + n + (guest && by)) & file->mask;

				expect_reg(_metadata, vm, n % NR_VCPUS, &reg, want);
				/* a level that the guest may find pending has no line here */
				if (by)
					expect_guest_reg(_metadata, vm, 1, 0, &reg, want);
			}
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
