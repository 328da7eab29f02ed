//! The destinations: their shape is checked here, what is behind an address is checked when it is pushed to.

use crm_sync_domain::Platform;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::SettingsError;
use super::validate::{Section, all_different, is_loopback, score, stages, text};

type Result<T> = std::result::Result<T, SettingsError>;

/// The fields of a contact that a mapping can name: those of the unified payload, and the local score.
pub const FIELDS: [&str; 15] = [
    "platform",
    "username",
    "displayName",
    "lastMessage",
    "lastMessageAt",
    "unread",
    "messages",
    "messageCount",
    "engagementScore",
    "stage",
    "messagesSent",
    "repliesReceived",
    "lastContactedAt",
    "syncedAt",
    "localScore",
];

/// What kind of destination a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// A table behind `PostgREST`.
    Supabase,
    /// An Airtable table.
    Airtable,
    /// A table of a `PostgreSQL` database.
    Postgres,
    /// An address that is told of each change.
    Webhook,
    /// A file.
    File,
}

const KINDS: [(&str, SinkKind); 5] = [
    ("supabase", SinkKind::Supabase),
    ("airtable", SinkKind::Airtable),
    ("postgres", SinkKind::Postgres),
    ("webhook", SinkKind::Webhook),
    ("file", SinkKind::File),
];

/// One destination, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SinkSettings {
    /// Names it; also the account of its secret.
    #[serde(skip)]
    pub id: String,
    /// What it is.
    #[serde(skip)]
    pub kind: SinkKind,
    /// Whether it is pushed to.
    #[serde(skip)]
    pub enabled: bool,
    /// The whole entry as it stands in the file, unknown keys included.
    pub value: Value,
}

/// Reads `sinks`.
pub(super) fn read(root: &Section<'_>) -> Result<Vec<SinkSettings>> {
    let list =
        root.read("sinks", &[][..], "a list of objects", |value| value.as_array().map(Vec::as_slice))?;
    let sinks = list
        .iter()
        .enumerate()
        .map(|(at, value)| sink(format!("sinks[{at}]"), value))
        .collect::<Result<Vec<_>>>()?;
    for (at, sink) in sinks.iter().enumerate() {
        if sinks[..at].iter().any(|earlier| environment_name(&earlier.id) == environment_name(&sink.id)) {
            return Err(SettingsError::invalid(
                format!("sinks[{at}].id"),
                &Value::from(sink.id.as_str()),
                "an id that no other sink has (\"-\" and \"_\" count as the same)",
            ));
        }
    }
    Ok(sinks)
}

/// Ids that differ here only would share the environment variable of their secret.
fn environment_name(id: &str) -> String {
    id.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

fn sink(path: String, value: &Value) -> Result<SinkSettings> {
    let section = Section::of(path, value)?;
    let id = section.required(
        "id",
        "1 to 64 letters, digits, \"-\" and \"_\", beginning with a letter or digit",
        |value| value.as_str().filter(|id| is_id(id)).map(str::to_owned),
    )?;
    let names = KINDS.map(|(name, _)| name).join(", ");
    let kind = section.required("kind", &names, |value| {
        KINDS.iter().find(|(name, _)| value.as_str() == Some(name)).map(|(_, kind)| *kind)
    })?;
    let enabled = section.bool("enabled", true)?;
    match kind {
        SinkKind::Supabase => {
            required_web_address(&section, "url")?;
            optional_text(&section, "schema")?;
            optional_text(&section, "table")?;
        }
        SinkKind::Airtable => {
            section.required("baseId", "the id of a base, like appXXXXXXXXXXXXXX", |value| {
                text(value).filter(|id| id.starts_with("app")).map(drop)
            })?;
            section.required("table", "the name of a table", |value| text(value).map(drop))?;
            section.read("apiUrl", (), WEB_ADDRESS, web_address)?;
            section.bool("typecast", true)?;
        }
        SinkKind::Postgres => {
            section.required("url", "postgres://USER@HOST/DATABASE", |value| {
                let url = Url::parse(value.as_str()?).ok()?;
                (matches!(url.scheme(), "postgres" | "postgresql") && url.has_host()).then_some(())
            })?;
            optional_text(&section, "schema")?;
            optional_text(&section, "table")?;
        }
        SinkKind::Webhook => required_web_address(&section, "url")?,
        SinkKind::File => {
            section.word("format", (), &[("json", ()), ("csv", ()), ("ndjson", ())])?;
            section.required("path", "a path", |value| text(value).map(drop))?;
        }
    }
    common(&section)?;
    Ok(SinkSettings { id, kind, enabled, value: value.clone() })
}

/// What every kind of sink may have.
fn common(section: &Section<'_>) -> Result<()> {
    section.word("when", (), &[("after-sync", ()), ("manual", ())])?;
    section.bool("messages", false)?;
    section.integer("previewLength", 100_u32, &(0..=500))?;
    if let Some(list) = section.given("mapping") {
        mapping(section, list)?;
    }
    let filter = section.section("filter")?;
    filter.read("platforms", (), "a list of instagram, twitter, tiktok", |value| {
        let platforms = value
            .as_array()?
            .iter()
            .map(|item| item.as_str()?.parse::<Platform>().ok())
            .collect::<Option<Vec<_>>>()?;
        all_different(&platforms).then_some(())
    })?;
    filter.read("stages", (), "a list of different stages", |value| stages(value).map(drop))?;
    filter.nullable("minScore", "a number from 0 to 10", score)?;
    filter.bool("repliedOnly", false)?;
    Ok(())
}

fn mapping(section: &Section<'_>, list: &Value) -> Result<()> {
    let allowed = "a list of objects with field, column and owner, or null";
    if list.is_null() {
        return Ok(());
    }
    let list = list.as_array().ok_or_else(|| section.invalid("mapping", allowed))?;
    let mut columns = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let entry = Section::of(format!("{}[{at}]", section.path("mapping")), value)?;
        entry.required("field", &FIELDS.join(", "), |value| {
            FIELDS.iter().find(|field| value.as_str() == Some(field)).map(drop)
        })?;
        let column = entry.required("column", "the name of a column that no other field has", |value| {
            text(value).filter(|column| !columns.contains(column))
        })?;
        columns.push(column);
        entry.word("owner", (), &[("app", ()), ("crm", ())])?;
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

const WEB_ADDRESS: &str = "an https address (http only for this machine)";

fn web_address(value: &Value) -> Option<()> {
    let url = Url::parse(value.as_str()?).ok()?;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    (safe && url.has_host()).then_some(())
}

fn required_web_address(section: &Section<'_>, key: &str) -> Result<()> {
    section.required(key, WEB_ADDRESS, web_address)
}

fn optional_text(section: &Section<'_>, key: &str) -> Result<()> {
    section.read(key, (), "a name", |value| text(value).map(drop))
}
