//! The keys: which wish belongs to which, and when a key belongs to the focused control instead.

use eframe::egui::{Context, Event, InputState, Key, KeyboardShortcut, Modifiers};

use crate::command::{Command, Zoom};
use crate::help::{self, Topic};
use crate::screens;
use crate::state::{Overlay, State, Step};

/// What the person asks for by key. `checking` says whether there is a check to stop.
pub(crate) fn wishes(ctx: &Context, state: &State, checking: bool) -> Vec<Command> {
    let mut wishes = Vec::new();
    let topic = help::take_focused(ctx).unwrap_or(Topic::Step(state.step));
    let command = Modifiers::COMMAND;
    let pressed = |modifiers, key| {
        ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(modifiers, key)))
    };
    if pressed(Modifiers::NONE, Key::F1) {
        wishes.push(Command::Show(Some(Overlay::Help(topic))));
    }
    if state.overlay.is_some() {
        if pressed(Modifiers::NONE, Key::Escape) {
            wishes.push(Command::Show(None));
        }
        return wishes;
    }
    let steps = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];
    for (step, key) in Step::ALL.into_iter().zip(steps) {
        if pressed(command, key) {
            wishes.push(Command::Go(step));
        }
    }
    // In a text field, Alt or Option with an arrow moves by words.
    if !ctx.egui_wants_keyboard_input()
        && pressed(Modifiers::ALT, Key::ArrowLeft)
        && let Some(back) = state.step.back()
    {
        wishes.push(Command::Go(back));
    }
    if pressed(command, Key::R) {
        wishes.push(match state.step {
            Step::Publish => Command::Look,
            _ => Command::Check,
        });
    }
    if pressed(command, Key::S) && state.setup().is_some() {
        wishes.push(match state.step {
            Step::Finish => Command::Save,
            _ => Command::Go(Step::Finish),
        });
    }
    for (key, zoom) in [
        (Key::Plus, Zoom::In),
        (Key::Equals, Zoom::In),
        (Key::Minus, Zoom::Out),
        (Key::Num0, Zoom::Reset),
    ] {
        if pressed(command, key) {
            wishes.push(Command::Zoom(zoom));
        }
    }
    // Enter belongs to what has the focus; without any it goes on.
    if ctx.memory(|memory| memory.focused().is_none())
        && ctx.input(was_pressed_once(Key::Enter))
        && let Some(action) = screens::action(state).filter(|action| action.enabled)
    {
        wishes.push(action.command);
    }
    if checking && pressed(Modifiers::NONE, Key::Escape) {
        wishes.push(Command::StopCheck);
    }
    wishes
}

/// Whether a key went down in this frame, its automatic repetition left aside.
fn was_pressed_once(wanted: Key) -> impl Fn(&InputState) -> bool {
    move |input| {
        input.events.iter().any(|event| {
            matches!(
                event,
                Event::Key { key, pressed: true, repeat: false, modifiers, .. }
                    if *key == wanted && modifiers.is_none()
            )
        })
    }
}
