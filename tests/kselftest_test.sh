#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kselftest_test.sh - tests of the collection as a kselftest, inside a kernel tree
#
# Usage: kselftest_test.sh
#
# Copies the cached kernel trees, puts this folder there, as a copy and as a link,
# drives it by the tree's own Makefile, and runs the tarball in a real machine.
# Needs the packages of `setup.sh build run clang check`.
#
# stdout has a KTAP line for each test, and the reasons. Exit status: 0 all
# passed or skipped, 1 otherwise

set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"

# selftests TREE ARGUMENT...: make in a tree's selftests
selftests()
{
	tree=$1
	shift
	launch make -C "$tmp/linux-$tree/tools/testing/selftests" TARGETS=kvm-guest-abi "$@"
}

programs=$(make -s -C "$top" OUTPUT=/x programs | tr ' ' '\n' | sed 's|.*/||' | sort)

for tree in 6.12 7.3; do
	cp -R "$("$top/scripts/fetch.sh" source "$tree")" "$tmp/linux-$tree"
done
# as it comes from a repository: without the headers that fetch.sh installs
rm -rf "$tmp/linux-6.12/usr"
copy=$tmp/linux-6.12/tools/testing/selftests/kvm-guest-abi
mkdir "$copy"
(cd "$top" && git ls-files -z | cpio -0pdm --quiet "$copy")
ln -s "$top" "$tmp/linux-7.3/tools/testing/selftests/kvm-guest-abi"

cross="ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-"
[ "$(uname -m)" != aarch64 ] || cross=ARCH=arm64

begin "a copy in 6.12 builds in place"
# shellcheck disable=SC2086
selftests 6.12 $cross all
expect_status 0
for program in $programs; do
	[ -x "$copy/$program" ] || wrong "there is no $program"
done
lacks "$out" "warning"
end
begin "clean leaves the sources and nothing else"
# shellcheck disable=SC2086
selftests 6.12 $cross clean
expect_status 0
(cd "$copy" && find . -type f | sed 's|^\./||' | sort) >"$tmp/left"
(cd "$top" && git ls-files | sort) >"$tmp/sources"
cmp -s "$tmp/left" "$tmp/sources" || wrong "$(diff "$tmp/left" "$tmp/sources")"
end
begin "another architecture builds nothing and says so"
selftests 6.12 ARCH=x86 all
expect_status 0
has "$out" "nothing to build for ARCH=x86"
[ ! -e "$copy/hypercalls_test" ] || wrong "there is a program"
end
begin "a link in 7.3 makes a tarball with clang and O="
# shellcheck disable=SC2086
selftests 7.3 $cross LLVM=1 O="$tmp/o" gen_tar
expect_status 0
lacks "$out" "warning: "
tarball=$(find "$tmp/o" -name kselftest.tar.gz)
[ -n "$tarball" ] || wrong "there is no tarball"
end
begin "the tarball has every program once, and config and settings"
mkdir "$tmp/installed"
tar -xf "$tarball" -C "$tmp/installed"
sed -n 's/^kvm-guest-abi://p' "$tmp/installed/kselftest-list.txt" | sort >"$tmp/listed"
echo "$programs" >"$tmp/programs"
cmp -s "$tmp/listed" "$tmp/programs" || wrong "listed: $(cat "$tmp/listed")"
for file in $programs reg_access_bench config settings; do
	[ -e "$tmp/installed/kvm-guest-abi/$file" ] || wrong "there is no $file"
done
end

# A few tests of each program will do; those that fail for defects of the newest kernel are
# left out
begin "run_kselftest.sh runs the collection in the machine, with arguments from its environment"
KSELFTEST_HYPERCALLS_TEST_ARGS="-f smc" KSELFTEST_HYPERCALLS_SERVICES_TEST_ARGS="-f trng" \
	KSELFTEST_HYPERCALLS_SWEEP_TEST_ARGS="--sweep=near" \
	KSELFTEST_PSCI_VERSION_TEST_ARGS="-f version" KSELFTEST_PSCI_POWER_TEST_ARGS="-v v1_0_hvc" \
	KSELFTEST_PSCI_SYSTEM_TEST_ARGS="-v v1_0_hvc" KSELFTEST_VM_SCOPE_TEST_ARGS="-v two" \
	KSELFTEST_SMCCC_FILTER_TEST_ARGS="-f attribute" KSELFTEST_GET_REG_LIST_TEST_ARGS="-v plain" \
	KSELFTEST_REG_RECORD_TEST_ARGS="-v plain" KSELFTEST_REG_RESTORE_TEST_ARGS="-v plain" \
	KSELFTEST_VCPU_INIT_TEST_ARGS="-F lone_feature" KSELFTEST_VCPU_RESET_TEST_ARGS="-F level" \
	KSELFTEST_ROLLBACK_TEST_ARGS="-v plain" KSELFTEST_VGIC_IIDR_TEST_ARGS="-f iidr" \
	KSELFTEST_COUNTERS_TEST_ARGS="-f offset" KSELFTEST_VGIC_CONFIG_TEST_ARGS="-F no_vcpu" \
	KSELFTEST_VGIC_REGS_TEST_ARGS="-F statusr" \
	KSELFTEST_VGIC_REGIONS_TEST_ARGS="-V single_one_is_not_mixed_with_others \
		-V index_has_12_bits" \
	KSELFTEST_VGIC_IRQFD_TEST_ARGS="-T irqfd_tells_of_an_end_that_follows_at_once" \
	KSELFTEST_ITS_TABLES_TEST_ARGS="-V collection_twice" \
	KSELFTEST_ITS_TEST_ARGS="-T msi_without_a_device_id_is_refused_also_after_one_with_it" \
	KSELFTEST_ITS_COMMANDS_TEST_ARGS="-T discard_removes_the_pending_state" \
	KSELFTEST_VGIC_IRQ_MOVE_TEST_ARGS="-V v3_ctlr_last" \
	KSELFTEST_VGIC_IRQ_STATE_TEST_ARGS="-t highest_priority_is_taken_first" \
	KSELFTEST_VGIC_CPUIF_TEST_ARGS="-T refused_ctlr_leaves_no_trace \
		-T ctlr_of_a_smaller_host_is_what_the_guest_reads" \
	KSELFTEST_VGIC_SYSREGS_TEST_ARGS="-T others_are_not_supported \
		-T active_priorities_of_more_bits_are_not_supported" \
	KSELFTEST_GUEST_ABORT_TEST_ARGS="-T is_not_made_by_events_that_are_refused" \
	KSELFTEST_VCPU_EVENTS_TEST_ARGS="-f line" \
	KSELFTEST_STOLEN_TIME_TEST_ARGS="-t grows_by_the_run_delay_once_restored" \
	KERNEL=newest FILES=$tmp/installed ARGS="-c kvm-guest-abi" JUNIT=$tmp/junit.xml TIMEOUT=1200 \
	launch "$top/scripts/run.sh" "$top/scripts/kselftest.sh"
expect_status 0
has "$out" "^ok [0-9]+ selftests: kvm-guest-abi: hypercalls_test$"
has "$out" "^ok [0-9]+ selftests: kvm-guest-abi: hypercalls_el2_test # SKIP"
has "$out" "^# 1\.\.1$"
lacks "$out" "^not ok"
sed '/from power-on to verdict/d; /^skipped: /d' "$out" >"$tmp/nested.tap"
end
begin "the kernel's own parser reads that"
launch python3 "$tmp/linux-7.3/tools/testing/kunit/kunit.py" parse "$tmp/nested.tap"
expect_status 0
has "$out" "Testing complete\. Ran $(echo "$programs" | wc -l) tests: passed: [1-9][0-9]*, skipped: [1-9]"
end
begin "so does a TAP consumer"
launch prove --exec cat "$tmp/nested.tap"
expect_status 0
has "$out" "Tests=$(echo "$programs" | wc -l),"
end
begin "and JUnit XML has a case for each program"
[ "$(grep -c '<testcase ' "$tmp/junit.xml")" -ge "$(echo "$programs" | wc -l)" ] ||
	wrong "$(grep -c '<testcase ' "$tmp/junit.xml") cases"
launch python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' "$tmp/junit.xml"
expect_status 0
end
begin "one program runs by -t, with arguments of its own"
KERNEL=newest FILES=$tmp/installed ARGS="-t kvm-guest-abi:hypercalls_test" \
	KSELFTEST_HYPERCALLS_TEST_ARGS="-f smc" launch "$top/scripts/run.sh" \
	"$top/scripts/kselftest.sh"
expect_status 0
has "$out" "^1\.\.1$"
has "$out" "^# 1\.\.1$"
end

finish
