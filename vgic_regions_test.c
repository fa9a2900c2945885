// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_regions_test: regions of redistributors, which of them KVM takes and how they read, which
 * redistributor a vCPU gets, and the layouts with which no vCPU runs.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  KVM_DEV_ARM_VGIC_GRP_ADDR
 *   Documentation/virt/kvm/devices/arm-vgic.rst     KVM_DEV_ARM_VGIC_GRP_ADDR
 *   Arm IHI0069                                     GICR_TYPER
 *
 * No document has the errors of KVM_RUN, nor those of a region that meets another one: the
 * tests have KVM's. A VMM that is refused with another errno is refused all the same.
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_config_expect.h"

#define FRAMES ((u64)ABI_GICR_FRAMES)
#define REGION KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION
#define REDIST KVM_VGIC_V3_ADDR_TYPE_REDIST
#define DIST KVM_VGIC_V3_ADDR_TYPE_DIST
#define MAX_REGIONS 4
#define MAX_STEPS 8

/* count in bits 63:52, base in 51:16, flags in 15:12, index in 11:0 [VGIC3] */
static u64 region_attr(unsigned int count, u64 base, unsigned int flags, unsigned int index)
{
	return (u64)count << 52 | base | flags << 12 | index;
}

static u64 ipa_limit(void)
{
	unsigned int bits = vm_ipa_limit();

	return 1ULL << (bits < ABI_DEFAULT_IPA_BITS ? bits : ABI_DEFAULT_IPA_BITS);
}

/* Of a step: an attribute that is set, the usual regions or another one */
enum what {
	END,
	SET_REGION,
	SET_REDIST,
	SET_DIST,
};

struct step {
	enum what what;
	unsigned int count, index, flags;
	s64 base; /* below zero: from the end of the IPA space */
	int err;
};

FIXTURE(regions)
{
	struct test_vm *vm;
	u64 now[MAX_REGIONS]; /* as they are read */
	unsigned int nr;
};

FIXTURE_VARIANT(regions)
{
	struct step step[MAX_STEPS];
};

#define OK(count, index, base)                                                                     \
	{                                                                                          \
		SET_REGION, count, index, 0, base, 0                                               \
	}
#define BAD(count, index, base)                                                                    \
	{                                                                                          \
		SET_REGION, count, index, 0, base, -EINVAL                                         \
	}

/* clang-format off */
FIXTURE_VARIANT_ADD(regions, first_has_index_0) {
	{ BAD(2, 1, 0x1000000), BAD(2, 2, 0x1000000), BAD(2, 255, 0x1000000), OK(2, 0, 0x1000000) } };
FIXTURE_VARIANT_ADD(regions, each_index_is_the_next_one) {
	{ OK(1, 0, 0x1000000), BAD(1, 0, 0x2000000), BAD(1, 2, 0x2000000), OK(1, 1, 0x2000000),
	  BAD(1, 1, 0x3000000), BAD(1, 3, 0x3000000), OK(1, 2, 0x3000000) } };
/* of 12 bits, "starting from index 0" */
FIXTURE_VARIANT_ADD(regions, index_has_12_bits) {
	{ BAD(2, 256, 0x1000000), BAD(2, 4095, 0x1000000), OK(1, 0, 0x1000000),
	  BAD(1, 257, 0x2000000), BAD(1, 2049, 0x2000000), OK(1, 1, 0x2000000) } };
FIXTURE_VARIANT_ADD(regions, count_is_greater_than_0) {
	{ BAD(0, 0, 0x1000000), OK(1, 0, 0x1000000), BAD(0, 1, 0x2000000), OK(4095, 1, 0x2000000) } };
FIXTURE_VARIANT_ADD(regions, have_no_flags) {
	{ { SET_REGION, 2, 0, 1, 0x1000000, -EINVAL }, { SET_REGION, 2, 0, 2, 0x1000000, -EINVAL },
	  { SET_REGION, 2, 0, 4, 0x1000000, -EINVAL }, { SET_REGION, 2, 0, 8, 0x1000000, -EINVAL },
	  { SET_REGION, 2, 0, 15, 0x1000000, -EINVAL }, OK(2, 0, 0x1000000) } };
FIXTURE_VARIANT_ADD(regions, do_not_overlap) {
	{ OK(2, 0, 0x1000000),
	  BAD(2, 1, 0x1000000), /* the same */
	  BAD(1, 1, 0x1030000), /* its last frame */
	  BAD(1, 1, 0x0ff0000), /* its first frame */
	  BAD(4, 1, 0x0fe0000), /* around it */
	  BAD(1, 1, 0x1010000), /* within it */
	  OK(1, 1, 0x0fe0000), OK(1, 2, 0x1040000) } };
FIXTURE_VARIANT_ADD(regions, do_not_overlap_any_other) {
	{ OK(1, 0, 0x1000000), OK(1, 1, 0x2000000), BAD(1, 2, 0x1010000), BAD(1, 2, 0x2010000),
	  OK(1, 2, 0x1020000) } };
FIXTURE_VARIANT_ADD(regions, begin_within_the_ipa_space) {
	{ { SET_REGION, 1, 0, 0, 0x10000000000, -E2BIG }, OK(1, 0, 0x1000000),
	  { SET_REGION, 1, 1, 0, 0x10000000000, -E2BIG }, OK(1, 1, 0x2000000) } };
FIXTURE_VARIANT_ADD(regions, end_within_the_ipa_space) {
	{ { SET_REGION, 2, 0, 0, -0x30000, -E2BIG }, { SET_REGION, 1, 0, 0, -0x10000, -E2BIG },
	  OK(1, 0, -0x40000), OK(1, 1, -0x20000) } };
FIXTURE_VARIANT_ADD(regions, are_not_mixed_with_a_single_one) {
	{ OK(2, 0, 0x1000000), { SET_REDIST, 0, 0, 0, 0x2000000, -EINVAL },
	  { SET_REDIST, 0, 0, 0, 0x1000000, -EINVAL }, OK(2, 1, 0x2000000) } };
FIXTURE_VARIANT_ADD(regions, single_one_is_not_mixed_with_others) {
	{ { SET_REDIST, 0, 0, 0, 0x1000000, 0 }, BAD(2, 0, 0x2000000), BAD(2, 1, 0x2000000),
	  { SET_REDIST, 0, 0, 0, 0x2000000, -EEXIST } } };
/* the vCPUs have no redistributor yet, so that KVM looks at the distributor */
FIXTURE_VARIANT_ADD(regions, do_not_meet_the_distributor) {
	{ { SET_DIST, 0, 0, 0, 0x1000000, 0 }, BAD(2, 0, 0x1000000), BAD(1, 0, 0x0ff0000),
	  OK(2, 0, 0x1010000) } };
FIXTURE_VARIANT_ADD(regions, single_one_does_not_meet_the_distributor) {
	{ { SET_DIST, 0, 0, 0, 0x1000000, 0 }, { SET_REDIST, 0, 0, 0, 0x1000000, -EINVAL },
	  { SET_REDIST, 0, 0, 0, 0x0fd0000, -EINVAL }, { SET_REDIST, 0, 0, 0, 0x1010000, 0 } } };
/* clang-format on */

FIXTURE_SETUP(regions)
{
	const char *missing = no_vgic(V3);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = uninitialised(_metadata, V3);
}

FIXTURE_TEARDOWN(regions)
{
	test_vm_free(self->vm);
}

static void expect_region(struct __test_metadata *_metadata, struct test_vm *vm, u64 index,
			  u64 want, int want_err)
{
	u64 val = index;
	int err = __vgic_attr(vm, KVM_GET_DEVICE_ATTR, ADDR, REGION, &val);

	EXPECT_TRUE(err == want_err && val == (err ? index : want))
	{
		TH_LOG("reading region %lu: %s, value %#lx; expected %s, value %#lx", index,
		       err_str(err), val, err_str(want_err), want_err ? index : want);
		count_failure(_metadata);
	}
}

/* "The characteristics of a specific redistributor region can be read" */
static void expect_regions(struct __test_metadata *_metadata, FIXTURE_DATA(regions) * self)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++)
		expect_region(_metadata, self->vm, i, self->now[i], 0);
	expect_region(_metadata, self->vm, self->nr, 0, -ENOENT);
	expect_region(_metadata, self->vm, 255, 0, -ENOENT);
}

TEST_F(regions, are_taken_or_leave_no_trace)
{
	const struct step *step;
	bool single = false;

	expect_regions(_metadata, self);
	for (step = variant->step; step < variant->step + MAX_STEPS && step->what; step++) {
		u64 base = step->base < 0 ? ipa_limit() + step->base : (u64)step->base;
		u64 val = base, attr = REDIST;

		if (step->what == SET_REGION) {
			attr = REGION;
			val = region_attr(step->count, base, step->flags, step->index);
		} else if (step->what == SET_DIST) {
			attr = DIST;
		}
		expect_err(_metadata,
			   step->what == SET_REGION   ? "setting a region"
			   : step->what == SET_REDIST ? "setting the single region"
						      : "setting the distributor's address",
			   val, step->err, set_u64(self->vm, ADDR, attr, val));
		single |= step->what == SET_REDIST && !step->err;
		if (step->what == SET_REGION && !step->err)
			self->now[self->nr++] = val;
		/* a single one has no count that a document tells */
		if (!single)
			expect_regions(_metadata, self);
		else
			expect_u64(_metadata, self->vm, ADDR, REDIST,
				   variant->step[0].what == SET_DIST ? 0x1010000 : 0x1000000);
	}
}

TEST_F(regions, bad_user_pointer_is_refused)
{
	const void *bad = unmapped_page(_metadata);

	expect_err(_metadata, "setting a region from an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, ADDR, REGION, bad));
	expect_err(_metadata, "reading a region by an unmapped page", 0, -EFAULT,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, ADDR, REGION, bad));
	expect_regions(_metadata, self);
}

/* Which redistributor a vCPU gets */

#define NR_IDS 6

FIXTURE(order)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(order)
{
	bool single; /* one region of all, by the older attribute */
	bool early; /* the regions come before the vCPUs */
	bool refused; /* after the first one comes one that is refused */
	struct {
		unsigned int count, at; /* in redistributors from VM_GICR_BASE on */
	} region[3];
	unsigned int last; /* a bit for each vCPU that has GICR_TYPER.Last, by its order */
};

/*
 * "Regions are filled with redistributors in the index order", by the vCPUs in the order in which
 * they were created
 */
/* clang-format off */
FIXTURE_VARIANT_ADD(order, single) { .single = true, .last = BIT(5) };
FIXTURE_VARIANT_ADD(order, one_region) { .region = { { 6, 0 } }, .last = BIT(5) };
FIXTURE_VARIANT_ADD(order, three_regions) {
	.region = { { 2, 0 }, { 2, 6 }, { 2, 4 } }, .last = BIT(1) | BIT(3) };
FIXTURE_VARIANT_ADD(order, regions_before_vcpus) {
	.early = true, .region = { { 2, 0 }, { 2, 6 }, { 2, 4 } }, .last = BIT(1) | BIT(3) };
FIXTURE_VARIANT_ADD(order, single_before_vcpus) { .single = true, .early = true, .last = BIT(5) };
FIXTURE_VARIANT_ADD(order, region_between_is_refused) {
	.refused = true, .region = { { 2, 0 }, { 2, 6 }, { 2, 4 } }, .last = BIT(1) | BIT(3) };
FIXTURE_VARIANT_ADD(order, region_with_room) {
	.region = { { 5, 0 }, { 4, 8 } }, .last = BIT(4) | BIT(5) };
/* clang-format on */

static const u32 ids[NR_IDS] = { 0, 3, 5, 4, 1, 2 };

static void set_regions(struct __test_metadata *_metadata, FIXTURE_DATA(order) * self,
			const FIXTURE_VARIANT(order) * variant)
{
	unsigned int i;

	if (variant->single) {
		ASSERT_EQ(0, set_u64(self->vm, ADDR, REDIST, VM_GICR_BASE));
		return;
	}
	for (i = 0; i < 3 && variant->region[i].count; i++) {
		/* it meets the distributor, so that the vCPUs which got a redistributor keep it */
		if (i && variant->refused)
			ASSERT_EQ(-EINVAL, set_u64(self->vm, ADDR, REGION,
						   region_attr(2, VM_GICD_BASE, 0, i)));
		ASSERT_EQ(0, set_u64(self->vm, ADDR, REGION,
				     region_attr(variant->region[i].count,
						 VM_GICR_BASE + FRAMES * variant->region[i].at, 0,
						 i)));
	}
}

FIXTURE_SETUP(order)
{
	const char *missing = no_vgic(V3);
	unsigned int i;

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, VM_NO_VGIC);
	ASSERT_EQ(0, __vgic_create(self->vm, V3));
	ASSERT_EQ(0, set_u64(self->vm, ADDR, DIST, VM_GICD_BASE));
	if (variant->early)
		set_regions(_metadata, self, variant);
	for (i = 1; i < NR_IDS; i++) {
		test_vm_add_vcpu_id(self->vm, ids[i]);
		self->vm->affinity[i] = ids[i];
	}
	if (!variant->early)
		set_regions(_metadata, self, variant);
	vgic_init(self->vm);
}

FIXTURE_TEARDOWN(order)
{
	test_vm_free(self->vm);
}

static u32 want_typer(const FIXTURE_VARIANT(order) * variant, unsigned int cpu)
{
	return ids[cpu] << 8 | (variant->last & BIT(cpu) ? ABI_GICR_TYPER_LAST : 0);
}

/* GICR_TYPER has the vCPU's number and affinity, and says which is the last in a row */
TEST_F(order, is_that_of_the_vcpus_as_the_guest_finds_it)
{
	unsigned int region = 0, slot = 0, cpu;
	struct guest_result res;

	for (cpu = 0; cpu < NR_IDS; cpu++) {
		u64 ipa = VM_GICR_BASE + FRAMES * cpu;

		if (!variant->single) {
			if (slot == variant->region[region].count) {
				region++;
				slot = 0;
			}
			ipa = VM_GICR_BASE + FRAMES * (variant->region[region].at + slot++);
		}
		guest_load(self->vm->vcpu[0], ipa + ABI_GICR_TYPER, 4, &res);
		expect_end(_metadata, "GICR_TYPER", &res);
		EXPECT_EQ(want_typer(variant, cpu), res.x[0])
		{
			TH_LOG("GICR_TYPER at %#lx: %#lx; expected %#x, of vCPU %u", ipa, res.x[0],
			       want_typer(variant, cpu), ids[cpu]);
		}
		guest_load(self->vm->vcpu[0], ipa + ABI_GICR_TYPER + 4, 4, &res);
		expect_end(_metadata, "GICR_TYPER", &res);
		EXPECT_EQ(ids[cpu], res.x[0])
		{
			TH_LOG("GICR_TYPER at %#lx has the affinity %#lx; expected %#x", ipa,
			       res.x[0], ids[cpu]);
		}
	}
}

TEST_F(order, is_that_of_the_vcpus_as_user_space_reads_it)
{
	unsigned int cpu;

	for (cpu = 0; cpu < NR_IDS; cpu++) {
		expect_reg(_metadata, self->vm, cpu, &vgic_gicr_typer, want_typer(variant, cpu));
		expect_reg(_metadata, self->vm, cpu, &vgic_gicr_affinity, ids[cpu]);
	}
}

/* Before a vCPU has a redistributor it is not the last, and has all that it is by itself */
FIXTURE(growing)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(growing)
{
	const char *missing = no_vgic(V3);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(4, 0, VM_NO_VGIC);
	ASSERT_EQ(0, __vgic_create(self->vm, V3));
	vgic_init(self->vm);
}

FIXTURE_TEARDOWN(growing)
{
	test_vm_free(self->vm);
}

static void expect_last(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int last)
{
	unsigned int cpu;

	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		expect_reg(_metadata, vm, cpu, &vgic_gicr_typer,
			   cpu << 8 | (last & BIT(cpu) ? ABI_GICR_TYPER_LAST : 0));
}

TEST_F(growing, last_follows_from_the_regions_so_far)
{
	expect_last(_metadata, self->vm, 0);
	ASSERT_EQ(0, set_u64(self->vm, ADDR, REGION, region_attr(2, VM_GICR_BASE, 0, 0)));
	expect_last(_metadata, self->vm, BIT(1));
	ASSERT_EQ(0,
		  set_u64(self->vm, ADDR, REGION, region_attr(1, VM_GICR_BASE + 2 * FRAMES, 0, 1)));
	expect_last(_metadata, self->vm, BIT(2));
	ASSERT_EQ(0,
		  set_u64(self->vm, ADDR, REGION, region_attr(2, VM_GICR_BASE + 8 * FRAMES, 0, 2)));
	expect_last(_metadata, self->vm, BIT(2) | BIT(3));
}

/* No vCPU runs */

FIXTURE(run)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(run)
{
	u32 type;
	u64 dist, redist; /* or the CPU interface of a vGICv2; NO_ADDR: none */
	unsigned int count; /* of a region; 0: the single one */
	bool init, grows; /* grows: two vCPUs come later */
	int err;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(run, v3_as_it_should_be) { V3, 0x8000000, 0x9000000, 2, true, false, 0 };
FIXTURE_VARIANT_ADD(run, v3_of_a_single_region) { V3, 0x8000000, 0x9000000, 0, true, true, 0 };
/* aligned to 64 KiB and to no more */
FIXTURE_VARIANT_ADD(run, v3_at_odd_frames) { V3, 0x8010000, 0x9010000, 2, true, false, 0 };
FIXTURE_VARIANT_ADD(run, v3_not_initialised) { V3, 0x8000000, 0x9000000, 2, false, false, -EBUSY };
FIXTURE_VARIANT_ADD(run, v3_without_distributor) { V3, NO_ADDR, 0x9000000, 2, true, false, -ENXIO };
FIXTURE_VARIANT_ADD(run, v3_without_redistributors) { V3, 0x8000000, NO_ADDR, 0, true, false, -ENXIO };
FIXTURE_VARIANT_ADD(run, v3_with_too_few_redistributors) { V3, 0x8000000, 0x9000000, 1, true, false, -ENXIO };
FIXTURE_VARIANT_ADD(run, v3_that_overlaps_itself) { V3, 0x9030000, 0x9000000, 2, true, false, -EINVAL };
FIXTURE_VARIANT_ADD(run, v3_of_a_single_region_that_overlaps) { V3, 0x9040000, 0x9000000, 0, true, true, -EINVAL };
FIXTURE_VARIANT_ADD(run, v2_as_it_should_be) { V2, 0x8000000, 0x9000000, 0, true, false, 0 };
FIXTURE_VARIANT_ADD(run, v2_at_odd_frames) { V2, 0x8001000, 0x9001000, 0, true, false, 0 };
FIXTURE_VARIANT_ADD(run, v2_that_initialises_itself) { V2, 0x8000000, 0x9000000, 0, false, false, 0 };
FIXTURE_VARIANT_ADD(run, v2_without_distributor) { V2, NO_ADDR, 0x9000000, 0, true, false, -ENXIO };
FIXTURE_VARIANT_ADD(run, v2_without_cpu_interface) { V2, 0x8000000, NO_ADDR, 0, true, false, -ENXIO };
FIXTURE_VARIANT_ADD(run, v2_that_overlaps_itself) { V2, 0x9001000, 0x9000000, 0, true, false, -EINVAL };
FIXTURE_VARIANT_ADD(run, v2_that_overlaps_from_below) { V2, 0x9000000, 0x9000000, 0, true, false, -EINVAL };
/* clang-format on */

FIXTURE_SETUP(run)
{
	const char *missing = no_vgic(variant->type);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = uninitialised(_metadata, variant->type);
}

FIXTURE_TEARDOWN(run)
{
	test_vm_free(self->vm);
}

/* api.rst 5, KVM_EXIT_MMIO: what KVM does not emulate is user space's */
static void expect_mmio_exit(struct __test_metadata *_metadata, struct test_vm *vm,
			     unsigned int cpu, u64 ipa)
{
	struct guest_result res;

	guest_load(vm->vcpu[cpu], ipa, 4, &res);
	EXPECT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_MMIO)
	{
		TH_LOG("a load from %#lx, where nothing is: the guest %s; expected KVM_EXIT_MMIO",
		       ipa, guest_end_str(&res));
	}
}

static void expect_frames(struct __test_metadata *_metadata, struct test_vm *vm,
			  const FIXTURE_VARIANT(run) * variant)
{
	bool v3 = variant->type == V3;
	u64 redist = variant->redist + (v3 ? vm->nr_vcpus * FRAMES : 0x2000);
	u64 dist = variant->dist + (v3 ? 0x10000 : 0x1000);
	struct guest_result res;

	guest_load(vm->vcpu[0], variant->dist + ABI_GICD_IIDR, 4, &res);
	expect_end(_metadata, "GICD_IIDR", &res);
	EXPECT_EQ(ABI_IIDR_KVM, res.x[0] & ~ABI_IIDR_REVISION_MASK)
	{
		TH_LOG("GICD_IIDR at %#lx is %#lx; expected %#x and a revision",
		       variant->dist + ABI_GICD_IIDR, res.x[0], ABI_IIDR_KVM);
	}
	if (v3) {
		guest_load(vm->vcpu[0], variant->dist + ABI_GICD_PIDR2, 4, &res);
		expect_end(_metadata, "GICD_PIDR2", &res);
		EXPECT_EQ(ABI_GIC_PIDR2, res.x[0]);
		guest_load(vm->vcpu[0], redist - FRAMES + ABI_GICR_PIDR2, 4, &res);
		expect_end(_metadata, "GICR_PIDR2", &res);
		EXPECT_EQ(ABI_GIC_PIDR2, res.x[0]);
	}
	expect_mmio_exit(_metadata, vm, 0, redist);
	expect_mmio_exit(_metadata, vm, 1, dist);
}

TEST_F(run, needs_a_complete_vgic)
{
	bool v3 = variant->type == V3;
	u64 redist = v3 ? variant->count ? REGION : REDIST : KVM_VGIC_V2_ADDR_TYPE_CPU;
	struct guest_result res;
	u64 val = variant->redist;

	if (variant->count)
		val = region_attr(variant->count, variant->redist, 0, 0);
	if (variant->redist != NO_ADDR)
		ASSERT_EQ(0, set_u64(self->vm, ADDR, redist, val));
	if (variant->grows) {
		test_vm_add_vcpu(self->vm);
		test_vm_add_vcpu(self->vm);
	}
	if (variant->dist != NO_ADDR)
		ASSERT_EQ(0, set_u64(self->vm, ADDR, v3 ? DIST : KVM_VGIC_V2_ADDR_TYPE_DIST,
				     variant->dist));
	if (variant->init)
		vgic_init(self->vm);
	guest_load(self->vm->vcpu[1], VM_RAM_DATA, 8, &res);
	EXPECT_TRUE(variant->err ? res.end == GUEST_ERROR && res.err == variant->err
				 : res.end == GUEST_DONE)
	{
		TH_LOG("the guest %s; expected %s", guest_end_str(&res),
		       variant->err ? err_str(variant->err) : "it to come back");
	}
	if (!variant->err && res.end == GUEST_DONE)
		expect_frames(_metadata, self->vm, variant);
}

/*
 * The single region has room for the vCPUs that there are when it is set; for a vCPU that comes
 * later and whose redistributor would be beyond the IPA space the VM does not run, or there is no
 * such vCPU
 */
FIXTURE(late)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(late)
{
	const char *missing = no_vgic(V3);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, VM_NO_VGIC);
	ASSERT_EQ(0, __vgic_create(self->vm, V3));
}

FIXTURE_TEARDOWN(late)
{
	test_vm_free(self->vm);
}

TEST_F(late, redistributor_beyond_the_ipa_space_is_refused)
{
	u64 base = ipa_limit() - FRAMES;
	int fd;

	expect_err(_metadata, "setting the single region", base, 0,
		   set_u64(self->vm, ADDR, REDIST, base));
	ASSERT_EQ(0, set_u64(self->vm, ADDR, DIST, VM_GICD_BASE));
	fd = __vm_ioctl(self->vm->kvm, KVM_CREATE_VCPU, (void *)1L);
	if (fd >= 0) {
		struct guest_result res;

		vgic_init(self->vm);
		guest_load(self->vm->vcpu[0], VM_RAM_DATA, 8, &res);
		EXPECT_TRUE(res.end == GUEST_ERROR && res.err == -EINVAL)
		{
			TH_LOG("with a redistributor beyond the IPA space the guest %s; expected EINVAL",
			       guest_end_str(&res));
		}
		close(fd);
		return;
	}
	expect_err(_metadata, "KVM_CREATE_VCPU with a redistributor beyond the IPA space, vCPU", 1,
		   -EINVAL, -errno);
	/* the others are as they were */
	vgic_init(self->vm);
	run_once(_metadata, self->vm, 0);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
