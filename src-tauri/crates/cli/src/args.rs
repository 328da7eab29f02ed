//! The options of every command: the command line's contract, and nothing else.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand, ValueEnum};
use crm_sync_domain::Platform;

/// Read the inboxes of Instagram, Twitter and TikTok into one cache.
#[derive(Debug, Parser)]
#[command(
    name = "crm-sync",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit status: 0 all done · 1 nothing could be done · 2 wrong call or configuration · 3 partly done or cancelled"
)]
pub struct Cli {
    /// The data directory.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help = "Where settings, cache and logs are kept [env: CRM_SYNC_DATA_DIR=]"
    )]
    pub data_dir: Option<PathBuf>,
    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Log more to standard error (-v: what happens, -vv: every call)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read what is new in the inboxes
    Sync(SyncArgs),
    /// Ask the services whether they can be read
    Health(Platforms),
    /// Show the services' own CRM statistics beside what the cache counts
    Stats(Platforms),
    /// Have the services recalculate scores, and show them
    Score(ScoreArgs),
    /// Write the whole cache as JSON, CSV or NDJSON
    Export(ExportArgs),
    /// List contacts, or set a contact's stage
    Contacts(ContactsArgs),
    /// Show a conversation, or search in all of them
    Messages(MessagesArgs),
    /// Help a service back to its inbox or its Safari tab
    #[command(subcommand)]
    Services(ServicesCommand),
    /// Read and change the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at earlier runs
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Start three simulated inboxes, sync them, and show the result
    Demo(DemoArgs),
    /// Say what is wrong on this machine, and the next thing to do
    Doctor,
}

/// The platforms a command is about.
#[derive(Debug, Clone, Args)]
pub struct Platforms {
    /// Only this platform (may be given several times)
    #[arg(long = "platform", value_name = "NAME", value_parser = platform())]
    pub platforms: Vec<Platform>,
}

/// One contact by its platform and name.
#[derive(Debug, Clone, Args)]
pub struct ContactName {
    /// The contact's platform
    #[arg(long, value_name = "NAME", value_parser = platform())]
    pub platform: Platform,
    /// The contact's name, with or without @, in any case
    #[arg(long, value_name = "NAME")]
    pub username: String,
}

/// `sync`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mode").multiple(false))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct SyncArgs {
    #[command(flatten)]
    pub platforms: Platforms,
    /// List to the end and open every conversation
    #[arg(long, group = "mode")]
    pub full: bool,
    /// Open only what is unread
    #[arg(long, group = "mode", conflicts_with = "leave_unread")]
    pub unread_only: bool,
    /// Open nothing: contacts and previews only
    #[arg(long, group = "mode", conflicts_with = "messages")]
    pub list_only: bool,
    /// Don't open unread conversations (opening marks them as read on the platform)
    #[arg(long)]
    pub leave_unread: bool,
    /// How many messages to ask for per conversation
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub messages: Option<u32>,
    /// Have the services recalculate all scores first
    #[arg(long)]
    pub rescore: bool,
    /// Don't push to the destinations afterwards
    #[arg(long)]
    pub no_push: bool,
    /// Write the whole cache to this file afterwards
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Wait this long for another sync to end
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

/// `score`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true).multiple(false))]
pub struct ScoreArgs {
    /// Every contact of the platforms
    #[arg(long, group = "whom")]
    pub all: bool,
    #[command(flatten)]
    pub platforms: Platforms,
    /// One contact
    #[arg(long, value_name = "NAME", group = "whom", requires = "platforms")]
    pub username: Option<String>,
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The format
    #[arg(long, value_enum, default_value = "json")]
    pub format: Format,
    /// Write to this file, atomically, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Add the messages to CSV and NDJSON (JSON always holds them)
    #[arg(long)]
    pub messages: bool,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One document: `crm_sync_output.json`
    Json,
    /// One line per contact, for spreadsheets
    Csv,
    /// One JSON object per line and contact
    Ndjson,
}

/// `contacts`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ContactsArgs {
    #[command(subcommand)]
    pub command: Option<ContactsCommand>,
    #[command(flatten)]
    pub filter: ContactsFilter,
}

/// What can be done to a contact.
#[derive(Debug, Subcommand)]
pub enum ContactsCommand {
    /// Set a contact's stage yourself; no sync changes it afterwards
    SetStage(SetStageArgs),
}

/// `contacts set-stage`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(false))]
pub struct SetStageArgs {
    #[command(flatten)]
    pub contact: ContactName,
    /// The stage
    #[arg(group = "what")]
    pub stage: Option<String>,
    /// Forget the stage set here; the service's counts again
    #[arg(long, group = "what")]
    pub clear: bool,
}

/// Which contacts, in which order.
#[derive(Debug, Args)]
pub struct ContactsFilter {
    #[command(flatten)]
    pub platforms: Platforms,
    /// Only this stage (may be given several times)
    #[arg(long, value_name = "S")]
    pub stage: Vec<String>,
    /// Only contacts scored at least this, on 0–10
    #[arg(long, value_name = "X", value_parser = score)]
    pub min_score: Option<f64>,
    /// Only unread conversations
    #[arg(long)]
    pub unread: bool,
    /// Only where the last word is theirs
    #[arg(long)]
    pub awaiting_reply: bool,
    /// Only where name or last message holds this text
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// The order
    #[arg(long, value_enum, default_value = "activity")]
    pub sort: Sort,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

/// The order of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Highest engagement first
    Score,
    /// Latest activity first
    Activity,
    /// By platform and name
    Name,
}

/// `messages`
#[derive(Debug, Args)]
pub struct MessagesArgs {
    /// The contact's platform
    #[arg(long, value_name = "NAME", value_parser = platform(), requires = "username", required_unless_present = "search")]
    pub platform: Option<Platform>,
    /// The contact's name, with or without @, in any case
    #[arg(long, value_name = "NAME", requires = "platform", required_unless_present = "search")]
    pub username: Option<String>,
    /// Search all messages for these words
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["platform", "username"])]
    pub search: Option<String>,
}

/// `services`
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Have the service show its inbox again
    Navigate(ServiceName),
    /// Have the service look for its Safari tab again
    Reattach(ServiceName),
}

/// One service.
#[derive(Debug, Args)]
pub struct ServiceName {
    /// instagram, twitter or tiktok
    #[arg(value_name = "NAME", value_parser = platform())]
    pub platform: Platform,
}

/// `config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print where settings.json is
    Path,
    /// Print one setting
    Get {
        /// The key, such as services.instagram.baseUrl
        key: String,
    },
    /// Change one setting
    Set {
        /// The key, such as services.instagram.baseUrl
        key: String,
        /// The value: JSON, or plain text where text is expected
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Check the settings file
    Check,
}

/// `runs`
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// The latest runs, newest first
    List,
    /// One run with its steps
    Show {
        /// The run's id, or how it begins
        id: String,
    },
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many contacts the three inboxes have together
    #[arg(long, value_name = "N", default_value_t = 36, value_parser = clap::value_parser!(u32).range(3..=30_000))]
    pub contacts: u32,
    /// The seed of the simulated world: the same seed, the same world
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Write the result to this file as well
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Keep the simulated services running until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}

fn platform() -> impl TypedValueParser<Value = Platform> {
    PossibleValuesParser::new(Platform::ALL.map(Platform::as_str)).try_map(|word| word.parse::<Platform>())
}

fn score(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=10.0).contains(&value) => Ok(value),
        _ => Err("allowed: a number from 0 to 10".to_owned()),
    }
}

#[cfg(test)]
mod tests;
