/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of what an ITS does. For its_*test.c alone: the harness works in one source file only.
 */
#ifndef GUEST_ABI_ITS_EXPECT_H
#define GUEST_ABI_ITS_EXPECT_H

#include "expect.h"
#include "its.h"
#include "vgic_expect.h"

/* What KVM_SIGNAL_MSI returns [api.rst 4.71] */
#define MSI_DELIVERED 1
#define MSI_BLOCKED 0

/*
 * LPIs are not numbered as events are, nor collections as vCPUs, so that no mix-up passes. LPI(0) is
 * the first that there is.
 */
#define LPI(n) (ABI_LPI_FIRST + ((n) ? 19 + (n) : 0))
#define ICID(cpu) (0x21 + (cpu))

/* The configuration that most LPIs have, and their number: LPI(0) and up */
#define LPI_ON (0xa0 | ABI_LPI_ENABLED)
#define NR_LPIS 32

/* NULL, or why this host has no ITS */
static inline const char *its_missing(void)
{
	struct host_vgic host;

	return vgic_missing(V3, AFTER_INIT, &host);
}

/* A VM whose ITSes have an address and no more; LPIs can be taken by every vCPU */
static inline struct its_vm *its_vm_placed(unsigned int nr_vcpus, unsigned int nr_its)
{
	struct its_vm *on = its_vm_create(nr_vcpus, nr_its, NULL, VM_AT_EL1);
	unsigned int i;

	for (i = 0; i < nr_its; i++)
		its_place(&on->its[i]);
	for (i = 0; i < NR_LPIS; i++)
		lpi_config(on, LPI(i), LPI_ON);
	lpis_setup(on);
	return on;
}

/* Each vCPU has a collection */
static inline void map_collections(struct its *its)
{
	unsigned int cpu;

	for (cpu = 0; cpu < its->on->vm->nr_vcpus; cpu++) {
		struct its_cmd mapc = { ITS_MAPC, .icid = ICID(cpu), .rd = cpu, .valid = true };

		its_commands(its, &mapc, 1);
	}
}

#define ONE_DEV 7
#define ONE_EVENT 3

/* ONE_EVENT of ONE_DEV is LPI(0), on vCPU 0 */
static inline void map_one(struct its *its)
{
	struct its_cmd cmd[] = {
		{ ITS_MAPC, .icid = ICID(0), .rd = 0, .valid = true },
		{ ITS_MAPD, .dev = ONE_DEV, .itt = ITS_ITTS(its->nr), .bits = 4, .valid = true },
		{ ITS_MAPTI, .dev = ONE_DEV, .event = ONE_EVENT, .lpi = LPI(0), .icid = ICID(0) },
	};

	its_commands(its, cmd, ARRAY_SIZE(cmd));
}

static inline void expect_its_reg(struct __test_metadata *_metadata, struct its *its,
				  const char *name, u64 offset, u64 want)
{
	u64 val = ~want;
	int err = __its_get(its, offset, &val);

	EXPECT_TRUE(!err && val == want)
	{
		TH_LOG("reading %s, offset %#lx: %s, value %#lx; expected 0, %#lx", name, offset,
		       err_str(err), val, want);
		count_failure(_metadata);
	}
}

static inline void expect_guest_its_reg(struct __test_metadata *_metadata, struct its *its,
					const char *name, u32 offset, unsigned int bytes, u64 want)
{
	struct guest_result res;

	guest_load(its->on->vm->vcpu[0], its->base + offset, bytes, &res);
	expect_end(_metadata, name, &res);
	EXPECT_EQ(want, res.x[0])
	{
		TH_LOG("the guest reads %u bytes of %s, offset %#x, as %#lx; expected %#lx", bytes,
		       name, offset, res.x[0], want);
		count_failure(_metadata);
	}
}

static inline void expect_msi(struct __test_metadata *_metadata, const char *when, struct its *its,
			      u32 dev, u32 event, int want)
{
	int ret = its_msi(its, dev, event);

	EXPECT_EQ(want, ret)
	{
		TH_LOG("%s: KVM_SIGNAL_MSI of device %u, event %u, to ITS %u: %s%d; expected %s",
		       when, dev, event, its->nr, ret < 0 ? "errno " : "", ret < 0 ? -ret : ret,
		       want == MSI_DELIVERED ? "1, delivered" : "0, blocked");
		count_failure(_metadata);
	}
}

/* Of a disabled ITS: no document says whether that is an error or blocked */
static inline void expect_no_msi(struct __test_metadata *_metadata, const char *when,
				 struct its *its, u32 dev, u32 event)
{
	int ret = its_msi(its, dev, event);

	EXPECT_GE(0, ret)
	{
		TH_LOG("%s: KVM_SIGNAL_MSI of device %u, event %u, to ITS %u: %d, delivered; expected not",
		       when, dev, event, its->nr, ret);
		count_failure(_metadata);
	}
}

/* A guest takes an LPI, at its priority, and there is no other one */
static inline void expect_taken(struct __test_metadata *_metadata, const char *when,
				struct its_vm *on, unsigned int cpu, u32 lpi, u32 priority)
{
	struct lpi_taken taken;

	lpi_take(on, cpu, lpi, &taken);
	EXPECT_TRUE(taken.id == lpi && taken.priority == priority && taken.next == ABI_INTID_NONE)
	{
		TH_LOG("%s: vCPU %u takes interrupt %u at priority %#x, then %u; expected LPI %u at %#x, then 1023, none",
		       when, cpu, taken.id, taken.priority, taken.next, lpi, priority);
		count_failure(_metadata);
	}
}

static inline void expect_not_taken(struct __test_metadata *_metadata, const char *when,
				    struct its_vm *on, unsigned int cpu)
{
	struct lpi_taken taken;

	lpi_take(on, cpu, ABI_INTID_NONE, &taken);
	EXPECT_EQ(ABI_INTID_NONE, taken.id)
	{
		TH_LOG("%s: vCPU %u takes interrupt %u; expected 1023, none", when, cpu, taken.id);
		count_failure(_metadata);
	}
}

/* An LPI is pending on one vCPU and on no other: where it is saved [devices/arm-vgic-v3.rst] */
static inline void expect_pending_on(struct __test_metadata *_metadata, const char *when,
				     struct its_vm *on, u32 lpi, u32 want_cpus)
{
	int err = lpis_save_pending(on);
	u32 cpus = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < on->vm->nr_vcpus; cpu++)
		cpus |= lpi_pending_saved(on, cpu, lpi) << cpu;
	EXPECT_TRUE(!err && cpus == want_cpus)
	{
		TH_LOG("%s: KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES: %s; LPI %u is pending on the vCPUs of mask %#x; expected 0, %#x",
		       when, err_str(err), lpi, cpus, want_cpus);
		count_failure(_metadata);
	}
}

#endif /* GUEST_ABI_ITS_EXPECT_H */
