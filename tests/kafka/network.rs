//! A network that is slow, cut, or swallows everything without a word, between worker and broker.

use super::harness::{Installation, OwnBroker, WorkerProcess, free_port};
use super::payments::{SOON, assert_each_decided_once, publish_list, send_payments};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Forwards connections to a port, as badly as told.
#[derive(Clone)]
struct Proxy {
    port: u16,
    delay_ms: Arc<AtomicU64>,
    /// Nothing passes and nothing is closed: what a dead firewall does.
    swallows: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn start(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", free_port())).unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, delay_ms: Arc::default(), swallows: Arc::default(), open: Arc::default() };
        let forwarding = proxy.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                forwarding.open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for (from, to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
                    let proxy = forwarding.clone();
                    std::thread::spawn(move || proxy.forward(from, to));
                }
            }
        });
        proxy
    }

    fn forward(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            std::thread::sleep(Duration::from_millis(self.delay_ms.load(Ordering::Relaxed)));
            if self.swallows.load(Ordering::Relaxed) {
                continue;
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    }

    fn cut(&self) {
        self.open.lock().unwrap().drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

#[test]
fn a_slow_cut_or_dead_network_costs_time_and_nothing_else() {
    let behind = free_port();
    let proxy = Proxy::start(behind);
    let broker = OwnBroker::start(&[
        &format!("listeners=PLAINTEXT://127.0.0.1:@port@,PROXIED://127.0.0.1:{behind},CONTROLLER://127.0.0.1:@controller@"),
        &format!("advertised.listeners=PLAINTEXT://127.0.0.1:@port@,PROXIED://127.0.0.1:{}", proxy.port),
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
    ]);
    let installation = Installation::on(&broker.bootstrap, "network");
    publish_list(&installation);
    let address = format!("127.0.0.1:{}", proxy.port);
    let config = installation.config_at(&address, "one", "[worker]\nbatch_records_max = 100\n");
    // Requests that get no answer are given up sooner than after a minute, so that the test ends.
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("[kafka.options]", "[kafka.options]\n\"socket.timeout.ms\" = \"5000\"")).unwrap();
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    let mut decisions = installation.follow("decisions");
    let mut sent = 0;
    let mut send = || {
        send_payments(&installation, sent, sent + 2000);
        sent += 2000;
        sent - 2000
    };
    let before = send();
    decisions.until("decisions", SOON, |seen| seen.len() > before + 200);
    proxy.delay_ms.store(40, Ordering::Relaxed);
    let before = send();
    decisions.until("decisions over a slow network", 2 * SOON, |seen| seen.len() > before + 200);
    proxy.delay_ms.store(0, Ordering::Relaxed);
    for _ in 0..3 {
        let before = send();
        decisions.until("decisions before the cut", 2 * SOON, |seen| seen.len() > before + 200);
        proxy.cut();
    }
    // Longer than the session: the group gives the partitions away, and back.
    let before = send();
    decisions.until("decisions before the silence", 2 * SOON, |seen| seen.len() > before + 200);
    proxy.swallows.store(true, Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(10));
    proxy.swallows.store(false, Ordering::Relaxed);
    proxy.cut();
    let all = send() + 2000;
    assert_each_decided_once(&installation, &mut decisions, all);
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}
