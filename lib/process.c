// SPDX-License-Identifier: GPL-2.0
/*
 * Start-up checks (KVM, memory, files), CPUs, exit status and clean-up of every test
 * program.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "abi.h"
#include "cpu_kind.h"
#include "kselftest.h"
#include "kvm_dev.h"
#include "process.h"
#include "watch.h"

/* A VM with eight vCPUs, each with a file of statistics, and some to spare */
#define FILES_NEEDED 64
/* Guest memory, vCPUs, and the stacks of a few threads */
#define MEMORY_NEEDED (128UL << 20)

int process_status;

static unsigned long oom_kills_before;
static pid_t parent;

/* How many processes the kernel has killed for lack of memory, 0 if it does not tell */
static unsigned long oom_kills(void)
{
	FILE *vmstat = fopen("/proc/vmstat", "re");
	unsigned long kills = 0;
	char line[128];

	while (vmstat && fgets(line, sizeof(line), vmstat))
		if (sscanf(line, "oom_kill %lu", &kills) == 1)
			break;
	if (vmstat)
		fclose(vmstat);
	return kills;
}

/* Ctrl-C does not reach a test: the harness gives each a process group of its own */
static void before_fork(void)
{
	parent = getpid();
}

static void begin_test(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Make the OOM killer choose the test process, so that the program can report it */
	if (fd >= 0) {
		if (write(fd, "1000", 4) < 0)
			errno = 0;
		close(fd);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(KSFT_FAIL);
}

/* Fail if output was lost, and turn libkvm's exit statuses into kselftest's */
static void at_exit(int status, void *program)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "# %s: stdout did not take all of the results; is its disk full?\n",
			(char *)program);
		_exit(KSFT_FAIL);
	}
	if (!status)
		status = process_status;
	if (status == KSFT_FAIL && oom_kills() != oom_kills_before)
		fprintf(stderr,
			"# %s: the kernel killed for lack of memory, maybe tests of this program\n",
			(char *)program);
	_exit(status == KSFT_PASS || status == KSFT_SKIP ? status : KSFT_FAIL);
}

static void skip(const char *reason)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", reason);
	exit(KSFT_SKIP);
}

static bool raise_file_limit(rlim_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	if (limit.rlim_cur >= files)
		return true;
	limit.rlim_cur = files;
	if (limit.rlim_max < files)
		limit.rlim_max = files;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

/* File descriptors beside those of the vCPUs: the VM's, the harness's, libkvm's */
#define FILES_A_VCPU 2 /* its own, and in newer trees the one of its statistics that libkvm opens */
#define MORE_FILES 64

bool may_have_vcpus(unsigned int nr)
{
	return raise_file_limit(nr * FILES_A_VCPU + MORE_FILES);
}

static void need_files(void)
{
	struct rlimit limit;

	/* A hard limit this low is meant as one, so respect it even as root */
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < FILES_NEEDED ||
	    !raise_file_limit(FILES_NEEDED))
		skip("RLIMIT_NOFILE allows too few files for a VM");
}

static void need_memory(void)
{
	void *room = mmap(NULL, MEMORY_NEEDED, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		skip("RLIMIT_AS allows too little memory for a VM");
	munmap(room, MEMORY_NEEDED);
}

static void need_kvm(void)
{
	const char *lack;
	int fd = kvm_open(&lack);

	if (lack)
		skip(lack);
	if (fd < 0) {
		fprintf(stderr, "# %s: cannot open /dev/kvm: %s\n", program_invocation_short_name,
			strerror(errno));
		exit(KSFT_FAIL);
	}
	if (guest_at_el2 && ioctl(fd, KVM_CHECK_EXTENSION, ABI_CAP_ARM_EL2) <= 0)
		skip("this host offers no EL2 to guests");
	/*
	 * The program keeps a VM that no test uses. Without one, each test's VM would be the
	 * machine's first and last, for which KVM patches code on all CPUs: that takes longer
	 * than the VM itself. The host may not have the size, which does not matter here.
	 */
	if (ioctl(fd, KVM_CREATE_VM, 0) < 0)
		errno = 0;
	close(fd);
}

/* Before all other constructors, which may already need what is looked for here */
static void __attribute__((constructor(101))) check_environment(void)
{
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		/* The next file opened would be stdout */
		dprintf(STDERR_FILENO, "# %s: stdout is closed, so no result can be reported\n",
			program_invocation_short_name);
		_exit(KSFT_FAIL);
	}
	if (on_exit(at_exit, program_invocation_short_name) ||
	    pthread_atfork(before_fork, NULL, begin_test)) {
		fprintf(stderr, "# %s: no memory\n", program_invocation_short_name);
		_exit(KSFT_FAIL);
	}
	need_files();
	need_memory();
	need_kvm();
	cpu_kind_stay();
	oom_kills_before = oom_kills();
	watch_start();
}
