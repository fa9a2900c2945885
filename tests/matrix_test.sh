#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# matrix_test.sh - tests of `make matrix`, but for the machines it boots
#
# Usage: matrix_test.sh [real GUEST_ABI]
#
# Small runs, made here by hand, go through matrix.py, and a browser shows the page.
# matrix.sh runs whole on a copy of scripts/ whose run.sh boots nothing. `real` instead
# measures two real kernels. Needs the packages of `setup.sh matrix browser`.
#
# stdout has a KTAP line for each test, and the reasons. Exit status: 0 all
# passed or skipped, 1 otherwise

set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
unset VMM SHAPES UPDATE BASELINE
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"

### Runs by hand

# new_run HOST...: an empty run over these kernels, all of which saved plain
new_run()
{
	rm -rf "$tmp/run"
	mkdir "$tmp/run"
	for host; do
		mkdir -p "$tmp/run/states/$host-vhe"
		echo plain >"$tmp/run/states/$host-vhe/shapes"
		echo x >"$tmp/run/states/$host-vhe/plain"
		echo "host $host-vhe $host vhe"
	done >"$tmp/run/plan"
	printf 'seconds 7\nvmm blind\nvmm aware\n' >>"$tmp/run/plan"
}

# report FROM TO MANNER VERDICT [LINE...]
report()
{
	file=$tmp/run/reports/$2-vhe/$1-vhe/plain/$3
	mkdir -p "${file%/*}"
	{
		echo "report 1"
		echo "saved release=$1.0 mode=vhe shape=plain"
		echo "host release=$2.0 mode=vhe vmm=$3"
		verdict=$4
		shift 4
		[ $# -eq 0 ] || printf '%s\n' "$@"
		echo "verdict $verdict"
	} >"$file"
}

# all_same HOST...: a run in which every pair is
all_same()
{
	new_run "$@"
	for old; do
		for new; do
			report "$old" "$new" blind same
			report "$old" "$new" aware same
		done
	done
}

baseline()
{
	printf '# a comment\n' >"$tmp/baseline"
	[ $# -eq 0 ] || printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$tmp/baseline"
}

judge()
{
	launch python3 -B "$top/scripts/matrix.py" judge --baseline "$tmp/baseline" "$@" "$tmp/run"
}

json()
{
	python3 -c 'import json, sys
matrix = json.load(open(sys.argv[1]))
cells = {(c["from"], c["to"], c["vmm"]): c for c in matrix["cells"]}
sys.exit(not eval(sys.argv[2]))' "$tmp/run/matrix.json" "$1" || wrong "not so in the JSON: $1"
}

valid()
{
	# shellcheck disable=SC2016
	sed -n '/^```json$/,/^```$/{ /^```/d; p; }' "$top/docs/matrix-schema.md" >"$tmp/schema"
	/usr/bin/python3 -W ignore -m jsonschema -i "$tmp/run/matrix.json" "$tmp/schema" \
		>"$tmp/valid" 2>&1 || wrong "the JSON is not valid: $(head -n 5 "$tmp/valid")"
}

refused="refused step=registers vcpu=0 reg=FW_BMAP_2 id=0x60 value=0x1 errno=ENOENT"
changed="changed probe=hvc:TRNG_VERSION saved=0x10000,0x0 now=0xffffffffffffffff,0x0"

page_tests()
{
	begin "a run in which all is the same passes"
	all_same 6.1 6.12
	baseline
	judge
	expect_status 0
	has "$out" "^6.1 +=  +=$"
	has "$out" "^2 hosts, 8 pairs, 7 s: passed$"
	has "$tmp/run/matrix.html" "Everything that must work does: 8 pairs"
	json 'len(cells) == 8 and not matrix["problems"]'
	valid
	end

	begin "changed and refused have their sign, and what mends them"
	all_same 6.1 6.12
	report 6.1 6.12 blind changed "$changed"
	report 6.12 6.1 blind refused "$refused"
	report 6.12 6.1 aware changed "$changed" \
		"tolerated step=r vcpu=0 reg=X id=0x1 value=0x0 errno=EINVAL why=is-zero"
	judge
	expect_status 0
	has "$out" "^6.1 +=  +C\+$"
	has "$out" "^6.12 +R\+ +=$"
	# shellcheck disable=SC2016
	has "$tmp/run/matrix.md" '^\| \*\*6.12\*\* \| `R\+` \| `=` \|$'
	has "$tmp/run/matrix.html" "FW_BMAP_2<td>0x60<td>0x1<td>ENOENT"
	has "$tmp/run/matrix.html" "makes it better"
	json 'cells["6.12-vhe", "6.1-vhe", "blind"]["mended"]'
	valid
	end

	begin "an unsupported shape is no failure, but for the kernel that saved it"
	all_same 6.1 6.12
	file=$tmp/run/reports/6.1-vhe/6.12-vhe/plain/blind
	printf 'report 1\nunsupported why=no SVE here\nverdict unsupported\n' >"$file"
	judge
	expect_status 0
	has "$tmp/run/matrix.html" "Why: no SVE here"
	json 'cells["6.12-vhe", "6.1-vhe", "blind"]["why"] == "no SVE here"'
	end

	begin "a kernel that cannot restore what it saved fails the run"
	all_same 6.1 6.12
	report 6.1 6.1 aware changed "$changed"
	judge
	expect_status 1
	has "$out" "^failed: aware, plain: 6.1 to 6.1: changed \(hvc:TRNG_VERSION\); a kernel must"
	end

	begin "a pair that is worse than the baseline fails the run, a better one is told"
	all_same 6.1 6.12
	report 6.1 6.12 blind refused "$refused"
	baseline blind plain 6.1 6.1,6.12 vhe changed blind plain 6.12 6.1 vhe refused
	judge
	expect_status 1
	has "$out" "^failed: blind, plain: 6.1 to 6.12: refused \(FW_BMAP_2 ENOENT\); .* as changed$"
	has "$out" "^better: blind, plain: 6.12 to 6.1: same; the baseline has it as refused$"
	[ "$(grep -c ^failed: "$out")" -eq 1 ] || wrong "more than that failed"
	valid
	end

	begin "the baseline can be rewritten, and keeps what was not measured"
	baseline blind plain 6.1 6.1,6.12 vhe changed blind plain 5.10 6.1 vhe refused
	cp "$tmp/baseline" "$tmp/before"
	judge --update
	expect_status 0
	has "$tmp/baseline" "^# a comment$"
	has "$tmp/baseline" "^blind	plain	5.10	6.1	vhe	refused$"
	has "$tmp/baseline" "^blind	plain	6.1	6.12	vhe	refused$"
	has "$tmp/baseline" "^aware	plain	6.12	6.1,6.12	vhe	same$"
	judge
	expect_status 0
	end

	begin "a pair of the baseline that nobody measured any more fails the run"
	all_same 6.1
	baseline blind sve 6.1 6.1 vhe same blind plain 6.1 7.9 vhe same
	judge
	expect_status 1
	has "$out" "^failed: blind, sve: 6.1 to 6.1 in vhe: not measured"
	[ "$(grep -c ^failed: "$out")" -eq 1 ] || wrong "more than that failed"
	end

	begin "a wrong baseline is named with its line"
	baseline blind plain 6.1 6.1 vhe good
	judge
	expect_status 2
	has "$err" "baseline:2: not vmm, shape"
	baseline
	end

	begin "a report that is not whole, or contradicts itself, is a failed cell"
	for text in "" "report 2" "report 1" "report 1;verdict fine" "report 1;verdict same;x" \
		"report 1;changed probe;verdict changed" "report 1;verdict changed" \
		"report 1;verdict refused" "report 1;$changed;verdict same" \
		"report 1;host vmm=qemu;verdict same" \
		"report 1;$changed now=2;verdict changed" "report 1;$(printf '\033[2J');verdict same"; do
		all_same 6.1 6.12
		echo "$text" | tr ';' '\n' >"$tmp/run/reports/6.1-vhe/6.12-vhe/plain/blind"
		judge
		[ "$status" -eq 1 ] || wrong "status $status for: $text"
		has "$out" "^failed: blind, plain: 6.12 to 6.1: failed \("
	done
	printf 'report 1\nverdict same' >"$tmp/run/reports/6.1-vhe/6.12-vhe/plain/blind"
	judge
	expect_status 1
	has "$out" "the last line is not whole"
	json 'cells["6.12-vhe", "6.1-vhe", "blind"]["verdict"] == "failed"'
	valid
	end

	begin "a machine that failed is a row and a column of failed cells, and says why"
	all_same 6.1 6.12
	rm -r "$tmp/run/states/6.12-vhe" "$tmp/run/reports/6.12-vhe"
	for dir in states reports; do
		mkdir -p "$tmp/run/$dir/6.12-vhe"
		printf -- '-\tkernel: Kernel panic\n' >"$tmp/run/$dir/6.12-vhe/problems"
	done
	judge
	expect_status 1
	has "$out" "^6.12 +!  +!$"
	has "$out" "^failed: blind, plain: 6.12 to 6.1: failed \(nothing was saved: kernel: Kernel"
	has "$out" "^failed: blind, plain: 6.1 to 6.12: failed \(no report: kernel: Kernel"
	valid
	end

	begin "a huge report is shown in part and kept whole"
	all_same 6.1 6.12
	seq 3000 | sed 's/.*/changed probe=call:& saved=0x0 now=0x&/' >"$tmp/lines"
	file=$tmp/run/reports/6.12-vhe/6.1-vhe/plain/blind
	{ echo "report 1"; cat "$tmp/lines"; echo "verdict changed"; } >"$file"
	judge
	expect_status 0
	has "$tmp/run/matrix.html" "and 2960 more, in matrix.json"
	[ "$(wc -c <"$tmp/run/matrix.html")" -lt 200000 ] || wrong "the page is too long"
	json 'len(cells["6.1-vhe", "6.12-vhe", "blind"]["changed"]) == 3000'
	{ echo "report 1"; yes "changed probe=x" | head -c 20000000; } >"$file"
	judge
	expect_status 1
	has "$out" "the report is too long"
	end

	begin "two modes are rows and columns of their own"
	all_same 6.1 6.12
	sed -i 's/^host 6.12-vhe 6.12 vhe/host 6.12-vhe 6.1 nvhe/' "$tmp/run/plan"
	judge --update
	expect_status 0
	has "$out" "^6.1 nvhe +=  +=$"
	has "$tmp/baseline" "^blind	plain	6.1	6.1	vhe>nvhe	same$"
	end
}

browser_tests()
{
	begin "what reports say is text in the page and in Markdown, never markup"
	all_same 6.1 6.12
	baseline
	hostile="<script>document.title='owned'</script><img/src=x\"'&|\`"
	report 6.1 6.12 blind changed "changed probe=$hostile saved=$hostile now=</table>" "$hostile"
	report 6.12 6.1 blind refused "refused reg=$hostile step=$hostile errno=</style>"
	judge
	expect_status 0
	lacks "$tmp/run/matrix.html" "<script|<img|</style>.*</style>"
	lacks "$tmp/run/matrix.md" "<script|<img"
	valid
	end

	begin "a browser shows the page, its cells and what is behind them"
	if ! command -v chromium >/dev/null; then
		wrong "chromium is missing: run scripts/setup.sh browser"
		end
		return
	fi
	browse --dump-dom
	expect_status 0
	has "$out" "<title>Which host a VM can move to</title>"
	lacks "$out" "<script|<img"
	[ "$(grep -o '<td class="[a-z]*"><a href="#' "$out" | wc -l)" -eq 8 ] || wrong "not 8 cells"
	[ "$(grep -c '<details id="' "$out")" -eq 8 ] || wrong "not 8 details"
	lacks "$err" "CONSOLE|Uncaught|SyntaxError"
	browse --screenshot="$tmp/shot.png" --window-size=1200,900
	expect_status 0
	[ "$(wc -c <"$tmp/shot.png")" -gt 20000 ] || wrong "the picture is empty"
	end
}

browse()
{
	launch timeout 120 chromium --headless --no-sandbox --disable-gpu --no-first-run \
		--disable-dev-shm-usage --enable-logging=stderr --user-data-dir="$tmp/profile" \
		"$@" "file://$tmp/run/matrix.html"
}

### matrix.sh, on machines that are this one

# A guest_abi for two shapes; its restore obeys $FAKE
fake_tree()
{
	mkdir "$tmp/tree"
	cp -R "$top/scripts" "$top/data" "$tmp/tree/"
	cat >"$tmp/tree/guest_abi" <<-'END'
		#!/bin/sh
		for last; do :; done
		case $1 in
		shapes) printf 'plain\tthe plain one\npmu\twith a PMU\n' ;;
		vmms) printf 'aware\tx\nblind\ty\n' ;;
		save) echo "kvm-guest-abi state 1"; seq 300; [ "$FAKE" != badsave ] || exit 1 ;;
		restore)
			grep -q "^300$" "$last" || exit 1
			[ "$FAKE,$2" != error,--vmm=blind ] || { echo "it broke" >&2; exit 1; }
			printf 'report 1\nverdict same\n' ;;
		esac
	END
	cat >"$tmp/tree/scripts/run.sh" <<-'END'
		#!/bin/sh
		echo "$KERNEL $MODE $ARGS $FILES" >&2
		[ "$FAKE,$KERNEL" != noboot,6.12 ] || { echo "failed: it ended with no verdict"; exit 1; }
		[ "$FAKE" != hang ] || sleep 600
		verdict=passed
		# shellcheck disable=SC2086
		FILES=$FILES sh "$1" $ARGS >"$LOGDIR/raw" || verdict=failed
		[ "$FAKE" != lossy ] || sed -i '/^# | 299/d' "$LOGDIR/raw"
		cat "$LOGDIR/raw"
		echo "x: 1 programs: $verdict"
		echo "verdict=$verdict kernel=$KERNEL mode=$MODE" >"$LOGDIR/x.result"
	END
	cat >"$tmp/tree/scripts/fetch.sh" <<-'END'
		#!/bin/sh
		case $* in
		kernels) printf '6.1\n6.12\n9.9\n' ;;
		"kernel 9.9") echo "9.9 has left" >&2; exit 3 ;;
		esac
	END
	: >"$tmp/tree/data/matrix-baseline.list"
}

# whole FAKE NAME=VALUE...: matrix.sh
whole()
{
	fake=$1
	shift
	launch env FAKE="$fake" "$@" "$tmp/tree/scripts/matrix.sh" "$tmp/tree/guest_abi" \
		"$tmp/tree/build/matrix"
}

# only_matrix: nothing but the matrix and its lock is in $build
only_matrix()
{
	left=$(find "$build" -mindepth 1 -maxdepth 1 ! -name matrix ! -name matrix.lock)
	[ -z "$left" ] || wrong "left behind: $left"
}

whole_tests()
{
	fake_tree
	build=$tmp/tree/build

	begin "matrix.sh boots each kernel twice, and names one that is not on offer"
	whole good
	expect_status 0
	has "$out" "^2 hosts, 16 pairs, [0-9]+ s: passed$"
	has "$err" "9.9 has left"
	only_matrix
	cmp -s "$build/matrix/states/6.1-vhe/plain" "$build/matrix/states/6.12-vhe/pmu" ||
		wrong "a saved file is not what guest_abi wrote"
	end

	begin "one kernel, all manners, one shape, two modes"
	whole good KERNELS=6.1 VMM=all SHAPES=pmu MODES="vhe nvhe"
	expect_status 0
	has "$out" "^blind, pmu: "
	has "$out" "^2 hosts, 8 pairs"
	end

	begin "a machine that does not boot is told in its cells"
	whole noboot
	expect_status 1
	has "$out" "^failed: blind, plain: 6.12 to 6.1: failed \(nothing was saved: it ended"
	has "$out" "^2 hosts, [0-9]+ pairs, [0-9]+ s: failed$"
	end

	begin "so is a guest_abi that fails, and a console that loses a line"
	whole error
	expect_status 1
	has "$out" "blind, pmu: 6.1 to 6.12: failed \(no report: it broke\)"
	lacks "$out" "^failed: aware"
	whole lossy
	expect_status 1
	has "$out" "nothing was saved: the console lost some of it"
	whole badsave
	expect_status 1
	end

	begin "a run that is cut short leaves the matrix before it, and nothing else"
	whole good
	before=$(cksum <"$build/matrix/matrix.json")
	env FAKE=hang "$tmp/tree/scripts/matrix.sh" "$tmp/tree/guest_abi" "$build/matrix" \
		>"$out" 2>"$err" &
	child=$!
	sleep 3
	whole good
	expect_status 1
	has "$err" "another matrix.sh"
	kill "$child"
	wait "$child" || :
	child=
	[ "$(cksum <"$build/matrix/matrix.json")" = "$before" ] || wrong "the old one is gone"
	only_matrix
	end

	begin "wrong words and missing files are refused before anything boots"
	for bad in KERNELS=9.8 MODES=fast VMM=Q\;x SHAPES=../x; do
		whole good "$bad"
		[ "$status" -eq 1 ] || wrong "status $status for $bad"
		has "$err" "error: ${bad%%=*}: "
	done
	launch "$tmp/tree/scripts/matrix.sh" /nonexistent "$build/matrix"
	expect_status 1
	has "$err" "error: /nonexistent is missing"
	end

	begin "a name that no host has is an error, not a smaller matrix"
	whole good SHAPES="pmu pmu-as-6.12"
	expect_status 1
	has "$err" "error: SHAPES: no host here has 'pmu-as-6.12'; they have: plain pmu"
	whole good VMM="blind kind"
	expect_status 1
	has "$err" "error: VMM: no host here has 'kind'; they have: aware blind"
	only_matrix
	whole good KERNELS="6.1 6.2"
	expect_status 1
	has "$err" "error: KERNELS: '6.2' is neither a file nor one of: 6.1 6.12 9.9"
	whole good MODES="vhe slow"
	expect_status 1
	has "$err" "error: MODES: 'slow' is not one of: vhe nvhe protected nested"
	end
}

# real GUEST_ABI: two real kernels, of which each restores what it saved itself
real()
{
	begin "6.12 and the newest kernel restore what they saved, and each other's"
	KERNELS="6.12 newest" SHAPES=plain launch "$top/scripts/matrix.sh" "$1" "$tmp/run"
	expect_status 0
	has "$out" "^2 hosts, 8 pairs, [0-9]+ s: passed$"
	valid
	end
}

if [ "${1:-}" = real ]; then
	real "$2"
else
	page_tests
	browser_tests
	whole_tests
fi
finish
