//! Static libraries: replacing members of rlibs and `.a` files.
//!
//! Not here: what the new members are.

use crate::{Error, Result, files};
use ar_archive_writer::{
    ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, ObjectReader, write_archive_to_stream,
};
use object::read::archive::ArchiveFile;
use std::io::Cursor;
use std::path::Path;

static READER: ObjectReader = DEFAULT_OBJECT_READER;

/// A member's name and content.
pub(crate) type Member = (String, Vec<u8>);

/// The members of an archive, in order.
pub(crate) fn read(path: &Path) -> Result<Vec<Member>> {
    let data = files::read(path)?;
    let malformed = |error: object::Error| Error::Malformed {
        path: path.to_owned(),
        expected: "static library",
        detail: error.to_string(),
    };
    let archive = ArchiveFile::parse(data.as_slice()).map_err(malformed)?;
    archive
        .members()
        .map(|member| {
            let member = member.map_err(malformed)?;
            let name = String::from_utf8_lossy(member.name()).into_owned();
            let content = member.data(data.as_slice()).map_err(malformed)?;
            Ok((name, content.to_vec()))
        })
        .collect()
}

/// Writes an archive with an index of its symbols.
pub(crate) fn write(path: &Path, members: impl IntoIterator<Item = Member>) -> Result<()> {
    let members: Vec<NewArchiveMember<'static>> = members
        .into_iter()
        .map(|(name, content)| NewArchiveMember::new(content, &READER, name))
        .collect();
    let mut out = Cursor::new(Vec::new());
    write_archive_to_stream(&mut out, &members, ArchiveKind::Gnu, false, false)
        .map_err(files::io("write", path))?;
    files::write(path, out.get_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.rlib");
        let long = "a-name-that-is-longer-than-an-archive-header-has-room.rcgu.o";
        let members = vec![
            ("lib.rmeta".to_owned(), b"metadata".to_vec()),
            (long.to_owned(), b"odd".to_vec()),
        ];
        write(&path, members.clone()).unwrap();
        assert_eq!(read(&path).unwrap(), members);
        std::fs::write(&path, "no archive").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("is not valid static library"), "{error}");
    }
}
