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

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
