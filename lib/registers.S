/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorded register history, for lib/reg_history.c, and the recorded capabilities, for
 * lib/cap_record.c.
 */
	.section .rodata

	.globl registers_list
registers_list:
	.incbin "data/registers.list"
	.byte 0

	.globl capabilities_list
capabilities_list:
	.incbin "data/capabilities.list"
	.byte 0

	.section .note.GNU-stack, "", %progbits
