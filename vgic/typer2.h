/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: GICD_TYPER2, which says whether SGIs without an active
 * state are on offer, and GICD_CTLR.nASSGIreq, which asks for them.
 */

#define NASSGICAP ((u32)ABI_GICD_TYPER2_NASSGICAP)
#define NASSGIREQ ((u32)ABI_GICD_CTLR_NASSGIREQ)
#define GRP1 ((u32)ABI_GICD_CTLR_ENABLE_GRP1)

/*
 * What a value other than the current one gets. A kernel that has the registers
 * before initialisation lets nASSGIcap be chosen until then, between what the
 * host has and nothing; to any other kernel it is read-only, and a value that is
 * not its own is one that the guest would not get.
 */
static const struct {
	bool early;
	enum stage stage;
	int cap_offered; /* nASSGIcap alone differs, on a host that has it */
	int cap_lacking; /* nASSGIcap alone differs, on one that does not */
	int other; /* any other bit differs */
} typer2_rules[] = {
	/* clang-format off */
	{ true, BEFORE_INIT, 0, -EINVAL, -EINVAL },
	{ true, AFTER_INIT, -EBUSY, -EBUSY, -EBUSY },
	{ true, AFTER_RUN, -EBUSY, -EBUSY, -EBUSY },
	{ false, AFTER_INIT, -EINVAL, -EINVAL, -EINVAL },
	{ false, AFTER_RUN, -EINVAL, -EINVAL, -EINVAL },
	/* clang-format on */
};

static int typer2_err(const struct vgic_host *host, enum stage stage, u32 now, u32 val)
{
	unsigned int i;

	if (val == now)
		return 0;
	for (i = 0; i < ARRAY_SIZE(typer2_rules); i++) {
		if (typer2_rules[i].early != host->early || typer2_rules[i].stage != stage)
			continue;
		if ((val ^ now) & ~NASSGICAP)
			return typer2_rules[i].other;
		return host->nassgicap ? typer2_rules[i].cap_offered : typer2_rules[i].cap_lacking;
	}
	TEST_ASSERT(false, "No rule for GICD_TYPER2 %s", stage_names[stage]);
	return 0;
}

/* Write val by the rules; now is the value before, and becomes the one after */
static void write_typer2(struct __test_metadata *_metadata, struct test_vm *vm,
			 const struct vgic_host *host, enum stage stage, u32 *now, u32 val)
{
	int err = typer2_err(host, stage, *now, val);

	if (!err)
		*now = val;
	expect_write(_metadata, vm, 0, &vgic_typer2, val, err, *now);
}

static u32 typer2_reset(const struct vgic_host *host)
{
	return host->nassgicap ? NASSGICAP : 0;
}

FIXTURE(typer2)
{
	struct test_vm *vm;
	struct vgic_host host;
	u32 now;
};

FIXTURE_VARIANT(typer2)
{
	enum stage stage;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(typer2, before_init) { .stage = BEFORE_INIT };
FIXTURE_VARIANT_ADD(typer2, after_init) { .stage = AFTER_INIT };
FIXTURE_VARIANT_ADD(typer2, after_run) { .stage = AFTER_RUN };
/* clang-format on */

FIXTURE_SETUP(typer2)
{
	const char *lacks = lacks_vgic(V3, variant->stage, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = user_vm_at(_metadata, V3, variant->stage);
	self->now = typer2_reset(&self->host);
}

FIXTURE_TEARDOWN(typer2)
{
	test_vm_free(self->vm);
}

/* Says which kind of host and kernel this is: the rules differ */
TEST_F(typer2, reset_value_is_what_the_host_offers)
{
	TH_LOG("this host %s nASSGIcap, and GICD_TYPER2 %s",
	       self->host.nassgicap ? "offers" : "does not offer",
	       self->host.early ? "can be chosen before initialisation" : "is fixed");
	expect_reg(_metadata, self->vm, 0, &vgic_typer2, self->now);
	expect_reg(_metadata, self->vm, 1, &vgic_typer2, self->now);
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_typer2, self->now);
}

TEST_F(typer2, value_read_can_be_written_back)
{
	enum stage stage;

	for (stage = variant->stage; stage <= AFTER_RUN; stage++) {
		write_typer2(_metadata, self->vm, &self->host, stage, &self->now, self->now);
		expect_write(_metadata, self->vm, 1, &vgic_typer2, self->now, 0, self->now);
		advance(_metadata, self->vm, stage);
	}
	expect_both(_metadata, self->vm, 1, &vgic_typer2, self->now);
}

TEST_F(typer2, unknown_bits_are_refused)
{
	u32 bit;

	for (bit = 0; bit < 32; bit++) {
		if (NASSGICAP & 1U << bit)
			continue;
		/* alone, and together with nASSGIcap as it is not */
		write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now,
			     self->now ^ 1U << bit);
		write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now,
			     self->now ^ (1U << bit | NASSGICAP));
	}
	write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now, ~0U);
	write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now, ~NASSGICAP);
	expect_guest_later(_metadata, self->vm, variant->stage, &vgic_typer2, self->now);
}

/*
 * A host with nASSGIcap can give it up for a VM, and take it back, as long as
 * nothing depends on it; one without it never says that it has it.
 */
TEST_F(typer2, nassgicap_can_be_chosen_before_init_alone)
{
	enum stage stage;
	unsigned int i;

	for (stage = variant->stage; stage <= AFTER_RUN; stage++) {
		for (i = 0; i < 3; i++)
			write_typer2(_metadata, self->vm, &self->host, stage, &self->now,
				     self->now ^ NASSGICAP);
		/* what was chosen stays what user space and guest read */
		if (stage == AFTER_RUN)
			break;
		advance(_metadata, self->vm, stage);
		expect_reg(_metadata, self->vm, 1, &vgic_typer2, self->now);
	}
	expect_both(_metadata, self->vm, 1, &vgic_typer2, self->now);
	expect_err(_metadata, "initialising the vGIC again", 0, 0, __vgic_init(self->vm));
	test_vcpu_reinit(self->vm, 0);
	expect_both(_metadata, self->vm, 1, &vgic_typer2, self->now);
}

/* The other register that is there early goes its own way */
TEST_F(typer2, and_the_revision_do_not_change_each_other)
{
	u32 rev, iidr;

	for (rev = ABI_IIDR_FIRST; rev <= self->host.newest; rev++) {
		vgic_set(self->vm, 0, &vgic_iidr, ABI_IIDR(rev));
		iidr = vgic_get(self->vm, 0, &vgic_iidr);
		expect_reg(_metadata, self->vm, 0, &vgic_typer2, self->now);
		write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now,
			     self->now ^ NASSGICAP);
		write_typer2(_metadata, self->vm, &self->host, variant->stage, &self->now,
			     self->now ^ 1);
		expect_reg(_metadata, self->vm, 0, &vgic_iidr, iidr);
	}
}

TEST_F(typer2, bad_user_pointer_is_refused)
{
	const void *bad = (void *)~0xfffUL;
	u64 attr = vgic_reg_attr(self->vm, 0, &vgic_typer2);

	expect_err(_metadata, "reading GICD_TYPER2 to an unmapped address", attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, vgic_typer2.group, attr, bad));
	expect_err(_metadata, "writing GICD_TYPER2 from an unmapped address", attr, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, vgic_typer2.group, attr, bad));
	expect_reg(_metadata, self->vm, 0, &vgic_typer2, self->now);
}

/* GICD_CTLR.nASSGIreq */

FIXTURE(nassgireq)
{
	struct test_vm *vm;
	struct vgic_host host;
	bool cap; /* of the VM */
	u32 rest; /* of GICD_CTLR: the bits that are not looked at */
};

FIXTURE_VARIANT(nassgireq)
{
	bool give_up;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(nassgireq, as_the_host_offers) { .give_up = false };
FIXTURE_VARIANT_ADD(nassgireq, capability_given_up) { .give_up = true };
/* clang-format on */

FIXTURE_SETUP(nassgireq)
{
	const char *lacks = lacks_vgic(V3, AFTER_INIT, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	if (variant->give_up && !self->host.nassgicap)
		SKIP(return, "this host has no nASSGIcap to give up");
	if (variant->give_up && !self->host.early)
		SKIP(return, "this kernel does not let a VM give nASSGIcap up");
	self->vm = vm_at(_metadata, V3, 1, 0, BEFORE_INIT);
	if (variant->give_up)
		vgic_set(self->vm, 0, &vgic_typer2, 0);
	vgic_init(self->vm);
	self->cap = self->host.nassgicap && !variant->give_up;
	self->rest = vgic_get(self->vm, 0, &vgic_ctlr) & ~(NASSGIREQ | GRP1);
}

FIXTURE_TEARDOWN(nassgireq)
{
	test_vm_free(self->vm);
}

TEST_F(nassgireq, user_space_sets_it_only_with_the_capability)
{
	static const u32 vals[] = {
		NASSGIREQ, 0, NASSGIREQ | GRP1, GRP1, NASSGIREQ | GRP1, 0, ~0U, 0,
	};
	unsigned int i, run;

	TH_LOG("this VM is %s nASSGIcap", self->cap ? "with" : "without");
	for (run = 0; run < 2; run++) {
		for (i = 0; i < ARRAY_SIZE(vals); i++) {
			u32 want = vals[i] & (self->cap ? NASSGIREQ | GRP1 : GRP1);

			expect_write(_metadata, self->vm, 0, &vgic_ctlr, vals[i], 0,
				     self->rest | want);
			if (run)
				expect_guest_reg(_metadata, self->vm, 0, 0, &vgic_ctlr,
						 self->rest | want);
		}
		run_once(_metadata, self->vm, 0);
	}
}

/* With the capability it is read-only while the distributor stays enabled [GIC 12.9.4] */
TEST_F(nassgireq, guest_sets_it_only_with_the_capability)
{
	static const struct {
		u32 val;
		u32 with_cap; /* nASSGIreq after that */
	} steps[] = {
		{ NASSGIREQ, NASSGIREQ },
		{ 0, 0 },
		{ NASSGIREQ | GRP1, NASSGIREQ },
		{ GRP1, NASSGIREQ },
		{ 0, 0 },
		{ GRP1, 0 },
		{ NASSGIREQ | GRP1, 0 },
		{ NASSGIREQ, NASSGIREQ },
		{ ~0U, NASSGIREQ },
		{ 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		u32 want = self->rest | (steps[i].val & GRP1);

		if (self->cap)
			want |= steps[i].with_cap;
		guest_writes(_metadata, self->vm, 0, 0, &vgic_ctlr, steps[i].val);
		expect_both(_metadata, self->vm, 0, &vgic_ctlr, want);
	}
}
