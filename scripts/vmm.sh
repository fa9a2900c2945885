#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vmm.sh - does a real VMM move a VM as the model of it says?
#
# Usage: vmm.sh GUEST_ABI EXCHANGE OUTPUT
#
# Two boots of each host. VMMs of the Debian archive run a Linux guest under the host's KVM
# and migrate it to a file; then they load what all hosts saved, and the guest is asked what
# it finds. Beside each, guest_abi saves and restores the nearest
# VM by the model of that VMM. EXCHANGE is scripts/exchange.c for arm64. Leaves in the
# folder OUTPUT, which is replaced at the end:
#
#   answers             what is printed at the end
#   results/HOST        saved/GUEST, loaded/FROM/GUEST: what the VMM and its guest did;
#                       model/GUEST, model/FROM/GUEST: what guest_abi says
#
# Environment, beside run.sh's:
#   KERNELS  series of scripts/kernels.list (6.1 6.12 6.16 newest)
#   GUESTS   rows of scripts/vmm-guests.list (all)
#   GUEST_KERNEL  series of the guest's kernel (6.12)
#   PAIRS    FROM:TO or FROM:TO:GUEST..., if not all GUESTS go from all of KERNELS to all
#   HOST     row of scripts/hosts.list
#
# Exit status: 0 all is as the models say, 1 something is not, or nothing was measured

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/hosts.sh
. "$here/hosts.sh"

# boot HOST WHAT...: the host works through these tables, and what it prints becomes files
boot()
{
	host=$1
	shift
	name=$host-vhe-$HOST
	logs=logs/$host-$1
	echo "$host vhe HOST=$HOST FILES=todo/$host EXCHANGE=exchange" >plan
	boots log env PLAN=plan LOGDIR="$logs" ARGS="$*" "$here/run-all.sh" "$here/vmm-guest.sh"
	[ -e "$logs/$name/output" ] || die "$host did not come up"
	mkdir -p "results/$host"
	python3 -B "$here/matrix.py" unpack "$logs/$name/output" "results/$host" ||
		die "cannot unpack what $host printed"
	sed "s/^/$1: /" "results/$host/problems" >>"results/$host/all-problems"
	rm -f "results/$host/problems"
}

# plan_loads TO FROM...: the table of what the host loads of what these saved
plan_loads()
{
	to=$1
	shift
	rm -rf "todo/$to/states"
	for from; do
		while IFS='	' read -r guest rest; do
			wanted "$from" "$to" "$guest" || continue
			echo "pair $from $to $guest" >>asked
			[ -s "exchange/$from.$guest" ] || continue
			printf '%s\t%s\t%s\n' "$from" "$guest" "$rest"
			mkdir -p "todo/$to/states/$from"
			[ ! -e "results/$from/model/$guest" ] ||
				cp "results/$from/model/$guest" "todo/$to/states/$from/$guest"
		done <guests
	done >"todo/$to/load"
}

# make_initramfs FILE: the guest's
make_initramfs()
{
	root=$work/guest-root
	busybox_root "$root" "$busybox" "$here/vmm-init.sh" sh mount stty dmesg sed
	pack_root "$root" | gzip -9 >"$1" ||
		die "cannot make the guest's initramfs: is the disk full?"
	rm -rf "$root"
}

# rows: of GUESTS, without comments
rows()
{
	for guest in $GUESTS; do
		awk -F '\t' -v key="$guest" '!/^#/ && $1 == key' "$here/vmm-guests.list"
	done
}

# wanted FROM TO GUEST
wanted()
{
	case " ${PAIRS:-$1:$2} " in
	*" $1:$2 "* | *" $1:$2:$3 "*) return 0 ;;
	esac
	return 1
}

# goes FROM GUEST: anywhere
goes()
{
	for to in $KERNELS; do
		! wanted "$1" "$to" "$2" || return 0
	done
	return 1
}

[ $# -eq 3 ] || die "usage: vmm.sh GUEST_ABI EXCHANGE OUTPUT"
[ -f "$1" ] || die "$1 is missing: build it first"
[ -f "$2" ] || die "$2 is missing: build it first"
tool=$(realpath -- "$1")
exchange=$(realpath -- "$2")
: "${KERNELS:=6.1 6.12 6.16 newest}" "${GUESTS:=$(keys "$here/vmm-guests.list")}"
: "${GUEST_KERNEL:=6.12}" "${PAIRS:=}" "${JOBS:=1}" "${TIMEOUT:=7200}" "${HOST:=n1}"
MEMORY=3072
export JOBS TIMEOUT MEMORY
unset KERNEL MODE HOSTS JUNIT FILES
[ "$(uname -m)" != aarch64 ] || die "this emulates its hosts: a machine that is not arm64 is needed"
kernels=$("$here/fetch.sh" kernels)
newest=$(echo "$kernels" | tail -n 1)
KERNELS=$(echo "$KERNELS" | sed "s/\<newest\>/$newest/")
PAIRS=$(echo "$PAIRS" | sed "s/\<newest\>/$newest/g")
for host in $KERNELS "$GUEST_KERNEL"; do
	echo "$kernels" | grep -Fqx -- "$host" || die "KERNELS: there is no kernel $host"
done
for guest in $GUESTS; do
	[ -n "$(column "$here/vmm-guests.list" "$guest" 2)" ] ||
		die "GUESTS: $guest is not one of: $(keys "$here/vmm-guests.list")"
done
open_output "$3"
cd "$work"

busybox=$("$here/fetch.sh" busybox) || die "no busybox for the guest"
image=$("$here/fetch.sh" kernel "$GUEST_KERNEL") || die "no kernel for the guest"
mkdir exchange files results
cp "$here/frames.sh" files/
cp "$tool" files/guest_abi
cp "$exchange" files/exchange
cp "$image" files/Image
make_initramfs files/initramfs
for vmm in $(rows | cut -f 2 | sort -u); do
	folder=$("$here/fetch.sh" vmm "$vmm") || die "no $vmm"
	cp -R "$folder" "files/$vmm"
	echo "vmm $vmm $(cat "$folder/version")" >>asked
done
echo "guest-kernel $(basename "$image")" >>asked
rows >guests

# Each host in turn saves, and loads what those before it saved
mkdir todo
before=
for host in $KERNELS; do
	cp -al files "todo/$host" || die "cannot copy to $work: is the disk full?"
	echo "$host" >"todo/$host/host"
	while IFS='	' read -r guest rest; do
		! goes "$host" "$guest" || printf '%s\t%s\n' "$guest" "$rest"
	done <guests >"todo/$host/save"
	# shellcheck disable=SC2086
	plan_loads "$host" $before
	boot "$host" save load
	before="$before $host"
done
# ... and once more what those after it saved, and itself
for host in $KERNELS; do
	# shellcheck disable=SC2086
	plan_loads "$host" $before
	before=${before#" $host"}
	[ ! -s "todo/$host/load" ] || boot "$host" load
done
status=0
python3 -B "$here/vmm.py" judge . >answers || status=$?
cat answers
rm -rf todo files exchange
publish_output
exit "$status"
