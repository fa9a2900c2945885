/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: what is listed answers, what is not listed does not.
 */

FIXTURE(listed)
{
	struct test_vm *vm;
	struct kvm_reg_list *list;
};

FIXTURE_VARIANT(listed)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(listed, plain) { .config = CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(listed, psci_0_1) { .config = CONFIG_PSCI_0_1 };
FIXTURE_VARIANT_ADD(listed, pmu) { .config = CONFIG_PMU };
FIXTURE_VARIANT_ADD(listed, sve) { .config = CONFIG_SVE };
FIXTURE_VARIANT_ADD(listed, ptrauth) { .config = CONFIG_PTRAUTH };
FIXTURE_VARIANT_ADD(listed, pmu_sve) { .config = CONFIG_PMU_SVE };
FIXTURE_VARIANT_ADD(listed, pmu_ptrauth) { .config = CONFIG_PMU_PTRAUTH };
FIXTURE_VARIANT_ADD(listed, sve_ptrauth) { .config = CONFIG_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(listed, pmu_sve_ptrauth) { .config = CONFIG_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(listed, el1_32) { .config = CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(listed, el1_32_pmu) { .config = CONFIG_EL1_32_PMU };
FIXTURE_VARIANT_ADD(listed, el2) { .config = CONFIG_EL2 };
FIXTURE_VARIANT_ADD(listed, el2_pmu_sve_ptrauth) { .config = CONFIG_EL2_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(listed, e2h0_pmu_sve_ptrauth) { .config = CONFIG_E2H0_PMU_SVE_PTRAUTH };
/* clang-format on */

FIXTURE_SETUP(listed)
{
	const char *lack = config_lack(variant->config);

	if (lack)
		SKIP(return, "%s", lack);
	self->vm = config_vm(variant->config, 0);
	self->list = reg_list_get(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(listed)
{
	free(self->list);
	test_vm_free(self->vm);
}

/* For firmware registers [abi: ENOENT]; others are either [api.rst 4.68] */
static bool is_refusal(u64 id, int err)
{
	u64 group = id & ~(ABI_REG_SIZE_MASK | 0xffff);

	if (group == (ABI_REG_ARM64 | ABI_COPROC_FW << ABI_REG_COPROC_SHIFT) ||
	    group == (ABI_REG_ARM64 | ABI_COPROC_FW_BMAP << ABI_REG_COPROC_SHIFT))
		return err == -ENOENT;
	return err == -ENOENT || err == -EINVAL;
}

static void expect_refusal(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   unsigned long cmd, u64 id)
{
	static u8 val[1 << 15];
	int err = __reg_ioctl(vcpu, cmd, id, val);

	EXPECT_TRUE(is_refusal(id, err))
	{
		TH_LOG("KVM_%cET_ONE_REG of %#lx (%s), which is not listed: %s; expected ENOENT",
		       cmd == KVM_GET_ONE_REG ? 'G' : 'S', id, reg_plain_name(id), err_str(err));
		count_failure(_metadata);
	}
}

TEST_F(listed, every_id_is_listed_once)
{
	u64 i;

	for (i = 0; i < self->list->n; i++) {
		unsigned int count = reg_list_count(self->list, self->list->reg[i]);

		EXPECT_EQ(1, count)
		{
			TH_LOG("KVM_GET_REG_LIST names %s, %#llx, %u times",
			       reg_name(self->list->reg[i]), self->list->reg[i], count);
			count_failure(_metadata);
		}
	}
}

/* Read a register between canaries; the bytes that differ from both fills were written */
static int get_between_canaries(struct kvm_vcpu *vcpu, u64 id, unsigned int *first,
				unsigned int *last)
{
	static u8 buf[2][3 * REG_MAX_BYTES];
	unsigned int i, at = REG_MAX_BYTES;
	int err;

	memset(buf[0], 0xa5, sizeof(buf[0]));
	memset(buf[1], 0x5a, sizeof(buf[1]));
	err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf[0] + at);
	if (!err)
		err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, buf[1] + at);
	*first = ~0U;
	*last = 0;
	for (i = 0; i < sizeof(buf[0]); i++) {
		if (buf[0][i] == 0xa5 && buf[1][i] == 0x5a)
			continue;
		if (*first == ~0U)
			*first = i - at;
		*last = i - at;
	}
	return err;
}

TEST_F(listed, every_register_is_read_at_the_size_of_its_id)
{
	unsigned int first, last;
	int err;
	u64 i;

	for (i = 0; i < self->list->n; i++) {
		u64 id = self->list->reg[i];

		ASSERT_GE(REG_MAX_BYTES, reg_bytes(id));
		err = get_between_canaries(self->vm->vcpu[0], id, &first, &last);
		EXPECT_TRUE(!err && first == 0 && last == reg_bytes(id) - 1)
		{
			TH_LOG("KVM_GET_ONE_REG %s, %#lx: %s, wrote bytes %d to %d; expected 0 to %u",
			       reg_name(id), id, err_str(err), first, last, reg_bytes(id) - 1);
			count_failure(_metadata);
		}
	}
}

TEST_F(listed, bad_pointers_fault)
{
	size_t page = getpagesize();
	char *map =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int j;
	u64 i;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + page, page));
	for (i = 0; i < self->list->n; i++) {
		u64 id = self->list->reg[i];
		/* nothing there, and nothing where the last byte is */
		const void *bad[] = { NULL, map + page - reg_bytes(id) + 1 };

		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			expect_err(_metadata, "KVM_GET_ONE_REG to a bad pointer", id, -EFAULT,
				   __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, bad[j]));
			if (id == ABI_REG_SVE_VLS) /* fixed by now */
				continue;
			/* above the vector length no bit of Zn, Pn and FFR is there to be read */
			if (j && reg_coproc(id) == ABI_COPROC_SVE)
				continue;
			expect_err(_metadata, "KVM_SET_ONE_REG from a bad pointer", id, -EFAULT,
				   __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, bad[j]));
		}
	}
	ASSERT_EQ(0, munmap(map, page));
}

TEST_F(listed, other_sizes_are_refused)
{
	u64 i, size, id;

	for (i = 0; i < self->list->n; i++) {
		for (size = 0; size <= 15; size++) {
			id = (self->list->reg[i] & ~ABI_REG_SIZE_MASK) | size << ABI_REG_SIZE_SHIFT;
			if (reg_list_count(self->list, id))
				continue;
			expect_refusal(_metadata, self->vm->vcpu[0], KVM_GET_ONE_REG, id);
			expect_refusal(_metadata, self->vm->vcpu[0], KVM_SET_ONE_REG, id);
		}
	}
}

static int compare_ids(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static bool sorted_has(const struct kvm_reg_list *list, u64 id)
{
	return bsearch(&id, list->reg, list->n, sizeof(id), compare_ids);
}

/* Every id whose number is one bit or one away from that of a listed one */
TEST_F(listed, unlisted_neighbours_are_refused)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 i, id, ids[16 + 2];
	unsigned int j;

	qsort(self->list->reg, self->list->n, sizeof(u64), compare_ids);
	for (i = 0; i < self->list->n; i++) {
		id = self->list->reg[i];
		for (j = 0; j < 16; j++)
			ids[j] = id ^ 1ULL << j;
		ids[16] = id + 1;
		ids[17] = id - 1;
		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			if (sorted_has(self->list, ids[j]))
				continue;
			expect_refusal(_metadata, vcpu, KVM_GET_ONE_REG, ids[j]);
			expect_refusal(_metadata, vcpu, KVM_SET_ONE_REG, ids[j]);
		}
	}
}

/* All ids that a group has, for vCPUs with few features and with many */

FIXTURE(id_space)
{
	struct test_vm *vm;
	struct kvm_reg_list *list; /* by id */
};

FIXTURE_VARIANT(id_space)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(id_space, plain) { .config = CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(id_space, sve) { .config = CONFIG_SVE };
FIXTURE_VARIANT_ADD(id_space, el1_32) { .config = CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(id_space, el2) { .config = CONFIG_EL2 };
/* clang-format on */

FIXTURE_SETUP(id_space)
{
	const char *lack = config_lack(variant->config);

	if (lack)
		SKIP(return, "%s", lack);
	self->vm = config_vm(variant->config, 0);
	self->list = reg_list_get(self->vm->vcpu[0]);
	qsort(self->list->reg, self->list->n, sizeof(u64), compare_ids);
}

FIXTURE_TEARDOWN(id_space)
{
	free(self->list);
	test_vm_free(self->vm);
}

static void expect_answer_iff_listed(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				     const struct kvm_reg_list *list, u64 id)
{
	static u8 val[1 << 15];

	if (sorted_has(list, id))
		expect_err(_metadata, "KVM_GET_ONE_REG of a listed register", id, 0,
			   __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, val));
	else
		expect_refusal(_metadata, vcpu, KVM_GET_ONE_REG, id);
}

TEST_F(id_space, firmware_registers_answer_if_and_only_if_listed)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int n;

	for (n = 0; n <= 0xffff; n += n < 512 ? 1 : 255) {
		expect_answer_iff_listed(_metadata, vcpu, self->list, ABI_REG_FW(n));
		expect_answer_iff_listed(_metadata, vcpu, self->list, ABI_REG_FW_BMAP(n));
	}
	/* those that every kernel has */
	EXPECT_TRUE(sorted_has(self->list, ABI_PSCI_VERSION));
	EXPECT_TRUE(sorted_has(self->list, ABI_WORKAROUND_1));
	EXPECT_TRUE(sorted_has(self->list, ABI_WORKAROUND_2));
}

TEST_F(id_space, system_registers_answer_if_and_only_if_listed)
{
	unsigned int n;

	/* op0 2 and 3; 0 and 1 are instructions */
	for (n = 2 << 14; n < 4 << 14; n++)
		expect_answer_iff_listed(_metadata, self->vm->vcpu[0], self->list,
					 ABI_REG_SYS(0ULL, 0, 0, 0, n));
}

TEST_F(id_space, core_and_vector_registers_answer_if_and_only_if_listed)
{
	static const unsigned int sizes[] = { 2, 3, 4, 5, 6, 8 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int n, i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 base = ABI_REG_ARM64 | (u64)sizes[i] << ABI_REG_SIZE_SHIFT;

		for (n = 0; n < 0x100; n++)
			expect_answer_iff_listed(_metadata, vcpu, self->list,
						 base | ABI_COPROC_CORE << ABI_REG_COPROC_SHIFT |
							 n);
		for (n = 0; n < 0x680; n++)
			expect_answer_iff_listed(_metadata, vcpu, self->list,
						 base | ABI_COPROC_SVE << ABI_REG_COPROC_SHIFT | n);
	}
}

/* The numbers of listed registers in other groups: coprocessor, architecture, unused bits */
TEST_F(id_space, registers_of_other_groups_are_refused)
{
	unsigned int bit;
	u64 i, id;

	for (i = 0; i < self->list->n; i++) {
		for (bit = 16; bit < 64; bit++) {
			id = self->list->reg[i] ^ 1ULL << bit;
			if (BIT_ULL(bit) & ABI_REG_SIZE_MASK || sorted_has(self->list, id))
				continue;
			expect_refusal(_metadata, self->vm->vcpu[0], KVM_GET_ONE_REG, id);
			expect_refusal(_metadata, self->vm->vcpu[0], KVM_SET_ONE_REG, id);
		}
	}
}
