// SPDX-License-Identifier: GPL-2.0
/*
 * VMs with ITSes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"
#include "guest_regs.h"
#include "its.h"
#include "kvm_reg.h"
#include "vgic.h"
#include "vm.h"

#define ITS_RAM_SLOT 1
/* 64 KiB aligned and no more, as the document allows */
#define ITS_BASE(nr) (0x07010000ULL + (u64)ABI_GITS_FRAMES * (nr))
#define COMMAND_BYTES 32
#define QUEUE_PAGE 4096

static_assert(ITS_BASE(ITS_MAX) <= VM_GICD_BASE, "the ITSes' frames");
static_assert(ITS_OWN(ITS_MAX) <= ITS_RAM_BASE + ITS_RAM_SIZE, "the tables");

/* Which members a command has, and where: [GIC 5.3] */
enum {
	HAS_DEV = BIT(0),
	HAS_EVENT = BIT(1),
	HAS_LPI = BIT(2),
	HAS_ICID = BIT(3),
	HAS_RD = BIT(4),
	HAS_RD2 = BIT(5),
	HAS_ITT = BIT(6),
	HAS_VALID = BIT(7),
};

static const struct {
	const char *name;
	u8 number;
	u8 has;
} ops[ITS_NR_OPS] = {
	[ITS_MOVI] = { "MOVI", 0x01, HAS_DEV | HAS_EVENT | HAS_ICID },
	[ITS_INT] = { "INT", 0x03, HAS_DEV | HAS_EVENT },
	[ITS_CLEAR] = { "CLEAR", 0x04, HAS_DEV | HAS_EVENT },
	[ITS_SYNC] = { "SYNC", 0x05, HAS_RD },
	[ITS_MAPD] = { "MAPD", 0x08, HAS_DEV | HAS_ITT | HAS_VALID },
	[ITS_MAPC] = { "MAPC", 0x09, HAS_ICID | HAS_RD | HAS_VALID },
	[ITS_MAPTI] = { "MAPTI", 0x0a, HAS_DEV | HAS_EVENT | HAS_LPI | HAS_ICID },
	[ITS_MAPI] = { "MAPI", 0x0b, HAS_DEV | HAS_EVENT | HAS_ICID },
	[ITS_INV] = { "INV", 0x0c, HAS_DEV | HAS_EVENT },
	[ITS_INVALL] = { "INVALL", 0x0d, HAS_ICID },
	[ITS_MOVALL] = { "MOVALL", 0x0e, HAS_RD | HAS_RD2 },
	[ITS_DISCARD] = { "DISCARD", 0x0f, HAS_DEV | HAS_EVENT },
	[ITS_UNKNOWN] = { "a number that is no command", 0x1f, HAS_DEV | HAS_EVENT },
};

const char *its_cmd_str(const struct its_cmd *cmd)
{
	return ops[cmd->op].name;
}

void *its_ram(struct its_vm *on, u64 ipa)
{
	TEST_ASSERT(ipa >= ITS_RAM_BASE && ipa < ITS_RAM_BASE + ITS_RAM_SIZE, "No table at %#lx",
		    ipa);
	return on->ram + (ipa - ITS_RAM_BASE);
}

u64 *its_entry(struct its_vm *on, u64 table, unsigned int nr)
{
	return its_ram(on, table + (u64)nr * ABI_GITS_ESZ);
}

struct its_vm *its_vm_create(unsigned int nr_vcpus, unsigned int nr_its, const char *ram,
			     unsigned int flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = ITS_RAM_SLOT,
		.guest_phys_addr = ITS_RAM_BASE,
		.memory_size = ITS_RAM_SIZE,
	};
	struct its_vm *on = calloc(1, sizeof(*on));
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS };

	TEST_ASSERT(on && nr_its <= ITS_MAX && nr_vcpus <= ITS_MAX_VCPUS, "A VM with %u ITSes",
		    nr_its);
	on->vm = test_vm_create(nr_vcpus, 0, flags | VM_VGIC_V3);
	on->ram = mmap(NULL, ITS_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	TEST_ASSERT(on->ram != MAP_FAILED, "mmap() of the tables: errno %d", errno);
	if (ram)
		memcpy(on->ram, ram, ITS_RAM_SIZE);
	region.userspace_addr = (unsigned long)on->ram;
	vm_ioctl(on->vm->kvm, KVM_SET_USER_MEMORY_REGION, &region);
	while (on->nr_its < nr_its) {
		struct its *its = &on->its[on->nr_its];

		vm_ioctl(on->vm->kvm, KVM_CREATE_DEVICE, &dev);
		its->on = on;
		its->fd = dev.fd;
		its->nr = on->nr_its++;
		its->base = ITS_BASE(its->nr);
		its->queue_bytes = QUEUE_PAGE;
	}
	return on;
}

void its_vm_free(struct its_vm *on)
{
	unsigned int i;

	if (!on)
		return;
	for (i = 0; i < on->nr_its; i++)
		close(on->its[i].fd);
	test_vm_free(on->vm);
	munmap(on->ram, ITS_RAM_SIZE);
	free(on);
}

int __its_attr(struct its *its, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	return __fd_attr(its->fd, cmd, group, attr, addr);
}

int __its_ctrl(struct its *its, u64 attr)
{
	return __its_attr(its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL, attr, NULL);
}

void its_place(struct its *its)
{
	int err = __its_attr(its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR,
			     KVM_VGIC_ITS_ADDR_TYPE, &its->base);

	TEST_ASSERT(!err, "The address %#lx of an ITS: %s", its->base, err_str(err));
	err = __its_ctrl(its, KVM_DEV_ARM_VGIC_CTRL_INIT);
	TEST_ASSERT(!err, "KVM_DEV_ARM_VGIC_CTRL_INIT of an ITS: %s", err_str(err));
}

int __its_get(struct its *its, u64 offset, u64 *val)
{
	return __its_attr(its, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, offset, val);
}

int __its_set(struct its *its, u64 offset, u64 val)
{
	return __its_attr(its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, offset, &val);
}

u64 its_get(struct its *its, u64 offset)
{
	u64 val = 0;
	int err = __its_get(its, offset, &val);

	TEST_ASSERT(!err, "Reading the ITS's register %#lx: %s", offset, err_str(err));
	return val;
}

void its_set(struct its *its, u64 offset, u64 val)
{
	int err = __its_set(its, offset, val);

	TEST_ASSERT(!err, "Writing %#lx to the ITS's register %#lx: %s", val, offset, err_str(err));
}

void lpi_config(struct its_vm *on, u32 lpi, u8 config)
{
	*(u8 *)its_ram(on, LPI_CONFIG + lpi - ABI_LPI_FIRST) = config;
}

void redist_set64(struct its_vm *on, unsigned int cpu, u32 offset, u64 val)
{
	const struct vgic_reg half[2] = {
		{ "a register of LPIs, bits 31:0", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, offset },
		{ "a register of LPIs, bits 63:32", KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, offset + 4 },
	};

	vgic_set(on->vm, cpu, &half[0], val);
	vgic_set(on->vm, cpu, &half[1], val >> 32);
}

static void cpuif_set(struct test_vm *vm, unsigned int cpu, u64 id, u64 val)
{
	const struct vgic_reg reg = { "a register of the CPU interface",
				      KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, id & 0xffff };
	int err = __vgic_set64(vm, cpu, &reg, val);

	TEST_ASSERT(!err, "Writing a register of the CPU interface, %#lx: %s", id, err_str(err));
}

void lpis_setup(struct its_vm *on)
{
	unsigned int cpu;

	for (cpu = 0; cpu < on->vm->nr_vcpus; cpu++) {
		redist_set64(on, cpu, ABI_GICR_PROPBASER, LPI_CONFIG | (ABI_LPI_ID_BITS - 1));
		redist_set64(on, cpu, ABI_GICR_PENDBASER, LPI_PENDING(cpu));
		vgic_set(on->vm, cpu, &vgic_gicr_ctlr, ABI_GICR_CTLR_ENABLE_LPIS);
		cpuif_set(on->vm, cpu, ABI_ICC_PMR_EL1, 0xff);
		cpuif_set(on->vm, cpu, ABI_ICC_IGRPEN1_EL1, 1);
	}
	vgic_set(on->vm, 0, &vgic_ctlr, ABI_GICD_CTLR_FIXED | ABI_GICD_CTLR_ENABLE_GRP1);
}

u64 its_devices_baser(const struct its *its, bool two_levels)
{
	/* Two pages, or one with an entry for each second-level table */
	return ABI_GITS_VALID | ITS_DEVICES(its->nr) | (two_levels ? ABI_GITS_BASER_INDIRECT : 1);
}

u64 its_collections_baser(const struct its *its)
{
	return ABI_GITS_VALID | ITS_COLLECTIONS(its->nr);
}

void its_setup(struct its *its, bool two_levels)
{
	unsigned int i;

	for (i = 0; two_levels && i < ITS_NR_LEVEL2; i++)
		if (i != ITS_NO_LEVEL2)
			*its_entry(its->on, ITS_DEVICES(its->nr), i) =
				ABI_GITS_VALID | ITS_LEVEL2(its->nr, i);
	its_set(its, ABI_GITS_CBASER,
		ABI_GITS_VALID | ITS_QUEUE(its->nr) | (its->queue_bytes / QUEUE_PAGE - 1));
	its_set(its, ABI_GITS_BASER(0), its_devices_baser(its, two_levels));
	its_set(its, ABI_GITS_BASER(1), its_collections_baser(its));
	its->tail = 0;
	its_set(its, ABI_GITS_CTLR, ABI_GITS_CTLR_ENABLED);
}

void its_queue(struct its *its, const struct its_cmd *cmd)
{
	u64 *word = its_ram(its->on, ITS_QUEUE(its->nr) + its->tail);
	u8 has = ops[cmd->op].has;

	memset(word, 0, COMMAND_BYTES);
	word[0] = ops[cmd->op].number;
	if (has & HAS_DEV)
		word[0] |= (u64)cmd->dev << 32;
	if (has & HAS_EVENT)
		word[1] |= cmd->event;
	if (has & HAS_LPI)
		word[1] |= (u64)cmd->lpi << 32;
	if (has & HAS_ICID)
		word[2] |= cmd->icid;
	if (has & HAS_RD)
		word[2] |= (u64)cmd->rd << 16;
	if (has & HAS_RD2)
		word[3] |= (u64)cmd->rd2 << 16;
	if (has & HAS_ITT) {
		word[1] |= cmd->bits ? cmd->bits - 1 : 0;
		word[2] |= cmd->itt;
	}
	if (has & HAS_VALID)
		word[2] |= cmd->valid ? BIT_ULL(63) : 0;
	its->tail = (its->tail + COMMAND_BYTES) % its->queue_bytes;
}

void its_commands(struct its *its, const struct its_cmd *cmd, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		its_queue(its, &cmd[i]);
	its_set(its, ABI_GITS_CWRITER, its->tail);
}

void its_command(struct its *its, struct its_cmd cmd)
{
	its_commands(its, &cmd, 1);
}

int __vm_msi(struct test_vm *vm, u64 address, u32 dev, u32 event, u32 flags)
{
	struct kvm_msi msi = {
		.address_lo = address,
		.address_hi = address >> 32,
		.data = event,
		.flags = flags,
		.devid = dev,
	};
	int ret = ioctl(vm->kvm->fd, KVM_SIGNAL_MSI, &msi);

	return ret < 0 ? -errno : ret;
}

int its_msi(struct its *its, u32 dev, u32 event)
{
	return __vm_msi(its->on->vm, its->base + ABI_GITS_TRANSLATER, dev, event,
			KVM_MSI_VALID_DEVID);
}

void lpi_take(struct its_vm *on, unsigned int cpu, u32 id, struct lpi_taken *taken)
{
	struct guest_reg reg[] = {
		{ .id = ABI_ICC_IAR1_EL1, .val = id },
		{ .id = ABI_ICC_RPR_EL1 },
		{ .id = ABI_ICC_EOIR1_EL1, .write = true },
		{ .id = ABI_ICC_IAR1_EL1 },
	};
	struct guest_result res;
	unsigned int i;

	guest_regs(on->vm, cpu, reg, ARRAY_SIZE(reg), &res);
	TEST_ASSERT(res.end == GUEST_DONE, "To take an interrupt: the guest %s",
		    guest_end_str(&res));
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		TEST_ASSERT(reg[i].how == GUEST_REG_DONE, "To take an interrupt: the guest got %s",
			    guest_reg_str(&reg[i]));
	taken->id = reg[0].val;
	taken->priority = reg[1].val;
	taken->next = reg[3].val;
}

bool lpi_pending_saved(struct its_vm *on, unsigned int cpu, u32 lpi)
{
	return *(u8 *)its_ram(on, LPI_PENDING(cpu) + lpi / 8) & BIT(lpi % 8);
}

int lpis_save_pending(struct its_vm *on)
{
	return __vgic_attr(on->vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			   KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL);
}

void its_regs_save(struct its *its, struct its_regs *regs)
{
	unsigned int i;

	regs->ctlr = its_get(its, ABI_GITS_CTLR);
	regs->iidr = its_get(its, ABI_GITS_IIDR);
	regs->cbaser = its_get(its, ABI_GITS_CBASER);
	regs->creadr = its_get(its, ABI_GITS_CREADR);
	regs->cwriter = its_get(its, ABI_GITS_CWRITER);
	for (i = 0; i < ARRAY_SIZE(regs->baser); i++)
		regs->baser[i] = its_get(its, ABI_GITS_BASER(i));
}

int its_restore(struct its *its, const struct its_regs *regs)
{
	unsigned int i;
	int err;

	its_set(its, ABI_GITS_CBASER, regs->cbaser);
	its_set(its, ABI_GITS_IIDR, regs->iidr);
	its_set(its, ABI_GITS_CREADR, regs->creadr);
	its_set(its, ABI_GITS_CWRITER, regs->cwriter);
	for (i = 0; i < ARRAY_SIZE(regs->baser); i++)
		its_set(its, ABI_GITS_BASER(i), regs->baser[i]);
	err = __its_ctrl(its, KVM_DEV_ARM_ITS_RESTORE_TABLES);
	if (!err)
		its_set(its, ABI_GITS_CTLR, regs->ctlr);
	its->tail = regs->cwriter;
	return err;
}
