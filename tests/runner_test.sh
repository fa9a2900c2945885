#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# runner_test.sh - tests of the runner: what goes wrong must be seen to go wrong
#
# Usage: runner_test.sh
#
# The programs of progs/misbehave.c run in real emulated machines; what hangs on
# the text alone is tested on ktap.py. Needs the packages of `setup.sh build
# run`, and the network if the cache is empty.
#
# stdout has a KTAP line for each test, and the reasons. Exit status: 0 all
# passed or skipped, 1 otherwise

set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
run=$top/scripts/run.sh
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"
mkdir "$tmp/bin"

# program NAME...: paths of those rows of misbehave.c, in $programs
program()
{
	programs=
	for name; do
		ln -f "$tmp/misbehave" "$tmp/bin/$name"
		programs="$programs $tmp/bin/$name"
	done
}

# in_machine PROGRAM...: run them under QEMU
in_machine()
{
	program "$@"
	# shellcheck disable=SC2086
	KERNEL=${KERNEL:-6.12} launch "$run" $programs
}

### The verdict on a text: judge TITLE STATUS PATTERN EXIT-STATUS <KTAP

judge()
{
	begin "verdict: $1"
	{
		echo "@t0 kernel 1.2.3"
		echo "@t0 begin prog"
		cat
		echo "@t0 end prog $4 ${5:-itself}"
		[ -z "${6:-}" ] || echo "@t0 log prog: $6"
		echo "@t0 done"
	} >"$tmp/text"
	: >"$err"
	launch "$top/scripts/ktap.py" judge --token=t0 --programs=prog --label=l --seconds=1 \
		--timeout=9 "$tmp/text"
	expect_status "$2"
	has "$out" "$3"
	[ "$2" -ne 0 ] || lacks "$out" "^failed"
	end
}

# known TITLE STATUS MODE TEST LOG [OPTION]: a program with two tests, of which TEST fails
known()
{
	begin "verdict: $1"
	printf '%s\n' "@t0 kernel 1.2.3" "@t0 begin prog" "TAP version 13" 1..2 "ok 1 a" \
		"not ok 2 $4" "@t0 end prog 1 itself" "@t0 log prog: $5" "@t0 done" >"$tmp/text"
	: >"$err"
	launch "$top/scripts/ktap.py" judge --token=t0 --programs=prog --label=l --seconds=1 \
		--defects="$tmp/defects" --mode="$3" --timeout=9 --result="$tmp/result" \
		--junit="$tmp/xml" ${6:+"$6"} "$tmp/text"
	expect_status "$2"
	cases failure
	case $2 in
	0)
		has "$tmp/result" "^verdict=passed .* explained=1 known=1 "
		has "$out" ": passed \(known defects only\)$"
		[ ! -s "$tmp/cases" ] || wrong "JUnit: $(cat "$tmp/cases")" ;;
	5)
		has "$tmp/result" "^verdict=failed .* explained=1 known=1 "
		has "$out" ": failed \(known defects only\)$"
		has "$tmp/cases" "^prog\.b known defect rule-7" ;;
	1)
		has "$tmp/result" "^verdict=failed .* explained=0 "
		has "$out" ": failed$"
		[ -s "$tmp/cases" ] || wrong "JUnit: no failure" ;;
	esac
	if [ "$4" = b ]; then
		has "$out" "^known: rule-7 \(prog b\): the rule and its commit$"
	else
		lacks "$out" "^known:"
	fi
	end
}

# cases TAG: "program.test message" of each test case in the XML that has the tag
cases()
{
	python3 -c 'import sys, xml.etree.ElementTree as tree
for case in tree.parse(sys.argv[1]).iter("testcase"):
    for tag in case.iter(sys.argv[2]):
        print(case.get("classname") + "." + case.get("name"), tag.get("message", ""))' \
		"$tmp/xml" "$1" >"$tmp/cases" || wrong "no XML"
}

test_junit()
{
	begin "JUnit XML: whatever fails or skips a run is a case"
	printf '%s\n' "@t0 kernel 1.2.3" "@t0 begin prog" "TAP version 13" 1..4 "ok 1 a" \
		"# prog.c:7:b:Expected <1> & \"2\"" "not ok 2 b" "ok 3 c # SKIP none" \
		"ok 4 d # XFAIL a gap" "@t0 end prog 1 itself" "@t0 begin two" \
		"1..0 # SKIP no device" "@t0 end two 4 itself" "@t0 begin three" "TAP version 13" \
		1..1 "ok 1 a" "@t0 end three 0 itself" "@t0 log three: WARNING: x" "@t0 done" \
		>"$tmp/text"
	launch "$top/scripts/ktap.py" judge --token=t0 --programs="prog two three four" --label=l \
		--defects="$tmp/defects" --junit="$tmp/xml" "$tmp/text"
	expect_status 1
	cases failure
	has "$tmp/cases" "^prog\.b known defect rule-7: the rule and its commit$"
	has "$tmp/cases" "^prog\.prog 1 of 4 tests failed: b$"
	has "$tmp/cases" "^three\.three kernel log: WARNING: x$"
	has "$tmp/cases" "^four\.four never started$"
	[ "$(wc -l <"$tmp/cases")" -eq 4 ] || wrong "$(cat "$tmp/cases")"
	cases skipped
	has "$tmp/cases" "^prog\.c none$"
	has "$tmp/cases" "^prog\.d expected failure: a gap$"
	has "$tmp/cases" "^two\.two no device$"
	has "$tmp/xml" "prog.c:7:b:Expected &lt;1&gt; &amp; "
	has "$tmp/xml" 'name="prog" tests="5" failures="2" skipped="2"'
	end
}

test_verdicts()
{
	judge "a whole run passes" 0 ": passed$" 0 <<-END
		TAP version 13
		1..3
		# ok 7 in a remark
		    ok 9 of a subtest
		ok 1 - a
		ok 2 b
		ok 3 c # SKIP no such thing
	END
	judge "KTAP version 1 will do" 0 ": passed$" 0 <<-END
		KTAP version 1
		1..1
		ok 1 a
	END
	judge "text around KTAP is left to people" 0 ": passed$" 0 <<-END
		Random seed: 0x6b8b4567
		TAP version 13
		1..1
		some text
		ok 1 a
	END
	judge "an expected failure counts as executed" 0 " 0 passed, 0 failed, 0 skipped, 1 exp" 0 <<-END
		TAP version 13
		1..1
		ok 1 a # XFAIL known
	END
	judge "a failed expectation of TAP is one too" 0 "1 expected failures" 0 <<-END
		TAP version 13
		1..2
		ok 1 a
		not ok 2 b # TODO later
	END
	judge "only skips are a skip" 4 ": skipped$" 0 <<-END
		TAP version 13
		1..1
		ok 1 a # SKIP no
	END
	judge "a skipped program tells why" 4 "^skipped: prog: no device$" 4 <<-END
		TAP version 13
		1..0 # SKIP no device
	END
	judge "a failure is named" 1 "^failed: prog: 1 of 2 tests failed: b$" 1 <<-END
		TAP version 13
		1..2
		ok 1 a
		not ok 2 b
	END
	judge "a skip of a failed test is a failure" 1 "1 of 1 tests failed" 1 <<-END
		TAP version 13
		1..1
		not ok 1 a # SKIP no
	END
	judge "a directive with timeout is a failure" 1 "1 of 1 tests failed: a$" 1 <<-END
		TAP version 13
		1..1
		not ok 1 a # TIMEOUT 45 seconds
	END
	judge "no version line" 1 "no KTAP version line" 0 <<-END
		1..1
		ok 1 a
	END
	judge "two version lines" 1 "stray version line" 0 <<-END
		TAP version 13
		1..1
		TAP version 13
		ok 1 a
	END
	judge "two plans" 1 "more than one plan" 0 <<-END
		TAP version 13
		1..1
		ok 1 a
		1..0 # SKIP stray
	END
	judge "a plan after the results" 1 "plan comes after results" 0 <<-END
		TAP version 13
		ok 1 a
		1..1
	END
	judge "a plan of nothing at all" 1 "garbled plan" 0 <<-END
		TAP version 13
		1..x
	END
	judge "too many results" 1 "2 of 1 planned" 0 <<-END
		TAP version 13
		1..1
		ok 1 a
		ok 2 b
	END
	judge "a gap in the numbers" 1 "result 3 stands where result 2 should" 0 <<-END
		TAP version 13
		1..3
		ok 1 a
		ok 3 c
	END
	judge "a number twice" 1 "result 1 stands where result 2 should" 0 <<-END
		TAP version 13
		1..2
		ok 1 a
		ok 1 a
	END
	judge "a result without a number" 1 "garbled result line" 0 <<-END
		TAP version 13
		1..1
		ok
	END
	judge "an XFAIL that hides a timeout" 1 "died where a failure was expected" 0 <<-END
		TAP version 13
		1..2
		ok 1 a
		# b: Test terminated by timeout
		ok 2 b # XFAIL known
	END
	judge "bailing out" 1 "Bail out!" 1 <<-END
		TAP version 13
		1..1
		Bail out! No more.
	END
	judge "status 4 after tests were run" 1 "status 4" 4 <<-END
		TAP version 13
		1..1
		ok 1 a
	END
	judge "status 1 without a failed test" 1 "status 1 although no test failed" 1 <<-END
		TAP version 13
		1..1
		ok 1 a
	END
	judge "a program that is not found" 1 "cannot be started" 127 <<-END
		sh: prog: not found
	END
	judge "no time left for a program" 1 "not run: the 9 s were used up" 124 late </dev/null
	for line in "Unable to handle kernel NULL pointer" "[  1.0] BUG: bad" \
		"Memory cgroup out of memory: Killed process 85 (prog)" \
		"INFO: task a:1 blocked for more than 120 seconds." \
		"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:" "Call trace:" \
		"watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 0"; do
		judge "kernel log: $(echo "$line" | tr -cd 'A-Za-z ')" 1 "^failed: prog: kernel log: " \
			0 itself "$line" <<-END
			TAP version 13
			1..1
			ok 1 a
		END
	done
	judge "a quiet kernel log" 0 ": passed$" 0 itself "kvm: all is well" <<-END
		TAP version 13
		1..1
		ok 1 a
	END
	judge "an Oops on the console" 1 "kernel: .*Internal error" 0 <<-END
		TAP version 13
		1..1
		[    1.234567] Internal error: Oops: 0000000096000004 [#1] SMP
		ok 1 a
	END
	judge "a forged marker" 1 "no plan" 0 <<-END
		@t1 end prog 0 itself
		@t1 done
	END
	judge "a marker out of turn" 1 "marker out of turn" 0 <<-END
		TAP version 13
		1..1
		ok 1 a
		@t0 done
	END
	judge "a program that prints nothing" 1 "no plan" 0 </dev/null
	judge "no end of a program that another one follows" 1 "^failed: prog: no end$" 0 <<-END
		TAP version 13
		1..1
		ok 1 a
		@t0 begin other
	END
	judge "a gap before other results" 1 "^failed: prog: result 3 stands where result 2 should$" 0 <<-END
		TAP version 13
		1..4
		ok 1 a
		ok 3 c
		ok 4 d
	END
	begin "verdict: a gap is one problem"
	lacks "$out" "^failed: prog: result 4"
	end
	judge "a status that is no number" 1 "marker out of turn" x </dev/null

	printf '%s\t' defect rule-7 "the rule and its commit" >"$tmp/defects"
	printf '\n%s\t%s\t%s\t%s\t%s\n' seen rule-7 prog b "*/nvhe/* 1.2.*/default/*" >>"$tmp/defects"
	known "a known defect seen here explains the failure" 5 default b ""
	known "one seen elsewhere does not" 1 protected b ""
	known "another failure is not explained by it" 1 default c ""
	known "nor is what goes wrong beside it" 1 default b "BUG: x"
	known "known defects are a pass for those who ask" 0 default b "" --known=pass
	known "but not those of other kernels" 1 protected b "" --known=pass
	known "nor what goes wrong beside them" 1 default b "BUG: x" --known=pass
	test_junit

	begin "verdict: a kernel without the mode is a skip"
	printf '%s\n' "@t0 kernel 1.2.3" "@t0 nomode" "@t0 done" >"$tmp/text"
	launch "$top/scripts/ktap.py" judge --token=t0 --programs="a b" --label=l --mode=nvhe \
		--seconds=1 --timeout=9 "$tmp/text"
	expect_status 4
	has "$out" "^skipped: this kernel has no mode nvhe$"
	has "$out" "^1\.2\.3 nvhe: .*: skipped$"
	end

	begin "runs of one kernel: a test with another verdict or reason is named"
	for n in 1 2 3; do
		mkdir "$tmp/run$n"
		printf '%s\n' "@abc begin prog" "TAP version 13" 1..3 "ok 1 a" "ok 2 b # SKIP no x" \
			"ok 3 c" "@abc end prog 0 itself" >"$tmp/run$n/log"
	done
	launch "$top/scripts/ktap.py" names --results "$tmp"/run[123]/log
	expect_status 0
	sed -i "s/ # SKIP.*//; s/ok 3/not ok 3/" "$tmp/run2/log"
	sed -i "/ok 3/d" "$tmp/run3/log"
	launch "$top/scripts/ktap.py" names --results "$tmp"/run[123]/log
	expect_status 1
	has "$out" "^prog: a: no result in 1 of 3 runs \(run3\); passed in 2 of 3 runs \(run1 run2\)$"
	has "$out" "^prog: b: .*passed in 1 of 3 runs \(run2\); skipped no x in 1 of 3 runs \(run1\)$"
	has "$out" "^prog: c: failed in 1 of 3 runs \(run2\); .*passed in 1 of 3 runs \(run1\)$"
	end

	begin "two consoles become one log, in the order of the programs"
	printf '%s\n' "booting" "@t0 kernel 1.2.3" "@t0 begin b" "TAP version 13" 1..1 "ok 1 x" \
		"@t0 end b 0 itself" "@t0 log a b: WARNING: y" "@t0 done" >"$tmp/one"
	printf '%s\n' "@t0 begin a" "TAP version 13" 1..1 "no newline@t0 end a 0 itself" \
		"late" >"$tmp/two"
	: >"$tmp/ended"
	launch "$top/scripts/consoles.py" --token=t0 --programs="a b" --until="$tmp/ended" \
		--log="$tmp/text" "$tmp/one" "$tmp/two"
	expect_status 0
	sed 's/[0-9. ]*\.[0-9][0-9]$/ SECONDS/' "$tmp/text" >"$tmp/log"
	printf '%s\n' "booting" "@t0 kernel 1.2.3" "late" "@t0 begin a" "TAP version 13" 1..1 \
		"no newline" "@t0 lasted a SECONDS" "@t0 end a 0 itself" "@t0 begin b" \
		"TAP version 13" 1..1 "ok 1 x" "@t0 took SECONDS" "@t0 lasted b SECONDS" \
		"@t0 end b 0 itself" "@t0 log a b: WARNING: y" "@t0 reached SECONDS" "@t0 done" |
		diff - "$tmp/log" >"$tmp/diff" || wrong "$(cat "$tmp/diff")"
	[ "$(grep -c . "$out")" -eq 6 ] || wrong "shown: $(cat "$out")"
	end

	begin "verdict: no line at all"
	launch "$top/scripts/ktap.py" judge --token=t0 --programs="a b" --label=l --seconds=1 \
		--ended=timeout --timeout=9 /dev/null
	expect_status 1
	has "$out" "did not reach the programs: no verdict within 9 s"
	has "$out" "^failed: b: never started"
	end
}

### Real machines

test_machines()
{
	begin "a passing program passes"
	in_machine passes fails_expectedly lacks_the_last_newline looks_for_the_token
	expect_status 0
	has "$out" "^ok 2 - second # SKIP not here$"
	has "$out" "^ok 2 second$"
	lacks "$out" "^@|^failed|^$"
	end
	begin "the summary has the form that scripts rely on"
	tail -n 1 "$out" >"$tmp/last"
	has "$tmp/last" "^6\.12[^ ]* n1: 4 programs, 4 passed, 0 failed, 3 skipped, 1 expected failures, [0-9]+\.[0-9] s from power-on to verdict: passed$"
	cat "$LOGDIR"/*.result >"$tmp/result"
	has "$tmp/result" "^verdict=passed kernel=6\.12[^ ]* mode= host=n1 programs=4 passed=4 failed=0 skipped=3 xfailed=1 explained=0 known=0 boot=[0-9.]+ first=[0-9.]+ seconds=[0-9.]+$"
	end
	begin "a passing run leaves nothing but its log"
	nothing_left
	[ "$(find "$LOGDIR" -type f | wc -l)" -eq 2 ] || wrong "$(ls "$LOGDIR")"
	end

	begin "arguments reach the program one by one and unchanged"
	ARGS='-t a  * "b' in_machine prints_arguments
	expect_status 0
	for arg in -t a '\*' '"b'; do
		has "$out" "^# argument <$arg>$"
	done
	end

	begin "skips alone are a skip"
	in_machine skips skips_every_test
	expect_status 4
	has "$out" "^skipped: skips: nothing to test here$"
	has "$out" ": skipped$"
	end

	begin "a kernel in the mode asked for passes"
	MODE=nvhe in_machine passes
	expect_status 0
	has "$out" "^6\.12[^ ]* nvhe n1: .*: passed$"
	end
	begin "a kernel without the mode asked for is skipped by name"
	MODE=nested in_machine passes
	expect_status 4
	has "$out" "^skipped: this kernel has no mode nested$"
	lacks "$out" "^ok"
	end

	begin "several modes and hosts: a line for each and a table"
	program passes
	# shellcheck disable=SC2086
	KERNEL="6.12" MODES="default nvhe" HOSTS="gicv2 a72" launch "$top/scripts/run-all.sh" $programs
	expect_status 0
	has "$out" "^6\.12[^ ]* gicv2: .*: passed$"
	has "$out" "^6\.12[^ ]* nvhe a72: .*: passed$"
	has "$out" "^6\.12[^ ]* +default +gicv2 +passed +1 "
	has "$out" "^6\.12[^ ]* +default +a72 +passed +1 "
	has "$out" "^6\.12[^ ]* +nvhe +gicv2 +passed +1 "
	has "$out" "^6\.12[^ ]* +nvhe +a72 +passed +1 "
	end
	begin "several kernels: one that fails and one that there is none of"
	program fails
	# shellcheck disable=SC2086
	KERNEL="6.12 6.11" launch "$top/scripts/run-all.sh" $programs
	expect_status 1
	has "$out" "^failed: fails: "
	has "$out" "^6\.12[^ ]* +default +n1 +failed +"
	has "$out" "^6\.11 +default +- +failed +- "
	end
	rm -rf "${LOGDIR:?}"/*

	bad="fails hangs_in_a_child crashes stops_halfway prints_garbage prints_no_plan
		runs_no_test prints_nothing lies passes_unexpectedly passes_with_status_3 warns
		nosuch passes"
	# shellcheck disable=SC2086
	in_machine $bad
	while read -r name pattern; do
		begin "$name: $pattern"
		expect_status 1
		has "$out" "^failed: $name: $pattern"
		end
	done <<-END
		fails 1 of 2 tests failed: second
		crashes died of signal 11
		crashes 1 of 2 planned tests have a result
		stops_halfway 1 of 2 planned tests have a result
		prints_garbage garbage in the output
		prints_garbage no plan
		prints_no_plan no plan
		runs_no_test no test was executed
		prints_nothing no KTAP version line
		lies status 0 although a test failed
		passes_unexpectedly unexpected pass: second
		passes_with_status_3 status 3 although no test failed
		(.*,.)?warns(,.*)? kernel log: .*WARNING: CPU: 0
		nosuch status 2
	END
	begin "the neighbours of bad programs are judged by themselves"
	lacks "$out" "^failed: (passes|hangs_in_a_child): [^k]"
	has "$out" ": 14 programs, .*: failed$"
	has "$err" "whole log is in "
	end
	begin "what a program leaves running is gone before the next one"
	[ "$(grep -c 'still here' "$out")" -le 1 ] || wrong "$(grep -c 'still here' "$out") lines of it"
	end

	begin "a hanging program is killed and the next one still reported"
	LANES=1 TIMEOUT=30 in_machine hangs passes
	expect_status 1
	has "$out" "^failed: hangs: hung: killed when the time \(30 s for a kernel\) was up"
	has "$out" "^failed: passes: not run: the 30 s were used up"
	lacks "$out" "no end"
	nothing_left
	end

	begin "a kernel panic is a failure and is shown"
	LANES=1 in_machine panics passes
	expect_status 1
	has "$out" "^failed: panics: no end: the kernel died"
	has "$out" "^failed: panics: kernel: .*Kernel panic"
	has "$out" "^failed: passes: never started"
	has "$out" "^    \| "
	nothing_left
	end

	begin "programs side by side: one after the other in the output and in the log"
	TIMES=3 in_machine stops_halfway fails passes
	expect_status 1
	has "$out" "^slowest: [0-9]+\.[0-9]+ s (passes|fails|stops_halfway)$"
	has "$out" "^slowest: [0-9]+\.[0-9]+ s passes first$"
	sed -n 's/^@[0-9a-f]* \(begin\|end\) \([a-z_]*\).*/\1 \2/p' "$LOGDIR"/*.log >"$tmp/frames"
	printf '%s\n' "begin stops_halfway" "end stops_halfway" "begin fails" "end fails" \
		"begin passes" "end passes" | cmp -s - "$tmp/frames" || wrong "$(cat "$tmp/frames")"
	end
	begin "a program whose neighbour hangs has a verdict"
	TIMEOUT=30 in_machine hangs passes
	expect_status 1
	has "$out" "^failed: hangs: hung: killed when the time \(30 s for a kernel\) was up"
	has "$out" "^ok 2 - second # SKIP not here$"
	lacks "$out" "^failed: passes"
	end

	begin "a machine that stands still is stopped in time"
	begun=$(date +%s)
	TIMEOUT=20 in_machine halts
	expect_status 1
	has "$out" "^failed: halts: no end: no verdict within 20 s"
	[ $(($(date +%s) - begun)) -le 40 ] || wrong "took $(($(date +%s) - begun)) s"
	nothing_left
	end

	begin "a machine that goes away early is a failure"
	in_machine powers_off
	expect_status 1
	has "$out" "^failed: powers_off: no end: the console was cut short"
	end

	begin "a kernel that does not boot is a failure"
	TIMEOUT=60 APPEND=rdinit=/nosuch in_machine passes
	expect_status 1
	has "$out" "^failed: the kernel did not reach the programs: the kernel died"
	end

	begin "what QEMU complains about is passed on"
	CPU=nosuch in_machine passes
	expect_status 1
	has "$err" "QEMU: .*nosuch"
	end

	begin "an interrupted run leaves no QEMU and no files"
	program hangs
	qemu=$("$top/scripts/fetch.sh" qemu)
	# shellcheck disable=SC2016
	printf '#!/bin/sh\necho $$ >"%s/pid"\nexec "%s" "$@"\n' "$tmp" "$qemu" >"$tmp/qemu"
	chmod +x "$tmp/qemu"
	KERNEL=6.12 QEMU=$tmp/qemu "$run" "$tmp/bin/hangs" >"$out" 2>"$err" &
	child=$!
	waited=0
	until grep -q '^ok 1' "$out" || [ "$waited" -ge 60 ]; do
		sleep 1
		waited=$((waited + 1))
	done
	has "$out" "^ok 1 first"
	kill -TERM $child
	status=0
	wait $child || status=$?
	child=
	expect_status 143
	! kill -0 "$(cat "$tmp/pid")" 2>/dev/null || wrong "QEMU is still there"
	nothing_left
	end
}

### Input that must be refused, in one line and before anything is booted

# refused PATTERN VAR=VALUE...: with the program "passes" unless $programs is set
refused()
{
	begin "refused: $1"
	pattern=$1
	shift
	: >"$out"
	# shellcheck disable=SC2086
	launch env KERNEL=6.12 "$@" "$run" $programs
	expect_status 1
	has "$err" "$pattern"
	lacks "$err" "booting"
	[ "$(wc -l <"$err")" -le 2 ] || wrong "more than two lines"
	nothing_left
	end
}

test_input()
{
	program passes
	echo "not a kernel" >"$tmp/text"
	gzip -c "$tmp/text" >"$tmp/text.gz"
	refused "KERNEL=/no/such does not exist" KERNEL=/no/such
	refused "is not an arm64 Image" KERNEL="$tmp/text"
	refused "is not an arm64 Image" KERNEL="$tmp/text.gz"
	refused "is not an arm64 Image" KERNEL=/dev/../bin/sh
	refused "is not a file" KERNEL="$tmp"
	if [ "$(id -u)" -ne 0 ]; then
		cp "$tmp/text" "$tmp/secret"
		chmod 0 "$tmp/secret"
		refused "cannot be read" KERNEL="$tmp/secret"
	else
		skip "refused: an Image that cannot be read" "root reads everything"
	fi
	refused "there is no kernel series '6.11'; known are: 5.10 6.1 " KERNEL=6.11
	refused "MODE=fast is not one of: vhe nvhe protected nested" MODE=fast
	refused "HOST=fast is not one of: n1 " HOST=fast
	refused "KNOWN=x is neither" KNOWN=x
	refused "LANES=0 is not a number from 1 to 99" LANES=0
	refused "TIMES=x is not a number" TIMES=x
	refused "GIC=5 is not 2, 3 or 4" GIC=5
	refused "TIMEOUT=ten is not a number" TIMEOUT=ten
	refused "TIMEOUT=0 is not a number" TIMEOUT=0
	refused "QEMU=/no/such cannot be executed" QEMU=/no/such
	refused "QEMU=$tmp/text cannot be executed" QEMU="$tmp/text"
	refused "cannot write to LOGDIR" LOGDIR=/proc/logs
	programs=$tmp/bin/none
	refused "program $tmp/bin/none is missing"
	programs=/bin/true
	[ "$(uname -m)" = aarch64 ] || refused "program /bin/true is not an arm64 ELF"
	programs=$tmp/text
	refused "program $tmp/text is not an arm64 ELF"
	mkdir -p "$tmp/bin/2"
	cp "$tmp/bin/passes" "$tmp/bin/2/"
	programs="$tmp/bin/passes $tmp/bin/2/passes"
	refused "two programs are named passes"
	programs=
	refused "usage: run.sh PROGRAM"

	if unshare -n true 2>/dev/null; then
		for what in "kernel 6.12" "source 6.12" busybox new-qemu; do
			begin "without network and cache: fetch.sh $what"
			rm -rf "$tmp/cache"
			begun=$(date +%s)
			# shellcheck disable=SC2086
			XDG_CACHE_HOME=$tmp/cache launch unshare -n "$top/scripts/fetch.sh" $what
			expect_status 1
			has "$err" "cannot reach the Debian archive: .*nothing in the cache for "
			[ "$(wc -l <"$err")" -eq 1 ] || wrong "more than one line"
			[ ! -s "$out" ] || wrong "printed something"
			[ $(($(date +%s) - begun)) -lt 30 ] || wrong "took too long"
			left=$(find "$tmp/cache/kvm-guest-abi" -mindepth 1 -maxdepth 1 \
				! -name apt ! -name lock)
			[ -z "$left" ] || wrong "left in the cache: $left"
			nothing_left
			end
		done
		begin "without network, the cache is enough"
		launch unshare -n "$top/scripts/fetch.sh" kernel 6.12
		expect_status 0
		has "$out" "/vmlinuz-6\.12"
		[ ! -s "$err" ] || wrong "stderr is not empty"
		end
	else
		skip "without network and cache" "unshare -n needs root"
		skip "without network, the cache is enough" "unshare -n needs root"
	fi
	begin "fetch.sh refuses what is not in its lists"
	launch "$top/scripts/fetch.sh" source 1.0
	expect_status 2
	has "$err" "there is no kernel tree '1.0'; known are: 6.12"
	end
	begin "fetch.sh refuses a flavour that cannot be one"
	launch "$top/scripts/fetch.sh" kernel 6.12 '.*'
	expect_status 2
	has "$err" "there is no flavour"
	end
	begin "setup.sh names the command before it installs, or instead"
	mkdir -p "$tmp/tree/scripts"
	cp "$top/scripts/setup.sh" "$top/scripts/lib.sh" "$tmp/tree/scripts/"
	printf 'none\t/no/such\tno-such-package\tall\n' >"$tmp/tree/scripts/packages.list"
	INSTALL=no launch "$tmp/tree/scripts/setup.sh" none
	expect_status 1
	has "$err" "run as root: .*apt-get .*install .* no-such-package$"
	[ "$(wc -l <"$err")" -eq 1 ] || wrong "more than one line"
	end
	begin "setup.sh refuses what is not in its list"
	launch "$top/scripts/setup.sh" nosuch
	expect_status 2
	has "$err" "there is no package set 'nosuch'; there are: build run"
	end
}

cc=aarch64-linux-gnu-gcc
[ "$(uname -m)" != aarch64 ] || cc=gcc
$cc -static -O2 -Wall -Wextra -o "$tmp/misbehave" "$top/tests/progs/misbehave.c"
# What the tests below share is fetched before them
for what in "kernel 6.12" busybox qemu; do
	# shellcheck disable=SC2086
	"$top/scripts/fetch.sh" $what >/dev/null
done

test_verdicts
test_machines
test_input

finish
