/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vgic_typer2_test: stages in the life of a VM, and checks of a register.
 */

/* When a register is looked at */
enum stage {
	BEFORE_INIT, /* the vGIC exists */
	AFTER_INIT, /* nothing has run */
	AFTER_RUN, /* a vCPU has run and is back */
};

static const char *const stage_names[] = {
	[BEFORE_INIT] = "before the vGIC is initialised",
	[AFTER_INIT] = "before the first run",
	[AFTER_RUN] = "after the first run",
};

/* A load of ordinary memory: the VM has run */
static void run_once(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	struct guest_result res;

	guest_load(vm->vcpu[cpu], VM_RAM_DATA, 8, &res);
	expect_end(_metadata, "the first run", &res);
}

static struct test_vm *vm_at(struct __test_metadata *_metadata, u32 type, unsigned int nr_vcpus,
			     unsigned int flags, enum stage stage)
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
 * For tests that are about user space. It looks at the same registers whichever
 * level the guests have; so, as one at EL2 costs much, most start at EL1.
 */
static struct test_vm *user_vm_at(struct __test_metadata *_metadata, u32 type, enum stage stage)
{
	return vm_at(_metadata, type, 2, stage == AFTER_RUN ? 0 : VM_AT_EL1, stage);
}

/* On with a VM to the next stage */
static void advance(struct __test_metadata *_metadata, struct test_vm *vm, enum stage now)
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
static void expect_reg(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
		       const struct vgic_reg *reg, u32 want)
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

static void expect_no_reg(struct __test_metadata *_metadata, struct test_vm *vm,
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

static void expect_guest_reg(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int by,
			     unsigned int cpu, const struct vgic_reg *reg, u32 want)
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

/* Guest and user space are told the same */
static void expect_both(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			const struct vgic_reg *reg, u32 want)
{
	expect_reg(_metadata, vm, cpu, reg, want);
	expect_guest_reg(_metadata, vm, 0, cpu, reg, want);
}

/* What the guest makes of a register that user space reads as want; init and run as needed */
static void expect_guest_later(struct __test_metadata *_metadata, struct test_vm *vm,
			       enum stage now, const struct vgic_reg *reg, u32 want)
{
	if (now == BEFORE_INIT) {
		vgic_init(vm);
		expect_reg(_metadata, vm, 0, reg, want);
	}
	expect_both(_metadata, vm, vm->nr_vcpus - 1, reg, want);
}

/* Write val, see want_err, and read want back */
static void expect_write(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			 const struct vgic_reg *reg, u32 val, int want_err, u32 want)
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

static void guest_writes(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int by,
			 unsigned int cpu, const struct vgic_reg *reg, u32 val)
{
	struct guest_result res;

	vgic_store(vm, by, cpu, reg, val, &res);
	expect_end(_metadata, reg->name, &res);
}

#define V2 KVM_DEV_TYPE_ARM_VGIC_V2
#define V3 KVM_DEV_TYPE_ARM_VGIC_V3

/* NULL, or why there is no such vGIC for a guest of this program, or none to look at so early */
static const char *lacks_vgic(u32 type, enum stage stage, struct vgic_host *host)
{
	if (type == V2 && guest_at_el2)
		return "a guest at EL2 needs a vGICv3";
	vgic_probe(type, host);
	if (!host->there)
		return type == V2 ? "this host has no vGICv2" : "this host has no vGICv3";
	if (type == V3 && stage == BEFORE_INIT && !host->early)
		return "this kernel has no GICD_IIDR and GICD_TYPER2 before initialisation";
	return NULL;
}
