# SPDX-License-Identifier: GPL-2.0
#
# Makes an archive of a kernel tree's libkvm by that tree's own rules:
#
#   make -C KSRC/tools/testing/selftests/kvm -f THIS OUTPUT=DIR DIR/libkvm.a
#
# All output goes to OUTPUT; the tree stays as it is.

include Makefile

$(OUTPUT)/libkvm.a: $(LIBKVM_OBJS)
	$(AR) rcs $@ $^
