//! An HTTP server of the test's own: says what it is told to, and remembers what it was asked.

// Every test file compiles this module for itself, and none uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, headers and a body; the connection stays open.
    Full { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// As it is, and then the connection is closed.
    Raw(Vec<u8>),
    /// A body that never ends.
    Endless { headers: &'static str },
    /// Nothing, until the client has enough of it.
    Silence,
}

impl Reply {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Full { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn status(status: u16) -> Self {
        Self::Full { status, headers: Vec::new(), body: b"<html>no JSON</html>".to_vec() }
    }

    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Full { status, mut headers, body } => {
                headers.push((name, value.into()));
                Self::Full { status, headers, body }
            }
            other => other,
        }
    }
}

pub struct Server {
    pub url: String,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    asked: Mutex<Vec<String>>,
    headers: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl Server {
    /// Answers until the test program ends.
    pub fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let said = Arc::new(Said::default());
        let (answer, here) = (Arc::new(answer), Arc::clone(&said));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (answer, said) = (Arc::clone(&answer), Arc::clone(&here));
                said.connections.fetch_add(1, Ordering::Relaxed);
                // A client that goes away ends the connection, and nothing else.
                thread::spawn(move || drop(serve(&connection.unwrap(), &*answer, &said)));
            }
        });
        Self { url, said }
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.said.asked.lock().unwrap().clone()
    }

    /// All headers of all requests.
    pub fn headers(&self) -> Vec<String> {
        self.said.headers.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.said.connections.load(Ordering::Relaxed)
    }
}

fn serve(mut connection: &TcpStream, answer: &dyn Fn(&str) -> Reply, said: &Said) -> std::io::Result<()> {
    let mut requests = BufReader::new(connection);
    loop {
        let mut request = String::new();
        requests.read_line(&mut request)?;
        let Some(path) = request.split(' ').nth(1) else { return Ok(()) };
        said.asked.lock().unwrap().push(path.to_owned());
        loop {
            let mut header = String::new();
            if requests.read_line(&mut header)? <= 2 {
                break;
            }
            said.headers.lock().unwrap().push(header.trim_end().to_owned());
        }
        match answer(path) {
            Reply::Full { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head += &format!("{name}: {value}\r\n");
                }
                connection.write_all((head + "\r\n").as_bytes())?;
                connection.write_all(&body)?;
            }
            Reply::Raw(bytes) => return connection.write_all(&bytes),
            Reply::Endless { headers } => {
                connection.write_all(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes())?;
                loop {
                    connection.write_all(&[b' '; 64 << 10])?;
                }
            }
            Reply::Silence => {
                // Ends when the client closes it.
                requests.read_line(&mut String::new())?;
                return Ok(());
            }
        }
    }
}
