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
#include <sys/time.h>

#include "expect.h"
#include "host.h"
#include "psci.h"
#include "vm.h"

/* Any context id; a 32-bit call passes the lower half */
#define CONTEXT 0x1122334455667788ULL
#define GARBAGE (0xdeadbeefULL << 32)

/*
 * Why @want is the answer to a call, for a message: the version lacks the function, or
 * what else decides
 */
static inline const char *psci_why(enum psci_version version, u32 id, u64 want)
{
	const struct psci_function *row = psci_function(id);
	static char text[64];

	if (row && row->since != PSCI_NEVER && version < row->since)
		snprintf(text, sizeof(text), ": PSCI %s has no such call",
			 psci_versions[version].name);
	else if (want == ABI_NOT_SUPPORTED && row && row->since == PSCI_NEVER)
		snprintf(text, sizeof(text), ": KVM has this call in no version");
	else if (want == ABI_PSCI_INVALID_PARAMETERS)
		snprintf(text, sizeof(text), ": an argument is invalid");
	else
		text[0] = '\0';
	return text;
}

/* "SYSTEM_RESET2(0x0, 0x0, 0x0) by HVC" */
static inline const char *psci_call_str(enum conduit conduit, const u64 in[4])
{
	const struct psci_function *row = psci_function(in[0]);
	static char text[128];
	char id[24];

	snprintf(id, sizeof(id), "function %#lx", in[0]);
	snprintf(text, sizeof(text), "%s%s(%#lx, %#lx, %#lx) by %s", row ? row->name : id,
		 row && in[0] & ABI_CALL_64 ? "64" : "", in[1], in[2], in[3], conduit_str(conduit));
	return text;
}

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
		       psci_result_str(want), psci_why(version, x0, want));
	}
	EXPECT_TRUE(res.x[0] == want && !(res.x[1] | res.x[2] | res.x[3]))
	{
		TH_LOG("%s: vCPU %u got the answer %s, x1 to x3 %#lx %#lx %#lx",
		       psci_call_str(conduit, in), vcpu->id, psci_result_str(res.x[0]), res.x[1],
		       res.x[2], res.x[3]);
		TH_LOG("  expected %s and zeros%s", psci_result_str(want),
		       psci_why(version, x0, want));
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
 * Only a signal ends KVM_RUN of a vCPU that is off or waits. A vCPU that does not wait comes
 * back at once, so that this much time is enough to tell.
 */
#define SHORT_WAIT_MS 30

static inline void sigalrm(int sig)
{
	(void)sig;
}

/* Run a vCPU; returns whether it is still inside KVM_RUN when the time is over */
static inline bool runs_for(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			    unsigned int ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };
	/* Repeat the signal: the first may come before KVM_RUN has begun */
	const struct itimerval later = { time, time }, never = { 0 };
	struct sigaction action = { .sa_handler = sigalrm };
	int ret;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &later, NULL));
	ret = ioctl(vcpu->fd, KVM_RUN, NULL);
	ret = ret ? errno : 0;
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
	return ret == EINTR;
}

static inline bool stays_in_kvm_run(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu)
{
	return runs_for(_metadata, vcpu, SHORT_WAIT_MS);
}

/* A vCPU's own IRQ line, which it has without a vGIC [api.rst 4.25] */
static inline void set_irq_line(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				bool level)
{
	ASSERT_EQ(0, _kvm_irq_line(vcpu->vm, vcpu->id << KVM_ARM_IRQ_VCPU_SHIFT, level));
}

#endif /* GUEST_ABI_PSCI_EXPECT_H */
