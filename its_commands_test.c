// SPDX-License-Identifier: GPL-2.0
/*
 * its_commands_test: the commands of an ITS, and the LPIs that a guest takes for them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  the ITS
 *   Documentation/virt/kvm/api.rst 4.71              KVM_SIGNAL_MSI
 *   Arm IHI0069 5                                    LPIs and ITS commands
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "its_expect.h"

#define DEV 7
#define DEV_BITS 5
#define DEV_ITT (ITS_ITTS(0) + 0x100)
#define EVENT(n) (3 + 2 * (n)) /* mapped to LPI(n) */
#define NO_EVENT 4
#define NR_VCPUS 3

static struct its_cmd mapti(u32 dev, u32 event, u32 lpi, unsigned int cpu)
{
	return (struct its_cmd){ ITS_MAPTI, .dev = dev, .event = event, .lpi = lpi,
				 .icid = ICID(cpu) };
}

static struct its_cmd on_event(enum its_op op, unsigned int n)
{
	return (struct its_cmd){ op, .dev = DEV, .event = EVENT(n) };
}

static struct its_cmd mapd(u32 dev, u64 itt, unsigned int bits)
{
	return (struct its_cmd){ ITS_MAPD, .dev = dev, .itt = itt, .bits = bits, .valid = true };
}

/* EVENT(n) of DEV is LPI(n), on vCPU n modulo NR_VCPUS, for n up to 5 */
static void map_device(struct its *its)
{
	unsigned int n;

	map_collections(its);
	its_command(its, mapd(DEV, DEV_ITT, DEV_BITS));
	for (n = 0; n < 6; n++)
		its_command(its, mapti(DEV, EVENT(n), LPI(n), n % NR_VCPUS));
}

/* How an event comes about */

enum way {
	BY_MSI, /* KVM_SIGNAL_MSI */
	BY_USER, /* an INT command, and user space writes GITS_CWRITER */
	BY_GUEST, /* an INT command, and a guest writes GITS_CWRITER */
};

FIXTURE(event)
{
	struct its_vm *on;
};

FIXTURE_VARIANT(event)
{
	enum way way;
	bool two_levels;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(event, by_msi) { .way = BY_MSI };
FIXTURE_VARIANT_ADD(event, by_int_of_user_space) { .way = BY_USER };
FIXTURE_VARIANT_ADD(event, by_int_of_the_guest) { .way = BY_GUEST };
FIXTURE_VARIANT_ADD(event, by_msi_with_a_table_of_two_levels) { BY_MSI, .two_levels = true };
/* clang-format on */

FIXTURE_SETUP(event)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	its_setup(&self->on->its[0], variant->two_levels);
	map_device(&self->on->its[0]);
}

FIXTURE_TEARDOWN(event)
{
	its_vm_free(self->on);
}

static void send(struct __test_metadata *_metadata, enum way way, struct its *its, unsigned int n)
{
	struct its_cmd cmd = on_event(ITS_INT, n);
	struct guest_result res;

	if (way == BY_MSI) {
		expect_msi(_metadata, "a mapped event", its, DEV, EVENT(n), MSI_DELIVERED);
		return;
	}
	its_queue(its, &cmd);
	if (way == BY_USER) {
		its_set(its, ABI_GITS_CWRITER, its->tail);
		return;
	}
	guest_store(its->on->vm->vcpu[0], its->base + ABI_GITS_CWRITER, 8, its->tail, &res);
	expect_end(_metadata, "a write of GITS_CWRITER", &res);
}

/* [GIC 5.2]: the LPI of the event, on the vCPU of its collection, edge-triggered */
TEST_F(event, is_taken_once_by_the_vcpu_of_its_collection)
{
	struct its *its = &self->on->its[0];
	unsigned int n, cpu;

	for (n = 0; n < NR_VCPUS; n++) {
		send(_metadata, variant->way, its, n);
		expect_pending_on(_metadata, "before it is taken", self->on, LPI(n), BIT(n));
		for (cpu = 0; cpu < NR_VCPUS; cpu++)
			if (cpu != n)
				expect_not_taken(_metadata, "another vCPU's", self->on, cpu);
		expect_taken(_metadata, "the event", self->on, n, LPI(n), 0xa0);
		expect_pending_on(_metadata, "after it was taken", self->on, LPI(n), 0);
	}
	/* And a second time, when KVM may have cached where it goes */
	send(_metadata, variant->way, its, 1);
	send(_metadata, variant->way, its, 1);
	expect_taken(_metadata, "two events of one LPI before it is taken", self->on, 1, LPI(1),
		     0xa0);
	expect_its_reg(_metadata, its, "GITS_CREADR", ABI_GITS_CREADR, its->tail);
}

/* Commands */

FIXTURE(commands)
{
	struct its_vm *on;
	struct its *its;
};

FIXTURE_SETUP(commands)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	self->its = &self->on->its[0];
	its_setup(self->its, false);
	map_device(self->its);
}

FIXTURE_TEARDOWN(commands)
{
	its_vm_free(self->on);
}

/* The event id is the LPI's [GIC 5.3, MAPI] */
TEST_F(commands, mapi_maps_an_event_to_the_lpi_of_its_number)
{
	struct its_cmd cmd[] = {
		mapd(DEV + 1, ITS_ITTS(0) + 0x10000, 14),
		{ ITS_MAPI, .dev = DEV + 1, .event = LPI(9), .icid = ICID(2) },
		{ ITS_SYNC, .rd = 2 },
		{ ITS_INT, .dev = DEV + 1, .event = LPI(9) },
	};

	its_commands(self->its, cmd, ARRAY_SIZE(cmd));
	expect_taken(_metadata, "after MAPI and INT", self->on, 2, LPI(9), 0xa0);
}

/* Pending state moves along [GIC 5.3, MOVI] */
TEST_F(commands, movi_moves_an_event_and_its_pending_state)
{
	struct its_cmd movi = { ITS_MOVI, .dev = DEV, .event = EVENT(1), .icid = ICID(2) };
	u16 icid;

	expect_msi(_metadata, "before MOVI", self->its, DEV, EVENT(1), MSI_DELIVERED);
	its_commands(self->its, &movi, 1);
	expect_pending_on(_metadata, "after MOVI", self->on, LPI(1), BIT(2));
	expect_not_taken(_metadata, "after MOVI, the old vCPU", self->on, 1);
	expect_taken(_metadata, "after MOVI, the pending one", self->on, 2, LPI(1), 0xa0);
	expect_msi(_metadata, "after MOVI", self->its, DEV, EVENT(1), MSI_DELIVERED);
	expect_not_taken(_metadata, "after MOVI, the old vCPU", self->on, 1);
	expect_taken(_metadata, "after MOVI, a new one", self->on, 2, LPI(1), 0xa0);
	/* Of the other events of that vCPU none has moved */
	expect_msi(_metadata, "after MOVI of another event", self->its, DEV, EVENT(4),
		   MSI_DELIVERED);
	expect_taken(_metadata, "not moved", self->on, 1, LPI(4), 0xa0);
	/* As it is saved */
	expect_err(_metadata, "KVM_DEV_ARM_ITS_SAVE_TABLES", 0, 0,
		   __its_ctrl(self->its, KVM_DEV_ARM_ITS_SAVE_TABLES));
	icid = *its_entry(self->on, DEV_ITT, EVENT(1));
	EXPECT_EQ(ICID(2), icid)
	{
		TH_LOG("after MOVI to collection %#x the ITE has %#x", ICID(2), icid);
	}
}

/* The interrupts of one redistributor go to another one [GIC 5.3, MOVALL] */
TEST_F(commands, movall_moves_the_pending_state_of_a_vcpu)
{
	struct its_cmd movall = { ITS_MOVALL, .rd = 1, .rd2 = 2 };
	struct its_cmd same = { ITS_MOVALL, .rd = 2, .rd2 = 2 };
	unsigned int n;

	for (n = 0; n < 2; n++)
		expect_msi(_metadata, "before MOVALL", self->its, DEV, EVENT(n), MSI_DELIVERED);
	its_commands(self->its, &movall, 1);
	expect_pending_on(_metadata, "after MOVALL", self->on, LPI(1), BIT(2));
	expect_pending_on(_metadata, "after MOVALL of another vCPU", self->on, LPI(0), BIT(0));
	its_commands(self->its, &same, 1);
	expect_not_taken(_metadata, "after MOVALL, the old vCPU", self->on, 1);
	expect_taken(_metadata, "after MOVALL", self->on, 2, LPI(1), 0xa0);
	expect_taken(_metadata, "after MOVALL of another vCPU", self->on, 0, LPI(0), 0xa0);
}

TEST_F(commands, mapc_moves_a_collection)
{
	struct its_cmd mapc = { ITS_MAPC, .icid = ICID(1), .rd = 0, .valid = true };
	unsigned int n;

	expect_msi(_metadata, "before MAPC", self->its, DEV, EVENT(1), MSI_DELIVERED);
	expect_taken(_metadata, "before MAPC", self->on, 1, LPI(1), 0xa0);
	its_commands(self->its, &mapc, 1);
	for (n = 1; n < 6; n += 3) {
		expect_msi(_metadata, "after MAPC", self->its, DEV, EVENT(n), MSI_DELIVERED);
		expect_pending_on(_metadata, "after MAPC", self->on, LPI(n), BIT(0));
		expect_taken(_metadata, "after MAPC", self->on, 0, LPI(n), 0xa0);
	}
	expect_msi(_metadata, "of another collection", self->its, DEV, EVENT(2), MSI_DELIVERED);
	expect_pending_on(_metadata, "of another collection", self->on, LPI(2), BIT(2));
}

/* Until then there is no vCPU to deliver to */
TEST_F(commands, event_of_a_collection_without_vcpu_waits_for_mapc)
{
	struct its_cmd map = { ITS_MAPTI, .dev = DEV, .event = NO_EVENT, .lpi = LPI(9),
			       .icid = 99 };
	struct its_cmd mapc = { ITS_MAPC, .icid = 99, .rd = 2, .valid = true };

	its_commands(self->its, &map, 1);
	expect_msi(_metadata, "before MAPC", self->its, DEV, NO_EVENT, MSI_BLOCKED);
	its_commands(self->its, &mapc, 1);
	expect_msi(_metadata, "after MAPC", self->its, DEV, NO_EVENT, MSI_DELIVERED);
	expect_taken(_metadata, "after MAPC", self->on, 2, LPI(9), 0xa0);
}

/* [GIC 5.3, CLEAR] */
TEST_F(commands, clear_removes_the_pending_state)
{
	expect_msi(_metadata, "before CLEAR", self->its, DEV, EVENT(1), MSI_DELIVERED);
	expect_msi(_metadata, "before CLEAR", self->its, DEV, EVENT(4), MSI_DELIVERED);
	its_command(self->its, on_event(ITS_CLEAR, 1));
	expect_pending_on(_metadata, "after CLEAR", self->on, LPI(1), 0);
	expect_taken(_metadata, "after CLEAR of another event", self->on, 1, LPI(4), 0xa0);
	expect_msi(_metadata, "after CLEAR", self->its, DEV, EVENT(1), MSI_DELIVERED);
	expect_taken(_metadata, "after CLEAR and an MSI", self->on, 1, LPI(1), 0xa0);
}

/* Before it unmaps the event [GIC 5.3, DISCARD] */
TEST_F(commands, discard_removes_the_pending_state)
{
	expect_msi(_metadata, "before DISCARD", self->its, DEV, EVENT(1), MSI_DELIVERED);
	its_command(self->its, on_event(ITS_DISCARD, 1));
	expect_not_taken(_metadata, "an event that is pending when DISCARD comes", self->on, 1);
}

/* What unmaps events, and which of EVENT(0) to EVENT(5) are left */

FIXTURE(unmap)
{
	struct its_vm *on;
};

FIXTURE_VARIANT(unmap)
{
	struct its_cmd cmd;
	u32 left;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(unmap, by_discard) {
	{ ITS_DISCARD, .dev = DEV, .event = EVENT(1) }, 0x3d };
FIXTURE_VARIANT_ADD(unmap, by_mapd) {
	{ ITS_MAPD, .dev = DEV, .itt = VM_NO_MEMORY, .bits = 32 }, 0 };
FIXTURE_VARIANT_ADD(unmap, by_mapd_of_a_mapped_device) {
	{ ITS_MAPD, .dev = DEV, .itt = DEV_ITT + 0x400, .bits = DEV_BITS, .valid = true }, 0 };
FIXTURE_VARIANT_ADD(unmap, by_mapc) { { ITS_MAPC, .icid = ICID(1), .rd = 1 }, 0x2d };
/* clang-format on */

FIXTURE_SETUP(unmap)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	its_setup(&self->on->its[0], false);
	map_device(&self->on->its[0]);
}

FIXTURE_TEARDOWN(unmap)
{
	its_vm_free(self->on);
}

static void expect_mapped(struct __test_metadata *_metadata, const char *when, struct its *its,
			  u32 mapped)
{
	unsigned int n;

	for (n = 0; n < 6; n++)
		expect_msi(_metadata, when, its, DEV, EVENT(n),
			   mapped & BIT(n) ? MSI_DELIVERED : MSI_BLOCKED);
}

/*
 * KVM may have cached where MSIs go. What becomes of a device's events when it is mapped again is
 * in no document; KVM drops them, so that a guest starts anew.
 */
TEST_F(unmap, unmaps_its_events_and_no_others)
{
	struct its *its = &self->on->its[0];
	unsigned int n, cpu;

	expect_mapped(_metadata, "all are mapped", its, 0x3f);
	for (n = 0; n < 6; n++)
		its_command(its, on_event(ITS_CLEAR, n));
	its_command(its, variant->cmd);
	expect_mapped(_metadata, its_cmd_str(&variant->cmd), its, variant->left);
	for (n = 0; n < 6; n++)
		expect_pending_on(_metadata, its_cmd_str(&variant->cmd), self->on, LPI(n),
				  variant->left & BIT(n) ? BIT(n % NR_VCPUS) : 0);

	/* All can be mapped again, also by another event */
	its_command(its, (struct its_cmd){ ITS_MAPD, .dev = DEV });
	for (cpu = 0; cpu < NR_VCPUS; cpu++)
		its_command(its, (struct its_cmd){ ITS_MAPC, .icid = ICID(cpu) });
	map_device(its);
	expect_mapped(_metadata, "mapped again", its, 0x3f);
	expect_pending_on(_metadata, "mapped again", self->on, LPI(1), BIT(1));
}

/* Configuration of LPIs */

/* Lower numbers are higher priorities, and bits 1:0 are not of the priority [GIC 5.1.1] */
TEST_F(commands, lpis_have_the_priority_of_the_configuration_table)
{
	struct lpi_taken taken;

	lpi_config(self->on, LPI(1), 0x83);
	lpi_config(self->on, LPI(4), 0x41);
	its_command(self->its, on_event(ITS_INV, 1));
	its_command(self->its, on_event(ITS_INV, 4));
	expect_msi(_metadata, "of priority 0x80", self->its, DEV, EVENT(1), MSI_DELIVERED);
	expect_msi(_metadata, "of priority 0x40", self->its, DEV, EVENT(4), MSI_DELIVERED);
	lpi_take(self->on, 1, LPI(4), &taken);
	EXPECT_TRUE(taken.id == LPI(4) && taken.priority == 0x40 && taken.next == LPI(1))
	{
		TH_LOG("vCPU 1 takes interrupt %u at priority %#x, then %u; expected LPI %u at 0x40, then %u",
		       taken.id, taken.priority, taken.next, LPI(4), LPI(1));
	}
	/* It is active now: nothing else is to take until it is ended */
	lpi_take(self->on, 1, LPI(1), &taken);
	EXPECT_TRUE(taken.id == ABI_INTID_NONE && taken.priority == 0x80 &&
		    taken.next == ABI_INTID_NONE)
	{
		TH_LOG("LPI %u is active at priority %#x, and %u and %u can be taken; expected 0x80 and 1023, none",
		       LPI(1), taken.priority, taken.id, taken.next);
	}
}

/* How KVM learns of a change in the table */

FIXTURE(inv)
{
	struct its_vm *on;
	struct its *its;
};

FIXTURE_VARIANT(inv)
{
	enum its_op op;
	u32 redist; /* or a register of the redistributor, which GICR_CTLR.IR says is there */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(inv, by_inv) { .op = ITS_INV };
FIXTURE_VARIANT_ADD(inv, by_invall) { .op = ITS_INVALL };
FIXTURE_VARIANT_ADD(inv, by_gicr_invlpir) { .redist = ABI_GICR_INVLPIR };
FIXTURE_VARIANT_ADD(inv, by_gicr_invallr) { .redist = ABI_GICR_INVALLR };
/* clang-format on */

FIXTURE_SETUP(inv)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	if (variant->redist && !(vgic_get(self->on->vm, 1, &vgic_gicr_ctlr) & ABI_GICR_CTLR_IR))
		SKIP(return, "this kernel has no GICR_INVLPIR and GICR_INVALLR");
	self->its = &self->on->its[0];
	its_setup(self->its, false);
	lpi_config(self->on, LPI(1), LPI_ON & ~ABI_LPI_ENABLED);
	map_device(self->its);
}

FIXTURE_TEARDOWN(inv)
{
	its_vm_free(self->on);
}

static void config_anew(struct __test_metadata *_metadata, struct its *its,
			const FIXTURE_VARIANT(inv) * how, u8 config)
{
	struct its_cmd cmd = { how->op, .dev = DEV, .event = EVENT(1), .icid = ICID(1) };
	struct guest_result res;

	lpi_config(its->on, LPI(1), config);
	if (!how->redist) {
		its_commands(its, &cmd, 1);
		return;
	}
	guest_store(its->on->vm->vcpu[0], VM_GICR_BASE + ABI_GICR_FRAMES + how->redist, 8, LPI(1),
		    &res);
	expect_end(_metadata, "a write of GICR_INVLPIR or GICR_INVALLR", &res);
}

TEST_F(inv, enables_and_disables_an_lpi_as_the_table_says)
{
	expect_msi(_metadata, "disabled when it was mapped", self->its, DEV, EVENT(1),
		   MSI_DELIVERED);
	expect_not_taken(_metadata, "disabled when it was mapped", self->on, 1);
	expect_pending_on(_metadata, "disabled when it was mapped", self->on, LPI(1), BIT(1));
	config_anew(_metadata, self->its, variant, 0x60 | ABI_LPI_ENABLED);
	expect_taken(_metadata, "enabled", self->on, 1, LPI(1), 0x60);

	expect_msi(_metadata, "enabled", self->its, DEV, EVENT(1), MSI_DELIVERED);
	config_anew(_metadata, self->its, variant, 0x60);
	expect_not_taken(_metadata, "disabled while it is pending", self->on, 1);
	config_anew(_metadata, self->its, variant, 0x30 | ABI_LPI_ENABLED);
	expect_taken(_metadata, "enabled again", self->on, 1, LPI(1), 0x30);
}

/* Errors */

#define BAD_DEV (2 * ITS_ENTRIES) /* beyond the device table, which has two pages */
#define BAD_ICID ITS_ENTRIES /* beyond the collection table, which has one */

static const struct bad_cmd {
	const char *why;
	struct its_cmd cmd;
} bad_cmds[] = {
	{ "a device beyond the table",
	  { ITS_MAPD, .dev = BAD_DEV, .itt = DEV_ITT + 0x400, .bits = 1, .valid = true } },
	{ "to unmap a device beyond the table", { ITS_MAPD, .dev = BAD_DEV } },
	{ "to unmap a device beyond GITS_TYPER.Devbits", { ITS_MAPD, .dev = 0x10000 + DEV } },
	{ "more event ids than GITS_TYPER.ID_bits",
	  { ITS_MAPD, .dev = DEV, .itt = DEV_ITT, .bits = 17, .valid = true } },
	{ "no such vCPU", { ITS_MAPC, .icid = ICID(1), .rd = NR_VCPUS, .valid = true } },
	{ "a collection beyond the table", { ITS_MAPC, .icid = BAD_ICID, .valid = true } },
	{ "an unmapped device",
	  { ITS_MAPTI, .dev = DEV + 1, .event = 1, .lpi = LPI(9), .icid = ICID(0) } },
	{ "an event beyond the device's",
	  { ITS_MAPTI, .dev = DEV, .event = 1 << DEV_BITS, .lpi = LPI(9), .icid = ICID(0) } },
	{ "no LPI",
	  { ITS_MAPTI, .dev = DEV, .event = 0, .lpi = ABI_LPI_FIRST - 1, .icid = ICID(0) } },
	{ "an LPI beyond GICR_PROPBASER.IDbits",
	  { ITS_MAPTI, .dev = DEV, .event = 0, .lpi = 0x10000 + LPI(9), .icid = ICID(0) } },
	{ "a collection beyond the table",
	  { ITS_MAPTI, .dev = DEV, .event = 0, .lpi = LPI(9), .icid = BAD_ICID } },
	{ "an event that is no LPI", { ITS_MAPI, .dev = DEV, .event = 0, .icid = ICID(0) } },
	{ "an unmapped event", { ITS_MOVI, .dev = DEV, .event = NO_EVENT, .icid = ICID(0) } },
	{ "an unmapped device", { ITS_MOVI, .dev = DEV + 1, .event = EVENT(1), .icid = ICID(0) } },
	{ "an unmapped collection", { ITS_MOVI, .dev = DEV, .event = EVENT(1), .icid = 99 } },
	{ "an unmapped event", { ITS_DISCARD, .dev = DEV, .event = NO_EVENT } },
	{ "an unmapped device", { ITS_DISCARD, .dev = DEV + 1, .event = EVENT(1) } },
	{ "an unmapped event", { ITS_INV, .dev = DEV, .event = NO_EVENT } },
	{ "an unmapped collection", { ITS_INVALL, .icid = 99 } },
	{ "an unmapped event", { ITS_CLEAR, .dev = DEV, .event = NO_EVENT } },
	{ "an unmapped event", { ITS_INT, .dev = DEV, .event = NO_EVENT } },
	{ "an unmapped device", { ITS_INT, .dev = DEV + 1, .event = EVENT(1) } },
	{ "no such vCPU", { ITS_MOVALL, .rd = 1, .rd2 = NR_VCPUS } },
	{ "no such vCPU", { ITS_MOVALL, .rd = NR_VCPUS, .rd2 = 2 } },
	{ "no such vCPU", { ITS_MOVALL, .rd = 1, .rd2 = BIT(31) | 2 } },
	{ "no such collection, to unmap", { ITS_MAPC, .icid = 99 } },
	{ "not in GICv3", { ITS_UNKNOWN, .dev = DEV, .event = EVENT(1) } },
};

#define SAVED_BYTES (ITS_DEVICES(0) + 2 * ABI_GITS_PAGE - ITS_COLLECTIONS(0))
#define ITT_BYTES 0x1000

/* What KVM has mapped, as it saves it */
static void save_mappings(struct __test_metadata *_metadata, struct its *its, char *to)
{
	char *tables = its_ram(its->on, ITS_COLLECTIONS(0)), *itts = its_ram(its->on, ITS_ITTS(0));

	memset(tables, 0, SAVED_BYTES);
	memset(itts, 0, ITT_BYTES);
	expect_err(_metadata, "KVM_DEV_ARM_ITS_SAVE_TABLES", 0, 0,
		   __its_ctrl(its, KVM_DEV_ARM_ITS_SAVE_TABLES));
	memcpy(to, tables, SAVED_BYTES);
	memcpy(to + SAVED_BYTES, itts, ITT_BYTES);
}

/* [GIC 5.3.2] leaves open whether the ITS stalls after an error; KVM's goes on */
TEST_F(commands, wrong_ones_change_nothing_and_the_queue_goes_on)
{
	static char before[SAVED_BYTES + ITT_BYTES], after[SAVED_BYTES + ITT_BYTES];
	struct its_cmd good = on_event(ITS_INT, 1);
	unsigned int i;

	save_mappings(_metadata, self->its, before);
	for (i = 0; i < ARRAY_SIZE(bad_cmds); i++) {
		const struct bad_cmd *bad = &bad_cmds[i];

		its_queue(self->its, &bad->cmd);
		its_commands(self->its, &good, 1);
		expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR,
			       self->its->tail);
		save_mappings(_metadata, self->its, after);
		EXPECT_EQ(0, memcmp(before, after, sizeof(before)))
		{
			TH_LOG("%s, %s: what is mapped changed; expected it to be ignored",
			       its_cmd_str(&bad->cmd), bad->why);
			count_failure(_metadata);
		}
		expect_pending_on(_metadata, its_cmd_str(&bad->cmd), self->on, LPI(1), BIT(1));
		its_command(self->its, on_event(ITS_CLEAR, 1));
	}
	its_command(self->its, good);
	expect_taken(_metadata, "after wrong commands", self->on, 1, LPI(1), 0xa0);
	for (i = 0; i < NR_VCPUS; i++)
		expect_not_taken(_metadata, "after wrong commands", self->on, i);
}

/* What the ids of a device table of two levels are limited by */
TEST_F(commands, device_needs_an_entry_of_the_second_level)
{
	static const struct {
		const char *what;
		u32 dev;
		int want;
	} devs[] = {
		{ "first of a second-level table", ITS_ENTRIES, MSI_DELIVERED },
		{ "last of a second-level table", 2 * ITS_ENTRIES - 1, MSI_DELIVERED },
		{ "an invalid first-level entry", 2 * ITS_ENTRIES, MSI_BLOCKED },
		{ "a second-level table where no memory is", 3 * ITS_ENTRIES, MSI_BLOCKED },
		{ "the largest of GITS_TYPER.Devbits", 65535, MSI_DELIVERED },
		{ "more than GITS_TYPER.Devbits", 65536 + DEV, MSI_BLOCKED },
		{ "the first that is more", 65536, MSI_BLOCKED },
	};
	unsigned int i;

	its_set(self->its, ABI_GITS_CTLR, 0);
	its_set(self->its, ABI_GITS_BASER(0), 0);
	its_setup(self->its, true);
	*its_entry(self->on, ITS_DEVICES(0), 2) = ITS_LEVEL2(0, 2);
	*its_entry(self->on, ITS_DEVICES(0), 3) = ABI_GITS_VALID | VM_NO_MEMORY;
	*its_entry(self->on, ITS_DEVICES(0), 7) = ABI_GITS_VALID | ITS_LEVEL2(0, 4);
	*its_entry(self->on, ITS_DEVICES(0), 8) = ABI_GITS_VALID | ITS_LEVEL2(0, 4);
	for (i = 0; i < ARRAY_SIZE(devs); i++) {
		its_command(self->its, mapd(devs[i].dev, ITS_ITTS(0) + 0x1000 * (1 + i), DEV_BITS));
		its_command(self->its, mapti(devs[i].dev, EVENT(i), LPI(9 + i), 2));
		expect_msi(_metadata, devs[i].what, self->its, devs[i].dev, EVENT(i), devs[i].want);
	}
}

/* That a table is another one unmaps what the old one had, and to write the same again does not */
TEST_F(commands, other_tables_map_nothing)
{
	unsigned int n;

	for (n = 0; n < 2; n++) {
		u64 baser = its_get(self->its, ABI_GITS_BASER(n));

		expect_msi(_metadata, "mapped", self->its, DEV, EVENT(1), MSI_DELIVERED);
		its_set(self->its, ABI_GITS_CTLR, 0);
		its_set(self->its, ABI_GITS_BASER(n), baser);
		its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
		expect_msi(_metadata, "GITS_BASER has been written, as it was", self->its, DEV,
			   EVENT(1), MSI_DELIVERED);
		its_set(self->its, ABI_GITS_CTLR, 0);
		its_set(self->its, ABI_GITS_BASER(n), 0);
		its_set(self->its, ABI_GITS_BASER(n), baser);
		its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
		expect_msi(_metadata, "GITS_BASER was zero", self->its, DEV, EVENT(1), MSI_BLOCKED);
		its_command(self->its, (struct its_cmd){ ITS_MAPD, .dev = DEV });
		map_device(self->its);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
