// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_image_test: a vGIC saved on one VM and restored on another, as a VMM does it: GICD_IIDR
 * and GICD_TYPER2 first, then everything else.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *
 * The registers are rows of lib/vmm/vgic_image.c.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"
#include "vmm/vgic_image.h"

#define IMAGE_WORDS 1024

struct image {
	u32 iidr, typer2;
	u32 user[IMAGE_WORDS]; /* what user space reads, row by row */
	u32 guest[IMAGE_WORDS]; /* what the guest reads, or 0 */
};

/* A value that has about half of the row's bits, others in each word */
static u32 word_fill(const struct test_vm *vm, const struct vgic_image_word *word)
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

static void put_word(struct __test_metadata *_metadata, struct test_vm *vm,
		     const struct vgic_image_word *word, u32 val)
{
	expect_err(_metadata, word->reg.name, word->reg.offset, 0, __vgic_image_put(vm, word, val));
}

FIXTURE(image)
{
	struct test_vm *from, *to;
	struct host_vgic host;
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
	const char *missing = vgic_missing(variant->type, variant->stage, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
	self->from = vm_at(_metadata, variant->type, few_vcpus(), 0, AFTER_INIT);
	self->to = vm_at(_metadata, variant->type, few_vcpus(), 0, variant->stage);
}

FIXTURE_TEARDOWN(image)
{
	test_vm_free(self->from);
	test_vm_free(self->to);
}

/* Fill every row, read it back, let the guest run, and save */
static void make_image(struct __test_metadata *_metadata, struct test_vm *vm, struct image *image,
		       u32 iidr)
{
	struct vgic_image_word word = { 0 };
	struct guest_result res;

	vgic_set(vm, 0, &vgic_iidr, iidr);
	while (vgic_image_next(vm, &word)) {
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
	while (vgic_image_next(vm, &word)) {
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

/* Clear what make_image() sets, and set what it clears */
static void fill_opposite(struct __test_metadata *_metadata, struct test_vm *vm)
{
	struct vgic_image_word word = { 0 };

	vgic_set(vm, 0, &vgic_iidr, ABI_IIDR(ABI_IIDR_FIRST));
	while (vgic_image_next(vm, &word)) {
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
		/* such a register does not read as zero */
		if (word.row->fill != FILL_VALUE)
			expect_reg(_metadata, vm, word.cpu, &word.reg, fill);
	}
}

TEST_F(image, restored_on_another_vm_reads_back_equal)
{
	u32 iidr = ABI_IIDR(variant->newest ? self->host.newest : ABI_IIDR_FIRST);
	struct image *saved = &self->saved;
	struct test_vm *to = self->to;
	struct vgic_image_word word = { 0 };

	make_image(_metadata, self->from, saved, iidr);
	EXPECT_EQ(iidr, saved->iidr)
	{
		TH_LOG("the saved GICD_IIDR is %#x; expected %#x", saved->iidr, iidr);
	}

	if (variant->over)
		fill_opposite(_metadata, to);
	expect_write(_metadata, to, 0, &vgic_iidr, saved->iidr, 0, saved->iidr);
	if (variant->type == V3)
		expect_write(_metadata, to, 0, &vgic_typer2, saved->typer2, 0, saved->typer2);
	if (variant->stage == BEFORE_INIT)
		vgic_init(to);
	while (vgic_image_next(to, &word))
		put_word(_metadata, to, &word, saved->user[word.at]);

	memset(&word, 0, sizeof(word));
	while (vgic_image_next(to, &word))
		expect_reg(_metadata, to, word.cpu, &word.reg, saved->user[word.at]);
	memset(&word, 0, sizeof(word));
	while (vgic_image_next(to, &word)) {
		if (word.row->guest)
			expect_guest_reg(_metadata, to, word.cpu, word.cpu, &word.reg,
					 saved->guest[word.at]);
	}
	/* and again after the guest has run */
	memset(&word, 0, sizeof(word));
	while (vgic_image_next(to, &word))
		expect_reg(_metadata, to, word.cpu, &word.reg, saved->user[word.at]);
	expect_both(_metadata, to, 0, &vgic_iidr, saved->iidr);
	if (variant->type == V3)
		expect_both(_metadata, to, 0, &vgic_typer2, saved->typer2);
}

/*
 * More vCPUs than one value of Aff1 has, with redistributors in two regions apart from each other
 */
#define MANY 18U
#define FIRST 7U /* of them in the first region */
#define SECOND_BASE (VM_GICR_BASE + 0x1000000)

FIXTURE(regions)
{
	struct test_vm *from, *to;
	struct image saved;
};

static void set_attr(struct __test_metadata *_metadata, struct test_vm *vm, u32 group, u64 attr,
		     const void *addr)
{
	ASSERT_EQ(0, __vgic_attr(vm, KVM_SET_DEVICE_ATTR, group, attr, addr));
}

/* devices/arm-vgic-v3.rst: count in bits 63:52, base in 51:16, index in 11:0 */
static struct test_vm *regions_vm(struct __test_metadata *_metadata)
{
	struct test_vm *vm = test_vm_create(MANY, 0, VM_AT_EL1 | VM_NO_VGIC);
	u64 region[] = {
		(u64)FIRST << 52 | VM_GICR_BASE,
		(u64)(MANY - FIRST) << 52 | SECOND_BASE | 1,
	};
	u64 dist = VM_GICD_BASE;
	u32 nr_irqs = VGIC_NR_IRQS;
	unsigned int i;

	ASSERT_EQ(0, __vgic_create(vm, V3));
	set_attr(_metadata, vm, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs);
	set_attr(_metadata, vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	for (i = 0; i < ARRAY_SIZE(region); i++)
		set_attr(_metadata, vm, KVM_DEV_ARM_VGIC_GRP_ADDR,
			 KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &region[i]);
	vgic_init(vm);
	return vm;
}

FIXTURE_SETUP(regions)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->from = regions_vm(_metadata);
	self->to = regions_vm(_metadata);
}

FIXTURE_TEARDOWN(regions)
{
	test_vm_free(self->from);
	test_vm_free(self->to);
}

/* The first or the last vCPU reads a redistributor */
static u32 guest_reads(struct __test_metadata *_metadata, struct test_vm *vm,
		       const struct vgic_image_word *word)
{
	unsigned int cpu = word->cpu, by = cpu % 2 ? MANY - 1 : 0;
	u64 frames = VM_GICR_BASE + cpu * ABI_GICR_FRAMES;
	struct guest_result res;

	if (cpu >= FIRST)
		frames = SECOND_BASE + (cpu - FIRST) * ABI_GICR_FRAMES;
	guest_load(vm->vcpu[by], frames + word->reg.offset, 4, &res);
	expect_end(_metadata, word->reg.name, &res);
	return res.x[0];
}

TEST_F(regions, each_vcpu_gets_its_own_redistributor_back)
{
	struct image *saved = &self->saved;
	struct vgic_image_word word = { 0 };

	while (vgic_image_next(self->from, &word)) {
		if (!word.row->banked)
			continue;
		if (word.row->fill != FILL_NOTHING)
			put_word(_metadata, self->from, &word, word_fill(self->from, &word));
	}
	memset(&word, 0, sizeof(word));
	while (vgic_image_next(self->from, &word))
		if (word.row->banked)
			saved->user[word.at] = vgic_get(self->from, word.cpu, &word.reg);

	memset(&word, 0, sizeof(word));
	while (vgic_image_next(self->to, &word))
		if (word.row->banked)
			put_word(_metadata, self->to, &word, saved->user[word.at]);
	memset(&word, 0, sizeof(word));
	while (vgic_image_next(self->to, &word)) {
		u32 want = saved->user[word.at], got;

		if (!word.row->banked)
			continue;
		if (word.row->fill != FILL_NOTHING)
			EXPECT_EQ(word_fill(self->to, &word), want);
		expect_reg(_metadata, self->to, word.cpu, &word.reg, want);
		/* Words that are the same in each redistributor are read in other tests */
		if (!word.row->guest ||
		    (word.row->fill != FILL_BITS && word.reg.offset != ABI_GICR_TYPER + 4))
			continue;
		got = guest_reads(_metadata, self->to, &word);
		EXPECT_EQ(want, got)
		{
			TH_LOG("the guest reads %s of vCPU %u as %#x; expected %#x", word.reg.name,
			       word.cpu, got, want);
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
