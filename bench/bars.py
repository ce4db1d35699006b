"""What bench/bars measures: called by it with the daemon's address, a scratch folder and the daemon's pid."""

import gzip, http.client, io, json, os, pathlib, statistics, sys, time
import numpy as np
import orjson
import pandas as pd

ADDRESS, SCRATCH, PID = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
SYMBOLS, BARS, READ = 500, 5000, 100


def timed(work, times=1):
    took, answer = [], None
    for _ in range(times):
        begun = time.perf_counter()
        answer = work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took), answer


def real():
    """The real bars of AAPL: prices in cents and volumes."""
    try:
        import bokeh_sampledata

        file = pathlib.Path(bokeh_sampledata.__file__).parent / "_data/stocks.csv.gz"
    except ImportError:
        file = pathlib.Path(__file__).parent.parent / "tests/data/bars/stocks.csv.gz"
    frame = pd.read_csv(gzip.open(file))
    return frame[frame.Ticker == "AAPL"][["Open", "High", "Low", "Close", "Volume"]]


def frames():
    base = real().to_numpy()
    days = pd.bdate_range(end="2024-01-23", periods=BARS)
    rows = np.resize(np.vstack([base, base[::-1]]), (BARS, 5))
    made = {}
    for n in range(SYMBOLS):
        moved = np.roll(rows, n * 7, axis=0)
        prices = (moved[:, :4] * (0.5 + n / SYMBOLS)).round(2)
        frame = pd.DataFrame(prices, index=days, columns=["Open", "High", "Low", "Close"])
        frame["Volume"] = moved[:, 4].astype("int64")
        made[f"US.S{n}"] = frame
    return made


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
    return first, data


def size(folder):
    return sum(f.stat().st_size for f in pathlib.Path(folder).rglob("*") if f.is_file())


def rss():
    return next(int(l.split()[1]) * 1024 for l in open(f"/proc/{PID}/status") if l.startswith("VmHWM"))


def say(what, ours, theirs, unit="s"):
    print(f"{what:<44} {ours:>9.3f} {unit}   " + "   ".join(f"{name} {value:.3f} {unit}" for name, value in theirs.items()))


def update():
    """Runs the task over the files and returns how long it took, as the daemon's own log has it."""
    folder = SCRATCH / "files"
    if not any(folder.iterdir()):
        base = real()
        days = pd.bdate_range(end="2024-01-23", periods=len(base))
        text = base.assign(Date=days).tail(20)[["Date", "Open", "High", "Low", "Close", "Volume"]].to_csv(index=False)
        for n in range(10_000):
            (folder / f"US.N{n}.csv").write_text(text)
    request("POST", "/api/dms/tasks/trigger?task_name=update")
    while json.loads(request("GET", "/api/dms/tasks/update/status")[1])["status"] == "running":
        time.sleep(0.05)
    run = json.loads(request("GET", "/api/dms/maintenance/log?limit=1")[1])["logs"][0]
    assert run["status"] == "completed" and not run["error_message"], run
    return run["duration"]


def main():
    data = frames()
    total = SYMBOLS * BARS
    names = list(data)[:READ]
    start, end = "2021-01-24", "2024-01-23"

    import arcticdb, duckdb

    library = arcticdb.Arctic(f"lmdb://{SCRATCH}/arctic?map_size=8GB").create_library("bars")
    arctic_write, _ = timed(lambda: [library.write(name, frame) for name, frame in data.items()])
    span = (pd.Timestamp(start), pd.Timestamp(end))

    def arctic_read():
        out = {}
        for name in names:
            frame = library.read(name, date_range=span).data
            frame.insert(0, "time", frame.index.strftime("%Y-%m-%dT%H:%M:%S"))
            out[name] = {"data": frame.to_dict("records"), "index": frame["time"].tolist()}
        return orjson.dumps(out)

    arctic_json, expected = timed(arctic_read, 5)

    long = pd.concat([f.assign(symbol=n, time=f.index) for n, f in data.items()], ignore_index=True)
    database = duckdb.connect()
    database.register("long", long)
    parquet = SCRATCH / "bars.parquet"
    duck_write, _ = timed(lambda: database.execute(f"COPY (SELECT * FROM long ORDER BY symbol, time) TO '{parquet}' (FORMAT parquet)"))

    def duck_read():
        query = f"SELECT * FROM '{parquet}' WHERE symbol IN ({','.join('?' * READ)}) AND time BETWEEN '{start}' AND '{end}' ORDER BY symbol, time"
        frame = database.execute(query, names).df()
        frame["time"] = frame["time"].dt.strftime("%Y-%m-%dT%H:%M:%S")
        out = {}
        for name, part in frame.groupby("symbol"):
            out[name] = {"data": part.drop(columns="symbol").to_dict("records"), "index": part["time"].tolist()}
        return orjson.dumps(out)

    duck_json, _ = timed(duck_read, 5)

    text = io.StringIO()
    text.write("Symbol,Time,Open,High,Low,Close,Volume\n")
    order = ["symbol", "time", "Open", "High", "Low", "Close", "Volume"]
    long[order].to_csv(text, header=False, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    csv = text.getvalue().encode()
    ours_write, (_, reply) = timed(lambda: request("POST", "/api/dms/import", csv))
    assert json.loads(reply)["added"] == total, reply
    body = json.dumps({"symbols": names, "start_date": start, "end_date": end})
    peak = rss()
    firsts = []

    def ours_read():
        first, reply = request("POST", "/api/dms/read/batch", body)
        firsts.append(first)
        return reply

    ours_json, got = timed(ours_read, 5)
    got, expected = json.loads(got), json.loads(expected)
    assert got.keys() == expected.keys()
    for name in names:
        assert [b["Close"] for b in got[name]["data"]] == [b["Close"] for b in expected[name]["data"]], name
        assert [b["time"] for b in got[name]["data"]] == [b["time"] for b in expected[name]["data"]], name

    print(f"{total:,} bars; the read is of {sum(len(v['data']) for v in got.values()):,} in {READ} symbols")
    say("ingest (ours: CSV over HTTP, durable)", ours_write, {"ArcticDB": arctic_write, "DuckDB/Parquet": duck_write})
    say("batch read to JSON (ours: over HTTP)", ours_json, {"ArcticDB+orjson": arctic_json, "DuckDB+orjson": duck_json})
    say("  first byte", statistics.median(firsts), {})
    everything = json.dumps({"symbols": list(data), "start_date": "1990-01-01", "end_date": end})
    took, (first, reply) = timed(lambda: request("POST", "/api/dms/read/batch", everything))
    print(f"batch read of everything: {len(reply) / 1e6:.0f} MB in {took:.2f} s, first byte after {first * 1000:.1f} ms")
    print(f"peak RSS of the daemon: {peak / 1e6:.0f} MB after the import, {rss() / 1e6:.0f} MB after all reads")
    first, again = update(), update()
    print(f"incremental task over 10,000 symbols: {first:.2f} s the first time, {again:.2f} s where nothing is new")
    verified = json.loads(request("POST", "/api/v1/bars/verify", "{}")[1])
    print(f"bytes a bar: packed {verified['bytes'] / total:.2f}, file {size(SCRATCH / 'data') / total:.2f}, "
          f"ArcticDB {size(SCRATCH / 'arctic') / total:.2f}, Parquet {parquet.stat().st_size / total:.2f}")
    assert not verified["problems"], verified["problems"]


main()
