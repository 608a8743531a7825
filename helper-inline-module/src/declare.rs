//! The declaration, and what becomes of each of its lines.

/// Makes the crate a kernel module.
///
/// Once in a crate, at its root. The fields come in this order, and all but the
/// first four may be left out:
///
/// ```ignore
/// helper_inline_module::module! {
///     // Its `Module::init` is the beginning of the module, its `Drop` the end.
///     type: Disk,
///     // As in MODULE_LICENSE(): symbols for GPL modules need one that the kernel
///     // takes for the GPL.
///     license: "Dual MIT/GPL",
///     authors: ["One <one@example.org>", "Another"],
///     description: "A disk in memory",
///     version: "1.2",
///     // By these names modprobe finds the module.
///     aliases: ["devname:disk"],
///     // Devices that it drives: `compatible` strings of a device tree, and pairs
///     // of a PCI vendor and device.
///     of: ["vendor,disk-1"],
///     pci: [(0x1b36, 0x0010)],
///     // Namespaces of the symbols that it uses.
///     import_ns: ["BLOCK"],
///     params: {
///         /// Size of the disk in MiB.
///         size_mib: u32 = 16, 0o444, "Size of the disk in MiB";
///     },
/// }
/// ```
///
/// The module's name is that in `[package.metadata.helper-inline]` of its
/// `Cargo.toml`.
///
/// In code that `dist --built-in` makes for the kernel's own image, `Module::init` is
/// a device initcall, as `module_init()` is there, and nothing ever drops the value.
/// A parameter is `NAME.param=` on the kernel's command line.
///
/// A parameter is a static of its name in the module `params`:
/// `params::size_mib.get()`. Its type is `bool`, `u8`, `i16`, `u16`, `i32`, `u32`,
/// `i64`, `u64`, or `str` with a default like `c"text"`, which is read by
/// `params::name.with(|text| …)`. The number after the default is the mode of its
/// file in `/sys/module/NAME/parameters`: `0` for none, `0o444` to be read, `0o644`
/// to be changed by root too. The kernel may change such a parameter at any time.
#[macro_export]
macro_rules! module {
    (
        type: $module:ty,
        license: $license:literal,
        authors: [$($author:literal),+ $(,)?],
        description: $description:literal
        $(, version: $version:literal)?
        $(, aliases: [$($alias:literal),* $(,)?])?
        $(, of: [$($of:literal),* $(,)?])?
        $(, pci: [$(($vendor:literal, $device:literal)),* $(,)?])?
        $(, import_ns: [$($namespace:literal),* $(,)?])?
        $(, params: { $(
            $(#[$about:meta])*
            $param:ident: $type:ident = $default:expr, $mode:literal, $description_of:literal
        );* $(;)? })?
        $(,)?
    ) => {
        $crate::__file!();
        $crate::__modinfo!("license=", $license);
        $($crate::__modinfo!("author=", $author);)+
        $crate::__modinfo!("description=", $description);
        $($crate::__modinfo!("version=", $version);)?
        $($($crate::__modinfo!("alias=", $alias);)*)?
        $($(
            // A device may have more compatible strings behind this one.
            $crate::__modinfo!("alias=of:N*T*C", $of);
            $crate::__modinfo!("alias=of:N*T*C", $of, "C*");
        )*)?
        $($(const _: () = {
            // SAFETY: the section holds strings that end in NUL, as this does.
            #[used]
            #[unsafe(link_section = ".modinfo")]
            static ENTRY: [u8; $crate::modinfo::pci_alias_len($crate::__modinfo_prefix!())] =
                $crate::modinfo::pci_alias($crate::__modinfo_prefix!(), $vendor, $device);
        };)*)?
        $($($crate::__modinfo!("import_ns=", $namespace);)*)?

        $(
            /// The parameters of the module.
            #[allow(non_upper_case_globals)]
            pub(crate) mod params {
                #[allow(unused_imports)]
                use super::*;
                $($crate::__param! {
                    $(#[$about])*
                    $param: $type = $default, $mode, $description_of
                })*
            }
        )?

        $crate::__entry!($module);
    };
}
