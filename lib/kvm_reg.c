// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of a vCPU and attributes of KVM's files, one ioctl at a time.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi.h"
#include "kvm_reg.h"
#include "watch.h"

const char *err_str(int err)
{
	if (err > 0)
		return "neither 0 nor an error";
	return err ? strerrorname_np(-err) ?: "an unknown errno" : "0";
}

int ioctl_err(int ret)
{
	return ret < 0 ? -errno : ret;
}

int __reg_ioctl(struct kvm_vcpu *vcpu, unsigned long cmd, u64 id, const void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = (unsigned long)addr };
	struct watch *watch;
	int err;

	watch = watch_begin(vcpu->id,
			    cmd == KVM_SET_ONE_REG
				    ? "to come back from KVM_SET_ONE_REG; it had not"
				    : "to come back from KVM_GET_ONE_REG; it had not",
			    id);
	err = ioctl_err(ioctl(vcpu->fd, cmd, &reg));
	watch_end(watch);
	return err;
}

int __reg_get(struct kvm_vcpu *vcpu, u64 id, u64 *val)
{
	return __reg_ioctl(vcpu, KVM_GET_ONE_REG, id, val);
}

int __reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	return __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, &val);
}

u64 reg_get(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val = 0;
	int err = __reg_get(vcpu, id, &val);

	TEST_ASSERT(!err, "KVM_GET_ONE_REG %#lx on vCPU %u: %s", id, vcpu->id, err_str(err));
	return val;
}

void reg_set(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	int err = __reg_set(vcpu, id, val);

	TEST_ASSERT(!err, "KVM_SET_ONE_REG %#lx to %#lx on vCPU %u: %s", id, val, vcpu->id,
		    err_str(err));
}

u64 vcpu_x_get(struct kvm_vcpu *vcpu, unsigned int n)
{
	return reg_get(vcpu, ABI_REG_CORE_U64(2 * n));
}

void vcpu_x_set(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	reg_set(vcpu, ABI_REG_CORE_U64(2 * n), val);
}

int __fd_attr(int fd, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	struct kvm_device_attr dev_attr = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)addr,
	};
	struct watch *watch;
	int err;

	watch = watch_begin(WATCH_NO_VCPU, "an access to an attribute; it had not come back", attr);
	err = ioctl_err(ioctl(fd, cmd, &dev_attr));
	watch_end(watch);
	return err;
}

int __vcpu_attr(struct kvm_vcpu *vcpu, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	return __fd_attr(vcpu->fd, cmd, group, attr, addr);
}
