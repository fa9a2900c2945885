// SPDX-License-Identifier: GPL-2.0
/*
 * mutant.c - which mutant is on, and which were reached
 *
 * mutants.py puts this into arch/arm64/kvm of its copy of a tree. The parameter kvm_mutant is
 * the number of the mutant that is on, kvm_mutant_reached a bit for each number, four in a hex
 * digit, the lowest number first; any write clears it.
 */
#ifdef __KVM_NVHE_HYPERVISOR__
int kvm_mutant;
#else
#include <linux/hex.h>
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#define KVM_MUTANTS 8192

DECLARE_KVM_NVHE_SYM(kvm_mutant);
int kvm_mutant;
unsigned char kvm_mutant_reached[KVM_MUTANTS];

/* In protected mode the hypervisor's memory is out of reach once all is up */
static int mutant_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_int(val, kp);

	if (!ret && (system_state < SYSTEM_RUNNING || !is_protected_kvm_enabled()))
		*(int *)kvm_nvhe_sym(kvm_mutant) = kvm_mutant;
	return ret;
}

static int reached_set(const char *val, const struct kernel_param *kp)
{
	memset(kvm_mutant_reached, 0, sizeof(kvm_mutant_reached));
	return 0;
}

static int reached_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i, bit;

	for (i = 0; i < KVM_MUTANTS / 4; i++) {
		unsigned int digit = 0;

		for (bit = 0; bit < 4; bit++)
			digit |= kvm_mutant_reached[i * 4 + bit] << bit;
		buffer[i] = hex_asc[digit];
	}
	buffer[i++] = '\n';
	return i;
}

static const struct kernel_param_ops mutant_ops = { .set = mutant_set, .get = param_get_int };
static const struct kernel_param_ops reached_ops = { .set = reached_set, .get = reached_get };

__module_param_call("", kvm_mutant, &mutant_ops, &kvm_mutant, 0644, -1, 0);
__module_param_call("", kvm_mutant_reached, &reached_ops, NULL, 0644, -1, 0);
#endif
