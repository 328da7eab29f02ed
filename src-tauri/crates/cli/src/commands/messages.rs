//! `crm-sync messages`

use chrono::Local;
use crm_sync_engine::contacts;
use serde_json::json;

use super::{Context, Outcome};
use crate::args::MessagesArgs;
use crate::exit::{Exit, Failure};
use crate::render::contacts::Document;
use crate::render::timeline::{self, MessageDocument};

/// More hits than that are no answer to a person; the words should be narrower.
const HITS: u32 = 200;

pub(super) async fn run(context: &Context<'_>, args: MessagesArgs) -> Outcome {
    let opened = context.open().await?;
    let out = context.out;
    match (args.search, args.platform, args.username) {
        (Some(words), _, _) => {
            let hits = contacts::search_messages(&opened.engine, &words, HITS).await?;
            if out.json {
                let hits: Vec<_> = hits.iter().map(timeline::hit_document).collect();
                out.document(&json!({ "hits": hits }))?;
            } else {
                out.text(&timeline::hits(&hits, &Local, out))?;
            }
        }
        (None, Some(platform), Some(username)) => {
            let (contact, thread) = contacts::thread(&opened.engine, platform, &username).await?;
            if out.json {
                let messages: Vec<_> = thread.iter().map(MessageDocument::of).collect();
                out.document(&json!({ "contact": Document::of(&contact), "messages": messages }))?;
            } else {
                out.text(&timeline::thread(&contact, &thread, &Local, out.style))?;
            }
        }
        (None, _, _) => {
            return Err(Failure::wrong_call("name a contact with --platform and --username, or --search"));
        }
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}
