/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: a VMM that saves and restores every listed register without
 * knowing what they are.
 */

/* Registers whose own value cannot be written back */
static const struct {
	u64 id;
	int err;
	const char *reason;
} fixed_regs[] = {
	{ ABI_REG_SVE_VLS, -EPERM, "chosen before KVM_ARM_VCPU_FINALIZE [api.rst 4.68]" },
};

static int write_back_err(u64 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed_regs); i++)
		if (fixed_regs[i].id == id)
			return fixed_regs[i].err;
	return 0;
}

/* Registers that a write of another one changes */
static const struct {
	u64 id;
	const char *reason;
} dependent_regs[] = {
	{ ABI_REG_SYS(3, 0, 9, 14, 1), "PMINTENSET_EL1 is PMINTENCLR_EL1" },
	{ ABI_REG_SYS(3, 0, 9, 14, 2), "PMINTENCLR_EL1 is PMINTENSET_EL1" },
	{ ABI_REG_SYS(3, 3, 9, 12, 1), "PMCNTENSET_EL0 is PMCNTENCLR_EL0" },
	{ ABI_REG_SYS(3, 3, 9, 12, 2), "PMCNTENCLR_EL0 is PMCNTENSET_EL0" },
	{ ABI_REG_SYS(3, 3, 9, 14, 3), "PMOVSSET_EL0 is PMOVSCLR_EL0" },
	{ ABI_REG_SYS(3, 3, 9, 12, 3), "PMOVSCLR_EL0 is PMOVSSET_EL0" },
	{ ABI_REG_SYS(3, 3, 14, 2, 1), "CNTP_CTL_EL0.ISTATUS compares CNTP_CVAL_EL0" },
	{ ABI_REG_SYS(3, 3, 14, 3, 1), "CNTV_CTL_EL0.ISTATUS compares CNTV_CVAL_EL0" },
	{ ABI_REG_SYS(3, 3, 9, 12, 0), "PMCR_EL0.N is MDCR_EL2.HPMN below EL2" },
};

/* PMCR_EL0 depends on another register only where there is an EL2 */
static bool is_dependent(struct test_vm *vm, u64 id)
{
	unsigned int i;

	if (id == ABI_REG_SYS(3, 3, 9, 12, 0) && !vm->at_el2)
		return false;
	for (i = 0; i < ARRAY_SIZE(dependent_regs); i++)
		if (dependent_regs[i].id == id)
			return true;
	return false;
}

/* The orders in which registers are written */
enum order {
	/* As listed: Firecracker [src/vmm/src/arch/aarch64/vcpu.rs], Cloud Hypervisor */
	ORDER_LIST,
	ORDER_REVERSE,
	/* By id, core and SVE registers behind: QEMU, see lib/manners.c */
	ORDER_QEMU,
	/* Any order */
	ORDER_SHUFFLED,
	ORDER_SHUFFLED_AGAIN,
	NR_ORDERS
};

static const char *const order_names[NR_ORDERS] = {
	[ORDER_LIST] = "the list's order",
	[ORDER_REVERSE] = "reverse order",
	[ORDER_QEMU] = "QEMU's order",
	[ORDER_SHUFFLED] = "a random order",
	[ORDER_SHUFFLED_AGAIN] = "another random order",
};

/* splitmix64: bits that look random but are the same each time */
static u64 scramble(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static enum order sort_order;

static int compare_values(const void *a, const void *b)
{
	const struct reg_value *x = *(const struct reg_value *const *)a;
	const struct reg_value *y = *(const struct reg_value *const *)b;
	u64 rx, ry;

	switch (sort_order) {
	case ORDER_REVERSE:
		return x < y ? 1 : -1;
	case ORDER_QEMU:
		rx = vmm_rank_qemu(x->id);
		ry = vmm_rank_qemu(y->id);
		if (rx == ry) {
			rx = x->id;
			ry = y->id;
		}
		break;
	case ORDER_SHUFFLED:
	case ORDER_SHUFFLED_AGAIN:
		rx = scramble(x->id ^ sort_order);
		ry = scramble(y->id ^ sort_order);
		break;
	default:
		return x < y ? -1 : 1;
	}
	return rx < ry ? -1 : rx > ry;
}

struct saved_vm {
	enum config_id config;
	struct test_vm *vm, *fresh;
	struct kvm_reg_list *list;
	struct reg_value *reg; /* as saved, list->n of them */
	u64 at; /* when, in ns of CLOCK_MONOTONIC */
};

FIXTURE(restore)
{
	struct saved_vm saved;
};

FIXTURE_VARIANT(restore)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(restore, plain) { .config = CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(restore, psci_0_1) { .config = CONFIG_PSCI_0_1 };
FIXTURE_VARIANT_ADD(restore, pmu) { .config = CONFIG_PMU };
FIXTURE_VARIANT_ADD(restore, sve) { .config = CONFIG_SVE };
FIXTURE_VARIANT_ADD(restore, ptrauth) { .config = CONFIG_PTRAUTH };
FIXTURE_VARIANT_ADD(restore, pmu_sve) { .config = CONFIG_PMU_SVE };
FIXTURE_VARIANT_ADD(restore, pmu_ptrauth) { .config = CONFIG_PMU_PTRAUTH };
FIXTURE_VARIANT_ADD(restore, sve_ptrauth) { .config = CONFIG_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(restore, pmu_sve_ptrauth) { .config = CONFIG_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(restore, el1_32) { .config = CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(restore, el1_32_pmu) { .config = CONFIG_EL1_32_PMU };
FIXTURE_VARIANT_ADD(restore, el2) { .config = CONFIG_EL2 };
FIXTURE_VARIANT_ADD(restore, el2_pmu_sve_ptrauth) { .config = CONFIG_EL2_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(restore, e2h0_pmu_sve_ptrauth) { .config = CONFIG_E2H0_PMU_SVE_PTRAUTH };
/* clang-format on */

FIXTURE_SETUP(restore)
{
	struct saved_vm *saved = &self->saved;
	const char *lack = config_lack(variant->config);

	if (lack)
		SKIP(return, "%s", lack);
	saved->config = variant->config;
	saved->vm = config_vm(variant->config, 0);
	saved->list = reg_list_get(saved->vm->vcpu[0]);
	saved->reg = calloc(saved->list->n, sizeof(*saved->reg));
	ASSERT_NE(NULL, saved->reg);
}

FIXTURE_TEARDOWN(restore)
{
	free(self->saved.reg);
	free(self->saved.list);
	test_vm_free(self->saved.fresh);
	test_vm_free(self->saved.vm);
}

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Ticks of the counters since a moment, rounded up by a millisecond */
static u64 ticks_since(u64 ns)
{
	u64 frequency;

	asm("mrs %0, cntfrq_el0" : "=r"(frequency));
	return (now_ns() - ns + 1000000) / 1000 * (frequency / 1000) / 1000 + 1;
}

static void save(struct __test_metadata *_metadata, struct saved_vm *saved)
{
	unsigned int bad = 0;
	int err;

	saved->at = now_ns();
	err = reg_save(saved->vm->vcpu[0], saved->list, saved->reg, &bad);
	ASSERT_EQ(0, err)
	{
		TH_LOG("KVM_GET_ONE_REG %s, %#llx: %s; expected 0", reg_name(saved->list->reg[bad]),
		       saved->list->reg[bad], err_str(err));
	}
}

static void write_one(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct reg_value *value, const char *when)
{
	int err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, value->id, value->val);

	EXPECT_EQ(write_back_err(value->id), err)
	{
		TH_LOG("KVM_SET_ONE_REG %s, %#lx, to %s as read, %s: %s; expected %s",
		       reg_name(value->id), value->id, reg_value_str(value), when, err_str(err),
		       err_str(write_back_err(value->id)));
		count_failure(_metadata);
	}
}

static void write_all(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct reg_value *values, unsigned int nr, enum order order,
		      const char *when)
{
	const struct reg_value **sorted = calloc(nr, sizeof(*sorted));
	unsigned int i;

	ASSERT_NE(NULL, sorted);
	for (i = 0; i < nr; i++)
		sorted[i] = &values[i];
	sort_order = order;
	qsort(sorted, nr, sizeof(*sorted), compare_values);
	for (i = 0; i < nr; i++)
		write_one(_metadata, vcpu, sorted[i], when);
	for (i = 0; i < nr && order == ORDER_QEMU; i++)
		if (!vmm_rank_qemu(sorted[i]->id) && !reg_counts(sorted[i]->id))
			write_one(_metadata, vcpu, sorted[i], when);
	free(sorted);
}

/* The registers have the saved values, or counted on from them */
static void expect_saved(struct __test_metadata *_metadata, struct saved_vm *saved,
			 struct test_vm *vm, const char *when)
{
	struct reg_value now;
	u64 i, count, ticks;
	int err;

	for (i = 0; i < saved->list->n; i++) {
		const struct reg_value *reg = &saved->reg[i];

		memset(&now, 0, sizeof(now));
		now.id = reg->id;
		err = __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, now.id, now.val);
		if (reg_counts(now.id)) {
			count = *(u64 *)now.val - *(const u64 *)reg->val;
			ticks = ticks_since(saved->at);
			EXPECT_TRUE(!err && count <= ticks)
			{
				TH_LOG("%s %s: %s, value %s; expected 0, %s and up to %#lx more",
				       reg_name(now.id), when, err_str(err), reg_value_str(&now),
				       reg_value_str(reg), ticks);
				count_failure(_metadata);
			}
			continue;
		}
		EXPECT_TRUE(!err && same_bytes(now.val, reg->val, sizeof(now.val)))
		{
			TH_LOG("%s, %#lx, %s: %s, value %s; expected 0, %s", reg_name(now.id),
			       now.id, when, err_str(err), reg_value_str(&now), reg_value_str(reg));
			count_failure(_metadata);
		}
	}
}

/* A32: str r0, [r1] for ever */
static const u32 code_32[] = { 0xe5810000, 0xeafffffd };

/* Let the guest do something, and KVM finish the exit that ends it */
static void run(struct __test_metadata *_metadata, struct test_vm *vm)
{
	const u64 call[8] = { ABI_SMCCC_VERSION };
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;

	if (vm->features & FEAT_EL1_32) {
		x_set(vcpu, 1, VM_EXIT_PORT);
		guest_run(vcpu, &res);
	} else {
		guest_call(vcpu, vm->at_el2 ? CONDUIT_SMC : CONDUIT_HVC, call, &res);
	}
	expect_end(_metadata, "a call of SMCCC_VERSION", &res);
	if (!(vm->features & FEAT_EL1_32))
		EXPECT_EQ(ABI_SMCCC_VERSION_1_1, res.x[0]);

	/* [api.rst 5, KVM_EXIT_MMIO]: only then is the state of the vCPU consistent */
	vcpu->run->immediate_exit = 1;
	EXPECT_TRUE(ioctl(vcpu->fd, KVM_RUN, NULL) == -1 && errno == EINTR);
	vcpu->run->immediate_exit = 0;
}

static void prepare_run(struct test_vm *vm)
{
	if (!(vm->features & FEAT_EL1_32))
		return;
	memcpy(test_vm_ram(vm, VM_RAM_DATA), code_32, sizeof(code_32));
	reg_set(vm->vcpu[0], ABI_PC, VM_RAM_DATA);
}

TEST_F(restore, every_value_can_be_written_back_before_the_run)
{
	struct saved_vm *saved = &self->saved;
	static const enum order orders[] = { ORDER_LIST, ORDER_REVERSE, ORDER_QEMU };
	unsigned int i;

	save(_metadata, saved);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		write_all(_metadata, saved->vm->vcpu[0], saved->reg, saved->list->n, orders[i],
			  "before the run");
		expect_saved(_metadata, saved, saved->vm, "after a write of the value it had");
	}
}

TEST_F(restore, every_value_can_be_written_back_after_the_run)
{
	struct saved_vm *saved = &self->saved;
	static const enum order orders[] = { ORDER_LIST, ORDER_REVERSE, ORDER_QEMU };
	struct kvm_reg_list *list;
	unsigned int i;

	prepare_run(saved->vm);
	run(_metadata, saved->vm);
	save(_metadata, saved);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		write_all(_metadata, saved->vm->vcpu[0], saved->reg, saved->list->n, orders[i],
			  "after the run");
		expect_saved(_metadata, saved, saved->vm, "after a write of the value it had");
	}
	run(_metadata, saved->vm);

	/* and running changes no list */
	list = reg_list_get(saved->vm->vcpu[0]);
	EXPECT_EQ(saved->list->n, list->n);
	EXPECT_TRUE(same_bytes(list->reg, saved->list->reg, list->n * sizeof(u64)));
	free(list);
}

static void restore_on_fresh_vms(struct __test_metadata *_metadata, struct saved_vm *saved,
				 bool runs)
{
	enum order order;

	for (order = 0; order < NR_ORDERS; order++) {
		if (saved->vm->at_el2 && order >= ORDER_SHUFFLED)
			break;
		saved->fresh = config_vm(saved->config, 0);
		prepare_run(saved->fresh);
		write_all(_metadata, saved->fresh->vcpu[0], saved->reg, saved->list->n, order,
			  order_names[order]);
		expect_saved(_metadata, saved, saved->fresh, order_names[order]);
		if (runs) {
			run(_metadata, saved->fresh);
			run(_metadata, saved->fresh);
		}
		test_vm_free(saved->fresh);
		saved->fresh = NULL;
	}
}

TEST_F(restore, state_after_a_run_fits_a_fresh_vm)
{
	struct saved_vm *saved = &self->saved;

	prepare_run(saved->vm);
	run(_metadata, saved->vm);
	save(_metadata, saved);
	restore_on_fresh_vms(_metadata, saved, true);
}

/*
 * What a register is given to get a state far from that of reset. A register that
 * refuses it keeps its value.
 */
static void make_value(struct test_vm *vm, struct reg_value *value)
{
	u64 *words = (u64 *)value->val;
	unsigned int i;

	for (i = 0; i < REG_MAX_BYTES / 8; i++)
		words[i] = 8 * i < reg_bytes(value->id) ? scramble(value->id + ((u64)i << 40)) : 0;
	/* KVM cuts the X registers and PC of a 32-bit guest */
	if (reg_bytes(value->id) == 4 ||
	    (vm->features & FEAT_EL1_32 && reg_coproc(value->id) == ABI_COPROC_CORE &&
	     reg_bytes(value->id) == 8))
		words[0] &= 0xffffffff;

	if (value->id == ABI_PSTATE) {
		/* flags, and EL1 with SP_EL0; a 32-bit mode would narrow other registers */
		words[0] = vm->features & FEAT_EL1_32 ? 0x600001d3 : 0x600003c4;
	} else if (value->id == ABI_PSCI_VERSION) {
		words[0] = vm->flags & VM_PSCI_0_1 ? 1 : 0x10000;
	} else if (reg_coproc(value->id) == ABI_COPROC_FW_BMAP) {
		words[0] = 0;
	} else if (reg_counts(value->id)) {
		words[0] >>= 16; /* far from the end */
	} else if (value->id == ABI_CNTVOFF_EL2) {
		words[0] = 0; /* see el2_counters */
	}
}

TEST_F(restore, any_state_fits_a_fresh_vm)
{
	struct saved_vm *saved = &self->saved;
	struct kvm_vcpu *vcpu = saved->vm->vcpu[0];
	struct reg_value value;
	unsigned int taken = 0;
	u64 i;

	for (i = 0; i < saved->list->n; i++) {
		value.id = saved->list->reg[i];
		make_value(saved->vm, &value);
		taken += !__reg_ioctl(vcpu, KVM_SET_ONE_REG, value.id, value.val);
	}
	/* at least the core and most EL1 registers */
	EXPECT_LE(100, taken);
	save(_metadata, saved);
	restore_on_fresh_vms(_metadata, saved, false);
}

static bool same_value(const struct reg_value *a, const struct reg_value *b)
{
	return same_bytes(a->val, b->val, sizeof(a->val));
}

/*
 * Write all registers in an order, and see that each still has what it had right
 * after its own write once all are written. Else two registers share their storage.
 */
static void write_and_compare(struct __test_metadata *_metadata, struct test_vm *vm,
			      const struct kvm_reg_list *list, struct reg_value *values,
			      bool backwards)
{
	struct reg_value now;
	u64 n, i;

	memset(values, 0, list->n * sizeof(*values));
	for (n = 0; n < list->n; n++) {
		i = backwards ? list->n - 1 - n : n;
		values[i].id = list->reg[i];
		make_value(vm, &values[i]);
		now = values[i];
		if (__reg_ioctl(vm->vcpu[0], KVM_SET_ONE_REG, values[i].id, values[i].val))
			now.id = 0;
		memset(values[i].val, 0, sizeof(values[i].val));
		ASSERT_EQ(0,
			  __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, values[i].id, values[i].val));
		if (reg_coproc(now.id) == ABI_COPROC_CORE && now.id)
			EXPECT_TRUE(same_value(&now, &values[i]))
			{
				TH_LOG("%s after a write of %s: %s", reg_name(values[i].id),
				       reg_value_str(&now), reg_value_str(&values[i]));
				count_failure(_metadata);
			}
	}
	for (i = 0; i < list->n; i++) {
		memset(&now, 0, sizeof(now));
		now.id = list->reg[i];
		ASSERT_EQ(0, __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, now.id, now.val));
		if (reg_counts(now.id) || is_dependent(vm, now.id))
			continue;
		EXPECT_TRUE(same_value(&now, &values[i]))
		{
			TH_LOG("%s, %#lx, was %s after a write to it; now, others written, %s",
			       reg_name(now.id), now.id, reg_value_str(&values[i]),
			       reg_value_str(&now));
		}
	}
}

TEST_F(restore, a_write_changes_no_other_register)
{
	struct saved_vm *saved = &self->saved;

	write_and_compare(_metadata, saved->vm, saved->list, saved->reg, false);
	write_and_compare(_metadata, saved->vm, saved->list, saved->reg, true);
}
