//! A cluster with passwords and permissions.

use driftline::stream::{Delivery, Fault, StreamError, kafka};

use super::member::Rig;
use crate::harness::{self, Broker, Cluster};

/// A broker whose second listener asks for a password, and lets nobody do anything there.
fn guarded() -> Option<(Broker, Cluster, String)> {
    let [port, controller, secured] = harness::free_ports();
    let listeners = format!(
        "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},SASL_PLAINTEXT://127.0.0.1:{secured}"
    );
    let advertised = format!("PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{secured}");
    let voters = format!("1@127.0.0.1:{controller}");
    let broker = harness::private_broker(&[
        ("listeners", &listeners),
        ("advertised.listeners", &advertised),
        ("controller.quorum.voters", &voters),
        ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT"),
        ("sasl.enabled.mechanisms", "PLAIN"),
        (
            "listener.name.sasl_plaintext.plain.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required user_drift=\"line\";",
        ),
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("super.users", "User:ANONYMOUS"),
    ])?;
    Some((broker, Cluster::at(&format!("127.0.0.1:{port}")), format!("127.0.0.1:{secured}")))
}

fn secured<'a>(open: &'a Cluster, address: &str, password: &str) -> Rig<'a> {
    let mut rig = Rig::new(open, 1)
        .property("security.protocol", "sasl_plaintext")
        .property("sasl.mechanism", "PLAIN")
        .property("sasl.username", "drift")
        .property("sasl.password", password);
    rig.settings.bootstrap = address.to_owned();
    rig
}

fn refusal(error: &StreamError, words: &[&str]) {
    assert_eq!(error.fault(), Fault::Fatal(3), "{error}");
    let text = error.to_string();
    assert!(words.iter().all(|word| text.contains(word)) && !text.contains("hunter2"), "{text}");
}

#[test]
fn what_is_not_allowed_is_refused_with_what_to_allow() {
    let Some((_broker, open, address)) = guarded() else { return };
    let stranger = secured(&open, &address, "hunter2");
    refusal(&kafka::open(&stranger.settings, 0).err().unwrap(), &["sasl"]);
    // Known, and allowed nothing.
    let mut rig = secured(&open, &address, "line");
    refusal(&kafka::open(&rig.settings, 0).err().unwrap(), &["WRITE and DESCRIBE on transactional ids"]);
    rig.settings.delivery = Delivery::AtLeastOnce;
    let mut member = rig.member("one");
    let start = std::time::Instant::now();
    let error = loop {
        if let Err(error) = member.try_poll() {
            break error;
        }
        assert!(start.elapsed() < super::member::PATIENCE);
    };
    refusal(&error, &["READ"]);
}
