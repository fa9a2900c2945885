# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# lib.sh - what the tests in shell share: KTAP, and assertions that go on
#
# Sourced with $tmp, a folder of the test's own.

: "${tmp:?}"
tests=0
failures=0
out=$tmp/out
err=$tmp/err

# begin NAME: the assertions that follow belong to this test
begin()
{
	test_name=$1
	reasons=
}

end()
{
	tests=$((tests + 1))
	if [ -z "$reasons" ]; then
		echo "ok $tests - $test_name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $test_name"
	echo "$reasons" | sed '/^$/d; s/^/# /'
	[ ! -s "$out" ] || sed 's/^/# stdout: /' "$out" | tail -n 40 | tr -cd '\11\12\40-\176'
	[ ! -s "$err" ] || sed 's/^/# stderr: /' "$err" | tail -n 20
}

skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

wrong()
{
	reasons="$reasons
$*"
}

# launch COMMAND...: leaves $status, $out and $err
launch()
{
	status=0
	"$@" >"$out" 2>"$err" </dev/null || status=$?
}

expect_status()
{
	[ "$status" -eq "$1" ] || wrong "exit status $status, expected $1"
}

# has FILE PATTERN, lacks FILE PATTERN: extended regular expressions
has()
{
	grep -aqE -- "$2" "$1" || wrong "no line like: $2"
}

lacks()
{
	! grep -aqE -- "$2" "$1" || wrong "there must be no line like: $2"
}

nothing_left()
{
	[ -z "$(ls -A "$TMPDIR")" ] || wrong "left in TMPDIR: $(ls -A "$TMPDIR")"
}

# finish: the plan and the exit status
finish()
{
	echo "1..$tests"
	if [ "$failures" -gt 0 ]; then
		echo "# $failures of $tests tests failed"
		exit 1
	fi
}
