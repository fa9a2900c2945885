#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# check.sh - the project's own tests, all of them
#
# Usage: check.sh [STEP...]
#
# Steps (default: all, in this order):
#   build      both compilers against 6.12 and gcc against 7.3, without a warning;
#              clang against 7.3 is in the step kselftest
#   static     checkpatch, clang-format, shellcheck, cppcheck, and our own rules
#   state      tests/state_test.sh: the readers of state files and recipes
#   runner     tests/runner_test.sh: programs and machines that go wrong
#   kselftest  tests/kselftest_test.sh: inside a kernel tree, and its tarball
#   conditions tests/conditions_test.sh: the programs under bad conditions
#   matrix     tests/matrix_test.sh: the matrix and its page, in a browser
#   fleet      tests/fleet_test.py: one VM for hosts that are made up
#   vmm        tests/vmm_test.py: results of VMMs that are made up
#   mutants    tests/mutants_test.py and tests/mutate_test.sh: the mutants' lists and tools
#   bench      tests/bench_test.sh: the benchmark, its input and its output
#   kernels    the collection on the kernels of scripts/check-kernels.list; begins
#              after the first build, in parallel with everything else
#
# One line a check on stdout, the whole output of each in build/check, and last
# "N passed, N failed, N skipped". The test cases of the collection and of the
# runner's tests count one by one, everything else as one. A test that fails for a
# defect of a stock kernel, recorded in data/known-defects.list as seen on it, is the
# right verdict: it is named and counted on a line of its own, not among the failures.
#
# Exit status: 0 nothing failed and something passed, 1 otherwise

set -eu

cd "$(dirname -- "$0")/.."
here=scripts
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
out=build/check
passed=0
failed=0
skipped=0
defects=0
start=$(date +%s)

# seconds: of the last check, at its end
seconds()
{
	now=$(date +%s)
	echo "$((now - begun)) s"
}

# report STATUS NAME LOG [PASSED FAILED SKIPPED]: what a check came to
report()
{
	if [ "$1" -eq 0 ]; then
		echo "ok - $2 ($(seconds))"
	else
		echo "not ok - $2 ($(seconds)): the last lines of $3:"
		tail -n 40 "$3" | sed 's/^/    /'
	fi
	if [ $# -gt 3 ]; then
		passed=$((passed + $4))
		failed=$((failed + $5))
		skipped=$((skipped + $6))
		# a failure that no test case shows, such as a panic
		[ "$1" -eq 0 ] || [ "$5" -gt 0 ] || failed=$((failed + 1))
	elif [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

# check NAME COMMAND...: passes if the command does
check()
{
	name=$1
	shift
	begun=$(date +%s)
	log=$out/$(echo "$name" | tr -c 'A-Za-z0-9.\n-' _).log
	status=0
	"$@" >"$log" 2>&1 </dev/null || status=$?
	report "$status" "$name" "$log"
}

# silently COMMAND...: passes if the command does and prints nothing
silently()
{
	text=$("$@" 2>&1) && [ -z "$text" ] && return
	echo "$text"
	return 1
}

# build COMPILER TREE: from nothing, into build/check/COMPILER-TREE
build()
{
	llvm=
	[ "$1" = gcc ] || llvm=1
	ksrc=$("$here/fetch.sh" source "$2") || return
	rm -rf "${out:?}/$1-$2"
	make -s -j2 OUTPUT="$out/$1-$2" KSRC="$ksrc" LLVM="$llvm" all >"$out/make.log" 2>&1 || {
		cat "$out/make.log"
		return 1
	}
	cat "$out/make.log"
	! grep -i warning "$out/make.log"
}

# The first build makes the programs that the other steps run, so it comes before them
step_build()
{
	check "builds with clang against 6.12" build clang 6.12
	check "builds with gcc against 7.3" build gcc 7.3
}

# programs: paths of what the first build made
programs()
{
	make -s OUTPUT="$out/gcc-6.12" programs
}

# No URL in the tree, so that no archive's host is hard-coded
no_host_names()
{
	! git ls-files -z | xargs -0 grep -nE '(https?|ftp):[/]/' -- | grep -v '^COPYING:'
}

spdx_lines()
{
	missing=$(git grep -L SPDX-License-Identifier -- '*.c' '*.h' '*.S' '*.sh' '*.mk' \
		'*.awk' '*.py' '*.list' Makefile Makefile.dev .ci/run) || :
	[ -z "$missing" ] || { echo "$missing"; return 1; }
}

step_static()
{
	ksrc=$("$here/fetch.sh" source 6.12)
	# shellcheck disable=SC2046
	set -- $(git ls-files '*.S' '*.c' '*.h')
	check "checkpatch" silently perl "$ksrc/scripts/checkpatch.pl" --no-tree --quiet \
		--terse --no-summary --file "$@"
	# shellcheck disable=SC2046
	set -- $(git ls-files '*.c' '*.h')
	check "clang-format" clang-format --dry-run -Werror "$@"
	# shellcheck disable=SC2046
	check "cppcheck" silently cppcheck --quiet --error-exitcode=1 --std=c11 \
		--enable=warning,portability --suppress=missingIncludeSystem \
		--suppressions-list="$here/cppcheck.list" -I include $(git ls-files '*.c')
	check "lib layers" "$here/layers.py"
	# shellcheck disable=SC2046
	check "shellcheck" shellcheck -x .ci/run $(git ls-files '*.sh')
	check "no host names" no_host_names
	check "SPDX lines" spdx_lines
	check "docs/tests.md is that of the sources" "$here/tests-table.sh" -c docs/tests.md
}

# cases NAME TEST ARGUMENT...: a test in shell, each of whose KTAP lines counts
cases()
{
	name=$1
	shift
	begun=$(date +%s)
	log=$out/$(basename "$1").log
	status=0
	"$@" >"$log" 2>&1 </dev/null || status=$?
	counts=$("$here/ktap.py" count "$log") || status=1
	# shellcheck disable=SC2086
	report "$status" "$name" "$log" ${counts:-0 0 0}
}

step_state()
{
	cases "tests of the readers of state files and recipes" tests/state_test.sh
}

step_runner()
{
	cases "tests of the runner" tests/runner_test.sh
}

step_kselftest()
{
	cases "tests inside a kernel tree" tests/kselftest_test.sh
}

step_matrix()
{
	cases "tests of the matrix" tests/matrix_test.sh
}

step_fleet()
{
	cases "tests of the recipes for fleets" tests/fleet_test.py
}

step_vmm()
{
	cases "tests of what real VMMs did" tests/vmm_test.py
}

step_mutants()
{
	cases "tests of the mutants' run" tests/mutants_test.py
	cases "tests of the mutants' generator" tests/mutate_test.sh
}

step_bench()
{
	cases "tests of the benchmark" tests/bench_test.sh "$out/gcc-6.12/reg_access_bench"
}

step_conditions()
{
	# shellcheck disable=SC2046
	cases "programs under bad conditions" tests/conditions_test.sh $(programs)
}

# key KEY FILE: the value of KEY= in a result file
key()
{
	tr ' ' '\n' <"$2" | sed -n "s/^$1=//p"
}

# run_kernel ROW: the collection on one kernel, into build/check/runs
run_kernel()
{
	dir=$out/runs/$(echo "$1" | tr -c 'A-Za-z0-9.\n' -)
	mkdir -p "$dir"
	echo "$1" >"$dir/plan"
	# shellcheck disable=SC2046
	PLAN=$dir/plan JOBS=1 LOGDIR=$out/kernels "$here/run-all.sh" $(programs) \
		>"$dir/output" 2>&1 </dev/null || :
}

# Run the kernels in the background, in a session of their own, in which a signal finds
# all that it started. One at a time, since the other steps need a CPU, too.
start_kernels()
{
	rm -rf "$out/kernels" "$out/runs"
	grep -vE '^(#|[[:blank:]]*$)' "$here/check-kernels.list" |
		setsid xargs -P 1 -I{} "$here/check.sh" --kernel {} &
	kernels=$!
}

# Every run is a check of its own; a series that left the archive is not run
step_kernels()
{
	wait "$kernels" || :
	kernels=
	# the lines of run-all.sh without its tables
	for dir in "$out"/runs/*; do
		sed '/^$/,$d' "$dir/output"
	done
	for dir in "$out"/kernels/*; do
		name="collection on ${dir##*/}"
		result=$(find "$dir" -name '*.result')
		begun=$(date +%s)
		if [ -z "$result" ]; then
			report 1 "$name" "$dir/output"
			continue
		fi
		begun=$((begun - $(key seconds "$result" | cut -d. -f1)))
		if [ "$(key explained "$result")" = 1 ]; then
			echo "note: the failures on ${dir##*/} are known defects of that kernel"
			report 0 "$name" "$dir/output" "$(key passed "$result")" 0 \
				"$(key skipped "$result")"
			defects=$((defects + $(key failed "$result")))
			continue
		fi
		good=1
		[ "$(key verdict "$result")" != passed ] || good=0
		report "$good" "$name" "$dir/output" "$(key passed "$result")" \
			"$(key failed "$result")" "$(key skipped "$result")"
	done
	check "names and reasons on all of these" "$here/ktap.py" names "$out"/kernels/*/*.log
}

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$kernels" ] || end "-$kernels"
}

if [ "${1:-}" = --kernel ]; then
	run_kernel "$2"
	exit
fi

kernels=
on_exit cleanup

all="build static state runner kselftest conditions matrix fleet vmm mutants bench kernels"
[ $# -gt 0 ] || eval "set -- $all"
for step; do
	case " $all " in
	*" $step "*) ;;
	*) die "there is no step '$step'; there are: $all" ;;
	esac
done
"$here/setup.sh" build run
mkdir -p "$out"
case " $* " in
*" build "*) check "builds with gcc against 6.12" build gcc 6.12 ;;
*" conditions "* | *" bench "* | *" kernels "*) build gcc 6.12 >&2 ;;
esac
case " $* " in
*" kernels "*) start_kernels ;;
esac
"$here/setup.sh" clang fuzz bench check matrix browser mutants
for step; do
	"step_$step"
done

echo "$(($(date +%s) - start)) s"
[ "$defects" -eq 0 ] || echo "$defects tests found known defects of stock kernels"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
