# SPDX-License-Identifier: GPL-2.0
#
# kvm-guest-abi: tests of the firmware ABI that KVM/arm64 shows its guests.
#
#   make                 build the programs (static arm64 binaries) in OUTPUT
#   make run             run them on a real KVM: docs/running.md has the knobs
#   make check           the project's own tests
#   make matrix          which kernel's VMs each kernel can take over: docs/running.md
#   make bench           what register accesses cost: docs/performance.md
#   make lava            run them as a LAVA job: docs/ci.md
#   make tests-table     make docs/tests.md anew from the sources
#   make registers       record anew which registers the kernels on offer list
#   make clean, distclean
#
# KSRC=PATH is the kernel tree that the kselftest harness and libkvm come from;
# without it Debian's linux-source-$(KSRC_VERSION) is fetched into the cache.

# foo_el2_test is foo_test with guests that start at EL2
TEST_GEN_PROGS := hypercalls_test
TEST_GEN_PROGS += hypercalls_el2_test
TEST_GEN_PROGS += psci_version_test
TEST_GEN_PROGS += psci_version_el2_test
TEST_GEN_PROGS += workarounds_test
TEST_GEN_PROGS += workarounds_el2_test
TEST_GEN_PROGS += vm_scope_test
TEST_GEN_PROGS += vm_scope_el2_test
TEST_GEN_PROGS += smccc_filter_test
TEST_GEN_PROGS += smccc_filter_el2_test
TEST_GEN_PROGS += get_reg_list_test
TEST_GEN_PROGS += rollback_test
TEST_GEN_PROGS += vgic_typer2_test
TEST_GEN_PROGS += vgic_typer2_el2_test
# Installed with them, and no tests
TEST_GEN_PROGS_EXTENDED := guest_abi reg_access_bench

KSRC_VERSION ?= 6.12
HOSTARCH := $(shell uname -m)

# In a kernel tree, as tools/testing/selftests/kvm-guest-abi, that tree is KSRC. Where
# this folder is a link, only the way here tells: from the selftests' Makefile, or by cd.
INTREE := $(firstword $(foreach dir,$(CURDIR)/.. $(PWD) $(abspath $(PWD)/..), \
	$(if $(wildcard $(dir)/kselftest_harness.h),$(abspath $(dir)))))
ifneq ($(INTREE),)
KSRC ?= $(abspath $(INTREE)/../../..)
endif

ifeq ($(INTREE),)
ifeq ($(filter aarch64 arm64,$(HOSTARCH)),)
CROSS_COMPILE ?= aarch64-linux-gnu-
ifneq ($(filter run_tests,$(MAKECMDGOALS)),)
$(error run_tests needs a machine with an arm64 KVM, not $(HOSTARCH): "make run" emulates one)
endif
endif
ARCH := arm64
OUTPUT ?= $(CURDIR)/build
override OUTPUT := $(abspath $(OUTPUT))
else
include $(KSRC)/scripts/subarch.include
ARCH ?= $(SUBARCH)
OUTPUT ?= $(CURDIR)
endif
export ARCH CROSS_COMPILE OUTPUT LLVM

all:

ifeq ($(filter arm64 aarch64,$(ARCH)),)
# Another architecture has none of this to test.
TEST_GEN_PROGS :=
TEST_GEN_PROGS_EXTENDED :=
all:
	@echo "kvm-guest-abi: nothing to build for ARCH=$(ARCH), only for arm64"
ifneq ($(KSRC),)
include $(KSRC)/tools/testing/selftests/lib.mk
else
install run_tests: all
.PHONY: all install run_tests
endif
else ifeq ($(KSRC),)
# No tree was named: fetch one, then build with it.
all install run_tests:
	@scripts/setup.sh build $(if $(LLVM),clang)
	@ksrc=$$(scripts/fetch.sh source $(KSRC_VERSION)) && \
		$(MAKE) --no-print-directory KSRC="$$ksrc" $@
.PHONY: all install run_tests
else
override KSRC := $(abspath $(KSRC))
ifeq ($(wildcard $(KSRC)/tools/testing/selftests/lib.mk),)
$(error KSRC=$(KSRC) is not a kernel tree: tools/testing/selftests/lib.mk is missing)
endif
include lib/build.mk
endif

# What `make run` passes on to scripts/run.sh
export KERNEL MODE MODES APPEND CPU GIC QEMU ARGS TIMEOUT JOBS JUNIT
# several kernels or modes: run-all.sh
RUN := $(if $(filter all,$(KERNEL))$(word 2,$(KERNEL))$(MODES),run-all.sh,run.sh)
TEST ?= $(notdir $(TEST_GEN_PROGS))

run:
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory all
	@scripts/$(RUN) $(addprefix $(OUTPUT)/,$(notdir $(TEST)))

# what there is to run, for scripts
programs:
	@echo $(addprefix $(OUTPUT)/,$(notdir $(TEST_GEN_PROGS)))

check:
	@scripts/check.sh

export KERNELS VCPUS REPEAT_RUNS BENCH_ARGS
bench:
	@scripts/setup.sh build run bench
	@$(MAKE) --no-print-directory all
	@scripts/bench.sh $(OUTPUT)/reg_access_bench $(OUTPUT)/bench

lava:
	@scripts/setup.sh build run lava
	@KSRC="$(KSRC)" scripts/lava.sh $(notdir $(TEST_GEN_PROGS))

tests-table:
	@scripts/tests-table.sh docs/tests.md

registers:
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory all
	@KSRC="$(KSRC)" scripts/registers.sh $(OUTPUT)/get_reg_list_test $(OUTPUT)/registers

# KERNELS=, MODES=, VMM=, SHAPES=, UPDATE=1: scripts/matrix.sh
matrix:
	@scripts/setup.sh build run matrix
	@$(MAKE) --no-print-directory all
	@scripts/matrix.sh $(OUTPUT)/guest_abi $(OUTPUT)/matrix

# `clean` is lib.mk's where a tree is known; this one needs none.
distclean:
	rm -rf build

ifeq ($(KSRC),)
clean: distclean
endif

.PHONY: run programs check matrix bench lava tests-table registers clean distclean
