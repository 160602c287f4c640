//! A sender as real ones are: it sends a record until it is acknowledged, and never again after that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use salesdash_engine::bench::installation::{Installation, SECRET};
use salesdash_engine::bench::records;

/// What became of one delivery.
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was acknowledged: it is the receiver's now.
    Acknowledged,
    /// It was answered with another status and this body.
    Refused(u16, String),
    /// The connection broke: nobody knows.
    Unknown,
}

/// A connection to a server.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Self { stream: BufReader::new(stream) })
    }

    /// Sends reference record number `number`.
    pub fn send(&mut self, installation: &Installation, number: usize) -> Sent {
        let body = records::record(number);
        let head = format!(
            "POST /hooks/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SECRET}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            installation.route,
            body.len()
        );
        let sent = self.stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat());
        match sent.ok().and_then(|()| self.answer()) {
            Some((202, _)) => Sent::Acknowledged,
            Some((status, body)) => Sent::Refused(status, body),
            None => Sent::Unknown,
        }
    }

    /// Reads an answer to its end. None where it does not come whole.
    fn answer(&mut self) -> Option<(u16, String)> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let status = line.split_whitespace().nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim().to_ascii_lowercase().split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().ok()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
