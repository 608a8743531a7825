//! The part of [`Helpers`] that needs no C by the author: what of the headers is to
//! be wrapped.
//!
//! Not here: how (`wrap`).

use super::env::BuildEnv;
use super::libclang::Arguments;
use super::steps::{UNIT, WRAPPERS};
use super::{Helpers, compile, wrap};
use crate::{Clang, Error, Result, Rustc, files};
use std::collections::BTreeMap;
use std::path::Path;

impl Helpers<'_> {
    /// Makes inline functions of the headers callable from Rust.
    ///
    /// Takes a name, or a regular expression that matches whole names, of functions
    /// that are defined `static inline`, plain `inline`, `extern inline` or
    /// `static`. Each is declared in `helpers.rs` under its own name, with C's names
    /// of parameters and types and with the comment above it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("<liburing.h>")
    ///     .wrap_function("io_uring_get_sqe")
    ///     .wrap_function("io_uring_prep_.*")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A function that cannot be wrapped is an error
    /// ([`Error::CannotWrap`](crate::Error::CannotWrap)) when its name is given. A
    /// pattern skips it with a warning, and the hand-off manifest lists it.
    /// A Rust keyword gets an underscore: C's `match` is `match_`.
    pub fn wrap_function(mut self, pattern: impl Into<String>) -> Self {
        self.wraps.functions.push(pattern.into());
        self
    }

    /// Makes every inline function callable that is defined in a file whose whole
    /// path matches a regular expression.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("<liburing.h>")
    ///     .wrap_file(r".*/liburing\.h")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wrap_file(mut self, pattern: impl Into<String>) -> Self {
        self.wraps.files.push(pattern.into());
        self
    }

    /// Makes a macro callable, by the C prototype of the function that it is to be.
    ///
    /// `(void)` evaluates a macro without parameters. Where the result is `void`
    /// the macro is a statement. The documentation is a comment before the
    /// prototype, or else the one above the macro's definition.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("<stdio.h>")
    ///     .header("<endian.h>")
    ///     .wrap_macro("uint32_t be32toh(uint32_t x)")
    ///     .wrap_macro("/** Standard input. */ FILE *stdin(void)")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wrap_macro(mut self, prototype: impl Into<String>) -> Self {
        self.wraps.macros.push(prototype.into());
        self
    }

    /// Makes a C expression callable, or a statement where the result is `void`: a
    /// bit-field, one way to call a variadic function, one type of a `_Generic`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("include/packet.h")
    ///     .wrap_expression("unsigned int first_len(const struct packet *p)", "p->head.len")
    ///     .wrap_expression("void set_len(struct packet *p, unsigned int n)", "p->head.len = n")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wrap_expression(
        mut self,
        prototype: impl Into<String>,
        expression: impl Into<String>,
    ) -> Self {
        let request = (prototype.into(), expression.into());
        self.wraps.expressions.push(request);
        self
    }

    /// Declares constants of the headers whose value the compiler must evaluate:
    /// macros with casts, `sizeof` or expressions, enumerators, `static const`
    /// variables.
    ///
    /// Takes a name, or a regular expression that matches whole names. Each becomes
    /// a `pub const` with C's type, a string a `&CStr`. What bindgen declares itself,
    /// being allowed to, is not declared twice.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("<liburing.h>")
    ///     .wrap_constant("IORING_OFF_.*")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wrap_constant(mut self, pattern: impl Into<String>) -> Self {
        self.wraps.constants.push(pattern.into());
        self
    }

    /// Reads the helpers of the unit, `wrappers` being the wrappers' text.
    pub(super) fn own(&self, unit: &Unit<'_>, wrappers: &str) -> Result<wrap::Own> {
        self.in_context(unit, |context| wrap::read(context, wrappers))
    }

    /// The structures of the unit that bindgen cannot declare, each with its place.
    pub(super) fn foreign_records(
        &self,
        unit: &Unit<'_>,
        wrappers: &str,
    ) -> Result<BTreeMap<String, String>> {
        self.in_context(unit, |context| wrap::foreign_records(context, wrappers))
    }

    /// Makes the wrappers of what is asked for, and of helpers that need one.
    pub(super) fn wrap(&self, unit: &Unit<'_>, own: &wrap::Own) -> Result<wrap::Wrapped> {
        self.in_context(unit, |context| {
            wrap::generate(&self.wraps, &own.internal, context)
        })
    }

    fn in_context<T>(
        &self,
        unit: &Unit<'_>,
        run: impl FnOnce(&wrap::Context<'_>) -> Result<T>,
    ) -> Result<T> {
        let env = unit.env;
        let arguments = Arguments::new(unit.flags, &env.target, unit.clang);
        let wrappers = env.out_dir.join(WRAPPERS);
        run(&wrap::Context {
            unit: &env.out_dir.join(UNIT),
            // As the unit names it.
            wrappers: &wrappers
                .canonicalize()
                .map_err(files::io("resolve", &wrappers))?,
            arguments: &arguments.all,
            kernel: unit.is_kernel,
            prefix: &self.prefix,
            tag: &crate::tag::tag(&env.package, &env.out_dir),
            sources: &self.sources.files()?,
            // Another compiler has no faults of old clangs.
            clang: unit.clang.map_or(u32::MAX, |clang| clang.version.major),
            rustc_llvm: unit.rustc.llvm.major,
        })
    }
}

/// How the unit is compiled.
pub(super) struct Unit<'a> {
    pub env: &'a BuildEnv,
    pub clang: Option<&'a Clang>,
    pub rustc: &'a Rustc,
    pub flags: &'a [String],
    pub is_kernel: bool,
}

/// Compiles with the wrappers, those left out that clang cannot compile.
pub(super) fn compile_wrapped(
    wrapped: &mut wrap::Wrapped,
    wrappers: &Path,
    build: impl Fn() -> Result<compile::Compiled>,
) -> Result<compile::Compiled> {
    loop {
        files::write_if_changed(wrappers, wrapped.text().as_bytes())?;
        match build() {
            Err(Error::Compile { stderr, .. })
                if wrapped.blame(&stderr, Path::new(WRAPPERS))? => {}
            done => return done,
        }
    }
}

/// Exempted helpers by their symbols; those of wrappers are named by what they wrap, others
/// as in C.
pub(super) fn symbols(named: &[String], names: &BTreeMap<String, String>) -> Vec<String> {
    let symbol = |name: &String| {
        let found = names.iter().find(|(_, known)| *known == name);
        found.map_or_else(|| name.clone(), |(symbol, _)| symbol.clone())
    };
    named.iter().map(symbol).collect()
}
