//! Answers that go wrong on the wire.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use futures_util::stream;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Endpoint;
use crate::faults::FaultKind;
use crate::guard::script_error;
use crate::reply::{Payload, Reply, respond as answer};
use crate::server::Cut;
use crate::service::{Call, Service};

const JSON: &str = "application/json; charset=utf-8";

/// The spoiled answer to a call. `stop` ends this listener and all of its connections.
pub(crate) async fn respond(
    service: &Service,
    call: &Call,
    reply: Reply,
    kind: FaultKind,
    cut: &Cut,
    stop: &CancellationToken,
) -> Response<Body> {
    match kind {
        FaultKind::Refused => {
            stop.cancel();
            reset(cut)
        }
        FaultKind::Status { code, retry_after, body } => status(code, retry_after, body),
        FaultKind::Hang => {
            // Dropped with its connection when the client goes away.
            stop.cancelled().await;
            reset(cut)
        }
        FaultKind::Reset => reset(cut),
        FaultKind::Truncated => truncated(&reply),
        FaultKind::SlowBody(time) => slow(&reply, time),
        FaultKind::Html => answer(
            200,
            "text/html; charset=utf-8",
            Body::from("<!doctype html><title>Welcome</title><h1>It works!</h1>"),
        ),
        FaultKind::Null => Reply::ok(Value::Null).into_response(),
        FaultKind::NoBody => answer(200, JSON, Body::empty()),
        FaultKind::WrongTypes => changed(reply, wrong_types),
        FaultKind::OddRows => changed(reply, odd_rows),
        FaultKind::BadUtf8 => bytes_in_texts(&reply, b"\xff\xfe\xc3"),
        FaultKind::LoneSurrogate => bytes_in_texts(&reply, b"\\ud83d"),
        FaultKind::HugeBody(bytes) => huge(bytes),
        FaultKind::Redirect(to) => redirect(&to),
        FaultKind::EmptyAfterFull => changed(reply, emptied),
        FaultKind::AnotherProgram => another_program(call),
        FaultKind::ScriptError => {
            let cause = "Not authorized to send Apple events to Safari. (-1743)";
            script_error(service.platform, call.endpoint, cause).into_response()
        }
    }
}

fn reset(cut: &Cut) -> Response<Body> {
    cut.reset();
    Reply::error(500, "cut off").into_response()
}

fn status(code: u16, retry_after: Option<u64>, body: Option<String>) -> Response<Body> {
    let mut response = match body {
        Some(text) => answer(code, JSON, Body::from(text)),
        None if code == 404 => Reply::page(404, "Cannot GET this").into_response(),
        None => Reply::error(code, &format!("refused with {code}")).into_response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Promises the whole answer, sends half and ends.
fn truncated(reply: &Reply) -> Response<Body> {
    let bytes = reply.bytes();
    let length = bytes.len();
    let half = Bytes::from(bytes).slice(..length / 2);
    let parts = [Ok(half), Err(io::Error::from(io::ErrorKind::BrokenPipe))];
    let mut response = answer(reply.status, reply.content_type(), Body::from_stream(stream::iter(parts)));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// 20 parts with a pause after each.
fn slow(reply: &Reply, time: Duration) -> Response<Body> {
    let bytes = Bytes::from(reply.bytes());
    let step = bytes.len().div_ceil(20).max(1);
    let parts = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(time / 20).await;
        let part = rest.split_to(step.min(rest.len()));
        Some((Ok::<_, Infallible>(part), rest))
    });
    answer(reply.status, reply.content_type(), Body::from_stream(parts))
}

/// A list with one endless text, made while it is sent.
fn huge(bytes: u64) -> Response<Body> {
    let filling = Bytes::from(vec![b'a'; 64 * 1024]);
    let parts = stream::unfold(Some(0_u64), move |sent| {
        let filling = filling.clone();
        async move {
            let sent = sent?;
            let (part, ends) = match sent {
                0 => (Bytes::from_static(b"{\"conversations\":[{\"username\":\""), false),
                sent if sent < bytes => (filling, false),
                _ => (Bytes::from_static(b"\"}],\"count\":1}"), true),
            };
            let next = sent + part.len() as u64;
            Some((Ok::<_, Infallible>(part), (!ends).then_some(next)))
        }
    });
    answer(200, JSON, Body::from_stream(parts))
}

fn redirect(to: &str) -> Response<Body> {
    let mut response =
        answer(302, "text/plain; charset=utf-8", Body::from(format!("Found. Redirecting to {to}")));
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

fn another_program(call: &Call) -> Response<Body> {
    if call.endpoint == Endpoint::Health {
        return Reply::ok(json!({ "status": "ok", "service": "recipe-box", "version": "2.4.1" }))
            .into_response();
    }
    Reply::json(404, json!({ "detail": "Not Found" })).into_response()
}

fn changed(mut reply: Reply, change: impl Fn(&mut Value)) -> Response<Body> {
    if let Payload::Json(value) = &mut reply.body {
        change(value);
    }
    reply.into_response()
}

fn wrong_types(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    for field in fields.values_mut() {
        *field = match field {
            Value::Array(_) => json!("none"),
            Value::Object(_) => json!([1, 2]),
            Value::String(_) => json!(42),
            Value::Bool(_) => json!("maybe"),
            Value::Number(_) => json!({ "value": "many" }),
            Value::Null => json!(false),
        };
    }
}

/// Every list of the answer, also those by tab.
fn lists(value: &mut Value, change: &impl Fn(&mut Vec<Value>)) {
    match value {
        Value::Array(rows) => change(rows),
        Value::Object(fields) => fields.values_mut().for_each(|field| lists(field, change)),
        _ => {}
    }
}

fn odd_rows(value: &mut Value) {
    lists(value, &|rows| {
        let odd = [
            json!(null),
            json!("a row"),
            json!({ "lastMessage": "from nobody" }),
            json!({ "username": 7 }),
            json!([]),
        ];
        for (n, odd) in odd.into_iter().enumerate() {
            rows.insert((n * 2).min(rows.len()), odd);
        }
    });
}

fn emptied(value: &mut Value) {
    lists(value, &Vec::clear);
    for key in ["count", "totalCount", "total"] {
        if let Some(count) = value.get_mut(key) {
            *count = json!(0);
        }
    }
}

/// Puts bytes behind the first letter of every text of the answer.
fn bytes_in_texts(reply: &Reply, bytes: &[u8]) -> Response<Body> {
    let whole = reply.bytes();
    let mut out = Vec::with_capacity(whole.len() * 2);
    let marks: [&[u8]; 2] = [b"\"text\":\"", b"\"lastMessage\":\""];
    let mut at = 0;
    while at < whole.len() {
        if let Some(mark) = marks.iter().find(|mark| whole[at..].starts_with(mark)) {
            out.extend_from_slice(mark);
            out.extend_from_slice(bytes);
            at += mark.len();
        } else {
            out.push(whole[at]);
            at += 1;
        }
    }
    answer(reply.status, reply.content_type(), Body::from(out))
}
