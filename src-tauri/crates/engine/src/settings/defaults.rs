//! What a setting is when the file doesn't say.

use crm_sync_domain::InboxTab;
use url::Url;

use super::{
    App, Concurrency, Dock, LogLevel, Notifications, Output, Push, ServiceSettings, Services, Settings, Sync,
    VERSION,
};

impl Default for Settings {
    fn default() -> Self {
        let service = |address, open_tabs: &[InboxTab]| ServiceSettings {
            enabled: true,
            base_url: address,
            allow_remote: false,
            interval_minutes: None,
            open_tabs: open_tabs.to_vec(),
        };
        Self {
            version: VERSION,
            services: Services {
                // The documented port; the real server's own default is 3100, and `health` looks there too.
                instagram: service(local(3001), &[InboxTab::Primary, InboxTab::General, InboxTab::Requests]),
                twitter: service(local(3003), &[InboxTab::Inbox, InboxTab::Requests]),
                tiktok: service(local(3102), &[InboxTab::Inbox]),
            },
            sync: Sync {
                interval_minutes: 60,
                run_at_start: true,
                quiet_hours: None,
                message_limit: 50,
                concurrency: Concurrency::Parallel,
                leave_unread: false,
                recheck_per_run: 2,
                tiktok_max_scrolls: 200,
                twitter_thread_scrolls: 0,
                settle_timeout_ms: 8_000,
                open_timeout_ms: 45_000,
                list_timeout_ms: 180_000,
                request_timeout_ms: 45_000,
            },
            push: Push { after_sync: true },
            output: Output { file: None },
            stages: ["new", "cold", "warm", "hot", "customer", "lost"].map(str::to_owned).to_vec(),
            notifications: Notifications {
                needs_you: true,
                sink_stopped: true,
                replies_from_stage: Vec::new(),
                replies_from_score: None,
            },
            app: App {
                launch_at_login: false,
                dock: Dock::WithWindow,
                close_keeps_running: true,
                single_letter_keys: true,
                log_level: LogLevel::Info,
            },
            sinks: Vec::new(),
        }
    }
}

#[expect(clippy::expect_used, reason = "the text is ours and always an address")]
fn local(port: u16) -> Url {
    Url::parse(&format!("http://localhost:{port}")).expect("a loopback address")
}
