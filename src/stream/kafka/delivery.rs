//! What became of the produced records: only the first failure matters, since it fails the commit.

use std::sync::Mutex;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{ProducerContext, ThreadedProducer};

use super::group::held;

pub(super) type Producer = ThreadedProducer<Deliveries>;

/// A record that did not arrive, or a connection that was not made.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) cause: String,
}

#[derive(Default)]
pub(super) struct Deliveries {
    first: Mutex<Option<Failure>>,
    /// What librdkafka last said of its connections: it goes on trying, and says no more than that the time is over.
    said: Mutex<Option<Failure>>,
}

impl Deliveries {
    pub(super) fn first_failure(&self) -> Option<Failure> {
        held(&self.first).clone()
    }

    pub(super) fn last_said(&self) -> Option<Failure> {
        held(&self.said).clone()
    }

    pub(super) fn forget(&self) {
        *held(&self.first) = None;
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
        held(&self.first).get_or_insert(Failure { code: *code, cause });
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        super::client::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "producer");
        if let KafkaError::Global(code) = error
            // Follows each of the others and says less.
            && code != Code::AllBrokersDown
        {
            *held(&self.said) = Some(Failure { code, cause: reason.to_owned() });
        }
    }
}
