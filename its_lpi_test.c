// SPDX-License-Identifier: GPL-2.0
/*
 * its_lpi_test: LPIs as a vCPU has them: what makes one pending, and what takes that away.
 *
 * Holds KVM to
 *   Arm IHI0069 (GIC) 4.1, 5.1, 12.11  states of interrupts, pending tables, GICR_CTLR.EnableLPIs
 */
#include "harness.h"

#include "its_expect.h"

#define DEV 7
#define NR_VCPUS 2

FIXTURE(lpi)
{
	struct its_vm *on;
	struct its *its;
};

FIXTURE_SETUP(lpi)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(NR_VCPUS, 1);
	self->its = &self->on->its[0];
	its_setup(self->its, false);
	map_collections(self->its);
	its_command(self->its, (struct its_cmd){ ITS_MAPD, .dev = DEV, .itt = ITS_ITTS(0),
						 .bits = 4, .valid = true });
}

FIXTURE_TEARDOWN(lpi)
{
	its_vm_free(self->on);
}

/* Event n is LPI(n) */
static void map_lpi(struct its *its, unsigned int n, unsigned int cpu)
{
	its_command(its, (struct its_cmd){ ITS_MAPTI, .dev = DEV, .event = n, .lpi = LPI(n),
					   .icid = ICID(cpu) });
}

static void enable_lpis(struct its_vm *on, unsigned int cpu, bool on_off)
{
	vgic_set(on->vm, cpu, &vgic_gicr_ctlr, on_off ? ABI_GICR_CTLR_ENABLE_LPIS : 0);
}

/* The first that there is, and two in one byte of the tables, of which one waits */
static const unsigned int lpis[] = { 0, 5, 6 };

/* [GIC 4.1.2]: it is pending again, by an event of its own */
TEST_F(lpi, event_that_comes_before_the_end_is_taken_after_it)
{
	struct lpi_taken taken;
	unsigned int i, way;

	for (i = 0; i < ARRAY_SIZE(lpis); i++) {
		u32 lpi = LPI(lpis[i]);

		map_lpi(self->its, lpis[i], 1);
		for (way = 0; way < 2; way++) {
			expect_msi(_metadata, "the first", self->its, DEV, lpis[i], MSI_DELIVERED);
			/* Its end is left to the next lpi_take() */
			lpi_take(self->on, 1, ABI_INTID_NONE, &taken);
			EXPECT_EQ(lpi, taken.id)
			{
				TH_LOG("vCPU 1 takes interrupt %u; expected LPI %u", taken.id, lpi);
			}
			if (way)
				its_command(self->its, (struct its_cmd){ ITS_INT, .dev = DEV,
									 .event = lpis[i] });
			else
				expect_msi(_metadata, "before the end of the first", self->its, DEV,
					   lpis[i], MSI_DELIVERED);
			lpi_take(self->on, 1, lpi, &taken);
			EXPECT_TRUE(taken.id == lpi || taken.next == lpi)
			{
				TH_LOG("after the end vCPU 1 takes %u and %u; expected LPI %u again, once",
				       taken.id, taken.next, lpi);
			}
			lpi_take(self->on, 1, lpi, &taken);
			expect_not_taken(_metadata, "twice sent, twice taken", self->on, 1);
		}
	}
}

/* A pending LPI is taken once, also if the redistributor reads its table again [GIC 5.1.2] */
TEST_F(lpi, pending_table_has_an_lpi_no_more_once_it_was_taken)
{
	unsigned int i;

	enable_lpis(self->on, 0, false);
	for (i = 0; i < ARRAY_SIZE(lpis); i++) {
		u32 lpi = LPI(lpis[i]);

		*(u8 *)its_ram(self->on, LPI_PENDING(0) + lpi / 8) |= BIT(lpi % 8);
	}
	enable_lpis(self->on, 0, true);
	for (i = 0; i < ARRAY_SIZE(lpis); i++) {
		map_lpi(self->its, lpis[i], 0);
		expect_taken(_metadata, "pending in the table", self->on, 0, LPI(lpis[i]), 0xa0);
	}
	enable_lpis(self->on, 0, false);
	enable_lpis(self->on, 0, true);
	expect_not_taken(_metadata, "all were taken before LPIs were disabled", self->on, 0);
}

/* All of lpis[] are pending on vCPU 0 as EnableLPIs becomes 0 */
static void disable_with_pending(struct __test_metadata *_metadata, struct its *its)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lpis); i++) {
		map_lpi(its, lpis[i], 0);
		expect_msi(_metadata, "before EnableLPIs is 0", its, DEV, lpis[i], MSI_DELIVERED);
	}
	enable_lpis(its->on, 0, false);
}

/* [GIC 12.11, GICR_CTLR]: none is taken while EnableLPIs is 0 */
TEST_F(lpi, disabled_redistributor_delivers_nothing)
{
	unsigned int i;

	disable_with_pending(_metadata, self->its);
	expect_not_taken(_metadata, "EnableLPIs is 0", self->on, 0);

	/* What is pending then is what the table has */
	for (i = 0; i < ARRAY_SIZE(lpis); i++)
		*(u8 *)its_ram(self->on, LPI_PENDING(0) + LPI(lpis[i]) / 8) = 0;
	*(u8 *)its_ram(self->on, LPI_PENDING(0) + LPI(5) / 8) = BIT(LPI(5) % 8);
	enable_lpis(self->on, 0, true);
	expect_taken(_metadata, "the pending table has it", self->on, 0, LPI(5), 0xa0);
	expect_msi(_metadata, "EnableLPIs is 1", self->its, DEV, 6, MSI_DELIVERED);
	expect_taken(_metadata, "EnableLPIs is 1", self->on, 0, LPI(6), 0xa0);
}

/* INV is about the configuration [GIC 5.3] */
TEST_F(lpi, inv_delivers_nothing_while_lpis_are_disabled)
{
	unsigned int i;

	disable_with_pending(_metadata, self->its);
	for (i = 0; i < ARRAY_SIZE(lpis); i++)
		its_command(self->its, (struct its_cmd){ ITS_INV, .dev = DEV, .event = lpis[i] });
	expect_not_taken(_metadata, "EnableLPIs is 0, and INV", self->on, 0);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
