fn main() -> Result<(), helper_inline_build::Error> {
    helper_inline_build::Helpers::new()
        .file("helpers.c")
        .compile()
        .map(drop)
}
