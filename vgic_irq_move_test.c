// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_irq_move_test: interrupts that are pending or active when a VM is saved. The guest of the
 * fresh VM to which the vGIC was restored takes them as it would have on the first one: once, on
 * the same vCPU.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3: registers, LEVEL_INFO, CPU_SYSREGS
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2: registers, CPU_REGS
 *   Arm IHI0069 (GIC) 4, IHI0048 (GIC2) 3           the life cycle of an interrupt
 *
 * A vGICv2 has no LEVEL_INFO: its user space sets the lines again. SGIs of a vGICv2 are sent by
 * vCPU 0, so that the active one's source, which no register has, is that after the move, too.
 * The order is that of lib/vmm/vgic_image.c.
 */
#include <stdlib.h>

#include "harness.h"

#include "irq_expect.h"
#include "vmm/vgic_image.h"

/* An interrupt's state, as rows of cases[] combine them */
#define LATCH BIT(0) /* pending by a register, an edge or another vCPU */
#define LINE BIT(1) /* its input is high */
#define ACTIVE BIT(2) /* taken and not ended */

/* clang-format off */
static const struct one {
	const char *what;
	u32 intid;
	unsigned int cpu; /* who takes it */
	unsigned int state;
} cases[] = {
	{ "an SGI, pending", SGI, 2, LATCH },
	{ "an SGI, active", SGI, 1, ACTIVE },
	{ "an SGI, active and pending", SGI, 3, ACTIVE | LATCH },
	{ "a PPI, latched", PPI, 2, LATCH },
	{ "a PPI, its line high", PPI, 1, LINE },
	{ "a PPI, latched, its line high", PPI, 3, LATCH | LINE },
	{ "a PPI, active", PPI, 0, ACTIVE },
	{ "a PPI, active, its line high", PPI, 2, ACTIVE | LINE },
	{ "an SPI, level, latched", SPI, 1, LATCH },
	{ "an SPI, level, its line high", SPI, 3, LINE },
	{ "an SPI, level, latched, its line high", SPI, 0, LATCH | LINE },
	{ "an SPI, level, active", SPI, 2, ACTIVE },
	{ "an SPI, level, active, its line high", SPI, 1, ACTIVE | LINE },
	{ "an SPI, edge, pending", SPI_2, 3, LATCH },
	{ "an SPI, edge, active", SPI_2, 0, ACTIVE },
	{ "an SPI, edge, active and pending", SPI_2, 1, ACTIVE | LATCH },
};
/* clang-format on */

#define IMAGE_WORDS 2048
#define CPUIF_WORDS 64

struct image {
	u32 iidr;
	u32 val[IMAGE_WORDS];
	u64 cpuif[CPUIF_WORDS];
};

FIXTURE(moved)
{
	struct test_vm *vm, *to;
	struct image *image;
};

FIXTURE_VARIANT(moved)
{
	u32 type;
	bool ctlr_last; /* GICD_CTLR is restored after all others */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(moved, v3) { V3, false };
FIXTURE_VARIANT_ADD(moved, v3_ctlr_last) { V3, true };
FIXTURE_VARIANT_ADD(moved, v2) { V2, false };
FIXTURE_VARIANT_ADD(moved, v2_ctlr_last) { V2, true };
/* clang-format on */

FIXTURE_SETUP(moved)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = irq_vm(variant->type);
	self->image = calloc(1, sizeof(*self->image));
	ASSERT_NE(NULL, self->image);
}

FIXTURE_TEARDOWN(moved)
{
	test_vm_free(self->vm);
	test_vm_free(self->to);
	free(self->image);
}

static void make_pending(struct test_vm *vm, const struct one *one)
{
	if (one->intid < ABI_GIC_PPI)
		irq_send(vm, one->cpu, one->intid);
	else
		irq_guest_set(vm, one->cpu, one->cpu, ABI_GICD_ISPENDR, one->intid);
}

/* Bring an interrupt of the first VM into the state of a case */
static void make_state(struct __test_metadata *_metadata, struct test_vm *vm, const struct one *one)
{
	if (one->intid >= ABI_GIC_SPI)
		irq_route(vm, one->intid, one->cpu);
	if (one->state & ACTIVE) {
		make_pending(vm, one);
		expect_takes(vm, one->cpu, GUEST_IRQ_HOLD, "before the move", one->intid);
	}
	if (one->state & LATCH)
		make_pending(vm, one);
	if (one->state & LINE)
		irq_line(vm, one->cpu, one->intid, true);
}

static void save(struct __test_metadata *_metadata, struct test_vm *vm, struct image *image)
{
	struct vgic_cpuif_word cpuif = { 0 };
	struct vgic_image_word word = { 0 };
	unsigned int nr = 0;

	image->iidr = vgic_get(vm, 0, &vgic_iidr);
	while (vgic_image_next(vm, &word))
		image->val[word.at] = vgic_get(vm, word.cpu, &word.reg);
	while (vgic_cpuif_next(vm, &cpuif))
		expect_err(_metadata, cpuif.reg.name, cpuif.cpu, 0,
			   __vgic_cpuif_get(vm, &cpuif, &image->cpuif[nr++]));
}

static bool is_ctlr(const struct vgic_reg *reg)
{
	return reg->group == vgic_ctlr.group && reg->offset == vgic_ctlr.offset;
}

static struct test_vm *restore(struct __test_metadata *_metadata, struct test_vm *from,
			       const struct image *image, bool ctlr_last)
{
	struct test_vm *vm = irq_fresh_vm(from->vgic_type);
	struct vgic_cpuif_word cpuif = { 0 };
	struct vgic_image_word word = { 0 };
	unsigned int nr = 0;

	vgic_set(vm, 0, &vgic_iidr, image->iidr);
	while (vgic_image_next(vm, &word))
		if (!ctlr_last || !is_ctlr(&word.reg))
			expect_err(_metadata, word.reg.name, word.reg.offset, 0,
				   __vgic_image_put(vm, &word, image->val[word.at]));
	while (vgic_cpuif_next(vm, &cpuif))
		expect_err(_metadata, cpuif.reg.name, cpuif.cpu, 0,
			   __vgic_cpuif_put(vm, &cpuif, image->cpuif[nr++]));
	irq_distributor(vm, true);
	return vm;
}

TEST_F(moved, interrupts_come_as_they_would_have)
{
	struct image *image = self->image;
	struct test_vm *vm = self->vm;
	unsigned int i, cpu;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct one *one = &cases[i];
		u32 iar = one->intid;
		bool was_pending = one->state & (LATCH | LINE);

		make_state(_metadata, vm, one);
		save(_metadata, vm, image);
		test_vm_free(self->to);
		self->to = restore(_metadata, vm, image, variant->ctlr_last);
		/* Lines are part of the image of a vGICv3 alone [devices/arm-vgic.rst] */
		if (variant->type == V2 && one->state & LINE)
			irq_line(self->to, one->cpu, one->intid, true);

		for (cpu = 0; cpu < IRQ_VCPUS; cpu++)
			if (cpu != one->cpu)
				expect_takes(self->to, cpu, GUEST_IRQ_END, one->what, NOTHING);
		expect_state(_metadata, self->to, one->cpu, ABI_GICD_ISACTIVER, one->intid,
			     one->state & ACTIVE, one->state & ACTIVE, one->what);
		if (one->state & ACTIVE) {
			expect_takes(self->to, one->cpu, GUEST_IRQ_HOLD, one->what, NOTHING);
			end_irq(self->to, one->cpu, iar);
			expect_state(_metadata, self->to, one->cpu, ABI_GICD_ISACTIVER, one->intid,
				     0, 0, one->what);
		}
		expect_takes(self->to, one->cpu, GUEST_IRQ_HOLD, one->what,
			     was_pending ? iar : NOTHING);
		if (one->state & LINE)
			irq_line(self->to, one->cpu, one->intid, false);
		if (was_pending)
			end_irq(self->to, one->cpu, iar);
		expect_takes(self->to, one->cpu, GUEST_IRQ_END, one->what, NOTHING);
		/* And again, as on any VM */
		make_pending(self->to, one);
		expect_takes(self->to, one->cpu, GUEST_IRQ_END, one->what, iar);

		test_vm_free(vm);
		self->vm = vm = irq_vm(variant->type);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
