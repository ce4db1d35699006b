"""What bench/bars --large measures: called by it with the daemon's address, a scratch folder, the daemon's pid and the binary.

Two stores' worth in one: 10,000 symbols x 20 years of daily bars (50 million) and 100 symbols x 5 years of minutes (49 million).
Prices walk as those of AAPL do, so that packing has to work as it does on real ones."""

import http.client, json, os, pathlib, signal, statistics, subprocess, sys, time
import numpy as np
import pandas as pd

ADDRESS, SCRATCH, PID, BINARY = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
DAYS, DAILY, AT_ONCE = 20 * 252, 10_000, 100
MINUTES, INTRADAY = 5 * 252 * 390, 100
LAST = {}  # the last close of each series of minutes


def request(method, path, body=None):
    connection = http.client.HTTPConnection(ADDRESS)
    begun = time.perf_counter()
    connection.request(method, path, body=body)
    reply = connection.getresponse()
    head = reply.read(1)
    first = time.perf_counter() - begun
    data = head + reply.read()
    if reply.status != 200:
        raise SystemExit(f"{method} {path}: {reply.status} {data[:300]}")
    return first, data, time.perf_counter() - begun


def rss(what="VmHWM"):
    return next(int(l.split()[1]) for l in open(f"/proc/{PID}/status") if l.startswith(what)) / 1024


def walk(count, seed, step):
    """Bars of a walk in cents, and volumes."""
    random = np.random.default_rng(seed)
    close = np.maximum(100, 10_000 + np.cumsum(random.normal(0, step, count).round())) / 100
    opened = np.roll(close, 1)
    opened[0] = close[0]
    spread = np.abs(random.normal(0, step, count)).round() / 100
    high, low = np.maximum(opened, close) + spread, np.maximum(0.01, np.minimum(opened, close) - spread)
    return pd.DataFrame({"Open": opened, "High": high, "Low": low, "Close": close, "Volume": random.integers(100, 5_000_000, count)}).round(2)


def lines(times, seed, step):
    """The rows behind the symbol, each with its comma in front, and the last close."""
    frame = walk(len(times), seed, step)
    frame.insert(0, "Time", times)
    return ["," + line for line in frame.to_csv(header=False, index=False, lineterminator="\n").splitlines()], frame["Close"].iloc[-1]


HEADING = "Symbol,Time,Open,High,Low,Close,Volume\n"


def load(what, count, bodies, interval):
    took, rows = 0.0, 0
    for body in bodies:
        _, reply, seconds = request("POST", f"/api/dms/import?interval={interval}", body)
        rows += json.loads(reply)["added"]
        took += seconds
    assert rows == count, (rows, count)
    print(f"{what:<52} {rows:,} bars in {took:.1f} s = {rows / took / 1e6:.2f} M/s; peak memory {rss():.0f} MB")


def daily():
    times = pd.bdate_range(end="2025-12-31", periods=DAYS).strftime("%Y-%m-%d").to_list()
    kinds = [lines(times, seed, 150)[0] for seed in range(20)]
    for begin in range(0, DAILY, AT_ONCE):
        body = [HEADING]
        for n in range(begin, begin + AT_ONCE):
            body.extend(f"US.D{n}{line}\n" for line in kinds[n % len(kinds)])
        yield "".join(body).encode()


def minutes():
    days = pd.bdate_range(end="2025-12-31", periods=5 * 252)
    times = [f"{day:%Y-%m-%d}T{(870 + m) // 60:02}:{(870 + m) % 60:02}:00" for day in days for m in range(390)]
    kinds = [lines(times, 100 + seed, 8) for seed in range(5)]
    for n in range(INTRADAY):
        rows, LAST[f"US.M{n}"] = kinds[n % len(kinds)]
        yield (HEADING + "".join(f"US.M{n}{line}\n" for line in rows)).encode()


def asked(what, method, path, body=None, times=3):
    firsts, took, size = [], [], 0
    for _ in range(times):
        first, reply, seconds = request(method, path, body)
        firsts.append(first)
        took.append(seconds)
        size = len(reply)
    print(f"{what:<52} {statistics.median(took) * 1000:8.1f} ms, first byte {statistics.median(firsts) * 1000:.1f} ms, {size / 1e6:.1f} MB")


def main():
    global ADDRESS, PID
    load("daily: 10,000 symbols x 20 years", DAILY * DAYS, daily(), "1d")
    load("minutes: 100 symbols x 5 years", INTRADAY * MINUTES, minutes(), "1m")
    batch = lambda names, start, end, interval: json.dumps({"symbols": names, "start_date": start, "end_date": end, "interval": interval})
    hundred = [f"US.D{n * 97}" for n in range(100)]
    asked("100 of 10,000 symbols x 3 years of days", "POST", "/api/dms/read/batch", batch(hundred, "2023-01-01", "2025-12-31", "1d"))
    asked("1,000 symbols, their last day", "POST", "/api/dms/read/batch",
          batch([f"US.D{n}" for n in range(1000)], "2025-12-31", "2025-12-31", "1d"))
    asked("100 symbols, their last day of minutes", "POST", "/api/dms/read/batch",
          batch([f"US.M{n}" for n in range(INTRADAY)], "2025-12-31", "2025-12-31", "1m"))
    asked("one symbol, 5 years of minutes", "POST", "/api/dms/read/batch", batch(["US.M7"], "2000-01-01", "2025-12-31", "1m"))
    asked("list of all symbols", "GET", "/api/dms/symbols")
    # One bar more of each of 100 minute series: what an intraday task writes.
    late = HEADING + "".join(f"{symbol},2025-12-31T21:00:00,{c},{c},{c},{c},1\n" for symbol, c in LAST.items())
    _, reply, seconds = request("POST", "/api/dms/import?interval=1m", late.encode())
    assert json.loads(reply)["added"] == INTRADAY, reply
    print(f"{'one minute more of 100 symbols, durable':<52} {seconds * 1000:8.1f} ms")
    before = rss()
    _, reply, seconds = request("POST", "/api/v1/bars/verify", "{}")
    verified = json.loads(reply)
    assert not verified["problems"], verified["problems"]
    total = verified["bars"]
    on_disk = sum(f.stat().st_size for f in (SCRATCH / "data").rglob("*") if f.is_file())
    print(f"{'every block read and checked':<52} {seconds:8.1f} s for {total:,} bars; peak memory {rss():.0f} MB ({before:.0f} before)")
    print(f"bytes a bar: packed {verified['bytes'] / total:.2f}, files {on_disk / total:.2f} = {on_disk / 1e9:.2f} GB")
    os.kill(int(PID), signal.SIGKILL)
    start = lambda: subprocess.Popen(
        [BINARY, "serve", "--listen", ADDRESS, "--data-dir", str(SCRATCH / "data")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    begun = time.perf_counter()
    again = start()
    try:
        while time.perf_counter() - begun < 60:
            # Its first thread can be gone before the last one has let go of the folder's lock.
            if again.poll() is not None:
                begun, again = time.perf_counter(), start()
            try:
                request("GET", "/api/dms/read/US.D1?start_date=2025-12-31&end_date=2025-12-31")
                break
            except (OSError, http.client.HTTPException, SystemExit):
                time.sleep(0.01)
        else:
            raise SystemExit("it did not start again")
        PID = str(again.pid)
        print(f"{'killed and started again, to the first read':<52} {(time.perf_counter() - begun) * 1000:8.1f} ms; {rss('VmRSS'):.0f} MB")
    finally:
        again.kill()


main()
