//! HTTP requests for a file or for the rest of one.

use super::error::FetchError;
use std::io::Read;
use std::time::Duration;

/// How long a server may send nothing before the connection counts as interrupted.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The response of a server, before the body is read.
pub(super) struct Response {
    pub status: u16,
    /// The number of bytes in the body, if the server sends it.
    pub length: Option<u64>,
    /// Of a partial response: its first byte and the length of the complete file, if known.
    pub range: Option<(Option<u64>, Option<u64>)>,
    /// The version of the file: a strong entity tag, otherwise the date of the last change.
    pub version: Option<String>,
    /// Whether the content type is HTML.
    pub is_html: bool,
    pub body: Box<dyn Read>,
}

/// An error of a request.
pub(super) enum RequestError {
    /// Another attempt may succeed.
    Temporary(String),
    /// Another attempt would fail too.
    Permanent(FetchError),
}

/// The bytes that exist already.
pub(super) struct ResumePoint<'a> {
    pub bytes: u64,
    /// The version of the file that they belong to.
    pub version: Option<&'a str>,
}

/// Requests a file, or the rest of it after `existing` (RFC 9110, sections 13.1.5 and 14).
pub(super) fn get(url: &str, existing: Option<&ResumePoint<'_>>) -> Result<Response, RequestError> {
    let mut request = agent(url).get(url);
    if let Some(existing) = existing {
        request = request.header("range", format!("bytes={}-", existing.bytes));
        if let Some(version) = existing.version {
            request = request.header("if-range", version);
        }
    }
    let response = request.call().map_err(|error| classify(url, error))?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let strong = header("etag").filter(|tag| tag.starts_with('"'));
    let version = strong.or_else(|| header("last-modified")).map(str::to_owned);
    let length = header("content-length").and_then(|text| text.trim().parse().ok());
    let range = header("content-range").and_then(content_range);
    let is_html =
        header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let status = response.status().as_u16();
    Ok(Response { status, length, range, version, is_html, body: Box::new(response.into_body().into_reader()) })
}

/// An HTTP client for one URL. It does not follow redirects from HTTPS to HTTP, and uses no proxy for this machine.
fn agent(url: &str) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .https_only(url.starts_with("https://"))
        .timeout_resolve(Some(TIMEOUT))
        .timeout_connect(Some(TIMEOUT))
        .timeout_recv_response(Some(TIMEOUT))
        .timeout_per_read(Some(TIMEOUT))
        .accept_encoding("identity")
        .user_agent(concat!("jem/", env!("CARGO_PKG_VERSION")));
    let config = if on_this_machine(url) { config.proxy(None) } else { config };
    config.build().into()
}

fn on_this_machine(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    ["127.", "localhost:", "localhost/", "[::1]"].iter().any(|start| host.starts_with(start))
}

fn classify(url: &str, error: ureq::Error) -> RequestError {
    use ureq::Error as E;
    // An untrusted certificate is reported as invalid data.
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
        | E::RedirectFailed => {
            RequestError::Permanent(FetchError::Request { url: url.into(), reason: error.to_string() })
        }
        other if distrusted => {
            RequestError::Permanent(FetchError::Request { url: url.into(), reason: other.to_string() })
        }
        other => RequestError::Temporary(other.to_string()),
    }
}

/// Parses `bytes 5-99/100`, `bytes 5-99/*` or `bytes */100` into the first byte and the length of the complete file.
fn content_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (part, length) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let first = part.split_once('-').and_then(|(first, _)| first.trim().parse().ok());
    Some((first, length.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_parsed_with_and_without_length() {
        assert_eq!(content_range("bytes 5-99/100"), Some((Some(5), Some(100))));
        assert_eq!(content_range("bytes 5-99/*"), Some((Some(5), None)));
        assert_eq!(content_range("bytes */100"), Some((None, Some(100))));
        assert_eq!(content_range("lines 5-99/100"), None);
    }

    #[test]
    fn only_this_machine_is_accessed_without_a_proxy() {
        assert!(on_this_machine("http://127.0.0.1:8000/a") && on_this_machine("http://localhost/a"));
        assert!(!on_this_machine("https://localhost.example.org/a") && !on_this_machine("https://example.org/127."));
    }
}
