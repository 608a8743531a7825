//! Makes functions of uthash's macros, each by its C prototype.

mod macros;

fn main() -> Result<(), helper_inline_build::Error> {
    let mut helpers = helper_inline_build::Helpers::new().header("include/elements.h");
    for prototype in macros::AS_THEY_ARE {
        helpers = helpers.wrap_macro(*prototype);
    }
    for (prototype, expression) in macros::WITH_OWN_TYPES {
        helpers = helpers.wrap_expression(*prototype, *expression);
    }
    // What the header defines as functions needs its name alone.
    helpers.wrap_function("utstring_find").compile().map(drop)
}
