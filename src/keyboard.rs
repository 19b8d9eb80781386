//! Keyboard shortcuts: which keys send commands, and which belong to the focused control.

use eframe::egui::{Context, Event, InputState, Key, Modifiers};

use crate::command::{Command, Zoom};
use crate::help;
use crate::screens;
use crate::state::{Overlay, STEPS, Screen, State, Step, Topic};

/// The commands for the keys that were pressed in this frame.
pub(crate) fn commands(ctx: &Context, state: &State) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut asked = |command: Command| {
        let mut keys = command.keys().iter();
        if ctx.input_mut(|input| keys.any(|key| input.consume_shortcut(key))) {
            commands.push(command);
        }
    };
    let screen = state.inputs().screen();
    let topic = help::take_focused(ctx).unwrap_or(Topic::of_screen(screen));
    asked(Command::Show(Some(Overlay::Help(topic))));
    if state.inputs().overlay.is_some() {
        asked(Command::Show(None));
        return commands;
    }
    asked(Command::Home);
    for step in STEPS {
        asked(Command::Go(step));
    }
    asked(match screen {
        Screen::Home => Command::CheckAll,
        Screen::Step(Step::Publish) => Command::Look,
        Screen::Step(_) | Screen::Plan => Command::Check,
    });
    asked(Command::Save);
    for zoom in [Zoom::In, Zoom::Out, Zoom::Reset] {
        asked(Command::Zoom(zoom));
    }
    // In a text field, Escape leaves the field.
    let is_typing = ctx.egui_wants_keyboard_input();
    if state.is_checking() && screen == Screen::Step(Step::Check) && !is_typing {
        asked(Command::StopCheck);
    }
    if state.inputs().home.batch.is_some() && screen == Screen::Home && !is_typing {
        asked(Command::StopAll);
    }
    if state.is_reading_reports() && screen == Screen::Step(Step::Finish) && !is_typing {
        asked(Command::StopOpening);
    }
    // In a text field, Alt or Option with an arrow moves the caret by words.
    if !ctx.egui_wants_keyboard_input()
        && ctx.input_mut(|input| input.consume_key(Modifiers::ALT, Key::ArrowLeft))
        && let Some(back) = screen.back()
    {
        commands.push(Command::Go(back));
    }
    // Enter belongs to the focused control. Without one, it triggers the action in the footer.
    if ctx.memory(|memory| memory.focused().is_none())
        && ctx.input(was_pressed_once(Key::Enter))
        && let Some(action) = screens::action(state).filter(|action| action.reason.is_none())
    {
        commands.push(action.command);
    }
    commands
}

/// Whether a key was pressed in this frame, not counting key repeat.
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
