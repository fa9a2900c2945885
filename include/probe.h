/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest can find out about its firmware and its machine, asked and written
 * down: the calls of smccc_calls[], PSCI, identification registers, and the vGIC.
 */
#ifndef GUEST_ABI_PROBE_H
#define GUEST_ABI_PROBE_H

#include "smccc.h"
#include "state.h"

/**
 * probe_guest() - have vCPU 0 ask for everything
 * @state: gets the answers; where a part of one is random or a time, that part is 0
 *
 * The VM has two vCPUs, of which the second is on. No probe changes what a later one
 * gets to see. A guest that ends in another way than by an answer or an exception ends
 * the process with a message.
 */
void probe_guest(struct test_vm *vm, struct state *state);

/** probe_call_name() - the name of the probe that a call of smccc_calls[] is */
void probe_call_name(char name[STATE_WORD], enum conduit conduit, const struct smccc_call *call);

/** probe_is_firmware() - whether a probe is about what a VMM can choose, not about the CPU */
bool probe_is_firmware(const char *name);

#endif /* GUEST_ABI_PROBE_H */
