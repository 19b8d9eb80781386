//! The native window: its renderer, its size, and the error if it can’t be opened.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::{IconData, ViewportBuilder};
use eframe::{NativeOptions, Renderer};

use crate::app::Wizard;
use crate::runtime::SaveWork;

/// No window could be opened.
#[derive(Debug)]
pub struct WindowError {
    reasons: Vec<String>,
}

impl std::fmt::Display for WindowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "no window could be opened on this computer ({}). On a server or in a terminal, use \
             the command instead: mta-sts check, followed by your domain",
            self.reasons.join("; ")
        )
    }
}

impl std::error::Error for WindowError {}

/// Opens the window, optionally with a saved check, and returns when it is closed. Tries wgpu first
/// and OpenGL second.
///
/// # Errors
/// [`WindowError`] with the reason of each renderer.
pub fn open(practice: bool, facts: Option<&Path>) -> Result<(), WindowError> {
    let mut reasons = Vec::new();
    for (renderer, name) in [(Renderer::Wgpu, "wgpu"), (Renderer::Glow, "OpenGL")] {
        let opened = Arc::new(AtomicBool::new(false));
        match run(renderer, practice, facts, &opened) {
            Ok(()) => return Ok(()),
            Err(NoWindow::Display(reason)) => {
                // Without a display no other renderer helps.
                reasons = vec![reason];
                break;
            }
            Err(NoWindow::Renderer(reason)) => reasons.push(format!("{name}: {reason}")),
        }
        if opened.load(Ordering::Relaxed) {
            // The renderer worked, so this is another fault. A second renderer would hide it.
            break;
        }
    }
    Err(WindowError { reasons })
}

/// Why one attempt opened no window.
enum NoWindow {
    /// There is no display, or no connection to it.
    Display(String),
    /// This renderer can’t draw here. Another one may.
    Renderer(String),
}

/// Runs the window with one renderer. `opened` becomes true once it is open.
fn run(
    renderer: Renderer,
    practice: bool,
    facts: Option<&Path>,
    opened: &Arc<AtomicBool>,
) -> Result<(), NoWindow> {
    let viewport = ViewportBuilder::default()
        .with_app_id("mta-sts-wizard")
        .with_title("MTA-STS Wizard")
        .with_icon(icon())
        .with_inner_size([1040.0, 760.0])
        .with_min_inner_size([480.0, 400.0]);
    let options = NativeOptions {
        renderer,
        viewport,
        ..NativeOptions::default()
    };
    let creator_opened = Arc::clone(opened);
    let facts = facts.map(Path::to_owned);
    let native = || {
        eframe::run_native(
            "mta-sts-wizard",
            options,
            Box::new(move |creation| {
                creator_opened.store(true, Ordering::Relaxed);
                let mut wizard = Wizard::saving(&creation.egui_ctx, practice, SaveWork::Platform)?;
                if let Some(facts) = facts {
                    wizard.open_facts(facts);
                }
                Ok(Box::new(wizard))
            }),
        )
    };
    // If a library is missing, winit panics where it should return an error. That counts as “no
    // window”, not as a crash. A panic with an open window is our fault and continues.
    let hook = Arc::new(std::panic::take_hook());
    let (usual, quiet) = (Arc::clone(&hook), Arc::clone(opened));
    std::panic::set_hook(Box::new(move |panic| {
        if quiet.load(Ordering::Relaxed) {
            usual(panic);
        } else {
            log::info!("{panic}");
        }
    }));
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(native));
    let _ = std::panic::take_hook();
    match ended {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error @ eframe::Error::WinitEventLoop(_))) => {
            log::info!("{error}");
            Err(NoWindow::Display("there is no display".to_owned()))
        }
        Ok(Err(error)) => Err(NoWindow::Renderer(error.to_string())),
        Err(panic) if opened.load(Ordering::Relaxed) => std::panic::resume_unwind(panic),
        Err(_) => Err(NoWindow::Display(
            "a system library is missing; the README lists the ones you need".to_owned(),
        )),
    }
}

fn icon() -> IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon/icon-256.png"))
        .unwrap_or_default()
}
