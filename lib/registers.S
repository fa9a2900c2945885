/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorded register history, for lib/reg_history.c.
 */
	.section .rodata

	.globl registers_list
registers_list:
	.incbin "data/registers.list"
	.byte 0

	.section .note.GNU-stack, "", %progbits
