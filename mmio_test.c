// SPDX-License-Identifier: GPL-2.0
/*
 * mmio_test: loads and stores of a guest in AArch64 where no memory is, which user space completes.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 5     KVM_EXIT_MMIO, immediate_exit
 *   Documentation/virt/kvm/api.rst 4.32  KVM_SET_VCPU_EVENTS
 *   Arm DDI0487 (Arm ARM) C6.2           loads and stores, by size, sign and register
 *   Arm DDI0487 (Arm ARM) D24.2          SCTLR_ELx.EE and E0E
 *
 * What a guest in AArch32 does is in aarch32_emulation_test, accesses that fail in guest_abort_test.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "events_expect.h"
#include "guest_code.h"
#include "vm.h"

#define RN 22 /* the register with the address */
#define ZR 31 /* the number of the zero register */

FIXTURE(mmio)
{
	struct test_vm *vm;
	struct kvm_vcpu *vcpu;
	bool big; /* the guest's data is big-endian */
};

FIXTURE_VARIANT(mmio)
{
	bool el0, big;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(mmio, little) { false, false };
FIXTURE_VARIANT_ADD(mmio, big) { false, true };
FIXTURE_VARIANT_ADD(mmio, el0_little) { true, false };
FIXTURE_VARIANT_ADD(mmio, el0_big) { true, true };
/* clang-format on */

/*
 * The byte order of the guest's data: EE is that of the level, E0E that of EL0. The one that is not
 * in force says the opposite
 */
static void set_byte_order(struct test_vm *vm, bool el0, bool big)
{
	u64 id = vm->at_el2 ? ABI_SCTLR_EL2 : ABI_SCTLR_EL1;
	u64 in_force = el0 ? ABI_SCTLR_E0E : ABI_SCTLR_EE;
	u64 both = ABI_SCTLR_E0E | ABI_SCTLR_EE;

	reg_set(vm->vcpu[0], id,
		(reg_get(vm->vcpu[0], id) & ~both) | (big ? in_force : both & ~in_force));
}

FIXTURE_SETUP(mmio)
{
	if (guest_at_el2 && variant->el0)
		SKIP(return, "guests at EL2 have their EL0 below EL1");
	self->vm = test_vm_create(1, 0, 0);
	self->vcpu = self->vm->vcpu[0];
	if (variant->big && !(reg_get(self->vcpu, ABI_ID_AA64MMFR0_EL1) >> 8 & 0xf))
		SKIP(return, "this host's CPUs are little-endian only");
	self->big = variant->big;
	set_byte_order(self->vm, variant->el0, variant->big);
	if (variant->el0)
		reg_set(self->vcpu, ABI_PSTATE, PSTATE_DAIF);
}

FIXTURE_TEARDOWN(mmio)
{
	test_vm_free(self->vm);
}

/* An access of Rt at [Xn], by its encoding with Rt and Rn 0 */
static const struct access {
	const char *name;
	u32 insn;
	unsigned int len;
	bool sign; /* the sign is extended */
	bool wide; /* Rt has 64 bits */
} stores[] = {
	{ "STRB", 0x39000000, 1, false, false },
	{ "STRH", 0x79000000, 2, false, false },
	{ "STR of W", 0xb9000000, 4, false, false },
	{ "STR of X", 0xf9000000, 8, false, true },
}, loads[] = {
	{ "LDRB", 0x39400000, 1, false, false },
	{ "LDRH", 0x79400000, 2, false, false },
	{ "LDR of W", 0xb9400000, 4, false, false },
	{ "LDR of X", 0xf9400000, 8, false, true },
	{ "LDRSB of W", 0x39c00000, 1, true, false },
	{ "LDRSH of W", 0x79c00000, 2, true, false },
	{ "LDRSB of X", 0x39800000, 1, true, true },
	{ "LDRSH of X", 0x79800000, 2, true, true },
	{ "LDRSW", 0xb9800000, 4, true, true },
};

static const unsigned int rts[] = { 0, 7, 18, 30, ZR };

/* What is in memory, of which the first byte and the last one have the sign or not */
static const u8 patterns[][8] = {
	{ 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8 },
	{ 0x71, 0x62, 0x53, 0x44, 0x35, 0x26, 0x17, 0x08 },
	{ 0x01, 0xfe, 0x02, 0xfd, 0x03, 0xfc, 0x04, 0xfb },
	{ 0xff, 0x00, 0xff, 0x7f, 0x80, 0x00, 0x00, 0x00 },
};

static u64 marked(unsigned int n)
{
	return 0xa5c30f1e00000000ULL + 0x01010101ULL * n;
}

/* @len bytes, as the guest's data is ordered */
static u64 value_of(const u8 *data, unsigned int len, bool big)
{
	u64 val = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		val |= (u64)data[i] << 8 * (big ? len - 1 - i : i);
	return val;
}

/* What a load leaves in the register [Arm ARM C6.2] */
static u64 loaded(const struct access *a, u64 val)
{
	if (a->sign && val >> (8 * a->len - 1) & 1)
		val |= ~0ULL << (8 * a->len - 1);
	return a->wide ? val : val & 0xffffffff;
}

/* The exit of an access by Rt @rt at @ipa, or the test ends */
static void start_access(struct __test_metadata *_metadata, struct test_vm *vm,
			 const struct access *a, bool write, unsigned int rt, u64 ipa)
{
	const u32 insn = a->insn | RN << 5 | rt;
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct kvm_run *run = vcpu->run;
	struct guest_result res;
	unsigned int n;

	guest_code_prepare(vm, 0, &insn, sizeof(insn));
	for (n = 0; n <= 30; n++)
		if (n != 19 && n != 20)
			vcpu_x_set(vcpu, n, n == RN ? ipa : marked(n));
	guest_run(vcpu, &res);
	ASSERT_TRUE(res.end == GUEST_EXIT && res.reason == KVM_EXIT_MMIO &&
		    run->mmio.phys_addr == ipa && run->mmio.len == a->len &&
		    run->mmio.is_write == write)
	{
		TH_LOG("%s at %#lx: the guest %s, a %s of %u bytes at %#llx; expected KVM_EXIT_MMIO, a %s of %u at that address",
		       a->name, ipa, guest_end_str(&res), run->mmio.is_write ? "write" : "read",
		       run->mmio.len, run->mmio.phys_addr, write ? "write" : "read", a->len);
	}
}

/* All registers but @rt are as start_access() made them */
static void expect_kept(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			const struct access *a, unsigned int rt)
{
	unsigned int n;

	for (n = 0; n <= 30; n++) {
		if (n == rt || n == RN || n == 19 || n == 20)
			continue;
		EXPECT_EQ(marked(n), vcpu_x_get(vcpu, n))
		{
			TH_LOG("X%u after %s of register %u: %#lx; expected %#lx, as before", n,
			       a->name, rt, vcpu_x_get(vcpu, n), marked(n));
			count_failure(_metadata);
		}
	}
}

static void expect_loaded(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			  const struct access *a, unsigned int rt, u64 want)
{
	EXPECT_TRUE(rt == ZR || vcpu_x_get(vcpu, rt) == want)
	{
		TH_LOG("X%u after %s: %#lx; expected %#lx", rt, a->name, vcpu_x_get(vcpu, rt),
		       want);
		count_failure(_metadata);
	}
}

/* Each in another place of its page, and that in another one */
static u64 place(unsigned int n, unsigned int len)
{
	return VM_NO_MEMORY + n * 0x1000 + (n * 40 & 0xff8) + len;
}

/*
 * "data contains, in its first len bytes, the value as it would appear if the VCPU performed a load
 * or store of the appropriate width directly to the byte array"
 */
TEST_F(mmio, stores_have_the_bytes_in_the_guests_order)
{
	struct guest_result res;
	unsigned int i, r;

	for (i = 0; i < ARRAY_SIZE(stores); i++) {
		const struct access *a = &stores[i];

		for (r = 0; r < ARRAY_SIZE(rts); r++) {
			u64 mask = ~0ULL >> (64 - 8 * a->len), val;
			u64 want = rts[r] == ZR ? 0 : marked(rts[r]) & mask;

			start_access(_metadata, self->vm, a, true, rts[r], place(i + r, a->len));
			val = value_of(self->vcpu->run->mmio.data, a->len, self->big);
			EXPECT_EQ(want, val)
			{
				TH_LOG("%s of register %u: data is %#lx to the guest; expected %#lx",
				       a->name, rts[r], val, want);
				count_failure(_metadata);
			}
			guest_run(self->vcpu, &res);
			expect_end(_metadata, a->name, &res);
			expect_kept(_metadata, self->vcpu, a, ZR);
		}
	}
}

static void expect_load(struct __test_metadata *_metadata, struct test_vm *vm,
			const struct access *a, unsigned int rt, u64 ipa, const u8 data[8],
			bool big)
{
	struct kvm_vcpu *vcpu = vm->vcpu[0];
	struct guest_result res;

	start_access(_metadata, vm, a, false, rt, ipa);
	memcpy(vcpu->run->mmio.data, data, 8);
	guest_run(vcpu, &res);
	expect_end(_metadata, a->name, &res);
	expect_loaded(_metadata, vcpu, a, rt, loaded(a, value_of(data, a->len, big)));
	expect_kept(_metadata, vcpu, a, rt);
}

static void expect_loads(struct __test_metadata *_metadata, struct test_vm *vm, bool sign, bool big)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(loads); i++)
		for (n = 0; n < ARRAY_SIZE(patterns) && loads[i].sign == sign; n++)
			expect_load(_metadata, vm, &loads[i], rts[(i + n) % ARRAY_SIZE(rts)],
				    place(i + n, loads[i].len), patterns[n], big);
}

TEST_F(mmio, loads_give_the_bytes_in_the_guests_order)
{
	expect_loads(_metadata, self->vm, false, self->big);
}

/* "A load ... of the appropriate width", which is signed, into a register of 32 or 64 bits */
TEST_F(mmio, signed_loads_extend_the_sign)
{
	expect_loads(_metadata, self->vm, true, self->big);
}

static void complete(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	struct guest_result res;

	vcpu->run->immediate_exit = 1;
	guest_run_once(vcpu, &res);
	vcpu->run->immediate_exit = 0;
	EXPECT_EQ(-EINTR, res.err)
	{
		TH_LOG("KVM_RUN with immediate_exit: the guest %s; expected EINTR",
		       guest_end_str(&res));
	}
}

static void expect_pc(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 want,
		      const char *when)
{
	EXPECT_EQ(want, reg_get(vcpu, ABI_PC))
	{
		TH_LOG("PC %s: %#lx; expected %#lx", when, reg_get(vcpu, ABI_PC), want);
	}
}

/*
 * "Userspace can re-enter the guest ... with the immediate_exit field set to complete pending
 * operations without allowing any further instructions to be executed": once, however often
 */
TEST_F(mmio, immediate_exit_completes_a_load_once)
{
	const struct access *a = &loads[3];
	u64 want = value_of(patterns[0], 8, self->big);
	u64 next = guest_code_ipa() + sizeof(u32);
	struct guest_result res;
	unsigned int round;

	start_access(_metadata, self->vm, a, false, 7, place(3, 8));
	memcpy(self->vcpu->run->mmio.data, patterns[0], 8);
	for (round = 0; round < 3; round++) {
		complete(_metadata, self->vcpu);
		expect_pc(_metadata, self->vcpu, next, "after KVM_RUN with immediate_exit");
		expect_loaded(_metadata, self->vcpu, a, 7, want);
		expect_kept(_metadata, self->vcpu, a, 7);
		/* What is in data by now is no concern of the guest any more */
		memset(self->vcpu->run->mmio.data, 0x5a, 8);
		/* What the VMM writes stays, and so the operation is not done again */
		want = ~want;
		vcpu_x_set(self->vcpu, 7, want);
	}
	guest_run(self->vcpu, &res);
	expect_end(_metadata, "what follows the load", &res);
	expect_loaded(_metadata, self->vcpu, a, 7, want);
}

/* A VMM may restore or make an SError at any exit: the access is completed all the same */
TEST_F(mmio, serror_that_is_made_pending_meanwhile_changes_nothing)
{
	const struct kvm_vcpu_events event = { .exception.serror_pending = 1 };
	const struct kvm_vcpu_events none = { 0 };
	const struct kvm_vcpu_events *const events[] = { &none, &event };
	const struct access *a = &loads[3];
	struct guest_result res;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(events); n++) {
		start_access(_metadata, self->vm, a, false, 7, place(n, 8));
		memcpy(self->vcpu->run->mmio.data, patterns[n], 8);
		events_set(_metadata, self->vcpu, events[n]);
		guest_run(self->vcpu, &res);
		expect_end(_metadata, "a load, and a masked SError that is made pending", &res);
		expect_loaded(_metadata, self->vcpu, a, 7, value_of(patterns[n], 8, self->big));
		expect_kept(_metadata, self->vcpu, a, 7);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
