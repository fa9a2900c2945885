// SPDX-License-Identifier: GPL-2.0
/*
 * hypercalls_services_test: TRNG, stolen time and PTP in depth, on VMs whose registers no one
 * wrote.
 *
 * Holds KVM to
 *   Arm DEN0098                                 TRNG
 *   Documentation/virt/kvm/arm/pvtime.rst       stolen time
 *   Documentation/virt/kvm/devices/vcpu.rst, 3  its vCPU attribute
 *   Arm DEN0057                                 its calls and its structure
 *   Documentation/virt/kvm/arm/ptp_kvm.rst      PTP
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "run_delay.h"
#include "vm.h"

static void do_call(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu, u32 id,
		    u64 arg, u64 x[4])
{
	const u64 in[8] = { id, arg };
	struct guest_result res;

	guest_call(vm->vcpu[cpu], guest_conduit(vm), in, &res);
	expect_end(_metadata, smccc_function_str(id), &res);
	memcpy(x, res.x, sizeof(res.x));
}

/* A call that answers x0 = want and zeros in x1 to x3 */
static void expect_call_x0(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   u32 id, u64 arg, u64 want)
{
	u64 x[4];

	do_call(_metadata, vm, cpu, id, arg, x);
	EXPECT_TRUE(x[0] == want && !x[1] && !x[2] && !x[3])
	{
		TH_LOG("%s(%#lx) on vCPU %u answered x0-x3 %#lx %#lx %#lx %#lx; expected %#lx 0 0 0",
		       smccc_function_str(id), arg, cpu, x[0], x[1], x[2], x[3], want);
		count_failure(_metadata);
	}
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

	host_fw(&cfg);
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

static void draw(struct __test_metadata *_metadata, struct test_vm *vm,
		 const FIXTURE_VARIANT(trng) * trng, unsigned int bits, u64 x[4])
{
	unsigned int i, spare = 0;

	do_call(_metadata, vm, 0, trng->id, bits, x);
	for (i = bits; i < 3 * trng->width; i++)
		spare |= rnd_bit(trng, x, i);
	if (trng->width == 32)
		spare |= (x[1] | x[2] | x[3]) >> 32;

	EXPECT_TRUE(x[0] == ABI_SUCCESS && !spare)
	{
		TH_LOG("%s(%u bits) answered x0-x3 %#lx %#lx %#lx %#lx; expected x0 SUCCESS and zeros from bit %u on",
		       smccc_function_str(trng->id), bits, x[0], x[1], x[2], x[3], bits);
		count_failure(_metadata);
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
		draw(_metadata, self->vm, variant, bits, x);
		if (bits)
			last_seen += rnd_bit(variant, x, bits - 1);
	}
	EXPECT_NE(0, last_seen)
	{
		TH_LOG("%s: the last requested bit was 0 at all of %u sizes; expected 1 at some",
		       smccc_function_str(variant->id), variant->max);
	}
}

TEST_F(trng, sizes_above_the_limit_are_invalid)
{
	static const u32 far[] = { 256, 512, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i, bits;

	for (bits = variant->max + 1; bits <= ABI_TRNG_RND64_MAX + 8; bits++)
		expect_call_x0(_metadata, self->vm, 0, variant->id, bits, ABI_TRNG_INVALID);
	for (i = 0; i < ARRAY_SIZE(far); i++)
		expect_call_x0(_metadata, self->vm, 0, variant->id, far[i], ABI_TRNG_INVALID);
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
		draw(_metadata, self->vm, variant, variant->max, x);
		EXPECT_NE(0, memcmp(x, prev, sizeof(x)))
		{
			TH_LOG("%s answered x1-x3 %#lx %#lx %#lx twice; expected other bits in each draw",
			       smccc_function_str(variant->id), x[1], x[2], x[3]);
			count_failure(_metadata);
		}
		for (n = 0; n < variant->max; n++)
			seen[rnd_bit(variant, x, n)][n] = true;
		memcpy(prev, x, sizeof(prev));
	}
	for (n = 0; n < variant->max; n++) {
		EXPECT_TRUE(seen[0][n] && seen[1][n])
		{
			TH_LOG("%s: bit %u was %u in all of 64 draws; expected both values",
			       smccc_function_str(variant->id), n, seen[1][n]);
			count_failure(_metadata);
		}
	}
}

TEST_F(trng, vms_draw_differently)
{
	struct test_vm *other = test_vm_create(1, 0, 0);
	u64 x[4], y[4];

	draw(_metadata, self->vm, variant, variant->max, x);
	draw(_metadata, other, variant, variant->max, y);
	EXPECT_NE(0, memcmp(x, y, sizeof(x)))
	{
		TH_LOG("%s answered x1-x3 %#lx %#lx %#lx on both VMs; expected different bits",
		       smccc_function_str(variant->id), x[1], x[2], x[3]);
	}
	test_vm_free(other);
}

/* Stolen time [pvtime.rst, DEN0057] */

static u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

FIXTURE(pv_time)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(pv_time)
{
	struct fw_config cfg;

	host_fw(&cfg);
	if (!(cfg.present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME))
		SKIP(return, "this kernel has no PV time service");
	self->vm = test_vm_create(2, 0, 0);
	/* The structure must start at zero, whatever is in memory before */
	memset(test_vm_ram(self->vm, VM_RAM_DATA), 0xa5, 3 * ABI_PV_TIME_ALIGN);
}

FIXTURE_TEARDOWN(pv_time)
{
	test_vm_free(self->vm);
}

static void expect_set_ipa(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa,
			   int want_err)
{
	expect_err(_metadata, "KVM_SET_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_IPA", ipa, want_err,
		   __set_stolen_time_ipa(vcpu, ipa));
}

static u64 ram_load(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa,
		    unsigned int size)
{
	struct guest_result res;

	guest_load(vcpu, ipa, size, &res);
	expect_end(_metadata, "a load of stolen time", &res);
	return res.x[0];
}

/* Revision and attributes of the structure are zero [DEN0057 3.2.2] */
static void expect_pv_time_fields(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 ipa)
{
	u64 revision = ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_REVISION, 4);
	u64 attributes = ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_ATTRIBUTES, 4);

	EXPECT_TRUE(!revision && !attributes)
	{
		TH_LOG("the stolen time structure has revision %#lx, attributes %#lx; expected 0, 0",
		       revision, attributes);
	}
}

/* PV_TIME_FEATURES, PV_TIME_ST and ARCH_FEATURES of a vCPU with an IPA, or without (0) */
static void expect_pv_time(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu,
			   u64 ipa)
{
	u64 features = ipa ? ABI_SUCCESS : ABI_NOT_SUPPORTED;

	expect_call_x0(_metadata, vm, cpu, ABI_ARCH_FEATURES, ABI_PV_TIME_FEATURES, ABI_SUCCESS);
	expect_call_x0(_metadata, vm, cpu, ABI_PV_TIME_FEATURES, ABI_PV_TIME_FEATURES, features);
	expect_call_x0(_metadata, vm, cpu, ABI_PV_TIME_FEATURES, ABI_PV_TIME_ST, features);
	expect_call_x0(_metadata, vm, cpu, ABI_PV_TIME_FEATURES, 0, ABI_NOT_SUPPORTED);
	expect_call_x0(_metadata, vm, cpu, ABI_PV_TIME_ST, 0, ipa ?: ABI_NOT_SUPPORTED);
}

TEST_F(pv_time, waits_for_the_ipa_of_each_vcpu)
{
	const u64 ipa0 = VM_RAM_DATA, ipa1 = VM_RAM_DATA + 2 * ABI_PV_TIME_ALIGN;

	expect_pv_time(_metadata, self->vm, 0, 0);
	expect_pv_time(_metadata, self->vm, 1, 0);
	expect_set_ipa(_metadata, self->vm->vcpu[0], ipa0, 0);
	expect_pv_time(_metadata, self->vm, 0, ipa0);
	expect_pv_time(_metadata, self->vm, 1, 0);
	expect_set_ipa(_metadata, self->vm->vcpu[1], ipa1, 0);
	expect_pv_time(_metadata, self->vm, 0, ipa0);
	expect_pv_time(_metadata, self->vm, 1, ipa1);
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
		expect_set_ipa(_metadata, vcpu, bad[i], -EINVAL);
		expect_call_x0(_metadata, self->vm, 0, ABI_PV_TIME_ST, 0, ABI_NOT_SUPPORTED);
	}
	/* the last structure that memory has room for */
	expect_set_ipa(_metadata, vcpu, VM_RAM_BASE + VM_RAM_SIZE - 64, 0);
}

TEST_F(pv_time, ipa_is_set_once)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	u64 got = 0;
	int err;

	expect_set_ipa(_metadata, vcpu, VM_RAM_DATA, 0);
	/* neither the same IPA again nor another one */
	expect_set_ipa(_metadata, vcpu, VM_RAM_DATA, -EEXIST);
	expect_set_ipa(_metadata, vcpu, VM_RAM_DATA + ABI_PV_TIME_ALIGN, -EEXIST);
	err = __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_PV_TIME_GROUP, ABI_PV_TIME_IPA, &got);
	EXPECT_TRUE(!err && got == VM_RAM_DATA)
	{
		TH_LOG("KVM_GET_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_IPA: %s, IPA %#lx; expected 0, IPA %#llx",
		       err_str(err), got, VM_RAM_DATA);
	}
	expect_pv_time(_metadata, self->vm, 0, VM_RAM_DATA);
}

TEST_F(pv_time, attribute_errors)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	void *bad = unmapped_page(_metadata);
	u64 ipa = VM_RAM_DATA;
	const struct {
		const char *what;
		unsigned long cmd;
		u64 attr;
		const void *addr;
		int err;
	} cases[] = {
		{ "KVM_HAS_DEVICE_ATTR of an attribute of KVM_ARM_VCPU_PVTIME_CTRL",
		  KVM_HAS_DEVICE_ATTR, ABI_PV_TIME_IPA, NULL, 0 },
		{ "KVM_SET_DEVICE_ATTR from a bad pointer", KVM_SET_DEVICE_ATTR, ABI_PV_TIME_IPA,
		  bad, -EFAULT },
		{ "KVM_GET_DEVICE_ATTR to a bad pointer", KVM_GET_DEVICE_ATTR, ABI_PV_TIME_IPA, bad,
		  -EFAULT },
		{ "KVM_HAS_DEVICE_ATTR of an unknown attribute", KVM_HAS_DEVICE_ATTR,
		  ABI_PV_TIME_IPA + 1, NULL, -ENXIO },
		{ "KVM_SET_DEVICE_ATTR of an unknown attribute", KVM_SET_DEVICE_ATTR,
		  ABI_PV_TIME_IPA + 1, &ipa, -ENXIO },
		{ "KVM_GET_DEVICE_ATTR of an unknown attribute", KVM_GET_DEVICE_ATTR,
		  ABI_PV_TIME_IPA + 1, &ipa, -ENXIO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_err(_metadata, cases[i].what, cases[i].attr, cases[i].err,
			   __vcpu_attr(vcpu, cases[i].cmd, ABI_PV_TIME_GROUP, cases[i].attr,
				       cases[i].addr));
	expect_pv_time(_metadata, self->vm, 0, 0);
}

TEST_F(pv_time, structure_starts_at_zero)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	const u64 ipa = VM_RAM_DATA + ABI_PV_TIME_ALIGN;
	const unsigned char *host = test_vm_ram(self->vm, ipa);
	u64 stolen, begin, passed;
	int i;

	expect_set_ipa(_metadata, vcpu, ipa, 0);
	begin = clock_ns(CLOCK_MONOTONIC);
	expect_call_x0(_metadata, self->vm, 0, ABI_PV_TIME_ST, 0, ipa);
	expect_pv_time_fields(_metadata, vcpu, ipa);
	stolen = ram_load(_metadata, vcpu, ipa + ABI_PV_TIME_STOLEN, 8);
	passed = clock_ns(CLOCK_MONOTONIC) - begin;
	EXPECT_GE(passed, stolen)
	{
		TH_LOG("stolen time starts at %lu ns; expected no more than the %lu ns since PV_TIME_ST",
		       stolen, passed);
	}

	for (i = 0; i < ABI_PV_TIME_ALIGN; i++) {
		EXPECT_EQ(0xa5, host[i - ABI_PV_TIME_ALIGN])
		{
			TH_LOG("KVM wrote the byte %d before the structure; expected no change",
			       ABI_PV_TIME_ALIGN - i);
			count_failure(_metadata);
		}
		EXPECT_EQ(0xa5, host[i + ABI_PV_TIME_ALIGN])
		{
			TH_LOG("KVM wrote byte %d of those after the structure; expected no change",
			       i);
			count_failure(_metadata);
		}
	}
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
	const char *missing = run_delay_missing();
	struct rival rival;
	int i;

	if (missing)
		SKIP(return, "%s", missing);

	expect_set_ipa(_metadata, vcpu, VM_RAM_DATA, 0);
	rival_start(&rival);

	/* Time that is lost before the call of PV_TIME_ST does not count */
	if (!lose_time())
		SKIP(return, "no other thread took the CPU from this one");
	before_st = run_delay();
	expect_call_x0(_metadata, self->vm, 0, ABI_PV_TIME_ST, 0, VM_RAM_DATA);
	after_st = run_delay();

	for (i = 0; i < 3; i++) {
		if (!lose_time())
			break;
		before_load = run_delay();
		stolen = ram_load(_metadata, vcpu, VM_RAM_DATA + ABI_PV_TIME_STOLEN, 8);
		after_load = run_delay();
		EXPECT_TRUE(stolen >= before_load - after_st && stolen <= after_load - before_st)
		{
			TH_LOG("stolen time %lu ns; expected %lu to %lu ns, the thread's run delay",
			       stolen, before_load - after_st, after_load - before_st);
		}
		EXPECT_GE(stolen, prev)
		{
			TH_LOG("stolen time fell from %lu to %lu ns; expected it to rise", prev,
			       stolen);
		}
		prev = stolen;
	}
	rival_stop(&rival);
	expect_pv_time_fields(_metadata, vcpu, VM_RAM_DATA);
	if (i < 3 && __test_passed(_metadata))
		SKIP(return, "no other thread took the CPU from this one");
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

	host_fw(&cfg);
	if (!(cfg.present[BMAP_VENDOR_HYP] & ABI_VENDOR_HYP_PTP))
		SKIP(return, "this kernel has no PTP service");
	if (!cfg.counter_clock)
		SKIP(return, "the host's clock is not the Arm counter");
	if (variant->offset && !kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		SKIP(return, "this kernel has no KVM_CAP_COUNTER_OFFSET");
	self->vm = test_vm_create(1, 0, 0);
	if (variant->offset)
		expect_err(
			_metadata, "KVM_ARM_SET_COUNTER_OFFSET", variant->offset, 0,
			ioctl_err(__vm_ioctl(self->vm->kvm, KVM_ARM_SET_COUNTER_OFFSET, &offset)));
}

FIXTURE_TEARDOWN(ptp)
{
	test_vm_free(self->vm);
}

/* Both are read within the call, so between the readings of host and guest around it */
TEST_F(ptp, time_and_counter_are_of_the_moment)
{
	const u64 in[8] = { ABI_KVM_PTP, variant->counter };
	bool virtual = variant->counter == ABI_PTP_VIRTUAL;
	u64 start, end, time, count, low, high;
	struct guest_result res;
	struct guest_times t;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		start = clock_ns(CLOCK_REALTIME);
		guest_call_timed(self->vm, 0, in, &res, &t);
		end = clock_ns(CLOCK_REALTIME);
		expect_end(_metadata, "PTP", &res);

		EXPECT_EQ(0, (res.x[0] | res.x[1] | res.x[2] | res.x[3]) >> 32)
		{
			TH_LOG("PTP answered x0-x3 %#lx %#lx %#lx %#lx; expected 32 bits in each",
			       res.x[0], res.x[1], res.x[2], res.x[3]);
		}
		time = res.x[0] << 32 | (u32)res.x[1];
		count = res.x[2] << 32 | (u32)res.x[3];
		low = virtual ? t.virt_before : t.phys_before;
		high = virtual ? t.virt_after : t.phys_after;
		EXPECT_TRUE(time >= start && time <= end)
		{
			TH_LOG("PTP time %lu ns; expected %lu to %lu ns, as the host's clock read before and after",
			       time, start, end);
		}
		EXPECT_TRUE(count >= low && count <= high)
		{
			TH_LOG("PTP %s counter %#lx; expected %#lx to %#lx, as the guest read before and after",
			       virtual ? "virtual" : "physical", count, low, high);
		}
	}
}

TEST_F(ptp, other_counters_are_not_supported)
{
	static const u32 args[] = { 2, 3, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		expect_call_x0(_metadata, self->vm, 0, ABI_KVM_PTP, args[i], ABI_NOT_SUPPORTED);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
