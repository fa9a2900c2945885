// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of registers, their names and values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi.h"
#include "reg_list.h"

static char *name_buffer(void)
{
	static char buffers[8][REG_NAME_LEN];
	static unsigned int next;

	return buffers[next++ % ARRAY_SIZE(buffers)];
}

/* Members of struct kvm_regs by their index in 32-bit words [api.rst 4.68] */
static void core_name(char *name, unsigned int index)
{
	static const char *const named[] = {
		[ABI_CORE_SP] = "SP",
		[ABI_CORE_PC] = "PC",
		[ABI_CORE_PSTATE] = "PSTATE",
		[ABI_CORE_SP_EL1] = "SP_EL1",
		[ABI_CORE_ELR_EL1] = "ELR_EL1",
		[ABI_CORE_SPSR] = "SPSR_EL1",
		[ABI_CORE_SPSR + 2] = "SPSR_ABT",
		[ABI_CORE_SPSR + 4] = "SPSR_UND",
		[ABI_CORE_SPSR + 6] = "SPSR_IRQ",
		[ABI_CORE_SPSR + 8] = "SPSR_FIQ",
		[ABI_CORE_FPSR] = "FPSR",
		[ABI_CORE_FPCR] = "FPCR",
	};

	if (index < ABI_CORE_SP && index % 2 == 0)
		snprintf(name, REG_NAME_LEN, "X%u", index / 2);
	else if (index >= ABI_CORE_V0 && index < ABI_CORE_FPSR && index % 4 == 0)
		snprintf(name, REG_NAME_LEN, "V%u", (index - ABI_CORE_V0) / 4);
	else if (index < ARRAY_SIZE(named) && named[index])
		snprintf(name, REG_NAME_LEN, "%s", named[index]);
	else
		snprintf(name, REG_NAME_LEN, "CORE_%#x", index);
}

static void sve_name(char *name, unsigned int num)
{
	unsigned int n = num >> 5 & 0x1f, slice = num & 0x1f;

	if (num == (ABI_REG_SVE_VLS & 0xffff))
		snprintf(name, REG_NAME_LEN, "SVE_VLS");
	else if (slice || num > (ABI_REG_SVE_FFR & 0xffff))
		snprintf(name, REG_NAME_LEN, "SVE_%#x", num);
	else if (num == (ABI_REG_SVE_FFR & 0xffff))
		snprintf(name, REG_NAME_LEN, "FFR");
	else
		snprintf(name, REG_NAME_LEN, "%c%u", num < (ABI_REG_SVE_P(0) & 0xffff) ? 'Z' : 'P',
			 n);
}

/* Firmware registers by number, then those without a name as @other and the number */
static void numbered_name(char *name, const char *const named[4], const char *other,
			  unsigned int num)
{
	if (num < 4)
		snprintf(name, REG_NAME_LEN, "%s", named[num]);
	else
		snprintf(name, REG_NAME_LEN, "%s%u", other, num);
}

static void fw_name(char *name, unsigned int num)
{
	static const char *const named[4] = { "PSCI_VERSION", "SMCCC_ARCH_WORKAROUND_1",
					      "SMCCC_ARCH_WORKAROUND_2",
					      "SMCCC_ARCH_WORKAROUND_3" };

	numbered_name(name, named, "FW_", num);
}

static void fw_bmap_name(char *name, unsigned int num)
{
	static const char *const named[4] = { "STD_BMAP", "STD_HYP_BMAP", "VENDOR_HYP_BMAP",
					      "VENDOR_HYP_BMAP_2" };

	numbered_name(name, named, "FW_BMAP_", num);
}

/* As in MRS: the bits of op0, op1, CRn, CRm and op2 from the top */
static void sys_name(char *name, unsigned int num)
{
	snprintf(name, REG_NAME_LEN, "S%u_%u_C%u_C%u_%u", num >> 14, num >> 11 & 7, num >> 7 & 15,
		 num >> 3 & 15, num & 7);
}

const char *reg_plain_name(u64 id)
{
	unsigned int num = id & 0xffff;
	char *name = name_buffer();

	if (id == ABI_REG_TIMER_CVAL)
		return "KVM_REG_ARM_TIMER_CVAL";
	if (id == ABI_REG_TIMER_CNT)
		return "KVM_REG_ARM_TIMER_CNT";

	switch (reg_coproc(id)) {
	case ABI_COPROC_CORE:
		core_name(name, num);
		break;
	case ABI_COPROC_DEMUX:
		snprintf(name, REG_NAME_LEN, "CCSIDR_%u", num);
		break;
	case ABI_COPROC_SYS:
		sys_name(name, num);
		break;
	case ABI_COPROC_FW:
		fw_name(name, num);
		break;
	case ABI_COPROC_SVE:
		sve_name(name, num);
		break;
	case ABI_COPROC_FW_BMAP:
		fw_bmap_name(name, num);
		break;
	default:
		snprintf(name, REG_NAME_LEN, "REG_%#lx", id);
	}
	return name;
}

int __reg_list(struct kvm_vcpu *vcpu, struct kvm_reg_list *list)
{
	return ioctl_err(ioctl(vcpu->fd, KVM_GET_REG_LIST, list));
}

unsigned int reg_list_count(const struct kvm_reg_list *list, u64 id)
{
	unsigned int count = 0;
	u64 i;

	for (i = 0; i < list->n; i++)
		count += list->reg[i] == id;
	return count;
}

unsigned int reg_listed(struct kvm_vcpu *vcpu, u64 id)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	unsigned int count = reg_list_count(list, id);

	free(list);
	return count;
}

int reg_save(struct kvm_vcpu *vcpu, const struct kvm_reg_list *list, struct reg_value *values,
	     unsigned int *bad)
{
	unsigned int i;
	int err;

	memset(values, 0, list->n * sizeof(*values));
	for (i = 0; i < list->n; i++) {
		values[i].id = list->reg[i];
		err = __reg_ioctl(vcpu, KVM_GET_ONE_REG, list->reg[i], values[i].val);
		if (err) {
			*bad = i;
			return err;
		}
	}
	return 0;
}

bool reg_is_counter(u64 id)
{
	return id == ABI_REG_TIMER_CNT || id == ABI_REG_PTIMER_CNT;
}
