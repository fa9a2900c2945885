#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# conditions.sh - bad conditions for the programs, made in the emulated machine
#
# Usage, as a program of run.sh: FILES=DIR ARGS=REPEAT run.sh tests/progs/conditions.sh
#
# DIR has the programs and tests/lib.sh. Runs of two programs are repeated REPEAT times.
# stdout has a KTAP line for each condition. Exit status: 0 all passed, 1 otherwise

set -u

export PATH=/bin
tmp=/tmp/conditions
mkdir "$tmp"
for applet in chmod kill mkdir mknod pidof rm sleep start-stop-daemon umount; do
	[ -e /bin/$applet ] || ln -s busybox /bin/$applet
done
mkdir -p /etc
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
# shellcheck source=tests/lib.sh
. "$FILES/lib.sh"

brief="$FILES/workarounds_test -v arch_workaround_1"
many="$FILES/vm_scope_test -r scope.maximum.one_write_is_enough"
lengthy="$FILES/hypercalls_sweep_test --sweep=served -r sweep.served_on.only_the_table_answers"

# limited OPTION VALUE COMMAND...: launch it under that limit of the shell's
limited()
{
	# shellcheck disable=SC2016
	launch sh -c 'ulimit $1 $2 && shift 2 && exec "$@"' sh "$@"
}

# as_nobody COMMAND: launch it as an unprivileged user
as_nobody()
{
	program=$1
	shift
	launch start-stop-daemon -S -c nobody -x "$program" -- "$@"
}

expect_skip()
{
	expect_status 4
	has "$out" "^1\.\.0 # SKIP $1$"
	lacks "$out" "^(not )?ok"
}

expect_lost_output()
{
	expect_status 1
	has "$err" "^# $1: stdout did not take all of the results"
}

# gone NAME: within two minutes no process of that name is left
gone()
{
	for _ in $(seq 120); do
		pidof "$1" >/dev/null || return 0
		sleep 1
	done
	wrong "waited 120 s for these to end: $(pidof "$1")"
	# shellcheck disable=SC2046
	kill -KILL $(pidof "$1")
}

# A test of the lengthy program gets signal $1; what started the test is the first process
interrupt()
{
	: >"$out"
	(
		until grep -q " RUN " "$out"; do sleep 0.1; done
		sleep 1
		kill "-$1" "$(pidof hypercalls_sweep_test | tr ' ' '\n' | sort -n | head -n 1)"
	) &
	# shellcheck disable=SC2086
	launch $lengthy
	wait
	expect_status "$2"
	has "$out" " RUN "
	lacks "$out" "^(not )?ok"
	gone hypercalls_sweep_test
	# shellcheck disable=SC2086
	launch $brief
	expect_status 0
}

# verdict: of all tests of the last run
verdict()
{
	echo "status $status"
	grep -E '^((not )?ok |1\.\.)' "$out"
}

repeat=${1:-10}
echo "TAP version 13"
echo "1..$(grep -c '^begin "' "$0")"

# shellcheck disable=SC2086
{
begin "undisturbed, it passes"
launch $brief
expect_status 0
has "$out" "^ok 3 "
end
begin "a test that is not there is no pass"
launch $brief -t no_such_test
launch "$FILES/workarounds_test" -t no_such_test
expect_status 1
has "$err" "^# no test was executed$"
end
begin "tests that are all skipped are a skip"
launch "$FILES/hypercalls_sweep_test" -r sweep.all_on.only_the_table_answers
expect_status 4
has "$out" "^ok 1 .* # SKIP not asked for: --sweep=all$"
end

begin "stdout is closed"
launch sh -c "exec $brief >&-"
expect_status 1
has "$err" "^# workarounds_test: stdout is closed, so no result can be reported$"
end
begin "stdout is a full disk"
launch sh -c "exec $brief >/dev/full"
expect_lost_output workarounds_test
end
begin "the disk of stdout fills up on the way"
mkdir "$tmp/disk"
mount -t tmpfs -o size=4k none "$tmp/disk"
launch sh -c "exec $FILES/hypercalls_test -f bitmap >$tmp/disk/out"
expect_lost_output hypercalls_test
has "$tmp/disk/out" "^ok 1 "
umount "$tmp/disk"
end

begin "a soft limit of open files is raised"
limited -Sn 5 $brief
expect_status 0
end
begin "a hard limit of open files"
limited -n 20 $brief
expect_skip "RLIMIT_NOFILE allows too few files for a VM"
end
begin "a limit of the address space"
limited -v 100000 $brief
expect_skip "RLIMIT_AS allows too little memory for a VM"
end

begin "a memory cgroup without room for many vCPUs"
mkdir "$tmp/cgroup"
mount -t cgroup2 none "$tmp/cgroup"
echo +memory >"$tmp/cgroup/cgroup.subtree_control"
mkdir "$tmp/cgroup/small"
echo 5M >"$tmp/cgroup/small/memory.max"
launch sh -c "echo \$\$ >$tmp/cgroup/small/cgroup.procs && exec $many"
expect_status 1
has "$out" "^not ok 1 "
has "$err" "^# .*: Test terminated unexpectedly by signal 9$"
has "$err" "^# vm_scope_test: the kernel killed for lack of memory"
gone vm_scope_test
launch $brief
expect_status 0
end

begin "SIGINT in the middle of a VM"
interrupt INT 130
end
begin "SIGTERM in the middle of a VM"
interrupt TERM 143
end
begin "SIGKILL in the middle of a VM"
interrupt KILL 137
end

begin "on cores of two kinds a program stays on one kind"
midr=/sys/devices/system/cpu/cpu1/regs/identification/midr_el1
echo 0x00000000410fd0b0 >"$tmp/midr"
mount -o bind "$tmp/midr" $midr
: >"$out"
$lengthy >"$out" 2>"$err" &
until grep -q " RUN " "$out"; do sleep 0.1; done
sleep 1
for pid in $(pidof hypercalls_sweep_test); do
	cat /proc/"$pid"/task/*/status
done | sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' >"$tmp/cpus"
# the program, the test, and its threads
[ "$(wc -l <"$tmp/cpus")" -ge 3 ] || wrong "too few threads: $(cat "$tmp/cpus")"
[ "$(sort -u "$tmp/cpus")" = 0 ] || wrong "CPUs that threads may run on: $(cat "$tmp/cpus")"
kill -KILL $!
wait $!
gone hypercalls_sweep_test
launch "$FILES/imp_id_test" -f mixed_cores
expect_status 0
has "$out" "^ok 1 mixed_cores.implementation_registers_stay_when_the_thread_moves$"
umount $midr
launch "$FILES/imp_id_test" -f mixed_cores
expect_status 4
has "$out" "^ok 1 .* # SKIP this host has one kind of core$"
end

begin "two runs at once"
launch $brief
verdict >"$tmp/first"
"$FILES/workarounds_test" >"$tmp/1" 2>&1 &
one=$!
"$FILES/workarounds_test" >"$tmp/2" 2>&1 &
two=$!
wait $one || wrong "the first one has status $?"
wait $two || wrong "the second one has status $?"
for i in 1 2; do
	has "$tmp/$i" "^ok 18 "
	lacks "$tmp/$i" "^not ok"
done
end
begin "runs in a row all have the same verdict"
i=0
while [ $i -lt "$repeat" ]; do
	i=$((i + 1))
	for program in "$brief" "$FILES/hypercalls_test -f bitmap -v std"; do
		launch $program
		verdict >"$tmp/verdict"
		same=$tmp/$(echo "$program" | tr -c 'a-z0-9\n' _)
		[ $i -gt 1 ] || cat "$tmp/verdict" >"$same"
		expect_status 0
		[ "$(cat "$same")" = "$(cat "$tmp/verdict")" ] ||
			wrong "run $i differs: $(grep -vxFf "$same" "$tmp/verdict")"
	done
done
end

begin "an unprivileged user without permission"
as_nobody $brief
expect_skip "no permission to use /dev/kvm"
end
begin "a user who may only read /dev/kvm"
chmod 444 /dev/kvm
as_nobody $brief
expect_skip "no permission to use /dev/kvm"
end
begin "an unprivileged user with permission passes as root does"
chmod 666 /dev/kvm
launch "$FILES/psci_version_test" -f version
verdict >"$tmp/root"
as_nobody "$FILES/psci_version_test" -f version
expect_status 0
verdict >"$tmp/user"
[ "$(cat "$tmp/root")" = "$(cat "$tmp/user")" ] || wrong "$(cat "$tmp/root" "$tmp/user")"
end

begin "no /dev/kvm"
rm /dev/kvm
for program in "$FILES"/*_test; do
	launch "$program"
	expect_skip "there is no /dev/kvm"
done
end
begin "no /dev/kvm and a full disk"
launch sh -c "exec $brief >/dev/full"
expect_lost_output workarounds_test
end
begin "a /dev/kvm that belongs to no driver"
mknod /dev/kvm c 10 250
launch $brief
expect_skip "no KVM is behind /dev/kvm"
end
}

[ "$failures" -eq 0 ]
