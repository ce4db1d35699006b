//! A filter against a table: columns found, classes compared, and then rows decided.

use super::class::{Class, Kind, by_byte, digits, how};
use super::compare::{self, How, Scalar, Undecided, Wild};
use super::parse::{Comparison, Expression, Node, Operator, Statement};
use super::{Cause, refused};
use crate::replicate::encode::{Datum, members};
use crate::replicate::table::{Column, Generated, Table, TypeClass};
use crate::replicate::{Error, Result};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A filter for one table.
#[derive(Debug)]
pub struct Condition {
    table: String,
    test: Option<Plan>,
}

#[derive(Debug, Clone, PartialEq)]
enum Plan {
    Value(Scalar<'static>),
    Column(usize, Vec<String>),
    Arithmetic(Operator, Kind, Box<Plan>, Box<Plan>),
    Compare(Comparison, How, Box<Plan>, Box<Plan>),
    Like(How, Box<Plan>, Vec<Wild>),
    IsNull(Box<Plan>),
    Not(Box<Plan>),
    All(Vec<Plan>),
    Any(Vec<Plan>),
}

pub(super) struct Checker<'a> {
    pub(super) text: &'a str,
    pub(super) table: &'a Table,
}

impl Checker<'_> {
    pub(super) fn condition(&self, statement: &Statement) -> Result<Condition> {
        for (at, name) in statement.columns.iter().flatten() {
            self.find(*at, name)?;
        }
        let test = statement.condition.as_ref().map(|node| self.test(node)).transpose()?;
        Ok(Condition { table: self.table.name.to_string(), test })
    }

    fn refuse(&self, at: usize, cause: &Cause) -> Error {
        refused(self.text, at, cause)
    }

    fn find(&self, at: usize, name: &str) -> Result<(usize, &Column)> {
        let found = self.table.columns.iter().enumerate().find(|(_, c)| c.name.to_lowercase() == name.to_lowercase());
        found.ok_or_else(|| self.refuse(at, &Cause::Column(format!("table {} has no column {name}", self.table.name))))
    }

    /// A condition: a predicate, or a number that is not 0.
    fn test(&self, node: &Node) -> Result<Plan> {
        match self.plan(node)? {
            (plan, Class::Boolean | Class::Null) => Ok(plan),
            (plan, Class::Number(_) | Class::Year) => {
                let zero = Plan::Value(Scalar::Number(0, 0));
                Ok(Plan::Compare(Comparison::Unequal, How::Number, Box::new(plan), Box::new(zero)))
            }
            _ => Err(self.refuse(node.at, &Cause::Class("expected a condition, found a value".into()))),
        }
    }

    fn plan(&self, node: &Node) -> Result<(Plan, Class)> {
        let boolean = |plan| Ok((plan, Class::Boolean));
        match &node.is {
            Expression::Null => Ok((Plan::Value(Scalar::Null), Class::Null)),
            Expression::Number(text) => {
                let number = compare::number(text).unwrap_or(Scalar::Null);
                let kind = Kind::of(&number);
                Ok((Plan::Value(number), Class::Number(kind)))
            }
            Expression::Text(text) => Ok((Plan::Value(Scalar::Text(Cow::Owned(text.clone()))), Class::Literal(text.clone()))),
            Expression::Column { name, binary } => self.column(node.at, name, *binary),
            Expression::Arithmetic(operator, a, b) => {
                let ((x, left), (y, right)) = (self.number(a)?, self.number(b)?);
                let kind = left.with(right, *operator);
                if *operator == Operator::Divide && left.with(right, Operator::Plus) != Kind::Float && !ends(b) {
                    let what = "a quotient may have no end, and servers round it differently: multiply the other side, or divide by 2, 5, 10, 100 …";
                    return Err(self.refuse(b.at, &Cause::Class(what.into())));
                }
                Ok((Plan::Arithmetic(*operator, kind, Box::new(x), Box::new(y)), Class::Number(kind)))
            }
            Expression::Compare(comparison, a, b) => boolean(self.compare(*comparison, a, b)?),
            Expression::In(left, list) => {
                let tests = list.iter().map(|item| self.compare(Comparison::Equal, left, item));
                boolean(Plan::Any(tests.collect::<Result<_>>()?))
            }
            Expression::Between(a, low, high) => {
                let (low, high) = (self.compare(Comparison::GreaterEqual, a, low)?, self.compare(Comparison::LessEqual, a, high)?);
                boolean(Plan::All(vec![low, high]))
            }
            Expression::Like(a, pattern) => boolean(self.like(a, pattern)?),
            Expression::IsNull(a) => boolean(Plan::IsNull(Box::new(self.plan(a)?.0))),
            Expression::Not(a) => boolean(Plan::Not(Box::new(self.test(a)?))),
            Expression::And(tests) => boolean(Plan::All(tests.iter().map(|t| self.test(t)).collect::<Result<_>>()?)),
            Expression::Or(tests) => boolean(Plan::Any(tests.iter().map(|t| self.test(t)).collect::<Result<_>>()?)),
        }
    }

    fn column(&self, at: usize, name: &str, binary: bool) -> Result<(Plan, Class)> {
        use TypeClass as C;
        let (index, column) = self.find(at, name)?;
        if column.generated != Generated::No {
            return Err(self.refuse(at, &Cause::Column(format!("{name} is a generated column, which the copy does not read"))));
        }
        let class = match column.class {
            C::Decimal if digits(&column.column_type) > 38 => {
                return Err(self.refuse(at, &Cause::Class(format!("{name} is a DECIMAL of more than 38 digits"))));
            }
            C::Int if column.unsigned => Class::Number(Kind::Unsigned),
            C::Int => Class::Number(Kind::Signed),
            C::Bit => Class::Number(Kind::Unsigned),
            C::Decimal => Class::Number(Kind::Decimal),
            C::Float | C::Double => Class::Number(Kind::Float),
            C::Year => Class::Year,
            C::Date | C::Datetime | C::Timestamp => Class::Moment,
            C::Time => Class::Time,
            C::Char | C::Text | C::Enum | C::Set => match &column.collation {
                Some(collation) if !binary => Class::Text(collation.clone(), column.charset.clone().unwrap_or_default()),
                _ => Class::Text(String::new(), column.charset.clone().unwrap_or_default()),
            },
            C::Binary | C::Varbinary | C::Blob => Class::Bytes,
            C::Uuid | C::Inet4 | C::Inet6 => Class::Spelled,
            C::Json | C::Geometry | C::Vector | C::Other => Class::Opaque,
        };
        if binary && !matches!(class, Class::Text(..) | Class::Bytes) {
            return Err(self.refuse(at, &Cause::Class("BINARY is for strings only".into())));
        }
        Ok((Plan::Column(index, members(self.table, column)?), class))
    }

    fn number(&self, node: &Node) -> Result<(Plan, Kind)> {
        match self.plan(node)? {
            (plan, Class::Number(kind)) => Ok((plan, kind)),
            (plan, Class::Null) => Ok((plan, Kind::Signed)),
            _ => Err(self.refuse(node.at, &Cause::Class("arithmetic is for numbers only".into()))),
        }
    }

    fn compare(&self, comparison: Comparison, a: &Node, b: &Node) -> Result<Plan> {
        let ((left, x), (right, y)) = (self.plan(a)?, self.plan(b)?);
        let equality = matches!(comparison, Comparison::Equal | Comparison::Same | Comparison::Unequal);
        let how = match (&x, &y) {
            (Class::Year, Class::Number(_)) if year(&right) => Ok(How::Number),
            (Class::Number(_), Class::Year) if year(&left) => Ok(How::Number),
            _ => how(&x, &y, equality),
        };
        let how = how.map_err(|what| self.refuse(b.at, &Cause::Class(what)))?;
        Ok(Plan::Compare(comparison, how, Box::new(left), Box::new(right)))
    }

    fn like(&self, node: &Node, pattern: &str) -> Result<Plan> {
        let (plan, class) = self.plan(node)?;
        let bytes = matches!(&class, Class::Text(collation, charset) if collation.is_empty() && !by_byte(charset, pattern));
        let how = match class {
            _ if bytes => Err("only the server can match bytes in this charset; _ would be one of them".into()),
            Class::Text(..) | Class::Literal(_) | Class::Null => how(&class, &Class::Literal(pattern.to_owned()), true),
            _ => Err("LIKE is for strings only".into()),
        };
        let how = how.map_err(|what| self.refuse(node.at, &Cause::Class(what)))?;
        Ok(Plan::Like(how, Box::new(plan), compare::pattern(pattern)))
    }
}

/// A divisor by which every quotient ends within the four digits that it has more than the dividend.
fn ends(divisor: &Node) -> bool {
    let Expression::Number(text) = &divisor.is else { return false };
    matches!(compare::number(text), Some(Scalar::Number(n, 0)) if n > 0 && 10_000 % n == 0)
}

/// A literal that every server reads as this year.
fn year(plan: &Plan) -> bool {
    matches!(plan, Plan::Value(Scalar::Number(1901..=2155, 0)))
}

impl Condition {
    /// Says whether it decides of every row as the other does, columns being told by their places.
    pub fn decides_as(&self, other: &Self) -> bool {
        self.test == other.test
    }

    /// The first column whose strings only a server may be able to tell from what they are compared with.
    pub fn leans_on_server<'t>(&self, table: &'t Table) -> Option<&'t Column> {
        let at = self.test.as_ref().and_then(Plan::caseless)?;
        table.columns.get(at).filter(|c| c.charset.as_deref().is_some_and(|charset| charset != "ascii"))
    }

    /// Says whether the row passes; NULL does not.
    pub fn keep(&self, row: &[Datum<'_>]) -> Result<bool> {
        let Some(test) = &self.test else { return Ok(true) };
        let kept = test.test(row).map_err(|undecided| {
            let (code, what) = match undecided {
                Undecided::Collation => ("filter_undecided", "a string that only the server can compare"),
                Undecided::Overflow => ("filter_overflow", "a number that only the server can calculate with"),
            };
            let hint = "write BINARY before the column to compare bytes, or filter by another column";
            Error::permanent(code, format!("filter a row of {}: {what}", self.table)).hint(hint)
        })?;
        Ok(kept == Some(true))
    }
}

impl Plan {
    /// The first column that is compared by its collation.
    fn caseless(&self) -> Option<usize> {
        match self {
            Self::Compare(_, How::Caseless { .. }, a, b) => [a, b].into_iter().find_map(|side| match side.as_ref() {
                Self::Column(at, _) => Some(*at),
                _ => None,
            }),
            Self::Like(How::Caseless { .. }, a, _) => match a.as_ref() {
                Self::Column(at, _) => Some(*at),
                _ => None,
            },
            Self::Compare(_, _, a, b) => a.caseless().or_else(|| b.caseless()),
            Self::IsNull(a) | Self::Not(a) => a.caseless(),
            Self::All(tests) | Self::Any(tests) => tests.iter().find_map(Self::caseless),
            Self::Like(..) | Self::Value(_) | Self::Column(..) | Self::Arithmetic(..) => None,
        }
    }

    fn test(&self, row: &[Datum<'_>]) -> std::result::Result<Option<bool>, Undecided> {
        Ok(match self {
            Self::Not(a) => a.test(row)?.map(|a| !a),
            Self::All(tests) => decided(tests, false, row)?,
            Self::Any(tests) => decided(tests, true, row)?,
            Self::IsNull(a) => Some(match a.as_ref() {
                Self::Column(index, _) => matches!(row.get(*index), None | Some(Datum::Null)),
                Self::Value(_) | Self::Arithmetic(..) => a.value(row)? == Scalar::Null,
                test => test.test(row)?.is_none(),
            }),
            Self::Compare(comparison, how, a, b) => compared(*comparison, *how, &a.value(row)?, &b.value(row)?)?,
            Self::Like(how, a, pattern) => match a.value(row)? {
                Scalar::Text(text) => Some(compare::like(*how, &text, pattern)?),
                _ => None,
            },
            Self::Value(_) | Self::Column(..) | Self::Arithmetic(..) => None,
        })
    }

    fn value<'a>(&'a self, row: &'a [Datum<'_>]) -> std::result::Result<Scalar<'a>, Undecided> {
        match self {
            Self::Value(scalar) => Ok(scalar.clone()),
            Self::Column(index, members) => row.get(*index).map_or(Ok(Scalar::Null), |datum| scalar(datum, members)),
            Self::Arithmetic(operator, kind, a, b) => {
                let (a, b) = (a.value(row)?, b.value(row)?);
                let result = compare::arithmetic(*operator, &a, &b)?;
                if kind.holds(&result) { Ok(result) } else { Err(Undecided::Overflow) }
            }
            _ => Ok(Scalar::Null),
        }
    }
}

/// One test with the deciding outcome decides; NULL leaves it open.
fn decided(tests: &[Plan], by: bool, row: &[Datum<'_>]) -> std::result::Result<Option<bool>, Undecided> {
    let mut known = Some(!by);
    for test in tests {
        match test.test(row)? {
            Some(outcome) if outcome == by => return Ok(Some(by)),
            Some(_) => {}
            None => known = None,
        }
    }
    Ok(known)
}

fn compared(comparison: Comparison, how: How, a: &Scalar<'_>, b: &Scalar<'_>) -> std::result::Result<Option<bool>, Undecided> {
    use Comparison as C;
    if comparison == C::Same && (*a == Scalar::Null || *b == Scalar::Null) {
        return Ok(Some(a == b));
    }
    let equality = matches!(comparison, C::Equal | C::Same | C::Unequal);
    // A time beside its text: both as microseconds.
    let order = match (a, b) {
        (Scalar::Number(..), Scalar::Text(text)) => compare::order(how, a, &time(text), equality)?,
        (Scalar::Text(text), Scalar::Number(..)) => compare::order(how, &time(text), b, equality)?,
        _ => compare::order(how, a, b, equality)?,
    };
    Ok(order.map(|order| match comparison {
        C::Equal | C::Same => order == Ordering::Equal,
        C::Unequal => order != Ordering::Equal,
        C::Less => order == Ordering::Less,
        C::LessEqual => order != Ordering::Greater,
        C::Greater => order == Ordering::Greater,
        C::GreaterEqual => order != Ordering::Less,
    }))
}

/// Microseconds of `[-]hh:mm:ss[.ffffff]`.
fn time(text: &str) -> Scalar<'static> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (clock, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let seconds = clock.split(':').filter_map(|part| part.parse::<i128>().ok()).fold(0, |n, part| n * 60 + part);
    let micros = format!("{fraction:0<6}").parse::<i128>().unwrap_or(0);
    Scalar::Number(sign * (seconds * 1_000_000 + micros), 0)
}

fn scalar<'a>(datum: &'a Datum<'_>, members: &'a [String]) -> std::result::Result<Scalar<'a>, Undecided> {
    Ok(match datum {
        Datum::Null | Datum::Json(_) | Datum::Geometry(_) | Datum::Vector(_) => Scalar::Null,
        Datum::Int(n) => Scalar::Number(i128::from(*n), 0),
        Datum::UInt(n) => Scalar::Number(i128::from(*n), 0),
        Datum::Float(n) => Scalar::Float(f64::from(*n)),
        Datum::Double(n) => Scalar::Float(*n),
        Datum::Decimal(text) => compare::number(text).ok_or(Undecided::Overflow)?,
        Datum::Text(text) => Scalar::Text(Cow::Borrowed(text)),
        Datum::Bytes(bytes) => Scalar::Bytes(Cow::Borrowed(bytes)),
        Datum::Bits(bits) => Scalar::Number(bits.iter().fold(0, |n, b| n << 8 | i128::from(*b)), 0),
        Datum::Date(text) | Datum::Datetime(text) | Datum::Timestamp(text) => Scalar::Text(Cow::Borrowed(text)),
        Datum::Time(text) => time(text),
        Datum::Year(year) => Scalar::Number(i128::from(*year), 0),
        Datum::Enum(number) => {
            let label = usize::from(*number).checked_sub(1).and_then(|i| members.get(i));
            Scalar::Text(Cow::Borrowed(label.map_or("", String::as_str)))
        }
        Datum::Set(set) => {
            let chosen = members.iter().take(64).enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, m)| m.as_str());
            Scalar::Text(Cow::Owned(chosen.collect::<Vec<_>>().join(",")))
        }
    })
}
