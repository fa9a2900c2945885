/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest_abi: a fresh VM whose firmware is that of an older kernel.
 */

/* Releases that hosts may be rolled back to, and the word for it in a shape's name */
static const char *const pin_releases[] = { "5.10", "6.1", "6.12" };
static const char pin_infix[] = "-as-";

/*
 * The same against what a guest on that kernel was told. By SMC nothing was told before
 * 6.4, which cannot be chosen; ID registers are the CPU's.
 */
static bool pin_verify_file(const struct state *now, const struct state *file)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < file->nr_probes; i++) {
		const struct state_probe *x = &file->probe[i], *y = state_probe(now, x->name);

		if (!probe_is_firmware(x->name) || !strncmp(x->name, "smc:", 4) ||
		    (y && state_same_answer(x, y)))
			continue;
		printf("changed probe=%s saved=%s now=%s\n", x->name, state_answer_str(x),
		       y ? state_answer_str(y) : "-");
		good = false;
	}
	return good;
}

static int pin_vm(unsigned int release, const struct state *file)
{
	const struct guest_shape *shape = guest_shape("plain");
	struct state *now = state_new(shape);
	struct pinned pinned;
	struct test_vm *vm;
	bool good;

	printf("host release=%s mode=%s\n", now->release, now->mode);
	vm = guest_shape_create(shape);
	if (vm->vgic_fd >= 0)
		vgic_init(vm);
	test_vm_finish(vm);
	good = pin_apply(vm, release, &pinned, stdout);
	vm_start(vm, now);
	probe_guest(vm, now);
	good &= pin_verify(now, &pinned, stdout);
	if (file)
		good &= pin_verify_file(now, file);
	printf("verdict %s\n", good ? "pinned" : "not-pinned");
	test_vm_free(vm);
	state_free(now);
	return !good;
}

/* A release such as 6.1 as SERIES() has it; 0 after a message */
static unsigned int parse_release(const char *text)
{
	unsigned int major, minor;
	int end = 0;

	if (sscanf(text, "%2u.%3u%n", &major, &minor, &end) == 2 && !text[end] &&
	    SERIES(major, minor) >= SERIES(5, 0))
		return SERIES(major, minor);
	fprintf(stderr, "guest_abi: '%.32s' is not a release such as 6.1, from 5.0 on\n", text);
	return 0;
}

static int pin_command(const char *text, const char *name)
{
	unsigned int release = parse_release(text);
	struct state *file = NULL;
	int status;

	if (!release)
		return 1;
	if (name) {
		file = read_file(name);
		if (!file)
			return 1;
	}
	status = need_kvm();
	if (!status) {
		printf("pin 1\nlike release=%s\n", text);
		status = pin_vm(release, file);
	}
	state_free(file);
	return status;
}
