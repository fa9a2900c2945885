/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: GICD_IIDR, by which user space chooses how a vGIC behaves.
 */

/* The oldest that can be asked for, up to the one that a vGIC has at reset */
static bool revision_implemented(const struct vgic_host *host, u32 rev)
{
	return rev >= ABI_IIDR_FIRST && rev <= host->newest;
}

FIXTURE(iidr)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_VARIANT(iidr)
{
	u32 type;
	enum stage stage;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(iidr, v3_before_init) { .type = V3, .stage = BEFORE_INIT };
FIXTURE_VARIANT_ADD(iidr, v3_after_init) { .type = V3, .stage = AFTER_INIT };
FIXTURE_VARIANT_ADD(iidr, v3_after_run) { .type = V3, .stage = AFTER_RUN };
/* The first access initialises a vGICv2, should no one have done so */
FIXTURE_VARIANT_ADD(iidr, v2_before_init) { .type = V2, .stage = BEFORE_INIT };
FIXTURE_VARIANT_ADD(iidr, v2_after_init) { .type = V2, .stage = AFTER_INIT };
FIXTURE_VARIANT_ADD(iidr, v2_after_run) { .type = V2, .stage = AFTER_RUN };
/* clang-format on */

FIXTURE_SETUP(iidr)
{
	const char *lacks = lacks_vgic(variant->type, variant->stage, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = user_vm_at(_metadata, variant->type, variant->stage);
}

FIXTURE_TEARDOWN(iidr)
{
	test_vm_free(self->vm);
}

/*
 * Revision 3 came with 5.19, access before initialisation later in the same
 * files, so a kernel with the one has the other.
 */
TEST_F(iidr, reset_value_names_kvm_and_the_newest_revision)
{
	u32 oldest = self->host.early ? ABI_IIDR_LPI : ABI_IIDR_FIRST;

	EXPECT_LE(oldest, self->host.newest)
	{
		TH_LOG("GICD_IIDR has revision %#x at reset; expected %#x or newer",
		       self->host.newest, oldest);
	}
	expect_reg(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(self->host.newest));
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_iidr,
			   ABI_IIDR(self->host.newest));
}

TEST_F(iidr, every_implemented_revision_reads_back)
{
	u32 from, to;

	for (from = ABI_IIDR_FIRST; from <= self->host.newest; from++) {
		for (to = ABI_IIDR_FIRST; to <= self->host.newest; to++) {
			expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(from), 0,
				     ABI_IIDR(from));
			expect_write(_metadata, self->vm, 1, &vgic_iidr, ABI_IIDR(to), 0,
				     ABI_IIDR(to));
			if (variant->stage == AFTER_RUN)
				expect_both(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(to));
		}
	}
	expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(ABI_IIDR_FIRST), 0,
		     ABI_IIDR(ABI_IIDR_FIRST));
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_iidr,
			   ABI_IIDR(ABI_IIDR_FIRST));
}

TEST_F(iidr, other_revisions_are_refused)
{
	u32 now, rev;

	for (now = self->host.newest; now >= ABI_IIDR_FIRST; now--) {
		expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(now), 0, ABI_IIDR(now));
		for (rev = 0; rev < 16; rev++) {
			if (!revision_implemented(&self->host, rev))
				expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(rev),
					     -EINVAL, ABI_IIDR(now));
		}
	}
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_iidr,
			   ABI_IIDR(ABI_IIDR_FIRST));
}

TEST_F(iidr, all_but_the_revision_is_fixed)
{
	u32 now, rev, bit;

	for (now = ABI_IIDR_FIRST; now <= self->host.newest; now++) {
		expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(now), 0, ABI_IIDR(now));
		for (bit = 0; bit < 32; bit++) {
			if (ABI_IIDR_REVISION_MASK & 1U << bit)
				continue;
			for (rev = 0; rev < 16; rev++)
				expect_write(_metadata, self->vm, 0, &vgic_iidr,
					     ABI_IIDR(rev) ^ 1U << bit, -EINVAL, ABI_IIDR(now));
		}
		expect_write(_metadata, self->vm, 0, &vgic_iidr, 0, -EINVAL, ABI_IIDR(now));
		expect_write(_metadata, self->vm, 0, &vgic_iidr, ~0U, -EINVAL, ABI_IIDR(now));
	}
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_iidr,
			   ABI_IIDR(self->host.newest));
}

/* Initialising the vGIC or a vCPU, once or again, gives no new revision */
TEST_F(iidr, chosen_revision_is_kept)
{
	struct test_vm *vm = self->vm;
	u32 want = ABI_IIDR(ABI_IIDR_FIRST);

	expect_write(_metadata, vm, 0, &vgic_iidr, want, 0, want);
	advance(_metadata, vm, variant->stage);
	expect_reg(_metadata, vm, 0, &vgic_iidr, want);
	expect_err(_metadata, "initialising the vGIC again", 0, 0, __vgic_init(vm));
	expect_reg(_metadata, vm, 0, &vgic_iidr, want);
	test_vcpu_reinit(vm, 0);
	test_vcpu_reinit(vm, 1);
	expect_both(_metadata, vm, 1, &vgic_iidr, want);
}

TEST_F(iidr, bad_user_pointer_is_refused)
{
	const void *bad = (void *)~0xfffUL;
	u64 attr = vgic_reg_attr(self->vm, 0, &vgic_iidr);

	expect_err(_metadata, "reading GICD_IIDR to an unmapped address", attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, vgic_iidr.group, attr, bad));
	expect_err(_metadata, "writing GICD_IIDR from an unmapped address", attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, vgic_iidr.group, attr, bad));
	expect_reg(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(self->host.newest));
}
