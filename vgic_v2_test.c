// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_v2_test: what only a vGICv2 has: groups, eight vCPUs, no GICD_TYPER2.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic.rst     GICv2
 *   Arm IHI0048                                     GICv2 registers
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

FIXTURE(v2)
{
	struct test_vm *vm;
	struct host_vgic host;
};

FIXTURE_SETUP(v2)
{
	const char *missing = vgic_missing(V2, AFTER_INIT, &self->host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V2, 2, 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(v2)
{
	test_vm_free(self->vm);
}

static const struct vgic_reg v2_groups[] = {
	{ "GICD_IGROUPR0", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IGROUPR },
	{ "GICD_IGROUPR1", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IGROUPR + 4 },
	{ "GICD_IGROUPR3", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_IGROUPR + 12 },
};

/*
 * "Unless GICD_IIDR has been set from userspace, writes to the interrupt group
 * registers (GICD_IGROUPR) are ignored": a VMM that knows no revisions restores groups
 * that an old kernel reported wrongly.
 */
TEST_F(v2, groups_are_ignored_until_iidr_is_set)
{
	u32 iidr = ABI_IIDR(self->host.newest), refused = iidr ^ 1;
	unsigned int i, cpu;

	/* neither a read nor a refused write sets it */
	expect_reg(_metadata, self->vm, 0, &vgic_iidr, iidr);
	expect_write(_metadata, self->vm, 0, &vgic_iidr, refused, -EINVAL, iidr);
	expect_write(_metadata, self->vm, 0, &vgic_iidr, ABI_IIDR(1), -EINVAL, iidr);
	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < ARRAY_SIZE(v2_groups); i++)
			expect_write(_metadata, self->vm, cpu, &v2_groups[i], 0xa5a5c3c3, 0, 0);
	}
	expect_write(_metadata, self->vm, 0, &vgic_iidr, iidr, 0, iidr);
	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < ARRAY_SIZE(v2_groups); i++)
			expect_write(_metadata, self->vm, cpu, &v2_groups[i], 0xa5a5c3c3, 0,
				     0xa5a5c3c3);
	}
	for (i = 0; i < ARRAY_SIZE(v2_groups); i++)
		expect_both(_metadata, self->vm, 0, &v2_groups[i], 0xa5a5c3c3);
}

TEST_F(v2, oldest_revision_has_groups_too)
{
	u32 iidr = ABI_IIDR(ABI_IIDR_FIRST);
	unsigned int i;

	expect_write(_metadata, self->vm, 0, &vgic_iidr, iidr, 0, iidr);
	for (i = 0; i < ARRAY_SIZE(v2_groups); i++) {
		expect_write(_metadata, self->vm, 1, &v2_groups[i], 0x12345678, 0, 0x12345678);
		expect_guest_reg(_metadata, self->vm, 1, 1, &v2_groups[i], 0x12345678);
	}
}

TEST_F(v2, has_no_typer2)
{
	expect_announced(_metadata, self->vm, &vgic_iidr, "of a vGICv2", 0);
	expect_announced(_metadata, self->vm, &vgic_typer2, "of a vGICv2", -ENXIO);
	expect_guest_reg(_metadata, self->vm, 0, 0, &vgic_typer2, 0);
}

/*
 * GICD_SPENDSGIR<n> and GICD_CPENDSGIR<n> have a byte of sources for each SGI of a vCPU, and an SGI
 * is pending while it has one, as GICD_ISPENDR0 says [GIC2 4.3.7, 4.3.16, 4.3.17]
 */
TEST_F(v2, sgis_are_pending_by_their_sources)
{
	const struct vgic_reg pending = { "GICD_ISPENDR0", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					  ABI_GICD_ISPENDR };
	struct vgic_reg set = { "GICD_SPENDSGIR<n>", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0 };
	struct vgic_reg clear = { "GICD_CPENDSGIR<n>", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0 };
	/* each of the 16 has others, by vCPU */
	static const u32 vals[2][4] = { { 0x00010203, 0x03000102, 0x02030001, 0x01020300 },
					{ 0x03020100, 0x01000302, 0x00010203, 0x02030001 } };
	const u32 cleared = 0x01010101;
	unsigned int turn, cpu, n, i;
	u32 got;

	for (turn = 0; turn < 2; turn++) {
		/* what is set, then what is left of it */
		for (cpu = 0; cpu < 2; cpu++) {
			for (n = 0; n < 4; n++) {
				set.offset = ABI_GICD_SPENDSGIR + 4 * n;
				clear.offset = ABI_GICD_CPENDSGIR + 4 * n;
				if (turn)
					vgic_set(self->vm, cpu, &clear, cleared);
				else
					vgic_set(self->vm, cpu, &set, vals[cpu][n]);
			}
		}
		for (cpu = 0; cpu < 2; cpu++) {
			u32 want = 0;

			for (n = 0; n < 4; n++) {
				u32 sources = vals[cpu][n] & (turn ? ~cleared : ~0U);

				set.offset = ABI_GICD_SPENDSGIR + 4 * n;
				clear.offset = ABI_GICD_CPENDSGIR + 4 * n;
				expect_reg(_metadata, self->vm, cpu, &set, sources);
				expect_reg(_metadata, self->vm, cpu, &clear, sources);
				expect_guest_reg(_metadata, self->vm, cpu, cpu, &set, sources);
				expect_guest_reg(_metadata, self->vm, cpu, cpu, &clear, sources);
				for (i = 0; i < 4; i++)
					if (sources >> 8 * i & 0xff)
						want |= BIT(4 * n + i);
			}
			got = vgic_get(self->vm, cpu, &pending) & 0xffff;
			EXPECT_EQ(want, got)
			{
				TH_LOG("GICD_ISPENDR0 of vCPU %u has %#x of the SGIs; expected %#x, those with a source",
				       cpu, got, want);
			}
		}
	}
}

/* GICD_CTLR has the bit that was written, GICD_TYPER is read-only [GIC2 4.3] */
TEST_F(v2, distributor_can_be_enabled)
{
	const struct vgic_reg typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
					ABI_GICD_TYPER };
	const u32 want = 1 << 5 | (VGIC_NR_IRQS / 32 - 1);
	unsigned int i;

	expect_both(_metadata, self->vm, 0, &vgic_ctlr, 0);
	for (i = 0; i < 4; i++) {
		u32 enabled = i & 1;

		expect_write(_metadata, self->vm, 0, &vgic_ctlr, !enabled, 0, !enabled);
		expect_both(_metadata, self->vm, 1, &vgic_ctlr, !enabled);
		guest_writes(_metadata, self->vm, 0, 0, &vgic_ctlr, enabled);
		expect_both(_metadata, self->vm, 1, &vgic_ctlr, enabled);
	}
	expect_both(_metadata, self->vm, 0, &typer, want);
	expect_write(_metadata, self->vm, 1, &typer, ~want, 0, want);
	guest_writes(_metadata, self->vm, 0, 0, &typer, ~want);
	expect_both(_metadata, self->vm, 0, &typer, want);
	expect_both(_metadata, self->vm, 0, &vgic_ctlr, 1);
}

/* "Invalid vcpu_index supplied" */
TEST_F(v2, unknown_vcpu_is_refused)
{
	unsigned int cpu;
	u32 val;

	for (cpu = self->vm->nr_vcpus; cpu < 256; cpu++) {
		expect_err(_metadata, "reading GICD_IIDR of vCPU", cpu, -EINVAL,
			   __vgic_get(self->vm, cpu, &vgic_iidr, &val));
		expect_err(_metadata, "writing GICD_IIDR of vCPU", cpu, -EINVAL,
			   __vgic_set(self->vm, cpu, &vgic_iidr, ABI_IIDR(self->host.newest)));
	}
}

/* The architecture has eight CPU interfaces; GICD_TYPER counts them [GIC2 4.3.2] */
TEST_F(v2, holds_eight_vcpus)
{
	struct vgic_reg typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_TYPER };
	struct test_vm *vm;
	int err;

	vm = vm_at(_metadata, V2, ABI_VGIC_V2_MAX_VCPUS, 0, BEFORE_INIT);
	err = __vm_ioctl(vm->kvm, KVM_CREATE_VCPU, (void *)(long)ABI_VGIC_V2_MAX_VCPUS);
	expect_err(_metadata, "KVM_CREATE_VCPU with a vGICv2, vCPU", ABI_VGIC_V2_MAX_VCPUS, -EINVAL,
		   err < 0 ? -errno : 0);
	vgic_init(vm);
	expect_both(_metadata, vm, ABI_VGIC_V2_MAX_VCPUS - 1, &typer,
		    (ABI_VGIC_V2_MAX_VCPUS - 1) << 5 | (VGIC_NR_IRQS / 32 - 1));
	test_vm_free(vm);

	/* a host that has a vGICv2 and nothing else has no VM with more */
	if (kvm_check_cap(KVM_CAP_MAX_VCPUS) <= ABI_VGIC_V2_MAX_VCPUS)
		return;
	vm = test_vm_create(ABI_VGIC_V2_MAX_VCPUS + 1, 0, VM_NO_VGIC);
	expect_err(_metadata, "creating a vGICv2, number of vCPUs", ABI_VGIC_V2_MAX_VCPUS + 1,
		   -E2BIG, __vgic_create(vm, V2));
	test_vm_free(vm);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
