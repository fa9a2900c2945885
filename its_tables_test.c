// SPDX-License-Identifier: GPL-2.0
/*
 * its_tables_test: an ITS is saved into guest memory, in the layout that the document has, and
 * restored from it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  SAVE_TABLES, RESTORE_TABLES, table ABI
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "its_mapping_expect.h"

#define MAX_NEXT 0x3fff /* of a DTE: 14 bits */

/* Entries [arm-vgic-its.rst, ITS Table ABI REV0]; cte() is another one */

static u64 dte(u32 next, u64 itt, unsigned int bits)
{
	return BIT_ULL(63) | (u64)next << 49 | itt >> 8 << 5 | (bits - 1);
}

static u64 ite(u32 next, u32 lpi, u32 icid)
{
	return (u64)next << 48 | (u64)lpi << 16 | icid;
}

static void expect_devices(struct __test_metadata *_metadata, struct its_vm *on,
			   const struct mapping *mapping)
{
	unsigned int nr = (mapping->two_levels ? ITS_NR_LEVEL2 : 2) * ITS_ENTRIES, d = 0, id, i;
	u64 table = mapping->two_levels ? ITS_LEVEL2(0, 0) : ITS_DEVICES(0);

	/* The second levels are one behind the other */
	for (id = 0; id < nr; id++) {
		const struct device *dev = &mapping->dev[d];
		u64 want = 0;

		if (d < mapping->nr && id == dev->id) {
			u32 next = d + 1 < mapping->nr ? dev[1].id - id : 0;

			want = dte(next < MAX_NEXT ? next : MAX_NEXT, dev->itt, dev->bits);
			d++;
		}
		expect_entry(_metadata, on, "device table", table, id, want);
	}
	for (i = 0; mapping->two_levels && i < ITS_ENTRIES; i++)
		expect_entry(_metadata, on, "first level of the device table", ITS_DEVICES(0), i,
			     i < ITS_NR_LEVEL2 && i != ITS_NO_LEVEL2
				     ? ABI_GITS_VALID | ITS_LEVEL2(0, i)
				     : 0);
}

static void expect_events(struct __test_metadata *_metadata, struct its_vm *on,
			  const struct device *dev)
{
	const struct event *event = dev->event;
	unsigned int e = 0, id;

	for (id = 0; id < 1U << dev->bits; id++) {
		u64 want = 0;

		if (e < dev->nr && id == event[e].id) {
			u32 next = e + 1 < dev->nr ? event[e + 1].id - id : 0;

			want = ite(next, LPI(event[e].n), ICID(event[e].n % NR_VCPUS));
			e++;
		}
		expect_entry(_metadata, on, "interrupt translation table", dev->itt, id, want);
	}
}

/* "in no particular order": those of the vCPUs of @cpus, then none */
static void expect_collections(struct __test_metadata *_metadata, struct its_vm *on, u32 cpus)
{
	unsigned int i, cpu, nr = __builtin_popcount(cpus);

	for (i = 0; i < nr; i++) {
		u64 val = *its_entry(on, ITS_COLLECTIONS(0), i);

		for (cpu = 0; cpu < NR_VCPUS; cpu++)
			if (cpus & BIT(cpu) && val == cte(cpu, ICID(cpu)))
				break;
		EXPECT_GT(NR_VCPUS, cpu)
		{
			TH_LOG("entry %u of the collection table is %#lx; expected a mapped collection, such as %#lx, once",
			       i, val, cte(0, ICID(0)));
			count_failure(_metadata);
			continue;
		}
		cpus &= ~BIT(cpu);
	}
	expect_entry(_metadata, on, "the end of the collection table", ITS_COLLECTIONS(0), nr, 0);
}

#define ALL_VCPUS (BIT(NR_VCPUS) - 1)

static void expect_tables(struct __test_metadata *_metadata, struct its_vm *on,
			  const struct mapping *mapping, u32 cpus)
{
	unsigned int d;

	expect_collections(_metadata, on, cpus);
	expect_devices(_metadata, on, mapping);
	for (d = 0; d < mapping->nr; d++)
		expect_events(_metadata, on, &mapping->dev[d]);
}

FIXTURE(tables)
{
	struct its_vm *on, *to;
};

FIXTURE_VARIANT(tables)
{
	const struct mapping *mapping;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(tables, flat) { &flat };
FIXTURE_VARIANT_ADD(tables, sparse_of_two_levels) { &sparse };
/* clang-format on */

FIXTURE_SETUP(tables)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = vm_mapped(variant->mapping);
}

FIXTURE_TEARDOWN(tables)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

TEST_F(tables, are_saved_in_the_documented_layout)
{
	save(_metadata, &self->on->its[0]);
	expect_tables(_metadata, self->on, variant->mapping, ALL_VCPUS);
	/* It takes no mapping away, and does the same once more */
	expect_mapping(_metadata, "after a save", &self->on->its[0], variant->mapping);
	save(_metadata, &self->on->its[0]);
	expect_tables(_metadata, self->on, variant->mapping, ALL_VCPUS);
}

TEST_F(tables, restored_on_a_fresh_vm_map_what_they_did)
{
	const struct device *dev = &variant->mapping->dev[variant->mapping->nr - 1];
	const struct event *event = &dev->event[dev->nr - 1];
	struct its_regs before, after;
	unsigned int cpu = event->n % NR_VCPUS;
	struct its *its;

	its_regs_save(&self->on->its[0], &before);
	self->to = move(_metadata, self->on);
	its = &self->to->its[0];
	its_regs_save(its, &after);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)))
	{
		TH_LOG("GITS registers differ after the restore");
	}
	expect_mapping(_metadata, "after the restore", its, variant->mapping);

	expect_msi(_metadata, "after the restore", its, dev->id, event->id, MSI_DELIVERED);
	expect_taken(_metadata, "after the restore", self->to, cpu, LPI(event->n), 0xa0);
	its_command(its, (struct its_cmd){ ITS_INT, .dev = dev->id, .event = event->id });
	expect_taken(_metadata, "INT after the restore", self->to, cpu, LPI(event->n), 0xa0);
	its_command(its, (struct its_cmd){ ITS_MOVI, .dev = dev->id, .event = event->id,
					   .icid = ICID((cpu + 1) % NR_VCPUS) });
	expect_msi(_metadata, "after the restore and MOVI", its, dev->id, event->id, MSI_DELIVERED);
	expect_taken(_metadata, "after the restore and MOVI", self->to, (cpu + 1) % NR_VCPUS,
		     LPI(event->n), 0xa0);
	its_command(its, (struct its_cmd){ ITS_MOVI, .dev = dev->id, .event = event->id,
					   .icid = ICID(cpu) });

	/* Another save has the same entries */
	memset(its_ram(self->to, ITS_LEVEL2(0, 0)), 0, ITS_OWN(1) - ITS_LEVEL2(0, 0));
	memset(its_ram(self->to, ITS_COLLECTIONS(0)), 0, ABI_GITS_PAGE);
	if (!variant->mapping->two_levels)
		memset(its_ram(self->to, ITS_DEVICES(0)), 0, 2 * ABI_GITS_PAGE);
	save(_metadata, its);
	expect_tables(_metadata, self->to, variant->mapping, ALL_VCPUS);
}

/* What was unmapped after a save, which left it in memory */

FIXTURE(gone)
{
	struct its_vm *on, *to;
};

FIXTURE_VARIANT(gone)
{
	const struct mapping *mapping;
	struct its_cmd cmd;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(gone, first_device) { &sparse, { ITS_MAPD, .dev = 2075 } };
FIXTURE_VARIANT_ADD(gone, device_between) { &sparse, { ITS_MAPD, .dev = 9472 } };
FIXTURE_VARIANT_ADD(gone, last_device) { &sparse, { ITS_MAPD, .dev = 39999 } };
FIXTURE_VARIANT_ADD(gone, device_of_a_flat_table) { &flat, { ITS_MAPD, .dev = 9472 } };
FIXTURE_VARIANT_ADD(gone, first_event) { &flat, { ITS_DISCARD, .dev = 5, .event = 3 } };
FIXTURE_VARIANT_ADD(gone, event_between) { &flat, { ITS_DISCARD, .dev = 5, .event = 4 } };
FIXTURE_VARIANT_ADD(gone, last_event) { &flat, { ITS_DISCARD, .dev = 5, .event = 31 } };
FIXTURE_VARIANT_ADD(gone, collection) { &flat, { ITS_MAPC, .icid = ICID(0) } };
/* clang-format on */

FIXTURE_SETUP(gone)
{
	const char *missing = its_missing();

	if (!missing && variant->cmd.op == ITS_MAPC)
		missing = lost_collections_missing();
	if (missing)
		SKIP(return, "%s", missing);
	self->on = vm_mapped(variant->mapping);
}

FIXTURE_TEARDOWN(gone)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

static bool event_goes(const struct its_cmd *cmd, u32 dev, const struct event *event)
{
	if (cmd->op == ITS_MAPC)
		return ICID(event->n % NR_VCPUS) == cmd->icid;
	return dev == cmd->dev && (cmd->op == ITS_MAPD || event->id == cmd->event);
}

/* What a command leaves of a mapping */
static void without(const struct mapping *mapping, const struct its_cmd *cmd, struct mapping *left)
{
	unsigned int d, e;

	memset(left, 0, sizeof(*left));
	left->two_levels = mapping->two_levels;
	for (d = 0; d < mapping->nr; d++) {
		const struct device *dev = &mapping->dev[d];
		struct device *to = &left->dev[left->nr];

		if (cmd->op == ITS_MAPD && dev->id == cmd->dev)
			continue;
		*to = *dev;
		to->nr = 0;
		for (e = 0; e < dev->nr; e++)
			if (!event_goes(cmd, dev->id, &dev->event[e]))
				to->event[to->nr++] = dev->event[e];
		left->nr++;
	}
}

TEST_F(gone, what_was_unmapped_is_not_restored)
{
	u32 cpus = variant->cmd.op == ITS_MAPC ? ALL_VCPUS & ~BIT(0) : ALL_VCPUS;
	struct mapping left;
	unsigned int d, e;

	without(variant->mapping, &variant->cmd, &left);
	save(_metadata, &self->on->its[0]);
	its_command(&self->on->its[0], variant->cmd);
	self->to = move(_metadata, self->on);
	expect_tables(_metadata, self->to, &left, cpus);
	for (d = 0; d < variant->mapping->nr; d++) {
		const struct device *dev = &variant->mapping->dev[d];

		for (e = 0; e < dev->nr; e++)
			if (event_goes(&variant->cmd, dev->id, &dev->event[e]))
				expect_msi(_metadata, "unmapped before the save", &self->to->its[0],
					   dev->id, dev->event[e].id, MSI_BLOCKED);
	}
	expect_mapping(_metadata, "not unmapped", &self->to->its[0], &left);
}

/* Inconsistent tables */

#define DEV0 (sparse.dev[0])

enum table {
	NO_TABLE,
	DTE,
	ITE,
	CTE,
	LEVEL1,
	BASER0,
	BASER1,
	CONFIG,
	PENDING,
};

FIXTURE(bad)
{
	struct its_vm *on, *to;
};

FIXTURE_VARIANT(bad)
{
	enum table table;
	u32 next, id; /* of an entry */
	u64 addr;
	unsigned int bits;
	int err;
};

/* clang-format off */
/* -EINVAL is "Inconsistent restored data", -EFAULT "Invalid guest ram access" */
FIXTURE_VARIANT_ADD(bad, event_ids_of_17_bits) {
	DTE, .next = 7397, .addr = ITS_ITTS(0) + 0x100, .bits = 17, .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, itt_outside_memory) {
	DTE, .next = 7397, .addr = VM_NO_MEMORY, .bits = 5, .err = -EFAULT };
FIXTURE_VARIANT_ADD(bad, no_lpi) {
	ITE, .next = 4, .addr = ABI_LPI_FIRST - 1, .id = ICID(2), .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, event_of_no_collection) {
	ITE, .next = 4, .addr = LPI(2), .id = 99, .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, next_event_beyond_the_device) {
	ITE, .next = 29, .addr = LPI(2), .id = ICID(2), .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, collection_of_no_vcpu) {
	CTE, .addr = NR_VCPUS, .id = 99, .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, collection_beyond_the_table) {
	CTE, .id = ITS_ENTRIES, .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, collection_twice) { CTE, .addr = 1, .id = ICID(1), .err = -EINVAL };
FIXTURE_VARIANT_ADD(bad, second_level_outside_memory) {
	LEVEL1, .addr = VM_NO_MEMORY, .err = -EFAULT };
FIXTURE_VARIANT_ADD(bad, devices_outside_memory) { BASER0, .addr = VM_NO_MEMORY, .err = -EFAULT };
FIXTURE_VARIANT_ADD(bad, collections_outside_memory) {
	BASER1, .addr = VM_NO_MEMORY, .err = -EFAULT };
FIXTURE_VARIANT_ADD(bad, configuration_of_lpis_outside_memory) {
	CONFIG, .addr = VM_NO_MEMORY, .err = -EFAULT };
FIXTURE_VARIANT_ADD(bad, pending_lpis_outside_memory) {
	PENDING, .addr = VM_NO_MEMORY, .err = -EFAULT };
/* clang-format on */

/* GICR_PROPBASER, which all share, and GICR_PENDBASER are written while LPIs are disabled */
static void lpi_tables(struct its_vm *on, u64 config, u64 pending)
{
	unsigned int cpu;

	for (cpu = 0; cpu < on->vm->nr_vcpus; cpu++)
		vgic_set(on->vm, cpu, &vgic_gicr_ctlr, 0);
	for (cpu = 0; cpu < on->vm->nr_vcpus; cpu++) {
		redist_set64(on, cpu, ABI_GICR_PROPBASER, config | (ABI_LPI_ID_BITS - 1));
		redist_set64(on, cpu, ABI_GICR_PENDBASER,
			     pending + (LPI_PENDING(1) - LPI_PENDING(0)) * cpu);
		vgic_set(on->vm, cpu, &vgic_gicr_ctlr, ABI_GICR_CTLR_ENABLE_LPIS);
	}
}

FIXTURE_SETUP(bad)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = vm_mapped(&sparse);
	save(_metadata, &self->on->its[0]);
}

FIXTURE_TEARDOWN(bad)
{
	its_vm_free(self->on);
	its_vm_free(self->to);
}

TEST_F(bad, tables_are_refused_and_leave_nothing_behind)
{
	struct its_regs good, regs;
	u64 *entry = NULL, val = 0, saved = 0;
	struct its *its;
	int err;

	its_regs_save(&self->on->its[0], &good);
	regs = good;
	self->to = fresh_vm(self->on);
	its = &self->to->its[0];
	switch (variant->table) {
	case NO_TABLE:
		break;
	case DTE:
		entry = its_entry(self->to, ITS_LEVEL2(0, 0), DEV0.id);
		val = dte(variant->next, variant->addr, variant->bits);
		break;
	case ITE:
		entry = its_entry(self->to, DEV0.itt, DEV0.event[0].id);
		val = ite(variant->next, variant->addr, variant->id);
		break;
	case CTE:
		/* Behind those that are there */
		entry = its_entry(self->to, ITS_COLLECTIONS(0), NR_VCPUS);
		val = cte(variant->addr, variant->id);
		break;
	case LEVEL1:
		entry = its_entry(self->to, ITS_DEVICES(0), 1);
		val = ABI_GITS_VALID | variant->addr;
		break;
	case BASER0:
		regs.baser[0] ^= ITS_DEVICES(0) ^ variant->addr;
		break;
	case BASER1:
		regs.baser[1] ^= ITS_COLLECTIONS(0) ^ variant->addr;
		break;
	case CONFIG:
		lpi_tables(self->to, variant->addr, LPI_PENDING(0));
		break;
	case PENDING:
		lpi_tables(self->to, LPI_CONFIG, variant->addr);
		break;
	}
	if (entry) {
		saved = *entry;
		*entry = val;
	}
	err = its_restore(its, &regs);
	EXPECT_EQ(variant->err, err)
	{
		TH_LOG("KVM_DEV_ARM_ITS_RESTORE_TABLES: %s; expected %s", err_str(err),
		       err_str(variant->err));
	}

	/* Nothing of it is mapped, and the right tables can be restored */
	its_set(its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
	expect_msi(_metadata, "after a restore that failed", its, DEV0.id, DEV0.event[1].id,
		   MSI_BLOCKED);
	its_set(its, ABI_GITS_CTLR, 0);
	if (entry)
		*entry = saved;
	lpi_tables(self->to, LPI_CONFIG, LPI_PENDING(0));
	err = its_restore(its, &good);
	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_DEV_ARM_ITS_RESTORE_TABLES after one that failed: %s; expected 0",
		       err_str(err));
	}
	expect_mapping(_metadata, "after a second restore", its, &sparse);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
