//! Files that are replaced as a whole or not at all: a full disk, a crash or a kill leaves the old content.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file being written beside its target; nothing is seen at the target before [`AtomicFile::commit`].
///
/// A link is followed (its target is replaced, the link stays), the mode of an existing file is kept, and a new file
/// is its owner's alone: what is written here are settings and people's messages. Something that isn't a file, such
/// as a pipe, is written to directly.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    Beside(BufWriter<NamedTempFile>),
    Direct(BufWriter<File>),
}

impl AtomicFile {
    /// Begins to write `target`. Errors: the folder is missing or can't be written.
    pub fn create(target: &Path) -> io::Result<Self> {
        let target = match fs::canonicalize(target) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(target)?,
            Err(error) => return Err(error),
        };
        let existing = fs::metadata(&target).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let file = File::options().write(true).open(&target)?;
            return Ok(Self { target, writer: Writer::Direct(BufWriter::new(file)) });
        }
        if existing.is_some() {
            // A rename would replace a file that its owner made read-only; whoever did that meant it.
            File::options().write(true).open(&target)?;
        }
        let beside = NamedTempFile::new_in(folder(&target))?;
        if let Some(metadata) = existing {
            beside.as_file().set_permissions(metadata.permissions())?;
        }
        Ok(Self { target, writer: Writer::Beside(BufWriter::new(beside)) })
    }

    /// Makes what was written the content of the target, durably.
    pub fn commit(self) -> io::Result<()> {
        match self.writer {
            Writer::Direct(mut writer) => writer.flush(),
            Writer::Beside(writer) => {
                let beside = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
                beside.as_file().sync_all()?;
                beside.persist(&self.target).map_err(|error| error.error)?;
                sync_folder(folder(&self.target))
            }
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Writer::Beside(writer) => writer.write(bytes),
            Writer::Direct(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Beside(writer) => writer.flush(),
            Writer::Direct(writer) => writer.flush(),
        }
    }
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    // The new name itself must survive a power cut, not only the bytes behind it.
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "folders can't be synced here; the signature is shared")]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_committed_changes_nothing_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("file");
        fs::write(&target, "old").unwrap();
        let mut file = AtomicFile::create(&target).unwrap();
        file.write_all(b"half of the new").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = AtomicFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let mut file = AtomicFile::create(Path::new("/dev/full")).unwrap();
        file.write_all(b"x").unwrap();
        assert_eq!(file.commit().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
