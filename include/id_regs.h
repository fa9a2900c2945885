/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ID registers of a VM: their fields, which values those may take, and what user space
 * and a guest read. The fields are in data/id-registers.list.
 */
#ifndef GUEST_ABI_ID_REGS_H
#define GUEST_ABI_ID_REGS_H

#include "guest_regs.h"
#include "reg_history.h"

/* S3_0_C0_CRm_op2 [Arm ARM D24.2]: the feature ID space with op1 0, in the order of encodings */
#define ID_SPACE 64
#define ID_SPACE_REG(n) ABI_REG_SYS(3, 0, 0, (n) / 8, (n) % 8)

/* A field of an ID register */
struct id_reg_field {
	u64 id;
	char reg[24], name[24];
	unsigned int low, width;
	bool is_signed;
	unsigned int since, withdrawn; /* SERIES(): writable; since is SERIES_NEVER if not at all */
};

/* A row for each field and period in which it is writable; a field's rows follow each other */
struct id_reg_record {
	unsigned int nr_series, series[64]; /* those recorded, oldest first */
	unsigned int nr;
	struct id_reg_field *field;
};

/** id_reg_record() - data/id-registers.list, parsed once; asserts that it can be read */
const struct id_reg_record *id_reg_record(void);

/**
 * id_reg_next() - the fields, each once
 * @field: the one before, NULL for the first
 *
 * Return: the next one, NULL after the last
 */
const struct id_reg_field *id_reg_next(const struct id_reg_field *field);

/** id_reg_find() - a field by its names; asserts that it is there */
const struct id_reg_field *id_reg_find(const char *reg, const char *name);

/** id_reg_first() - a field of the register of that name; asserts that there is one */
const struct id_reg_field *id_reg_first(const char *reg);

/** id_reg_fields() - the bits of a register that belong to fields, 0 if none is known */
u64 id_reg_fields(u64 id);

u64 id_field_mask(const struct id_reg_field *field);
u64 id_field_get(const struct id_reg_field *field, u64 val);
u64 id_field_put(const struct id_reg_field *field, u64 val, u64 to);

/**
 * id_field_lower() - the next lower value that a VMM may choose for a writable field
 * @host: the one that the field has at reset
 *
 * Return: false if there is none, or if KVM gives the field its value itself
 */
bool id_field_lower(const struct id_reg_field *field, u64 host, u64 *lower);

/** id_field_lowest() - the lowest of these */
bool id_field_lowest(const struct id_reg_field *field, u64 host, u64 *lowest);

/** id_field_above() - the next value that is more than the host has; false if there is none */
bool id_field_above(const struct id_reg_field *field, u64 host, u64 *above);

/** id_field_is_forced() - whether KVM sets the field itself when it knows the vGIC */
bool id_field_is_forced(const struct id_reg_field *field);

/** id_field_is_ignored() - whether some value may be taken without effect, since a KVM gave it out */
bool id_field_is_ignored(const struct id_reg_field *field);

/* What KVM_ARM_GET_REG_WRITABLE_MASKS fills in [api.rst 4.139] */
#define ID_NR_MASKS (3 * 64)

/** __id_masks() - KVM_ARM_GET_REG_WRITABLE_MASKS; returns 0 or a negative errno */
int __id_masks(struct test_vm *vm, struct reg_mask_range *range);

/** id_masks() - the masks; false if this kernel has no KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES */
bool id_masks(struct test_vm *vm, u64 mask[ID_NR_MASKS]);

/** id_mask() - of a register, whose op1 is 0, 1 or 3 */
u64 id_mask(const u64 mask[ID_NR_MASKS], u64 id);

/** id_is_aarch32() - whether an ID register is about AArch32 */
bool id_is_aarch32(u64 id);

/* The ID registers as user space reads them */
struct id_view {
	u64 val[ID_SPACE];
	bool there[ID_SPACE]; /* not ENOENT */
};

/** id_view_field() - a field of a register of the view */
u64 id_view_field(const struct id_view *view, const char *reg, const char *name);

/** id_view_has_aarch32() - whether EL0 has AArch32, so that the registers about it mean something */
bool id_view_has_aarch32(const struct id_view *view);

/** id_user_view() - what KVM_GET_ONE_REG gives; asserts that there is no error but ENOENT */
void id_user_view(struct kvm_vcpu *vcpu, struct id_view *view);

/** id_guest_view() - what MRS gives in the guest; valid once @res says GUEST_DONE */
void id_guest_view(struct test_vm *vm, unsigned int cpu, struct guest_reg view[ID_SPACE],
		   struct guest_result *res);

#endif /* GUEST_ABI_ID_REGS_H */
