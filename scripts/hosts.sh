# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# hosts.sh - what matrix.sh, fleet.sh and vmm.sh share: they boot hosts, and leave a folder
#
# Sourced, after lib.sh.

job=
work=

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$job" ] || end "-$job"
	[ -z "$work" ] || rm -rf "$work"
}

# open_output FOLDER: $output is where it will be, $work where it is made. One at a time.
open_output()
{
	mkdir -p "$(dirname -- "$1")" || die "cannot make $1"
	output=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
	command -v flock >/dev/null || die "flock is missing: run scripts/setup.sh run"
	exec 9>"$output.lock" || die "cannot write beside $output"
	flock -n 9 || die "another ${0##*/} is writing $output"
	rm -rf "$output".new.*
	on_exit cleanup
	work=$(mktemp -d "$output.new.XXXXXX") || die "cannot write beside $output"
}

# publish_output: $work, complete, takes the place of what was there
publish_output()
{
	rm -rf "$output.old"
	[ ! -e "$output" ] || mv "$output" "$output.old"
	mv "$work" "$output"
	work=
	rm -rf "$output.old"
}

# boots LOG COMMAND...: in a session of its own, which a signal ends as a whole
boots()
{
	boots_log=$1
	shift
	setsid "$@" >"$boots_log" 2>&1 </dev/null &
	job=$!
	wait "$job" || :
	job=
	cat "$boots_log" >&2
}
