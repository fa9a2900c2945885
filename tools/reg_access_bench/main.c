// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: what KVM_GET_ONE_REG and KVM_SET_ONE_REG cost a migration.
 *
 * Registers that belong to the VM are accessed through each vCPU, so a VMM that saves and
 * restores each vCPU by itself accesses them once for each vCPU. This program measures, for
 * VMs of more and more vCPUs, a whole save and restore, each class of registers, and the
 * VM-wide firmware registers through every vCPU against once; from one thread and from one
 * for each vCPU; with idle vCPUs and while guests make hypercalls; and the creation and
 * teardown of the VM. It is no test: it has no verdict.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "kvm_dev.h"

void die(int status, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "reg_access_bench: ");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

/* Before libkvm's constructor, which would skip without saying why */
static void __attribute__((constructor(101))) need_kvm(void)
{
	const char *lack;
	int fd = kvm_open(&lack);

	if (fd < 0) {
		fprintf(stderr, "reg_access_bench: /dev/kvm: %s\n", lack ?: strerror(errno));
		_exit(KSFT_SKIP);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	unsigned int i, m;
	bool live;

	bench.opt = read_options(argc, argv);
	bench.begin = now_ns();
	find_host(&bench.host);
	find_regs(&bench.regs);
	measure_floor(&bench);

	setlinebuf(stdout);
	live = bench.opt.output || bench.opt.format == FORMAT_TABLE;
	if (live)
		table_head(&bench, stdout);
	measure_calls(&bench);
	for (i = 0, m = 0; i < bench.opt.nr_sizes; i++) {
		measure_size(&bench, bench.opt.size[i]);
		for (; live && m < bench.nr_measurements; m++)
			table_line(&bench, &bench.measurement[m], stdout);
	}
	if (bench.opt.output)
		write_output(&bench);
	else if (!live)
		write_to(&bench, stdout);
	if (fflush(stdout) || ferror(stdout))
		die(KSFT_FAIL, "cannot write to stdout: %s", strerror(errno));
	return KSFT_PASS;
}
