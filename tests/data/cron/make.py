"""Writes times.json: expressions, zones and the times that Python's croniter gives them.

    python3 -m venv venv && venv/bin/pip install croniter==7.0.0 tzdata && venv/bin/python make.py

croniter 7.0.0 shares no code with croner, so agreement is evidence. Where both differ on purpose:
- croniter writes the last Saturday `L6`, we read `6L` as Quartz does: translated here.
- A time of day that the clock repeats: croniter runs it twice, we once, the first time (as Debian's cron). The second
  one is dropped here, by comparing wall clocks.
- Both day fields restricted: either suffices, in both; but croniter makes exceptions for `#`, `L` and `W`, and takes a
  weekday range over the whole week for `*`. We have no exceptions (nor has robfig/cron, which es-sync ran on, or Quartz,
  which forbids it): such pairs are left out here and fixed in cron/tests.rs.
- croniter reads an expression with seconds only if it is told to (`second_at_beginning`), and takes `?` for `*`.
"""

import json
import pathlib
import random
from datetime import datetime, timezone
from importlib.metadata import version
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
rng = random.Random(20261121)


def time_field(top):
    a, b = sorted(rng.sample(range(top), 2))
    return rng.choice([
        "*", str(a), str(b), f"{a},{b}", f"{a}-{b}", f"*/{rng.randint(2, top // 2)}", f"{a}/{rng.randint(1, top // 3)}",
        f"{a}-{b}/{rng.randint(1, max(1, b - a))}",
    ])


def day_field():
    a, b = sorted(rng.sample(range(1, 29), 2))
    return rng.choice(["*", "?", "*", str(a), f"{a},{b}", f"{a}-{b}", f"*/{rng.randint(2, 15)}", "L", "31", f"{a}W"])


def month_field():
    a, b = sorted(rng.sample(range(1, 13), 2))
    return rng.choice(["*", "*", "*", str(a), f"{a}-{b}", f"{MONTHS[a - 1]},{MONTHS[b - 1]}", f"*/{rng.randint(2, 6)}"])


def weekday_field():
    a, b = sorted(rng.sample(range(7), 2))
    return rng.choice([
        "*", "?", "?", str(a), "7", f"{a}-{b}", f"{WEEKDAYS[a]},{WEEKDAYS[b]}", f"{WEEKDAYS[max(a, 2)]}-SUN", f"{a}#{rng.randint(1, 4)}", f"{a}L",
    ])


def expression():
    if rng.random() < 0.4:
        first = [str(rng.randrange(60)), str(rng.randrange(60)), str(rng.randrange(24))]
    else:
        first = [rng.choice(["0", "0", time_field(60)]), time_field(60), time_field(24)]
    day, weekday = day_field(), weekday_field()
    if ({"#", "L"} & set(weekday) and "-" not in weekday) or {"L", "W"} & set(day):
        if rng.random() < 0.5 and day not in "*?":
            weekday = "?"
        else:
            day = "?" if {"#", "L"} & set(weekday) else day
            weekday = weekday if day == "?" else "?"
    return " ".join(first + [day, month_field(), weekday])


def theirs(expr):
    fields = expr.split()
    if fields[5].endswith("L"):
        fields[5] = "L" + fields[5][:-1]
    return " ".join(fields)


def times(expr, zone, after, count):
    of_day = all(f.isdigit() for f in expr.split()[:3])
    found, walls = [], set()
    at = croniter(theirs(expr), after.astimezone(ZoneInfo(zone)), second_at_beginning=True)
    while len(found) < count:
        local = at.get_next(datetime)
        wall = local.replace(tzinfo=None, fold=0)
        if of_day and wall in walls:
            continue
        walls.add(wall)
        found.append(local.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found


# Both changes of the clock of each zone lie shortly after one of these.
AROUND = ["2024-03-09T12:00:00", "2024-03-30T12:00:00", "2024-04-06T03:00:00", "2024-10-05T03:00:00", "2024-10-26T12:00:00", "2024-11-02T12:00:00"]
cases = []
while len(cases) < 640:
    expr, zone = expression(), rng.choice(ZONES)
    if rng.random() < 0.4:
        after = datetime.fromisoformat(rng.choice(AROUND)).replace(tzinfo=timezone.utc)
    else:
        after = datetime.fromtimestamp(rng.randrange(1_600_000_000, 2_000_000_000), timezone.utc)
    try:
        found = times(expr, zone, after, 4)
    except Exception:  # never comes true, or only after croniter's horizon
        continue
    cases.append({"expr": expr, "zone": zone, "after": after.strftime("%Y-%m-%dT%H:%M:%SZ"), "times": found})

made = {"croniter": version("croniter"), "tzdata": version("tzdata"), "seed": 20261121}
lines = ",\n".join("    " + json.dumps(c) for c in cases)
head = json.dumps(made)[1:-1]
pathlib.Path(__file__).with_name("times.json").write_text("{ " + head + ", \"cases\": [\n" + lines + "\n] }\n")
