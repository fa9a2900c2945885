// SPDX-License-Identifier: GPL-2.0
/*
 * The recorded capabilities: data/capabilities.list and the conditions in it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "abi.h"
#include "cap_record.h"
#include "host.h"
#include "kvm_reg.h"
#include "reg_history.h"

extern const char capabilities_list[]; /* lib/registers.S */

/* Bits of AT_HWCAP and AT_HWCAP2 [arch/arm64/elf_hwcaps.rst] */
#define HWCAP_HAS_SVE BIT(22)
#define HWCAP_HAS_PAUTH (BIT(30) | BIT(31))
#define HWCAP2_HAS_MTE BIT(18)

static int has_sve(struct test_vm *vm)
{
	(void)vm;
	return !!(getauxval(AT_HWCAP) & HWCAP_HAS_SVE);
}

static int has_ptrauth(struct test_vm *vm)
{
	(void)vm;
	return (getauxval(AT_HWCAP) & HWCAP_HAS_PAUTH) == HWCAP_HAS_PAUTH;
}

static int has_mte(struct test_vm *vm)
{
	(void)vm;
	return !!(getauxval(AT_HWCAP2) & HWCAP2_HAS_MTE);
}

static int has_pmu(struct test_vm *vm)
{
	glob_t found;
	int has;

	(void)vm;
	has = !glob("/sys/bus/event_source/devices/armv8*", 0, NULL, &found);
	if (has)
		globfree(&found);
	return has;
}

/* An ID register's field of four bits [Arm ARM D24.2] */
static unsigned int field(struct test_vm *vm, u64 id, unsigned int shift)
{
	return reg_get(vm->vcpu[0], id) >> shift & 0xf;
}

static int has_aarch32(struct test_vm *vm)
{
	return field(vm, ABI_ID_AA64PFR0_EL1, 4) == 2;
}

static int has_ras(struct test_vm *vm)
{
	return field(vm, ABI_ID_AA64PFR0_EL1, 28) >= 1;
}

static int has_fwb(struct test_vm *vm)
{
	return field(vm, ABI_REG_SYS(3, 0, 0, 7, 2), 40) >= 1; /* ID_AA64MMFR2_EL1 */
}

static int has_vgicv3(struct test_vm *vm)
{
	(void)vm;
	return host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V3);
}

static int is_mode(const char *mode)
{
	const char *this = host_mode();

	return strcmp(this, "unknown") ? !strcmp(this, mode) : -1;
}

static int is_protected(struct test_vm *vm)
{
	(void)vm;
	return is_mode("protected");
}

static int is_nested(struct test_vm *vm)
{
	(void)vm;
	return is_mode("nested");
}

const struct cap_term cap_terms[] = {
	{ "sve", has_sve },	 { "ptrauth", has_ptrauth }, { "mte", has_mte },
	{ "pmu", has_pmu },	 { "aarch32", has_aarch32 }, { "ras", has_ras },
	{ "fwb", has_fwb },	 { "vgicv3", has_vgicv3 },   { "protected", is_protected },
	{ "nested", is_nested },
};

const unsigned int nr_cap_terms = ARRAY_SIZE(cap_terms);

static int term_holds(struct test_vm *vm, const char *term, size_t len)
{
	static struct {
		bool known;
		int holds;
	} found[ARRAY_SIZE(cap_terms)];
	unsigned int i;

	for (i = 0; i < nr_cap_terms; i++) {
		if (strlen(cap_terms[i].name) != len || strncmp(cap_terms[i].name, term, len))
			continue;
		if (!found[i].known)
			found[i].holds = cap_terms[i].holds(vm);
		found[i].known = true;
		return found[i].holds;
	}
	TEST_FAIL("data/capabilities.list has a condition that is not known: %.*s", (int)len, term);
	return -1;
}

int cap_condition(struct test_vm *vm, const char *condition)
{
	int all = 1;

	if (!strcmp(condition, "-"))
		return 1;
	for (;;) {
		bool want = *condition != '!';
		size_t len;
		int holds;

		condition += !want;
		len = strcspn(condition, ",");
		holds = term_holds(vm, condition, len);
		if (holds >= 0 && holds != want)
			return 0;
		if (holds < 0)
			all = -1;
		if (!condition[len])
			return all;
		condition += len + 1;
	}
}

static const struct {
	const char *prefix;
	enum cap_value how;
} prefixes[] = {
	{ ">=", CAP_MIN }, { "&", CAP_BITS },	 { "may:", CAP_MAY },
	{ "vm:", CAP_VM }, { "host", CAP_HOST }, { "", CAP_EXACT },
};

static void parse_value(struct cap_record *record, const char *text)
{
	unsigned int i;

	for (i = 0; strncmp(text, prefixes[i].prefix, strlen(prefixes[i].prefix)); i++)
		;
	record->how = prefixes[i].how;
	record->value = atoi(text + strlen(prefixes[i].prefix));
}

static void parse_record(struct cap_record *record, const char *line)
{
	char since[16], withdrawn[16], value[16], pvm[16];

	TEST_ASSERT(sscanf(line, "%u %47s %15s %31s %15s %15s %15s", &record->nr, record->name,
			   since, record->condition, withdrawn, value, pvm) == 7,
		    "data/capabilities.list: cannot read the line '%s'", line);
	record->since = parse_series(since);
	record->withdrawn = parse_series(withdrawn);
	TEST_ASSERT(record->since != SERIES_NEVER, "data/capabilities.list: no series in '%s'",
		    line);
	parse_value(record, value);
	record->pvm = !strcmp(pvm, "-")	     ? CAP_PVM_UNKNOWN
		      : !strcmp(pvm, "host") ? CAP_PVM_HOST
					     : atoi(pvm);
}

static void take_line(void *into, char *line)
{
	struct cap_history *history = into;

	parse_record(&history->record[history->nr++], line);
}

const struct cap_history *cap_history(void)
{
	static struct cap_history history;

	if (!history.record) {
		history.record = record_room(capabilities_list, sizeof(*history.record));
		record_read(capabilities_list, take_line, &history);
	}
	return &history;
}

bool cap_record_fits(const struct cap_record *record, int value)
{
	switch (record->how) {
	case CAP_MIN:
		return value >= record->value;
	case CAP_BITS:
		return (value & record->value) == record->value;
	case CAP_HOST:
		return value > 0;
	case CAP_MAY:
		return value >= 0;
	default:
		return value == record->value;
	}
}

const char *cap_record_value_str(const struct cap_record *record)
{
	static char text[48];

	switch (record->how) {
	case CAP_MIN:
		snprintf(text, sizeof(text), "%d or more", record->value);
		break;
	case CAP_BITS:
		snprintf(text, sizeof(text), "the bits %#x", record->value);
		break;
	case CAP_HOST:
		return "other than 0";
	case CAP_MAY:
		return "any value";
	default:
		snprintf(text, sizeof(text), "%d", record->value);
	}
	return text;
}
