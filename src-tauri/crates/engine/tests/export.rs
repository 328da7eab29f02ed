//! The payload to the letter, and what a spreadsheet, a full disk and a big cache make of it.
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed promise")]

mod common;

use std::fs;
use std::path::Path;

use common::{World, exact, message, seen, time, vague};
use crm_sync_domain::score::{RawScore, ScoreField};
use crm_sync_domain::{Direction, NameKey, Platform};
use crm_sync_engine::Code;
use crm_sync_engine::export::{self, Exported, Format, Options};
use crm_sync_store::{ScoreUpdate, SeenContact};

const JSON: Options = Options { format: Format::Json, messages: false };

async fn text(world: &World, options: Options) -> String {
    let mut bytes = Vec::new();
    export::write_to(&world.engine, options, &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Three contacts: one of whom everything is known, one of whom nothing is, one who writes like a formula.
async fn known_world() -> World {
    let world = World::new().await;
    let run = world.run("r1", Some("2026-02-26T21:00:00Z")).await;
    let sara = SeenContact {
        display_name: Some("Sarah \"E\" Ashley".to_owned()),
        preview: Some("older preview".to_owned()),
        unread: Some(true),
        activity: Some(exact("2026-02-26T20:00:00Z")),
        ..seen("SaraheAshley")
    };
    world.list(&run, Platform::Instagram, "2026-02-26T20:30:00Z", vec![sara]).await;
    let mut first = message(Direction::Inbound, "Hey!\nThanks");
    first.message.id = Some("msg_001".to_owned());
    first.message.sender = Some("saraheashley".to_owned());
    first.sent = Some(exact("2026-02-26T20:15:00Z"));
    let mut second = message(Direction::Outbound, "سلام 👋");
    second.sent = Some(vague("Yesterday"));
    let mut third = message(Direction::Inbound, "third");
    third.message.direction = None;
    let thread = vec![first, second, message(Direction::Inbound, "unsigned"), third];
    world.read(&run, Platform::Instagram, "saraheashley", "2026-02-26T20:31:00Z", thread).await;
    let update = ScoreUpdate {
        key: NameKey::of("saraheashley").unwrap(),
        service_contact_id: None,
        score: Some(8.5),
        raw: Some(RawScore { value: 8.5, field: ScoreField::EngagementScore }),
        stage: Some("warm".to_owned()),
        messages_sent: Some(3),
        replies_received: Some(2),
        last_contacted: Some(exact("2026-02-26T20:00:00Z")),
    };
    let store = world.engine.store();
    store.store_scores(Platform::Instagram, time("2026-02-26T20:31:00Z"), &[update]).await.unwrap();
    let listed = vec![
        SeenContact { preview: Some(String::new()), activity: Some(vague("2d")), ..seen("Zed") },
        SeenContact { preview: Some("=HYPERLINK(\"x\")".to_owned()), ..seen("-amy") },
    ];
    world.list(&run, Platform::TikTok, "2026-02-26T20:40:00Z", listed).await;
    let zed = world.id(Platform::TikTok, "zed").await;
    store.set_stage(zed, Some("hot"), time("2026-02-26T20:50:00Z")).await.unwrap();
    world
}

#[tokio::test]
async fn the_json_document_is_exactly_as_documented() {
    let world = known_world().await;
    let expected = r#"{
  "syncedAt": "2026-02-26T21:00:00Z",
  "totalContacts": 3,
  "contacts": [
    {
      "platform": "instagram",
      "username": "SaraheAshley",
      "displayName": "Sarah \"E\" Ashley",
      "lastMessage": "third",
      "lastMessageAt": "2026-02-26T20:00:00Z",
      "unread": true,
      "messages": [
        {
          "id": "msg_001",
          "sender": "saraheashley",
          "text": "Hey!\nThanks",
          "timestamp": "2026-02-26T20:15:00Z",
          "isOutbound": false
        },
        {
          "id": null,
          "sender": null,
          "text": "سلام 👋",
          "timestamp": null,
          "isOutbound": true
        },
        {
          "id": null,
          "sender": "SaraheAshley",
          "text": "unsigned",
          "timestamp": null,
          "isOutbound": false
        },
        {
          "id": null,
          "sender": null,
          "text": "third",
          "timestamp": null,
          "isOutbound": null
        }
      ],
      "messageCount": 4,
      "engagementScore": 8.5,
      "stage": "warm",
      "messagesSent": 3,
      "repliesReceived": 2,
      "lastContactedAt": "2026-02-26T20:00:00Z",
      "syncedAt": "2026-02-26T20:30:00Z"
    },
    {
      "platform": "tiktok",
      "username": "-amy",
      "displayName": "-amy",
      "lastMessage": "=HYPERLINK(\"x\")",
      "lastMessageAt": null,
      "unread": null,
      "messages": [],
      "messageCount": 0,
      "engagementScore": null,
      "stage": null,
      "messagesSent": null,
      "repliesReceived": null,
      "lastContactedAt": null,
      "syncedAt": "2026-02-26T20:40:00Z"
    },
    {
      "platform": "tiktok",
      "username": "Zed",
      "displayName": "Zed",
      "lastMessage": null,
      "lastMessageAt": null,
      "unread": null,
      "messages": [],
      "messageCount": 0,
      "engagementScore": null,
      "stage": "hot",
      "messagesSent": null,
      "repliesReceived": null,
      "lastContactedAt": null,
      "syncedAt": "2026-02-26T20:40:00Z"
    }
  ]
}
"#;
    assert_eq!(text(&world, JSON).await, expected);
}

#[tokio::test]
async fn an_empty_cache_is_a_whole_document() {
    let world = World::new().await;
    let expected = "{\n  \"syncedAt\": null,\n  \"totalContacts\": 0,\n  \"contacts\": []\n}\n";
    assert_eq!(text(&world, JSON).await, expected);
}

#[tokio::test]
async fn the_last_message_is_the_later_of_read_and_listing_and_silence_blanks_nothing() {
    let world = World::new().await;
    let run = world.run("r1", None).await;
    let last = async || {
        let document: serde_json::Value = serde_json::from_str(&text(&world, JSON).await).unwrap();
        document["contacts"][0]["lastMessage"].as_str().map(str::to_owned)
    };
    let listed = |preview: &str| vec![SeenContact { preview: Some(preview.to_owned()), ..seen("amy") }];
    world.list(&run, Platform::Twitter, "2026-02-26T10:00:00Z", listed("first")).await;
    assert_eq!(last().await.as_deref(), Some("first"));
    let thread = vec![message(Direction::Inbound, "first and whole")];
    world.read(&run, Platform::Twitter, "amy", "2026-02-26T10:01:00Z", thread).await;
    assert_eq!(last().await.as_deref(), Some("first and whole"));
    world.list(&run, Platform::Twitter, "2026-02-26T11:00:00Z", listed("second")).await;
    assert_eq!(last().await.as_deref(), Some("second"));
    world.list(&run, Platform::Twitter, "2026-02-26T12:00:00Z", listed("")).await;
    assert_eq!(last().await.as_deref(), Some("first and whole"));
}

#[tokio::test]
async fn csv_has_one_row_per_contact_and_no_formula() {
    let world = known_world().await;
    let header = "platform,username,displayName,lastMessage,lastMessageAt,unread,messageCount,engagementScore,stage,messagesSent,repliesReceived,lastContactedAt,syncedAt";
    let plain = text(&world, Options { format: Format::Csv, messages: false }).await;
    assert_eq!(
        plain,
        format!(
            "{header}\n\
             instagram,SaraheAshley,\"Sarah \"\"E\"\" Ashley\",third,2026-02-26T20:00:00Z,true,4,8.5,warm,3,2,2026-02-26T20:00:00Z,2026-02-26T20:30:00Z\n\
             tiktok,'-amy,'-amy,\"'=HYPERLINK(\"\"x\"\")\",,,0,,,,,,2026-02-26T20:40:00Z\n\
             tiktok,Zed,Zed,,,,0,,hot,,,,2026-02-26T20:40:00Z\n"
        )
    );
    let with_bodies = text(&world, Options { format: Format::Csv, messages: true }).await;
    let mut reader = csv::Reader::from_reader(with_bodies.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("messages"));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let messages: serde_json::Value = serde_json::from_str(rows[0].iter().next_back().unwrap()).unwrap();
    assert_eq!((rows.len(), messages[0]["text"].as_str()), (3, Some("Hey!\nThanks")));
}

#[tokio::test]
async fn ndjson_has_one_object_per_line_and_bodies_on_request() {
    let world = known_world().await;
    for (messages, bodies) in [(false, None), (true, Some(4))] {
        let lines = text(&world, Options { format: Format::Ndjson, messages }).await;
        let objects: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 3);
        assert_eq!(objects[0]["messageCount"], 4);
        assert_eq!(objects[0].get("messages").map(|list| list.as_array().unwrap().len()), bodies);
    }
}

#[tokio::test]
async fn a_file_is_replaced_as_a_whole_or_left_alone() {
    let world = known_world().await;
    let path = world.home.path().join("out.json");
    fs::write(&path, "old").unwrap();
    let exported = export::write_file(&world.engine, JSON, &path).await.unwrap();
    assert_eq!(exported, Exported { contacts: 3, messages: 4 });
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&world, JSON).await);
    world.engine.close().await;
    export::write_file(&world.engine, JSON, &path).await.unwrap_err();
    assert!(fs::read_to_string(&path).unwrap().starts_with("{\n  \"syncedAt\""));
    let missing = world.home.path().join("no/such/folder/out.json");
    let error = export::write_file(&world.engine, JSON, &missing).await.unwrap_err();
    assert_eq!(error.code, Code::Unwritable);
    assert!(error.message.contains("out.json") && error.fix.is_some(), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_reported() {
    let world = known_world().await;
    let error = export::write_file(&world.engine, JSON, Path::new("/dev/full")).await.unwrap_err();
    assert_eq!(error.code, Code::Unwritable);
}
