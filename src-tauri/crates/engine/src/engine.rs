//! What every use case works with.

use std::sync::Arc;
use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_http::{ClientOptions, HttpClient, HttpError};
use crm_sync_services::{Service, Timeouts};
use crm_sync_store::Store;
use url::Url;

use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::error::ApiError;
use crate::settings::{ServiceSettings, Settings, SettingsFile};

/// One data directory, opened: its settings, its cache and its clock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    data_dir: DataDir,
    clock: Arc<dyn Clock>,
    settings: Arc<SettingsFile>,
    store: Store,
}

impl Engine {
    /// Reads the settings and opens the cache, creating and migrating it where needed.
    ///
    /// Errors: settings that are wrong, a cache that can't be used. Nothing is changed then.
    pub async fn open(data_dir: DataDir, clock: Arc<dyn Clock>) -> Result<Self, ApiError> {
        let settings = Arc::new(SettingsFile::load(&data_dir.settings_path())?);
        let store = Store::open(&data_dir.database_path(), &data_dir.backups()).await?;
        Ok(Self { data_dir, clock, settings, store })
    }

    /// Closes the cache; the engine's clones can't use it any more either.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// The data directory.
    pub const fn data_dir(&self) -> &DataDir {
        &self.data_dir
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The settings as they were when the engine was opened.
    pub fn settings(&self) -> &Settings {
        self.settings.settings()
    }

    /// The same with the file they came from.
    pub fn settings_file(&self) -> &SettingsFile {
        &self.settings
    }

    /// The cache.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The platforms that a command is about: those that were named, or else all that are switched on; in their
    /// order, each once.
    pub fn platforms(&self, named: &[Platform]) -> Vec<Platform> {
        if named.is_empty() {
            return self.settings().enabled_platforms();
        }
        Platform::ALL.into_iter().filter(|platform| named.contains(platform)).collect()
    }

    /// A client for a platform's service as the settings say, with its own count of calls.
    pub fn service(&self, platform: Platform) -> Result<Service, ApiError> {
        self.service_at(platform, &self.settings().service(platform).base_url)
            .map_err(|error| ApiError::address(platform, &error))
    }

    /// A client for a service at another address than the settings say.
    pub(crate) fn service_at(&self, platform: Platform, base: &Url) -> Result<Service, HttpError> {
        let ServiceSettings { allow_remote, .. } = self.settings().service(platform);
        let options = ClientOptions { allow_remote: *allow_remote, ..ClientOptions::default() };
        let http = HttpClient::for_service(base, options)?;
        Ok(Service::new(platform, base.clone(), http, self.timeouts()))
    }

    fn timeouts(&self) -> Timeouts {
        let sync = &self.settings().sync;
        Timeouts {
            request: Duration::from_millis(sync.request_timeout_ms),
            open: Duration::from_millis(sync.open_timeout_ms),
            list: Duration::from_millis(sync.list_timeout_ms),
        }
    }
}
