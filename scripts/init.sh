#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# init.sh - the first process of the emulated machine that run.sh boots
#
# Runs what the initramfs holds (see run-programs.sh) on the console and powers
# the machine off.

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
exec </dev/console >/dev/console 2>&1
# One for each program that runs at a time; run.sh gives the machine one or two
for tty in /dev/ttyAMA0 /dev/ttyAMA1; do
	[ ! -c $tty ] || ! stty -F $tty raw -echo || echo $tty
done >/consoles

# A virtual machine without a clock would start in 1970, where the time of day and
# the time since boot look alike
date -u -s "@$(cat /time)" >/dev/null

# Kernel messages would break the programs' lines: run-programs.sh reports them.
# A panic or an Oops is printed whatever the level.
dmesg -n 1
echo on >/proc/sys/kernel/printk_devkmsg

sh /run-programs.sh /

# Changing a terminal's mode waits until everything is written
while read -r tty; do
	stty -F "$tty" sane
done </consoles
poweroff -f
