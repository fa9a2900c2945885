#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh - in a LAVA test shell: run the installed collection, tell LAVA each result
#
# Usage: run.sh DIR
#
# DIR is what `make install` or the tarball of gen_tar has. The programs' KTAP is
# printed as it comes. Each program is a test set of LAVA's, each of its tests a test
# case of that name, and the program itself one more case, NAME, whose measurement is
# how many tests it reported. It fails as run_kselftest.sh says, and also if its plan
# has another number. A last case, kernel-log, fails if the kernel complained.
#
# In shell, since the ramdisk of `make lava` and other small root file systems have no
# Python; ktap.py reads what LAVA made of it.
#
# An expected failure is a pass, and an unexpected pass a failure.
#
# Exit status: 0, since LAVA takes the verdicts from the test cases

set -u

dir=$1
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
set_name=
planned=
reported=0

# verdict LINE: sets $result and $name, of a line "[not ]ok N name # DIRECTIVE ..."
verdict()
{
	result=pass
	case $1 in
	not*) result=fail ;;
	esac
	case $1 in
	*"# XPASS"*) result=fail ;;
	*"# XFAIL"*) result=pass ;;
	*"# SKIP"*) result=skip ;;
	esac
	name=${1#not }
	name=${name#ok * }
	name=${name#- }
	name=${name%% #*}
}

# start NAME: the program whose tests follow
start()
{
	set_name=$1
	planned=
	reported=0
	lava-test-set start "$set_name"
}

# finish: the program's own line, which follows its tests
finish()
{
	program=${name##*: }
	[ "$program" = "$set_name" ] || start "$program"
	if [ "$result" = pass ] && [ "$planned" != "$reported" ]; then
		echo "run.sh: $program: $reported results, and a plan of ${planned:-none}"
		result=fail
	fi
	lava-test-case "$program" --result "$result" --measurement "$reported" --units tests
	lava-test-set stop
	set_name=
}

# Kernel messages would break LAVA's signals
dmesg -n 1

KTAP=$(mktemp -u "${TMPDIR:-/tmp}/ktap.XXXXXX")
mkfifo "$KTAP" || exit 1
FILES=$dir sh "$top/scripts/kselftest.sh" -c kvm-guest-abi >"$KTAP" 2>&1 </dev/null &
while read -r line; do
	echo "$line"
	case $line in
	"# selftests: "*)
		start "${line##*: }" ;;
	"# 1.."*)
		planned=${line#"# 1.."}
		planned=${planned%% *} ;;
	"# ok "[0-9]* | "# not ok "[0-9]*)
		verdict "${line#"# "}"
		reported=$((reported + 1))
		lava-test-case "$name" --result "$result" ;;
	"ok "[0-9]* | "not ok "[0-9]*)
		verdict "$line"
		finish ;;
	esac
done <"$KTAP"
rm -f "$KTAP"

# shellcheck disable=SC2016
lava-test-case kernel-log --shell \
	"! dmesg | grep -E \"\$(grep -v '^#' '$top/scripts/kernel-trouble.list')\""
