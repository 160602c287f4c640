//! What was measured, and how it is shown.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::{Value, json};

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it is, in words. Scripts find it by this.
    pub name: Cow<'static, str>,
    /// The number.
    pub value: f64,
    /// Its unit; `×` for a ratio.
    pub unit: &'static str,
    /// The most that it should be, where `docs/benchmarks.md` says.
    pub most: Option<f64>,
}

impl Figure {
    /// A figure without a goal of its own: what a ratio is made of.
    pub fn plain(name: impl Into<Cow<'static, str>>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, most: None }
    }

    /// A figure with a goal.
    pub fn with(name: impl Into<Cow<'static, str>>, value: f64, unit: &'static str, most: f64) -> Self {
        Self { name: name.into(), value, unit, most: Some(most) }
    }

    /// Whether the goal is met; true where there is none.
    pub fn met(&self) -> bool {
        self.most.is_none_or(|most| self.value <= most)
    }
}

/// What one workload came to.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The workload.
    pub workload: &'static str,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// The figures for scripts.
pub fn to_json(measured: &[Measured]) -> Value {
    let workloads: Vec<Value> = measured
        .iter()
        .map(|measured| {
            let figures: Vec<Value> = measured
                .figures
                .iter()
                .map(|figure| {
                    let mut object = json!({ "name": figure.name, "value": rounded(figure.value), "unit": figure.unit });
                    if let Some(most) = figure.most {
                        object["at_most"] = json!(rounded(most));
                        object["met"] = json!(figure.met());
                    }
                    object
                })
                .collect();
            json!({ "workload": measured.workload, "figures": figures })
        })
        .collect();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    json!({ "version": env!("CARGO_PKG_VERSION"), "cores": cores, "workloads": workloads })
}

/// The figures of one workload for people: a line each.
pub fn to_text(measured: &Measured) -> String {
    let mut out = format!("{}\n", measured.workload);
    for figure in &measured.figures {
        let value = format!("{} {}", readable(figure.value), figure.unit);
        let _ = write!(out, "  {:<64} {value:>20}", figure.name);
        if let Some(most) = figure.most {
            let verdict = if figure.met() { "met" } else { "MISSED" };
            let _ = write!(out, "   at most {}: {verdict}", readable(most));
        }
        out.push('\n');
    }
    out
}

/// Four digits are more than any figure here deserves.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    if digits <= 0 {
        return value.round();
    }
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

fn readable(value: f64) -> String {
    let rounded = rounded(value);
    if rounded.abs() < 1000.0 {
        return format!("{rounded}");
    }
    let digits = format!("{rounded:.0}");
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_people_and_scripts_read_them() {
        let figures = vec![
            Figure::plain("one thing", 1_234_567.8, "a second"),
            Figure::with("a ratio", 0.456_78, "×", 0.5),
            Figure::with("another", 2.0, "×", 1.5),
        ];
        let measured = Measured { workload: "evaluate", figures };
        let text = to_text(&measured);
        assert!(text.contains("1,234,568 a second\n"), "{text}");
        assert!(text.contains("0.4568 ×   at most 0.5: met\n"), "{text}");
        assert!(text.contains("2 ×   at most 1.5: MISSED\n"), "{text}");
        let json = to_json(&[measured]);
        assert_eq!(
            json["workloads"][0]["figures"][1],
            json!({ "name": "a ratio", "value": 0.4568, "unit": "×", "at_most": 0.5, "met": true })
        );
        assert_eq!(json["workloads"][0]["figures"][2]["met"], json!(false));
        assert_eq!(rounded(0.0), 0.0);
    }
}
