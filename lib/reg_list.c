// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of registers, their names and values.
 */
#include <errno.h>
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
		[0x3e] = "SP",	     [0x40] = "PC",	  [0x42] = "PSTATE",   [0x44] = "SP_EL1",
		[0x46] = "ELR_EL1",  [0x48] = "SPSR_EL1", [0x4a] = "SPSR_ABT", [0x4c] = "SPSR_UND",
		[0x4e] = "SPSR_IRQ", [0x50] = "SPSR_FIQ", [0xd4] = "FPSR",     [0xd5] = "FPCR",
	};

	if (index < 0x3e && index % 2 == 0)
		snprintf(name, REG_NAME_LEN, "X%u", index / 2);
	else if (index >= 0x54 && index < 0xd4 && index % 4 == 0)
		snprintf(name, REG_NAME_LEN, "V%u", (index - 0x54) / 4);
	else if (index < ARRAY_SIZE(named) && named[index])
		snprintf(name, REG_NAME_LEN, "%s", named[index]);
	else
		snprintf(name, REG_NAME_LEN, "CORE_%#x", index);
}

static void sve_name(char *name, unsigned int num)
{
	unsigned int n = num >> 5 & 0x1f, slice = num & 0x1f;

	if (num == 0xffff)
		snprintf(name, REG_NAME_LEN, "SVE_VLS");
	else if (slice || num >= 0x620)
		snprintf(name, REG_NAME_LEN, "SVE_%#x", num);
	else if (num >= 0x600)
		snprintf(name, REG_NAME_LEN, "FFR");
	else
		snprintf(name, REG_NAME_LEN, "%c%u", num < 0x400 ? 'Z' : 'P', n);
}

static void fw_name(char *name, unsigned int num)
{
	static const char *const named[] = {
		"PSCI_VERSION",
		"SMCCC_ARCH_WORKAROUND_1",
		"SMCCC_ARCH_WORKAROUND_2",
		"SMCCC_ARCH_WORKAROUND_3",
	};

	if (num < ARRAY_SIZE(named))
		snprintf(name, REG_NAME_LEN, "%s", named[num]);
	else
		snprintf(name, REG_NAME_LEN, "FW_%u", num);
}

static void fw_bmap_name(char *name, unsigned int num)
{
	static const char *const named[] = {
		"STD_BMAP",
		"STD_HYP_BMAP",
		"VENDOR_HYP_BMAP",
		"VENDOR_HYP_BMAP_2",
	};

	if (num < ARRAY_SIZE(named))
		snprintf(name, REG_NAME_LEN, "%s", named[num]);
	else
		snprintf(name, REG_NAME_LEN, "FW_BMAP_%u", num);
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

const char *reg_name(u64 id)
{
	const struct reg_history *history = reg_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++)
		if (history->record[i].id == id)
			return history->record[i].name;
	return reg_plain_name(id);
}

int __reg_list(struct kvm_vcpu *vcpu, struct kvm_reg_list *list)
{
	return ioctl(vcpu->fd, KVM_GET_REG_LIST, list) ? -errno : 0;
}

struct kvm_reg_list *reg_list_get(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list probe = { .n = 0 }, *list;
	int err = __reg_list(vcpu, &probe);

	TEST_ASSERT(err == -E2BIG, "KVM_GET_REG_LIST with room for no register: errno %d", -err);
	list = calloc(1, sizeof(*list) + probe.n * sizeof(list->reg[0]));
	TEST_ASSERT(list, "No memory for a list of %llu registers", probe.n);
	list->n = probe.n;
	err = __reg_list(vcpu, list);
	TEST_ASSERT(!err, "KVM_GET_REG_LIST of %llu registers: errno %d", probe.n, -err);
	return list;
}

unsigned int reg_list_count(const struct kvm_reg_list *list, u64 id)
{
	unsigned int count = 0;
	u64 i;

	for (i = 0; i < list->n; i++)
		count += list->reg[i] == id;
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

bool reg_counts(u64 id)
{
	return id == ABI_REG_TIMER_CNT || id == ABI_REG_PTIMER_CNT;
}
