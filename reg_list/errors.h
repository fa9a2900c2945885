/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: when KVM_GET_REG_LIST has no list to give [api.rst 4.82, 4.84].
 */

#define CANARY 0x5ca1ab1e0ddba11ULL

/* A vCPU that KVM_ARM_VCPU_INIT has not seen */
FIXTURE(uninitialised)
{
	struct kvm_vm *kvm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(uninitialised)
{
	self->kvm = ____vm_create(VM_SHAPE(VM_MODE_P40V48_4K));
	self->vcpu = __vm_vcpu_add(self->kvm, 0);
}

FIXTURE_TEARDOWN(uninitialised)
{
	kvm_vm_free(self->kvm);
}

TEST_F(uninitialised, vcpu_has_no_list)
{
	struct {
		struct kvm_reg_list list;
		u64 reg[2];
	} buf;
	u64 n;

	for (n = 0; n <= 1; n++) {
		buf.list.n = n;
		buf.reg[0] = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST before KVM_ARM_VCPU_INIT with n", n,
			   -ENOEXEC, __reg_list(self->vcpu, &buf.list));
		EXPECT_EQ(n, buf.list.n);
		EXPECT_EQ(CANARY, buf.reg[0]);
	}
}

TEST_F(uninitialised, vcpu_has_no_registers)
{
	static const u64 ids[] = {
		ABI_PC,	      ABI_VBAR_EL1,	 ABI_PSCI_VERSION,
		ABI_STD_BMAP, ABI_REG_TIMER_CNT, ABI_REG_SVE_VLS,
	};
	u64 val[64] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		expect_err(_metadata, "KVM_GET_ONE_REG before KVM_ARM_VCPU_INIT", ids[i], -ENOEXEC,
			   __reg_ioctl(self->vcpu, KVM_GET_ONE_REG, ids[i], val));
		expect_err(_metadata, "KVM_SET_ONE_REG before KVM_ARM_VCPU_INIT", ids[i], -ENOEXEC,
			   __reg_ioctl(self->vcpu, KVM_SET_ONE_REG, ids[i], val));
	}
}

/* A vCPU with SVE before KVM_ARM_VCPU_FINALIZE */
FIXTURE(unfinalised)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(unfinalised)
{
	if (config_lack(CONFIG_SVE))
		SKIP(return, "this host offers no SVE to guests");
	self->vm = config_vm(CONFIG_SVE, VM_UNFINALIZED);
}

FIXTURE_TEARDOWN(unfinalised)
{
	test_vm_free(self->vm);
}

TEST_F(unfinalised, vcpu_has_no_list)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *list;
	struct {
		struct kvm_reg_list list;
		u64 reg;
	} buf;
	u64 n;

	for (n = 0; n <= 1; n++) {
		buf.list.n = n;
		buf.reg = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST before KVM_ARM_VCPU_FINALIZE with n", n,
			   -EPERM, __reg_list(vcpu, &buf.list));
		EXPECT_EQ(n, buf.list.n);
		EXPECT_EQ(CANARY, buf.reg);
	}
	ASSERT_EQ(0, __test_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE));
	list = reg_list_get(vcpu);
	EXPECT_EQ(1, reg_list_count(list, ABI_REG_SVE_VLS));
	free(list);
}

TEST_F(unfinalised, vector_registers_are_not_accessible)
{
	static const u64 ids[] = {
		ABI_REG_SVE_Z(0ULL),  ABI_REG_SVE_Z(31ULL), ABI_REG_SVE_P(0ULL),
		ABI_REG_SVE_P(15ULL), ABI_REG_SVE_FFR,
	};
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 val[REG_MAX_BYTES / 8] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		expect_err(_metadata, "KVM_GET_ONE_REG before KVM_ARM_VCPU_FINALIZE", ids[i],
			   -EPERM, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ids[i], val));
		expect_err(_metadata, "KVM_SET_ONE_REG before KVM_ARM_VCPU_FINALIZE", ids[i],
			   -EPERM, __reg_ioctl(vcpu, KVM_SET_ONE_REG, ids[i], val));
	}
}

/* The order of every VMM: read VLS, write VLS, finalise, write the others */
TEST_F(unfinalised, vector_lengths_are_chosen_now_or_never)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 vls[8] = { 0 }, now[8] = { 0 }, one[8] = { 1 };

	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, vls));
	EXPECT_EQ(1, vls[0] & 1);
	expect_err(_metadata, "writing SVE_VLS as read", vls[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls));
	expect_err(_metadata, "writing SVE_VLS", one[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, one));
	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, now));
	EXPECT_TRUE(same_bytes(one, now, sizeof(now)));
	expect_err(_metadata, "writing SVE_VLS back", vls[0], 0,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls));
	ASSERT_EQ(0, __test_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE));
	expect_err(_metadata, "writing SVE_VLS once finalised", vls[0], -EPERM,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls));
	expect_err(_metadata, "writing SVE_VLS once finalised", one[0], -EPERM,
		   __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, one));
	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, now));
	EXPECT_TRUE(same_bytes(vls, now, sizeof(now)));
}

/* The buffer of the caller */
FIXTURE(list_buffer)
{
	struct test_vm *vm;
	struct kvm_reg_list *list; /* as it should be */
};

FIXTURE_SETUP(list_buffer)
{
	self->vm = config_vm(CONFIG_PLAIN, 0);
	self->list = reg_list_get(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(list_buffer)
{
	free(self->list);
	test_vm_free(self->vm);
}

TEST_F(list_buffer, short_of_room_is_told_the_number_needed)
{
	u64 need = self->list->n, room[] = { 0, 1, 2, need / 2, need - 1 };
	struct kvm_reg_list *list = calloc(need + 2, sizeof(u64));
	unsigned int i, j;

	ASSERT_NE(NULL, list);
	for (i = 0; i < ARRAY_SIZE(room); i++) {
		list->n = room[i];
		for (j = 0; j < need; j++)
			list->reg[j] = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST with n", room[i], -E2BIG,
			   __reg_list(self->vm->vcpu[0], list));
		EXPECT_EQ(need, list->n)
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx: E2BIG with n %#llx; expected %#lx",
			       room[i], list->n, need);
		}
		for (j = 0; j < need; j++)
			ASSERT_EQ(CANARY, list->reg[j])
			{
				TH_LOG("KVM_GET_REG_LIST with n %#lx: E2BIG, yet entry %#x written",
				       room[i], j);
			}
	}
	free(list);
}

TEST_F(list_buffer, room_for_more_is_left_alone)
{
	u64 need = self->list->n, room[] = { need, need + 1, need + 16, ~0ULL };
	struct kvm_reg_list *list = calloc(need + 2, sizeof(u64));
	unsigned int i;

	ASSERT_NE(NULL, list);
	for (i = 0; i < ARRAY_SIZE(room); i++) {
		list->n = room[i];
		list->reg[need] = CANARY;
		expect_err(_metadata, "KVM_GET_REG_LIST with n", room[i], 0,
			   __reg_list(self->vm->vcpu[0], list));
		EXPECT_EQ(need, list->n);
		EXPECT_EQ(CANARY, list->reg[need])
		{
			TH_LOG("KVM_GET_REG_LIST with n %#lx wrote %#llx behind its %#lx entries",
			       room[i], list->reg[need], need);
		}
		EXPECT_TRUE(same_bytes(list->reg, self->list->reg, need * sizeof(u64)));
	}
	free(list);
}

TEST_F(list_buffer, bad_pointers_fault)
{
	size_t page = getpagesize(), need = self->list->n * sizeof(u64);
	size_t size = (need / page + 2) * page;
	char *map =
		mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct kvm_reg_list *list;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + size, page));

	expect_err(_metadata, "KVM_GET_REG_LIST at", 0, -EFAULT, __reg_list(vcpu, NULL));
	expect_err(_metadata, "KVM_GET_REG_LIST at an unmapped page", size, -EFAULT,
		   __reg_list(vcpu, (void *)(map + size)));

	/* the last entry, then all of them, in the unmapped page */
	list = (void *)(map + size - need);
	list->n = self->list->n;
	expect_err(_metadata, "KVM_GET_REG_LIST with its last entry unmapped", need, -EFAULT,
		   __reg_list(vcpu, list));
	list = (void *)(map + size - sizeof(list->n));
	list->n = self->list->n;
	expect_err(_metadata, "KVM_GET_REG_LIST with all entries unmapped", need, -EFAULT,
		   __reg_list(vcpu, list));

	/* n cannot be written: neither the list nor the number needed can be told */
	list = (void *)map;
	list->n = self->list->n;
	ASSERT_EQ(0, mprotect(map, size, PROT_READ));
	expect_err(_metadata, "KVM_GET_REG_LIST into read-only memory", need, -EFAULT,
		   __reg_list(vcpu, list));
	ASSERT_EQ(0, munmap(map, size));
}
