/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: a vGIC saved on one VM and restored on another, the way
 * arm-vgic-v3.rst and arm-vgic.rst tell a VMM: GICD_IIDR and GICD_TYPER2 first,
 * then everything else.
 */

/* What a row's registers are filled with */
enum fill {
	FILL_NOTHING, /* read-only: restored all the same, and ignored */
	FILL_VALUE, /* arg */
	FILL_BITS, /* some bits of arg, others in each word */
	FILL_AFFINITY, /* that of some vCPU */
};

struct image_row {
	struct vgic_reg reg; /* the first */
	unsigned int nr, step; /* how many, and how far apart */
	bool banked; /* each vCPU has its own */
	u32 clear; /* register to write all ones to first; 0 if none */
	enum fill fill;
	u32 arg;
	bool guest; /* the guest, too, has to find it as on the first VM */
};

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

/* GICD_CTLR last: nothing is to be delivered before all is in place */
static const struct image_row image_v3[] = {
	{ { "GICR_CTLR", REDIST, ABI_GICR_CTLR }, 1, 4, true, .guest = true },
	{ { "GICR_WAKER", REDIST, ABI_GICR_WAKER }, 1, 4, true, .guest = true },
	{ { "GICR_TYPER", REDIST, ABI_GICR_TYPER }, 2, 4, true, .guest = true },
	{ { "GICR_IIDR", REDIST, ABI_GICR_IIDR }, 1, 4, true, .guest = true },
	{ { "GICR_PIDR2", REDIST, ABI_GICR_PIDR2 }, 1, 4, true, .guest = true },
	/* inner shareable, write-back: what KVM takes without changing it */
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
	{ { "GICD_CTLR", DIST, ABI_GICD_CTLR }, 1, 4,
	  .fill = FILL_VALUE, .arg = 0x50 | GRP1, .guest = true },
};

/* SGIs are pending by their sources, so GICD_ISPENDR0 is not to name any */
static const struct image_row image_v2[] = {
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
	{ { "GICD_ISACTIVER0", DIST, ABI_GICD_ISACTIVER }, 1, 4, true,
	  .clear = ABI_GICD_ICACTIVER, .fill = FILL_BITS, .arg = PRIVATE_BITS & ~0xffffU },
	{ { "GICD_ISACTIVER", DIST, ABI_GICD_ISACTIVER + 4 }, SPI_WORDS, 4,
	  .clear = ABI_GICD_ICACTIVER + 4, .fill = FILL_BITS, .arg = ~0U },
	{ { "GICD_CTLR", DIST, ABI_GICD_CTLR }, 1, 4,
	  .fill = FILL_VALUE, .arg = 1, .guest = true },
};

/* clang-format on */

#define IMAGE_WORDS 1024

struct image {
	const struct image_row *rows;
	unsigned int nr_rows, nr_vcpus;
	u32 iidr, typer2;
	u32 user[IMAGE_WORDS]; /* what user space reads, row by row */
	u32 guest[IMAGE_WORDS]; /* what the guest reads, or 0 */
};

/* A word of an image: where it is, and its place among the words */
struct image_word {
	const struct image_row *row;
	struct vgic_reg reg;
	unsigned int cpu, i, at;
};

/* Step through the words of an image; begin with all of @word zero */
static bool next_word(const struct image *image, struct image_word *word)
{
	if (!word->row) {
		word->row = image->rows;
	} else {
		word->at++;
		if (++word->i == word->row->nr) {
			word->i = 0;
			if (++word->cpu == (word->row->banked ? image->nr_vcpus : 1)) {
				word->cpu = 0;
				if (++word->row == image->rows + image->nr_rows)
					return false;
			}
		}
	}
	TEST_ASSERT(word->at < IMAGE_WORDS, "An image of more than %u words", IMAGE_WORDS);
	word->reg = word->row->reg;
	word->reg.offset += word->i * word->row->step;
	return true;
}

/* A value that has about half of the row's bits, others in each word */
static u32 word_fill(const struct test_vm *vm, const struct image_word *word)
{
	switch (word->row->fill) {
	case FILL_VALUE:
		return word->row->arg;
	case FILL_BITS:
		return (word->at + 1) * 0x9e3779b1U & word->row->arg;
	case FILL_AFFINITY:
		return vm->affinity[word->at % vm->nr_vcpus];
	case FILL_NOTHING:
		break;
	}
	return 0;
}

/* Write a word as a VMM does: what is only ever set is cleared first */
static void put_word(struct __test_metadata *_metadata, struct test_vm *vm,
		     const struct image_word *word, u32 val)
{
	if (word->row->clear) {
		struct vgic_reg clear = word->reg;

		clear.offset = word->row->clear + word->i * word->row->step;
		expect_err(_metadata, "clearing before a restore", clear.offset, 0,
			   __vgic_set(vm, word->cpu, &clear, ~0U));
	}
	expect_err(_metadata, word->reg.name, word->reg.offset, 0,
		   __vgic_set(vm, word->cpu, &word->reg, val));
}

FIXTURE(image)
{
	struct test_vm *from, *to;
	struct vgic_host host;
	struct image saved;
};

FIXTURE_VARIANT(image)
{
	u32 type;
	bool newest; /* or the oldest revision that can be asked for */
	enum stage stage; /* at which GICD_IIDR and GICD_TYPER2 are restored */
	bool over; /* the VM has the opposite of everything, as when it goes back in time */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(image, v3_newest_before_init) { V3, true, BEFORE_INIT, false };
FIXTURE_VARIANT_ADD(image, v3_oldest_before_init) { V3, false, BEFORE_INIT, false };
FIXTURE_VARIANT_ADD(image, v3_newest_after_init) { V3, true, AFTER_INIT, false };
FIXTURE_VARIANT_ADD(image, v3_oldest_after_init) { V3, false, AFTER_INIT, false };
FIXTURE_VARIANT_ADD(image, v3_over_another) { V3, true, AFTER_INIT, true };
FIXTURE_VARIANT_ADD(image, v2_newest) { V2, true, AFTER_INIT, false };
FIXTURE_VARIANT_ADD(image, v2_oldest) { V2, false, AFTER_INIT, false };
FIXTURE_VARIANT_ADD(image, v2_over_another) { V2, true, AFTER_INIT, true };
/* clang-format on */

FIXTURE_SETUP(image)
{
	const char *lacks = lacks_vgic(variant->type, variant->stage, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->saved.rows = variant->type == V3 ? image_v3 : image_v2;
	self->saved.nr_rows = variant->type == V3 ? ARRAY_SIZE(image_v3) : ARRAY_SIZE(image_v2);
	self->saved.nr_vcpus = few_vcpus();
	self->from = vm_at(_metadata, variant->type, few_vcpus(), 0, AFTER_INIT);
	self->to = vm_at(_metadata, variant->type, few_vcpus(), 0, variant->stage);
}

FIXTURE_TEARDOWN(image)
{
	test_vm_free(self->from);
	test_vm_free(self->to);
}

/* Fill every row, see that it took, let the guest run, and save */
static void make_image(struct __test_metadata *_metadata, struct test_vm *vm, struct image *image,
		       u32 iidr)
{
	struct image_word word = { 0 };
	struct guest_result res;

	vgic_set(vm, 0, &vgic_iidr, iidr);
	while (next_word(image, &word)) {
		if (word.row->fill == FILL_NOTHING)
			continue;
		put_word(_metadata, vm, &word, word_fill(vm, &word));
	}
	run_once(_metadata, vm, 0);
	run_once(_metadata, vm, vm->nr_vcpus - 1);

	image->iidr = vgic_get(vm, 0, &vgic_iidr);
	if (vm->vgic_type == V3)
		image->typer2 = vgic_get(vm, 0, &vgic_typer2);
	memset(&word, 0, sizeof(word));
	while (next_word(image, &word)) {
		image->user[word.at] = vgic_get(vm, word.cpu, &word.reg);
		if (word.row->fill != FILL_NOTHING)
			expect_reg(_metadata, vm, word.cpu, &word.reg, word_fill(vm, &word));
		if (!word.row->guest)
			continue;
		/* the guest reads what is banked in a GICv2 by the vCPU itself */
		vgic_load(vm, word.cpu, word.cpu, &word.reg, &res);
		expect_end(_metadata, word.reg.name, &res);
		image->guest[word.at] = res.x[0];
	}
}

/* Everything that make_image() set cleared, and the reverse */
static void fill_opposite(struct __test_metadata *_metadata, struct test_vm *vm,
			  const struct image *image)
{
	struct image_word word = { 0 };

	vgic_set(vm, 0, &vgic_iidr, ABI_IIDR(ABI_IIDR_FIRST));
	while (next_word(image, &word)) {
		u32 fill = word_fill(vm, &word);

		switch (word.row->fill) {
		case FILL_NOTHING:
			continue;
		case FILL_VALUE:
			fill = 0;
			break;
		case FILL_BITS:
			fill ^= word.row->arg;
			break;
		case FILL_AFFINITY:
			fill = vm->affinity[(word.at + 1) % vm->nr_vcpus];
			break;
		}
		put_word(_metadata, vm, &word, fill);
		/* zero is not what such a register then reads as */
		if (word.row->fill != FILL_VALUE)
			expect_reg(_metadata, vm, word.cpu, &word.reg, fill);
	}
}

TEST_F(image, restored_on_another_vm_reads_back_equal)
{
	u32 iidr = ABI_IIDR(variant->newest ? self->host.newest : ABI_IIDR_FIRST);
	struct image *saved = &self->saved;
	struct test_vm *to = self->to;
	struct image_word word = { 0 };

	make_image(_metadata, self->from, saved, iidr);
	EXPECT_EQ(iidr, saved->iidr)
	{
		TH_LOG("the saved GICD_IIDR is %#x; expected %#x", saved->iidr, iidr);
	}

	if (variant->over)
		fill_opposite(_metadata, to, saved);
	expect_write(_metadata, to, 0, &vgic_iidr, saved->iidr, 0, saved->iidr);
	if (variant->type == V3)
		expect_write(_metadata, to, 0, &vgic_typer2, saved->typer2, 0, saved->typer2);
	if (variant->stage == BEFORE_INIT)
		vgic_init(to);
	while (next_word(saved, &word))
		put_word(_metadata, to, &word, saved->user[word.at]);

	memset(&word, 0, sizeof(word));
	while (next_word(saved, &word))
		expect_reg(_metadata, to, word.cpu, &word.reg, saved->user[word.at]);
	memset(&word, 0, sizeof(word));
	while (next_word(saved, &word)) {
		if (word.row->guest)
			expect_guest_reg(_metadata, to, word.cpu, word.cpu, &word.reg,
					 saved->guest[word.at]);
	}
	/* and once more, now that the guest has run */
	memset(&word, 0, sizeof(word));
	while (next_word(saved, &word))
		expect_reg(_metadata, to, word.cpu, &word.reg, saved->user[word.at]);
	expect_both(_metadata, to, 0, &vgic_iidr, saved->iidr);
	if (variant->type == V3)
		expect_both(_metadata, to, 0, &vgic_typer2, saved->typer2);
}
