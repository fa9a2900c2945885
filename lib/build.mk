# SPDX-License-Identifier: GPL-2.0
#
# How the programs are built against the kernel tree KSRC; included by the
# Makefile. Everything generated is below OUTPUT.

selftests := $(KSRC)/tools/testing/selftests

# Programs are linked from several objects, so lib.mk's own rules do not fit.
OVERRIDE_TARGETS := 1

# UAPI headers: those that the tree has installed. If there are none, a tree's own build
# gets them where it expects them, and any other build in OUTPUT.
uapi := $(patsubst -isystem,,$(KHDR_INCLUDES))
ifeq ($(wildcard $(uapi)/linux/kvm.h),)
uapi := $(KSRC)/usr/include
endif
ifeq ($(wildcard $(uapi)/linux/kvm.h),)
ifneq ($(INTREE),)
headers_in := $(if $(O),$(O),$(KSRC))
else
headers_in := $(OUTPUT)/headers
endif
uapi := $(headers_in)/usr/include
$(uapi)/linux/kvm.h: $(OUTPUT)/built-with
	$(call msg,HEADERS,,$(KSRC))
	$(Q)mkdir -p $(OUTPUT) $(headers_in)
	$(Q)$(MAKE) -s -C $(KSRC) O=$(filter-out $(KSRC),$(headers_in)) headers \
		>$(OUTPUT)/headers.log 2>&1 || { cat $(OUTPUT)/headers.log >&2; exit 1; }
endif
KHDR_INCLUDES := -isystem $(uapi)

include $(selftests)/lib.mk

# What another tree or compiler has left in OUTPUT is made anew
built_with = $(KSRC) $(CC)
$(OUTPUT)/built-with: FORCE
	$(Q)mkdir -p $(OUTPUT)
	$(Q)[ "$$(cat $@ 2>/dev/null)" = '$(built_with)' ] || \
		{ rm -rf $(LIBKVM_OUT) $(OUTPUT)/headers; echo '$(built_with)' >$@; }
FORCE:
.PHONY: FORCE

# libkvm, built by the tree's own Makefile into OUTPUT/libkvm
LIBKVM_OUT := $(OUTPUT)/libkvm
LIBKVM_A := $(LIBKVM_OUT)/libkvm.a
LIBKVM_ARCH := $(notdir $(firstword $(wildcard $(selftests)/kvm/include/arm64 \
					       $(selftests)/kvm/include/aarch64)))

$(LIBKVM_A): lib/libkvm.mk $(uapi)/linux/kvm.h $(OUTPUT)/built-with
	$(call msg,LIBKVM,,$(KSRC))
	$(Q)mkdir -p $(LIBKVM_OUT)/tools
	$(Q)$(MAKE) -s -C $(selftests)/kvm -f $(CURDIR)/lib/libkvm.mk \
		OUTPUT=$(LIBKVM_OUT) abs_objdir=$(LIBKVM_OUT) \
		KHDR_INCLUDES="$(KHDR_INCLUDES)" EXTRA_CFLAGS=-DQUIET $@ >$(LIBKVM_OUT)/log 2>&1 || \
		{ cat $(LIBKVM_OUT)/log >&2; exit 1; }

# The tree's headers are system headers here: their warnings are theirs.
CPPFLAGS += -Iinclude
CPPFLAGS += -isystem $(KSRC)/tools/include
CPPFLAGS += -isystem $(KSRC)/tools/arch/arm64/include
CPPFLAGS += -isystem $(selftests)/kvm/include
CPPFLAGS += -isystem $(selftests)/kvm/include/$(LIBKVM_ARCH)
CPPFLAGS += -isystem $(LIBKVM_OUT)/tools/arch/arm64/include/generated
CPPFLAGS += -isystem $(selftests) $(KHDR_INCLUDES)
# libkvm has a memcmp() of its own, and libc's bcmp(), which clang would call, brings another
CFLAGS := -fno-builtin-memcmp -std=gnu11 -O2 -g -Wall -Wextra -Wstrict-prototypes -MD -MP $(CFLAGS)
LDFLAGS += -static -pthread
# lib/vm.c has the other one
LDFLAGS += -Wl,--wrap=guest_modes_append_default

# A program links what it uses of the archive; guest_el1.o or guest_el2.o says where its
# guests start, and process.o starts every test.
LIB_SRCS := $(filter-out lib/guest_el%.c lib/process.c,$(wildcard lib/*.c lib/*.S lib/vmm/*.c))
LIB_OBJS := $(patsubst %,$(OUTPUT)/%.o,$(basename $(LIB_SRCS)))
LIB_A := $(OUTPUT)/lib/libguestabi.a
EL_OBJS := $(OUTPUT)/lib/guest_el1.o $(OUTPUT)/lib/guest_el2.o
PROCESS_OBJ := $(OUTPUT)/lib/process.o

# foo_el2_test is made of the objects of foo_test
EL2_PROGS := $(filter %_el2_test,$(TEST_GEN_PROGS))
EL1_PROGS := $(filter-out $(EL2_PROGS),$(TEST_GEN_PROGS))
TEST_OBJS := $(addsuffix .o,$(EL1_PROGS))
# A tool is all sources of its folder
TOOL_OBJS := $(patsubst %.c,$(OUTPUT)/%.o,$(wildcard tools/*/*.c))

$(OUTPUT)/%.o: %.c $(LIBKVM_A)
	$(call msg,CC,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(OUTPUT)/%.o: %.S
	$(call msg,AS,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -MD -MP -c $< -o $@

# What lib/registers.S includes
$(OUTPUT)/lib/registers.o: data/registers.list data/capabilities.list
$(OUTPUT)/lib/id_registers.o: data/id-registers.list

$(LIB_A): $(LIB_OBJS)
	$(call msg,AR,,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

link = $(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LIB_A) $(LIBKVM_A) $(LDLIBS) -o $@

$(EL1_PROGS): %: %.o $(OUTPUT)/lib/guest_el1.o $(PROCESS_OBJ) $(LIB_A) $(LIBKVM_A)
	$(call msg,LINK,,$@)
	$(Q)$(link)

$(EL2_PROGS): %_el2_test: %_test.o $(OUTPUT)/lib/guest_el2.o $(PROCESS_OBJ) $(LIB_A) $(LIBKVM_A)
	$(call msg,LINK,,$@)
	$(Q)$(link)

.SECONDEXPANSION:
$(TEST_GEN_PROGS_EXTENDED): $$(filter $(OUTPUT)/tools/$$(@F)/%,$(TOOL_OBJS)) \
		$(OUTPUT)/lib/guest_el1.o $(LIB_A) $(LIBKVM_A)
	$(call msg,LINK,,$@)
	$(Q)$(link)

.SECONDARY: $(TEST_OBJS)
# OUTPUT may be this folder, so nothing is removed that is not made here
OBJS := $(TEST_OBJS) $(TOOL_OBJS) $(LIB_OBJS) $(EL_OBJS) $(PROCESS_OBJ)
EXTRA_CLEAN += $(OBJS) $(OBJS:.o=.d) $(LIB_A) $(LIBKVM_OUT) $(OUTPUT)/headers $(OUTPUT)/headers.log \
	$(OUTPUT)/built-with

-include $(OBJS:.o=.d)
