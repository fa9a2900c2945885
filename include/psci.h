/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PSCI as data: versions, functions and since when there are which. A new version
 * is a row in psci_versions[], its functions rows in psci_functions[].
 */
#ifndef GUEST_ABI_PSCI_H
#define GUEST_ABI_PSCI_H

#include "abi.h"
#include "guest.h"

/* Index into psci_versions[], in the order of the versions */
enum psci_version {
	PSCI_0_1,
	PSCI_0_2,
	PSCI_1_0,
	PSCI_1_1,
	PSCI_1_2,
	PSCI_1_3,
	NR_PSCI_VERSIONS,
	PSCI_NEVER = NR_PSCI_VERSIONS, /* functions that KVM has in no version */
};

struct psci_version_row {
	const char *name;
	u64 value; /* of the register, and what the guest is told */
};

extern const struct psci_version_row psci_versions[NR_PSCI_VERSIONS];

/** psci_version_is_known() - whether psci_versions[] has a value of the register */
bool psci_version_is_known(u64 value);

/* What a call does apart from its answer */
enum psci_effect {
	PSCI_ANSWERS, /* nothing */
	PSCI_STOPS, /* the vCPU waits, or is off */
	PSCI_EXITS, /* the VMM is asked */
};

struct psci_function {
	const char *name;
	u32 id; /* 32-bit */
	bool both; /* a 64-bit call of that number exists as well */
	enum psci_version since;
	u64 features; /* what PSCI_FEATURES says of it [PSCI 5.15] */
	enum psci_effect effect;
};

extern const struct psci_function psci_functions[];
extern const unsigned int nr_psci_functions;

/** psci_function() - the row of a function id of either width; NULL if there is none */
const struct psci_function *psci_function(u32 id);

/**
 * psci_features() - what PSCI_FEATURES(@id) answers
 * @suspend: whether the VMM enabled KVM_CAP_ARM_SYSTEM_SUSPEND
 */
u64 psci_features(enum psci_version version, u32 id, bool suspend);

/** psci_plain_answer() - the answer of a function that has no other effect, with zeros in x1 to x3 */
u64 psci_plain_answer(enum psci_version version, u32 id);

/** psci_result_str() - the name of a value of x0 [PSCI 5.2.2], or the value in hex */
const char *psci_result_str(u64 x0);

/** psci_answer_str() - psci_result_str(), but ON or OFF from AFFINITY_INFO */
const char *psci_answer_str(u32 id, u64 x0);

/** psci_call_str() - a call with x0 to x3 of @in; valid until the next call */
const char *psci_call_str(enum conduit conduit, const u64 in[4]);

/**
 * psci_why() - why @want is the answer to the call of @in
 *
 * What follows the answer in a message, ": PSCI 1.0 has no such call"; "" if the answer
 * needs no reason. Valid until the next call.
 */
const char *psci_why(enum psci_version version, const u64 in[4], u64 want);

/** mp_state_str() - the name of a KVM_MP_STATE_*, as far as arm64 has it */
const char *mp_state_str(u32 state);

/**
 * psci_vm_create() - a VM whose firmware is of a version
 * @flags: as for test_vm_create(), which also says what @nr_vcpus may be
 *
 * Return: NULL if this KVM refuses the version
 */
struct test_vm *psci_vm_create(unsigned int nr_vcpus, enum psci_version version,
			       unsigned int flags);

#endif /* GUEST_ABI_PSCI_H */
