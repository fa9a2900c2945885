/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: the list of this kernel and the recorded history.
 */

FIXTURE(recorded)
{
	struct test_vm *vm;
	struct kvm_reg_list *list;
};

FIXTURE_VARIANT(recorded)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(recorded, plain) { .config = CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(recorded, psci_0_1) { .config = CONFIG_PSCI_0_1 };
FIXTURE_VARIANT_ADD(recorded, pmu) { .config = CONFIG_PMU };
FIXTURE_VARIANT_ADD(recorded, sve) { .config = CONFIG_SVE };
FIXTURE_VARIANT_ADD(recorded, ptrauth) { .config = CONFIG_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded, pmu_sve) { .config = CONFIG_PMU_SVE };
FIXTURE_VARIANT_ADD(recorded, pmu_ptrauth) { .config = CONFIG_PMU_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded, sve_ptrauth) { .config = CONFIG_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded, pmu_sve_ptrauth) { .config = CONFIG_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded, el1_32) { .config = CONFIG_EL1_32 };
FIXTURE_VARIANT_ADD(recorded, el1_32_pmu) { .config = CONFIG_EL1_32_PMU };
FIXTURE_VARIANT_ADD(recorded, el2) { .config = CONFIG_EL2 };
FIXTURE_VARIANT_ADD(recorded, el2_pmu_sve_ptrauth) { .config = CONFIG_EL2_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded, e2h0_pmu_sve_ptrauth) { .config = CONFIG_E2H0_PMU_SVE_PTRAUTH };
/* clang-format on */

static const char *record_lack(enum config_id config)
{
	if (running_series() < reg_history()->series[0])
		return "this kernel is older than the recorded history";
	return config_lack(config);
}

FIXTURE_SETUP(recorded)
{
	const char *lack = record_lack(variant->config);

	if (lack)
		SKIP(return, "%s", lack);
	self->vm = config_vm(variant->config, 0);
	self->list = reg_list_get(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(recorded)
{
	free(self->list);
	test_vm_free(self->vm);
}

/* Whether the record accounts for a listed register, and if not what it says of it */
static bool is_accounted_for(struct test_vm *vm, u64 id, unsigned int release, bool *known,
			     bool *later)
{
	const struct reg_history *history = reg_history();
	unsigned int i;

	*known = false;
	*later = true;
	for (i = 0; i < history->nr; i++) {
		const struct reg_record *record = &history->record[i];

		if (record->id != id)
			continue;
		*known = true;
		if (release < record->since)
			continue;
		*later = false;
		if (reg_record_allows(record, release) && reg_condition(vm, record->condition))
			return true;
	}
	return false;
}

/* A new register, as a line for data/registers.list */
static void report_unknown(struct __test_metadata *_metadata, struct test_vm *vm, u64 id)
{
	struct reg_value value = { .id = id };
	const char *harm = "harmless, since all its bits are zero";
	int err = __reg_ioctl(vm->vcpu[0], KVM_GET_ONE_REG, id, value.val);

	if (err)
		harm = "unknown, since it cannot be read";
	else if (!reg_value_is_zero(&value))
		harm = "perhaps a feature that an older VMM does not know to switch off";
	TH_LOG("%s is not in the record. With the condition it depends on, the line is",
	       reg_plain_name(id));
	TH_LOG("  0x%016lx\t%s\t%u.%u\t-\t-", id, reg_plain_name(id), running_series() / 1000,
	       running_series() % 1000);
	TH_LOG("  its value at reset is %s: %s", reg_value_str(&value), harm);
}

static void expect_promised(struct __test_metadata *_metadata, struct test_vm *vm,
			    const struct kvm_reg_list *list)
{
	const struct reg_history *history = reg_history();
	unsigned int i, release = running_series();

	for (i = 0; i < history->nr; i++) {
		const struct reg_record *record = &history->record[i];

		if (!reg_record_promises(history, record, release) ||
		    !reg_condition(vm, record->condition))
			continue;
		EXPECT_EQ(1, reg_list_count(list, record->id))
		{
			TH_LOG("%s, %#lx, is not listed; expected since %u.%u, condition %s",
			       record->name, record->id, record->since / 1000, record->since % 1000,
			       record->condition);
			count_failure(_metadata);
		}
	}
}

static void expect_accounted_for(struct __test_metadata *_metadata, struct test_vm *vm,
				 const struct kvm_reg_list *list)
{
	bool known, later;
	u64 i, id;

	for (i = 0; i < list->n; i++) {
		id = list->reg[i];
		if (is_accounted_for(vm, id, running_series(), &known, &later))
			continue;
		if (!known) {
			report_unknown(_metadata, vm, id);
			continue;
		}
		if (later) {
			TH_LOG("%s, %#lx, is listed before the release that the record names",
			       reg_name(id), id);
			continue;
		}
		EXPECT_TRUE(false)
		{
			TH_LOG("%s, %#lx, is listed; expected not for this vCPU in this release",
			       reg_name(id), id);
			count_failure(_metadata);
		}
	}
}

TEST_F(recorded, every_promised_register_is_listed)
{
	expect_promised(_metadata, self->vm, self->list);
}

/* A register that the record does not know is no failure, but reported */
TEST_F(recorded, no_register_is_listed_against_the_record)
{
	expect_accounted_for(_metadata, self->vm, self->list);
}

/* The same in one, for VMs that are slow to make */

FIXTURE(recorded_el2)
{
	struct test_vm *vm;
	struct kvm_reg_list *list;
};

FIXTURE_VARIANT(recorded_el2)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(recorded_el2, el2_pmu) { .config = CONFIG_EL2_PMU };
FIXTURE_VARIANT_ADD(recorded_el2, el2_sve) { .config = CONFIG_EL2_SVE };
FIXTURE_VARIANT_ADD(recorded_el2, el2_ptrauth) { .config = CONFIG_EL2_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded_el2, el2_pmu_sve) { .config = CONFIG_EL2_PMU_SVE };
FIXTURE_VARIANT_ADD(recorded_el2, el2_pmu_ptrauth) { .config = CONFIG_EL2_PMU_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded_el2, el2_sve_ptrauth) { .config = CONFIG_EL2_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0) { .config = CONFIG_E2H0 };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_pmu) { .config = CONFIG_E2H0_PMU };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_sve) { .config = CONFIG_E2H0_SVE };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_ptrauth) { .config = CONFIG_E2H0_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_pmu_sve) { .config = CONFIG_E2H0_PMU_SVE };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_pmu_ptrauth) { .config = CONFIG_E2H0_PMU_PTRAUTH };
FIXTURE_VARIANT_ADD(recorded_el2, e2h0_sve_ptrauth) { .config = CONFIG_E2H0_SVE_PTRAUTH };
/* clang-format on */

FIXTURE_SETUP(recorded_el2)
{
	const char *lack = record_lack(variant->config);

	if (lack)
		SKIP(return, "%s", lack);
	self->vm = config_vm(variant->config, 0);
	self->list = reg_list_get(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(recorded_el2)
{
	free(self->list);
	test_vm_free(self->vm);
}

TEST_F(recorded_el2, list_is_that_of_the_record)
{
	expect_promised(_metadata, self->vm, self->list);
	expect_accounted_for(_metadata, self->vm, self->list);
}
