//! A block: the bars of one series in one period, as packed columns.
//!
//! Form 1: `1`, count, times, prices, volumes, CRC-32 of all before. Times are steps of their common divisor. Prices become
//! integers by the narrowest exact way that fits all of the block (decimals of 0 to 8 places; else the ordered bits of
//! single or double precision) and stand as differences: close from the close before, open from the close before, high
//! and low from the body. Volumes are multiples of their common divisor, or the ordered bits of doubles. What comes out is
//! bit for bit what went in.
//!
//! The same bars always give the same bytes, so that the digest of the bytes is one of the bars; two daemons of the same
//! form compare by it. The form is stored: a change is a new number, and every old one is read for ever (`fixtures`).

use super::bits::{Cursor, Damaged, put_packed, put_varint, unzigzag, zigzag};
use crate::model::bars::{Bar, BarTime, Volume};

const FORM: u8 = 1;
/// Most decimal places that are tried; quotes of coins have eight.
const MOST_PLACES: u8 = 8;
const SINGLE: u8 = 20;
const DOUBLE: u8 = 21;
const WHOLE: u8 = 0;
const PARTS: u8 = 1;
const MIXED: u8 = 2;
/// 2^53: integers beyond are not exact as doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;
const POWERS: [f64; 9] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// Packs bars that are in order of time, each time once.
pub(super) fn encode(bars: &[Bar]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + bars.len() * 12);
    out.push(FORM);
    put_varint(&mut out, bars.len() as u64);
    put_times(&mut out, bars);
    put_prices(&mut out, bars);
    put_volumes(&mut out, bars);
    let sum = crc32fast::hash(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

/// Unpacks; whatever the bytes are, an answer is bars in order or `Damaged`.
pub(super) fn decode(data: &[u8]) -> Result<Vec<Bar>, Damaged> {
    let (body, sum) = data.split_last_chunk::<4>().ok_or(Damaged)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err(Damaged);
    }
    let mut cursor = Cursor(body);
    if cursor.byte()? != FORM {
        return Err(Damaged);
    }
    let count = usize::try_from(cursor.varint()?).map_err(|_| Damaged)?;
    // Four runs of prices and one of times: a byte for 128 bars is the least that they take.
    if count / 128 > body.len() {
        return Err(Damaged);
    }
    let times = times(&mut cursor, count)?;
    let prices = prices(&mut cursor, count)?;
    let volumes = volumes(&mut cursor, count)?;
    if !cursor.0.is_empty() {
        return Err(Damaged);
    }
    times
        .into_iter()
        .zip(prices)
        .zip(volumes)
        .map(|((time, [open, high, low, close]), volume)| Bar::new(time, open, high, low, close, volume).map_err(|_| Damaged))
        .collect()
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn common_divisor(values: impl Iterator<Item = u64>) -> u64 {
    let mut all = 0;
    for value in values {
        all = gcd(all, value);
        if all == 1 {
            break;
        }
    }
    all.max(1)
}

fn put_times(out: &mut Vec<u8>, bars: &[Bar]) {
    let Some(first) = bars.first() else { return };
    let steps = || bars.windows(2).map(|pair| pair[1].time().seconds().abs_diff(pair[0].time().seconds()));
    let unit = common_divisor(steps());
    put_varint(out, zigzag(first.time().seconds()));
    put_varint(out, unit);
    put_packed(out, &steps().map(|s| s / unit).collect::<Vec<_>>());
}

fn times(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<BarTime>, Damaged> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut at = unzigzag(cursor.varint()?);
    let unit = cursor.varint()?;
    let steps = cursor.packed(count - 1)?;
    let mut times = Vec::with_capacity(count);
    times.push(BarTime::new(at).ok_or(Damaged)?);
    for step in steps {
        let step = step.checked_mul(unit).and_then(|s| i64::try_from(s).ok()).filter(|s| *s > 0).ok_or(Damaged)?;
        at = at.checked_add(step).ok_or(Damaged)?;
        times.push(BarTime::new(at).ok_or(Damaged)?);
    }
    Ok(times)
}

/// How the prices of a block are integers.
fn scale(bars: &[Bar]) -> u8 {
    let mut places = 0;
    'prices: for price in bars.iter().flat_map(Bar::prices) {
        while decimal(price, places).is_none() {
            places += 1;
            if places > MOST_PLACES {
                break 'prices;
            }
        }
    }
    // A price that had room for fewer places may be too large for the places that a later one needed.
    if places <= MOST_PLACES && bars.iter().flat_map(Bar::prices).all(|p| decimal(p, places).is_some()) {
        return places;
    }
    if bars.iter().flat_map(Bar::prices).all(|p| f64::from(p as f32) == p) { SINGLE } else { DOUBLE }
}

fn decimal(price: f64, places: u8) -> Option<i64> {
    let power = POWERS[usize::from(places)];
    let scaled = (price * power).round();
    (scaled.abs() < EXACT && scaled / power == price).then_some(scaled as i64)
}

/// Bits of a float as an integer that is ordered as the float is; its own inverse apart from the type.
fn ordered64(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}
fn ordered32(bits: i32) -> i32 {
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

fn to_integer(price: f64, scale: u8) -> i64 {
    match scale {
        SINGLE => i64::from(ordered32((price as f32).to_bits() as i32)),
        DOUBLE => ordered64(price.to_bits() as i64),
        places => decimal(price, places).expect("the scale was chosen to fit all prices"),
    }
}

fn to_price(n: i64, scale: u8) -> Result<f64, Damaged> {
    Ok(match scale {
        SINGLE => f64::from(f32::from_bits(ordered32(i32::try_from(n).map_err(|_| Damaged)?) as u32)),
        DOUBLE => f64::from_bits(ordered64(n) as u64),
        places => n as f64 / POWERS.get(usize::from(places)).ok_or(Damaged)?,
    })
}

fn put_prices(out: &mut Vec<u8>, bars: &[Bar]) {
    let Some(first) = bars.first() else { return };
    let scale = scale(bars);
    out.push(scale);
    let mut before = to_integer(first.close(), scale);
    put_varint(out, zigzag(before));
    let mut columns: [Vec<u64>; 4] = std::array::from_fn(|_| Vec::with_capacity(bars.len()));
    for bar in bars {
        let [open, high, low, close] = bar.prices().map(|p| to_integer(p, scale));
        columns[0].push(zigzag(close.wrapping_sub(before)));
        columns[1].push(zigzag(open.wrapping_sub(before)));
        columns[2].push(zigzag(high.wrapping_sub(open.max(close))));
        columns[3].push(zigzag(open.min(close).wrapping_sub(low)));
        before = close;
    }
    for column in &columns {
        put_packed(out, column);
    }
}

fn prices(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<[f64; 4]>, Damaged> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let scale = cursor.byte()?;
    let mut before = unzigzag(cursor.varint()?);
    let [closes, opens, highs, lows] = [cursor.packed(count)?, cursor.packed(count)?, cursor.packed(count)?, cursor.packed(count)?];
    let mut prices = Vec::with_capacity(count);
    for n in 0..count {
        let close = before.wrapping_add(unzigzag(closes[n]));
        let open = before.wrapping_add(unzigzag(opens[n]));
        let high = open.max(close).wrapping_add(unzigzag(highs[n]));
        let low = open.min(close).wrapping_sub(unzigzag(lows[n]));
        prices.push([to_price(open, scale)?, to_price(high, scale)?, to_price(low, scale)?, to_price(close, scale)?]);
        before = close;
    }
    Ok(prices)
}

fn put_volumes(out: &mut Vec<u8>, bars: &[Bar]) {
    let whole = |bar: &Bar| match bar.volume() {
        Volume::Whole(n) => Some(n),
        Volume::Unknown => Some(0),
        Volume::Part(_) => None,
    };
    let is_whole: Vec<u64> = bars.iter().map(|b| u64::from(whole(b).is_some())).collect();
    let whole: Vec<u64> = bars.iter().filter_map(whole).collect();
    let parts: Vec<f64> = bars.iter().filter_map(|b| if let Volume::Part(n) = b.volume() { Some(n) } else { None }).collect();
    if parts.is_empty() {
        out.push(WHOLE);
        put_whole(out, &whole);
    } else if whole.is_empty() {
        out.push(PARTS);
        put_parts(out, &parts);
    } else {
        out.push(MIXED);
        put_packed(out, &is_whole);
        put_whole(out, &whole);
        put_parts(out, &parts);
    }
}

fn put_whole(out: &mut Vec<u8>, values: &[u64]) {
    let unit = common_divisor(values.iter().copied());
    put_varint(out, unit);
    put_packed(out, &values.iter().map(|v| v / unit).collect::<Vec<_>>());
}

fn put_parts(out: &mut Vec<u8>, values: &[f64]) {
    let mut before = 0;
    let steps = values.iter().map(|v| {
        let n = ordered64(v.to_bits() as i64);
        zigzag(n.wrapping_sub(std::mem::replace(&mut before, n)))
    });
    put_packed(out, &steps.collect::<Vec<_>>());
}

fn volumes(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<Volume>, Damaged> {
    match cursor.byte()? {
        WHOLE => Ok(whole(cursor, count)?.into_iter().map(Volume::Whole).collect()),
        PARTS => Ok(parts(cursor, count)?.into_iter().map(Volume::Part).collect()),
        MIXED => {
            let is_whole = cursor.packed(count)?;
            let of_whole = is_whole.iter().filter(|w| **w == 1).count();
            let (mut whole, mut parts) = (whole(cursor, of_whole)?.into_iter(), parts(cursor, count - of_whole)?.into_iter());
            is_whole
                .iter()
                .map(|w| if *w == 1 { whole.next().map(Volume::Whole) } else { parts.next().map(Volume::Part) }.ok_or(Damaged))
                .collect()
        }
        _ => Err(Damaged),
    }
}

fn whole(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<u64>, Damaged> {
    let unit = cursor.varint()?;
    cursor.packed(count)?.into_iter().map(|v| v.checked_mul(unit).ok_or(Damaged)).collect()
}

fn parts(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<f64>, Damaged> {
    let mut before = 0i64;
    let steps = cursor.packed(count)?;
    Ok(steps
        .into_iter()
        .map(|step| {
            before = before.wrapping_add(unzigzag(step));
            f64::from_bits(ordered64(before) as u64)
        })
        .collect())
}

#[cfg(test)]
pub(in crate::bars) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::bars) fn a_bar(time: i64, prices: [f64; 4], volume: Volume) -> Bar {
        let [open, high, low, close] = prices;
        Bar::new(BarTime::new(time).unwrap(), open, high, low, close, volume).unwrap()
    }

    fn any_price() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-100_000i64..100_000_000).prop_map(|cents| cents as f64 / 100.0),
            (0i64..1_000_000_000).prop_map(|n| n as f64 / 1e8),
            any::<f32>().prop_filter("finite", |p| p.is_finite()).prop_map(f64::from),
            any::<f64>().prop_filter("finite", |p| p.is_finite()),
            Just(9_007_199_254_740_991.0),
        ]
    }

    fn any_volume() -> impl Strategy<Value = Volume> {
        prop_oneof![
            (0u64..10_000_000).prop_map(|n| Volume::Whole(n * 100)),
            any::<u64>().prop_map(Volume::Whole),
            (0.0f64..1e12).prop_map(Volume::Part),
        ]
    }

    pub(in crate::bars) fn any_bar() -> impl Strategy<Value = ([f64; 4], Volume)> {
        // Mostly what exchanges say, so that each way of packing is met.
        let cents = || (1i64..100_000).prop_map(|c| c as f64 / 100.0);
        prop_oneof![
            4 => ([cents(), cents(), cents(), cents()], (0u64..10_000_000).prop_map(Volume::Whole)),
            1 => ([any_price(), any_price(), any_price(), any_price()], any_volume()),
        ]
    }

    proptest! {
        #[test]
        fn bars_come_back_bit_for_bit(figures in proptest::collection::vec((1i64..5_000_000, any_bar()), 0..400)) {
            let mut time = -1_000_000_000;
            let bars: Vec<Bar> = figures.into_iter().map(|(step, (prices, volume))| {
                time += step;
                a_bar(time, prices, volume)
            }).collect();
            let packed = encode(&bars);
            prop_assert_eq!(decode(&packed).unwrap(), bars.clone());
            prop_assert_eq!(encode(&bars), packed);
        }

        #[test]
        fn a_flipped_bit_is_noticed(at in 0usize..10_000, bit in 0u8..8) {
            let bars: Vec<Bar> = (0..250).map(|n| a_bar(n * 86_400, [10.25, 11.5, 9.75, 10.0 + n as f64 / 100.0], Volume::Whole(100))).collect();
            let mut packed = encode(&bars);
            let at = at % packed.len();
            packed[at] ^= 1 << bit;
            prop_assert_eq!(decode(&packed), Err(Damaged));
        }

        #[test]
        fn noise_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
            bytes[0] = FORM;
            let sum = crc32fast::hash(&bytes);
            bytes.extend_from_slice(&sum.to_le_bytes());
            let _ = decode(&bytes);
        }
    }

    /// The stored form: these bytes must be read for ever.
    #[test]
    fn form_1_stays_readable() {
        let bars = [
            a_bar(951_868_800, [118.56, 132.06, 118.5, 130.31], Volume::Whole(9_616_100)),
            a_bar(951_955_200, [127.0, 127.94, 120.69, 122.0], Volume::Whole(2_779_100)),
            a_bar(952_041_600, [124.87, 128.23, 120.0, 128.0], Volume::Part(2_885_000.5)),
        ];
        let hex: String = encode(&bars).iter().map(|b| format!("{b:02x}")).collect();
        let known = include_str!("fixtures/form1.hex").trim();
        assert_eq!(hex, known);
        let bytes: Vec<u8> = (0..known.len()).step_by(2).map(|i| u8::from_str_radix(&known[i..i + 2], 16).unwrap()).collect();
        assert_eq!(decode(&bytes).unwrap(), bars);
    }

    #[test]
    fn real_looking_days_take_few_bytes() {
        let mut close = 50_000i64;
        let mut seed = 7u64;
        let mut random = |n: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as i64 % n
        };
        let bars: Vec<Bar> = (0..252)
            .map(|n| {
                let open = close + random(200) - 100;
                close = open + random(800) - 400;
                let (high, low) = (open.max(close) + random(300), open.min(close) - random(300));
                a_bar(n * 86_400, [open, high, low, close].map(|p| p as f64 / 100.0), Volume::Whole(random(90_000_000) as u64))
            })
            .collect();
        let size = encode(&bars).len() as f64 / bars.len() as f64;
        assert!(size < 9.0, "{size} bytes a bar");
    }
}
