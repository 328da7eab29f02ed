//! A plain client.

use crm_sync_domain::Platform;
use crm_sync_simulator::{InboxSpec, Scenario, Simulator, World, WorldSpec};
use serde_json::{Value, json};

pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    prefix: &'static str,
}

impl Client {
    #[expect(clippy::disallowed_methods, reason = "the simulator knows nothing of the product's own client")]
    pub(crate) fn new(simulator: &Simulator, platform: Platform) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let prefix = match platform {
            Platform::Instagram => "/api",
            Platform::Twitter => "/api/twitter",
            Platform::TikTok => "/api/tiktok",
        };
        Self { http, base: simulator.base_url(platform), prefix }
    }

    /// With a path that begins with the root.
    pub(crate) async fn raw_get(&self, path: &str) -> Result<reqwest::Response, reqwest::Error> {
        self.http.get(format!("{}{path}", self.base)).send().await
    }

    /// With a path behind the platform's prefix.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        parts(self.raw_get(&format!("{}{path}", self.prefix)).await.unwrap()).await
    }

    pub(crate) async fn raw_post(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<reqwest::Response, reqwest::Error> {
        self.http.post(format!("{}{path}", self.base)).json(body).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        parts(self.raw_post(&format!("{}{path}", self.prefix), body).await.unwrap()).await
    }

    pub(crate) async fn open(&self, name: &str) -> (u16, Value) {
        self.post("/conversations/open", &json!({ "username": name })).await
    }

    pub(crate) async fn texts(&self) -> Vec<String> {
        let (_, body) = self.get("/messages?limit=50").await;
        let messages = body["messages"].as_array().unwrap().clone();
        messages.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn names(&self) -> Vec<String> {
        names(&self.get("/conversations").await.1["conversations"])
    }
}

pub(crate) fn names(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect()
}

/// Anything that is no JSON comes as a text.
async fn parts(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) fn world(inbox: &InboxSpec) -> World {
    World::generate(&WorldSpec::uniform(11, inbox))
}

pub(crate) async fn start(inbox: &InboxSpec, scenario: Scenario) -> Simulator {
    Simulator::start(world(inbox), scenario).await.unwrap()
}

pub(crate) fn shown(simulator: &Simulator, platform: Platform, place: usize) -> (String, Vec<String>) {
    let contact = &simulator.truth(platform)[place];
    let messages = simulator.visible(platform, contact.person, 50).unwrap();
    (contact.listed_name.clone(), messages.into_iter().map(|m| m.text).collect())
}

/// The keys of an object in their order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
