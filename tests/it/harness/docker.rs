//! Apache Kafka in a container, through testcontainers.

use std::process::Command;

use testcontainers_modules::kafka::apache::{KAFKA_PORT, Kafka};
use testcontainers_modules::testcontainers::ImageExt;
use testcontainers_modules::testcontainers::runners::SyncRunner;

use super::client::Cluster;
use super::download;
use super::guard::AtExit;

/// Starts `apache/kafka`, pulled only where the tag is absent.
pub fn kafka() -> Result<Cluster, String> {
    let up = Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]).output();
    match up {
        Ok(out) if out.status.success() => {}
        Ok(_) => return Err("its daemon does not answer".to_owned()),
        Err(why) => return Err(format!("docker: {why}")),
    }
    let image = [
        ("OFFSETS_TOPIC_NUM_PARTITIONS", "1"),
        ("TRANSACTION_STATE_LOG_NUM_PARTITIONS", "1"),
        ("TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
        ("TRANSACTION_STATE_LOG_MIN_ISR", "1"),
        ("GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
        ("GROUP_MIN_SESSION_TIMEOUT_MS", "500"),
        ("AUTO_CREATE_TOPICS_ENABLE", "false"),
        ("LOG_RETENTION_MS", "-1"),
    ]
    .iter()
    .fold(Kafka::default().with_jvm_image().with_tag(download::KAFKA), |image, (key, value)| {
        image.with_env_var(format!("KAFKA_{key}"), *value)
    });
    let container = image.start().map_err(|why| why.to_string())?;
    let port = container.get_host_port_ipv4(KAFKA_PORT).map_err(|why| why.to_string())?;
    // The shared container is never dropped.
    let remove = ["docker", "rm", "--force", "--volumes", container.id()].map(str::to_owned);
    let guard = AtExit::run(&remove)?;
    Ok(Cluster::at(&format!("127.0.0.1:{port}")).keep((container, guard)))
}
