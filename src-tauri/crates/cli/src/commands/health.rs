//! `crm-sync health`

use crm_sync_engine::health;
use serde_json::json;

use super::{Context, Outcome};
use crate::args::Platforms;
use crate::exit::Exit;
use crate::render;

pub(super) async fn run(context: &Context<'_>, args: Platforms) -> Outcome {
    let opened = context.open().await?;
    let found = health::check(&opened.engine, &args.platforms).await?;
    if context.out.json {
        context.out.document(&json!({ "platforms": found }))?;
    } else {
        context.out.text(&render::services::health(&found, context.out.style))?;
    }
    opened.engine.close().await;
    Ok(Exit::of(found.iter().filter(|platform| platform.ok).count(), found.len()))
}
