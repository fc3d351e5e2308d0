//! librdkafka's errors, sorted by what a worker does about them.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::stream::StreamError;

/// The error of an attempt at `doing`.
pub(super) fn of(doing: &str, error: &KafkaError) -> StreamError {
    match error {
        KafkaError::ClientConfig(_, why, name, _) => {
            refused(doing, format!("{name}: {why}"), "correct [kafka.properties]")
        }
        KafkaError::ClientCreation(why) => refused(doing, why.clone(), "correct [kafka]"),
        other => match code(other) {
            Some(code) => of_code(doing, code, &other.to_string()),
            None => unavailable(doing, other),
        },
    }
}

/// The same for a bare code; `cause` is told to the user.
pub(super) fn of_code(doing: &str, code: Code, cause: &str) -> StreamError {
    if is_fencing(code) {
        return StreamError::Fenced { doing: doing.to_owned(), cause: cause.to_owned() };
    }
    match remedy(code) {
        Some(remedy) => refused(doing, cause.to_owned(), remedy),
        None => unavailable(doing, cause),
    }
}

pub(super) fn unavailable(doing: &str, cause: impl ToString) -> StreamError {
    StreamError::Unavailable { doing: doing.to_owned(), cause: cause.to_string() }
}

pub(super) fn aborted(doing: &str, cause: impl ToString) -> StreamError {
    StreamError::Aborted { doing: doing.to_owned(), cause: cause.to_string() }
}

pub(super) fn refused(doing: &str, cause: String, remedy: &str) -> StreamError {
    StreamError::Refused { doing: doing.to_owned(), cause, remedy: remedy.to_owned() }
}

/// Another client has this one's transactional id or membership.
pub(super) fn is_fencing(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch | Code::FencedInstanceId)
}

/// What a user does about a refusal; `None` where time may heal it.
fn remedy(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition | Code::InvalidTopic => {
            "see `driftline topics plan`, and make the topic with `driftline topics create`"
        }
        Code::TopicAuthorizationFailed => {
            "allow this principal the topic: READ for the input, WRITE for outputs, both for the state"
        }
        Code::GroupAuthorizationFailed => "allow this principal READ on the group named like the pipeline",
        Code::TransactionalIdAuthorizationFailed => {
            "allow this principal WRITE and DESCRIBE on transactional ids that begin with the pipeline's name"
        }
        Code::ClusterAuthorizationFailed => "allow this principal IdempotentWrite on the cluster",
        Code::SaslAuthenticationFailed | Code::Authentication | Code::UnsupportedSASLMechanism => {
            "correct the sasl.* and security.* properties in [kafka.properties]"
        }
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => {
            "raise the topic's max.message.bytes"
        }
        Code::InvalidTransactionTimeout => {
            "lower transaction.timeout.ms in [kafka.properties] below the broker's transaction.max.timeout.ms"
        }
        Code::InvalidSessionTimeout => {
            "keep session.timeout.ms within the broker's group.min and group.max.session.timeout.ms"
        }
        Code::InconsistentGroupProtocol => {
            "a member with another assignment strategy is in this group: give the pipeline a name of its own"
        }
        Code::GroupMaxSizeReached => "raise the broker's group.max.size, or run fewer threads",
        Code::UnsupportedVersion => "driftline needs brokers of Kafka 2.5 or later",
        Code::PolicyViolation | Code::InvalidConfig | Code::InvalidReplicationFactor | Code::InvalidPartitions => {
            "ask for settings that the cluster allows"
        }
        _ => return None,
    })
}

/// The code within, where there is one.
pub(super) fn code(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::Transaction(inner) => Some(inner.code()),
        KafkaError::AdminOp(code)
        | KafkaError::ConsumerCommit(code)
        | KafkaError::Flush(code)
        | KafkaError::Global(code)
        | KafkaError::GroupListFetch(code)
        | KafkaError::MessageConsumption(code)
        | KafkaError::MessageConsumptionFatal(code)
        | KafkaError::MessageProduction(code)
        | KafkaError::MetadataFetch(code)
        | KafkaError::OffsetFetch(code)
        | KafkaError::Rebalance(code)
        | KafkaError::SetPartitionOffset(code) => Some(*code),
        _ => None,
    }
}
