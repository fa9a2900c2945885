/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: what the revision changes in every redistributor.
 */

#define LPI_BITS ((u32)(ABI_GICR_CTLR_IR | ABI_GICR_CTLR_CES))

/* From 16 vCPUs on their affinities have two levels; at EL2 each costs much */
static unsigned int many_vcpus(void)
{
	return guest_at_el2 ? 2 : 18;
}

/* GICR_CTLR.IR and .CES as the guest finds them, by revision */
static const struct {
	u32 rev;
	u32 ctlr;
} redist_rules[] = {
	{ 2, 0 },
	{ 3, LPI_BITS },
};

FIXTURE(redist)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_VARIANT(redist)
{
	enum stage stage;
	unsigned int rule;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(redist, revision_2_before_init) { .stage = BEFORE_INIT, .rule = 0 };
FIXTURE_VARIANT_ADD(redist, revision_2_after_init) { .stage = AFTER_INIT, .rule = 0 };
FIXTURE_VARIANT_ADD(redist, revision_2_after_run) { .stage = AFTER_RUN, .rule = 0 };
FIXTURE_VARIANT_ADD(redist, revision_3_before_init) { .stage = BEFORE_INIT, .rule = 1 };
FIXTURE_VARIANT_ADD(redist, revision_3_after_init) { .stage = AFTER_INIT, .rule = 1 };
FIXTURE_VARIANT_ADD(redist, revision_3_after_run) { .stage = AFTER_RUN, .rule = 1 };
/* clang-format on */

FIXTURE_SETUP(redist)
{
	const char *lacks = lacks_vgic(V3, variant->stage, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	if (self->host.newest < redist_rules[variant->rule].rev)
		SKIP(return, "this kernel has no such revision of its vGICv3");
	self->vm = vm_at(_metadata, V3, many_vcpus(), 0, variant->stage);
}

FIXTURE_TEARDOWN(redist)
{
	test_vm_free(self->vm);
}

/* Without LPIs the rest of the register is RES0, and the two bits are read-only */
static void write_gicr_ctlr(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			    u32 want)
{
	static const u32 vals[] = { 0, LPI_BITS, ~LPI_BITS, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vals); i++) {
		expect_write(_metadata, vm, cpu, &vgic_gicr_ctlr, vals[i], 0, want);
		guest_writes(_metadata, vm, 1, cpu, &vgic_gicr_ctlr, vals[i]);
		expect_both(_metadata, vm, cpu, &vgic_gicr_ctlr, want);
	}
}

TEST_F(redist, revision_rules_gicr_ctlr_of_every_vcpu)
{
	u32 rev = redist_rules[variant->rule].rev, want = redist_rules[variant->rule].ctlr;
	struct test_vm *vm = self->vm;
	unsigned int cpu, last = vm->nr_vcpus - 1;
	u32 other;

	/* by way of each other revision */
	for (other = ABI_IIDR_FIRST; other <= self->host.newest; other++) {
		vgic_set(vm, 0, &vgic_iidr, ABI_IIDR(other));
		vgic_set(vm, last, &vgic_iidr, ABI_IIDR(rev));
	}
	if (variant->stage == BEFORE_INIT)
		vgic_init(vm);
	for (cpu = 0; cpu <= last; cpu++)
		expect_reg(_metadata, vm, cpu, &vgic_gicr_ctlr, want);
	for (cpu = 0; cpu <= last; cpu++) {
		expect_guest_reg(_metadata, vm, 0, cpu, &vgic_gicr_ctlr, want);
		expect_guest_reg(_metadata, vm, last, cpu, &vgic_gicr_ctlr, want);
	}
	expect_both(_metadata, vm, last, &vgic_iidr, ABI_IIDR(rev));
	write_gicr_ctlr(_metadata, vm, 0, want);
	write_gicr_ctlr(_metadata, vm, last, want);
}

/* The same under each revision */

FIXTURE(frames)
{
	struct test_vm *vm;
	struct vgic_host host;
};

FIXTURE_SETUP(frames)
{
	const char *lacks = lacks_vgic(V3, AFTER_INIT, &self->host);

	if (lacks)
		SKIP(return, "%s", lacks);
	self->vm = vm_at(_metadata, V3, many_vcpus(), 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(frames)
{
	test_vm_free(self->vm);
}

static u32 gicr_typer(const struct test_vm *vm, unsigned int cpu)
{
	return cpu << 8 | (cpu == vm->nr_vcpus - 1 ? ABI_GICR_TYPER_LAST : 0);
}

/*
 * GICR_IIDR names the same implementer and product as GICD_IIDR; GICR_TYPER
 * belongs to the vCPU with the affinity that user space is told.
 */
TEST_F(frames, identity_is_that_of_its_vcpu)
{
	struct test_vm *vm = self->vm;
	unsigned int cpu;
	u32 rev;

	for (rev = ABI_IIDR_FIRST; rev <= self->host.newest; rev++) {
		vgic_set(vm, 0, &vgic_iidr, ABI_IIDR(rev));
		for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
			expect_both(_metadata, vm, cpu, &vgic_gicr_iidr, ABI_IIDR_KVM);
			expect_both(_metadata, vm, cpu, &vgic_gicr_affinity, vm->affinity[cpu]);
			expect_guest_reg(_metadata, vm, 0, cpu, &vgic_gicr_typer,
					 gicr_typer(vm, cpu));
		}
	}
}

TEST_F(frames, guest_writes_to_the_identity_are_ignored)
{
	struct test_vm *vm = self->vm;
	unsigned int cpu;

	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		guest_writes(_metadata, vm, 0, cpu, &vgic_gicr_iidr, ~ABI_IIDR_KVM);
		guest_writes(_metadata, vm, 0, cpu, &vgic_gicr_typer, ~gicr_typer(vm, cpu));
		guest_writes(_metadata, vm, 0, cpu, &vgic_gicr_affinity, ~vm->affinity[cpu]);
		expect_guest_reg(_metadata, vm, 0, cpu, &vgic_gicr_iidr, ABI_IIDR_KVM);
		expect_guest_reg(_metadata, vm, 0, cpu, &vgic_gicr_typer, gicr_typer(vm, cpu));
		expect_guest_reg(_metadata, vm, 0, cpu, &vgic_gicr_affinity, vm->affinity[cpu]);
	}
}

/*
 * "Getting or setting such a register has the same effect as reading or writing
 * the register on real hardware", with exceptions that GICR_TYPER is not among:
 * user space, too, is told which redistributor is the last.
 */
TEST_F(frames, user_space_reads_gicr_typer_as_the_guest_does)
{
	unsigned int cpu;

	for (cpu = 0; cpu < self->vm->nr_vcpus; cpu++)
		expect_reg(_metadata, self->vm, cpu, &vgic_gicr_typer, gicr_typer(self->vm, cpu));
}
