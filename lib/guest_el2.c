// SPDX-License-Identifier: GPL-2.0
/*
 * Linked into the programs whose guests start at EL2.
 */
#include "test_vm.h"

const bool guest_at_el2 = true;
