//! `crm-sync export`

use std::io::Write as _;

use crm_sync_engine::export::{self, Options};
use serde_json::json;

use super::sync::writable_place;
use super::{Context, Outcome};
use crate::args::{ExportArgs, Format};
use crate::exit::{Exit, Failure};
use crate::out::Pipe;
use crate::text;

pub(super) async fn run(context: &Context<'_>, args: ExportArgs) -> Outcome {
    let out = context.out;
    if out.json && args.output.is_none() && args.format != Format::Json {
        return Err(Failure::wrong_call(
            "--json would mix two formats on standard output: add --output FILE",
        ));
    }
    let options = Options {
        format: match args.format {
            Format::Json => export::Format::Json,
            Format::Csv => export::Format::Csv,
            Format::Ndjson => export::Format::Ndjson,
        },
        messages: args.messages,
    };
    let place = args.output.as_deref().map(writable_place).transpose()?;
    let opened = context.open().await?;
    if let Some(place) = place {
        let written = export::write_file(&opened.engine, options, &place).await?;
        if out.json {
            let (contacts, messages) = (written.contacts, written.messages);
            out.document(&json!({ "output": place, "contacts": contacts, "messages": messages }))?;
        } else {
            let name = text::one_line(&place.display().to_string());
            out.line(&format!("Written: {name} ({})", text::count(written.contacts, "contact")))?;
        }
    } else {
        let mut pipe = Pipe::new();
        export::write_to(&opened.engine, options, &mut pipe).await?;
        pipe.flush()?;
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}
