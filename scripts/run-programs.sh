#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run-programs.sh - run the programs, in the emulated machine or natively
#
# Usage: run-programs.sh DIR
#
# DIR holds what run.sh put there: programs in bin/; in `list` their names; in `env`
# variables, of which KSELFTEST_NAME_ARGS are the arguments of one program; in `args`
# the arguments for all; in `limit` the uptime by
# which all must be done; in files/ what FILES named; in `mode` what the kernel's boot log must have, if anything;
# and `token`.
# The output of each is framed by lines that ktap.py reads:
#
#   @TOKEN kernel RELEASE
#   @TOKEN nomode               the boot log lacks that, so nothing is run
#   @TOKEN begin NAME
#   @TOKEN end NAME STATUS HOW
#   @TOKEN log NAME: LINE        a line of the kernel's log of that time
#   @TOKEN nolog NAME            the kernel's log cannot be read
#   @TOKEN done
#
# HOW is "itself", "hung" (killed when the time was up) or "late" (no time was left
# to start it).
# The token is random and gone before the first program starts, so that no
# program can print a marker, by accident or otherwise.
#
# Exit status: 0; the programs' own statuses are in the markers

set -uf

dir=$1
read -r token <"$dir/token"
rm -f "$dir/token"
read -r limit <"$dir/limit"
read -r args <"$dir/args"
read -r mode <"$dir/mode"

export FILES="$dir/files"
while read -r name value; do
	export "$name=$value"
done <"$dir/env"

mark()
{
	printf '@%s %s\n' "$token" "$*"
}

seconds()
{
	read -r up _ </proc/uptime
	echo "${up%.*}"
}

# run LIMIT NAME ARGUMENT...: in a session of its own, so that nothing survives it
run()
{
	allowed=$1
	program=$dir/bin/$2
	shift 2
	# shellcheck disable=SC2016,SC2086
	setsid sh -c 'echo $$ >"$0/session" && exec timeout -s KILL "$@"' \
		"$dir" "$allowed" "$program" "$@" $args </dev/null 2>&1
	status=$?
	read -r session <"$dir/session"
	# shellcheck disable=SC2016
	left_over=$(set +f; cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$session" \
		'{ pid = $1; sub(/^.*\) /, ""); if ($4 == session) print pid }')
	# shellcheck disable=SC2086
	[ -z "$left_over" ] || kill -KILL $left_over 2>/dev/null
	return $status
}

# kernel_log NAME: what the kernel logged since NAME began
kernel_log()
{
	begin="kvm-guest-abi: $1 begins"
	if ! dmesg >"$dir/dmesg" 2>/dev/null; then
		mark "nolog $1"
		return
	fi
	# Without the line it was lost with older ones, so all of it counts
	! grep -qF "$begin" "$dir/dmesg" || sed -i "1,/$begin/d" "$dir/dmesg"
	sed "s/^/@$token log $1: /" "$dir/dmesg"
}

mark "kernel $(uname -r)"
if [ -n "$mode" ] && ! dmesg | grep -qE "$mode"; then
	mark nomode
	: >"$dir/list"
fi
while read -r name; do
	begun=$(seconds)
	left=$((limit - begun))
	mark "begin $name"
	if [ "$left" -le 0 ]; then
		mark "end $name 124 late"
		continue
	fi
	{ echo "kvm-guest-abi: $name begins" >/dev/kmsg; } 2>/dev/null
	own=
	eval "own=\${KSELFTEST_$(echo "$name" | tr '[:lower:].+-' '[:upper:]___')_ARGS:-}"
	# shellcheck disable=SC2086
	run "$left" "$name" $own
	status=$?
	how=itself
	[ "$status" -ne 137 ] || [ "$(seconds)" -lt "$limit" ] || how=hung
	mark "end $name $status $how"
	kernel_log "$name"
done <"$dir/list"
mark "done"
