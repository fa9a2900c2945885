// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: show a file of saved state, and compare two.
 */
#include <string.h>

#include "cpu_kind.h"
#include "guest_abi.h"
#include "reg_history.h"

/* The name of a register of the vGIC; the text is valid until the next call */
static const char *dev_reg_name(const struct state_dev_reg *reg)
{
	static char name[64];
	const char *group = "group";

	switch (reg->group) {
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		group = "GICD";
		if (reg->offset == ABI_GICD_IIDR || reg->offset == ABI_GICD_TYPER2) {
			snprintf(name, sizeof(name), "GICD_%s",
				 reg->offset == ABI_GICD_IIDR ? "IIDR" : "TYPER2");
			return name;
		}
		break;
	case KVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		group = "GICR";
		break;
	case KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO:
		group = "levels";
		break;
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		group = "GICC";
		break;
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		snprintf(name, sizeof(name), "%s of vCPU %u",
			 reg_name(ABI_REG_SYS(0, 0, 0, 0, 0) | reg->offset), reg->cpu);
		return name;
	}
	snprintf(name, sizeof(name), "%s %#x of vCPU %u", group, reg->offset, reg->cpu);
	return name;
}

int show_command(const char *name)
{
	struct state *state = read_file(name);
	unsigned int i, j;

	if (!state)
		return 1;
	printf("kernel %s, %s; CPU %s (MIDR %#lx)\n", state->release, state->mode,
	       cpu_kind_str(state->midr), state->midr);
	printf("shape %s: %u vCPUs, features %#x, GICv%u; firmware of %s\n", state->shape,
	       state->nr_vcpus, state->features, state->gic,
	       strcmp(state->pin, "-") ? state->pin : "that kernel");
	for (i = 0; i < state->nr_vcpus; i++) {
		const struct state_vcpu *vcpu = &state->vcpu[i];

		printf("vCPU %u: mp_state %u, stolen time at %#lx\n", i, vcpu->mp_state,
		       vcpu->stolen_time);
		if (vcpu->serror.pending)
			printf("  an SError is pending, ESR %#lx\n", vcpu->serror.esr);
		for (j = 0; j < vcpu->nr_regs; j++)
			printf("  %-24s %s\n", reg_name(vcpu->reg[j].id),
			       reg_value_str(&vcpu->reg[j]));
	}
	if (state->nr_dev_regs)
		printf("vGIC\n");
	for (i = 0; i < state->nr_dev_regs; i++)
		printf("  %-24s %#lx\n", dev_reg_name(&state->dev_reg[i]), state->dev_reg[i].val);
	printf("what the guest was told\n");
	for (i = 0; i < state->nr_answers; i++)
		printf("  %-44s %s\n", state->answer[i].name, state_answer_str(&state->answer[i]));
	state_free(state);
	return 0;
}

static unsigned int differ(const char *what, const char *a, const char *b)
{
	printf("%s: %s, %s\n", what, a, b);
	return 1;
}

static unsigned int diff_vcpu(unsigned int cpu, const struct state_vcpu *a,
			      const struct state_vcpu *b)
{
	unsigned int nr = 0, i;
	char what[80];

	if (a->mp_state != b->mp_state) {
		printf("vCPU %u mp_state: %u, %u\n", cpu, a->mp_state, b->mp_state);
		nr++;
	}
	if (a->stolen_time != b->stolen_time) {
		printf("vCPU %u stolen time: %#lx, %#lx\n", cpu, a->stolen_time, b->stolen_time);
		nr++;
	}
	if (a->serror.pending != b->serror.pending ||
	    (a->serror.pending && a->serror.esr != b->serror.esr)) {
		printf("vCPU %u SError: pending %u, ESR %#lx; pending %u, ESR %#lx\n", cpu,
		       a->serror.pending, a->serror.esr, b->serror.pending, b->serror.esr);
		nr++;
	}
	for (i = 0; i < a->nr_regs; i++) {
		const struct reg_value *x = &a->reg[i], *y = state_reg(b, x->id);

		if (y && (reg_is_counter(x->id) || same_bytes(x->val, y->val, sizeof(x->val))))
			continue;
		snprintf(what, sizeof(what), "vCPU %u %s", cpu, reg_name(x->id));
		nr += differ(what, reg_value_str(x), y ? reg_value_str(y) : "-");
	}
	for (i = 0; i < b->nr_regs; i++) {
		if (state_reg(a, b->reg[i].id))
			continue;
		snprintf(what, sizeof(what), "vCPU %u %s", cpu, reg_name(b->reg[i].id));
		nr += differ(what, "-", reg_value_str(&b->reg[i]));
	}
	return nr;
}

static const struct state_dev_reg *dev_reg(const struct state *state,
					   const struct state_dev_reg *like)
{
	unsigned int i;

	for (i = 0; i < state->nr_dev_regs; i++) {
		const struct state_dev_reg *reg = &state->dev_reg[i];

		if (reg->group == like->group && reg->cpu == like->cpu &&
		    reg->offset == like->offset)
			return reg;
	}
	return NULL;
}

static unsigned int diff_vgic(const struct state *a, const struct state *b)
{
	unsigned int nr = 0, i;

	for (i = 0; i < a->nr_dev_regs; i++) {
		const struct state_dev_reg *x = &a->dev_reg[i], *y = dev_reg(b, x);

		if (y && x->val == y->val)
			continue;
		if (y)
			printf("%s: %#lx, %#lx\n", dev_reg_name(x), x->val, y->val);
		else
			printf("%s: %#lx, -\n", dev_reg_name(x), x->val);
		nr++;
	}
	for (i = 0; i < b->nr_dev_regs; i++) {
		if (dev_reg(a, &b->dev_reg[i]))
			continue;
		printf("%s: -, %#lx\n", dev_reg_name(&b->dev_reg[i]), b->dev_reg[i].val);
		nr++;
	}
	return nr;
}

static unsigned int diff_answers(const struct state *a, const struct state *b)
{
	unsigned int nr = 0, i;

	for (i = 0; i < a->nr_answers; i++) {
		const struct state_answer *x = &a->answer[i], *y = state_answer(b, x->name);

		if (!y || !state_same_answer(x, y))
			nr += differ(x->name, state_answer_str(x), y ? state_answer_str(y) : "-");
	}
	for (i = 0; i < b->nr_answers; i++)
		if (!state_answer(a, b->answer[i].name))
			nr += differ(b->answer[i].name, "-", state_answer_str(&b->answer[i]));
	return nr;
}

/* Compare all but the kernel's name and the registers that count by themselves */
int diff_command(const char *name_a, const char *name_b)
{
	struct state *a = read_file(name_a), *b = a ? read_file(name_b) : NULL;
	unsigned int nr = 0, i;

	if (!b) {
		state_free(a);
		return 1;
	}
	if (strcmp(a->shape, b->shape))
		nr += differ("shape", a->shape, b->shape);
	if (a->midr != b->midr) {
		printf("CPU: made on %s (MIDR %#lx), on %s (MIDR %#lx)\n", cpu_kind_str(a->midr),
		       a->midr, cpu_kind_str(b->midr), b->midr);
		nr++;
	}
	if (a->nr_vcpus != b->nr_vcpus) {
		printf("vCPUs: %u, %u\n", a->nr_vcpus, b->nr_vcpus);
		nr++;
	}
	for (i = 0; i < a->nr_vcpus && i < b->nr_vcpus; i++)
		nr += diff_vcpu(i, &a->vcpu[i], &b->vcpu[i]);
	nr += diff_vgic(a, b);
	nr += diff_answers(a, b);
	state_free(a);
	state_free(b);
	return nr > 0;
}
