// SPDX-License-Identifier: GPL-2.0
/*
 * The interfaces that mainline got over time.
 */
#include <sys/ioctl.h>

#include "abi.h"
#include "cap.h"
#include "host.h"
#include "interface.h"
#include "kvm_reg.h"
#include "smccc.h"

/* clang-format off */

/*
 * In the order in which mainline got them: Debian's 5.10, 6.1, 6.12, 6.18 and 7.3 have all up to
 * one of these, and none after it. They need no hardware, and every mode has them: so MTE,
 * KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE and the like are not here. Neither is the register of
 * SMCCC_ARCH_WORKAROUND_3, since stable kernels got it.
 */
const struct interface interfaces[] = {
	{ SERIES(3, 12), IFACE_CAP, 88, NULL }, /* ARM_SET_DEVICE_ADDR */
	{ SERIES(4, 19), IFACE_CAP, 41, NULL }, /* VCPU_EVENTS */
	{ SERIES(4, 20), IFACE_CAP, 165, NULL }, /* ARM_VM_IPA_SIZE */
	{ SERIES(5, 4), IFACE_CAP, 174, NULL }, /* ARM_IRQ_LINE_LAYOUT_2 */
	{ SERIES(5, 5), IFACE_CAP, 177, NULL }, /* ARM_NISV_TO_USER */
	{ SERIES(5, 5), IFACE_CAP, 178, NULL }, /* ARM_INJECT_EXT_DABT */
	{ SERIES(5, 5), IFACE_PVTIME_ATTR, ABI_PV_TIME_IPA, "KVM_ARM_VCPU_PVTIME_IPA" },
	{ SERIES(5, 10), IFACE_CAP, 187, NULL }, /* STEAL_TIME */
	{ SERIES(5, 13), IFACE_CAP, 195, NULL }, /* SET_GUEST_DEBUG2 */
	{ SERIES(5, 13), IFACE_CAP, 198, NULL }, /* PTP_KVM */
	{ SERIES(5, 14), IFACE_CAP, 203, NULL }, /* BINARY_STATS_FD */
	{ SERIES(5, 18), IFACE_PSCI, ABI_PSCI_1_1, "PSCI 1.1" },
	{ SERIES(5, 19), IFACE_CAP, 215, NULL }, /* SYSTEM_EVENT_DATA */
	{ SERIES(5, 19), IFACE_CAP, 216, NULL }, /* ARM_SYSTEM_SUSPEND */
	{ SERIES(5, 19), IFACE_FW_REG, ABI_STD_BMAP, "KVM_REG_ARM_STD_BMAP" },
	{ SERIES(5, 19), IFACE_FW_REG, ABI_STD_HYP_BMAP, "KVM_REG_ARM_STD_HYP_BMAP" },
	{ SERIES(5, 19), IFACE_FW_REG, ABI_VENDOR_HYP_BMAP, "KVM_REG_ARM_VENDOR_HYP_BMAP" },
	{ SERIES(6, 2), IFACE_CAP, 225, NULL }, /* DIRTY_LOG_RING_WITH_BITMAP */
	{ SERIES(6, 4), IFACE_CAP, 227, NULL }, /* COUNTER_OFFSET */
	{ SERIES(6, 4), IFACE_VM_ATTR, ABI_SMCCC_FILTER, "the SMCCC filter, KVM_ARM_VM_SMCCC_FILTER," },
	{ SERIES(6, 4), IFACE_SMC, 0, "SMC from guests" },
	{ SERIES(6, 7), IFACE_CAP, 230, NULL }, /* ARM_SUPPORTED_REG_MASK_RANGES */
	{ SERIES(6, 8), IFACE_CAP, 231, NULL }, /* USER_MEMORY2 */
	{ SERIES(6, 13), IFACE_PSCI, ABI_PSCI_1_2, "PSCI 1.2" },
	{ SERIES(6, 13), IFACE_PSCI, ABI_PSCI_1_3, "PSCI 1.3" },
	{ SERIES(6, 15), IFACE_CAP, 239, NULL }, /* ARM_WRITABLE_IMP_ID_REGS */
	{ SERIES(6, 15), IFACE_FW_REG, ABI_VENDOR_HYP_BMAP_2, "KVM_REG_ARM_VENDOR_HYP_BMAP_2" },
	{ SERIES(6, 18), IFACE_CAP, 234, NULL }, /* GUEST_MEMFD */
	{ SERIES(6, 18), IFACE_CAP, 244, NULL }, /* GUEST_MEMFD_FLAGS */
	{ SERIES(6, 19), IFACE_CAP, 245, NULL }, /* ARM_SEA_TO_USER */
};

/* clang-format on */

const unsigned int nr_interfaces = ARRAY_SIZE(interfaces);

const char *interface_name(const struct interface *interface)
{
	return interface->name ?: cap_name(interface->id);
}

bool interface_is_there(struct test_vm *vm, const struct interface *interface)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	u64 id = interface->id, val;
	struct fw_config cfg;

	switch (interface->kind) {
	case IFACE_CAP:
		return ioctl(vm->kvm->fd, KVM_CHECK_EXTENSION, id) > 0;
	case IFACE_VM_ATTR:
		return !__fd_attr(vm->kvm->fd, KVM_HAS_DEVICE_ATTR, ABI_SMCCC_GROUP, id, NULL);
	case IFACE_PVTIME_ATTR:
		return !__vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_GROUP, id, NULL);
	case IFACE_FW_REG:
		return !__reg_get(vcpu, id, &val);
	case IFACE_PSCI:
		return !__reg_set(vcpu, ABI_PSCI_VERSION, id);
	case IFACE_SMC:
		host_fw(&cfg);
		return cfg.smc;
	}
	return false;
}

bool kernel_is_after(struct test_vm *vm, unsigned int since, const struct interface *later[2])
{
	unsigned int nr = 0, i;

	for (i = 0; i < nr_interfaces && nr < 2; i++) {
		if (interfaces[i].since > since && interface_is_there(vm, &interfaces[i])) {
			later[nr++] = &interfaces[i];
			since = interfaces[i].since;
		}
	}
	return nr == 2;
}
