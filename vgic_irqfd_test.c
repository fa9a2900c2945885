// SPDX-License-Identifier: GPL-2.0
/*
 * vgic_irqfd_test: interrupts that eventfds raise, and the table by which user space says which:
 * SPIs of either vGIC, and LPIs of an ITS.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.52, 4.71, 4.75  KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI, KVM_IRQFD
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"

#include "irq_fixture.h"
#include "its_expect.h"
#include "watch.h"

/* An eventfd that raises an interrupt by KVM_IRQFD */
static int irqfd(struct __test_metadata *_metadata, struct test_vm *vm, u32 gsi, u32 flags,
		 int resample)
{
	struct kvm_irqfd req = { .gsi = gsi, .flags = flags, .resamplefd = resample };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ASSERT_LE(0, fd);
	req.fd = fd;
	ASSERT_EQ(0, __vm_ioctl(vm->kvm, KVM_IRQFD, &req))
	{
		TH_LOG("KVM_IRQFD of GSI %u: %s", gsi, err_str(-errno));
	}
	return fd;
}

static void signal_fd(struct __test_metadata *_metadata, int fd)
{
	u64 one = 1;

	ASSERT_EQ(sizeof(one), write(fd, &one, sizeof(one)));
}

/* KVM may raise it from a work queue */
static void take_some(struct test_vm *vm, unsigned int cpu, enum guest_irq_how how,
		      struct guest_irqs *taken)
{
	struct watch *watch = watch_begin(cpu, "to get the irqfd's interrupt; it had not", 0);

	do {
		guest_irq_take(vm, cpu, how, taken);
	} while (!taken->nr);
	watch_end(watch);
}

/* api.rst 4.75: without a table GSI n is SPI n + 32 (no document has it: what VMMs use) */
TEST_F(irq, irqfd_raises_an_edge)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	int fd = irqfd(_metadata, vm, SPI_2 - ABI_GIC_SPI, 0, -1);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		signal_fd(_metadata, fd);
		take_some(vm, 0, GUEST_IRQ_END, &taken);
		expect_irqs(vm, 0, &taken, "the irqfd was written", SPI_2);
	}
	expect_taken_by(_metadata, vm, 0, NOTHING, "it has been taken");
	close(fd);
}

/* api.rst 4.75: the line stays high until the guest ends the interrupt, which resamplefd tells */
TEST_F(irq, irqfd_is_high_until_the_end_of_the_interrupt)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	struct watch *watch;
	int resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int fd = irqfd(_metadata, vm, SPI - ABI_GIC_SPI, KVM_IRQFD_FLAG_RESAMPLE, resample);
	u64 count;

	signal_fd(_metadata, fd);
	take_some(vm, 0, GUEST_IRQ_HOLD, &taken);
	expect_irqs(vm, 0, &taken, "the irqfd was written", SPI);
	EXPECT_EQ(-1, read(resample, &count, sizeof(count)))
	{
		TH_LOG("the resamplefd is signalled before the interrupt ends");
	}
	end_irq(vm, 0, SPI);
	watch = watch_begin(0, "to signal the end of an interrupt; it had not", 0);
	while (read(resample, &count, sizeof(count)) != sizeof(count))
		expect_takes(vm, 0, GUEST_IRQ_HOLD, "the interrupt has ended", NOTHING);
	watch_end(watch);
	expect_takes(vm, 0, GUEST_IRQ_HOLD, "the line is low", NOTHING);
	close(fd);
	close(resample);
}

/* api.rst 4.75: "de-asserted and the user is notified", also if no exit is between taking and end */
TEST_F(irq, irqfd_tells_of_an_end_that_follows_at_once)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	int resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int fd = irqfd(_metadata, vm, SPI - ABI_GIC_SPI, KVM_IRQFD_FLAG_RESAMPLE, resample);
	unsigned int i;
	u64 count;

	for (i = 0; i < 2; i++) {
		signal_fd(_metadata, fd);
		take_some(vm, 0, GUEST_IRQ_END, &taken);
		expect_irqs(vm, 0, &taken, "the irqfd was written", SPI);
		EXPECT_EQ(sizeof(count), read(resample, &count, sizeof(count)))
		{
			TH_LOG("the resamplefd is not signalled, though the interrupt has ended");
		}
		expect_takes(vm, 0, GUEST_IRQ_END, "the line is low", NOTHING);
	}
	close(fd);
	close(resample);
}

/* KVM_SET_GSI_ROUTING */
#define MAX_ROUTES 5

static int set_routes(struct test_vm *vm, const struct kvm_irq_routing_entry *entry,
		      unsigned int nr)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[MAX_ROUTES];
	} table = { .head.nr = nr };

	memcpy(table.entry, entry, nr * sizeof(*entry));
	return ioctl_err(ioctl(vm->kvm->fd, KVM_SET_GSI_ROUTING, &table));
}

static int route_gsi(struct test_vm *vm, u32 gsi, u32 type, u32 irqchip, u32 pin)
{
	const struct kvm_irq_routing_entry entry = {
		.gsi = gsi,
		.type = type,
		.u.irqchip = { irqchip, pin },
	};

	return set_routes(vm, &entry, 1);
}

/* api.rst 4.52. The errors are in no document */
TEST_F(irq, gsi_is_the_spi_that_user_space_routes_it_to)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	int fd;

	EXPECT_EQ(-EINVAL, route_gsi(vm, 3, KVM_IRQ_ROUTING_IRQCHIP, 1, 0));
	EXPECT_EQ(-EINVAL, route_gsi(vm, 3, KVM_IRQ_ROUTING_IRQCHIP, 0, 1020 - ABI_GIC_SPI));
	EXPECT_EQ(-EINVAL, route_gsi(vm, 3, 5, 0, 0));
	ASSERT_EQ(0, route_gsi(vm, 3, KVM_IRQ_ROUTING_IRQCHIP, 0, SPI_2 - ABI_GIC_SPI));
	fd = irqfd(_metadata, vm, 3, 0, -1);
	signal_fd(_metadata, fd);
	take_some(vm, 0, GUEST_IRQ_END, &taken);
	expect_irqs(vm, 0, &taken, "an irqfd of GSI 3, which is SPI_2", SPI_2);
	close(fd);
}

/* The end of an SPI that another GSI is routed to is told to that one */
TEST_F(irq, irqfd_of_a_routed_gsi_tells_of_the_end)
{
	struct test_vm *vm = self->vm;
	struct guest_irqs taken;
	int resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), fd;
	u64 count;

	ASSERT_EQ(0, route_gsi(vm, 3, KVM_IRQ_ROUTING_IRQCHIP, 0, SPI - ABI_GIC_SPI));
	fd = irqfd(_metadata, vm, 3, KVM_IRQFD_FLAG_RESAMPLE, resample);
	signal_fd(_metadata, fd);
	take_some(vm, 0, GUEST_IRQ_HOLD, &taken);
	expect_irqs(vm, 0, &taken, "an irqfd of GSI 3, which is SPI", SPI);
	end_irq(vm, 0, SPI);
	expect_takes(vm, 0, GUEST_IRQ_END, "the line is low", NOTHING);
	EXPECT_EQ(sizeof(count), read(resample, &count, sizeof(count)))
	{
		TH_LOG("the resamplefd of GSI 3 is not signalled, though the interrupt has ended");
	}
	close(fd);
	close(resample);
}

/* An MSI goes to an ITS [api.rst 4.71: "-1 on error"] */
TEST_F(irq, msi_without_an_its_is_an_error)
{
	int ret = __vm_msi(self->vm, VM_NO_MEMORY, 0, 0, 0);

	EXPECT_GT(0, ret)
	{
		TH_LOG("KVM_SIGNAL_MSI to a VM without an ITS: %d; expected an error", ret);
	}
}

/* GSIs that are MSIs */

#define NR_VCPUS 2
#define HIGH_ITS BIT_ULL(32) /* needs address_hi */

/* LPI(gsi), of which each member of the MSI differs from that of another row */
static const struct msi_row {
	unsigned int its;
	u32 dev, event;
	unsigned int cpu;
} msi_rows[] = {
	{ 0, 7, 3, 0 }, { 0, 7, 4, 1 }, { 0, 8, 3, 1 }, { 1, 7, 3, 0 }, { 1, 8, 5, 1 },
};

/* GSI n is the MSI of row n + first, and the rows go on at the first one */
static void set_msi_routes(struct __test_metadata *_metadata, struct its_vm *on, unsigned int first)
{
	struct kvm_irq_routing_entry entry[ARRAY_SIZE(msi_rows)] = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msi_rows); i++) {
		const struct msi_row *row = &msi_rows[(i + first) % ARRAY_SIZE(msi_rows)];
		u64 doorbell = on->its[row->its].base + ABI_GITS_TRANSLATER;

		entry[i].gsi = i;
		entry[i].type = KVM_IRQ_ROUTING_MSI;
		entry[i].flags = KVM_MSI_VALID_DEVID;
		entry[i].u.msi.address_lo = doorbell;
		entry[i].u.msi.address_hi = doorbell >> 32;
		entry[i].u.msi.data = row->event;
		entry[i].u.msi.devid = row->dev;
	}
	ASSERT_EQ(0, set_routes(on->vm, entry, ARRAY_SIZE(msi_rows)));
}

FIXTURE(msi)
{
	struct its_vm *on;
	int fd[ARRAY_SIZE(msi_rows)];
};

FIXTURE_SETUP(msi)
{
	const char *missing = its_missing();
	unsigned int i, dev;

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_create(NR_VCPUS, 2, NULL, VM_AT_EL1);
	self->on->its[1].base = HIGH_ITS;
	lpis_setup(self->on);
	for (i = 0; i < 2; i++) {
		its_place(&self->on->its[i]);
		its_setup(&self->on->its[i], false);
		map_collections(&self->on->its[i]);
		for (dev = 7; dev <= 8; dev++)
			its_command(&self->on->its[i],
				    (struct its_cmd){ ITS_MAPD, .dev = dev,
						      .itt = ITS_ITTS(i) + 0x100 * dev, .bits = 4,
						      .valid = true });
	}
	for (i = 0; i < ARRAY_SIZE(msi_rows); i++) {
		const struct msi_row *row = &msi_rows[i];

		lpi_config(self->on, LPI(i), LPI_ON);
		its_command(&self->on->its[row->its],
			    (struct its_cmd){ ITS_MAPTI, .dev = row->dev, .event = row->event,
					      .lpi = LPI(i), .icid = ICID(row->cpu) });
	}
	set_msi_routes(_metadata, self->on, 0);
	for (i = 0; i < ARRAY_SIZE(msi_rows); i++)
		self->fd[i] = irqfd(_metadata, self->on->vm, i, 0, -1);
}

FIXTURE_TEARDOWN(msi)
{
	its_vm_free(self->on);
}

/* The eventfd raises the LPI of a row, and no other one */
static void expect_row(struct __test_metadata *_metadata, struct its_vm *on, int fd,
		       unsigned int row, const char *when)
{
	unsigned int cpu = msi_rows[row].cpu, i;
	struct watch *watch;

	signal_fd(_metadata, fd);
	/* KVM may raise it from a work queue */
	watch = watch_begin(WATCH_NO_VCPU, "to have the irqfd's LPI pending; it had not", 0);
	while (!lpis_save_pending(on) && !lpi_pending_saved(on, cpu, LPI(row)))
		sched_yield();
	watch_end(watch);
	expect_pending_on(_metadata, when, on, LPI(row), BIT(cpu));
	for (i = 0; i < NR_VCPUS; i++)
		if (i != cpu)
			expect_not_taken(_metadata, when, on, i);
	expect_taken(_metadata, when, on, cpu, LPI(row), 0xa0);
}

/* "the MSI message and device ID are translated into an LPI" */
TEST_F(msi, irqfd_raises_the_lpi_of_its_msi)
{
	unsigned int i, round;

	/* KVM may have cached where it goes, but for the first time */
	for (round = 0; round < 2; round++)
		for (i = 0; i < ARRAY_SIZE(msi_rows); i++)
			expect_row(_metadata, self->on, self->fd[i], i, "the irqfd was written");
}

TEST_F(msi, irqfd_raises_what_its_gsi_is_now)
{
	unsigned int i;

	expect_row(_metadata, self->on, self->fd[0], 0, "as routed at first");
	set_msi_routes(_metadata, self->on, 1);
	for (i = 0; i < ARRAY_SIZE(msi_rows); i++)
		expect_row(_metadata, self->on, self->fd[i], (i + 1) % ARRAY_SIZE(msi_rows),
			   "as routed now");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
