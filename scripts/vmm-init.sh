#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vmm-init.sh - the first process of the guest that vmm-guest.sh gives a VMM
#
# Tells what its kernel found at boot, and for each line on the console it reports: what must be as it was, what
# counts, and what the kernel says of a CPU that leaves and comes back, since then the
# kernel calls PSCI and reads that CPU's identity anew.

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/ttyAMA0 >/dev/ttyAMA0 2>&1
stty -echo -opost

# show KEY FILE: its first line
show()
{
	value="is not there"
	[ ! -e "$2" ] || read -r value <"$2"
	echo "$1=$value"
}

# The kernel's log since the last time, without times
messages()
{
	dmesg -c | sed -n -E 's/^(<[0-9]+>)?(\[[^]]*\] )?//
		s/polled [0-9]+ ms/polled/
		/psci|smccc|SMC Calling|CPU features|[Tt][Rr][Nn][Gg]|[Ss]tolen|GICv3|arch_timer|hw perf|CPU1|[Ss]pectre|SANITY|WARNING|Oops|BUG|stall/'"s/^/$1: /p"
}

counters()
{
	read -r uptime _ </proc/uptime
	# shellcheck disable=SC2034
	read -r _ a b c d e f g steal _ </proc/stat
	echo "counter uptime=$uptime"
	echo "counter steal=$((steal / 100)).$((steal / 10 % 10))$((steal % 10))"
}

# The counters are first and last: a CPU that comes back begins anew with its stolen time
report()
{
	number=$((number + 1))
	echo "report $number"
	counters
	show boot_id /proc/sys/kernel/random/boot_id
	show release /proc/sys/kernel/osrelease
	cpu=/sys/devices/system/cpu
	echo 0 >$cpu/cpu1/online
	show online-without-cpu1 $cpu/online
	echo 1 >$cpu/cpu1/online
	show online $cpu/online
	for n in 0 1; do
		for register in midr_el1 revidr_el1 aidr_el1; do
			show "cpu$n-$register" $cpu/cpu$n/regs/identification/$register
		done
	done
	while read -r line; do
		[ -z "$line" ] || echo "cpuinfo=$line"
	done </proc/cpuinfo
	for name in spectre_v1 spectre_v2 spec_store_bypass meltdown; do
		show "$name" "$cpu/vulnerabilities/$name"
	done
	show clocksource /sys/devices/system/clocksource/clocksource0/current_clocksource
	show rng /sys/class/misc/hw_random/rng_current
	for pmu in /sys/bus/event_source/devices/armv8*; do
		show "${pmu##*/}-type" "$pmu/type"
		# shellcheck disable=SC2046
		echo "${pmu##*/}-events="$(cd "$pmu/events" 2>/dev/null && echo *)
	done
	messages cpu1
	counters
	echo "end $number"
}

messages boot
number=0
echo up
while read -r _; do
	report
done
