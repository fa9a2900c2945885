// SPDX-License-Identifier: GPL-2.0
/*
 * reg_record_test: the register list of this kernel, and the fields of ID registers that it lets
 * user space limit, against the recorded history.
 *
 * Holds KVM to
 *   data/registers.list     what each kernel series lists, and under which condition
 *   data/id-registers.list  the fields of ID registers that user space may limit
 *
 * The record exists to compare releases, so this is the one test program that asks for the
 * kernel's release.
 *
 * Option, in addition to the harness's own:
 *   --dump  no test: print what this kernel lists, for scripts/registers.sh
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest.h"
#include "id_regs.h"
#include "reg_history.h"
#include "vm.h"
#include "vm_config.h"

FIXTURE(recorded)
{
	struct test_vm *vm;
	struct kvm_reg_list *list;
};

FIXTURE_VARIANT(recorded)
{
	enum config_id config;
};

CONFIG_VARIANTS(recorded);

static const char *record_missing(enum config_id config)
{
	if (running_series() < reg_history()->series[0])
		return "this kernel is older than the recorded history";
	return config_missing(&vm_configs[config]);
}

FIXTURE_SETUP(recorded)
{
	const char *missing = record_missing(variant->config);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = config_vm(variant->config, 0);
	self->list = vcpu_get_reg_list(self->vm->vcpu[0]);
}

FIXTURE_TEARDOWN(recorded)
{
	free(self->list);
	test_vm_free(self->vm);
}

/*
 * Whether the record has a listed register. If not, @known says that it has the register at
 * all, and @later that it has it since a later release only.
 */
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
			TH_LOG("%s, %#lx, is listed %u times; expected once, since %u.%u on condition %s",
			       record->name, record->id, reg_list_count(list, record->id),
			       record->since / 1000, record->since % 1000, record->condition);
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
		/* newer_kernel_test reports it */
		if (!known)
			continue;
		if (later) {
			TH_LOG("%s, %#lx, is listed before the release that the record names",
			       reg_name(id), id);
			continue;
		}
		EXPECT_TRUE(false)
		{
			TH_LOG("%s, %#lx, is listed; expected not, since the record has it for other vCPUs or releases",
			       reg_name(id), id);
			count_failure(_metadata);
		}
	}
}

TEST_F(recorded, every_promised_register_is_listed)
{
	expect_promised(_metadata, self->vm, self->list);
}

/*
 * A register that the record does not know is left to newer_kernel_test. One that is listed
 * earlier than recorded is reported, but does not fail: distributions backport.
 */
TEST_F(recorded, no_register_is_listed_against_the_record)
{
	expect_accounted_for(_metadata, self->vm, self->list);
}

/* Both in one test, for VMs with EL2, which are slow to make */

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
	const char *missing = record_missing(variant->config);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = config_vm(variant->config, 0);
	self->list = vcpu_get_reg_list(self->vm->vcpu[0]);
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

/* The fields of ID registers that user space may limit [api.rst 4.139] */

FIXTURE(writable)
{
	struct test_vm *vm;
	u64 mask[ID_NR_MASKS];
	struct id_view view;
	unsigned int release;
};

FIXTURE_SETUP(writable)
{
	self->release = running_series();
	if (self->release < id_reg_record()->series[0])
		SKIP(return, "this kernel is older than the recorded history");
	self->vm = test_vm_create(1, 0, VM_AT_EL1);
	id_masks(self->vm, self->mask);
	id_user_view(self->vm->vcpu[0], &self->view);
}

FIXTURE_TEARDOWN(writable)
{
	test_vm_free(self->vm);
}

/* Whether the record has a field as writable in a series */
static bool is_recorded_writable(const struct id_reg_field *field, unsigned int release)
{
	return field->since != SERIES_NEVER && release >= field->since &&
	       (field->withdrawn == SERIES_NEVER || release < field->withdrawn);
}

TEST_F(writable, every_promised_field_may_be_limited)
{
	const struct id_reg_record *record = id_reg_record();
	const struct id_reg_field *field;

	for (field = record->field; field < record->field + record->nr; field++) {
		if (!is_recorded_writable(field, self->release) ||
		    (id_is_aarch32(field->id) && !id_view_has_aarch32(&self->view)))
			continue;
		EXPECT_EQ(0, id_field_mask(field) & ~id_mask(self->mask, field->id))
		{
			TH_LOG("%s.%s is not writable, mask %#lx; expected bits %#lx, since %u.%u",
			       field->reg, field->name, id_mask(self->mask, field->id),
			       id_field_mask(field), field->since / 1000, field->since % 1000);
			count_failure(_metadata);
		}
	}
}

/* One that is writable earlier than recorded is reported, but does not fail: see above */
TEST_F(writable, no_field_may_be_limited_that_the_record_lacks)
{
	const struct id_reg_record *record = id_reg_record();
	const struct id_reg_field *field = NULL, *row;
	bool now, ever;

	while ((field = id_reg_next(field))) {
		if (id_field_mask(field) & ~id_mask(self->mask, field->id))
			continue;
		now = false;
		ever = false;
		for (row = field; row < record->field + record->nr && row->id == field->id &&
				  row->low == field->low;
		     row++) {
			now |= is_recorded_writable(row, self->release);
			ever |= row->since != SERIES_NEVER;
		}
		if (now)
			continue;
		TH_LOG("%s.%s is writable in %u.%u, and the record does not have it so:",
		       field->reg, field->name, self->release / 1000, self->release % 1000);
		TH_LOG("0x%016lx\t%s\t%s\t%u\t%u\t%s\t%u.%u\t-", field->id, field->reg, field->name,
		       field->low, field->width, field->is_signed ? "signed" : "unsigned",
		       self->release / 1000, self->release % 1000);
		EXPECT_TRUE(ever)
		{
			count_failure(_metadata);
		}
	}
}

/*
 * --dump prints lines of diagnostics, in which a configuration is a bit of a mask:
 *   release RELEASE
 *   mask ID WRITABLE
 *   config BIT NAME FEATURE...
 *   field BIT FIELD VALUE
 *   reg ID NAME MASK
 */

struct dumped {
	u64 id;
	u64 mask;
};

static int compare_dumped(const void *a, const void *b)
{
	const struct dumped *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void dump_config(unsigned int bit, struct dumped *dumped, unsigned int *nr, unsigned int max)
{
	struct test_vm *vm = config_vm(bit, 0);
	struct kvm_reg_list *list = vcpu_get_reg_list(vm->vcpu[0]);
	unsigned int i, j;

	printf("# config %u %s", bit, vm_configs[bit].name);
	for (i = 0; i < nr_reg_features; i++)
		if (reg_condition(vm, reg_features[i].name))
			printf(" %s", reg_features[i].name);
	printf("\n");
	for (i = 0; i < nr_id_fields; i++)
		printf("# field %u %s %d\n", bit, id_fields[i].name, id_field(vm, &id_fields[i]));
	for (i = 0; i < list->n; i++) {
		for (j = 0; j < *nr && dumped[j].id != list->reg[i]; j++)
			;
		TEST_ASSERT(j < max, "more than %u registers", max);
		if (j == *nr)
			dumped[(*nr)++].id = list->reg[i];
		dumped[j].mask |= 1ULL << bit;
	}
	free(list);
	test_vm_free(vm);
}

static void dump_masks(void)
{
	struct test_vm *vm = test_vm_create(1, 0, VM_AT_EL1);
	u64 mask[ID_NR_MASKS], id;
	unsigned int i;

	id_masks(vm, mask);
	for (i = 0; i < ID_NR_MASKS; i++) {
		id = ABI_REG_SYS(3, i / 64 == 2 ? 3 : i / 64, 0, i % 64 / 8, i % 8);
		if (mask[i])
			printf("# mask 0x%016lx %#lx\n", id, mask[i]);
	}
	test_vm_free(vm);
}

static int print_lists(void)
{
	static struct dumped dumped[4096];
	unsigned int nr = 0, i;
	struct utsname uts;

	ksft_print_header();
	ksft_set_plan(1);
	uname(&uts);
	printf("# release %s\n", uts.release);
	dump_masks();
	for (i = 0; i < NR_CONFIGS; i++)
		if (!config_missing(&vm_configs[i]))
			dump_config(i, dumped, &nr, ARRAY_SIZE(dumped));
	qsort(dumped, nr, sizeof(dumped[0]), compare_dumped);
	for (i = 0; i < nr; i++)
		printf("# reg 0x%016lx %s %#lx\n", dumped[i].id, reg_plain_name(dumped[i].id),
		       dumped[i].mask);
	ksft_test_result_pass("lists_are_printed\n");
	ksft_finished();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--dump"))
		return print_lists();
	return run_tests(argc, argv);
}
