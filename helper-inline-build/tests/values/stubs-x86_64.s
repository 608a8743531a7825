# What the ABI leaves open: bits of a register above those of the value.
.text
.globl leaves_char
leaves_char:
	movabsq $0xdeadbeefdeadbe80, %rax
	ret
.globl leaves_short
leaves_short:
	movabsq $0xdeadbeefdead8001, %rax
	ret
.globl leaves_bool
leaves_bool:
	movabsq $0xdeadbeefdeadbe00, %rax
	ret
# Arguments are extended to 32 bits: clang counts on it.
.globl passes
passes:
	movq %rdi, %rax
	movabsq $0xdeadbeef0000007f, %rdi
	movabsq $0xdeadbeefffff8001, %rsi
	movabsq $0xdeadbeef00000000, %rdx
	jmp *%rax
.section .note.GNU-stack,"",%progbits
