//! The frame around a screen: the rail with home and the steps, the practice bar, the footer with
//! its action, and the overlays.
//!
//! The parts are drawn in Tab order: the screen first, then the footer, then the rail. Each has its
//! own id, which stays the same when other parts come or go.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    Align, Button, Context, Frame, Id, Label, Layout, Margin, Memory, Rect, RichText, ScrollArea,
    Stroke, Ui, UiBuilder, ViewportCommand, pos2, vec2,
};
use mta_sts_core::Domain;
use mta_sts_domains::Settings;

use super::Wizard;
use super::bar::{FOOTER, PRACTICE, RAIL, part};
use crate::command::{Command, Zoom};
use crate::screens;
use crate::state::{Files, Overlay, STEPS, Screen, Status, Step, ThemeChoice, Topic};
use crate::theme::{self, icon, rail};
use crate::widgets;

/// What the window keeps from one frame to the next.
#[derive(Default)]
pub(super) struct Shell {
    /// The title of the window.
    title: String,
    /// The control that had the focus before an overlay opened.
    pub(super) had_focus: Option<Id>,
    /// The files for which the folder of step 4 was last read.
    pub(super) looked_at: Option<Files>,
    /// The domain for which the folder dialog was opened.
    pub(super) folder_of: Option<Domain>,
    /// The settings that were saved last.
    pub(super) settings: Option<Settings>,
    /// Where to scroll in the next frame, so that the control under the pointer stays there.
    scroll_to: Option<f32>,
    /// The top of the scrolled screen in the last frame.
    top: f32,
    /// The control that had the focus in the last frame.
    focus: Option<Id>,
    /// Whether this screen was already drawn once.
    is_entered: bool,
}

impl Shell {
    /// Opens another screen at its top, with the focus at its start.
    pub(super) fn enter(&mut self, ctx: &Context) {
        self.is_entered = false;
        ctx.memory_mut(|memory| {
            if let Some(id) = memory.focused() {
                memory.surrender_focus(id);
            }
        });
    }
}

impl Wizard {
    /// Draws everything.
    pub(super) fn draw(&mut self, ui: &mut Ui) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            let words = match self.state.inputs().screen() {
                Screen::Step(Step::Finish) => "Drop TLS reports here to open them",
                _ => "Drop a saved check here to open it",
            };
            widgets::drop_hint(ui, words);
        }
        let mut middle = ui.max_rect();
        // With large text in a small window, the bars above scroll with the screen. Otherwise too
        // little of the screen would be visible.
        let low = middle.height() < theme::LOW;
        let narrow = middle.width() < theme::NARROW;
        let practice = self.state.inputs().practice;
        let palette = theme::palette(ui);
        ui.painter().rect_filled(middle, 0.0, palette.page);
        let mut rail = None;
        if narrow && !low {
            rail = Some(cut_top(&mut middle, RAIL.height(ui)));
        } else if !narrow {
            let place = Rect::from_min_size(middle.min, vec2(theme::RAIL_WIDTH, middle.height()));
            middle.min.x = place.max.x;
            rail = Some(place);
        }
        let mut practice_bar = None;
        if practice && !low {
            practice_bar = Some(cut_top(&mut middle, PRACTICE.height(ui)));
        }
        // Without anything in it, a footer only takes room from large text in a small window.
        let inputs = self.state.inputs();
        let has_footer = inputs.notice.is_some()
            || inputs.screen().back().is_some()
            || screens::action(&self.state).is_some()
            || !low && inputs.screen() != Screen::Home;
        let footer = has_footer.then(|| {
            let top = middle.max.y - FOOTER.height(ui);
            let place = Rect::from_min_max(pos2(middle.min.x, top), middle.max);
            middle.max.y = top;
            place
        });

        let side = if narrow { 16 } else { 28 };
        part(ui, "screen", middle, |ui| {
            let margin = Margin {
                left: side,
                right: 8,
                top: 16,
                bottom: 0,
            };
            Frame::NONE
                .inner_margin(margin)
                .show(ui, |ui| self.screen(ui, side, narrow && low, low));
        });
        if let Some(place) = footer {
            let margin = Margin::symmetric(side, if low { 6 } else { 12 });
            let frame = Frame::NONE.fill(palette.page).inner_margin(margin);
            FOOTER.show(ui, place, frame, |ui| self.footer(ui));
            let line = Stroke::new(1.0, palette.line);
            ui.painter().hline(place.x_range(), place.top(), line);
        }
        if let Some(place) = practice_bar {
            PRACTICE.show(ui, place, practice_frame(palette), |ui| {
                self.practice_line(ui);
            });
        }
        if let Some(place) = rail {
            let frame = Frame::NONE.fill(palette.rail);
            if narrow {
                let frame = frame.inner_margin(Margin::symmetric(8, 4));
                RAIL.show(ui, place, frame, |ui| self.rail_beside(ui));
            } else {
                part(ui, "upright rail", place, |ui| {
                    ui.painter().rect_filled(place, 0.0, palette.rail);
                    Frame::NONE
                        .inner_margin(Margin::symmetric(12, 16))
                        .show(ui, |ui| self.rail_upright(ui));
                });
            }
        }
        self.overlay(ui);
        self.give_focus_back(ui.ctx());
        self.shell.is_entered = true;
    }

    /// Returns the focus to where it was before the overlay opened.
    fn give_focus_back(&mut self, ctx: &Context) {
        if self.state.inputs().overlay.is_some() || self.shell.had_focus.is_none() {
            return;
        }
        // egui gives nothing below an overlay the focus until the frame after its last one.
        if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
            ctx.request_repaint();
        } else if let Some(id) = self.shell.had_focus.take() {
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
    }

    fn screen(&mut self, ui: &mut Ui, side: i8, with_rail: bool, low: bool) {
        let bar = ui.spacing().scroll.allocated_width();
        let room = ui.available_width() + 8.0 - f32::from(side) - bar;
        let width = room.min(theme::READABLE_WIDTH);
        let screen = self.state.inputs().screen();
        let entering = !self.shell.is_entered;
        let mut area = ScrollArea::vertical()
            .id_salt(screens::name(screen))
            .auto_shrink(false);
        let scroll_to = self.shell.scroll_to.take();
        // A screen opens at its top, not where it was last scrolled to.
        let scroll_to = if entering { Some(0.0) } else { scroll_to };
        if let Some(offset) = scroll_to {
            area = area.vertical_scroll_offset(offset);
        }
        let under_pointer = under_pointer(ui.ctx());
        let shown = area.show(ui, |ui| {
            let top = ui.max_rect().top();
            let left = ui.max_rect().left() + ((room - width) / 2.0).max(0.0);
            let mut place = ui.max_rect();
            place.min.x = left;
            place.max.x = left + width;
            let builder = UiBuilder::new()
                .scope_id(Id::unique("column"))
                .max_rect(place);
            ui.scope_builder(builder, |ui| {
                ui.set_width(width);
                let palette = theme::palette(ui);
                if with_rail {
                    Frame::NONE
                        .fill(palette.rail)
                        .corner_radius(theme::CARD_RADIUS)
                        .show(ui, |ui| self.rail_beside(ui));
                }
                if self.state.inputs().practice && low {
                    let frame = practice_frame(palette)
                        .inner_margin(Margin::symmetric(12, 4))
                        .corner_radius(theme::CARD_RADIUS);
                    frame.show(ui, |ui| {
                        ui.take_available_width();
                        self.practice_line(ui);
                    });
                }
                screens::screen_ui(ui, &mut self.state, &mut self.commands, entering);
                ui.add_space(theme::SPACE);
            });
            self.keep_focus_in_sight(ui);
            top
        });
        let top = std::mem::replace(&mut self.shell.top, shown.inner);
        // Scrolling moves controls on purpose, and the table scrolls its own rows.
        let on_purpose = widgets::takes_scroll(ui.ctx()) || screen == Screen::Home;
        let is_still = (shown.inner - top).abs() < 0.5 && !entering && !on_purpose;
        if let Some((id, was)) = under_pointer.filter(|_| is_still)
            && let Some(now) = ui.ctx().read_response(id)
            && now.sense.senses_click()
            && shown.inner_rect.contains(was.center())
        {
            let moved = now.rect.top() - was.top();
            let offset = shown.inner_rect.top() - shown.inner;
            let most = (shown.content_size.y - shown.inner_rect.height()).max(0.0);
            let wanted = (offset + moved).clamp(0.0, most);
            if moved.abs() > 0.5 && (wanted - offset).abs() > 0.5 {
                self.shell.scroll_to = Some(wanted);
                ui.ctx().request_repaint();
            }
        }
    }

    /// Scrolls to the control that just got the focus from the keyboard, if it isn’t visible.
    fn keep_focus_in_sight(&mut self, ui: &Ui) {
        let focus = ui.memory(Memory::focused);
        if focus == self.shell.focus {
            return;
        }
        self.shell.focus = focus;
        let by_pointer = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
        let response = focus.and_then(|id| ui.ctx().read_response(id));
        // Controls outside the screen are never cut off.
        if let Some(response) = response.filter(|_| !by_pointer)
            && !response.interact_rect.contains_rect(response.rect)
        {
            ui.scroll_to_rect(response.rect.expand(theme::SPACE), None);
        }
    }

    /// Sets the title of the window, which names the domain.
    pub(super) fn window_title(&mut self, ctx: &Context) {
        let inputs = self.state.inputs();
        let title = match self.state.domain().filter(|_| !inputs.at_home) {
            Some(domain) => format!("{} – MTA-STS Wizard", domain.to_unicode()),
            None => "MTA-STS Wizard".to_owned(),
        };
        if title != self.shell.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.shell.title = title;
        }
    }

    fn rail_upright(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.add_space(theme::SMALL_SPACE);
            let glyph = theme::glyph(icon::SHIELD_CHECK).color(rail::HERE);
            widgets::unspoken(&ui.label(glyph.size(24.0)));
            ui.label(
                theme::semibold("MTA-STS Wizard")
                    .color(rail::TEXT)
                    .size(16.0),
            );
        });
        ui.add_space(theme::SPACE);
        self.home(ui, true);
        self.steps(ui, true);
        ui.with_layout(Layout::bottom_up(Align::LEFT), |ui| self.menu(ui, true));
    }

    fn rail_beside(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            self.home(ui, false);
            self.steps(ui, false);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(theme::GRID);
                self.menu(ui, false);
            });
        });
    }

    /// The button for the table of domains, as soon as there is a domain.
    fn home(&mut self, ui: &mut Ui, upright: bool) {
        let inputs = self.state.inputs();
        if inputs.domains().is_empty() {
            return;
        }
        let is_here = inputs.at_home;
        let glyph = theme::glyph(icon::LIST).color(rail::TEXT);
        let words = RichText::new(Command::Home.words()).color(rail::TEXT);
        let button = if upright {
            Button::new((glyph, words)).min_size(vec2(ui.available_width(), 36.0))
        } else {
            Button::new(glyph)
        };
        let palette = theme::palette(ui);
        let fill = if is_here {
            palette.rail_tint
        } else {
            palette.rail
        };
        let response = ui.add(button.fill(fill).stroke(Stroke::NONE));
        widgets::named(&response, Command::Home.words());
        if response.clicked() {
            self.commands.push(Command::Home);
        }
        if upright {
            ui.add_space(theme::SMALL_SPACE);
        }
    }

    fn steps(&mut self, ui: &mut Ui, upright: bool) {
        let screen = self.state.inputs().screen();
        let at_home = screen == Screen::Home;
        let entries = STEPS.map(|step| widgets::Entry {
            step,
            status: self.state.mark_of(step),
            closed: if at_home && self.state.domain().is_none() {
                Some("Open a domain first.".to_owned())
            } else {
                screens::why_closed(&self.state, step)
            },
            here: screen == Screen::Step(step),
        });
        if let Some(step) = widgets::stepper(ui, &entries, upright) {
            self.commands.push(Command::Go(step));
        }
    }

    /// The menu with help and display options.
    fn menu(&mut self, ui: &mut Ui, with_words: bool) {
        let palette = theme::palette(ui);
        let glyph = theme::glyph(icon::GEAR).color(rail::MUTED);
        let words = RichText::new("Help and display").color(rail::TEXT);
        let button = if with_words {
            Button::new((glyph, words))
        } else {
            Button::new(glyph)
        };
        let button = button.fill(palette.rail_tint).stroke(Stroke::NONE);
        let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
            // The menu uses the style of the window instead of egui’s menu style.
            ui.set_style(ui.ctx().global_style());
            ui.set_min_width(240.0);
            let mut ask = |command| {
                self.commands.push(command);
            };
            if ui.button("Explain this (F1)").clicked() {
                let topic = Topic::of_screen(self.state.inputs().screen());
                ask(Command::Show(Some(Overlay::Help(topic))));
                ui.close();
            }
            if ui.button(Topic::MtaSts.title()).clicked() {
                ask(Command::Show(Some(Overlay::Help(Topic::MtaSts))));
                ui.close();
            }
            if ui
                .button(Command::Show(Some(Overlay::Bounce)).words())
                .clicked()
            {
                ask(Command::Show(Some(Overlay::Bounce)));
                ui.close();
            }
            if ui.button("About this program").clicked() {
                ask(Command::Show(Some(Overlay::About)));
                ui.close();
            }
            ui.separator();
            let mut display = self.state.inputs().display;
            ui.label(format!("Text size: {:.0} %", display.text_size * 100.0));
            ui.horizontal(|ui| {
                for zoom in [Zoom::Out, Zoom::In, Zoom::Reset] {
                    let command = Command::Zoom(zoom);
                    if ui.button(command.words()).clicked() {
                        ask(command);
                    }
                }
            });
            let themes = [
                (ThemeChoice::System, "Same as system"),
                (ThemeChoice::Light, "Light"),
                (ThemeChoice::Dark, "Dark"),
            ];
            ui.label("Theme");
            let mut changed = false;
            if let Some(theme) = widgets::segments(ui, display.theme, themes) {
                display.theme = theme;
                changed = true;
            }
            let system = self.state.inputs().system;
            for (choice, is_given, words) in [
                (
                    &mut display.high_contrast,
                    system.high_contrast,
                    "High contrast",
                ),
                (
                    &mut display.reduced_motion,
                    system.reduced_motion,
                    "Reduce motion",
                ),
            ] {
                if is_given {
                    let words = format!("{words}, as the system asks");
                    ui.add_enabled_ui(false, |ui| widgets::tick_box(ui, &mut true, &words));
                } else {
                    changed |= widgets::tick_box(ui, choice, words);
                }
            }
            if changed {
                ask(Command::Display(display));
            }
        });
        widgets::named(&response, "Help and display");
    }

    fn footer(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ACTION_SIZE.y);
            if let Some(back) = self.state.inputs().screen().back() {
                let button = ui.button((theme::glyph(icon::ARROW_LEFT), RichText::new("Back")));
                widgets::named(&button, "Back");
                if button.clicked() {
                    self.commands.push(Command::Go(back));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let action = screens::action(&self.state);
                let (mut reason, mut note) = (None, String::new());
                if let Some(action) = action {
                    let enabled = action.reason.is_none();
                    let response = widgets::action_button(ui, enabled, action.label);
                    if response.clicked() {
                        self.commands.push(action.command);
                    }
                    (reason, note) = (action.reason, action.note);
                }
                let notice = self.state.inputs().notice.as_ref();
                let line = notice.map(|it| (Some(it.status), it.text.clone()));
                let reason = reason.map(|it| (Some(Status::NotChecked), it));
                let note = Some((None, note)).filter(|it| !it.1.is_empty());
                if let Some((status, text)) = line.or(reason).or(note) {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let color = status.map_or(theme::palette(ui).muted, |status| {
                            widgets::mark_label(ui, status, 15.0);
                            widgets::mark_color(ui, status)
                        });
                        let text = RichText::new(text).color(color);
                        let response = ui.add(Label::new(text).wrap());
                        widgets::announced(&response);
                    });
                }
            });
        });
    }

    fn practice_line(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            let color = theme::palette(ui).attention;
            let glyph = theme::glyph(icon::GRADUATION_CAP).color(color);
            widgets::unspoken(&ui.label(glyph.size(18.0)));
            let words = "Practice mode. Nothing leaves this computer.";
            ui.label(RichText::new(words).color(color));
            if ui.button("Leave practice").clicked() {
                self.commands.push(Command::Practice(false));
            }
        });
    }
}

/// The control under the pointer, and where it was last drawn. It stays there when something above
/// it comes or goes. Otherwise a click could hit a control that just moved there.
fn under_pointer(ctx: &Context) -> Option<(Id, Rect)> {
    let hovered = ctx.interaction_snapshot(|seen| seen.hovered.clone());
    let mut hovered = hovered.into_iter().filter_map(|id| ctx.read_response(id));
    let response = hovered.find(|response| response.sense.senses_click())?;
    Some((response.id, response.rect))
}

/// Cuts a strip off the top.
fn cut_top(from: &mut Rect, height: f32) -> Rect {
    let strip = Rect::from_min_size(from.min, vec2(from.width(), height));
    from.min.y = strip.max.y;
    strip
}

fn practice_frame(palette: &theme::Palette) -> Frame {
    Frame::NONE
        .fill(palette.attention_tint)
        .inner_margin(Margin::symmetric(28, 6))
}
