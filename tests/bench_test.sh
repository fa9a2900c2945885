#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench_test.sh - tests of the benchmark and of the scripts that evaluate its results
#
# Usage: bench_test.sh PROGRAM
#
# PROGRAM is reg_access_bench. Boots two machines: bad input in one, a tiny run of
# bench.sh in the other. Needs the packages of `setup.sh build run bench check`.
#
# stdout has a KTAP line for each test, and the reasons. Exit status: 0 all
# passed or skipped, 1 otherwise

set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
unset VCPUS REPEAT_RUNS BENCH_ARGS
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"
mkdir "$tmp/files"
program=${1:?usage: bench_test.sh PROGRAM}
py=$top/scripts/bench.py

### Arithmetic, on data with a known answer

# fits TITLE LAW FORMULA EXPRESSION: the points are x from 1 to 512, and its value
fits()
{
	begin "fit: $1"
	awk "BEGIN { for (x = 1; x <= 512; x *= 2) print x, $4 }" >"$tmp/points"
	status=0
	python3 "$py" fit <"$tmp/points" >"$out" 2>"$err" || status=$?
	expect_status 0
	has "$out" "^best: $2: $3, residual 0\.0"
	end
}

fits "a line" linear "40 \+ 7 n" "40 + 7 * x"
fits "a line through zero" linear ".* 7 n" "7 * x"
fits "n log n" "n log n" "9 \+ 5 n log2 n" "9 + 5 * x * log(x) / log(2)"
fits "a quadratic" quadratic "30 n \+ 0.5 n\^2" "30 * x + x * x / 2"
fits "a noisy line" linear ".*" "(40 + 7 * x) * (x % 3 == 1 ? 1.04 : 0.96)"
fits "a bend too slight to matter" linear ".* 30 n" "30 * x + x * x / 1000000"

# run NAME RATIO [VCPUS]: write a run with one measurement of that cost to NAME.json
run()
{
	cat >"$tmp/$1.json" <<-END
		{"schema":"reg_access_bench 1",
		"host":{"kernel":"1.2","midr":"0x0","cpus":2,"mode":"vhe","emulated":true},
		"floor":{"clock_ratio":0.1,"loop_ratio":0.01},
		"rows":[{"vcpus":${3:-1},"op":"get","class":"fw","threads":"one","load":"idle",
		"accessed":1,"runners":0,"accesses":8,"samples":9,"batch":1,"ratio":$2,
		"cost":$2,"cost_q1":$2,"cost_q3":$(awk "BEGIN { print $2 + 0.2 }"),"cost_mad":0.1,
		"slowdown":1,"overhead_percent":1,"ns":null,"ns_q1":null,"ns_q3":null}]}
	END
}

# compared TITLE STATUS PATTERN: runs a and b
compared()
{
	begin "compare: $1"
	launch python3 "$py" compare "$tmp/a.json" "$tmp/b.json"
	expect_status "$2"
	has "$out" "$3"
	end
}

run a 1.00
run b 1.14
compared "within 15 %" 0 "1 ratios agree within 15%, 0 more within their quartiles, 0 do not"
run b 1.19
compared "further, and the spread says why" 0 "0 ratios agree .*, 1 more within"
run b 1.30
compared "too far" 1 "get fw one idle: 1.00 and 1.30, 30%"
run b 1.00 2
compared "nothing in common" 1 "0 ratios agree"

# damaged TITLE PATTERN: run a
damaged()
{
	begin "damaged input: $1"
	launch python3 "$py" csv "$tmp/a.json"
	expect_status 1
	has "$err" "$2"
	lacks "$err" Traceback
	end
}

run a 1.00
sed -i 's/access_bench 1/access_bench 9/' "$tmp/a.json"
damaged "another schema" "the schema is reg_access_bench 9"
run a 1.00
sed -i 's/"ns":null/"ns":12.5/' "$tmp/a.json"
damaged "a time of an emulated machine" "ns is 12.5 though the machine is emulated"
run a 1.00
sed -i '$d' "$tmp/a.json"
damaged "cut short" "JSONDecodeError"
rm "$tmp/a.json"
damaged "missing" "FileNotFoundError"

### bench.sh's own input

# refused TITLE PATTERN COMMAND...
refused()
{
	begin "bench.sh: $1"
	pattern=$2
	shift 2
	launch "$@"
	expect_status 1
	has "$err" "$pattern"
	nothing_left
	end
}

refused "no argument" "usage: bench.sh PROGRAM OUTPUT" "$top/scripts/bench.sh"
refused "no program" "nosuch is missing: build it first" "$top/scripts/bench.sh" nosuch "$tmp/o"
refused "no number of runs" "REPEAT_RUNS=0 is not a number" \
	env REPEAT_RUNS=0 "$top/scripts/bench.sh" "$program" "$tmp/o"
refused "an output below a file" "cannot write to $tmp/points/o" \
	"$top/scripts/bench.sh" "$program" "$tmp/points/o"
refused "no such kernel" "error: 1.0-1 failed: see" \
	env KERNELS=1.0 "$top/scripts/bench.sh" "$program" "$tmp/o"

### The program's input, in a machine

cp "$program" "$tmp/files/reg_access_bench"
KERNEL=newest FILES=$tmp/files launch "$top/scripts/run.sh" "$top/tests/progs/bench-inputs.sh"
cp "$out" "$tmp/inputs"
grep -E '^(not )?ok [0-9]' "$tmp/inputs" >"$tmp/cases" || :
while read -r result; do
	begin "in the machine: $(echo "$result" | sed 's/^.*ok [0-9]* //')"
	case $result in
	not*) wrong "see below" ;;
	esac
	end
done <"$tmp/cases"
begin "in the machine: all was tried"
expect_status 0
has "$out" "22 passed, 0 failed"
end

### A run of it all

begin "bench.sh measures, fits, compares with a second run, and plots"
KERNELS=newest REPEAT_RUNS=2 VCPUS=1,2,4 BENCH_ARGS="--repeat=5 --warmup=1" \
	launch "$top/scripts/bench.sh" "$program" "$tmp/o"
# Two runs on a busy machine may disagree, and bench.sh must then say so
[ "$status" -eq 0 ] || has "$err" "two runs disagree"
has "$out" "^== Linux .*emulated$"
has "$out" "every cost is a ratio to an empty ioctl"
has "$out" "^set +fw +(linear|n log n|quadratic) "
has "$out" "^create +vm "
has "$out" "^ +4 +[0-9.]+% +[0-9.]+% +[0-9.]+%$"
has "$out" "^Two runs on Linux .*: [0-9]+ ratios agree within 15%"
has "$err" "vCPUs +op +class"
cmp -s "$out" "$tmp/o/report.txt" || wrong "report.txt differs"
nothing_left
end
begin "its JSON is as documented"
launch jq -e '.schema == "reg_access_bench 1" and .host.emulated and .floor.empty_ns == null
	and (.rows | length) == 82 and .registers.fw >= 4 and .registers.all ==
	([.registers | .core, .sys, .id, .timer, .fw] | add)' "$tmp/o/newest-1.json"
expect_status 0
launch jq -e '[.rows[] | select(.accessed + .runners != .vcpus and .class != "fw-once")] == []' \
	"$tmp/o/newest-1.json"
expect_status 0
end
begin "its own overhead is below 5 % in every row"
launch jq -e '[.rows[] | select(.overhead_percent >= 5)] == []' "$tmp/o/newest-1.json"
expect_status 0
end
begin "its CSV has the columns of the program's"
head -n 1 "$tmp/o/newest-1.csv" >"$tmp/columns"
sed -n 's/^# csv //p' "$tmp/inputs" >"$tmp/own.csv"
head -n 1 "$tmp/own.csv" | cmp -s - "$tmp/columns" || wrong "$(head -n 1 "$tmp/own.csv")"
launch awk -F , 'NF != 25 { exit 1 } END { exit NR != 23 }' "$tmp/own.csv"
expect_status 0
launch awk -F , 'NF != 25 { exit 1 } END { exit NR != 83 }' "$tmp/o/newest-1.csv"
expect_status 0
end
begin "its plots are images"
for name in access pass; do
	[ "$(od -An -tx1 -N4 "$tmp/o/$name.png" | tr -d ' \n')" = 89504e47 ] || wrong "no $name.png"
	launch python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' "$tmp/o/$name.svg"
	expect_status 0
done
end

finish
