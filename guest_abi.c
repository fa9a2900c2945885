// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: what a VM would find on another host.
 *
 *   guest_abi shapes                        the VMs that this host can make
 *   guest_abi vmms                          the manners of restoring
 *   guest_abi save [--shape=NAME] [--pin=RELEASE] FILE
 *                                           make a VM, run it, save it; its firmware is
 *                                           that of RELEASE, or this kernel's own;
 *                                           a NAME such as plain-as-6.12 says both
 *   guest_abi restore [--vmm=NAME] [--save=FILE] FILE
 *                                           restore it here, run it, report
 *   guest_abi show FILE                     a file with names in place of numbers
 *   guest_abi diff FILE FILE                where two files differ
 *   guest_abi pin RELEASE [FILE]            make today's firmware look like RELEASE's
 *
 * FILE may be "-" for standard input or output. docs/state-file.md has the format of
 * files, docs/rollback.md what a report says and what a VMM should make of it.
 *
 * Exit status: 0 done (restore: a verdict was printed; diff: no difference), 1 failed
 * (diff: they differ), 4 this host has no usable KVM or cannot make the shape
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pin.h"
#include "probe.h"
#include "reg_list.h"
#include "vgic.h"
#include "vmm.h"

enum {
	EXIT_SKIPPED = 4
};

/* 0, or the exit status of a host without a usable KVM */
static int need_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR);

	if (fd < 0) {
		fprintf(stderr, "guest_abi: /dev/kvm: %s\n", strerror(errno));
		return EXIT_SKIPPED;
	}
	close(fd);
	return 0;
}

#include "rollback/files.h"
#include "rollback/pin.h"

static int list_shapes(void)
{
	int status = need_kvm();
	unsigned int i;

	for (i = 0; !status && i < nr_guest_shapes; i++)
		if (!features_lack(guest_shapes[i].features))
			printf("%s\t%s\n", guest_shapes[i].name, guest_shapes[i].text);
	for (i = 0; !status && i < ARRAY_SIZE(pin_releases); i++)
		if (parse_release(pin_releases[i]) < running_series())
			printf("plain%s%s\tplain, with the firmware of %s\n", pin_infix,
			       pin_releases[i], pin_releases[i]);
	return status;
}

static int list_vmms(void)
{
	unsigned int i;

	for (i = 0; i < nr_vmm_manners; i++)
		printf("%s\t%s [%s]\n", vmm_manners[i].name, vmm_manners[i].text,
		       vmm_manners[i].source);
	return 0;
}

/* A shape by its name that this host can make; else NULL and the exit status */
static const struct guest_shape *need_shape(const char *name, int *status)
{
	const struct guest_shape *shape = guest_shape(name);
	const char *lack;

	*status = 1;
	if (!shape) {
		fprintf(stderr, "guest_abi: there is no shape %.32s\n", name);
		return NULL;
	}
	*status = need_kvm();
	if (*status)
		return NULL;
	lack = features_lack(shape->features);
	if (!lack)
		return shape;
	fprintf(stderr, "guest_abi: shape %s: %s\n", name, lack);
	*status = EXIT_SKIPPED;
	return NULL;
}

static int save(const char *label, const char *pin_text, const char *name)
{
	char *shape_name = strdupa(label), *infix = strstr(shape_name, pin_infix);
	unsigned int release;
	const struct guest_shape *shape;
	struct pinned pinned;
	struct state *state;
	struct test_vm *vm;
	int status;

	if (infix) {
		*infix = '\0';
		pin_text = infix + strlen(pin_infix);
	}
	release = pin_text ? parse_release(pin_text) : 0;
	if (pin_text && !release)
		return 1;
	shape = need_shape(shape_name, &status);
	if (!shape)
		return status;
	state = state_new(shape);
	vm = guest_shape_create(shape);
	if (vm->vgic_fd >= 0)
		vgic_init(vm);
	test_vm_finish(vm);
	if (release) {
		snprintf(state->pin, sizeof(state->pin), "%s", pin_text);
		if (!pin_apply(vm, release, &pinned, stderr)) {
			fprintf(stderr, "guest_abi: this kernel cannot look like %s\n", pin_text);
			test_vm_free(vm);
			state_free(state);
			return EXIT_SKIPPED;
		}
	}
	vm_start(vm, state);
	probe_guest(vm, state);
	vm_fill(vm);
	vm_save(vm, state);
	test_vm_free(vm);
	status = write_file(state, name);
	state_free(state);
	return status;
}

static const char *const verdict_names[] = {
	[VMM_SAME] = "same",
	[VMM_CHANGED] = "changed",
	[VMM_REFUSED] = "refused",
};

static void print_verdict(const char *verdict)
{
	printf("verdict %s\n", verdict);
}

static int restore_on(const struct state *state, const struct guest_shape *shape,
		      const struct vmm_manner *manner, const char *save_name)
{
	struct state *after = state_new(shape);
	enum vmm_verdict verdict, answers;
	struct test_vm *vm;
	bool pinned = strcmp(state->pin, "-");
	int status = 0;

	printf("report 1\nsaved release=%s mode=%s shape=%s%s%s\n", state->release, state->mode,
	       state->shape, pinned ? pin_infix : "", pinned ? state->pin : "");
	printf("host release=%s mode=%s vmm=%s\n", after->release, after->mode, manner->name);
	verdict = vm_restore(state, shape, manner, stdout, &vm);
	if (verdict != VMM_REFUSED) {
		answers = vm_compare(vm, state, stdout);
		if (answers > verdict)
			verdict = answers;
	}
	print_verdict(verdict_names[verdict]);
	if (save_name && verdict != VMM_REFUSED) {
		unsigned int i;

		for (i = 0; i < state->nr_vcpus; i++)
			after->vcpu[i].stolen_time = state->vcpu[i].stolen_time;
		probe_guest(vm, after);
		vm_fill(vm);
		vm_save(vm, after);
		status = write_file(after, save_name);
	}
	test_vm_free(vm);
	state_free(after);
	return status;
}

static int restore(const char *vmm, const char *save_name, const char *name)
{
	const struct vmm_manner *manner = vmm_manner(vmm);
	const struct guest_shape *shape;
	struct state *state;
	int status = 1;

	if (!manner) {
		fprintf(stderr, "guest_abi: there is no VMM %.32s\n", vmm);
		return 1;
	}
	state = read_file(name);
	if (!state)
		return 1;
	shape = file_shape(state, name);
	if (shape)
		status = need_kvm();
	if (shape && !status) {
		const char *lack = features_lack(shape->features);

		if (lack) {
			printf("report 1\nunsupported why=%s\n", lack);
			print_verdict("unsupported");
		} else {
			status = restore_on(state, shape, manner, save_name);
		}
	}
	state_free(state);
	return status;
}

static int bad_usage(void)
{
	fprintf(stderr, "usage: guest_abi shapes | vmms |\n"
			"       save [--shape=NAME] [--pin=RELEASE] FILE |\n"
			"       restore [--vmm=NAME] [--save=FILE] FILE | show FILE |\n"
			"       diff FILE FILE | pin RELEASE [FILE]\n");
	return 1;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "shape", required_argument, NULL, 's' },
		{ "pin", required_argument, NULL, 'p' },
		{ "vmm", required_argument, NULL, 'v' },
		{ "save", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const char *shape = NULL, *pin_text = NULL, *vmm = NULL, *save_name = NULL, *command;
	bool saves, restores;
	int c, nr;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			shape = optarg;
			break;
		case 'p':
			pin_text = optarg;
			break;
		case 'v':
			vmm = optarg;
			break;
		case 'o':
			save_name = optarg;
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
	if (((shape || pin_text) && !saves) || ((vmm || save_name) && !restores))
		return bad_usage();

	if (saves && nr == 1)
		return save(shape ?: "plain", pin_text, argv[0]);
	if (restores && nr == 1)
		return restore(vmm ?: "aware", save_name, argv[0]);
	if (!strcmp(command, "shapes") && nr == 0)
		return list_shapes();
	if (!strcmp(command, "vmms") && nr == 0)
		return list_vmms();
	if (!strcmp(command, "show") && nr == 1)
		return show(argv[0]);
	if (!strcmp(command, "diff") && nr == 2)
		return diff(argv[0], argv[1]);
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
