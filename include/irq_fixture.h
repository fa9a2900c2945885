/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of tests in which a guest takes interrupts of a vGICv3 and of a vGICv2.
 */
#ifndef GUEST_ABI_IRQ_FIXTURE_H
#define GUEST_ABI_IRQ_FIXTURE_H

#include "irq_expect.h"

FIXTURE(irq)
{
	struct test_vm *vm;
};

FIXTURE_VARIANT(irq)
{
	u32 type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(irq, v3) { V3 };
FIXTURE_VARIANT_ADD(irq, v2) { V2 };
/* clang-format on */

FIXTURE_SETUP(irq)
{
	struct host_vgic host;
	const char *missing = vgic_missing(variant->type, AFTER_INIT, &host);

	if (missing)
		SKIP(return, "%s", missing);
	self->vm = irq_vm(variant->type);
}

FIXTURE_TEARDOWN(irq)
{
	test_vm_free(self->vm);
}

#endif /* GUEST_ABI_IRQ_FIXTURE_H */
