//! A pointer that rests while the text size changes. The window system says where it is only when it
//! moves, in points of the size at that moment; after a change these lead elsewhere.

use eframe::egui::{Event, Pos2};

/// Where the pointer is.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    /// Where it moved to, in points, and the pixels of a point at that moment.
    moved: Option<(Pos2, f32)>,
    /// The pixels of a point in the last frame.
    pixels_per_point: f32,
}

impl Pointer {
    /// Corrects the events of a frame in which a point has so many pixels.
    pub(super) fn correct(&mut self, events: &mut Vec<Event>, pixels_per_point: f32) {
        for event in &mut *events {
            match event {
                Event::PointerMoved(to) => self.moved = Some((*to, pixels_per_point)),
                Event::PointerGone => self.moved = None,
                // It is where the pointer moved to last.
                Event::PointerButton { pos, .. } => {
                    *pos = self.rests_at(pixels_per_point).unwrap_or(*pos);
                }
                _ => {}
            }
        }
        let has_changed = pixels_per_point.total_cmp(&self.pixels_per_point).is_ne();
        self.pixels_per_point = pixels_per_point;
        if let Some(place) = self.rests_at(pixels_per_point).filter(|_| has_changed) {
            events.push(Event::PointerMoved(place));
        }
    }

    fn rests_at(&self, pixels_per_point: f32) -> Option<Pos2> {
        let (place, then) = self.moved?;
        Some(place * (then / pixels_per_point))
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Modifiers, PointerButton, pos2};

    use super::*;

    fn click(pos: Pos2) -> Event {
        Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        }
    }

    #[test]
    fn a_pointer_that_rests_stays_where_it_is_on_the_screen() {
        let mut pointer = Pointer::default();
        let place = pos2(500.0, 400.0);
        let mut events = vec![Event::PointerMoved(place)];
        pointer.correct(&mut events, 1.0);

        let half = pos2(250.0, 200.0);
        let mut events = Vec::new();
        pointer.correct(&mut events, 2.0);
        assert_eq!(events, [Event::PointerMoved(half)]);
        let mut events = vec![click(place)];
        pointer.correct(&mut events, 2.0);
        assert_eq!(events, [click(half)]);

        let mut events = vec![Event::PointerMoved(place), click(place)];
        pointer.correct(&mut events, 2.0);
        assert_eq!(events, [Event::PointerMoved(place), click(place)]);
    }

    #[test]
    fn a_pointer_that_has_left_is_nowhere() {
        let mut pointer = Pointer::default();
        let mut events = vec![Event::PointerMoved(pos2(1.0, 1.0)), Event::PointerGone];
        pointer.correct(&mut events, 1.0);
        let mut events = Vec::new();
        pointer.correct(&mut events, 2.0);
        assert_eq!(events, []);
    }
}
