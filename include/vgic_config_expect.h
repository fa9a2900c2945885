/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes of a vGIC that is not initialised. For vgic_create_test.c, vgic_config_test.c and
 * vgic_regions_test.c alone: the harness works in one source file only.
 */
#ifndef GUEST_ABI_VGIC_CONFIG_EXPECT_H
#define GUEST_ABI_VGIC_CONFIG_EXPECT_H

#include "vgic_expect.h"

#define ADDR KVM_DEV_ARM_VGIC_GRP_ADDR
#define NR_VCPUS 2
#define NO_ADDR (~0ULL) /* no document has the value of an address that no one has set */

static inline int set_u64(struct test_vm *vm, u32 group, u64 attr, u64 val)
{
	return __vgic_attr(vm, KVM_SET_DEVICE_ATTR, group, attr, &val);
}

static inline void expect_u64(struct __test_metadata *_metadata, struct test_vm *vm, u32 group,
			      u64 attr, u64 want)
{
	u64 val = 0xa5a5a5a5;
	int err = __vgic_attr(vm, KVM_GET_DEVICE_ATTR, group, attr, &val);

	EXPECT_TRUE(!err && val == want)
	{
		TH_LOG("KVM_GET_DEVICE_ATTR of group %u, attribute %#lx: %s, value %#lx; expected 0, value %#lx",
		       group, attr, err_str(err), val, want);
		count_failure(_metadata);
	}
}

/* NULL, or why no VM has such a vGIC */
static inline const char *no_vgic(u32 type)
{
	struct host_vgic host;

	return vgic_missing(type, AFTER_INIT, &host);
}

static inline struct test_vm *uninitialised(struct __test_metadata *_metadata, u32 type)
{
	struct test_vm *vm = test_vm_create(NR_VCPUS, 0, VM_NO_VGIC);

	ASSERT_EQ(0, __vgic_create(vm, type));
	return vm;
}

#endif /* GUEST_ABI_VGIC_CONFIG_EXPECT_H */
