/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: a hypercall as the sweep of hypercalls_test makes it, against the
 * barest loop there is. Both call what nobody serves, in a VM with one vCPU.
 */

#define CALLS_A_SAMPLE 512
#define MAX_CALL_SAMPLES 9 /* long ones, where the machine is emulated */

/* w21: the function id, x22: how often. Ends as an operation of lib/guest_page.S */
static const u32 call_loop[] = {
	0x2a1503e0, /* 1: mov w0, w21 */
	0xd4000002, /*    hvc #0 */
	0xf10006d6, /*    subs x22, x22, #1 */
	0x54ffffa1, /*    b.ne 1b */
	0xb900029f, /*    str wzr, [x20] */
	0xd61f0260, /*    br x19 */
};

static double time_call_loop(struct kvm_vcpu *vcpu, u32 id, struct guest_result *res)
{
	double begin;

	x_set(vcpu, 19, VM_RAM_DATA);
	x_set(vcpu, 21, id);
	x_set(vcpu, 22, CALLS_A_SAMPLE);
	begin = now_ns();
	guest_run(vcpu, res);
	return now_ns() - begin;
}

static double time_sweep(struct kvm_vcpu *vcpu, u32 id, struct guest_result *res)
{
	struct guest_sweep sweep = { .next = id, .last = id + CALLS_A_SAMPLE - 1 };
	double begin = now_ns();

	guest_sweep(vcpu, CONDUIT_HVC, &sweep, res);
	return now_ns() - begin;
}

static void measure_calls(struct bench *bench)
{
	const u32 id = ABI_FAST_CALL | (ABI_NR_OWNERS - 1) << ABI_OWNER_SHIFT;
	const unsigned int first = bench->nr_rows;
	const int warmup = bench->opt.warmup;
	int rounds = bench->opt.repeat;
	struct test_vm *vm = test_vm_create(1, 0, 0);
	struct guest_result res;
	struct bench_vm bvm;
	struct pass pass = { &bvm, OP_EMPTY, CLASS_VM, 0, 1 };
	double ns, empty_ns;
	unsigned int i;
	int round;

	if (bench->opt.emulated && rounds > MAX_CALL_SAMPLES)
		rounds = MAX_CALL_SAMPLES;
	/* nothing has run, so KVM has not shown this page to the guest yet */
	memcpy(test_vm_ram(vm, VM_RAM_DATA), call_loop, sizeof(call_loop));
	bench_vm_init(&bvm, vm, &bench->regs);
	for (i = 0; i < 2; i++) {
		struct row *row = add_row(bench);

		row->op = OP_CALL;
		row->class = i ? CLASS_SWEEP : CLASS_HVC;
		row->vcpus = row->accessed = 1;
		row->accesses = CALLS_A_SAMPLE;
		row_init(row, rounds);
	}
	for (round = -warmup; round < rounds; round++) {
		for (i = 0; i < 2; i++) {
			ns = i ? time_sweep(vm->vcpu[0], id, &res)
			       : time_call_loop(vm->vcpu[0], id, &res);
			if (res.end != GUEST_DONE)
				die(KSFT_FAIL, "a guest that made hypercalls ended: %s",
				    guest_end_str(&res));
			empty_ns = time_pass(NULL, &pass, CALLS_A_SAMPLE);
			if (round >= 0)
				put_sample(&bench->row[first + i], ns, empty_ns);
		}
	}
	for (i = first; i < bench->nr_rows; i++)
		row_finish(&bench->row[i], &bench->floor);
	test_vm_free(vm);
	bench_vm_free(&bvm);
}
