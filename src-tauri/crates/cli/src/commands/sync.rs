//! `crm-sync sync`

use std::path::{Path, PathBuf};
use std::time::Duration;

use crm_sync_domain::plan::Mode;
use crm_sync_engine::lock::{LockError, SyncLock};
use crm_sync_engine::sync::{self, RunDocument, SyncRequest, Trigger};
use crm_sync_engine::{ApiError, Engine};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Context, Outcome};
use crate::args::SyncArgs;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupts;
use crate::{out, progress, render, when};

pub(super) async fn run(context: &Context<'_>, args: SyncArgs) -> Outcome {
    let wait = Duration::from_secs(args.wait.unwrap_or(0));
    let request = request(args)?;
    let opened = context.open().await?;
    let document = watched(context, &opened.engine, request, wait).await?;
    show(context, &document)?;
    opened.engine.close().await;
    Ok(Exit::from(document.outcome))
}

fn request(args: SyncArgs) -> Result<SyncRequest, Failure> {
    let mode = if args.full {
        Mode::Full
    } else if args.unread_only {
        Mode::UnreadOnly
    } else if args.list_only {
        Mode::ListOnly
    } else {
        Mode::Changed
    };
    Ok(SyncRequest {
        platforms: args.platforms.platforms,
        mode,
        // Without the option, the settings decide.
        leave_unread: args.leave_unread.then_some(true),
        message_limit: args.messages,
        rescore: args.rescore,
        trigger: Trigger::CommandLine,
        output: args.output.as_deref().map(writable_place).transpose()?,
    })
}

/// The path made absolute, if a file can come to stand there: better said before the work than after it.
pub(super) fn writable_place(path: &Path) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path)?;
    if path.is_dir() {
        return Err(Failure::wrong_call(format!("--output {} is a folder; name a file", path.display())));
    }
    match path.parent() {
        Some(folder) if !folder.is_dir() => Err(Failure::wrong_call(format!(
            "--output {}: the folder {} does not exist",
            path.display(),
            folder.display()
        ))),
        _ => Ok(path),
    }
}

/// Syncs with live progress, and stops cleanly at Ctrl-C.
pub(super) async fn watched(
    context: &Context<'_>,
    engine: &Engine,
    request: SyncRequest,
    wait: Duration,
) -> Result<RunDocument, ApiError> {
    let (events, shown_events) = mpsc::unbounded_channel();
    let (notes, shown_notes) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let interrupts = Interrupts::watch(cancel.clone(), notes)
        .inspect_err(|error| tracing::warn!(%error, "Ctrl-C can't be listened for"));
    let shown = tokio::spawn(progress::show(shown_events, shown_notes, context.verbose > 0));
    let ended = async {
        let _lock = lock(engine, wait, &cancel).await?;
        sync::run(engine, request, events, cancel.clone()).await
    }
    .await;
    drop(interrupts);
    if let Err(error) = shown.await {
        tracing::warn!(%error, "the progress was not shown to its end");
    }
    ended
}

async fn lock(engine: &Engine, wait: Duration, cancel: &CancellationToken) -> Result<SyncLock, LockError> {
    match SyncLock::try_acquire(engine.data_dir()) {
        Err(held @ LockError::Held(_)) if !wait.is_zero() => {
            out::say(&format!("Waiting up to {}: {held}.", when::lasted(wait)));
            SyncLock::wait_for(engine.data_dir(), wait, cancel).await
        }
        outcome => outcome,
    }
}

fn show(context: &Context<'_>, document: &RunDocument) -> std::io::Result<()> {
    if context.out.json {
        context.out.document(document)
    } else {
        context.out.text(&render::sync::document(document, context.out.style))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_can_hold_no_file_is_refused_before_anything_starts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable_place(folder.path()).unwrap_err().exit(), Exit::WrongCall);
        assert_eq!(writable_place(&folder.path().join("no/where.json")).unwrap_err().exit(), Exit::WrongCall);
        assert_eq!(writable_place(&folder.path().join("a.json")).unwrap(), folder.path().join("a.json"));
        assert!(writable_place(Path::new("a.json")).unwrap().is_absolute());
    }
}
