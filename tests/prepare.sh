# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# prepare.sh - what the tests in shell have to prepare, unlike those inside a machine
#
# Sourced before lib.sh. $tmp is a folder of the test's own, removed at its end, and TMPDIR
# is below it. A process that must not outlive the test is in $child. Removes options of
# the scripts from the environment.

tmp=${0##*/}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/${tmp%.sh}.XXXXXX")
child=
# shellcheck disable=SC2154
trap 'status=$?; [ -z "$child" ] || kill "$child" 2>/dev/null || :; rm -rf "$tmp"; exit $status' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/tmp"
export TMPDIR="$tmp/tmp" LOGDIR="$tmp/logs"
unset KERNEL KERNELS HOST HOSTS MODE MODES MACHINE KNOWN JOBS LANES TIMES PLAN APPEND CPU GIC QEMU ARGS TIMEOUT FILES JUNIT
unset OUTPUT KSRC MAKEFLAGS MAKELEVEL MAKEOVERRIDES
