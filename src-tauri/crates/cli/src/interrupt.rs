//! Ctrl-C and SIGTERM: the first stops the run cleanly, the second ends the program at once.

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::exit::Exit;

/// Listens until dropped.
#[derive(Debug)]
pub struct Interrupts(JoinHandle<()>);

impl Interrupts {
    /// Cancels `cancel` at the first signal, and says what that means to `notes`.
    pub fn watch(cancel: CancellationToken, notes: UnboundedSender<String>) -> std::io::Result<Self> {
        let mut signals = Signals::listen()?;
        Ok(Self(tokio::spawn(async move {
            signals.next().await;
            // Nobody reads notes any more once the run is over.
            let _over = notes.send(
                "Stopping. Everything read so far is saved; the conversation in hand is read again next time. \
                 Ctrl-C again quits at once."
                    .to_owned(),
            );
            cancel.cancel();
            signals.next().await;
            std::process::exit(Exit::Partly.code());
        })))
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Returns at the first Ctrl-C or SIGTERM.
pub async fn one() -> std::io::Result<()> {
    Signals::listen()?.next().await;
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
            close: tokio::signal::windows::ctrl_close()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.close.recv() => {}
        }
    }
}
