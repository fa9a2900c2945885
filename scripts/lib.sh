# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# lib.sh - what the scripts share: messages, ways out that leave nothing behind, initramfs
#
# Sourced.

say()
{
	echo "${0##*/}: $*" >&2
}

die()
{
	die_with 1 "$@"
}

# die_with STATUS WORD...
die_with()
{
	status=$1
	shift
	say "error: $*"
	exit "$status"
}

# column LIST KEY N: of the row of a list with tabs whose first column is KEY; "-" is nothing
column()
{
	awk -F '\t' -v key="$2" -v n="$3" '
		!/^#/ && $1 == key { print $n == "-" ? "" : $n }' "$1"
}

# keys LIST: first columns, in one line
keys()
{
	awk -F '[ \t]' '!/^#/ && NF { printf "%s%s", n++ ? " " : "", $1 } END { print "" }' "$1"
}

# end PROCESS: a child, or as -N the process group of child N; waits for it
end()
{
	kill -s TERM -- "$1" 2>/dev/null || :
	wait "${1#-}" 2>/dev/null || :
}

# on_exit FUNCTION: call it whichever way the script ends, which keeps its status
on_exit()
{
	# shellcheck disable=SC2064,SC2154
	trap "status=\$?; trap '' INT TERM HUP; $1; exit \$status" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# busybox_root ROOT BUSYBOX INIT APPLET...: a root that boots by that script
busybox_root()
{
	busybox_root=$1
	mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/sys" "$1/tmp"
	cp "$2" "$1/bin/busybox"
	cp "$3" "$1/init"
	chmod +x "$1/init" "$1/bin/busybox"
	shift 3
	for applet; do
		ln -s busybox "$busybox_root/bin/$applet"
	done
}

# pack_root ROOT: as an initramfs, on stdout
pack_root()
{
	(cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet)
}
