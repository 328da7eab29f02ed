//! The command line of CRM Sync: the headless face of the engine.
//!
//! What always holds in here:
//! - No rule about data: `commands/` asks the engine, `render/` turns what it says into text.
//! - Results go to standard output, everything else to standard error; a reader that leaves is no error.
//! - Text from strangers reaches the terminal only through [`text::one_line`].
//!
//! A new command is a variant in [`args`], one file in [`commands`], and a pure function in [`render`].
#![expect(unreachable_pub, reason = "a binary has no outside: `pub` is what its modules show each other")]

mod args;
mod commands;
mod exit;
mod interrupt;
mod out;
mod progress;
mod render;
mod style;
mod table;
mod text;
mod when;

use std::process::ExitCode;

use clap::Parser as _;

use crm_sync_engine::Code;

use crate::args::Cli;
use crate::exit::Exit;
use crate::out::Out;

fn main() -> ExitCode {
    // Wrong calls end here, with status 2.
    let cli = Cli::parse();
    let out = Out::new(cli.json);
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli, &out)).into(),
        Err(error) => {
            out::say(&format!("error: the operating system gives this program no threads: {error}"));
            Exit::Nothing.into()
        }
    }
}

async fn run(cli: Cli, out: &Out) -> Exit {
    match commands::run(cli, out).await {
        Ok(exit) => exit,
        Err(failure) => {
            let exit = failure.exit();
            let error = failure.into_api();
            out::say(&format!("error: {}", text::one_line(&error.message)));
            // What is wrong with a setting is said in one line, with what is allowed: that is the next step.
            if let Some(fix) = error.fix.as_ref().filter(|_| error.code != Code::InvalidSettings) {
                out::say(&format!("  → {}", text::one_line(&fix.sentence)));
            }
            if out.json {
                // Standard output may be what failed; the words above were said in any case.
                let _unheard = out.document(&serde_json::json!({ "error": error }));
            }
            exit
        }
    }
}
