#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh - run static arm64 programs, or scripts, on a real KVM and judge what they print
#
# Usage: run.sh PROGRAM...
#
# On an arm64 machine whose /dev/kvm can be used the programs run right here.
# Elsewhere, or if KERNEL is set, a kernel is booted under QEMU, which emulates
# a CPU with EL2, and the programs meet that kernel's KVM.
#
# Environment:
#   KERNEL   series of scripts/kernels.list, "newest", or path of an arm64 Image
#            (default: this machine's own, or else newest)
#   APPEND   more kernel parameters, such as kvm-arm.mode=nvhe
#   HOST     the machine to emulate, a row of scripts/hosts.list (n1, or as the mode needs)
#   MODE     mode of the host's KVM, a row of scripts/modes.list; a kernel without it
#            is skipped (default: the kernel's choice)
#   CPU, GIC, MACHINE  in place of the host's: QEMU's -cpu; 2, 3 or 4; more options of
#            QEMU's -machine virt
#   QEMU     path of qemu-system-aarch64 (default: see fetch.sh)
#   ARGS     arguments for every program, split at blanks
#   KSELFTEST_NAME_ARGS  for the program of that name, in capitals, before ARGS, as
#            kselftest has it; if set, the row of emulated-args.list does not count
#   TIMEOUT  seconds for everything together (1200, or as the mode needs)
#   FILES    a folder that the programs find under that name, if they need one
#   EXCHANGE a folder that programs of the emulated machine may write to and read by
#            scripts/exchange.c; it opens this machine's files to them
#   MEMORY   of the emulated machine, in MiB (2048)
#   LANES    how many programs run at a time (as many as this machine has CPUs; emulated 2,
#            and 1 if QEMU has just one serial line)
#   TIMES    how many of the slowest programs and tests to name (0)
#   KNOWN    "pass": failures that data/known-defects.list has for this kernel are no
#            reason to fail ("fail")
#   JUNIT    a file that gets the results as JUnit XML
#   LOGDIR   where logs and results are left (build/logs)
#
# stdout has the programs' own output, one after the other though they may run side by
# side (scripts/schedule.list), the reasons to fail or skip, and a summary
# line; $LOGDIR/NAME.log all of the console, $LOGDIR/NAME.result the summary.
#
# Exit status: 0 passed, 1 failed or cannot run, 4 skipped (nothing was executed),
#              5 failed, and known defects are the only reason

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
tmp=
job=
stream=

# bytes FILE OFFSET COUNT: in hex
bytes()
{
	od -An -v -tx1 -j"$2" -N"$3" -- "$1" | tr -d ' \n'
}

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$job" ] || end "$job"
	[ -z "$stream" ] || end "$stream"
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# Sets what MODE and HOST imply and the user did not set
read_lists()
{
	modes=$here/modes.list
	hosts=$here/hosts.list
	mode_log=
	mode_args=
	default=$(column "$modes" "${MODE:-vhe}" 2)
	[ -n "$default" ] || die "MODE=$MODE is not one of: $(keys "$modes")"
	: "${TIMEOUT:=$(column "$modes" "${MODE:-vhe}" 3)}"
	if [ -n "$MODE" ]; then
		mode_log=$(column "$modes" "$MODE" 4)
		mode_args=$(column "$modes" "$MODE" 5)
	fi
	host=${HOST:-$default}
	cpu=$(column "$hosts" "$host" 2)
	[ -n "$cpu" ] || die "HOST=$HOST is not one of: $(keys "$hosts")"
	: "${CPU:=$cpu}" "${GIC:=$(column "$hosts" "$host" 3)}"
	: "${MACHINE:=$(column "$hosts" "$host" 4)}"
	flavour=$(column "$hosts" "$host" 5)
	host_args=$(column "$hosts" "$host" 6)
}

check_input()
{
	[ $# -gt 0 ] || die "usage: run.sh PROGRAM..."
	case $TIMEOUT in
	*[!0-9]* | 0*) die "TIMEOUT=$TIMEOUT is not a number of seconds" ;;
	esac
	[ "${#TIMEOUT}" -le 6 ] || die "TIMEOUT=$TIMEOUT is too long"
	case $GIC in
	[234]) ;;
	*) die "GIC=$GIC is not 2, 3 or 4" ;;
	esac
	case $LANES in
	'' | [1-9] | [1-9][0-9]) ;;
	*) die "LANES=$LANES is not a number from 1 to 99" ;;
	esac
	case $TIMES in
	'' | *[!0-9]*) die "TIMES=$TIMES is not a number" ;;
	esac
	case $KNOWN in
	pass | fail) ;;
	*) die "KNOWN=$KNOWN is neither pass nor fail" ;;
	esac
	[ -z "$FILES" ] || [ -d "$FILES" ] || die "FILES=$FILES is not a folder"
	[ -z "$EXCHANGE" ] || [ -d "$EXCHANGE" ] || die "EXCHANGE=$EXCHANGE is not a folder"
	case $MEMORY in
	*[!0-9]* | 0* | '') die "MEMORY=$MEMORY is not a number of MiB" ;;
	esac
	names=
	for program; do
		name=$(basename -- "$program")
		[ -f "$program" ] || die "program $program is missing: build it first"
		[ -r "$program" ] || die "program $program cannot be read"
		case $name in
		*[!A-Za-z0-9._+-]*) die "program $program: a name of letters and digits is needed" ;;
		esac
		case $(bytes "$program" 0 5)$(bytes "$program" 18 2) in
		7f454c4602b700 | 23212f6269*) ;; # and #!/bi of a script
		*) die "program $program is not an arm64 ELF file: was it built for this machine?" ;;
		esac
		case " $names" in
		*" $name "*) die "two programs are named $name" ;;
		esac
		names="$names$name "
	done
}

check_image()
{
	[ -f "$image" ] || die "KERNEL=$image is not a file"
	[ -r "$image" ] || die "KERNEL=$image cannot be read"
	head=$image
	if [ "$(bytes "$image" 0 2)" = 1f8b ]; then
		head=$tmp/head
		gzip -dc -- "$image" 2>/dev/null | head -c 64 >"$head" || :
	fi
	[ "$(bytes "$head" 4 4)" != 7a696d67 ] ||
		die "KERNEL=$image is a compressed EFI program: give the Image that is inside"
	[ "$(bytes "$head" 56 4)" = 41524d64 ] ||
		die "KERNEL=$image is not an arm64 Image (nor one in gzip)"
}

# Everything that the booted machine needs, in $tmp/root
make_initramfs()
{
	root=$tmp/root
	busybox_root "$root" "$busybox" "$here/init.sh" \
		sh mount stty dmesg uname setsid timeout grep sed awk cat date rm poweroff \
		basename cut dirname head ln ls mkdir readlink realpath seq sha256sum sort tail tr uniq wc
	date +%s >"$root/time"
	cp "$here/run-programs.sh" "$root/"
	pack_root "$root" >"$tmp/initramfs" ||
		die "cannot make the initramfs in $tmp: is the disk full?"
}

# launch COMMAND...: run it for TIMEOUT seconds at most; the consoles become one log, and
# what programs print is shown
launch()
{
	rm -f "$tmp/ended"
	begin=$(date +%s.%N)
	"$@" </dev/null &
	job=$!
	"$here/consoles.py" --token="$token" --programs="$names" --until="$tmp/ended" \
		--log="$log" "$tmp"/console.* &
	stream=$!
	status=0
	wait "$job" || status=$?
	job=
	end=$(date +%s.%N)
	: >"$tmp/ended"
	wait "$stream" || die "cannot write $log: is the disk full?"
	stream=
	ended=itself
	case $status in
	124 | 137) ended=timeout ;;
	esac
}

# When each program begins: a row of run-programs.sh's list for each
schedule()
{
	echo "$names" | tr ' ' '\n' | grep . | awk -F '\t' '
		NR == FNR { when[$1] = $2; next }
		{
			variable = toupper($1)
			gsub(/[^A-Z0-9]/, "_", variable)
			how = when[$1] == "alone" ? "alone" : "beside"
			turn = when[$1] == "first" ? 1 : how == "beside" ? 2 : 3
			print turn, $1, how, "KSELFTEST_" variable "_ARGS"
		}' "$here/schedule.list" - | sort -s -n -k 1,1 | cut -d ' ' -f 2-
}

on_exit cleanup

: "${KERNEL:=}" "${HOST:=}" "${MODE:=}" "${APPEND:=}" "${CPU:=}" "${GIC:=}" "${MACHINE:=}"
: "${QEMU:=}" "${ARGS:=}" "${TIMEOUT:=}" "${FILES:=}" "${EXCHANGE:=}" "${MEMORY:=2048}" "${JUNIT:=}"
: "${KNOWN:=fail}" "${LANES:=}" "${TIMES:=0}"
: "${LOGDIR:=build/logs}"
read_lists
check_input "$@"
mkdir -p "$LOGDIR" 2>/dev/null || :
[ -w "$LOGDIR" ] || die "cannot write to LOGDIR=$LOGDIR"
command -v python3 >/dev/null || die "python3 is missing: run scripts/setup.sh run"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kvm-guest-abi.XXXXXX")

native=
case $(uname -m),$KERNEL,$MODE,$HOST in
aarch64,,,)
	[ ! -r /dev/kvm ] || [ ! -w /dev/kvm ] || native=yes ;;
esac

if [ -z "$native" ]; then
	if [ -n "$QEMU" ]; then
		path=$(command -v "$QEMU") || :
		[ -x "$path" ] || die "QEMU=$QEMU cannot be executed"
		QEMU=$path
	fi
	for tool in cpio od timeout; do
		command -v $tool >/dev/null || die "$tool is missing: run scripts/setup.sh run"
	done
	label=${KERNEL:-newest}
	if [ -e "$label" ]; then
		image=$label
	else
		case $label in
		*/*) die "KERNEL=$label does not exist" ;;
		esac
		image=$("$here/fetch.sh" kernel "$label" "$flavour") || die "no kernel to boot (KERNEL=$label)"
	fi
	check_image
	[ -n "$QEMU" ] || QEMU=$("$here/fetch.sh" qemu) || die "no QEMU to boot with"
	busybox=$("$here/fetch.sh" busybox) || die "no busybox to boot with"
	label=$(basename "$image")-${MODE:+$MODE-}$host-$CPU-gic$GIC${APPEND:+-$APPEND}
else
	host=
	label=native-$(uname -r)
fi
label=$(printf %s "$label" | tr -c 'A-Za-z0-9.+-' _ | cut -c 1-120)

log=$tmp/log
token=$(od -An -v -N16 -tx1 /dev/urandom | tr -d ' \n')
root=$tmp/root
mkdir -p "$root/bin" "$root/files"
cp -- "$@" "$root/bin/" || die "cannot copy the programs to $tmp: is the disk full?"
[ -z "$FILES" ] || cp -R -- "$FILES/." "$root/files/" || die "cannot copy $FILES to $tmp"
chmod -R a+rx "$root/bin"
# KSELFTEST_NAME_ARGS for every program: natively as the user has them; emulated, some
# need to be frugal
{
	[ -n "$native" ] || awk '!/^#/ && NF {
		name = toupper($1)
		gsub(/[^A-Z0-9]/, "_", name)
		sub(/^[^ \t]*[ \t]*/, "")
		printf "KSELFTEST_%s_ARGS %s\n", name, $0
	}' "$here/emulated-args.list"
	env | sed -n 's/^\(KSELFTEST_[A-Z0-9_]*_ARGS\)=/\1 /p'
} >"$root/env"
schedule >"$root/list"
echo "$token" >"$root/token"
echo "$mode_log" >"$root/mode"
printf '%s\n' "$ARGS" | tr '\n' ' ' >"$root/args"
echo >>"$root/args"
# The programs' time runs out first, to leave some for what they were doing
limit=$((TIMEOUT - TIMEOUT / 20 - 3))
[ "$limit" -gt 0 ] || limit=1

if [ -n "$native" ]; then
	say "running on this machine's KVM"
	echo $(($(cut -d. -f1 /proc/uptime) + limit)) >"$root/limit"
	: "${LANES:=$(nproc)}"
	for lane in $(seq "$LANES"); do
		: >"$tmp/console.$lane"
		echo "$tmp/console.$lane" >>"$root/consoles"
	done
	launch timeout -k 2 "$TIMEOUT" sh "$here/run-programs.sh" "$root"
else
	echo "$limit" >"$root/limit"
	make_initramfs
	parameters="console=ttyAMA0 quiet panic=-1 cryptomgr.notests kpti=off"
	# What KVM's guests do not see, and each VM, process or system call pays for
	parameters="$parameters debugfs=off lsm= audit=0 init_on_alloc=0"
	parameters="$parameters randomize_kstack_offset=off"
	# a CPU that hangs is to end the run, not to outlast it
	parameters="$parameters rcupdate.rcu_expedited=1 nmi_watchdog=panic $mode_args $host_args $APPEND"
	say "booting $image ($host: $CPU, GICv$GIC${MACHINE:+, $MACHINE}${host_args:+, $host_args};" \
		"mode ${MODE:-of its choice}${APPEND:+, $APPEND}) with $QEMU"
	set -- -serial "file:$tmp/console.1"
	[ "$LANES" = 1 ] || set -- "$@" -serial "file:$tmp/console.2"
	touch "$tmp/console.1" "$tmp/console.2"
	if [ -n "$EXCHANGE" ]; then
		set -- "$@" -semihosting-config enable=on,userspace=on,target=native
		image=$(realpath -- "$image")
		case $QEMU in
		/*) ;;
		*/*) QEMU=$(realpath -- "$QEMU") ;;
		esac
	fi
	launch env --chdir="${EXCHANGE:-.}" timeout -k 2 "$TIMEOUT" "$QEMU" \
		-machine "virt,virtualization=on,gic-version=$GIC${MACHINE:+,$MACHINE}" -cpu "$CPU" \
		-accel tcg,thread=multi -smp 2 -m "$MEMORY" \
		-nodefaults -nic none -display none -monitor none -no-reboot \
		"$@" -kernel "$image" -initrd "$tmp/initramfs" \
		-append "$parameters" 2>"$tmp/qemu"
	if [ -s "$tmp/qemu" ] && [ "$status" -ne 124 ]; then
		say "QEMU: $(head -n 3 "$tmp/qemu")"
	fi
fi

seconds=$(echo "$begin $end" | awk '{ printf "%.1f", $2 - $1 }')
status=0
"$here/ktap.py" judge --token="$token" --programs="$names" --label="$label" \
	--seconds="$seconds" --defects="$here/../data/known-defects.list" --mode="$MODE" --host="$host" \
	--known="$KNOWN" --times="$TIMES" --ended="$ended" --timeout="$TIMEOUT" --result="$tmp/result" --junit="$JUNIT" "$log" ||
	status=$?
mv "$log" "$LOGDIR/$label.log"
mv "$tmp/result" "$LOGDIR/$label.result" || status=1
if [ "$status" -ne 0 ]; then
	say "the whole log is in $LOGDIR/$label.log"
fi
case $status in
0 | 4 | 5) exit "$status" ;;
*) exit 1 ;;
esac
