/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorded capabilities: which kernel series has which, on what host, in what mode. The
 * data is data/capabilities.list.
 */
#ifndef GUEST_ABI_CAP_RECORD_H
#define GUEST_ABI_CAP_RECORD_H

#include "test_vm.h"

/* Of a protected VM, in place of a value */
#define CAP_PVM_UNKNOWN (-1) /* none was recorded */
#define CAP_PVM_HOST (-2) /* any but 0 */

/* How a value is held to the recorded one */
enum cap_value {
	CAP_EXACT,
	CAP_MIN, /* that or more */
	CAP_BITS, /* these and maybe more */
	CAP_HOST, /* any but 0: it depends on the host */
	CAP_MAY, /* any */
	CAP_VM, /* exact, for a VM; /dev/kvm has none */
};

/* A row of data/capabilities.list, which explains the fields */
struct cap_record {
	unsigned int nr;
	char name[48];
	unsigned int since; /* SERIES() */
	char condition[32]; /* "-" or what cap_condition() takes */
	unsigned int withdrawn; /* SERIES_NEVER: not so far */
	enum cap_value how;
	int value;
	int pvm; /* of a protected VM, or CAP_PVM_* */
};

struct cap_history {
	unsigned int nr;
	struct cap_record *record;
};

/** cap_history() - data/capabilities.list, parsed once; asserts that it can be read */
const struct cap_history *cap_history(void);

/** cap_record_value_str() - "1", "512 or more" */
const char *cap_record_value_str(const struct cap_record *record);

/** cap_record_fits() - whether a value is that of the record */
bool cap_record_fits(const struct cap_record *record, int value);

/**
 * cap_condition() - whether a condition of the record holds for this host
 * @vm: any VM; what was found by one is not asked for again
 * @condition: "-", or terms with commas between, all of which must hold; ! before one negates
 *             it. Terms are what the host has, found without the capabilities: sve, ptrauth,
 *             mte, pmu (in the host's user space), aarch32, ras, fwb (in ID registers), vgicv3
 *             (KVM makes one), and the modes protected and nested (in the boot log)
 *
 * Return: 1, 0 or, if the boot log is gone that would tell, -1
 */
int cap_condition(struct test_vm *vm, const char *condition);

/* What conditions may name */
struct cap_term {
	const char *name;
	int (*holds)(struct test_vm *vm);
};

extern const struct cap_term cap_terms[];
extern const unsigned int nr_cap_terms;

#endif /* GUEST_ABI_CAP_RECORD_H */
