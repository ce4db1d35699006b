//! What an operator reads of the messages: how many into which topic, how fast, and whether the brokers answer.

use super::carrier::Carrier;
use super::signals::Signals;
use super::topics::Topics;
use crate::model::progress::TopicProgress;
use crate::replicate::report::Report;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) const EVERY: Duration = Duration::from_millis(500);
/// From here on brokers that acknowledge nothing are what the job waits for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Figures {
    report: Report,
    topics: Arc<Topics>,
    signals: Signals,
    /// As other runs left them.
    before: Vec<TopicProgress>,
    rate: Rate,
    silence: Silence,
}

impl Figures {
    pub(super) fn new(report: Report, topics: Arc<Topics>, signals: Signals, now: Instant) -> Self {
        let before = report.figures().topics;
        Self {
            report,
            topics,
            signals,
            before,
            rate: Rate { at: now, messages: 0, per_second: 0.0 },
            silence: Silence { since: now, acknowledged: 0, reason: None },
        }
    }

    /// Publishes them; returns why the job waits, if it does.
    pub(super) fn tick(&mut self, carrier: &Carrier, now: Instant) -> Option<String> {
        let acknowledged = self.signals.count();
        let rate = self.rate.at(acknowledged, now);
        let topics = self.topics.figures(&self.before);
        self.report.update(|p| (p.topics, p.messages_per_second) = (topics, rate));
        self.silence.at(acknowledged, carrier.waiting(), now, || self.signals.trouble())
    }

    pub(super) fn topics(&self) -> &Topics {
        &self.topics
    }
}

#[derive(Debug)]
struct Rate {
    at: Instant,
    messages: u64,
    per_second: f64,
}

impl Rate {
    fn at(&mut self, messages: u64, now: Instant) -> f64 {
        let seconds = now.duration_since(self.at).as_secs_f64();
        if seconds > 0.0 {
            let fresh = messages.saturating_sub(self.messages) as f64 / seconds;
            self.per_second = self.per_second * 0.7 + fresh * 0.3;
            (self.at, self.messages) = (now, messages);
        }
        self.per_second
    }
}

/// Brokers that acknowledge nothing although messages wait. The reason stays the same while it lasts.
#[derive(Debug)]
struct Silence {
    since: Instant,
    acknowledged: u64,
    reason: Option<String>,
}

impl Silence {
    fn at(&mut self, acknowledged: u64, waiting: usize, now: Instant, trouble: impl FnOnce() -> Option<String>) -> Option<String> {
        if acknowledged != self.acknowledged || waiting == 0 {
            *self = Self { since: now, acknowledged, reason: None };
        } else if self.reason.is_none() && now.duration_since(self.since) >= PATIENCE {
            let said = trouble().map(|t| format!(" ({t})")).unwrap_or_default();
            self.reason = Some(format!("the brokers acknowledge no message{said}"));
        }
        self.reason.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_only_while_messages_wait() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut silence = Silence { since: start, acknowledged: 0, reason: None };
        assert_eq!(silence.at(0, 0, after(60), || None), None, "nothing waits");
        assert_eq!(silence.at(7, 3, after(61), || None), None);
        assert_eq!(silence.at(7, 3, after(65), || None), None);
        let told = silence.at(7, 3, after(66), || Some("refused".into())).unwrap();
        assert!(told.contains("refused"));
        assert_eq!(silence.at(7, 9, after(90), || None), Some(told), "the same words");
        assert_eq!(silence.at(8, 9, after(91), || None), None);
    }

    #[test]
    fn the_rate_follows_what_is_acknowledged() {
        let start = Instant::now();
        let mut rate = Rate { at: start, messages: 0, per_second: 0.0 };
        for n in 1..=40 {
            rate.at(n * 500, start + Duration::from_millis(500 * n));
        }
        assert!((rate.per_second - 1000.0).abs() < 1.0, "{rate:?}");
    }
}
