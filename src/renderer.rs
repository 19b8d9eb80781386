//! What draws the window: wgpu, which uses Direct3D, Metal or Vulkan, or else OpenGL. The one that
//! drew the window last is tried first at the next start.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use mta_sts_domains::{program_folder, read_bounded};

/// What draws the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// Direct3D, Metal or Vulkan.
    Wgpu,
    /// OpenGL.
    #[value(name = "opengl")]
    OpenGl,
}

impl Renderer {
    /// Both, in the order in which they are tried: the one that was asked for, else the one that
    /// drew the window last, else wgpu, comes first.
    pub(crate) fn in_order(asked: Option<Self>, last: Option<Self>) -> [Self; 2] {
        match asked.or(last) {
            Some(Self::OpenGl) => [Self::OpenGl, Self::Wgpu],
            Some(Self::Wgpu) | None => [Self::Wgpu, Self::OpenGl],
        }
    }

    /// The name that a sentence gives it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wgpu => "wgpu",
            Self::OpenGl => "OpenGL",
        }
    }

    /// The one that drew the window last.
    pub(crate) fn last(memory: Option<&Path>) -> Option<Self> {
        let text = read_bounded(memory?, 16).ok()?;
        Self::from_str(std::str::from_utf8(&text).ok()?.trim(), true).ok()
    }

    /// Remembers that this one drew the window.
    pub(crate) fn remember(self, memory: Option<&Path>) {
        let (Some(memory), Some(value)) = (memory, self.to_possible_value()) else {
            return;
        };
        if Self::last(Some(memory)) == Some(self) {
            return;
        }
        let line = format!("{}\n", value.get_name());
        if let Err(error) = mta_sts_save::write_private(memory, line.as_bytes()) {
            // The next start tries the other one once more, as this one did.
            log::info!("the renderer isn’t remembered: {error}");
        }
    }
}

impl From<Renderer> for eframe::Renderer {
    fn from(renderer: Renderer) -> Self {
        match renderer {
            Renderer::Wgpu => Self::Wgpu,
            Renderer::OpenGl => Self::Glow,
        }
    }
}

/// The file with the name of the one that drew the window last.
pub(crate) fn memory() -> Option<PathBuf> {
    Some(program_folder()?.join("renderer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_comes_first_then_what_worked_last() {
        use Renderer::{OpenGl, Wgpu};
        assert_eq!(Renderer::in_order(None, None), [Wgpu, OpenGl]);
        assert_eq!(Renderer::in_order(None, Some(OpenGl)), [OpenGl, Wgpu]);
        assert_eq!(Renderer::in_order(Some(Wgpu), Some(OpenGl)), [Wgpu, OpenGl]);
    }

    #[test]
    fn the_one_that_worked_is_remembered_and_a_damaged_memory_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let memory = folder.path().join("new").join("renderer");
        assert_eq!(Renderer::last(Some(&memory)), None);
        for renderer in [Renderer::OpenGl, Renderer::Wgpu] {
            renderer.remember(Some(&memory));
            assert_eq!(Renderer::last(Some(&memory)), Some(renderer));
        }
        for damaged in ["", "vulkan", "opengl opengl opengl"] {
            std::fs::write(&memory, damaged).unwrap();
            assert_eq!(Renderer::last(Some(&memory)), None, "{damaged:?}");
        }
    }
}
