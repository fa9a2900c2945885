#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh - run reg_access_bench on kernels, and report what it measured
#
# Usage: bench.sh PROGRAM OUTPUT
#
# PROGRAM is reg_access_bench, OUTPUT a folder. On an arm64 machine with a usable
# /dev/kvm, and without KERNELS, it runs on that machine and times are nanoseconds.
# Elsewhere it runs on each kernel in the machine that run.sh emulates, where only ratios
# mean anything. Each run leaves KERNEL-RUN.json, .csv and .log in OUTPUT. All runs
# together make report.txt, and access.svg, access.png, pass.svg and pass.png: the cost of
# an access and of a pass over all vCPUs, against vCPUs. docs/performance.md explains them.
#
# Environment, in addition to run.sh's:
#   KERNELS      series of scripts/kernels.list, separated by blanks (default: newest)
#   VCPUS        sizes of the VMs (1,2,4,8,16,32,64; natively powers of two to KVM's most)
#   REPEAT_RUNS  how often; with 2 or more the runs are compared (1)
#   BENCH_ARGS   more options of reg_access_bench
#
# Exit status: 0 measured, 1 something failed or two runs disagree by more than their
#              spread, 4 no usable KVM

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
tmp=

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# measure KERNEL RUN: "native" is this machine's own kernel
measure()
{
	name=$1-$2
	say "$name"
	{
		status=0
		KERNEL=${1#native} FILES=$tmp/files ARGS="$options" LOGDIR=$output/logs \
			"$here/run.sh" "$here/bench-guest.sh" 2>&1 || status=$?
		echo "$status" >"$tmp/status"
	} | tee "$tmp/log" | sed -un '/^# json/d; s/^# //p; /^run.sh: /p; /^failed: /p' >&2
	read -r status <"$tmp/status"
	sed '/^# json/d' "$tmp/log" >"$output/$name.log"
	[ "$status" -ne 4 ] || { say "no usable KVM: see $output/$name.log"; exit 4; }
	[ "$status" -eq 0 ] || die "$name failed: see $output/$name.log"
	sed -n 's/^# json //p' "$tmp/log" >"$tmp/json"
	python3 "$here/bench.py" csv "$tmp/json" >"$tmp/csv" || die "$name: the JSON is damaged"
	mv "$tmp/json" "$output/$name.json"
	mv "$tmp/csv" "$output/$name.csv"
}

# Compare each run with the one before it
compare()
{
	for kernel in $KERNELS; do
		for run in $(seq 2 "$REPEAT_RUNS"); do
			python3 "$here/bench.py" compare "$output/$kernel-$((run - 1)).json" \
				"$output/$kernel-$run.json" || : >"$tmp/disagree"
		done
	done
}

[ $# -eq 2 ] || die "usage: bench.sh PROGRAM OUTPUT"
program=$1
output=$2
: "${KERNELS:=}" "${VCPUS:=}" "${REPEAT_RUNS:=1}" "${BENCH_ARGS:=}" "${TIMEOUT:=3600}"
export TIMEOUT
case $REPEAT_RUNS in
*[!0-9]* | 0* | '') die "REPEAT_RUNS=$REPEAT_RUNS is not a number" ;;
esac
[ -f "$program" ] || die "program $program is missing: build it first"
for tool in python3 gnuplot; do
	command -v $tool >/dev/null || die "$tool is missing: run scripts/setup.sh bench"
done
mkdir -p "$output" 2>/dev/null || :
[ -w "$output" ] || die "cannot write to $output"
on_exit cleanup
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kvm-guest-abi.XXXXXX")
mkdir "$tmp/files"
cp "$program" "$tmp/files/reg_access_bench" || die "cannot copy $program: is the disk full?"

# Many short samples, since the host often interrupts an emulated CPU
options="--emulated=yes --vcpus=${VCPUS:-1,2,4,8,16,32,64} --min-time=500 --max-time=1000 --repeat=51"
options="$options --vm-repeat=9"
if [ -z "$KERNELS" ]; then
	KERNELS=newest
	if [ "$(uname -m)" = aarch64 ] && [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
		KERNELS=native
		options=${VCPUS:+--vcpus=$VCPUS}
	fi
fi
options="$options $BENCH_ARGS"

# All kernels once, then all again: a time of high load must not fall on one kernel only
for run in $(seq "$REPEAT_RUNS"); do
	for kernel in $KERNELS; do
		measure "$kernel" "$run"
	done
done
set --
for kernel in $KERNELS; do
	set -- "$@" "$output/$kernel-1.json"
done

python3 "$here/bench.py" report "$tmp/plot" "$@" >"$tmp/report" || die "no report"
compare >>"$tmp/report"
for what in access pass; do
	for type in svg png; do
		gnuplot -e "type='$type'; what='$what'; dir='$tmp/plot'" "$here/bench.gp" \
			>"$tmp/image" || die "gnuplot made no $what.$type"
		mv "$tmp/image" "$output/$what.$type"
	done
done
cat "$tmp/report"
mv "$tmp/report" "$output/report.txt"
say "the results are in $output"
[ ! -e "$tmp/disagree" ] || die "two runs disagree by more than their spread"
