//! Who else can reach the services. They listen on every interface and ask for no password: whoever is on the same
//! network can read and write messages through them. Source: observed on the real servers.

use crm_sync_domain::Platform;

use super::{Check, Verdict};

const ADVICE: &str = "Let the firewall refuse its port from outside: on macOS System Settings, Network, Firewall; on Linux \
                      ufw or nftables. Don't run it on networks that you share.";

/// A warning where this machine's tables show that the port is open on all interfaces. Nothing is sent anywhere.
#[cfg(target_os = "linux")]
pub(super) fn open_to_all(platform: Platform, port: u16) -> Option<Check> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let open =
        tables.iter().any(|table| std::fs::read_to_string(table).is_ok_and(|text| listens(&text, port)));
    open.then(|| {
        Check::new(
            platform.as_str(),
            Verdict::Warning,
            format!(
                "port {port} is open on all interfaces, without a password: others on your network can use it"
            ),
        )
        .next(ADVICE)
    })
}

/// Only Linux shows its tables to everybody; elsewhere the general advice has to do.
#[cfg(not(target_os = "linux"))]
pub(super) const fn open_to_all(_platform: Platform, _port: u16) -> Option<Check> {
    None
}

/// What is always true of the services, wherever it can't be seen.
pub(super) fn advice() -> Check {
    Check::new(
        "network",
        Verdict::Warning,
        "the services listen on all interfaces without a password, and any web page can call them",
    )
    .next(ADVICE)
}

/// Whether a table of the kernel has a listener on this port at the unspecified address.
/// Source: Linux, proc(5): local address and port in hexadecimal; state 0A is LISTEN.
#[cfg(target_os = "linux")]
fn listens(table: &str, port: u16) -> bool {
    table.lines().skip(1).any(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let Some((address, local_port)) = columns.next().and_then(|local| local.split_once(':')) else {
            return false;
        };
        let state = columns.nth(1);
        state == Some("0A")
            && u16::from_str_radix(local_port, 16) == Ok(port)
            && address.bytes().all(|digit| digit == b'0')
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn only_listeners_on_all_interfaces_are_found() {
        let table =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 00000000:0BBB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 00000000:0C1E 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 3
   3: 00000000000000000000000000000000:0C1C 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4";
        let open: Vec<_> =
            [3001, 3003, 3102, 3100].into_iter().filter(|port| super::listens(table, *port)).collect();
        assert_eq!(open, [3003, 3100]);
    }
}
