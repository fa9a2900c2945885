// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: save a VM, and restore one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_abi.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/fw_level.h"
#include "vmm/query.h"
#include "vmm/restore.h"
#include "vmm/save.h"

/* A VM with the firmware of the release @pin, or this kernel's if NULL; NULL and the status */
static struct test_vm *create(const struct vm_config *config, const char *pin, int *status)
{
	const char *lack = config_missing(config);
	unsigned int release = pin ? parse_release(pin) : 0;
	struct fw_level level;
	struct test_vm *vm;
	int err = 0;

	*status = 1;
	if (pin && !release)
		return NULL;
	if (lack) {
		fprintf(stderr, "guest_abi: shape %s: %s\n", config->name, lack);
		*status = EXIT_SKIPPED;
		return NULL;
	}
	vm = vmm_create_ready(config);
	if (pin)
		err = fw_level_choose(vm, release, &level, stderr);
	if (!err)
		return vm;
	test_vm_free(vm);
	if (err == -ENOENT) {
		fprintf(stderr, "guest_abi: this kernel cannot look like %s\n", pin);
		*status = EXIT_SKIPPED;
	} else {
		fprintf(stderr, "guest_abi: KVM refused a value of %s that it must accept\n",
			level.refused.reg);
	}
	return NULL;
}

int save_command(const char *label, const char *pin, const char *name)
{
	char *shape = strdupa(label), *infix = strstr(shape, PIN_INFIX);
	const struct vm_config *config;
	struct state *state;
	struct test_vm *vm;
	int status;

	if (infix && pin) {
		fprintf(stderr, "guest_abi: shape %.32s has a release: no --pin\n", label);
		return 1;
	}
	if (infix) {
		*infix = '\0';
		pin = infix + strlen(PIN_INFIX);
	}
	config = shape_config(shape);
	if (!config) {
		fprintf(stderr, "guest_abi: there is no shape %.32s\n", shape);
		return 1;
	}
	vm = create(config, pin, &status);
	if (!vm)
		return status;
	state = state_new(config);
	if (pin)
		snprintf(state->pin, sizeof(state->pin), "%s", pin);
	vmm_save_and_free(vm, state);
	status = write_file(state, name);
	state_free(state);
	return status;
}

int save_recipe_command(const char *recipe_name, const char *name)
{
	struct vm_config config;
	struct recipe *recipe = read_recipe(recipe_name, &config);
	struct test_vm *vm = NULL;
	struct state *state;
	int status = 1;

	if (recipe)
		vm = recipe_create(recipe, &config, stderr, &status);
	if (vm) {
		state = state_new(&config);
		vmm_save_and_free(vm, state);
		status = write_file(state, name);
		state_free(state);
	}
	free(recipe);
	return status;
}

/* The configuration of a file that guest_abi can make a VM of, or NULL after a message */
static const struct vm_config *file_config(const struct state *state, const char *name)
{
	const struct vm_config *config = shape_config(state->shape);
	const char *wrong = NULL;
	unsigned int i;

	if (!config || config->features != state->features)
		wrong = "a shape that this program does not have";
	else if (state->nr_vcpus != VMM_VCPUS)
		wrong = "another number of vCPUs than its shape";
	for (i = 0; i < state->nr_dev_regs && !wrong; i++) {
		u32 group = state->dev_reg[i].group;

		if (group != KVM_DEV_ARM_VGIC_GRP_DIST_REGS &&
		    group != KVM_DEV_ARM_VGIC_GRP_REDIST_REGS &&
		    group != KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO &&
		    group != KVM_DEV_ARM_VGIC_GRP_CPU_REGS &&
		    group != KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS)
			wrong = "a register of the vGIC in a group that none is in";
	}
	if (!wrong)
		return config;
	fprintf(stderr, "guest_abi: %s: %s\n", name, wrong);
	return NULL;
}

static const char *const outcome_names[] = {
	[VMM_SAME] = "same",
	[VMM_CHANGED] = "changed",
	[VMM_REFUSED] = "refused",
};

/* Save a restored VM: the source's stolen time is in use, and both vCPUs are started */
static int save_again(struct test_vm *vm, const struct state *before, struct state *after,
		      const char *name)
{
	unsigned int i;

	for (i = 0; i < before->nr_vcpus; i++)
		after->vcpu[i].stolen_time = before->vcpu[i].stolen_time;
	query_guest(vm, after);
	vmm_fill(vm);
	vmm_save(vm, after);
	return write_file(after, name);
}

static int restore_on(struct state *state, const struct vm_config *config,
		      const struct vmm_model *model, const struct recipe *recipe,
		      const char *save_name)
{
	struct state *after = state_new(config);
	enum vmm_outcome outcome, answers;
	struct test_vm *vm;
	bool pinned = strcmp(state->pin, "-");
	int status = 0;

	printf("report 1\nsaved release=%s mode=%s shape=%s%s%s\n", state->release, state->mode,
	       state->shape, pinned ? PIN_INFIX : "", pinned ? state->pin : "");
	printf("host release=%s mode=%s vmm=%s\n", after->release, after->mode, model->name);
	if (recipe)
		recipe_drop(recipe, state);
	outcome = vmm_restore(state, config, model, stdout, &vm);
	if (recipe && vm)
		recipe_choose(vm, recipe, true, stdout);
	if (outcome != VMM_REFUSED) {
		answers = vmm_compare(vm, state, stdout);
		if (answers > outcome)
			outcome = answers;
	}
	printf("verdict %s\n", outcome_names[outcome]);
	if (save_name && outcome != VMM_REFUSED)
		status = save_again(vm, state, after, save_name);
	test_vm_free(vm);
	state_free(after);
	return status;
}

int restore_command(const char *vmm, const char *recipe_name, const char *save_name,
		    const char *name)
{
	struct vm_config recipe_config;
	struct recipe *recipe = NULL;
	const struct vmm_model *model = vmm_model(vmm);
	const struct vm_config *config;
	struct state *state;
	const char *lack;
	int status = 1;

	if (!model) {
		fprintf(stderr, "guest_abi: there is no VMM %.32s\n", vmm);
		return 1;
	}
	if (recipe_name) {
		recipe = read_recipe(recipe_name, &recipe_config);
		if (!recipe)
			return 1;
	}
	state = read_file(name);
	if (!state) {
		free(recipe);
		return 1;
	}
	config = file_config(state, name);
	if (config && recipe && strcmp(recipe->shape, state->shape)) {
		fprintf(stderr, "guest_abi: %s: the recipe is of another shape\n", name);
		config = NULL;
	}
	if (config) {
		if (recipe)
			config = &recipe_config;
		lack = config_missing(config);
		if (lack) {
			printf("report 1\nunsupported why=%s\nverdict unsupported\n", lack);
			status = 0;
		} else {
			status = restore_on(state, config, model, recipe, save_name);
		}
	}
	free(recipe);
	state_free(state);
	return status;
}
