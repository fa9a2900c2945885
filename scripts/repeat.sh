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

: "${N:=50}" "${LOAD:=0}" "${TIMEOUT:=3600}"
logs=${LOGDIR:-build/repeat}
[ $# -gt 0 ] || die "usage: repeat.sh PROGRAM..."
case $N in
*[!0-9]* | 0* | 1) die "N=$N is not a number from 2 on" ;;
esac
case $LOAD in
*[!0-9]*) die "LOAD=$LOAD is not a number of processes" ;;
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
for run in $(seq "$N"); do
	LOGDIR=$logs/$run "$here/run.sh" "$logs"/programs/* >"$logs/output" 2>&1 </dev/null || :
	mv "$logs/output" "$logs/$run/" 2>/dev/null || die "run $run: $(tail -n 1 "$logs/output")"
	echo "run $run: $(grep ' from power-on to verdict: ' "$logs/$run/output" ||
		tail -n 1 "$logs/$run/output")"
done

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
