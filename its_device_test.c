// SPDX-License-Identifier: GPL-2.0
/*
 * its_device_test: the ITS as a device of KVM: its address, its attributes and their errors.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/arm-vgic-its.rst  groups and errors
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst   SAVE_PENDING_TABLES
 *   Documentation/virt/kvm/api.rst 4.80              device attributes
 */
#include <errno.h>

#include "harness.h"

#include "its_expect.h"

#define DEV ONE_DEV
#define EVENT ONE_EVENT

/* The address */

FIXTURE(address)
{
	struct its_vm *on;
	struct its *its;
	u64 ipa_size;
};

FIXTURE_SETUP(address)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	/* The host's whole space, since protected mode gives that to every VM */
	self->on = its_vm_create(1, 1, NULL, VM_AT_EL1 | VM_IPA_BITS(vm_ipa_limit()));
	self->its = &self->on->its[0];
	self->ipa_size = BIT_ULL(vm_ipa_limit());
}

FIXTURE_TEARDOWN(address)
{
	its_vm_free(self->on);
}

static int set_address(struct its *its, u64 addr)
{
	return __its_attr(its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR,
			  KVM_VGIC_ITS_ADDR_TYPE, &addr);
}

/* "64K aligned and the region covers 128K" */
TEST_F(address, is_aligned_within_the_ipa_space_and_set_once)
{
	const u64 last = self->ipa_size - ABI_GITS_FRAMES;
	const void *bad = unmapped_page(_metadata);
	u64 addr = 0;
	int err;

	expect_err(_metadata, "address, not 64K aligned", last - 0x1000, -EINVAL,
		   set_address(self->its, last - 0x1000));
	expect_err(_metadata, "address, not 64K aligned", last - 0x8000, -EINVAL,
		   set_address(self->its, last - 0x8000));
	expect_err(_metadata, "address beyond the IPA space", self->ipa_size, -E2BIG,
		   set_address(self->its, self->ipa_size));
	expect_err(_metadata, "another attribute of addresses", 1, -ENODEV,
		   __its_attr(self->its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, 1, &addr));
	expect_err(_metadata, "an address from an unmapped page", 0, -EFAULT,
		   __its_attr(self->its, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR,
			      KVM_VGIC_ITS_ADDR_TYPE, bad));
	/* No document has the errno of a register before there is an address */
	expect_err(_metadata, "a register before there is an address", ABI_GITS_TYPER, -ENXIO,
		   __its_get(self->its, ABI_GITS_TYPER, &addr));

	/* Nothing of that was taken, and the last place is good */
	self->its->base = last;
	its_place(self->its);
	expect_err(_metadata, "the same address again", last, -EEXIST,
		   set_address(self->its, last));
	expect_err(_metadata, "another address", last - 0x10000, -EEXIST,
		   set_address(self->its, last - 0x10000));
	expect_err(_metadata, "KVM_GET_DEVICE_ATTR of another attribute of addresses", 1, -ENODEV,
		   __its_attr(self->its, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, 1, &addr));
	expect_err(_metadata, "KVM_GET_DEVICE_ATTR of the address, to an unmapped page", 0, -EFAULT,
		   __its_attr(self->its, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR,
			      KVM_VGIC_ITS_ADDR_TYPE, bad));
	expect_err(_metadata, "KVM_GET_DEVICE_ATTR of the address", 0, 0,
		   __its_attr(self->its, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR,
			      KVM_VGIC_ITS_ADDR_TYPE, &addr));
	EXPECT_EQ(last, addr)
	{
		TH_LOG("the address of the ITS is %#lx; expected %#lx, as set", addr, last);
	}
	expect_guest_its_reg(_metadata, self->its, "GITS_IIDR", ABI_GITS_IIDR, 4, ABI_IIDR_KVM);
	/* The doorbell of the second half, above 4 GiB */
	lpi_config(self->on, LPI(0), LPI_ON);
	lpis_setup(self->on);
	its_setup(self->its, false);
	map_one(self->its);
	expect_msi(_metadata, "a doorbell above 4 GiB", self->its, DEV, EVENT, MSI_DELIVERED);
	/* It is 64 bits of address, not 63 */
	addr = last + ABI_GITS_TRANSLATER;
	addr = addr >> 31 << 32 | (addr & 0x7fffffff);
	err = __vm_msi(self->on->vm, addr, DEV, EVENT, KVM_MSI_VALID_DEVID);
	EXPECT_GT(0, err)
	{
		TH_LOG("KVM_SIGNAL_MSI to %#lx, which is nothing: %d; expected an error", addr,
		       err);
	}
}

TEST_F(address, leaves_room_for_both_frames)
{
	const u64 half = self->ipa_size - ABI_GITS_FRAMES / 2;

	expect_err(_metadata, "address, half beyond the IPA space", half, -E2BIG,
		   set_address(self->its, half));
}

/* GICD_TYPER.LPIS and .IDbits, GICR_TYPER.PLPIS: the VM has an ITS, wherever that is */
TEST_F(address, lpis_are_there_before_it)
{
	static const struct vgic_reg gicd_typer = { "GICD_TYPER", KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
						    ABI_GICD_TYPER };

	expect_both(_metadata, self->on->vm, 0, &gicd_typer,
		    (VGIC_NR_IRQS / 32 - 1) | ABI_GICD_TYPER_LPIS |
			    ABI_GICD_TYPER_IDBITS(ABI_LPI_ID_BITS));
	expect_guest_reg(_metadata, self->on->vm, 0, 0, &vgic_gicr_typer,
			 ABI_GICR_TYPER_LAST | ABI_GICR_TYPER_PLPIS);
}

/* Errors of attributes */

FIXTURE(device)
{
	struct its_vm *on;
	struct its *its;
};

FIXTURE_SETUP(device)
{
	const char *missing = its_missing();

	if (missing)
		SKIP(return, "%s", missing);
	self->on = its_vm_placed(1, 1);
	self->its = &self->on->its[0];
}

FIXTURE_TEARDOWN(device)
{
	its_vm_free(self->on);
}

static const struct attr {
	const char *what;
	u32 group;
	u64 attr;
	int has, set, get; /* 0 is not tried, but for has */
} attrs[] = {
	{ "the address", KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, 0, 0, 0 },
	{ "another address", KVM_DEV_ARM_VGIC_GRP_ADDR, 0, -ENXIO, -ENODEV, -ENODEV },
	{ "CTRL_INIT", KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0, 0, -ENXIO },
	{ "CTRL_RESET", KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET, 0, 0, -ENXIO },
	{ "SAVE_TABLES", KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_ITS_SAVE_TABLES, 0, 0, -ENXIO },
	{ "RESTORE_TABLES", KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_ITS_RESTORE_TABLES, 0, 0,
	  -ENXIO },
	{ "SAVE_PENDING_TABLES, of the vGICv3", KVM_DEV_ARM_VGIC_GRP_CTRL,
	  KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, -ENXIO, -ENXIO, -ENXIO },
	{ "another group", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, -ENXIO, -ENXIO, -ENXIO },
	{ "GITS_CTLR", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_CTLR, 0, 0, 0 },
	{ "GITS_IIDR", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_IIDR, 0, 0, 0 },
	{ "GITS_BASER7", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_BASER(7), 0, 0, 0 },
	{ "GITS_CIDR3", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_CIDR0 + 12, 0, 0, 0 },
	{ "a part of GITS_CTLR", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 2, -EINVAL, -EINVAL, -EINVAL },
	{ "a part of GITS_CIDR3", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_CIDR0 + 14, -EINVAL,
	  -EINVAL, -EINVAL },
	{ "the upper half of GITS_TYPER", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_TYPER + 4,
	  -EINVAL, -EINVAL, -EINVAL },
	{ "the upper half of GITS_CBASER", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_CBASER + 4,
	  -EINVAL, -EINVAL, -EINVAL },
	{ "what follows GITS_TYPER", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0x10, -ENXIO, -ENXIO, -ENXIO },
	{ "what follows GITS_CREADR", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0x98, -ENXIO, -ENXIO, -ENXIO },
	{ "what follows GITS_BASER7", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_BASER(8), -ENXIO,
	  -ENXIO, -ENXIO },
	{ "what precedes GITS_PIDR4", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_PIDR4 - 8, -ENXIO,
	  -ENXIO, -ENXIO },
	{ "GITS_TRANSLATER", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_TRANSLATER, -ENXIO, -ENXIO,
	  -ENXIO },
	{ "what follows the ITS", KVM_DEV_ARM_VGIC_GRP_ITS_REGS, ABI_GITS_FRAMES, -ENXIO, -ENXIO,
	  -ENXIO },
};

static void expect_attr(struct __test_metadata *_metadata, struct its *its, const char *how,
			unsigned long cmd, const struct attr *attr, const void *addr, int want)
{
	int err = __its_attr(its, cmd, attr->group, attr->attr, addr);

	EXPECT_EQ(want, err)
	{
		TH_LOG("%s of %s, attribute %#llx: %s; expected %s", how, attr->what,
		       (unsigned long long)attr->attr, err_str(err), err_str(want));
		count_failure(_metadata);
	}
}

TEST_F(device, attributes_that_are_none_are_refused)
{
	const void *bad = unmapped_page(_metadata);
	u64 val = 0x5a5a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		const struct attr *attr = &attrs[i];

		expect_attr(_metadata, self->its, "KVM_HAS_DEVICE_ATTR", KVM_HAS_DEVICE_ATTR, attr,
			    NULL, attr->has);
		if (attr->set)
			expect_attr(_metadata, self->its, "KVM_SET_DEVICE_ATTR",
				    KVM_SET_DEVICE_ATTR, attr, &val, attr->set);
		if (attr->get)
			expect_attr(_metadata, self->its, "KVM_GET_DEVICE_ATTR",
				    KVM_GET_DEVICE_ATTR, attr, &val, attr->get);
		if (attr->group != KVM_DEV_ARM_VGIC_GRP_ITS_REGS || attr->has)
			continue;
		expect_attr(_metadata, self->its, "KVM_SET_DEVICE_ATTR, unmapped,",
			    KVM_SET_DEVICE_ATTR, attr, bad, -EFAULT);
		expect_attr(_metadata, self->its, "KVM_GET_DEVICE_ATTR, unmapped,",
			    KVM_GET_DEVICE_ATTR, attr, bad, -EFAULT);
	}
	EXPECT_EQ(0x5a5a, val)
	{
		TH_LOG("a KVM_GET_DEVICE_ATTR that was refused wrote %#lx", val);
	}
}

/* "-EFAULT: Invalid guest ram access" */
TEST_F(device, tables_outside_memory_are_not_saved)
{
	its_set(self->its, ABI_GITS_BASER(0), its_devices_baser(self->its, false));
	its_set(self->its, ABI_GITS_BASER(1), ABI_GITS_VALID | VM_NO_MEMORY);
	expect_err(_metadata, "KVM_DEV_ARM_ITS_SAVE_TABLES of collections outside memory",
		   VM_NO_MEMORY, -EFAULT, __its_ctrl(self->its, KVM_DEV_ARM_ITS_SAVE_TABLES));
}

/* While a vCPU runs */

TEST_F(device, is_busy_while_a_vcpu_runs)
{
	static const u64 ctrl[] = { KVM_DEV_ARM_ITS_CTRL_RESET, KVM_DEV_ARM_ITS_SAVE_TABLES,
				    KVM_DEV_ARM_ITS_RESTORE_TABLES };
	struct guest_spinner spinner;
	u64 val = 0x5a5a;
	unsigned int i;

	its_setup(self->its, false);
	map_one(self->its);
	guest_spin_start(self->on->vm, 0, &spinner);
	expect_err(_metadata, "reading GITS_CTLR", 0, -EBUSY,
		   __its_get(self->its, ABI_GITS_CTLR, &val));
	expect_err(_metadata, "writing GITS_CTLR", 0, -EBUSY,
		   __its_set(self->its, ABI_GITS_CTLR, 0));
	for (i = 0; i < ARRAY_SIZE(ctrl); i++)
		expect_err(_metadata, "RESET, SAVE_TABLES or RESTORE_TABLES", ctrl[i], -EBUSY,
			   __its_ctrl(self->its, ctrl[i]));
	expect_err(_metadata, "KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES", 0, -EBUSY,
		   lpis_save_pending(self->on));
	/* MSIs are for vCPUs that run */
	expect_msi(_metadata, "while a vCPU runs", self->its, DEV, EVENT, MSI_DELIVERED);
	guest_spin_stop(&spinner);
	expect_end(_metadata, "running", &spinner.res);
	EXPECT_EQ(0x5a5a, val)
	{
		TH_LOG("a read that was EBUSY wrote %#lx", val);
	}
	EXPECT_EQ(0, *its_entry(self->on, ITS_DEVICES(0), DEV))
	{
		TH_LOG("SAVE_TABLES was EBUSY, and wrote the device table");
	}
	expect_its_reg(_metadata, self->its, "GITS_CTLR", ABI_GITS_CTLR,
		       ABI_GITS_CTLR_ENABLED | ABI_GITS_CTLR_QUIESCENT);
	expect_taken(_metadata, "sent while it ran", self->on, 0, LPI(0), 0xa0);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
