// SPDX-License-Identifier: GPL-2.0
/*
 * rollback_test: a VM that a VMM saves and restores, with the guest as the judge.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68, 4.69              the registers of a vCPU
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst     a VM keeps its firmware
 *   Documentation/virt/kvm/devices/arm-vgic-v3.rst         so does its vGIC
 *
 * on one kernel: what it saved itself it restores, and the guest gets the same answers
 * to everything that it can ask (lib/probe.c). How kernels take over each other's VMs
 * is measured by `make matrix`; docs/rollback.md has both manners of restoring.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "pin.h"
#include "probe.h"
#include "reg_list.h"
#include "verdict.h"
#include "vgic.h"
#include "vmm.h"

static struct test_vm *make_vm(const struct guest_shape *shape)
{
	struct test_vm *vm = guest_shape_create(shape);

	if (vm->vgic_fd >= 0)
		vgic_init(vm);
	test_vm_finish(vm);
	return vm;
}

/* A VM that ran, as guest_abi saves it; the VM is gone */
static struct state *saved_vm(const struct guest_shape *shape)
{
	struct state *state = state_new(shape);
	struct test_vm *vm = make_vm(shape);

	vm_start(vm, state);
	probe_guest(vm, state);
	vm_fill(vm);
	vm_save(vm, state);
	test_vm_free(vm);
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
	const struct guest_shape *shape;
	struct state *state;
	struct test_vm *vm;
};

FIXTURE_VARIANT(saved)
{
	const char *shape;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(saved, plain) { "plain" };
FIXTURE_VARIANT_ADD(saved, psci_0_1) { "psci_0_1" };
FIXTURE_VARIANT_ADD(saved, pmu) { "pmu" };
FIXTURE_VARIANT_ADD(saved, sve) { "sve" };
FIXTURE_VARIANT_ADD(saved, ptrauth) { "ptrauth" };
FIXTURE_VARIANT_ADD(saved, pmu_sve_ptrauth) { "pmu_sve_ptrauth" };
FIXTURE_VARIANT_ADD(saved, el2) { "el2" };
/* clang-format on */

FIXTURE_SETUP(saved)
{
	const char *lack;

	self->shape = guest_shape(variant->shape);
	ASSERT_NE(NULL, self->shape);
	lack = features_lack(self->shape->features);
	if (lack)
		SKIP(return, "%s", lack);
	self->state = saved_vm(self->shape);
}

FIXTURE_TEARDOWN(saved)
{
	test_vm_free(self->vm);
	state_free(self->state);
}

static void expect_restores(struct __test_metadata *_metadata, FIXTURE_DATA(saved) * self,
			    const char *vmm)
{
	const struct vmm_manner *manner = vmm_manner(vmm);
	enum vmm_verdict restored, seen = VMM_SAME;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ASSERT_NE(NULL, manner);
	ASSERT_NE(NULL, out);
	restored = vm_restore(self->state, self->shape, manner, out, &self->vm);
	if (restored != VMM_REFUSED)
		seen = vm_compare(self->vm, self->state, out);
	fclose(out);
	EXPECT_TRUE(restored == VMM_SAME && seen == VMM_SAME)
	{
		TH_LOG("what this kernel saved it does not restore as it was (%s):", vmm);
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

static void expect_same_reg(struct __test_metadata *_metadata, unsigned int cpu,
			    const struct reg_value *a, const struct reg_value *b)
{
	EXPECT_EQ(a->id, b->id);
	if (reg_counts(a->id))
		return;
	EXPECT_TRUE(same_bytes(a->val, b->val, sizeof(a->val)))
	{
		TH_LOG("%s of vCPU %u: %s in one VM, %s in another that did the same",
		       reg_name(a->id), cpu, reg_value_str(a), reg_value_str(b));
	}
}

TEST_F(saved, is_saved_again_with_the_same_values)
{
	struct state *a = self->state, *b = saved_vm(self->shape);
	unsigned int i, j;

	ASSERT_EQ(a->nr_dev_regs, b->nr_dev_regs);
	ASSERT_EQ(a->nr_probes, b->nr_probes);
	for (i = 0; i < a->nr_vcpus; i++) {
		ASSERT_EQ(a->vcpu[i].nr_regs, b->vcpu[i].nr_regs);
		EXPECT_EQ(a->vcpu[i].mp_state, b->vcpu[i].mp_state);
		for (j = 0; j < a->vcpu[i].nr_regs; j++)
			expect_same_reg(_metadata, i, &a->vcpu[i].reg[j], &b->vcpu[i].reg[j]);
	}
	for (i = 0; i < a->nr_dev_regs; i++)
		EXPECT_EQ(a->dev_reg[i].val, b->dev_reg[i].val)
		{
			TH_LOG("vGIC group %u, offset %#x: %#x in one VM, %#x in another",
			       a->dev_reg[i].group, a->dev_reg[i].offset, a->dev_reg[i].val,
			       b->dev_reg[i].val);
		}
	for (i = 0; i < a->nr_probes; i++)
		EXPECT_TRUE(state_same_answer(&a->probe[i], &b->probe[i]))
		{
			TH_LOG("%s: %s in one VM, %s in another", a->probe[i].name,
			       state_answer_str(&a->probe[i]), state_answer_str(&b->probe[i]));
		}
	state_free(b);
}

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
	const struct guest_shape *shape = guest_shape("plain");

	self->out = open_memstream(&self->text, &self->len);
	ASSERT_NE(NULL, self->out);
	self->state = state_new(shape);
	self->vm = make_vm(shape);
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
	struct pinned pinned;

	if (!pin_apply(self->vm, variant->release, &pinned, self->out))
		SKIP(return, "this kernel lacks registers to look like that release");
	vm_start(self->vm, self->state);
	probe_guest(self->vm, self->state);
	EXPECT_TRUE(pin_verify(self->state, &pinned, self->out))
	{
		fflush(self->out);
		TH_LOG("what was written, and what the guest found otherwise:");
		log_lines(_metadata, self->text);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
