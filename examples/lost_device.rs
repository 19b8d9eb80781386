//! The window in practice mode. Each line on standard input takes its graphics device away, as a
//! driver that crashes does: the window has to go on with the same work.

use std::io::{BufRead as _, stdin};

use eframe::CreationContext;
use mta_sts_wizard::window::{Start, WindowError, open};

fn main() -> Result<(), WindowError> {
    env_logger::init();
    let start = Start {
        practice: true,
        ..Start::default()
    };
    open(start, lose_device_on_request)
}

fn lose_device_on_request(creation: &CreationContext<'_>) {
    let Some(state) = &creation.wgpu_render_state else {
        return;
    };
    let device = state.device.clone();
    std::thread::spawn(move || {
        for _ in stdin().lock().lines() {
            device.destroy();
        }
    });
}
