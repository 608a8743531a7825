//! Rectangles of given areas that fill a rectangle and are as square as may be: the
//! "squarified" treemap of Bruls, Huizing and van Wijk.
//!
//! Not here: what they mean (`picture`).

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A rectangle for each value, in the same order. The values are to be positive, and the
/// largest first.
pub(super) fn fill(values: &[u64], rect: Rect) -> Vec<Rect> {
    let total: u64 = values.iter().sum();
    if total == 0 {
        return Vec::new();
    }
    let scale = rect.width * rect.height / total as f64;
    let areas: Vec<f64> = values.iter().map(|&value| value as f64 * scale).collect();
    let mut rest = rect;
    let mut rects = Vec::new();
    let mut first = 0;
    while first < areas.len() {
        let side = rest.width.min(rest.height);
        let mut last = first + 1;
        while last < areas.len()
            && worst(&areas[first..=last], side) <= worst(&areas[first..last], side)
        {
            last += 1;
        }
        rest = lay(&areas[first..last], rest, &mut rects);
        first = last;
    }
    rects
}

/// The most oblong shape in a row along a side.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let depth = sum / side;
    row.iter()
        .map(|area| {
            let length = area / depth;
            (length / depth).max(depth / length)
        })
        .fold(0.0, f64::max)
}

/// Lays a row along the shorter side; what is left.
fn lay(row: &[f64], rest: Rect, rects: &mut Vec<Rect>) -> Rect {
    let sum: f64 = row.iter().sum();
    let upright = rest.width >= rest.height;
    let side = if upright { rest.height } else { rest.width };
    let depth = sum / side;
    let mut along = 0.0;
    for area in row {
        let length = area / depth;
        rects.push(match upright {
            true => Rect {
                x: rest.x,
                y: rest.y + along,
                width: depth,
                height: length,
            },
            false => Rect {
                x: rest.x + along,
                y: rest.y,
                width: length,
                height: depth,
            },
        });
        along += length;
    }
    match upright {
        true => Rect {
            x: rest.x + depth,
            width: (rest.width - depth).max(0.0),
            ..rest
        },
        false => Rect {
            y: rest.y + depth,
            height: (rest.height - depth).max(0.0),
            ..rest
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_as_the_values_and_nothing_sticks_out() {
        let rect = Rect {
            x: 1.0,
            y: 2.0,
            width: 60.0,
            height: 40.0,
        };
        let values = [600, 600, 400, 300, 200, 200, 100];
        let rects = fill(&values, rect);
        assert_eq!(rects.len(), values.len());
        for (r, value) in rects.iter().zip(values) {
            assert!((r.width * r.height - value as f64).abs() < 1e-6, "{r:?}");
            assert!(r.x >= 1.0 && r.x + r.width <= 61.0 + 1e-6, "{r:?}");
            assert!(r.y >= 2.0 && r.y + r.height <= 42.0 + 1e-6, "{r:?}");
            let ratio = (r.width / r.height).max(r.height / r.width);
            assert!(ratio < 3.0, "{r:?}");
        }
        // No two share any area: they have the whole together.
        let all: f64 = rects.iter().map(|r| r.width * r.height).sum();
        assert!((all - 2400.0).abs() < 1e-6);
        assert_eq!(fill(&[], rect), []);
    }
}
