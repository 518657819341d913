//! Plots, drawn by hand: bars and lines.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 270.0;
const ROW: f64 = 26.0;
const FONT: &str = "font-family=\"sans-serif\" font-size=\"12\"";

/// One bar, with the mark that it should not pass.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) target: f64,
}

/// Horizontal bars; those that pass their mark are drawn in another colour.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars
        .iter()
        .map(|b| b.value.max(b.target))
        .fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - 60.0) / most;
    let height = 40.0 + ROW * bars.len() as f64 + 10.0;
    let mut out = head(title, height);
    for (index, bar) in bars.iter().enumerate() {
        let top = 40.0 + ROW * index as f64;
        let color = if bar.value <= bar.target {
            "#2a7f4f"
        } else {
            "#b5652b"
        };
        let (width, mark) = (bar.value.max(0.0) * scale, LEFT + bar.target * scale);
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" {FONT}>{label}</text>\n\
             <rect x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"18\" fill=\"{color}\"/>\n\
             <text x=\"{end:.1}\" y=\"{y}\" {FONT}>{value:.2}</text>\n\
             <line x1=\"{mark:.1}\" x2=\"{mark:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#222\" \
             stroke-width=\"2\"/>\n",
            x = LEFT - 8.0,
            y = top + 13.0,
            label = escape(&bar.label),
            end = LEFT + width + 5.0,
            value = bar.value,
            bottom = top + 18.0,
        );
    }
    out.push_str("</svg>\n");
    out
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
            target: 0.35,
        };
        let text = bars("costs", &[bar]);
        assert!(text.contains("a &lt; b") && text.contains(">0.50<"));
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"));
    }

    #[test]
    fn lines_survive_one_point() {
        let text = line("t", "µs", &[(1000.0, 5.0)]);
        assert!(!text.contains("NaN") && text.contains(">5.0<"));
    }
}
