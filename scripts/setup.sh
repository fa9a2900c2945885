#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh - see that what the project needs is installed
#
# Usage: setup.sh SET...
#
# The sets and what belongs to them are rows of packages.list. What is missing
# is installed if the user is root, and named otherwise.
#
# Exit status: 0 everything is there, 1 something is missing, 2 wrong usage

set -eu

list=$(dirname -- "$0")/packages.list

say()
{
	echo "setup.sh: $*" >&2
}

sets=$(awk '!/^#/ && NF && !seen[$1]++ { printf "%s ", $1 }' "$list")
if [ $# -eq 0 ]; then
	say "usage: setup.sh SET... with SET one of: $sets"
	exit 2
fi
for set; do
	case " $sets" in
	*" $set "*) ;;
	*) say "there is no package set '$set'; there are: $sets"; exit 2 ;;
	esac
done

if ! command -v dpkg >/dev/null || ! command -v apt-get >/dev/null; then
	say "this is no Debian machine: install what scripts/packages.list names"
	exit 1
fi

# missing SET...: the packages of those sets whose probe finds nothing
missing()
{
	machine=$(dpkg --print-architecture)
	while read -r set probe package on; do
		case " $* " in
		*" $set "*) ;;
		*) continue ;;
		esac
		case $on in
		all | "$machine") ;;
		"!$machine") continue ;;
		!*) ;;
		*) continue ;;
		esac
		case $probe in
		/*) [ -e "$probe" ] || echo "$package" ;;
		*) command -v "$probe" >/dev/null || echo "$package" ;;
		esac
	done <"$list" | sort -u | tr '\n' ' ' | sed 's/ $//'
}

packages=$(missing "$@")
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	say "missing packages; run as root: apt-get install $packages"
	exit 1
fi

say "installing $packages"
export DEBIAN_FRONTEND=noninteractive
# A source that is none of our business may fail here: the install decides.
apt-get -q update >&2 || say "apt-get update failed, trying with what is known"
# shellcheck disable=SC2086
if ! apt-get -q install -y --no-install-recommends $packages >&2; then
	say "cannot install $packages (see above); is the network up?"
	exit 1
fi
packages=$(missing "$@")
if [ -n "$packages" ]; then
	say "installed, but what they should bring is still missing: $packages"
	exit 1
fi
