// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: a fresh VM whose firmware is that of an older kernel.
 */
#include <string.h>

#include "guest_abi.h"
#include "reg_history.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/fw_level.h"
#include "vmm/query.h"
#include "vmm/save.h"

const char *const pin_releases[] = { "5.10", "6.1", "6.12" };
const unsigned int nr_pin_releases = ARRAY_SIZE(pin_releases);

bool is_release(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

unsigned int parse_release(const char *text)
{
	unsigned int major, minor;
	int end = 0;

	if (sscanf(text, "%2u.%3u%n", &major, &minor, &end) == 2 && !text[end] &&
	    SERIES(major, minor) >= SERIES(5, 0))
		return SERIES(major, minor);
	fprintf(stderr, "guest_abi: '%.32s' is not a release such as 6.1, from 5.0 on\n", text);
	return 0;
}

/*
 * Compare with the answers in @file. Left out: SMC, which KVM serves since 6.4 and a VMM
 * cannot turn off, and ID registers, which belong to the CPU.
 */
static bool verify_file(const struct state *now, const struct state *file)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < file->nr_answers; i++) {
		const struct state_answer *a = &file->answer[i], *b = state_answer(now, a->name);

		if (!query_is_firmware(a->name) || !strncmp(a->name, "smc:", 4) ||
		    (b && state_same_answer(a, b)))
			continue;
		printf("changed probe=%s saved=%s now=%s\n", a->name, state_answer_str(a),
		       b ? state_answer_str(b) : "-");
		good = false;
	}
	return good;
}

static int pin_vm(unsigned int release, const struct state *file)
{
	const struct vm_config *config = &vm_configs[CONFIG_PLAIN];
	struct state *now = state_new(config);
	struct test_vm *vm = vmm_create_ready(config);
	struct fw_level level;
	bool good;

	printf("host release=%s mode=%s\n", now->release, now->mode);
	good = !fw_level_choose(vm, release, &level, stdout);
	vmm_start(vm, now);
	query_guest(vm, now);
	good &= fw_level_verify(vm, now, &level, stdout);
	if (file)
		good &= verify_file(now, file);
	printf("verdict %s\n", good ? "pinned" : "not-pinned");
	test_vm_free(vm);
	state_free(now);
	return !good;
}

int pin_command(const char *text, const char *name)
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
	printf("pin 1\nlike release=%s\n", text);
	status = pin_vm(release, file);
	state_free(file);
	return status;
}
