//! `report.html` of the samples in a browser: all of it is there with scripts and without,
//! it fits on screens of each width, says nothing on the console, and is light or dark as
//! asked.
//!
//! Not here: its words, which tests beside it hold (`prove::html`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::dist::Dist;
use helper_inline_build::prove::Report;

use super::both;
use crate::browser::View;
use crate::dist;
use crate::failure::Outcome;
use crate::kernels::{self, Arch};

/// A desk's screen, a tablet's and a telephone's.
const WIDTHS: [u32; 3] = [1600, 800, 360];
/// Parts of the page that are shown on each: its beginning, and a call.
const PARTS: [&str; 2] = ["", "#call-7"];

/// Compares the samples for one kernel of each architecture and looks at their pages.
pub fn check(root: &Path) -> Outcome {
    let made = make(root)?;
    let scratch = tempfile::tempdir().context("making a directory for pictures")?;
    let host = Arch::host().map(Arch::module_target);
    for module in &made {
        let page = module.page_path.display();
        whole(module).with_context(|| format!("checking {page}"))?;
        println!("{page}: whole");
        // What a screen makes of it goes by the module, and not by its architecture.
        if Some(module.report.target.as_str()) == host {
            on_screens(module, scratch.path()).with_context(|| format!("checking {page}"))?;
            println!("{page}: fits each screen, light and dark");
        }
    }
    Ok(())
}

/// The samples beside their twins.
pub fn make(root: &Path) -> Outcome<Vec<Dist>> {
    let directory = kernels::directory(root);
    let kernels = Arch::ALL.iter().filter_map(|arch| {
        let kernel = kernels::default_for(&directory, arch.module_target())?;
        Some(kernel.build_dir)
    });
    dist::make(&dist::Args {
        kernel: kernels.collect(),
        compare: true,
        out: Some(root.join("target/dist-compare")),
        ..both()
    })
}

/// All is there, with scripts.
fn whole(module: &Dist) -> Result<()> {
    let with = View::default().dom(&module.page_path, "")?;
    ensure!(
        with.console.is_empty(),
        "on the console: {:?}",
        with.console
    );
    contents(&module.report, &with.dom)?;
    ensure!(with.dom.contains("<button"), "the script did nothing");
    Ok(())
}

/// All is there without scripts too, and to be seen.
fn on_screens(module: &Dist, scratch: &Path) -> Result<()> {
    let page = &module.page_path;
    for width in WIDTHS {
        for part in PARTS {
            let framed = Framed::look(page, width, part, scratch)?;
            let place = || format!("{width} wide, at `{part}`");
            framed.fits().with_context(place)?;
            contents(&module.report, &framed.dom).with_context(place)?;
            // The control.
            ensure!(!framed.dom.contains("<button"), "a script ran");
        }
    }
    colours(page, scratch)
}

/// Every helper in use, every call and every function is in a table.
fn contents(report: &Report, dom: &str) -> Result<()> {
    let used = report.helpers.iter().filter(|helper| helper.call_sites > 0);
    let names: BTreeSet<String> = used
        .map(|helper| format!("#of-{}\"", helper.name))
        .collect();
    ensure!(names.len() as u64 >= report.summary.used, "{names:?}");
    for name in names {
        ensure!(dom.contains(&name), "no row leads to {name}");
    }
    let comparison = report.comparison.as_ref().context("it was compared")?;
    let listed = dom.matches("<article").count();
    ensure!(
        listed == comparison.calls.len().min(400) && listed >= 30,
        "{listed} of {} calls are listed",
        comparison.calls.len()
    );
    let rows = dom.matches("<tr").count();
    ensure!(rows > report.helpers.len() / 2 + listed, "{rows} rows");
    let sources = dom.matches("<mark>").count();
    ensure!(
        sources * 10 >= listed * 9,
        "{sources} of {listed} calls have their source's line"
    );
    Ok(())
}

/// The page in a frame that runs no scripts, on a screen of any width.
struct Framed {
    dom: String,
    /// How wide the screen is, and the page.
    screen: u32,
    wide: u32,
    /// How many listings are shown, and how many of these lower than their lines are.
    listings: u32,
    squashed: u32,
}

/// What is around the frame. It looks at what is in it, which may not look at itself.
const FRAME: &str = r#"<!DOCTYPE html><meta charset="utf-8"><body>
<iframe sandbox="allow-same-origin" width="WIDTH" height="900" srcdoc="PAGE"></iframe>
<script>
onload = () => {
  const frame = document.querySelector("iframe").contentWindow;
  if ("PART") frame.location.hash = "PART";
  const root = frame.document.documentElement;
  const shown = [...root.querySelectorAll("article pre")].filter((pre) => pre.offsetParent);
  const squashed = shown.filter((pre) => {
    const lines = pre.textContent.replace(/\n$/, "").split("\n").length;
    return pre.clientHeight + 2 < lines * parseFloat(frame.getComputedStyle(pre).lineHeight);
  });
  const said = document.createElement("pre");
  said.textContent = root.outerHTML;
  document.body.append(said);
  Object.assign(document.documentElement.dataset, {
    screen: root.clientWidth,
    wide: root.scrollWidth,
    listings: shown.length,
    squashed: squashed.length,
  });
};
</script></body></html>"#;

impl Framed {
    fn look(page: &Path, width: u32, part: &str, scratch: &Path) -> Result<Framed> {
        let html = std::fs::read_to_string(page)?;
        let html = html.replace('&', "&amp;").replace('"', "&quot;");
        let around = FRAME
            .replace("WIDTH", &width.to_string())
            .replace("PART", part)
            .replace("PAGE", &html);
        let file = scratch.join("framed.html");
        std::fs::write(&file, around)?;
        let dom = View::default().dom(&file, "")?.dom;
        let number = |name: &str| -> Result<u32> {
            let (_, rest) = dom
                .split_once(&format!("data-{name}=\""))
                .with_context(|| format!("it did not measure its {name}"))?;
            Ok(rest.split('"').next().unwrap_or_default().parse()?)
        };
        let (_, said) = dom.rsplit_once("<pre>").context("it said nothing")?;
        let said = said.replace("&lt;", "<").replace("&gt;", ">");
        Ok(Framed {
            screen: number("screen")?,
            wide: number("wide")?,
            listings: number("listings")?,
            squashed: number("squashed")?,
            dom: said.replace("&amp;", "&"),
        })
    }

    /// Nothing sticks out of the page, and each line of a listing is on a line.
    fn fits(&self) -> Result<()> {
        let Framed { screen, wide, .. } = self;
        ensure!(wide <= screen, "it is {wide} wide on a screen of {screen}");
        ensure!(self.listings >= 2, "{} listings are shown", self.listings);
        ensure!(
            self.squashed == 0,
            "{} of {} listings lack lines",
            self.squashed,
            self.listings
        );
        Ok(())
    }
}

/// It is light where light is asked for, and dark where dark is.
fn colours(page: &Path, scratch: &Path) -> Result<()> {
    let bright = |dark: bool| -> Result<f64> {
        let picture: PathBuf = scratch.join(if dark { "dark.png" } else { "light.png" });
        let view = View {
            dark,
            ..View::default()
        };
        view.draw(page, "", &picture)?;
        brightness(&picture)
    };
    let (light, dark) = (bright(false)?, bright(true)?);
    ensure!(
        light > 0.8 && dark < 0.25,
        "of 1 it is {light:.2} bright when light, and {dark:.2} when dark"
    );
    Ok(())
}

/// The mean of all colours of a picture, 1 being white.
fn brightness(picture: &Path) -> Result<f64> {
    let file = std::io::BufReader::new(std::fs::File::open(picture)?);
    let mut reader = png::Decoder::new(file).read_info()?;
    let size = reader
        .output_buffer_size()
        .context("a picture has a size")?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels)?;
    let channels = frame.color_type.samples();
    ensure!(channels >= 3, "it is no picture in colours");
    let colours = pixels[..frame.buffer_size()]
        .chunks_exact(channels)
        .flat_map(|pixel| &pixel[..3]);
    let (sum, number) = colours.fold((0_u64, 0_u64), |(sum, number), &colour| {
        (sum + u64::from(colour), number + 1)
    });
    Ok(sum as f64 / number.max(1) as f64 / 255.0)
}
