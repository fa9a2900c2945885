/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's access to any list of system registers, for lib/guest_regs.c, which copies this
 * into the VM's memory: the vectors, the end, and an access for each register. The guest goes on
 * behind the store of the end, so that this has one place, however long the list is.
 *
 * In:  x19 the next operation, x20 the exit port, as for guest_page.S
 *      x21 the first result, 16 bytes for each register: the value, then GUEST_REG_*
 *      x0 what is written, x23 GUEST_REG_DONE, x24 GUEST_REG_EXCEPTION, x26 the end
 * An exception puts ESR in the place of the value and goes on with the next register.
 * Clobbers: x1, x21, x22, x25
 */
	.section .rodata, "a"

	.balign 2048
	.globl	guest_regs_vectors, guest_regs_vectors_end
guest_regs_vectors:
	.rept 16
	mrs	x22, CurrentEL
	tbnz	x22, #3, 1f
	mrs	x22, esr_el1
	b	2f
1:	mrs	x22, esr_el2
2:	stp	x22, x24, [x21]
	br	x25
	.balign	128
	.endr
guest_regs_vectors_end:

	/*
	 * The third instruction becomes MRS x1 or MSR x0 of the register. What no register has is
	 * in x1 before, so that an MRS which leaves it alone shows.
	 */
	.globl	guest_regs_access, guest_regs_access_end
guest_regs_access:
	adr	x25, 1f
	movn	x1, #0x5a5a, lsl #32
	nop
	stp	x1, x23, [x21]
1:	add	x21, x21, #16
guest_regs_access_end:

	.globl	guest_regs_last, guest_regs_last_end
guest_regs_last:
	str	wzr, [x20]
	br	x19
guest_regs_last_end:

	.globl	guest_regs_to_last, guest_regs_to_last_end
guest_regs_to_last:
	br	x26
guest_regs_to_last_end:

	.section .note.GNU-stack, "", %progbits
