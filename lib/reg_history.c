// SPDX-License-Identifier: GPL-2.0
/*
 * The recorded history of the register list: data/registers.list and the
 * conditions in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "abi.h"
#include "reg_history.h"

extern const char registers_list[]; /* lib/registers.S */

/* An ID register is S3_0_C0_CRm_op2, its fields have 4 bits [Arm ARM D24.2] */
#define FIELD(reg, name, crm, op2, shift)                                                          \
	{                                                                                          \
#reg "." #name, ABI_REG_SYS(3, 0, 0, crm, op2), shift, 4, false                    \
	}
#define SIGNED_FIELD(reg, name, crm, op2, shift)                                                   \
	{                                                                                          \
#reg "." #name, ABI_REG_SYS(3, 0, 0, crm, op2), shift, 4, true                     \
	}
#define CTYPE(level)                                                                               \
	{                                                                                          \
		"CLIDR_EL1.Ctype" #level, ABI_CLIDR_EL1, 3 * ((level)-1), 3, false                 \
	}

const struct id_field id_fields[] = {
	FIELD(ID_AA64PFR0_EL1, GIC, 4, 0, 24),
	FIELD(ID_AA64PFR0_EL1, RAS, 4, 0, 28),
	FIELD(ID_AA64PFR0_EL1, SVE, 4, 0, 32),
	FIELD(ID_AA64PFR0_EL1, AMU, 4, 0, 44),
	FIELD(ID_AA64PFR1_EL1, MTE, 4, 1, 8),
	FIELD(ID_AA64PFR1_EL1, SME, 4, 1, 24),
	FIELD(ID_AA64PFR1_EL1, GCS, 4, 1, 44),
	FIELD(ID_AA64PFR1_EL1, THE, 4, 1, 48),
	FIELD(ID_AA64PFR2_EL1, FPMR, 4, 2, 32),
	FIELD(ID_AA64MMFR0_EL1, FGT, 7, 0, 56),
	FIELD(ID_AA64MMFR0_EL1, ECV, 7, 0, 60),
	FIELD(ID_AA64MMFR1_EL1, HCX, 7, 1, 40),
	FIELD(ID_AA64MMFR3_EL1, TCRX, 7, 3, 0),
	FIELD(ID_AA64MMFR3_EL1, SCTLRX, 7, 3, 4),
	FIELD(ID_AA64MMFR3_EL1, S1PIE, 7, 3, 8),
	FIELD(ID_AA64MMFR3_EL1, S1POE, 7, 3, 16),
	FIELD(ID_AA64MMFR3_EL1, AIE, 7, 3, 24),
	FIELD(ID_AA64MMFR4_EL1, NV_frac, 7, 4, 20),
	SIGNED_FIELD(ID_AA64DFR0_EL1, PMUVer, 5, 0, 8),
	SIGNED_FIELD(ID_AA64MMFR4_EL1, E2H0, 7, 4, 24),
	CTYPE(1),
	CTYPE(2),
	CTYPE(3),
};

const unsigned int nr_id_fields = ARRAY_SIZE(id_fields);

const struct reg_feature reg_features[] = {
	{ "pmu", KVM_ARM_VCPU_PMU_V3 },
	{ "sve", KVM_ARM_VCPU_SVE },
	{ "ptrauth", KVM_ARM_VCPU_PTRAUTH_ADDRESS },
	{ "el2", ABI_VCPU_HAS_EL2 },
	{ "e2h0", ABI_VCPU_HAS_EL2_E2H0 },
	{ "el1_32", KVM_ARM_VCPU_EL1_32BIT },
};

const unsigned int nr_reg_features = ARRAY_SIZE(reg_features);

int id_field(struct test_vm *vm, const struct id_field *field)
{
	u64 val = 0;
	int bits;

	if (__reg_get(vm->vcpu[0], field->id, &val))
		return 0;
	bits = val >> field->shift & ((1 << field->width) - 1);
	return field->is_signed && bits >> (field->width - 1) ? bits - (1 << field->width) : bits;
}

static bool term_holds(struct test_vm *vm, const char *term, size_t len)
{
	unsigned int i;

	for (i = 0; i < nr_reg_features; i++)
		if (strlen(reg_features[i].name) == len &&
		    !strncmp(reg_features[i].name, term, len))
			return vm->features & 1U << reg_features[i].bit;
	for (i = 0; i < nr_id_fields; i++) {
		size_t name = strlen(id_fields[i].name);

		if (len > name + 2 && !strncmp(id_fields[i].name, term, name) &&
		    !strncmp(term + name, ">=", 2))
			return id_field(vm, &id_fields[i]) >= atoi(term + name + 2);
	}
	TEST_FAIL("data/registers.list has a condition that is not known: %.*s", (int)len, term);
	return false;
}

bool reg_condition(struct test_vm *vm, const char *condition)
{
	bool want;
	size_t len;

	if (!strcmp(condition, "-"))
		return true;
	for (;;) {
		want = *condition != '!';
		condition += !want;
		len = strcspn(condition, ",");
		if (term_holds(vm, condition, len) != want)
			return false;
		if (!condition[len])
			return true;
		condition += len + 1;
	}
}

unsigned int parse_series(const char *text)
{
	unsigned int major, minor;

	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return SERIES_NEVER;
	return SERIES(major, minor);
}

unsigned int running_series(void)
{
	struct utsname uts;

	uname(&uts);
	return parse_series(uts.release);
}

bool reg_record_allows(const struct reg_record *record, unsigned int release)
{
	return release >= record->since &&
	       (record->withdrawn == SERIES_NEVER || release < record->withdrawn);
}

bool reg_record_promises(const struct reg_history *history, const struct reg_record *record,
			 unsigned int release)
{
	unsigned int last = 0, i;

	if (!reg_record_allows(record, release))
		return false;
	if (record->withdrawn == SERIES_NEVER)
		return true;
	for (i = 0; i < history->nr_series && history->series[i] < record->withdrawn; i++)
		last = history->series[i];
	return release <= last;
}

void parse_series_list(char *text, unsigned int *series, unsigned int max, unsigned int *nr)
{
	char *save, *word;

	for (word = strtok_r(text, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		TEST_ASSERT(*nr < max, "too many series");
		series[(*nr)++] = parse_series(word);
	}
}

void *record_room(const char *list, size_t size)
{
	unsigned int lines = 0;
	const char *c;
	void *room;

	for (c = list; *c; c++)
		lines += *c == '\n';
	room = calloc(lines + 1, size);
	TEST_ASSERT(room, "No memory for a record");
	return room;
}

void record_read(const char *list, void (*take)(void *into, char *line), void *into)
{
	char *text = strdup(list), *line, *save;

	TEST_ASSERT(text, "No memory for a record");
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (*line != '#')
			take(into, line);
	free(text);
}

static void parse_record(struct reg_record *record, const char *line)
{
	char since[16], withdrawn[16];

	TEST_ASSERT(sscanf(line, "%lx %47s %15s %79s %15s", &record->id, record->name, since,
			   record->condition, withdrawn) == 5,
		    "data/registers.list: cannot read the line '%s'", line);
	record->since = parse_series(since);
	record->withdrawn = parse_series(withdrawn);
	TEST_ASSERT(record->since != SERIES_NEVER, "data/registers.list: no series in '%s'", line);
}

static void take_line(void *into, char *line)
{
	struct reg_history *history = into;

	if (!strncmp(line, "series", 6))
		parse_series_list(line + 6, history->series, ARRAY_SIZE(history->series),
				  &history->nr_series);
	else
		parse_record(&history->record[history->nr++], line);
}

const struct reg_history *reg_history(void)
{
	static struct reg_history history;

	if (!history.record) {
		history.record = record_room(registers_list, sizeof(*history.record));
		record_read(registers_list, take_line, &history);
	}
	return &history;
}

static const struct reg_record *find_record(u64 id)
{
	const struct reg_history *history = reg_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++)
		if (history->record[i].id == id)
			return &history->record[i];
	return NULL;
}

bool reg_is_recorded(u64 id)
{
	return find_record(id);
}

const char *reg_name(u64 id)
{
	const struct reg_record *record = find_record(id);

	return record ? record->name : reg_plain_name(id);
}
