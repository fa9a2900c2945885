#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# matrix.sh - save a VM on each kernel, restore it on each: what does the guest see?
#
# Usage: matrix.sh GUEST_ABI OUTPUT
#
# Two boots a kernel and mode: the first saves every shape of VM, the second restores
# what all of them saved, by the model of each VMM. Prints the matrix on stdout and
# leaves it in the folder OUTPUT:
#
#   matrix.txt matrix.md matrix.html matrix.json    docs/matrix-schema.md has the last
#   states/HOST/SHAPE                               what each HOST (KERNEL-MODE) saved
#   reports/HOST/FROM/SHAPE/MODEL                  what it said to what FROM saved
#   save/HOST, restore/HOST                         the logs of the two boots
#
# OUTPUT is replaced as a whole at the end; a run that was cut short leaves the old one.
#
# Environment, beside run.sh's:
#   KERNELS  series of scripts/kernels.list, or paths of Images (all)
#   MODES    rows of scripts/modes.list, or "all" (vhe)
#   VMM      models that `guest_abi vmms` lists, or "all" (blind aware)
#   SHAPES   names that `guest_abi shapes` lists (all of them)
#   JOBS     how many machines at a time (2)
#   BASELINE what must not get worse (data/matrix-baseline.list)
#   UPDATE=1 writes what this run saw into BASELINE
#
# Exit status: 0 every pair that must work does, 1 one does not, or nothing was measured

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/hosts.sh
. "$here/hosts.sh"

# words NAME WORD...: of a variable that becomes arguments
words()
{
	variable=$1
	shift
	for word; do
		case $word in
		*[!a-z0-9._-]* | -*) die "$variable: '$word' is no name" ;;
		esac
	done
}

# rows: kernel and mode of each host, none twice
rows()
{
	for mode in $MODES; do
		for kernel in $KERNELS; do
			[ "$kernel" != newest ] || kernel=$("$here/fetch.sh" kernels | tail -n 1)
			echo "$kernel $mode"
		done
	done | awk '!seen[$0]++'
}

check_rows()
{
	modes=$(awk -F '\t' '!/^#/ && NF { printf "%s ", $1 }' "$here/modes.list")
	while read -r kernel mode; do
		case " $modes " in
		*" $mode "*) ;;
		*) die "MODES: '$mode' is not one of: $modes" ;;
		esac
		[ -f "$kernel" ] || "$here/fetch.sh" kernels | grep -Fqx -- "$kernel" ||
			die "KERNELS: '$kernel' is neither a file nor one of:" \
				"$("$here/fetch.sh" kernels | tr '\n' ' ')"
	done <"$work/rows"
}

# boot WHAT WORD...: the rows of $work/WHAT.plan, with those words for matrix-guest.sh
boot()
{
	what=$1
	shift
	boots "$work/$what.log" env PLAN="$work/$what.plan" FILES="$work/files" \
		LOGDIR="$work/$what" ARGS="$what $*" "$here/run-all.sh" "$here/matrix-guest.sh"
	[ -d "$work/$what" ] || die "nothing was booted"
}

# host KERNEL MODE: its name, which is that of run-all.sh's folder
host()
{
	printf '%s-%s\n' "$(printf %s "$1" | tr -c 'A-Za-z0-9.+-' _)" "$2"
}

# unpack WHAT TO: what the guests printed becomes files
unpack()
{
	while read -r kernel mode _; do
		name=$(host "$kernel" "$mode")
		python3 -B "$here/matrix.py" unpack "$work/$1/$name/output" "$work/$2/$name" ||
			die "cannot unpack what $name printed"
	done <"$work/$1.plan"
}

# known VARIABLE KIND WORD...: each is a shape or model that guest_abi has on a host here.
# Only a host can tell, so this is after the first boots, unless none came up.
known()
{
	variable=$1
	names=$(sed -n "s/^# known $2 //p" "$work"/save/*/output | tr ' ' '\n' | sort -u | tr '\n' ' ')
	shift 2
	[ -n "$names" ] || return 0
	for word; do
		case " $names" in
		*" $word "*) ;;
		*) die "$variable: no host here has '$word'; they have: $names" ;;
		esac
	done
}

# booted: rows of stdin that run-all.sh did not leave out
booted()
{
	while read -r kernel mode; do
		[ ! -d "$work/save/$(host "$kernel" "$mode")" ] || echo "$kernel $mode"
	done
}

# able: rows of stdin whose machine came up in that mode
able()
{
	while read -r kernel mode; do
		name=$(host "$kernel" "$mode")
		if grep -qs '^verdict=skipped' "$work/save/$name"/*.result &&
			[ ! -e "$work/states/$name/shapes" ]; then
			say "$kernel has no mode $mode: left out"
		else
			echo "$kernel $mode"
		fi
	done
}

[ $# -eq 2 ] || die "usage: matrix.sh GUEST_ABI OUTPUT"
tool=$1
[ -f "$tool" ] || die "$tool is missing: build it first"
for command in python3 setsid; do
	command -v "$command" >/dev/null || die "$command is missing: run scripts/setup.sh run matrix"
done
: "${KERNELS:=all}" "${MODES:=vhe}" "${VMM:=blind aware}" "${SHAPES:=}" "${JOBS:=2}"
: "${BASELINE:=$here/../data/matrix-baseline.list}" "${UPDATE:=}"
export JOBS
unset KERNEL MODE JUNIT
[ "$KERNELS" != all ] || KERNELS=$("$here/fetch.sh" kernels)
[ "$MODES" != all ] || MODES=$(awk '!/^#/ && NF { print $1 }' "$here/modes.list")
# shellcheck disable=SC2086
words VMM $VMM
# shellcheck disable=SC2086
words SHAPES $SHAPES

open_output "$2"
rows >"$work/rows"
check_rows
begin=$(date +%s)

mkdir "$work/files"
cp -- "$tool" "$work/files/guest_abi" || die "cannot copy $tool: is the disk full?"
chmod +x "$work/files/guest_abi"
cp "$here/frames.sh" "$work/files/"
cp "$work/rows" "$work/save.plan"
# shellcheck disable=SC2086
boot save $SHAPES
booted <"$work/rows" >"$work/save.plan"
unpack save states
# shellcheck disable=SC2086
known SHAPES shapes $SHAPES
# shellcheck disable=SC2086
[ "$VMM" = all ] || known VMM models $VMM
able <"$work/save.plan" >"$work/restore.plan"
[ -s "$work/restore.plan" ] || die "no kernel to restore on"

mkdir "$work/files/states"
(cd "$work/states" && find . -mindepth 2 -type f ! -name problems ! -name shapes) |
	(cd "$work/states" && cpio -pdm --quiet "$work/files/states") ||
	die "cannot copy what was saved: is the disk full?"
# shellcheck disable=SC2086
boot restore $VMM
unpack restore reports
rm -rf "$work/files"

# What was asked for, for matrix.py
{
	echo "seconds $(($(date +%s) - begin))"
	for word in $VMM; do echo "vmm $word"; done
	for word in $SHAPES; do echo "shape $word"; done
	while read -r kernel mode; do
		echo "host $(host "$kernel" "$mode") $(basename -- "$kernel") $mode"
	done <"$work/restore.plan"
} >"$work/plan"
status=0
python3 -B "$here/matrix.py" judge ${UPDATE:+--update} --baseline "$BASELINE" "$work" ||
	status=$?
[ -s "$work/matrix.json" ] || die "there is no matrix"
publish_output
say "the matrix is in $output/matrix.html (.md, .txt, .json)"
exit "$status"
