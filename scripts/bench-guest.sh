#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench-guest.sh - run reg_access_bench in the machine that bench.sh has run.sh boot
#
# Usage: bench-guest.sh OPTION...
#
# KTAP of one test, which passes if the program measured. The program's output has "# "
# before each line, and its JSON follows with "# json ".

set -u

echo "TAP version 13"
echo "1..1"
json=/tmp/reg_access_bench.$$
trap 'rm -f "$json" "$json.status"' EXIT
{
	"$FILES/reg_access_bench" --format=json --output="$json" "$@" 2>&1
	echo $? >"$json.status"
} | while IFS= read -r line; do
	echo "# $line"
done
status=1
read -r status <"$json.status"
case $status in
0)
	sed 's/^/# json /' "$json"
	echo "ok 1 reg_access_bench"
	;;
4)
	echo "ok 1 reg_access_bench # SKIP no usable /dev/kvm"
	;;
*)
	echo "not ok 1 reg_access_bench"
	;;
esac
exit "$status"
