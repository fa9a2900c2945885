// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: make a VM by the recipe of a fleet, and have its guest look at it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_abi.h"
#include "host.h"
#include "kvm_reg.h"
#include "reg_history.h"
#include "vgic.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/fw_level.h"
#include "vmm/query.h"
#include "vmm/save.h"

#define CSSELR_EL1 ABI_REG_SYS(3, 2, 0, 0, 0)
#define CCSIDR_EL1 ABI_REG_SYS(3, 1, 0, 0, 0)
/* MIDR_EL1, REVIDR_EL1, AIDR_EL1: what a VM may be given from another CPU [api.rst 7.42] */
static bool is_implementation(u64 id)
{
	return id == ABI_MIDR_EL1 || id == ABI_REG_SYS(3, 0, 0, 0, 6) ||
	       id == ABI_REG_SYS(3, 1, 0, 0, 7);
}

struct recipe *read_recipe(const char *name, struct vm_config *config)
{
	FILE *file = fopen(name, "r");
	struct recipe *recipe;
	unsigned int i;

	if (!file) {
		fprintf(stderr, "guest_abi: %s: %s\n", name, strerror(errno));
		return NULL;
	}
	recipe = recipe_read(file, name, stderr);
	fclose(file);
	if (!recipe)
		return NULL;
	if (!shape_config(recipe->shape)) {
		fprintf(stderr, "guest_abi: %s: there is no shape %s\n", name, recipe->shape);
		free(recipe);
		return NULL;
	}
	*config = *shape_config(recipe->shape);
	for (i = 0; i < recipe->nr; i++)
		if (is_implementation(recipe->reg[i].id) &&
		    kvm_has_cap(ABI_CAP_ARM_WRITABLE_IMP_ID_REGS))
			config->flags |= VM_IMP_ID_REGS;
	/* Else the IPA space of the VM is 40 bits, or what the host has */
	if (recipe->ipa_bits < ABI_DEFAULT_IPA_BITS)
		config->flags |= VM_IPA_BITS(recipe->ipa_bits);
	return recipe;
}

static bool is_chosen_id(const struct recipe_reg *reg)
{
	return reg_is_id(reg->id) || reg_coproc(reg->id) == ABI_COPROC_DEMUX;
}

static void wrote(const struct recipe_reg *reg, u64 val, int err, FILE *out)
{
	fprintf(out, "%s reg=%s id=%#lx value=%#lx errno=%s\n", err ? "cannot" : "set",
		reg_name(reg->id), reg->id, val, err_str(err));
}

void recipe_choose(struct test_vm *vm, const struct recipe *recipe, bool ids, FILE *out)
{
	unsigned int i, cpu;

	for (i = 0; i < recipe->nr; i++) {
		const struct recipe_reg *reg = &recipe->reg[i];
		int err = 0, bad;
		u64 val = 0;

		if (ids && !is_chosen_id(reg))
			continue;
		for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
			bad = __reg_get(vm->vcpu[cpu], reg->id, &val);
			val = (val & ~reg->mask) | reg->value;
			bad = bad ?: __reg_set(vm->vcpu[cpu], reg->id, val);
			err = err ?: bad;
		}
		wrote(reg, val, err, out);
	}
}

void recipe_drop(const struct recipe *recipe, struct state *state)
{
	unsigned int cpu, i, j, nr;

	for (cpu = 0; cpu < state->nr_vcpus; cpu++) {
		struct state_vcpu *vcpu = &state->vcpu[cpu];

		for (i = 0, nr = 0; i < vcpu->nr_regs; i++) {
			for (j = 0; j < recipe->nr; j++)
				if (recipe->reg[j].id == vcpu->reg[i].id &&
				    /* It says which CCSIDR_EL1 do not matter */
				    vcpu->reg[i].id != ABI_CLIDR_EL1 &&
				    is_chosen_id(&recipe->reg[j]))
					break;
			if (j == recipe->nr)
				vcpu->reg[nr++] = vcpu->reg[i];
		}
		vcpu->nr_regs = nr;
	}
}

static bool choose_vector_lengths(struct test_vm *vm, const struct recipe *recipe, FILE *out)
{
	unsigned int cpu;
	int err = 0;

	if (!(vm->features & 1U << KVM_ARM_VCPU_SVE))
		return true;
	for (cpu = 0; cpu < vm->nr_vcpus && !err; cpu++)
		err = __reg_ioctl(vm->vcpu[cpu], KVM_SET_ONE_REG, ABI_REG_SVE_VLS, recipe->vls);
	fprintf(out, "%s reg=SVE_VLS id=%#llx value=%#lx errno=%s\n", err ? "cannot" : "set",
		ABI_REG_SVE_VLS, recipe->vls[0], err_str(err));
	return !err;
}

static void choose_iidr(struct test_vm *vm, const struct recipe *recipe, FILE *out)
{
	int err = __vgic_set(vm, 0, &vgic_iidr, recipe->iidr);

	fprintf(out, "%s device=vgic name=GICD_IIDR value=%#lx errno=%s\n", err ? "cannot" : "set",
		recipe->iidr, err_str(err));
}

struct test_vm *recipe_create(const struct recipe *recipe, const struct vm_config *config,
			      FILE *out, int *status)
{
	const char *lack = config_missing(config);
	struct test_vm *vm = NULL;

	*status = EXIT_SKIPPED;
	if (!lack && recipe->ipa_bits > vm_ipa_limit())
		lack = "this host has fewer bits of IPA";
	if (!lack) {
		vm = vmm_create(config, recipe->gic);
		lack = "this host has no such vGIC";
	}
	if (!vm) {
		fprintf(stderr, "guest_abi: shape %s: %s\n", recipe->shape, lack);
		return NULL;
	}
	if (!choose_vector_lengths(vm, recipe, out)) {
		fprintf(stderr, "guest_abi: KVM refuses the vector lengths\n");
		*status = 1;
		test_vm_free(vm);
		return NULL;
	}
	if (recipe->gic) {
		vgic_init(vm);
		choose_iidr(vm, recipe, out);
	}
	test_vm_finish(vm);
	recipe_choose(vm, recipe, false, out);
	return vm;
}

bool guest_reads(struct test_vm *vm, unsigned int cpu, u64 id, struct guest_reg *read)
{
	struct guest_reg reg[2] = { { .id = CSSELR_EL1, .write = true, .val = id & 0xf },
				    { .id = CCSIDR_EL1 } };
	struct guest_result res;

	if (reg_coproc(id) == ABI_COPROC_DEMUX) {
		guest_regs(vm, cpu, reg, 2, &res);
		*read = reg[1];
	} else if (reg_coproc(id) == ABI_COPROC_SYS) {
		*read = (struct guest_reg){ .id = id };
		guest_regs(vm, cpu, read, 1, &res);
	} else {
		return false;
	}
	TEST_ASSERT(res.end == GUEST_DONE, "Reading %s: the guest %s", reg_name(id),
		    guest_end_str(&res));
	return true;
}

static bool verify_reg(struct test_vm *vm, unsigned int cpu, const struct recipe_reg *reg,
		       FILE *out)
{
	struct guest_reg read = { .how = GUEST_REG_DONE };
	const char *who = "guest";

	if (!guest_reads(vm, cpu, reg->id, &read)) {
		/* Without the register fw_level_verify() asks for what it would choose */
		if (__reg_get(vm->vcpu[cpu], reg->id, &read.val))
			return true;
		who = "user";
	}
	if (read.how == GUEST_REG_DONE && (read.val & reg->mask) == reg->value)
		return true;
	fprintf(out, "wrong vcpu=%u reg=%s mask=%#lx expected=%#lx why=the %s reads %s\n", cpu,
		reg_name(reg->id), reg->mask, reg->value, who, guest_reg_str(&read));
	return false;
}

/* The chosen firmware as the guest that calls by HVC finds it */
static bool verify_firmware(struct test_vm *vm, const struct state *now,
			    const struct recipe *recipe, FILE *out)
{
	struct fw_level level = { .iidr = recipe->iidr };
	unsigned int i, b;

	/* PSCI 0.1 has no call for its version, and a guest at EL2 calls by SMC */
	if (vm->at_el2 || vm->flags & VM_PSCI_0_1)
		return true;
	host_fw(&level.cfg);
	for (i = 0; i < recipe->nr; i++) {
		if (recipe->reg[i].id == ABI_PSCI_VERSION)
			level.psci = recipe->reg[i].value;
		for (b = 0; b < NR_BMAPS; b++)
			if (recipe->reg[i].id == fw_bitmaps[b].reg.id)
				level.cfg.bmap[b] = recipe->reg[i].value;
	}
	return fw_level_verify(vm, now, &level, out);
}

int pin_recipe_command(const char *name)
{
	struct vm_config config;
	struct recipe *recipe = read_recipe(name, &config);
	unsigned int i, cpu;
	struct test_vm *vm;
	struct state *now;
	bool good = true;
	int status;

	if (!recipe)
		return 1;
	printf("pin 1\nrecipe shape=%s\n", recipe->shape);
	vm = recipe_create(recipe, &config, stdout, &status);
	if (!vm) {
		free(recipe);
		return status;
	}
	now = state_new(&config);
	printf("host release=%s mode=%s\n", now->release, now->mode);
	vmm_start(vm, now);
	query_guest(vm, now);
	good = verify_firmware(vm, now, recipe, stdout);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++)
		for (i = 0; i < recipe->nr; i++)
			good &= verify_reg(vm, cpu, &recipe->reg[i], stdout);
	printf("verdict %s\n", good ? "pinned" : "not-pinned");
	test_vm_free(vm);
	state_free(now);
	free(recipe);
	return !good;
}
