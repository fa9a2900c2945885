/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypercall contract as data: bitmap registers, services, and the exact
 * answer of each call. A new service is a row in each table of lib/smccc.c.
 */
#ifndef GUEST_ABI_SMCCC_H
#define GUEST_ABI_SMCCC_H

#include "abi.h"
#include "guest.h"

/* The bitmap feature firmware registers, index into fw_bitmaps[] */
enum {
	BMAP_STD,
	BMAP_STD_HYP,
	BMAP_VENDOR_HYP,
	BMAP_VENDOR_HYP_2,
	NR_BMAPS,
	BMAP_NONE = -1,
};

/* A firmware register of KVM [fw-pseudo-registers.rst] */
struct fw_reg {
	const char *name;
	u64 id;
};

struct fw_bitmap {
	struct fw_reg reg;
	u64 accepted; /* every bit a VMM may set */
	u64 reset; /* value of a register that no one wrote */
};

extern const struct fw_bitmap fw_bitmaps[NR_BMAPS];

/* val's successor among the subsets of mask; 0 comes after the last */
static inline u64 next_subset(u64 val, u64 mask)
{
	return (val - mask) & mask;
}

/* What a bit of a bitmap register switches on */
enum service {
	SVC_NONE, /* calls that no register switches: always answered */
	SVC_NEVER, /* calls that KVM itself never answers */
	SVC_TRNG,
	SVC_PV_TIME,
	SVC_KVM_FEATURES,
	SVC_PTP,
	NR_SERVICES,
};

struct fw_service {
	const char *name;
	int bmap; /* index into fw_bitmaps[] or BMAP_NONE */
	u64 bit;
	u32 probe; /* id that is answered whenever the service is there */
	u64 probe_arg; /* its x1 */
};

extern const struct fw_service fw_services[NR_SERVICES];

/* How the expectation for an answer is made */
enum answer {
	ANS_EXACT, /* x0 to x3 as in the row */
	ANS_RND32, /* 96 random bits in x1 to x3 */
	ANS_RND64, /* 192 random bits in x1 to x3 */
	ANS_BITMAPS, /* x0, x2: the vendor registers as configured */
	ANS_STOLEN_TIME_IPA, /* x0: the IPA set by the VMM */
	ANS_CLOCK, /* x0 to x3: 32 bits each of time and counter */
	ANS_WORKAROUND, /* x0: by the level of firmware register x[0] */
};

struct smccc_call {
	const char *name;
	u32 id;
	u64 arg; /* x1; x2 to x7 are zero */
	enum service service;
	enum answer answer;
	u64 x[4]; /* x0 to x3 where ANS_EXACT */
};

extern const struct smccc_call smccc_calls[];
extern const unsigned int nr_smccc_calls;

/** smccc_call() - the row of a call with @arg in x1; NULL if there is none */
const struct smccc_call *smccc_call(u32 id, u64 arg);

/* What a VM's firmware is set to, and what its host is like */
struct fw_config {
	u64 bmap[NR_BMAPS]; /* registers, or what is on without the register */
	u64 present[NR_BMAPS]; /* services that this kernel has at all */
	u64 unknown[NR_BMAPS]; /* bits that this kernel takes and fw_bitmaps[] lacks */
	u64 reset[NR_BMAPS]; /* as in fw_bitmaps[], and those of the unknown bits that are set */
	bool has_reg[NR_BMAPS];
	bool smc; /* this kernel serves SMC */
	bool filter; /* this kernel has the SMCCC filter */
	bool counter_clock; /* the host keeps time with the guest's counter */
	u64 stolen_time_ipa; /* as set for the calling vCPU; 0 if not */
};

/* An answer to come: x[i] must equal val[i] in the bits of mask[i] */
struct smccc_expect {
	u64 val[4];
	u64 mask[4];
};

/** fw_apply() - write @cfg's bitmaps through @vcpu where the registers exist */
void fw_apply(struct kvm_vcpu *vcpu, const struct fw_config *cfg);

/** fw_next() - step @cfg to the next combination of accepted bits; false after the last */
bool fw_next(struct fw_config *cfg);

/** fw_all_off() - switch off every service that has a register */
void fw_all_off(struct fw_config *cfg);

/** fw_all_on() - set every accepted bit of every register */
void fw_all_on(struct fw_config *cfg);

/** stolen_time_ipa() - where tests put the stolen time of vCPU number @cpu */
u64 stolen_time_ipa(unsigned int cpu);

/**
 * __set_stolen_time_ipa() - set KVM_ARM_VCPU_PVTIME_IPA [devices/vcpu.rst 3.1]
 *
 * Return: 0 or a negative errno; -ENXIO if this kernel has no stolen time
 */
int __set_stolen_time_ipa(struct kvm_vcpu *vcpu, u64 ipa);

/** service_on() - whether a guest configured as @cfg has @service */
bool service_on(const struct fw_config *cfg, enum service service);

/**
 * smccc_expect() - the answer that @call has to get
 * @vcpu: the caller, for what depends on its workaround registers
 */
void smccc_expect(const struct smccc_call *call, const struct fw_config *cfg, struct kvm_vcpu *vcpu,
		  enum conduit conduit, struct smccc_expect *expect);

/** smccc_matches() - whether an answer is the expected one */
bool smccc_matches(const struct smccc_expect *expect, const u64 x[4]);

/** smccc_function_str() - a function's name as in the table; valid until the next call */
const char *smccc_function_str(u32 id);

/** smccc_is_psci() - whether a function id belongs to PSCI and may have effects */
bool smccc_is_psci(u32 id);

/* SMCCC_ARCH_WORKAROUND_1 to 3 themselves */
struct smccc_workaround {
	u32 id;
	unsigned int reg; /* firmware register with its level */
	u64 offered; /* mask of the levels at which a guest may call it */
};

extern const struct smccc_workaround smccc_workarounds[3];

/** smccc_is_workaround() - whether a function id is in smccc_workarounds[] */
bool smccc_is_workaround(u32 id);

/** workaround_offered() - whether the firmware register says that a guest may call */
bool workaround_offered(struct kvm_vcpu *vcpu, const struct smccc_workaround *workaround);

#endif /* GUEST_ABI_SMCCC_H */
