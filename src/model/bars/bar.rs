//! One bar: open, high, low, close, volume.

use super::BarTime;

/// A bar whose figures are all finite, whose volume is not negative, and which holds no negative zero (so that equal bars
/// are equal bits).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    time: BarTime,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: Volume,
}

/// An integer where the source has one. Fractions are real: coins are traded in parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Volume {
    Whole(u64),
    Part(f64),
    /// The source says none: that of a stored bar stays, a new bar has zero. The store holds none of these.
    Unknown,
}

/// Why figures are no bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadBar {
    PriceNotFinite,
    VolumeNotFinite,
    VolumeNegative,
}

impl BadBar {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriceNotFinite => "a price is not a number",
            Self::VolumeNotFinite => "the volume is not a number",
            Self::VolumeNegative => "the volume is negative",
        }
    }
}

impl Volume {
    pub fn as_f64(self) -> f64 {
        match self {
            // Above 2^53 the nearest double is what any reader of JSON would make of it.
            Self::Whole(n) => n as f64,
            Self::Part(n) => n,
            Self::Unknown => 0.0,
        }
    }
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Whole(0) | Self::Unknown) || matches!(self, Self::Part(0.0))
    }
}

impl Bar {
    /// Figures as they came. A price may be negative (crude oil was, in April 2020); validation tells of it.
    pub fn new(time: BarTime, open: f64, high: f64, low: f64, close: f64, volume: Volume) -> Result<Self, BadBar> {
        if ![open, high, low, close].iter().all(|p| p.is_finite()) {
            return Err(BadBar::PriceNotFinite);
        }
        let volume = match volume {
            Volume::Part(n) if !n.is_finite() => return Err(BadBar::VolumeNotFinite),
            Volume::Part(n) if n < 0.0 => return Err(BadBar::VolumeNegative),
            Volume::Part(n) => Volume::Part(n + 0.0),
            other @ (Volume::Whole(_) | Volume::Unknown) => other,
        };
        // Adding zero turns -0.0 into 0.0 and changes nothing else.
        Ok(Self { time, open: open + 0.0, high: high + 0.0, low: low + 0.0, close: close + 0.0, volume })
    }

    pub fn time(&self) -> BarTime {
        self.time
    }
    pub fn open(&self) -> f64 {
        self.open
    }
    pub fn high(&self) -> f64 {
        self.high
    }
    pub fn low(&self) -> f64 {
        self.low
    }
    pub fn close(&self) -> f64 {
        self.close
    }
    pub fn volume(&self) -> Volume {
        self.volume
    }
    pub fn prices(&self) -> [f64; 4] {
        [self.open, self.high, self.low, self.close]
    }
    /// All four are zero, which is how many sources write that there was none. (One of them may be: crude oil went through zero.)
    pub fn has_no_price(&self) -> bool {
        self.prices() == [0.0; 4]
    }
    /// The same figures under another name.
    pub fn at(self, time: BarTime) -> Self {
        Self { time, ..self }
    }
    /// The same bar with another volume.
    pub fn with_volume(self, volume: Volume) -> Self {
        Self { volume, ..self }
    }
    /// With the volume of what is stored in its place, if its source says none.
    pub fn over(self, stored: Option<&Self>) -> Self {
        match self.volume {
            Volume::Unknown => self.with_volume(stored.map_or(Volume::Whole(0), Self::volume)),
            Volume::Whole(_) | Volume::Part(_) => self,
        }
    }
    /// High is the highest and low the lowest.
    pub fn is_consistent(&self) -> bool {
        self.high >= self.open.max(self.close) && self.low <= self.open.min(self.close) && self.high >= self.low
    }
    /// The same figures, whether a whole volume was written `5` or `5.0`.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.prices() == other.prices() && self.volume.as_f64() == other.volume.as_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bar_is_made_of_what_is_no_number() {
        let at = BarTime::new(0).unwrap();
        let bar = |open: f64, volume| Bar::new(at, open, 2.0, 0.5, 1.5, volume);
        assert_eq!(bar(f64::NAN, Volume::Whole(1)), Err(BadBar::PriceNotFinite));
        assert_eq!(bar(f64::INFINITY, Volume::Whole(1)), Err(BadBar::PriceNotFinite));
        assert_eq!(bar(1.0, Volume::Part(f64::NAN)), Err(BadBar::VolumeNotFinite));
        assert_eq!(bar(1.0, Volume::Part(-1.0)), Err(BadBar::VolumeNegative));
        assert!(bar(-0.0, Volume::Part(-0.0)).unwrap().open().is_sign_positive());
        assert!(bar(1.0, Volume::Whole(5)).unwrap().says_the_same(&bar(1.0, Volume::Part(5.0)).unwrap()));
        assert!(bar(1.0, Volume::Whole(0)).unwrap().is_consistent() && !bar(3.0, Volume::Whole(0)).unwrap().is_consistent());
    }
}
