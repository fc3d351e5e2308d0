//! What became of the produced records: only the first failure matters, since it fails the commit.

use std::sync::Mutex;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{ProducerContext, ThreadedProducer};

use super::group::held;

pub(super) type Producer = ThreadedProducer<Deliveries>;

/// A record that did not arrive.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) cause: String,
}

#[derive(Default)]
pub(super) struct Deliveries(Mutex<Option<Failure>>);

impl Deliveries {
    pub(super) fn first_failure(&self) -> Option<Failure> {
        held(&self.0).clone()
    }

    pub(super) fn forget(&self) {
        *held(&self.0) = None;
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let Err((KafkaError::MessageProduction(code), message)) = result else { return };
        // Purged by an abort: an effect, not a cause.
        if matches!(code, Code::PurgeQueue | Code::PurgeInflight) {
            return;
        }
        let cause = format!("a record for {} partition {}: {code}", message.topic(), message.partition());
        held(&self.0).get_or_insert(Failure { code: *code, cause });
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        super::client::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "producer");
    }
}
