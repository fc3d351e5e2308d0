//! How fast it went, what it took, and how to do it again.

use super::html::{bytes, escape, percent, whole};
use super::{Page, colour, section as html_section, table};
use crate::evaluation::report::Report;

pub fn section(page: &Page<'_>) -> String {
    speed(page) + &pipeline(page)
}

fn speed(page: &Page<'_>) -> String {
    let rate = |report: &Report| report.speed.events_per_second;
    let most = page.reports.iter().map(rate).fold(1.0, f64::max);
    let row = |(index, report): (usize, &Report)| {
        let share = percent(rate(report) / most).replace(' ', "");
        vec![
            format!("<i class=\"{}\"></i>{}", colour(index), escape(&report.name)),
            format!(
                "<span class=\"rate\">{}</span><span class=\"gauge\"><i class=\"{}\" style=\"width:{share}\"></i></span>",
                whole(rate(report) as u64),
                colour(index)
            ),
            bytes(report.memory.model_bytes as u64),
            bytes(report.memory.learner_bytes as u64),
        ]
    };
    let rows: Vec<_> = page.reports.iter().enumerate().map(row).collect();
    let report = &page.reports[0];
    let cpu = report.speed.cpu_seconds.map_or_else(String::new, |seconds| format!(" {seconds:.1} s of CPU time,"));
    let peak = report.memory.peak_rss_bytes.map_or_else(String::new, |n| format!(" {} of memory at most,", bytes(n)));
    let threads = report.speed.threads;
    let lead = format!(
        "The whole pass took{cpu}{peak} {} events a second with parsing, on {threads} thread{}.",
        whole(report.speed.end_to_end_events_per_second as u64),
        if threads == 1 { "" } else { "s" }
    );
    let header = [("pipeline", true), ("events per second in the learner", true), ("model", false), ("state", false)];
    html_section(
        "speed",
        "Speed and memory",
        &lead,
        &format!("<div class=\"card\">{}</div>\n", table("Speed and memory", &header, &rows)),
    )
}

fn pipeline(page: &Page<'_>) -> String {
    let one = |(report, toml): (&Report, &String)| {
        let (name, toml) = (escape(&report.name), escape(toml.trim()));
        let (fingerprint, digest) = (escape(&report.fingerprint), report.digest.get(..16).unwrap_or_default());
        let open = if page.is_comparison() { "" } else { " open" };
        format!(
            "<details{open}><summary>{name}</summary><p class=\"facts\">seed {} · fingerprint {fingerprint} · state {digest}…</p>\
             <pre tabindex=\"0\" aria-label=\"{name} as a configuration\"><code>{toml}</code></pre></details>\n",
            report.seed
        )
    };
    let pipelines: String = page.reports.iter().zip(page.configurations).map(one).collect();
    let body = format!(
        "<div class=\"card\"><h3>Command</h3><pre tabindex=\"0\" aria-label=\"Command\"><code>{}</code></pre></div>\n\
         <div class=\"card\"><h3>Pipeline{}</h3>\n{pipelines}</div>\n",
        escape(page.command),
        if page.is_comparison() { "s" } else { "" }
    );
    let lead = "The same data, configuration and seed give the same bits, here and in <code>driftline run</code>.";
    html_section("pipeline", "How to do it again", lead, &body)
}
