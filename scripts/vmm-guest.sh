#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vmm-guest.sh - the part of vmm.sh that runs on the host under test
#
# Usage: vmm-guest.sh save|load...
#
# run.sh starts it. $FILES has this host's name in `host`, guest_abi, exchange, frames.sh, the
# VMMs, a guest's kernel and initramfs, and tables of what to do: `save` has rows of vmm-guests.list, and `load` the same with a
# column before them, the host that saved. `save` starts each guest and leaves its state outside, by
# the name HOST.GUEST; `load` fetches it from there. Each has a call of guest_abi beside it,
# which says what the VMM is expected to do. The frames:
#
#   saved/GUEST, loaded/FROM/GUEST   how it went: see `tell`
#   model/GUEST, model/FROM/GUEST    what guest_abi wrote
#
# Exit status: 0 all was tried, 1 something failed

# What `beside` calls has its own $tmp
# shellcheck disable=SC2030,SC2031,SC2317

set -eu

# By itself, a wait for a VMM ends only with that VMM. A guest that hangs is not to cost
# the others their time.
limit=3600
read -r host <"$FILES/host"
top=${TMPDIR:-/tmp}/vmm-guest.$$
tmp=$top
# VMMs at a time: each has 128 MiB for its guest, and the state in a file
most=3
vmm_pid=
# shellcheck source=scripts/frames.sh
. "$FILES/frames.sh"

# model NAME COMMAND...: what guest_abi says
model()
{
	about=$1
	shift
	status=0
	"$FILES/guest_abi" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" != 0 ] || frame "$about" "$tmp/out"
	result "$status" "$about" "$(tail -n 1 "$tmp/err")"
}

now()
{
	read -r uptime _ </proc/uptime
	echo "$uptime"
}

# progress WORD...: for who reads the log of a long run
progress()
{
	echo "# at $(now): $*"
}

# tell WORD...: a line of the result
tell()
{
	echo "$*" >>"$tmp/result"
}

alive()
{
	read -r uptime _ </proc/uptime
	kill -0 "$vmm_pid" 2>/dev/null && [ "${uptime%.*}" -lt "$until" ]
}

# Waits are reads that block: under emulation a command each second costs more than the guest

# listen FILE PATTERN...: keep the lines from standard input until one is like one of these;
# fails if the VMM ends first
listen()
{
	file=$1
	part=
	shift
	while :; do
		line=
		# shellcheck disable=SC3045
		if IFS= read -r -t 5 line; then
			line=$part$line
			part=
			echo "$line" >>"$file"
			for pattern; do
				# shellcheck disable=SC2254
				case $line in
				$pattern) return 0 ;;
				esac
			done
		else
			# the time was up in the middle of a line
			part=$part$line
			alive || return 1
		fi
	done
}

# await PATTERN: a line on the guest's console
await()
{
	listen "$tmp/serial" "$1" <&6
}

# monitor COMMAND [ARGUMENTS]: returns when it is done
monitor()
{
	echo "{\"execute\":\"$1\"${2:+,\"arguments\":$2}}" >&3
	listen "$tmp/answers" '*"return"*' '*"error"*' <&5
}

# monitor_until COMMAND PATTERN...: ask until the answer is like one of these
monitor_until()
{
	command=$1
	shift
	while monitor "$command"; do
		for pattern; do
			# shellcheck disable=SC2254
			case $line in
			$pattern) return 0 ;;
			esac
		done
		sleep 2
	done
	return 1
}

# start VMM CPU [OPTION...]
start()
{
	program=$(echo "$FILES/$1"/qemu-system-*)
	cpu=$2
	lib=$FILES/$1/lib
	shift 2
	rm -f "$tmp/monitor.in" "$tmp/monitor.out" "$tmp/serial.in" "$tmp/serial.out"
	mkfifo "$tmp/monitor.in" "$tmp/monitor.out" "$tmp/serial.in" "$tmp/serial.out"
	: >"$tmp/answers"
	: >"$tmp/serial"
	exec 3<>"$tmp/monitor.in" 4<>"$tmp/serial.in" 5<>"$tmp/monitor.out" 6<>"$tmp/serial.out"
	read -r uptime _ </proc/uptime
	until=$((${uptime%.*} + limit))
	"$lib/ld-linux-aarch64.so.1" --library-path "$lib" "$program" \
		-machine virt,accel=kvm,gic-version=3 -cpu "$cpu" -smp 2 -m 128 \
		-nodefaults -nic none -display none -no-reboot \
		-chardev "pipe,id=monitor,path=$tmp/monitor" -mon chardev=monitor,mode=control \
		-chardev "pipe,id=serial,path=$tmp/serial" -serial chardev:serial \
		-kernel "$FILES/Image" -initrd "$FILES/initramfs" \
		-append "console=ttyAMA0 quiet panic=-1 cryptomgr.notests debugfs=off lsm= audit=0 init_on_alloc=0 randomize_kstack_offset=off rcupdate.rcu_expedited=1 nokaslr" \
		"$@" >"$tmp/messages" 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- &
	vmm_pid=$!
	monitor qmp_capabilities || :
}

# Sets $vmm_status
stop()
{
	vmm_status=0
	monitor quit || :
	while alive; do
		sleep 1
	done
	kill -KILL "$vmm_pid" 2>/dev/null || :
	wait "$vmm_pid" || vmm_status=$?
	# What has not been read yet
	# shellcheck disable=SC3045
	while IFS= read -r -t 1 line <&6; do
		echo "$line" >>"$tmp/serial"
	done
	exec 3>&- 4>&- 5>&- 6>&-
}

# What it said, and the guest; for `gather`
finish()
{
	{
		tail -n 12 "$tmp/messages" | cut -c 1-300 | tr -c '\n -~' '?' | sed 's/^/said /'
		sed -n 's/.*"error-desc": *"\([^"]*\)".*/said \1/p' "$tmp/answers" | sort -u
		tr -d '\r' <"$tmp/serial" | tr -c '\n -~' '?' | sed 's/^/guest /'
	} >>"$tmp/result"
	touch "$tmp/whole"
}

# beside NAME COMMAND...: run it with a folder of its own, most of them at a time
beside()
{
	mkdir "$top/$running"
	echo "$1" >"$top/$running/name"
	shift
	(
		tmp=$top/$running
		"$@"
	) &
	running=$((running + 1))
	[ "$running" -lt "$most" ] || gather
}

# gather: wait for them, and tell what they left
gather()
{
	wait
	while [ "$running" -gt 0 ]; do
		running=$((running - 1))
		read -r name <"$top/$running/name"
		if [ -e "$top/$running/whole" ]; then
			frame "$name" "$top/$running/result"
			result 0 "$name" ""
		else
			result 1 "$name" "not tried: $(tail -n 1 "$top/$running/err")"
		fi
		rm -rf "${top:?}/$running"
	done
}

save()
{
	name=$1
	vmm=$2
	cpu=$3
	: >"$tmp/result"
	start "$vmm" "$cpu"
	tell "asked $(now)"
	how=started
	progress "$name started"
	if await 'up*' && progress "$name is up" && echo report >&4 && await 'end 1*'; then
		progress "$name reported"
		how=not-saved
		if monitor migrate "{\"uri\":\"file:$tmp/state\"}" &&
			monitor_until query-migrate '*"status": "completed"*' '*"status": "failed"*'; then
			case $line in
			*'"completed"'*) how=saved ;;
			esac
		fi
	fi
	tell "done $(now)"
	stop
	tell "how $how"
	[ "$how" = saved ] || tell "status $vmm_status"
	if [ "$how" = saved ]; then
		tell "bytes $(wc -c <"$tmp/state")"
		"$FILES/exchange" put "$tmp/state" "$host.$name" 2>"$tmp/err" ||
			tell "how not carried out: $(tail -n 1 "$tmp/err")"
	fi
	rm -f "$tmp/state"
	progress "$name: $how"
	finish
}

load()
{
	from=$1
	name=$2
	vmm=$3
	cpu=$4
	: >"$tmp/result"
	"$FILES/exchange" get "$from.$name" "$tmp/state" 2>"$tmp/err" || return
	tell "asked $(now)"
	start "$vmm" "$cpu" -incoming "file:$tmp/state"
	how=refused
	progress "$from $name started"
	if monitor_until query-status '*"running": true*'; then
		how=moved
		progress "$from $name moved"
		echo report >&4
		! await 'end 2*' || how=runs-on
	fi
	tell "done $(now)"
	stop
	tell "how $how"
	tell "status $vmm_status"
	rm -f "$tmp/state"
	progress "$from $name: $how"
	finish
}

echo "TAP version 13"
mkdir -p "$tmp"
trap 'rm -rf "$top"' EXIT
running=0
for what; do
	cat "$FILES/$what"
done >"$tmp/todo"
echo "1..$(($(wc -l <"$tmp/todo") * 2))"
# The models go first: what is written in the background must not break their lines
for what; do
	case $what in
	save)
		while read -r name _ _ shape _; do
			model "model/$name" save "--shape=$shape" -
		done <"$FILES/save"
		while read -r name vmm cpu _; do
			beside "saved/$name" save "$name" "$vmm" "$cpu"
		done <"$FILES/save" ;;
	load)
		while read -r from name _ _ _ by _; do
			model "model/$from/$name" restore "--vmm=$by" "$FILES/states/$from/$name"
		done <"$FILES/load"
		while read -r from name vmm cpu _; do
			beside "loaded/$from/$name" load "$from" "$name" "$vmm" "$cpu"
		done <"$FILES/load" ;;
	esac
	gather
done
exit "$failed"
