// SPDX-License-Identifier: GPL-2.0
/*
 * its_test: the registers of an ITS as user space and the guest see them, its queue, its doorbell
 * and its reset.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  registers, reset state
 *   Documentation/virt/kvm/api.rst 4.71              KVM_SIGNAL_MSI
 *   Arm IHI0069 12.12, 12.13                         ITS registers
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include "harness.h"

#include "its_expect.h"

#define DEV ONE_DEV
#define EVENT ONE_EVENT

struct its_reg {
	const char *name;
	u32 offset;
	unsigned int bytes;
	u64 reset;
};

/* Inner Shareable, and Read-allocate Write-back, which is in no document: what guests find */
#define BASER_RESET                                                                                \
	(ABI_GITS_INNER_CACHE(3) | ABI_GITS_BASER_ENTRY(ABI_GITS_ESZ) | ABI_GITS_SHAREABILITY(1) | \
	 ABI_GITS_BASER_64K)
#define BASER0_RESET (BASER_RESET | ABI_GITS_BASER_TYPE(1))
#define BASER1_RESET (BASER_RESET | ABI_GITS_BASER_TYPE(4))
#define TYPER                                                                                      \
	(ABI_GITS_TYPER_PHYSICAL | ABI_GITS_TYPER_ITT_ENTRY(ABI_GITS_ESZ) |                        \
	 ABI_GITS_TYPER_IDBITS(16) | ABI_GITS_TYPER_DEVBITS(16))

/*
 * The document has the state of CTLR, CBASER, CREADR, CWRITER and BASER.Valid, the entries' 8 bytes
 * and revision 0 of the ABI in IIDR. The rest is in none: a guest must find after a move what it
 * found before. IIDR and PIDR are Arm's and KVM's as those of the distributor are; CIDR are those
 * of any GIC [GIC 12.1.3].
 */
static const struct its_reg regs[] = {
	{ "GITS_CTLR", ABI_GITS_CTLR, 4, ABI_GITS_CTLR_QUIESCENT },
	{ "GITS_IIDR", ABI_GITS_IIDR, 4, ABI_IIDR_KVM },
	{ "GITS_TYPER", ABI_GITS_TYPER, 8, TYPER },
	{ "GITS_CBASER", ABI_GITS_CBASER, 8, 0 },
	{ "GITS_CWRITER", ABI_GITS_CWRITER, 8, 0 },
	{ "GITS_CREADR", ABI_GITS_CREADR, 8, 0 },
	{ "GITS_BASER0", ABI_GITS_BASER(0), 8, BASER0_RESET },
	{ "GITS_BASER1", ABI_GITS_BASER(1), 8, BASER1_RESET },
	{ "GITS_BASER2", ABI_GITS_BASER(2), 8, 0 },
	{ "GITS_BASER7", ABI_GITS_BASER(7), 8, 0 },
	{ "GITS_PIDR4", ABI_GITS_PIDR4, 4, 0x40 },
	{ "GITS_PIDR0", ABI_GITS_PIDR0, 4, 0x92 },
	{ "GITS_PIDR1", ABI_GITS_PIDR0 + 4, 4, 0xb4 },
	{ "GITS_PIDR2", ABI_GITS_PIDR2, 4, ABI_GIC_PIDR2 },
	{ "GITS_PIDR3", ABI_GITS_PIDR2 + 4, 4, 0 },
	{ "GITS_CIDR0", ABI_GITS_CIDR0, 4, 0x0d },
	{ "GITS_CIDR1", ABI_GITS_CIDR0 + 4, 4, 0xf0 },
	{ "GITS_CIDR2", ABI_GITS_CIDR0 + 8, 4, 0x05 },
	{ "GITS_CIDR3", ABI_GITS_CIDR0 + 12, 4, 0xb1 },
};

/* GITS_CBASER of a queue of one page */
#define CBASER (ABI_GITS_VALID | ABI_GITS_INNER_CACHE(7) | ITS_QUEUE(0))

/* Guest and user space read the same; the guest also reads halves */
static void expect_both_its_reg(struct __test_metadata *_metadata, struct its *its,
				const struct its_reg *reg, u64 want)
{
	expect_its_reg(_metadata, its, reg->name, reg->offset, want);
	expect_guest_its_reg(_metadata, its, reg->name, reg->offset, reg->bytes, want);
	if (reg->bytes == 4)
		return;
	expect_guest_its_reg(_metadata, its, reg->name, reg->offset, 4, (u32)want);
	expect_guest_its_reg(_metadata, its, reg->name, reg->offset + 4, 4, want >> 32);
}

static void guest_sets(struct __test_metadata *_metadata, struct its *its, u32 offset,
		       unsigned int bytes, u64 val)
{
	struct guest_result res;

	guest_store(its->on->vm->vcpu[0], its->base + offset, bytes, val, &res);
	expect_end(_metadata, "a write of a register of the ITS", &res);
}

FIXTURE(gits)
{
	struct its_vm *on;
	struct its *its;
};

FIXTURE_SETUP(gits)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(1, 1);
	self->its = &self->on->its[0];
}

FIXTURE_TEARDOWN(gits)
{
	its_vm_free(self->on);
}

TEST_F(gits, registers_are_reset_to_what_guests_rely_on)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		expect_both_its_reg(_metadata, self->its, &regs[i], regs[i].reset);
}

/* "Writes to read-only registers are ignored", but for those of CREADR and IIDR by user space */
TEST_F(gits, read_only_registers_ignore_writes)
{
	static const struct {
		unsigned int reg;
		bool guest_only;
	} ro[] = { { 1, true },	 { 2, false },	{ 5, true },   { 8, false },
		   { 9, false }, { 10, false }, { 13, false }, { 18, false } };
	unsigned int i;

	its_set(self->its, ABI_GITS_CBASER, CBASER);
	for (i = 0; i < ARRAY_SIZE(ro); i++) {
		const struct its_reg *reg = &regs[ro[i].reg];

		if (!ro[i].guest_only)
			expect_err(_metadata, "a write of a read-only register", reg->offset, 0,
				   __its_set(self->its, reg->offset, ~0ULL));
		guest_sets(_metadata, self->its, reg->offset, reg->bytes, 0x20);
		expect_its_reg(_metadata, self->its, reg->name, reg->offset, reg->reset);
	}
}

/*
 * What GITS_BASER and GITS_CBASER make of shareability and caches, as GICR_PROPBASER does: no
 * document has it, and a guest finds after a move what it found before. All other bits stay.
 */
TEST_F(gits, tables_have_the_attributes_that_kvm_makes_of_them)
{
	static const u8 share[] = { 0, 1, 1, 3 }, inner[] = { 3, 3, 2, 3, 4, 5, 6, 7 };
	static const u32 base[] = { ABI_GITS_CBASER, ABI_GITS_BASER(0), ABI_GITS_BASER(1) };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(base); i++) {
		u64 rest = 0x0000543210ab0000ULL | 0x55;

		if (base[i] == ABI_GITS_BASER(0))
			rest |= BASER0_RESET & (ABI_GITS_BASER_FIXED | ABI_GITS_BASER_64K);
		if (base[i] == ABI_GITS_BASER(1))
			rest |= BASER1_RESET & (ABI_GITS_BASER_FIXED | ABI_GITS_BASER_64K);
		for (n = 0; n < 8; n++) {
			u64 val = rest | ABI_GITS_SHAREABILITY(n % 4) | ABI_GITS_INNER_CACHE(n) |
				  ABI_GITS_OUTER_CACHE(n);
			u64 want = rest | ABI_GITS_SHAREABILITY(share[n % 4]) |
				   ABI_GITS_INNER_CACHE(inner[n]) |
				   ABI_GITS_OUTER_CACHE(n == 1 ? 1 : 0);

			its_set(self->its, base[i], val);
			expect_its_reg(_metadata, self->its, "GITS_CBASER or GITS_BASER", base[i],
				       want);
		}
	}
}

/* What was set is read back, by the guest, too, and can be set again */

static const struct chosen {
	const char *name;
	u32 offset;
	u64 val, want;
} chosen[] = {
	{ "GITS_BASER0, two pages", ABI_GITS_BASER(0),
	  ABI_GITS_VALID | ABI_GITS_SHAREABILITY(1) | ABI_GITS_INNER_CACHE(7) | 0x876543210000 | 1,
	  ABI_GITS_VALID | BASER0_RESET | ABI_GITS_INNER_CACHE(7) | 0x876543210000 | 1 },
	{ "GITS_BASER0, two levels, fixed fields inverted", ABI_GITS_BASER(0),
	  (ABI_GITS_BASER_INDIRECT | BASER0_RESET | 0x10000 | 0xff) ^ ABI_GITS_BASER_FIXED ^
		  ABI_GITS_BASER_64K,
	  ABI_GITS_BASER_INDIRECT | BASER0_RESET | 0x10000 | 0xff },
	{ "GITS_BASER1, which KVM has in one level", ABI_GITS_BASER(1),
	  ABI_GITS_VALID | ABI_GITS_BASER_INDIRECT | (BASER1_RESET ^ ABI_GITS_BASER_FIXED) |
		  0x89ab0000 | 3,
	  ABI_GITS_VALID | BASER1_RESET | 0x89ab0000 | 3 },
	{ "GITS_CBASER, 64 KiB aligned", ABI_GITS_CBASER,
	  ABI_GITS_VALID | ABI_GITS_INNER_CACHE(7) | ABI_GITS_SHAREABILITY(1) | 0xf87654321f000 | 2,
	  ABI_GITS_VALID | ABI_GITS_INNER_CACHE(7) | ABI_GITS_SHAREABILITY(1) | 0xf876543210000 |
		  2 },
	{ "GITS_CWRITER, of 32-byte commands", ABI_GITS_CWRITER, 0xfff00000000025ff, 0x25e0 },
	{ "GITS_CREADR, of 32-byte commands", ABI_GITS_CREADR, 0xfff0000000001e5f, 0x1e40 },
};

TEST_F(gits, registers_that_were_set_are_read_back)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chosen); i++) {
		const struct its_reg reg = { chosen[i].name, chosen[i].offset, 8, 0 };

		expect_err(_metadata, chosen[i].name, chosen[i].val, 0,
			   __its_set(self->its, chosen[i].offset, chosen[i].val));
		expect_both_its_reg(_metadata, self->its, &reg, chosen[i].want);
		expect_err(_metadata, chosen[i].name, chosen[i].want, 0,
			   __its_set(self->its, chosen[i].offset, chosen[i].want));
		expect_its_reg(_metadata, self->its, chosen[i].name, chosen[i].offset,
			       chosen[i].want);
	}
	/* Commands wait: the ITS is not enabled */
	expect_its_reg(_metadata, self->its, "GITS_CTLR, not quiescent", ABI_GITS_CTLR, 0);
	for (i = 0; i < ARRAY_SIZE(chosen); i++)
		if (chosen[i].offset != ABI_GITS_BASER(0))
			expect_its_reg(_metadata, self->its, chosen[i].name, chosen[i].offset,
				       chosen[i].want);
	/* "a write to GITS_CBASER resets GITS_CREADR"; and a queue that is new is empty */
	its_set(self->its, ABI_GITS_CBASER, CBASER);
	expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR, 0);
	expect_its_reg(_metadata, self->its, "GITS_CWRITER", ABI_GITS_CWRITER, 0);
}

TEST_F(gits, guest_writes_halves_of_registers)
{
	static const struct its_reg baser0 = { "GITS_BASER0", ABI_GITS_BASER(0), 8, 0 };
	u64 val = its_devices_baser(self->its, false) | BASER0_RESET;

	guest_sets(_metadata, self->its, ABI_GITS_BASER(0), 4, (u32)val);
	expect_both_its_reg(_metadata, self->its, &baser0, val & ~(0x80ULL << 56));
	guest_sets(_metadata, self->its, ABI_GITS_BASER(0) + 4, 4, val >> 32);
	expect_both_its_reg(_metadata, self->its, &baser0, val);
	guest_sets(_metadata, self->its, ABI_GITS_CBASER + 4, 4, CBASER >> 32);
	guest_sets(_metadata, self->its, ABI_GITS_CBASER, 4, (u32)CBASER);
	expect_its_reg(_metadata, self->its, "GITS_CBASER", ABI_GITS_CBASER, CBASER);
	guest_sets(_metadata, self->its, ABI_GITS_CWRITER, 4, 0x60);
	expect_its_reg(_metadata, self->its, "GITS_CWRITER", ABI_GITS_CWRITER, 0x60);
}

/* "The Revision field encodes the table layout ABI revision", and there is revision 0 alone */
TEST_F(gits, iidr_takes_the_revisions_that_there_are)
{
	unsigned int rev;

	expect_err(_metadata, "GITS_IIDR, as it is", ABI_IIDR_KVM, 0,
		   __its_set(self->its, ABI_GITS_IIDR, ABI_IIDR_KVM));
	for (rev = 1; rev < 16; rev++)
		expect_err(_metadata, "GITS_IIDR of another revision", ABI_IIDR(rev), -EINVAL,
			   __its_set(self->its, ABI_GITS_IIDR, ABI_IIDR(rev)));
	/* All but the revision is read-only */
	expect_err(_metadata, "GITS_IIDR but for the revision", 0, 0,
		   __its_set(self->its, ABI_GITS_IIDR, ~0xf000ULL));
	expect_its_reg(_metadata, self->its, "GITS_IIDR", ABI_GITS_IIDR, ABI_IIDR_KVM);
	expect_its_reg(_metadata, self->its, "GITS_BASER0", ABI_GITS_BASER(0), BASER0_RESET);
	expect_its_reg(_metadata, self->its, "GITS_BASER1", ABI_GITS_BASER(1), BASER1_RESET);
}

/* "GITS_CREADR must be restored before restoring the GITS_CTLR". The errors are in no document */
TEST_F(gits, creadr_stays_within_the_queue_of_a_disabled_its)
{
	its_set(self->its, ABI_GITS_CBASER, CBASER | 1);
	expect_err(_metadata, "GITS_CREADR, the last command", 0x1fe0, 0,
		   __its_set(self->its, ABI_GITS_CREADR, 0x1fe0));
	expect_err(_metadata, "GITS_CREADR, beyond two pages", 0x2000, -EINVAL,
		   __its_set(self->its, ABI_GITS_CREADR, 0x2000));
	expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR, 0x1fe0);
	its_setup(self->its, false);
	expect_err(_metadata, "GITS_CREADR of an enabled ITS", 0x40, -EBUSY,
		   __its_set(self->its, ABI_GITS_CREADR, 0x40));
	expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR, 0);
}

/* UNPREDICTABLE [GIC]; KVM enables no ITS without tables, and keeps those that it has */
TEST_F(gits, needs_its_tables_and_keeps_them_while_it_is_enabled)
{
	static const u32 base[] = { ABI_GITS_CBASER, ABI_GITS_BASER(0), ABI_GITS_BASER(1) };
	u64 val[3];
	unsigned int i;

	its_setup(self->its, false);
	expect_its_reg(_metadata, self->its, "GITS_CTLR", ABI_GITS_CTLR,
		       ABI_GITS_CTLR_ENABLED | ABI_GITS_CTLR_QUIESCENT);
	for (i = 0; i < ARRAY_SIZE(base); i++) {
		val[i] = its_get(self->its, base[i]);
		its_set(self->its, base[i], val[i] ^ 0x10000);
		expect_its_reg(_metadata, self->its, "a table of an enabled ITS", base[i], val[i]);
	}
	for (i = 0; i < ARRAY_SIZE(base); i++) {
		its_set(self->its, ABI_GITS_CTLR, 0);
		its_set(self->its, base[i], val[i] & ~ABI_GITS_VALID);
		its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
		expect_its_reg(_metadata, self->its, "GITS_CTLR without a table", ABI_GITS_CTLR,
			       ABI_GITS_CTLR_QUIESCENT);
		its_set(self->its, base[i], val[i]);
	}
	its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
	expect_its_reg(_metadata, self->its, "GITS_CTLR", ABI_GITS_CTLR,
		       ABI_GITS_CTLR_ENABLED | ABI_GITS_CTLR_QUIESCENT);
}

/* 128 commands a page; a queue ends with its last page, and goes on at its start */
TEST_F(gits, queue_wraps_at_its_end)
{
	unsigned int pages, i;

	for (pages = 1; pages <= 2; pages++) {
		struct its_cmd sync = { ITS_SYNC, .rd = 0 };

		its_set(self->its, ABI_GITS_CTLR, 0);
		self->its->queue_bytes = 4096 * pages;
		its_setup(self->its, false);
		map_one(self->its);
		for (i = 0; i < 128 * pages - 5; i++)
			its_queue(self->its, &sync);
		its_commands(self->its, &sync, 1);
		expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR,
			       self->its->queue_bytes - 32);
		for (i = 0; i < 3; i++)
			its_command(self->its, (struct its_cmd){ i ? ITS_SYNC : ITS_INT, .dev = DEV,
								 .event = EVENT });
		expect_its_reg(_metadata, self->its, "GITS_CREADR", ABI_GITS_CREADR, 64);
		expect_taken(_metadata, "at the end of the queue", self->on, 0, LPI(0), 0xa0);
		its_command(self->its, (struct its_cmd){ ITS_MAPD, .dev = DEV });
	}
	/* Beyond the queue there is nothing to go to: ignored, which no document states */
	its_set(self->its, ABI_GITS_CWRITER, 4096 * 2);
	expect_its_reg(_metadata, self->its, "GITS_CWRITER beyond the queue", ABI_GITS_CWRITER,
		       self->its->tail);
}

TEST_F(gits, disabled_one_does_nothing_until_it_is_enabled)
{
	its_setup(self->its, false);
	map_one(self->its);
	expect_msi(_metadata, "enabled", self->its, DEV, EVENT, MSI_DELIVERED);
	expect_taken(_metadata, "enabled", self->on, 0, LPI(0), 0xa0);
	its_set(self->its, ABI_GITS_CTLR, 0);
	its_command(self->its, (struct its_cmd){ ITS_INT, .dev = DEV, .event = EVENT });
	expect_no_msi(_metadata, "disabled", self->its, DEV, EVENT);
	expect_its_reg(_metadata, self->its, "GITS_CTLR with commands to do", ABI_GITS_CTLR, 0);
	expect_not_taken(_metadata, "disabled", self->on, 0);
	its_set(self->its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
	expect_taken(_metadata, "enabled again", self->on, 0, LPI(0), 0xa0);
	expect_msi(_metadata, "enabled again", self->its, DEV, EVENT, MSI_DELIVERED);
}

/* "it was when first created and initialized": the state that the document guarantees */
TEST_F(gits, reset_leaves_nothing_of_what_was_set_up)
{
	unsigned int i;

	self->its->queue_bytes = 4096 * 2;
	its_setup(self->its, true);
	map_one(self->its);
	/* One is disabled, and stays pending */
	lpi_config(self->on, LPI(1), 0xa0);
	its_command(self->its, (struct its_cmd){ ITS_MAPTI, .dev = DEV, .event = EVENT + 1,
						 .lpi = LPI(1), .icid = ICID(0) });
	expect_msi(_metadata, "of a disabled LPI", self->its, DEV, EVENT + 1, MSI_DELIVERED);
	expect_msi(_metadata, "before the reset", self->its, DEV, EVENT, MSI_DELIVERED);
	expect_taken(_metadata, "before the reset", self->on, 0, LPI(0), 0xa0);
	expect_err(_metadata, "KVM_DEV_ARM_ITS_CTRL_RESET", 0, 0,
		   __its_ctrl(self->its, KVM_DEV_ARM_ITS_CTRL_RESET));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		u64 want = regs[i].reset;

		/* "GITS_BASER<n>.Valid = 0" is all that it says of these */
		if (regs[i].offset == ABI_GITS_BASER(0))
			want |= its_devices_baser(self->its, true) & ~ABI_GITS_VALID;
		if (regs[i].offset == ABI_GITS_BASER(1))
			want |= its_collections_baser(self->its) & ~ABI_GITS_VALID;
		if (regs[i].offset == ABI_GITS_BASER(0) || regs[i].offset == ABI_GITS_BASER(1)) {
			u64 val = its_get(self->its, regs[i].offset);

			EXPECT_EQ(want & (ABI_GITS_VALID | ABI_GITS_BASER_FIXED),
				  val & (ABI_GITS_VALID | ABI_GITS_BASER_FIXED))
			{
				TH_LOG("after the reset %s is %#lx; expected it not to be valid, type and size of entries as in %#lx",
				       regs[i].name, val, want);
			}
			continue;
		}
		expect_its_reg(_metadata, self->its, regs[i].name, regs[i].offset, want);
	}
	expect_no_msi(_metadata, "after the reset", self->its, DEV, EVENT);
	expect_pending_on(_metadata, "after the reset", self->on, LPI(1), 0);

	/* No device or collection is cached: not with the tables that they were in, either */
	its_setup(self->its, true);
	expect_msi(_metadata, "set up again", self->its, DEV, EVENT, MSI_BLOCKED);
	its_command(self->its, (struct its_cmd){ ITS_MAPD, .dev = DEV, .itt = ITS_ITTS(0),
						 .bits = 4, .valid = true });
	its_command(self->its, (struct its_cmd){ ITS_MAPTI, .dev = DEV, .event = EVENT,
						 .lpi = LPI(0), .icid = ICID(0) });
	expect_msi(_metadata, "no collection is mapped again", self->its, DEV, EVENT, MSI_BLOCKED);
	map_one(self->its);
	expect_msi(_metadata, "mapped again", self->its, DEV, EVENT, MSI_DELIVERED);
	expect_taken(_metadata, "mapped again", self->on, 0, LPI(0), 0xa0);
}

static void map_lpi(struct its *its, u32 lpi)
{
	its_command(its, (struct its_cmd){ ITS_MAPTI, .dev = DEV, .event = EVENT + 1, .lpi = lpi,
					   .icid = ICID(0) });
}

static void set_id_bits(struct its_vm *on, unsigned int bits)
{
	vgic_set(on->vm, 0, &vgic_gicr_ctlr, 0);
	redist_set64(on, 0, ABI_GICR_PROPBASER, LPI_CONFIG | (bits - 1));
	vgic_set(on->vm, 0, &vgic_gicr_ctlr, ABI_GICR_CTLR_ENABLE_LPIS);
}

/* 14 bits: LPIs up to 16383; but no more bits than GICD_TYPER.IDbits */
TEST_F(gits, lpis_have_as_many_bits_as_gicr_propbaser_says)
{
	its_setup(self->its, false);
	map_one(self->its);
	set_id_bits(self->on, 18);
	map_lpi(self->its, 1 << ABI_LPI_ID_BITS);
	expect_msi(_metadata, "LPI 65536", self->its, DEV, EVENT + 1, MSI_BLOCKED);
	set_id_bits(self->on, 14);
	lpi_config(self->on, 16383, LPI_ON);
	map_lpi(self->its, 16384);
	expect_msi(_metadata, "LPI 16384", self->its, DEV, EVENT + 1, MSI_BLOCKED);
	map_lpi(self->its, 16383);
	expect_msi(_metadata, "LPI 16383", self->its, DEV, EVENT + 1, MSI_DELIVERED);
	expect_taken(_metadata, "LPI 16383", self->on, 0, 16383, 0xa0);
}

/* Doorbells */

TEST_F(gits, msi_goes_to_the_doorbell_by_its_device_and_event)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = VM_NO_MEMORY + 0x40,
		.len = 4,
		.fd = eventfd(0, EFD_CLOEXEC),
	};
	const u64 doorbell = self->its->base + ABI_GITS_TRANSLATER;
	const struct {
		const char *what;
		u64 address;
		u32 dev, event, flags;
		int most; /* 0: blocked or an error */
	} msi[] = {
		{ "the doorbell", doorbell, DEV, EVENT, KVM_MSI_VALID_DEVID, 1 },
		{ "the distributor", VM_GICD_BASE + 0x40, DEV, EVENT, KVM_MSI_VALID_DEVID, -1 },
		{ "memory", VM_RAM_DATA, DEV, EVENT, KVM_MSI_VALID_DEVID, -1 },
		{ "nothing", VM_NO_MEMORY, DEV, EVENT, KVM_MSI_VALID_DEVID, -1 },
		{ "the doorbell and 4 GiB", doorbell + BIT_ULL(32), DEV, EVENT, KVM_MSI_VALID_DEVID,
		  -1 },
		{ "another device", doorbell, DEV + 1, EVENT, KVM_MSI_VALID_DEVID, 0 },
		{ "another event", doorbell, DEV, EVENT + 1, KVM_MSI_VALID_DEVID, 0 },
		{ "a device id of more than 16 bits", doorbell, DEV + 0x10000, EVENT,
		  KVM_MSI_VALID_DEVID, 0 },
		{ "an event id of more than 16 bits", doorbell, DEV, EVENT + 0x10000,
		  KVM_MSI_VALID_DEVID, 0 },
		{ "ids that make one key", doorbell, DEV - 1, EVENT + 0x10000, KVM_MSI_VALID_DEVID,
		  0 },
		{ "ids that make the key of event 0", doorbell, DEV - 1, 0x10000,
		  KVM_MSI_VALID_DEVID, 0 },
		{ "the doorbell and bit 63", doorbell | BIT_ULL(63), DEV, EVENT,
		  KVM_MSI_VALID_DEVID, -1 },
		{ "an ioeventfd", ioeventfd.addr, DEV, EVENT, KVM_MSI_VALID_DEVID, -1 },
	};
	unsigned int i;

	vm_ioctl(self->on->vm->kvm, KVM_IOEVENTFD, &ioeventfd);
	its_setup(self->its, false);
	map_one(self->its);
	its_command(self->its, (struct its_cmd){ ITS_MAPTI, .dev = DEV, .event = 0, .lpi = LPI(1),
						 .icid = ICID(0) });
	expect_msi(_metadata, "of event 0", self->its, DEV, 0, MSI_DELIVERED);
	expect_taken(_metadata, "of event 0", self->on, 0, LPI(1), 0xa0);
	for (i = 0; i < ARRAY_SIZE(msi); i++) {
		int ret = __vm_msi(self->on->vm, msi[i].address, msi[i].dev, msi[i].event,
				   msi[i].flags);

		EXPECT_TRUE(msi[i].most < 0 ? ret < 0 : ret == msi[i].most)
		{
			TH_LOG("KVM_SIGNAL_MSI, %s: %d; expected %s", msi[i].what, ret,
			       msi[i].most < 0 ? "an error"
			       : msi[i].most   ? "1, delivered"
					       : "0, blocked");
			count_failure(_metadata);
		}
		if (!i)
			expect_taken(_metadata, "by its doorbell", self->on, 0, LPI(0), 0xa0);
	}
	expect_not_taken(_metadata, "by anything else", self->on, 0);
}

/*
 * "KVM_CAP_MSI_DEVID capability advertises the requirement to provide the device ID": without the
 * flag there is none
 */
static void expect_device_id_required(struct __test_metadata *_metadata, struct its *its,
				      const char *when)
{
	const u64 doorbell = its->base + ABI_GITS_TRANSLATER;

	expect_err(_metadata, when, doorbell, -EINVAL,
		   __vm_msi(its->on->vm, doorbell, DEV, EVENT, 0));
	expect_not_taken(_metadata, when, its->on, 0);
}

TEST_F(gits, msi_without_a_device_id_is_refused)
{
	its_setup(self->its, false);
	map_one(self->its);
	expect_device_id_required(_metadata, self->its,
				  "KVM_SIGNAL_MSI without KVM_MSI_VALID_DEVID");
}

/* KVM may have cached where the MSI goes */
TEST_F(gits, msi_without_a_device_id_is_refused_also_after_one_with_it)
{
	its_setup(self->its, false);
	map_one(self->its);
	expect_msi(_metadata, "with a device id", self->its, DEV, EVENT, MSI_DELIVERED);
	expect_taken(_metadata, "with a device id", self->on, 0, LPI(0), 0xa0);
	expect_device_id_required(_metadata, self->its,
				  "KVM_SIGNAL_MSI without KVM_MSI_VALID_DEVID, after one with it");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
