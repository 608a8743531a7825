//! The picture of `docs/bench/peers.svg`: instructions of each loop as ratios to C, and
//! the time of a rebuild as one to FFI.
//!
//! Bars are long as the figure is; a line shows where 1 is. Not here: the figures.

use svg::Document;
use svg::node::Text as Words;
use svg::node::element::{Group, Line, Rectangle, Style, Text};

use super::builds::Build;
use super::loops::{LOOPS, Loops};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 300.0;
const BAR: f64 = 14.0;
const GAP: f64 = 4.0;
const HEAD: f64 = 28.0;
/// The ratio at the right edge; longer bars are cut off there, with their figure.
const MOST: f64 = 3.0;

/// One group of bars.
struct Chart {
    title: String,
    bars: Vec<(String, f64, bool)>,
}

/// Draws everything.
pub fn draw(loops: &Loops, builds: &[Build]) -> String {
    let mut charts: Vec<Chart> = LOOPS
        .iter()
        .enumerate()
        .map(|(index, (name, what))| Chart {
            title: format!("{name}: instructions, C at -O2 is 1 ({what})"),
            bars: loops
                .rows
                .iter()
                .skip(1)
                .map(|row| {
                    (
                        row.what.replace('`', ""),
                        row.loops[index].ratio,
                        row.is_ours,
                    )
                })
                .collect(),
        })
        .collect();
    charts.push(Chart {
        title: "time of a build after an edit, FFI is 1".into(),
        bars: builds
            .iter()
            .skip(1)
            .map(|build| {
                (
                    build.way.what.replace('`', ""),
                    build.rebuild_ratio,
                    build.way.wrapper,
                )
            })
            .collect(),
    });
    let height: f64 = charts.iter().map(Chart::height).sum();
    let mut document = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, height))
        .set("width", WIDTH)
        .set("height", height)
        .set("font-family", "sans-serif")
        .set("font-size", 12)
        .add(Style::new(
            "text { fill: #1f2328 } .peer { fill: #8c959f } .ours { fill: #1a7f37 } \
             .one { stroke: #1f2328; stroke-dasharray: 3 2 } .paper { fill: #ffffff } \
             @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } \
             .peer { fill: #6e7681 } .ours { fill: #3fb950 } .one { stroke: #e6edf3 } \
             .paper { fill: #0d1117 } }",
        ))
        .add(
            Rectangle::new()
                .set("class", "paper")
                .set("width", WIDTH)
                .set("height", height),
        );
    let mut top = 0.0;
    for chart in &charts {
        document = document.add(chart.draw(top));
        top += chart.height();
    }
    format!("{document}\n")
}

impl Chart {
    fn height(&self) -> f64 {
        HEAD + self.bars.len() as f64 * (BAR + GAP) + GAP
    }

    fn draw(&self, top: f64) -> Group {
        let scale = (WIDTH - LEFT - 60.0) / MOST;
        let mut group = Group::new()
            .add(text(8.0, top + 18.0, "start", &self.title).set("font-weight", "bold"));
        for (index, (what, ratio, is_ours)) in self.bars.iter().enumerate() {
            let y = top + HEAD + index as f64 * (BAR + GAP);
            let length = ratio.min(MOST) * scale;
            let class = if *is_ours { "ours" } else { "peer" };
            group = group
                .add(text(LEFT - 8.0, y + 11.0, "end", what))
                .add(
                    Rectangle::new()
                        .set("class", class)
                        .set("x", LEFT)
                        .set("y", y)
                        .set("width", length)
                        .set("height", BAR),
                )
                .add(text(
                    LEFT + length + 6.0,
                    y + 11.0,
                    "start",
                    &format!("{ratio:.2}"),
                ));
        }
        let one = LEFT + scale;
        group.add(
            Line::new()
                .set("class", "one")
                .set("x1", one)
                .set("x2", one)
                .set("y1", top + HEAD - 2.0)
                .set("y2", top + self.height() - GAP),
        )
    }
}

fn text(x: f64, y: f64, anchor: &str, words: &str) -> Text {
    Text::new("")
        .set("x", x)
        .set("y", y)
        .set("text-anchor", anchor)
        .add(Words::new(words))
}
