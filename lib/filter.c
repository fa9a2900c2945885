// SPDX-License-Identifier: GPL-2.0
/*
 * The SMCCC filter.
 */
#include "filter.h"
#include "kvm_reg.h"

int __vm_attr(struct test_vm *vm, unsigned long cmd, u32 group, u64 attr, const void *addr)
{
	return __fd_attr(vm->kvm->fd, cmd, group, attr, addr);
}

bool test_vm_has_filter(struct test_vm *vm)
{
	return !__vm_attr(vm, KVM_HAS_DEVICE_ATTR, ABI_SMCCC_GROUP, ABI_SMCCC_FILTER, NULL);
}

int __filter_set(struct test_vm *vm, const struct smccc_filter *filter)
{
	return __vm_attr(vm, KVM_SET_DEVICE_ATTR, ABI_SMCCC_GROUP, ABI_SMCCC_FILTER, filter);
}

int __filter_add(struct test_vm *vm, u32 base, u32 nr, u8 action)
{
	const struct smccc_filter filter = {
		.base = base,
		.nr_functions = nr,
		.action = action,
	};

	return __filter_set(vm, &filter);
}

const char *filter_action_str(u8 action)
{
	static const char *const names[] = {
		[ABI_FILTER_HANDLE] = "HANDLE",
		[ABI_FILTER_DENY] = "DENY",
		[ABI_FILTER_FWD_TO_USER] = "FWD_TO_USER",
	};

	return action < ARRAY_SIZE(names) ? names[action] : "unknown";
}

void filter_add(struct test_vm *vm, u32 base, u32 nr, u8 action)
{
	int err = __filter_add(vm, base, nr, action);

	TEST_ASSERT(!err, "KVM_ARM_VM_SMCCC_FILTER base %#x nr_functions %#x action %s: %s", base,
		    nr, filter_action_str(action), err_str(err));
}

void filter_add_all(struct test_vm *vm, u8 action)
{
	filter_add(vm, 0, ABI_ARCH_FIRST, action);
	filter_add(vm, ABI_ARCH_LAST + 1, ABI_ARCH64_FIRST - (ABI_ARCH_LAST + 1), action);
	filter_add(vm, ABI_ARCH64_LAST + 1, 0xffffffffU - ABI_ARCH64_LAST, action);
}

bool filter_is_reserved(u32 id)
{
	return (id >= ABI_ARCH_FIRST && id <= ABI_ARCH_LAST) ||
	       (id >= ABI_ARCH64_FIRST && id <= ABI_ARCH64_LAST);
}
