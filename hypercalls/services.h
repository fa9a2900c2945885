/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercalls_test: the services in depth, with every register untouched.
 */

static void do_call(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id, u64 arg,
		    u64 x[4])
{
	const u64 in[8] = { id, arg };
	struct guest_result res;

	guest_call(vcpu, guest_conduit(), in, &res);
	expect_end(_metadata, "a call", &res);
	memcpy(x, res.x, sizeof(res.x));
}

static void expect_x(struct __test_metadata *_metadata, u32 id, u64 arg, const u64 x[4], u64 x0,
		     u64 x1, u64 x2, u64 x3)
{
	EXPECT_TRUE(x[0] == x0 && x[1] == x1 && x[2] == x2 && x[3] == x3)
	{
		TH_LOG("call %#x with x1 %#lx answered x0-x3 %#lx %#lx %#lx %#lx", id, arg, x[0],
		       x[1], x[2], x[3]);
		TH_LOG("  expected %#lx %#lx %#lx %#lx", x0, x1, x2, x3);
	}
}

static void expect_call_x0(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u32 id,
			   u64 arg, u64 x0)
{
	u64 x[4];

	do_call(_metadata, vcpu, id, arg, x);
	expect_x(_metadata, id, arg, x, x0, 0, 0, 0);
}

/* TRNG [DEN0098] */

FIXTURE(trng)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(trng)
{
	u32 id;
	unsigned int width; /* of a result register, bits */
	unsigned int max; /* of a request, bits */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(trng, rnd32) { ABI_TRNG_RND32, 32, ABI_TRNG_RND32_MAX };
FIXTURE_VARIANT_ADD(trng, rnd64) { ABI_TRNG_RND64, 64, ABI_TRNG_RND64_MAX };
/* clang-format on */

FIXTURE_SETUP(trng)
{
	struct fw_config cfg;

	fw_probe(&cfg);
	if (!(cfg.present[BMAP_STD] & ABI_STD_TRNG))
		SKIP(return, "this kernel has no TRNG service");
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(trng)
{
	test_vm_free(self->vm);
}

/* Random bit n of an answer: the lowest ones are in x3, the next in x2, then x1 */
static unsigned int rnd_bit(const FIXTURE_VARIANT(trng) * trng, const u64 x[4], unsigned int n)
{
	return x[3 - n / trng->width] >> n % trng->width & 1;
}

static void draw(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		 const FIXTURE_VARIANT(trng) * trng, unsigned int bits, u64 x[4])
{
	unsigned int i, spare = 0;

	do_call(_metadata, vcpu, trng->id, bits, x);
	for (i = bits; i < 3 * trng->width; i++)
		spare |= rnd_bit(trng, x, i);
	if (trng->width == 32)
		spare |= (x[1] | x[2] | x[3]) >> 32;

	EXPECT_TRUE(x[0] == ABI_SUCCESS && !spare)
	{
		TH_LOG("call %#x for %u bits answered x0-x3 %#lx %#lx %#lx %#lx; expected x0 0 and no bit from %u on",
		       trng->id, bits, x[0], x[1], x[2], x[3], bits);
	}
}

/*
 * Every size, once: the bits beyond it are zero. The last bit within it is one
 * in some draw: were it always lost, all of 96 or more draws would show zero.
 */
TEST_F(trng, every_size_up_to_the_limit_is_served)
{
	unsigned int bits, last_seen = 0;
	u64 x[4];

	for (bits = 0; bits <= variant->max; bits++) {
		draw(_metadata, self->vm->vcpu[0], variant, bits, x);
		if (bits)
			last_seen += rnd_bit(variant, x, bits - 1);
	}
	EXPECT_NE(0, last_seen)
	{
		TH_LOG("call %#x: the highest requested bit was zero at every size", variant->id);
	}
}

TEST_F(trng, sizes_above_the_limit_are_invalid)
{
	static const u32 far[] = { 256, 512, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i, bits;

	for (bits = variant->max + 1; bits <= ABI_TRNG_RND64_MAX + 8; bits++)
		expect_call_x0(_metadata, self->vm->vcpu[0], variant->id, bits, ABI_TRNG_INVALID);
	for (i = 0; i < ARRAY_SIZE(far); i++)
		expect_call_x0(_metadata, self->vm->vcpu[0], variant->id, far[i], ABI_TRNG_INVALID);
}

/*
 * Each bit takes both values in 64 draws, but for one case in 2^55 or so, and no
 * draw is like the one before.
 */
TEST_F(trng, every_bit_is_random)
{
	bool seen[2][ABI_TRNG_RND64_MAX] = { 0 };
	u64 x[4], prev[4] = { 0 };
	unsigned int i, n;

	for (i = 0; i < 64; i++) {
		draw(_metadata, self->vm->vcpu[0], variant, variant->max, x);
		EXPECT_NE(0, memcmp(x, prev, sizeof(x)))
		{
			TH_LOG("call %#x drew %#lx %#lx %#lx twice", variant->id, x[1], x[2], x[3]);
		}
		for (n = 0; n < variant->max; n++)
			seen[rnd_bit(variant, x, n)][n] = true;
		memcpy(prev, x, sizeof(prev));
	}
	for (n = 0; n < variant->max; n++) {
		EXPECT_TRUE(seen[0][n] && seen[1][n])
		{
			TH_LOG("call %#x: bit %u was %u in all of 64 draws", variant->id, n,
			       seen[1][n]);
		}
	}
}

/* Two guests do not draw alike */
TEST_F(trng, vms_draw_differently)
{
	struct test_vm *other = test_vm_create(1, 0, 0);
	u64 x[4], y[4];

	draw(_metadata, self->vm->vcpu[0], variant, variant->max, x);
	draw(_metadata, other->vcpu[0], variant, variant->max, y);
	EXPECT_NE(0, memcmp(x, y, sizeof(x)));
	test_vm_free(other);
}

/* Stolen time [pvtime.rst, DEN0057] */

#define PV_TIME_SIZE 64 /* bytes between two structures in these tests */

FIXTURE(pv_time)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(pv_time)
{
	struct fw_config cfg;

	fw_probe(&cfg);
	if (!(cfg.present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME))
		SKIP(return, "this kernel has no PV time service");
	self->vm = test_vm_create(2, 0, 0);
	/* whatever the host leaves in memory, the structure has to start at zero */
	memset(test_vm_ram(self->vm, VM_RAM_DATA), 0xa5, 3 * PV_TIME_SIZE);
}

FIXTURE_TEARDOWN(pv_time)
{
	test_vm_free(self->vm);
}

static int set_ipa(struct kvm_vcpu *vcpu, u64 ipa)
{
	return __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, &ipa);
}

static u64 ram_load(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa,
		    unsigned int size)
{
	struct guest_result res;

	guest_load(vcpu, ipa, size, &res);
	expect_end(_metadata, "a load", &res);
	return res.x[0];
}

/* Both probes and the call itself, of a vCPU whose IPA is set or is not (0) */
static void expect_pv_time(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa)
{
	u64 probe = ipa ? ABI_SUCCESS : ABI_NOT_SUPPORTED;

	expect_call_x0(_metadata, vcpu, ABI_ARCH_FEATURES, ABI_PV_TIME_FEATURES, ABI_SUCCESS);
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_FEATURES, ABI_PV_TIME_FEATURES, probe);
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_FEATURES, ABI_PV_TIME_ST, probe);
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_FEATURES, 0, ABI_NOT_SUPPORTED);
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_ST, 0, ipa ?: ABI_NOT_SUPPORTED);
}

TEST_F(pv_time, waits_for_the_ipa_of_each_vcpu)
{
	const u64 ipa0 = VM_RAM_DATA, ipa1 = VM_RAM_DATA + 2 * PV_TIME_SIZE;
	struct kvm_vcpu **vcpu = self->vm->vcpu;

	expect_pv_time(_metadata, vcpu[0], 0);
	expect_pv_time(_metadata, vcpu[1], 0);
	EXPECT_EQ(0, set_ipa(vcpu[0], ipa0));
	expect_pv_time(_metadata, vcpu[0], ipa0);
	expect_pv_time(_metadata, vcpu[1], 0);
	EXPECT_EQ(0, set_ipa(vcpu[1], ipa1));
	expect_pv_time(_metadata, vcpu[0], ipa0);
	expect_pv_time(_metadata, vcpu[1], ipa1);
}

TEST_F(pv_time, bad_ipas_are_refused)
{
	static const u64 bad[] = {
		/* not aligned to 64 bytes */
		VM_RAM_DATA + 1,
		VM_RAM_DATA + 8,
		VM_RAM_DATA + 16,
		VM_RAM_DATA + 32,
		VM_RAM_DATA + 63,
		/* not in a memslot */
		0,
		VM_NO_MEMORY,
		VM_EXIT_PORT,
		VM_RAM_BASE - 64,
		VM_RAM_BASE + VM_RAM_SIZE,
		1ULL << 40,
		1ULL << 63,
		~0ULL << 6,
	};
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_err(_metadata, "KVM_ARM_VCPU_PVTIME_IPA", bad[i], -EINVAL,
			   set_ipa(vcpu, bad[i]));
		expect_call_x0(_metadata, vcpu, ABI_PV_TIME_ST, 0, ABI_NOT_SUPPORTED);
	}
	/* the last structure that memory has room for */
	expect_err(_metadata, "KVM_ARM_VCPU_PVTIME_IPA", VM_RAM_BASE + VM_RAM_SIZE - 64, 0,
		   set_ipa(vcpu, VM_RAM_BASE + VM_RAM_SIZE - 64));
}

TEST_F(pv_time, ipa_is_set_once)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 got = 0;

	EXPECT_EQ(0, set_ipa(vcpu, VM_RAM_DATA));
	expect_err(_metadata, "the same IPA again", VM_RAM_DATA, -EEXIST,
		   set_ipa(vcpu, VM_RAM_DATA));
	expect_err(_metadata, "another IPA", VM_RAM_DATA + 64, -EEXIST,
		   set_ipa(vcpu, VM_RAM_DATA + 64));
	EXPECT_EQ(0,
		  __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, &got));
	EXPECT_EQ(VM_RAM_DATA, got)
	{
		TH_LOG("KVM_ARM_VCPU_PVTIME_IPA reads %#lx; expected %#llx", got, VM_RAM_DATA);
	}
	expect_pv_time(_metadata, vcpu, VM_RAM_DATA);
}

TEST_F(pv_time, attribute_errors)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	void *bad = unmapped_page(_metadata);
	u64 ipa = VM_RAM_DATA;

	EXPECT_EQ(0,
		  __vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, NULL));
	EXPECT_EQ(-EFAULT,
		  __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, bad));
	EXPECT_EQ(-EFAULT,
		  __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, bad));
	EXPECT_EQ(-ENXIO, __vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_GROUP,
				      ABI_PV_TIME_IPA + 1, NULL));
	EXPECT_EQ(-ENXIO, __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP,
				      ABI_PV_TIME_IPA + 1, &ipa));
	EXPECT_EQ(-ENXIO, __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_PV_TIME_GROUP,
				      ABI_PV_TIME_IPA + 1, &ipa));
	expect_pv_time(_metadata, vcpu, 0);
}

TEST_F(pv_time, structure_starts_at_zero)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	const u64 ipa = VM_RAM_DATA + PV_TIME_SIZE;
	const unsigned char *host = test_vm_ram(self->vm, ipa);
	int i;

	ASSERT_EQ(0, set_ipa(vcpu, ipa));
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_ST, 0, ipa);
	EXPECT_EQ(0, ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_REVISION, 4));
	EXPECT_EQ(0, ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_ATTRIBUTES, 4));
	/* no more than a second can have been stolen in the two runs since */
	EXPECT_GT(1000000000, ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_STOLEN, 8));

	for (i = 0; i < PV_TIME_SIZE; i++) {
		EXPECT_EQ(0xa5, host[i - PV_TIME_SIZE])
		{
			TH_LOG("KVM wrote %d bytes before the structure", PV_TIME_SIZE - i);
		}
		EXPECT_EQ(0xa5, host[i + PV_TIME_SIZE])
		{
			TH_LOG("KVM wrote %d bytes behind the structure", i);
		}
	}
}

/* Nanoseconds this thread waited for a CPU: the second number of schedstat */
static u64 run_delay(struct __test_metadata *_metadata)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	unsigned long delay = 0;

	ASSERT_NE(NULL, file);
	EXPECT_EQ(1, fscanf(file, "%*u %lu", &delay));
	fclose(file);
	return delay;
}

static void *burn(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
		;
	return NULL;
}

/* Wait until other threads took at least 3 ms more of the CPU from this one */
static void lose_time(struct __test_metadata *_metadata)
{
	u64 goal = run_delay(_metadata) + 3000000;

	while (run_delay(_metadata) < goal)
		sched_yield();
}

/*
 * The time stolen since PV_TIME_ST is the run delay of the vCPU's thread since
 * then. KVM takes it when the vCPU is loaded, so it lies between what the
 * thread itself sees just outside the two runs.
 */
TEST_F(pv_time, stolen_time_is_the_run_delay)
{
	u64 before_st, after_st, before_load, after_load, stolen, prev = 0;
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	pthread_t burner;
	bool stop = false;
	cpu_set_t cpus;
	int i;

	if (access("/proc/thread-self/schedstat", R_OK))
		SKIP(return, "this kernel has no /proc/PID/schedstat");

	ASSERT_EQ(0, set_ipa(vcpu, VM_RAM_DATA));
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
	ASSERT_EQ(0, pthread_create(&burner, NULL, burn, &stop));

	/* what was lost before the guest asked does not count */
	lose_time(_metadata);
	before_st = run_delay(_metadata);
	expect_call_x0(_metadata, vcpu, ABI_PV_TIME_ST, 0, VM_RAM_DATA);
	after_st = run_delay(_metadata);

	for (i = 0; i < 3; i++) {
		lose_time(_metadata);
		before_load = run_delay(_metadata);
		stolen = ram_load(_metadata, vcpu, VM_RAM_DATA + ABI_PV_TIME_STOLEN, 8);
		after_load = run_delay(_metadata);
		EXPECT_TRUE(stolen >= before_load - after_st && stolen <= after_load - before_st)
		{
			TH_LOG("stolen time %lu ns; expected %lu to %lu ns", stolen,
			       before_load - after_st, after_load - before_st);
		}
		EXPECT_GE(stolen, prev);
		prev = stolen;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(burner, NULL));
	EXPECT_EQ(0, ram_load(_metadata, vcpu, VM_RAM_DATA + ABI_PV_TIME_REVISION, 4));
	EXPECT_EQ(0, ram_load(_metadata, vcpu, VM_RAM_DATA + ABI_PV_TIME_ATTRIBUTES, 4));
}

/* PTP [ptp_kvm.rst] */

FIXTURE(ptp)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(ptp)
{
	u64 counter;
	u64 offset; /* of both counters, ticks; 0 leaves KVM's choice */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(ptp, virtual) { .counter = ABI_PTP_VIRTUAL };
FIXTURE_VARIANT_ADD(ptp, physical) { .counter = ABI_PTP_PHYSICAL };
FIXTURE_VARIANT_ADD(ptp, virtual_with_offset) { ABI_PTP_VIRTUAL, 0x123456 };
FIXTURE_VARIANT_ADD(ptp, physical_with_offset) { ABI_PTP_PHYSICAL, 0x123456 };
/* clang-format on */

FIXTURE_SETUP(ptp)
{
	struct kvm_arm_counter_offset offset = { .counter_offset = variant->offset };
	struct fw_config cfg;

	fw_probe(&cfg);
	if (!(cfg.present[BMAP_VENDOR_HYP] & ABI_VENDOR_HYP_PTP))
		SKIP(return, "this kernel has no PTP service");
	if (!cfg.counter_clock)
		SKIP(return, "the host's clock is not the Arm counter");
	if (variant->offset && !kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		SKIP(return, "this kernel has no KVM_CAP_COUNTER_OFFSET");
	self->vm = test_vm_create(1, 0, 0);
	if (variant->offset)
		ASSERT_EQ(0, __vm_ioctl(self->vm->kvm, KVM_ARM_SET_COUNTER_OFFSET, &offset));
}

FIXTURE_TEARDOWN(ptp)
{
	test_vm_free(self->vm);
}

static u64 realtime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Taken within the call: between what the host and the guest read around it */
TEST_F(ptp, time_and_counter_are_of_the_moment)
{
	const u64 in[8] = { ABI_KVM_PTP, variant->counter };
	bool virtual = variant->counter == ABI_PTP_VIRTUAL;
	u64 start, end, time, count, low, high;
	struct guest_result res;
	struct guest_times t;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		start = realtime_ns();
		guest_call_timed(self->vm->vcpu[0], in, &res, &t);
		end = realtime_ns();
		expect_end(_metadata, "PTP", &res);

		EXPECT_EQ(0, (res.x[0] | res.x[1] | res.x[2] | res.x[3]) >> 32);
		time = res.x[0] << 32 | (u32)res.x[1];
		count = res.x[2] << 32 | (u32)res.x[3];
		low = virtual ? t.virt_before : t.phys_before;
		high = virtual ? t.virt_after : t.phys_after;
		EXPECT_TRUE(time >= start && time <= end)
		{
			TH_LOG("PTP time %lu ns; the host's clock read %lu before, %lu after", time,
			       start, end);
		}
		EXPECT_TRUE(count >= low && count <= high)
		{
			TH_LOG("PTP %s counter %#lx; the guest read %#lx before, %#lx after",
			       virtual ? "virtual" : "physical", count, low, high);
		}
	}
}

TEST_F(ptp, other_counters_are_not_supported)
{
	static const u32 args[] = { 2, 3, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		expect_call_x0(_metadata, self->vm->vcpu[0], ABI_KVM_PTP, args[i],
			       ABI_NOT_SUPPORTED);
}
