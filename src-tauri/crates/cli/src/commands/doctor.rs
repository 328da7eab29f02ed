//! `crm-sync doctor`: looks before anything is opened, because it must work when nothing else does.

use std::sync::Arc;

use crm_sync_engine::clock::SystemClock;
use crm_sync_engine::doctor::{self, Verdict};

use super::{Context, Outcome};
use crate::exit::Exit;
use crate::render;

pub(super) async fn run(context: &Context<'_>) -> Outcome {
    let report = doctor::examine(context.data_dir(), Arc::new(SystemClock)).await;
    if context.out.json {
        context.out.document(&report)?;
    } else {
        context.out.text(&render::doctor::report(&report, context.out.style))?;
    }
    Ok(if report.worst() == Verdict::Problem { Exit::Nothing } else { Exit::Ok })
}
