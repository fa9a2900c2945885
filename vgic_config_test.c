// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_config_test: the attributes of a vGIC that is not yet initialised: addresses, number of
 * interrupts, initialisation. What KVM refuses it refuses without a trace.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Documentation/virt/kvm/api.rst 4.80, 4.81       KVM_SET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR
 *
 * Regions of redistributors are in vgic_regions_test.c.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "expect.h"
#include "vgic_config_expect.h"

/* Addresses */

FIXTURE(addr)
{
	struct test_vm *vm;
	u64 limit;
};

FIXTURE_VARIANT(addr)
{
	u32 type;
	u64 attr;
	u64 align, size;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(addr, v3_dist) { V3, KVM_VGIC_V3_ADDR_TYPE_DIST, 0x10000, 0x10000 };
/* two frames for each vCPU */
FIXTURE_VARIANT_ADD(addr, v3_redist) { V3, KVM_VGIC_V3_ADDR_TYPE_REDIST, 0x10000, NR_VCPUS * 0x20000 };
FIXTURE_VARIANT_ADD(addr, v2_dist) { V2, KVM_VGIC_V2_ADDR_TYPE_DIST, 0x1000, 0x1000 };
FIXTURE_VARIANT_ADD(addr, v2_cpu) { V2, KVM_VGIC_V2_ADDR_TYPE_CPU, 0x1000, 0x2000 };
/* clang-format on */

FIXTURE_SETUP(addr)
{
	const char *missing = no_vgic(variant->type);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = uninitialised(_metadata, variant->type);
	self->limit = 1ULL << (vm_ipa_limit() < ABI_DEFAULT_IPA_BITS ? vm_ipa_limit()
								     : ABI_DEFAULT_IPA_BITS);
}

FIXTURE_TEARDOWN(addr)
{
	test_vm_free(self->vm);
}

TEST_F(addr, is_set_once)
{
	const u64 base = 0x1230000;

	expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of address", variant->attr, 0,
		   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, ADDR, variant->attr, NULL));
	/* no document has the value of an address that no one has set */
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
	expect_err(_metadata, "setting the address", base, 0,
		   set_u64(self->vm, ADDR, variant->attr, base));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, base);
	expect_err(_metadata, "setting the address again", base, -EEXIST,
		   set_u64(self->vm, ADDR, variant->attr, base));
	expect_err(_metadata, "setting another address", 0x4560000, -EEXIST,
		   set_u64(self->vm, ADDR, variant->attr, 0x4560000));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, base);
}

TEST_F(addr, zero_is_an_address)
{
	expect_err(_metadata, "setting the address", 0, 0,
		   set_u64(self->vm, ADDR, variant->attr, 0));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, 0);
	expect_err(_metadata, "setting the address again", 0x1230000, -EEXIST,
		   set_u64(self->vm, ADDR, variant->attr, 0x1230000));
}

/* "-EINVAL Incorrectly aligned address" */
TEST_F(addr, misaligned_one_is_invalid)
{
	u64 bit;

	for (bit = 1; bit < variant->align; bit <<= 1)
		expect_err(_metadata, "setting the address", 0x1230000 | bit, -EINVAL,
			   set_u64(self->vm, ADDR, variant->attr, 0x1230000 | bit));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
	/* not more than that is asked for */
	expect_err(_metadata, "setting the address", 0x1230000 + variant->align, 0,
		   set_u64(self->vm, ADDR, variant->attr, 0x1230000 + variant->align));
}

/* "-E2BIG Address outside of addressable IPA range" */
TEST_F(addr, one_beyond_the_ipa_space_is_too_big)
{
	unsigned int bit;

	for (bit = 0; self->limit << bit < 1ULL << 52; bit++)
		expect_err(_metadata, "setting the address", self->limit << bit, -E2BIG,
			   set_u64(self->vm, ADDR, variant->attr, self->limit << bit));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
}

TEST_F(addr, one_that_ends_beyond_the_ipa_space_is_too_big)
{
	u64 base;

	for (base = self->limit - variant->size + variant->align; base < self->limit;
	     base += variant->align)
		expect_err(_metadata, "setting the address", base, -E2BIG,
			   set_u64(self->vm, ADDR, variant->attr, base));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
	expect_err(_metadata, "setting the last address", self->limit - variant->size, 0,
		   set_u64(self->vm, ADDR, variant->attr, self->limit - variant->size));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, self->limit - variant->size);
}

/* The document has E2BIG; KVM finds that the end wraps, so EINVAL will do */
TEST_F(addr, one_that_wraps_is_refused)
{
	u64 base = -variant->align;
	int err = set_u64(self->vm, ADDR, variant->attr, base);

	EXPECT_TRUE(err == -E2BIG || err == -EINVAL)
	{
		TH_LOG("setting the address %#lx: %s; expected E2BIG, or EINVAL", base,
		       err_str(err));
	}
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
}

TEST_F(addr, bad_user_pointer_is_refused)
{
	const void *bad = unmapped_page(_metadata);

	expect_err(_metadata, "setting an address from an unmapped page", variant->attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, ADDR, variant->attr, bad));
	expect_err(_metadata, "reading an address to an unmapped page", variant->attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, ADDR, variant->attr, bad));
	expect_u64(_metadata, self->vm, ADDR, variant->attr, NO_ADDR);
}

/* Attributes */

FIXTURE(attrs)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(attrs)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(attrs, v3) { V3 };
FIXTURE_VARIANT_ADD(attrs, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(attrs)
{
	const char *missing = no_vgic(variant->type);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = uninitialised(_metadata, variant->type);
}

FIXTURE_TEARDOWN(attrs)
{
	test_vm_free(self->vm);
}

#define CTRL_GROUP KVM_DEV_ARM_VGIC_GRP_CTRL
#define ANY 0x3ff

/* Which type has an attribute, as a bit for each */
enum {
	OF_V2 = 1,
	OF_V3 = 2,
	OF_BOTH = 3,
};

static const struct {
	u32 group;
	u64 attr;
	unsigned int of;
} known_attrs[] = {
	/* clang-format off */
	{ ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, OF_V2 },
	{ ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, OF_V2 },
	{ ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, OF_V3 },
	{ ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, OF_V3 },
	{ ADDR, KVM_VGIC_ITS_ADDR_TYPE, 0 },
	{ ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, OF_V3 },
	{ ADDR, 6, 0 },
	{ ADDR, ~0ULL, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR, OF_BOTH },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR + 1, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR + 2, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_PIDR2, OF_V3 },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x14, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_CPU_REGS, ABI_GICC_CTLR, OF_V2 },
	{ KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, OF_BOTH },
	{ CTRL_GROUP, KVM_DEV_ARM_VGIC_CTRL_INIT, OF_BOTH },
	{ CTRL_GROUP, KVM_DEV_ARM_ITS_SAVE_TABLES, 0 },
	{ CTRL_GROUP, KVM_DEV_ARM_ITS_RESTORE_TABLES, 0 },
	{ CTRL_GROUP, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, OF_V3 },
	{ CTRL_GROUP, KVM_DEV_ARM_ITS_CTRL_RESET, 0 },
	{ CTRL_GROUP, ~0ULL, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR, OF_V3 },
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_SGI_BASE + ABI_GICD_ISENABLER, OF_V3 },
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR + 1, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_FRAMES, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_ICC_PMR_EL1 & 0xffff, OF_V3 },
	{ KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 0, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32, OF_V3 },
	{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 | 1 << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT, 0 },
	{ KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0, 0 },
	{ 100, 0, 0 },
	{ ~0U, 0, 0 },
	/* clang-format on */
};

/* "-ENXIO The group or attribute is unknown/unsupported for this device" */
TEST_F(attrs, are_announced_if_they_are_there)
{
	unsigned int of = variant->type == V3 ? OF_V3 : OF_V2, i;
	enum stage stage;

	for (stage = BEFORE_INIT; stage <= AFTER_INIT; stage++) {
		for (i = 0; i < ARRAY_SIZE(known_attrs); i++) {
			int want = known_attrs[i].of & of ? 0 : -ENXIO;
			int err = __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, known_attrs[i].group,
					      known_attrs[i].attr, NULL);

			EXPECT_EQ(want, err)
			{
				TH_LOG("KVM_HAS_DEVICE_ATTR of group %u, attribute %#lx %s: %s; expected %s",
				       known_attrs[i].group, known_attrs[i].attr,
				       stage_names[stage], err_str(err), err_str(want));
				count_failure(_metadata);
			}
		}
		if (stage == BEFORE_INIT)
			vgic_init(self->vm);
	}
}

/* The registers' groups have programs of their own */
TEST_F(attrs, unknown_ones_are_refused)
{
	static const struct {
		u32 group;
		u64 attr;
	} unknown[] = {
		{ ADDR, KVM_VGIC_ITS_ADDR_TYPE },
		{ ADDR, 6 },
		{ ADDR, ~0ULL },
		{ CTRL_GROUP, KVM_DEV_ARM_ITS_SAVE_TABLES },
		{ CTRL_GROUP, KVM_DEV_ARM_ITS_CTRL_RESET },
		{ CTRL_GROUP, ~0ULL },
		{ KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0 },
		{ 100, 0 },
		{ ~0U, 0 },
	};
	bool v3 = variant->type == V3;
	u64 addrs[] = { v3 ? KVM_VGIC_V2_ADDR_TYPE_DIST : KVM_VGIC_V3_ADDR_TYPE_DIST,
			v3 ? KVM_VGIC_V2_ADDR_TYPE_CPU : KVM_VGIC_V3_ADDR_TYPE_REDIST,
			v3 ? 6 : KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION };
	u64 val = 1ULL << 52 | VM_GICD_BASE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		expect_err(_metadata, "setting an unknown attribute, number", unknown[i].attr,
			   -ENXIO,
			   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, unknown[i].group,
				       unknown[i].attr, &val));
		expect_err(_metadata, "reading an unknown attribute, number", unknown[i].attr,
			   -ENXIO,
			   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, unknown[i].group,
				       unknown[i].attr, &val));
	}
	/* the other type's */
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		expect_err(_metadata, "setting the other type's address", addrs[i], -ENXIO,
			   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, ADDR, addrs[i], &val));
		expect_err(_metadata, "reading the other type's address", addrs[i], -ENXIO,
			   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, ADDR, addrs[i], &val));
	}
	expect_err(_metadata, "reading KVM_DEV_ARM_VGIC_CTRL_INIT", 0, -ENXIO,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, CTRL_GROUP,
			       KVM_DEV_ARM_VGIC_CTRL_INIT, &val));
}

/*
 * "-EBUSY Value has already be set, or GIC has already been initialized with default values";
 * no document has the default
 */
TEST_F(attrs, number_of_interrupts_has_a_default)
{
	struct vgic_reg typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_TYPER };
	u32 nr = 64, got = 0;

	expect_err(_metadata, "setting the number of interrupts from an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       unmapped_page(_metadata)));
	vgic_init(self->vm);
	expect_err(_metadata, "setting the number of interrupts after initialisation", nr, -EBUSY,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       &nr));
	expect_err(_metadata, "reading the number of interrupts", 0, 0,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       &got));
	EXPECT_EQ(ABI_VGIC_DEFAULT_IRQS, got)
	{
		TH_LOG("there are %u interrupts; expected %u", got, ABI_VGIC_DEFAULT_IRQS);
	}
	EXPECT_EQ(ABI_VGIC_DEFAULT_IRQS / 32 - 1, vgic_get(self->vm, 0, &typer) & 0x1f)
	{
		TH_LOG("GICD_TYPER is %#x; expected ITLinesNumber of %u interrupts",
		       vgic_get(self->vm, 0, &typer), ABI_VGIC_DEFAULT_IRQS);
	}
	expect_err(_metadata, "reading the number of interrupts to an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       unmapped_page(_metadata)));
}

/*
 * "-ENXIO VGIC not properly configured as required", "-EBUSY One or more VCPUS are running".
 * Without an ITS there are no LPIs, and nothing is to be saved; a vGICv2 has no such attribute.
 */
TEST_F(attrs, pending_tables_are_saved_of_a_gicv3)
{
	const u64 attr = KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES;
	bool v3 = variant->type == V3;
	struct guest_spinner spinner;

	expect_err(_metadata, "saving the pending tables before initialisation", attr, -ENXIO,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, CTRL_GROUP, attr, NULL));
	test_vm_free(self->vm);
	self->vm = vm_at(_metadata, variant->type, NR_VCPUS, 0, AFTER_INIT);
	expect_err(_metadata, "saving the pending tables", attr, v3 ? 0 : -ENXIO,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, CTRL_GROUP, attr, NULL));
	guest_spin_start(self->vm, 1, &spinner);
	expect_err(_metadata, "saving the pending tables while a vCPU runs", attr,
		   v3 ? -EBUSY : -ENXIO,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, CTRL_GROUP, attr, NULL));
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the running vCPU", &spinner.res);
}

/*
 * A vGICv3 has no interrupts before it is initialised, and a vGICv2 initialises itself; no document
 * has the errno
 */
TEST_F(attrs, interrupt_lines_are_those_of_an_initialised_vgic)
{
	struct kvm_irq_level line = { .level = 1 };
	int want = variant->type == V3 ? -EBUSY : 0;

	line.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | 32;
	expect_err(_metadata, "KVM_IRQ_LINE before initialisation, interrupt", 32, want,
		   ioctl_err(__vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line)));
	line.irq =
		KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | 1 << KVM_ARM_IRQ_VCPU_SHIFT | 20;
	expect_err(_metadata, "KVM_IRQ_LINE before initialisation, interrupt", 20, want,
		   ioctl_err(__vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line)));
	vgic_init(self->vm);
	expect_err(_metadata, "KVM_IRQ_LINE after initialisation, interrupt", 20, 0,
		   ioctl_err(__vm_ioctl(self->vm->kvm, KVM_IRQ_LINE, &line)));
}

/* "This must be a PPI" */
TEST_F(attrs, maintenance_interrupt_is_a_ppi)
{
	const u32 group = ABI_VGIC_GRP_MAINT_IRQ;
	u32 irq, got;

	if (__vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, group, 0, NULL))
		SKIP(return, "this vGIC has no MAINT_IRQ");
	expect_err(_metadata, "setting MAINT_IRQ from an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, group, 0, unmapped_page(_metadata)));
	expect_err(_metadata, "reading MAINT_IRQ to an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, group, 0, unmapped_page(_metadata)));
	for (irq = 16; irq < 32; irq++) {
		static const u32 bad[] = { 0, 15, 32, 33, 1019, 8192, 0x80000010, 0xffffffff };
		unsigned int i;

		expect_err(_metadata, "setting MAINT_IRQ", irq, 0,
			   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, group, 0, &irq));
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			expect_err(_metadata, "setting MAINT_IRQ", bad[i], -EINVAL,
				   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, group, 0, &bad[i]));
		got = 0;
		expect_err(_metadata, "reading MAINT_IRQ", irq, 0,
			   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, group, 0, &got));
		EXPECT_EQ(irq, got)
		{
			TH_LOG("MAINT_IRQ is %u; expected %u, as set", got, irq);
		}
	}
	/* no document has the errno */
	vgic_init(self->vm);
	irq = 20;
	expect_err(_metadata, "setting MAINT_IRQ after initialisation", irq, -EBUSY,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, group, 0, &irq));
	expect_err(_metadata, "reading MAINT_IRQ after initialisation", 31, 0,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, group, 0, &got));
	EXPECT_EQ(31, got)
	{
		TH_LOG("MAINT_IRQ is %u; expected 31, the last that was taken", got);
	}
}

/* What is set KVM reads and does not write: this program's constants cannot be written */
TEST_F(attrs, setting_reads_the_value_alone)
{
	static const u64 addr = 0x1000000, mask = 0xf0;
	static const u32 nr_irqs = 96, maint_irq = 20, level = 1, group = 0x55, pmr = 0x1e,
			 ctlr = 1;
	static const struct {
		u32 group;
		u64 attr;
		unsigned int of;
		bool after_init;
		const void *val;
	} rows[] = {
		/* clang-format off */
		{ KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, OF_BOTH, false, &nr_irqs },
		{ ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, OF_V2, false, &addr },
		{ ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, OF_V3, false, &addr },
		{ ABI_VGIC_GRP_MAINT_IRQ, 0, OF_V3, false, &maint_irq },
		{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_CTLR, OF_BOTH, true, &ctlr },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_REGS, ABI_GICC_PMR, OF_V2, true, &pmr },
		{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_SGI_BASE + ABI_GICD_IGROUPR, OF_V3, true, &group },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_ICC_PMR_EL1 & 0xffff, OF_V3, true, &mask },
		{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32, OF_V3, true, &level },
		/* clang-format on */
	};
	unsigned int of = variant->type == V3 ? OF_V3 : OF_V2, after_init, i;

	for (after_init = 0; after_init < 2; after_init++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			if (!(rows[i].of & of) || rows[i].after_init != after_init)
				continue;
			if (rows[i].group == ABI_VGIC_GRP_MAINT_IRQ &&
			    __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, rows[i].group, 0, NULL))
				continue;
			expect_err(_metadata, "setting an attribute from a constant, group",
				   rows[i].group, 0,
				   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, rows[i].group,
					       rows[i].attr, rows[i].val));
		}
		vgic_init(self->vm);
	}
}

/* "-ENODEV no online VCPU" */
FIXTURE(no_vcpu)
{
	struct kvm_vm *kvm;
	int fd;
};

FIXTURE_VARIANT(no_vcpu)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(no_vcpu, v3) { V3 };
FIXTURE_VARIANT_ADD(no_vcpu, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(no_vcpu)
{
	struct kvm_create_device dev = { .type = variant->type };
	const char *missing = no_vgic(variant->type);

	if (missing)
		SKIP(return, "%s", missing);
	self->kvm = bare_vm_create(0);
	ASSERT_EQ(0, __vm_ioctl(self->kvm, KVM_CREATE_DEVICE, &dev));
	self->fd = dev.fd;
}

FIXTURE_TEARDOWN(no_vcpu)
{
	if (!self->kvm)
		return;
	close(self->fd);
	kvm_vm_free(self->kvm);
}

TEST_F(no_vcpu, initialisation_is_refused)
{
	expect_err(_metadata, "KVM_DEV_ARM_VGIC_CTRL_INIT without a vCPU, type", variant->type,
		   -ENODEV,
		   __fd_attr(self->fd, KVM_SET_DEVICE_ATTR, CTRL_GROUP, KVM_DEV_ARM_VGIC_CTRL_INIT,
			     NULL));
}

/* No document has vCPUs come first. The redistributors have no end yet, and yet a beginning */
TEST_F(no_vcpu, addresses_can_be_set)
{
	bool v3 = variant->type == V3;
	const u64 attrs[] = { v3 ? KVM_VGIC_V3_ADDR_TYPE_DIST : KVM_VGIC_V2_ADDR_TYPE_DIST,
			      v3 ? KVM_VGIC_V3_ADDR_TYPE_REDIST : KVM_VGIC_V2_ADDR_TYPE_CPU };
	u64 limit = 1ULL << (vm_ipa_limit() < ABI_DEFAULT_IPA_BITS ? vm_ipa_limit()
								   : ABI_DEFAULT_IPA_BITS);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		u64 addr = 0x1000000 * (i + 1), got = 0;

		expect_err(_metadata, "setting an address beyond the IPA space without a vCPU",
			   limit, -E2BIG,
			   __fd_attr(self->fd, KVM_SET_DEVICE_ATTR, ADDR, attrs[i], &limit));
		expect_err(_metadata, "setting an address without a vCPU", addr, 0,
			   __fd_attr(self->fd, KVM_SET_DEVICE_ATTR, ADDR, attrs[i], &addr));
		expect_err(_metadata, "reading an address without a vCPU", attrs[i], 0,
			   __fd_attr(self->fd, KVM_GET_DEVICE_ATTR, ADDR, attrs[i], &got));
		EXPECT_EQ(addr, got);
	}
}

/* A vGIC of no vCPUs has no registers but, in a GICv3, those of the distributor */
TEST_F(no_vcpu, registers_belong_to_no_one)
{
	static const struct {
		u32 group;
		u64 attr;
	} regs[] = {
		{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IIDR },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_REGS, ABI_GICC_CTLR },
		{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR },
		{ KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ABI_ICC_PMR_EL1 & 0xffff },
	};
	unsigned int i;
	u64 val = 0;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		bool there = i < 2 ? variant->type == V2 || !i : variant->type == V3;

		if (!there)
			continue;
		expect_err(_metadata, "reading a register without a vCPU, group", regs[i].group,
			   -EINVAL,
			   __fd_attr(self->fd, KVM_GET_DEVICE_ATTR, regs[i].group, regs[i].attr,
				     &val));
		expect_err(_metadata, "writing a register without a vCPU, group", regs[i].group,
			   -EINVAL,
			   __fd_attr(self->fd, KVM_SET_DEVICE_ATTR, regs[i].group, regs[i].attr,
				     &val));
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR without a vCPU, group", regs[i].group,
			   -EINVAL,
			   __fd_attr(self->fd, KVM_HAS_DEVICE_ATTR, regs[i].group, regs[i].attr,
				     NULL));
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
