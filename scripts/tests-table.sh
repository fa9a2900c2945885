#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tests-table.sh - docs/tests.md, made from the sources
#
# Usage: tests-table.sh        print it
#        tests-table.sh FILE   write it to FILE
#        tests-table.sh -c FILE  compare: exit 1 and say how if FILE is another
#
# Exit status: 0 done, 1 it differs or cannot be made

set -eu

cd "$(dirname -- "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tests-table.XXXXXX")
# shellcheck disable=SC2016
on_exit 'rm -rf "$tmp"'

# about FILE: the first paragraph of its head, without the name
about()
{
	awk '/^ \*$/ { exit } /^ \* / { sub(/^ \* /, ""); print }' "$1" |
		sed '1s/^[a-z0-9_]*_test: /Holds KVM to /'
}

table()
{
	cat <<-'END'
		# The tests

		Made from the sources by `make tests-table`; do not edit.

		A test is `fixture.test`, or `test` if it has no fixture; `-r fixture.variant.test`
		runs one variant, `-f fixture` a fixture's tests, and `-l` lists all of them. The
		`_el2_test` of a program has the same tests for guests at EL2. A test that wants
		what the host or its kernel lacks is skipped and says what that is.
	END
	for program in *_test.c; do
		printf '\n## %s\n\n' "${program%.c}"
		about "$program"
		awk -f scripts/tests-table.awk "$program" || return 1
	done
}

table >"$tmp/tests.md"
case $#,${1:-} in
0,) cat "$tmp/tests.md" ;;
2,-c)
	diff -u "$2" "$tmp/tests.md" || die "$2 is out of date: run make tests-table" ;;
1,[!-]*) mv "$tmp/tests.md" "$1" ;;
*) die "usage: tests-table.sh [[-c] FILE]" ;;
esac
