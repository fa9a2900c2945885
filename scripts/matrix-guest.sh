#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# matrix-guest.sh - the part of matrix.sh that runs on the host under test
#
# Usage: matrix-guest.sh save [SHAPE...]       save those shapes, or all this host has
#        matrix-guest.sh restore MODEL|all... restore every saved file by each model
#        matrix-guest.sh run LIST             what $FILES/LIST says, for fleet.sh: in each
#                                             line a name, and arguments of guest_abi
#
# run.sh starts it. $FILES has guest_abi, frames.sh, and for `restore` states/HOST/SHAPE. Each
# call of guest_abi is a test, and what it wrote a frame by the name of SHAPE, or
# HOST/SHAPE/MODEL. Before them:
#
#   # known shapes NAME...       what this host can make, and the models of VMMs, both
#   # known models NAME...       from `save`
#   # shapes NAME...             what this host can make of what was asked for
#
# Exit status: 0 all done, 1 something failed, 4 there was nothing to do

set -eu

tool=$FILES/guest_abi
limit=120
tmp=${TMPDIR:-/tmp}/matrix-guest.$$
# shellcheck source=scripts/frames.sh
. "$FILES/frames.sh"

# test_one NAME COMMAND...: of guest_abi, whose stdout is what to tell
test_one()
{
	name=$1
	shift
	status=0
	timeout -s KILL "$limit" "$tool" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	why=
	if [ "$status" -eq 0 ]; then
		frame "$name" "$tmp/out"
	else
		why=$(tail -n 1 "$tmp/err")
		[ "$status" -ne 137 ] || why="killed after $limit s at most"
		sed 's/^/#   /' "$tmp/out"
	fi
	result "$status" "$name" "${why:-status $status, without a message}"
}

# names COMMAND: the first column of what guest_abi lists
names()
{
	"$tool" "$1" | cut -f 1
}

# asked NAME WORD...: whether it is one of the words, or there are none
asked()
{
	word=$1
	shift
	[ $# -gt 0 ] || return 0
	case " $* " in
	*" $word "*) return 0 ;;
	esac
	return 1
}

save()
{
	known=$(names shapes)
	# shellcheck disable=SC2086
	echo "# known shapes" $known
	# shellcheck disable=SC2046
	echo "# known models" $(names vmms)
	shapes=
	for shape in $known; do
		! asked "$shape" "$@" || shapes="$shapes $shape"
	done
	echo "# shapes$shapes"
	# shellcheck disable=SC2086
	set -- $shapes
	[ $# -gt 0 ] || { echo "1..0 # SKIP this host has none of the shapes"; exit 4; }
	echo "1..$#"
	for shape; do
		test_one "$shape" save "--shape=$shape" -
	done
}

restore()
{
	[ "$*" != all ] || {
		# shellcheck disable=SC2046
		set -- $(names vmms)
	}
	models=$*
	set -- "$FILES"/states/*/*
	[ -e "$1" ] || { echo "1..0 # SKIP nothing was saved"; exit 4; }
	# shellcheck disable=SC2086
	echo "1..$(($# * $(echo $models | wc -w)))"
	for state; do
		for model in $models; do
			test_one "${state#"$FILES/states/"}/$model" restore "--vmm=$model" "$state"
		done
	done
}

run()
{
	cd "$FILES"
	echo "1..$(wc -l <"$1")"
	while read -r name arguments; do
		# shellcheck disable=SC2086
		test_one "$name" $arguments
	done <"$1"
}

echo "TAP version 13"
what=$1
shift
mkdir -p "$tmp"
trap 'rm -rf "$tmp"' EXIT
case $what in
save) save "$@" ;;
restore) restore "$@" ;;
run) run "$@" ;;
*) echo "Bail out! usage: matrix-guest.sh save|restore|run WORD..."; exit 1 ;;
esac
exit "$failed"
