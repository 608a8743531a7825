//! Expressions as LLVM writes them, and what a probe makes of each.

use super::*;
use gimli::{EndianSlice, Format, LittleEndian, constants as dw};

/// The place that an expression of these bytes says, of a value of so many bytes.
fn place(architecture: Architecture, bytes: u64, expression: &[u8]) -> Found {
    let evaluation = Evaluation {
        architecture,
        encoding: Encoding {
            address_size: 8,
            format: Format::Dwarf32,
            version: 5,
        },
        frame_base: Some(Register(7)),
        bytes: Some(bytes),
        base_type: &|offset| {
            (offset == 9).then_some(BaseType {
                bytes: 4,
                signed: true,
            })
        },
    };
    let expression = Expression(EndianSlice::new(expression, LittleEndian));
    evaluation.place(expression).unwrap()
}

fn x86(bytes: u64, expression: &[u8]) -> Place {
    let found = place(Architecture::X86_64, bytes, expression);
    assert_eq!(found.narrow, None);
    found.place
}

#[test]
fn what_a_probe_can_read_has_its_place() {
    let register = |text: &str| Place::Register(text.into());
    let stack = |text: &str| Place::Stack(text.into());
    let constant = |text: &str| Place::Constant(text.into());
    for (expression, expected) in [
        (&[dw::DW_OP_reg5.0][..], register("rdi")),
        (&[dw::DW_OP_reg14.0], register("r14")),
        (
            &[dw::DW_OP_breg3.0, 16, dw::DW_OP_stack_value.0],
            register("rbx+16"),
        ),
        (&[dw::DW_OP_breg3.0, 0x78], stack("rbx-8")),
        (&[dw::DW_OP_fbreg.0, 24], stack("rsp+24")),
        (
            &[
                dw::DW_OP_breg7.0,
                8,
                dw::DW_OP_deref.0,
                dw::DW_OP_stack_value.0,
            ],
            stack("rsp+8"),
        ),
        (
            &[
                dw::DW_OP_breg0.0,
                0,
                dw::DW_OP_plus_uconst.0,
                4,
                dw::DW_OP_stack_value.0,
            ],
            register("rax+4"),
        ),
        (
            &[
                dw::DW_OP_breg0.0,
                0,
                dw::DW_OP_lit8.0,
                dw::DW_OP_minus.0,
                dw::DW_OP_stack_value.0,
            ],
            register("rax-8"),
        ),
        (&[dw::DW_OP_lit7.0, dw::DW_OP_stack_value.0], constant("7")),
        (
            &[dw::DW_OP_consts.0, 0x7e, dw::DW_OP_stack_value.0],
            constant("-2"),
        ),
        (&[dw::DW_OP_reg5.0, dw::DW_OP_piece.0, 8], register("rdi")),
    ] {
        assert_eq!(x86(8, expression), expected, "{expression:?}");
    }
    let found = place(Architecture::Aarch64, 8, &[dw::DW_OP_breg31.0, 8]);
    assert_eq!(found.place, Place::Stack("sp+8".into()));
}

#[test]
fn what_it_cannot_is_lost() {
    for expression in [
        &[][..],
        // xmm0
        &[dw::DW_OP_regx.0, 17],
        &[
            dw::DW_OP_entry_value.0,
            1,
            dw::DW_OP_reg5.0,
            dw::DW_OP_stack_value.0,
        ],
        &[dw::DW_OP_call_frame_cfa.0],
        &[
            dw::DW_OP_reg5.0,
            dw::DW_OP_piece.0,
            4,
            dw::DW_OP_reg4.0,
            dw::DW_OP_piece.0,
            4,
        ],
        &[dw::DW_OP_piece.0, 8],
        // A pointer to the value in memory.
        &[dw::DW_OP_breg7.0, 8, dw::DW_OP_deref.0],
        &[
            dw::DW_OP_breg0.0,
            0,
            dw::DW_OP_breg3.0,
            0,
            dw::DW_OP_plus.0,
            dw::DW_OP_stack_value.0,
        ],
        &[
            dw::DW_OP_addr.0,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            dw::DW_OP_stack_value.0,
        ],
        &[
            dw::DW_OP_lit7.0,
            dw::DW_OP_breg0.0,
            0,
            dw::DW_OP_minus.0,
            dw::DW_OP_stack_value.0,
        ],
    ] {
        assert_eq!(x86(8, expression), Place::Lost, "{expression:?}");
    }
}

#[test]
fn a_conversion_is_read_from_the_part_that_it_keeps() {
    let converted = [
        dw::DW_OP_breg0.0,
        0,
        dw::DW_OP_convert.0,
        9,
        dw::DW_OP_stack_value.0,
    ];
    assert_eq!(x86(4, &converted), Place::Register("rax".into()));
    let narrow = place(Architecture::X86_64, 8, &converted);
    assert_eq!(narrow.place, Place::Register("rax".into()));
    assert_eq!(narrow.narrow, Some((4, true)));
    let masked = [
        &[
            dw::DW_OP_breg0.0,
            0,
            dw::DW_OP_constu.0,
            0xff,
            0x01,
            dw::DW_OP_and.0,
        ][..],
        &[dw::DW_OP_stack_value.0],
    ]
    .concat();
    assert_eq!(
        place(Architecture::X86_64, 8, &masked).narrow,
        Some((1, false))
    );
    // With an offset it is no register's part.
    let moved = [
        dw::DW_OP_breg0.0,
        8,
        dw::DW_OP_convert.0,
        9,
        dw::DW_OP_stack_value.0,
    ];
    assert_eq!(x86(8, &moved), Place::Lost);
}
