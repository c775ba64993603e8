//! The report as one HTML page with plots, for the file of a model validation. No scripts, nothing fetched.

use super::report::{ClassRow, Mistake, Report};
use std::fmt::Write;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
    table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;border-bottom:1px solid #ddd;text-align:left}\
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.bar{background:#2a6f97;height:.7rem;display:inline-block}svg{background:#fafafa;border:1px solid #ddd}";

/// One page. `title` says what was measured: list, queries, program version.
pub fn render(report: &Report, title: &str) -> String {
    let mut page =
        format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>hitstream eval</title><style>{STYLE}</style><body>");
    let _ = write!(page, "<h1>Screening quality</h1><p>{}</p><p>Threshold {:.2}.</p>", escape(title), report.threshold);
    page.push_str("<h2>Thresholds</h2>");
    page.push_str(&curve(report));
    page.push_str("<table><tr><th class=n>threshold<th class=n>recall<th class=n>macro recall<th class=n>alerts per 1,000 plain<th class=n>per 1,000 hard</tr>");
    for row in &report.sweep {
        let _ = write!(
            page,
            "<tr><td class=n>{:.2}<td class=n>{:.4}<td class=n>{:.4}<td class=n>{:.1}<td class=n>{:.1}</tr>",
            row.threshold, row.recall, row.macro_recall, row.alerts_plain, row.alerts_hard
        );
    }
    page.push_str(
        "</table><h2>What a score means</h2><p>Of the best answers in a range of scores, the share that names the right entity.</p>",
    );
    page.push_str("<table><tr><th>scores<th class=n>answers<th class=n>right<th></tr>");
    for bin in &report.calibration {
        let share = bin.right as f64 / bin.answers.max(1) as f64;
        let _ = write!(
            page,
            "<tr><td>{:.2} to {:.2}<td class=n>{}<td class=n>{:.1} %<td><span class=bar style=\"width:{:.0}px\"></span></tr>",
            bin.from,
            bin.to,
            bin.answers,
            100.0 * share,
            200.0 * share
        );
    }
    page.push_str("</table>");
    classes(&mut page, "Recall by class", &report.recall, 100.0, "%");
    classes(&mut page, "Alerts on clean parties, per 1,000", &report.alerts, 1000.0, "");
    classes(&mut page, "Matters of policy: share that alerts", &report.policy, 100.0, "%");
    mistakes(&mut page, "Misses, nearest to the threshold first", &report.misses);
    mistakes(&mut page, "False alerts, highest first", &report.false_alerts);
    page.push_str("</body></html>\n");
    page
}

/// Macro recall over alerts per 1,000 plain parties (logarithmic), one point a threshold.
fn curve(report: &Report) -> String {
    let mut svg = String::from("<svg viewBox=\"0 0 640 300\" width=640 height=300><g font-size=11 fill=\"#555\">");
    let x = |alerts: f64| 50.0 + 560.0 * ((alerts.max(0.1) / 0.1).log10() / 4.0).min(1.0);
    let y = |recall: f64| 260.0 - 240.0 * ((recall - 0.5) / 0.5).clamp(0.0, 1.0);
    for (alerts, label) in [(0.1, "0.1"), (1.0, "1"), (10.0, "10"), (100.0, "100"), (1000.0, "1000")] {
        let _ =
            write!(svg, "<line x1={0} x2={0} y1=20 y2=260 stroke=\"#ddd\"/><text x={0} y=275 text-anchor=middle>{label}</text>", x(alerts));
    }
    for recall in [0.5, 0.6, 0.7, 0.8, 0.9, 1.0] {
        let _ = write!(
            svg,
            "<line x1=50 x2=610 y1={0} y2={0} stroke=\"#ddd\"/><text x=45 y={0} text-anchor=end dy=4>{recall:.1}</text>",
            y(recall)
        );
    }
    svg.push_str("<text x=330 y=294 text-anchor=middle>alerts per 1,000 plain parties</text><text x=50 y=14>macro recall</text></g><g fill=\"#2a6f97\">");
    for row in &report.sweep {
        let _ = write!(
            svg,
            "<circle cx={:.1} cy={:.1} r=4 /><text font-size=10 x={:.1} y={:.1}>{:.2}</text>",
            x(row.alerts_plain),
            y(row.macro_recall),
            x(row.alerts_plain) + 6.0,
            y(row.macro_recall) + 12.0,
            row.threshold
        );
    }
    svg.push_str("</g></svg>");
    svg
}

fn classes(page: &mut String, title: &str, rows: &[ClassRow], scale: f64, unit: &str) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(page, "<h2>{title}</h2><table><tr><th>class<th class=n>parties<th class=n>value<th></tr>");
    for row in rows {
        let _ = write!(
            page,
            "<tr><td>{}<td class=n>{}<td class=n>{:.1} {unit}<td><span class=bar style=\"width:{:.0}px\"></span></tr>",
            escape(&row.class),
            row.parties,
            scale * row.share(),
            200.0 * row.share()
        );
    }
    page.push_str("</table>");
}

fn mistakes(page: &mut String, title: &str, mistakes: &[Mistake]) {
    let _ = write!(page, "<h2>{title}</h2><table><tr><th class=n>score<th>class<th>party<th>why</tr>");
    for mistake in mistakes {
        let _ = write!(
            page,
            "<tr><td class=n>{:.2}<td>{}<td>{}<td>{}</tr>",
            mistake.score,
            escape(&mistake.class),
            escape(&mistake.name),
            escape(&mistake.sentence)
        );
    }
    page.push_str("</table>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::measure;

    #[test]
    fn names_cannot_break_the_page() {
        assert_eq!(escape("<b>\"A&B\""), "&lt;b&gt;&quot;A&amp;B&quot;");
        let page = render(&measure(&[], &[], 0.7, 5), "<script>");
        assert!(page.contains("&lt;script&gt;") && page.ends_with("</html>\n"));
    }
}
