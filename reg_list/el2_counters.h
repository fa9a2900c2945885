/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: the counters of a guest at EL2.
 */

/*
 * The counters of a guest at EL2: the virtual one is CNTVOFF_EL2 behind the
 * physical one [Arm ARM D12.2.2], and all three registers are listed.
 */
FIXTURE(el2_counters)
{
	struct test_vm *vm;
	struct reg_value reg[3];
};

FIXTURE_VARIANT(el2_counters)
{
	u64 ids[3]; /* in the order to write them in */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(el2_counters, offset_first) {
	.ids = { ABI_CNTVOFF_EL2, ABI_REG_PTIMER_CNT, ABI_REG_TIMER_CNT },
};
FIXTURE_VARIANT_ADD(el2_counters, offset_last) {
	.ids = { ABI_REG_PTIMER_CNT, ABI_REG_TIMER_CNT, ABI_CNTVOFF_EL2 },
};
FIXTURE_VARIANT_ADD(el2_counters, physical_last) {
	.ids = { ABI_CNTVOFF_EL2, ABI_REG_TIMER_CNT, ABI_REG_PTIMER_CNT },
};
/* clang-format on */

FIXTURE_SETUP(el2_counters)
{
	if (config_lack(CONFIG_EL2))
		SKIP(return, "this host offers no EL2 to guests");
	self->vm = config_vm(CONFIG_EL2, 0);
}

FIXTURE_TEARDOWN(el2_counters)
{
	test_vm_free(self->vm);
}

#define VIRTUAL_OFFSET 0x100000000000ULL

TEST_F(el2_counters, go_on_from_what_was_restored)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 begin, count, want, ticks;
	unsigned int i;

	reg_set(vcpu, ABI_CNTVOFF_EL2, VIRTUAL_OFFSET);
	begin = now_ns();
	for (i = 0; i < ARRAY_SIZE(self->reg); i++) {
		self->reg[i].id = variant->ids[i];
		ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, self->reg[i].id, self->reg[i].val));
	}
	for (i = 0; i < ARRAY_SIZE(self->reg); i++)
		write_one(_metadata, vcpu, &self->reg[i], "with CNTVOFF_EL2 set");
	for (i = 0; i < ARRAY_SIZE(self->reg); i++) {
		want = *(u64 *)self->reg[i].val;
		count = reg_get(vcpu, self->reg[i].id);
		ticks = reg_counts(self->reg[i].id) ? ticks_since(begin) : 0;
		EXPECT_TRUE(count - want <= ticks)
		{
			TH_LOG("%s after a write of the value it had: %#lx; expected %#lx%s",
			       reg_name(self->reg[i].id), count, want,
			       ticks ? " and little more" : "");
		}
	}
}
