#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run-all.sh - run.sh on several kernels, hosts and in several modes
#
# Usage: run-all.sh PROGRAM...
#
# Prints a line for each as it finishes, with what failed below it, and a table at
# the end. A kernel that the archive does not have is named and left out.
#
# Environment, beside run.sh's:
#   KERNEL   series of scripts/kernels.list, separated by blanks, or "all"
#   HOSTS    rows of scripts/hosts.list, separated by blanks, or "all" (default: HOST)
#   MODES    rows of scripts/modes.list, separated by blanks, or "all" (default: MODE)
#   PLAN     a file with a row for each run instead: kernel, mode, NAME=VALUE for
#            run.sh's environment, of which HOST= comes first
#   JOBS     how many at a time (one for each two CPUs of this machine; each needs 2 GiB, and
#            more of them than CPUs make all of them slower than one after the other)
#   LOGDIR   build/logs; a folder for each run, KERNEL-MODE or KERNEL-MODE-HOST, with
#            run.sh's logs and its whole output
#
# Exit status: 0 none failed and one passed, 1 one failed or could not run,
#              4 all were skipped, 5 some failed, and known defects are the only reason

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# logs KERNEL MODE [NAME=VALUE...]: where that run leaves everything
logs()
{
	case ${3:-} in
	HOST=*) set -- "$1" "$2-${3#HOST=}" ;;
	esac
	printf '%s/%s-%s\n' "$LOGDIR" "$(printf %s "$1" | tr -c 'A-Za-z0-9.+-' _)" "$2"
}

# one ROW PROGRAM...: a run and its line
one()
{
	read -r kernel mode more <<-END
		$1
	END
	shift
	# shellcheck disable=SC2086
	dir=$(logs "$kernel" "$mode" $more)
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
		text="$kernel $mode $more: $(tail -n 1 "$dir/output")"
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
	[ "$MODES" != all ] || MODES=$(keys "$here/modes.list")
	[ "$HOSTS" != all ] || HOSTS=$(keys "$here/hosts.list")
	for kernel in ${KERNEL:-newest}; do
		for mode in $MODES; do
			for host in ${HOSTS:-default}; do
				[ "$host" = default ] && host= || host=HOST=$host
				echo "$kernel $mode $host"
			done
		done
	done
}

# flavour [NAME=VALUE...]: of the kernel for that environment
flavour()
{
	case ${1:-} in
	HOST=*) column "$here/hosts.list" "${1#HOST=}" 5 ;;
	esac
}

# offered: the rows of stdin whose kernel can be had; others are told
offered()
{
	while read -r kernel mode more; do
		status=0
		if [ ! -e "$kernel" ]; then
			# shellcheck disable=SC2046,SC2086
			"$here/fetch.sh" kernel "$kernel" $(flavour $more) >/dev/null \
				</dev/null || status=$?
		fi
		case $status in
		0) echo "$kernel $mode $more" ;;
		3) ;;
		*) say "error: no kernel $kernel"; echo "$kernel $mode $more" ;;
		esac
	done
}

# A row of the table for each row of the plan
table()
{
	row='%-32s %-10s %-6s %-8s %6s %6s %6s %7s %8s %7s\n'
	# shellcheck disable=SC2059
	printf "$row" kernel mode host verdict passed failed known skipped expected seconds
	while read -r kernel mode more; do
		# shellcheck disable=SC2086
		result=$(find "$(logs "$kernel" "$mode" $more)" -name '*.result' 2>/dev/null)
		if [ -z "$result" ]; then
			host=${more%% *}
			host=${host#HOST=}
			# shellcheck disable=SC2059
			printf "$row" "$kernel" "$mode" "${host:--}" failed - - - - - -
			continue
		fi
		tr ' ' '\n' <"$result" | awk -F = -v row="$row" -v mode="$mode" '
			{ v[$1] = $2 }
			END {
				if (v["explained"] && v["verdict"] == "failed")
					v["verdict"] = "known"
				printf row, v["kernel"], mode, v["host"], v["verdict"],
					v["passed"], v["failed"], v["known"], v["skipped"],
					v["xfailed"], v["seconds"]
			}'
	done
}

: "${KERNEL:=}" "${MODES:=${MODE:-default}}" "${HOSTS:=${HOST:-}}" "${LOGDIR:=build/logs}"
cpus=$(nproc)
: "${JOBS:=$(((cpus + 1) / 2))}"
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
	NR > 1 { n[$4]++ }
	END { exit n["failed"] ? 1 : n["known"] ? 5 : n["passed"] ? 0 : 4 }'
