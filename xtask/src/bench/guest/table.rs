//! The figures of each kernel as the page that is kept in the repository.

use std::fmt::Write as _;

use super::Counted;
use super::figures::problems;

const ABOUT: &str = "\
# Instructions in the guest

Written by `cargo xtask bench guest`; edit nothing here by hand.

Instructions of one round of a loop in the kernel: in Rust with helpers inlined \
(`--inline require`), in Rust with helpers called (`--inline off`), and in C in the same \
module, compiled and linked with it. The loops are in `sample-bench` \
([Rust](../../sample-bench/src/loops.rs), [C](../../sample-bench/loops.c)); the Rust ones go \
through the safe wrappers of `sample-kernel`. The loop itself, and what the operation calls in \
the kernel, are counted for all three alike. Each loop's outcome is checked.

QEMU runs one CPU with `-icount shift=0`, so that the processor's counter (`rdtsc`, \
`cntvct_el0`) goes up by one with each instruction. A figure is the difference between a loop \
and one of twice as many rounds, divided by the rounds; of several the least, which no \
interrupt is in. The first row, a loop of two instructions in assembly, shows that this is \
exact. Counts say nothing of time.

A block read is a page of the disk of `sample-block`: a `bio` submitted in the kernel and \
waited for, without an I/O scheduler, on one CPU. What is above the driver is the same for all; the \
driver answers in Rust or in C ([twin.c](../../sample-block/twin.c)). QEMU counts each \
round of a repeated instruction: `rep movsq`, which copies the page on x86_64 where the CPU \
is one without `erms`, as this one, counts as 512. `pread()` is what a program sees, with \
the system call and the pinning of its memory; it varies by some 20 instructions with \
where things lie in memory.
";

pub fn render(all: &[Counted]) -> String {
    let mut text = String::from(ABOUT);
    for counted in all {
        let tools = &counted.toolchain;
        let _ = write!(
            text,
            "\n## {}\n\n{}, clang {}, linked by LLVM {}.\n\n\
             | | Rust, inlined | Rust, called | C | inlined/C | inlined/called |\n\
             |---|---|---|---|---|---|\n",
            counted.kernel, tools.rustc, tools.clang, tools.link_llvm
        );
        for figures in &counted.figures {
            let _ = writeln!(
                text,
                "| {} | {:.2} | {:.2} | {:.2} | {:.3} | {:.3} |",
                figures.what,
                figures.inlined,
                figures.called,
                figures.c,
                figures.to_c(),
                figures.to_called()
            );
        }
        let problems = problems(&counted.figures);
        text += match problems.is_empty() {
            true => {
                "\nNo operation takes more than in C, and the block read is at least 2% below the \
                 one with helpers called.\n"
            }
            false => "\nNot as it should be:\n\n",
        };
        for problem in problems {
            let _ = writeln!(text, "- {problem}");
        }
    }
    text
}
