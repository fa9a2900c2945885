/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of registers, their names and values, and the recorded history of what
 * kernels list.
 */
#ifndef GUEST_ABI_REG_LIST_H
#define GUEST_ABI_REG_LIST_H

#include "reg_value.h"
#include "vm.h"

#define REG_NAME_LEN 48

/**
 * reg_name() - the name of a register
 *
 * Of the record if it is there, else made from the id: S3_3_C14_C0_1 for a
 * system register. The text is good until the eighth call after this one.
 */
const char *reg_name(u64 id);

/** reg_plain_name() - the name as made from the id alone */
const char *reg_plain_name(u64 id);

/** __reg_list() - KVM_GET_REG_LIST; returns 0 or a negative errno */
int __reg_list(struct kvm_vcpu *vcpu, struct kvm_reg_list *list);

/** reg_list_get() - the list, to be freed */
struct kvm_reg_list *reg_list_get(struct kvm_vcpu *vcpu);

/** reg_list_count() - how often a list has an id */
unsigned int reg_list_count(const struct kvm_reg_list *list, u64 id);

/**
 * reg_save() - read every register of a list
 * @values: list->n of them
 *
 * Return: 0, or the errno of the first that cannot be read, whose index is in @bad
 */
int reg_save(struct kvm_vcpu *vcpu, const struct kvm_reg_list *list, struct reg_value *values,
	     unsigned int *bad);

/** reg_counts() - whether a register counts by itself, and goes on from what is written */
bool reg_counts(u64 id);

/* Kernel series such as 6.12 as numbers that compare */
#define SERIES(major, minor) ((major)*1000U + (minor))
#define SERIES_NEVER 0U

/* A row of data/registers.list, which explains the fields */
struct reg_record {
	u64 id;
	char name[REG_NAME_LEN];
	unsigned int since;
	char condition[80]; /* "-" or what reg_condition() takes */
	unsigned int withdrawn; /* SERIES_NEVER: not so far */
};

struct reg_history {
	unsigned int nr_series;
	unsigned int series[64]; /* those recorded, oldest first */
	unsigned int nr;
	struct reg_record *record;
};

/** reg_history() - data/registers.list, parsed once; asserts that it can be read */
const struct reg_history *reg_history(void);

/**
 * reg_record_promises() - whether a kernel of a series has to list a register
 * @release: the series of that kernel, which need not be a recorded one
 *
 * Between two recorded series the older one's word counts only where the
 * younger one says the same.
 */
bool reg_record_promises(const struct reg_history *history, const struct reg_record *record,
			 unsigned int release);

/** reg_record_allows() - whether it may: the same with the older one's word alone */
bool reg_record_allows(const struct reg_record *record, unsigned int release);

/** running_series() - the series of this kernel, from its release string */
unsigned int running_series(void);

/**
 * reg_condition() - whether a condition of the record holds for a VM
 * @condition: "-", or terms with commas between, all of which must hold:
 *             a vCPU feature (pmu, sve, ptrauth, el2, e2h0, el1_32) or
 *             FIELD>=NUMBER, FIELD an ID register's field as vCPU 0 has it;
 *             ! before a term negates it
 */
bool reg_condition(struct test_vm *vm, const char *condition);

/* A vCPU feature that conditions may name */
struct reg_feature {
	const char *name;
	unsigned int bit; /* KVM_ARM_VCPU_* */
};

extern const struct reg_feature reg_features[];
extern const unsigned int nr_reg_features;

/* An ID register field that conditions may name */
struct id_field {
	const char *name;
	u64 id;
	unsigned int shift, width;
	bool is_signed;
};

extern const struct id_field id_fields[];
extern const unsigned int nr_id_fields;

/** id_field() - its value on vCPU 0; a register that is not there has only zeros */
int id_field(struct test_vm *vm, const struct id_field *field);

#endif /* GUEST_ABI_REG_LIST_H */
