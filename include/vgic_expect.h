/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stages in the life of a VM with a vGIC, and checks of the vGIC's registers. For
 * vgic_*_test.c alone: the harness works in one source file only.
 */
#ifndef GUEST_ABI_VGIC_EXPECT_H
#define GUEST_ABI_VGIC_EXPECT_H

#include <linux/compiler.h>

#include "expect.h"
#include "host.h"
#include "vgic.h"
#include "vm.h"

#define V2 KVM_DEV_TYPE_ARM_VGIC_V2
#define V3 KVM_DEV_TYPE_ARM_VGIC_V3

/* When a register is looked at */
enum stage {
	BEFORE_INIT, /* the vGIC exists */
	AFTER_INIT, /* nothing has run */
	AFTER_RUN, /* a vCPU has run and is back */
};

static const char *const __maybe_unused stage_names[] = {
	[BEFORE_INIT] = "before the vGIC is initialised",
	[AFTER_INIT] = "before the first run",
	[AFTER_RUN] = "after the first run",
};

/* Run a vCPU once: it loads from memory */
static inline void run_once(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	struct guest_result res;

	guest_load(vm->vcpu[cpu], VM_RAM_DATA, 8, &res);
	expect_end(_metadata, "the first run", &res);
}

/* Unless GICD_IIDR was written KVM ignores the groups of a vGICv2 [devices/arm-vgic.rst] */
static inline void use_groups(struct test_vm *vm)
{
	vgic_set(vm, 0, &vgic_iidr, vgic_get(vm, 0, &vgic_iidr));
}

/* A VM whose vGIC is initialised, has that many interrupts, and looks at their groups */
static inline struct test_vm *vm_with_groups(u32 type, unsigned int nr_vcpus, u32 nr_irqs)
{
	struct test_vm *vm = test_vm_create(nr_vcpus, 0, VM_NO_VGIC);

	vgic_create_irqs(vm, type, nr_irqs);
	vgic_init(vm);
	if (type == V2)
		use_groups(vm);
	return vm;
}

static inline struct test_vm *vm_at(struct __test_metadata *_metadata, u32 type,
				    unsigned int nr_vcpus, unsigned int flags, enum stage stage)
{
	struct test_vm *vm = test_vm_create(nr_vcpus, 0, flags | VM_NO_VGIC);

	vgic_create(vm, type);
	if (stage >= AFTER_INIT)
		vgic_init(vm);
	if (stage >= AFTER_RUN)
		run_once(_metadata, vm, 0);
	return vm;
}

/*
 * A VM for tests of user space's view. That is the same at whichever level the guests
 * start, and a guest at EL2 is slow to tear down, so most start at EL1.
 */
static inline struct test_vm *user_vm_at(struct __test_metadata *_metadata, u32 type,
					 enum stage stage)
{
	return vm_at(_metadata, type, 2, stage == AFTER_RUN ? 0 : VM_AT_EL1, stage);
}

/* Bring a VM to the next stage */
static inline void advance(struct __test_metadata *_metadata, struct test_vm *vm, enum stage now)
{
	if (now == BEFORE_INIT)
		vgic_init(vm);
	else
		run_once(_metadata, vm, 0);
}

/*
 * User space reads want, in 32 bits and no more. The distributor is the same
 * whichever vCPU it is accessed through, so tests vary @cpu.
 */
static inline void expect_reg(struct __test_metadata *_metadata, struct test_vm *vm,
			      unsigned int cpu, const struct vgic_reg *reg, u32 want)
{
	u32 buf[2] = { ~want, 0xa5a5a5a5 };
	int err = __vgic_get(vm, cpu, reg, buf);

	EXPECT_TRUE(!err && buf[0] == want && buf[1] == 0xa5a5a5a5)
	{
		TH_LOG("reading %s of vCPU %u: %s, value %#x, then %#x; expected 0, %#x, then 0xa5a5a5a5",
		       reg->name, cpu, err_str(err), buf[0], buf[1], want);
		count_failure(_metadata);
	}
}

static inline void expect_no_reg(struct __test_metadata *_metadata, struct test_vm *vm,
				 const struct vgic_reg *reg, int want_err)
{
	u32 val = 0xa5a5a5a5;
	int err = __vgic_get(vm, 0, reg, &val);

	EXPECT_TRUE(err == want_err && val == 0xa5a5a5a5)
	{
		TH_LOG("reading %s: %s, value %#x; expected %s and nothing written", reg->name,
		       err_str(err), val, err_str(want_err));
		count_failure(_metadata);
	}
}

static inline void expect_guest_reg(struct __test_metadata *_metadata, struct test_vm *vm,
				    unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
				    u32 want)
{
	struct guest_result res;

	vgic_load(vm, by, cpu, reg, &res);
	expect_end(_metadata, reg->name, &res);
	EXPECT_EQ(want, res.x[0])
	{
		TH_LOG("the guest on vCPU %u reads %s of vCPU %u as %#lx; expected %#x", by,
		       reg->name, cpu, res.x[0], want);
		count_failure(_metadata);
	}
}

/* Guest and user space read the same */
static inline void expect_both(struct __test_metadata *_metadata, struct test_vm *vm,
			       unsigned int cpu, const struct vgic_reg *reg, u32 want)
{
	expect_reg(_metadata, vm, cpu, reg, want);
	expect_guest_reg(_metadata, vm, 0, cpu, reg, want);
}

/* The guest reads want, too: initialise and run the VM as needed to see it */
static inline void expect_guest_later(struct __test_metadata *_metadata, struct test_vm *vm,
				      enum stage now, const struct vgic_reg *reg, u32 want)
{
	if (now == BEFORE_INIT) {
		vgic_init(vm);
		expect_reg(_metadata, vm, 0, reg, want);
	}
	expect_both(_metadata, vm, vm->nr_vcpus - 1, reg, want);
}

/* Write val, expect want_err, and read want back */
static inline void expect_write(struct __test_metadata *_metadata, struct test_vm *vm,
				unsigned int cpu, const struct vgic_reg *reg, u32 val, int want_err,
				u32 want)
{
	int err = __vgic_set(vm, cpu, reg, val);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("writing %#x to %s of vCPU %u: %s; expected %s", val, reg->name, cpu,
		       err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
	expect_reg(_metadata, vm, cpu, reg, want);
}

static inline void guest_writes(struct __test_metadata *_metadata, struct test_vm *vm,
				unsigned int by, unsigned int cpu, const struct vgic_reg *reg,
				u32 val)
{
	struct guest_result res;

	vgic_store(vm, by, cpu, reg, val, &res);
	expect_end(_metadata, reg->name, &res);
}

/*
 * Access a register in a way that gives an errno; what is "reading" or "writing", why the
 * reason of the errno
 */
static inline void expect_access(struct __test_metadata *_metadata, const char *what,
				 const struct vgic_reg *reg, const char *why, int want_err, int err)
{
	EXPECT_EQ(want_err, err)
	{
		TH_LOG("%s %s %s: %s; expected %s", what, reg->name, why, err_str(err),
		       err_str(want_err));
		count_failure(_metadata);
	}
}

static inline void expect_announced(struct __test_metadata *_metadata, struct test_vm *vm,
				    const struct vgic_reg *reg, const char *when, int want_err)
{
	expect_access(_metadata, "KVM_HAS_DEVICE_ATTR of", reg, when, want_err,
		      __vgic_attr(vm, KVM_HAS_DEVICE_ATTR, reg->group, reg->offset, NULL));
}

static inline void expect_bad_pointers_fault(struct __test_metadata *_metadata, struct test_vm *vm,
					     const struct vgic_reg *reg)
{
	const void *bad = (const void *)~0xfffUL;
	u64 attr = vgic_reg_attr(vm, 0, reg);

	expect_access(_metadata, "reading", reg, "to an unmapped address", -EFAULT,
		      __vgic_attr(vm, KVM_GET_DEVICE_ATTR, reg->group, attr, bad));
	expect_access(_metadata, "writing", reg, "from an unmapped address", -EFAULT,
		      __vgic_attr(vm, KVM_SET_DEVICE_ATTR, reg->group, attr, bad));
}

/* KVM_DEV_ARM_VGIC_CTRL_INIT of an initialised vGIC succeeds and changes nothing */
static inline void expect_init_again(struct __test_metadata *_metadata, struct test_vm *vm)
{
	int err = __vgic_init(vm);

	EXPECT_EQ(0, err)
	{
		TH_LOG("initialising the vGIC again: %s; expected 0", err_str(err));
	}
}

/* NULL, or why a guest of this program has no such vGIC, or none to access at that stage */
static const char *vgic_missing(u32 type, enum stage stage, struct host_vgic *host)
{
	if (type == V2 && guest_at_el2)
		return "a guest at EL2 needs a vGICv3";
	host_vgic(type, host);
	if (!host->there)
		return type == V2 ? "this host has no vGICv2" : "this host has no vGICv3";
	if (type == V3 && stage == BEFORE_INIT && !host->early)
		return "this kernel has no GICD_IIDR and GICD_TYPER2 before initialisation";
	return NULL;
}

#endif /* GUEST_ABI_VGIC_EXPECT_H */
