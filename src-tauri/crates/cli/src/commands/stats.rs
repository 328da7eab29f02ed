//! `crm-sync stats`

use crm_sync_engine::stats::{self, ServiceStats};
use serde_json::json;

use super::{Context, Outcome};
use crate::args::Platforms;
use crate::exit::Exit;
use crate::render;

pub(super) async fn run(context: &Context<'_>, args: Platforms) -> Outcome {
    let opened = context.open().await?;
    let read = stats::read(&opened.engine, &args.platforms).await?;
    if context.out.json {
        context.out.document(&json!({ "platforms": read }))?;
    } else {
        context.out.text(&render::services::stats(&read, context.out))?;
    }
    opened.engine.close().await;
    let answered = read.iter().filter(|one| !matches!(one.service, ServiceStats::Failed { .. })).count();
    Ok(Exit::of(answered, read.len()))
}
