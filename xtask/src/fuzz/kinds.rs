//! Constructs that have one body, one address or one meaning in a whole program: what a
//! copy of a function can be told from the original by, and what only the linker or the
//! loader decides.
//!
//! Each is a C function from `u64` to `u64`, `static` below helpers or a helper itself.
//! Not here: ordinary bodies (`body`), and how programs are built (`trial`).

use super::helper::Helper;
use fastrand::Rng;

/// One construct.
pub struct Kind {
    /// What its names begin with.
    pub name: &'static str,
    /// What comes before the function, `@` in place of the unit's number.
    before: &'static str,
    /// Attributes of the function.
    attribute: &'static str,
    /// Its body, of the parameter `a`; nothing where `after` defines it.
    body: &'static str,
    /// What comes after the function. `$` stands for its name.
    after: &'static str,
    /// A native object's definitions, for some programs.
    native: &'static str,
    /// The causes for which calls of it may stay, where it is a helper.
    causes: &'static [&'static str],
}

/// A construct without anything, which others begin from.
const NONE: Kind = Kind {
    name: "",
    before: "",
    attribute: "",
    body: "",
    after: "",
    native: "",
    causes: &[],
};

/// All of them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "labels",
        body: "static const void *const table[] = { &&one, &&two, &&end };\n\
               u64 left = a & 7;\n\
               goto *table[a % 3];\n\
               one: a += 7; if (left-- == 0) goto end; goto *table[a % 3];\n\
               two: a = a * 3 + 1; if (left-- == 0) goto end; goto *table[a % 3];\n\
               end: return a;",
        causes: &["not-inlinable"],
        ..NONE
    },
    Kind {
        name: "label_kept",
        before: "static const void *label_kept_at_@;\n",
        body: "if (!label_kept_at_@) label_kept_at_@ = (a & 1) ? &&odd : &&even;\n\
               goto *label_kept_at_@;\n\
               odd: return a + 1;\n\
               even: return a + 2;",
        causes: &["not-inlinable"],
        ..NONE
    },
    Kind {
        name: "weak",
        attribute: "__attribute__((weak)) ",
        body: "return a + 1;",
        native: "u64 $(u64 a) { return a * 3 + 100; }\n",
        causes: &["replaceable"],
        ..NONE
    },
    Kind {
        name: "weak_constant",
        before: "extern const u64 weak_constant_v_@;\n\
                 __attribute__((weak)) const u64 weak_constant_v_@ = 5;\n",
        body: "return a + weak_constant_v_@;",
        native: "const u64 weak_constant_v_@ = 77;\n",
        ..NONE
    },
    Kind {
        name: "weak_variable",
        before: "__attribute__((weak)) u64 weak_variable_v_@ = 6;\n",
        body: "return a ^ weak_variable_v_@++;",
        native: "u64 weak_variable_v_@ = 99;\n",
        ..NONE
    },
    Kind {
        name: "perhaps",
        before: "extern u64 perhaps_f_@(u64) __attribute__((weak));\n",
        body: "return perhaps_f_@ ? perhaps_f_@(a) : a + 9;",
        native: "u64 perhaps_f_@(u64 a) { return a * 11; }\n",
        ..NONE
    },
    Kind {
        name: "weakref",
        before: "static u64 weakref_r_@(u64) __attribute__((weakref(\"weakref_f_@\")));\n",
        body: "return weakref_r_@ ? weakref_r_@(a) : a + 3;",
        native: "u64 weakref_f_@(u64 a) { return a - 5; }\n",
        ..NONE
    },
    Kind {
        name: "common",
        before: "u64 common_v_@ __attribute__((common));\n",
        body: "return common_v_@ += a & 3;",
        native: "u64 common_v_@ = 40;\n",
        ..NONE
    },
    Kind {
        name: "constructed",
        before: "static u64 constructed_v_@ = 1;\n\
                 __attribute__((constructor)) static void constructed_up_@(void)\n\
                 {\n\tconstructed_v_@ = constructed_v_@ * 10 + 2;\n}\n\
                 __attribute__((constructor(65000))) static void constructed_early_@(void)\n\
                 {\n\tconstructed_v_@ = constructed_v_@ * 10 + 1;\n}\n",
        body: "return a ^ constructed_v_@;",
        ..NONE
    },
    Kind {
        name: "alias",
        before: "u64 alias_f_@(u64 a) { return a + 0x77; }\n",
        after: "u64 $(u64) __attribute__((alias(\"alias_f_@\")));\n",
        causes: &["alias"],
        ..NONE
    },
    Kind {
        name: "alias_static",
        before: "__attribute__((used)) static u64 alias_static_f_@(u64 a) { return a * 9; }\n\
                 static __typeof(alias_static_f_@) alias_static_g_@\n\
                 \t__attribute__((alias(\"alias_static_f_@\")));\n",
        body: "return alias_static_g_@(a) + (alias_static_g_@ == alias_static_f_@);",
        causes: &["alias"],
        ..NONE
    },
    Kind {
        name: "alias_variable",
        before: "static u64 alias_variable_v_@ = 3;\n\
                 extern u64 alias_variable_w_@ __attribute__((alias(\"alias_variable_v_@\")));\n",
        body: "alias_variable_v_@ += a & 3;\n\
               barrier_on(a);\n\
               return a ^ alias_variable_w_@++;",
        causes: &["alias"],
        ..NONE
    },
    Kind {
        name: "asm_static",
        before: "static u64 asm_static_v_@ __attribute__((used)) = 5;\n",
        body: "u64 r;\n\
               asm_load(r, \"asm_static_v_@\");\n\
               asm_static_v_@ = r + (a & 3);\n\
               return a ^ r;",
        causes: &["assembly-symbol"],
        ..NONE
    },
    Kind {
        name: "asm_function",
        before: "asm_twice(\"asm_function_f_@\");\nextern u64 asm_function_f_@(u64);\n",
        body: "return asm_function_f_@(a) + 1;",
        causes: &["assembly-symbol"],
        ..NONE
    },
    Kind {
        name: "asm_global",
        before: "__asm__(\".globl asm_global_f_@\");\nasm_twice(\"asm_global_f_@\");\n\
                 extern u64 asm_global_f_@(u64);\n",
        body: "return asm_global_f_@(a) - 1;",
        causes: &["assembly-symbol"],
        ..NONE
    },
    Kind {
        name: "asm_names",
        before: "__attribute__((used)) static u64 asm_names_v_@ = 21;\n\
                 __asm__(\".pushsection .data\\n.p2align 3\\nasm_names_p_@: .quad asm_names_v_@\\n\
                 .popsection\");\n\
                 extern u64 *asm_names_p_@;\n",
        body: "return a + (*asm_names_p_@)++ + asm_names_v_@;",
        causes: &["assembly-symbol"],
        ..NONE
    },
    Kind {
        name: "entries",
        before: "static const u64 entries_v_@[2] __attribute__((used, section(\"fuzz_entries\"))) =\n\
                 \t{ 3 + @, 1000 };\n\
                 extern const u64 __start_fuzz_entries[], __stop_fuzz_entries[];\n",
        body: "for (const u64 *at = __start_fuzz_entries; at != __stop_fuzz_entries; at++)\n\
               \ta += *at;\n\
               return a;",
        ..NONE
    },
    Kind {
        name: "section",
        before: "static u64 section_v_@ __attribute__((section(\"fuzz_data\"))) = 8;\n",
        attribute: "__attribute__((section(\".text.fuzz_own\"))) ",
        body: "return a + section_v_@++;",
        ..NONE
    },
    Kind {
        name: "thread",
        before: "static _Thread_local u64 thread_v_@ = 4;\n",
        body: "return a ^ thread_v_@++;",
        ..NONE
    },
    Kind {
        name: "place",
        before: "static const void *place_kept_@;\nstatic u64 place_v_@;\n",
        body: "if (!place_kept_@) place_kept_@ = &place_v_@;\n\
               return a + (place_kept_@ == &place_v_@) + place_v_@++;",
        ..NONE
    },
    Kind {
        name: "own",
        before: "static u64 (*own_kept_@)(u64);\nstatic u64 own_f_@(u64 a) { return a ^ 0x55; }\n",
        body: "if (!own_kept_@) own_kept_@ = own_f_@;\n\
               return own_kept_@(a) + (own_kept_@ == own_f_@);",
        ..NONE
    },
    Kind {
        name: "self",
        before: "static const void *self_kept_@;\n",
        body: "if (!self_kept_@) self_kept_@ = (const void *)$;\n\
               return a + (self_kept_@ == (const void *)$);",
        causes: &["address-taken"],
        ..NONE
    },
    Kind {
        name: "recursive",
        body: "return a & 3 ? $(a >> 1) + 1 : a;",
        causes: &["not-inlinable"],
        ..NONE
    },
    Kind {
        name: "gnu_inline",
        before: "extern __inline __attribute__((gnu_inline)) u64 gnu_inline_f_@(u64 a)\n\
                 {\n\treturn a + 12;\n}\n",
        body: "return gnu_inline_f_@(a);",
        native: "u64 gnu_inline_f_@(u64 a) { return a + 12; }\n",
        ..NONE
    },
    Kind {
        name: "big_frame",
        body: "volatile u8 room[6000];\n\
               for (u32 i = 0; i < 6000; i += 500) room[i] = (u8)(a + i);\n\
               return a + room[(a % 12) * 500];",
        ..NONE
    },
];

/// The names of two helpers, without unit: one that is asked for its address, and one
/// that says whether an address is that.
pub const OWN: &str = "address_own";
pub const IS_OWN: &str = "address_is";

impl Kind {
    /// Whether a native object always has to define something.
    fn needs_native(&self) -> bool {
        self.name == "gnu_inline"
    }

    fn text(&self, storage: &str, name: &str, unit: usize) -> String {
        let mut text = self.before.to_owned();
        match self.body {
            "" if storage.is_empty() => {}
            // What a name of another's is below helpers is called through it.
            "" => {
                let other = format!("{}_o_@", self.name);
                text += &self.after.replace('$', &other);
                text += &format!("{storage}u64 $(u64 a) {{ return {other}(a); }}\n");
                return fill(&text, name, unit);
            }
            body => {
                text += &format!("{storage}u64 $(u64 a);\n");
                text += &format!("{}{storage}u64 $(u64 a)\n{{\n", self.attribute);
                text += &format!("{body}\n}}\n");
            }
        }
        text += self.after;
        fill(&text, name, unit)
    }
}

fn fill(text: &str, name: &str, unit: usize) -> String {
    text.replace('$', name).replace('@', &unit.to_string())
}

/// What a unit has of them.
#[derive(Default)]
pub struct Chosen {
    /// Definitions that helpers call.
    pub text: String,
    /// The functions that they can call.
    pub functions: Vec<String>,
    /// Helpers.
    pub helpers: Vec<Helper>,
    /// What an ordinary object defines beside.
    pub native: String,
}

/// Chooses some for a unit.
pub fn choose(rng: &mut Rng, unit: usize, prefix: &str) -> Chosen {
    let mut chosen = Chosen::default();
    let mut kinds: Vec<&Kind> = KINDS.iter().collect();
    rng.shuffle(&mut kinds);
    for kind in kinds.into_iter().take(rng.usize(0..7)) {
        let is_helper = rng.u32(0..3) == 0;
        // A weak function is nobody's but its program's.
        let is_weak = kind.attribute.contains("weak");
        let name = match is_helper {
            true => format!("{prefix}{}_{unit}", kind.name),
            false => format!("{}_{unit}", kind.name),
        };
        let storage = if is_helper || is_weak { "" } else { "static " };
        let text = kind.text(storage, &name, unit);
        if kind.needs_native() || rng.bool() {
            chosen.native += &fill(kind.native, &name, unit);
        }
        if is_helper {
            let rust = format!("{}_{unit}", kind.name);
            chosen
                .helpers
                .push(Helper::of_kind(rust, name, unit, text, kind.causes));
        } else {
            chosen.text += &text;
            chosen.functions.push(name);
        }
    }
    if rng.u32(0..3) == 0 {
        let own = format!("{prefix}{OWN}_{unit}");
        let asks = format!("{prefix}{IS_OWN}_{unit}");
        let text = format!("u64 {own}(u64 a)\n{{\n\treturn a * 13 + 1;\n}}\n");
        let asked = format!("u64 {asks}(u64 a)\n{{\n\treturn a == (u64)&{own};\n}}\n");
        for (rust, name, text) in [(OWN, own, text), (IS_OWN, asks, asked)] {
            let rust = format!("{rust}_{unit}");
            let helper = Helper::of_kind(rust, name, unit, text, &[]);
            chosen.helpers.push(helper);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_says_what_it_does() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..at].iter().all(|other| other.name != kind.name));
            assert!(!kind.body.is_empty() || !kind.after.is_empty());
        }
    }

    #[test]
    fn units_have_their_own() {
        let mut rng = Rng::with_seed(1);
        let all: Vec<Chosen> = (0..60).map(|n| choose(&mut rng, n, "p_")).collect();
        for kind in KINDS {
            let name = format!("{}_", kind.name);
            let below = |c: &Chosen| c.functions.iter().any(|f| f.starts_with(&name));
            assert!(all.iter().any(below), "{name}");
        }
        assert!(all.iter().any(|c| !c.helpers.is_empty()));
        assert!(
            all.iter()
                .any(|c| c.native.contains("weak_0") || !c.native.is_empty())
        );
        for (unit, chosen) in all.iter().enumerate() {
            assert!(!chosen.text.contains('@') && !chosen.text.contains('$'));
            assert!(
                chosen
                    .functions
                    .iter()
                    .all(|f| f.ends_with(&format!("_{unit}")))
            );
        }
    }
}
