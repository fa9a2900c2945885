/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMs whose guests take interrupts, and checks of which they took. For vgic_irq*_test.c alone: the
 * harness works in one source file only.
 */
#ifndef GUEST_ABI_IRQ_EXPECT_H
#define GUEST_ABI_IRQ_EXPECT_H

#include "guest_irq.h"
#include "vgic_expect.h"
#include "vgic_irq.h"

/* Interrupts that no device of KVM's own uses [BSA: DEN0094 3.6 has the PPIs that are taken] */
#define SGI_0 0U /* what an empty list register has */
#define SGI 3U
#define PPI 20U
#define SPI 40U
#define SPI_2 75U

#define IRQ_VCPUS 4U /* of irq_vm() */
#define PRIORITY 0xa0U
#define LOWEST 0xf0U /* ICC_PMR_EL1: below it are all that the tests use */

/* In lists of interrupts that a guest takes: those of group 0 come by FIQ */
#define FIQ(iar) (BIT(31) | (iar))
#define NOTHING 0xffffffffU /* also ends a list */

/* GICC_IAR of an SGI also names the vCPU that sent it [GIC2 4.4.4] */
#define SGI_FROM(intid, cpu) ((cpu) << 10 | (intid))

/* The interrupt is enabled, of group 1, and of PRIORITY */
static inline void irq_enable(struct test_vm *vm, unsigned int cpu, u32 intid, bool edge)
{
	irq_field_set(vm, cpu, ABI_GICD_IGROUPR, 1, intid, 1);
	irq_field_set(vm, cpu, ABI_GICD_IPRIORITYR, 8, intid, PRIORITY);
	if (intid >= ABI_GIC_SPI)
		irq_field_set(vm, cpu, ABI_GICD_ICFGR, 2, intid, edge ? 2 : 0);
	irq_set(vm, cpu, ABI_GICD_ISENABLER, intid);
}

static inline void irq_distributor(struct test_vm *vm, bool on)
{
	u32 enable = vm->vgic_type == V3 ? ABI_GICD_CTLR_ENABLE_GRP1 : 1;

	vgic_set(vm, 0, &vgic_ctlr, on ? enable : 0);
}

/*
 * A VM whose vGIC no one has touched. In one with a vGICv3 user space gives the last vCPU an Aff2
 * and an Aff1 other than those of the others, and the Aff0 of the second.
 */
#define LAST_AFF2 2ULL
#define LAST_AFF1 16ULL
#define LAST_AFF0 1ULL

static inline struct test_vm *irq_fresh_vm(u32 type)
{
	struct test_vm *vm = test_vm_create(IRQ_VCPUS, 0, VM_AT_EL1 | VM_NO_VGIC);

	if (type == V3)
		reg_set(vm->vcpu[IRQ_VCPUS - 1], ABI_MPIDR_EL1,
			BIT(31) | LAST_AFF2 << 16 | LAST_AFF1 << 8 | LAST_AFF0);
	vgic_create(vm, type);
	vgic_init(vm);
	return vm;
}

/* A VM of which every vCPU takes all enabled interrupts */
static inline struct test_vm *irq_vm(u32 type)
{
	static const struct guest_irq_setup setup = { .pmr = LOWEST };
	struct test_vm *vm = irq_fresh_vm(type);
	unsigned int i;

	use_groups(vm);
	for (i = 0; i < vm->nr_vcpus; i++) {
		guest_irq_setup(vm, i, &setup);
		irq_enable(vm, i, SGI_0, true);
		irq_enable(vm, i, SGI, true);
		irq_enable(vm, i, PPI, false);
	}
	irq_enable(vm, 0, SPI, false);
	irq_enable(vm, 0, SPI_2, true);
	for (i = ABI_GIC_SPI; type == V2 && i < VGIC_NR_IRQS; i++)
		irq_field_set(vm, 0, ABI_GICD_ITARGETSR, 8, i, BIT(0));
	irq_distributor(vm, true);
	return vm;
}

/* ICC_SGI1R_EL1 and its like [GIC 12.2.21] */
#define SGI_LIST(aff3, aff2, aff1, list)                                                           \
	((u64)(aff3) << 48 | (u64)(aff2) << 32 | (u64)(aff1) << 16 | (list))

/* Have vCPU 0 send an SGI to another one */
static inline void irq_send(struct test_vm *vm, unsigned int cpu, u32 intid)
{
	const struct vgic_reg sgir = { "GICD_SGIR", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, ABI_GICD_SGIR };
	u32 affinity = vm->affinity[cpu];
	struct guest_result res;

	if (vm->vgic_type == V3) {
		guest_msr(vm, 0, ABI_ICC_SGI1R_EL1,
			  SGI_LIST(0, affinity >> 16 & 0xff, affinity >> 8 & 0xff,
				   1U << (affinity & 0xf)) |
				  intid << 24);
		return;
	}
	vgic_store(vm, 0, 0, &sgir, 1U << (16 + cpu) | intid, &res);
	TEST_ASSERT(res.end == GUEST_DONE, "GICD_SGIR: the guest %s", guest_end_str(&res));
}

/* Route an SPI to a vCPU, by user space */
static inline void irq_route(struct test_vm *vm, u32 intid, unsigned int cpu)
{
	struct vgic_reg router = { "GICD_IROUTER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
				   ABI_GICD_IROUTER + 8 * intid };

	if (vm->vgic_type == V3)
		vgic_set(vm, 0, &router, vm->affinity[cpu]);
	else
		irq_field_set(vm, 0, ABI_GICD_ITARGETSR, 8, intid, BIT(cpu));
}

static inline const char *irq_text(char text[512], const u32 *iar, unsigned int nr)
{
	unsigned int i, len = 0;

	if (!nr)
		return "nothing";
	for (i = 0; i < nr && len < 480; i++)
		len += snprintf(text + len, 512 - len, "%s%u%s", i ? ", " : "", iar[i] & 0x7fffffff,
				iar[i] & BIT(31) ? " by FIQ" : "");
	return text;
}

static inline void __expect_irqs(struct __test_metadata *_metadata, struct test_vm *vm,
				 unsigned int cpu, const struct guest_irqs *taken, const char *when,
				 const u32 *want)
{
	u32 iar[GUEST_MAX_IRQS] = { 0 }, mpidr = reg_get(vm->vcpu[cpu], ABI_MPIDR_EL1);
	char got_text[512], want_text[512];
	unsigned int nr = 0, i;
	bool here = true;

	while (want[nr] != NOTHING)
		nr++;
	for (i = 0; i < taken->nr; i++) {
		iar[i] = taken->irq[i].iar | (taken->irq[i].fiq ? BIT(31) : 0);
		here &= taken->irq[i].mpidr == mpidr;
	}
	EXPECT_TRUE(here && taken->nr == nr && !memcmp(iar, want, nr * sizeof(*want)))
	{
		TH_LOG("%s: vCPU %u took %s; expected %s", when, cpu,
		       irq_text(got_text, iar, taken->nr), irq_text(want_text, want, nr));
		count_failure(_metadata);
	}
}

static inline void __expect_takes(struct __test_metadata *_metadata, struct test_vm *vm,
				  unsigned int cpu, enum guest_irq_how how, const char *when,
				  const u32 *want)
{
	struct guest_irqs taken;

	guest_irq_take(vm, cpu, how, &taken);
	__expect_irqs(_metadata, vm, cpu, &taken, when, want);
}

/* The vCPU takes these interrupts, in this order, each once, and no others */
#define expect_takes(vm, cpu, how, when, ...)                                                      \
	__expect_takes(_metadata, vm, cpu, how, when, (const u32[]){ __VA_ARGS__, NOTHING })

#define expect_irqs(vm, cpu, taken, when, ...)                                                     \
	__expect_irqs(_metadata, vm, cpu, taken, when, (const u32[]){ __VA_ARGS__, NOTHING })

/* That vCPU takes it, once, and the others nothing */
static inline void __maybe_unused expect_taken_by(struct __test_metadata *_metadata,
						  struct test_vm *vm, unsigned int cpu, u32 iar,
						  const char *when)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		expect_takes(vm, i, GUEST_IRQ_END, when, i == cpu ? iar : NOTHING);
}

/* That vCPU has it active: the guest ends it */
static inline void __maybe_unused end_irq(struct test_vm *vm, unsigned int cpu, u32 iar)
{
	const struct guest_irq irq = { .iar = iar & ~BIT(31), .fiq = !!(iar & BIT(31)) };

	guest_irq_end(vm, cpu, &irq);
}

/* An interrupt's state is as the guest and user space have to find it */
static inline void __maybe_unused expect_state(struct __test_metadata *_metadata,
					       struct test_vm *vm, unsigned int cpu, u32 offset,
					       u32 intid, bool user, bool guest, const char *when)
{
	const char *name = offset == ABI_GICD_ISPENDR ? "pending" : "active";
	bool u = irq_field(vm, cpu, offset, 1, intid);
	bool g = irq_guest_field(vm, cpu, cpu, offset, 1, intid);

	EXPECT_TRUE(u == user && g == guest)
	{
		TH_LOG("%s: interrupt %u of vCPU %u is %s: %u to user space, %u to the guest; expected %u, %u",
		       when, intid, cpu, name, u, g, user, guest);
		count_failure(_metadata);
	}
}

#endif /* GUEST_ABI_IRQ_EXPECT_H */
