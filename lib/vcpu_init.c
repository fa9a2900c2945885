// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_ARM_VCPU_INIT with arguments of the caller's.
 */
#include <sys/ioctl.h>

#include "kvm_reg.h"
#include "vcpu_init.h"

u32 preferred_target(struct kvm_vm *kvm)
{
	struct kvm_vcpu_init init;

	vm_ioctl(kvm, KVM_ARM_PREFERRED_TARGET, &init);
	return init.target;
}

int __vcpu_init_as(struct kvm_vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	return ioctl_err(ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, init));
}

int __vcpu_init(struct kvm_vcpu *vcpu, u32 features)
{
	const struct kvm_vcpu_init init = {
		.target = preferred_target(vcpu->vm),
		.features = { features },
	};

	return __vcpu_init_as(vcpu, &init);
}
