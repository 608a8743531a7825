//! What each cause means, how to see it for oneself, and what mends it.
//!
//! The guide's page of causes and `cargo helper-inline explain` show these texts. Not
//! here: finding the cause of a call (`link::count`).

use crate::link::job::Cause;

/// What one should know of a cause. The texts are Markdown, a paragraph each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What it means, in one sentence of plain text.
    pub summary: &'static str,
    /// What mends it, in another.
    pub remedy: &'static str,
    /// Whether a policy of `require` fails for it.
    pub is_failure: bool,
    /// What it means.
    pub what: &'static str,
    /// How to see it for oneself.
    pub see: &'static str,
    /// What mends it, or why nothing need be mended.
    pub cure: &'static str,
}

/// Explains a cause.
///
/// ```
/// use helper_inline_build::link::job::Cause;
/// use helper_inline_build::prove::explain;
///
/// let cause = Cause::named("noinline").unwrap();
/// assert!(explain(cause).cure.contains("attribute"));
/// ```
#[must_use]
pub fn explain(cause: Cause) -> Explanation {
    let (summary, remedy, is_failure) = in_short(cause);
    let (what, see, cure) = match cause {
        Cause::Noinline => (
            "The C source itself says that this function is not to be inlined: it has the attribute \
             `noinline` (in the kernel also as `noinline_for_stack` or by a section macro) or \
             `optnone`. The report's `attribute` says which. What a whole unit is given by its \
             flags, as `-O0` or `-fno-inline` do, does not count: that is taken off. Of a wrapped \
             function it is the function itself that counts, not the wrapper around it: `attribute` \
             then names it, with the place where it is defined.",
            "Look at the helper's definition for the attribute. Where a macro hides it, \
             `clang -E` with the flags of the hand-off manifest (`helper-inline.json`) shows it.",
            "Take the attribute off the helper. If the function must stay out of line, as one that \
             is only called in emergencies, say so by `Helpers::exempt`: the call is then no \
             failure. Where you wrapped the function (`Helpers::wrap_function` and the like), it is the \
             wrapper that is exempt, by the name that you wrapped. A helper of your own source that \
             calls a `noinline` function is inlined itself, and the call below it is no helper's.",
        ),
        Cause::ConflictingAttribute => (
            "Helper and caller are compiled differently in a way that matters: inlining would lose \
             a mitigation or an assumption, or run instructions that the caller's processor need not \
             have. `attribute` has its name with both values. What can be made equal was made equal \
             before this was asked.",
            "Compare the helper's flags, which are in the hand-off manifest (`helper-inline.json`), \
             with rustc's: `-march` and `-mcpu` with `-C target-cpu`, `__attribute__((target))` with \
             `#[target_feature]`, `-ffp-model` and `-fdenormal-fp-math` \
             with their defaults. Checks that clang's passes add (`-fsanitize=address`, coverage) are \
             inlined with the helper; those of its code generator (`-fsanitize=safe-stack`, `memtag`) \
             are of a whole function.",
            "Compile the helper as the rest is compiled: drop the flag or the attribute in C \
             (`-ffp-model=precise`, `-fdenormal-fp-math=ieee`, `-fno-sanitize=safe-stack`), or give \
             rustc the same (`-C target-cpu=…` for the program, `#[target_feature(enable = \"…\")]` \
             for the one caller).",
        ),
        Cause::TypeMismatch => (
            "Rust declares the helper with other types than C defines it with, and the two pass \
             their values in different places. `attribute` has both as LLVM writes them. Structs by \
             value that clang and rustc only spell differently are no mismatch; those with a \
             `long double`, a half float or a vector of more than 128 bits are.",
            "Compare your declaration with that in `helpers.rs` in `OUT_DIR`. A mismatch is a fault \
             even where nothing is inlined: the out-of-line call reads its arguments from the wrong \
             places too.",
            "Use the generated declaration, `include!(concat!(env!(\"OUT_DIR\"), \
             \"/helpers.rs\"))`, instead of one written by hand. For a struct of the kinds above, \
             have the helper take or return it by a pointer.",
        ),
        Cause::AddressTaken => (
            "Something uses the helper's address: a table of functions, a callback, a comparison. \
             All its direct calls are inlined; one body is kept for the address, which is the \
             same in the whole program. The state of \
             such a helper is `inlined`, and no policy fails for it.",
            "The report's `caller` is the function that takes the address, `(a constant)` where it \
             is in a static. In Rust this is the helper's name without a call behind it: \
             `.map(bindings::get)`, `Some(bindings::get)`.",
            "None is needed. To be rid of the copy, call it by name: `.map(|x| unsafe { \
             bindings::get(x) })`.",
        ),
        Cause::NotInlinable => (
            "LLVM cannot inline such a body; its own words are in `attribute`. So it is with a \
             function that takes variadic arguments, that jumps by computed `goto`, that calls \
             `setjmp()`, or that calls itself. In a cargo build it also stands for a code-generation \
             unit that could not be done at all, with the reason.",
            "Read `attribute`, then the helper: the construct is usually in a macro that it uses. \
             `clang -E` with the flags of the hand-off manifest (`helper-inline.json`) shows it.",
            "Move the construct into a function of its own that the helper calls, so that what is \
             around it is inlined; or give one fixed form of a variadic function \
             (`Helpers::wrap_expression`). Or allow it by `Helpers::exempt`.",
        ),
        Cause::Replaceable => (
            "The definition in the C source need not be the one that runs: it is `weak`, and the \
             linker may choose another, or the program chooses one when it starts (`ifunc`, \
             `target_clones`). A copy of this one would be the wrong function. `attribute` says \
             which it is.",
            "Look at the helper's declaration and definition for `weak`, `ifunc` or \
             `target_clones`; a macro may hide it (`__weak` in the kernel).",
            "Take the attribute off, if nothing takes the definition's place; or have a helper \
             without it call this one, so that what is around it is inlined. Or allow it by \
             `Helpers::exempt`.",
        ),
        Cause::Alias => (
            "The helper is another name of a function (`__attribute__((alias))`), or it uses the \
             address of such a name. In another unit two names look like two things, and what is \
             compared or written by one of them would be read wrongly by the other.",
            "`attribute` names the alias. Its declaration has the attribute `alias`.",
            "Call the function by its own name, which is inlined, or write the other name as a \
             function that calls it. Or allow it by `Helpers::exempt`.",
        ),
        Cause::AssemblySymbol => (
            "The helper's inline assembly names a symbol that only its own source knows, a `static` \
             or a label of assembly outside of functions, or it defines a symbol, of which there \
             can be one in a program. A copy of it would not link.",
            "`attribute` has the symbol; search the helper's `asm` for it.",
            "Hand the variable to the assembly as an operand (`\"+m\"(counter)`) instead of naming \
             it, and give labels numbers (`1:`) or a `%=`. Or allow it by `Helpers::exempt`.",
        ),
        Cause::LargeFrame => (
            "The helper has more local variables than the caller's frame is to hold: more than 1024 \
             bytes where the caller is recursive, as each of its frames would hold them as long as \
             it runs; or more than 16 KiB (in a kernel 1024 bytes) where the caller has as many of \
             its own. A caller counts as recursive if it may be called again while it runs, by \
             name, through a pointer of its type, or from another code-generation unit of its \
             crate, and so does what may be inlined into such a function. Without optimization \
             variables of several helpers do not share their place: together they may have 4096 \
             bytes in a recursive function. Its other callers have the helper inlined.",
            "`attribute` has the bytes. clang's `-Wframe-larger-than=1024` names what C functions \
             have.",
            "Take the buffer from the caller or make it `static`. Or call the helper from a function \
             of your own that has `#[inline(never)]` and does not call back: it is inlined there, \
             and that frame is gone when the function returns. Or allow it by `Helpers::exempt`.",
        ),
        Cause::Exempt => (
            "`Helpers::exempt` names the helper, and LLVM, which then decides by its cost model, \
             found this call better out of line.",
            "The build script names it; the manifest lists it under `exempt`.",
            "None is needed. Take the name out of `Helpers::exempt` to have it inlined always.",
        ),
        Cause::InliningOff => (
            "Inlining was switched off, by `--inline off` or `HELPER_INLINE_POLICY=off`: this is the \
             out-of-line twin of a build, for comparison.",
            "Every call of every helper has this cause.",
            "Leave the option or the variable away.",
        ),
    };
    Explanation {
        summary,
        remedy,
        is_failure,
        what,
        see,
        cure,
    }
}

/// What a table has room for: what it means, what mends it, whether it is a failure.
fn in_short(cause: Cause) -> (&'static str, &'static str, bool) {
    match cause {
        Cause::Noinline => (
            "The C source says noinline.",
            "Take the attribute off, or exempt the helper.",
            true,
        ),
        Cause::ConflictingAttribute => (
            "Inlining would lose a mitigation, an assumption or an instruction set.",
            "Compile the helper as the rest is compiled.",
            true,
        ),
        Cause::TypeMismatch => (
            "Rust and C declare it with types that the ABI passes differently.",
            "Use the generated declaration.",
            true,
        ),
        Cause::AddressTaken => (
            "Its address is used. Its calls are inlined, and one copy is kept.",
            "Nothing has to be done; call it by name to be rid of the copy.",
            false,
        ),
        Cause::NotInlinable => (
            "LLVM cannot inline such a function.",
            "Write it without variadic arguments and computed goto.",
            true,
        ),
        Cause::Replaceable => (
            "Another definition may take its place (weak, ifunc).",
            "Take the attribute off the definition.",
            true,
        ),
        Cause::Alias => (
            "It is an alias, or uses the address of one.",
            "Call the function by its own name.",
            true,
        ),
        Cause::AssemblySymbol => (
            "Its assembly names or defines a symbol of its own source.",
            "Hand variables to it as operands, and number its labels.",
            true,
        ),
        Cause::LargeFrame => (
            "Its variables would make the frame of a recursive or large caller too large.",
            "Take the buffer from the caller, or call it from an #[inline(never)] function.",
            true,
        ),
        Cause::Exempt => (
            "Helpers::exempt names it, and LLVM found it better out of line.",
            "Nothing has to be done.",
            false,
        ),
        Cause::InliningOff => (
            "Inlining was switched off (--inline off).",
            "Leave the option out.",
            true,
        ),
    }
}
