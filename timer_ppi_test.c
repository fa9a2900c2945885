// SPDX-License-Identifier: GPL-2.0
/*
 * timer_ppi_test: which interrupt numbers user space may choose for the timers, and when.
 * timer_irq_test has that the guest finds the interrupt under that number.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/devices/vcpu.rst 2  KVM_ARM_VCPU_TIMER_CTRL
 *   Documentation/virt/kvm/api.rst 4.79, 4.80  errors of attributes
 */
#include <errno.h>
#include <limits.h>

#include "harness.h"

#include "expect.h"
#include "timer_expect.h"
#include "vgic_expect.h"

static bool has_ppi(struct kvm_vcpu *vcpu, enum timer_id id)
{
	return !__vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_TIMER_GROUP, timers[id].attr, NULL);
}

/* All vCPUs have these PPIs, those without an attribute aside */
static void expect_ppis(struct __test_metadata *_metadata, struct test_vm *vm,
			const int want[NR_TIMERS])
{
	unsigned int cpu, id;

	for (cpu = 0; cpu < vm->nr_vcpus; cpu++) {
		for (id = 0; id < NR_TIMERS; id++) {
			int ppi[2] = { -1, -1 };
			int err;

			if (!has_ppi(vm->vcpu[cpu], id))
				continue;
			err = __vcpu_attr(vm->vcpu[cpu], KVM_GET_DEVICE_ATTR, ABI_TIMER_GROUP,
					  timers[id].attr, ppi);
			EXPECT_TRUE(!err && ppi[0] == want[id] && ppi[1] == -1)
			{
				TH_LOG("KVM_GET_DEVICE_ATTR of %s on vCPU %u: %s, %d; expected 0, %d",
				       timers[id].name, cpu, err_str(err), ppi[0], want[id]);
				count_failure(_metadata);
			}
		}
	}
}

static void default_ppis(int ppi[NR_TIMERS])
{
	unsigned int id;

	for (id = 0; id < NR_TIMERS; id++)
		ppi[id] = timers[id].ppi;
}

FIXTURE(ppi)
{
	struct test_vm *vm;
	int want[NR_TIMERS];
};

FIXTURE_VARIANT(ppi)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(ppi, v3) { V3 };
FIXTURE_VARIANT_ADD(ppi, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(ppi)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = vm_at(_metadata, variant->type, 2, 0, AFTER_INIT);
	default_ppis(self->want);
}

FIXTURE_TEARDOWN(ppi)
{
	test_vm_free(self->vm);
}

/* The EL1 timers have an attribute in all releases, those of EL2 in later ones */
TEST_F(ppi, is_the_documented_one_by_default)
{
	unsigned int cpu, id;

	for (cpu = 0; cpu < 2; cpu++) {
		for (id = 0; id < HVTIMER; id++) {
			EXPECT_TRUE(has_ppi(self->vm->vcpu[cpu], id))
			{
				TH_LOG("KVM_HAS_DEVICE_ATTR of %s: not there; expected it to be",
				       timers[id].name);
			}
		}
	}
	expect_ppis(_metadata, self->vm, self->want);
	/* a run changes nothing */
	run_once(_metadata, self->vm, 1);
	expect_ppis(_metadata, self->vm, self->want);
}

/* "Setting the interrupt number on a VCPU configures all VCPUs created at that time" */
TEST_F(ppi, every_ppi_can_be_chosen_for_all_vcpus)
{
	unsigned int cpu, id;
	int ppi;

	for (id = 0; id < NR_TIMERS; id++) {
		if (!has_ppi(self->vm->vcpu[0], id))
			continue;
		for (ppi = ABI_PPI_FIRST; ppi <= ABI_PPI_LAST; ppi++) {
			cpu = ppi % 2;
			set_ppi(_metadata, self->vm->vcpu[cpu], id, ppi, 0);
			self->want[id] = ppi;
			expect_ppis(_metadata, self->vm, self->want);
		}
	}
}

/* "These must be a PPI (16 <= intid < 32)" */
TEST_F(ppi, other_interrupts_are_invalid)
{
	static const int bad[] = { 0, 1, 15, 32, 33, 127, 1019, 1023, 8192, 27 << 8, -1, INT_MIN };
	unsigned int id, i;

	for (id = 0; id < NR_TIMERS; id++) {
		if (!has_ppi(self->vm->vcpu[0], id))
			continue;
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			set_ppi(_metadata, self->vm->vcpu[i % 2], id, bad[i], -EINVAL);
	}
	expect_ppis(_metadata, self->vm, self->want);
}

/* "-EBUSY: One or more VCPUs has already run", whichever vCPU it is set through */
TEST_F(ppi, change_is_busy_once_a_vcpu_has_run)
{
	unsigned int cpu, id;

	run_once(_metadata, self->vm, 1);
	for (id = 0; id < NR_TIMERS; id++) {
		if (!has_ppi(self->vm->vcpu[0], id))
			continue;
		for (cpu = 0; cpu < 2; cpu++)
			set_ppi(_metadata, self->vm->vcpu[cpu], id, timers[id].other, -EBUSY);
	}
	expect_ppis(_metadata, self->vm, self->want);
}

/* "Setting the same PPI for different timers will prevent the VCPUs from running" */
TEST_F(ppi, same_for_two_timers_prevents_the_run)
{
	unsigned int a, b, cpu;

	for (a = 0; a < nr_timers(); a++) {
		for (b = a + 1; b < nr_timers(); b++) {
			struct test_vm *vm = vm_at(_metadata, variant->type, 2, 0, AFTER_INIT);
			struct guest_result res;

			set_ppi(_metadata, vm->vcpu[1], b, timers[a].ppi, 0);
			for (cpu = 0; cpu < 2; cpu++) {
				guest_load(vm->vcpu[cpu], VM_RAM_DATA, 8, &res);
				EXPECT_EQ(GUEST_ERROR, res.end)
				{
					TH_LOG("vCPU %u, with PPI %d for %s and %s: the guest %s; expected KVM_RUN to fail",
					       cpu, timers[a].ppi, timers[a].name, timers[b].name,
					       guest_end_str(&res));
				}
			}
			test_vm_free(vm);
		}
	}
}

/*
 * All others can run. A guest at EL1 has the first two timers alone, so that those of EL2 take
 * no PPI away from it.
 */
TEST_F(ppi, any_different_ones_run)
{
	static const int ppis[][NR_TIMERS] = {
		{ 28, 26, 27, 30 }, { 30, 27, 26, 28 }, { 16, 17, 18, 19 },
		{ 31, 30, 29, 28 }, { 17, 16, 31, 24 },
	};
	unsigned int i, id, cpu;

	for (i = 0; i < ARRAY_SIZE(ppis); i++) {
		struct test_vm *vm = vm_at(_metadata, variant->type, 2, 0, AFTER_INIT);

		for (id = 0; id < nr_timers(); id++) {
			set_ppi(_metadata, vm->vcpu[id % 2], id, ppis[i][id], 0);
			self->want[id] = ppis[i][id];
		}
		for (cpu = 0; cpu < 2; cpu++) {
			struct guest_result res;

			guest_load(vm->vcpu[cpu], VM_RAM_DATA, 8, &res);
			EXPECT_EQ(GUEST_DONE, res.end)
			{
				TH_LOG("vCPU %u, with PPI %d for %s and %d for %s: the guest %s; expected it to run",
				       cpu, ppis[i][VTIMER], timers[VTIMER].name, ppis[i][PTIMER],
				       timers[PTIMER].name, guest_end_str(&res));
			}
		}
		expect_ppis(_metadata, vm, self->want);
		test_vm_free(vm);
	}
}

TEST_F(ppi, attribute_errors)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	static const u64 unknown[] = { NR_TIMERS, 5, 0x100, 1ULL << 32, ~0ULL };
	void *bad = unmapped_page(_metadata);
	int ppi = ABI_PPI_FIRST;
	unsigned int i, id;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		expect_err(_metadata, "KVM_HAS_DEVICE_ATTR of an unknown attribute", unknown[i],
			   -ENXIO,
			   __vcpu_attr(vcpu, KVM_HAS_DEVICE_ATTR, ABI_TIMER_GROUP, unknown[i],
				       NULL));
		expect_err(_metadata, "KVM_SET_DEVICE_ATTR of an unknown attribute", unknown[i],
			   -ENXIO,
			   __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_TIMER_GROUP, unknown[i],
				       &ppi));
		expect_err(_metadata, "KVM_GET_DEVICE_ATTR of an unknown attribute", unknown[i],
			   -ENXIO,
			   __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_TIMER_GROUP, unknown[i],
				       &ppi));
	}
	for (id = 0; id < NR_TIMERS; id++) {
		if (!has_ppi(vcpu, id))
			continue;
		expect_err(_metadata, "KVM_SET_DEVICE_ATTR from a bad pointer", timers[id].attr,
			   -EFAULT,
			   __vcpu_attr(vcpu, KVM_SET_DEVICE_ATTR, ABI_TIMER_GROUP, timers[id].attr,
				       bad));
		expect_err(_metadata, "KVM_GET_DEVICE_ATTR to a bad pointer", timers[id].attr,
			   -EFAULT,
			   __vcpu_attr(vcpu, KVM_GET_DEVICE_ATTR, ABI_TIMER_GROUP, timers[id].attr,
				       bad));
	}
	expect_ppis(_metadata, self->vm, self->want);
}

/*
 * The number is that of a timer "when connected to an in-kernel virtual GIC"; no document says
 * what it is without one. KVM refuses it, so that a VMM sees that it forgot the vGIC.
 */
FIXTURE(no_vgic)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(no_vgic)
{
	self->vm = test_vm_create(1, 0, VM_NO_VGIC);
}

FIXTURE_TEARDOWN(no_vgic)
{
	test_vm_free(self->vm);
}

TEST_F(no_vgic, ppi_is_invalid)
{
	int want[NR_TIMERS];

	default_ppis(want);
	set_ppi(_metadata, self->vm->vcpu[0], VTIMER, ABI_PPI_FIRST, -EINVAL);
	set_ppi(_metadata, self->vm->vcpu[0], PTIMER, ABI_PPI_FIRST, -EINVAL);
	expect_ppis(_metadata, self->vm, want);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
