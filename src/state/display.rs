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

impl Display {
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
