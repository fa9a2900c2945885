// SPDX-License-Identifier: GPL-2.0
/*
 * rollback_test: a VM that a VMM saves and restores, with the guest as the judge.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69              the registers of a vCPU
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst     a VM keeps its firmware
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst         so does its vGIC
 *
 * on one kernel: it restores what it saved itself, and the guest gets the same answers
 * to everything that it can ask (lib/vmm/query.c). `make matrix` measures how kernels take
 * over each other's VMs; docs/rollback.md has both models of a VMM that are used here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "kvm_reg.h"
#include "reg_history.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/fw_level.h"
#include "vmm/query.h"
#include "vmm/restore.h"
#include "vmm/save.h"

/* A VM that ran, as guest_abi saves it; the VM is gone */
static struct state *saved_vm(const struct vm_config *config)
{
	struct state *state = state_new(config);

	vmm_save_and_free(vmm_create_ready(config), state);
	return state;
}

/* The lines of a report as diagnostics */
static void log_lines(struct __test_metadata *_metadata, char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			TH_LOG("%s", line);
}

FIXTURE(saved)
{
	const struct vm_config *config;
	struct state *state;
	struct test_vm *vm;
};

FIXTURE_VARIANT(saved)
{
	enum config_id config;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(saved, plain) { CONFIG_PLAIN };
FIXTURE_VARIANT_ADD(saved, psci_0_1) { CONFIG_PSCI_0_1 };
FIXTURE_VARIANT_ADD(saved, pmu) { CONFIG_PMU };
FIXTURE_VARIANT_ADD(saved, sve) { CONFIG_SVE };
FIXTURE_VARIANT_ADD(saved, ptrauth) { CONFIG_PTRAUTH };
FIXTURE_VARIANT_ADD(saved, pmu_sve_ptrauth) { CONFIG_PMU_SVE_PTRAUTH };
FIXTURE_VARIANT_ADD(saved, el2) { CONFIG_EL2 };
/* clang-format on */

FIXTURE_SETUP(saved)
{
	const char *lack = config_missing(&vm_configs[variant->config]);

	if (lack)
		SKIP(return, "%s", lack);
	self->config = &vm_configs[variant->config];
	self->state = saved_vm(self->config);
}

FIXTURE_TEARDOWN(saved)
{
	test_vm_free(self->vm);
	state_free(self->state);
}

static void expect_restores(struct __test_metadata *_metadata, FIXTURE_DATA(saved) * self,
			    const char *vmm)
{
	const struct vmm_model *model = vmm_model(vmm);
	enum vmm_outcome restored, seen = VMM_SAME;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ASSERT_NE(NULL, model);
	ASSERT_NE(NULL, out);
	restored = vmm_restore(self->state, self->config, model, out, &self->vm);
	if (restored != VMM_REFUSED)
		seen = vmm_compare(self->vm, self->state, out);
	fclose(out);
	EXPECT_TRUE(restored == VMM_SAME && seen == VMM_SAME)
	{
		TH_LOG("the VMM \"%s\" restored what this kernel saved; expected that KVM takes",
		       vmm);
		TH_LOG("back each value and that the guest finds no change, but:");
		log_lines(_metadata, text);
	}
	free(text);
}

TEST_F(saved, is_restored_blindly)
{
	expect_restores(_metadata, self, "blind");
}

TEST_F(saved, is_restored_by_an_aware_vmm)
{
	expect_restores(_metadata, self, "aware");
}

/* Two VMs that did the same: each vCPU has the same registers and values */
static void expect_same_vcpu(struct __test_metadata *_metadata, unsigned int cpu,
			     const struct state_vcpu *a, const struct state_vcpu *b)
{
	unsigned int i;

	EXPECT_EQ(a->mp_state, b->mp_state)
	{
		TH_LOG("vCPU %u: KVM_GET_MP_STATE %u in one VM, %u in another that did the same",
		       cpu, a->mp_state, b->mp_state);
	}
	ASSERT_EQ(a->nr_regs, b->nr_regs)
	{
		TH_LOG("vCPU %u: KVM_GET_REG_LIST has %u registers in one VM, %u in another", cpu,
		       a->nr_regs, b->nr_regs);
	}
	for (i = 0; i < a->nr_regs; i++) {
		const struct reg_value *x = &a->reg[i], *y = &b->reg[i];

		EXPECT_EQ(x->id, y->id)
		{
			TH_LOG("vCPU %u: KVM_GET_REG_LIST has %s in one VM, %s there in another",
			       cpu, reg_name(x->id), reg_name(y->id));
		}
		EXPECT_TRUE(reg_is_counter(x->id) || same_bytes(x->val, y->val, sizeof(x->val)))
		{
			TH_LOG("vCPU %u: %s is %s in one VM, %s in another that did the same", cpu,
			       reg_name(x->id), reg_value_str(x), reg_value_str(y));
		}
	}
}

TEST_F(saved, is_saved_again_with_the_same_values)
{
	struct state *a = self->state, *b = saved_vm(self->config);
	unsigned int i;

	ASSERT_EQ(a->nr_dev_regs, b->nr_dev_regs);
	ASSERT_EQ(a->nr_answers, b->nr_answers);
	for (i = 0; i < a->nr_vcpus; i++)
		expect_same_vcpu(_metadata, i, &a->vcpu[i], &b->vcpu[i]);
	for (i = 0; i < a->nr_dev_regs; i++)
		EXPECT_EQ(a->dev_reg[i].val, b->dev_reg[i].val)
		{
			TH_LOG("vGIC group %u, offset %#x: %#lx in one VM, %#lx in its twin",
			       a->dev_reg[i].group, a->dev_reg[i].offset, a->dev_reg[i].val,
			       b->dev_reg[i].val);
		}
	for (i = 0; i < a->nr_answers; i++)
		EXPECT_TRUE(state_same_answer(&a->answer[i], &b->answer[i]))
		{
			TH_LOG("%s: the guest got %s in one VM, %s in another that did the same",
			       a->answer[i].name, state_answer_str(&a->answer[i]),
			       state_answer_str(&b->answer[i]));
		}
	state_free(b);
}

/*
 * Tests lib/vmm/state.c, not KVM: what this kernel's registers and answers are must get
 * through the file by which guest_abi takes them to another kernel.
 */
TEST_F(saved, is_written_to_a_file_and_read_back)
{
	char *text = NULL, *again = NULL;
	FILE *file = tmpfile(), *out;
	struct state *state;
	size_t len, len_again;

	ASSERT_NE(NULL, file);
	EXPECT_TRUE(state_write(self->state, file));
	rewind(file);
	state = state_read(file, "file", stderr);
	fclose(file);
	ASSERT_NE(NULL, state);
	out = open_memstream(&text, &len);
	EXPECT_TRUE(state_write(self->state, out));
	fclose(out);
	out = open_memstream(&again, &len_again);
	EXPECT_TRUE(state_write(state, out));
	fclose(out);
	EXPECT_EQ(len, len_again);
	EXPECT_STREQ(text, again);
	free(text);
	free(again);
	state_free(state);
}

FIXTURE(pinned)
{
	struct test_vm *vm;
	struct state *state;
	FILE *out;
	char *text;
	size_t len;
};

FIXTURE_VARIANT(pinned)
{
	unsigned int release;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(pinned, to_5_10) { SERIES(5, 10) };
FIXTURE_VARIANT_ADD(pinned, to_6_1) { SERIES(6, 1) };
FIXTURE_VARIANT_ADD(pinned, to_6_12) { SERIES(6, 12) };
/* clang-format on */

FIXTURE_SETUP(pinned)
{
	self->out = open_memstream(&self->text, &self->len);
	ASSERT_NE(NULL, self->out);
	self->state = state_new(&vm_configs[CONFIG_PLAIN]);
	self->vm = vmm_create_ready(&vm_configs[CONFIG_PLAIN]);
}

FIXTURE_TEARDOWN(pinned)
{
	test_vm_free(self->vm);
	state_free(self->state);
	fclose(self->out);
	free(self->text);
}

/* docs/rollback.md: what a VMM writes so that a VM can go back to that kernel */
TEST_F(pinned, guest_finds_the_firmware_of_that_release)
{
	struct fw_level level;
	int err = fw_level_choose(self->vm, variant->release, &level, self->out);

	/* ENOENT: no such register here, or a version newer than this kernel */
	if (err == -ENOENT)
		SKIP(return, "this kernel lacks registers to look like that release");
	ASSERT_EQ(0, err)
	{
		TH_LOG("writing %#lx to %s: %s; expected 0, as this kernel has such a value",
		       level.refused.val, level.refused.reg, err_str(err));
	}
	vmm_start(self->vm, self->state);
	query_guest(self->vm, self->state);
	EXPECT_TRUE(fw_level_verify(self->vm, self->state, &level, self->out))
	{
		fflush(self->out);
		TH_LOG("what was written, and answers that are not those of that release:");
		log_lines(_metadata, self->text);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
