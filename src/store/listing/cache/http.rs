//! A cache behind HTTP.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};

use crate::safe;

use super::decode::{self, Encoding};
use super::{Limits, Trouble};

/// More than any bundle of certificates has, in bytes.
const MAX_BUNDLE: u64 = 16 << 20;

/// Bytes of a page that says that something is not there.
const MAX_EXCUSE: u64 = 64 << 10;

/// Where systems keep the certificates they trust, in Nix' order (`src/libstore/globals.cc`).
const BUNDLES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt"];

/// Keeps connections open between requests; proxies are those of the environment.
#[derive(Debug)]
pub(super) struct Http {
    base: String,
    agent: Agent,
    body: usize,
}

impl Http {
    /// `base` is the cache's URL without a slash at its end.
    pub fn new(base: &str, limits: &Limits) -> Result<Self, String> {
        let mut config = Config::builder()
            .http_status_as_error(false)
            .timeout_global(Some(limits.total))
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .max_idle_connections(limits.parallel)
            .max_idle_connections_per_host(limits.parallel)
            .max_idle_age(Duration::from_secs(10))
            .accept_encoding("br, zstd, gzip")
            .user_agent(concat!("nix-loom/", env!("CARGO_PKG_VERSION")));
        if base.starts_with("https:") {
            let roots = roots(&|name| std::env::var_os(name))?;
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Self { base: base.to_owned(), agent: config.build().new_agent(), body: limits.body })
    }

    /// A file of the cache, decompressed, or `None` if it has none of that name.
    pub fn read(&self, name: &str, is_wanted: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>, Trouble> {
        // The server may have closed a connection that was kept; a new one gets the answer.
        match self.read_once(name, is_wanted) {
            Err(Trouble::Broken(_)) if is_wanted() => self.read_once(name, is_wanted),
            answer => answer,
        }
    }

    fn read_once(&self, name: &str, is_wanted: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>, Trouble> {
        let response = self.agent.get(format!("{}/{name}", self.base)).call().map_err(trouble)?;
        let status = response.status().as_u16();
        if status != 200 {
            // A connection whose answer was not read to its end is not used again.
            let _ = io::copy(&mut response.into_body().into_reader().take(MAX_EXCUSE), &mut io::sink());
            return match status {
                // S3 answers with 403 for what is not there, if the bucket may not be listed.
                403 | 404 | 410 => Ok(None),
                _ => Err(Trouble::Broken(format!("the cache answers with HTTP status {status}"))),
            };
        }
        let header = response.headers().get("content-encoding").map(|value| value.to_str().unwrap_or("?").to_owned());
        let Some(encoding) = Encoding::of_header(header.as_deref().unwrap_or_default()) else {
            let header = safe::text(header.as_deref().unwrap_or_default());
            return Err(Trouble::Content(format!("the encoding `{header}` of its listing is not known")));
        };
        let body = response.into_body().into_reader();
        decode::read(body, encoding, self.body, is_wanted).map(Some).map_err(|error| match trouble(error.into()) {
            Trouble::Broken(problem) => Trouble::Content(format!("cannot read its listing: {problem}")),
            other => other,
        })
    }
}

/// What an error means for the other files of the cache.
fn trouble(error: Error) -> Trouble {
    use io::ErrorKind as Kind;
    let told = || safe::text(&error.to_string());
    match &error {
        Error::Timeout(_) => Trouble::NoAnswer("it does not answer in time".into()),
        Error::HostNotFound => Trouble::NoAnswer("its host is not found".into()),
        Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::InvalidProxyUrl
        | Error::BadUri(_)
        | Error::Http(_)
        | Error::Tls(_)
        | Error::Pem(_)
        | Error::Rustls(_) => Trouble::NoAnswer(format!("cannot connect: {}", told())),
        Error::Io(io) => match io.kind() {
            Kind::TimedOut => Trouble::NoAnswer("it does not answer in time".into()),
            Kind::ConnectionRefused
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::AddrNotAvailable
            | Kind::InvalidInput => Trouble::NoAnswer(format!("cannot connect: {}", safe::text(&io.to_string()))),
            _ => Trouble::Broken(safe::text(&io.to_string())),
        },
        _ => Trouble::Broken(told()),
    }
}

/// Whom to trust: the bundle that `NIX_SSL_CERT_FILE` or `SSL_CERT_FILE` names, else the system's, else Mozilla's as
/// they are in this program.
fn roots(variables: &dyn Fn(&str) -> Option<OsString>) -> Result<RootCerts, String> {
    let named = ["NIX_SSL_CERT_FILE", "SSL_CERT_FILE"];
    let named = named.iter().filter_map(|name| variables(name)).find(|value| !value.is_empty());
    if let Some(file) = named.map(PathBuf::from) {
        return bundle(&file)
            .map_err(|problem| format!("cannot use the certificates in {}: {problem}", safe::path(&file)));
    }
    Ok(BUNDLES.iter().find_map(|file| bundle(Path::new(file)).ok()).unwrap_or(RootCerts::WebPki))
}

fn bundle(file: &Path) -> Result<RootCerts, String> {
    let found = fs::metadata(file).map_err(|error| error.to_string())?;
    if !found.is_file() || found.len() > MAX_BUNDLE {
        return Err("it is no file, or too large".into());
    }
    let pem = fs::read(file).map_err(|error| error.to_string())?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() { Err("there is none in it".into()) } else { Ok(RootCerts::from(certificates)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_that_are_named_but_cannot_be_used_are_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bundle");
        let roots = |name: &'static str| {
            let file = file.clone();
            roots(&move |variable| (variable == name).then(|| file.clone().into()))
        };
        assert!(roots("NIX_SSL_CERT_FILE").unwrap_err().contains("bundle: No such file"));
        fs::write(&file, "-----BEGIN NOTHING-----\n").unwrap();
        assert!(roots("SSL_CERT_FILE").unwrap_err().contains("there is none in it"));
        fs::write(&file, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").unwrap();
        assert!(matches!(roots("SSL_CERT_FILE"), Ok(RootCerts::Specific(certificates)) if certificates.len() == 1));
        assert!(roots("OTHER").is_ok());
    }
}
