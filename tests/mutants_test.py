#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mutants_test.py - tests of mutants.py that need no kernel

Usage: mutants_test.py

stdout has a KTAP line for each test, and the reasons. Exit status: 0 all passed, 1 otherwise
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts"))
import lib  # noqa: E402
import mutant_rewrite  # noqa: E402
import mutants  # noqa: E402
from mutant_rewrite import Row, RowError  # noqa: E402

SOURCE = """\
// SPDX: the text of a comment is no code, such as return 1;
static int helper(int a)
{
	return a + 1;
}

#define twice(a) \\
	((a) * 2)

int target(int a, int b)
{
	int ret = 0; /* a > b */

	if (a > b && b > 0)
		ret = 1;
	else
		ret = helper(a);
	if (a == b) {
		ret += 10;
		ret += 10;
	}
	return twice(ret);
}
"""


def row(name, old, new, function="target", killer="prog_test a.b"):
    return Row(name, "file.c", function, old, new, "a rule", killer, "-")


def refused(*rows):
    """The message about rows that do not apply"""
    try:
        mutant_rewrite.File(SOURCE, rows, {each.id: 1 for each in rows})
    except RowError as error:
        return str(error)
    return ""


def outputs(rows):
    """What target(1, 1), (2, 1), (0, 3) return with each mutant on, from 0 on"""
    numbers = {each.id: number for number, each in enumerate(rows, 1)}
    text = mutant_rewrite.File(SOURCE, rows, numbers).text() + """
#include <stdio.h>
int kvm_mutant;
unsigned char kvm_mutant_reached[16];
int main(void)
{
	for (kvm_mutant = 0; kvm_mutant < %d; kvm_mutant++)
		printf("%%d,%%d,%%d ", target(1, 1), target(2, 1), target(0, 3));
	return 0;
}
""" % (len(rows) + 1)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.c")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        program = os.path.join(folder, "program")
        subprocess.run(["gcc", "-Wall", "-o", program, path], check=True)
        return subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout


def expect(what, want):
    if what != want:
        raise AssertionError(f"{what!r}, expected {want!r}")


def a_row_that_does_not_apply_is_named():
    """Its text or its function is not there, or its text is there twice"""
    expect(refused(row("gone", "b > 1", "0")), "gone: the text is not in file.c, target: b > 1")
    expect(refused(row("gone", "1", "0", "other")), "gone: file.c has no function other")
    expect(refused(row("twice", "ret += 10;", "-")),
           "twice: the text is 2 times in file.c, target: ret += 10;")
    expect(refused(row("thrice", "ret += 10;", "-", "target:3")),
           "thrice: the text is just 2 times in file.c, target: ret += 10;")
    expect(refused(row("comment", "return 1;", "return 2;", "-")),
           "comment: the text is not in file.c: return 1;")


def malformed_rows_are_refused():
    """With the line or the id"""
    for text, want in (("a\tb", "list:1: 2 columns, not 8"),
                       ("A b\tf\tg\to;\tn\tr\tk\t-", "list:1: the id is not of small letters, "
                        "digits, _ . and -"),
                       ("# x\na\tf\tg\to;\tn\tr\tk\t-\na\tf\tg\to;\tn\tr\tk\t-",
                        "list:3: there are two rows a"),
                       ("a\tf\tg\to\t-\tr\tk\t-", "a: only statements can be left out"),
                       ("a\tf\tg\to @x\tn\tr\tk\t-", "a: the old text has no two @")):
        try:
            mutant_rewrite.parse(text, "list")
            raise AssertionError(f"{text!r} was taken")
        except RowError as error:
            expect(str(error), want)


def mutants_compose():
    """Expressions and statements, at one place, one within another, and in a macro"""
    rows = [row("condition", "a > b && b > 0", "1"),
            row("part", "@b > 0@)", "0"),
            row("same-part", "@b > 0@)", "b > 5"),
            row("deleted", "ret += 10;", "-", "target:2"),
            row("branch", "ret = helper(a);", "ret = 7; ret++;"),
            row("argument", "helper(@a@)", "a + 5"),
            row("macro", "(a) * 2", "(a) * 3", "twice"),
            row("in-a-helper", "return @a + 1@;", "a", "helper"),
            row("all-of-it", "if (a == b) { ret += 10; ret += 10; }", "if (a == b) ret = 100;"),
            row("return", "return twice(ret);", "return -1;")]
    expect(outputs(rows).split(),
           ["44,2,2",     # no mutant
            "42,2,2", "44,6,2", "44,6,2", "24,2,2", "56,2,16", "54,2,12", "66,3,3", "42,2,0",
            "200,2,2", "-1,-1,-1"])


def tangled_rows_are_found():
    """Two that overlap, and neither is within the other"""
    rows = [row("first", "a > b && b", "0"), row("second", "b > 0", "0", "target:1")]
    rows[0] = row("first", "@a > b && b@ > 0", "0")
    rows[1] = row("second", "&& @b > 0@", "1")
    found = mutant_rewrite.File(SOURCE, rows, {"first": 1, "second": 2}).dropped
    expect([each.id for each in found], ["second"])


def what_does_not_compile_is_found():
    """By the compiler's line and column, the innermost of those that cover it"""
    rows = [row("outer", "a > b && b > 0", "1"), row("bad", "@b > 0@)", "nothing > 0")]
    numbers = {"outer": 1, "bad": 2}
    file = mutant_rewrite.File(SOURCE, rows, numbers)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "kernel"))
        with open(os.path.join(folder, "kernel/file.c"), "w", encoding="ascii") as out:
            out.write(file.text())
        # as kbuild does: the name in messages is below the tree
        done = subprocess.run(["gcc", "-c", "-o", "/dev/null", "kernel/file.c"], cwd=folder,
                              stderr=subprocess.PIPE, text=True, check=False,
                              env=dict(os.environ, LC_ALL="C"))
    bad = mutants.culprits(done.stderr, {"kernel/file.c": file})
    expect([each.id for each in bad], ["bad"])


def verdict(events, ended=None, killer="prog_test fix.*.rule"):
    result = mutants.classify(row("id", "a > b", "0", killer=killer), events, "-", ended)
    return result.verdict, "; ".join(result.who), result.note


def verdicts_follow_from_events():
    """Named, other, survived, died"""
    runs = ("runs", "prog_test", "60", "named")
    whole = ("runs", "other_test", "60", "whole")
    expect(verdict([runs, ("failed", "prog_test", "fix.v1.rule"), ("end",)]),
           ("named", "prog_test fix.v1.rule", ""))
    expect(verdict([runs, ("hung", "prog_test"), ("end",)]), ("named", "prog_test hung", ""))
    expect(verdict([runs, whole, ("failed", "other_test", "fix.v1.rule"), ("end",)]),
           ("other", "other_test fix.v1.rule", ""))
    expect(verdict([runs, whole, ("log", "other_test", "WARNING:", "x"), ("end",)]),
           ("other", "other_test WARNING: x", ""))
    expect(verdict([runs, whole, ("end",)]), ("survived", "", ""))
    expect(verdict([runs, whole, ("skipped", "other_test", "a.b"), ("end",)]),
           ("survived", "", "skipped: other_test a.b"))
    expect(verdict([("unnamed",), whole, ("end",)]), ("unnamed", "", ""))
    expect(verdict([runs], "the kernel died"), ("died", "prog_test the kernel died", ""))
    expect(verdict([], "the kernel died"), ("died", "boot the kernel died", ""))
    expect(verdict([runs, ("failed", "prog_test", "fix.v1.rule"), ("damage", "prog_test")]),
           ("named", "prog_test fix.v1.rule", "damage: prog_test fails afterwards"))
    expect(verdict([whole, ("failed", "other_test", "a.b"), ("end",)], killer="-"),
           ("other", "other_test a.b", ""))


# A program of three tests. What it does with which mutant is in the file `how`: mutant, test,
# and what happens to it.
PROGRAM = """#!/bin/sh
name=${0##*/}
read -r now <"$MUTANTS_PARAMETERS/kvm_mutant"
[ "$name" != first_test ] || echo 6 >"$MUTANTS_PARAMETERS/kvm_mutant_reached"
[ "$name" != second_test ] || echo c >"$MUTANTS_PARAMETERS/kvm_mutant_reached"
tests="a.one a.two b.three"
[ "${1:-}" != -r ] || tests=$(echo "$*" | sed "s/-r//g")
echo "TAP version 13"
echo 1..3
n=0
bad=0
for test in $tests; do
	n=$((n + 1))
	what=$(awk -v now="$now" -v name="$name" -v test="$test" \
		'$1 == now && $2 == name && $3 == test { print $4 }' "$FILES/how")
	case $what in
	fails) bad=1; echo "not ok $n $test" ;;
	skips) echo "ok $n $test # SKIP no such thing" ;;
	dies) kill -KILL $$ ;;
	damages) bad=1; echo "0 $name $test fails" >>"$FILES/how"; echo "not ok $n $test" ;;
	logs) echo "WARNING: at file.c" >"$FILES/log"; echo "ok $n $test" ;;
	*) echo "ok $n $test" ;;
	esac
done
exit $bad
"""


def guest(how, plan):
    """What mutants-guest.sh tells of these mutants, less the base"""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, text, mode=0o644):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(path, mode)
        for name in ("first_test", "second_test"):
            put("files/programs/" + name, PROGRAM, 0o755)
        put("files/list", "first_test\nsecond_test\n")
        put("files/how", how)
        put("files/log", "")
        put("files/plan", plan)
        put("files/trouble", "WARNING: \n")
        put("parameters/kvm_mutant", "0\n")
        put("parameters/kvm_mutant_reached", "\n")
        put("bin/dmesg", "#!/bin/sh\ncat $FILES/log\n[ $# -eq 0 ] || : >$FILES/log\n", 0o755)
        put("bin/busybox", "#!/bin/sh\nexec \"$@\"\n", 0o755)
        env = dict(os.environ, FILES=folder + "/files", MUTANTS_PARAMETERS=folder + "/parameters",
                   TMPDIR=folder, PATH=folder + "/bin:" + os.environ["PATH"])
        done = subprocess.run([mutants.GUEST], stdout=subprocess.PIPE, text=True, env=env,
                              check=False, timeout=60)
    lines = [line for line in done.stdout.splitlines() if line.startswith("# mutant")]
    base = [line for line in done.stdout.splitlines() if line.startswith("# base ok")]
    expect(len(base), 6)
    return [line.replace("# mutant ", "") for line in lines if "runs" not in line]


def the_guest_tells_what_each_program_came_to():
    """First the named test, then those that reach the place, which 3 of first_test has not"""
    how = ("1 first_test a.one fails\n1 first_test a.two fails\n2 second_test a.two fails\n"
           "3 first_test a.one fails\n3 second_test b.three skips\n")
    plan = "1\tfirst_test\t*.one\n2\tfirst_test\t*.one\n3\tsecond_test\tb.*\n1\t-\t-\n"
    expect(guest(how, plan), [
        "1 begin", "1 failed first_test a.one", "1 end",
        "2 begin", "2 failed second_test a.two", "2 end",
        "3 begin", "3 skipped second_test b.three", "3 skipped second_test b.three", "3 end",
        "1 begin", "1 failed first_test a.one", "1 failed first_test a.two", "1 end"])


def the_guest_sees_deaths_logs_and_damage():
    """And stops where a test fails with the mutant off"""
    how = "1 first_test a.one dies\n2 first_test a.one logs\n3 second_test a.two damages\n"
    plan = "1\tfirst_test\ta.one\n2\tfirst_test\ta.one\n3\tsecond_test\ta.two\n1\t-\t-\n"
    expect(guest(how, plan), [
        "1 begin", "1 hung first_test", "1 end",
        "2 begin", "2 log first_test WARNING: at file.c", "2 end",
        "3 begin", "3 failed second_test a.two", "3 damage second_test"])


def main():
    """Runs all of them"""
    tests = (a_row_that_does_not_apply_is_named, malformed_rows_are_refused, mutants_compose,
             tangled_rows_are_found, what_does_not_compile_is_found, verdicts_follow_from_events,
             the_guest_tells_what_each_program_came_to, the_guest_sees_deaths_logs_and_damage)
    return lib.run(tests)


if __name__ == "__main__":
    sys.exit(main())
