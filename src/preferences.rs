//! What the system says about colours, contrast and motion, now and whenever it changes.

use std::sync::Arc;

use eframe::egui::mutex::Mutex;
use mundy::{ColorScheme, Contrast, Interest, Preferences, ReducedMotion, Subscription};

use crate::state::{SystemDisplay, ThemeChoice};

/// Follows the system until it is dropped.
pub(crate) struct SystemPreferences {
    latest: Arc<Mutex<Option<SystemDisplay>>>,
    _subscription: Subscription,
}

impl SystemPreferences {
    /// Call this on the main thread: macOS demands it. `wake` is called after each change.
    pub(crate) fn follow(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let latest = Arc::new(Mutex::new(None));
        let told = Arc::clone(&latest);
        let interest = Interest::ColorScheme | Interest::Contrast | Interest::ReducedMotion;
        let subscription = Preferences::subscribe(interest, move |preferences| {
            *told.lock() = Some(display(preferences));
            wake();
        });
        Self {
            latest,
            _subscription: subscription,
        }
    }

    /// What has changed since the last call.
    pub(crate) fn take(&self) -> Option<SystemDisplay> {
        self.latest.lock().take()
    }
}

fn display(preferences: Preferences) -> SystemDisplay {
    SystemDisplay {
        theme: match preferences.color_scheme {
            ColorScheme::Light => ThemeChoice::Light,
            ColorScheme::Dark => ThemeChoice::Dark,
            ColorScheme::NoPreference => ThemeChoice::System,
        },
        // “Custom” is a contrast theme of Windows, with colours of its own.
        high_contrast: matches!(preferences.contrast, Contrast::More | Contrast::Custom),
        reduced_motion: preferences.reduced_motion == ReducedMotion::Reduce,
    }
}
