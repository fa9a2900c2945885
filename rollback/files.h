/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest_abi: files of saved state, read, written, shown and compared.
 */

static struct state *read_file(const char *name)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	struct state *state;

	if (!file) {
		fprintf(stderr, "guest_abi: %s: %s\n", name, strerror(errno));
		return NULL;
	}
	state = state_read(file, is_stdin ? "standard input" : name, stderr);
	if (!is_stdin)
		fclose(file);
	return state;
}

/* A file appears under its name once it is whole. Returns the exit status. */
static int write_file(const struct state *state, const char *name)
{
	char *new = NULL;
	FILE *file;

	if (!strcmp(name, "-"))
		return !state_write(state, stdout);
	if (asprintf(&new, "%s.new", name) < 0)
		return 1;
	file = fopen(new, "w");
	if (file && state_write(state, file) && !fclose(file) && !rename(new, name)) {
		free(new);
		return 0;
	}
	fprintf(stderr, "guest_abi: %s: %s\n", name, strerror(errno));
	if (file)
		unlink(new);
	free(new);
	return 1;
}

/* The shape of a file that this program can make a VM of, or NULL and a message */
static const struct guest_shape *file_shape(const struct state *state, const char *name)
{
	const struct guest_shape *shape = guest_shape(state->shape);
	const char *wrong = NULL;
	unsigned int i;

	if (!shape || shape->features != state->features)
		wrong = "a shape that this program does not have";
	else if (state->nr_vcpus != GUEST_SHAPE_VCPUS)
		wrong = "another number of vCPUs than its shape";
	for (i = 0; i < state->nr_dev_regs && !wrong; i++) {
		u32 group = state->dev_reg[i].group;

		if (group != KVM_DEV_ARM_VGIC_GRP_DIST_REGS &&
		    group != KVM_DEV_ARM_VGIC_GRP_REDIST_REGS &&
		    group != KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO)
			wrong = "a register of the vGIC in a group that none is in";
	}
	if (!wrong)
		return shape;
	fprintf(stderr, "guest_abi: %s: %s\n", name, wrong);
	return NULL;
}

/* Also names registers of the vGIC; the text is good until the next call */
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
	}
	snprintf(name, sizeof(name), "%s %#x of vCPU %u", group, reg->offset, reg->cpu);
	return name;
}

static int show(const char *name)
{
	struct state *state = read_file(name);
	unsigned int i, j;

	if (!state)
		return 1;
	printf("kernel %s, %s; CPU %#lx\n", state->release, state->mode, state->midr);
	printf("shape %s: %u vCPUs, features %#x, GICv%u; firmware of %s\n", state->shape,
	       state->nr_vcpus, state->features, state->gic,
	       strcmp(state->pin, "-") ? state->pin : "that kernel");
	for (i = 0; i < state->nr_vcpus; i++) {
		const struct state_vcpu *vcpu = &state->vcpu[i];

		printf("vCPU %u: mp_state %u, stolen time at %#lx\n", i, vcpu->mp_state,
		       vcpu->stolen_time);
		for (j = 0; j < vcpu->nr_regs; j++)
			printf("  %-24s %s\n", reg_name(vcpu->reg[j].id),
			       reg_value_str(&vcpu->reg[j]));
	}
	if (state->nr_dev_regs)
		printf("vGIC\n");
	for (i = 0; i < state->nr_dev_regs; i++)
		printf("  %-24s %#x\n", dev_reg_name(&state->dev_reg[i]), state->dev_reg[i].val);
	printf("what the guest was told\n");
	for (i = 0; i < state->nr_probes; i++)
		printf("  %-44s %s\n", state->probe[i].name, state_answer_str(&state->probe[i]));
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
	for (i = 0; i < a->nr_regs; i++) {
		const struct reg_value *x = &a->reg[i], *y = state_reg(b, x->id);

		if (y && (reg_counts(x->id) || same_bytes(x->val, y->val, sizeof(x->val))))
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
			printf("%s: %#x, %#x\n", dev_reg_name(x), x->val, y->val);
		else
			printf("%s: %#x, -\n", dev_reg_name(x), x->val);
		nr++;
	}
	for (i = 0; i < b->nr_dev_regs; i++) {
		if (dev_reg(a, &b->dev_reg[i]))
			continue;
		printf("%s: -, %#x\n", dev_reg_name(&b->dev_reg[i]), b->dev_reg[i].val);
		nr++;
	}
	return nr;
}

static unsigned int diff_probes(const struct state *a, const struct state *b)
{
	unsigned int nr = 0, i;

	for (i = 0; i < a->nr_probes; i++) {
		const struct state_probe *x = &a->probe[i], *y = state_probe(b, x->name);

		if (!y || !state_same_answer(x, y))
			nr += differ(x->name, state_answer_str(x), y ? state_answer_str(y) : "-");
	}
	for (i = 0; i < b->nr_probes; i++)
		if (!state_probe(a, b->probe[i].name))
			nr += differ(b->probe[i].name, "-", state_answer_str(&b->probe[i]));
	return nr;
}

/* Everything but the kernel's name and what counts by itself */
static int diff(const char *name_a, const char *name_b)
{
	struct state *a = read_file(name_a), *b = a ? read_file(name_b) : NULL;
	unsigned int nr = 0, i;

	if (!b) {
		state_free(a);
		return 1;
	}
	if (strcmp(a->shape, b->shape))
		nr += differ("shape", a->shape, b->shape);
	if (a->nr_vcpus != b->nr_vcpus) {
		printf("vCPUs: %u, %u\n", a->nr_vcpus, b->nr_vcpus);
		nr++;
	}
	for (i = 0; i < a->nr_vcpus && i < b->nr_vcpus; i++)
		nr += diff_vcpu(i, &a->vcpu[i], &b->vcpu[i]);
	nr += diff_vgic(a, b);
	nr += diff_probes(a, b);
	state_free(a);
	state_free(b);
	return nr > 0;
}
