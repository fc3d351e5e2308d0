//! Every component says what it is, where it comes from, and what each of its parameters means.

use driftline::model::optimize;
use driftline::params::Component;
use driftline::{drift, metric, model, transform};

/// The pages of all families.
pub fn pages() -> Vec<Component> {
    [transform::components(), model::components(), optimize::components(), drift::components(), metric::components()]
        .concat()
}

#[test]
fn every_page_is_complete() {
    for page in pages() {
        let name = format!("{}/{}", page.family, page.name);
        assert!(page.about.summary.len() >= 20 && !page.about.summary.ends_with('.'), "{name}: summary");
        assert!(page.about.source.len() >= 20, "{name}: source");
        let example: toml::Table = toml::from_str(page.about.example).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(example["type"].as_str(), Some(page.name), "{name}: the example is of another component");
        for param in &page.params {
            assert!(param.doc.len() >= 10 && param.doc.ends_with('.'), "{name}.{}: documentation", param.name);
            assert!(!param.default.is_null() || param.kind.starts_with("Option"), "{name}.{}: default", param.name);
        }
    }
}

#[test]
fn examples_show_parameters_that_exist() {
    for page in pages() {
        let example: toml::Table = toml::from_str(page.about.example).unwrap();
        for key in example.keys().filter(|key| *key != "type") {
            let known = page.params.iter().any(|param| param.name == key);
            assert!(known, "{}/{}: the example sets {key}, which is no parameter", page.family, page.name);
        }
    }
}

#[test]
fn names_are_of_one_component() {
    for family in [
        transform::components(),
        model::components(),
        optimize::components(),
        drift::components(),
        metric::components(),
    ] {
        let names: std::collections::BTreeSet<_> = family.iter().map(|page| page.name).collect();
        assert_eq!(names.len(), family.len(), "{names:?}");
    }
}
