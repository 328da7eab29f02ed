//! The file itself: read, changed under a lock, and replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Settings, SettingsError, VERSION, validate};
use crate::atomic::AtomicFile;

type Result<T> = std::result::Result<T, SettingsError>;

/// `settings.json` as read: what it says, and what follows from it.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    path: PathBuf,
    /// As it stands in the file, unknown keys included; an empty object where there is no file.
    raw: Value,
    settings: Settings,
}

/// A key of the file that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// The dotted key.
    pub key: String,
    /// The setting with the most similar name, if one is similar.
    pub nearest: Option<String>,
}

impl SettingsFile {
    /// Reads and checks the file. A missing file is the defaults; a byte-order mark at its beginning is ignored.
    pub fn load(path: &Path) -> Result<Self> {
        Self::checked(path, read_raw(path)?)
    }

    fn checked(path: &Path, raw: Value) -> Result<Self> {
        // The number decides before anything else does: in a newer file every other key may mean something else.
        if let Some(found) = raw.get("version").and_then(Value::as_u64).filter(|found| *found > VERSION) {
            return Err(SettingsError::Newer { path: path.to_owned(), found });
        }
        let settings = validate::read(&raw)?;
        Ok(Self { path: path.to_owned(), raw, settings })
    }

    /// Changes one setting and writes the file, keeping everything else in it as it is. `value` is read as JSON, and
    /// where it isn't JSON it is a text. The file may be invalid before, as long as it is valid after.
    ///
    /// Errors: an unknown key, a value that is not allowed, a file that can't be read or written. Nothing is written
    /// then.
    pub fn set(path: &Path, key: &str, value: &str) -> Result<Self> {
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        Self::set_value(path, key, value)
    }

    /// As [`SettingsFile::set`], for a value that is JSON already.
    pub fn set_value(path: &Path, key: &str, value: Value) -> Result<Self> {
        if !known_keys().iter().any(|known| known == key) {
            return Err(unknown(key));
        }
        let write = |source| SettingsError::Write { path: path.to_owned(), source };
        // Held until the new file stands, so that of two writers neither loses the other's change.
        let _lock = lock(path).map_err(write)?;
        let mut raw = read_raw(path)?;
        let before = raw.clone();
        if !path.exists() {
            raw = serde_json::json!({ "version": VERSION });
        }
        put(&mut raw, key, value)
            .map_err(|(at, value)| SettingsError::invalid(at, &value, "an object: { … }"))?;
        let file = Self::checked(path, raw)?;
        if file.raw != before || !path.exists() {
            store(path, &file.raw).map_err(write)?;
        }
        Ok(file)
    }

    /// What the file says, defaults filled in.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the file is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One setting or section by its dotted key, defaults filled in. Keys that only the file knows are found too.
    pub fn get(&self, key: &str) -> Result<Value> {
        let effective = self.settings.to_json();
        at(&effective, key).or_else(|| at(&self.raw, key)).cloned().ok_or_else(|| unknown(key))
    }

    /// The keys of the file that this version does not know: kept, but without effect, and perhaps misspelt.
    pub fn unknown_keys(&self) -> Vec<UnknownKey> {
        let mut found = Vec::new();
        collect_unknown(&self.raw, "", &known_keys(), &mut found);
        found
    }
}

fn read_raw(path: &Path) -> Result<Value> {
    let text = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Value::Object(Map::new())),
        Err(source) => return Err(SettingsError::Read { path: path.to_owned(), source }),
    };
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(text).map_err(|error| {
        let what = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        SettingsError::Broken {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            what: what.strip_suffix(&position).unwrap_or(&what).to_owned(),
        }
    })
}

fn lock(path: &Path) -> io::Result<File> {
    // A file of its own: the settings file is replaced by each write, and a lock on it would go with it.
    let lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.with_extension("json.lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn store(path: &Path, raw: &Value) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    serde_json::to_writer_pretty(&mut file, raw)?;
    file.write_all(b"\n")?;
    file.commit()
}

fn at<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(value, |value, part| value.get(part))
}

/// Puts a value in its place, creating missing objects. Errors: a key on the way isn't an object; its path and value.
fn put(root: &mut Value, key: &str, value: Value) -> std::result::Result<(), (String, Value)> {
    let mut place = root;
    let mut path = String::new();
    for part in key.split('.') {
        let Value::Object(keys) = place else {
            let path = if path.is_empty() { "the file".to_owned() } else { path };
            return Err((path, place.clone()));
        };
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(part);
        place = keys.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = value;
    Ok(())
}

/// Every key and section of this version, dotted.
fn known_keys() -> Vec<String> {
    fn collect(value: &Value, path: &str, keys: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            collect(value, &path, keys);
            keys.push(path);
        }
    }
    let mut keys = Vec::new();
    collect(&Settings::default().to_json(), "", &mut keys);
    keys
}

fn collect_unknown(value: &Value, path: &str, known: &[String], found: &mut Vec<UnknownKey>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if !known.contains(&path) {
            // Below a value that is known as a whole (quietHours) nothing is listed.
            let nearest = nearest(&path, known);
            found.push(UnknownKey { key: path, nearest });
        } else if known.iter().any(|key| key.starts_with(&format!("{path}."))) {
            collect_unknown(value, &path, known, found);
        }
    }
}

fn unknown(key: &str) -> SettingsError {
    SettingsError::UnknownKey { key: key.to_owned(), nearest: nearest(key, &known_keys()) }
}

/// The known key that a misspelt or shortened one most likely meant.
fn nearest(key: &str, known: &[String]) -> Option<String> {
    const ALIKE: f64 = 0.7;
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_lowercase();
    let likeness = |candidate: &str| {
        let whole = strsim::normalized_damerau_levenshtein(&key.to_lowercase(), &candidate.to_lowercase());
        let end = strsim::normalized_damerau_levenshtein(&last(key), &last(candidate));
        // The right name in the wrong section counts a little less than a misspelling in the right one.
        whole.max(end * 0.95)
    };
    known
        .iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.clone())
}
