//! The MTA-STS wizard: a window in which a person checks, creates, publishes and maintains an
//! MTA-STS setup.
//!
//! The window is an [`eframe::App`], so a test can use it like a person:
//!
//! ```
//! use mta_sts_wizard::app::Wizard;
//! use mta_sts_wizard::state::{Screen, State, Step};
//!
//! let wizard = Wizard::new(&eframe::egui::Context::default(), State::new(true))?;
//! assert_eq!(wizard.state().inputs().screen(), Screen::Step(Step::Check));
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod app;
mod calendar;
pub mod clipboard;
pub mod clock;
pub mod command;
pub mod event;
pub mod handover;
pub mod help;
mod keyboard;
mod preferences;
pub mod region;
pub mod renderer;
pub mod runtime;
mod screens;
pub mod state;
mod theme;
mod widgets;
pub mod window;
