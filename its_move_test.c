// SPDX-License-Identifier: GPL-2.0
/*
 * its_move_test: a VM with ITSes moves: pending LPIs, commands in the queue, and what a guest did
 * to its tables before.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  the restore sequence
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst   SAVE_PENDING_TABLES
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "its_mapping_expect.h"

FIXTURE(moved)
{
	struct its_vm *on, *to;
};

FIXTURE_SETUP(moved)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = vm_mapped(&flat);
}

FIXTURE_TEARDOWN(moved)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

/* "The first kB of the pending table is not altered by this operation" */
TEST_F(moved, pending_lpis_are_taken_after_it)
{
	static const struct event *const pending[] = { &flat.dev[0].event[0], &flat.dev[1].event[1],
						       &flat.dev[2].event[1] };
	struct its *its = &self->on->its[0];
	unsigned int i, cpu, byte;
	char *table;

	for (cpu = 0; cpu < NR_VCPUS; cpu++)
		memset(its_ram(self->on, LPI_PENDING(cpu)), 0x5a, 1024);
	/* Disabled: it stays pending */
	lpi_config(self->on, LPI(2), 0x50);
	its_command(its, (struct its_cmd){ ITS_INV, .dev = 5, .event = 3 });
	for (i = 0; i < ARRAY_SIZE(pending); i++)
		expect_msi(_metadata, "before the move", its, flat.dev[i].id, pending[i]->id,
			   MSI_DELIVERED);
	expect_msi(_metadata, "a disabled one", its, 5, 3, MSI_DELIVERED);
	expect_msi(_metadata, "taken before the move", its, 0, 1, MSI_DELIVERED);
	expect_pending_on(_metadata, "before it is taken", self->on, LPI(1), BIT(1));
	expect_taken(_metadata, "before the move", self->on, 1, LPI(1), 0xa0);

	self->to = move(_metadata, self->on);
	its = &self->to->its[0];
	for (cpu = 0; cpu < NR_VCPUS; cpu++) {
		table = its_ram(self->on, LPI_PENDING(cpu));
		for (byte = 0; byte < 1024 && table[byte] == 0x5a; byte++)
			;
		EXPECT_EQ(1024, byte)
		{
			TH_LOG("vCPU %u: byte %u of the pending table is %#x; expected the first kB unaltered, 0x5a",
			       cpu, byte, table[byte]);
		}
	}
	expect_pending_on(_metadata, "after the move", self->to, LPI(0), BIT(0));
	expect_pending_on(_metadata, "after the move", self->to, LPI(3), BIT(0));
	expect_pending_on(_metadata, "after the move", self->to, LPI(6), BIT(0));
	expect_pending_on(_metadata, "disabled, after the move", self->to, LPI(2), BIT(2));
	expect_pending_on(_metadata, "taken before the move", self->to, LPI(1), 0);
	expect_not_taken(_metadata, "after the move", self->to, 1);
	expect_not_taken(_metadata, "disabled, after the move", self->to, 2);
	lpi_config(self->to, LPI(2), 0x50 | ABI_LPI_ENABLED);
	its_command(its, (struct its_cmd){ ITS_INV, .dev = 5, .event = 3 });
	expect_taken(_metadata, "enabled after the move", self->to, 2, LPI(2), 0x50);
	/* All of vCPU 0 but one are moved away, so that it takes that one alone */
	its_command(its, (struct its_cmd){ ITS_MOVI, .dev = 0, .event = 0, .icid = ICID(1) });
	its_command(its, (struct its_cmd){ ITS_CLEAR, .dev = 5, .event = 4 });
	expect_taken(_metadata, "after the move", self->to, 0, LPI(6), 0xa0);
	expect_taken(_metadata, "after the move and MOVI", self->to, 1, LPI(0), 0xa0);
}

/* "otherwise commands in the queue will be re-executed after restoring CWRITER" */
TEST_F(moved, queue_goes_on_where_it_was)
{
	struct its_cmd cmd = { ITS_INT, .dev = 5, .event = 4 };
	struct its *its = &self->on->its[0];
	u32 head;

	its_command(its, cmd);
	expect_taken(_metadata, "before the move", self->on, 0, LPI(3), 0xa0);
	its_set(its, ABI_GITS_CTLR, 0);
	head = its->tail;
	its_command(its, (struct its_cmd){ ITS_INT, .dev = 5, .event = 3 });

	self->to = move(_metadata, self->on);
	its = &self->to->its[0];
	expect_its_reg(_metadata, its, "GITS_CREADR of a disabled ITS", ABI_GITS_CREADR, head);
	expect_its_reg(_metadata, its, "GITS_CWRITER", ABI_GITS_CWRITER, its->tail);
	its_set(its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
	expect_its_reg(_metadata, its, "GITS_CREADR of an enabled ITS", ABI_GITS_CREADR, its->tail);
	expect_not_taken(_metadata, "done before the move", self->to, 0);
	expect_taken(_metadata, "queued before the move", self->to, 2, LPI(2), 0xa0);
}

TEST_F(moved, event_of_a_collection_without_vcpu_still_waits_for_mapc)
{
	struct its_cmd map = { ITS_MAPTI, .dev = 5, .event = 20, .lpi = LPI(9), .icid = 99 };

	its_command(&self->on->its[0], map);
	self->to = move(_metadata, self->on);
	expect_msi(_metadata, "before MAPC", &self->to->its[0], 5, 20, MSI_BLOCKED);
	its_command(&self->to->its[0],
		    (struct its_cmd){ ITS_MAPC, .icid = 99, .rd = 2, .valid = true });
	expect_msi(_metadata, "after MAPC", &self->to->its[0], 5, 20, MSI_DELIVERED);
	expect_taken(_metadata, "after MAPC", self->to, 2, LPI(9), 0xa0);
}

/*
 * Where GICR_CTLR.EnableLPIs is 0 no LPI is delivered to the vCPU; when it becomes 1 the pending
 * table counts [GIC 5.1.2]
 */
TEST_F(moved, pending_table_counts_when_lpis_are_enabled)
{
	u8 *pending = its_ram(self->on, LPI_PENDING(0) + LPI(6) / 8);
	struct its *its = &self->on->its[0];

	expect_msi(_metadata, "of another vCPU", its, 5, 31, MSI_DELIVERED);
	expect_msi(_metadata, "LPIs enabled", its, 9472, 65535, MSI_DELIVERED);
	expect_taken(_metadata, "LPIs enabled", self->on, 0, LPI(6), 0xa0);
	vgic_set(self->on->vm, 0, &vgic_gicr_ctlr, 0);
	expect_no_msi(_metadata, "LPIs disabled", its, 9472, 65535);
	*pending |= BIT(LPI(6) % 8);
	vgic_set(self->on->vm, 0, &vgic_gicr_ctlr, ABI_GICR_CTLR_ENABLE_LPIS);
	expect_taken(_metadata, "the pending table has it", self->on, 0, LPI(6), 0xa0);
	expect_taken(_metadata, "of another vCPU", self->on, 1, LPI(4), 0xa0);
}

TEST_F(moved, saved_pending_tables_have_to_be_in_memory)
{
	expect_msi(_metadata, "a pending one", &self->on->its[0], 5, 4, MSI_DELIVERED);
	vgic_set(self->on->vm, 0, &vgic_gicr_ctlr, 0);
	redist_set64(self->on, 0, ABI_GICR_PENDBASER, VM_NO_MEMORY);
	expect_err(_metadata, "KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES outside memory", VM_NO_MEMORY,
		   -EFAULT, lpis_save_pending(self->on));
}

/* "VGIC not properly configured as required prior to calling this attribute" */
TEST_F(moved, pending_tables_are_saved_by_an_initialised_vgic)
{
	struct test_vm *vm = vm_at(_metadata, V3, 1, VM_AT_EL1, BEFORE_INIT);

	expect_err(_metadata,
		   "KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES before KVM_DEV_ARM_VGIC_CTRL_INIT", 0,
		   -ENXIO,
		   __vgic_attr(vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			       KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL));
	test_vm_free(vm);
}

/* What a guest did to its tables before it is saved */

FIXTURE(changed)
{
	struct its_vm *on, *to;
};

FIXTURE_VARIANT(changed)
{
	unsigned int baser;
	u64 clear; /* bits of it */
	bool level1; /* invalid entries, instead */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(changed, fewer_pages) { 0, .clear = 1 };
FIXTURE_VARIANT_ADD(changed, no_valid_devices) { 0, .clear = ABI_GITS_VALID };
FIXTURE_VARIANT_ADD(changed, no_valid_collections) { 1, .clear = ABI_GITS_VALID };
FIXTURE_VARIANT_ADD(changed, no_second_levels) { .level1 = true };
/* clang-format on */

FIXTURE_SETUP(changed)
{
	const char *missing = its_missing();

	if (!missing && variant->baser == 1)
		missing = lost_collections_missing();
	if (missing)
		SKIP(return, "%s", missing);
	self->on = vm_mapped(variant->level1 ? &sparse : &flat);
}

FIXTURE_TEARDOWN(changed)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

/*
 * None of it is among the errors of SAVE_TABLES: -EINVAL is for restored data. A guest must not
 * be able to keep its VMM from moving it.
 */
TEST_F(changed, tables_do_not_keep_a_vm_from_being_saved)
{
	struct its *its = &self->on->its[0];
	u64 baser = its_get(its, ABI_GITS_BASER(variant->baser));

	its_set(its, ABI_GITS_CTLR, 0);
	if (variant->level1)
		memset(its_ram(self->on, ITS_DEVICES(0)), 0, ABI_GITS_PAGE);
	else
		its_set(its, ABI_GITS_BASER(variant->baser), baser & ~variant->clear);
	self->to = move(_metadata, self->on);
}

/* Two ITSes have tables of their own */

FIXTURE(two)
{
	struct its_vm *on, *to;
};

FIXTURE_SETUP(two)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 2);
}

FIXTURE_TEARDOWN(two)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

static void expect_own_lpis(struct __test_metadata *_metadata, const char *when, struct its_vm *on)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		expect_msi(_metadata, when, &on->its[i], 5, 3, MSI_DELIVERED);
		expect_taken(_metadata, when, on, 1 + i, LPI(i), 0xa0);
		expect_msi(_metadata, when, &on->its[i], 5, 4 + (1 - i), MSI_BLOCKED);
	}
}

TEST_F(two, itses_have_their_own_devices_before_and_after_a_move)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct its_cmd cmd[] = {
			{ ITS_MAPC, .icid = ICID(0), .rd = 1 + i, .valid = true },
			{ ITS_MAPD, .dev = 5, .itt = ITS_ITTS(i), .bits = 4, .valid = true },
			{ ITS_MAPTI, .dev = 5, .event = 3, .lpi = LPI(i), .icid = ICID(0) },
			{ ITS_MAPTI, .dev = 5, .event = 4 + i, .lpi = LPI(9 + i), .icid = ICID(0) },
		};

		its_setup(&self->on->its[i], i);
		its_commands(&self->on->its[i], cmd, ARRAY_SIZE(cmd));
	}
	expect_own_lpis(_metadata, "before the move", self->on);
	self->to = move(_metadata, self->on);
	expect_own_lpis(_metadata, "after the move", self->to);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
