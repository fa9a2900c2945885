/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The whole guest: one page, position independent, run at EL1 or EL2 with the
 * MMU off.
 *
 * In:   x19 the operation to run: the address of one of guest_op_* below
 *       x20 the exit port: no memory is there, so a store exits to the host
 *       x0 to x7, x21 to x24 operands, see each operation
 * Out:  the operation's results in registers, then a store of 32 bits to
 *         x20 + 0   the operation is done
 *         x20 + 8   sweep: an id was answered
 *         x20 + 16  an exception was taken: see ESR, ELR, FAR of the guest's level
 *         x20 + 24  an IRQ was taken
 *
 * The host sets the registers and runs the vCPU again; the store completes, and the
 * loop starts the next operation. An operation changes only the registers that it lists
 * as Out or Clobbers, so that the host sees what a call does to all others.
 */

/* As in test_vm.h, which assembly cannot include */
#define VM_EXIT_PORT 0x00010000

	.pushsection .rodata, "a"
	.balign	4096

	.globl	guest_page
guest_page:
guest_loop:
	br	x19

guest_done:
	str	wzr, [x20]
	b	guest_loop

/*
 * Entry point of PSCI CPU_ON and SYSTEM_SUSPEND. Exits at once; the host then reads the
 * context id from x0. Clobbers: x20
 */
	.globl	guest_entry
guest_entry:
	mov	x20, #VM_EXIT_PORT
	b	guest_done

/* x0 to x7: a call. Out: x0 to x3 */
	.globl	guest_op_hvc, guest_op_smc
guest_op_hvc:
	hvc	#0
	b	guest_done
guest_op_smc:
	smc	#0
	b	guest_done

/* The same with an immediate */
	.globl	guest_op_hvc_imm, guest_op_smc_imm
guest_op_hvc_imm:
	hvc	#1
	b	guest_done
guest_op_smc_imm:
	smc	#1
	b	guest_done

/*
 * The same by a big-endian caller, SCTLR_ELx.EE. No data is accessed meanwhile.
 * Clobbers: x23, x24
 */
	.macro	big_endian, conduit
	mrs	x23, CurrentEL
	cmp	x23, #2 << 2
	b.eq	1f
	mrs	x24, sctlr_el1
	orr	x23, x24, #1 << 25
	msr	sctlr_el1, x23
	isb
	\conduit #0
	msr	sctlr_el1, x24
	isb
	b	guest_done
1:	mrs	x24, sctlr_el2
	orr	x23, x24, #1 << 25
	msr	sctlr_el2, x23
	isb
	\conduit #0
	msr	sctlr_el2, x24
	isb
	b	guest_done
	.endm

	.globl	guest_op_hvc_be, guest_op_smc_be
guest_op_hvc_be:
	big_endian hvc
guest_op_smc_be:
	big_endian smc

/* Takes an SError that is pending. */
	.globl	guest_op_unmask_serror
guest_op_unmask_serror:
	msr	daifclr, #4
	isb
	msr	daifset, #4
	b	guest_done

/*
 * x0 to x7: a call. Out: x0 to x3, and the virtual and the physical counter
 * before the call in x21 and x22, after it in x23 and x24.
 */
	.macro	timed, conduit
	isb
	mrs	x21, cntvct_el0
	mrs	x22, cntpct_el0
	isb
	\conduit #0
	isb
	mrs	x23, cntvct_el0
	mrs	x24, cntpct_el0
	b	guest_done
	.endm

	.globl	guest_op_hvc_timed, guest_op_smc_timed
guest_op_hvc_timed:
	timed	hvc
guest_op_smc_timed:
	timed	smc

/* x1: address. Out: x0 the value. The _ram forms see what the host wrote. */
	.globl	guest_op_load8, guest_op_load32, guest_op_load64
	.globl	guest_op_load32_ram, guest_op_load64_ram
guest_op_load32_ram:
	dc	civac, x1
	dsb	sy
guest_op_load32:
	ldr	w0, [x1]
	b	guest_done
guest_op_load64_ram:
	dc	civac, x1
	dsb	sy
guest_op_load64:
	ldr	x0, [x1]
	b	guest_done
guest_op_load8:
	ldrb	w0, [x1]
	b	guest_done

/* x1: address. An access for which the CPU gives KVM no syndrome. Clobbers: x2, x3 */
	.globl	guest_op_load_pair
guest_op_load_pair:
	ldp	x2, x3, [x1]
	b	guest_done

/*
 * x1: address, x0: value. The _ram forms clean the line before the store, so that no dirty
 * data of the host overwrites it later, and after it, so that the host sees the value.
 */
	.globl	guest_op_store8, guest_op_store32, guest_op_store64
	.globl	guest_op_store32_ram, guest_op_store64_ram
guest_op_store32_ram:
	dc	civac, x1
	dsb	sy
	str	w0, [x1]
	b	1f
guest_op_store64_ram:
	dc	civac, x1
	dsb	sy
	str	x0, [x1]
1:	dsb	sy
	dc	civac, x1
	dsb	sy
	b	guest_done
guest_op_store32:
	str	w0, [x1]
	b	guest_done
guest_op_store64:
	str	x0, [x1]
	b	guest_done
guest_op_store8:
	strb	w0, [x1]
	b	guest_done

/*
 * x21: first call of a batch in memory, x22: end of the batch. A call has 128 bytes: x0 to
 * x7 to call with, then x0 to x3 as answered. Clobbers: x0 to x7, x21, x24
 */
	.macro	batch, conduit
1:	add	x24, x21, #64
	dc	civac, x21
	dc	civac, x24
	dsb	sy
	ldp	x0, x1, [x21]
	ldp	x2, x3, [x21, #16]
	ldp	x4, x5, [x21, #32]
	ldp	x6, x7, [x21, #48]
	\conduit #0
	stp	x0, x1, [x24]
	stp	x2, x3, [x24, #16]
	dsb	sy
	dc	civac, x24
	dsb	sy
	add	x21, x21, #128
	cmp	x21, x22
	b.lo	1b
	b	guest_done
	.endm

	.globl	guest_op_batch_hvc, guest_op_batch_smc
guest_op_batch_hvc:
	batch	hvc
guest_op_batch_smc:
	batch	smc

/*
 * x1: number of an identification register, as in guest_id_reg(): first S3_0_C0_CRm_op2
 * by CRm and op2, then those named below. Out: x0 its value. Clobbers: x24
 */
	.globl	guest_op_id_reg
guest_op_id_reg:
	adr	x24, 1f
	add	x24, x24, x1, lsl #3
	br	x24
	.macro	id_reg, name
	mrs	x0, \name
	b	guest_done
	.endm
	.balign	8
1:	.irp	crm, 1, 2, 3, 4, 5, 6, 7
	.irp	op2, 0, 1, 2, 3, 4, 5, 6, 7
	id_reg	s3_0_c0_c\crm\()_\op2
	.endr
	.endr
	id_reg	midr_el1
	id_reg	mpidr_el1
	id_reg	revidr_el1
	id_reg	aidr_el1
	id_reg	clidr_el1
	id_reg	ctr_el0
	id_reg	dczid_el0
	id_reg	cntfrq_el0

/*
 * Out: x21 PSTATE as in SPSR_EL1, x22 SP, x23 and x24 the halves of V0 to V31, ORed,
 * x25 FPSR | FPCR. Clobbers: V0, CPACR_EL1
 */
	.globl	guest_op_state
guest_op_state:
	mrs	x21, nzcv
	mrs	x22, daif
	orr	x21, x21, x22
	mrs	x22, CurrentEL
	orr	x21, x21, x22
	mrs	x22, SPSel
	orr	x21, x21, x22
	mov	x22, #3 << 20 // CPACR_EL1.FPEN: no traps
	msr	cpacr_el1, x22
	isb
	mrs	x23, fpsr
	mrs	x25, fpcr
	orr	x25, x25, x23
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30, 31
	orr	v0.16b, v0.16b, v\n\().16b
	.endr
	mov	x23, v0.d[0]
	mov	x24, v0.d[1]
	mov	x22, sp
	b	guest_done

/*
 * w21: next function id, w22: last one, x23: calls made so far.
 * Calls every id with x1 to x7 zero. Exits through x20 + 8 after each call that did not
 * give x0 = -1 and x1 = x2 = x3 = 0. Out: x0 to x3 of that call, w24 its id, w21 the next
 * id, x23. Clobbers: x4 to x7
 */
	.macro	sweep, conduit
1:	mov	w0, w21
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	\conduit #0
	mov	w24, w21
	add	w21, w21, #1
	add	x23, x23, #1
	cmn	x0, #1
	b.ne	2f
	orr	x1, x1, x2
	orr	x1, x1, x3
	cbnz	x1, 2f
	cmp	w24, w22
	b.ne	1b
	b	guest_done
2:	str	wzr, [x20, #8]
	b	guest_loop
	.endm

	.globl	guest_op_sweep_hvc, guest_op_sweep_smc
guest_op_sweep_hvc:
	sweep	hvc
guest_op_sweep_smc:
	sweep	smc

/*
 * x21: address of two cache lines, 64 bytes each. Counts its rounds in the first until
 * the host writes something other than zero into the second. Clobbers: x22 to x24
 */
	.globl	guest_op_spin
guest_op_spin:
	add	x22, x21, #64
	mov	x23, xzr
1:	add	x23, x23, #1
	str	x23, [x21]
	dsb	sy
	dc	civac, x21
	dc	civac, x22
	dsb	sy
	ldr	x24, [x22]
	cbz	x24, 1b
	b	guest_done

/*
 * x1: 0 to wait by WFI, else in a loop. x2: bit 0 to arm the virtual timer before, bit 1 the
 * physical one, x3 ticks from now; bits 2 and 3 to turn them off before that. Ends with an IRQ,
 * which masks interrupts again.
 * Clobbers: x4
 */
	.globl	guest_op_wait_irq
guest_op_wait_irq:
	tbz	x2, #2, 1f
	msr	cntv_ctl_el0, xzr
1:	tbz	x2, #3, 1f
	msr	cntp_ctl_el0, xzr
1:	mov	x4, #1 // ENABLE
	tbz	x2, #0, 1f
	msr	cntv_tval_el0, x3
	msr	cntv_ctl_el0, x4
1:	tbz	x2, #1, 2f
	msr	cntp_tval_el0, x3
	msr	cntp_ctl_el0, x4
2:	isb
	msr	daifclr, #2
3:	cbnz	x1, 3b
	wfi
	b	3b

/* Every exception ends the operation and is reported. */
	.macro	vector, port
	str	wzr, [x20, #\port]
	b	guest_loop
	.balign	128
	.endm

	.balign	2048
	.globl	guest_vectors
guest_vectors:
	.rept	4
	vector	16
	vector	24 // IRQ
	vector	16
	vector	16
	.endr

	.globl	guest_page_end
guest_page_end:
	.popsection

	.section .note.GNU-stack, "", %progbits
