// What the ABI leaves open: bits of a register above those of the value.
.text
.globl leaves_char
leaves_char:
	movz x0, #0xbe80
	movk x0, #0xdead, lsl #16
	movk x0, #0xbeef, lsl #32
	ret
.globl leaves_short
leaves_short:
	movz x0, #0x8001
	movk x0, #0xdead, lsl #16
	movk x0, #0xbeef, lsl #32
	ret
.globl leaves_bool
leaves_bool:
	movz x0, #0xbe00
	movk x0, #0xdead, lsl #16
	movk x0, #0xbeef, lsl #32
	ret
.globl passes
passes:
	mov x3, x0
	movz x0, #0xbeff
	movk x0, #0xdead, lsl #16
	movz x1, #0x8001
	movk x1, #0xdead, lsl #16
	movz x2, #0xbe00
	movk x2, #0xdead, lsl #16
	br x3
.section .note.GNU-stack,"",%progbits
