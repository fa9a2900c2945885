/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The firmware ABI of KVM/arm64 as literals.
 *
 * Expected values, written as literals so that a value changed by mistake in a tree's
 * headers fails a test. ioctl numbers and structures, most capabilities and vCPU feature
 * bits, exit reasons, MP states, and types and attributes of devices still come from the UAPI
 * headers. Sources, named in brackets below:
 *
 *   [FW]      Documentation/virt/kvm/arm/fw-pseudo-registers.rst
 *   [HC]      Documentation/virt/kvm/arm/hypercalls.rst
 *   [PTP]     Documentation/virt/kvm/arm/ptp_kvm.rst
 *   [PVT]     Documentation/virt/kvm/arm/pvtime.rst
 *   [VCPU]    Documentation/virt/kvm/devices/vcpu.rst
 *   [API]     Documentation/virt/kvm/api.rst
 *   [SMCCC]   Arm DEN0028, SMC Calling Convention
 *   [TRNG]    Arm DEN0098, True Random Number Generator firmware interface
 *   [PVTIME]  Arm DEN0057, paravirtualized time
 *   [PSCI]    Arm DEN0022, Power State Coordination Interface
 *   [VGIC3]   Documentation/virt/kvm/devices/arm-vgic-v3.rst
 *   [VGIC2]   Documentation/virt/kvm/devices/arm-vgic.rst
 *   [ITS]     Documentation/virt/kvm/devices/arm-vgic-its.rst
 *   [GIC]     Arm IHI0069, GIC architecture version 3 and 4
 *   [GIC2]    Arm IHI0048, GIC architecture version 2
 */
#ifndef GUEST_ABI_ABI_H
#define GUEST_ABI_ABI_H

#include <linux/bits.h>

/* clang-format off */

/*
 * Register ids for KVM_GET_ONE_REG and KVM_SET_ONE_REG [API 4.68]:
 * architecture 0x6, log2 of the size in bytes at bit 52, coprocessor at bit 16.
 */
#define ABI_REG_SIZE_SHIFT		52
#define ABI_REG_SIZE_MASK		(0xfULL << ABI_REG_SIZE_SHIFT)
#define ABI_REG_ARM64_U64		0x6030000000000000ULL
#define ABI_REG_FW(n)			(ABI_REG_ARM64_U64 | (0x0014ULL << 16) | (n))
#define ABI_REG_FW_BMAP(n)		(ABI_REG_ARM64_U64 | (0x0016ULL << 16) | (n))

/* Firmware pseudo-registers [FW] */
#define ABI_PSCI_VERSION		ABI_REG_FW(0)
#define ABI_WORKAROUND_1		ABI_REG_FW(1)
#define ABI_WORKAROUND_2		ABI_REG_FW(2)

/* Bitmap feature firmware registers and their bits [FW] */
#define ABI_STD_BMAP			ABI_REG_FW_BMAP(0)
#define ABI_STD_TRNG			BIT_ULL(0)
#define ABI_STD_HYP_BMAP		ABI_REG_FW_BMAP(1)
#define ABI_STD_HYP_PV_TIME		BIT_ULL(0)
#define ABI_VENDOR_HYP_BMAP		ABI_REG_FW_BMAP(2)
#define ABI_VENDOR_HYP_FEATURES		BIT_ULL(0)
#define ABI_VENDOR_HYP_PTP		BIT_ULL(1)
#define ABI_VENDOR_HYP_BMAP_2		ABI_REG_FW_BMAP(3)
#define ABI_VENDOR_HYP_2_IMPL_VER	BIT_ULL(0)
#define ABI_VENDOR_HYP_2_IMPL_CPUS	BIT_ULL(1)

/* Levels of the workaround registers, bits 3:0 [FW] */
#define ABI_WORKAROUND_LEVEL_MASK	0xfULL
#define ABI_WORKAROUND_NOT_AVAIL	0	/* registers 1 to 3 */
#define ABI_WORKAROUND_AVAIL		1	/* registers 1 and 3 */
#define ABI_WORKAROUND_NOT_REQUIRED	2	/* registers 1 and 3 */
#define ABI_WORKAROUND_2_UNKNOWN	1
#define ABI_WORKAROUND_2_AVAIL		2
#define ABI_WORKAROUND_2_NOT_REQUIRED	3

/* Core registers: coprocessor 0x10, and the offset in struct kvm_regs in words [API 4.68] */
#define ABI_CORE_SP			0x3e	/* X0 to X30 come before */
#define ABI_CORE_PC			0x40
#define ABI_CORE_PSTATE			0x42
#define ABI_CORE_SP_EL1			0x44
#define ABI_CORE_ELR_EL1		0x46
#define ABI_CORE_SPSR			0x48	/* EL1, ABT, UND, IRQ, FIQ; 2 words each */
#define ABI_CORE_V0			0x54	/* V0 to V31 */
#define ABI_CORE_FPSR			0xd4
#define ABI_CORE_FPCR			0xd5
#define ABI_REG_CORE_U64(index)		(ABI_REG_ARM64_U64 | (0x0010ULL << 16) | (index))
#define ABI_REG_CORE_U32(index)		(0x6020000000100000ULL | (index))
#define ABI_REG_CORE_V(n)		(0x6040000000100000ULL | (ABI_CORE_V0 + 4 * (n)))
#define ABI_PC				ABI_REG_CORE_U64(ABI_CORE_PC)
#define ABI_PSTATE			ABI_REG_CORE_U64(ABI_CORE_PSTATE)

/* System registers: coprocessor 0x13, and the encoding of MRS and MSR [API 4.68] */
#define ABI_REG_SYS(op0, op1, crn, crm, op2)                                                       \
	(ABI_REG_ARM64_U64 | (0x0013ULL << 16) | (op0) << 14 | (op1) << 11 | (crn) << 7 |          \
	 (crm) << 3 | (op2))
/* Their names [Arm ARM D24] */
#define ABI_MIDR_EL1			ABI_REG_SYS(3, 0, 0, 0, 0)
#define ABI_SCTLR_EL1			ABI_REG_SYS(3, 0, 1, 0, 0)
#define ABI_SCTLR_EE			BIT(25)	/* big-endian */
#define ABI_SCTLR_E0E			BIT(24)	/* the same for EL0 */
#define ABI_CPACR_EL1			ABI_REG_SYS(3, 0, 1, 0, 2)
#define ABI_CPACR_FPEN			(3ULL << 20)
#define ABI_CPACR_ZEN			(3ULL << 16)
#define ABI_ZCR_EL1			ABI_REG_SYS(3, 0, 1, 2, 0)
#define ABI_ID_AA64PFR0_EL1		ABI_REG_SYS(3, 0, 0, 4, 0)
#define ABI_ID_AA64MMFR0_EL1		ABI_REG_SYS(3, 0, 0, 7, 0)
#define ABI_ESR_EL1			ABI_REG_SYS(3, 0, 5, 2, 0)
#define ABI_FAR_EL1			ABI_REG_SYS(3, 0, 6, 0, 0)
#define ABI_VBAR_EL1			ABI_REG_SYS(3, 0, 12, 0, 0)
#define ABI_ISR_EL1			ABI_REG_SYS(3, 0, 12, 1, 0)
#define ABI_TCR2_EL1			ABI_REG_SYS(3, 0, 2, 0, 3)
#define ABI_PIRE0_EL1			ABI_REG_SYS(3, 0, 10, 2, 2)
#define ABI_PIR_EL1			ABI_REG_SYS(3, 0, 10, 2, 3)
#define ABI_TPIDR_EL0			ABI_REG_SYS(3, 3, 13, 0, 2)
#define ABI_TPIDRRO_EL0			ABI_REG_SYS(3, 3, 13, 0, 3)
#define ABI_TPIDR_EL1			ABI_REG_SYS(3, 0, 13, 0, 4)
#define ABI_OSLAR_EL1			ABI_REG_SYS(2, 0, 1, 0, 4)
#define ABI_OSLSR_EL1			ABI_REG_SYS(2, 0, 1, 1, 4)
#define ABI_OSLSR_OSLK			BIT_ULL(1)
#define ABI_CLIDR_EL1			ABI_REG_SYS(3, 1, 0, 0, 1)
#define ABI_CNTP_CTL_EL0		ABI_REG_SYS(3, 3, 14, 2, 1)
#define ABI_CNTV_CTL_EL0		ABI_REG_SYS(3, 3, 14, 3, 1)
#define ABI_PMINTENSET_EL1		ABI_REG_SYS(3, 0, 9, 14, 1)
#define ABI_PMINTENCLR_EL1		ABI_REG_SYS(3, 0, 9, 14, 2)
#define ABI_PMCR_EL0			ABI_REG_SYS(3, 3, 9, 12, 0)
#define ABI_PMCNTENSET_EL0		ABI_REG_SYS(3, 3, 9, 12, 1)
#define ABI_PMCNTENCLR_EL0		ABI_REG_SYS(3, 3, 9, 12, 2)
#define ABI_PMOVSCLR_EL0		ABI_REG_SYS(3, 3, 9, 12, 3)
#define ABI_PMSWINC_EL0			ABI_REG_SYS(3, 3, 9, 12, 4)
#define ABI_PMSELR_EL0			ABI_REG_SYS(3, 3, 9, 12, 5)
#define ABI_PMCCNTR_EL0			ABI_REG_SYS(3, 3, 9, 13, 0)
#define ABI_PMOVSSET_EL0		ABI_REG_SYS(3, 3, 9, 14, 3)
#define ABI_PMEVCNTR0_EL0		ABI_REG_SYS(3, 3, 14, 8, 0)
#define ABI_PMEVTYPER0_EL0		ABI_REG_SYS(3, 3, 14, 12, 0)
#define ABI_MDSCR_EL1			ABI_REG_SYS(2, 0, 0, 2, 2)
#define ABI_CNTP_CVAL_EL0		ABI_REG_SYS(3, 3, 14, 2, 2)
#define ABI_SCTLR_EL2			ABI_REG_SYS(3, 4, 1, 0, 0)
#define ABI_HCR_EL2			ABI_REG_SYS(3, 4, 1, 1, 0)
#define ABI_HCR_EL2_TGE			BIT_ULL(27)
#define ABI_HCR_IMO			BIT_ULL(4)
#define ABI_CNTHP_CTL_EL2		ABI_REG_SYS(3, 4, 14, 2, 1)
#define ABI_CNTHP_CVAL_EL2		ABI_REG_SYS(3, 4, 14, 2, 2)
#define ABI_CNTHV_CTL_EL2		ABI_REG_SYS(3, 4, 14, 3, 1)
#define ABI_CNTHV_CVAL_EL2		ABI_REG_SYS(3, 4, 14, 3, 2)
#define ABI_ELR_EL2			ABI_REG_SYS(3, 4, 4, 0, 1)
#define ABI_ESR_EL2			ABI_REG_SYS(3, 4, 5, 2, 0)
#define ABI_FAR_EL2			ABI_REG_SYS(3, 4, 6, 0, 0)
#define ABI_SPSR_EL2			ABI_REG_SYS(3, 4, 4, 0, 0)
#define ABI_VBAR_EL2			ABI_REG_SYS(3, 4, 12, 0, 0)

/* ESR_ELx [Arm ARM D24.2]: class, IL, ISS; classes and fault status codes */
#define ABI_ESR_EC(esr)			((esr) >> 26 & 0x3f)
#define ABI_ESR_IL			BIT_ULL(25)
#define ABI_ESR_ISS			0x1ffffffULL
#define ABI_ESR_FSC(esr)		((esr) & 0x3f)
#define ABI_EC_IABT_LOWER		0x20
#define ABI_EC_IABT_SAME		0x21
#define ABI_EC_DABT_LOWER		0x24
#define ABI_EC_DABT_SAME		0x25
#define ABI_EC_SERROR			0x2f
#define ABI_FSC_EXTERNAL		0x10

/* Offsets into the vector table [Arm ARM D1.3.1]: by level and stack, then by kind */
#define ABI_VECTOR_SP0			0x000
#define ABI_VECTOR_SPX			0x200
#define ABI_VECTOR_LOWER		0x400
#define ABI_VECTOR_SYNC			0x000
#define ABI_VECTOR_SERROR		0x180

/* vCPU features, capabilities and devices newer than some tree's headers [API] */
#define ABI_VCPU_HAS_EL2		7
#define ABI_VCPU_HAS_EL2_E2H0		8
#define ABI_VCPU_PMU_V3_STRICT		9
#define ABI_VCPU_NEWEST_FEATURE		ABI_VCPU_PMU_V3_STRICT
#define ABI_CAP_ARM_WRITABLE_IMP_ID_REGS	239
#define ABI_CAP_ARM_EL2			240
#define ABI_CAP_ARM_EL2_E2H0		241
#define ABI_CAP_ARM_PMU_V3_STRICT	251
#define ABI_DEV_TYPE_VGIC_V5		16

/* The machine type: bits 7:0 are the size of the IPA space, 0 for the default [API 4.2] */
#define ABI_TYPE_IPA_BITS_MAX		0xff
#define ABI_TYPE_PROTECTED		BIT_ULL(31)
#define ABI_DEFAULT_IPA_BITS		40
#define ABI_MIN_IPA_BITS		32

/*
 * Function ids [SMCCC 2.5]: bit 31 fast call, bit 30 64-bit convention,
 * bits 29:24 the owner, bits 15:0 the function number.
 */
#define ABI_FAST_CALL			0x80000000U
#define ABI_CALL_64			0x40000000U
#define ABI_OWNER_SHIFT			24
#define ABI_NR_OWNERS			64
#define ABI_OWNER_ARCH			0
#define ABI_OWNER_STD			4
#define ABI_OWNER_STD_HYP		5
#define ABI_OWNER_VENDOR_HYP		6
#define ABI_NR_FUNCTIONS		0x10000U

/* VM device attribute KVM_ARM_VM_SMCCC_FILTER [devices/vm.rst 6.1] */
#define ABI_SMCCC_GROUP			0
#define ABI_SMCCC_FILTER		0

/* Results in x0 [SMCCC 2.6, 7] */
#define ABI_SUCCESS			0ULL
#define ABI_NOT_SUPPORTED		(~0ULL)	/* -1 */
#define ABI_NOT_REQUIRED		(~1ULL)	/* -2, SMCCC_ARCH_WORKAROUND_2 */
#define ABI_UNAFFECTED			1ULL	/* SMCCC_ARCH_WORKAROUND_1, 3 */

/* Arm architecture calls [SMCCC 7] */
#define ABI_SMCCC_VERSION		0x80000000U
#define ABI_SMCCC_VERSION_1_1		0x10001ULL
#define ABI_ARCH_FEATURES		0x80000001U
#define ABI_ARCH_SOC_ID			0x80000002U
#define ABI_ARCH_WORKAROUND_1		0x80008000U
#define ABI_ARCH_WORKAROUND_2		0x80007fffU
#define ABI_ARCH_WORKAROUND_3		0x80003fffU

/* PSCI 0.2 and later: function numbers 0 to 0x1f, both widths [SMCCC 6.3] */
#define ABI_PSCI_FIRST			0x84000000U
#define ABI_PSCI_LAST			0x8400001fU

/* PSCI's versions, as the guest reads them and as PSCI_VERSION_REG holds them [FW] */
#define ABI_PSCI_0_1			0x1ULL
#define ABI_PSCI_0_2			0x2ULL
#define ABI_PSCI_1_0			0x10000ULL
#define ABI_PSCI_1_1			0x10001ULL
#define ABI_PSCI_1_2			0x10002ULL
#define ABI_PSCI_1_3			0x10003ULL
/* Functions [PSCI 5.1]; those with 64-bit arguments exist as id | ABI_CALL_64 too */
#define ABI_PSCI_GET_VERSION		0x84000000U
#define ABI_PSCI_CPU_SUSPEND		0x84000001U
#define ABI_PSCI_CPU_OFF		0x84000002U
#define ABI_PSCI_CPU_ON			0x84000003U
#define ABI_PSCI_AFFINITY_INFO		0x84000004U
#define ABI_PSCI_MIGRATE_INFO_TYPE	0x84000006U
#define ABI_PSCI_SYSTEM_OFF		0x84000008U
#define ABI_PSCI_SYSTEM_RESET		0x84000009U
#define ABI_PSCI_FEATURES		0x8400000aU
#define ABI_PSCI_SYSTEM_SUSPEND		0x8400000eU
#define ABI_PSCI_SYSTEM_RESET2		0x84000012U
#define ABI_PSCI_SYSTEM_OFF2		0x84000015U
/* KVM's own ids of PSCI 0.1 [arch/arm64/include/uapi/asm/kvm.h] */
#define ABI_PSCI_0_1_CPU_SUSPEND	0x95c1ba5eU
#define ABI_PSCI_0_1_CPU_OFF		0x95c1ba5fU
#define ABI_PSCI_0_1_CPU_ON		0x95c1ba60U
#define ABI_PSCI_0_1_MIGRATE		0x95c1ba61U
/* Return values [PSCI 5.2.2] */
#define ABI_PSCI_INVALID_PARAMETERS	(~1ULL)	/* -2 */
#define ABI_PSCI_DENIED			(~2ULL)	/* -3 */
#define ABI_PSCI_ALREADY_ON		(~3ULL)	/* -4 */
#define ABI_PSCI_INTERNAL_FAILURE	(~5ULL)	/* -6 */
#define ABI_PSCI_LEVEL_ON		0ULL	/* AFFINITY_INFO [PSCI 5.7] */
#define ABI_PSCI_LEVEL_OFF		1ULL
#define ABI_PSCI_TOS_NOT_PRESENT	2ULL	/* MIGRATE_INFO_TYPE [PSCI 5.9] */
#define ABI_PSCI_HIBERNATE_OFF		1ULL	/* SYSTEM_OFF2, also as a feature [PSCI 5.11] */

/* KVM_EXIT_SYSTEM_EVENT [API 5] */
#define ABI_EVENT_SHUTDOWN		1
#define ABI_EVENT_RESET			2
#define ABI_EVENT_WAKEUP		4
#define ABI_EVENT_SUSPEND		5
#define ABI_EVENT_FLAG_RESET2		1ULL	/* of RESET */
#define ABI_EVENT_FLAG_OFF2		1ULL	/* of SHUTDOWN */

/* TRNG [TRNG 2] */
#define ABI_TRNG_VERSION		0x84000050U
#define ABI_TRNG_VERSION_1_0		0x10000ULL
#define ABI_TRNG_FEATURES		0x84000051U
#define ABI_TRNG_GET_UUID		0x84000052U
#define ABI_TRNG_RND32			0x84000053U
#define ABI_TRNG_RND32_MAX		96	/* bits */
#define ABI_TRNG_RND64			0xc4000053U
#define ABI_TRNG_RND64_MAX		192	/* bits */
#define ABI_TRNG_INVALID		(~1ULL)	/* -2, INVALID_PARAMETERS */
/* The UUID of KVM's TRNG back end, words 0 to 3: arch/arm64/kvm/trng.c */
#define ABI_TRNG_UUID			\
	{                                                                                          \
		0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55                                     \
	}

/* Stolen time [PVT], [PVTIME] */
#define ABI_PV_TIME_FEATURES		0xc5000020U
#define ABI_PV_TIME_ST			0xc5000021U
#define ABI_PV_TIME_ALIGN		64	/* bytes */
#define ABI_PV_TIME_REVISION		0	/* offset, u32, must be 0 */
#define ABI_PV_TIME_ATTRIBUTES		4	/* offset, u32, must be 0 */
#define ABI_PV_TIME_STOLEN		8	/* offset, u64, nanoseconds */
/* vCPU device attribute KVM_ARM_VCPU_PVTIME_IPA [VCPU 3.1] */
#define ABI_PV_TIME_GROUP		2
#define ABI_PV_TIME_IPA			0

/* Vendor specific hypervisor calls [HC], [PTP] */
#define ABI_KVM_FEATURES		0x86000000U
#define ABI_KVM_PTP			0x86000001U
#define ABI_PTP_VIRTUAL			0ULL
#define ABI_PTP_PHYSICAL		1ULL
#define ABI_KVM_CALL_UID		0x8600ff01U
/* 28b46fb6-2ec5-11e9-a9ca-4b564d003a74, words 0 to 3 */
#define ABI_KVM_UID			\
	{                                                                                          \
		0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d                                     \
	}
#define ABI_KVM_IMPL_VER		0xc6000040U
#define ABI_KVM_IMPL_CPUS		0xc6000041U

/*
 * SMCCC filter [devices/vm.rst 6.1]: actions, and the reserved ranges of Arm
 * architecture calls; flags of the exit [API, KVM_EXIT_HYPERCALL]
 */
#define ABI_FILTER_HANDLE		0
#define ABI_FILTER_DENY			1
#define ABI_FILTER_FWD_TO_USER		2
#define ABI_FILTER_NR_ACTIONS		3
#define ABI_ARCH_FIRST			0x80000000U
#define ABI_ARCH_LAST			0x8000ffffU
#define ABI_ARCH64_FIRST		0xc0000000U
#define ABI_ARCH64_LAST			0xc000ffffU
#define ABI_HYPERCALL_EXIT_SMC		BIT_ULL(0)
#define ABI_HYPERCALL_EXIT_16BIT	BIT_ULL(1)

/*
 * Groups of register ids and their layout [API 4.68]: coprocessor at bit 16,
 * and what the number of a register says
 */
#define ABI_REG_ARM64			0x6000000000000000ULL
#define ABI_REG_COPROC_SHIFT		16
#define ABI_REG_COPROC_MASK		0x000000000fff0000ULL
#define ABI_COPROC_CORE			0x0010
#define ABI_COPROC_DEMUX		0x0011	/* CCSIDR by CSSELR */
#define ABI_REG_DEMUX_CCSIDR(csselr)	(0x6020000000110000ULL | (csselr))
#define ABI_NR_CSSELR			14
#define ABI_COPROC_SYS			0x0013
#define ABI_COPROC_FW			0x0014
#define ABI_COPROC_SVE			0x0015
#define ABI_COPROC_FW_BMAP		0x0016
#define ABI_REG_SVE_VLS			0x606000000015ffffULL
#define ABI_REG_SVE_Z(n)		(0x6080000000150000ULL | (n) << 5)
#define ABI_REG_SVE_P(n)		(0x6050000000150400ULL | (n) << 5)
#define ABI_REG_SVE_FFR			0x6050000000150600ULL
/* Two timer registers whose ids were swapped by accident [API 4.68] */
#define ABI_REG_TIMER_CVAL		ABI_REG_SYS(3, 3, 14, 0, 2)
#define ABI_REG_TIMER_CNT		ABI_REG_SYS(3, 3, 14, 3, 2)
#define ABI_REG_PTIMER_CNT		ABI_REG_SYS(3, 3, 14, 0, 1)
#define ABI_CNTVOFF_EL2			ABI_REG_SYS(3, 4, 14, 0, 3)
/* Timer registers that only a guest has, or by their own encoding [Arm ARM D24.10] */
#define ABI_CNTPCT_EL0			ABI_REG_SYS(3, 3, 14, 0, 1)
#define ABI_CNTVCT_EL0			ABI_REG_SYS(3, 3, 14, 0, 2)
#define ABI_CNTPCTSS_EL0		ABI_REG_SYS(3, 3, 14, 0, 5)
#define ABI_CNTVCTSS_EL0		ABI_REG_SYS(3, 3, 14, 0, 6)
#define ABI_CNTP_TVAL_EL0		ABI_REG_SYS(3, 3, 14, 2, 0)
#define ABI_CNTV_TVAL_EL0		ABI_REG_SYS(3, 3, 14, 3, 0)
#define ABI_CNTV_CVAL_EL0		ABI_REG_SYS(3, 3, 14, 3, 2)
#define ABI_CNTP_TVAL_EL02		ABI_REG_SYS(3, 5, 14, 2, 0)
#define ABI_CNTP_CTL_EL02		ABI_REG_SYS(3, 5, 14, 2, 1)
#define ABI_CNTP_CVAL_EL02		ABI_REG_SYS(3, 5, 14, 2, 2)
#define ABI_CNTV_TVAL_EL02		ABI_REG_SYS(3, 5, 14, 3, 0)
#define ABI_CNTV_CTL_EL02		ABI_REG_SYS(3, 5, 14, 3, 1)
#define ABI_CNTV_CVAL_EL02		ABI_REG_SYS(3, 5, 14, 3, 2)
#define ABI_CNTHP_TVAL_EL2		ABI_REG_SYS(3, 4, 14, 2, 0)
#define ABI_CNTHV_TVAL_EL2		ABI_REG_SYS(3, 4, 14, 3, 0)
#define ABI_TIMER_ENABLE		BIT(0)	/* of a timer's CTL */
#define ABI_TIMER_IMASK			BIT(1)
#define ABI_TIMER_ISTATUS		BIT(2)

/* vCPU device attributes KVM_ARM_VCPU_TIMER_IRQ_* [VCPU 2.1], and what they are at first */
#define ABI_TIMER_GROUP			1
#define ABI_TIMER_VTIMER		0
#define ABI_TIMER_PTIMER		1
#define ABI_TIMER_HVTIMER		2
#define ABI_TIMER_HPTIMER		3
#define ABI_PPI_VTIMER			27
#define ABI_PPI_PTIMER			30
#define ABI_PPI_HVTIMER			28
#define ABI_PPI_HPTIMER			26
#define ABI_PPI_FIRST			16
#define ABI_PPI_LAST			31

/* Bits of kvm_run.s.regs.device_irq_level [API 8.9] */
#define ABI_DEV_VTIMER			BIT_ULL(0)
#define ABI_DEV_PTIMER			BIT_ULL(1)

/*
 * The vGIC's registers, offsets and fields [GIC 12.9, 12.11], [GIC2 4.3]. The
 * redistributor's second frame follows its first, which is 64 KiB [GIC 12.10].
 */
#define ABI_GICD_CTLR			0x0000
#define ABI_GICD_CTLR_ENABLE_GRP1	BIT(1)
#define ABI_GICD_CTLR_FIXED		(BIT(4) | BIT(6))	/* ARE, DS */
#define ABI_GICD_CTLR_NASSGIREQ		BIT(8)
#define ABI_GICD_TYPER			0x0004
#define ABI_GICD_TYPER_LPIS		BIT(17)
#define ABI_GICD_TYPER_IDBITS(n)	(((n) - 1) << 19)
#define ABI_GICD_IIDR			0x0008
#define ABI_GICD_TYPER2			0x000c	/* not in a GICv2 */
#define ABI_GICD_TYPER2_NASSGICAP	BIT(8)
#define ABI_GICD_STATUSR		0x0010
#define ABI_GICD_IGROUPR		0x0080
#define ABI_GICD_ISENABLER		0x0100
#define ABI_GICD_ICENABLER		0x0180
#define ABI_GICD_ISPENDR		0x0200
#define ABI_GICD_ICPENDR		0x0280
#define ABI_GICD_ISACTIVER		0x0300
#define ABI_GICD_ICACTIVER		0x0380
#define ABI_GICD_IPRIORITYR		0x0400
#define ABI_GICD_ITARGETSR		0x0800
#define ABI_GICD_ICFGR			0x0c00
#define ABI_GICD_IROUTER		0x6000
#define ABI_GICD_PIDR2			0xffe8
#define ABI_GICR_CTLR			0x0000
#define ABI_GICR_CTLR_CES		BIT(1)
#define ABI_GICR_CTLR_IR		BIT(2)
#define ABI_GICR_IIDR			0x0004
#define ABI_GICR_TYPER			0x0008
#define ABI_GICR_TYPER_PLPIS		BIT(0)
#define ABI_GICR_TYPER_LAST		BIT(4)
#define ABI_GICR_WAKER			0x0014
#define ABI_GICR_PROPBASER		0x0070
#define ABI_GICR_PENDBASER		0x0078
#define ABI_GICR_INVLPIR		0x00a0
#define ABI_GICR_INVALLR		0x00b0
#define ABI_GICR_PIDR2			0xffe8
#define ABI_GIC_PIDR2			0x3b	/* of both */
#define ABI_GICR_SGI_BASE		0x10000
#define ABI_GICR_FRAMES			0x20000	/* bytes for each vCPU */

#define ABI_GICD_SGIR			0x0f00	/* of a GICv2 */
#define ABI_GICD_IGRPMODR		0x0d00
#define ABI_GICR_STATUSR		0x0010
#define ABI_GICR_SYNCR			0x00c0
#define ABI_GICR_NSACR			0x0e00	/* of the second frame */

/* The CPU interface of a GICv3, and fields of ICC_CTLR_EL1 and ICC_SRE_EL1 [GIC 12.2] */
#define ABI_ICC_PMR_EL1			ABI_REG_SYS(3, 0, 4, 6, 0)
#define ABI_ICC_AP0R_EL1(n)		ABI_REG_SYS(3, 0, 12, 8, 4 + (n))
#define ABI_ICC_AP1R_EL1(n)		ABI_REG_SYS(3, 0, 12, 9, (n))
#define ABI_ICC_BPR0_EL1		ABI_REG_SYS(3, 0, 12, 8, 3)
#define ABI_ICC_BPR1_EL1		ABI_REG_SYS(3, 0, 12, 12, 3)
#define ABI_ICC_CTLR_EL1		ABI_REG_SYS(3, 0, 12, 12, 4)
#define ABI_ICC_SRE_EL1			ABI_REG_SYS(3, 0, 12, 12, 5)
#define ABI_ICC_IGRPEN0_EL1		ABI_REG_SYS(3, 0, 12, 12, 6)
#define ABI_ICC_IGRPEN1_EL1		ABI_REG_SYS(3, 0, 12, 12, 7)
#define ABI_ICC_CTLR_CBPR		BIT_ULL(0)
#define ABI_ICC_CTLR_EOIMODE		BIT_ULL(1)
#define ABI_ICC_CTLR_PRIBITS		(7ULL << 8)
#define ABI_ICC_CTLR_IDBITS		(7ULL << 11)
#define ABI_ICC_CTLR_SEIS		BIT_ULL(14)
#define ABI_ICC_CTLR_A3V		BIT_ULL(15)
#define ABI_ICC_SRE_SRE			BIT_ULL(0)
#define ABI_ICC_SRE_ALL			7ULL	/* SRE, DFB, DIB */
/* What a guest at EL2 has of it in addition [GIC 12.4] */
#define ABI_ICH_AP0R_EL2(n)		ABI_REG_SYS(3, 4, 12, 8, (n))
#define ABI_ICH_AP1R_EL2(n)		ABI_REG_SYS(3, 4, 12, 9, (n))
#define ABI_ICC_SRE_EL2			ABI_REG_SYS(3, 4, 12, 9, 5)
#define ABI_ICH_HCR_EL2			ABI_REG_SYS(3, 4, 12, 11, 0)
#define ABI_ICH_VTR_EL2			ABI_REG_SYS(3, 4, 12, 11, 1)
#define ABI_ICH_VMCR_EL2		ABI_REG_SYS(3, 4, 12, 11, 7)
#define ABI_ICH_LR_EL2(n)		ABI_REG_SYS(3, 4, 12, 12 + (n) / 8, (n) % 8)
#define ABI_ICH_NR_LRS			16

/* The CPU interface of a GICv2 [GIC2 4.4] */
#define ABI_GICC_CTLR			0x0000
#define ABI_GICC_CTLR_CBPR		BIT(4)
#define ABI_GICC_PMR			0x0004
#define ABI_GICC_BPR			0x0008
#define ABI_GICC_ABPR			0x001c
#define ABI_GICC_APR			0x00d0
#define ABI_GICC_IIDR			0x00fc
#define ABI_GICC_DIR			0x1000

/* Of the vGIC's device: newer than some tree's headers; the default number of interrupts */
#define ABI_VGIC_GRP_MAINT_IRQ		9
#define ABI_VGIC_DEFAULT_IRQS		256

/*
 * What KVM's distributors say they are: implementer Arm, product 'K', variant 0
 * and a revision that tells how KVM behaves [VGIC3], [VGIC2]. Revision 2 is the
 * first that user space can ask for; 3 brings GICR_CTLR.IR and .CES.
 */
#define ABI_IIDR_KVM			0x4b00043bU
#define ABI_IIDR_REVISION_SHIFT		12
#define ABI_IIDR_REVISION_MASK		(0xfU << ABI_IIDR_REVISION_SHIFT)
#define ABI_IIDR(rev)			(ABI_IIDR_KVM | (rev) << ABI_IIDR_REVISION_SHIFT)
#define ABI_IIDR_REVISION(iidr)		((iidr) >> ABI_IIDR_REVISION_SHIFT & 0xf)
#define ABI_IIDR_FIRST			2U
#define ABI_IIDR_LPI			3U
#define ABI_IIDR_NEWEST			ABI_IIDR_LPI

/*
 * The ITS: offsets of its two frames and fields [GIC 12.12, 12.13], and what KVM fixes of them
 * [ITS]. Addresses in GITS_BASER are bits 47:16, in GITS_CBASER and in GICR_PENDBASER 51:16.
 */
#define ABI_GITS_CTLR			0x0000
#define ABI_GITS_CTLR_ENABLED		BIT(0)
#define ABI_GITS_CTLR_QUIESCENT		BIT(31)
#define ABI_GITS_IIDR			0x0004
#define ABI_GITS_TYPER			0x0008
#define ABI_GITS_CBASER			0x0080
#define ABI_GITS_CWRITER		0x0088
#define ABI_GITS_CREADR			0x0090
#define ABI_GITS_BASER(n)		(0x0100 + 8 * (n))
#define ABI_GITS_PIDR4			0xffd0
#define ABI_GITS_PIDR0			0xffe0
#define ABI_GITS_PIDR2			0xffe8
#define ABI_GITS_CIDR0			0xfff0
#define ABI_GITS_TRANSLATER		0x10040
#define ABI_GITS_FRAMES			0x20000	/* bytes, aligned to half of it */

/* GITS_TYPER: physical LPIs, and ids of as many bits as KVM gives devices and events */
#define ABI_GITS_TYPER_PHYSICAL		BIT(0)
#define ABI_GITS_TYPER_ITT_ENTRY(bytes)	(((bytes) - 1) << 4)
#define ABI_GITS_TYPER_IDBITS(n)	(((n) - 1) << 8)
#define ABI_GITS_TYPER_DEVBITS(n)	(((n) - 1) << 13)

#define ABI_GITS_VALID			BIT_ULL(63)	/* of CBASER, BASER and first-level entries */
#define ABI_GITS_BASER_INDIRECT		BIT_ULL(62)
#define ABI_GITS_INNER_CACHE(n)		((u64)(n) << 59)
#define ABI_GITS_BASER_TYPE(n)		((u64)(n) << 56)	/* 1: devices, 4: collections */
#define ABI_GITS_OUTER_CACHE(n)		((u64)(n) << 53)
#define ABI_GITS_BASER_ENTRY(bytes)	((u64)((bytes) - 1) << 48)
#define ABI_GITS_SHAREABILITY(n)	((u64)(n) << 10)
#define ABI_GITS_BASER_64K		(2ULL << 8)
#define ABI_GITS_BASER_FIXED		(0x71fULL << 48)	/* Type and Entry_Size: read-only */
#define ABI_GITS_PAGE			0x10000
#define ABI_GITS_ESZ			8	/* bytes of each entry of any table */

/* LPIs: the first id, and the tables of the redistributors [GIC 5.1] */
#define ABI_LPI_FIRST			8192
#define ABI_LPI_ID_BITS			16
#define ABI_LPI_ENABLED			BIT(0)
#define ABI_LPI_PRIORITY		0xfc
#define ABI_GICR_CTLR_ENABLE_LPIS	BIT(0)

/* How a guest takes and makes interrupts, by a GICv3 [GIC 12.2] and a GICv2 [GIC2 4.3, 4.4] */
#define ABI_ICC_EOIR0_EL1		ABI_REG_SYS(3, 0, 12, 8, 1)
#define ABI_ICC_IAR1_EL1		ABI_REG_SYS(3, 0, 12, 12, 0)
#define ABI_ICC_EOIR1_EL1		ABI_REG_SYS(3, 0, 12, 12, 1)
#define ABI_ICC_RPR_EL1			ABI_REG_SYS(3, 0, 12, 11, 3)
#define ABI_ICC_DIR_EL1			ABI_REG_SYS(3, 0, 12, 11, 1)
#define ABI_ICC_SGI1R_EL1		ABI_REG_SYS(3, 0, 12, 11, 5)
#define ABI_ICC_ASGI1R_EL1		ABI_REG_SYS(3, 0, 12, 11, 6)
#define ABI_ICC_SGI0R_EL1		ABI_REG_SYS(3, 0, 12, 11, 7)
#define ABI_ICC_SGI_IRM			BIT_ULL(40)
#define ABI_GICC_CTLR_GRP0		BIT(0)
#define ABI_GICC_CTLR_GRP1		BIT(1)
#define ABI_GICC_CTLR_ACKCTL		BIT(2)
#define ABI_GICC_CTLR_FIQEN		BIT(3)
#define ABI_GICC_CTLR_EOIMODE		BIT(9)
#define ABI_GICC_IAR			0x000c
#define ABI_GICC_EOIR			0x0010
#define ABI_GICD_CPENDSGIR		0x0f10
#define ABI_GICD_SPENDSGIR		0x0f20
#define ABI_INTID_NONE			1023U	/* acknowledged: no interrupt is pending */
#define ABI_GIC_PPI			16U	/* the first one */
#define ABI_GIC_SPI			32U	/* the first one */

/* KVM_IRQ_LINE's field irq [API 4.25] */
#define ABI_IRQ_TYPE_CPU		0U
#define ABI_IRQ_TYPE_SPI		1U
#define ABI_IRQ_TYPE_PPI		2U
#define ABI_IRQ_LINE(type, cpu, id)						\
	((cpu) / 256 << 28 | (type) << 24 | ((cpu) & 0xff) << 16 | (id))

/* vCPUs of a VM with a vGICv2 [GIC2 1.2] */
#define ABI_VGIC_V2_MAX_VCPUS		8

/* A vCPU's affinity: Aff3 in bits 39:32, Aff2 to Aff0 in 23:0 */
#define ABI_MPIDR_EL1			ABI_REG_SYS(3, 0, 0, 0, 5)
#define ABI_MPIDR_AFFINITY		0xff00ffffffULL

/* clang-format on */

#endif /* GUEST_ABI_ABI_H */
