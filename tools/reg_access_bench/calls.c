// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: guests that make hypercalls, as a load or to be measured.
 *
 * Measured is a hypercall in guest_sweep(), which hypercalls_sweep_test uses, against one in
 * the shortest loop there is, in a VM with one vCPU.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"
#include "bench.h"
#include "guest.h"
#include "kvm_reg.h"
#include "vm.h"

/* A function id that neither KVM nor the VMM serves, nor those after it */
#define UNSERVED_CALL (ABI_FAST_CALL | (ABI_NR_OWNERS - 1) << ABI_OWNER_SHIFT)

#define RUNNER_CALLS 1024 /* after so many a runner looks whether it must stop */
#define CALLS_A_SAMPLE 512
#define MAX_CALL_SAMPLES 9 /* on an emulated machine, where a sample takes long */

static void check_end(const struct guest_result *res)
{
	if (res->end != GUEST_DONE)
		die(KSFT_FAIL, "a guest that made hypercalls %s; expected that it came back",
		    guest_end_str(res));
}

static void sweep(struct kvm_vcpu *vcpu, unsigned int nr, struct guest_result *res)
{
	struct guest_sweep ids = { .next = UNSERVED_CALL, .last = UNSERVED_CALL + nr - 1 };

	guest_sweep(vcpu, CONDUIT_HVC, &ids, res);
}

struct runner {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	unsigned long rounds;
	bool stop;
	struct guest_result res;
};

static void *runner_run(void *arg)
{
	struct runner *self = arg;

	while (!__atomic_load_n(&self->stop, __ATOMIC_RELAXED)) {
		sweep(self->vcpu, RUNNER_CALLS, &self->res);
		__atomic_add_fetch(&self->rounds, 1, __ATOMIC_RELEASE);
		if (self->res.end != GUEST_DONE)
			break;
	}
	return NULL;
}

struct runner *runners_start(struct test_vm *vm, unsigned int nr)
{
	struct runner *runner = calloc(nr, sizeof(*runner));
	unsigned int i;

	if (!runner)
		die(KSFT_FAIL, "no memory for %u guests", nr);
	for (i = 0; i < nr; i++) {
		runner[i].vcpu = vm->vcpu[vm->nr_vcpus - nr + i];
		start_thread(&runner[i].thread, runner_run, &runner[i]);
	}
	for (i = 0; i < nr; i++) {
		while (!__atomic_load_n(&runner[i].rounds, __ATOMIC_ACQUIRE))
			usleep(1000);
	}
	return runner;
}

void runners_stop(struct runner *runner, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		__atomic_store_n(&runner[i].stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < nr; i++) {
		pthread_join(runner[i].thread, NULL);
		check_end(&runner[i].res);
	}
	free(runner);
}

/* w21: the function id, x22: how often. Ends like an operation of lib/guest_page.S. */
static const u32 call_loop[] = {
	0x2a1503e0, /* 1: mov w0, w21 */
	0xd4000002, /*    hvc #0 */
	0xf10006d6, /*    subs x22, x22, #1 */
	0x54ffffa1, /*    b.ne 1b */
	0xb900029f, /*    str wzr, [x20] */
	0xd61f0260, /*    br x19 */
};

static double time_call_loop(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	double begin;

	vcpu_x_set(vcpu, 19, VM_RAM_DATA);
	vcpu_x_set(vcpu, 21, UNSERVED_CALL);
	vcpu_x_set(vcpu, 22, CALLS_A_SAMPLE);
	begin = now_ns();
	guest_run(vcpu, res);
	return now_ns() - begin;
}

static double time_sweep(struct kvm_vcpu *vcpu, struct guest_result *res)
{
	double begin = now_ns();

	sweep(vcpu, CALLS_A_SAMPLE, res);
	return now_ns() - begin;
}

void measure_calls(struct bench *bench)
{
	const unsigned int first = bench->nr_measurements;
	const int warmup = bench->opt.warmup;
	int rounds = bench->opt.repeat;
	struct test_vm *vm = test_vm_create(1, 0, 0);
	struct measurement m = {
		.op = OP_CALL, .vcpus = 1, .accessed = 1, .accesses = CALLS_A_SAMPLE
	};
	struct guest_result res;
	struct bench_vm bvm;
	struct pass pass = { &bvm, OP_EMPTY, CLASS_VM, 0, 1 };
	double ns, empty_ns;
	unsigned int i;
	int round;

	if (bench->opt.emulated && rounds > MAX_CALL_SAMPLES)
		rounds = MAX_CALL_SAMPLES;
	/* Nothing has run yet: KVM cleans the caches of a page when it first maps it */
	memcpy(test_vm_ram(vm, VM_RAM_DATA), call_loop, sizeof(call_loop));
	bench_vm_init(&bvm, vm, &bench->regs);
	m.class = CLASS_HVC;
	add_measurement(bench, &m, rounds);
	m.class = CLASS_SWEEP;
	add_measurement(bench, &m, rounds);
	for (round = -warmup; round < rounds; round++) {
		for (i = 0; i < 2; i++) {
			ns = i ? time_sweep(vm->vcpu[0], &res) : time_call_loop(vm->vcpu[0], &res);
			check_end(&res);
			empty_ns = time_pass(NULL, &pass, CALLS_A_SAMPLE);
			if (round >= 0)
				put_sample(&bench->measurement[first + i], ns, empty_ns);
		}
	}
	finish_measurements(bench, first);
	test_vm_free(vm);
	bench_vm_free(&bvm);
}
