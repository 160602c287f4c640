//! A small HTTP/1.1 server on a free port of this machine. It can do what no decent server does: send half an answer, or none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, as it came.
    pub query: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        pairs(&self.query).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A field of the body, where that is a form, decoded.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        pairs(&self.body).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Everything of it as one text: to look for what must not be in it.
    #[must_use]
    pub fn whole(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{} {}?{}\n{headers}\n{}", self.method, self.path, self.query, self.body)
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
        while let [first, tail @ ..] = rest {
            rest = tail;
            match (first, tail) {
                (b'+', _) => bytes.push(b' '),
                (b'%', [high, low, tail @ ..]) => {
                    let digits = [*high, *low];
                    bytes.push(std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(b'?'));
                    rest = tail;
                }
                _ => bytes.push(*first),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decode(name), decode(value))).collect()
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer: status, headers, body.
    Answer(u16, Vec<(String, String)>, String),
    /// An answer that breaks off in the middle of its body.
    Half(String),
    /// Nothing: the connection is closed.
    Close,
    /// Nothing, ever: the connection stays open until the other side gives up.
    Silence,
}

impl Reply {
    /// An answer of a status and a JSON body.
    #[must_use]
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, vec![("Content-Type".to_owned(), "application/json".to_owned())], body.into())
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<String>) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name.to_owned(), value.into()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

/// What answers requests.
type Answerer = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port.
    ///
    /// # Panics
    /// Where this machine has no port left.
    pub fn start(answer: Answerer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let closing = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&closing);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::Relaxed) {
                    return;
                }
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || drop(serve(&stream, &*answer)));
            }
        });
        Self { address, closing, thread: Some(thread) }
    }

    /// Its address, such as `http://127.0.0.1:43210`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        // One last connection, so that it looks.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Answers the one request of a connection.
fn serve(mut stream: &TcpStream, answer: &(dyn Fn(&Asked) -> Reply + Send + Sync)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut parts = line.split_ascii_whitespace();
    let (method, target) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked { method, path: path.to_owned(), query: query.to_owned(), ..Asked::default() };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            asked.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    match answer(&asked) {
        Reply::Answer(status, headers, body) => {
            let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            write!(stream, "HTTP/1.1 {status} -\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        }
        Reply::Half(body) => {
            write!(stream, "HTTP/1.1 200 -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len() * 2)
        }
        Reply::Close => Ok(()),
        // Until the other side hangs up.
        Reply::Silence => reader.read(&mut [0]).map(|_| ()),
    }
}
