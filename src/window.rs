//! The native window: its renderer, its size, and the error if it can’t be opened.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use clap::Parser;
use eframe::egui::{Context, IconData, Pos2, RawInput, Ui, Vec2, ViewportBuilder, ViewportCommand};
use eframe::{App, CreationContext, NativeOptions};

use crate::app::Wizard;
use crate::renderer::{self, Renderer};
use crate::runtime::SaveWork;

/// How often an event for an earlier window may end a new one before it opens.
const MAX_LEFT_OVER: usize = 5;

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

/// Sets up MTA-STS and TLS reporting for a mail domain, step by step, in a window.
#[derive(Debug, Default, Parser)]
#[command(name = "mta-sts-wizard", version, max_term_width = 100)]
pub struct Start {
    /// Use the built-in practice internet; nothing leaves this computer.
    #[arg(long)]
    pub practice: bool,
    /// Try this first to draw the window. Without it, what worked last comes first.
    #[arg(long, value_enum)]
    pub renderer: Option<Renderer>,
    /// Saved checks and TLS reports to open: JSON, gzip or ZIP files, e-mails, folders. If a window is
    /// open already, they open there.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Opens the window and returns when it is closed. If the renderer can’t open it, or fails later,
/// the other one goes on with the same work. `created` is called for each window.
///
/// # Errors
/// [`WindowError`] with the reason of each renderer.
pub fn open(start: Start, created: impl Fn(&CreationContext<'_>)) -> Result<(), WindowError> {
    let mut reasons = Vec::new();
    let mut work = Work {
        start,
        memory: renderer::memory(),
        wizard: None,
        place: Place::default(),
    };
    let last = Renderer::last(work.memory.as_deref());
    for renderer in Renderer::in_order(work.start.renderer, last) {
        let mut shown = work.show(renderer, &created);
        for _ in 0..MAX_LEFT_OVER {
            if !matches!(shown, Err(NoWindow::LeftOver)) {
                break;
            }
            shown = work.show(renderer, &created);
        }
        match shown {
            Ok(()) => return Ok(()),
            Err(NoWindow::Display(reason)) => {
                // Without a display no other renderer helps.
                reasons = vec![reason];
                break;
            }
            Err(NoWindow::Renderer(reason)) => {
                log::info!("{}: {reason}", renderer.name());
                reasons.push(format!("{}: {reason}", renderer.name()));
            }
            Err(NoWindow::LeftOver) => {
                reasons.push(format!("{}: it closed at once", renderer.name()));
            }
            Err(NoWindow::Wizard(reason)) => {
                // The renderer worked, so this is another fault. A second renderer would hide it.
                reasons.push(reason);
                break;
            }
        }
    }
    Err(WindowError { reasons })
}

/// Why one attempt shows no window, or no longer.
enum NoWindow {
    /// There is no display, or no connection to it.
    Display(String),
    /// This renderer can’t draw here. Another one may.
    Renderer(String),
    /// The renderer could draw, but the program could not start.
    Wizard(String),
    /// An event for a window whose renderer panicked came first, and eframe takes that as the end.
    LeftOver,
}

/// The work in the window. It outlives a renderer.
struct Work {
    start: Start,
    /// Where the renderer is remembered.
    memory: Option<PathBuf>,
    wizard: Option<Wizard>,
    place: Place,
}

/// Where the window is, in points at a text size of 100 %, which a new window begins with.
#[derive(Clone, Copy)]
struct Place {
    size: Vec2,
    /// `None` where the system decides.
    corner: Option<Pos2>,
    is_maximized: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            size: Vec2::new(1040.0, 760.0),
            corner: None,
            is_maximized: false,
        }
    }
}

impl Place {
    fn builder(self) -> ViewportBuilder {
        let builder = ViewportBuilder::default()
            .with_inner_size(self.size)
            .with_maximized(self.is_maximized);
        match self.corner {
            Some(corner) => builder.with_position(corner),
            None => builder,
        }
    }
}

impl Work {
    /// Shows the work with one renderer until the window is closed.
    fn show(
        &mut self,
        renderer: Renderer,
        created: &impl Fn(&CreationContext<'_>),
    ) -> Result<(), NoWindow> {
        let options = NativeOptions {
            renderer: renderer.into(),
            viewport: self
                .place
                .builder()
                .with_app_id(app_id())
                .with_title("MTA-STS Wizard")
                .with_icon(icon())
                .with_min_inner_size([480.0, 400.0]),
            ..NativeOptions::default()
        };
        let life = Arc::new(Life::default());
        let (creator_life, hook_life) = (Arc::clone(&life), Arc::clone(&life));
        let native = || {
            eframe::run_native(
                "mta-sts-wizard",
                options,
                Box::new(move |creation| {
                    let _ = creator_life.opened.set(());
                    creator_life.watch(creation);
                    let shown = self.shown(creation, renderer, creator_life)?;
                    created(creation);
                    Ok(Box::new(shown))
                }),
            )
        };
        // If a library is missing, winit panics where it should return an error. That counts as “no
        // window”, not as a crash. A panic in an open window is our fault and continues, unless it
        // came from the renderer.
        let hook = Arc::new(std::panic::take_hook());
        let usual = Arc::clone(&hook);
        std::panic::set_hook(Box::new(move |panic| {
            let is_renderer = panic.location().is_some_and(|it| is_of_renderer(it.file()));
            if is_renderer {
                hook_life.fail(&panic.to_string());
            }
            if hook_life.opened.get().is_some() && !is_renderer {
                usual(panic);
            } else {
                log::info!("{panic}");
            }
        }));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(native));
        let _ = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| hook(panic)));
        if let Some(reason) = life.failed.get().filter(|_| life.closed.get().is_none()) {
            return Err(NoWindow::Renderer(reason.clone()));
        }
        match ended {
            Ok(Ok(())) if life.opened.get().is_none() => Err(NoWindow::LeftOver),
            Ok(Ok(())) => Ok(()),
            Ok(Err(error @ eframe::Error::WinitEventLoop(_))) => {
                log::info!("{error}");
                Err(NoWindow::Display("there is no display".to_owned()))
            }
            Ok(Err(eframe::Error::AppCreation(error))) => Err(NoWindow::Wizard(error.to_string())),
            Ok(Err(error)) => Err(NoWindow::Renderer(error.to_string())),
            Err(panic) if life.opened.get().is_some() => std::panic::resume_unwind(panic),
            Err(_) => Err(NoWindow::Display(
                "a system library is missing; the README lists the ones you need".to_owned(),
            )),
        }
    }

    /// The work as it stands, or as an earlier run saved it.
    fn shown(
        &mut self,
        creation: &CreationContext<'_>,
        renderer: Renderer,
        life: Arc<Life>,
    ) -> std::io::Result<Shown<'_>> {
        let ctx = &creation.egui_ctx;
        if let Some(wizard) = &mut self.wizard {
            wizard.move_to(ctx);
        } else {
            let wizard = Wizard::saving(ctx, self.start.practice, SaveWork::Platform)?;
            let wizard = self.wizard.insert(wizard);
            wizard.open_files(std::mem::take(&mut self.start.files));
            wizard.follow_system();
        }
        Ok(Shown {
            work: self,
            renderer,
            life,
        })
    }
}

/// What happened to a window. Each comes once.
#[derive(Default)]
struct Life {
    /// Its renderer works.
    opened: OnceLock<()>,
    /// Its renderer failed, with the reason.
    failed: OnceLock<String>,
    /// It was closed. What its renderer says after that is no failure.
    closed: OnceLock<()>,
}

impl Life {
    /// Learns of a renderer that fails. Without this, wgpu would panic.
    fn watch(self: &Arc<Self>, creation: &CreationContext<'_>) {
        let Some(state) = &creation.wgpu_render_state else {
            return;
        };
        let (ctx, life) = (creation.egui_ctx.clone(), Arc::clone(self));
        state.device.set_device_lost_callback(move |_, reason| {
            life.fail(&reason);
            ctx.request_repaint();
        });
        let (ctx, life) = (creation.egui_ctx.clone(), Arc::clone(self));
        state.device.on_uncaptured_error(Arc::new(move |error| {
            life.fail(&format!("{error}"));
            ctx.request_repaint();
        }));
    }

    fn fail(&self, reason: &str) {
        let reason = reason.lines().next().unwrap_or_default();
        let _ = self.failed.set(reason.to_owned());
    }
}

/// The work in one window.
struct Shown<'a> {
    work: &'a mut Work,
    renderer: Renderer,
    life: Arc<Life>,
}

impl Shown<'_> {
    fn has_failed(&self) -> bool {
        self.life.failed.get().is_some()
    }

    /// Notes where the window is while it works: a renderer that panics leaves no time for it.
    fn note_place(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        ctx.input(|input| {
            let viewport = input.viewport();
            if let Some(inside) = viewport.inner_rect {
                self.work.place = Place {
                    size: inside.size() * zoom,
                    corner: viewport.outer_rect.map(|outside| outside.min * zoom),
                    is_maximized: viewport.maximized == Some(true),
                };
            }
        });
    }
}

impl App for Shown<'_> {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        if let Some(wizard) = &mut self.work.wizard {
            wizard.raw_input_hook(ctx, input);
        }
    }

    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        if self.has_failed() {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        self.note_place(ctx);
        if let Some(wizard) = &mut self.work.wizard {
            wizard.logic(ctx, frame);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        if let Some(wizard) = &mut self.work.wizard {
            wizard.ui(ui, frame);
        }
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        if self.has_failed() {
            return;
        }
        let _ = self.life.closed.set(());
        self.renderer.remember(self.work.memory.as_deref());
        // Dropped here, it saves what is left. After Cmd+Q on macOS nothing comes after this.
        if let Some(mut wizard) = self.work.wizard.take() {
            wizard.on_exit(gl);
        }
    }
}

/// Whether a file of source code belongs to a renderer. eframe’s own part for OpenGL panics where it
/// finds no fitting configuration.
fn is_of_renderer(file: &str) -> bool {
    ["wgpu", "glow", "glutin"]
        .iter()
        .any(|it| file.contains(it))
}

/// The name by which a Linux desktop finds the icon. In a Flatpak it’s another one.
fn app_id() -> String {
    std::env::var("FLATPAK_ID").unwrap_or_else(|_| "mta-sts-wizard".to_owned())
}

fn icon() -> IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon/icon-256.png"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_renderer_is_told_from_one_of_the_display_and_of_our_own() {
        for (file, is_renderer) in [
            ("egui-wgpu-0.37.0/src/renderer.rs", true),
            ("eframe-0.37.0/src/native/glow_integration.rs", true),
            ("glutin-0.32.3/src/display.rs", true),
            ("winit-0.30.12/src/platform_impl/linux/x11/mod.rs", false),
            ("src/window.rs", false),
        ] {
            assert_eq!(is_of_renderer(file), is_renderer, "{file}");
        }
    }
}
