#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run-all.sh - run.sh on several kernels and in several modes, two at a time
#
# Usage: run-all.sh PROGRAM...
#
# Prints a line for each as it finishes, with what failed below it, and a table at
# the end. A series that has left the archive is named and left out.
#
# Environment, beside run.sh's:
#   KERNEL   series of scripts/kernels.list, separated by blanks, or "all"
#   MODES    rows of scripts/modes.list, separated by blanks, or "all" (default: MODE)
#   PLAN     a file with a row for each run instead: kernel, mode, NAME=VALUE for
#            run.sh's environment
#   JOBS     how many at a time (2; each needs 2 cores and 2 GiB)
#   LOGDIR   build/logs; a folder for each run, KERNEL-MODE, with run.sh's logs and
#            its whole output
#
# Exit status: 0 none failed and one passed, 1 one failed or could not run,
#              4 all were skipped

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# logs KERNEL MODE: where that run leaves everything
logs()
{
	printf '%s/%s-%s\n' "$LOGDIR" "$(printf %s "$1" | tr -c 'A-Za-z0-9.+-' _)" "$2"
}

# one ROW PROGRAM...: a run and its line
one()
{
	read -r kernel mode more <<-END
		$1
	END
	shift
	dir=$(logs "$kernel" "$mode")
	rm -rf "$dir"
	mkdir -p "$dir"
	[ "$mode" != default ] || mode=
	# shellcheck disable=SC2086
	env $more KERNEL="$kernel" MODE="$mode" LOGDIR="$dir" \
		"$here/run.sh" "$@" >"$dir/output" 2>&1 </dev/null || :
	# in one piece, since another run may finish just now
	if [ -n "$(find "$dir" -name '*.result')" ]; then
		text=$(grep -E '^(failed|known): |: (passed|failed|skipped)( \(known defects only\))?$' "$dir/output" | sort -r)
	else
		text="$kernel $mode: $(tail -n 1 "$dir/output")"
	fi
	echo "$text"
}

# plan: a row for each run
plan()
{
	if [ -n "${PLAN:-}" ]; then
		grep -vE '^(#|[[:blank:]]*$)' "$PLAN"
		return
	fi
	[ "$KERNEL" != all ] || KERNEL=$("$here/fetch.sh" kernels)
	[ "$MODES" != all ] || MODES=$(awk '!/^#/ && NF { print $1 }' "$here/modes.list")
	for kernel in $KERNEL; do
		for mode in $MODES; do
			echo "$kernel $mode"
		done
	done
}

# offered: the rows of stdin whose kernel can be had; others are told
offered()
{
	while read -r kernel rest; do
		status=0
		if [ ! -e "$kernel" ]; then
			"$here/fetch.sh" kernel "$kernel" >/dev/null </dev/null || status=$?
		fi
		case $status in
		0) echo "$kernel $rest" ;;
		3) ;;
		*) say "error: no kernel $kernel"; echo "$kernel $rest" ;;
		esac
	done
}

# A row of the table for each row of the plan
table()
{
	row='%-32s %-10s %-8s %6s %6s %7s %8s %7s\n'
	# shellcheck disable=SC2059
	printf "$row" kernel mode verdict passed failed skipped expected seconds
	while read -r kernel mode _; do
		result=$(find "$(logs "$kernel" "$mode")" -name '*.result' 2>/dev/null)
		if [ -z "$result" ]; then
			# shellcheck disable=SC2059
			printf "$row" "$kernel" "$mode" failed - - - - -
			continue
		fi
		tr ' ' '\n' <"$result" | awk -F = -v row="$row" -v mode="$mode" '
			{ v[$1] = $2 }
			END {
				printf row, v["kernel"], mode, v["verdict"], v["passed"],
					v["failed"], v["skipped"], v["xfailed"], v["seconds"]
			}'
	done
}

: "${KERNEL:=}" "${MODES:=${MODE:-default}}" "${JOBS:=2}" "${LOGDIR:=build/logs}"
export LOGDIR
if [ "${1:-}" = --one ]; then
	shift
	one "$@"
	exit
fi
[ $# -gt 0 ] || die "usage: run-all.sh PROGRAM..."
case $JOBS in
*[!0-9]* | 0* | '') die "JOBS=$JOBS is not a number" ;;
esac

rows=$(plan | offered)
[ -n "$rows" ] || die "no kernel to run on"
# once, not by two runs that wait for each other
[ -n "${QEMU:-}" ] || QEMU=$("$here/fetch.sh" qemu) || exit 1
"$here/fetch.sh" busybox >/dev/null || exit 1
export QEMU

echo "$rows" | xargs -P "$JOBS" -I{} "$0" --one {} "$@"
results=$(echo "$rows" | table)
echo
echo "$results"
echo "$results" | awk '
	NR > 1 { n[$3]++ }
	END { exit n["failed"] ? 1 : n["passed"] ? 0 : 4 }'
