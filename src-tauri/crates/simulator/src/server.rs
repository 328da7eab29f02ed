//! The listener on 127.0.0.1, and connections that can be cut off.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::reply::Reply;
use crate::service::{Call, Outcome, Service};
use crate::spoil;

/// Serves until `stop` is cancelled; then the port is closed and every connection ends at once.
pub(crate) async fn listen(service: Arc<Service>, listener: TcpListener, stop: CancellationToken) {
    let app = Router::new().fallback(handle).with_state((service, stop.clone()));
    let connections = CutListener { listener, stop: stop.clone() };
    let server = axum::serve(connections, app.into_make_service_with_connect_info::<Cut>());
    // Dropping the server drops the listener; the connections end themselves.
    tokio::select! {
        result = server => {
            if let Err(error) = result {
                tracing::warn!(%error, "the simulated service stopped");
            }
        }
        () = stop.cancelled_owned() => {}
    }
}

/// A port of 127.0.0.1; 0 for a free one.
pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

async fn handle(
    State((service, stop)): State<(Arc<Service>, CancellationToken)>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let Some(body) = parse(&headers, &body) else {
        return Reply::page(400, "SyntaxError: Expected property name or '}' in JSON at position 1")
            .into_response();
    };
    let endpoint = service.endpoint(method.as_str(), &path);
    let query = uri.query().map(query).unwrap_or_default();
    let call = Call { method: method.to_string(), path, query, body, endpoint };
    let asked = uri.path_and_query().map_or_else(|| call.path.clone(), ToString::to_string);
    // On its own task: a client that goes away doesn't stop the server from doing what it was asked.
    let task = tokio::spawn({
        let (service, call) = (service.clone(), call.clone());
        let whole = service.stop.clone();
        async move {
            tokio::select! {
                outcome = service.take(call, asked) => Some(outcome),
                () = whole.cancelled() => None,
            }
        }
    });
    match task.await {
        Ok(Some(Outcome::Answer(reply))) => reply.into_response(),
        Ok(Some(Outcome::Spoiled(reply, kind))) => {
            spoil::respond(&service, &call, reply, kind, &cut, &stop).await
        }
        Ok(None) | Err(_) => {
            cut.reset();
            Reply::error(500, "stopped").into_response()
        }
    }
}

/// These servers read a body only if it says that it is JSON; an empty one is `{}`. `None`: no JSON.
fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let says_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if !says_json || body.is_empty() { Some(json!({})) } else { serde_json::from_slice(body).ok() }
}

fn query(text: &str) -> BTreeMap<String, String> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(key), unescape(value))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// `%41` and `+`, read leniently.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                std::str::from_utf8(&hex)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .unwrap_or(b'?')
            }
            other => other,
        };
        bytes.push(decoded);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Cuts one connection off.
#[derive(Clone, Default)]
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    /// The next byte of the answer resets the connection instead.
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, CutListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CutListener>) -> Self {
        stream.io().cut.clone()
    }
}

struct CutListener {
    listener: TcpListener,
    stop: CancellationToken,
}

impl Listener for CutListener {
    type Io = CutStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let stop = Box::pin(self.stop.clone().cancelled_owned());
                    return (CutStream { stream, cut: Cut::default(), stop }, peer);
                }
                // Out of file handles, or a peer that is gone already.
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

struct CutStream {
    stream: TcpStream,
    cut: Cut,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl CutStream {
    fn alive(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let stopped = self.stop.as_mut().poll(context).is_ready();
        if stopped || self.cut.0.load(Ordering::SeqCst) {
            // Without lingering the peer gets a reset, not an end.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
