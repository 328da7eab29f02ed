//! `crm-sync contacts`

use chrono::Local;
use crm_sync_engine::contacts::{self, Filter};
use serde_json::json;

use super::{Context, Outcome};
use crate::args::{ContactsArgs, ContactsCommand, ContactsFilter, SetStageArgs, Sort};
use crate::exit::Exit;
use crate::render::contacts::{Document, RowDocument, below, table};
use crate::text;

pub(super) async fn run(context: &Context<'_>, args: ContactsArgs) -> Outcome {
    match args.command {
        Some(ContactsCommand::SetStage(args)) => set_stage(context, args).await,
        None => list(context, args.filter).await,
    }
}

async fn list(context: &Context<'_>, args: ContactsFilter) -> Outcome {
    let opened = context.open().await?;
    let filter = filter(args);
    let found = contacts::list(&opened.engine, &filter).await?;
    let out = context.out;
    if out.json {
        let rows: Vec<_> = found.contacts.iter().map(RowDocument::of).collect();
        out.document(&json!({ "matching": found.matching, "contacts": rows }))?;
    } else if found.contacts.is_empty() {
        let everything = Filter { limit: Some(1), ..Filter::default() };
        let any = contacts::list(&opened.engine, &everything).await?.matching > 0;
        out.line(if any { "No contact matches." } else { "No contacts yet: crm-sync sync reads them." })?;
    } else {
        out.text(&table(&found.contacts, &Local, out.room, out.style))?;
        out.line(&below(&found.contacts, found.matching))?;
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}

fn filter(args: ContactsFilter) -> Filter {
    Filter {
        platforms: args.platforms.platforms,
        stages: args.stage,
        min_score: args.min_score,
        unread: args.unread,
        awaiting_reply: args.awaiting_reply,
        search: args.search,
        sort: match args.sort {
            Sort::Score => contacts::Sort::Score,
            Sort::Activity => contacts::Sort::Activity,
            Sort::Name => contacts::Sort::Name,
        },
        limit: args.limit,
    }
}

async fn set_stage(context: &Context<'_>, args: SetStageArgs) -> Outcome {
    let opened = context.open().await?;
    let (platform, username) = (args.contact.platform, args.contact.username);
    let contact = contacts::set_stage(&opened.engine, platform, &username, args.stage.as_deref()).await?;
    if context.out.json {
        context.out.document(&Document::of(&contact))?;
    } else {
        let name = text::one_line(&contact.username);
        let stage = contact.stage().map(|(stage, _)| text::one_line(stage));
        context.out.line(&match stage {
            Some(stage) if args.clear => {
                format!("{name} on {platform} is {stage} again, as the service says.")
            }
            Some(stage) => format!("{name} on {platform} is {stage} now; no sync changes that."),
            None => format!("{name} on {platform} has no stage now."),
        })?;
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}
