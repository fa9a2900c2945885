// SPDX-License-Identifier: GPL-2.0
/*
 * its_collections_test: large collection tables, and tables that are not in memory.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  SAVE_TABLES, RESTORE_TABLES, table ABI
 *   Arm IHI0069 (GIC) 5.2, 12.13                     collections, GITS_TYPER.CIL
 */
#include <string.h>

#include "harness.h"

#include "its_mapping_expect.h"

/* The memory of the second ITS, which the VM has not */
#define LARGE ITS_OWN(1)

FIXTURE(collections)
{
	struct its_vm *on, *to;
	struct its *its;
};

FIXTURE_SETUP(collections)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	self->its = &self->on->its[0];
	self->its->queue_bytes = 0x10000;
}

FIXTURE_TEARDOWN(collections)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

static void place_table(struct its *its, unsigned int pages)
{
	its_setup(its, false);
	its_set(its, ABI_GITS_CTLR, 0);
	its_set(its, ABI_GITS_BASER(1), ABI_GITS_VALID | LARGE | (pages - 1));
	its_set(its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
}

static void map_event(struct its *its, u32 icid)
{
	its_command(its, (struct its_cmd){ ITS_MAPD, .dev = 5, .itt = ITS_ITTS(0), .bits = 1,
					   .valid = true });
	its_command(its, (struct its_cmd){ ITS_MAPTI, .dev = 5, .event = 1, .lpi = LPI(0),
					   .icid = icid });
}

/* "in no particular order": each of those collections is there once */
static void expect_ctes(struct __test_metadata *_metadata, struct its_vm *on, const u64 *want,
			unsigned int nr)
{
	static bool seen[ITS_ENTRIES];
	unsigned int i, j;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < nr; i++) {
		u64 val = *its_entry(on, LARGE, i);

		/* Most likely it is where it was mapped */
		for (j = i; j < i + nr && want[j % nr] != val; j++)
			;
		EXPECT_TRUE(j < i + nr && !seen[j % nr])
		{
			TH_LOG("entry %u of the collection table is %#lx; expected a mapped collection, such as %#lx, once",
			       i, val, want[i]);
			count_failure(_metadata);
			continue;
		}
		seen[j % nr] = true;
	}
}

/* GITS_TYPER.CIL is 0: the ids of collections have 16 bits */
TEST_F(collections, collections_have_ids_of_16_bits)
{
	static const u32 icids[] = { 0x7fff, 0x8000, 0xffff };
	u64 want[ARRAY_SIZE(icids)];
	unsigned int i;

	place_table(self->its, 8);
	for (i = 0; i < ARRAY_SIZE(icids); i++) {
		its_command(self->its,
			    (struct its_cmd){ ITS_MAPC, .icid = icids[i], .rd = i, .valid = true });
		want[i] = cte(i, icids[i]);
	}
	map_event(self->its, icids[2]);
	expect_msi(_metadata, "of the last collection", self->its, 5, 1, MSI_DELIVERED);
	expect_taken(_metadata, "of the last collection", self->on, 2, LPI(0), 0xa0);
	self->to = move(_metadata, self->on);
	expect_ctes(_metadata, self->to, want, ARRAY_SIZE(icids));
	expect_msi(_metadata, "after a move", &self->to->its[0], 5, 1, MSI_DELIVERED);
	expect_taken(_metadata, "after a move", self->to, 2, LPI(0), 0xa0);
}

/* It has no entry that ends it, and what follows is none of its own */
TEST_F(collections, full_collection_table_ends_with_its_last_entry)
{
	struct its_cmd mapc = { ITS_MAPC, .valid = true };
	static u64 want[ITS_ENTRIES];
	unsigned int i;

	place_table(self->its, 1);
	for (i = 0; i < ITS_ENTRIES; i++) {
		mapc.icid = i;
		mapc.rd = i % NR_VCPUS;
		want[i] = cte(mapc.rd, i);
		its_queue(self->its, &mapc);
		if (i % 1024 == 1023)
			its_set(self->its, ABI_GITS_CWRITER, self->its->tail);
	}
	map_event(self->its, ITS_ENTRIES - 1);
	*its_entry(self->on, LARGE, ITS_ENTRIES) = cte(0, 0);
	self->to = move(_metadata, self->on);
	expect_ctes(_metadata, self->to, want, ITS_ENTRIES);
	expect_entry(_metadata, self->to, "what follows the collection table", LARGE, ITS_ENTRIES,
		     cte(0, 0));
	expect_msi(_metadata, "of the last collection", &self->to->its[0], 5, 1, MSI_DELIVERED);
	expect_taken(_metadata, "of the last collection", self->to, (ITS_ENTRIES - 1) % NR_VCPUS,
		     LPI(0), 0xa0);
}

/* UNPREDICTABLE [GIC 5.2]; KVM maps nothing that it could not save */
TEST_F(collections, tables_outside_memory_map_nothing)
{
	const struct {
		const char *what;
		unsigned int baser;
		u64 val;
	} tables[] = {
		{ "devices in one level", 0, ABI_GITS_VALID | VM_NO_MEMORY },
		{ "devices in two levels", 0,
		  ABI_GITS_VALID | ABI_GITS_BASER_INDIRECT | VM_NO_MEMORY },
		{ "collections", 1, ABI_GITS_VALID | VM_NO_MEMORY },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		its_set(self->its, ABI_GITS_CTLR, 0);
		its_setup(self->its, false);
		its_set(self->its, ABI_GITS_CTLR, 0);
		its_set(self->its, ABI_GITS_BASER(tables[i].baser), 0);
		its_set(self->its, ABI_GITS_BASER(tables[i].baser), tables[i].val);
		its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
		map_collections(self->its);
		map_event(self->its, ICID(0));
		expect_msi(_metadata, tables[i].what, self->its, 5, 1, MSI_BLOCKED);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
