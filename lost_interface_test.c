// SPDX-License-Identifier: GPL-2.0
/*
 * lost_interface_test: the interfaces that kernels of this age have: none is missing.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/fw-pseudo-registers.rst  firmware registers
 *   Documentation/virt/kvm/devices/vm.rst, vcpu.rst     attributes of VMs and vCPUs
 *
 * User space relies on what a release had, so that a later one must have it, too. Other tests
 * skip what a kernel lacks, since it may be older.
 */
#include "harness.h"

#include "expect.h"
#include "interface.h"
#include "vm.h"

FIXTURE(lost)
{
	struct test_vm *vm;
};

FIXTURE_SETUP(lost)
{
	self->vm = test_vm_create(1, 0, 0);
}

FIXTURE_TEARDOWN(lost)
{
	test_vm_free(self->vm);
}

/* Capabilities are left to capabilities_test */
TEST_F(lost, no_interface_that_kernels_of_this_age_have_is_missing)
{
	const struct interface *later[2];
	unsigned int i, nr = 0, there = 0;

	for (i = 0; i < nr_interfaces; i++) {
		const struct interface *row = &interfaces[i];
		bool is;

		if (row->kind == IFACE_CAP)
			continue;
		is = interface_is_there(self->vm, row);
		nr++;
		there += is;
		EXPECT_TRUE(is || !kernel_is_after(self->vm, row->since, later))
		{
			TH_LOG("%s since %u.%u is missing, but this kernel has %s since %u.%u and %s since %u.%u: lost",
			       interface_name(row), row->since / 1000, row->since % 1000,
			       interface_name(later[0]), later[0]->since / 1000,
			       later[0]->since % 1000, interface_name(later[1]),
			       later[1]->since / 1000, later[1]->since % 1000);
		}
	}
	TH_LOG("%u of %u interfaces are there", there, nr);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
