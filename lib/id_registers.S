/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorded fields of the ID registers, for lib/id_regs.c.
 */
	.section .rodata

	.globl id_registers_list
id_registers_list:
	.incbin "data/id-registers.list"
	.byte 0

	.section .note.GNU-stack, "", %progbits
