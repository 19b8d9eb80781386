//! The files for nginx, Apache and Caddy in the real servers, looked at as a sender would: the
//! probe against a healthy domain whose policy is served by them. Traefik and Nginx Proxy Manager
//! are not run, but the nginx behind them is.
//!
//! `cargo test --test hosting_servers -- --ignored`, where all three are installed.

#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mta_sts_core::{
    Domain, Facts, Hosting, MaxAge, Mode, MxPattern, Policy, PolicyId, Setup, judge,
};
use mta_sts_lab::{Lab, scenarios};
use mta_sts_probe::{CheckOptions, Endpoints, Probe};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use tempfile::TempDir;
use time::OffsetDateTime;

const DOMAIN: &str = "healthy.example";
const POLICY_HOST: &str = "mta-sts.healthy.example";
const POLICY_PATH: &str = "/.well-known/mta-sts.txt";
/// Where the files expect everything on the web server of a person.
const LIVE: &str = "/etc/letsencrypt/live/mta-sts.healthy.example";
const DOCUMENT_ROOT: &str = "/var/www/mta-sts";

/// A folder with everything a server needs, and the root that its certificate hangs on.
struct Stage {
    folder: TempDir,
    address: SocketAddr,
    setup: Setup,
    root: CertifiedIssuer<'static, KeyPair>,
}

/// A running server; dropping it ends it, also when the test fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// Writes the files of a kind, as the program would, with a certificate for the policy host.
    fn new(hosting: Hosting) -> Self {
        // Apache reads the policy as another user.
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let mx = ["mx1.healthy.example", "mx2.healthy.example"]
            .map(|pattern| MxPattern::parse(pattern).unwrap());
        let max_age = MaxAge::new(1_209_600).unwrap();
        let setup = Setup {
            domain: Domain::parse(DOMAIN).unwrap(),
            zone: Domain::parse(DOMAIN).unwrap(),
            policy: Policy::new(Mode::Enforce, max_age, mx.to_vec()).unwrap(),
            id: PolicyId::parse("1").unwrap(),
            rua: Vec::new(),
        };
        let artifacts = setup.hosting_artifacts(hosting).unwrap();
        let target = mta_sts_save::Target::Folder(folder.path().to_owned());
        mta_sts_save::write(&target, &artifacts, None, |_| false).unwrap();

        let root = root();
        let (chain, key) = certificate(&root);
        fs::write(folder.path().join("fullchain.pem"), chain).unwrap();
        fs::write(folder.path().join("privkey.pem"), key).unwrap();
        // The servers cannot tell which port they were given, so a free one is looked for.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            folder,
            address: free.local_addr().unwrap(),
            setup,
            root,
        }
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    /// A file of the program with some of its texts replaced. Each has to stand in it just as often
    /// as is said.
    fn adapted(&self, file: &str, replacements: &[(&str, usize, String)]) -> String {
        let mut text = fs::read_to_string(self.path(file)).unwrap();
        for (from, count, to) in replacements {
            assert_eq!(text.matches(from).count(), *count, "{from} in {file}");
            text = text.replace(from, to);
        }
        text
    }

    /// Starts a server and waits until it takes connections.
    fn start(&self, mut command: Command) -> Server {
        let search = std::env::var("PATH").unwrap_or_default();
        let child = command
            .env("PATH", format!("{search}:/usr/sbin:/usr/local/sbin"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Server(child);
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = server.0.try_wait().unwrap() {
                panic!("{command:?} ended: {status}");
            }
            assert!(Instant::now() < deadline, "{command:?} takes no connection");
            thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// What a sender sees of the domain: everything is in the lab, but for the policy host.
    fn facts(&self) -> Facts {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let healthy: Vec<_> = scenarios()
                .iter()
                .filter(|scenario| scenario.domain == DOMAIN)
                .cloned()
                .collect();
            let lab = Lab::start(&healthy).await.unwrap();
            let probe = Probe::new(self.endpoints(&lab)).unwrap();
            let now = OffsetDateTime::now_utc();
            let options = CheckOptions::new(self.setup.domain.clone());
            let facts = Mutex::new(Facts::new(self.setup.domain.clone(), now));
            probe
                .check(&options, now, |fact| facts.lock().unwrap().fold(fact))
                .await;
            facts.into_inner().unwrap()
        })
    }

    fn endpoints(&self, lab: &Lab) -> Endpoints {
        let mut routes = lab.routes();
        for (address, socket) in &mut routes {
            if address.port() == 443 {
                *socket = self.address;
            }
        }
        Endpoints::practice(
            lab.resolver(),
            routes,
            lab.trust_root_der(),
            lab.control_hosts_for(DOMAIN),
            lab.control_web_host(),
        )
        .with_trust_root_der(self.root.der())
        .unwrap()
    }

    /// The status line and the rest of the answer to a request, over one version of TLS.
    fn ask(
        &self,
        version: &'static SupportedProtocolVersion,
        request: &str,
    ) -> std::io::Result<(String, String)> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(POLICY_HOST).unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(self.address)?);
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {POLICY_HOST}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
        let answer = String::from_utf8(answer).unwrap();
        let (status, rest) = answer.split_once("\r\n").unwrap();
        Ok((status.to_owned(), rest.to_owned()))
    }

    /// All that a sender asks for, and nothing more.
    fn is_what_a_sender_wants(&self) {
        let facts = self.facts();
        let report = judge(&facts);
        assert!(report.findings.is_empty(), "{:#?}", report.findings);
        assert!(report.not_checked.is_empty(), "{:#?}", report.not_checked);
        let response = facts.policy.seen().unwrap().response.seen().unwrap();
        let served = String::from_utf8(response.body.0.clone()).unwrap();
        assert_eq!(served, self.setup.policy.write());

        for version in [&TLS12, &TLS13] {
            let status = |request: &str| {
                let (status, rest) = self.ask(version, request).unwrap();
                assert!(!rest.to_ascii_lowercase().contains("\nlocation:"), "{rest}");
                status
            };
            assert!(status(&format!("GET {POLICY_PATH}")).contains(" 200 "));
            assert!(status(&format!("HEAD {POLICY_PATH}")).contains(" 200 "));
            for path in ["/", "/.well-known", "/.well-known/", "/mta-sts.txt", "/a/b"] {
                assert!(status(&format!("GET {path}")).contains(" 404"), "{path}");
            }
        }
    }
}

fn root() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for the policy host and its key, as PEM.
fn certificate(root: &CertifiedIssuer<'static, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([POLICY_HOST.to_owned()]).unwrap();
    let now = OffsetDateTime::now_utc();
    params.not_before = now - time::Duration::days(1);
    params.not_after = now + time::Duration::days(89);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let leaf = params.signed_by(&key, root).unwrap();
    (leaf.pem(), key.serialize_pem())
}

/// Our file for an nginx on a server of one's own.
fn nginx_site(stage: &Stage) -> String {
    let port = stage.address.port();
    let ipv6 = if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        format!("listen [::1]:{port} ssl;")
    } else {
        String::new()
    };
    stage.adapted(
        "hosting/nginx/mta-sts.conf",
        &[
            (
                "listen 443 ssl;",
                1,
                format!("listen {} ssl;", stage.address),
            ),
            ("listen [::]:443 ssl;", 1, ipv6),
            (LIVE, 2, stage.path("")),
            (DOCUMENT_ROOT, 1, stage.path("hosting/nginx/site")),
        ],
    )
}

/// What a server block needs to answer with the certificate of the policy host itself.
fn nginx_listens(stage: &Stage) -> String {
    let folder = stage.path("");
    format!(
        "listen {} ssl;\nssl_certificate {folder}fullchain.pem;\n\
         ssl_certificate_key {folder}privkey.pem;\nssl_protocols TLSv1.2 TLSv1.3;\n",
        stage.address
    )
}

/// nginx with these server blocks.
fn start_nginx(stage: &Stage, servers: &str) -> Server {
    let folder = stage.path("");
    let config = format!(
        "daemon off;\nmaster_process off;\npid {folder}nginx.pid;\nevents {{}}\n\
         http {{\naccess_log off;\ndefault_type application/octet-stream;\n\
         client_body_temp_path {folder}body;\nproxy_temp_path {folder}proxy;\n\
         fastcgi_temp_path {folder}fastcgi;\nuwsgi_temp_path {folder}uwsgi;\n\
         scgi_temp_path {folder}scgi;\n{servers}\n}}\n"
    );
    fs::write(stage.path("nginx.conf"), config).unwrap();
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-c", &stage.path("nginx.conf")]);
    stage.start(command)
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn nginx_serves_the_policy_over_both_versions_of_tls() {
    let stage = Stage::new(Hosting::Nginx);
    let _server = start_nginx(&stage, &nginx_site(&stage));
    stage.is_what_a_sender_wants();
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn nginx_serves_the_policy_behind_a_default_server_with_tls_1_2_and_another_answer() {
    let stage = Stage::new(Hosting::Nginx);
    let folder = stage.path("");
    let default = format!(
        "server {{\nlisten {} ssl default_server;\nserver_name _;\nssl_protocols TLSv1.2;\n\
         ssl_certificate {folder}fullchain.pem;\nssl_certificate_key {folder}privkey.pem;\n\
         return 301 https://www.healthy.example$request_uri;\n}}\n",
        stage.address
    );
    let _server = start_nginx(&stage, &format!("{default}\n{}", nginx_site(&stage)));
    let request = format!("GET {POLICY_PATH}");
    let (status, rest) = stage.ask(&TLS12, &request).unwrap();
    assert!(status.contains(" 200 "), "{status}");
    assert!(rest.ends_with(&stage.setup.policy.write()), "{rest}");
    // What the comment in the file warns of.
    match stage.ask(&TLS13, &request) {
        Ok((status, _)) => println!("this nginx heeds ssl_protocols of each server: {status}"),
        Err(error) => println!("this nginx heeds ssl_protocols of the default server: {error}"),
    }
    let report = judge(&stage.facts());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn the_nginx_behind_traefik_serves_the_policy() {
    let stage = Stage::new(Hosting::Traefik);
    // Traefik has the certificate there; here nginx has it.
    let server = stage.adapted(
        "hosting/traefik/mta-sts.conf",
        &[
            ("listen 80;", 1, nginx_listens(&stage)),
            (
                "/usr/share/nginx/html",
                1,
                stage.path("hosting/traefik/site"),
            ),
        ],
    );
    let _server = start_nginx(&stage, &server);
    stage.is_what_a_sender_wants();
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn the_nginx_of_nginx_proxy_manager_serves_the_policy() {
    let stage = Stage::new(Hosting::NginxProxyManager);
    let site = stage.path("hosting/nginx-proxy-manager/site");
    let advanced = stage.adapted(
        "hosting/nginx-proxy-manager/advanced.conf",
        &[("/data/mta-sts", 1, site)],
    );
    let listens = nginx_listens(&stage);
    let server = format!("server {{\nserver_name {POLICY_HOST};\n{listens}{advanced}}}\n");
    let _server = start_nginx(&stage, &server);
    stage.is_what_a_sender_wants();
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn apache_serves_the_policy() {
    let stage = Stage::new(Hosting::Apache);
    let site = stage.adapted(
        "hosting/apache/mta-sts.conf",
        &[
            ("*:443", 1, stage.address.to_string()),
            (LIVE, 2, stage.path("")),
            (DOCUMENT_ROOT, 2, stage.path("hosting/apache/site")),
        ],
    );
    let folder = Path::new("/usr/lib/apache2/modules");
    let load = |name: &str| {
        let file = folder.join(format!("mod_{name}.so"));
        format!("LoadModule {name}_module {}\n", file.display())
    };
    // What Debian switches on by itself, as far as it has a say in the answer.
    let modules = [
        "mpm_event",
        "authz_core",
        "alias",
        "autoindex",
        "deflate",
        "dir",
        "filter",
        "mime",
        "negotiation",
        "ssl",
    ]
    .map(load)
    .concat();
    let config = format!(
        "{modules}Listen {}\nServerName localhost\nUser www-data\nGroup www-data\nPidFile {}\n\
         DefaultRuntimeDir {}\nErrorLog /dev/stderr\nTypesConfig /etc/mime.types\n{site}",
        stage.address,
        stage.path("apache.pid"),
        stage.path(""),
    );
    fs::write(stage.path("apache.conf"), config).unwrap();
    let mut command = Command::new("apache2");
    // One process, so that nothing is left when it is ended.
    command.args([
        "-X",
        "-d",
        &stage.path(""),
        "-f",
        &stage.path("apache.conf"),
    ]);
    let _server = stage.start(command);
    stage.is_what_a_sender_wants();
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn caddy_serves_the_policy() {
    let stage = Stage::new(Hosting::Caddy);
    let site = stage.path("hosting/caddy/site");
    let _server = start_caddy(&stage, "hosting/caddy/Caddyfile", site);
    stage.is_what_a_sender_wants();
}

#[test]
#[ignore = "needs nginx, Apache and Caddy"]
fn caddy_serves_the_policy_out_of_the_folder_of_its_host() {
    let stage = Stage::new(Hosting::CaddyMany);
    let hosts = stage.path("hosts");
    fs::create_dir(&hosts).unwrap();
    let folder = Path::new(&hosts).join(POLICY_HOST);
    fs::rename(stage.path("hosting/caddy-many/site"), folder).unwrap();
    let _server = start_caddy(&stage, "hosting/caddy-many/Caddyfile", hosts);
    stage.is_what_a_sender_wants();
}

/// Caddy with one of our files, its folder put in the place of `/var/www/mta-sts`.
fn start_caddy(stage: &Stage, file: &str, document_root: String) -> Server {
    // No certificate of a public authority can be had here, so it is given one.
    let opening = format!("\n{POLICY_HOST} {{\n");
    let with_certificate = format!(
        "\nhttps://{POLICY_HOST}:{} {{\n\tbind 127.0.0.1\n\ttls {} {}\n",
        stage.address.port(),
        stage.path("fullchain.pem"),
        stage.path("privkey.pem"),
    );
    let site = stage.adapted(
        file,
        &[
            (&opening, 1, with_certificate),
            (DOCUMENT_ROOT, 1, document_root),
        ],
    );
    let config = format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}");
    fs::write(stage.path("Caddyfile"), config).unwrap();
    let mut command = Command::new("caddy");
    command
        .args([
            "run",
            "--adapter",
            "caddyfile",
            "--config",
            &stage.path("Caddyfile"),
        ])
        .env("XDG_CONFIG_HOME", stage.path("config"))
        .env("XDG_DATA_HOME", stage.path("data"));
    stage.start(command)
}
