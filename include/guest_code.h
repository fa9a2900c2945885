/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest in AArch64 that runs a few instructions of the caller's.
 */
#ifndef GUEST_ABI_GUEST_CODE_H
#define GUEST_ABI_GUEST_CODE_H

#include "guest.h"

#define GUEST_CODE_MAX_BYTES 4096

/**
 * guest_code_prepare() - place instructions and a vCPU before them; KVM_RUN is the caller's
 * @cpu: the vCPU that runs them; one at a time for each VM
 * @code: may use all registers but X19 and X20. Behind it the guest ends the operation
 * @bytes: up to GUEST_CODE_MAX_BYTES, a multiple of 4
 */
void guest_code_prepare(struct test_vm *vm, unsigned int cpu, const void *code, u64 bytes);

/** guest_code() - have the guest run them; GUEST_DONE if it came to their end */
void guest_code(struct test_vm *vm, unsigned int cpu, const void *code, u64 bytes,
		struct guest_result *res);

/** guest_code_ipa() - where the first instruction is */
u64 guest_code_ipa(void);

#endif /* GUEST_ABI_GUEST_CODE_H */
