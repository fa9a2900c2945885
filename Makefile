# SPDX-License-Identifier: GPL-2.0
#
# kvm-guest-abi: tests of the firmware ABI that KVM/arm64 shows its guests.
#
#   make           build the programs (static arm64 binaries) in OUTPUT
#   make install, run_tests, clean    as in every kselftest
#
# Makefile.dev has the project's own targets: run, check, matrix, bench and more.
#
# KSRC=PATH is the kernel tree that the kselftest harness and libkvm come from.
# Without it Debian's linux-source-$(KSRC_VERSION) is fetched into the cache.

# Each has a twin whose guests start at EL2: foo_el2_test
BOTH_LEVELS := hypercalls_test
BOTH_LEVELS += hypercalls_services_test
BOTH_LEVELS += hypercalls_sweep_test
BOTH_LEVELS += psci_version_test
BOTH_LEVELS += psci_power_test
BOTH_LEVELS += psci_thread_test
BOTH_LEVELS += psci_system_test
BOTH_LEVELS += mp_state_test
BOTH_LEVELS += reboot_test
BOTH_LEVELS += guest_abort_test
BOTH_LEVELS += mmio_test
BOTH_LEVELS += workarounds_test
BOTH_LEVELS += vm_scope_test
BOTH_LEVELS += vm_race_test
BOTH_LEVELS += smccc_filter_test
BOTH_LEVELS += smccc_filter_actions_test
BOTH_LEVELS += smccc_filter_exits_test
BOTH_LEVELS += vgic_typer2_test
BOTH_LEVELS += vgic_iidr_test
BOTH_LEVELS += vgic_v2_test
BOTH_LEVELS += vgic_image_test
BOTH_LEVELS += vgic_cpuif_test
BOTH_LEVELS += vgic_sysregs_test
BOTH_LEVELS += id_regs_test
BOTH_LEVELS += id_hidden_test
BOTH_LEVELS += counters_test
BOTH_LEVELS += timer_test
BOTH_LEVELS += timer_ppi_test
BOTH_LEVELS += timer_irq_test

TEST_GEN_PROGS := $(foreach prog,$(BOTH_LEVELS),$(prog) $(prog:_test=_el2_test))
TEST_GEN_PROGS += id_features_test
TEST_GEN_PROGS += id_vcpu_test
TEST_GEN_PROGS += vgic_identity_test
TEST_GEN_PROGS += vgic_v2_cpuif_test
TEST_GEN_PROGS += vgic_create_test
TEST_GEN_PROGS += vgic_config_test
TEST_GEN_PROGS += vgic_level_test
TEST_GEN_PROGS += vgic_regs_test
TEST_GEN_PROGS += vgic_tables_test
TEST_GEN_PROGS += vgic_access_test
TEST_GEN_PROGS += vgic_regions_test
TEST_GEN_PROGS += its_test
TEST_GEN_PROGS += its_device_test
TEST_GEN_PROGS += its_commands_test
TEST_GEN_PROGS += its_tables_test
TEST_GEN_PROGS += its_move_test
TEST_GEN_PROGS += its_lpi_test
TEST_GEN_PROGS += its_collections_test
TEST_GEN_PROGS += vgic_irq_test
TEST_GEN_PROGS += vgic_irq_state_test
TEST_GEN_PROGS += vgic_irq_move_test
TEST_GEN_PROGS += vgic_irqfd_test
TEST_GEN_PROGS += ipa_size_test
TEST_GEN_PROGS += imp_id_test
TEST_GEN_PROGS += stolen_time_test
TEST_GEN_PROGS += vcpu_init_test
TEST_GEN_PROGS += vcpu_reset_test
TEST_GEN_PROGS += vcpu_pstate_test
TEST_GEN_PROGS += vcpu_attr_test
TEST_GEN_PROGS += core_regs_test
TEST_GEN_PROGS += sve_regs_test
TEST_GEN_PROGS += aarch32_test
TEST_GEN_PROGS += aarch32_cpu_on_test
TEST_GEN_PROGS += aarch32_regs_test
TEST_GEN_PROGS += aarch32_emulation_test
TEST_GEN_PROGS += aarch32_abort_test
TEST_GEN_PROGS += vcpu_events_test
TEST_GEN_PROGS += capabilities_test
TEST_GEN_PROGS += newer_kernel_test
TEST_GEN_PROGS += lost_interface_test
TEST_GEN_PROGS += get_reg_list_test
TEST_GEN_PROGS += reg_record_test
TEST_GEN_PROGS += reg_restore_test
TEST_GEN_PROGS += rollback_test
# Installed with them, but no tests
TEST_GEN_PROGS_EXTENDED := guest_abi reg_access_bench

# In a kernel tree, as tools/testing/selftests/kvm-guest-abi, that tree is KSRC. If this
# folder is a symlink, CURDIR is the link's target, so the tree is found from PWD.
INTREE := $(firstword $(foreach dir,$(CURDIR)/.. $(PWD) $(abspath $(PWD)/..), \
	$(if $(wildcard $(dir)/kselftest_harness.h),$(abspath $(dir)))))
ifneq ($(INTREE),)
KSRC ?= $(abspath $(INTREE)/../../..)
include $(KSRC)/scripts/subarch.include
ARCH ?= $(SUBARCH)
OUTPUT ?= $(CURDIR)
else
include Makefile.dev
endif
export ARCH CROSS_COMPILE OUTPUT LLVM

all:

ifeq ($(filter arm64 aarch64,$(ARCH)),)
TEST_GEN_PROGS :=
TEST_GEN_PROGS_EXTENDED :=
all:
	@echo "kvm-guest-abi: nothing to build for ARCH=$(ARCH), only for arm64"
ifneq ($(KSRC),)
include $(KSRC)/tools/testing/selftests/lib.mk
else
install run_tests: all
endif
else ifneq ($(KSRC),)
override KSRC := $(abspath $(KSRC))
ifeq ($(wildcard $(KSRC)/tools/testing/selftests/lib.mk),)
$(error KSRC=$(KSRC) is not a kernel tree: tools/testing/selftests/lib.mk is missing)
endif
include lib/build.mk
endif
