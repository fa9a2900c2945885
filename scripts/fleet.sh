#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet.sh - is a VM that was made by a fleet's recipe the same on every host of it?
#
# Usage: fleet.sh GUEST_ABI OUTPUT
#
# Three boots of each host: the first describes it, the second makes VMs by the recipes that
# follow from all descriptions, looks at them and saves them, the third restores what all of
# them saved. Fails where a recipe said what is not so. Leaves in the folder OUTPUT, which is
# replaced at the end:
#
#   answers              what is printed at the end
#   hosts/HOST           the descriptions, for tools/guest_abi/common.py
#   plan.json            the recipes, by name
#   results/HOST         what the host said: RECIPE/pin, RECIPE/state, and RECIPE/FROM, the
#                        report about the VM that was saved on FROM
#
# Environment, beside run.sh's:
#   FLEET   hosts: a series of scripts/kernels.list, and after a slash a row of
#           scripts/hosts.list (6.1 6.12 6.18 7.3 7.3/a76)
#   SHAPES  names that `guest_abi shapes` lists (plain pmu)
#   JOBS    how many machines at a time (1)
#
# Exit status: 0 all is as the recipes say, 1 something is not, or nothing was measured

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/hosts.sh
. "$here/hosts.sh"

# boot WHAT: every host works through its list WHAT, and what it prints becomes files
boot()
{
	boots "$1.log" env PLAN=plan LOGDIR="logs/$1" ARGS="run $1" "$here/run-all.sh" \
		"$here/matrix-guest.sh"
	while read -r kernel mode host _; do
		name=$kernel-$mode-${host#HOST=}
		[ -e "logs/$1/$name/output" ] || die "$name did not come up"
		mkdir -p "results/$name"
		[ ! -e "results/$name/problems" ] || cat "results/$name/problems" >>"results/$name/before"
		python3 -B "$here/matrix.py" unpack "logs/$1/$name/output" "results/$name" ||
			die "cannot unpack what $name printed"
	done <plan
}

[ $# -eq 2 ] || die "usage: fleet.sh GUEST_ABI OUTPUT"
[ -f "$1" ] || die "$1 is missing: build it first"
tool=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
: "${FLEET:=6.1 6.12 6.18 7.3 7.3/a76}" "${SHAPES:=plain pmu}" "${JOBS:=1}"
export JOBS
unset KERNEL MODE HOST HOSTS JUNIT FILES
open_output "$2"
cd "$work"

for host in $FLEET; do
	kernel=${host%%/*}
	machine=${host#"$kernel"}
	machine=${machine#/}
	"$here/fetch.sh" kernels | grep -Fqx -- "$kernel" || die "FLEET: there is no kernel $kernel"
	[ -n "$(column "$here/hosts.list" "${machine:-n1}" 2)" ] ||
		die "FLEET: $machine is not one of: $(keys "$here/hosts.list")"
	name=$kernel-vhe-${machine:-n1}
	mkdir -p "todo/$name"
	cp -- "$tool" "todo/$name/guest_abi"
	cp "$here/frames.sh" "todo/$name/"
	echo "$name host -" >"todo/$name/host"
	echo "$kernel vhe HOST=${machine:-n1} FILES=todo/$name" >>plan
done

boot host
mkdir hosts
for folder in results/*; do
	mv "$folder/${folder##*/}" hosts/ || die "${folder##*/} described nothing"
done
# shellcheck disable=SC2086
python3 -B "$here/fleet.py" plan . $SHAPES || die "there is no plan"
boot save
for folder in todo/*; do
	for state in results/*/*/state; do
		from=${state#results/}
		[ -e "$state" ] || die "nothing was saved"
		mkdir -p "$folder/states/${from%/*}"
		cp "$state" "$folder/states/$from"
	done
done
boot restore
for folder in results/*; do
	cat "$folder/before" "$folder/problems" >"$folder/all"
	mv "$folder/all" "$folder/problems"
	rm "$folder/before"
done
status=0
python3 -B "$here/fleet.py" judge . >answers || status=$?
cat answers
rm -rf todo
publish_output
exit "$status"
