#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fetch.sh - get a kernel, a kernel tree, busybox or QEMU from the Debian archive
#
# Usage: fetch.sh kernel SERIES [FLAVOUR]
#                                  a kernel to boot; SERIES may be "newest", FLAVOUR is
#                                  cloud-arm64 unless given
#        fetch.sh kernels          the series that kernels.list offers
#        fetch.sh source VERSION   the kernel tree to build with (sources.list)
#        fetch.sh busybox          a static arm64 busybox
#        fetch.sh vmm NAME         an arm64 VMM (vmms.list): a folder with its libraries
#        fetch.sh qemu             a qemu-system-aarch64 of version 9 or newer,
#                                  else the one that is installed
#
# Prints the path on stdout and progress on stderr. What is in the cache
# (${XDG_CACHE_HOME:-~/.cache}/kvm-guest-abi) is used without asking the network.
# apt verifies what is downloaded; the machine's own apt set-up is only read.
#
# Environment: REFRESH=1 asks the archive for a newer version
#              MIRROR    URI of a Debian archive (default: the machine's)
#
# Exit status: 0 done, 1 cannot get it, 2 wrong usage or not in the list,
#              3 the archive does not have this series, or not in this flavour

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/kvm-guest-abi
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
tmp=
LC_ALL=C
export LC_ALL

# One run at a time fills the cache. Everything is made in $tmp and moved.
lock_cache()
{
	[ -z "$tmp" ] || return 0
	mkdir -p "$cache" 2>/dev/null || :
	[ -w "$cache" ] || die "cannot write to the cache $cache; set XDG_CACHE_HOME"
	command -v flock >/dev/null || die "flock is missing: run scripts/setup.sh run"
	exec 9>>"$cache/lock"
	if ! flock -n 9; then
		say "waiting for another run to finish with $cache"
		flock 9
	fi
	rm -rf "$cache"/tmp.*
	trap 'rm -rf "$cache"/tmp.*' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	tmp=$(mktemp -d "$cache/tmp.XXXXXX") || die "cannot write to $cache"
}

# publish DIR NAME: DIR, complete, becomes NAME in the cache
publish()
{
	mkdir -p "$(dirname "$cache/$2")"
	if [ -e "$cache/$2" ]; then
		mv "$cache/$2" "$tmp/old"
	fi
	mv "$1" "$cache/$2"
}

# The reason in apt's own words
apt_error()
{
	sed -n 's/^[EW]: //p' "$tmp/apt.log" | head -n 1
}

# The archive that this machine installs from, also before its first update
find_mirror()
{
	[ -z "${MIRROR:-}" ] || { echo "$MIRROR"; return; }
	# shellcheck disable=SC2016
	set -- indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 'Label: Debian'
	uri=$(apt-get "$@" 2>/dev/null | head -n 1)
	if [ -z "$uri" ]; then
		mkdir -p "$tmp/lists/partial"
		set -- -o "Dir::State::Lists=$tmp/lists" -o APT::Sandbox::User=root "$@"
		apt-get -q -o "Dir::State::Lists=$tmp/lists" -o APT::Sandbox::User=root \
			-o APT::Update::Error-Mode=any update >"$tmp/apt.log" 2>&1 || :
		uri=$(apt-get "$@" 2>/dev/null | head -n 1)
	fi
	echo "$uri"
}

# apt_update SUITES ARCH WHAT: make a private apt root and fill its lists; $conf
# names it. Fails if the archive does not have one of the suites.
apt_update()
{
	command -v apt-get >/dev/null || die "there is no apt here: this needs Debian"
	[ -e "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	[ -n "${mirror:-}" ] || mirror=$(find_mirror)
	[ -n "$mirror" ] ||
		die "cannot reach the Debian archive: apt knows none" \
			"(set MIRROR to its URI); nothing in the cache for $3"
	root=$cache/apt/$(echo "$1" | tr ' ' +)-$2
	conf=$root/apt.conf
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial" ||
		die "cannot write to $root"
	cat >"$tmp/apt.conf" <<-END
		#clear APT::Architectures;
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Dir::Etc::sourcelist "$root/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$root";
		Dir::State::Lists "$root/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$root/cache";
		APT::Architecture "$2";
		APT::Architectures { "$2"; };
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "1";
		Acquire::http::Timeout "20";
		Acquire::https::Timeout "20";
	END
	for suite in $1; do
		echo "deb [signed-by=$keyring] $mirror $suite main"
	done >"$tmp/sources.list"
	mv "$tmp/apt.conf" "$tmp/sources.list" "$root/"
	if apt-get -c="$conf" -q update >"$tmp/apt.log" 2>&1; then
		return 0
	fi
	! grep -q '404 ' "$tmp/apt.log" || return 1
	die "cannot reach the Debian archive: $(apt_error); nothing in the cache for $3"
}

# find_package SUITES ARCH REGEX WHAT: $package is the newest that matches
find_package()
{
	package=
	for suite in $(echo "$1" | tr , ' '); do
		apt_update "$suite" "$2" "$4" || continue
		package=$(apt-cache -c="$conf" pkgnames | grep -xE "$3" | sort -V | tail -n 1)
		[ -z "$package" ] || return 0
	done
	die_with 3 "$4 is not in suite $1 of the Debian archive;" \
		"use another (the lists in $here say which there were)"
}

# download: $deb is $package, from the apt root that $conf names
download()
{
	size=$(apt-cache -c="$conf" show "$package" |
		awk '/^Size:/ && !n++ { printf "%d", $2 / 1000000 + 0.5 }')
	say "fetching $package ($size MB)"
	mkdir "$tmp/deb"
	(cd "$tmp/deb" && apt-get -c="$conf" -q download "$package") >"$tmp/apt.log" 2>&1 ||
		die "cannot download $package: $(apt_error) ($(free_space))"
	deb=$(find "$tmp/deb" -name '*.deb')
	[ -n "$deb" ] || die "cannot download $package: apt left no file"
}

free_space()
{
	df -Pk "$cache" | awk 'NR == 2 { printf "%d MB free in the cache", $4 / 1024 }'
}

no_unpack()
{
	die "cannot unpack $(basename "$deb") ($(free_space))"
}

# unpack_one REGEX FILE: the one file of $deb whose name matches becomes FILE
unpack_one()
{
	member=$(dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -E "^\./($1)\$" | head -n 1)
	[ -n "$member" ] || die "$(basename "$deb") does not hold $1"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "$member" >"$2" || no_unpack
}

# cached PATTERN: $path is what the pattern names in the cache
cached()
{
	[ -z "${REFRESH:-}" ] || [ -n "${fresh:-}" ] || return 1
	# shellcheck disable=SC2086
	path=$(find "$cache"/$1 -prune 2>/dev/null | head -n 1)
	[ -n "$path" ]
}

# row LIST KEY WHAT: $suites and $regex of KEY's row
row()
{
	read -r _ suites regex _ <<-END
		$(awk -v key="$2" '$1 == key' "$here/$1")
	END
	[ -n "$regex" ] || die_with 2 "there is no $3 '$2'; known are: $(keys "$here/$1")"
}

# fetch_kernel SERIES FLAVOUR
fetch_kernel()
{
	row kernels.list "$1" "kernel series"
	name=$1
	what="kernel series $1"
	if [ "$2" != cloud-arm64 ]; then
		name=$1-$2
		what="$what with flavour $2"
	fi
	! cached "kernel/$name/vmlinuz-*" || return 0
	lock_cache
	! cached "kernel/$name/vmlinuz-*" || return 0
	find_package "$suites" arm64 "$(echo "$regex" | sed "s/FLAVOUR/$2/")" "$what"
	version=${package#linux-*-}
	if [ ! -e "$cache/kernel/$name/vmlinuz-$version" ]; then
		download
		mkdir "$tmp/kernel"
		unpack_one 'boot/vmlinuz-[^/]*|usr/lib/modules/[^/]*/vmlinuz' \
			"$tmp/kernel/vmlinuz-$version"
		publish "$tmp/kernel" "kernel/$name"
	fi
	path=$cache/kernel/$name/vmlinuz-$version
}

# fetch_newest FLAVOUR: the last row that the archive still has
fetch_newest()
{
	for series in $(keys "$here/kernels.list" | tr ' ' '\n' | tac); do
		status=0
		path=$("$0" kernel "$series" "$1") || status=$?
		case $status in
		0) return ;;
		3) ;;
		*) exit "$status" ;;
		esac
	done
	die_with 3 "the archive has none of the kernels in $here/kernels.list"
}

# What the selftests and `make ARCH=arm64 headers` read, not the whole tree, and what
# the latter installs, so that no build has to
fetch_source()
{
	row sources.list "$1" "kernel tree"
	! cached "source/linux-$1" || return 0
	lock_cache
	! cached "source/linux-$1" || return 0
	for tool in xz make rsync gcc; do
		command -v $tool >/dev/null || die "$tool is missing: run scripts/setup.sh build"
	done
	find_package "$suites" arm64 "$regex" "kernel tree $1"
	download
	say "unpacking part of linux-$1"
	top=linux-source-$1
	mkdir "$tmp/source"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$top.tar.xz" | xz -dc |
		tar -x -C "$tmp/source" "$top/Makefile" "$top/Kbuild" "$top/Kconfig" \
			"$top/arch/arm64" "$top/include" "$top/scripts" "$top/tools" || no_unpack
	env -u MAKEFLAGS -u MAKELEVEL -u LLVM make -s -j2 -C "$tmp/source/$top" ARCH=arm64 \
		O="$tmp/source/headers" headers >"$tmp/make.log" 2>&1 ||
		die "cannot install the headers of linux-$1: $(tail -n 1 "$tmp/make.log")" \
			"($(free_space))"
	mkdir "$tmp/source/$top/usr"
	mv "$tmp/source/headers/usr/include" "$tmp/source/$top/usr/"
	publish "$tmp/source/$top" "source/linux-$1"
	path=$cache/source/linux-$1
}

fetch_busybox()
{
	! cached "busybox/busybox" || return 0
	lock_cache
	! cached "busybox/busybox" || return 0
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:-}") || :
	find_package "${suite:-bookworm}" arm64 busybox-static busybox
	download
	mkdir "$tmp/busybox"
	unpack_one '(usr/)?bin/busybox' "$tmp/busybox/busybox"
	chmod +x "$tmp/busybox/busybox"
	publish "$tmp/busybox" busybox
	path=$cache/busybox/busybox
}

# libraries FILE...: names of the shared libraries that they need
libraries()
{
	readelf -dW -- "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | sort -u
}

# fetch_vmm NAME: the program, the libraries that it needs and the loader, without the rest
# of what its package depends on
fetch_vmm()
{
	row vmms.list "$1" "VMM"
	! cached "vmm/$1" || return 0
	lock_cache
	! cached "vmm/$1" || return 0
	command -v readelf >/dev/null || die "readelf is missing: run scripts/setup.sh build"
	program=$(awk -v key="$1" '$1 == key { print $4 }' "$here/vmms.list")
	suites=$(echo "$suites" | tr , ' ')
	apt_update "$suites" arm64 "VMM $1" || die_with 3 "a suite of $1 is not in the Debian archive"
	apt-get -c="$conf" -t "${suites##* }" -qs --no-install-recommends install "$regex" \
		>"$tmp/packages" 2>"$tmp/apt.log" || die_with 3 "no $1: $(apt_error)"
	# What has no shared library is not unpacked
	# shellcheck disable=SC2046
	set -- "$1" $(awk -v own="$regex" '
		$1 == "Inst" && ($2 == own || $2 ~ /^(lib|zlib)/) {
			gsub(/[(\[]/, "", $3)
			print $2 "=" $3
		}' "$tmp/packages")
	name=$1
	shift
	say "fetching $regex and $(($# - 1)) libraries"
	mkdir "$tmp/deb" "$tmp/all"
	(cd "$tmp/deb" && apt-get -c="$conf" -q download "$@") >"$tmp/apt.log" 2>&1 ||
		die "cannot download $regex: $(apt_error) ($(free_space))"
	for deb in "$tmp"/deb/*.deb; do
		dpkg-deb -x "$deb" "$tmp/all" || no_unpack
	done
	mkdir -p "$tmp/vmm/lib"
	cp "$tmp/all/$program" "$tmp/vmm/" || die "$regex does not hold $program"
	(
		cd "$tmp/vmm"
		todo=${program##*/}
		while [ -n "$todo" ]; do
			next=
			# shellcheck disable=SC2086
			for library in $(libraries $todo); do
				[ ! -e "lib/$library" ] || continue
				file=$(find "$tmp/all" -name "$library" | head -n 1)
				[ -n "$file" ] || die "$library, which ${program##*/} needs, is in no package"
				cp -L "$file" "lib/$library"
				next="$next lib/$library"
			done
			todo=$next
		done
	) || exit
	sed -n "s/^Inst $regex (\([^ ]*\).*/\1/p" "$tmp/packages" >"$tmp/vmm/version"
	publish "$tmp/vmm" "vmm/$name"
	path=$cache/vmm/$name
}

# A QEMU that is not installed, for machines whose own is old
fetch_new_qemu()
{
	! cached "qemu/qemu-system-aarch64" || return 0
	lock_cache
	! cached "qemu/qemu-system-aarch64" || return 0
	find_package bookworm-backports "$(dpkg --print-architecture)" qemu-system-arm "QEMU"
	download
	mkdir "$tmp/qemu"
	unpack_one 'usr/bin/qemu-system-aarch64' "$tmp/qemu/qemu-system-aarch64"
	chmod +x "$tmp/qemu/qemu-system-aarch64"
	publish "$tmp/qemu" qemu
	path=$cache/qemu/qemu-system-aarch64
}

fetch_qemu()
{
	own=$(command -v qemu-system-aarch64 || :)
	if [ -n "$own" ]; then
		major=$("$own" --version | sed -n 's/.* version \([0-9]*\)\..*/\1/p')
		path=$own
		[ "${major:-0}" -lt 9 ] || return 0
	fi
	if ! path=$("$0" new-qemu); then
		why="the newer QEMU cannot be fetched"
	elif ldd "$path" 2>&1 | grep -q 'not found'; then
		why="the newer QEMU lacks shared libraries here"
	else
		return 0
	fi
	[ -n "$own" ] || die "$why and none is installed: run scripts/setup.sh run"
	say "$why; using $own, which is slower"
	path=$own
}

usage()
{
	die_with 2 "usage: fetch.sh kernel SERIES|newest [FLAVOUR], kernels, source VERSION," \
		"busybox, vmm NAME, or qemu"
}

case $#,${1:-} in
1,kernels) keys "$here/kernels.list" | tr ' ' '\n'; exit ;;
2,kernel | 3,kernel)
	case ${3:-} in
	*[!a-z0-9-]*) die_with 2 "there is no flavour '$3'" ;;
	esac
	if [ "$2" = newest ]; then
		fetch_newest "${3:-cloud-arm64}"
	else
		fetch_kernel "$2" "${3:-cloud-arm64}"
	fi ;;
2,source) fetch_source "$2" ;;
1,busybox) fetch_busybox ;;
2,vmm) fetch_vmm "$2" ;;
1,qemu) fetch_qemu ;;
1,new-qemu) fetch_new_qemu ;;
*) usage ;;
esac
echo "$path"
