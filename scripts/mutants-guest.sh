#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mutants-guest.sh - the part of mutants.py that runs on the kernel with the mutants
#
# Usage: mutants-guest.sh [all] [boot]
#
# all: run all programs that reach a mutant, not just until one notices it
# boot: the mutant was set at boot, so it cannot be off, and any program may reach it
#
# run.sh starts it. $FILES has programs/; `list`, their names; `plan` with a row a mutant: its
# number, the program and the pattern of the test that must fail, or "-"; `trouble`, patterns of
# kernel messages; and base/ from an earlier boot of the same machine. Without base/ each program
# first runs with no mutant on, and that is told:
#
#   # base runs PROGRAM SECONDS         how long it may take
#   # base failed PROGRAM TEST
#   # base ok PROGRAM TEST              it passes, and is not skipped
#   # base reached PROGRAM SECONDS HEX  how long it took; the mutants whose places it reached
#   # base done
#
# Then what became of each mutant. A program that fails runs again with the mutant off: if it
# still fails, the mutant left a damage, and this ends.
#
#   # mutant N begin
#   # mutant N runs PROGRAM SECONDS named|whole
#   # mutant N failed PROGRAM TEST
#   # mutant N skipped PROGRAM TEST     and does not without the mutant
#   # mutant N hung PROGRAM
#   # mutant N log PROGRAM MESSAGE      the kernel's
#   # mutant N unnamed                  the named test does not pass here without the mutant
#   # mutant N damage PROGRAM
#   # mutant N end

set -uf

parameters=${MUTANTS_PARAMETERS:-/sys/module/kernel/parameters}
tmp=${TMPDIR:-/tmp}/mutants
base=$FILES/base
tab=$(printf '\t')
all=
boot=
for word; do
	case $word in
	all) all=yes ;;
	boot) boot=yes ;;
	esac
done

seconds()
{
	read -r up _ </proc/uptime
	echo "${up%.*}"
}

# run SECONDS PROGRAM ARGUMENT...: in a session of its own, so that nothing survives it
run()
{
	allowed=$1
	program=$2
	shift 2
	own=
	eval "own=\${KSELFTEST_$(echo "$program" | tr '[:lower:].+-' '[:upper:]___')_ARGS:-}"
	# shellcheck disable=SC2016,SC2086
	setsid sh -c 'echo $$ >"$0" && exec timeout -s KILL "$@"' "$tmp/session" "$allowed" \
		"$FILES/programs/$program" $own "$@" >"$tmp/out" 2>&1 </dev/null
	status=$?
	read -r session <"$tmp/session"
	left_over
	# shellcheck disable=SC2086
	[ -z "$found" ] || kill -KILL $found 2>/dev/null
}

# Sets found to the processes of the last run's session that are still there
left_over()
{
	# shellcheck disable=SC2016
	found=$(set +f; cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$session" \
		'{ pid = $1; sub(/^.*\) /, ""); if ($4 == session && $1 != "Z") print pid }')
}

# results NAMES: of the tests in that file, "failed TEST" or "skipped TEST" for each that did not
# pass in the last run
results()
{
	awk '
		{ sub(/\r$/, "") }
		FNR == NR { want[$1]; next }
		/^ok / { seen[$3] = / # SKIP/ ? "skipped" : "passed" }
		/^not ok / { seen[$4] = "failed" }
		END {
			for (test in want) {
				what = test in seen ? seen[test] : "failed"
				if (what != "passed")
					print what, test
			}
		}' "$1" "$tmp/out"
}

measure_base()
{
	base=$tmp/base
	mkdir -p "$base"
	: >"$base/reached"
	while read -r path; do
		echo "# base runs $path 600"
		echo 0 >"$parameters/kvm_mutant_reached"
		begun=$(seconds)
		run 600 "$path"
		sed -n 's/^ok [0-9]* \([^# ]*\)$/\1/p' "$tmp/out" >"$base/$path"
		sed -n "s/^not ok [0-9]* \([^# ]*\).*/# base failed $path \1/p" "$tmp/out"
		case $status in
		0 | 4) ;;
		1) grep -q '^not ok' "$tmp/out" || echo "# base failed $path status-1" ;;
		*) echo "# base failed $path status-$status" ;;
		esac
		sed "s/^/# base ok $path /" "$base/$path"
		echo "$path $(($(seconds) - begun)) $(cat "$parameters/kvm_mutant_reached")" \
			>>"$base/reached"
	done <"$FILES/list"
	sed 's/^/# base reached /' "$base/reached"
	echo "# base done"
}

# limit PROGRAM: seconds that it may take
limit()
{
	awk -v program="$1" '$1 == program { print 30 + 6 * $2 }' "$base/reached"
}

# try STAGE PROGRAM NAMES ARGUMENT...: with the mutant; NAMES is a file with the tests to look at
try()
{
	stage=$1
	victim=$2
	names=$3
	shift 3
	allowed=$(limit "$victim")
	echo "# mutant $n runs $victim $allowed $stage"
	dmesg -c >/dev/null
	[ -n "$boot" ] || echo "$n" >"$parameters/kvm_mutant"
	run "$allowed" "$victim" "$@"
	[ -n "$boot" ] || echo 0 >"$parameters/kvm_mutant"
	results "$names" >"$tmp/results"
	bad=$(sed -n 's/^failed //p' "$tmp/results" | head -n 1)
	if [ "$status" -eq 137 ]; then
		echo "# mutant $n hung $victim"
		sed -n "s/^not ok [0-9]* \([^# ]*\).*/# mutant $n failed $victim \1/p" "$tmp/out"
		noticed=yes
	else
		sed "s/ / $victim /; s/^/# mutant $n /" "$tmp/results"
		[ -z "$bad" ] || noticed=yes
	fi
	message=$(dmesg | grep -E -f "$FILES/trouble" | head -n 1)
	if [ -n "$message" ]; then
		echo "# mutant $n log $victim $message"
		noticed=yes
	fi
	verify
}

# Whether the last run left a damage: a process that cannot be killed, or a test that fails
verify()
{
	damage=
	for _ in 1 2 3 4 5; do
		left_over
		[ -n "$found" ] || break
		busybox sleep 1
	done
	[ -z "$found" ] || damage=yes
	if [ -n "$bad" ] && [ -z "$boot" ]; then
		run "$allowed" "$victim" -r "$bad"
		echo "$bad" >"$tmp/bad"
		[ -z "$(results "$tmp/bad")" ] || damage=yes
	fi
	if [ -n "$damage" ]; then
		echo "# mutant $n damage $victim"
		exit 1
	fi
}

# The named tests alone
named()
{
	: >"$tmp/names"
	set --
	while read -r name; do
		# shellcheck disable=SC2254
		case $name in
		$pattern)
			echo "$name" >>"$tmp/names"
			set -- "$@" -r "$name"
			;;
		esac
	done <"$base/$program"
	if [ $# -eq 0 ]; then
		echo "# mutant $n unnamed"
	else
		try named "$program" "$tmp/names" "$@"
	fi
}

# The programs that reach the mutant's place, the named one first, then the fastest
reaching()
{
	awk -v n="$n" -v first="$program" -v any="$boot" '
		{
			digit = index("0123456789abcdef", substr($3, int(n / 4) + 1, 1)) - 1
			for (bit = n % 4; bit > 0; bit--)
				digit = int(digit / 2)
			order = $2
			if ($1 == first)
				order = -1
			if (any || digit % 2 == 1)
				print order " " $1
		}' "$base/reached" | sort -n | cut -d ' ' -f 2
}

mkdir -p "$tmp"
echo "TAP version 13"
echo "1..1"
[ -d "$base" ] || measure_base
while IFS=$tab read -r n program pattern; do
	noticed=
	echo "# mutant $n begin"
	[ "$program" = - ] || named
	for other in $(reaching); do
		[ -z "$noticed" ] || [ -n "$all" ] || break
		[ ! -s "$base/$other" ] || try whole "$other" "$base/$other"
	done
	echo "# mutant $n end"
done <"$FILES/plan"
echo "ok 1 mutants-guest"
