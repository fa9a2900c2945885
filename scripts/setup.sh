#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh - see that what the project needs is installed
#
# Usage: setup.sh SET...
#
# The sets and what belongs to them are rows of packages.list. If the user is root, what is
# missing is installed, by a command that is printed first. Otherwise, and with INSTALL=no
# in the environment, the command is printed and nothing is done.
#
# Exit status: 0 everything is there, 1 something is missing, 2 wrong usage

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
list=$here/packages.list

sets=$(awk '!/^#/ && NF && !seen[$1]++ { printf "%s ", $1 }' "$list")
if [ $# -eq 0 ]; then
	die_with 2 "usage: setup.sh SET... with SET one of: $sets"
fi
for set; do
	case " $sets" in
	*" $set "*) ;;
	*) die_with 2 "there is no package set '$set'; there are: $sets" ;;
	esac
done

if ! command -v dpkg >/dev/null || ! command -v apt-get >/dev/null; then
	die "this is no Debian machine: install what scripts/packages.list names"
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

export DEBIAN_FRONTEND=noninteractive
install="apt-get -q install -y --no-install-recommends $packages"
if [ "$(id -u)" -ne 0 ] || [ "${INSTALL:-yes}" = no ]; then
	die "missing packages; run as root: apt-get update; $install"
fi

say "installing what is missing: apt-get -q update; $install"
# A source that has none of these packages may fail here, so only the install counts.
apt-get -q update >&2 || say "apt-get update failed, trying with what is known"
$install >&2 || die "cannot install $packages (see above); is the network up?"
packages=$(missing "$@")
[ -z "$packages" ] || die "installed, but what they should bring is still missing: $packages"
