//! The configuration as its users meet it: every mistake at once, with its key and where it stands.

use std::path::PathBuf;

use driftline::config::{Config, Sources};
use driftline::learner::Action;
use driftline::stream::Delivery;
use driftline::units::Span;

const SMALL: &str = r#"
name = "fraud"
[kafka]
bootstrap = "localhost:9092"
[input]
topic = "transactions"
label = "is_fraud"
[input.features]
amount = "number"
device.risk = "number"
[task]
kind = "binary"
"#;

fn sources(toml: &str, variables: &[(&str, &str)], sets: &[&str]) -> Sources {
    Sources {
        base: Some(("test.toml".to_owned(), toml.to_owned())),
        file: None,
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
    }
}

fn load(toml: &str, variables: &[(&str, &str)], sets: &[&str]) -> Config {
    sources(toml, variables, sets).load().unwrap_or_else(|errors| panic!("{errors}"))
}

fn problems(toml: &str, variables: &[(&str, &str)], sets: &[&str]) -> Vec<String> {
    let errors = sources(toml, variables, sets).load().expect_err("problems");
    errors.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_small_configuration_has_defaults_for_the_rest() {
    let config = load(SMALL, &[], &[]);
    let topics = config.topics();
    assert_eq!(topics.predictions, "fraud.predictions");
    assert_eq!(topics.dead_letters.as_deref(), Some("fraud.dead-letters"));
    assert_eq!(topics.state, "fraud.state");
    assert_eq!((config.worker.commit_every, config.checkpoint.every()), (Span(100), Some(Span(30_000))));
    let spec = config.spec();
    assert_eq!(spec.layout.numbers, ["amount", "device.risk"]);
    assert_eq!((spec.model.name(), spec.transforms.len()), ("portfolio", 0));
}

#[test]
fn later_layers_win() {
    let file = format!("{SMALL}[worker]\nthreads = 2\ncommit_every = \"1s\"\n");
    let variables = [
        ("DRIFTLINE__WORKER__THREADS", "3"),
        ("DRIFTLINE__WORKER__DELIVERY", "at_least_once"),
        ("DRIFTLINE__TASK__CLASSES", "0,1"),
        ("DRIFTLINE__NAME", "123"),
        ("DRIFTLINE__KAFKA__BOOTSTRAP", "a:1,b:2"),
        ("DRIFTLINE__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "SASL_SSL"),
        ("DRIFTLINE_LOG", "not ours"),
    ];
    let sets = ["worker.threads=4", "outputs.alerts=", "model={ type = \"no_change\" }", "window.adaptive=true"];
    let config = load(&file, &variables, &sets);
    assert_eq!((config.worker.threads, config.worker.commit_every), (4, Span(1_000)));
    assert_eq!(config.worker.delivery, Delivery::AtLeastOnce);
    assert_eq!(config.task.classes, ["0", "1"]);
    assert_eq!((config.name.as_str(), config.kafka.bootstrap.as_str()), ("123", "a:1,b:2"));
    assert_eq!(config.kafka.properties.get("security.protocol"), Some("SASL_SSL"));
    assert_eq!(config.topics().alerts, None);
    assert_eq!(config.spec().model.name(), "no_change");
    assert!(config.window.is_some_and(|window| window.adaptive));
}

#[test]
fn a_list_is_changed_by_index_and_another_type_brings_its_own_parameters() {
    let file = format!(
        "{SMALL}[model]\ntype = \"logistic_regression\"\nl2 = 0.5\n[[drift]]\ntype = \"page_hinkley\"\non_drift = [\"alert\"]\n"
    );
    let sets = ["drift[0].threshold=9.5", "drift.0.on_drift=alert,reset", "model.type=no_change"];
    let config = load(&file, &[("DRIFTLINE__DRIFT__0__DELTA", "0.25")], &sets);
    let watch = &config.drift[0].0;
    assert_eq!(watch.on_drift, [Action::Alert, Action::Reset]);
    let detector = serde_json::to_value(&watch.detector).expect("JSON");
    assert_eq!((detector["threshold"].as_f64(), detector["delta"].as_f64()), (Some(9.5), Some(0.25)));
    assert_eq!(config.spec().model.name(), "no_change");
}

/// One of every kind of mistake, in all three layers.
#[test]
fn all_problems_are_reported_at_once_each_with_its_key_and_source() {
    let file = r#"
seed = -1
sede = 3

[kafka]
bootstrap = "localhost"
registry = "ftp://me:s3cret@registry"
[kafka.properties]
group.id = "mine"
sasl.password = ["hunter2"]
fetch.min.bites = 1

[input]
topik = "transactions"
format = "jsonn"
max_record = "1 parsec"
[input.features]
amount = "numbre"
[task]
kind = "binary"
classes = ["a", "b", "c"]
[[transform]]
type = "standard_scaler"
[[transform]]
type = "standard_scalar"
[[transform]]
type = "hasher"
buckets = 0
[model]
type = "logistic_regression"
optimizer = { type = "adagrad", learning_rat = 0.1, epsilon = 7.0 }
l1 = "much"
l2 = -0.5
[window]
size = 10
method = "unlearn"
[[drift]]
type = "adwin"
wach = "error"
[[drift]]
type = "page_hinkley"
on_drift = ["alert", "resett"]
alpha = 2.0
[outputs]
predictions = ""
alerts = "fraud.state"
[checkpoint]
topic = "fraud.state"
"#;
    let variables = [("DRIFTLINE__WORKER__THREADS", "two"), ("DRIFTLINE__WROKER__THREADS", "2")];
    let sets = ["worker.commit_every=5 minutes", "worker.max_bad.share=1.5", "nonsense"];
    insta::assert_snapshot!(problems(file, &variables, &sets).join("\n"));
}

#[test]
fn a_file_that_is_not_toml_or_not_there_is_named() {
    assert_eq!(problems("name = \"x\"\n[kafka\n", &[], &[]).len(), 1);
    let found = &problems("name = \"x\"\n[kafka\n", &[], &[])[0];
    assert!(found.starts_with("test.toml:2: not TOML: "), "{found}");
    let missing = Config::load(&PathBuf::from("no/such.toml"), [], &[]).expect_err("no file");
    assert!(missing.to_string().contains("no/such.toml: cannot read the configuration"), "{missing}");
}

#[test]
fn secrets_come_from_files_and_are_never_printed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("password");
    std::fs::write(&path, "hunter2\n").expect("a secret");
    let file = format!(
        "{SMALL}[kafka.properties]\nsasl.password = {{ file = {path:?} }}\nssl.key.password = 'hunter2'\nsasl.username = 'me'\n"
    );
    let variables = [("DRIFTLINE__KAFKA__REGISTRY", "http://me:hunter2@registry:8081")];
    let config = load(&file, &variables, &[]);
    assert_eq!(config.kafka.properties.get("sasl.password"), Some("hunter2"));
    assert_eq!(config.kafka.registry.as_ref().map(|url| url.reveal()), Some("http://me:hunter2@registry:8081"));
    let shown = format!("{config:?}{}", serde_json::to_string(&config).expect("JSON"));
    assert!(!shown.contains("hunter2") && shown.contains("http://***@registry:8081"), "{shown}");

    let sets = ["kafka.registry=ftp://me:hunter2@registry", "kafka.registry_password=[\"hunter2\"]"];
    let broken = problems(&file, &[("DRIFTLINE__KAFKA__PROPERTIES__SSL_KEY_PASSWORD", "{hunter2")], &sets).join("\n");
    assert!(!broken.contains("hunter2"), "{broken}");
    let gone = problems(&file.replace("/password", "/gone"), &[], &[]).join("\n");
    assert!(gone.contains("cannot read the secret's file"), "{gone}");
}

fn examples() -> Vec<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config");
    let files = std::fs::read_dir(directory).expect("config/").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

#[test]
fn every_example_is_a_configuration() {
    let examples = examples();
    assert!(examples.len() >= 5, "{examples:?}");
    for path in examples {
        if let Err(errors) = Config::load(&path, [], &[]) {
            panic!("{errors}");
        }
    }
}

const SMALLEST: &str = r#"
name = "example"
[kafka]
bootstrap = "localhost:9092"
[input]
topic = "events"
[input.features]
amount = "number"
[task]
kind = "binary"
"#;

#[test]
fn the_documented_defaults_are_the_defaults() {
    let documented = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/default.toml");
    let documented = Config::load(&documented, [], &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let smallest = load(SMALLEST, &[], &[]);
    assert_eq!(documented.topics(), smallest.topics());
    assert_eq!(documented.checkpoint.every(), smallest.checkpoint.every());
    let rest = |mut config: Config| {
        config.outputs = driftline::config::Outputs {
            format: config.outputs.format,
            register: config.outputs.register,
            ..Default::default()
        };
        config.checkpoint.topic = None;
        config.checkpoint.every = None;
        config
    };
    assert_eq!(rest(documented), rest(smallest));
}

/// Keys of every table below `value`.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    if let Some(table) = value.as_object() {
        for (key, value) in table {
            found.push(key.clone());
            keys(value, found);
        }
    }
}

#[test]
fn every_key_is_documented() {
    let text = include_str!("../../config/default.toml");
    let sets = ["window.size=5", "drift=[{ type = \"adwin\" }]", "worker.max_bad={}"];
    let mut config = load(SMALLEST, &[], &sets);
    config.drift[0].0.detector = driftline::drift::Params::Adwin(Default::default());
    let mut json = serde_json::to_value(&config).expect("JSON");
    json["drift"][0]["detector"] = serde_json::Value::Null;
    let drift = json["drift"][0].clone();
    let mut found = Vec::new();
    keys(&json, &mut found);
    keys(&drift, &mut found);
    let unknown: Vec<_> = found.iter().filter(|key| *key != "detector" && !documents(text, key)).collect();
    assert!(found.len() > 60 && unknown.is_empty(), "config/default.toml lacks {unknown:?} of {}", found.len());
}

fn documents(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches("# ");
        let names = line.trim_start_matches('[').split([']', '=']).next().unwrap_or_default();
        names.trim().split('.').any(|name| name == key) || line.contains(&format!("{key} = "))
    })
}
