//! A local HTTP server for tests that can misbehave.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

/// How the server responds to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerBehavior {
    /// Correctly.
    Normal,
    /// With this HTTP status.
    Status(u16),
    /// With this number of bytes; then it closes the connection.
    Truncate(usize),
    /// With a content length that is larger than the body by this number of bytes.
    AnnounceMore(usize),
    /// With a content length that is smaller than the body by this number of bytes.
    AnnounceLess(usize),
}

/// A file on the server.
#[derive(Clone, Debug)]
pub struct ServedFile {
    pub body: Vec<u8>,
    pub kind: &'static str,
    /// Its entity tag, quoted.
    pub tag: Option<&'static str>,
    /// Whether range requests are supported.
    pub ranges: bool,
    /// The responses to the next requests. The last one is repeated; without any, the server responds correctly.
    pub behaviors: VecDeque<ServerBehavior>,
}

impl ServedFile {
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        let kind = "application/octet-stream";
        Self { body: body.into(), kind, tag: None, ranges: true, behaviors: VecDeque::new() }
    }

    pub fn tag(self, tag: &'static str) -> Self {
        Self { tag: Some(tag), ..self }
    }

    pub fn without_ranges(self) -> Self {
        Self { ranges: false, ..self }
    }

    pub fn behaviors(self, behaviors: &[ServerBehavior]) -> Self {
        Self { behaviors: behaviors.iter().copied().collect(), ..self }
    }
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, ServedFile>,
    requests: Vec<String>,
}

/// A server that runs until the process ends.
pub struct Server {
    base: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                // Errors are ignored: the client may close the connection early.
                std::thread::spawn(move || stream.and_then(|stream| respond(stream, &shared)));
            }
        });
        Self { base, state }
    }

    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    pub fn serve(&self, name: &str, file: ServedFile) {
        self.state().files.insert(name.to_owned(), file);
    }

    /// All requests so far, as `name` or `name from BYTE`, with ` if TAG`.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn respond(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().ok_or(std::io::ErrorKind::UnexpectedEof)??;
    let name = first.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    let (mut from, mut condition) = (None, None);
    for line in lines {
        let line = line?;
        let Some((header, value)) = line.split_once(':') else { break };
        match header.to_ascii_lowercase().as_str() {
            "range" => from = value.trim().strip_prefix("bytes=").unwrap().trim_end_matches('-').parse::<usize>().ok(),
            "if-range" => condition = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let (file, behavior) = {
        let mut state = state.lock().unwrap();
        let range = from.map_or_else(String::new, |from| format!(" from {from}"));
        let tag = condition.as_ref().map_or_else(String::new, |tag| format!(" if {tag}"));
        state.requests.push(format!("{name}{range}{tag}"));
        let Some(file) = state.files.get_mut(&name) else {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        };
        let behavior = match file.behaviors.len() {
            0 => ServerBehavior::Normal,
            1 => file.behaviors[0],
            _ => file.behaviors.pop_front().unwrap(),
        };
        (file.clone(), behavior)
    };
    if let ServerBehavior::Status(status) = behavior {
        return write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno\n");
    }
    let fresh = condition.is_none_or(|tag| file.tag == Some(tag.as_str()));
    let from = from.filter(|_| file.ranges && fresh);
    let length = file.body.len();
    if from.is_some_and(|from| from >= length) {
        return write!(
            stream,
            "HTTP/1.1 416 No\r\ncontent-range: bytes */{length}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    }
    let mut body = &file.body[from.unwrap_or(0)..];
    let announced = match behavior {
        ServerBehavior::AnnounceMore(more) => body.len() + more,
        ServerBehavior::AnnounceLess(fewer) => body.len() - fewer,
        _ => body.len(),
    };
    match from {
        Some(from) => {
            write!(stream, "HTTP/1.1 206 Partial\r\ncontent-range: bytes {from}-{}/{length}\r\n", length - 1)?;
        }
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    if let Some(tag) = file.tag {
        write!(stream, "etag: {tag}\r\n")?;
    }
    write!(stream, "content-type: {}\r\ncontent-length: {announced}\r\nconnection: close\r\n\r\n", file.kind)?;
    if let ServerBehavior::Truncate(bytes) = behavior {
        body = &body[..bytes.min(body.len())];
    }
    stream.write_all(body)
}
