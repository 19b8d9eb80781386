//! The records of one scenario, by zone: its own domain, and mail servers of other operators.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::error::LabError;
use crate::scenario::Scenario;
use crate::zone::Records;

/// The records of a scenario while they are collected.
#[derive(Debug)]
pub(super) struct ScenarioRecords<'a> {
    scenario: &'a Scenario,
    /// The zone of the domain.
    pub(super) own: Records,
    /// Zones of mail servers outside the domain, one for each name.
    pub(super) elsewhere: BTreeMap<String, Records>,
}

impl<'a> ScenarioRecords<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Result<Self, LabError> {
        Ok(Self {
            scenario,
            own: Records::new(&scenario.domain, scenario.dns.ttl_secs)?,
            elsewhere: BTreeMap::new(),
        })
    }

    /// The zone with the records of a mail server.
    pub(super) fn zone_of(&mut self, host: &str) -> Result<&mut Records, LabError> {
        if self.scenario.holds(host) {
            return Ok(&mut self.own);
        }
        match self.elsewhere.entry(host.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                Ok(unknown.insert(Records::new(host, self.scenario.dns.ttl_secs)?))
            }
        }
    }
}
