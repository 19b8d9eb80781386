//! The bars around a screen. Each is drawn in its own place under its own id.

use eframe::egui::{Align, Color32, Frame, Id, Layout, Rect, Ui, UiBuilder};

/// A bar along an edge. Its height is that of its contents in the last frame.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    name: &'static str,
    least: f32,
}

pub(super) const PRACTICE: Bar = Bar {
    name: "practice bar",
    least: 44.0,
};
pub(super) const FOOTER: Bar = Bar {
    name: "footer bar",
    least: 60.0,
};
pub(super) const RAIL: Bar = Bar {
    name: "rail bar",
    least: 52.0,
};

impl Bar {
    pub(super) fn height(self, ui: &Ui) -> f32 {
        let height = ui.data(|data| data.get_temp::<f32>(Id::unique(self.name)));
        height.unwrap_or(self.least)
    }

    /// Draws the bar. The next frame gives it as much room as this one needed.
    pub(super) fn show(
        self,
        ui: &mut Ui,
        place: Rect,
        frame: Frame,
        contents: impl FnOnce(&mut Ui),
    ) {
        let drawn = part(ui, self.name, place, |ui| {
            ui.painter().rect_filled(place, 0.0, frame.fill);
            let frame = frame.fill(Color32::TRANSPARENT);
            let shown = frame.show(ui, |ui| {
                ui.take_available_width();
                contents(ui);
            });
            shown.response.rect.height()
        });
        if (drawn - self.height(ui)).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(Id::unique(self.name), drawn));
            ui.ctx().request_repaint();
        }
    }
}

/// Draws a part of the window in its own place, under its own id.
pub(super) fn part<R>(
    ui: &mut Ui,
    name: &str,
    place: Rect,
    contents: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new()
        .scope_id(Id::unique(("part", name)))
        .max_rect(place)
        .layout(Layout::top_down(Align::LEFT));
    let mut child = ui.new_child(builder);
    child.set_clip_rect(place.intersect(ui.clip_rect()));
    contents(&mut child)
}
