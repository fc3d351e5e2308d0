//! Charts as inline SVG. The drawing stretches with the page, so that labels stand beside it as text; the values are in a
//! table under it, from which the script takes what it shows under the pointer.

use std::fmt::Write;

use super::html::{escape, short};

/// Positions in a drawing go from 0 to this.
const SIDE: f64 = 1_000.0;

/// Numbers along one side of a drawing.
#[derive(Clone, Debug)]
pub struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    label: fn(f64) -> String,
}

impl Axis {
    /// From `low` to `high`, with about `ticks` round numbers.
    pub fn new(low: f64, high: f64, ticks: usize) -> Self {
        let high = if high > low { high } else { low + low.abs().max(1.0) * 0.1 };
        let rough = (high - low) / ticks.max(1) as f64;
        let power = libm::pow(10.0, libm::log10(rough).floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|f| f * power).find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let (first, last) = ((low / step).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let ticks = (first..=last).map(|n| n as f64 * step).collect();
        Self { low, high, ticks, label: short }
    }

    /// Around all of `values` with some room, within `bounds`.
    pub fn around(values: impl Iterator<Item = f64>, bounds: (f64, f64)) -> Self {
        let within = values.filter(|value| value.is_finite());
        let (low, high) = within.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let room = (high - low).max(high.abs() * 1e-3).max(1e-9) * 0.08;
        Self::new((low - room).max(bounds.0), (high + room).min(bounds.1), 5)
    }

    pub fn labelled(self, label: fn(f64) -> String) -> Self {
        Self { label, ..self }
    }

    /// Where `value` is, from 0 to 1,000.
    fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) * SIDE
    }
}

/// A drawing in the making.
#[derive(Clone, Debug)]
pub struct Drawing {
    x: Axis,
    y: Axis,
    svg: String,
}

impl Drawing {
    pub fn new(x: Axis, y: Axis) -> Self {
        let mut svg = String::new();
        for tick in &y.ticks {
            let at = SIDE - y.place(*tick);
            let _ = write!(svg, "<path class=\"grid\" d=\"M0 {at:.1}H1000\"/>");
        }
        Self { x, y, svg }
    }

    /// Where `x` is, from 0 to 1,000.
    pub fn along(&self, x: f64) -> f64 {
        self.x.place(x)
    }

    /// `x`, or else the nearest that can be seen.
    pub fn within(&self, x: f64) -> f64 {
        x.clamp(self.x.low, self.x.high)
    }

    fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.place(x), SIDE - self.y.place(y))
    }

    /// A line through points, in the order of `x`, open where a value is not finite; a point alone is a dot.
    pub fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut path = String::new();
        let mut pen = false;
        for (at, &point) in points.iter().enumerate() {
            if !point.1.is_finite() {
                pen = false;
                continue;
            }
            let (x, y) = self.point(point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if pen { 'L' } else { 'M' });
            let alone = !pen && points.get(at + 1).is_none_or(|next| !next.1.is_finite());
            if alone {
                path.push_str("h0");
            }
            pen = true;
        }
        let _ = write!(self.svg, "<path class=\"line {class}\" d=\"{path}\"/>");
    }

    /// Dots; round, however the drawing is stretched.
    pub fn dots(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for point in points.filter(|point| point.0.is_finite() && point.1.is_finite()) {
            let (x, y) = self.point(point);
            let _ = write!(path, "M{x:.1} {y:.1}h0");
        }
        let _ = write!(self.svg, "<path class=\"dots {class}\" d=\"{path}\"/>");
    }

    /// The area between two lines over the same `x`.
    pub fn area(&mut self, class: &str, x: &[f64], low: &[f64], high: &[f64]) {
        let top = x.iter().copied().zip(high.iter().copied());
        let bottom = x.iter().copied().zip(low.iter().copied()).rev();
        let mut path = String::new();
        for (at, point) in top.chain(bottom).enumerate() {
            let (x, y) = self.point(point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
        }
        let _ = write!(self.svg, "<path class=\"area {class}\" d=\"{path}Z\"/>");
    }

    /// A bar from the bottom, between two values of `x`.
    pub fn bar(&mut self, class: &str, from: f64, to: f64, height: f64) {
        let ((left, top), (right, bottom)) = (self.point((from, height)), self.point((to, self.y.low)));
        let (width, height) = (right - left, bottom - top);
        let _ = write!(
            self.svg,
            "<rect class=\"bar {class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// From the bottom to the top.
    pub fn upright(&mut self, class: &str, x: f64) {
        let _ = write!(self.svg, "<path class=\"mark {class}\" d=\"M{:.1} 0V1000\"/>", self.x.place(x));
    }
}

/// A table of what a chart shows: a heading for each column, with the class of its swatch, and rows at a place along `x`.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub header: Vec<(String, String)>,
    pub rows: Vec<(f64, Vec<String>)>,
}

/// A drawing with everything around it.
pub struct Chart<'a> {
    /// Unique in the page.
    pub id: &'a str,
    pub title: String,
    /// What there is to see, in words.
    pub about: String,
    /// Axes in words, `y` over `x`.
    pub axes: (&'a str, &'a str),
    pub drawing: Drawing,
    pub values: Values,
    pub shape: Shape,
}

/// How a drawing stands on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Wide,
    Square,
    /// Lines of their own, from the top, each with its name.
    Lanes(Vec<String>),
}

impl Shape {
    /// The class of the figure, the style of its field, and what stands on the drawing.
    fn html(&self) -> (&'static str, String, String) {
        let Self::Lanes(names) = self else {
            return (if *self == Self::Wide { "chart" } else { "chart square" }, String::new(), String::new());
        };
        let name = |(at, name): (usize, &String)| {
            let top = 100.0 * at as f64 / names.len() as f64;
            format!("<span class=\"lane\" style=\"top:{top:.2}%\" aria-hidden=\"true\">{}</span>", escape(name))
        };
        let style = format!(" style=\"--lanes:{}\"", names.len());
        ("chart lanes", style, names.iter().enumerate().map(name).collect())
    }
}

impl Chart<'_> {
    pub fn html(&self) -> String {
        let Drawing { x, y, svg } = &self.drawing;
        let tick = |axis: &Axis, side: &str| {
            let tick = |value: &f64| {
                let at = axis.place(*value) / 10.0;
                format!("<span style=\"{side}:{at:.2}%\">{}</span>", escape(&(axis.label)(*value)))
            };
            axis.ticks.iter().map(tick).collect::<String>()
        };
        let (id, title, about) = (self.id, escape(&self.title), escape(&self.about));
        let (shape, lanes, names) = self.shape.html();
        let (y_name, x_name) = (escape(self.axes.0), escape(self.axes.1));
        let (y_ticks, x_ticks) = (tick(y, "bottom"), tick(x, "left"));
        let (legend, table) = (self.legend(), self.table());
        format!(
            "<figure class=\"{shape}\" id=\"{id}\"><figcaption><h3>{title}</h3><p>{about}</p></figcaption>{legend}\
             <div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"{title}: arrow keys read the values\">\
             <p class=\"axis\" aria-hidden=\"true\">{y_name}</p><div class=\"y\" aria-hidden=\"true\">{y_ticks}</div>\
             <div class=\"field\"{lanes}><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{about}</desc>{svg}</svg>{names}<i class=\"cursor\" hidden></i></div>\
             <div class=\"x\" aria-hidden=\"true\">{x_ticks}</div><p class=\"axis right\" aria-hidden=\"true\">{x_name}</p>\
             <div class=\"tip\" role=\"status\" hidden></div></div>{table}</figure>\n"
        )
    }

    fn legend(&self) -> String {
        let entry = |(name, class): &(String, String)| format!("<li><i class=\"{class}\"></i>{}</li>", escape(name));
        let entries: String = self.values.header.iter().filter(|(_, class)| !class.is_empty()).map(entry).collect();
        format!("<ul class=\"legend\" aria-hidden=\"true\">{entries}</ul>")
    }

    fn table(&self) -> String {
        let head = |(name, class): &(String, String)| {
            format!("<th scope=\"col\" data-swatch=\"{class}\">{}</th>", escape(name))
        };
        let header: String = self.values.header.iter().map(head).collect();
        let row = |(at, cells): &(f64, Vec<String>)| {
            let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
            format!("<tr data-x=\"{at:.1}\">{cells}</tr>")
        };
        let rows: String = self.values.rows.iter().map(row).collect();
        format!(
            "<details><summary>Values</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}: values\">\
             <table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div></details>",
            escape(&self.title)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = Axis::new(0.0, 45_311.0, 5);
        assert_eq!(axis.ticks, [0.0, 10_000.0, 20_000.0, 30_000.0, 40_000.0]);
        assert_eq!((axis.place(-5.0), axis.place(45_311.0)), (0.0, 1_000.0));
        for (low, high) in [(0.3, 0.3), (-2.0, 7.0), (0.812, 0.945), (1e-9, 2e-9), (-1e12, 1e12)] {
            let axis = Axis::new(low, high, 5);
            assert!((2..=11).contains(&axis.ticks.len()), "{low} to {high}: {:?}", axis.ticks);
        }
    }

    #[test]
    fn what_is_not_finite_is_not_drawn() {
        let axis = || Axis::new(0.0, 1.0, 2);
        let mut drawing = Drawing::new(axis(), axis());
        drawing.line("s0", &[(0.0, 0.0), (0.5, f64::NAN), (0.6, 0.5), (1.0, 1.0)]);
        assert!(drawing.svg.contains("M0.0 1000.0h0M600.0 500.0L1000.0 0.0"), "{}", drawing.svg);
        drawing.dots("s1", [(f64::NAN, 0.0), (0.5, f64::INFINITY)].into_iter());
        assert!(!drawing.svg.contains("NaN") && !drawing.svg.contains("inf"), "{}", drawing.svg);
    }

    #[test]
    fn names_are_escaped_wherever_they_stand() {
        let name = "<img src=x onerror=alert(1)>\"'";
        let axis = || Axis::new(0.0, 1.0, 2);
        let values =
            Values { header: vec![(name.to_owned(), "s0".to_owned())], rows: vec![(1.0, vec![name.to_owned()])] };
        let (title, about, axes) = (name.to_owned(), name.to_owned(), (name, name));
        let chart =
            Chart { id: "c", title, about, axes, drawing: Drawing::new(axis(), axis()), values, shape: Shape::Wide };
        assert!(!chart.html().contains("<img"), "{}", chart.html());
    }
}
