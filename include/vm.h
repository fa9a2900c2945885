/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Create and free VMs, and bring their vCPUs into the state that a run needs.
 */
#ifndef GUEST_ABI_VM_H
#define GUEST_ABI_VM_H

#include "test_vm.h"

/** vm_ipa_limit() - the largest IPA space of this host, in bits [api.rst 4.2] */
unsigned int vm_ipa_limit(void);

/**
 * bare_vm_create() - make a VM without vCPUs and memory
 * @ipa_bits: size of its IPA space, 32 to vm_ipa_limit(); 0 for the usual one, which has 40
 *            bits, or as many as the host has if that is fewer
 */
struct kvm_vm *bare_vm_create(unsigned int ipa_bits);

/**
 * test_vm_create() - make a VM that is ready to run
 * @nr_vcpus: number of vCPUs, 1 to VM_MAX_VCPUS
 * @features: vCPU features, a mask of 1 << KVM_ARM_VCPU_*, in addition to PSCI_0_2 and
 *            what @flags and guest_at_el2 ask for
 * @flags: a mask of the flags above
 *
 * The VM has VM_RAM_SIZE bytes of memory, added with KVM_SET_USER_MEMORY_REGION
 * since kernels before 6.8 have no other call. Each vCPU stands at the guest's
 * first instruction; nothing has run. With SVE among the features the vCPUs are
 * finalised, with PMU_V3 their PMUs are initialised.
 */
struct test_vm *test_vm_create(unsigned int nr_vcpus, u32 features, unsigned int flags);

/**
 * test_vm_finish() - finalise SVE and initialise PMUs, if the vCPUs have them
 *
 * Call it once the vGIC is initialised, which the PMU's interrupt needs.
 */
void test_vm_finish(struct test_vm *vm);

/**
 * test_vm_add_vcpu() - add a vCPU, as a VMM does for hotplug
 *
 * A VM with an initialised vGIC takes none [devices/arm-vgic-v3.rst].
 */
void test_vm_add_vcpu(struct test_vm *vm);

/** test_vm_add_vcpu_id() - the same with an id of the caller's for KVM_CREATE_VCPU */
void test_vm_add_vcpu_id(struct test_vm *vm, u32 id);

/** test_vm_free() - tear a VM down; NULL is allowed. */
void test_vm_free(struct test_vm *vm);

/** test_vcpu_reinit() - KVM_ARM_VCPU_INIT again, as a VMM does to reset a vCPU */
void test_vcpu_reinit(struct test_vm *vm, unsigned int i);

/**
 * test_vcpu_complete() - have KVM finish the store that ended the last operation
 *
 * Call it before a vCPU is saved: until then its state is not consistent
 * [api.rst 5, KVM_EXIT_MMIO].
 */
void test_vcpu_complete(struct kvm_vcpu *vcpu);

/** mp_state_get(), mp_state_set() - KVM_MP_STATE_* of a vCPU [api.rst 4.38, 4.39] */
u32 mp_state_get(struct kvm_vcpu *vcpu);
void mp_state_set(struct kvm_vcpu *vcpu, u32 state);

/** __test_vcpu_finalize() - KVM_ARM_VCPU_FINALIZE; returns 0 or a negative errno */
int __test_vcpu_finalize(struct kvm_vcpu *vcpu, int feature);

/*
 * In place of libkvm's, which its constructor calls [lib/build.mk]: that makes a VM with the
 * largest IPA space, to find modes for guests with page tables. Such a VM takes long to free.
 */
void __wrap_guest_modes_append_default(void);

#endif /* GUEST_ABI_VM_H */
