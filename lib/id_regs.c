// SPDX-License-Identifier: GPL-2.0
/*
 * The fields of the ID registers, and the views of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi.h"
#include "id_regs.h"

extern const char id_registers_list[]; /* lib/id_registers.S */

/* How the values of a field are ordered */
enum order {
	LOWER, /* less is what a VMM may choose; the smallest is in min */
	HIGHER, /* more is */
	ONE_VALUE, /* only min is */
	FORCED, /* KVM sets the field itself when it knows the vGIC */
};

/*
 * What does not follow from "a larger value is a superset of a smaller one, and zero means
 * that there is nothing" [Arm ARM D24.1.3].
 */
static const struct {
	const char *reg, *name;
	enum order order;
	unsigned int min;
	u32 reserved; /* values that mean nothing, as a mask of 1 << value */
	bool at_el2; /* for guests at EL2 alone */
} orders[] = {
	/* AArch64 is there */
	{ "ID_AA64PFR0_EL1", "EL0", LOWER, 1, 0, false },
	{ "ID_AA64PFR0_EL1", "EL1", LOWER, 1, 0, false },
	{ "ID_AA64PFR0_EL1", "EL2", LOWER, 1, 0, true },
	{ "ID_AA64PFR0_EL1", "GIC", FORCED, 0, 0, false },
	{ "ID_AA64PFR2_EL1", "GCIE", FORCED, 0, 0, false },
	{ "ID_PFR1_EL1", "GIC", FORCED, 0, 0, false },
	/* The Armv8 debug architecture is the least */
	{ "ID_AA64DFR0_EL1", "DebugVer", LOWER, 6, 0, false },
	{ "ID_DFR0_EL1", "CopDbg", LOWER, 6, 0, false },
	{ "ID_DFR0_EL1", "PerfMon", LOWER, 3, 0, false },
	/* With 0 KVM prints a warning at the next KVM_ARM_VCPU_INIT of a vCPU with a PMU */
	{ "ID_AA64DFR0_EL1", "PMUVer", LOWER, 1, 1U << 2 | 1U << 3, false },
	/* 1 is "not supported", 0 "as for stage 1" */
	{ "ID_AA64MMFR0_EL1", "TGRAN4_2", ONE_VALUE, 1, 0, false },
	{ "ID_AA64MMFR0_EL1", "TGRAN16_2", ONE_VALUE, 1, 0, false },
	{ "ID_AA64MMFR0_EL1", "TGRAN64_2", ONE_VALUE, 1, 0, false },
	/* Whether speculative accesses may raise an SError: that they may is the safe answer */
	{ "ID_AA64MMFR1_EL1", "SpecSEI", HIGHER, 0, 0, false },
	{ "ID_MMFR4_EL1", "SpecSEI", HIGHER, 0, 0, false },
	/* 0 and 1 are reserved */
	{ "CTR_EL0", "L1Ip", LOWER, 2, 0, false },
};

/* Values that KVM once gave out and takes back without effect [comments of set_id_*()] */
static const struct {
	const char *reg, *name;
} ignored[] = {
	{ "ID_AA64PFR0_EL1", "MPAM" },	   { "ID_AA64PFR1_EL1", "MPAM_frac" },
	{ "ID_AA64PFR1_EL1", "MTE_frac" }, { "ID_AA64MMFR2_EL1", "NV" },
	{ "ID_AA64DFR0_EL1", "PMUVer" },   { "ID_AA64DFR0_EL1", "DoubleLock" },
	{ "ID_DFR0_EL1", "PerfMon" },
};

static void parse_field(struct id_reg_field *field, const char *line)
{
	char sign[16], since[16], withdrawn[16];

	TEST_ASSERT(sscanf(line, "%lx %23s %23s %u %u %15s %15s %15s", &field->id, field->reg,
			   field->name, &field->low, &field->width, sign, since, withdrawn) == 8,
		    "data/id-registers.list: cannot read the line '%s'", line);
	field->is_signed = !strcmp(sign, "signed");
	field->since = parse_series(since);
	field->withdrawn = parse_series(withdrawn);
}

static void take_line(void *into, char *line)
{
	struct id_reg_record *record = into;

	if (!strncmp(line, "series", 6))
		parse_series_list(line + 6, record->series, ARRAY_SIZE(record->series),
				  &record->nr_series);
	else
		parse_field(&record->field[record->nr++], line);
}

const struct id_reg_record *id_reg_record(void)
{
	static struct id_reg_record record;

	if (!record.field) {
		record.field = record_room(id_registers_list, sizeof(*record.field));
		record_read(id_registers_list, take_line, &record);
	}
	return &record;
}

const struct id_reg_field *id_reg_next(const struct id_reg_field *field)
{
	const struct id_reg_record *record = id_reg_record();
	const struct id_reg_field *next = field ? field + 1 : record->field;

	while (field && next < record->field + record->nr && next->id == field->id &&
	       next->low == field->low)
		next++;
	return next < record->field + record->nr ? next : NULL;
}

const struct id_reg_field *id_reg_find(const char *reg, const char *name)
{
	const struct id_reg_field *field = NULL;

	while ((field = id_reg_next(field)))
		if (!strcmp(field->reg, reg) && !strcmp(field->name, name))
			return field;
	TEST_FAIL("data/id-registers.list has no field %s.%s", reg, name);
	return NULL;
}

const struct id_reg_field *id_reg_first(const char *reg)
{
	const struct id_reg_field *field = NULL;

	while ((field = id_reg_next(field)))
		if (!strcmp(field->reg, reg))
			return field;
	TEST_FAIL("data/id-registers.list has no register %s", reg);
	return NULL;
}

u64 id_reg_fields(u64 id)
{
	const struct id_reg_field *field = NULL;
	u64 known = 0;

	while ((field = id_reg_next(field)))
		if (field->id == id)
			known |= id_field_mask(field);
	return known;
}

u64 id_field_mask(const struct id_reg_field *field)
{
	return GENMASK_ULL(field->low + field->width - 1, field->low);
}

u64 id_field_get(const struct id_reg_field *field, u64 val)
{
	return (val & id_field_mask(field)) >> field->low;
}

u64 id_field_put(const struct id_reg_field *field, u64 val, u64 to)
{
	return (val & ~id_field_mask(field)) | (to << field->low & id_field_mask(field));
}

static enum order field_order(const struct id_reg_field *field, u64 *min, u32 *reserved)
{
	unsigned int i;

	/* -1 is nothing */
	*min = field->is_signed ? id_field_mask(field) >> field->low : 0;
	*reserved = 0;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (strcmp(orders[i].reg, field->reg) || strcmp(orders[i].name, field->name) ||
		    (orders[i].at_el2 && !guest_at_el2))
			continue;
		*min = orders[i].min;
		*reserved = orders[i].reserved;
		return orders[i].order;
	}
	return LOWER;
}

bool id_field_lower(const struct id_reg_field *field, u64 host, u64 *lower)
{
	u64 max = id_field_mask(field) >> field->low, min;
	u32 reserved;

	switch (field_order(field, &min, &reserved)) {
	case LOWER:
		*lower = (host - 1) & max;
		while (*lower > min && *lower < 32 && reserved >> *lower & 1)
			--*lower;
		/* Of signed fields the smallest is all ones; below the smallest is nothing */
		return field->is_signed ? host != min && host <= max / 2 : host > min;
	case HIGHER:
		*lower = host + 1;
		return host < max;
	case ONE_VALUE:
		*lower = min;
		return host != min;
	case FORCED:
		break;
	}
	return false;
}

bool id_field_lowest(const struct id_reg_field *field, u64 host, u64 *lowest)
{
	u64 next;

	if (!id_field_lower(field, host, lowest))
		return false;
	while (id_field_lower(field, *lowest, &next))
		*lowest = next;
	return true;
}

bool id_field_above(const struct id_reg_field *field, u64 host, u64 *above)
{
	u64 max = id_field_mask(field) >> field->low, min;
	u32 reserved;

	switch (field_order(field, &min, &reserved)) {
	case LOWER:
	case FORCED:
		*above = (host + 1) & max;
		return field->is_signed ? host != max / 2 : host < max;
	case HIGHER:
		*above = host - 1;
		return host > 0;
	case ONE_VALUE:
		*above = host == max ? 0 : max;
		return true;
	}
	return false;
}

bool id_field_is_forced(const struct id_reg_field *field)
{
	u32 reserved;
	u64 min;

	return field_order(field, &min, &reserved) == FORCED;
}

bool id_field_is_ignored(const struct id_reg_field *field)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		if (!strcmp(ignored[i].reg, field->reg) && !strcmp(ignored[i].name, field->name))
			return true;
	return false;
}

int __id_masks(struct test_vm *vm, struct reg_mask_range *range)
{
	return ioctl_err(ioctl(vm->kvm->fd, KVM_ARM_GET_REG_WRITABLE_MASKS, range));
}

bool id_masks(struct test_vm *vm, u64 mask[ID_NR_MASKS])
{
	struct reg_mask_range range = { .addr = (unsigned long)mask };
	int err;

	memset(mask, 0, ID_NR_MASKS * sizeof(*mask));
	if (!kvm_has_cap(KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES))
		return false;
	err = __id_masks(vm, &range);
	TEST_ASSERT(!err, "KVM_ARM_GET_REG_WRITABLE_MASKS: %s", err_str(err));
	return true;
}

u64 id_mask(const u64 mask[ID_NR_MASKS], u64 id)
{
	unsigned int op1 = id >> 11 & 7;

	return mask[(op1 == 3 ? 2 : op1) * 64 + (id & 0x3f)];
}

bool id_is_aarch32(u64 id)
{
	return id >= ABI_REG_SYS(3, 0, 0, 1, 0) && id <= ABI_REG_SYS(3, 0, 0, 3, 7);
}

u64 id_view_field(const struct id_view *view, const char *reg, const char *name)
{
	const struct id_reg_field *field = id_reg_find(reg, name);

	return id_field_get(field, view->val[field->id & (ID_SPACE - 1)]);
}

bool id_view_has_aarch32(const struct id_view *view)
{
	return id_view_field(view, "ID_AA64PFR0_EL1", "EL0") >= 2;
}

void id_user_view(struct kvm_vcpu *vcpu, struct id_view *view)
{
	unsigned int i;
	int err;

	memset(view, 0, sizeof(*view));
	for (i = 0; i < ID_SPACE; i++) {
		err = __reg_get(vcpu, ID_SPACE_REG(i), &view->val[i]);
		TEST_ASSERT(!err || err == -ENOENT, "KVM_GET_ONE_REG %s on vCPU %u: %s",
			    reg_name(ID_SPACE_REG(i)), vcpu->id, err_str(err));
		view->there[i] = !err;
	}
}

void id_guest_view(struct test_vm *vm, unsigned int cpu, struct guest_reg view[ID_SPACE],
		   struct guest_result *res)
{
	unsigned int i;

	for (i = 0; i < ID_SPACE; i++)
		view[i] = (struct guest_reg){ .id = ID_SPACE_REG(i) };
	guest_regs(vm, cpu, view, ID_SPACE, res);
}
