/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices and events that are mapped, saved and restored. For its_*test.c alone: the harness works
 * in one source file only.
 */
#ifndef GUEST_ABI_ITS_MAPPING_EXPECT_H
#define GUEST_ABI_ITS_MAPPING_EXPECT_H

#include <linux/compiler.h>

#include "its_expect.h"

#define NR_VCPUS 3
#define MAX_DEVS 4
#define MAX_EVENTS 3

struct event {
	u32 id;
	unsigned int n; /* it is LPI(n), on vCPU n modulo NR_VCPUS */
};

struct device {
	u32 id;
	unsigned int bits, nr;
	u64 itt;
	struct event event[MAX_EVENTS];
};

/* What is mapped, by rising ids; it is mapped in another order */
struct mapping {
	bool two_levels;
	unsigned int nr;
	struct device dev[MAX_DEVS];
};

/* clang-format off */
static const struct mapping __maybe_unused flat = { false, 3, {
	{ 0, 1, 2, ITS_ITTS(0), { { 0, 0 }, { 1, 1 } } },
	{ 5, 5, 3, ITS_ITTS(0) + 0x300, { { 3, 2 }, { 4, 3 }, { 31, 4 } } },
	{ 9472, 16, 2, ITS_ITTS(0) + 0x10100, { { 0, 5 }, { 65535, 6 } } },
} };

/* Far apart, the last two by more than the next field can say, with an empty table between */
static const struct mapping __maybe_unused sparse = { true, 4, {
	{ 2075, 5, 3, ITS_ITTS(0) + 0x100, { { 3, 2 }, { 7, 3 }, { 9, 4 } } },
	{ 9472, 4, 1, ITS_ITTS(0) + 0x200, { { 15, 5 } } },
	{ 20000, 3, 0, ITS_ITTS(0) + 0x400, { { 0, 0 } } },
	{ 39999, 2, 2, ITS_ITTS(0) + 0x900, { { 1, 7 }, { 2, 9 } } },
} };
/* clang-format on */

static inline void map(struct its *its, const struct mapping *mapping)
{
	unsigned int d, e;

	map_collections(its);
	for (d = mapping->nr; d-- > 0;) {
		const struct device *dev = &mapping->dev[d];

		its_command(its, (struct its_cmd){ ITS_MAPD, .dev = dev->id, .itt = dev->itt,
						   .bits = dev->bits, .valid = true });
		for (e = dev->nr; e-- > 0;)
			its_command(its,
				    (struct its_cmd){ ITS_MAPTI, .dev = dev->id,
						      .event = dev->event[e].id,
						      .lpi = LPI(dev->event[e].n),
						      .icid = ICID(dev->event[e].n % NR_VCPUS) });
	}
}

static inline struct its_vm *vm_mapped(const struct mapping *mapping)
{
	struct its_vm *on = its_vm_placed(NR_VCPUS, 1);

	its_setup(&on->its[0], mapping->two_levels);
	map(&on->its[0], mapping);
	return on;
}

/*
 * Before a guest's collection is gone, NULL or why it is not tried: a kernel that refuses to save a
 * device that its guest put out of reach reads a null pointer when it saves an event without
 * collection, 6.12 among them, and the process never ends.
 */
static inline const char *lost_collections_missing(void)
{
	struct its_vm *on = vm_mapped(&flat);
	struct its *its = &on->its[0];
	int err;

	its_set(its, ABI_GITS_CTLR, 0);
	its_set(its, ABI_GITS_BASER(0), its_devices_baser(its, false) & ~1ULL);
	err = __its_ctrl(its, KVM_DEV_ARM_ITS_SAVE_TABLES);
	its_vm_free(on);
	return err ? "this kernel refuses to save what a guest took from its ITS, and may crash"
		   : NULL;
}

static inline void save(struct __test_metadata *_metadata, struct its *its)
{
	int err = __its_ctrl(its, KVM_DEV_ARM_ITS_SAVE_TABLES);

	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_DEV_ARM_ITS_SAVE_TABLES: %s; expected 0", err_str(err));
	}
}

/* An entry of the collection table [arm-vgic-its.rst, ITS Table ABI REV0] */
static inline u64 cte(u32 cpu, u32 icid)
{
	return BIT_ULL(63) | (u64)cpu << 16 | icid;
}

static inline void expect_entry(struct __test_metadata *_metadata, struct its_vm *on,
				const char *what, u64 table, unsigned int nr, u64 want)
{
	u64 val = *its_entry(on, table, nr);

	EXPECT_EQ(want, val)
	{
		TH_LOG("%s: entry %u of the table at %#lx is %#lx; expected %#lx", what, nr, table,
		       val, want);
		count_failure(_metadata);
	}
}

/* A fresh VM with the memory of another one, whose ITSes nobody set up */
static inline struct its_vm *fresh_vm(struct its_vm *from)
{
	struct its_vm *to = its_vm_create(from->vm->nr_vcpus, from->nr_its, from->ram, VM_AT_EL1);
	unsigned int i;

	lpis_setup(to);
	for (i = 0; i < to->nr_its; i++)
		its_place(&to->its[i]);
	return to;
}

/* Save a VM and restore another one */
static inline struct its_vm *move(struct __test_metadata *_metadata, struct its_vm *from)
{
	struct its_regs regs[ITS_MAX];
	struct its_vm *to;
	unsigned int i;
	int err;

	expect_err(_metadata, "KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES", 0, 0,
		   lpis_save_pending(from));
	for (i = 0; i < from->nr_its; i++) {
		its_regs_save(&from->its[i], &regs[i]);
		save(_metadata, &from->its[i]);
	}
	to = fresh_vm(from);
	for (i = 0; i < to->nr_its; i++) {
		err = its_restore(&to->its[i], &regs[i]);
		ASSERT_EQ(0, err)
		{
			TH_LOG("KVM_DEV_ARM_ITS_RESTORE_TABLES on a fresh VM: %s; expected 0",
			       err_str(err));
		}
	}
	return to;
}

/* Every event is delivered where it should be */
static inline void expect_mapping(struct __test_metadata *_metadata, const char *when,
				  struct its *its, const struct mapping *mapping)
{
	unsigned int d, e;

	for (d = 0; d < mapping->nr; d++) {
		const struct device *dev = &mapping->dev[d];

		for (e = 0; e < dev->nr; e++) {
			const struct event *event = &dev->event[e];

			expect_msi(_metadata, when, its, dev->id, event->id, MSI_DELIVERED);
			expect_pending_on(_metadata, when, its->on, LPI(event->n),
					  BIT(event->n % NR_VCPUS));
			its_command(its, (struct its_cmd){ ITS_CLEAR, .dev = dev->id,
							   .event = event->id });
		}
	}
}

#endif /* GUEST_ABI_ITS_MAPPING_EXPECT_H */
