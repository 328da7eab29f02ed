//! `crm-sync runs`

use chrono::Local;
use crm_sync_engine::runs;
use serde_json::json;

use super::{Context, Outcome};
use crate::args::RunsCommand;
use crate::exit::Exit;
use crate::render;

/// As many as one looks through.
const LATEST: u32 = 50;

pub(super) async fn run(context: &Context<'_>, command: RunsCommand) -> Outcome {
    let opened = context.open().await?;
    let out = context.out;
    match command {
        RunsCommand::List => {
            let runs = runs::list(&opened.engine, LATEST).await?;
            if out.json {
                let runs: Vec<_> = runs.iter().map(render::runs::summary_document).collect();
                out.document(&json!({ "runs": runs }))?;
            } else if runs.is_empty() {
                out.line("No runs yet: crm-sync sync makes the first.")?;
            } else {
                out.text(&render::runs::list(&runs, &Local, out.room, out.style))?;
            }
        }
        RunsCommand::Show { id } => {
            let run = runs::show(&opened.engine, &id).await?;
            if out.json {
                out.document(&render::runs::record_document(&run))?;
            } else {
                out.text(&render::runs::record(&run, &Local, out.style))?;
            }
        }
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}
