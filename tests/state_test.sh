#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# state_test.sh - tests of the readers of state files and recipes and of the models of QEMU, on
# this machine: unit tests, and a fuzz run over what tests/corpus/state began with
#
# Usage: state_test.sh
#
# Environment: FUZZ_SECONDS (20): how long to fuzz
#
# Prints KTAP. What makes the reader fail is left in build/fuzz.
#
# Exit status: 0 passed, 1 failed

set -eu

cd "$(dirname -- "$0")/.."
# shellcheck source=tests/prepare.sh
. tests/prepare.sh
# shellcheck source=tests/lib.sh
. tests/lib.sh

ksrc=$(scripts/fetch.sh source 6.12)
reader="lib/vmm/state.c lib/reg_value.c"
flags="-std=gnu11 -g -O1 -Wall -Werror -fsanitize=address,undefined"
flags="$flags -fno-sanitize-recover=all -Iinclude -isystem $ksrc/tools/include"
flags="$flags -isystem $ksrc/tools/testing/selftests"

echo "TAP version 13"

begin "unit tests of the reader and the writer pass with sanitizers"
# shellcheck disable=SC2086
launch clang $flags tests/state_test.c $reader -o "$tmp/state_test"
expect_status 0
if [ "$status" -eq 0 ]; then
	launch "$tmp/state_test"
	expect_status 0
	has "$out" '^# Totals: pass:[1-9][0-9]+ fail:0 '
fi
end

begin "unit tests of the reader of recipes pass with sanitizers"
# shellcheck disable=SC2086
launch clang $flags tests/recipe_test.c tools/guest_abi/recipe_file.c -o "$tmp/recipe_test"
expect_status 0
if [ "$status" -eq 0 ]; then
	launch "$tmp/recipe_test"
	expect_status 0
	has "$out" '^# Totals: pass:[1-9][0-9]+ fail:0 '
fi
end

begin "unit tests of the models of QEMU pass with sanitizers"
# shellcheck disable=SC2086
launch clang $flags tests/models_test.c lib/vmm/models.c lib/reg_value.c -o "$tmp/models_test"
expect_status 0
if [ "$status" -eq 0 ]; then
	launch "$tmp/models_test"
	expect_status 0
	has "$out" '^# Totals: pass:[1-9][0-9]* fail:0 '
fi
end

begin "the fuzzer finds nothing that crashes it, or that it writes otherwise than it read"
mkdir -p build/fuzz "$tmp/corpus"
# shellcheck disable=SC2086
launch clang $flags -fsanitize=fuzzer tests/state_fuzz.c $reader -o "$tmp/state_fuzz"
expect_status 0
if [ "$status" -eq 0 ]; then
	launch "$tmp/state_fuzz" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=8192 \
		-rss_limit_mb=1024 -timeout=10 -artifact_prefix=build/fuzz/ \
		-dict=tests/corpus/state.dict -print_final_stats=1 "$tmp/corpus" \
		tests/corpus/state
	expect_status 0
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$err")
	[ "${runs:-0}" -gt 10000 ] || wrong "only ${runs:-no} inputs were tried"
	echo "# ${runs:-no} inputs were tried"
fi
end

finish
