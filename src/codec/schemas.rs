//! The Avro schemas of the outputs. JSON outputs have the same names.

pub const PREDICTION: &str = include_str!("../../schemas/prediction.avsc");
pub const ALERT: &str = include_str!("../../schemas/alert.avsc");
pub const EVALUATION: &str = include_str!("../../schemas/evaluation.avsc");

/// By the names that `driftline schema` takes.
pub const ALL: [(&str, &str); 3] = [("prediction", PREDICTION), ("alert", ALERT), ("evaluation", EVALUATION)];
