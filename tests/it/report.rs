//! The page of `evaluate --report`, in a real browser: it is drawn, it asks nobody for anything, and it fits.

use std::path::{Path, PathBuf};

use clap::Parser;
use driftline::cli::evaluate::{self, Args};
use driftline::evaluation::Report;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{self, Browser};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

/// What would be markup, script or an attribute's end where it is not escaped.
const HOSTILE: &str = "<script>hacked=1</script>'\" onload=hacked=1";

struct Made {
    _home: TempDir,
    page: PathBuf,
    reports: Vec<Report>,
}

/// Evaluates what `row` writes, 3,000 rows under `header`, and writes the page.
fn made(header: &str, row: impl Fn(u32) -> String, arguments: &[&str]) -> Made {
    let home = tempfile::tempdir().expect("a folder");
    let (data, page) = (home.path().join("<b>x.csv"), home.path().join("page.html"));
    let rows: String = (0..3_000).map(row).collect();
    std::fs::write(&data, format!("{header}\n{rows}")).expect("written");
    let files = [data.to_str().expect("UTF-8"), "--report", page.to_str().expect("UTF-8")];
    let cli = Cli::try_parse_from(["evaluate"].iter().chain(&files).chain(arguments)).expect("arguments");
    let reports = evaluate::reports(&cli.args).expect("reports");
    Made { _home: home, page, reports }
}

fn noise(i: u32, salt: u32) -> f64 {
    f64::from(i.wrapping_add(salt).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24)
}

/// Two classes and two features of hostile names, whose concept turns around half-way.
fn classes() -> Made {
    let header = format!("amount,\"{}\",\"{}\"", HOSTILE.replace('"', "\"\""), "the label");
    let row = |i: u32| {
        let (a, c) = (noise(i, 1), ["red", "green", "&amp;"][i as usize % 3]);
        let yes = ((a > 0.5) == (i < 1_500)) != (noise(i, 2) < 0.05);
        let a =
            if i.is_multiple_of(20) { String::new() } else { format!("{:.4}", if i < 1_500 { a } else { a + 0.5 }) };
        format!("{a},{c},{}\n", if yes { "<i>yes" } else { "no" })
    };
    let compared = ["--compare", "logistic_regression,hoeffding_tree,naive_bayes", "--set", "drift.0.type=adwin"];
    made(&header, row, &[&compared[..], &["--set", "drift.0.watch=amount"]].concat())
}

fn values() -> Made {
    let row = |i: u32| {
        let (a, b) = (noise(i, 1), noise(i, 2));
        format!("{a:.4},{b:.4},{:.4}\n", 3.0 * a - 2.0 * b + 0.2 * noise(i, 3))
    };
    made("a,b,y", row, &["--model", "linear_regression"])
}

/// Nothing is wrong, nothing was asked for but the page, and all is inside the window.
fn sound(browser: &mut Browser, page: &Path) {
    assert!(browser.problems().is_empty(), "{:?}", browser.problems());
    let url = format!("file://{}", page.display());
    let others: Vec<_> = browser.requests().into_iter().filter(|u| *u != url && !u.starts_with("data:")).collect();
    assert!(others.is_empty(), "{others:?}");
    for width in [1_280, 768, 360] {
        browser.resize(width, 800);
        let wide = browser.value("document.documentElement.scrollWidth").as_u64();
        assert!(wide.is_some_and(|wide| wide <= width.into()), "{wide:?} in a window of {width}");
    }
    browser.resize(1_280, 800);
}

/// How many of what a selector finds are visible, with something drawn in them.
const DRAWN: &str = "(selector) => [...document.querySelectorAll(selector)].filter((e) => {
    const box = e.getBoundingClientRect(); return box.width + box.height > 20 && e.getAttribute('d') !== ''; }).length";

fn drawn(browser: &mut Browser, selector: &str) -> u64 {
    browser.value(&format!("({DRAWN})({selector:?})")).as_u64().expect("a count")
}

fn text(browser: &mut Browser, selector: &str) -> String {
    let found =
        browser.value(&format!("[...document.querySelectorAll({selector:?})].map((e) => e.textContent).join('\\n')"));
    found.as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_page_of_classes_is_drawn_and_needs_nothing() {
    let Some(mut browser) = harness::browser() else { return };
    let made = classes();
    browser.resize(1_280, 800);
    browser.visit(&made.page);
    sound(&mut browser, &made.page);

    assert_eq!(drawn(&mut browser, "#chart-accuracy path.line"), 4, "three pipelines and no-change");
    assert!(drawn(&mut browser, "#chart-accuracy path.mark.drift") >= 1, "drifts are marked");
    // A single dot has no extent.
    let dots = browser
        .value("[...document.querySelectorAll('#chart-drift path.dots')].filter((e) => e.getAttribute('d')).length");
    assert!(dots.as_u64() >= Some(1), "{dots}");
    assert_eq!(drawn(&mut browser, "#chart-balance path.area"), 2);
    assert_eq!(drawn(&mut browser, "#chart-calibration path.line"), 4);
    assert_eq!(drawn(&mut browser, "svg.spark path"), 1, "a course for the one number");
    assert_eq!(drawn(&mut browser, "table.confusion"), 3);
    let best = made.reports.iter().map(|report| report.metrics[0].1).fold(0.0, f64::max);
    let tile = text(&mut browser, ".tiles > div:first-child dd:not(.note)");
    assert_eq!(tile, format!("{:.1} %", 100.0 * best));

    assert_eq!(browser.value("typeof hacked"), "undefined");
    assert!(text(&mut browser, "#features + .lead + .card").contains(HOSTILE), "user data is text");
    assert!(text(&mut browser, ".confusion").contains("<i>yes") && text(&mut browser, "h1").contains("<b>x.csv"));
    assert!(text(&mut browser, "pre").contains("type = \"naive_bayes\""), "the resolved pipeline");
}

#[test]
fn the_page_of_values_is_drawn_and_needs_nothing() {
    let Some(mut browser) = harness::browser() else { return };
    let made = values();
    browser.resize(1_280, 800);
    browser.visit(&made.page);
    sound(&mut browser, &made.page);
    assert_eq!(drawn(&mut browser, "#chart-mae path.line"), 2);
    assert_eq!(drawn(&mut browser, "#chart-scatter-0 path.dots"), 1);
    assert!(drawn(&mut browser, "#chart-residuals-0 rect.bar") > 5);
    assert!(text(&mut browser, "#drift ~ .card").contains("No detector is configured"));
}

#[test]
fn values_show_under_the_pointer_and_at_the_keys() {
    let Some(mut browser) = harness::browser() else { return };
    let made = classes();
    browser.resize(1_280, 800);
    browser.visit(&made.page);
    let at = browser.value(
        "(() => { const f = document.querySelector('#chart-accuracy .field'); f.scrollIntoView({ block: 'center' });
           const b = f.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()",
    );
    browser.point(at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
    let tip = text(&mut browser, "#chart-accuracy .tip:not([hidden])");
    assert!(tip.contains("hoeffding_tree") && tip.contains("no-change"), "{tip:?}");
    browser.value("document.querySelector('#chart-accuracy .plot').focus()");
    browser.press("End");
    let last = text(&mut browser, "#chart-accuracy .tip:not([hidden]) b");
    assert!(last.ends_with("2,999"), "{last:?}");
    browser.press("Escape");
    assert_eq!(text(&mut browser, "#chart-accuracy .tip:not([hidden])"), "");

    browser.value("document.querySelector('#metric-1').click()");
    let shown = browser
        .value("[...document.querySelectorAll('.panels > figure')].filter((f) => f.offsetHeight).map((f) => f.id)");
    assert_eq!(shown, serde_json::json!(["chart-kappa"]));
    assert!(browser.problems().is_empty(), "{:?}", browser.problems());
}

/// The contrast of every text that can be seen with what is behind it (WCAG 2.2, 1.4.3), the least of them.
const CONTRAST: &str = "(() => {
    const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(') ? [n[0]*255, n[1]*255, n[2]*255, n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1]; };
    const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
    let least = [99, ''];
    for (const e of document.querySelectorAll('main *, footer')) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!own || e.closest('svg') || !e.getClientRects().length) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 90)];
    }
    return least;
})()";

#[test]
fn it_can_be_read_in_the_light_and_in_the_dark() {
    let Some(mut browser) = harness::browser() else { return };
    let made = classes();
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.visit(&made.page);
        let least = browser.value(CONTRAST);
        assert!(least[0].as_f64().is_some_and(|ratio| ratio >= 4.5), "{scheme}: {least}");
        grounds.push(browser.value("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1]);
    let unnamed: Value = browser.value(
        "[...document.querySelectorAll('svg')].filter((s) => !s.getAttribute('aria-label') &&
           !document.getElementById((s.getAttribute('aria-labelledby') ?? '').split(' ')[1])?.textContent).length",
    );
    assert_eq!(unnamed, 0, "each drawing is described");
}
