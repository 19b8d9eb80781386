//! Carries out what is done with the plan of the open domain.

use eframe::egui::Context;
use mta_sts_core::Plan;
use mta_sts_domains::PracticePublication;
use time::OffsetDateTime;

use super::Wizard;
use crate::command::PlanCommand;
use crate::state::{Inputs, Step, is_open};

impl Wizard {
    pub(super) fn act_on_plan(&mut self, ctx: &Context, command: PlanCommand, now: OffsetDateTime) {
        match command {
            PlanCommand::Show => self.show_plan(ctx, now),
            PlanCommand::Begin(kind) => {
                self.state.update(now, |inputs| inputs.begin_plan(kind));
                self.shell.enter(ctx);
            }
            PlanCommand::HostsEdited => self.state.update(now, |inputs| {
                inputs.change_session(|session| session.new_mx_error = None);
            }),
            PlanCommand::Make => {
                if self.state.update(now, Inputs::plan_move) {
                    self.show_plan(ctx, now);
                }
            }
            PlanCommand::Vouch(vouched) => {
                self.state.update(now, |inputs| inputs.vouch(vouched));
            }
            PlanCommand::GiveUp | PlanCommand::Finish => {
                self.state.update(now, |inputs| inputs.end_plan(now));
                self.shell.enter(ctx);
            }
            PlanCommand::Publish => self.publish_stage(ctx, now),
            PlanCommand::DoForMe => self.do_for_me(now),
            PlanCommand::SkipToThatDay => self.skip_to_that_day(now),
            PlanCommand::Break(what) => {
                let broken = self
                    .state
                    .update(now, |inputs| inputs.break_practice(what, now));
                if let Some(publication) = broken {
                    self.practise(publication, true, now);
                }
            }
        }
    }

    /// Publishes on the practice internet, which remembers it.
    pub(super) fn practise(
        &mut self,
        publication: PracticePublication,
        at_once: bool,
        now: OffsetDateTime,
    ) {
        if let Some(domain) = self.state.domain().cloned() {
            self.state
                .update(now, |inputs| inputs.note_practice(&publication));
            self.runtime.follow(&self.state.inputs().world);
            self.runtime.publish(domain, publication, at_once);
        }
    }

    /// Shows the plan, and checks how far it is.
    fn show_plan(&mut self, ctx: &Context, now: OffsetDateTime) {
        self.state.update(now, Inputs::show_plan);
        self.shell.enter(ctx);
        let facts = self.state.work().and_then(|work| work.facts.as_ref());
        // A check from another computer stays: this network may block port 25.
        if facts.is_none_or(|facts| facts.observed_on.is_none()) {
            self.begin_check(now);
        }
    }

    /// Puts what the current stage publishes into step 2, and goes to step 3, or to step 2 if
    /// something is in the way.
    fn publish_stage(&mut self, ctx: &Context, now: OffsetDateTime) {
        let stage = self.state.derived().plan.as_ref().and_then(Plan::current);
        if let Some(setup) = stage.and_then(|stage| stage.setup.clone()) {
            self.state
                .update(now, |inputs| inputs.take_setup(&setup, now));
            self.shell.enter(ctx);
            self.go(ctx, Step::Publish, now);
        }
    }

    fn do_for_me(&mut self, now: OffsetDateTime) {
        let plan = self.state.derived().plan.as_ref();
        let plan = plan.filter(|plan| is_open(plan) && self.state.inputs().practice);
        if let Some(stage) = plan.and_then(Plan::current) {
            self.practise(PracticePublication::of(&stage.actions), true, now);
        }
    }

    fn skip_to_that_day(&mut self, now: OffsetDateTime) {
        let plan = self.state.derived().plan.as_ref();
        let stage = plan
            .filter(|_| self.state.inputs().practice)
            .and_then(Plan::current);
        let Some(then) = stage.map(|stage| stage.earliest.at) else {
            return;
        };
        self.state
            .update(now, |inputs| inputs.world.skip_to(then, now));
        self.runtime.follow(&self.state.inputs().world);
        let now = self.now();
        self.begin_check(now);
    }
}
