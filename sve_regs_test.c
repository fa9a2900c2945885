// SPDX-License-Identifier: GPL-2.0
/*
 * sve_regs_test: the vector lengths of a vCPU with SVE, and its Z, P and FFR registers, as user
 * space and as the guest have them.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.68  KVM_SET_ONE_REG: SVE registers, KVM_REG_ARM64_SVE_VLS
 *   Documentation/virt/kvm/api.rst 4.82  KVM_ARM_VCPU_INIT: KVM_ARM_VCPU_SVE
 *   Arm DDI0487 (Arm ARM) D24.2          ZCR_EL1.LEN
 *
 * Which of them are listed, and when they can be accessed, is in get_reg_list_test.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest_core.h"
#include "vm.h"
#include "vm_config.h"

#define VLS_WORDS 8
#define MAX_VQ (64 * VLS_WORDS)
#define VQ_BYTES 16

/* A set of vector lengths: bit vq - 1 is the length of vq quadwords */
struct vls {
	u64 word[VLS_WORDS];
};

static bool vls_has(const struct vls *vls, unsigned int vq)
{
	return vls->word[(vq - 1) / 64] >> (vq - 1) % 64 & 1;
}

static void vls_flip(struct vls *vls, unsigned int vq)
{
	vls->word[(vq - 1) / 64] ^= 1ULL << (vq - 1) % 64;
}

static unsigned int vls_max(const struct vls *vls)
{
	unsigned int vq;

	for (vq = MAX_VQ; vq && !vls_has(vls, vq); vq--)
		;
	return vq;
}

/* Those of a set that are no longer than @max */
static struct vls vls_up_to(const struct vls *vls, unsigned int max)
{
	struct vls part = *vls;
	unsigned int vq;

	for (vq = max + 1; vq <= MAX_VQ; vq++)
		if (vls_has(&part, vq))
			vls_flip(&part, vq);
	return part;
}

static struct vls vls_get(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	struct vls vls;

	memset(&vls, 0xa5, sizeof(vls));
	ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS, &vls));
	return vls;
}

/* Write @vls, expect @want_err, and read @then back */
static void expect_vls(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		       const struct vls *vls, int want_err, const struct vls *then,
		       const char *what, unsigned int vq)
{
	int err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS, vls);
	struct vls now = vls_get(_metadata, vcpu);

	EXPECT_EQ(want_err, err)
	{
		TH_LOG("KVM_SET_ONE_REG SVE_VLS to %s, %u quadwords, word 0 %#lx: %s; expected %s",
		       what, vq, vls->word[0], err_str(err), err_str(want_err));
		count_failure(_metadata);
	}
	EXPECT_EQ(0, memcmp(&now, then, sizeof(now)))
	{
		TH_LOG("SVE_VLS after a write of %s, %u quadwords, word 0 %#lx: %#lx and up to %u quadwords; expected %#lx and up to %u",
		       what, vq, vls->word[0], now.word[0], vls_max(&now), then->word[0],
		       vls_max(then));
		count_failure(_metadata);
	}
}

FIXTURE(lengths)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	struct vls host;
};

FIXTURE_SETUP(lengths)
{
	if (config_missing(&vm_configs[CONFIG_SVE]))
		SKIP(return, "this host offers no SVE to guests");
	self->vm = config_vm(CONFIG_SVE, VM_DEFER_FINALIZE);
	self->vcpu = self->vm->vcpu[0];
	self->host = vls_get(_metadata, self->vcpu);
}

FIXTURE_TEARDOWN(lengths)
{
	test_vm_free(self->vm);
}

/* "Simply removing all vector lengths from the host set that exceed some value" */
TEST_F(lengths, longest_ones_may_be_removed)
{
	unsigned int vq;

	for (vq = 1; vq <= vls_max(&self->host); vq++) {
		struct vls part = vls_up_to(&self->host, vq);

		expect_vls(_metadata, self->vcpu, &part, 0, &part, "those of the host up to", vq);
	}
	/* Without any no vCPU runs */
	expect_vls(_metadata, self->vcpu, &(struct vls){ 0 }, -EINVAL, &self->host, "none at all",
		   0);
}

/* "Attempting to configure an invalid set of vector lengths ... will fail with EINVAL" */
TEST_F(lengths, those_that_the_host_lacks_are_invalid)
{
	unsigned int vq;

	for (vq = 1; vq <= MAX_VQ; vq++) {
		struct vls more = self->host, part = vls_up_to(&self->host, vq);

		if (vls_has(&self->host, vq))
			continue;
		vls_flip(&more, vq);
		expect_vls(_metadata, self->vcpu, &more, -EINVAL, &self->host,
			   "those of the host and", vq);
		/* also as the longest */
		vls_flip(&part, vq);
		expect_vls(_metadata, self->vcpu, &part, -EINVAL, &self->host,
			   "those of the host up to, and", vq);
	}
}

/* No document requires it of a host: arbitrary sets "may not be available". KVM has none */
TEST_F(lengths, shorter_ones_cannot_be_removed)
{
	unsigned int vq, max = vls_max(&self->host);

	if (max == 1)
		SKIP(return, "this host has one vector length");
	for (vq = 1; vq < max; vq++) {
		struct vls less = self->host;

		if (!vls_has(&self->host, vq))
			continue;
		vls_flip(&less, vq);
		expect_vls(_metadata, self->vcpu, &less, -EINVAL, &self->host,
			   "those of the host without", vq);
	}
}

TEST_F(lengths, bad_pointers_are_faults)
{
	expect_err(_metadata, "KVM_SET_ONE_REG SVE_VLS from memory that is not there", 0, -EFAULT,
		   __reg_ioctl(self->vcpu, KVM_SET_ONE_REG, ABI_REG_SVE_VLS,
			       unmapped_page(_metadata)));
	expect_err(_metadata, "KVM_GET_ONE_REG SVE_VLS to memory that is not there", 0, -EFAULT,
		   __reg_ioctl(self->vcpu, KVM_GET_ONE_REG, ABI_REG_SVE_VLS,
			       unmapped_page(_metadata)));
	expect_vls(_metadata, self->vcpu, &self->host, 0, &self->host, "those of the host", 0);
}

/* Different bytes for each register, as far as its length goes */
static void make_values(struct guest_sve *sve, unsigned int vl, unsigned int seed)
{
	unsigned int i, n;

	memset(sve, 0, sizeof(*sve));
	sve->vl = vl;
	for (i = 0; i < ARRAY_SIZE(sve->z); i++)
		for (n = 0; n < vl; n++)
			sve->z[i][n] = 7 * n + 29 * i + 101 * seed + 1;
	for (i = 0; i < ARRAY_SIZE(sve->p) - 1; i++)
		for (n = 0; n < vl / 8; n++)
			sve->p[i][n] = 11 * n + 37 * i + 59 * seed + 3;
	/* FFR has ones up to some bit and then zeros [Arm ARM B1.2] */
	memset(sve->p[i], 0xff, vl / 16);
	sve->p[i][vl / 16] = seed & 1 ? 0x07 : 0x3f;
}

static u64 sve_id(unsigned int i)
{
	if (i < 32)
		return ABI_REG_SVE_Z((u64)i);
	return i < 48 ? ABI_REG_SVE_P((u64)i - 32) : ABI_REG_SVE_FFR;
}

static const u8 *sve_val(const struct guest_sve *sve, unsigned int i)
{
	return i < 32 ? sve->z[i] : sve->p[i - 32];
}

#define NR_SVE_REGS (SVE_NR_Z + SVE_NR_P)

static void expect_bytes(struct __test_metadata *_metadata, unsigned int i, const u8 *want,
			 const u8 *val, const char *whose)
{
	unsigned int bytes = i < 32 ? SVE_Z_BYTES : SVE_P_BYTES, n;

	for (n = 0; n < bytes && want[n] == val[n]; n++)
		;
	EXPECT_EQ(bytes, n)
	{
		TH_LOG("%s%u: %s %#x in byte %u; expected %#x", i < 32 ? "Z" : "P", i % 32, whose,
		       val[n], n, want[n]);
		count_failure(_metadata);
	}
}

static void write_all(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
		      const struct guest_sve *sve)
{
	unsigned int i;

	for (i = 0; i < NR_SVE_REGS; i++)
		ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_SET_ONE_REG, sve_id(i), sve_val(sve, i)));
}

/* Of 128-bit vectors, of the longest, and of those in the middle */
static void expect_all(struct __test_metadata *_metadata, const struct vls *vls, unsigned int vq)
{
	struct test_vm *vm = config_vm(CONFIG_SVE, VM_DEFER_FINALIZE);
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct vls part = vls_up_to(vls, vq);
	static struct guest_sve want, sve;
	u8 val[SVE_Z_BYTES];
	struct guest_result res;
	unsigned int i, seed;

	expect_vls(_metadata, vcpu, &part, 0, &part, "those of the host up to", vq);
	ASSERT_EQ(0, __test_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE));
	for (seed = 0; seed < 2; seed++) {
		make_values(&want, vq * VQ_BYTES, seed);
		test_vcpu_complete(vcpu);
		write_all(_metadata, vcpu, &want);
		guest_sve_read(vm, &sve, &res);
		expect_end(_metadata, "stores of all SVE registers", &res);
		ASSERT_EQ(vq * VQ_BYTES, sve.vl)
		{
			TH_LOG("the guest has vectors of %u bytes; expected %u, the longest of SVE_VLS",
			       sve.vl, vq * VQ_BYTES);
		}
		for (i = 0; i < NR_SVE_REGS; i++)
			expect_bytes(_metadata, i, sve_val(&want, i), sve_val(&sve, i),
				     "the guest finds");

		make_values(&want, vq * VQ_BYTES, seed + 2);
		guest_sve_write(vm, &want, &res);
		expect_end(_metadata, "loads of all SVE registers", &res);
		for (i = 0; i < NR_SVE_REGS; i++) {
			memset(val, 0xa5, sizeof(val));
			ASSERT_EQ(0, __reg_ioctl(vcpu, KVM_GET_ONE_REG, sve_id(i), val));
			expect_bytes(_metadata, i, sve_val(&want, i), val, "user space reads");
		}
	}
	test_vm_free(vm);
}

/* What is beyond the length reads as zero, which no document states: it has no other value */
TEST_F(lengths, registers_are_the_same_for_user_space_and_the_guest)
{
	unsigned int vq, max = vls_max(&self->host);

	for (vq = 1; vq <= max; vq = vq < max && 2 * vq > max ? max : 2 * vq)
		if (vls_has(&self->host, vq))
			expect_all(_metadata, &self->host, vq);
}

/* "These encodings are not accepted for SVE-enabled vcpus" */
TEST_F(lengths, vectors_are_no_core_registers)
{
	unsigned int n;
	u64 val[2];

	ASSERT_EQ(0, __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
	for (n = 0; n < 32; n++) {
		u64 id = ABI_REG_CORE_V(n);
		int get = __reg_ioctl(self->vcpu, KVM_GET_ONE_REG, id, val);
		int set = __reg_ioctl(self->vcpu, KVM_SET_ONE_REG, id, val);

		EXPECT_TRUE((get == -EINVAL || get == -ENOENT) &&
			    (set == -EINVAL || set == -ENOENT))
		{
			TH_LOG("KVM_GET_ONE_REG and KVM_SET_ONE_REG of V%u, %#lx: %s, %s; expected EINVAL or ENOENT, since Z%u has it",
			       n, id, err_str(get), err_str(set), n);
			count_failure(_metadata);
		}
	}
}

/* "Access to register IDs where 2048 * slice >= 128 * max_vq will fail with ENOENT" */
TEST_F(lengths, slices_beyond_the_length_do_not_exist)
{
	static u8 val[SVE_Z_BYTES];
	unsigned int i, slice;

	ASSERT_GE(16, vls_max(&self->host));
	ASSERT_EQ(0, __test_vcpu_finalize(self->vcpu, KVM_ARM_VCPU_SVE));
	for (i = 0; i < NR_SVE_REGS; i++) {
		for (slice = 1; slice < 32; slice++) {
			u64 id = sve_id(i) | slice;

			expect_err(_metadata, "KVM_GET_ONE_REG of a slice that does not exist", id,
				   -ENOENT, __reg_ioctl(self->vcpu, KVM_GET_ONE_REG, id, val));
			expect_err(_metadata, "KVM_SET_ONE_REG of a slice that does not exist", id,
				   -ENOENT, __reg_ioctl(self->vcpu, KVM_SET_ONE_REG, id, val));
		}
	}
}

/* "These registers are only accessible on vcpus for which SVE is enabled", on any host */
FIXTURE(no_sve)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(no_sve)
{
	self->vm = config_vm(CONFIG_PLAIN, 0);
}

FIXTURE_TEARDOWN(no_sve)
{
	test_vm_free(self->vm);
}

TEST_F(no_sve, vcpu_has_none_of_the_registers)
{
	static u8 val[SVE_Z_BYTES] = { 1 };
	unsigned int i;

	for (i = 0; i <= NR_SVE_REGS; i++) {
		u64 id = i < NR_SVE_REGS ? sve_id(i) : ABI_REG_SVE_VLS;
		int get = __reg_ioctl(self->vm->vcpu[0], KVM_GET_ONE_REG, id, val);
		int set = __reg_ioctl(self->vm->vcpu[0], KVM_SET_ONE_REG, id, val);

		EXPECT_TRUE((get == -ENOENT || get == -EINVAL) &&
			    (set == -ENOENT || set == -EINVAL))
		{
			TH_LOG("KVM_GET_ONE_REG and KVM_SET_ONE_REG of %#lx on a vCPU without SVE: %s, %s; expected ENOENT or EINVAL",
			       id, err_str(get), err_str(set));
			count_failure(_metadata);
		}
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
