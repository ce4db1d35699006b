//! Zabbix-like series of hosts: a point each five minutes, with a daily wave, noise, bursts and gaps, in the two forms of
//! documents that monitoring writes. Seeded: the same arguments give the same points, and the figures expected of them.

use serde_json::{Value, json};

const STEP_MS: i64 = 5 * 60 * 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// How a metric stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `"cpu": 12.5`
    Number,
    /// `"cpu": {"value_min": …, "value_max": …, "value_avg": …, "zabbix_value_count": …}`
    Object,
}

/// Figures of one metric, as a check would want them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Expected {
    pub(crate) max: f64,
    sum: f64,
    count: u32,
}

impl Expected {
    fn add(&mut self, max: f64, avg: f64) {
        self.max = if self.count == 0 { max } else { self.max.max(max) };
        self.sum += avg;
        self.count += 1;
    }
    pub(crate) fn avg(&self) -> f64 {
        self.sum / f64::from(self.count)
    }
    pub(crate) fn points(&self) -> u64 {
        u64::from(self.count)
    }
}

/// xorshift64*: enough for noise, the same everywhere.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = u32::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32).expect("the upper half");
        f64::from(bits) / f64::from(u32::MAX)
    }
}

/// Hands over each document of one host over these days before `end_ms`, oldest first, and returns what CPU, memory and
/// disk are expected to be.
pub(crate) fn host(number: u64, ip: &str, days: u16, end_ms: i64, form: Form, mut take: impl FnMut(&Value)) -> [Expected; 3] {
    let mut dice = Dice(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let (base, memory, disk) = (5.0 + 40.0 * dice.unit(), 16.0 + 100.0 * dice.unit(), 200.0 + 800.0 * dice.unit());
    let mut expected = [Expected::default(); 3];
    let (mut burst, mut gap) = (0_u32, 0_u32);
    let begin = end_ms - i64::from(days) * DAY_MS;
    let mut at = begin + STEP_MS;
    while at < end_ms {
        let hour = f64::from(u32::try_from(at.rem_euclid(DAY_MS) / 1000).expect("seconds of a day")) / 3600.0;
        let wave = ((hour - 9.0) / 24.0 * std::f64::consts::TAU).sin() * 12.0;
        if burst == 0 && dice.unit() < 0.002 {
            burst = 6;
        }
        if gap == 0 && dice.unit() < 0.0005 {
            gap = 24;
        }
        let cpu = (base + wave + 6.0 * dice.unit() + if burst > 0 { 40.0 } else { 0.0 }).clamp(0.0, 100.0);
        let free = (memory + 8.0 * dice.unit() - wave / 3.0).max(0.0);
        burst = burst.saturating_sub(1);
        gap = gap.saturating_sub(1);
        if gap == 0 {
            let values = [round(cpu), round(free), round(disk)];
            let [cpu, memory, disk] = values.map(|v| metric(v, form));
            take(&json!({
                "@timestamp": at, "hostIp": ip, "hostName": format!("db-server-{number:03}"), "group": "DB组",
                "cpu": cpu, "available_memory": memory, "total_disk_space_all": disk,
            }));
            for (expected, value) in expected.iter_mut().zip(values) {
                expected.add(if form == Form::Object { value + 1.0 } else { value }, value);
            }
        }
        at += STEP_MS;
    }
    expected
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn metric(value: f64, form: Form) -> Value {
    match form {
        Form::Number => json!(value),
        Form::Object => json!({
            "value_min": (value - 1.0).max(0.0), "value_max": value + 1.0, "value_avg": value, "min": value, "max": value, "zabbix_value_count": 5,
        }),
    }
}

#[test]
fn the_same_seed_gives_the_same_series() {
    let series = |form| {
        let mut all = Vec::new();
        let expected = host(7, "10.0.0.7", 2, 1_700_000_000_000, form, |d| all.push(d.clone()));
        (all, expected)
    };
    let (documents, [cpu, _, disk]) = series(Form::Number);
    assert_eq!(series(Form::Number).0, documents);
    assert!(documents.len() > 500 && documents.len() < 576, "{}", documents.len());
    assert_eq!(cpu.points(), documents.len() as u64);
    // The disk stands still; a sum of as many equal numbers is not exact to the last bit.
    assert!((disk.avg() - disk.max).abs() < 1e-6, "{} {}", disk.avg(), disk.max);
    assert!(cpu.max > cpu.avg() && cpu.max <= 100.0);
    assert_eq!(series(Form::Object).1[0].max, cpu.max + 1.0);
}
