//! What may be the base URL of a service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::HttpError;

/// The addresses that `localhost` stands for. They are given to the client instead of being looked up: some systems
/// answer only one of them while a service listens on the other, and a lookup could lead off this machine.
pub(crate) const LOCALHOST: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// A base URL that passed, reduced to what is needed of it.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Scheme, host and port, without a trailing slash.
    pub(crate) origin: String,
    /// Host and port, for messages.
    pub(crate) authority: String,
    /// True where it never leaves this machine.
    pub(crate) loopback: bool,
}

/// Checks a base URL: http or https, no user info, no path, query or fragment, and on this machine unless
/// `allow_remote`.
pub(crate) fn check(url: &Url, allow_remote: bool) -> Result<Base, HttpError> {
    let shown = shown(url);
    let bad = |why| Err(HttpError::BadBase { url: shown.clone(), why });
    if !matches!(url.scheme(), "http" | "https") {
        return bad("it must begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return bad("it must not hold a user name or a password");
    }
    let Some(host) = url.host() else { return bad("it has no host") };
    if !matches!(url.path(), "" | "/") {
        return bad("it must end after the port, without a path");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return bad("it must end after the port, without a query");
    }
    let loopback = match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if !loopback && !allow_remote {
        return Err(HttpError::NotLoopback { url: shown });
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let authority = format!("{host}{port}");
    Ok(Base { origin: format!("{}://{authority}", url.scheme()), authority, loopback })
}

/// The URL without what may be secret in it.
fn shown(url: &Url) -> String {
    match url.host() {
        Some(host) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let path = if url.path() == "/" { "" } else { url.path() };
            format!("{}://{host}{port}{path}", url.scheme())
        }
        None => format!("{}:…", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn checked(text: &str, allow_remote: bool) -> Result<Base, HttpError> {
        check(&Url::parse(text).unwrap(), allow_remote)
    }

    #[rstest]
    #[case("http://localhost:3001")]
    #[case("http://LOCALHOST:3001/")]
    #[case("http://127.0.0.1:3003")]
    #[case("http://127.9.8.7:3003")]
    #[case("http://127.1:3003")]
    #[case("http://[::1]:3102")]
    fn this_machine_is_a_base(#[case] text: &str) {
        assert!(checked(text, false).unwrap().loopback);
    }

    #[rstest]
    #[case("http://10.0.0.5:3001")]
    #[case("https://dm.example.org")]
    #[case("http://localhost.example.org:3001")]
    #[case("http://0.0.0.0:3001")]
    #[case("http://[::ffff:10.0.0.1]:3001")]
    fn another_machine_is_a_base_only_when_allowed(#[case] text: &str) {
        assert!(matches!(checked(text, false), Err(HttpError::NotLoopback { .. })));
        assert!(!checked(text, true).unwrap().loopback);
    }

    #[rstest]
    #[case("http://user:secret@localhost:3001")]
    #[case("http://user@localhost:3001")]
    #[case("http://localhost:3001/api")]
    #[case("http://localhost:3001/?x=1")]
    #[case("http://localhost:3001/#x")]
    #[case("ftp://localhost:3001")]
    #[case("file:///etc/passwd")]
    fn anything_else_is_refused_without_repeating_a_secret(#[case] text: &str) {
        let error = checked(text, true).unwrap_err();
        assert!(matches!(error, HttpError::BadBase { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
