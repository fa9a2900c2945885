#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench-inputs.sh - what reg_access_bench does with bad input and output
#
# bench_test.sh runs it in an emulated machine as root, since it moves /dev/kvm away and
# lowers limits. KTAP on stdout.

set -u

bench=$FILES/reg_access_bench
tiny="--vcpus=1 --repeat=1 --warmup=1 --vm-repeat=1 --min-time=0"
dir=/tmp/bench-inputs
out=$dir/out
err=$dir/err
tests=0
failures=0
mkdir "$dir"

# result NAME PROBLEM...: passed if there is no problem
result()
{
	tests=$((tests + 1))
	name=$1
	shift
	if [ -z "$*" ]; then
		echo "ok $tests $name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests $name"
	echo "# $*"
	head -n 5 "$err" | while IFS= read -r line; do echo "# stderr: $line"; done
}

# ended NAME STATUS WANTED PATTERN: a line of stderr must match the pattern
ended()
{
	why=
	[ "$2" -eq "$3" ] || why="exit status $2, expected $3."
	grep -qE -- "$4" "$err" || why="$why No line like: $4"
	result "$1" "$why"
}

# refused NAME PATTERN OPTION...
refused()
{
	name=$1
	pattern=$2
	shift 2
	"$bench" "$@" >"$out" 2>"$err" </dev/null
	ended "$name" $? 1 "$pattern"
}

echo "TAP version 13"
echo "1..22"

refused "an unknown option" "unrecognized option.*--nosuch" --nosuch
refused "a stray argument" "'12' is no option" 12
refused "no such format" "--format=xml is none of: table, csv, json" --format=xml
refused "no such answer" "--emulated=maybe is none of: no, yes, auto" --emulated=maybe
refused "no repetition" "--repeat=0 is no integer from 1 up" --repeat=0
refused "no number" "--repeat=7x is no integer from 1 up" --repeat=7x
refused "a negative number" "--warmup=-1 is no integer" --warmup=-1
refused "a number too large" "--min-time=99999999999999999999 is no integer" \
	--min-time=99999999999999999999
refused "no vCPU" "--vcpus=0 is no integer from 1 up" --vcpus=0
refused "no list of vCPUs" "--vcpus=, has no number" --vcpus=,
refused "vCPUs in disorder" "ascending" --vcpus=4,2
refused "more vCPUs than allowed" "--vcpus=100000 is more than the [0-9]+ that KVM offers" \
	--vcpus=1,100000
refused "an output in no folder" "cannot write --output=/nosuch/x: No such file" \
	--output=/nosuch/x
refused "an output that is a folder" "cannot write --output=/tmp: Is a directory" --output=/tmp

# Not even root can raise RLIMIT_NOFILE above this
allowed=$(cat /proc/sys/fs/nr_open)
echo 128 >/proc/sys/fs/nr_open
"$bench" --vcpus=512 >"$out" 2>"$err"
ended "too few file descriptors" $? 1 "512 vCPUs need 1088 open files, and the limit cannot be raised"
echo "$allowed" >/proc/sys/fs/nr_open

# shellcheck disable=SC2086
"$bench" $tiny --format=csv >/dev/full 2>"$err"
ended "a full stdout" $? 1 "cannot write to stdout: No space"

mkdir "$dir/full"
mount -t tmpfs -o size=4k none "$dir/full"
# shellcheck disable=SC2086
"$bench" $tiny --format=json --output="$dir/full/x" >"$out" 2>"$err"
ended "a full disk" $? 1 "cannot write --output=$dir/full/x: No space"

result "of which nothing is left" "$(ls "$dir/full")"

timeout 2 "$bench" --vcpus=1 --repeat=100000 --output="$dir/x" >"$out" 2>"$err"
: >"$err"
result "an interrupted run leaves nothing" "$(echo "$dir"/x* | sed "s|$dir/x\*||")"

"$bench" --help >"$out" 2>"$err"
: >>"$err"
result "help" "$(grep -q -- --vcpus=LIST "$out" || echo none)"

# shellcheck disable=SC2086
"$bench" $tiny --format=csv >"$out" 2>"$err"
ended "CSV on stdout" $? 0 "^$|"
while IFS= read -r line; do
	echo "# csv $line"
done <"$out"

/bin/busybox mv /dev/kvm /dev/kvm.away
# shellcheck disable=SC2086
"$bench" $tiny >"$out" 2>"$err"
ended "no KVM" $? 4 "there is no /dev/kvm"
/bin/busybox mv /dev/kvm.away /dev/kvm

[ "$failures" -eq 0 ]
