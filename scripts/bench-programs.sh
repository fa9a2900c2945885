#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench-programs.sh - how long each program takes, and how much memory
#
# Usage: FILES=DIR run.sh bench-programs.sh
#
# DIR has the programs. A line for each on stdout: test cases executed and skipped,
# seconds, and the largest resident set of its processes. Their verdicts are run.sh's
# business, not this one's.

set -u

echo "TAP version 13"
echo "1..1"
out=/tmp/bench-programs.out
printf '# %-24s %8s %8s %8s %10s\n' program executed skipped seconds "RSS, KiB"
for path in "$FILES"/*; do
	program=${path##*/}
	own=
	eval "own=\${KSELFTEST_$(echo "$program" | tr '[:lower:].+-' '[:upper:]___')_ARGS:-}"
	# shellcheck disable=SC2086
	busybox time -f '@ %e %M' "$path" $own >"$out" 2>&1 </dev/null
	awk -v name="$program" '
		/^(not )?ok .*# SKIP/ { skipped++; next }
		/^(not )?ok / { executed++ }
		/^@ / { seconds = $2; rss = $3 }
		/in [0-9.]+ s$/ { print "# " name ": " $0 }
		END {
			printf "# %-24s %8d %8d %8.2f %10d\n", name, executed, skipped, seconds, rss
		}' "$out"
done
echo "ok 1 bench-programs"
