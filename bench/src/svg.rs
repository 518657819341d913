//! Plots, drawn by hand: bars and lines.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 270.0;
/// Of a bar, and between two rows.
const BAR: f64 = 18.0;
const GAP: f64 = 8.0;
const FONT: &str = "font-family=\"sans-serif\" font-size=\"12\"";

/// One bar, with the mark that it should not pass.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    /// What it is compared with: a grey bar above it.
    pub(crate) before: Option<f64>,
    pub(crate) target: f64,
}

/// Horizontal bars; those that pass their mark are drawn in another colour.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars
        .iter()
        .map(|b| b.value.max(b.target).max(b.before.unwrap_or(0.0)))
        .fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - 60.0) / most;
    let high = |bar: &Bar| BAR * if bar.before.is_some() { 2.0 } else { 1.0 };
    let rows: f64 = bars.iter().map(|bar| high(bar) + GAP).sum();
    let mut out = head(title, 40.0 + rows + 10.0);
    let mut top = 40.0;
    for bar in bars {
        let color = if bar.value <= bar.target {
            "#2a7f4f"
        } else {
            "#b5652b"
        };
        let bottom = top + high(bar);
        if let Some(before) = bar.before {
            rectangle(&mut out, bottom - 2.0 * BAR, before, scale, "#9a9a9a");
        }
        rectangle(&mut out, bottom - BAR, bar.value, scale, color);
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" {FONT}>{label}</text>\n\
             <line x1=\"{mark:.1}\" x2=\"{mark:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#222\" \
             stroke-width=\"2\"/>\n",
            x = LEFT - 8.0,
            y = f64::midpoint(top, bottom) + 4.0,
            label = escape(&bar.label),
            mark = LEFT + bar.target * scale,
        );
        top = bottom + GAP;
    }
    out.push_str("</svg>\n");
    out
}

/// One bar with its value behind it.
fn rectangle(out: &mut String, top: f64, value: f64, scale: f64, color: &str) {
    let width = value.max(0.0) * scale;
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{color}\"/>\n\
         <text x=\"{end:.1}\" y=\"{y}\" {FONT}>{value:.2}</text>\n",
        end = LEFT + width + 5.0,
        y = top + 13.0,
    );
}

/// A line of points over a logarithmic axis.
pub(crate) fn line(title: &str, unit: &str, points: &[(f64, f64)]) -> String {
    let (height, bottom) = (300.0, 250.0);
    let mut out = head(title, height);
    let logs: Vec<f64> = points.iter().map(|p| p.0.max(1.0).log10()).collect();
    let (least, most) = logs
        .iter()
        .fold((f64::MAX, f64::MIN), |(a, b), l| (a.min(*l), b.max(*l)));
    let top = points.iter().map(|p| p.1).fold(0.0, f64::max).max(1e-9);
    let at = |log: f64, value: f64| {
        let x = 60.0 + (log - least) / (most - least).max(1e-9) * (WIDTH - 120.0);
        (x, bottom - value / top * 190.0)
    };
    let mut path = String::new();
    for (log, point) in logs.iter().zip(points) {
        let (x, y) = at(*log, point.1);
        let _ = write!(path, "{x:.1},{y:.1} ");
        let _ = write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#2a7f4f\"/>\n\
             <text x=\"{x:.1}\" y=\"{above:.1}\" text-anchor=\"middle\" {FONT}>{value:.1}</text>\n\
             <text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\" {FONT}>{count}</text>\n",
            above = y - 9.0,
            value = point.1,
            below = bottom + 18.0,
            count = point.0,
        );
    }
    let _ = write!(
        out,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"#2a7f4f\" stroke-width=\"2\"/>\n\
         <line x1=\"50\" x2=\"{x2}\" y1=\"{bottom}\" y2=\"{bottom}\" stroke=\"#222\"/>\n\
         <text x=\"{x2}\" y=\"{y}\" text-anchor=\"end\" {FONT}>{unit}</text>\n</svg>\n",
        x2 = WIDTH - 40.0,
        y = bottom + 38.0,
        unit = escape(unit),
    );
    out
}

fn head(title: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"20\" y=\"22\" font-weight=\"bold\" {FONT}>{}</text>\n",
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_their_values() {
        let bar = Bar {
            label: "a < b".into(),
            value: 0.5,
            before: None,
            target: 0.35,
        };
        let text = bars("costs", &[bar]);
        assert!(text.contains("a &lt; b") && text.contains(">0.50<"));
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"));
    }

    #[test]
    fn what_a_bar_is_compared_with_is_grey() {
        let bar = |before| Bar {
            label: "a".into(),
            value: 0.3,
            before,
            target: 0.35,
        };
        let text = bars("costs", &[bar(Some(0.4)), bar(None)]);
        assert!(text.contains(">0.40<") && text.contains(">0.30<"));
        assert_eq!(text.matches("#9a9a9a").count(), 1);
        assert_eq!(text.matches("#2a7f4f").count(), 2);
    }

    #[test]
    fn lines_survive_one_point() {
        let text = line("t", "µs", &[(1000.0, 5.0)]);
        assert!(!text.contains("NaN") && text.contains(">5.0<"));
    }
}
