//! Invented names.

use super::Names;

const FIRST: [&str; 48] = [
    "Amara", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hiro", "Imani", "Jonas", "Keiko",
    "Lorenzo", "Maren", "Nikhil", "Odile", "Priya", "Quentin", "Rosa", "Soren", "Tamsin", "Uma", "Viktor",
    "Wanjiru", "Ximena", "Yusuf", "Zofia", "Anouk", "Bastian", "Camille", "Dara", "Emeka", "Freya", "Gideon",
    "Hanneke", "Ines", "Jarek", "Kofi", "Leonie", "Milan", "Noor", "Oskar", "Paloma", "Ravi", "Saskia",
    "Tomasz", "Umberto", "Vesna", "Yara",
];
const LAST: [&str; 48] = [
    "Abara",
    "Brandt",
    "Castell",
    "Dufour",
    "Eklund",
    "Ferrante",
    "Galvan",
    "Hartog",
    "Ishida",
    "Jansson",
    "Kaplan",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quiroga",
    "Rahman",
    "Santoro",
    "Thorne",
    "Ueda",
    "Varga",
    "Whitfield",
    "Xu",
    "Yilmaz",
    "Zeman",
    "Almeida",
    "Bergstrom",
    "Cordero",
    "Delacroix",
    "Esposito",
    "Fontaine",
    "Gupta",
    "Holloway",
    "Ivanova",
    "Joubert",
    "Kowalski",
    "Larsen",
    "Mbeki",
    "Nakamura",
    "Oduya",
    "Pereira",
    "Rousseau",
    "Stavros",
    "Takeda",
    "Urbina",
    "Vance",
    "Winther",
];
const MIDDLE: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Odd names; `{}` is where the plain one goes, so that each stays unique.
const ODD: [&str; 18] = [
    "{} 🌸✨",
    "نور {}",
    "{} | Travel & Life",
    "Zoe\u{308} {}",
    "{} O'Neil",
    "<b>{}</b>",
    "=SUM(1,2) {}",
    "\u{202e}{}\u{202c}",
    "{} 👩🏽\u{200d}🚀",
    "李小龍 {}",
    "+1 {}",
    "\"{}\"",
    "{} \\ studio",
    "{}; DROP TABLE contacts;--",
    "İ{}",
    "A\u{301}\u{302}\u{303}{}",
    "{} · a very long name that goes on and on, as names of shops with everything they sell in them do",
    "דנה {}",
];

/// Handles never hold quotes; everything else turns up somewhere.
const ODD_HANDLES: [&str; 6] = ["{}🌸", "نور.{}", "{}|shop", "=1+1.{}", "<i>{}</i>", "@@{}"];

/// First, middle initial where needed, last: 60,000 different names of which none is part of another.
pub(super) fn plain(n: u32) -> String {
    let (first, last, middle) = parts(n);
    match middle {
        0 => format!("{first} {last}"),
        m => format!("{first} {}. {last}", char::from(MIDDLE[(m - 1) % MIDDLE.len()])),
    }
}

/// The display name of the n-th person.
pub(super) fn display(n: u32, names: Names) -> String {
    let plain = plain(n);
    if names == Names::Odd && n % 3 == 1 {
        ODD[(n as usize / 3) % ODD.len()].replace("{}", &plain)
    } else {
        plain
    }
}

/// The user name of the n-th person: unique. Most are short, as people's are: the real Twitter server takes a long
/// one, with its `@`, for the newest message of the row.
pub(super) fn handle(n: u32, names: Names) -> String {
    let (first, last, _) = parts(n);
    let plain = format!("{}.{}{n}", first.to_lowercase(), last.to_lowercase());
    match (names, n % 8) {
        (Names::Odd, 3) => ODD_HANDLES[(n as usize / 8) % ODD_HANDLES.len()].replace("{}", &plain),
        (Names::Odd, 5) => format!("{first}_{last}{n}"),
        _ if !n.is_multiple_of(3) => {
            format!("{}{n}", first.to_lowercase().chars().take(3).collect::<String>())
        }
        _ => plain,
    }
}

fn parts(n: u32) -> (&'static str, &'static str, usize) {
    let n = n as usize;
    let first = n % FIRST.len();
    // A different last name on each round of first names, so that neighbours don't share one.
    let last = (n / FIRST.len() + n * 5) % LAST.len();
    (FIRST[first], LAST[last], n / (FIRST.len() * LAST.len()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ten_thousand_people_have_ten_thousand_names_and_handles() {
        for names in [Names::Plain, Names::Odd] {
            let shown: HashSet<_> = (0..10_000).map(|n| display(n, names)).collect();
            let handles: HashSet<_> = (0..10_000).map(|n| handle(n, names)).collect();
            assert_eq!((shown.len(), handles.len()), (10_000, 10_000));
        }
    }

    #[test]
    fn no_plain_name_is_part_of_another() {
        let all: Vec<_> = (0..200).map(plain).collect();
        assert!(all.iter().all(|a| all.iter().filter(|b| b.contains(a.as_str())).count() == 1));
    }
}
