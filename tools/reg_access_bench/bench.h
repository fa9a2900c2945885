/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: what its parts share.
 */
#ifndef REG_ACCESS_BENCH_H
#define REG_ACCESS_BENCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/types.h>

#include "kselftest.h"
#include "test_vm.h"

/* main.c */

/** die() - print a message to stderr and exit */
void __noreturn __printf(2, 3) die(int status, const char *format, ...);

/* options.c */

#define MAX_SIZES 64

enum format {
	FORMAT_TABLE,
	FORMAT_CSV,
	FORMAT_JSON,
};

struct options {
	unsigned int size[MAX_SIZES]; /* of the VMs, in vCPUs */
	unsigned int nr_sizes;
	unsigned int repeat; /* samples of each measurement */
	unsigned int warmup; /* rounds before them */
	unsigned int vm_repeat; /* VMs created and freed for each size */
	unsigned int runners; /* guests that run while other vCPUs are accessed */
	double min_ns; /* a sample repeats its pass until it takes this long */
	double max_ns; /* a sample of a longer pass is a part of it; 0: always a whole pass */
	unsigned int format; /* enum format */
	const char *output; /* NULL: stdout */
	bool emulated;
};

/** read_options() - read the command line, or exit with a message */
struct options read_options(int argc, char **argv);

/* stat.c */

struct summary {
	double median, q1, q3;
	double mad; /* median of the distances from the median */
};

double now_ns(void);

/** summarize() - median and quartiles; sorts the values */
struct summary summarize(double *val, unsigned int nr);

/* registers.c */

/* In the order in which a pass accesses them; CLASS_ALL is all of the others */
enum reg_class {
	CLASS_CORE, /* general purpose, floating point: the vCPU's */
	CLASS_SYS, /* other system registers, and cache ids: the vCPU's */
	CLASS_ID, /* ID registers, op0 3, op1 0, CRn 0: the VM's since 6.6 or so */
	CLASS_TIMER, /* the counters are the VM's, the comparators the vCPU's */
	CLASS_FW, /* firmware registers: the VM's */
	NR_REAL_CLASSES,
	CLASS_ALL = NR_REAL_CLASSES,
	CLASS_FW_ONCE, /* CLASS_FW through vCPU 0 only */
	CLASS_VM, /* no registers: the VM itself */
	CLASS_HVC, /* no registers: hypercalls in a bare loop */
	CLASS_SWEEP, /* no registers: hypercalls in a sweep */
	NR_CLASSES,
};

extern const char *const class_names[NR_CLASSES];

/* The registers of a vCPU, sorted by class */
struct bench_regs {
	u64 *id;
	unsigned int start[NR_CLASSES], nr[NR_CLASSES];
	unsigned int left_out; /* listed, but cannot be read and written back */
	unsigned int bytes; /* of their values */
};

/* A VM, and the ioctls' arguments: an array of registers for each vCPU */
struct bench_vm {
	struct test_vm *vm;
	const struct bench_regs *regs;
	struct kvm_one_reg *reg;
	char *values;
};

/** find_regs() - list the registers that can be accessed before and after a run */
void find_regs(struct bench_regs *regs);

/** bench_vm_init() - allocate the arguments, and read all values for the first time */
void bench_vm_init(struct bench_vm *bvm, struct test_vm *vm, const struct bench_regs *regs);
void bench_vm_free(struct bench_vm *bvm);

/* pass.c */

enum pass_op {
	OP_GET,
	OP_SET,
	OP_EMPTY, /* an ioctl that KVM refuses */
	OP_NOTHING, /* the bare loop */
	OP_CREATE,
	OP_DESTROY,
	OP_CALL,
};

extern const char *const op_names[];

struct pass {
	const struct bench_vm *bvm;
	enum pass_op op;
	enum reg_class class;
	unsigned int first, end; /* vCPUs */
};

/* Threads, one for each vCPU */
struct pool;

void start_thread(pthread_t *thread, void *(*run)(void *), void *arg);
struct pool *pool_start(unsigned int nr);
void pool_stop(struct pool *pool);

/**
 * time_pass() - nanoseconds that a batch of passes takes
 * @pool: NULL, or threads that make the pass for one vCPU each; then the time is from
 *        the start of the first to the end of the last
 */
double time_pass(struct pool *pool, const struct pass *pass, unsigned long batch);

/* measure.c */

/* What one line of the output says */
struct measurement {
	enum pass_op op;
	enum reg_class class;
	bool each; /* one thread for each vCPU, not one for all */
	bool busy; /* guests make hypercalls meanwhile */
	unsigned int vcpus, accessed, runners;
	unsigned long accesses; /* of a pass */
	unsigned long batch, empty_batch; /* passes in a sample */
	unsigned int slice, next; /* vCPUs accessed in a sample, and the first of the next one */
	unsigned int every; /* a sample is taken every so many rounds */
	double *cost_sample, *ns_sample, *empty_sample;
	unsigned int nr_samples;
	/* results */
	struct summary cost; /* of a pass, in empty ioctls */
	struct summary ns; /* of a pass */
	double empty_ns; /* wall-clock time of an empty ioctl in these threads under this load */
	double overhead; /* the share of the clock and the loop, in percent */
};

/* The benchmark's own costs, and its unit */
struct floor {
	double clock_ns; /* of reading the clock */
	double loop_ns; /* of an access to nothing */
	double empty_ns; /* of an empty ioctl, one thread, idle VM */
};

struct host {
	struct utsname uts;
	char midr[32]; /* of the first CPU */
	const char *mode; /* of KVM */
	long cpus;
};

struct bench {
	struct options opt;
	struct host host;
	struct bench_regs regs;
	struct floor floor;
	struct measurement *measurement;
	unsigned int nr_measurements;
	double begin;
};

/** add_measurement() - append a copy of @m with room for samples */
void add_measurement(struct bench *bench, const struct measurement *m, unsigned int nr_samples);

/** put_sample() - add the times of a batch of passes and of one of empty ioctls */
void put_sample(struct measurement *m, double ns, double empty_ns);

/** finish_measurements() - compute the results of the measurements from @first on */
void finish_measurements(struct bench *bench, unsigned int first);

void measure_floor(struct bench *bench);

/** measure_size() - measure everything for VMs of @nr vCPUs */
void measure_size(struct bench *bench, unsigned int nr);

/* calls.c */

/* A vCPU that makes hypercalls in a thread of its own */
struct runner;

/** runners_start() - start the last @nr vCPUs; returns once all of them run */
struct runner *runners_start(struct test_vm *vm, unsigned int nr);
void runners_stop(struct runner *runner, unsigned int nr);

/** measure_calls() - measure the cost of a hypercall */
void measure_calls(struct bench *bench);

/* output.c */

void find_host(struct host *host);
void table_head(const struct bench *bench, FILE *f);
void table_line(const struct bench *bench, const struct measurement *m, FILE *f);

/** write_to() - write all results in the format that was asked for */
void write_to(const struct bench *bench, FILE *f);

/** write_output() - the same to the file of --output, all of it or nothing */
void write_output(const struct bench *bench);

#endif /* REG_ACCESS_BENCH_H */
