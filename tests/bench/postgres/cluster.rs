//! The cluster: made, started, connected to, ended by its pid. Knows no table.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use rcgen::CertifiedKey;
use rustls::{RootCertStore, crypto::ring};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::patience::until;

const USER: &str = "postgres";
const INSTALLED: &str = "/usr/lib/postgresql";

pub struct Cluster {
    pub version: String,
    server: Child,
    config: Config,
    tls: MakeRustlsConnect,
    port: u16,
    data: PathBuf,
}

impl Cluster {
    pub fn start(runtime: &Runtime, dir: &Path) -> anyhow::Result<Cluster> {
        let bin = installed()?;
        let owner = Owner::find()?;
        owner.give(dir)?;
        let data = dir.join("data");
        let log = File::create(dir.join("log"))?;
        let made = owner
            .command(&bin.join("initdb"))
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--username",
                USER,
            ])
            .arg(&data)
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .status()?;
        ensure!(
            made.success(),
            "initdb: {made}; see {}",
            dir.join("log").display()
        );
        let tls = certify(&data, &owner)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            "unix_socket_directories=".to_owned(),
            "ssl=on".to_owned(),
            "shared_buffers=1GB".to_owned(),
            "max_wal_size=4GB".to_owned(),
        ];
        let mut server = owner.command(&bin.join("postgres"));
        server.arg("-D").arg(&data);
        for setting in settings {
            server.args(["-c", &setting]);
        }
        let server = server
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut config = Config::new();
        config
            .host("localhost")
            .hostaddr([127, 0, 0, 1].into())
            .port(port)
            .user(USER);
        config.dbname(USER).ssl_mode(SslMode::Require);
        let mut cluster = Cluster {
            version: String::new(),
            server,
            config,
            tls,
            port,
            data,
        };
        cluster.version = runtime.block_on(cluster.answers())?;
        Ok(cluster)
    }

    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// For other clients, who trust [`Cluster::ca`].
    pub fn url(&self) -> String {
        format!(
            "postgres://{USER}@localhost:{}/{USER}?sslmode=require",
            self.port
        )
    }

    pub fn ca(&self) -> PathBuf {
        self.data.join("server.crt")
    }

    /// A connection over TLS.
    pub async fn connect(&self) -> anyhow::Result<Client> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn answers(&self) -> anyhow::Result<String> {
        let client = until("PostgreSQL answers", async || Ok(self.connect().await.ok()));
        let client = client.await?;
        let asked = "SELECT version(), ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let row = client.query_one(asked, &[]).await?;
        ensure!(
            row.get::<_, &str>(1) == "true",
            "the connection is without TLS"
        );
        Ok(row.get(0))
    }

    /// A fast shutdown, with a last checkpoint.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.server.id().to_string();
        ensure!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()?
                .success(),
            "kill"
        );
        let ended = self.server.wait()?;
        ensure!(ended.success(), "PostgreSQL ended with {ended}");
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(None) = self.server.try_wait() {
            // The children of a killed postmaster end by themselves, but late.
            let pid = self.server.id().to_string();
            let _ = Command::new("kill").args(["-QUIT", &pid]).status();
            let _ = self.server.wait();
        }
    }
}

/// Where the newest version's programs are; installs Debian's package when
/// root may.
fn installed() -> anyhow::Result<PathBuf> {
    if let Some(bin) = newest() {
        return Ok(bin);
    }
    let owner = Owner::find()?;
    ensure!(
        owner.is_root,
        "install PostgreSQL's server, or run this as root"
    );
    eprintln!("  installing postgresql");
    for arguments in [
        ["update", "-qq"].as_slice(),
        &["install", "-y", "-qq", "postgresql"],
    ] {
        let apt = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status()?;
        ensure!(apt.success(), "apt-get {}: {apt}", arguments[0]);
    }
    newest().context("PostgreSQL is not where its package puts it")
}

fn newest() -> Option<PathBuf> {
    let versions = fs::read_dir(INSTALLED).ok()?.flatten();
    let newest = versions.max_by_key(|version| {
        let name = version.file_name();
        name.to_string_lossy().parse::<u32>().unwrap_or(0)
    })?;
    let bin = newest.path().join("bin");
    bin.join("initdb").exists().then_some(bin)
}

/// Who runs it: PostgreSQL refuses root.
struct Owner {
    is_root: bool,
}

impl Owner {
    fn find() -> anyhow::Result<Owner> {
        Ok(Owner {
            is_root: id(&["-u"])? == 0,
        })
    }

    /// Ends with the bench, however that ends.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "INT"]);
        if self.is_root {
            command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
        }
        command.arg("--").arg(program);
        command
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        if self.is_root {
            chown(path, Some(id(&["-u", USER])?), Some(id(&["-g", USER])?))?;
        }
        Ok(())
    }
}

fn id(arguments: &[&str]) -> anyhow::Result<u32> {
    let said = Command::new("id").args(arguments).output()?;
    ensure!(said.status.success(), "there is no user {USER}");
    Ok(String::from_utf8(said.stdout)?.trim().parse()?)
}

/// A certificate for loopback, and a client that trusts it alone.
fn certify(data: &Path, owner: &Owner) -> anyhow::Result<MakeRustlsConnect> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names)?;
    for (name, text) in [
        ("server.crt", cert.pem()),
        ("server.key", signing_key.serialize_pem()),
    ] {
        let path = data.join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        owner.give(&path)?;
    }
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone())?;
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
