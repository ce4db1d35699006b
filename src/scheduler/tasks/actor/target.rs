//! Places that bars are brought to, added and removed while the daemon runs. On disk first, then in effect: a daemon that dies in
//! between does at its next start what it has answered.

use super::super::handle::Trial;
use super::Actor;
use crate::bars::Ending;
use crate::model::bars::BarsTarget;
use crate::scheduler::Result;
use crate::scheduler::handle::By;
use crate::store::{audit, targets};

impl Actor {
    /// The target was judged, and nothing is left of an earlier one of its name.
    pub(super) async fn add_target(&mut self, target: BarsTarget, by: By) -> Result<()> {
        let desk = self.worker.desk()?.clone();
        desk.fits(&target)?;
        let (kept, now) = (target.clone(), self.now());
        let (host, port) = target.address();
        let told = self.about("target.add", &target, format!("{} at {host}:{port}", target.kind()), by);
        self.store
            .write(move |db| {
                targets::add(db, &kept, now)?;
                audit::add(db, &told)
            })
            .await?;
        tracing::info!(target_name = target.name, kind = target.kind().as_str(), "bars are brought there from now on");
        Ok(desk.add_target(target)?)
    }

    pub(super) async fn remove_target(&mut self, name: &str, trial: Trial, by: By) -> Result<(BarsTarget, Ending)> {
        let desk = self.worker.desk()?.clone();
        let target = desk.added_target(name)?;
        if trial == Trial::Yes {
            return Ok((target, Ending::default()));
        }
        let told = self.about("target.remove", &target, String::new(), by);
        let gone = name.to_owned();
        self.store
            .write(move |db| {
                targets::remove(db, &gone)?;
                audit::add(db, &told)
            })
            .await?;
        tracing::info!(target_name = name, kind = target.kind().as_str(), "bars are brought there no more");
        Ok((target, desk.remove_target(name)?))
    }

    pub(super) async fn switch_target(&mut self, name: &str, enabled: bool, trial: Trial, by: By) -> Result<(BarsTarget, Ending)> {
        let desk = self.worker.desk()?.clone();
        let target = BarsTarget { enabled, ..desk.added_target(name)? };
        if trial == Trial::Yes {
            return Ok((target, Ending::default()));
        }
        let action = if enabled { "target.enable" } else { "target.disable" };
        let (told, now) = (self.about(action, &target, String::new(), by), self.now());
        let switched = name.to_owned();
        self.store
            .write(move |db| {
                targets::switch(db, &switched, enabled, now)?;
                audit::add(db, &told)
            })
            .await?;
        Ok((target, desk.switch_target(name, enabled)?))
    }

    fn about(&self, action: &'static str, target: &BarsTarget, detail: String, by: By) -> audit::Entry {
        audit::Entry { detail, ..self.audit(action, &format!("target/{}", target.name), by) }
    }
}
