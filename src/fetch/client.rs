//! Asking a server for a file, or for the rest of one.

use super::error::FetchError;
use std::io::Read;
use std::time::Duration;

/// How long a server may be silent before the connection counts as cut.
const SILENCE: Duration = Duration::from_secs(60);

/// What the server said before the file's bytes.
pub(super) struct Answer {
    pub status: u16,
    /// How many bytes come now, where the server says so.
    pub length: Option<u64>,
    /// Of a part: its first byte, where that is said, and the whole file's length.
    pub range: Option<(Option<u64>, Option<u64>)>,
    /// What names this version of the file: a strong entity tag, else the date of its last change.
    pub version: Option<String>,
    /// Whether it says that a web page comes.
    pub page: bool,
    pub body: Box<dyn Read>,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    /// It may be there another time.
    Cut(String),
    /// It will not.
    Never(FetchError),
}

/// The bytes that are there already.
pub(super) struct Held<'a> {
    pub bytes: u64,
    /// The version that they are of, as it was told then.
    pub version: Option<&'a str>,
}

/// Asks for a file, or for what is missing of it (RFC 9110, sections 13.1.5 and 14).
pub(super) fn get(url: &str, held: Option<&Held<'_>>) -> Result<Answer, NoAnswer> {
    let mut request = agent(url).get(url);
    if let Some(held) = held {
        request = request.header("range", format!("bytes={}-", held.bytes));
        if let Some(version) = held.version {
            request = request.header("if-range", version);
        }
    }
    let response = request.call().map_err(|error| judge(url, error))?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let strong = header("etag").filter(|tag| tag.starts_with('"'));
    let version = strong.or_else(|| header("last-modified")).map(str::to_owned);
    let length = header("content-length").and_then(|text| text.trim().parse().ok());
    let range = header("content-range").and_then(content_range);
    let page =
        header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let status = response.status().as_u16();
    Ok(Answer { status, length, range, version, page, body: Box::new(response.into_body().into_reader()) })
}

/// A client for one address: an answer over TLS never leads to one without. This machine is not asked through a proxy.
fn agent(url: &str) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .https_only(url.starts_with("https://"))
        .timeout_resolve(Some(SILENCE))
        .timeout_connect(Some(SILENCE))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .accept_encoding("identity")
        .user_agent(concat!("jem/", env!("CARGO_PKG_VERSION")));
    let config = if on_this_machine(url) { config.proxy(None) } else { config };
    config.build().into()
}

fn on_this_machine(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    ["127.", "localhost:", "localhost/", "[::1]"].iter().any(|start| host.starts_with(start))
}

fn judge(url: &str, error: ureq::Error) -> NoAnswer {
    use ureq::Error as E;
    // A certificate that nobody vouches for comes as bad data of the connection.
    let distrusted = matches!(&error, E::Io(error) if error.kind() == std::io::ErrorKind::InvalidData);
    match error {
        E::BadUri(_)
        | E::Http(_)
        | E::HostNotFound
        | E::InvalidProxyUrl
        | E::TooManyRedirects
        | E::Tls(_)
        | E::Rustls(_)
        | E::RequireHttpsOnly(_)
        | E::RedirectFailed => NoAnswer::Never(FetchError::Refused { url: url.into(), why: error.to_string() }),
        other if distrusted => NoAnswer::Never(FetchError::Refused { url: url.into(), why: other.to_string() }),
        other => NoAnswer::Cut(other.to_string()),
    }
}

/// `bytes 5-99/100`, `bytes 5-99/*` or `bytes */100`: the first byte and the whole length.
fn content_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (part, whole) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let first = part.split_once('-').and_then(|(first, _)| first.trim().parse().ok());
    Some((first, whole.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_with_and_without_their_ends() {
        assert_eq!(content_range("bytes 5-99/100"), Some((Some(5), Some(100))));
        assert_eq!(content_range("bytes 5-99/*"), Some((Some(5), None)));
        assert_eq!(content_range("bytes */100"), Some((None, Some(100))));
        assert_eq!(content_range("lines 5-99/100"), None);
    }

    #[test]
    fn only_this_machine_is_asked_without_a_proxy() {
        assert!(on_this_machine("http://127.0.0.1:8000/a") && on_this_machine("http://localhost/a"));
        assert!(!on_this_machine("https://localhost.example.org/a") && !on_this_machine("https://example.org/127."));
    }
}
