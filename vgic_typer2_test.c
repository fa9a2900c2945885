// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_typer2_test: GICD_TYPER2, whose nASSGIcap says that the host has SGIs without an active
 * state, GICD_CTLR.nASSGIreq, by which a guest asks for them, and who may access a vGIC's
 * identity when.
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

#define NASSGICAP ((u32)ABI_GICD_TYPER2_NASSGICAP)
#define NASSGIREQ ((u32)ABI_GICD_CTLR_NASSGIREQ)
#define GRP1 ((u32)ABI_GICD_CTLR_ENABLE_GRP1)

/*
 * The errno of writing a value other than the current one. A kernel that gives access
 * before initialisation lets nASSGIcap be cleared until then. On any other kernel the
 * register is read-only: the guest would not get another value, so it is refused.
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

static int typer2_err(const struct host_vgic *host, enum stage stage, u32 now, u32 val)
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
			 const struct host_vgic *host, enum stage stage, u32 *now, u32 val)
{
	int err = typer2_err(host, stage, *now, val);

	if (!err)
		*now = val;
	expect_write(_metadata, vm, 0, &vgic_typer2, val, err, *now);
}

static u32 typer2_reset(const struct host_vgic *host)
{
	return host->nassgicap ? NASSGICAP : 0;
}

FIXTURE(typer2)
{
	struct test_vm *vm;
	struct host_vgic host;
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
	const char *missing = vgic_missing(V3, variant->stage, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = user_vm_at(_metadata, V3, variant->stage);
	self->now = typer2_reset(&self->host);
}

FIXTURE_TEARDOWN(typer2)
{
	test_vm_free(self->vm);
}

/*
 * The reset value is compared with host_vgic()'s reading of the same register on another
 * VM, so that only unknown bits and differences between VMs fail here. The log says which
 * rules this host follows.
 */
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
 * On a host with nASSGIcap a VMM can clear the bit for a VM, and set it again, until the
 * vGIC is initialised. On a host without it the bit is never accepted.
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
	expect_init_again(_metadata, self->vm);
	test_vcpu_reinit(self->vm, 0);
	expect_both(_metadata, self->vm, 1, &vgic_typer2, self->now);
}

/* Writing GICD_IIDR leaves GICD_TYPER2 alone, and the reverse */
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
	expect_bad_pointers_fault(_metadata, self->vm, &vgic_typer2);
	expect_reg(_metadata, self->vm, 0, &vgic_typer2, self->now);
}

/* GICD_CTLR.nASSGIreq */

FIXTURE(nassgireq)
{
	struct test_vm *vm;
	struct host_vgic host;
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
	const char *missing = vgic_missing(V3, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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

/* Access before initialisation */

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
	struct host_vgic host;
};

FIXTURE_SETUP(before_init)
{
	const char *missing = vgic_missing(V3, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V3, 1, 0, BEFORE_INIT);
}

FIXTURE_TEARDOWN(before_init)
{
	test_vm_free(self->vm);
}

/* Both registers can be accessed, or neither */
TEST_F(before_init, identity_is_there_as_a_whole)
{
	u32 iidr = ABI_IIDR(self->host.newest), typer2 = typer2_reset(&self->host);

	if (self->host.early) {
		expect_write(_metadata, self->vm, 0, &vgic_iidr, iidr, 0, iidr);
		expect_write(_metadata, self->vm, 0, &vgic_typer2, typer2, 0, typer2);
	} else {
		expect_no_reg(_metadata, self->vm, &vgic_iidr, -EBUSY);
		expect_no_reg(_metadata, self->vm, &vgic_typer2, -EBUSY);
		expect_access(_metadata, "writing", &vgic_iidr, "before initialisation", -EBUSY,
			      __vgic_set(self->vm, 0, &vgic_iidr, iidr));
		expect_access(_metadata, "writing", &vgic_typer2, "before initialisation", -EBUSY,
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
		expect_access(_metadata, "writing", &later_regs[i], "before initialisation", -EBUSY,
			      __vgic_set(self->vm, 0, &later_regs[i], 0));
	}
	/* EBUSY was temporary */
	vgic_init(self->vm);
	for (i = 0; i < ARRAY_SIZE(later_regs); i++) {
		u32 val;

		expect_access(_metadata, "reading", &later_regs[i], "after initialisation", 0,
			      __vgic_get(self->vm, 0, &later_regs[i], &val));
	}
}

TEST_F(before_init, identity_is_announced)
{
	enum stage stage;

	for (stage = BEFORE_INIT; stage <= AFTER_INIT; stage++) {
		expect_announced(_metadata, self->vm, &vgic_iidr, stage_names[stage], 0);
		expect_announced(_metadata, self->vm, &vgic_typer2, stage_names[stage], 0);
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
	struct host_vgic host;
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
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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
		expect_access(_metadata, "writing", reg, "while a vCPU runs", -EBUSY,
			      __vgic_set(vm, cpu, reg, now));
		expect_access(_metadata, "writing", reg, "while a vCPU runs", -EBUSY,
			      __vgic_set(vm, cpu, reg, other));
		expect_access(_metadata, "writing", reg, "while a vCPU runs", -EBUSY,
			      __vgic_set(vm, cpu, reg, ~now));
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

	/* no write had an effect, and access is possible again */
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
	struct host_vgic host;
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
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
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
		/* vgic_iidr_test looks at the effect of this write */
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

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
