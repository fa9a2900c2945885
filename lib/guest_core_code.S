/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest stores its core registers, or those of SVE, and loads them: code for lib/guest_core.c,
 * which guest_code() runs.
 *
 * In: x21 a struct guest_core, or the Z registers, one vector length after the other
 *     x22 of SVE: the P registers and FFR, an eighth of that each
 */
	.arch	armv8.2-a+sve
	.section .rodata, "a"

/* Offsets in struct guest_core */
#define SP	248
#define SP_EL0	256
#define ELR	264
#define SPSR	272
#define NZCV	280
#define FPSR	288
#define FPCR	296
#define V	304

	.macro	for_x, insn
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		22, 23, 24, 25, 26, 27, 28, 29, 30
	\insn	x\n, [x21, #8 * \n]
	.endr
	.endm

	.macro	for_v, insn
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, \
		22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn	q\n, [x21, #V + 16 * \n]
	.endr
	.endm

	.macro	for_z, insn
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, \
		22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn	z\n, [x21, #\n, mul vl]
	.endr
	.endm

	.macro	for_p, insn
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\insn	p\n, [x22, #\n, mul vl]
	.endr
	.endm

	.macro	save, reg, offset
	mrs	x0, \reg
	str	x0, [x21, #\offset]
	.endm

	.macro	restore, reg, offset
	ldr	x0, [x21, #\offset]
	msr	\reg, x0
	.endm

	.balign	4
	.globl	guest_core_read_code, guest_core_read_code_end
guest_core_read_code:
	for_x	str
	save	nzcv, NZCV
	save	sp_el0, SP_EL0
	save	elr_el1, ELR
	save	spsr_el1, SPSR
	save	fpsr, FPSR
	save	fpcr, FPCR
	mov	x0, sp
	str	x0, [x21, #SP]
	for_v	str
guest_core_read_code_end:

	.globl	guest_core_write_code, guest_core_write_code_end
guest_core_write_code:
	for_v	ldr
	restore	sp_el0, SP_EL0
	restore	elr_el1, ELR
	restore	spsr_el1, SPSR
	restore	fpsr, FPSR
	restore	fpcr, FPCR
	restore	nzcv, NZCV
	ldr	x0, [x21, #SP]
	mov	sp, x0
	for_x	ldr
guest_core_write_code_end:

	.globl	guest_sve_read_code, guest_sve_read_code_end
guest_sve_read_code:
	rdvl	x0, #1
	for_z	str
	for_p	str
	rdffr	p0.b
	str	p0, [x22, #16, mul vl]
guest_sve_read_code_end:

	.globl	guest_sve_write_code, guest_sve_write_code_end
guest_sve_write_code:
	for_z	ldr
	ldr	p0, [x22, #16, mul vl]
	wrffr	p0.b
	for_p	ldr
guest_sve_write_code_end:

	.section .note.GNU-stack, "", %progbits
