//! `crm-sync score`

use crm_sync_engine::scores;
use serde_json::json;

use super::{Context, Outcome};
use crate::args::ScoreArgs;
use crate::exit::{Exit, Failure};
use crate::render;

pub(super) async fn run(context: &Context<'_>, args: ScoreArgs) -> Outcome {
    let out = context.out;
    match (args.username, args.platforms.platforms.as_slice()) {
        (None, platforms) => {
            let opened = context.open().await?;
            let scored = scores::all(&opened.engine, platforms).await?;
            if out.json {
                out.document(&json!({ "platforms": scored }))?;
            } else {
                out.text(&render::services::scores(&scored, out))?;
            }
            opened.engine.close().await;
            Ok(Exit::of(scored.iter().filter(|platform| platform.ok).count(), scored.len()))
        }
        (Some(username), [platform]) => {
            let opened = context.open().await?;
            let scored = scores::one(&opened.engine, *platform, &username).await?;
            if out.json {
                out.document(&scored)?;
            } else {
                out.line(&render::services::one_score(&scored))?;
            }
            opened.engine.close().await;
            Ok(Exit::Ok)
        }
        (Some(_), _) => {
            Err(Failure::wrong_call("--username names a contact of one platform: give --platform once"))
        }
    }
}
