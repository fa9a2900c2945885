/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: who may access a vGIC's identity, and when.
 */

static const struct vgic_reg later_regs[] = {
	{ "GICD_CTLR", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_CTLR },
	{ "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_TYPER },
	{ "GICD_STATUSR", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_STATUSR },
	{ "GICD_ISENABLER1", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_ISENABLER + 4 },
	{ "GICD_IROUTER32", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IROUTER + 8 * 32 },
	{ "GICD_PIDR2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_PIDR2 },
	/* the same offsets as GICD_IIDR and GICD_TYPER2 have */
	{ "GICR_TYPER", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_TYPER },
	{ "GICR_TYPER+4", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_TYPER + 4 },
	{ "GICR_CTLR", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, ABI_GICR_CTLR },
	{ "GICR_ISENABLER0", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
	  ABI_GICR_SGI_BASE + ABI_GICD_ISENABLER },
	{ "the levels of interrupts 32 to 63", KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32 },
};

FIXTURE(before_init)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_SETUP(before_init)
{
	const char *lacks = lacks_vgic(V3, AFTER_INIT, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = vm_at(_metadata, V3, 1, 0, BEFORE_INIT);
}

FIXTURE_TEARDOWN(before_init)
{
	test_vm_free(self->vm);
}

/* Both are there, or neither */
TEST_F(before_init, identity_is_there_as_a_whole)
{
	u32 iidr = ABI_IIDR(self->host.newest), typer2 = typer2_reset(&self->host);

	if (self->host.early) {
		expect_write(_metadata, self->vm, 0, &vgic_iidr, iidr, 0, iidr);
		expect_write(_metadata, self->vm, 0, &vgic_typer2, typer2, 0, typer2);
	} else {
		expect_no_reg(_metadata, self->vm, &vgic_iidr, -EBUSY);
		expect_no_reg(_metadata, self->vm, &vgic_typer2, -EBUSY);
		expect_err(_metadata, "writing GICD_IIDR before initialisation", iidr, -EBUSY,
			   __vgic_set(self->vm, 0, &vgic_iidr, iidr));
		expect_err(_metadata, "writing GICD_TYPER2 before initialisation", typer2, -EBUSY,
			   __vgic_set(self->vm, 0, &vgic_typer2, typer2));
	}
	vgic_init(self->vm);
	expect_both(_metadata, self->vm, 0, &vgic_iidr, iidr);
	expect_both(_metadata, self->vm, 0, &vgic_typer2, typer2);
}

TEST_F(before_init, other_registers_are_busy)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(later_regs); i++) {
		expect_no_reg(_metadata, self->vm, &later_regs[i], -EBUSY);
		expect_err(_metadata, later_regs[i].name, 0, -EBUSY,
			   __vgic_set(self->vm, 0, &later_regs[i], 0));
	}
	/* and were only that */
	vgic_init(self->vm);
	for (i = 0; i < ARRAY_SIZE(later_regs); i++) {
		u32 val;

		expect_err(_metadata, later_regs[i].name, 0, 0,
			   __vgic_get(self->vm, 0, &later_regs[i], &val));
	}
}

TEST_F(before_init, identity_is_announced)
{
	enum stage stage;

	for (stage = BEFORE_INIT; stage <= AFTER_INIT; stage++) {
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of GICD_IIDR", stage, 0,
			   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, vgic_iidr.group,
				       vgic_iidr.offset, NULL));
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of GICD_TYPER2", stage, 0,
			   __vgic_attr(self->vm, KVM_HAS_DEVICE_ATTR, vgic_typer2.group,
				       vgic_typer2.offset, NULL));
		if (stage == BEFORE_INIT)
			vgic_init(self->vm);
	}
}

/* "The mpidr is ignored for the distributor" */
TEST_F(before_init, identity_is_the_same_for_any_mpidr)
{
	static const u32 mpidrs[] = { 0, 1, 0x80000000, 0x00ff0000, 0xffffffff };
	u32 iidr = ABI_IIDR(self->host.newest), typer2 = typer2_reset(&self->host);
	enum stage stage = self->host.early ? BEFORE_INIT : AFTER_INIT;
	unsigned int i;

	if (!self->host.early)
		vgic_init(self->vm);
	for (; stage <= AFTER_RUN; stage++) {
		for (i = 0; i < ARRAY_SIZE(mpidrs); i++) {
			self->vm->affinity[0] = mpidrs[i];
			expect_write(_metadata, self->vm, 0, &vgic_iidr, iidr, 0, iidr);
			expect_write(_metadata, self->vm, 0, &vgic_typer2, typer2, 0, typer2);
		}
		advance(_metadata, self->vm, stage);
	}
}

/* While a vCPU runs */

FIXTURE(running)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_VARIANT(running)
{
	u32 type;
	bool last; /* vCPU, or the first */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(running, v3_first_vcpu) { .type = V3, .last = false };
FIXTURE_VARIANT_ADD(running, v3_last_vcpu) { .type = V3, .last = true };
FIXTURE_VARIANT_ADD(running, v2_last_vcpu) { .type = V2, .last = true };
/* clang-format on */

FIXTURE_SETUP(running)
{
	const char *lacks = lacks_vgic(variant->type, AFTER_INIT, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = vm_at(_metadata, variant->type, few_vcpus(), 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(running)
{
	test_vm_free(self->vm);
}

static void expect_busy(struct __test_metadata *_metadata, struct test_vm *vm,
			const struct vgic_reg *reg, u32 now, u32 other)
{
	unsigned int cpu;

	expect_no_reg(_metadata, vm, reg, -EBUSY);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		expect_err(_metadata, reg->name, now, -EBUSY, __vgic_set(vm, cpu, reg, now));
		expect_err(_metadata, reg->name, other, -EBUSY, __vgic_set(vm, cpu, reg, other));
		expect_err(_metadata, reg->name, ~now, -EBUSY, __vgic_set(vm, cpu, reg, ~now));
	}
}

TEST_F(running, every_access_is_busy)
{
	u32 iidr = ABI_IIDR(self->host.newest), typer2 = typer2_reset(&self->host);
	struct guest_spinner spinner;
	struct test_vm *vm = self->vm;
	u32 ctlr = vgic_get(vm, 0, &vgic_ctlr);

	guest_spin_start(vm, variant->last ? vm->nr_vcpus - 1 : 0, &spinner);
	expect_busy(_metadata, vm, &vgic_iidr, iidr, ABI_IIDR(ABI_IIDR_FIRST));
	expect_busy(_metadata, vm, &vgic_ctlr, ctlr, ctlr ^ GRP1);
	if (variant->type == V3) {
		expect_busy(_metadata, vm, &vgic_typer2, typer2, typer2 ^ NASSGICAP);
		expect_busy(_metadata, vm, &vgic_gicr_ctlr, 0, 0);
	}
	guest_spin_stop(&spinner);
	expect_end(_metadata, "the running vCPU", &spinner.res);

	/* nothing came of it, and it is over */
	expect_both(_metadata, vm, 0, &vgic_iidr, iidr);
	expect_both(_metadata, vm, 0, &vgic_ctlr, ctlr);
	if (variant->type == V3)
		expect_both(_metadata, vm, 0, &vgic_typer2, typer2);
	expect_write(_metadata, vm, 0, &vgic_iidr, iidr, 0, iidr);
}

/* The guest */

FIXTURE(guest)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_VARIANT(guest)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(guest, v3) { .type = V3 };
FIXTURE_VARIANT_ADD(guest, v2) { .type = V2 };
/* clang-format on */

FIXTURE_SETUP(guest)
{
	const char *lacks = lacks_vgic(variant->type, AFTER_INIT, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = vm_at(_metadata, variant->type, 2, 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(guest)
{
	test_vm_free(self->vm);
}

TEST_F(guest, writes_to_iidr_are_ignored)
{
	u32 now, iidr, i;

	for (now = ABI_IIDR_FIRST; now <= self->host.newest; now++) {
		vgic_set(self->vm, 0, &vgic_iidr, ABI_IIDR(now));
		/* whether that had any effect is another test's question */
		iidr = vgic_get(self->vm, 0, &vgic_iidr);
		for (i = 0; i < 16; i++) {
			guest_writes(_metadata, self->vm, i % 2, 0, &vgic_iidr, ABI_IIDR(i));
			expect_reg(_metadata, self->vm, 0, &vgic_iidr, iidr);
		}
		guest_writes(_metadata, self->vm, 0, 0, &vgic_iidr, 0);
		expect_both(_metadata, self->vm, 0, &vgic_iidr, iidr);
		guest_writes(_metadata, self->vm, 0, 0, &vgic_iidr, ~0U);
		expect_both(_metadata, self->vm, 0, &vgic_iidr, iidr);
	}
}

/* At this offset a GICv2 has nothing, which reads as zero [GIC2 4.3] */
TEST_F(guest, writes_to_typer2_are_ignored)
{
	u32 want = typer2_reset(&self->host), bit;

	for (bit = 0; bit < 32; bit++) {
		guest_writes(_metadata, self->vm, bit % 2, 0, &vgic_typer2, want ^ 1U << bit);
		expect_guest_reg(_metadata, self->vm, bit % 2, 0, &vgic_typer2, want);
	}
	guest_writes(_metadata, self->vm, 0, 0, &vgic_typer2, ~0U);
	guest_writes(_metadata, self->vm, 0, 0, &vgic_typer2, ~want);
	expect_guest_reg(_metadata, self->vm, 1, 0, &vgic_typer2, want);
	if (variant->type == V3)
		expect_reg(_metadata, self->vm, 0, &vgic_typer2, want);
}
