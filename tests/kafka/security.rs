//! TLS, passwords and rights against a real broker that demands them, with certificates made here.

use super::harness::{Installation, OwnBroker, WorkerProcess};
use crate::support::{hitstream, json_of, list_record};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A certificate authority, another one, and two servers' keys and certificates by the first: a good one and one that is over.
fn certificates(folder: &Path) {
    let key = "-newkey rsa:2048 -nodes";
    for ca in ["ca", "other"] {
        openssl(folder, &format!("req -x509 {key} -keyout {ca}.key -out {ca}.pem -subj /CN={ca} -days 2"));
    }
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").unwrap();
    for (server, dates) in [("good", "-days 2"), ("over", "-days 0")] {
        openssl(folder, &format!("req {key} -keyout {server}.key -out {server}.csr -subj /CN=localhost"));
        let sign = format!("x509 -req -in {server}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names {dates} -out {server}.crt");
        openssl(folder, &sign);
        let read = |ending: &str| std::fs::read_to_string(folder.join(format!("{server}.{ending}"))).unwrap();
        std::fs::write(folder.join(format!("{server}.pem")), read("key") + &read("crt")).unwrap();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Secured {
    broker: OwnBroker,
    installation: Installation,
    certificates: tempfile::TempDir,
    good: u16,
    over: u16,
}

impl Secured {
    /// Plain text for the tests' own hands, and two ports for users with passwords over TLS. What is not granted is denied.
    fn start() -> Self {
        let certificates_folder = tempfile::tempdir().unwrap();
        let folder = certificates_folder.path();
        certificates(folder);
        let (good, over) = (free_port(), free_port());
        let users = "org.apache.kafka.common.security.plain.PlainLoginModule required user_worker=\"right\" user_publisher=\"right\";";
        let settings = [
            format!(
                "listeners=PLAINTEXT://127.0.0.1:@port@,GOOD://127.0.0.1:{good},OVER://127.0.0.1:{over},CONTROLLER://127.0.0.1:@controller@"
            ),
            format!("advertised.listeners=PLAINTEXT://127.0.0.1:@port@,GOOD://localhost:{good},OVER://localhost:{over}"),
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,GOOD:SASL_SSL,OVER:SASL_SSL,CONTROLLER:PLAINTEXT".to_owned(),
            "sasl.enabled.mechanisms=PLAIN".to_owned(),
            format!("listener.name.good.plain.sasl.jaas.config={users}"),
            format!("listener.name.over.plain.sasl.jaas.config={users}"),
            "ssl.keystore.type=PEM".to_owned(),
            format!("listener.name.good.ssl.keystore.location={}", folder.join("good.pem").display()),
            format!("listener.name.over.ssl.keystore.location={}", folder.join("over.pem").display()),
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned(),
            "super.users=User:ANONYMOUS".to_owned(),
        ];
        let broker = OwnBroker::start(&settings.iter().map(String::as_str).collect::<Vec<_>>());
        let installation = Installation::on(&broker.bootstrap, "secure");
        Self { broker, installation, certificates: certificates_folder, good, over }
    }

    /// The configuration of a user: by default everything is right.
    fn config(&self, user: &str, bootstrap: &str, ca: &str, password: &str) -> PathBuf {
        let folder = self.certificates.path();
        let secret = folder.join(format!("{user}-{password}"));
        std::fs::write(&secret, format!("{password}\n")).unwrap();
        let path = self.installation.config_at(bootstrap, user, "");
        let text = std::fs::read_to_string(&path).unwrap();
        let options = format!(
            "[kafka.secrets]\n\"sasl.password\" = {{ file = \"{}\" }}\n[kafka.options]\n\"security.protocol\" = \"SASL_SSL\"\n\
             \"sasl.mechanism\" = \"PLAIN\"\n\"sasl.username\" = \"{user}\"\n\"ssl.ca.location\" = \"{}\"\n",
            secret.display(),
            folder.join(ca).display()
        );
        let own = folder.join(format!("{user}-{password}-{ca}-{}.toml", bootstrap.replace(':', "-")));
        std::fs::write(&own, text.replace("[kafka.options]\n", &options)).unwrap();
        own
    }

    fn good_config(&self, user: &str) -> PathBuf {
        self.config(user, &format!("localhost:{}", self.good), "ca.pem", "right")
    }

    /// Grants what `topics acls` prints under a heading, word for word, by Kafka's own tool; without what `but` names.
    fn grant(&self, principal: &str, heading: &str, but: &str) {
        let config = self.installation.config_at(&self.broker.bootstrap, "admin", "");
        let printed = hitstream().args(["topics", "acls", "--principal", principal, "--config"]).arg(config).output().unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        let section = printed.split("# ").find(|section| section.starts_with(heading)).unwrap();
        let commands = section.lines().skip(1).filter(|line| but.is_empty() || !line.contains(but));
        for command in commands {
            let arguments = command.strip_prefix("kafka-acls.sh ").unwrap().replace('\'', "");
            let classes = format!("{}/*", OwnBroker::libs());
            let tool = ["-cp", &classes, "org.apache.kafka.tools.AclCommand"];
            let done = Command::new("java").args(tool).args(arguments.split(' ')).output().unwrap();
            assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        }
    }
}

fn check(config: &Path) -> (Option<i32>, String) {
    let output = hitstream().args(["topics", "check", "--config"]).arg(config).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// With exactly the rights that `topics acls` prints a worker works and a publisher publishes; with one less it says which.
#[test]
fn a_worker_with_the_printed_rights_works_over_tls_and_every_mistake_is_named() {
    let secured = Secured::start();
    let (installation, localhost) = (&secured.installation, format!("localhost:{}", secured.good));
    // Before any right is granted.
    let (code, err) = check(&secured.good_config("worker"));
    assert!(code == Some(2) && (err.contains("grant DESCRIBE") || err.contains("missing topics")), "{err}");
    for (config, part) in [
        (secured.config("worker", &localhost, "ca.pem", "wrong"), "Authentication failed"),
        (secured.config("worker", &localhost, "other.pem", "right"), "certificate verify failed"),
        (secured.config("worker", &format!("127.0.0.1:{}", secured.good), "ca.pem", "right"), "verify"),
        (secured.config("worker", &format!("localhost:{}", secured.over), "ca.pem", "right"), "its time is over"),
    ] {
        let (code, err) = check(&config);
        assert!(code == Some(1) && err.contains(part), "wanted {part}: {err}");
        assert!(!err.contains("right\"") && !err.contains("wrong\""), "no password is shown: {err}");
    }
    secured.grant("User:publisher", "whoever runs `hitstream publish`", "");
    let list = installation.folder.path().join("test.jsonl");
    std::fs::write(&list, list_record("a", &["Viktor Halvorsen"]).to_string()).unwrap();
    let publish = || hitstream().arg("publish").arg(&list).arg("--config").arg(secured.good_config("publisher")).output().unwrap();
    let published = publish();
    assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
    // All rights but the one to write hits: nothing is decided, and the message names what to grant.
    let hits = installation.topic("hits").to_string();
    secured.grant("User:worker", "the worker", &hits);
    let config = secured.good_config("worker");
    let mut worker = WorkerProcess::start(&config, installation.folder.path(), "worker");
    let value = br#"{"id":"t","parties":[{"name":"HALVORSEN VIKTOR"}]}"#.to_vec();
    installation.send(std::iter::once((installation.topic("transactions"), "t".to_owned(), Some(value))));
    assert_eq!(worker.exit_code(SOON), Some(2), "{}", worker.log());
    assert!(worker.log().contains(&format!("not allowed to read the description of topic {hits}")), "{}", worker.log());
    secured.grant("User:worker", "the worker", "");
    let worker = WorkerProcess::start(&config, installation.folder.path(), "worker");
    let mut decisions = installation.follow("decisions");
    decisions.until("the decision", SOON, |seen| !seen.is_empty());
    assert_eq!(json_of(decisions.seen[0].value.as_deref())["decision"], "hit");
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("HALVORSEN") && !log.contains("Halvorsen"), "no name is logged: {log}");
}

/// Both sides show a certificate; or a password that is never sent (SCRAM). Each mistake is named.
#[test]
fn a_client_certificate_or_a_scram_password_opens_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certificates(folder);
    // A client of ours, and one whom another authority vouches for.
    for (client, ca) in [("insider", "ca"), ("stranger", "other")] {
        openssl(folder, &format!("req -newkey rsa:2048 -nodes -keyout {client}.key -out {client}.csr -subj /CN={client}"));
        let sign = format!("x509 -req -in {client}.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial -days 2 -out {client}.crt");
        openssl(folder, &sign);
    }
    let (mutual, scram) = (free_port(), free_port());
    let module = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
    let settings = [
        format!(
            "listeners=PLAINTEXT://127.0.0.1:@port@,MUTUAL://127.0.0.1:{mutual},SCRAM://127.0.0.1:{scram},CONTROLLER://127.0.0.1:@controller@"
        ),
        format!("advertised.listeners=PLAINTEXT://127.0.0.1:@port@,MUTUAL://localhost:{mutual},SCRAM://localhost:{scram}"),
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,MUTUAL:SSL,SCRAM:SASL_SSL,CONTROLLER:PLAINTEXT".to_owned(),
        "sasl.enabled.mechanisms=SCRAM-SHA-512".to_owned(),
        format!("listener.name.scram.scram-sha-512.sasl.jaas.config={module}"),
        "ssl.keystore.type=PEM".to_owned(),
        "ssl.truststore.type=PEM".to_owned(),
        format!("ssl.keystore.location={}", folder.join("good.pem").display()),
        format!("ssl.truststore.location={}", folder.join("ca.pem").display()),
        "listener.name.mutual.ssl.client.auth=required".to_owned(),
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned(),
        "super.users=User:ANONYMOUS;User:CN=insider;User:scrammer".to_owned(),
    ];
    let broker = OwnBroker::start(&settings.iter().map(String::as_str).collect::<Vec<_>>());
    let installation = Installation::on(&broker.bootstrap, "mutual");
    let classes = format!("{}/*", OwnBroker::libs());
    let user = ["--entity-type", "users", "--entity-name", "scrammer", "--add-config", "SCRAM-SHA-512=[iterations=4096,password=right]"];
    let tool = ["-cp", &classes, "kafka.admin.ConfigCommand", "--bootstrap-server", &broker.bootstrap, "--alter"];
    let made = Command::new("java").args(tool).args(user).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let check_with = |name: &str, port: u16, options: &str| {
        let path = installation.config_at(&format!("localhost:{port}"), name, "");
        let text = std::fs::read_to_string(&path).unwrap();
        let options = options.replace('@', &format!("{}/", folder.display()));
        let options = format!("{options}\"ssl.ca.location\" = \"{}/ca.pem\"\n", folder.display());
        std::fs::write(&path, text.replace("[kafka.options]\n", &options)).unwrap();
        check(&path)
    };
    let certificate = |client: &str| {
        format!(
            "[kafka.options]\n\"security.protocol\" = \"SSL\"\n\"ssl.certificate.location\" = \"@{client}.crt\"\n\"ssl.key.location\" = \"@{client}.key\"\n"
        )
    };
    let password = |password: &str| {
        std::fs::write(folder.join(password), password).unwrap();
        format!(
            "[kafka.secrets]\n\"sasl.password\" = {{ file = \"@{password}\" }}\n[kafka.options]\n\"security.protocol\" = \"SASL_SSL\"\n\
             \"sasl.mechanism\" = \"SCRAM-SHA-512\"\n\"sasl.username\" = \"scrammer\"\n"
        )
    };
    assert_eq!(check_with("insider", mutual, &certificate("insider")), (Some(0), String::new()));
    assert_eq!(check_with("scrammer", scram, &password("right")), (Some(0), String::new()));
    for (name, port, options, part) in [
        ("nobody", mutual, "[kafka.options]\n\"security.protocol\" = \"SSL\"\n".to_owned(), "certificate"),
        ("stranger", mutual, certificate("stranger"), "certificate"),
        ("missing", mutual, certificate("missing"), "missing.crt"),
        ("guesser", scram, password("wrong"), "Authentication failed"),
    ] {
        let (code, err) = check_with(name, port, &options);
        assert!(matches!(code, Some(1 | 2)) && err.contains(part), "{name}, wanted {part}: {code:?} {err}");
        assert!(!err.contains("BEGIN") && !err.contains("=right"), "{err}");
    }
}
