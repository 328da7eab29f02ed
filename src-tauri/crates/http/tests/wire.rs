//! What a client does on a real socket: one try, one time limit, a capped body, and a name for every way to fail.

#![expect(clippy::unwrap_used, reason = "clippy excuses the tests themselves, not their helpers")]

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crm_sync_http::{ClientOptions, HttpClient, HttpError, Method, Reply};
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use url::Url;

const LONG: Duration = Duration::from_secs(20);

fn client(address: SocketAddr) -> HttpClient {
    client_of(&format!("http://{address}"), ClientOptions::default())
}

fn client_of(base: &str, options: ClientOptions) -> HttpClient {
    HttpClient::for_service(&Url::parse(base).unwrap(), options).unwrap()
}

async fn health(client: &HttpClient) -> Result<Reply, HttpError> {
    client.call(Method::Get, "/health", None, LONG).await
}

/// Reads one request's head (and whatever body came with it).
async fn request(connection: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = connection.read(&mut piece).await.unwrap();
        assert!(read > 0, "the client closed before its request was complete");
        text.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(text).unwrap()
}

/// Answers every connection with the same bytes and closes it; counts the connections.
async fn answering(answer: &'static [u8]) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicU64::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            request(&mut connection).await;
            connection.write_all(answer).await.unwrap();
        }
    });
    (address, connections)
}

#[tokio::test]
async fn a_call_sends_what_a_service_needs_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let (sent, seen) = oneshot::channel();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        sent.send(request(&mut connection).await).unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
    });
    let body = json!({ "username": "Zoë 🌸" });
    let reply = client.call(Method::Post, "/api/conversations/open", Some(&body), LONG).await.unwrap();
    assert_eq!((reply.status, reply.body.as_ref()), (200, b"{}".as_slice()));
    let seen = seen.await.unwrap().to_lowercase();
    let version = env!("CARGO_PKG_VERSION");
    assert!(seen.starts_with("post /api/conversations/open http/1.1\r\n"), "{seen}");
    assert!(seen.contains("accept: application/json\r\n"), "{seen}");
    assert!(seen.contains("content-type: application/json\r\n"), "{seen}");
    assert!(seen.contains(&format!("user-agent: crm-sync/{version}\r\n")), "{seen}");
    for header in ["cookie", "authorization", "referer", "accept-encoding", "if-none-match"] {
        assert!(!seen.contains(&format!("\r\n{header}:")), "{seen}");
    }
    assert_eq!(client.calls(), 1);
}

#[tokio::test]
async fn a_call_off_the_list_sends_nothing_and_is_not_counted() {
    let (address, connections) = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let client = client(address);
    for path in ["/api/execute", "/api/conversations/../execute", "/api/messages/send?x=1"] {
        let error = client.call(Method::Post, path, None, LONG).await.unwrap_err();
        let shown = path.split('?').next().unwrap().to_owned();
        assert_eq!(error, HttpError::NotAllowed { method: Method::Post, path: shown });
    }
    assert_eq!((client.calls(), connections.load(Ordering::Relaxed)), (0, 0));
}

#[tokio::test]
async fn a_refused_connection_is_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = health(&client(address)).await.unwrap_err();
    assert!(matches!(&error, HttpError::Refused { to, .. } if *to == address.to_string()), "{error:?}");
}

#[rstest]
#[case(b"".as_slice())]
#[case(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")]
#[case(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{")]
#[tokio::test]
async fn an_answer_that_is_cut_off_is_dropped_and_not_asked_for_again(#[case] answer: &'static [u8]) {
    let (address, connections) = answering(answer).await;
    let error = health(&client(address)).await.unwrap_err();
    assert!(matches!(error, HttpError::Dropped { .. }), "{error:?}");
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[rstest]
#[case(b"".as_slice())]
#[case(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")]
#[tokio::test]
async fn a_reset_is_dropped(#[case] answer: &'static [u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        // Closing with the rest of the request unread makes the system send a reset.
        connection.read_exact(&mut [0; 4]).await.unwrap();
        connection.write_all(answer).await.unwrap();
    });
    let error = health(&client).await.unwrap_err();
    assert!(matches!(error, HttpError::Dropped { .. }), "{error:?}");
}

#[rstest]
#[case(b"".as_slice())]
#[case(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")]
#[tokio::test]
async fn the_limit_covers_headers_and_body(#[case] answer: &'static [u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let (hold, held) = oneshot::channel();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        request(&mut connection).await;
        connection.write_all(answer).await.unwrap();
        let _ = hold.send(connection);
    });
    let limit = Duration::from_millis(100);
    let error = client.call(Method::Get, "/health", None, limit).await.unwrap_err();
    assert_eq!(error, HttpError::TimedOut { after: limit });
    drop(held);
}

#[tokio::test]
async fn a_body_of_400_megabytes_is_given_up_at_the_cap() {
    const PIECE: &[u8] = &[b' '; 64 * 1024];
    const WHOLE: u64 = 400 * 1024 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limit = 1024 * 1024;
    let options = ClientOptions { max_body: limit, ..ClientOptions::default() };
    let client = client_of(&format!("http://{}", listener.local_addr().unwrap()), options);
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        request(&mut connection).await;
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut sent = 0;
        while sent < WHOLE && connection.write_all(PIECE).await.is_ok() {
            sent += PIECE.len() as u64;
        }
        sent
    });
    assert_eq!(health(&client).await.unwrap_err(), HttpError::TooLarge { limit });
    // What the two sockets hold on the way comes on top of the cap.
    let sent = server.await.unwrap();
    assert!(sent < 40 * 1024 * 1024, "{sent} bytes were taken");
}

#[tokio::test]
async fn a_body_that_announces_more_than_the_cap_is_not_read_at_all() {
    let (address, _) = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 419430400\r\n\r\n").await;
    let limit = ClientOptions::default().max_body;
    assert_eq!(health(&client(address)).await.unwrap_err(), HttpError::TooLarge { limit });
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_read_whole() {
    let (address, _) = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull").await;
    let options = ClientOptions { max_body: 4, ..ClientOptions::default() };
    let reply = health(&client_of(&format!("http://{address}"), options)).await.unwrap();
    assert_eq!(reply.body, "null");
}

#[rstest]
#[case(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/health\r\ncontent-length: 0\r\n\r\n".as_slice(), 302, "127.0.0.1:1")]
#[case(
    b"HTTP/1.1 308 Permanent\r\nlocation: /api/messages\r\ncontent-length: 0\r\n\r\n",
    308,
    "the same host"
)]
#[case(b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, "nowhere")]
#[tokio::test]
async fn a_redirect_is_named_and_not_followed(
    #[case] answer: &'static [u8],
    #[case] status: u16,
    #[case] to: &str,
) {
    let (address, connections) = answering(answer).await;
    let error = health(&client(address)).await.unwrap_err();
    assert_eq!(error, HttpError::Redirected { status, to: to.to_owned() });
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_error_status_is_an_answer_with_its_headers() {
    let (address, _) = answering(
        b"HTTP/1.1 429 Too Many\r\ncontent-type: text/html\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:50:07 GMT\r\ncontent-length: 3\r\n\r\n<p>",
    )
    .await;
    let reply = health(&client(address)).await.unwrap();
    let expected = Reply {
        status: 429,
        content_type: Some("text/html".to_owned()),
        retry_after: Some(Duration::from_secs(30)),
        body: "<p>".into(),
    };
    assert_eq!(reply, expected);
}

#[tokio::test]
async fn what_is_no_http_is_neither_dropped_nor_refused() {
    let (address, _) = answering(b"220 smtp ready\r\n").await;
    let error = health(&client(address)).await.unwrap_err();
    assert!(matches!(error, HttpError::Other { .. }), "{error:?}");
}

#[tokio::test]
async fn localhost_is_found_on_either_loopback_address() {
    let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await;
    // A machine without IPv6 has only the one address to look at.
    for listener in [Some(v4), v6.ok()].into_iter().flatten() {
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            request(&mut connection).await;
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        });
        let client = client_of(&format!("http://localhost:{port}"), ClientOptions::default());
        assert_eq!(health(&client).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_connection_that_the_server_says_it_closes_is_not_used_again() {
    let (address, connections) =
        answering(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}").await;
    let client = client(address);
    for _ in 0..20 {
        assert_eq!(health(&client).await.unwrap().status, 200);
    }
    assert_eq!((client.calls(), connections.load(Ordering::Relaxed)), (20, 20));
}

/// Runs a test of this file again in a process whose environment names a proxy that doesn't exist.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used_for_this_machine() {
    let mut again = tokio::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "a_call_sends_what_a_service_needs_and_nothing_else"]);
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"] {
        again.env(variable, "http://127.0.0.1:1");
    }
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
