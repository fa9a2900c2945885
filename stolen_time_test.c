// SPDX-License-Identifier: GPL-2.0
/*
 * stolen_time_test: stolen time of a VM that was restored, and of a vCPU that another thread
 * takes over. hypercalls_services_test has that of a VM whose guest asks for it.
 *
 * Holds KVM to
 *   Documentation/virt/kvm/arm/pvtime.rst       time that the vCPU's thread did not run
 *   Documentation/virt/kvm/devices/vcpu.rst, 3  its vCPU attribute
 *
 * No document speaks of saving and restoring it. The structure is in the guest's memory and is
 * saved with that, the guest does not call PV_TIME_ST again, and what a thread waited for
 * before it had this vCPU was not taken from the vCPU. So the time goes on from what is there.
 */
#include <string.h>

#include "harness.h"

#include "expect.h"
#include "host.h"
#include "run_delay.h"
#include "vm.h"

#define NO_RIVAL "no other thread took the CPU from this one"

/* Where the structure of a vCPU is, and what it said when the VM was saved, in nanoseconds */
#define IPA(cpu) (VM_RAM_DATA + (cpu) * (u64)ABI_PV_TIME_ALIGN)
#define SAVED(cpu) (1000000000ULL * ((cpu) + 1))

FIXTURE(stolen)
{
	struct test_vm *vm;
	struct rival rival;
};

FIXTURE_SETUP(stolen)
{
	const char *missing = run_delay_missing();
	struct fw_config cfg;

	host_fw(&cfg);
	if (!(cfg.present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME))
		SKIP(return, "this kernel has no PV time service");
	if (missing)
		SKIP(return, "%s", missing);
	self->vm = test_vm_create(2, 0, 0);
	rival_start(&self->rival);
}

FIXTURE_TEARDOWN(stolen)
{
	if (self->vm)
		rival_stop(&self->rival);
	test_vm_free(self->vm);
}

static u64 guest_reads_stolen(struct __test_metadata *_metadata, struct test_vm *vm,
			      unsigned int cpu)
{
	struct guest_result res;

	guest_load(vm->vcpu[cpu], IPA(cpu) + ABI_PV_TIME_STOLEN, 8, &res);
	expect_end(_metadata, "a load of stolen time", &res);
	return res.x[0];
}

/* The memory and the attribute of a VM that was saved */
static void restore(struct __test_metadata *_metadata, struct test_vm *vm, unsigned int cpu)
{
	u64 *structure = test_vm_ram(vm, IPA(cpu));

	memset(structure, 0, ABI_PV_TIME_ALIGN);
	structure[ABI_PV_TIME_STOLEN / 8] = SAVED(cpu);
	expect_err(_metadata, "KVM_SET_DEVICE_ATTR of KVM_ARM_VCPU_PVTIME_IPA", IPA(cpu), 0,
		   __set_stolen_time_ipa(vm->vcpu[cpu], IPA(cpu)));
	EXPECT_EQ(SAVED(cpu), structure[ABI_PV_TIME_STOLEN / 8])
	{
		TH_LOG("stolen time of vCPU %u is %lu ns once its IPA is set; expected %llu, as saved",
		       cpu, structure[ABI_PV_TIME_STOLEN / 8], SAVED(cpu));
	}
}

/*
 * KVM takes the run delay as the vCPU is loaded, so between what its thread sees just
 * outside of the run.
 */
TEST_F(stolen, goes_on_from_the_restored_value)
{
	u64 start, stolen, low, high;
	unsigned int cpu, i;

	if (!lose_time())
		SKIP(return, NO_RIVAL);
	for (cpu = 0; cpu < 2; cpu++) {
		low = SAVED(cpu);
		start = run_delay();
		restore(_metadata, self->vm, cpu);
		for (i = 0; i < 2; i++) {
			stolen = guest_reads_stolen(_metadata, self->vm, cpu);
			high = low + run_delay() - start;
			EXPECT_TRUE(stolen >= low && stolen <= high)
			{
				TH_LOG("stolen time of vCPU %u is %lu ns; expected %lu to %lu, what was saved and what its thread lost since the IPA was set",
				       cpu, stolen, low, high);
			}
		}
	}
}

/* Once it has run it grows by what its thread loses, whatever it began with */
TEST_F(stolen, grows_by_the_run_delay_once_restored)
{
	u64 before, after, begin, end, first, grown;
	bool lost;

	restore(_metadata, self->vm, 0);
	before = run_delay();
	first = guest_reads_stolen(_metadata, self->vm, 0);
	after = run_delay();
	lost = lose_time();
	begin = run_delay();
	grown = guest_reads_stolen(_metadata, self->vm, 0) - first;
	end = run_delay();
	EXPECT_GE(first, SAVED(0))
	{
		TH_LOG("stolen time is %lu ns; expected %llu, as saved, or more", first, SAVED(0));
	}
	EXPECT_TRUE(grown >= begin - after && grown <= end - before)
	{
		TH_LOG("stolen time grew by %lu ns; expected %lu to %lu, the thread's run delay",
		       grown, begin - after, end - before);
	}
	if (!lost && __test_passed(_metadata))
		SKIP(return, NO_RIVAL);
}

struct load {
	struct __test_metadata *metadata;
	struct test_vm *vm;
	u64 delay; /* of the thread */
	u64 stolen;
};

static void *load_thread(void *arg)
{
	struct load *load = arg;

	load->stolen = guest_reads_stolen(load->metadata, load->vm, 0);
	load->delay = run_delay();
	return NULL;
}

static void expect_no_fall(struct __test_metadata *_metadata, u64 before, u64 stolen, u64 lost,
			   const char *who)
{
	EXPECT_TRUE(stolen >= before && stolen - before <= lost)
	{
		TH_LOG("stolen time is %lu ns as %s runs the vCPU; expected %lu, as it was, to %lu",
		       stolen, who, before, before + lost);
	}
}

/*
 * A VMM may run a vCPU by another thread [api.rst 2]; a time that passed does not become less.
 * Which of the two threads lost more is the scheduler's choice, so that both follow the other.
 */
TEST_F(stolen, does_not_fall_as_another_thread_runs_the_vcpu)
{
	struct load load = { .metadata = _metadata, .vm = self->vm };
	pthread_t thread;
	u64 first, last;

	if (!lose_time())
		SKIP(return, NO_RIVAL);
	restore(_metadata, self->vm, 0);
	first = guest_reads_stolen(_metadata, self->vm, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, load_thread, &load));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	last = guest_reads_stolen(_metadata, self->vm, 0);
	expect_no_fall(_metadata, first, load.stolen, load.delay, "another thread");
	expect_no_fall(_metadata, load.stolen, last, run_delay(), "the first one again");
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
