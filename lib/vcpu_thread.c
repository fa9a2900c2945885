// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU inside KVM_RUN in a thread of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vcpu_thread.h"
#include "watch.h"

#define KICK_SIGNAL SIGUSR1

static void kick_handler(int sig)
{
	(void)sig;
}

static void *run_thread(void *arg)
{
	struct vcpu_thread *thread = arg;

	__atomic_store_n(&thread->tid, gettid(), __ATOMIC_RELEASE);
	guest_run_once(thread->vcpu, &thread->res);
	__atomic_store_n(&thread->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

void vcpu_thread_start(struct kvm_vcpu *vcpu, struct vcpu_thread *thread)
{
	/* Without SA_RESTART: the signal is to end KVM_RUN */
	const struct sigaction action = { .sa_handler = kick_handler };
	int err;

	memset(thread, 0, sizeof(*thread));
	thread->vcpu = vcpu;
	err = sigaction(KICK_SIGNAL, &action, NULL) ? errno : 0;
	if (!err)
		err = pthread_create(&thread->thread, NULL, run_thread, thread);
	TEST_ASSERT(!err, "A thread of vCPU %u: errno %d", vcpu->id, err);
}

/* A file of the thread's in /proc, up to the size of @text; false if there is none */
static bool read_proc(pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

bool vcpu_thread_sleeps(struct vcpu_thread *thread)
{
	pid_t tid = __atomic_load_n(&thread->tid, __ATOMIC_ACQUIRE);
	char text[256], *state;
	int nr;

	/* "tid (name) S ...": a wait for memory or for a lock is D */
	if (!tid || !read_proc(tid, "stat", text, sizeof(text)))
		return false;
	state = strrchr(text, ')');
	if (!state || state[1] != ' ' || state[2] != 'S')
		return false;
	/* A thread may be about to sleep and then not do so. "running", if it has its CPU */
	return !read_proc(tid, "syscall", text, sizeof(text)) ||
	       (sscanf(text, "%d", &nr) == 1 && nr == __NR_ioctl);
}

bool vcpu_thread_settle(struct vcpu_thread *thread)
{
	struct watch *watch;
	bool sleeps;

	watch = watch_begin(thread->vcpu->id, "to wait inside KVM_RUN or to exit; it ran on", 0);
	while (!(sleeps = vcpu_thread_sleeps(thread)) &&
	       !__atomic_load_n(&thread->ended, __ATOMIC_ACQUIRE))
		sched_yield();
	watch_end(watch);
	return sleeps;
}

static void join(struct vcpu_thread *thread, const char *what)
{
	struct watch *watch = watch_begin(thread->vcpu->id, what, 0);
	int err = pthread_join(thread->thread, NULL);

	watch_end(watch);
	TEST_ASSERT(!err, "pthread_join(): errno %d", err);
}

void vcpu_thread_join(struct vcpu_thread *thread)
{
	join(thread, "to come back from KVM_RUN; it had not");
}

void vcpu_thread_kick(struct vcpu_thread *thread)
{
	/* A signal that comes before KVM_RUN does nothing, so KVM_RUN is told to end at once */
	__atomic_store_n(&thread->vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(thread->thread, KICK_SIGNAL);
	join(thread, "to come back from KVM_RUN after a signal; it had not");
	thread->vcpu->run->immediate_exit = 0;
}
