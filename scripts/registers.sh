#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# registers.sh - record which registers or capabilities the archive's kernels have
#
# Usage: registers.sh NAME PROGRAM OUTPUT
#
# NAME is registers, and PROGRAM reg_record_test; or capabilities, and capabilities_test. Boots
# every kernel of kernels.list on every host and in every mode of NAME-machines.list, two at a
# time, and writes data/NAME.list from what PROGRAM --dump printed and data/NAME.rules; with
# registers data/id-registers.list, too, from the writable fields. OUTPUT is a folder for what
# comes between.
# What a kernel printed is kept there and not asked for again: remove it to start anew.
#
# Environment: KSRC  kernel tree with the names of registers (default: the newest of
#                    sources.list)
#
# Exit status: 0 the lists are written, 1 they are left as they were

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
data=$here/../data
LC_ALL=C
export LC_ALL

# dump_of SERIES HOST [PARAMETER...]: the file that gets what is listed there
dump_of()
{
	echo "$dumps/$(echo "$*" | tr ' ' -)"
}

# dump SERIES HOST [PARAMETER...]: make that file unless it is there
dump()
{
	series=$1
	host=$2
	to=$(dump_of "$@")
	[ ! -s "$to" ] || return 0
	log=$output/log-${to##*/}
	shift 2
	if KERNEL=$series HOST=$host APPEND=$* ARGS=--dump LOGDIR=$output/logs TIMEOUT=300 \
		"$here/run.sh" "$program" >"$log" 2>&1; then
		grep -E '^# (release|config|field|reg|mask|host|cap) ' "$log" >"$to.new"
		mv "$to.new" "$to"
		say "${to##*/}: $(grep -cE '^# (reg|cap) ' "$to") $name"
	else
		tail -n 3 "$log" >&2
	fi
}

# Each line of stdin is what dump() takes; every second one, from the first or the second
dumps_from()
{
	awk -v from="$1" 'NR % 2 == from' "$output/todo" | while read -r line; do
		# shellcheck disable=SC2086
		dump $line </dev/null
	done
}

[ $# -eq 3 ] || die "usage: registers.sh NAME PROGRAM OUTPUT"
name=$1
program=$2
output=$3
dumps=$output/dumps
mkdir -p "$dumps"
tree=${KSRC:-}
if [ "$name" = registers ] && [ -z "$tree" ]; then
	newest=$(awk '!/^#/ && NF { v = $1 } END { print v }' "$here/sources.list")
	tree=$("$here/fetch.sh" source "$newest")
fi
serieses=$("$here/fetch.sh" kernels)

for series in $serieses; do
	sed '/^#/d' "$here/$name-machines.list" | tr '\t' ' ' | while read -r line; do
		echo "$series $line"
	done
done >"$output/todo"
dumps_from 0 &
dumps_from 1
wait

while read -r line; do
	[ -s "$(dump_of "$line")" ] || die "no list of $line: see $output"
done <"$output/todo"

# In the order of the list, so that the outcome does not depend on the folder's
set --
while read -r line; do
	set -- "$@" "$(dump_of "$line")"
done <"$output/todo"

# What a list begins with: its comment, and the series
head_of()
{
	sed -n '/^#/!q; p' "$1"
	[ "$name" = capabilities ] ||
		printf 'series\t%s\n' "$(echo "$serieses" | tr '\n' ' ' | sed 's/ $//')"
}

sysreg=$tree/arch/arm64/tools/sysreg
{
	head_of "$data/$name.list"
	if [ "$name" = registers ]; then
		set -- "$sysreg" "$tree/arch/arm64/include/asm/sysreg.h" "$data/$name.rules" "$@"
	else
		set -- "$data/$name.rules" "$@"
	fi
	awk -f "$here/$name.awk" -v series="$(echo "$serieses" | tr '\n' ' ')" "$@"
} >"$output/$name.list" || die "the rules do not explain what was printed"
if [ "$name" = registers ]; then
	shift 3
	{
		head_of "$data/id-registers.list"
		awk -f "$here/id-registers.awk" -v series="$(echo "$serieses" | tr '\n' ' ')" \
			"$sysreg" "$@"
	} >"$output/id-registers.list"
	cp "$output/id-registers.list" "$data"
fi
cp "$output/$name.list" "$data"
