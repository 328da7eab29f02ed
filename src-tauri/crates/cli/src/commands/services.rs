//! `crm-sync services`

use crm_sync_engine::browser;
use serde_json::json;

use super::{Context, Outcome};
use crate::args::ServicesCommand;
use crate::exit::Exit;
use crate::text;

pub(super) async fn run(context: &Context<'_>, command: ServicesCommand) -> Outcome {
    let opened = context.open().await?;
    let (platform, said) = match command {
        ServicesCommand::Navigate(service) => {
            (service.platform, browser::navigate(&opened.engine, service.platform).await?)
        }
        ServicesCommand::Reattach(service) => {
            (service.platform, browser::reattach(&opened.engine, service.platform).await?)
        }
    };
    if context.out.json {
        context.out.document(&json!({ "platform": platform, "message": said }))?;
    } else {
        context.out.line(&text::one_line(&said))?;
    }
    opened.engine.close().await;
    Ok(Exit::Ok)
}
