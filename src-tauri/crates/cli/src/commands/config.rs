//! `crm-sync config`: works where nothing else does, so that wrong settings can be mended with it.

use std::path::Path;

use crm_sync_engine::settings::SettingsFile;
use crm_sync_engine::{ApiError, Fix};
use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::args::ConfigCommand;
use crate::exit::Exit;
use crate::out::Out;
use crate::text;

pub(super) fn run(context: &Context<'_>, command: ConfigCommand) -> Outcome {
    let path = context.data_dir().map_err(ApiError::from)?.settings_path();
    let out = context.out;
    match command {
        ConfigCommand::Path if out.json => {
            out.document(&json!({ "path": path, "exists": path.exists() }))?;
        }
        ConfigCommand::Path => out.line(&shown(&path))?,
        ConfigCommand::Get { key } => {
            let value = SettingsFile::load(&path).and_then(|file| file.get(&key)).map_err(ApiError::from)?;
            if out.json {
                out.document(&json!({ "key": key, "value": value }))?;
            } else {
                out.line(&plain(&value))?;
            }
        }
        ConfigCommand::Set { key, value } => {
            let file = SettingsFile::set(&path, &key, &value);
            let value = file.and_then(|file| file.get(&key)).map_err(ApiError::from)?;
            if out.json {
                out.document(&json!({ "key": key, "value": value }))?;
            } else {
                out.line(&format!("{key} is {} now.", plain(&value)))?;
            }
        }
        ConfigCommand::Check => check(&path, out)?,
    }
    Ok(Exit::Ok)
}

fn check(path: &Path, out: &Out) -> Result<(), crate::exit::Failure> {
    let file = SettingsFile::load(path).map_err(|error| {
        ApiError::from(error)
            .with_fix(Fix::say(format!("Mend it in {}; the file is as it was.", shown(path))))
    })?;
    let unknown = file.unknown_keys();
    if out.json {
        let keys: Vec<_> =
            unknown.iter().map(|key| json!({ "key": key.key, "nearest": key.nearest })).collect();
        out.document(&json!({ "path": path, "ok": true, "unknownKeys": keys }))?;
        return Ok(());
    }
    for key in &unknown {
        let nearest =
            key.nearest.as_deref().map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        out.line(&format!("{} is not known to this version{nearest}", text::one_line(&key.key)))?;
    }
    let found = if path.exists() { "is in order" } else { "does not exist: every setting has its default" };
    out.line(&format!("{} {found}.", shown(path)))?;
    Ok(())
}

fn shown(path: &Path) -> String {
    text::one_line(&path.display().to_string())
}

/// A text as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), text::one_line)
}
