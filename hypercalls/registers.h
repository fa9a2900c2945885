/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercalls_test: the bitmap registers as user space sees them.
 */

/* An address that nothing is mapped at */
static void *unmapped_page(struct __test_metadata *_metadata)
{
	void *page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, munmap(page, getpagesize()));
	return page;
}

/* At EL2 vm_scope_el2_test looks at the others, see few_vcpus() */
static unsigned int bitmap_vcpus(void)
{
	return guest_at_el2 ? 1 : few_vcpus();
}

/* Before any vCPU has run */

FIXTURE(bitmap)
{
	struct test_vm *vm;
	const struct fw_bitmap *reg;
	struct fw_config cfg;
};

FIXTURE_VARIANT(bitmap)
{
	int bmap;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(bitmap, std) { .bmap = BMAP_STD };
FIXTURE_VARIANT_ADD(bitmap, std_hyp) { .bmap = BMAP_STD_HYP };
FIXTURE_VARIANT_ADD(bitmap, vendor_hyp) { .bmap = BMAP_VENDOR_HYP };
FIXTURE_VARIANT_ADD(bitmap, vendor_hyp_2) { .bmap = BMAP_VENDOR_HYP_2 };
/* clang-format on */

FIXTURE_SETUP(bitmap)
{
	fw_probe(&self->cfg);
	self->reg = &fw_bitmaps[variant->bmap];
	if (!self->cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].name);
	self->vm = test_vm_create(bitmap_vcpus(), 0, 0);
}

FIXTURE_TEARDOWN(bitmap)
{
	test_vm_free(self->vm);
}

TEST_F(bitmap, reset_value_is_the_documented_one)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_get(_metadata, self->vm->vcpu[i], self->reg, self->reg->reset);
}

TEST_F(bitmap, is_listed_once)
{
	EXPECT_EQ(1, test_vm_lists(self->vm, self->reg->id))
	{
		TH_LOG("KVM_GET_REG_LIST names %s %u times; expected once", self->reg->name,
		       test_vm_lists(self->vm, self->reg->id));
	}
}

TEST_F(bitmap, every_accepted_subset_reads_back)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 from = 0, to;

	/* from each subset to each, since a change can go wrong in either direction */
	do {
		to = 0;
		do {
			expect_set(_metadata, vcpu, self->reg, from, 0, from);
			expect_set(_metadata, vcpu, self->reg, to, 0, to);
			to = next_subset(to, self->reg->accepted);
		} while (to);
		from = next_subset(from, self->reg->accepted);
	} while (from);
}

TEST_F(bitmap, unsupported_bits_are_refused)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 accepted = self->reg->accepted;
	u64 now = 0, with;
	unsigned int bit;

	do {
		expect_set(_metadata, vcpu, self->reg, now, 0, now);
		for (bit = 0; bit < 64; bit++) {
			if (accepted & 1ULL << bit)
				continue;
			with = 0;
			do {
				expect_set(_metadata, vcpu, self->reg, 1ULL << bit | with, -EINVAL,
					   now);
				with = next_subset(with, accepted);
			} while (with);
		}
		expect_set(_metadata, vcpu, self->reg, ~accepted, -EINVAL, now);
		expect_set(_metadata, vcpu, self->reg, ~0ULL, -EINVAL, now);
		now = next_subset(now, accepted);
	} while (now);
}

TEST_F(bitmap, write_leaves_the_other_registers_alone)
{
	u64 val = 0;
	int i;

	do {
		reg_set(self->vm->vcpu[0], self->reg->id, val);
		for (i = 0; i < NR_BMAPS; i++) {
			if (i != variant->bmap && self->cfg.has_reg[i])
				expect_get(_metadata, self->vm->vcpu[0], &fw_bitmaps[i],
					   fw_bitmaps[i].reset);
		}
		val = next_subset(val, self->reg->accepted);
	} while (val);
}

TEST_F(bitmap, other_sizes_are_unknown_registers)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 size, id, buf[32] = { 0 };

	for (size = 0; size <= 8; size++) {
		if (size == (self->reg->id & ABI_REG_SIZE_MASK) >> ABI_REG_SIZE_SHIFT)
			continue;
		id = (self->reg->id & ~ABI_REG_SIZE_MASK) | size << ABI_REG_SIZE_SHIFT;
		expect_err(_metadata, "KVM_GET_ONE_REG of another size", id, -ENOENT,
			   __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf));
		expect_err(_metadata, "KVM_SET_ONE_REG of another size", id, -ENOENT,
			   __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, buf));
	}
	expect_get(_metadata, vcpu, self->reg, self->reg->reset);
}

TEST_F(bitmap, bad_pointers_fault)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	char *page = unmapped_page(_metadata);
	const void *bad[] = { NULL, page, page - 4, (void *)(1UL << 63), (void *)-8L };
	unsigned int i;

	/* the value straddles the end of a mapping in the third */
	ASSERT_NE(MAP_FAILED, mmap(page - getpagesize(), getpagesize(), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_err(_metadata, "KVM_GET_ONE_REG to a bad pointer", (u64)bad[i], -EFAULT,
			   __reg_ioctl(vcpu, KVM_GET_ONE_REG, self->reg->id, bad[i]));
		expect_err(_metadata, "KVM_SET_ONE_REG from a bad pointer", (u64)bad[i], -EFAULT,
			   __reg_ioctl(vcpu, KVM_SET_ONE_REG, self->reg->id, bad[i]));
		expect_get(_metadata, vcpu, self->reg, self->reg->reset);
	}
	EXPECT_TRUE(ioctl(vcpu->fd, KVM_GET_ONE_REG, page) == -1 && errno == EFAULT);
	EXPECT_TRUE(ioctl(vcpu->fd, KVM_SET_ONE_REG, page) == -1 && errno == EFAULT);
}

TEST_F(bitmap, vcpu_init_keeps_the_value)
{
	u64 val = self->reg->accepted ^ self->reg->reset;
	unsigned int i;

	reg_set(self->vm->vcpu[0], self->reg->id, val);
	for (i = 0; i < self->vm->nr_vcpus; i++) {
		test_vcpu_reinit(self->vm, i);
		expect_get(_metadata, self->vm->vcpu[i], self->reg, val);
	}
}

TEST_F(bitmap, write_through_one_vcpu_is_read_through_all)
{
	unsigned int writer, reader;
	u64 val;

	for (writer = 0; writer < self->vm->nr_vcpus; writer++) {
		val = 0;
		do {
			expect_set(_metadata, self->vm->vcpu[writer], self->reg, val, 0, val);
			for (reader = 0; reader < self->vm->nr_vcpus; reader++)
				expect_get(_metadata, self->vm->vcpu[reader], self->reg, val);
			val = next_subset(val, self->reg->accepted);
		} while (val);
	}
}

/* Once a vCPU has run */

FIXTURE(locked_bitmap)
{
	struct test_vm *vm;
	const struct fw_bitmap *reg;
	u64 val;
};

FIXTURE_VARIANT(locked_bitmap)
{
	int bmap;
	bool last; /* which vCPU is the one that runs: the last, or the first */
	bool written; /* the register differs from its reset value */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(locked_bitmap, std_by_first_vcpu) { BMAP_STD, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, std_by_last_vcpu) { BMAP_STD, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, std_hyp_by_first_vcpu) { BMAP_STD_HYP, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, std_hyp_by_last_vcpu) { BMAP_STD_HYP, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_by_first_vcpu) { BMAP_VENDOR_HYP, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_by_last_vcpu) { BMAP_VENDOR_HYP, true, true };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_2_by_first_vcpu) { BMAP_VENDOR_HYP_2, false, false };
FIXTURE_VARIANT_ADD(locked_bitmap, vendor_hyp_2_by_last_vcpu) { BMAP_VENDOR_HYP_2, true, true };
/* clang-format on */

FIXTURE_SETUP(locked_bitmap)
{
	const u64 in[8] = { ABI_SMCCC_VERSION };
	struct guest_result res;
	struct fw_config cfg;

	fw_probe(&cfg);
	if (!cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].name);
	self->reg = &fw_bitmaps[variant->bmap];
	self->val = self->reg->reset;
	if (variant->written)
		self->val ^= self->reg->accepted;
	self->vm = test_vm_create(bitmap_vcpus(), 0, 0);
	reg_set(self->vm->vcpu[0], self->reg->id, self->val);
	guest_call(self->vm->vcpu[variant->last ? self->vm->nr_vcpus - 1 : 0], guest_conduit(), in,
		   &res);
	expect_end(_metadata, "the first run", &res);
}

FIXTURE_TEARDOWN(locked_bitmap)
{
	test_vm_free(self->vm);
}

TEST_F(locked_bitmap, change_is_busy)
{
	unsigned int i;
	u64 val;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		val = 0;
		do {
			if (val != self->val)
				expect_set(_metadata, self->vm->vcpu[i], self->reg, val, -EBUSY,
					   self->val);
			val = next_subset(val, self->reg->accepted);
		} while (val);
	}
}

TEST_F(locked_bitmap, current_value_is_accepted)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++)
		expect_set(_metadata, self->vm->vcpu[i], self->reg, self->val, 0, self->val);
}

TEST_F(locked_bitmap, unsupported_bits_are_invalid)
{
	unsigned int i, bit;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		for (bit = 0; bit < 64; bit++) {
			if (self->reg->accepted & 1ULL << bit)
				continue;
			expect_set(_metadata, self->vm->vcpu[i], self->reg, 1ULL << bit, -EINVAL,
				   self->val);
			expect_set(_metadata, self->vm->vcpu[i], self->reg, 1ULL << bit | self->val,
				   -EINVAL, self->val);
		}
	}
}

TEST_F(locked_bitmap, vcpu_init_does_not_unlock)
{
	unsigned int i;

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		test_vcpu_reinit(self->vm, i);
		expect_set(_metadata, self->vm->vcpu[i], self->reg, self->val ^ self->reg->accepted,
			   -EBUSY, self->val);
	}
}

/* The registers around the known ones */

FIXTURE(fw_coprocessor)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(fw_coprocessor)
{
	u64 base;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(fw_coprocessor, firmware) { .base = ABI_REG_FW(0) };
FIXTURE_VARIANT_ADD(fw_coprocessor, bitmaps) { .base = ABI_REG_FW_BMAP(0) };
/* clang-format on */

FIXTURE_SETUP(fw_coprocessor)
{
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(fw_coprocessor)
{
	test_vm_free(self->vm);
}

/*
 * A register answers if and only if it is listed: a future one may come, but
 * not unlisted. The low 512 numbers, and those with one of the upper bits set.
 */
TEST_F(fw_coprocessor, unlisted_registers_are_unknown)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int n;
	u64 val;

	for (n = 0; n <= 0xffff; n += n < 512 ? 1 : n) {
		u64 id = variant->base | n;

		if (test_vm_lists(self->vm, id)) {
			expect_err(_metadata, "KVM_GET_ONE_REG of a listed register", id, 0,
				   __reg_get(vcpu, id, &val));
			continue;
		}
		expect_err(_metadata, "KVM_GET_ONE_REG of an unlisted register", id, -ENOENT,
			   __reg_get(vcpu, id, &val));
		for (val = 0; val <= 1; val++)
			expect_err(_metadata, "KVM_SET_ONE_REG of an unlisted register", id,
				   -ENOENT, __reg_set(vcpu, id, val));
	}
}

/* The first three bitmap registers came in one kernel release */
TEST_F(fw_coprocessor, bitmaps_of_one_release_come_together)
{
	struct fw_config cfg;

	fw_probe(&cfg);
	EXPECT_EQ(cfg.has_reg[BMAP_STD], cfg.has_reg[BMAP_STD_HYP]);
	EXPECT_EQ(cfg.has_reg[BMAP_STD], cfg.has_reg[BMAP_VENDOR_HYP]);
	EXPECT_TRUE(cfg.has_reg[BMAP_STD] || !cfg.has_reg[BMAP_VENDOR_HYP_2]);
}
