use clap::{CommandFactory, error::ErrorKind};
use rstest::rstest;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(format!("crm-sync {line}").split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[rstest]
#[case("sync")]
#[case("sync --platform instagram --platform tiktok --full --rescore --no-push --output a.json --wait 60")]
#[case("sync --list-only --leave-unread --json")]
#[case("--json --data-dir /tmp/x -vv health --platform twitter")]
#[case("score --all")]
#[case("score --all --platform instagram --platform tiktok")]
#[case("score --platform instagram --username @sara")]
#[case("export --format csv --messages --output a.csv")]
#[case(
    "contacts --stage warm --stage hot --min-score 7.5 --unread --awaiting-reply --search x --sort score --limit 5"
)]
#[case("contacts set-stage --platform tiktok --username sara hot")]
#[case("contacts set-stage --platform tiktok --username sara --clear")]
#[case("messages --platform tiktok --username sara")]
#[case("messages --search hello")]
#[case("services navigate instagram")]
#[case("services reattach tiktok")]
#[case("config path")]
#[case("config set sync.recheckPerRun 0")]
#[case("runs show 01J")]
#[case("demo --contacts 5 --seed 7 --keep")]
#[case("doctor --json")]
fn what_is_documented_is_accepted(#[case] line: &str) {
    parse(line).unwrap();
}

#[rstest]
#[case("sync --full --list-only")]
#[case("sync --full --unread-only")]
#[case("sync --unread-only --leave-unread")]
#[case("sync --list-only --messages 5")]
#[case("sync --messages 0")]
#[case("sync --platform linkedin")]
#[case("sync --platform Instagram")]
#[case("score")]
#[case("score --username sara")]
#[case("score --all --platform instagram --username sara")]
#[case("contacts --min-score NaN")]
#[case("contacts --min-score 11")]
#[case("contacts --unread set-stage --platform tiktok --username sara hot")]
#[case("contacts set-stage --platform tiktok --username sara")]
#[case("contacts set-stage --platform tiktok --username sara hot --clear")]
#[case("messages")]
#[case("messages --username sara")]
#[case("messages --platform tiktok")]
#[case("messages --platform tiktok --username sara --search x")]
#[case("export --format xml")]
#[case("push")]
#[case("serve")]
#[case("secret list")]
#[case("sinks list")]
fn what_contradicts_itself_is_refused_as_a_wrong_call(#[case] line: &str) {
    assert_eq!(parse(line).unwrap_err().exit_code(), 2);
}

#[test]
fn help_and_version_are_no_errors() {
    assert_eq!(parse("--help").unwrap_err().exit_code(), 0);
    assert_eq!(parse("sync --version").unwrap_err().kind(), ErrorKind::DisplayVersion);
}
