//! Sets partitions to another state and position while no worker runs: what `driftline state reset` does.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::delivery::{Deliveries, Producer};
use super::settings::Settings;
use super::{client, errors};
use crate::stream::{Delivery, StateRecord, StreamError};

/// A partition as it is to be: the records of its state and the group's committed offset.
pub struct Rewritten {
    pub partition: i32,
    pub records: Vec<StateRecord>,
    pub position: i64,
}

/// Writes all of it in one transaction.
///
/// # Errors
/// [`StreamError::Refused`] where a worker of this group is alive.
pub fn rewrite(settings: &Settings, partitions: &[Rewritten]) -> Result<(), StreamError> {
    let doing = "writing the new state";
    let failed = |error: KafkaError| errors::of(doing, &error);
    let settings = Settings { instance: "reset".to_owned(), delivery: Delivery::ExactlyOnce, ..settings.clone() };
    let group: BaseConsumer = client::reader(&settings, "read_committed").create().map_err(failed)?;
    // The broker takes offsets of somebody who is no member even while there are members: so it is asked.
    let groups = group.fetch_group_list(Some(&settings.name), settings.patience).map_err(failed)?;
    let members: usize =
        groups.groups().iter().filter(|group| group.name() == settings.name).map(|group| group.members().len()).sum();
    if members > 0 {
        let cause = format!("group {} has {members} members", settings.name);
        return Err(errors::refused(doing, cause, "stop all workers of this name, and wait for their session timeout"));
    }
    let producer =
        Producer::from_config_and_context(&client::producer(&settings, 0), Deliveries::default()).map_err(failed)?;
    producer.init_transactions(settings.patience).map_err(failed)?;
    producer.begin_transaction().map_err(failed)?;
    let mut offsets = TopicPartitionList::new();
    for Rewritten { partition, records, position } in partitions {
        for state in records {
            let mut record = BaseRecord::<[u8], [u8]>::to(&settings.state).partition(*partition).key(&state.key);
            record.payload = state.value.as_deref();
            producer.send(record).map_err(|(error, _)| failed(error))?;
        }
        offsets.add_partition_offset(&settings.input, *partition, Offset::Offset(*position)).map_err(failed)?;
    }
    let metadata = group.group_metadata().ok_or_else(|| errors::unavailable(doing, "no group metadata"))?;
    let done = producer
        .send_offsets_to_transaction(&offsets, &metadata, settings.patience)
        .and_then(|()| producer.commit_transaction(settings.patience));
    if done.is_err() {
        // The error that counts is the first.
        let _ = producer.abort_transaction(Duration::from_secs(5));
    }
    done.map_err(failed)
}
