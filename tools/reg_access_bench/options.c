// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: the options. What cannot be done is refused with a reason.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

/* Each vCPU has its own file and, with newer trees' libkvm, one for its statistics */
#define FILES_A_VCPU 2
#define MORE_FILES 64

#define MAX_NUMBER 100000000

enum answer {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_AUTO,
};

static const char *const formats[] = { "table", "csv", "json", NULL };
static const char *const answers[] = { "no", "yes", "auto", NULL };

static struct options opt = { .repeat = 15, .warmup = 2, .vm_repeat = 3 };
static unsigned int min_us = 2000, max_us, emulated = ANSWER_AUTO;
static const char *sizes;

/* An option with an argument, which is a text, a word or, without @words, a number */
static const struct option_row {
	const char *name, *arg, *help;
	const char **text;
	unsigned int *number; /* or the index of the word */
	unsigned int least; /* number */
	const char *const *words;
} option_rows[] = {
	{ "vcpus", "LIST", "sizes of the VMs: 1,2,4,... or max (default: powers of two to max)",
	  .text = &sizes },
	{ "repeat", "N", "samples of everything (15)", .number = &opt.repeat, .least = 1 },
	{ "warmup", "N", "rounds before them (2)", .number = &opt.warmup, .least = 1 },
	{ "vm-repeat", "N", "VMs made and torn down for each size (3)", .number = &opt.vm_repeat,
	  .least = 1 },
	{ "min-time", "US", "a sample takes no less: it repeats what it measures (2000)",
	  .number = &min_us },
	{ "max-time", "US",
	  "and no more, where a pass can be sampled by some vCPUs in turn (0: never)",
	  .number = &max_us },
	{ "runners", "N", "guests that make hypercalls meanwhile (CPUs - 1)",
	  .number = &opt.runners, .least = 1 },
	{ "format", "F", "table, csv or json (table)", .number = &opt.format, .words = formats },
	{ "output", "FILE", "where that goes; the table is then printed as well",
	  .text = &opt.output },
	{ "emulated", "W", "yes: this machine is emulated, so print no times; no; auto (auto)",
	  .number = &emulated, .words = answers },
};

static void print_help(void)
{
	const struct option_row *row;
	char option[32];

	fputs("usage: reg_access_bench [OPTION...]\n"
	      "\n"
	      "The cost of KVM_GET_ONE_REG and KVM_SET_ONE_REG against the number of vCPUs.\n"
	      "\n",
	      stdout);
	for (row = option_rows; row < option_rows + ARRAY_SIZE(option_rows); row++) {
		snprintf(option, sizeof(option), "--%s=%s", row->name, row->arg);
		printf("  %-16s %s\n", option, row->help);
	}
	fputs("  -h, --help\n"
	      "\n"
	      "Exit status: 0 measured, 1 an error, 4 no usable /dev/kvm\n",
	      stdout);
}

static unsigned int number(const char *name, const char *text, unsigned int least)
{
	unsigned long val;
	char *end;

	errno = 0;
	val = strtoul(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || val < least || val > MAX_NUMBER)
		die(KSFT_FAIL, "--%s=%s is no integer from %u up to %u", name, text, least,
		    MAX_NUMBER);
	return val;
}

/* The index of a word */
static unsigned int choice(const char *name, const char *text, const char *const *words)
{
	char all[64] = "";
	unsigned int i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(text, words[i]))
			return i;
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			 words[i]);
	}
	die(KSFT_FAIL, "--%s=%s is none of: %s", name, text, all);
}

static void read_argument(const struct option_row *row, const char *text)
{
	if (row->text)
		*row->text = text;
	else if (row->words)
		*row->number = choice(row->name, text, row->words);
	else
		*row->number = number(row->name, text, row->least);
}

static void parse(int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(option_rows) + 2] = { 0 };
	unsigned int i;
	int c, index;

	for (i = 0; i < ARRAY_SIZE(option_rows); i++)
		longs[i] = (struct option){ option_rows[i].name, required_argument, NULL, 0 };
	longs[i] = (struct option){ "help", no_argument, NULL, 'h' };
	while ((c = getopt_long(argc, argv, "h", longs, &index)) != -1) {
		switch (c) {
		case 0:
			read_argument(&option_rows[index], optarg);
			break;
		case 'h':
			print_help();
			exit(KSFT_PASS);
		default:
			fputs("Try --help\n", stderr);
			exit(KSFT_FAIL);
		}
	}
	if (optind < argc)
		die(KSFT_FAIL, "'%s' is no option", argv[optind]);
	if (max_us && max_us < min_us)
		die(KSFT_FAIL, "--max-time is less than --min-time");
}

static void add_size(unsigned int nr)
{
	if (opt.nr_sizes == MAX_SIZES)
		die(KSFT_FAIL, "--vcpus has more than %u sizes", MAX_SIZES);
	if (opt.nr_sizes && opt.size[opt.nr_sizes - 1] >= nr)
		die(KSFT_FAIL, "--vcpus must be in ascending order");
	opt.size[opt.nr_sizes++] = nr;
}

static void read_sizes(const char *list, unsigned int max)
{
	char *copy = strdup(list), *save = NULL, *word;
	unsigned int nr;

	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		nr = strcmp(word, "max") ? number("vcpus", word, 1) : max;
		if (nr > max)
			die(KSFT_FAIL, "--vcpus=%u is more than the %u that KVM offers here%s", nr,
			    max, max == VM_MAX_VCPUS ? " (or this program takes)" : "");
		add_size(nr);
	}
	if (!opt.nr_sizes)
		die(KSFT_FAIL, "--vcpus=%s has no number", list);
	free(copy);
}

static void default_sizes(unsigned int max)
{
	unsigned int nr;

	for (nr = 1; nr < max; nr *= 2)
		add_size(nr);
	add_size(max);
}

static void need_files(unsigned int nr_vcpus)
{
	rlim_t files = nr_vcpus * FILES_A_VCPU + MORE_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die(KSFT_FAIL, "getrlimit(): %s", strerror(errno));
	if (limit.rlim_cur >= files)
		return;
	limit.rlim_cur = files;
	if (limit.rlim_max < files)
		limit.rlim_max = files;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die(KSFT_FAIL,
		    "%u vCPUs need %lu open files, and the limit cannot be raised (%s): see ulimit -Hn, or use --vcpus",
		    nr_vcpus, (unsigned long)files, strerror(errno));
}

/* True on QEMU's virt machine: a guest cannot see whether QEMU emulates or virtualises */
static bool looks_emulated(void)
{
	char text[256] = "";
	size_t len;
	FILE *f;

	f = fopen("/proc/device-tree/compatible", "r");
	if (!f)
		f = fopen("/sys/class/dmi/id/sys_vendor", "r");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	return strstr(text, "dummy-virt") || strstr(text, "QEMU");
}

/* Fail before minutes of measuring if the output cannot be written */
static void try_output(const char *name)
{
	bool there = !access(name, F_OK);
	FILE *f = fopen(name, "a");

	if (f)
		fclose(f);
	else
		die(KSFT_FAIL, "cannot write --output=%s: %s", name, strerror(errno));
	if (!there)
		unlink(name);
}

struct options read_options(int argc, char **argv)
{
	unsigned int max = kvm_check_cap(KVM_CAP_MAX_VCPUS);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	opt.runners = cpus > 2 ? cpus - 1 : 1;
	parse(argc, argv);
	opt.min_ns = min_us * 1e3;
	opt.max_ns = max_us * 1e3;
	if (max > VM_MAX_VCPUS)
		max = VM_MAX_VCPUS;
	if (sizes)
		read_sizes(sizes, max);
	else
		default_sizes(max);
	opt.emulated = emulated == ANSWER_AUTO ? looks_emulated() : emulated == ANSWER_YES;
	need_files(opt.size[opt.nr_sizes - 1]);
	if (opt.output)
		try_output(opt.output);
	return opt;
}
