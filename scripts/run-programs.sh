#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run-programs.sh - run the programs, in the emulated machine or natively
#
# Usage: run-programs.sh DIR
#
# DIR holds what run.sh put there: programs in bin/; in `list` a row for each, in the order
# of their begin: its name, "alone" or "beside" others, and the variable with its arguments;
# in `consoles` where to write, a row for each program that runs at a time; in `env`
# variables; in `args` the arguments for all; in `limit` the uptime by which all must be
# done; in files/ what FILES named; in `mode` what the kernel's boot log must have, if
# anything; and `token`.
# A program has a console to itself. Its output is between lines that ktap.py reads:
#
#   @TOKEN kernel RELEASE
#   @TOKEN nomode               the boot log lacks that, so nothing is run
#   @TOKEN begin NAME
#   @TOKEN end NAME STATUS HOW
#   @TOKEN log NAME...: LINE     a line of the kernel's log while these ran
#   @TOKEN nolog NAME...         the kernel's log of that time cannot be read
#   @TOKEN done
#
# HOW is "itself", "hung" (killed when the time was up) or "late" (no time was left
# to start it).
# The token is random and gone before the first program starts, so that no
# program can print a marker, by accident or otherwise.
#
# Commands are few: under emulation each costs as much as a VM.
#
# Exit status: 0; the programs' own statuses are in the markers

set -uf

dir=$1
read -r token <"$dir/token"
rm -f "$dir/token"
read -r limit <"$dir/limit"
read -r args <"$dir/args"
read -r mode <"$dir/mode"

export FILES="$dir/files"
while read -r name value; do
	export "$name=$value"
done <"$dir/env"

mark()
{
	printf '@%s %s\n' "$token" "$*"
}

# Sets $now
seconds()
{
	read -r now _ </proc/uptime
	now=${now%.*}
}

# A program has a session of its own, so that nothing survives it. Processes with a lower
# number than the session's first one are older.
end_session()
{
	set +f
	left_over=
	for stat in /proc/[0-9]*/stat; do
		pid=${stat#/proc/}
		pid=${pid%/stat}
		[ "$pid" -gt "$1" ] || continue
		read -r line <"$stat" || continue
		# after the name: state, parent, process group, session
		# shellcheck disable=SC2086
		set -- "$1" ${line##*) }
		[ "$5" != "$1" ] || left_over="$left_over $pid"
	done
	# shellcheck disable=SC2086
	[ -z "$left_over" ] || kill -KILL $left_over
	set -f
}

# one LANE NAME ARGUMENT...
one()
{
	lane=$1
	name=$2
	shift 2
	seconds
	left=$((limit - now))
	mark "begin $name"
	if [ "$left" -le 0 ]; then
		mark "end $name 124 late"
		return
	fi
	status=0
	# shellcheck disable=SC2016,SC2086
	setsid sh -c 'echo $$ >"$0" && exec timeout -s KILL "$@"' "$dir/session.$lane" \
		"$left" "$dir/bin/$name" "$@" $args </dev/null 2>&1 3>&- 4>&- || status=$?
	read -r session <"$dir/session.$lane"
	end_session "$session"
	how=itself
	seconds
	[ "$status" -ne 137 ] || [ "$now" -lt "$limit" ] || how=hung
	mark "end $name $status $how"
}

# lane LANE: run the programs that the scheduler names to it
lane()
{
	exec 4<>"$dir/lane.$1"
	while read -r name variable <&4 && [ -n "$name" ]; do
		own=
		eval "own=\${$variable:-}"
		# shellcheck disable=SC2086
		one "$1" "$name" $own
		echo "$1" >&3
	done
}

# The kernel's log from now on is in $dir/kernel-log, a line for each message:
# PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT
open_log()
{
	log=
	{ true </dev/kmsg; } 2>/dev/null || return
	log=unmarked
	if { echo "kvm-guest-abi: begin" >/dev/kmsg; } 2>/dev/null &&
		[ "$(cat /proc/sys/kernel/printk_devkmsg)" = on ]; then
		log=marked
	fi
	: >"$dir/kernel-log"
	cat /dev/kmsg >"$dir/kernel-log" 2>/dev/null &
	reader=$!
	exec 6<"$dir/kernel-log"
	# What is older is read first
	[ "$log" = marked ] || sleep 1
	marks=0
	kernel_log >/dev/null
}

# The new lines, while $running ran. A message of our own is the last one, if the kernel
# takes all of ours: then the file has what was logged before.
kernel_log()
{
	if [ -z "$log" ]; then
		mark "nolog $running"
		return
	fi
	marks=$((marks + 1))
	[ "$log" = unmarked ] || echo "kvm-guest-abi: mark $marks" >/dev/kmsg
	seconds
	give_up=$((now + 30))
	part=
	while :; do
		if ! IFS= read -r line <&6; then
			part=$part$line
			[ "$log" = marked ] || return
			seconds
			[ "$now" -ge "$give_up" ] || continue
			mark "nolog $running"
			return
		fi
		line=$part$line
		part=
		text=${line#*;}
		case $line in
		" "*) continue ;; # more about the message before
		*";kvm-guest-abi: mark $marks") return ;;
		*";kvm-guest-abi: "*) continue ;;
		esac
		micros=${line#*,*,}
		micros=${micros%%,*}
		printf '@%s log %s: [%5d.%06d] %s\n' "$token" "$running" \
			$((micros / 1000000)) $((micros % 1000000)) "$text"
	done
}

# wait_for_end: of any program; its lane and console are free then
wait_for_end()
{
	read -r ended <&3
	eval "path=\$console_$ended ran=\$name_$ended"
	kernel_log >>"$path"
	running=" $running "
	running="${running%%" $ran "*} ${running#*" $ran "}"
	running=${running# }
	running=${running% }
	free="$free $ended"
	nr_free=$((nr_free + 1))
}

# Give each program to a lane, and stop these at the end
schedule()
{
	free=$lanes
	nr_free=$nr
	running=
	mark "kernel $(uname -r)" >>"$first"
	if [ -n "$mode" ] && ! dmesg | grep -qE "$mode"; then
		mark nomode >>"$first"
		: >"$dir/list"
	fi
	open_log
	while read -r name how variable <&5; do
		need=1
		[ "$how" = beside ] || need=$nr
		while [ "$nr_free" -lt "$need" ]; do
			wait_for_end
		done
		# shellcheck disable=SC2086
		set -- $free
		lane=$1
		shift
		free=$*
		nr_free=$((nr_free - 1))
		eval "name_$lane=\$name"
		running="$running${running:+ }$name"
		echo "$name $variable" >"$dir/lane.$lane"
		[ "$how" = beside ] || wait_for_end
	done 5<"$dir/list"
	while [ "$nr_free" -lt "$nr" ]; do
		wait_for_end
	done
	for lane in $lanes; do
		echo >"$dir/lane.$lane"
	done
	mark "done" >>"$first"
	[ -z "$log" ] || kill "$reader" 2>/dev/null
}

# with N: the scheduler and lanes 1 to N. A pipeline, since what a shell starts by & ignores
# SIGINT, as all that it starts does; nothing goes through the pipes.
with()
{
	if [ "$1" -eq 0 ]; then
		schedule
	else
		eval "path=\$console_$1"
		with $(($1 - 1)) | lane "$1" >>"$path" 2>/dev/null
	fi
}

mkfifo "$dir/ended"
exec 3<>"$dir/ended"
lanes=
nr=0
while read -r path; do
	nr=$((nr + 1))
	eval "console_$nr=\$path"
	lanes="$lanes $nr"
	mkfifo "$dir/lane.$nr"
	[ "$nr" -gt 1 ] || first=$path
done <"$dir/consoles"
with "$nr"
