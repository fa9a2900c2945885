// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_iidr_test: GICD_IIDR, whose revision chooses how a vGIC behaves, and what the
 * revision changes in the redistributors.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  GICv3
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0069                                     GICv3 registers
 *   Arm IHI0048                                     GICv2 registers
 *
 * A host has a vGICv3, a vGICv2 or both; the tests of what it lacks are skipped.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

/* The oldest that can be asked for, up to the one that a vGIC has at reset */
static bool revision_implemented(const struct host_vgic *host, u32 rev)
{
	return rev >= ABI_IIDR_FIRST && rev <= host->newest;
}

FIXTURE(iidr)
{
	struct test_vm *vm;
	struct host_vgic host;
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
	const char *missing = vgic_missing(variant->type, variant->stage, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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
	expect_init_again(_metadata, vm);
	expect_reg(_metadata, vm, 0, &vgic_iidr, want);
	test_vcpu_reinit(vm, 0);
	test_vcpu_reinit(vm, 1);
	expect_both(_metadata, vm, 1, &vgic_iidr, want);
}

TEST_F(iidr, bad_user_pointer_is_refused)
{
	expect_bad_pointers_fault(_metadata, self->vm, &vgic_iidr);
	expect_reg(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(self->host.newest));
}

/* The redistributors */

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
	struct host_vgic host;
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
	const char *missing = vgic_missing(V3, variant->stage, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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

/* What every revision has in common */

FIXTURE(frames)
{
	struct test_vm *vm;
	struct host_vgic host;
};

FIXTURE_SETUP(frames)
{
	const char *missing = vgic_missing(V3, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
