//! Every colour, size, space, font and icon of the window. No other file defines one.

use std::sync::Arc;

use eframe::egui::style::{ScrollAnimation, ScrollStyle};
use eframe::egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Frame, Margin,
    RichText, Shadow, Stroke, Style, TextStyle, Theme, ThemePreference, Ui, Vec2, Visuals,
};

use crate::state::{Display, TEXT_SIZES, ThemeChoice};

/// The opacity of a result for another domain than the one in the field.
pub(crate) const OLD_OPACITY: f32 = 0.5;
/// The grid of four points.
pub(crate) const GRID: f32 = 4.0;
/// The space between things that belong together.
pub(crate) const SMALL_SPACE: f32 = 2.0 * GRID;
/// The space between groups.
pub(crate) const SPACE: f32 = 4.0 * GRID;
/// Below this width, in points, a screen puts its columns below each other.
pub(crate) const NARROW: f32 = 720.0;
/// From this width on, in points, a screen shows its two columns next to each other.
pub(crate) const TWO_COLUMNS: f32 = 640.0;
/// Below this height, in points, only the footer stays in place.
pub(crate) const LOW: f32 = 420.0;
/// The smallest size of the action button.
pub(crate) const ACTION_SIZE: Vec2 = Vec2::new(132.0, 36.0);
/// The largest width of a screen, in points, because longer lines are hard to read.
pub(crate) const READABLE_WIDTH: f32 = 1040.0;
/// The width of the rail, in points.
pub(crate) const RAIL_WIDTH: f32 = 216.0;
/// From the edge of a tick box to its label, in points.
pub(crate) const ICON_INSET: f32 = 20.0 + SMALL_SPACE;
/// The corners of a card.
pub(crate) const CARD_RADIUS: u8 = 10;
/// The corners of buttons and fields.
pub(crate) const RADIUS: u8 = 8;
/// How long something takes to open, in seconds; zero with reduced motion.
const MOTION_SECS: f32 = 0.12;

const SEMIBOLD: &str = "semibold";
const ICONS: &str = "icons";
const MONO: &str = "JetBrains Mono";

/// The icons, as code points of the bundled Phosphor font.
pub(crate) mod icon {
    pub(crate) const ARROW_LEFT: &str = "\u{e058}";
    pub(crate) const ARROW_RIGHT: &str = "\u{e06c}";
    pub(crate) const CARET_DOWN: &str = "\u{e136}";
    pub(crate) const CARET_RIGHT: &str = "\u{e13a}";
    pub(crate) const CHECK_CIRCLE: &str = "\u{e184}";
    pub(crate) const COPY: &str = "\u{e1ca}";
    pub(crate) const ENVELOPE: &str = "\u{e214}";
    pub(crate) const FOLDER: &str = "\u{e256}";
    pub(crate) const GRADUATION_CAP: &str = "\u{e62c}";
    pub(crate) const GEAR: &str = "\u{e270}";
    pub(crate) const GLOBE: &str = "\u{e288}";
    pub(crate) const HOURGLASS: &str = "\u{e2b8}";
    pub(crate) const LIST: &str = "\u{e2f0}";
    pub(crate) const MINUS_CIRCLE: &str = "\u{e32c}";
    pub(crate) const PAUSE: &str = "\u{e39e}";
    pub(crate) const PLAY: &str = "\u{e3d0}";
    pub(crate) const PLUS: &str = "\u{e3d4}";
    pub(crate) const REPEAT: &str = "\u{e036}";
    pub(crate) const TRASH: &str = "\u{e4a6}";
    pub(crate) const DOWNLOAD: &str = "\u{e20c}";
    pub(crate) const STOP: &str = "\u{e46c}";
    pub(crate) const SHIELD_CHECK: &str = "\u{e40c}";
    pub(crate) const WARNING: &str = "\u{e4e0}";
    pub(crate) const X_CIRCLE: &str = "\u{e4f8}";
}

/// The colours of one theme. Text has a contrast of at least 4.5 to 1 on every background, and
/// edges of controls have 3 to 1. Tests measure both.
#[derive(Debug)]
pub(crate) struct Palette {
    /// Behind everything. It differs in each palette, which identifies the palette.
    pub(crate) page: Color32,
    /// Behind a group, and behind text fields.
    pub(crate) card: Color32,
    /// Behind code, and under the pointer.
    pub(crate) tint: Color32,
    /// Borders that only separate things.
    pub(crate) line: Color32,
    /// The edge of buttons and fields.
    pub(crate) edge: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Secondary text.
    pub(crate) muted: Color32,
    /// Actions and choices.
    pub(crate) accent: Color32,
    /// Text on `accent`.
    pub(crate) on_accent: Color32,
    /// Behind the selected choice.
    pub(crate) accent_tint: Color32,
    /// State: OK.
    pub(crate) ok: Color32,
    /// Behind text in the state OK.
    pub(crate) ok_tint: Color32,
    /// State: attention.
    pub(crate) attention: Color32,
    /// Behind text in the state attention.
    pub(crate) attention_tint: Color32,
    /// State: problem.
    pub(crate) problem: Color32,
    /// Behind text in the state problem.
    pub(crate) problem_tint: Color32,
    /// The rail of steps, dark in every theme.
    pub(crate) rail: Color32,
    /// The step under the pointer, and the circles of steps to come.
    pub(crate) rail_tint: Color32,
    /// Below a card.
    shadow: Color32,
}

/// The colours of text, marks and circles on the rail.
pub(crate) mod rail {
    use eframe::egui::Color32;

    pub(crate) const TEXT: Color32 = Color32::WHITE;
    pub(crate) const MUTED: Color32 = Color32::from_rgb(0xB9, 0xC7, 0xDB);
    pub(crate) const HERE: Color32 = Color32::from_rgb(0x8D, 0xBA, 0xFF);
    pub(crate) const ON_HERE: Color32 = Color32::from_rgb(0x0B, 0x1A, 0x30);
    pub(crate) const OK: Color32 = Color32::from_rgb(0x6F, 0xDB, 0x9E);
    pub(crate) const ATTENTION: Color32 = Color32::from_rgb(0xF7, 0xC9, 0x6F);
    pub(crate) const PROBLEM: Color32 = Color32::from_rgb(0xFF, 0xA2, 0x99);
}

const fn rgb(code: u32) -> Color32 {
    let [_, red, green, blue] = code.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

const LIGHT: Palette = Palette {
    page: rgb(0xF2_F5_F9),
    card: Color32::WHITE,
    tint: rgb(0xEB_F0_F6),
    line: rgb(0xDD_E3_EB),
    edge: rgb(0x82_8E_9F),
    text: rgb(0x17_20_2C),
    muted: rgb(0x50_5C_6C),
    accent: rgb(0x1B_5A_B8),
    on_accent: Color32::WHITE,
    accent_tint: rgb(0xE6_EF_FC),
    ok: rgb(0x10_69_3C),
    ok_tint: rgb(0xDF_F3_E7),
    attention: rgb(0x7A_4B_00),
    attention_tint: rgb(0xFD_EF_D3),
    problem: rgb(0xA5_22_1A),
    problem_tint: rgb(0xFD_E6_E3),
    rail: rgb(0x14_26_3F),
    rail_tint: rgb(0x25_3B_5B),
    shadow: Color32::from_black_alpha(22),
};

const DARK: Palette = Palette {
    page: rgb(0x13_18_20),
    card: rgb(0x1C_23_2D),
    tint: rgb(0x27_30_3C),
    line: rgb(0x2E_38_46),
    edge: rgb(0x70_7E_91),
    text: rgb(0xE9_ED_F2),
    muted: rgb(0xA9_B4_C3),
    accent: rgb(0x86_B5_FF),
    on_accent: rgb(0x0B_1A_30),
    accent_tint: rgb(0x21_30_4A),
    ok: rgb(0x66_D3_95),
    ok_tint: rgb(0x18_33_27),
    attention: rgb(0xF2_BD_62),
    attention_tint: rgb(0x37_2C_17),
    problem: rgb(0xFF_93_89),
    problem_tint: rgb(0x3D_21_21),
    rail: rgb(0x0C_14_20),
    rail_tint: rgb(0x1E_2C_41),
    shadow: Color32::TRANSPARENT,
};

const LIGHT_HIGH: Palette = Palette {
    page: rgb(0xFE_FE_FE),
    card: Color32::WHITE,
    tint: rgb(0xF0_F0_F0),
    line: rgb(0x30_30_30),
    edge: Color32::BLACK,
    text: Color32::BLACK,
    muted: rgb(0x26_2D_36),
    accent: rgb(0x00_32_85),
    on_accent: Color32::WHITE,
    accent_tint: rgb(0xE2_EC_FF),
    ok: rgb(0x00_46_22),
    ok_tint: rgb(0xE2_F8_EA),
    attention: rgb(0x55_32_00),
    attention_tint: rgb(0xFF_F2_D6),
    problem: rgb(0x7E_00_00),
    problem_tint: rgb(0xFF_EA_E8),
    rail: Color32::BLACK,
    rail_tint: rgb(0x2C_2C_2C),
    shadow: Color32::TRANSPARENT,
};

const DARK_HIGH: Palette = Palette {
    page: rgb(0x01_01_01),
    card: Color32::BLACK,
    tint: rgb(0x1C_1C_1C),
    line: rgb(0xC8_C8_C8),
    edge: Color32::WHITE,
    text: Color32::WHITE,
    muted: rgb(0xE0_E6_EE),
    accent: rgb(0xAE_D0_FF),
    on_accent: Color32::BLACK,
    accent_tint: rgb(0x0D_1F_3A),
    ok: rgb(0x8C_F0_B4),
    ok_tint: rgb(0x06_24_14),
    attention: rgb(0xFF_D8_8A),
    attention_tint: rgb(0x2C_20_06),
    problem: rgb(0xFF_B9_B2),
    problem_tint: rgb(0x33_10_10),
    rail: Color32::BLACK,
    rail_tint: rgb(0x2C_2C_2C),
    shadow: Color32::TRANSPARENT,
};

const PALETTES: [&Palette; 4] = [&LIGHT, &DARK, &LIGHT_HIGH, &DARK_HIGH];

/// The colours in use here.
#[must_use]
pub(crate) fn palette(ui: &Ui) -> &'static Palette {
    let page = ui.visuals().panel_fill;
    let in_use = PALETTES.into_iter().find(|palette| palette.page == page);
    in_use.unwrap_or(&LIGHT)
}

/// The weight between regular and bold, for headings and names.
pub(crate) fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// An icon as text. It needs its own font family, because other fonts use the same code points.
pub(crate) fn glyph(icon: &str) -> RichText {
    RichText::new(icon).family(FontFamily::Name(ICONS.into()))
}

/// The font of icons.
pub(crate) fn icon_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(ICONS.into()))
}

/// The font of headings and names.
pub(crate) fn semibold_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// A heading of a screen.
pub(crate) fn heading(text: impl Into<String>) -> RichText {
    semibold(text).size(26.0)
}

/// A heading of a card.
pub(crate) fn subheading(text: impl Into<String>) -> RichText {
    semibold(text).size(16.5)
}

/// Secondary text.
pub(crate) fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(palette(ui).muted)
}

/// Text for records, files and anything else to copy exactly.
pub(crate) fn code(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Monospace)
}

/// Sets the fonts of a context, once.
pub(crate) fn apply_fonts(ctx: &Context) {
    ctx.set_fonts(fonts());
}

/// Sets the styles of a context from the display settings.
pub(crate) fn apply(ctx: &Context, display: Display) {
    let [light, dark] = if display.high_contrast {
        [&LIGHT_HIGH, &DARK_HIGH]
    } else {
        [&LIGHT, &DARK]
    };
    for (theme, palette) in [(Theme::Light, light), (Theme::Dark, dark)] {
        ctx.style_mut_of(theme, |style| {
            restyle(style, theme, palette);
            style.animation_time = if display.reduced_motion {
                0.0
            } else {
                MOTION_SECS
            };
            style.scroll_animation = if display.reduced_motion {
                ScrollAnimation::none()
            } else {
                ScrollAnimation::default()
            };
        });
    }
    ctx.set_theme(match display.theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
    ctx.set_zoom_factor(
        display
            .text_size
            .clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end()),
    );
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let bundled: [(&str, &'static [u8]); 4] = [
        ("Inter", include_bytes!("../assets/fonts/Inter-Regular.otf")),
        (
            "Inter SemiBold",
            include_bytes!("../assets/fonts/Inter-SemiBold.otf"),
        ),
        (
            "Phosphor",
            include_bytes!("../assets/fonts/Phosphor-Fill.ttf"),
        ),
        (
            MONO,
            include_bytes!("../assets/fonts/JetBrainsMono-Regular.ttf"),
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
        names.insert(0, MONO.to_owned());
        names.push("Inter".to_owned());
    }
    fonts
}

fn restyle(style: &mut Style, theme: Theme, palette: &Palette) {
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(12.5)),
        (TextStyle::Body, FontId::proportional(14.5)),
        (TextStyle::Button, FontId::proportional(14.5)),
        (TextStyle::Heading, semibold_font(26.0)),
        (TextStyle::Monospace, FontId::monospace(13.0)),
    ]
    .into();
    style.spacing.item_spacing = Vec2::new(SMALL_SPACE, SMALL_SPACE);
    style.spacing.button_padding = Vec2::new(3.0 * GRID, 1.5 * GRID);
    // Every target is larger than 24 points.
    style.spacing.interact_size = Vec2::new(28.0, 32.0);
    style.spacing.icon_width = 20.0;
    style.spacing.icon_width_inner = 12.0;
    style.spacing.menu_margin = Margin::same(8);
    style.spacing.scroll = ScrollStyle::thin();
    style.visuals = visuals(theme, palette);
}

fn visuals(theme: Theme, palette: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    // A blinking caret would draw two frames a second for as long as the window is open.
    visuals.text_cursor.blink = false;
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
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(RADIUS);
        widget.expansion = 0.0;
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.bg_stroke = Stroke::new(1.0, palette.line);
        widget.bg_fill = palette.card;
        widget.weak_bg_fill = palette.card;
    }
    // The edge distinguishes a control from text.
    widgets.inactive.bg_stroke = Stroke::new(1.0, palette.edge);
    widgets.hovered.weak_bg_fill = palette.tint;
    widgets.hovered.bg_fill = palette.tint;
    widgets.hovered.bg_stroke = Stroke::new(1.5, palette.accent);
    widgets.active.weak_bg_fill = palette.tint;
    widgets.active.bg_stroke = Stroke::new(2.0, palette.accent);
    visuals
}

/// The frame of a card.
pub(crate) fn card_frame(ui: &Ui) -> Frame {
    let palette = palette(ui);
    Frame::NONE
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.line))
        .shadow(Shadow {
            offset: [0, 1],
            blur: 4,
            spread: 0,
            color: palette.shadow,
        })
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(20, 16))
}

/// The frame of a record, a file, or raw facts.
pub(crate) fn code_frame(ui: &Ui) -> Frame {
    Frame::NONE
        .fill(palette(ui).tint)
        .corner_radius(RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as defined in WCAG 2.
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
        for (palette, least) in PALETTES.into_iter().zip([4.5, 4.5, 7.0, 7.0]) {
            let read = |text: Color32, ground: Color32| {
                let ratio = contrast(text, ground);
                assert!(ratio >= least, "{text:?} on {ground:?}: {ratio:.2}");
            };
            for ground in [palette.page, palette.card, palette.tint] {
                for text in [
                    palette.text,
                    palette.muted,
                    palette.accent,
                    palette.ok,
                    palette.attention,
                    palette.problem,
                ] {
                    read(text, ground);
                }
            }
            for (state, tint) in [
                (palette.ok, palette.ok_tint),
                (palette.attention, palette.attention_tint),
                (palette.problem, palette.problem_tint),
                (palette.accent, palette.accent_tint),
            ] {
                for text in [state, palette.text, palette.muted] {
                    read(text, tint);
                }
            }
            read(palette.on_accent, palette.accent);
            for text in [rail::TEXT, rail::MUTED, rail::HERE] {
                read(text, palette.rail);
                read(text, palette.rail_tint);
            }
            for state in [rail::OK, rail::ATTENTION, rail::PROBLEM] {
                read(state, palette.rail);
            }
            read(rail::ON_HERE, rail::HERE);
        }
    }

    #[test]
    fn the_edge_of_a_control_stands_out() {
        for palette in PALETTES {
            for ground in [palette.page, palette.card] {
                let ratio = contrast(palette.edge, ground);
                assert!(ratio >= 3.0, "{:?} on {ground:?}: {ratio:.2}", palette.edge);
            }
        }
    }

    #[test]
    fn palettes_are_told_apart_by_their_page() {
        for (place, palette) in PALETTES.iter().enumerate() {
            let same = |other: &&Palette| other.page == palette.page;
            assert_eq!(PALETTES.iter().position(same), Some(place));
        }
    }

    #[test]
    fn every_icon_is_in_the_bundled_font() {
        let ctx = Context::default();
        apply_fonts(&ctx);
        apply(&ctx, Display::default());
        let mut frame = ctx.run_ui(eframe::egui::RawInput::default(), |_| ());
        frame.textures_delta.clear();
        let icons = [
            icon::ARROW_LEFT,
            icon::ARROW_RIGHT,
            icon::CARET_DOWN,
            icon::CARET_RIGHT,
            icon::CHECK_CIRCLE,
            icon::ENVELOPE,
            icon::GEAR,
            icon::GLOBE,
            icon::SHIELD_CHECK,
            icon::COPY,
            icon::FOLDER,
            icon::GRADUATION_CAP,
            icon::HOURGLASS,
            icon::MINUS_CIRCLE,
            icon::PAUSE,
            icon::PLAY,
            icon::PLUS,
            icon::REPEAT,
            icon::STOP,
            icon::WARNING,
            icon::X_CIRCLE,
        ];
        for icon in icons {
            let known = ctx.fonts_mut(|fonts| fonts.has_glyphs(&icon_font(14.0), icon));
            assert!(known, "{icon:?}");
        }
    }
}
