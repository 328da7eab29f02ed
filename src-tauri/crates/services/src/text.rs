//! Words for people out of what a server sends: one line, short, without the file names of its machine.

/// The longest detail, in characters.
pub(crate) const DETAIL_CHARS: usize = 200;

/// One line of at most [`DETAIL_CHARS`] characters: scripts and file-system paths cut out, white space folded.
pub(crate) fn one_line(text: &str) -> String {
    let text = without_script(text);
    let text: String = text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect();
    let text = without_paths(&text);
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = line.char_indices().nth(DETAIL_CHARS) {
        let keep = line[..cut].char_indices().last().map_or(0, |(last, _)| last);
        line.truncate(keep);
        line.push('…');
    }
    line
}

/// Control characters and those that turn the direction of the line around.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A failed `osascript` reports its whole script, over many lines; what went wrong stands after "execution error:",
/// and nothing does when the script was stopped because Safari did not react.
fn without_script(text: &str) -> String {
    let Some((before, after)) = text.split_once("Command failed: osascript") else { return text.to_owned() };
    let before = before.trim_end().trim_end_matches("Error:").trim_end();
    let cause = after
        .split_once("execution error:")
        .map_or("Safari did not react in time", |(_, cause)| cause.trim());
    format!("{before} osascript failed: {cause}")
}

/// Replaces absolute paths of a file system by an ellipsis; the paths of URLs and of the services' routes stay.
fn without_paths(text: &str) -> String {
    let text = text.replace("file://", "");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = path_start(rest) {
        kept.push_str(&rest[..at]);
        let path = &rest[at..];
        let end = path.find(|c: char| c.is_whitespace() || "\"'`<>()[],;".contains(c)).unwrap_or(path.len());
        let (path, after) = path.split_at(end);
        let is_route =
            path.starts_with("/api/") || path.bytes().filter(|b| matches!(b, b'/' | b'\\')).count() < 2;
        kept.push_str(if is_route { path } else { "…" });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Where the next path may begin: a slash that doesn't go on a word or a URL, or a drive letter.
fn path_start(text: &str) -> Option<usize> {
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let begins =
            before.is_none_or(|b| !b.is_alphanumeric() && !matches!(b, ':' | '/' | '.' | '-' | '_' | '~'));
        let drive = c.is_ascii_alphabetic() && matches!(text.as_bytes().get(at + 1..at + 3), Some(b":\\"));
        if begins && (c == '/' || drive) {
            return Some(at);
        }
        before = Some(c);
    }
    None
}

/// True where a body is a page and no data.
pub(crate) fn is_html(body: &str) -> bool {
    body.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// What a page says: its title, or its first words where the title says nothing.
pub(crate) fn page_words(html: &str) -> String {
    let title = element(html, "title").map(|title| one_line(&unescaped(title)));
    match title {
        Some(title) if !title.is_empty() && !title.eq_ignore_ascii_case("error") => title,
        _ => one_line(&unescaped(&without_tags(html))),
    }
}

/// The content of the first element of that name.
fn element<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find(&format!("<{name}"))?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find(&format!("</{name}"))?;
    html.get(start..end)
}

/// The text between the tags; what stands in `<title>`, `<script>` and `<style>` is no text of the page.
fn without_tags(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut text = String::new();
    let mut at = 0;
    while let Some(open) = lower[at..].find('<').map(|found| at + found) {
        text.push_str(&html[at..open]);
        text.push(' ');
        let hidden = ["title", "script", "style"].iter().find(|name| lower[open + 1..].starts_with(*name));
        let end = match hidden {
            Some(name) => lower[open..].find(&format!("</{name}")).map_or(lower.len(), |found| open + found),
            None => open,
        };
        at = lower[end..].find('>').map_or(lower.len(), |found| end + found + 1);
    }
    text.push_str(&html[at..]);
    text
}

fn unescaped(text: &str) -> String {
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Error: Command failed: osascript -e '\n  set jsCode to read POSIX file \"/var/folders/x/a.js\" as «class utf8»\n'\nexecution error: Safari got an error: Can’t get tab. Invalid index. (-1719)",
        "osascript failed: Safari got an error: Can’t get tab. Invalid index. (-1719)"
    )]
    #[case(
        "Error: Command failed: osascript -e '\n  x\n'\n",
        "osascript failed: Safari did not react in time"
    )]
    #[case(
        "Failed to navigate to inbox: Error: Command failed: osascript -e 'x'\nexecution error: Not authorized. (-1743)",
        "Failed to navigate to inbox: osascript failed: Not authorized. (-1743)"
    )]
    #[case("check /var/folders/x/claims.json for claims", "check … for claims")]
    #[case("at parse (/Users/me/dm/server.ts:10:3)", "at parse (…)")]
    #[case("at file:///Users/me/dm/server.ts:10", "at …")]
    #[case(r"at C:\Users\me\server.ts", "at …")]
    #[case("Cannot GET /api/twitter/nope", "Cannot GET /api/twitter/nope")]
    #[case("go to https://x.com/messages/a or /health", "go to https://x.com/messages/a or /health")]
    fn a_detail_is_one_line_without_scripts_and_paths(#[case] text: &str, #[case] line: &str) {
        assert_eq!(one_line(text), line);
    }

    #[rstest]
    #[case("<html><head><title>Grafana</title></head><body>x</body></html>", "Grafana")]
    #[case(
        "<!DOCTYPE html>\n<title>Error</title>\n<body>\n<pre>Cannot GET /api/x</pre>",
        "Cannot GET /api/x"
    )]
    #[case("<pre>SyntaxError: &#39;}&#39;<br> &nbsp; at JSON.parse</pre>", "SyntaxError: '}' at JSON.parse")]
    #[case("<script>var a = '<b>'</script><p>Hello", "Hello")]
    #[case("<", "")]
    #[case("<title", "")]
    fn a_page_is_named_by_its_title_or_first_words(#[case] html: &str, #[case] words: &str) {
        assert_eq!(page_words(html), words);
    }

    proptest! {
        #[test]
        fn a_detail_is_always_short_and_one_line(text in "(?s).{0,600}") {
            let line = one_line(&text);
            prop_assert!(line.chars().count() <= DETAIL_CHARS);
            prop_assert!(!line.contains(['\n', '\r']));
        }

        #[test]
        fn any_page_has_words(html in "(?s)[<>/a-zéİ &;\"=]{0,200}") {
            prop_assert!(page_words(&html).chars().count() <= DETAIL_CHARS);
        }
    }
}
