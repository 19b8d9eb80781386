//! The domains of a person: what is known about each, what the person decided, its state and its
//! next step; and the files in which all of that is saved.
//!
//! The window and `mta-sts domains` read the same files.
//!
//! ```
//! use mta_sts_core::{Domain, Facts};
//! use mta_sts_domains::{Standing, Store, Work};
//! use time::OffsetDateTime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let mut store = Store::lock(folder.path())?;
//! let domain = Domain::parse("example.com")?;
//! let mut work = Work::new(domain.clone());
//! work.take_facts(Facts::new(domain.clone(), OffsetDateTime::now_utc()));
//! store.write(&work)?;
//!
//! let read = Store::read(folder.path());
//! assert_eq!(read.domains[0].domain, domain);
//! assert_eq!(read.domains[0].summary(OffsetDateTime::now_utc()).standing, Standing::Undetermined);
//! # Ok(())
//! # }
//! ```

mod draft;
mod file;
mod migrate;
mod names;
mod next_step;
mod practice;
mod standing;
mod store;
mod table;
mod watch;
mod work;
mod writer;

pub use draft::{Draft, MAX_AGE_CHOICES, MxLine, MxSource};
pub use file::{FileError, read_bounded};
pub use migrate::migrate;
pub use names::{Pasted, pasted_domains};
pub use next_step::{NextStep, NextStepKind};
pub use practice::{PracticePublication, PracticeWorld};
pub use standing::{Standing, Summary};
pub use store::{Read, Settings, Store, StoreError, data_folder, legacy_file, program_folder};
pub use table::{TABLE_FORMAT, table_csv, table_domains, table_json};
pub use watch::{Comparison, Message, MessageKind, Reported, Seen, WatchFolder, Watched, compare};
pub use work::{SaveForm, Step, Work};
pub use writer::StateWriter;
