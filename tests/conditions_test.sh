#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# conditions_test.sh - tests of the programs where they cannot do their work
#
# Usage: conditions_test.sh PROGRAM...
#
# What progs/conditions.sh does inside the emulated machine, a kernel without KVM,
# and machines of another architecture.
#
# Environment: REPEAT  how many runs in a row are to have the same verdict (5)
#
# stdout has a KTAP line for each test, and the reasons. Exit status: 0 all
# passed or skipped, 1 otherwise

set -eu

[ $# -gt 0 ] || { echo "usage: conditions_test.sh PROGRAM..." >&2; exit 1; }
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
run=$top/scripts/run.sh
: "${REPEAT:=5}"
case $REPEAT in
*[!0-9]* | 0*) echo "conditions_test.sh: REPEAT=$REPEAT is not a number" >&2; exit 1 ;;
esac
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"
mkdir "$tmp/files"

for program; do
	cp -- "$program" "$tmp/files/"
done
cp "$top/tests/lib.sh" "$tmp/files/"

# Each result of the machine's becomes one of these tests
begin "conditions in the machine are all tried"
KERNEL=newest FILES=$tmp/files ARGS=$REPEAT TIMEOUT=$((1200 + 60 * REPEAT)) \
	launch "$run" "$top/tests/progs/conditions.sh"
# The kernel's report of the process that it killed fails the run, and nothing else does
expect_status 1
grep '^failed' "$out" | sed '/kernel log: .* Call trace:$/d' >"$tmp/failed"
[ "$(wc -l <"$tmp/failed")" -eq 1 ] || wrong "$(cat "$tmp/failed")"
has "$tmp/failed" "kernel log: .* Memory cgroup out of memory: Killed process [0-9]+ \(vm_scope_test\)"
has "$out" ": 1 programs, [0-9]+ passed, 0 failed, "
sed -n 's/^\(ok\|not ok\) [0-9]* - /\1 - /p' "$out" >"$tmp/results"
sed -n '/^not ok/,/^ok/{ /^ok/d; p; }' "$out" >"$tmp/reasons"
end
while IFS= read -r result; do
	tests=$((tests + 1))
	case $result in
	not*) failures=$((failures + 1)) ;;
	esac
	echo "$result" | sed "s/ok - /ok $tests - /"
done <"$tmp/results"
sed 's/^/# /' "$tmp/reasons"

begin "a kernel without KVM is a skip that says so"
KERNEL=newest APPEND=kvm-arm.mode=none launch "$run" "$@"
expect_status 4
for program; do
	has "$out" "^skipped: ${program##*/}: there is no /dev/kvm$"
done
lacks "$out" "^(not )?ok"
end

begin "a board with a GICv2 runs what needs no vGICv3"
# shellcheck disable=SC2046
KERNEL=newest GIC=2 launch "$run" $(printf '%s\n' "$@" | grep -E '/vgic_(typer2|v2)_test$')
expect_status 0
has "$out" "^ok [0-9]+ v2\.holds_eight_vcpus$"
has "$out" "^ok [0-9]+ .* # SKIP this host has no vGICv3$"
lacks "$out" "SKIP this host has no vGICv2"
end

begin "for another architecture nothing is built"
launch make -C "$top" ARCH=x86 OUTPUT="$tmp/x86" KSRC="$("$top/scripts/fetch.sh" source 6.12)"
expect_status 0
has "$out" "nothing to build for ARCH=x86"
[ -z "$(find "$tmp/x86" -name '*_test' 2>/dev/null)" ] || wrong "there is a program"
end

if [ "$(uname -m)" != aarch64 ]; then
	begin "on another machine run_tests says what to do instead"
	launch make -C "$top" OUTPUT="$(dirname -- "$1")" run_tests
	expect_status 2
	has "$err" "arm64 .*make run"
	end
else
	skip "on another machine run_tests says what to do instead" "this machine is one of arm64"
fi

finish
