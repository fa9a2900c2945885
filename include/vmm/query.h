/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest can find out about its firmware and its machine, asked and recorded:
 * the calls of smccc_calls[], PSCI, identification registers, and the vGIC.
 */
#ifndef GUEST_ABI_VMM_QUERY_H
#define GUEST_ABI_VMM_QUERY_H

#include "smccc.h"
#include "vmm/state.h"

/**
 * query_guest() - make vCPU 0 ask for everything
 * @state: gets the answers; the part of an answer that is random or a time is 0 there
 *
 * The VM has two vCPUs, of which the second is on. No query changes a later answer. The
 * process ends with a message if KVM_RUN fails or the guest exits.
 */
void query_guest(struct test_vm *vm, struct state *state);

/** query_call_name() - the name of the answer to a call of smccc_calls[] */
void query_call_name(char name[STATE_WORD], enum conduit conduit, const struct smccc_call *call);

/** query_is_firmware() - whether an answer depends on firmware that a VMM can choose */
bool query_is_firmware(const char *name);

#endif /* GUEST_ABI_VMM_QUERY_H */
