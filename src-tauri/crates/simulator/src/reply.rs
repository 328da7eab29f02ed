//! What goes back over the wire.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde_json::{Value, json};

/// An answer before it becomes bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Payload,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Payload {
    Json(Value),
    Html(String),
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Payload::Json(body) }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, body: Payload::Json(body) }
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::json(status, json!({ "error": message }))
    }

    /// The page that these servers' framework answers with when it has no JSON to give.
    pub(crate) fn page(status: u16, text: &str) -> Self {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&#39;");
        Self {
            status,
            body: Payload::Html(format!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>{text}</pre>\n</body>\n</html>\n"
            )),
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        match self.body {
            Payload::Json(_) => "application/json; charset=utf-8",
            Payload::Html(_) => "text/html; charset=utf-8",
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Payload::Json(value) => value.to_string().into_bytes(),
            Payload::Html(text) => text.clone().into_bytes(),
        }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let body = Body::from(self.bytes());
        respond(self.status, self.content_type(), body)
    }
}

/// A response with the headers that every answer of these servers carries.
pub(crate) fn respond(status: u16, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    if let Ok(value) = header::HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    response
}
