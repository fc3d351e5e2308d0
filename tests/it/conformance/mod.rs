//! What every component must hold. Each registered transform, model, detector and metric goes through every check by
//! itself, with its defaults and with its documented example; a new one comes in with no line here.

mod behaviour;
mod cases;
mod docs;
mod state;
mod stream;

/// What a component is let off, and why: `family/name`, the check, the reason.
const OPT_OUTS: &[(&str, &str, &str)] = &[
    ("model/adaptive_random_forest", "size", "is ten trees, each with its detectors and a background tree"),
    ("model/streaming_random_patches", "size", "is ten trees, each with its detectors and a background tree"),
    ("model/leveraging_bagging", "size", "is ten trees, each with its detector"),
    ("model/arte", "size", "is ten trees, each with its detector"),
    ("model/sgbt", "size", "is thirty trees"),
    ("model/aggregated_mondrian_forest", "size", "is ten trees, each with its detector and the boxes of its nodes"),
    ("model/no_change", "learns", "is the baseline that others must beat"),
    ("model/transitions", "learns", "is a baseline: it looks at labels only"),
    ("model/portfolio", "size", "holds forests, boosters and a window of neighbours"),
    ("model/majority", "learns", "is the baseline that others must beat"),
    ("model/mean", "learns", "is the baseline that others must beat"),
];

/// Whether `component` (`family/name …`) goes through `check`.
fn is_due(component: &str, check: &str) -> bool {
    let name = component.split_whitespace().next().unwrap_or_default();
    !OPT_OUTS.iter().any(|(let_off, from, _)| *let_off == name && *from == check)
}

#[test]
fn opt_outs_name_components_and_reasons() {
    let names: Vec<String> = docs::pages().iter().map(|page| format!("{}/{}", page.family, page.name)).collect();
    for (component, check, reason) in OPT_OUTS {
        assert!(names.iter().any(|name| name == component), "{component} is no component");
        assert!(
            !reason.is_empty() && ["learns", "size"].contains(check),
            "{component}: {check} is no check that one can be let off"
        );
    }
}
