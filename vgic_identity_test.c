// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_identity_test: what a vGICv3 says of itself: how many interrupts it has, whether these
 * include LPIs, and which redistributor is the last in a row.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst   interrupts, redistributor regions
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  the ITS
 *   Arm IHI0069                                      GICv3 registers
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "harness.h"

#include "expect.h"
#include "kvm_reg.h"
#include "vgic_expect.h"

#define ITS_BASE 0x0a000000ULL
#define FRAMES ((u64)ABI_GICR_FRAMES)

static const struct vgic_reg gicd_typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					    ABI_GICD_TYPER };
/* GICD_CTLR but for EnableGrp0 and nASSGIreq, by which implementations differ */
#define CTLR_WITHOUT_CHOICE (~(u32)(BIT(0) | ABI_GICD_CTLR_NASSGIREQ))

static const struct vgic_reg gicd_pidr2 = { "GICD_PIDR2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					    ABI_GICD_PIDR2 };
static const struct vgic_reg gicr_pidr2 = { "GICR_PIDR2", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
					    ABI_GICR_PIDR2 };

/* Room for so many redistributors, from VM_GICR_BASE + FRAMES * @first on */
struct region {
	unsigned int first, count;
};

static void set_attr(struct __test_metadata *_metadata, int fd, const char *what, u32 group,
		     u64 attr, const void *val)
{
	int err = __fd_attr(fd, KVM_SET_DEVICE_ATTR, group, attr, val);

	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_SET_DEVICE_ATTR of %s: %s; expected 0", what, err_str(err));
	}
}

/* The VM has an ITS, so it has LPIs */
static void add_its(struct __test_metadata *_metadata, struct test_vm *vm)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS };
	u64 base = ITS_BASE;

	ASSERT_EQ(0, __vm_ioctl(vm->kvm, KVM_CREATE_DEVICE, &dev))
	{
		TH_LOG("KVM_CREATE_DEVICE of an ITS: %s; expected 0", err_str(-errno));
	}
	set_attr(_metadata, dev.fd, "the ITS's address", KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_ITS_ADDR_TYPE, &base);
	set_attr(_metadata, dev.fd, "KVM_DEV_ARM_VGIC_CTRL_INIT of the ITS",
		 KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static struct test_vm *vm_with(struct __test_metadata *_metadata, unsigned int nr_vcpus,
			       u32 nr_irqs, const struct region *regions, bool its)
{
	struct test_vm *vm = test_vm_create(nr_vcpus, 0, VM_NO_VGIC);
	u64 dist = VM_GICD_BASE;
	unsigned int i;

	ASSERT_EQ(0, __vgic_create(vm, V3));
	set_attr(_metadata, vm->vgic_fd, "the number of interrupts", KVM_DEV_ARM_VGIC_GRP_NR_IRQS,
		 0, &nr_irqs);
	set_attr(_metadata, vm->vgic_fd, "the distributor's address", KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	for (i = 0; regions[i].count; i++) {
		/* count in bits 63:52, base in 51:16, index in 11:0 [VGIC3] */
		u64 region = (u64)regions[i].count << 52 |
			     (VM_GICR_BASE + FRAMES * regions[i].first) | i;

		set_attr(_metadata, vm->vgic_fd, "a redistributor region",
			 KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &region);
	}
	if (its)
		add_its(_metadata, vm);
	vgic_init(vm);
	return vm;
}

/* The number of interrupts */

FIXTURE(nr_irqs)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(nr_irqs)
{
	u32 nr;
	int err;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(nr_irqs, none) { 0, -EINVAL };
FIXTURE_VARIANT_ADD(nr_irqs, just_private_ones) { 32, -EINVAL };
FIXTURE_VARIANT_ADD(nr_irqs, fewest) { 64, 0 };
FIXTURE_VARIANT_ADD(nr_irqs, no_multiple_of_32) { 65, -EINVAL };
FIXTURE_VARIANT_ADD(nr_irqs, of_the_default_vgic) { 256, 0 };
FIXTURE_VARIANT_ADD(nr_irqs, almost_all) { 992, 0 };
FIXTURE_VARIANT_ADD(nr_irqs, most) { 1024, 0 };
FIXTURE_VARIANT_ADD(nr_irqs, too_many) { 1056, -EINVAL };
/* clang-format on */

FIXTURE_SETUP(nr_irqs)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(1, 0, VM_NO_VGIC);
	ASSERT_EQ(0, __vgic_create(self->vm, V3));
}

FIXTURE_TEARDOWN(nr_irqs)
{
	test_vm_free(self->vm);
}

/* "ranging from 64 to 1024, in increments of 32" */
TEST_F(nr_irqs, is_64_to_1024_by_32)
{
	u32 got = 0;

	expect_err(_metadata, "KVM_SET_DEVICE_ATTR of the number of interrupts", variant->nr,
		   variant->err,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       &variant->nr));
	if (variant->err)
		return;
	expect_err(_metadata, "KVM_SET_DEVICE_ATTR of the number of interrupts, again", variant->nr,
		   -EBUSY,
		   __vgic_attr(self->vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       &variant->nr));
	expect_err(_metadata, "KVM_GET_DEVICE_ATTR of the number of interrupts", 0, 0,
		   __vgic_attr(self->vm, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			       &got));
	EXPECT_EQ(variant->nr, got)
	{
		TH_LOG("KVM_GET_DEVICE_ATTR of the number of interrupts: %u; expected %u, as set",
		       got, variant->nr);
	}
}

/* KVM takes no more than 1023, so 992 are the most */
XFAIL_ADD(nr_irqs, most, is_64_to_1024_by_32);

/* Interrupts */

FIXTURE(irqs)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(irqs)
{
	u32 nr;
	bool its;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(irqs, of_64) { .nr = 64 };
FIXTURE_VARIANT_ADD(irqs, of_96) { .nr = 96 };
FIXTURE_VARIANT_ADD(irqs, of_992) { .nr = 992 };
FIXTURE_VARIANT_ADD(irqs, of_64_with_lpis) { .nr = 64, .its = true };
FIXTURE_VARIANT_ADD(irqs, of_992_with_lpis) { .nr = 992, .its = true };
/* clang-format on */

FIXTURE_SETUP(irqs)
{
	static const struct region regions[] = { { 0, 2 }, { 0 } };
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_with(_metadata, 2, variant->nr, regions, variant->its);
}

FIXTURE_TEARDOWN(irqs)
{
	test_vm_free(self->vm);
}

/*
 * ITLinesNumber counts words of 32 interrupts. Without LPIs ids have 10 bits [GIC 2.2]; with
 * them they have 16, as ICC_CTLR_EL1.IDbits says of the CPU interfaces. There is no Aff3.
 */
TEST_F(irqs, are_counted_by_gicd_typer)
{
	u32 want = variant->nr / 32 - 1;
	unsigned int cpu;

	if (variant->its)
		want |= ABI_GICD_TYPER_LPIS | ABI_GICD_TYPER_IDBITS(16);
	else
		want |= ABI_GICD_TYPER_IDBITS(10);
	for (cpu = 0; cpu < 2; cpu++) {
		expect_both(_metadata, self->vm, cpu, &gicd_typer, want);
		/* read-only */
		expect_write(_metadata, self->vm, cpu, &gicd_typer, ~want, 0, want);
		guest_writes(_metadata, self->vm, cpu, cpu, &gicd_typer, ~want);
		expect_both(_metadata, self->vm, cpu, &gicd_typer, want);
		expect_both(_metadata, self->vm, cpu, &vgic_ctlr, ABI_GICD_CTLR_FIXED);
	}
}

/* GICR_TYPER.PLPIS, bit 0 */
TEST_F(irqs, include_lpis_where_there_is_an_its)
{
	u32 lpis = variant->its ? ABI_GICR_TYPER_PLPIS : 0;

	expect_guest_reg(_metadata, self->vm, 0, 0, &vgic_gicr_typer, lpis);
	expect_guest_reg(_metadata, self->vm, 0, 1, &vgic_gicr_typer,
			 1 << 8 | ABI_GICR_TYPER_LAST | lpis);
}

/*
 * One security state and affinity routing are all that KVM has, so DS and ARE stay set; the
 * other bits are RES0, or read-only
 */
TEST_F(irqs, are_enabled_by_gicd_ctlr)
{
	static const u32 vals[] = { ABI_GICD_CTLR_ENABLE_GRP1, 0,
				    ABI_GICD_CTLR_ENABLE_GRP1 | ABI_GICD_CTLR_FIXED,
				    ABI_GICD_CTLR_FIXED, CTLR_WITHOUT_CHOICE };
	unsigned int i;

	expect_both(_metadata, self->vm, 0, &vgic_ctlr, ABI_GICD_CTLR_FIXED);
	for (i = 0; i < ARRAY_SIZE(vals); i++) {
		u32 want = (vals[i] & ABI_GICD_CTLR_ENABLE_GRP1) | ABI_GICD_CTLR_FIXED;
		u32 before = want ^ ABI_GICD_CTLR_ENABLE_GRP1;

		expect_write(_metadata, self->vm, 1, &vgic_ctlr, before, 0, before);
		expect_write(_metadata, self->vm, 0, &vgic_ctlr, vals[i], 0, want);
		expect_both(_metadata, self->vm, 1, &vgic_ctlr, want);
		guest_writes(_metadata, self->vm, 1, 0, &vgic_ctlr, before);
		expect_both(_metadata, self->vm, 0, &vgic_ctlr, before);
		guest_writes(_metadata, self->vm, 0, 0, &vgic_ctlr, vals[i]);
		expect_both(_metadata, self->vm, 0, &vgic_ctlr, want);
	}
}

/*
 * The architecture's revision, 3, and a part of the designer's JEP106 code, which is that of
 * GICD_IIDR
 */
TEST_F(irqs, are_those_of_a_gicv3_by_arm)
{
	unsigned int cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		expect_guest_reg(_metadata, self->vm, 0, cpu, &gicd_pidr2, ABI_GIC_PIDR2);
		expect_guest_reg(_metadata, self->vm, 0, cpu, &gicr_pidr2, ABI_GIC_PIDR2);
	}
}

/* Redistributor regions */

FIXTURE(regions)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(regions)
{
	unsigned int nr_vcpus;
	struct region at[3]; /* filled in this order */
	u32 last; /* a bit for each vCPU that has GICR_TYPER.Last */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(regions, one_full) { 4, { { 0, 4 } }, BIT(3) };
FIXTURE_VARIANT_ADD(regions, one_with_room) { 4, { { 0, 8 } }, BIT(3) };
FIXTURE_VARIANT_ADD(regions, one_of_one) { 1, { { 0, 1 } }, BIT(0) };
FIXTURE_VARIANT_ADD(regions, two_in_a_row) { 4, { { 0, 2 }, { 2, 2 } }, BIT(3) };
FIXTURE_VARIANT_ADD(regions, two_apart) { 4, { { 0, 2 }, { 3, 2 } }, BIT(1) | BIT(3) };
FIXTURE_VARIANT_ADD(regions, two_of_falling_addresses) { 4, { { 2, 2 }, { 0, 2 } }, BIT(1) };
FIXTURE_VARIANT_ADD(regions, lower_with_room) { 3, { { 2, 2 }, { 0, 2 } }, BIT(1) | BIT(2) };
FIXTURE_VARIANT_ADD(regions, second_with_room) { 3, { { 0, 2 }, { 2, 2 } }, BIT(2) };
FIXTURE_VARIANT_ADD(regions, second_empty) { 2, { { 0, 2 }, { 2, 2 } }, BIT(1) };
/* clang-format on */

FIXTURE_SETUP(regions)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_with(_metadata, variant->nr_vcpus, VGIC_NR_IRQS, variant->at, false);
}

FIXTURE_TEARDOWN(regions)
{
	test_vm_free(self->vm);
}

/* "the highest-numbered Redistributor in a series of contiguous Redistributor pages" */
TEST_F(regions, end_with_the_last_redistributor)
{
	unsigned int region = 0, slot = 0, cpu;
	struct guest_result res;

	for (cpu = 0; cpu < variant->nr_vcpus; cpu++) {
		u32 want = cpu << 8 | (variant->last & BIT(cpu) ? ABI_GICR_TYPER_LAST : 0);
		u64 ipa;

		if (slot == variant->at[region].count) {
			region++;
			slot = 0;
		}
		ipa = VM_GICR_BASE + FRAMES * (variant->at[region].first + slot++);
		guest_load(self->vm->vcpu[0], ipa + ABI_GICR_TYPER, 4, &res);
		expect_end(_metadata, "GICR_TYPER", &res);
		EXPECT_EQ(want, res.x[0])
		{
			TH_LOG("GICR_TYPER at %#lx, of vCPU %u: %#lx; expected %#x, Last is %u",
			       ipa, cpu, res.x[0], want, !!(want & ABI_GICR_TYPER_LAST));
		}
	}
}

/* As many redistributors as there can be */

FIXTURE(most)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(most)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	if (kvm_check_cap(KVM_CAP_MAX_VCPUS) < VM_MAX_VCPUS)
		SKIP(return, "this host does not offer that many vCPUs");
	if (!may_have_vcpus(VM_MAX_VCPUS))
		SKIP(return, "RLIMIT_NOFILE allows no file for each vCPU");
	self->vm = vm_at(_metadata, V3, VM_MAX_VCPUS, 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(most)
{
	test_vm_free(self->vm);
}

/* A vCPU's Aff0 is its number modulo 16, and Aff1 the rest; no document states it */
TEST_F(most, redistributors_are_those_of_their_vcpus)
{
	struct guest_result res;
	unsigned int cpu;

	for (cpu = 0; cpu < VM_MAX_VCPUS; cpu++) {
		u32 affinity = (cpu / 16) << 8 | cpu % 16;
		u32 typer = cpu << 8 | (cpu == VM_MAX_VCPUS - 1 ? ABI_GICR_TYPER_LAST : 0);
		u64 want = (u64)affinity << 32 | typer;

		guest_load(self->vm->vcpu[0], VM_GICR_BASE + FRAMES * cpu + ABI_GICR_TYPER, 8,
			   &res);
		expect_end(_metadata, "GICR_TYPER", &res);
		EXPECT_EQ(want, res.x[0])
		{
			TH_LOG("the guest reads GICR_TYPER of vCPU %u as %#lx; expected %#lx", cpu,
			       res.x[0], want);
			count_failure(_metadata);
		}
		if (cpu % 73 && cpu != VM_MAX_VCPUS - 1)
			continue;
		expect_reg(_metadata, self->vm, cpu, &vgic_gicr_affinity, affinity);
		expect_guest_reg(_metadata, self->vm, cpu, cpu, &vgic_gicr_typer, typer);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
