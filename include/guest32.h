/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest in AArch32: a few instructions at a time, in A32 or in T32.
 *
 * The host writes the instructions into the VM's memory, with a store of R0 to VM_EXIT_PORT
 * behind them, and makes the vCPU run them in a mode of its choice. R7 has the port's address,
 * since R0 to R7 are the same in all modes. An exception ends a run, too.
 */
#ifndef GUEST_ABI_GUEST32_H
#define GUEST_ABI_GUEST32_H

#include "guest.h"

/* clang-format off */

/* CPSR [Arm ARM G8.2.33]: the mode, and the bits beside it */
#define CPSR_MODE	0x1fU
#define CPSR_USR	0x10U
#define CPSR_FIQ	0x11U
#define CPSR_IRQ	0x12U
#define CPSR_SVC	0x13U
#define CPSR_ABT	0x17U
#define CPSR_UND	0x1bU
#define CPSR_SYS	0x1fU
#define CPSR_T		(1U << 5)
#define CPSR_F		(1U << 6)
#define CPSR_I		(1U << 7)
#define CPSR_A		(1U << 8)
#define CPSR_AIF	(CPSR_A | CPSR_I | CPSR_F)
#define CPSR_E		(1U << 9)
#define CPSR_GE		0x000f0000U
#define CPSR_Q		(1U << 27)
#define CPSR_V		(1U << 28)
#define CPSR_C		(1U << 29)
#define CPSR_Z		(1U << 30)
#define CPSR_N		(1U << 31)
#define CPSR_IT		0x0600fc00U /* IT[1:0] in 26:25, IT[7:2] in 15:10 */
#define CPSR_RESET	(CPSR_SVC | CPSR_AIF) /* after KVM_ARM_VCPU_INIT [api.rst 4.82] */

/* X registers of banked ones [Arm ARM D1.20.1] */
#define X_LR_IRQ	16
#define X_LR_SVC	18
#define X_LR_ABT	20
#define X_LR_UND	22
#define X_LR_FIQ	30

/* clang-format on */

/* The instruction set, which CPSR.T selects */
enum isa {
	ISA_A32,
	ISA_T32,
};

/* Up to GUEST32_MAX_BYTES of instructions: A32 as u32, T32 as u16 */
struct guest32_code {
	enum isa isa;
	const void *insns;
	unsigned int bytes;
};

#define GUEST32_MAX_BYTES 1024
#define A32_CODE(words) ((struct guest32_code){ ISA_A32, words, sizeof(words) })
#define T32_CODE(halves) ((struct guest32_code){ ISA_T32, halves, sizeof(halves) })

/** isa_str() - "A32" or "T32" */
const char *isa_str(enum isa isa);

/** guest32_vm_create() - test_vm_create() with the vCPU feature EL1_32BIT */
struct test_vm *guest32_vm_create(unsigned int nr_vcpus, unsigned int flags);

/** guest32_prepare() - guest32_run() without the run: KVM_RUN is the caller's */
void guest32_prepare(struct test_vm *vm, unsigned int cpu, const struct guest32_code *code,
		     u32 cpsr);

/**
 * guest32_run() - run instructions in AArch32
 * @cpu: the vCPU that does; one at a time for each VM. R7 gets the address of the port
 * @cpsr: CPSR, of which T comes from @code
 * @res: GUEST_DONE if they ran to their end, which guest32_end_str() tells
 */
void guest32_run(struct test_vm *vm, unsigned int cpu, const struct guest32_code *code, u32 cpsr,
		 struct guest_result *res);

/** guest32_ipa() - where the instructions of a run begin */
u64 guest32_ipa(void);

/** guest32_entry_ipa() - an entry point for CPU_ON: bit 0 is set for T32. R1 gets CPSR */
u32 guest32_entry_ipa(enum isa isa);
#define GUEST32_ENTRY_BYTES 8 /* from there to the store that ends the run */

/** guest32_call() - the code of a call */
struct guest32_code guest32_call(enum isa isa, enum conduit conduit);

/** guest32_vector() - the vector that ended a run, GUEST32_VECTOR_*; -1 if none did */
int guest32_vector(const struct kvm_vcpu *vcpu, const struct guest_result *res);
#define GUEST32_VECTOR_UNDEF 1
#define GUEST32_VECTOR_PREFETCH_ABORT 3
#define GUEST32_VECTOR_DATA_ABORT 4

/** guest32_vector_ipa() - its address */
u64 guest32_vector_ipa(unsigned int vector);

/** guest32_end_str() - guest_end_str(), with exceptions that were taken in AArch32 */
const char *guest32_end_str(const struct kvm_vcpu *vcpu, const struct guest_result *res);

/** guest32_mode_str() - the name of CPSR's mode */
const char *guest32_mode_str(u32 cpsr);

#endif /* GUEST_ABI_GUEST32_H */
