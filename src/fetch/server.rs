//! A server on this machine that misbehaves as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

/// How one request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should be.
    Well,
    /// With this status and a few words.
    Status(u16),
    /// With so many bytes, and then the connection ends.
    Cut(usize),
    /// With so many more bytes announced than come.
    Promise(usize),
    /// With so many fewer bytes announced than there are.
    Conceal(usize),
}

/// One file.
#[derive(Clone, Debug)]
pub struct Served {
    pub body: Vec<u8>,
    pub kind: &'static str,
    /// Its entity tag, quoted.
    pub tag: Option<&'static str>,
    /// Whether parts of it may be asked for.
    pub ranges: bool,
    /// How the next requests are answered; after these, the last of them again, or well if there is none.
    pub manners: VecDeque<Manner>,
}

impl Served {
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        let kind = "application/octet-stream";
        Self { body: body.into(), kind, tag: None, ranges: true, manners: VecDeque::new() }
    }

    pub fn tag(self, tag: &'static str) -> Self {
        Self { tag: Some(tag), ..self }
    }

    pub fn without_ranges(self) -> Self {
        Self { ranges: false, ..self }
    }

    pub fn manners(self, manners: &[Manner]) -> Self {
        Self { manners: manners.iter().copied().collect(), ..self }
    }
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Served>,
    asked: Vec<String>,
}

/// Serves until the process ends.
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
                // Whether the client listens to the end is its business.
                std::thread::spawn(move || stream.and_then(|stream| answer(stream, &shared)));
            }
        });
        Self { base, state }
    }

    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    pub fn serve(&self, name: &str, file: Served) {
        self.state().files.insert(name.to_owned(), file);
    }

    /// Every request so far, as `name` or `name from BYTE`, with ` if TAG`.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
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
    let (file, manner) = {
        let mut state = state.lock().unwrap();
        let range = from.map_or_else(String::new, |from| format!(" from {from}"));
        let tag = condition.as_ref().map_or_else(String::new, |tag| format!(" if {tag}"));
        state.asked.push(format!("{name}{range}{tag}"));
        let Some(file) = state.files.get_mut(&name) else {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        };
        let manner = match file.manners.len() {
            0 => Manner::Well,
            1 => file.manners[0],
            _ => file.manners.pop_front().unwrap(),
        };
        (file.clone(), manner)
    };
    if let Manner::Status(status) = manner {
        return write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno\n");
    }
    let fresh = condition.is_none_or(|tag| file.tag == Some(tag.as_str()));
    let from = from.filter(|_| file.ranges && fresh);
    let whole = file.body.len();
    if from.is_some_and(|from| from >= whole) {
        return write!(
            stream,
            "HTTP/1.1 416 No\r\ncontent-range: bytes */{whole}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    }
    let mut body = &file.body[from.unwrap_or(0)..];
    let announced = match manner {
        Manner::Promise(more) => body.len() + more,
        Manner::Conceal(fewer) => body.len() - fewer,
        _ => body.len(),
    };
    match from {
        Some(from) => {
            write!(stream, "HTTP/1.1 206 Partial\r\ncontent-range: bytes {from}-{}/{whole}\r\n", whole - 1)?;
        }
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    if let Some(tag) = file.tag {
        write!(stream, "etag: {tag}\r\n")?;
    }
    write!(stream, "content-type: {}\r\ncontent-length: {announced}\r\nconnection: close\r\n\r\n", file.kind)?;
    if let Manner::Cut(bytes) = manner {
        body = &body[..bytes.min(body.len())];
    }
    stream.write_all(body)
}
