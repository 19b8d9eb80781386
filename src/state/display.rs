//! The display settings.

use serde::{Deserialize, Serialize};

/// The smallest and the largest text size, as a factor.
pub(crate) const TEXT_SIZES: std::ops::RangeInclusive<f32> = 0.8..=2.0;

/// The display settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Display {
    /// Light, dark, or the same as the system.
    pub theme: ThemeChoice,
    /// Black on white or white on black, with strong edges.
    pub high_contrast: bool,
    /// Nothing slides or fades.
    pub reduced_motion: bool,
    /// The text size as a factor, between 0.8 and 2.
    pub text_size: f32,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            high_contrast: false,
            reduced_motion: false,
            text_size: 1.0,
        }
    }
}

/// A choice of theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// The same as the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the system says about the display.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemDisplay {
    /// Light or dark; [`ThemeChoice::System`] if it doesn’t say.
    pub theme: ThemeChoice,
    /// Whether it asks for more contrast.
    pub high_contrast: bool,
    /// Whether it asks for less motion.
    pub reduced_motion: bool,
}

impl Display {
    /// What is shown: these settings, and whatever the system asks for on top.
    #[must_use]
    pub(crate) fn with_system(self, system: SystemDisplay) -> Self {
        Self {
            theme: match self.theme {
                ThemeChoice::System => system.theme,
                chosen => chosen,
            },
            high_contrast: self.high_contrast || system.high_contrast,
            reduced_motion: self.reduced_motion || system.reduced_motion,
            text_size: self.text_size,
        }
    }

    /// Makes the text some tenths larger or smaller, within the limits.
    pub(crate) fn resize_text(&mut self, tenths: f32) {
        let size = ((self.text_size * 10.0).round() + tenths) / 10.0;
        self.text_size = size.clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_adds_to_what_was_chosen_and_overrules_nothing() {
        let system = SystemDisplay {
            theme: ThemeChoice::Dark,
            high_contrast: true,
            reduced_motion: false,
        };
        let shown = Display::default().with_system(system);
        assert_eq!(shown.theme, ThemeChoice::Dark);
        assert!(shown.high_contrast && !shown.reduced_motion);
        let chosen = Display {
            theme: ThemeChoice::Light,
            reduced_motion: true,
            ..Display::default()
        };
        let shown = chosen.with_system(system);
        assert_eq!(shown.theme, ThemeChoice::Light);
        assert!(shown.reduced_motion);
    }

    #[test]
    fn the_text_size_goes_in_tenths_and_stays_within_its_bounds() {
        let mut display = Display::default();
        for _ in 0..30 {
            display.resize_text(1.0);
        }
        assert!((display.text_size - 2.0).abs() < f32::EPSILON);
        for _ in 0..30 {
            display.resize_text(-1.0);
        }
        assert!((display.text_size - 0.8).abs() < f32::EPSILON);
    }
}
