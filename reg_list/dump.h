/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_reg_list_test: what this kernel lists, for scripts/registers.sh.
 *
 * Lines of diagnostics, in which a configuration is a bit of a mask:
 *   release RELEASE
 *   config BIT NAME FEATURE...
 *   field BIT FIELD VALUE
 *   reg ID NAME MASK
 */

struct dumped {
	u64 id;
	u64 mask;
};

static int compare_dumped(const void *a, const void *b)
{
	const struct dumped *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void dump_config(unsigned int bit, struct dumped *dumped, unsigned int *nr, unsigned int max)
{
	struct test_vm *vm = config_vm(bit, 0);
	struct kvm_reg_list *list = reg_list_get(vm->vcpu[0]);
	unsigned int i, j;

	printf("# config %u %s", bit, configs[bit].name);
	for (i = 0; i < nr_reg_features; i++)
		if (reg_condition(vm, reg_features[i].name))
			printf(" %s", reg_features[i].name);
	printf("\n");
	for (i = 0; i < nr_id_fields; i++)
		printf("# field %u %s %d\n", bit, id_fields[i].name, id_field(vm, &id_fields[i]));
	for (i = 0; i < list->n; i++) {
		for (j = 0; j < *nr && dumped[j].id != list->reg[i]; j++)
			;
		TEST_ASSERT(j < max, "more than %u registers", max);
		if (j == *nr)
			dumped[(*nr)++].id = list->reg[i];
		dumped[j].mask |= 1ULL << bit;
	}
	free(list);
	test_vm_free(vm);
}

static int print_lists(void)
{
	static struct dumped dumped[4096];
	unsigned int nr = 0, i;
	struct utsname uts;

	ksft_print_header();
	ksft_set_plan(1);
	uname(&uts);
	printf("# release %s\n", uts.release);
	for (i = 0; i < NR_CONFIGS; i++)
		if (!config_lack(i))
			dump_config(i, dumped, &nr, ARRAY_SIZE(dumped));
	qsort(dumped, nr, sizeof(dumped[0]), compare_dumped);
	for (i = 0; i < nr; i++)
		printf("# reg 0x%016lx %s %#lx\n", dumped[i].id, reg_plain_name(dumped[i].id),
		       dumped[i].mask);
	ksft_test_result_pass("lists_are_printed\n");
	ksft_finished();
}
