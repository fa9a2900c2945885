#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench-run.sh - how long a verdict takes, against a boot that has nothing to run
#
# Usage: bench-run.sh PROGRAM...
#
# Boots in turn with a program that does nothing and with the PROGRAMs, and prints the
# medians: the boot, which ends when the first program begins; the first result; the verdict;
# and these as ratios to the whole run that does nothing. For an idle machine.
#
# Environment, beside run.sh's:
#   N        how many of each (5)
#   LOGDIR   build/bench-run; a folder for each run, with run.sh's logs and its output
#
# Exit status: 0 measured, 1 otherwise; what the programs' verdict was does not matter

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

: "${N:=5}"
logs=${LOGDIR:-build/bench-run}
[ $# -gt 0 ] || die "usage: bench-run.sh PROGRAM..."
case $N in
*[!0-9]* | 0* | '') die "N=$N is not a number from 1 on" ;;
esac
rm -rf "$logs/nothing" "$logs/programs"
mkdir -p "$logs/nothing" "$logs/programs" || die "cannot write to $logs"
printf '#!/bin/sh\nprintf "TAP version 13\\n1..1\\nok 1 nothing\\n"\n' >"$logs/nothing/nothing"

# one WHAT RUN PROGRAM...
one()
{
	what=$1
	dir=$logs/$what/$2
	shift 2
	LOGDIR=$dir "$here/run.sh" "$@" >"$logs/output" 2>&1 </dev/null || :
	mv "$logs/output" "$dir/" 2>/dev/null || die "$(tail -n 1 "$logs/output")"
	[ -n "$(find "$dir" -name '*.result')" ] || die "no result: $(tail -n 1 "$dir/output")"
	sed "s/^/what=$what /" "$dir"/*.result >>"$logs/results"
}

: >"$logs/results"
for run in $(seq "$N"); do
	one nothing "$run" "$logs/nothing/nothing"
	one programs "$run" "$@"
	say "run $run of $N: $(tail -n 1 "$logs/programs/$run/output")"
done
awk -v n="$N" '
function median(what, key, i, j, v, t) {
	for (i = 1; i <= n; i++) {
		t = value[what, key, i]
		for (j = i; j > 1 && v[j - 1] > t; j--)
			v[j] = v[j - 1]
		v[j] = t
	}
	return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2
}
{
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		row[pair[1]] = pair[2]
	}
	runs[row["what"]]++
	for (key in row)
		value[row["what"], key, runs[row["what"]]] = row[key]
}
END {
	bare = median("nothing", "seconds")
	printf "%-10s %10s %10s %10s\n", "", "boot", "first", "verdict"
	for (w = split("nothing programs", name, " "); w >= 1; w--) {
		printf "%-10s %8.1f s %8.1f s %8.1f s\n", name[w], median(name[w], "boot"),
			median(name[w], "first"), median(name[w], "seconds")
		printf "%-10s %10.2f %10.2f %10.2f\n", "  ratio", median(name[w], "boot") / bare,
			median(name[w], "first") / bare, median(name[w], "seconds") / bare
	}
}' "$logs/results"
