// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_tables_test: GICR_PROPBASER and GICR_PENDBASER of a vGICv3, where the tables of LPIs are.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst  registers of 64 bits
 *   Arm IHI0069                                     GICR_PROPBASER, GICR_PENDBASER
 */
#include <errno.h>

#include "harness.h"

#include "expect.h"
#include "vgic_expect.h"

#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define NR_VCPUS 3

FIXTURE(tables)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(tables)
{
	struct host_vgic host;
	const char *missing = vgic_missing(V3, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, V3, NR_VCPUS, 0, AFTER_INIT);
}

FIXTURE_TEARDOWN(tables)
{
	test_vm_free(self->vm);
}

/*
 * "It is IMPLEMENTATION DEFINED whether this field has a fixed value or can be programmed" [GIC
 * 12.11]: shareability in bits 11:10, the caches in 9:7 and 58:56. No document says what KVM
 * makes of them.
 */
static const struct {
	u64 val, want;
} prop_rows[] = {
	/* clang-format off */
	/* the address in 51:12, IDbits in 4:0; 63:59, 55:52 and 6:5 are reserved */
	{ 0x000ffffffffff78fULL, 0x000ffffffffff78fULL },
	{ 0x000000000000078fULL, 0x000000000000078fULL },
	{ 0x0005555555555790ULL, 0x0005555555555790ULL },
	{ 0x000aaaaaaaaaa78fULL, 0x000aaaaaaaaaa78fULL },
	{ 0xf8f0000000000780ULL, 0x0000000000000780ULL },
	{ 0x00000000000007e0ULL, 0x0000000000000780ULL },
	/* shareability: none, inner, outer, reserved */
	{ 0x0000000000000380ULL, 0x0000000000000380ULL },
	{ 0x0000000000000b80ULL, 0x0000000000000780ULL },
	{ 0x0000000000000f80ULL, 0x0000000000000f80ULL },
	/* inner caches: device and none become read-allocate, write-back */
	{ 0x0000000000000400ULL, 0x0000000000000580ULL },
	{ 0x0000000000000480ULL, 0x0000000000000580ULL },
	{ 0x0000000000000500ULL, 0x0000000000000500ULL },
	{ 0x0000000000000580ULL, 0x0000000000000580ULL },
	{ 0x0000000000000600ULL, 0x0000000000000600ULL },
	{ 0x0000000000000680ULL, 0x0000000000000680ULL },
	{ 0x0000000000000700ULL, 0x0000000000000700ULL },
	/* outer caches: as the inner ones, none, and all else is as the inner ones */
	{ 0x0100000000000780ULL, 0x0100000000000780ULL },
	{ 0x0200000000000780ULL, 0x0000000000000780ULL },
	{ 0x0300000000000780ULL, 0x0000000000000780ULL },
	{ 0x0700000000000780ULL, 0x0000000000000780ULL },
	/* clang-format on */
};

static void put64(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		  u32 offset, u64 val, bool guest)
{
	struct vgic_reg low = { "the low word", REDIST, offset };
	struct vgic_reg high = { "the high word", REDIST, offset + 4 };

	if (guest) {
		guest_writes(_metadata, vm, 0, cpu, &low, val);
		guest_writes(_metadata, vm, 0, cpu, &high, val >> 32);
	} else {
		vgic_set(vm, cpu, &low, val);
		vgic_set(vm, cpu, &high, val >> 32);
	}
}

static void expect64(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		     const char *name, u32 offset, u64 wrote, u64 want)
{
	struct vgic_reg low = { name, REDIST, offset }, high = { name, REDIST, offset + 4 };
	u64 got = vgic_get(vm, cpu, &low) | (u64)vgic_get(vm, cpu, &high) << 32;
	struct guest_result res;

	EXPECT_EQ(want, got)
	{
		TH_LOG("%s of vCPU %u is %#lx after %#lx was written; expected %#lx", name, cpu,
		       got, wrote, want);
		count_failure(_metadata);
	}
	guest_load(vm->vcpu[0], VM_GICR_BASE + cpu * (u64)ABI_GICR_FRAMES + offset, 8, &res);
	expect_end(_metadata, name, &res);
	EXPECT_EQ(want, res.x[0])
	{
		TH_LOG("the guest reads %s of vCPU %u as %#lx after %#lx was written; expected %#lx",
		       name, cpu, res.x[0], wrote, want);
		count_failure(_metadata);
	}
}

/* One register for all redistributors, as GICR_TYPER.CommonLPIAff 0 has it [GIC 12.11] */
TEST_F(tables, propbaser_is_what_kvm_makes_of_it)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(prop_rows); i++) {
		unsigned int by = i % NR_VCPUS, at = (i + 1) % NR_VCPUS;

		put64(_metadata, self->vm, by, ABI_GICR_PROPBASER, prop_rows[i].val, i % 2);
		expect64(_metadata, self->vm, at, "GICR_PROPBASER", ABI_GICR_PROPBASER,
			 prop_rows[i].val, prop_rows[i].want);
		/* what was read can be restored */
		put64(_metadata, self->vm, by, ABI_GICR_PROPBASER, prop_rows[i].want, false);
		expect64(_metadata, self->vm, at, "GICR_PROPBASER", ABI_GICR_PROPBASER,
			 prop_rows[i].want, prop_rows[i].want);
	}
}

/* The same, with the address in 51:16; 63, 61:59, 55:52, 15:12 and 6:0 are reserved, PTZ is 62 */
TEST_F(tables, pendbaser_is_that_of_its_vcpu)
{
	static const struct {
		u64 val, want;
	} rows[] = {
		{ 0x000fffffffff0780ULL, 0x000fffffffff0780ULL },
		{ 0xb8f000000000f7ffULL, 0x0000000000000780ULL },
		{ 0x4005555555550780ULL, 0x0005555555550780ULL },
		{ 0x000aaaaaaaaa0b80ULL, 0x000aaaaaaaaa0780ULL },
		{ 0x0000000000000400ULL, 0x0000000000000580ULL },
		{ 0x0000000000000480ULL, 0x0000000000000580ULL },
		{ 0x0000000000000500ULL, 0x0000000000000500ULL },
		{ 0x0100000000000780ULL, 0x0100000000000780ULL },
		{ 0x0200000000000780ULL, 0x0000000000000780ULL },
		{ 0x0000000000000380ULL, 0x0000000000000380ULL },
	};
	unsigned int i, cpu;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (cpu = 0; cpu < NR_VCPUS; cpu++)
			put64(_metadata, self->vm, cpu, ABI_GICR_PENDBASER,
			      rows[(i + cpu) % ARRAY_SIZE(rows)].val, cpu == 1);
		for (cpu = 0; cpu < NR_VCPUS; cpu++)
			expect64(_metadata, self->vm, cpu, "GICR_PENDBASER", ABI_GICR_PENDBASER,
				 rows[(i + cpu) % ARRAY_SIZE(rows)].val,
				 rows[(i + cpu) % ARRAY_SIZE(rows)].want);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
