#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# repeat.sh - run programs many times and name every test whose verdict was not the same
#
# Usage: repeat.sh PROGRAM...
#
# Each run is a boot of its own by run.sh. A failure that all runs have is no difference.
#
# Environment, beside run.sh's:
#   N        how many runs (50)
#   JOBS     how many machines run at a time (1): more of them are a load, too
#   LOAD     how many processes of stress-ng keep the CPUs of this machine busy
#            meanwhile (0)
#   TIMEOUT  seconds for a run (3600, since a busy machine is slow)
#   LOGDIR   build/repeat; a folder for each run, with run.sh's logs and its output
#
# Exit status: 0 all runs had the same verdicts and reasons, 1 otherwise

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
load=

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$load" ] || end "$load"
}

# one RUN: what xargs starts
one()
{
	mkdir -p "$logs/$1"
	LOGDIR=$logs/$1 "$here/run.sh" "$logs"/programs/* >"$logs/$1/output" 2>&1 </dev/null || :
	echo "run $1: $(grep ' from power-on to verdict: ' "$logs/$1/output" ||
		tail -n 1 "$logs/$1/output")"
}

: "${N:=50}" "${LOAD:=0}" "${TIMEOUT:=3600}" "${JOBS:=1}"
logs=${LOGDIR:-build/repeat}
if [ "${1:-}" = --one ]; then
	one "$2"
	exit 0
fi
[ $# -gt 0 ] || die "usage: repeat.sh PROGRAM..."
case $N in
*[!0-9]* | 0* | 1) die "N=$N is not a number from 2 on" ;;
esac
case $LOAD in
*[!0-9]*) die "LOAD=$LOAD is not a number of processes" ;;
esac
case $JOBS in
*[!0-9]* | 0*) die "JOBS=$JOBS is not a number from 1 on" ;;
esac
export TIMEOUT
rm -rf "$logs"/[0-9]* "$logs/programs"
mkdir -p "$logs/programs"
# Another build meanwhile must not change them
cp -- "$@" "$logs/programs/" || die "cannot copy the programs"

on_exit cleanup
if [ "$LOAD" -gt 0 ]; then
	command -v stress-ng >/dev/null || die "stress-ng is missing: run scripts/setup.sh load"
	stress-ng --quiet --cpu "$LOAD" &
	load=$!
fi
seq "$N" | LOGDIR=$logs xargs -P "$JOBS" -n 1 "$0" --one

status=0
# What fails a run besides its tests, such as the kernel's log, is in the results alone
verdicts=$(sed 's/ boot=.*//' "$logs"/*/*.result | sort | uniq -c)
if [ "$(echo "$verdicts" | wc -l)" -ne 1 ]; then
	printf 'runs of each result:\n%s\n' "$verdicts"
	status=1
fi
"$here/ktap.py" names --results "$logs"/*/*.log || status=1
[ "$(find "$logs" -name '*.result' | wc -l)" -eq "$N" ] || die "not every run has a result"
exit $status
