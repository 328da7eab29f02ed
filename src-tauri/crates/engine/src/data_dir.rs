//! The folder that holds everything CRM Sync keeps, the same for the desktop app and the command line.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names the data directory.
pub const ENVIRONMENT: &str = "CRM_SYNC_DATA_DIR";

/// The application's identifier: the name of its folder among the operating system's application data.
pub const IDENTIFIER: &str = "dev.crmsync.desktop";

/// The data directory: it exists, can be written, and is its owner's alone (mode 0700).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    root: PathBuf,
}

/// Why there is no data directory to work in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The operating system names no place for application data.
    #[error("this account has no folder for application data: name one with --data-dir or {ENVIRONMENT}")]
    NoHome,
    /// It exists, but isn't a folder.
    #[error("the data directory {path} is a file: name a folder with --data-dir or {ENVIRONMENT}")]
    NotAFolder {
        /// Where.
        path: PathBuf,
    },
    /// Everybody's folder (`/tmp`): its mode can't be made private without breaking it for others.
    #[error(
        "the data directory {path} is shared by all users of this machine: name a folder inside it instead"
    )]
    Shared {
        /// Where.
        path: PathBuf,
    },
    /// It can't be created, made private, or written to.
    #[error(
        "the data directory {path} can't be {what} ({source}): mend its rights or name another with --data-dir"
    )]
    Unusable {
        /// Where.
        path: PathBuf,
        /// `created`, `read`, `made private`, `written to`.
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

impl DataDir {
    /// Finds the data directory (`option`, else `environment`, else the operating system's application-data folder)
    /// and makes sure that it exists, is private and can be written. An empty environment variable counts as unset.
    pub fn resolve(option: Option<&Path>, environment: Option<OsString>) -> Result<Self, DataDirError> {
        let chosen = option
            .map(Path::to_owned)
            .or_else(|| environment.filter(|value| !value.is_empty()).map(PathBuf::from));
        let root = match chosen {
            Some(path) => path,
            None => directories::BaseDirs::new().ok_or(DataDirError::NoHome)?.data_dir().join(IDENTIFIER),
        };
        Self::at(&root)
    }

    /// The data directory at this path, created where it is missing.
    pub fn at(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |what| {
            let path = path.to_owned();
            move |source| DataDirError::Unusable { path, what, source }
        };
        let root = std::path::absolute(path).map_err(unusable("created"))?;
        if root.exists() && !root.is_dir() {
            return Err(DataDirError::NotAFolder { path: root });
        }
        create_private(&root).map_err(unusable("created"))?;
        tighten(&root)?;
        tempfile::tempfile_in(&root).map_err(unusable("written to"))?;
        let dir = Self { root };
        for folder in [dir.backups(), dir.logs()] {
            create_private(&folder).map_err(|source| DataDirError::Unusable {
                path: folder,
                what: "created",
                source,
            })?;
        }
        Ok(dir)
    }

    /// The folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `settings.json`.
    pub fn settings_path(&self) -> PathBuf {
        self.root.join("settings.json")
    }

    /// `crm-sync.db`.
    pub fn database_path(&self) -> PathBuf {
        self.root.join("crm-sync.db")
    }

    /// `sync.lock`, held while a sync runs.
    pub fn lock_path(&self) -> PathBuf {
        self.root.join("sync.lock")
    }

    /// `backups/`.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// `logs/`.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// A path from the settings: relative ones are relative to this folder, because a scheduled run has no
    /// working directory that a person would know.
    pub fn resolve_path(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn tighten(root: &Path) -> Result<(), DataDirError> {
    use std::os::unix::fs::PermissionsExt as _;

    const STICKY: u32 = 0o1000;
    const OTHERS: u32 = 0o077;
    let unusable = |what| move |source| DataDirError::Unusable { path: root.to_owned(), what, source };
    let mode = fs::metadata(root).map_err(unusable("read"))?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    if mode & STICKY != 0 {
        return Err(DataDirError::Shared { path: root.to_owned() });
    }
    fs::set_permissions(root, fs::Permissions::from_mode(0o700)).map_err(unusable("made private"))
}

#[cfg(not(unix))]
fn tighten(_root: &Path) -> Result<(), DataDirError> {
    // Application-data folders are private by inherited rights.
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_data_directory_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = DataDir::at(&home.path().join("a/b")).unwrap();
        assert!([dir.root(), &dir.logs(), &dir.backups()].iter().all(|path| mode(path) == 0o700));
    }

    #[test]
    fn one_that_others_could_read_is_made_private() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("open");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        DataDir::at(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn everybodys_folder_is_refused_and_left_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tmp");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(matches!(DataDir::at(&path), Err(DataDirError::Shared { .. })));
        assert_eq!(mode(&path), 0o1777);
    }

    #[test]
    fn a_file_in_its_place_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        fs::write(&path, "x").unwrap();
        let error = DataDir::at(&path).unwrap_err();
        assert!(matches!(error, DataDirError::NotAFolder { .. }));
        assert!(error.to_string().contains("file") && !error.to_string().contains('\n'));
        assert!(matches!(DataDir::at(&path.join("inside")), Err(DataDirError::Unusable { .. })));
    }

    #[test]
    fn the_option_wins_over_the_environment_and_relative_paths_become_absolute() {
        let home = tempfile::tempdir().unwrap();
        let (option, environment) = (home.path().join("option"), home.path().join("environment"));
        let dir = DataDir::resolve(Some(&option), Some(environment.clone().into())).unwrap();
        assert_eq!(dir.root(), option);
        assert!(!environment.exists());
        assert_eq!(DataDir::resolve(None, Some(environment.clone().into())).unwrap().root(), environment);
        assert_eq!(dir.resolve_path(Path::new("out.json")), option.join("out.json"));
        assert_eq!(dir.resolve_path(Path::new("/out.json")), Path::new("/out.json"));
    }
}
