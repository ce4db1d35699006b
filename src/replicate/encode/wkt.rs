//! Geometry as text, as the JTS library prints it, which Maxwell uses.

use std::fmt::Write as _;

/// Collections may nest; MySQL itself stops far earlier.
const DEEPEST: u32 = 100;

/// Returns the text of a WKB geometry. None: it is none.
pub(super) fn text(wkb: &[u8]) -> Option<String> {
    let (mut reader, mut out) = (Reader { rest: wkb, big: false }, String::new());
    reader.geometry(&mut out, true, 0)?;
    reader.rest.is_empty().then_some(out)
}

struct Reader<'a> {
    rest: &'a [u8],
    big: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn count(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn coordinate(&mut self) -> Option<f64> {
        let bytes = self.take()?;
        Some(if self.big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
    }

    /// Parts of MULTI… types come without their name.
    fn geometry(&mut self, out: &mut String, named: bool, depth: u32) -> Option<()> {
        self.big = self.take::<1>()? == [0];
        let kind = self.count()?;
        let title = ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"]
            .get(usize::try_from(kind).ok()?.checked_sub(1)?)?;
        if depth > DEEPEST {
            return None;
        }
        if named {
            out.push_str(title);
            out.push(' ');
        }
        match kind {
            1 => {
                out.push('(');
                self.point(out)?;
                out.push(')');
                Some(())
            }
            2 => self.list(out, Self::point),
            3 => self.list(out, |r, out| r.list(out, Self::point)),
            4..=6 => self.list(out, |r, out| r.geometry(out, false, depth + 1)),
            _ => self.list(out, |r, out| r.geometry(out, true, depth + 1)),
        }
    }

    fn list(&mut self, out: &mut String, item: impl Fn(&mut Self, &mut String) -> Option<()>) -> Option<()> {
        let count = self.count()?;
        if count == 0 {
            out.push_str("EMPTY");
            return Some(());
        }
        out.push('(');
        for i in 0..count {
            if i > 0 {
                out.push_str(", ");
            }
            item(self, out)?;
        }
        out.push(')');
        Some(())
    }

    fn point(&mut self, out: &mut String) -> Option<()> {
        let (x, y) = (self.coordinate()?, self.coordinate()?);
        write!(out, "{x} {y}").ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wkb(kind: u8, rest: &[&[u8]]) -> Vec<u8> {
        [&[1, kind, 0, 0, 0], rest.concat().as_slice()].concat()
    }

    #[test]
    fn geometries_read_as_text() {
        let point = |x: f64, y: f64| [x.to_le_bytes(), y.to_le_bytes()].concat();
        let (a, b) = (point(0.0, -1.5), point(1.0, 2.0));
        let two = [2, 0, 0, 0];
        let line = wkb(2, &[&two, &a, &b]);
        assert_eq!(text(&wkb(1, &[&b])).unwrap(), "POINT (1 2)");
        assert_eq!(text(&line).unwrap(), "LINESTRING (0 -1.5, 1 2)");
        assert_eq!(text(&wkb(3, &[&[1, 0, 0, 0], &two, &a, &b])).unwrap(), "POLYGON ((0 -1.5, 1 2))");
        assert_eq!(text(&wkb(4, &[&two, &wkb(1, &[&a]), &wkb(1, &[&b])])).unwrap(), "MULTIPOINT ((0 -1.5), (1 2))");
        assert_eq!(text(&wkb(7, &[&two, &wkb(1, &[&b]), &line])).unwrap(), "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 -1.5, 1 2))");
        assert_eq!(text(&wkb(7, &[&[0; 4]])).unwrap(), "GEOMETRYCOLLECTION EMPTY");
        assert_eq!(text(&[&[0, 0, 0, 0, 1], &1_f64.to_be_bytes()[..], &2_f64.to_be_bytes()].concat()).unwrap(), "POINT (1 2)");
        assert_eq!(text(&line[..20]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..80)) {
            let _ = text(&bytes);
        }
    }
}
