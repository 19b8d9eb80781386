//! How heavy the window is, beside the least window of the same libraries: time to the first frame,
//! frames while nothing happens, memory, size of the program, and the time that a frame of each step
//! takes with fifty mail servers. Ratios and counts, no pass or fail.
//!
//! ```sh
//! xvfb-run -a cargo bench --bench window    # or on a real display, without xvfb-run
//! ```
//!
//! Memory is read as Linux gives it. Without a display, only frame times are printed.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers prints, and fails by panicking"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use eframe::egui::{
    Context, Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase,
    vec2,
};
use mta_sts_core::facts::{MailServer, MxRecord};
use mta_sts_core::{Answer, Domain, Facts, Observed};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::command::PlanKind;
use mta_sts_wizard::state::{STEPS, Screen, State, step_name};
use time::OffsetDateTime;

const STARTS: usize = 9;
const IDLE: Duration = Duration::from_secs(30);

fn main() {
    frame_times();
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        println!("No display: the window itself was not measured.");
        return;
    }
    let (wizard, bare) = build();
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    ratio("size, stripped (bytes)", size(&wizard), size(&bare));
    let mut firsts = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        firsts.0.push(Window::open(&wizard).first_frame);
        firsts.1.push(Window::open(&bare).first_frame);
    }
    let (wizard_first, bare_first) = (median(firsts.0), median(firsts.1));
    ratio("first frame (ms, median)", wizard_first, bare_first);
    let (wizard, bare) = (Window::open(&wizard).idle(), Window::open(&bare).idle());
    ratio("resident memory (kB)", wizard.memory_kb, bare.memory_kb);
    println!(
        "idle frames in {} s: wizard {}, bare {}",
        IDLE.as_secs(),
        wizard.frames,
        bare.frames
    );
}

fn ratio(what: &str, wizard: u64, bare: u64) {
    let thousandths = wizard * 1000 / bare.max(1);
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    println!("{what}: wizard {wizard}, bare {bare}, ratio {whole}.{rest:03}");
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Both programs as they are released.
fn build() -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--bin", "mta-sts-wizard"])
        .args(["--example", "bare_window"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(built.success());
    // Beside this program, wherever the target folder is.
    let here = std::env::current_exe().unwrap();
    let folder = here.parent().and_then(Path::parent).unwrap();
    (
        folder.join("mta-sts-wizard"),
        folder.join("examples/bare_window"),
    )
}

/// A running program with its window, closed when dropped.
struct Window {
    process: Child,
    /// From the start of the process to its first frame, in milliseconds.
    first_frame: u64,
    frames: Receiver<()>,
    /// Where the wizard keeps its state meanwhile.
    _home: tempfile::TempDir,
}

/// What a window does while nothing happens.
struct Idle {
    frames: usize,
    memory_kb: u64,
}

impl Window {
    fn open(program: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let mut process = Command::new(program)
            .env("RUST_LOG", "frame=trace")
            .env("XDG_DATA_HOME", home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (sender, frames) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("frame") && line.contains("drawn") && sender.send(()).is_err() {
                    return;
                }
            }
        });
        frames.recv_timeout(Duration::from_mins(1)).unwrap();
        let first_frame = u64::try_from(begun.elapsed().as_millis()).unwrap();
        Self {
            process,
            first_frame,
            frames,
            _home: home,
        }
    }

    /// Waits until it has settled, then watches.
    fn idle(self) -> Idle {
        std::thread::sleep(Duration::from_secs(5));
        self.frames.try_iter().count();
        std::thread::sleep(IDLE);
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|text| text.split_whitespace().next()?.parse().ok());
        Idle {
            frames: self.frames.try_iter().count(),
            memory_kb: memory.unwrap_or_default(),
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The time of a frame while a step with fifty mail servers is scrolled: input, layout and
/// tessellation; with a screen reader also what it is told, which is everything at once.
fn frame_times() {
    for screen in [Screen::Home, Screen::Plan]
        .into_iter()
        .chain(STEPS.map(Screen::Step))
    {
        for (heard, who) in [(false, "without"), (true, "with")] {
            let [median, most] = frame_time(screen, heard);
            let what = match screen {
                Screen::Home => "“Your domains” with 500 domains".to_owned(),
                Screen::Plan => "the plan with 50 mail servers".to_owned(),
                Screen::Step(step) => format!("“{}” with 50 mail servers", step_name(step)),
            };
            println!(
                "frame of {what}, {who} a screen reader (µs): median {median}, 99 % below {most}"
            );
        }
    }
}

fn frame_time(screen: Screen, heard: bool) -> [u64; 2] {
    let now = OffsetDateTime::now_utc();
    let mut state = State::new(false);
    state.update(now, |inputs| match screen {
        Screen::Home => {
            inputs.add((1..=500).map(numbered).collect());
            for number in 1..=500 {
                inputs.take_checked(Facts::new(numbered(number), now));
            }
            inputs.go_home();
        }
        Screen::Plan => {
            inputs.import(fifty_servers());
            inputs.begin_plan(PlanKind::Off);
        }
        Screen::Step(step) => {
            inputs.import(fifty_servers());
            // Nobody is asked.
            inputs.pause(true, now);
            for entered in STEPS.into_iter().filter(|it| *it <= step) {
                inputs.go(entered, now);
            }
        }
    });
    assert_eq!(state.inputs().screen(), screen);
    let ctx = Context::default();
    let mut wizard = Wizard::new(&ctx, state).unwrap();
    let mut frame = eframe::Frame::_new_kittest();
    if heard {
        ctx.enable_accesskit();
    }
    let mut times = Vec::new();
    for number in 0_u32..1200 {
        let down = if number % 200 < 100 { -40.0 } else { 40.0 };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1040.0, 760.0))),
            time: Some(f64::from(number) / 60.0),
            events: vec![
                Event::PointerMoved([600.0, 500.0].into()),
                Event::MouseWheel {
                    unit: MouseWheelUnit::Point,
                    delta: vec2(0.0, down),
                    phase: TouchPhase::Move,
                    modifiers: Modifiers::NONE,
                    source: MouseWheelSource::Wheel,
                },
            ],
            ..RawInput::default()
        };
        let begun = Instant::now();
        let output = ctx.run_ui(input, |ui| {
            eframe::App::logic(&mut wizard, ui.ctx(), &mut frame);
            eframe::App::ui(&mut wizard, ui, &mut frame);
        });
        let meshes = ctx.tessellate(output.shapes, output.pixels_per_point);
        if number >= 200 {
            times.push(u64::try_from(begun.elapsed().as_micros()).unwrap());
        }
        drop(meshes);
    }
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

fn numbered(number: u16) -> Domain {
    Domain::parse(&format!("domain-{number}.example")).unwrap()
}

fn fifty_servers() -> Facts {
    let domain = Domain::parse("example.com").unwrap();
    let mut facts = Facts::new(domain, OffsetDateTime::now_utc());
    let host = |number: u16| format!("mx{number}.example.com");
    facts.mail_servers = (1..=50)
        .map(|number| MailServer::named(host(number), number))
        .collect();
    let record = |number: u16| MxRecord {
        preference: number,
        exchange: host(number),
    };
    facts.mx = Observed::Seen(Answer::of((1..=50).map(record)));
    facts
}
