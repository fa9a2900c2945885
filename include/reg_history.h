/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorded history of the register list: which kernel series lists what, and
 * under which condition. The data is data/registers.list.
 */
#ifndef GUEST_ABI_REG_HISTORY_H
#define GUEST_ABI_REG_HISTORY_H

#include "reg_list.h"
#include "test_vm.h"

/**
 * reg_name() - the name of a register
 *
 * The recorded name, or reg_plain_name() of a register that the history lacks.
 */
const char *reg_name(u64 id);

/** reg_is_recorded() - whether the history has a register, in whichever series */
bool reg_is_recorded(u64 id);

/* Kernel series such as 6.12 as numbers that compare */
#define SERIES(major, minor) ((major)*1000U + (minor))
#define SERIES_NEVER 0U

/** parse_series() - "6.12" or a release as such a number; SERIES_NEVER for anything else */
unsigned int parse_series(const char *text);

/** parse_series_list() - series with blanks between them, added to @series, which has @max */
void parse_series_list(char *text, unsigned int *series, unsigned int max, unsigned int *nr);

/** record_room() - zeroed room for a record of @size bytes for each line of a list */
void *record_room(const char *list, size_t size);

/** record_read() - give each line of a list to @take, without comments; it may change the line */
void record_read(const char *list, void (*take)(void *into, char *line), void *into);

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
 * If @release lies between two recorded series, both must list the register.
 */
bool reg_record_promises(const struct reg_history *history, const struct reg_record *record,
			 unsigned int release);

/**
 * reg_record_allows() - whether a kernel of a series may list a register
 *
 * If @release lies between two recorded series, the older one decides.
 */
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

#endif /* GUEST_ABI_REG_HISTORY_H */
