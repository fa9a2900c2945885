/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The symbols of guest_irq_code.S.
 */
#ifndef GUEST_ABI_GUEST_IRQ_CODE_H
#define GUEST_ABI_GUEST_IRQ_CODE_H

extern const char guest_irq_code[], guest_irq_code_end[];
extern const char guest_irq_take_op[], guest_irq_sleep_op[], guest_irq_spin_op[];

#endif /* GUEST_ABI_GUEST_IRQ_CODE_H */
