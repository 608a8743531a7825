//! The bitcode that rustc embeds in the objects of a prebuilt rlib.
//!
//! Not here: what of it is linked.

use crate::{Error, Result, files};
use object::read::archive::ArchiveFile;
use object::{Object as _, ObjectSection as _};
use std::path::Path;

/// A member of an rlib with embedded bitcode.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) bitcode: Vec<u8>,
}

/// The bitcode of every member that is an object.
pub(super) fn bitcode_members(path: &Path) -> Result<Vec<Member>> {
    let malformed = |detail: String| Error::Malformed {
        path: path.to_owned(),
        expected: "rlib with embedded bitcode",
        detail,
    };
    let data = files::read(path)?;
    let archive = ArchiveFile::parse(data.as_slice()).map_err(|e| malformed(e.to_string()))?;
    let mut members = Vec::new();
    for member in archive.members() {
        let member = member.map_err(|e| malformed(e.to_string()))?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        if !name.ends_with(".o") {
            continue;
        }
        let object = member
            .data(data.as_slice())
            .map_err(|e| malformed(e.to_string()))?;
        if object.starts_with(b"BC\xC0\xDE") {
            let bitcode = object.to_vec();
            members.push(Member { name, bitcode });
            continue;
        }
        let object = object::File::parse(object).map_err(|e| malformed(e.to_string()))?;
        // A member without the section (an assembly file, say) has nothing to
        // inline.
        if let Some(section) = object.section_by_name(".llvmbc") {
            let bitcode = section
                .uncompressed_data()
                .map_err(|e| malformed(e.to_string()))?
                .into_owned();
            members.push(Member { name, bitcode });
        }
    }
    if members.is_empty() {
        return Err(malformed("no member holds bitcode".into()));
    }
    Ok(members)
}
