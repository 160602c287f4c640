//! Traces for a collector: what is sent, and what is not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use salesdash_engine::bench::installation::{Installation, SECRET};
use salesdash_engine::bench::records;
use salesdash_store::Store;
use salesdash_value::Value;

use crate::operations::Started;
use crate::support::{Folder, parse};

/// A collector that keeps what it is sent: its address, and the path and the body of each request.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (send, sent) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let (mut first, mut length) = (String::new(), 0);
            stream.read_line(&mut first).expect("a request");
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).expect("a header");
                match line.trim().to_ascii_lowercase().split_once(':') {
                    Some(("content-length", value)) => length = value.trim().parse().expect("a length"),
                    Some(_) => {}
                    None => break,
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).expect("a body");
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("an answer");
            if send.send((first.split_whitespace().nth(1).unwrap_or_default().to_owned(), body)).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), sent)
}

/// The texts of a record that nobody would take for a word of ours.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Text(text) if text.len() >= 6 => found.push(text.to_string()),
        Value::List(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(_, value)| texts(value, found)),
        _ => {}
    }
}

#[test]
fn a_collector_is_sent_what_the_server_does_and_nothing_of_what_it_handles() {
    let folder = Folder::new();
    let store = Store::open(&folder.path().join("data")).expect("a store");
    let installation = Installation::make(&store, true).expect("an installation");
    drop(store);
    let (collector, sent) = collector();
    let started = Started::new(&folder, &["serve", "--listen", "127.0.0.1:0", "--otlp", &collector]);
    let record = records::record(0);
    let path = format!("/hooks/{}", installation.route);
    let answer = started.post(&path, &[("Authorization", &format!("Bearer {SECRET}"))], &record);
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    let bearer = format!("Bearer {}", installation.token);
    while !started.get_with("/api/v1/executions?status=succeeded", &[("Authorization", &bearer)]).contains("\"succeeded\"") {}
    // What has not been sent by then is sent at the end.
    let mut wanted =
        vec!["delivery", "commit", "execution", "POST /hooks/{secret}", "http.response.status_code", "succeeded", "service.name"];
    started.stop();
    let mut all = Vec::new();
    for (path, body) in sent.try_iter() {
        assert_eq!(path, "/v1/traces");
        all.extend(body);
    }
    let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
    wanted.retain(|text| !holds(text));
    assert!(wanted.is_empty(), "not sent: {wanted:?}");
    let mut private = vec![SECRET.to_owned(), installation.route];
    texts(&parse(&record), &mut private);
    assert!(private.len() > 10);
    private.retain(|text| holds(text));
    assert!(private.is_empty(), "sent: {private:?}");
}

#[test]
fn a_collector_that_is_not_there_holds_nothing_up() {
    let folder = Folder::new();
    // A port that nobody listens at any more.
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let started = Started::new(&folder, &["serve", "--listen", "127.0.0.1:0", "--otlp", &format!("http://{gone}")]);
    assert!(started.get("/health").starts_with("HTTP/1.1 200 "));
    started.stop();
    assert!(folder.salesdash(&["serve", "--otlp", "nowhere"]).exits(2).errors.contains("--otlp"));
}
