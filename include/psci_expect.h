/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of PSCI calls and of vCPUs that wait. For psci_*_test.c alone: the harness works
 * in one source file only.
 */
#ifndef GUEST_ABI_PSCI_EXPECT_H
#define GUEST_ABI_PSCI_EXPECT_H

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "expect.h"
#include "host.h"
#include "psci.h"
#include "vm.h"
#include "watch.h"

/* Any context id; a 32-bit call passes the lower half */
#define CONTEXT 0x1122334455667788ULL
#define GARBAGE (0xdeadbeefULL << 32)

/*
 * A call that answers x0 = want and zeros in x1 to x3. KVM writes all four result
 * registers; no document says so, but a guest would see a change.
 */
static inline void expect_psci(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			       enum psci_version version, enum conduit conduit, u64 x0, u64 x1,
			       u64 x2, u64 x3, u64 want)
{
	const u64 in[8] = { x0, x1, x2, x3 };
	struct guest_result res;

	guest_call(vcpu, conduit, in, &res);
	ASSERT_EQ(GUEST_DONE, res.end)
	{
		TH_LOG("%s: the guest on vCPU %u %s; expected the answer %s%s",
		       psci_call_str(conduit, in), vcpu->id, guest_end_str(&res),
		       psci_answer_str(x0, want), psci_why(version, in, want));
	}
	EXPECT_TRUE(res.x[0] == want && !(res.x[1] | res.x[2] | res.x[3]))
	{
		TH_LOG("%s: vCPU %u got the answer %s, x1 to x3 %#lx %#lx %#lx",
		       psci_call_str(conduit, in), vcpu->id, psci_answer_str(x0, res.x[0]),
		       res.x[1], res.x[2], res.x[3]);
		TH_LOG("  expected %s and zeros%s", psci_answer_str(x0, want),
		       psci_why(version, in, want));
		count_failure(_metadata);
	}
}

static inline void expect_mp_state(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   u32 want)
{
	u32 state = mp_state_get(vcpu);

	EXPECT_EQ(want, state)
	{
		TH_LOG("KVM_GET_MP_STATE of vCPU %u: %s; expected %s", vcpu->id,
		       mp_state_str(state), mp_state_str(want));
	}
}

/*
 * A vCPU that is off or waits sleeps inside KVM_RUN until a signal ends it, and one that
 * does not comes back by itself. A signal alone tells nothing: on a busy machine it may come
 * before the guest has made its call.
 */
enum run_end {
	RUN_EXITED, /* by itself */
	RUN_SLEPT, /* by the signal, and the thread had slept */
	RUN_CUT, /* by the signal, and it had not */
};

#define FIRST_RUN_MS 10
#define LONGEST_RUN_MS 2000

static inline void sigalrm(int sig)
{
	(void)sig;
}

/* How often this thread has given up its CPU by itself */
static inline long sleeps(struct __test_metadata *_metadata)
{
	struct rusage usage;

	ASSERT_EQ(0, getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_nvcsw;
}

static inline enum run_end run_for(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				   unsigned int ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };
	/* Repeat the signal: the first may come before KVM_RUN has begun */
	const struct itimerval later = { time, time }, never = { 0 };
	struct sigaction action = { .sa_handler = sigalrm };
	struct watch *watch;
	bool cut, slept;
	long before;

	watch = watch_begin(vcpu->id, "to come back from KVM_RUN after a signal; it had not", 0);
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &later, NULL));
	before = sleeps(_metadata);
	cut = ioctl(vcpu->fd, KVM_RUN, NULL) && errno == EINTR;
	slept = sleeps(_metadata) != before;
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
	watch_end(watch);
	return !cut ? RUN_EXITED : slept ? RUN_SLEPT : RUN_CUT;
}

/* Run it until it exits or sleeps, with ever more time */
static inline enum run_end run_until_end(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
					 unsigned int *ms)
{
	struct watch *watch;
	enum run_end end;

	watch = watch_begin(vcpu->id, "to exit or to sleep in KVM_RUN; it did neither", 0);
	while ((end = run_for(_metadata, vcpu, *ms)) == RUN_CUT)
		*ms = *ms < LONGEST_RUN_MS ? 2 * *ms : *ms;
	watch_end(watch);
	return end;
}

/*
 * Run a vCPU until it exits, which is false, or sleeps twice: once may be for a page or a
 * lock
 */
static inline bool stays_in_kvm_run(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	unsigned int ms = FIRST_RUN_MS;

	return run_until_end(_metadata, vcpu, &ms) == RUN_SLEPT &&
	       run_until_end(_metadata, vcpu, &ms) == RUN_SLEPT;
}

/* A vCPU's own IRQ line, which it has without a vGIC [api.rst 4.25] */
static inline void set_irq_line(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				bool level)
{
	ASSERT_EQ(0, _kvm_irq_line(vcpu->vm, vcpu->id << KVM_ARM_IRQ_VCPU_SHIFT, level));
}

#endif /* GUEST_ABI_PSCI_EXPECT_H */
