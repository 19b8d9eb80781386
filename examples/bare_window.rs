//! The least window that the same libraries open, with the same renderer: what the wizard is
//! measured against by `cargo bench --bench window`.

use eframe::egui::{CentralPanel, Ui, ViewportBuilder};
use eframe::{NativeOptions, Renderer};

struct Bare;

impl eframe::App for Bare {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        log::trace!(target: "frame", "drawn");
        CentralPanel::default().show(ui, |ui| ui.label("Set up MTA-STS"));
    }
}

fn main() -> eframe::Result {
    env_logger::init();
    let options = NativeOptions {
        renderer: Renderer::Wgpu,
        viewport: ViewportBuilder::default().with_inner_size([1040.0, 760.0]),
        ..NativeOptions::default()
    };
    eframe::run_native("bare", options, Box::new(|_| Ok(Box::new(Bare))))
}
