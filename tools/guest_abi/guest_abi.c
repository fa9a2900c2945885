// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: what a VM would find on another host.
 *
 *   guest_abi shapes                        the VMs that this host can make
 *   guest_abi vmms                          the models of VMMs that restore
 *   guest_abi host FILE                     describe this host, for a fleet's recipe
 *   guest_abi save [--shape=NAME] [--pin=RELEASE] FILE
 *                                           make a VM, run it, save it; its firmware is
 *                                           that of RELEASE, or this kernel's own;
 *                                           a NAME such as plain-as-6.12 says both,
 *                                           and then --pin is an error
 *   guest_abi save --recipe=RECIPE FILE     the same of a VM made by a fleet's recipe
 *   guest_abi restore [--vmm=NAME] [--recipe=RECIPE] [--save=FILE] FILE
 *                                           restore it here, run it, report
 *   guest_abi show FILE                     a file with names in place of numbers
 *   guest_abi diff FILE FILE                where two files differ
 *   guest_abi pin RELEASE [FILE]            make today's firmware look like RELEASE's
 *   guest_abi pin RECIPE                    make a VM by a fleet's recipe, and have its
 *                                           guest look at it
 *
 * FILE may be "-" for standard input or output. docs/state-file.md has the format of
 * files, docs/rollback.md what a report says and what a VMM does about it, docs/fleet.md
 * the description of a host and the recipe, which tools/guest_abi/common.py makes.
 *
 * Exit status: 0 done (restore: a verdict was printed; diff: no difference), 1 failed
 * (diff: they differ), 4 this host has no usable KVM or cannot make the shape
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu_kind.h"
#include "guest_abi.h"
#include "kvm_dev.h"
#include "reg_history.h"
#include "vmm/models.h"

/* The VMs that guest_abi can save: rows of vm_configs[] */
static const struct {
	enum config_id config;
	const char *text;
} shapes[] = {
	{ CONFIG_PLAIN, "no optional vCPU feature" },
	{ CONFIG_PSCI_0_1, "without the feature PSCI_0_2" },
	{ CONFIG_PMU, "a PMU" },
	{ CONFIG_SVE, "SVE of the longest vectors" },
	{ CONFIG_PTRAUTH, "pointer authentication" },
	{ CONFIG_PMU_SVE_PTRAUTH, "all three" },
	{ CONFIG_EL2, "guests that start at EL2" },
};

const struct vm_config *shape_config(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!strcmp(vm_configs[shapes[i].config].name, name))
			return &vm_configs[shapes[i].config];
	return NULL;
}

const struct vm_config *shape_config_at(unsigned int i)
{
	return i < ARRAY_SIZE(shapes) ? &vm_configs[shapes[i].config] : NULL;
}

/* Before libkvm's constructor, whose message goes to standard output, as a state may */
static void __attribute__((constructor(101))) need_kvm(void)
{
	const char *lack;
	int fd = kvm_open(&lack);

	if (lack) {
		fprintf(stderr, "guest_abi: %s\n", lack);
		_exit(EXIT_SKIPPED);
	}
	if (fd >= 0)
		close(fd);
	/* A state is one of a VM on one kind of core */
	cpu_kind_stay();
}

static int list_shapes(void)
{
	const struct vm_config *config;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		config = &vm_configs[shapes[i].config];
		if (!config_missing(config))
			printf("%s\t%s\n", config->name, shapes[i].text);
	}
	for (i = 0; i < nr_pin_releases; i++)
		if (parse_release(pin_releases[i]) < running_series())
			printf("plain" PIN_INFIX "%s\tplain, with the firmware of %s\n",
			       pin_releases[i], pin_releases[i]);
	return 0;
}

static int list_vmms(void)
{
	unsigned int i;

	for (i = 0; i < nr_vmm_models; i++)
		printf("%s\t%s [%s]\n", vmm_models[i].name, vmm_models[i].text,
		       vmm_models[i].source);
	return 0;
}

static int bad_usage(void)
{
	fprintf(stderr, "usage: guest_abi shapes | vmms | host FILE |\n"
			"       save [--shape=NAME] [--pin=RELEASE] FILE |\n"
			"       save --recipe=RECIPE FILE |\n"
			"       restore [--vmm=NAME] [--recipe=RECIPE] [--save=FILE] FILE |\n"
			"       show FILE | diff FILE FILE | pin RELEASE [FILE] | pin RECIPE\n");
	return 1;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "shape", required_argument, NULL, 's' },
		{ "pin", required_argument, NULL, 'p' },
		{ "vmm", required_argument, NULL, 'v' },
		{ "save", required_argument, NULL, 'o' },
		{ "recipe", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	const char *shape = NULL, *pin = NULL, *vmm = NULL, *save_name = NULL, *recipe = NULL;
	const char *command;
	bool saves, restores;
	int c, nr;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			shape = optarg;
			break;
		case 'p':
			pin = optarg;
			break;
		case 'v':
			vmm = optarg;
			break;
		case 'o':
			save_name = optarg;
			break;
		case 'r':
			recipe = optarg;
			break;
		default:
			return bad_usage();
		}
	}
	if (optind == argc)
		return bad_usage();
	command = argv[optind++];
	argv += optind;
	nr = argc - optind;
	saves = !strcmp(command, "save");
	restores = !strcmp(command, "restore");
	if (((shape || pin) && (!saves || recipe)) || ((vmm || save_name) && !restores) ||
	    (recipe && !saves && !restores))
		return bad_usage();

	if (saves && nr == 1 && recipe)
		return save_recipe_command(recipe, argv[0]);
	if (saves && nr == 1)
		return save_command(shape ?: "plain", pin, argv[0]);
	if (restores && nr == 1)
		return restore_command(vmm ?: "aware", recipe, save_name, argv[0]);
	if (!strcmp(command, "host") && nr == 1)
		return host_command(argv[0]);
	if (!strcmp(command, "shapes") && nr == 0)
		return list_shapes();
	if (!strcmp(command, "vmms") && nr == 0)
		return list_vmms();
	if (!strcmp(command, "show") && nr == 1)
		return show_command(argv[0]);
	if (!strcmp(command, "diff") && nr == 2)
		return diff_command(argv[0], argv[1]);
	if (!strcmp(command, "pin") && nr == 1 && !is_release(argv[0]))
		return pin_recipe_command(argv[0]);
	if (!strcmp(command, "pin") && (nr == 1 || nr == 2))
		return pin_command(argv[0], nr == 2 ? argv[1] : NULL);
	return bad_usage();
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "guest_abi: standard output: %s\n", strerror(errno));
		return 1;
	}
	return status;
}
