// SPDX-License-Identifier: GPL-2.0
/*
 * The capabilities that KVM/arm64 answers.
 */
#include <linux/kernel.h>

#include "cap.h"

/*
 * Each number for which KVM_CHECK_EXTENSION gives other than 0 on arm64 kernels from 5.10 to
 * 7.3, as was seen on Debian's, or with MTE or a chunk size, as their sources say. Numbers are
 * those of include/uapi/linux/kvm.h, names those of Documentation/virt/kvm/api.rst.
 */
static const struct {
	unsigned int nr;
	const char *name;
} caps[] = {
	{ 0, "KVM_CAP_IRQCHIP" },
	{ 3, "KVM_CAP_USER_MEMORY" },
	{ 9, "KVM_CAP_NR_VCPUS" },
	{ 10, "KVM_CAP_NR_MEMSLOTS" },
	{ 14, "KVM_CAP_MP_STATE" },
	{ 15, "KVM_CAP_COALESCED_MMIO" },
	{ 16, "KVM_CAP_SYNC_MMU" },
	{ 21, "KVM_CAP_DESTROY_MEMORY_REGION_WORKS" },
	{ 23, "KVM_CAP_SET_GUEST_DEBUG" },
	{ 25, "KVM_CAP_IRQ_ROUTING" },
	{ 30, "KVM_CAP_JOIN_MEMORY_REGIONS_WORKS" },
	{ 32, "KVM_CAP_IRQFD" },
	{ 36, "KVM_CAP_IOEVENTFD" },
	{ 40, "KVM_CAP_INTERNAL_ERROR_DATA" },
	{ 41, "KVM_CAP_VCPU_EVENTS" },
	{ 66, "KVM_CAP_MAX_VCPUS" },
	{ 70, "KVM_CAP_ONE_REG" },
	{ 77, "KVM_CAP_SIGNAL_MSI" },
	{ 81, "KVM_CAP_READONLY_MEM" },
	{ 82, "KVM_CAP_IRQFD_RESAMPLE" },
	{ 87, "KVM_CAP_ARM_PSCI" },
	{ 88, "KVM_CAP_ARM_SET_DEVICE_ADDR" },
	{ 89, "KVM_CAP_DEVICE_CTRL" },
	{ 93, "KVM_CAP_ARM_EL1_32BIT" },
	{ 98, "KVM_CAP_ENABLE_CAP_VM" },
	{ 102, "KVM_CAP_ARM_PSCI_0_2" },
	{ 105, "KVM_CAP_CHECK_EXTENSION_VM" },
	{ 119, "KVM_CAP_GUEST_DEBUG_HW_BPS" },
	{ 120, "KVM_CAP_GUEST_DEBUG_HW_WPS" },
	{ 122, "KVM_CAP_IOEVENTFD_ANY_LENGTH" },
	{ 126, "KVM_CAP_ARM_PMU_V3" },
	{ 127, "KVM_CAP_VCPU_ATTRIBUTES" },
	{ 128, "KVM_CAP_MAX_VCPU_ID" },
	{ 131, "KVM_CAP_MSI_DEVID" },
	{ 136, "KVM_CAP_IMMEDIATE_EXIT" },
	{ 144, "KVM_CAP_ARM_USER_IRQ" },
	{ 158, "KVM_CAP_ARM_INJECT_SERROR_ESR" },
	{ 162, "KVM_CAP_COALESCED_PIO" },
	{ 165, "KVM_CAP_ARM_VM_IPA_SIZE" },
	{ 168, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2" },
	{ 170, "KVM_CAP_ARM_SVE" },
	{ 171, "KVM_CAP_ARM_PTRAUTH_ADDRESS" },
	{ 172, "KVM_CAP_ARM_PTRAUTH_GENERIC" },
	{ 174, "KVM_CAP_ARM_IRQ_LINE_LAYOUT_2" },
	{ 177, "KVM_CAP_ARM_NISV_TO_USER" },
	{ 178, "KVM_CAP_ARM_INJECT_EXT_DABT" },
	{ 182, "KVM_CAP_HALT_POLL" },
	{ 187, "KVM_CAP_STEAL_TIME" },
	{ 195, "KVM_CAP_SET_GUEST_DEBUG2" },
	{ 198, "KVM_CAP_PTP_KVM" },
	{ 203, "KVM_CAP_BINARY_STATS_FD" },
	{ 205, "KVM_CAP_ARM_MTE" },
	{ 215, "KVM_CAP_SYSTEM_EVENT_DATA" },
	{ 216, "KVM_CAP_ARM_SYSTEM_SUSPEND" },
	{ 223, "KVM_CAP_DIRTY_LOG_RING_ACQ_REL" },
	{ 225, "KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP" },
	{ 227, "KVM_CAP_COUNTER_OFFSET" },
	{ 228, "KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE" },
	{ 229, "KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES" },
	{ 230, "KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES" },
	{ 231, "KVM_CAP_USER_MEMORY2" },
	{ 234, "KVM_CAP_GUEST_MEMFD" },
	{ 239, "KVM_CAP_ARM_WRITABLE_IMP_ID_REGS" },
	{ 240, "KVM_CAP_ARM_EL2" },
	{ 241, "KVM_CAP_ARM_EL2_E2H0" },
	{ 243, "KVM_CAP_ARM_CACHEABLE_PFNMAP_SUPPORTED" },
	{ 244, "KVM_CAP_GUEST_MEMFD_FLAGS" },
	{ 245, "KVM_CAP_ARM_SEA_TO_USER" },
	{ 251, "KVM_CAP_ARM_PMU_V3_STRICT" },
};

const char *cap_name(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		if (caps[i].nr == nr)
			return caps[i].name;
	return NULL;
}
