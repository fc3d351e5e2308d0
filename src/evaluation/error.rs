//! What can go wrong with the data of an evaluation.

/// Why data cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    #[error("cannot read {path}: {cause}")]
    Read { path: String, cause: String },
    #[error(
        "{path} holds no record; a CSV file needs a header row and rows, a JSONL file a JSON object per line, an Avro container records"
    )]
    Empty { path: String },
    #[error("{path} has the columns {found}, the file before it {expected}; files of one stream have the same header")]
    Header { path: String, found: String, expected: String },
    #[error("record {record} is not a JSON object: {cause}")]
    NotJson { record: usize, cause: String },
    #[error("there is no column `{label}` to be the label; there are {columns}")]
    NoLabel { label: String, columns: String },
    #[error("there is no column but the label `{label}`; a model needs at least one feature")]
    NoFeature { label: String },
}

impl EvaluationError {
    pub(super) fn read(path: &str, cause: impl std::fmt::Display) -> Self {
        let path = if path == "-" { "standard input" } else { path };
        Self::Read { path: path.to_owned(), cause: cause.to_string() }
    }
}
