#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench-programs.sh - how long each program takes, and how much memory
#
# Usage: FILES=DIR run.sh bench-programs.sh
#
# DIR has the programs. A line for each on stdout: seconds, the largest resident set of its
# processes, and its own totals, or why it was skipped. run.sh judges programs, not this.

set -u

echo "TAP version 13"
echo "1..1"
out=/tmp/bench-programs.out
printf '# %-32s %8s %10s %s\n' program seconds "RSS, KiB" totals
for path in "$FILES"/*; do
	program=${path##*/}
	own=
	eval "own=\${KSELFTEST_$(echo "$program" | tr '[:lower:].+-' '[:upper:]___')_ARGS:-}"
	# shellcheck disable=SC2086
	busybox time -f '@ %e %M' "$path" $own >"$out" 2>&1 </dev/null
	read -r _ seconds rss <<-END
		$(grep '^@ ' "$out")
	END
	printf '# %-32s %8.2f %10d %s\n' "$program" "$seconds" "$rss" \
		"$(sed -n 's/^# Totals: //p; s/^1\.\.0 # //p' "$out")"
	sed -n "s/^# .* in [0-9.]* s\$/# $program: &/p" "$out"
done
echo "ok 1 bench-programs"
