//! Every colour, size, space, font and icon of the window. No other file names one.

use std::sync::Arc;

use eframe::egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin,
    RichText, Stroke, Style, TextStyle, Theme, Ui, Vec2, Visuals,
};

/// The four-pixel grid.
pub(crate) const GRID: f32 = 4.0;
/// Between things that belong together.
pub(crate) const SMALL_SPACE: f32 = 2.0 * GRID;
/// Between groups.
pub(crate) const SPACE: f32 = 4.0 * GRID;
/// Below this width, in points, a screen puts its columns under each other.
pub(crate) const NARROW: f32 = 720.0;
/// Below this height, in points, only the footer stays in place.
pub(crate) const LOW: f32 = 420.0;
/// The smallest size of the button that goes on.
pub(crate) const ACTION_SIZE: Vec2 = Vec2::new(120.0, 34.0);
/// The widest a screen may run, in points: longer lines are hard to follow.
pub(crate) const READABLE_WIDTH: f32 = 1040.0;
/// The width of the rail, in points.
pub(crate) const RAIL_WIDTH: f32 = 200.0;
/// Smallest and largest text size, as a factor.
pub(crate) const ZOOM: std::ops::RangeInclusive<f32> = 0.8..=2.0;

const RADIUS: CornerRadius = CornerRadius::same(6);
const SEMIBOLD: &str = "semibold";
const ICONS: &str = "icons";

/// The icons, code points of the bundled Phosphor font.
pub(crate) mod icon {
    pub(crate) const ARROW_LEFT: &str = "\u{e058}";
    pub(crate) const ARROW_RIGHT: &str = "\u{e06c}";
    pub(crate) const CARET_DOWN: &str = "\u{e136}";
    pub(crate) const CARET_RIGHT: &str = "\u{e13a}";
    pub(crate) const CHECK_CIRCLE: &str = "\u{e184}";
    pub(crate) const CIRCLE: &str = "\u{e18a}";
    pub(crate) const COPY: &str = "\u{e1ca}";
    pub(crate) const FOLDER: &str = "\u{e256}";
    pub(crate) const GRADUATION_CAP: &str = "\u{e62c}";
    pub(crate) const HOURGLASS: &str = "\u{e2b8}";
    pub(crate) const MINUS_CIRCLE: &str = "\u{e32c}";
    pub(crate) const PAUSE: &str = "\u{e39e}";
    pub(crate) const PLAY: &str = "\u{e3d0}";
    pub(crate) const PLUS: &str = "\u{e3d4}";
    pub(crate) const RADIO: &str = "\u{eb08}";
    pub(crate) const REPEAT: &str = "\u{e036}";
    pub(crate) const STOP: &str = "\u{e46c}";
    pub(crate) const WARNING: &str = "\u{e4e0}";
    pub(crate) const X_CIRCLE: &str = "\u{e4f8}";
}

/// The colours of one theme. Text colours have a contrast of at least 4.5 to 1 on `page`, `card`
/// and `tint`, which a test measures.
#[derive(Debug)]
pub(crate) struct Palette {
    /// Behind everything.
    pub(crate) page: Color32,
    /// Behind a group, and behind text fields.
    pub(crate) card: Color32,
    /// Behind code, and under the pointer.
    pub(crate) tint: Color32,
    /// Borders.
    pub(crate) line: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Secondary text.
    pub(crate) muted: Color32,
    /// Actions and the present step.
    pub(crate) accent: Color32,
    /// Text on `accent`.
    pub(crate) on_accent: Color32,
    /// State: right.
    pub(crate) ok: Color32,
    /// State: to be looked after.
    pub(crate) attention: Color32,
    /// State: wrong.
    pub(crate) problem: Color32,
}

const LIGHT: Palette = Palette {
    page: Color32::from_rgb(0xF5, 0xF6, 0xF8),
    card: Color32::WHITE,
    tint: Color32::from_rgb(0xEC, 0xF0, 0xF5),
    line: Color32::from_rgb(0xD3, 0xD9, 0xE1),
    text: Color32::from_rgb(0x19, 0x22, 0x2E),
    muted: Color32::from_rgb(0x50, 0x5C, 0x6C),
    accent: Color32::from_rgb(0x1B, 0x5A, 0xB8),
    on_accent: Color32::WHITE,
    ok: Color32::from_rgb(0x15, 0x6F, 0x42),
    attention: Color32::from_rgb(0x87, 0x54, 0x00),
    problem: Color32::from_rgb(0xB0, 0x25, 0x1D),
};

const DARK: Palette = Palette {
    page: Color32::from_rgb(0x14, 0x18, 0x1E),
    card: Color32::from_rgb(0x1C, 0x22, 0x2B),
    tint: Color32::from_rgb(0x26, 0x2E, 0x39),
    line: Color32::from_rgb(0x38, 0x43, 0x52),
    text: Color32::from_rgb(0xE9, 0xED, 0xF2),
    muted: Color32::from_rgb(0xA9, 0xB4, 0xC3),
    accent: Color32::from_rgb(0x86, 0xB5, 0xFF),
    on_accent: Color32::from_rgb(0x0B, 0x1A, 0x30),
    ok: Color32::from_rgb(0x66, 0xD3, 0x95),
    attention: Color32::from_rgb(0xF2, 0xBD, 0x62),
    problem: Color32::from_rgb(0xFF, 0x93, 0x89),
};

/// The colours in use here.
#[must_use]
pub(crate) fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode {
        &DARK
    } else {
        &LIGHT
    }
}

/// The weight between regular and bold, for headings and names.
pub(crate) fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// An icon as text. It needs its own family: other fonts have signs of their own at these places.
pub(crate) fn glyph(icon: &str) -> RichText {
    RichText::new(icon).family(FontFamily::Name(ICONS.into()))
}

/// A heading of a screen.
pub(crate) fn heading(text: impl Into<String>) -> RichText {
    semibold(text).size(23.0)
}

/// A heading of a card.
pub(crate) fn subheading(text: impl Into<String>) -> RichText {
    semibold(text).size(16.0)
}

/// Text of second rank.
pub(crate) fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(palette(ui).muted)
}

/// Records, files and everything that is copied letter by letter.
pub(crate) fn code(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Monospace)
}

/// Gives a context the fonts and both styles; which one is used follows the system.
pub(crate) fn apply(ctx: &Context) {
    ctx.set_fonts(fonts());
    for (theme, palette) in [(Theme::Light, &LIGHT), (Theme::Dark, &DARK)] {
        ctx.style_mut_of(theme, |style| restyle(style, theme, palette));
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let bundled: [(&str, &'static [u8]); 3] = [
        ("Inter", include_bytes!("../assets/fonts/Inter-Regular.otf")),
        (
            "Inter SemiBold",
            include_bytes!("../assets/fonts/Inter-SemiBold.otf"),
        ),
        (
            "Phosphor",
            include_bytes!("../assets/fonts/Phosphor-Fill.ttf"),
        ),
    ];
    for (name, bytes) in bundled {
        fonts
            .font_data
            .insert(name.into(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let family = |first: &str| {
        let mut names = vec![first.to_owned()];
        names.extend(fallback.iter().cloned());
        names
    };
    fonts
        .families
        .insert(FontFamily::Name(SEMIBOLD.into()), family("Inter SemiBold"));
    fonts
        .families
        .insert(FontFamily::Proportional, family("Inter"));
    fonts
        .families
        .insert(FontFamily::Name(ICONS.into()), vec!["Phosphor".to_owned()]);
    if let Some(names) = fonts.families.get_mut(&FontFamily::Monospace) {
        names.push("Inter".to_owned());
    }
    fonts
}

fn restyle(style: &mut Style, theme: Theme, palette: &Palette) {
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(12.5)),
        (TextStyle::Body, FontId::proportional(14.5)),
        (TextStyle::Button, FontId::proportional(14.5)),
        (
            TextStyle::Heading,
            FontId::new(23.0, FontFamily::Name(SEMIBOLD.into())),
        ),
        (TextStyle::Monospace, FontId::monospace(13.0)),
    ]
    .into();
    style.spacing.item_spacing = Vec2::new(SMALL_SPACE, SMALL_SPACE);
    style.spacing.button_padding = Vec2::new(3.0 * GRID, 1.5 * GRID);
    // No target smaller than 24 points, with room to spare.
    style.spacing.interact_size = Vec2::new(28.0, 28.0);
    style.spacing.icon_width = 18.0;
    style.spacing.icon_width_inner = 10.0;
    style.visuals = visuals(theme, palette);
}

fn visuals(theme: Theme, palette: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = palette.page;
    visuals.window_fill = palette.card;
    visuals.extreme_bg_color = palette.card;
    visuals.text_edit_bg_color = Some(palette.card);
    visuals.faint_bg_color = palette.tint;
    visuals.code_bg_color = palette.tint;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.attention;
    visuals.error_fg_color = palette.problem;
    visuals.weak_text_color = Some(palette.muted);
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(2.0, palette.accent);
    visuals.window_corner_radius = RADIUS;
    visuals.menu_corner_radius = RADIUS;
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = RADIUS;
        widget.expansion = 0.0;
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.bg_stroke = Stroke::new(1.0, palette.line);
        widget.bg_fill = palette.card;
        widget.weak_bg_fill = palette.card;
    }
    // The edge of a control is what tells it from text: 3 to 1 against the page.
    widgets.inactive.bg_stroke = Stroke::new(1.0, palette.muted.gamma_multiply(0.85));
    widgets.hovered.weak_bg_fill = palette.tint;
    widgets.hovered.bg_fill = palette.tint;
    widgets.hovered.bg_stroke = Stroke::new(1.5, palette.accent);
    widgets.active.weak_bg_fill = palette.tint;
    widgets.active.bg_stroke = Stroke::new(2.0, palette.accent);
    visuals
}

/// The frame of a card.
pub(crate) fn card_frame(ui: &Ui) -> eframe::egui::Frame {
    let palette = palette(ui);
    eframe::egui::Frame::NONE
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(RADIUS)
        .inner_margin(Margin::same(14))
}

/// The frame of a record, a file, or raw facts.
pub(crate) fn code_frame(ui: &Ui) -> eframe::egui::Frame {
    eframe::egui::Frame::NONE
        .fill(palette(ui).tint)
        .corner_radius(RADIUS)
        .inner_margin(Margin::symmetric(10, 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance after WCAG 2.
    fn luminance(color: Color32) -> f64 {
        let linear = |channel: u8| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.03928 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_colour_can_be_read_on_every_ground() {
        for palette in [&LIGHT, &DARK] {
            for ground in [palette.page, palette.card, palette.tint] {
                let texts = [
                    palette.text,
                    palette.muted,
                    palette.accent,
                    palette.ok,
                    palette.attention,
                    palette.problem,
                ];
                for text in texts {
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{text:?} on {ground:?}: {ratio:.2}");
                }
            }
            assert!(contrast(palette.on_accent, palette.accent) >= 4.5);
        }
    }

    #[test]
    fn every_icon_is_in_the_bundled_font() {
        let ctx = Context::default();
        apply(&ctx);
        let mut frame = ctx.run_ui(eframe::egui::RawInput::default(), |_| ());
        frame.textures_delta.clear();
        let icons = [
            icon::ARROW_LEFT,
            icon::ARROW_RIGHT,
            icon::CARET_DOWN,
            icon::CARET_RIGHT,
            icon::CHECK_CIRCLE,
            icon::CIRCLE,
            icon::COPY,
            icon::FOLDER,
            icon::GRADUATION_CAP,
            icon::HOURGLASS,
            icon::MINUS_CIRCLE,
            icon::PAUSE,
            icon::PLAY,
            icon::PLUS,
            icon::RADIO,
            icon::REPEAT,
            icon::STOP,
            icon::WARNING,
            icon::X_CIRCLE,
        ];
        for icon in icons {
            let known = ctx.fonts_mut(|fonts| {
                fonts.has_glyphs(&FontId::new(14.0, FontFamily::Name(ICONS.into())), icon)
            });
            assert!(known, "{icon:?}");
        }
    }
}
