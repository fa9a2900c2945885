/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The symbols of guest_page.S, and what its exits mean.
 */
#ifndef GUEST_ABI_GUEST_PAGE_H
#define GUEST_ABI_GUEST_PAGE_H

/* Offsets from the exit port */
#define PORT_DONE 0
#define PORT_ANSWERED 8
#define PORT_EXCEPTION 16
#define PORT_IRQ 24

#ifndef __ASSEMBLER__
extern const char guest_page[], guest_page_end[], guest_vectors[], guest_entry[];
extern const char guest_op_hvc[], guest_op_smc[];
extern const char guest_op_hvc_imm[], guest_op_smc_imm[], guest_op_hvc_be[], guest_op_smc_be[];
extern const char guest_op_unmask_serror[];
extern const char guest_op_hvc_timed[], guest_op_smc_timed[];
extern const char guest_op_load32[], guest_op_load64[], guest_op_load_pair[];
extern const char guest_op_load8[], guest_op_store8[];
extern const char guest_op_load32_ram[], guest_op_load64_ram[];
extern const char guest_op_store32[], guest_op_store64[];
extern const char guest_op_store32_ram[], guest_op_store64_ram[];
extern const char guest_op_batch_hvc[], guest_op_batch_smc[];
extern const char guest_op_sweep_hvc[], guest_op_sweep_smc[];
extern const char guest_op_spin[], guest_op_id_reg[], guest_op_state[];
extern const char guest_op_wait_irq[];
#endif

#endif /* GUEST_ABI_GUEST_PAGE_H */
