/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's part of lib/guest_irq.c, which copies this into the VM's memory: vectors, and
 * operations that let interrupts in.
 *
 * In:  x19 the next operation, x20 the exit port, as for guest_page.S
 *      x21 where the next interrupt is recorded, x22 the end of that
 *      x23 bit 0: leave it active; bit 1: there is no GIC to ask
 *      x26 the CPU interface of a GICv2, or 0
 *      x29 to wait: up to where there have to be records
 * Out: x21. Each record has 16 bytes: what the acknowledge register had, 1 for an FIQ, the
 *      running priority, and MPIDR_EL1 bits 31:0.
 * Clobbers: x24, x25, x27, x28
 *
 * After a spurious interrupt, without a GIC, and once the record is full, interrupts stay masked.
 * For a guest at EL1.
 */
	.section .rodata, "a"

	.macro	other
	.balign	128
	str	wzr, [x20, #16]
	br	x19
	.endm

	.macro	interrupt, fiq
	.balign	128
	mov	w24, #\fiq
	b	taken
	.endm

	.balign 2048
	.globl	guest_irq_code, guest_irq_code_end
guest_irq_code:
	.rept	2
	other
	interrupt 0
	interrupt 1
	other
	.endr
	.rept	8
	other
	.endr
	.balign	128

taken:
	mov	w25, wzr
	mov	w27, wzr
	tbnz	x23, #1, record
	cbnz	x26, 2f
	cbnz	w24, 1f
	mrs	x25, s3_0_c12_c12_0 // ICC_IAR1_EL1
	b	3f
1:	mrs	x25, s3_0_c12_c8_0 // ICC_IAR0_EL1
	b	3f
2:	ldr	w25, [x26, #0x0c] // GICC_IAR
3:	dsb	sy
	cbnz	x26, 4f
	mrs	x27, s3_0_c12_c11_3 // ICC_RPR_EL1
	b	record
4:	ldr	w27, [x26, #0x14] // GICC_RPR
record:
	mrs	x28, mpidr_el1
	dc	civac, x21
	dsb	sy
	stp	w25, w24, [x21]
	stp	w27, w28, [x21, #8]
	dsb	sy
	dc	civac, x21
	dsb	sy
	add	x21, x21, #16
	tbnz	x23, #1, mask
	and	w28, w25, #0x3ff
	cmp	w28, #1020
	b.hs	mask
	tbnz	x23, #0, 7f
	cbnz	x26, 6f
	cbnz	w24, 5f
	msr	s3_0_c12_c12_1, x25 // ICC_EOIR1_EL1
	b	7f
5:	msr	s3_0_c12_c8_1, x25 // ICC_EOIR0_EL1
	b	7f
6:	str	w25, [x26, #0x10] // GICC_EOIR
7:	isb
	cmp	x21, x22
	b.hs	mask
	eret
mask:
	mrs	x28, spsr_el1
	orr	x28, x28, #0xc0 // PSTATE.{I,F}
	msr	spsr_el1, x28
	eret

	.macro	window
	msr	daifclr, #3
	.rept	4
	isb
	.endr
	msr	daifset, #3
	isb
	.endm

	/* Take what is pending, once */
	.globl	guest_irq_take_op
guest_irq_take_op:
	window
	str	wzr, [x20]
	br	x19

	/* Wait until there were as many as asked for: asleep, or running */
	.globl	guest_irq_sleep_op, guest_irq_spin_op
guest_irq_sleep_op:
	wfi
	window
	cmp	x21, x29
	b.lo	guest_irq_sleep_op
	str	wzr, [x20]
	br	x19
guest_irq_spin_op:
	window
	cmp	x21, x29
	b.lo	guest_irq_spin_op
	str	wzr, [x20]
	br	x19
guest_irq_code_end:

	.section .note.GNU-stack, "", %progbits
