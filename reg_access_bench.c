// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: what KVM_GET_ONE_REG and KVM_SET_ONE_REG cost a migration.
 *
 * Registers that are the VM's are accessed through each vCPU, and a VMM that saves and
 * restores each vCPU by itself accesses them as often as it has vCPUs. This measures, for
 * VMs of ever more vCPUs, a whole save and restore, the classes of registers that it is
 * made of, and the VM-wide firmware registers through every vCPU against once; from one
 * thread and from one a vCPU; with idle vCPUs and while guests make hypercalls; and the
 * creation and teardown of the VM. No test: it has no verdict.
 *
 * The parts:
 *   bench/options.h    what the user may ask for
 *   bench/stat.h       the clock, medians and quartiles
 *   bench/registers.h  the registers by class
 *   bench/pass.h       passes over registers, threads, guests that make hypercalls
 *   bench/rows.h       what is measured, in which order
 *   bench/calls.h      the cost of a hypercall
 *   bench/output.h     table, CSV and JSON
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "abi.h"
#include "guest.h"
#include "reg_list.h"
#include "vm.h"

#include "bench/options.h"
#include "bench/stat.h"
#include "bench/registers.h"
#include "bench/pass.h"
#include "bench/rows.h"
#include "bench/calls.h"
#include "bench/output.h"

/* Before libkvm's constructor, which skips with less to say */
static void __attribute__((constructor(101))) want_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "reg_access_bench: cannot open /dev/kvm: %s\n", strerror(errno));
		_exit(KSFT_SKIP);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct host host;
	unsigned int i, r;
	bool live;

	read_options(&bench.opt, argc, argv);
	bench.begin = now_ns();
	host_find(&host);
	find_regs(&bench.regs);
	measure_floor(&bench);

	setlinebuf(stdout);
	live = bench.opt.output || bench.opt.format == FORMAT_TABLE;
	if (live)
		table_head(&bench, &host, stdout);
	measure_calls(&bench);
	for (i = 0, r = 0; i < bench.opt.nr_sizes; i++) {
		measure_size(&bench, bench.opt.size[i]);
		for (; live && r < bench.nr_rows; r++)
			table_row(&bench, &bench.row[r], stdout);
	}
	if (bench.opt.output)
		write_output(&bench, &host);
	else if (!live)
		write_to(&bench, &host, stdout);
	if (fflush(stdout) || ferror(stdout))
		die(KSFT_FAIL, "cannot write to stdout: %s", strerror(errno));
	return KSFT_PASS;
}
