/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMs with ITSes [devices/arm-vgic-its.rst]: their tables and queues in guest memory, their
 * registers and commands, MSIs, and a guest that takes LPIs.
 */
#ifndef GUEST_ABI_ITS_H
#define GUEST_ABI_ITS_H

#include "test_vm.h"

/* clang-format off */

#define ITS_MAX		2	/* ITSes of a VM */
#define ITS_MAX_VCPUS	4	/* whose pending tables have room */

/*
 * Guest memory of the tables, a memslot of its own: a pending table for each vCPU, the LPIs'
 * configuration, then what each ITS has for itself.
 */
#define ITS_RAM_BASE	0x90000000ULL
#define ITS_RAM_SIZE	0x00400000ULL
#define LPI_PENDING(cpu) (ITS_RAM_BASE + 0x10000ULL * (cpu))
#define LPI_CONFIG	(ITS_RAM_BASE + 0x80000)
#define ITS_OWN(nr)	(ITS_RAM_BASE + 0x100000 + 0x180000ULL * (nr))
#define ITS_QUEUE(nr)	(ITS_OWN(nr))			/* 64 KiB */
#define ITS_COLLECTIONS(nr) (ITS_OWN(nr) + 0x10000)	/* 64 KiB */
#define ITS_DEVICES(nr)	(ITS_OWN(nr) + 0x20000)		/* 128 KiB, or the first level in 64 */
#define ITS_LEVEL2(nr, n) (ITS_OWN(nr) + 0x40000 + 0x10000ULL * (n)) /* ITS_NR_LEVEL2 of 64 KiB */
#define ITS_NR_LEVEL2	5
#define ITS_NO_LEVEL2	3 /* has no valid entry in the first level */
#define ITS_ITTS(nr)	(ITS_OWN(nr) + 0x90000)		/* 960 KiB */

#define ITS_ENTRIES	(ABI_GITS_PAGE / ABI_GITS_ESZ)	/* of a page of a table */
/* clang-format on */

enum its_op {
	ITS_MOVI,
	ITS_INT,
	ITS_CLEAR,
	ITS_SYNC,
	ITS_MAPD,
	ITS_MAPC,
	ITS_MAPTI,
	ITS_MAPI,
	ITS_INV,
	ITS_INVALL,
	ITS_MOVALL,
	ITS_DISCARD,
	ITS_UNKNOWN, /* a number that is no command */
	ITS_NR_OPS
};

/* A command [GIC 5.3]; it ignores the members that it has not */
struct its_cmd {
	enum its_op op;
	u32 dev, event, lpi, icid;
	u32 rd, rd2; /* numbers of vCPUs, since GITS_TYPER.PTA is 0 */
	u64 itt; /* address of the interrupt translation table */
	unsigned int bits; /* of the event ids of a device */
	bool valid;
};

struct its {
	struct its_vm *on;
	unsigned int nr; /* its number in the VM */
	int fd;
	u64 base;
	u32 tail; /* where the next command goes */
	u32 queue_bytes;
};

struct its_vm {
	struct test_vm *vm;
	char *ram; /* ITS_RAM_SIZE bytes at ITS_RAM_BASE */
	unsigned int nr_its;
	struct its its[ITS_MAX];
};

/**
 * its_vm_create() - make a VM with a vGICv3, memory for tables, and ITSes that nobody set up
 * @ram: what the memory holds, as another VM's, or NULL for zeros
 * @flags: as for test_vm_create()
 */
struct its_vm *its_vm_create(unsigned int nr_vcpus, unsigned int nr_its, const char *ram,
			     unsigned int flags);
void its_vm_free(struct its_vm *on);

/** its_place() - give an ITS the address that its VM has for it, and initialise it */
void its_place(struct its *its);

/** its_ram() - the host's address of the tables' memory */
void *its_ram(struct its_vm *on, u64 ipa);

/** its_entry() - an entry of the table at an address */
u64 *its_entry(struct its_vm *on, u64 table, unsigned int nr);

/** __its_attr() - an attribute of an ITS; arguments as for __fd_attr() */
int __its_attr(struct its *its, unsigned long cmd, u32 group, u64 attr, const void *addr);

/** __its_ctrl() - KVM_DEV_ARM_ITS_SAVE_TABLES and its like */
int __its_ctrl(struct its *its, u64 attr);

/** __its_get(), __its_set() - a register by user space; 0 or a negative errno */
int __its_get(struct its *its, u64 offset, u64 *val);
int __its_set(struct its *its, u64 offset, u64 val);
u64 its_get(struct its *its, u64 offset);
void its_set(struct its *its, u64 offset, u64 val);

/** lpi_config() - the byte of an LPI in the configuration table: priority and ABI_LPI_ENABLED */
void lpi_config(struct its_vm *on, u32 lpi, u8 config);

/**
 * lpis_setup() - enable LPIs in all redistributors, and interrupts in all CPU interfaces
 *
 * GICR_PROPBASER, GICR_PENDBASER and GICR_CTLR are those that a VM of this memory map has, so
 * it also restores them.
 */
void lpis_setup(struct its_vm *on);

/** redist_set64() - both halves of a redistributor's register */
void redist_set64(struct its_vm *on, unsigned int cpu, u32 offset, u64 val);

/** its_devices_baser(), its_collections_baser() - GITS_BASER0 and 1 as its_setup() writes them */
u64 its_devices_baser(const struct its *its, bool two_levels);
u64 its_collections_baser(const struct its *its);

/**
 * its_setup() - give an ITS its queue and tables, and enable it
 * @two_levels: the device table has a first level with entries for the second ones
 */
void its_setup(struct its *its, bool two_levels);

/** its_queue() - put a command behind the last; the ITS does not see it */
void its_queue(struct its *its, const struct its_cmd *cmd);

/** its_commands() - have the ITS do commands, by user space's write of GITS_CWRITER */
void its_commands(struct its *its, const struct its_cmd *cmd, unsigned int nr);
void its_command(struct its *its, struct its_cmd cmd);

/** its_cmd_str() - a command's name */
const char *its_cmd_str(const struct its_cmd *cmd);

/** its_msi() - KVM_SIGNAL_MSI to an ITS's doorbell; what it returns, or a negative errno */
int its_msi(struct its *its, u32 dev, u32 event);

/** __vm_msi() - KVM_SIGNAL_MSI to any address */
int __vm_msi(struct test_vm *vm, u64 address, u32 dev, u32 event, u32 flags);

/* What a guest found when it took an interrupt and looked for another one */
struct lpi_taken {
	u32 id; /* ICC_IAR1_EL1 */
	u32 priority; /* ICC_RPR_EL1 while it was active */
	u32 next; /* ICC_IAR1_EL1 after ICC_EOIR1_EL1 */
};

/**
 * lpi_take() - make a guest acknowledge an interrupt, end it, and acknowledge the next
 * @id: the one to end, or ABI_INTID_NONE
 */
void lpi_take(struct its_vm *on, unsigned int cpu, u32 id, struct lpi_taken *taken);

/** lpi_pending_saved() - whether an LPI's bit is set in the pending table of a vCPU */
bool lpi_pending_saved(struct its_vm *on, unsigned int cpu, u32 lpi);

/** lpis_save_pending() - KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES; 0 or a negative errno */
int lpis_save_pending(struct its_vm *on);

/* Registers of an ITS as a VMM saves them */
struct its_regs {
	u64 ctlr, iidr, cbaser, creadr, cwriter, baser[8];
};

void its_regs_save(struct its *its, struct its_regs *regs);

/**
 * its_restore() - registers and tables in the documented order
 *
 * Return: of KVM_DEV_ARM_ITS_RESTORE_TABLES, 0 or a negative errno; GITS_CTLR is only restored
 * after 0
 */
int its_restore(struct its *its, const struct its_regs *regs);

#endif /* GUEST_ABI_ITS_H */
