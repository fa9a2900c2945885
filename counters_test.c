// SPDX-License-Identifier: GPL-2.0
/*
 * counters_test: what the counters of a guest show, and PTP, against the host's own counter.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/api.rst 4.138       KVM_ARM_SET_COUNTER_OFFSET
 *   Documentation/virt/kvm/api.rst 4.68, 4.69  counters that are written and read
 *   Documentation/virt/kvm/arm/ptp_kvm.rst     PTP
 *   Arm ARM D12.1, D12.2                       one count for all CPUs, which never falls
 *
 * No document states where the counters of a VM start whose VMM does not say so. KVM has the
 * virtual one start at zero as the VM is made, and the physical one be the host's; with guests
 * at EL2 both are, since those have CNTVOFF_EL2. Guests rely on it: a clock that starts
 * elsewhere is another machine to them.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "abi.h"
#include "expect.h"
#include "guest_regs.h"
#include "host.h"
#include "host_counter.h"
#include "vgic.h"
#include "vm.h"

enum {
	VIRTUAL,
	PHYSICAL,
	NR_COUNTERS
};

static const struct counter {
	const char *name, *reg_name;
	u64 guest, synced; /* as the guest reads it; the latter with FEAT_ECV */
	u64 reg; /* as user space does */
	u64 ptp;
} counters[NR_COUNTERS] = {
	[VIRTUAL] = { "CNTVCT_EL0", "KVM_REG_ARM_TIMER_CNT", ABI_CNTVCT_EL0, ABI_CNTVCTSS_EL0,
		      ABI_REG_TIMER_CNT, ABI_PTP_VIRTUAL },
	[PHYSICAL] = { "CNTPCT_EL0", "KVM_REG_ARM_PTIMER_CNT", ABI_CNTPCT_EL0, ABI_CNTPCTSS_EL0,
		       ABI_REG_PTIMER_CNT, ABI_PTP_PHYSICAL },
};

/*
 * What the host's counter is ahead of the guest's, modulo 2^64. KVM chose it at a moment
 * between two readings of the host's, so that two bounds are known.
 */
struct offset {
	u64 low, high;
};

struct counted_vm {
	struct test_vm *vm;
	struct offset offset[NR_COUNTERS];
	bool has_reg[NR_COUNTERS];
};

/* A count that was read between two readings of the host's counter */
static void expect_count(struct __test_metadata *_metadata, const char *how, unsigned int cpu,
			 u64 count, u64 before, u64 after, const struct offset *offset)
{
	u64 low = before - offset->high, high = after - offset->low;

	EXPECT_TRUE(count - low <= high - low)
	{
		TH_LOG("%s on vCPU %u: %#lx; expected %#lx to %#lx, the host's %#lx to %#lx less the offset %#lx to %#lx",
		       how, cpu, count, low, high, before, after, offset->low, offset->high);
		count_failure(_metadata);
	}
}

/* KVM runs no guest at EL2 without a vGIC, and adds no vCPU to a VM with one */
static void make_ready(struct test_vm *vm)
{
	if (!vm->at_el2 || vm->vgic_fd >= 0)
		return;
	vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	vgic_init(vm);
}

static void expect_guest_counts(struct __test_metadata *_metadata, struct counted_vm *counted,
				unsigned int cpu)
{
	struct guest_reg access[2 * NR_COUNTERS] = { 0 };
	struct guest_result res;
	u64 before, after;
	unsigned int i;

	for (i = 0; i < NR_COUNTERS; i++) {
		access[i].id = counters[i].guest;
		access[NR_COUNTERS + i].id = counters[i].synced;
	}
	before = host_counter();
	guest_regs(counted->vm, cpu, access, ARRAY_SIZE(access), &res);
	after = host_counter();
	expect_end(_metadata, "MRS of the counters", &res);
	for (i = 0; i < NR_COUNTERS; i++) {
		EXPECT_EQ(GUEST_REG_DONE, access[i].how)
		{
			TH_LOG("MRS %s on vCPU %u: %s; expected a value", counters[i].name, cpu,
			       guest_reg_str(&access[i]));
		}
		expect_count(_metadata, i == VIRTUAL ? "MRS CNTVCT_EL0" : "MRS CNTPCT_EL0", cpu,
			     access[i].val, before, after, &counted->offset[i]);
		if (guest_reg_is_undef(&access[NR_COUNTERS + i]))
			continue;
		expect_count(_metadata, i == VIRTUAL ? "MRS CNTVCTSS_EL0" : "MRS CNTPCTSS_EL0", cpu,
			     access[NR_COUNTERS + i].val, before, after, &counted->offset[i]);
	}
}

static void expect_user_counts(struct __test_metadata *_metadata, struct counted_vm *counted,
			       unsigned int cpu)
{
	u64 before, after, count;
	unsigned int i;

	for (i = 0; i < NR_COUNTERS; i++) {
		if (!counted->has_reg[i])
			continue;
		before = host_counter();
		count = reg_get(counted->vm->vcpu[cpu], counters[i].reg);
		after = host_counter();
		expect_count(_metadata, counters[i].reg_name, cpu, count, before, after,
			     &counted->offset[i]);
	}
}

static void expect_all_guests_count(struct __test_metadata *_metadata, struct counted_vm *counted)
{
	unsigned int cpu;

	make_ready(counted->vm);
	for (cpu = 0; cpu < counted->vm->nr_vcpus; cpu++)
		expect_guest_counts(_metadata, counted, cpu);
}

static void expect_all_users_count(struct __test_metadata *_metadata, struct counted_vm *counted)
{
	unsigned int cpu;

	for (cpu = 0; cpu < counted->vm->nr_vcpus; cpu++)
		expect_user_counts(_metadata, counted, cpu);
}

static int __set_offset(struct kvm_vm *kvm, u64 offset, u64 reserved)
{
	struct kvm_arm_counter_offset arg = { .counter_offset = offset, .reserved = reserved };

	return ioctl_err(__vm_ioctl(kvm, KVM_ARM_SET_COUNTER_OFFSET, &arg));
}

static void expect_set_offset(struct __test_metadata *_metadata, struct kvm_vm *kvm, u64 offset,
			      int want_err)
{
	expect_err(_metadata, "KVM_ARM_SET_COUNTER_OFFSET", offset, want_err,
		   __set_offset(kvm, offset, 0));
}

/* Both counters have this offset from now on */
static void set_offset(struct __test_metadata *_metadata, struct counted_vm *counted, u64 offset)
{
	unsigned int i;

	expect_set_offset(_metadata, counted->vm->kvm, offset, 0);
	for (i = 0; i < NR_COUNTERS; i++)
		counted->offset[i] = (struct offset){ offset, offset };
}

/* The counters go on from these values, as a VMM restores them */
static void restore_counts(struct __test_metadata *_metadata, struct counted_vm *counted,
			   const u64 count[NR_COUNTERS])
{
	struct offset *offset = counted->offset;
	unsigned int i;
	u64 before;

	for (i = 0; i < NR_COUNTERS; i++) {
		if (!counted->has_reg[i])
			continue;
		before = host_counter();
		expect_err(_metadata, counters[i].reg_name, count[i], 0,
			   __reg_set(counted->vm->vcpu[0], counters[i].reg, count[i]));
		offset[i].low = before - count[i];
		offset[i].high = host_counter() - count[i];
	}
	/* With EL2 the two differ by CNTVOFF_EL2, which is 0 here, so that they stay equal */
	if (counted->vm->at_el2 && count[VIRTUAL] == count[PHYSICAL]) {
		offset[VIRTUAL].high = offset[PHYSICAL].high;
		offset[PHYSICAL].low = offset[VIRTUAL].low;
	}
}

/* Where the counters of a VM start */
static void create(struct counted_vm *counted, unsigned int nr_vcpus)
{
	u64 before = host_counter();
	unsigned int i;

	counted->vm = test_vm_create(nr_vcpus, 0, VM_NO_VGIC);
	if (!counted->vm->at_el2)
		counted->offset[VIRTUAL] = (struct offset){ before, host_counter() };
	for (i = 0; i < NR_COUNTERS; i++)
		counted->has_reg[i] = reg_listed(counted->vm->vcpu[0], counters[i].reg);
}

FIXTURE(counters)
{
	struct counted_vm counted;
};

FIXTURE_VARIANT(counters)
{
	bool by_offset, by_reg; /* what the VMM chose them by */
	u64 offset;
	u64 count[NR_COUNTERS];
};

/* clang-format off */
FIXTURE_VARIANT_ADD(counters, untouched) { 0 };
FIXTURE_VARIANT_ADD(counters, offset_zero) { .by_offset = true, .offset = 0 };
FIXTURE_VARIANT_ADD(counters, offset_small) { .by_offset = true, .offset = 0x123456 };
FIXTURE_VARIANT_ADD(counters, offset_ahead) { .by_offset = true, .offset = -(1ULL << 40) };
FIXTURE_VARIANT_ADD(counters, offset_beyond_the_host) { .by_offset = true, .offset = 1ULL << 52 };
FIXTURE_VARIANT_ADD(counters, restored) { .by_reg = true, .count = { 1ULL << 41, 1ULL << 41 } };
FIXTURE_VARIANT_ADD(counters, restored_apart) { .by_reg = true, .count = { 1ULL << 43, 1ULL << 42 } };
/* clang-format on */

FIXTURE_SETUP(counters)
{
	if (variant->by_offset && !kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		SKIP(return, "this kernel has no KVM_CAP_COUNTER_OFFSET");
	/* One state of a VM that no one can have saved; reg_restore_test has the others */
	if (guest_at_el2 && variant->count[VIRTUAL] != variant->count[PHYSICAL])
		SKIP(return, "the counters of a guest at EL2 differ by CNTVOFF_EL2 alone");
	create(&self->counted, 2);
	if (variant->by_offset)
		set_offset(_metadata, &self->counted, variant->offset);
	if (variant->by_reg)
		restore_counts(_metadata, &self->counted, variant->count);
}

FIXTURE_TEARDOWN(counters)
{
	test_vm_free(self->counted.vm);
}

/* Also of vCPUs that do not run for the first time, and once others ran */
TEST_F(counters, guests_read_the_host_counter_less_the_offset)
{
	expect_all_guests_count(_metadata, &self->counted);
	expect_all_guests_count(_metadata, &self->counted);
}

TEST_F(counters, user_space_reads_the_host_counter_less_the_offset)
{
	expect_all_users_count(_metadata, &self->counted);
	expect_all_guests_count(_metadata, &self->counted);
	expect_all_users_count(_metadata, &self->counted);
}

TEST_F(counters, ptp_answers_the_host_counter_less_the_offset)
{
	struct test_vm *vm = self->counted.vm;
	struct guest_result res;
	struct fw_config cfg;
	unsigned int cpu, i;
	u64 before, after;

	host_fw(&cfg);
	if (!(cfg.present[BMAP_VENDOR_HYP] & ABI_VENDOR_HYP_PTP))
		SKIP(return, "this kernel has no PTP service");
	if (!cfg.counter_clock)
		SKIP(return, "the host's clock is not the Arm counter");
	make_ready(vm);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		for (i = 0; i < NR_COUNTERS; i++) {
			const u64 in[8] = { ABI_KVM_PTP, counters[i].ptp };

			before = host_counter();
			guest_call(vm->vcpu[cpu], guest_conduit(vm), in, &res);
			after = host_counter();
			expect_end(_metadata, "PTP", &res);
			expect_count(_metadata, i == VIRTUAL ? "PTP(virtual)" : "PTP(physical)",
				     cpu, res.x[2] << 32 | (u32)res.x[3], before, after,
				     &self->counted.offset[i]);
		}
	}
}

/* A VMM resets a vCPU so, and the time of its guest goes on */
TEST_F(counters, go_on_over_vcpu_init)
{
	unsigned int cpu;

	expect_all_guests_count(_metadata, &self->counted);
	for (cpu = 0; cpu < self->counted.vm->nr_vcpus; cpu++) {
		test_vcpu_reinit(self->counted.vm, cpu);
		expect_all_users_count(_metadata, &self->counted);
	}
	expect_all_guests_count(_metadata, &self->counted);
}

/*
 * KVM_CREATE_VCPU adds a vCPU to a VM [api.rst 4.7], and writes no register of another one. A
 * VMM may restore counters before it has made all vCPUs.
 */
TEST_F(counters, go_on_as_a_vcpu_is_added_before_the_run)
{
	test_vm_add_vcpu(self->counted.vm);
	/* No one chose where the virtual counter starts, and no guest has seen it */
	if (!variant->by_offset && !variant->by_reg && !guest_at_el2)
		self->counted.offset[VIRTUAL].high = host_counter();
	expect_all_users_count(_metadata, &self->counted);
	expect_all_guests_count(_metadata, &self->counted);
}

/* The count that a guest sees rolls over in 40 years at the earliest [Arm ARM D12.1.2] */
TEST_F(counters, go_on_as_a_vcpu_is_added_after_the_run)
{
	if (guest_at_el2)
		SKIP(return, "a VM with an initialised vGIC takes no more vCPUs");
	expect_guest_counts(_metadata, &self->counted, 0);
	test_vm_add_vcpu(self->counted.vm);
	expect_all_users_count(_metadata, &self->counted);
	/* Not the new one: KVM in protected mode refuses it, since the VM has run without */
	expect_guest_counts(_metadata, &self->counted, 0);
}

/* The counters of two VMs that take turns on a CPU are their own */
TEST_F(counters, another_vm_has_its_own)
{
	struct counted_vm other = { 0 };
	unsigned int i;

	create(&other, 1);
	if (variant->by_offset)
		set_offset(_metadata, &other, ~variant->offset);
	for (i = 0; i < 2; i++) {
		expect_all_guests_count(_metadata, &self->counted);
		expect_all_guests_count(_metadata, &other);
	}
	expect_all_users_count(_metadata, &self->counted);
	expect_all_users_count(_metadata, &other);
	test_vm_free(other.vm);
}

/* CNTVOFF_EL2, which a guest at EL2 has, is subtracted from the virtual counter, too */
FIXTURE(own_offset)
{
	struct counted_vm counted;
};

FIXTURE_SETUP(own_offset)
{
	if (!guest_at_el2)
		SKIP(return, "a guest at EL1 has no CNTVOFF_EL2");
	create(&self->counted, 2);
}

FIXTURE_TEARDOWN(own_offset)
{
	test_vm_free(self->counted.vm);
}

/* But not where it is read at EL2, with HCR_EL2.E2H set [Arm ARM D12.2.2] */
TEST_F(own_offset, is_subtracted_from_the_virtual_counter_below_el2)
{
	static const u64 offsets[] = { 0x1234567, 1ULL << 40 };
	unsigned int cpu;

	expect_all_guests_count(_metadata, &self->counted);
	for (cpu = 0; cpu < 2; cpu++) {
		reg_set(self->counted.vm->vcpu[cpu], ABI_CNTVOFF_EL2, offsets[cpu]);
		self->counted.offset[VIRTUAL] = (struct offset){ offsets[cpu], offsets[cpu] };
		expect_user_counts(_metadata, &self->counted, cpu);
	}
	self->counted.offset[VIRTUAL] = (struct offset){ 0 };
	expect_all_guests_count(_metadata, &self->counted);
}

/* The VMM chose an offset [api.rst 4.138] */
FIXTURE(offset)
{
	struct counted_vm counted;
};

#define OFFSET 0x9876543210ULL

FIXTURE_SETUP(offset)
{
	if (!kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		SKIP(return, "this kernel has no KVM_CAP_COUNTER_OFFSET");
	create(&self->counted, 2);
	set_offset(_metadata, &self->counted, OFFSET);
}

FIXTURE_TEARDOWN(offset)
{
	test_vm_free(self->counted.vm);
}

/* "No error will be returned, but the resulting offset will not be applied" */
static void write_in_vain(struct __test_metadata *_metadata, struct counted_vm *counted)
{
	static const u64 counts[] = { 0, 1ULL << 40, ~0ULL };
	unsigned int cpu, i, n;

	for (cpu = 0; cpu < counted->vm->nr_vcpus; cpu++) {
		for (i = 0; i < NR_COUNTERS; i++) {
			for (n = 0; n < ARRAY_SIZE(counts); n++) {
				expect_err(_metadata, counters[i].reg_name, counts[n], 0,
					   __reg_set(counted->vm->vcpu[cpu], counters[i].reg,
						     counts[n]));
				expect_all_users_count(_metadata, counted);
			}
		}
	}
}

TEST_F(offset, later_writes_of_the_counters_are_taken_and_ignored)
{
	write_in_vain(_metadata, &self->counted);
	expect_all_guests_count(_metadata, &self->counted);
	write_in_vain(_metadata, &self->counted);
	expect_all_guests_count(_metadata, &self->counted);
}

/* It also outranks counters that were written before */
TEST_F(offset, another_offset_takes_its_place)
{
	static const u64 offsets[] = { 1, 0, ~0ULL, 1ULL << 63, OFFSET };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		set_offset(_metadata, &self->counted, offsets[i]);
		expect_all_users_count(_metadata, &self->counted);
		expect_all_guests_count(_metadata, &self->counted);
	}
}

TEST_F(offset, takes_the_place_of_counters_that_were_written)
{
	static const u64 count[NR_COUNTERS] = { 1ULL << 44, 1ULL << 44 };
	struct counted_vm counted = { 0 };

	create(&counted, 1);
	restore_counts(_metadata, &counted, count);
	set_offset(_metadata, &counted, OFFSET);
	expect_all_users_count(_metadata, &counted);
	expect_all_guests_count(_metadata, &counted);
	test_vm_free(counted.vm);
}

/* "The offset always applies to all vcpus (already created or created after this ioctl)" */
TEST_F(offset, applies_though_there_is_no_vcpu_yet)
{
	struct test_vm vm = { .kvm = bare_vm_create(0), .nr_vcpus = 1 };
	struct counted_vm counted = { .vm = &vm, .has_reg = { true, true } };
	struct kvm_vcpu_init init;

	set_offset(_metadata, &counted, OFFSET);
	vm.vcpu[0] = __vm_vcpu_add(vm.kvm, 0);
	vm_ioctl(vm.kvm, KVM_ARM_PREFERRED_TARGET, &init);
	vcpu_ioctl(vm.vcpu[0], KVM_ARM_VCPU_INIT, &init);
	expect_user_counts(_metadata, &counted, 0);
	kvm_vm_free(vm.kvm);
}

/* The document has that it "may result in an error"; KVM leaves no bit of it open */
TEST_F(offset, reserved_field_is_zero)
{
	static const u64 reserved[] = { 1, 1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		expect_err(_metadata, "KVM_ARM_SET_COUNTER_OFFSET with a reserved field",
			   reserved[i], -EINVAL,
			   __set_offset(self->counted.vm->kvm, ~OFFSET, reserved[i]));
		expect_all_users_count(_metadata, &self->counted);
	}
	expect_all_guests_count(_metadata, &self->counted);
}

TEST_F(offset, bad_pointer_is_a_fault)
{
	struct kvm_vm *kvm = self->counted.vm->kvm;
	struct kvm_arm_counter_offset *bad = unmapped_page(_metadata);

	expect_err(_metadata, "KVM_ARM_SET_COUNTER_OFFSET from a bad pointer", (unsigned long)bad,
		   -EFAULT, ioctl_err(__vm_ioctl(kvm, KVM_ARM_SET_COUNTER_OFFSET, bad)));
	expect_all_users_count(_metadata, &self->counted);
}

/* "can also return -EBUSY if any vcpu ioctl is issued concurrently": KVM_RUN of either vCPU */
TEST_F(offset, is_busy_while_a_vcpu_runs)
{
	struct test_vm *vm = self->counted.vm;
	struct guest_spinner spinner;
	unsigned int cpu;

	make_ready(vm);
	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		guest_spin_start(vm, cpu, &spinner);
		expect_set_offset(_metadata, vm->kvm, ~OFFSET, -EBUSY);
		guest_spin_stop(&spinner);
		expect_end(_metadata, "a loop", &spinner.res);
		expect_all_users_count(_metadata, &self->counted);
	}
	expect_all_guests_count(_metadata, &self->counted);
	set_offset(_metadata, &self->counted, 2 * OFFSET);
	expect_all_guests_count(_metadata, &self->counted);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
