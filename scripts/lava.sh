#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# lava.sh - run the collection as a LAVA job, by lava-run and without a server
#
# Usage: lava.sh PROGRAM...
#
# The PROGRAMs are what the collection has, to see that none is missing; the job
# runs the tarball that the kernel tree KSRC makes of this folder (gen_tar). Job and
# device are those of ci/lava. Needs root, as lava-run does.
#
# Environment:
#   KERNEL   series of scripts/kernels.list, "newest" (default), or path of an arm64 Image
#   APPEND   more kernel parameters
#   CPU, GIC, QEMU   as for run.sh
#   TIMEOUT  seconds for the whole job (1800)
#   KSRC     the kernel tree (default: the cached 6.12)
#   OUT      where everything is left (build/lava): job.yaml, device.yaml, log.yaml, and
#            results.yaml with a line for each test case
#
# Exit status: 0 all passed or skipped, 1 one failed or is missing, or it cannot run

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
top=$(dirname -- "$here")
tmp=
job=

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$job" ] || end "$job"
	# lava-run leaves this behind where a job is refused or cut short
	[ -z "$tmp" ] || rm -rf "$tmp" "/var/lib/lava/dispatcher/tmp/kvm-guest-abi-$$"
}

# The tarball that the tree KSRC makes of this folder
make_kselftest()
{
	mkdir -p "$OUT/tree" "$OUT/objects"
	rsync -a --delete --exclude /tools/testing/selftests/kvm-guest-abi "$KSRC/" "$OUT/tree/" ||
		die "cannot copy $KSRC to $OUT/tree: is the disk full?"
	ln -sfn "$top" "$OUT/tree/tools/testing/selftests/kvm-guest-abi"
	cross=
	[ "$(uname -m)" = aarch64 ] || cross="CROSS_COMPILE=${CROSS_COMPILE:-aarch64-linux-gnu-}"
	# shellcheck disable=SC2086
	env -u OUTPUT -u KSRC -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		make -s -C "$OUT/tree/tools/testing/selftests" TARGETS=kvm-guest-abi \
		ARCH=arm64 $cross O="$OUT/objects" gen_tar >"$OUT/gen_tar.log" 2>&1 ||
		die "no tarball; see $OUT/gen_tar.log: $(tail -n 1 "$OUT/gen_tar.log")"
	kselftest=$(find "$OUT/objects" -name kselftest.tar.gz)
	[ -n "$kselftest" ] || die "no tarball; see $OUT/gen_tar.log"
}

# A shell on the console, to which LAVA adds its own files and the tarball
make_ramdisk()
{
	mkdir -p "$tmp/root/bin" "$tmp/root/opt/kselftest"
	cp "$busybox" "$tmp/root/bin/busybox"
	cp "$top/ci/lava/init.sh" "$tmp/root/init"
	date +%s >"$tmp/root/time"
	chmod +x "$tmp/root/init" "$tmp/root/bin/busybox"
	(cd "$tmp/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/ramdisk.cpio.gz" ||
		die "cannot write $OUT/ramdisk.cpio.gz: is the disk full?"
}

# fill FILE: a template of ci/lava becomes $OUT/FILE
fill()
{
	awk -v map="$tmp/values" '
		BEGIN {
			while ((getline line <map) > 0) {
				at = index(line, " ")
				value["@" substr(line, 1, at - 1) "@"] = substr(line, at + 1)
			}
		}
		/^ *#/ { next }
		{
			for (name in value)
				while ((at = index($0, name)))
					$0 = substr($0, 1, at - 1) value[name] \
						substr($0, at + length(name))
			print
		}' "$top/ci/lava/$1" >"$OUT/$1" || die "cannot write $OUT/$1"
}

# What a server would check before it took the job
valid_job()
{
	/usr/bin/python3 - "$OUT/job.yaml" "$OUT/device.yaml" <<-'END' 2>"$tmp/schema" ||
		import sys, yaml
		from lava_common.schemas import device, validate
		validate(yaml.safe_load(open(sys.argv[1])))
		device.validate(yaml.safe_load(open(sys.argv[2])))
	END
		die "LAVA's schema refuses the job: $(tail -n 1 "$tmp/schema")"
}

on_exit cleanup

: "${KERNEL:=newest}" "${APPEND:=}" "${CPU:=neoverse-n1}" "${GIC:=3}" "${QEMU:=}"
: "${TIMEOUT:=1800}" "${KSRC:=}" "${OUT:=$top/build/lava}"
[ $# -gt 0 ] || die "usage: lava.sh PROGRAM..."
[ "$(id -u)" -eq 0 ] || die "lava-run works for root only"
case $TIMEOUT in
*[!0-9]* | 0* | '') die "TIMEOUT=$TIMEOUT is not a number of seconds" ;;
esac
case $GIC in
[234]) ;;
*) die "GIC=$GIC is not 2, 3 or 4" ;;
esac
case $APPEND in
*[@\"]*) die "APPEND=$APPEND: no quotes or @ in a job" ;;
esac
for tool in lava-run cpio rsync; do
	command -v $tool >/dev/null || die "$tool is missing: run scripts/setup.sh build run lava"
done
mkdir -p "$OUT" 2>/dev/null || :
[ -w "$OUT" ] || die "cannot write to OUT=$OUT"
OUT=$(CDPATH='' cd -- "$OUT" && pwd)
rm -rf "$OUT/log.yaml" "$OUT/results.yaml" "$OUT/job"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kvm-guest-abi.XXXXXX")

if [ -e "$KERNEL" ]; then
	image=$(realpath -- "$KERNEL")
else
	image=$("$here/fetch.sh" kernel "$KERNEL") || die "no kernel to boot (KERNEL=$KERNEL)"
fi
[ -n "$QEMU" ] || QEMU=$("$here/fetch.sh" qemu) || die "no QEMU to boot with"
busybox=$("$here/fetch.sh" busybox) || die "no busybox to boot with"
[ -n "$KSRC" ] || KSRC=$("$here/fetch.sh" source 6.12) || die "no kernel tree"

make_kselftest
make_ramdisk
tar -C "$top" -czf "$OUT/tests.tar.gz" ci/lava scripts/kselftest.sh \
	scripts/kernel-trouble.list ||
	die "cannot write $OUT/tests.tar.gz"
cat >"$tmp/values" <<-END
	KERNEL file://$image
	RAMDISK file://$OUT/ramdisk.cpio.gz
	KSELFTEST file://$kselftest
	TESTS file://$OUT/tests.tar.gz
	TIMEOUT $(((TIMEOUT + 59) / 60))
	APPEND $APPEND
	QEMU $QEMU
	CPU $CPU
	GIC $GIC
END
fill job.yaml
fill device.yaml
valid_job

# Without a default route lava-run would not know its own address, which nobody asks for
echo "dispatcher_ip: 127.0.0.1" >"$tmp/dispatcher.yaml"
say "lava-run: $image, $CPU, GICv$GIC${APPEND:+, $APPEND}"
begin=$(date +%s)
status=0
lava-run --job-id "kvm-guest-abi-$$" --output-dir "$OUT/job" --device "$OUT/device.yaml" \
	--dispatcher "$tmp/dispatcher.yaml" "$OUT/job.yaml" >"$OUT/log.yaml" 2>&1 </dev/null &
job=$!
wait "$job" || status=$?
job=
say "lava-run: status $status after $(($(date +%s) - begin)) s; all of it is in $OUT"
kernel=$(basename "$image")
/usr/bin/python3 "$here/ktap.py" lava --label="${kernel#vmlinuz-}" --programs="$*" \
	--seconds="$(($(date +%s) - begin))" "$OUT/log.yaml"
