# What the bench scripts share; sourced, not run. Everything lives in one scratch folder and goes with the script:
# servers by scripts/services (which knows their pids), the daemon by the pid we started it with.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
user=syncline password=syncline
binary=${SYNCLINE_BIN:-target/release/syncline}
scratch=''
daemon=''
servers=()

say() { printf '%s\n' "$*" >&2; }
die() { say "bench: $1"; exit "${2:-1}"; }

cleanup() {
  local dir
  if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; fi
  for dir in "${servers[@]}"; do scripts/services stop "$dir" >/dev/null 2>&1 || true; done
  if [ -n "$scratch" ] && [ "${keep:-0}" = 0 ]; then rm -rf "$scratch"; elif [ -n "$scratch" ]; then say "kept: $scratch"; fi
}

prepare() { # makes the scratch folder and sees that the tools are here
  [ -x "$binary" ] || die "there is no $binary: cargo build --release, or set SYNCLINE_BIN" 2
  command -v curl >/dev/null || die "curl is missing" 2
  scripts/services install mariadb bench
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/syncline-bench.XXXXXX")
  trap cleanup EXIT
  trap 'exit 130' INT TERM
}

# Room enough that the disk, not the buffer pool, is what both sides wait for; every commit is safe on disk.
server() { # NAME FLAG… -> starts a MariaDB (or $flavour) in $scratch/NAME; its port is in ${port[NAME]}
  local name=$1 log=(--innodb-log-file-size=256M)
  shift
  [ "${flavour:-mariadb}" = mariadb ] || log=(--innodb-redo-log-capacity=512M)
  port[$name]=$(scripts/services start "${flavour:-mariadb}" "$name" "$scratch/$name" --innodb-buffer-pool-size=512M "${log[@]}" \
    --innodb-flush-log-at-trx-commit=1 --sync-binlog=1 "$@")
  servers+=("$scratch/$name")
}
declare -A port

sql() { mariadb -h127.0.0.1 -P"${port[$1]}" -u$user -p$password -N -B -e "$2"; } # SERVER STATEMENTS

sysbench_on() { # SERVER ARGUMENT…
  local name=$1
  shift
  sysbench oltp_write_only --db-driver=mysql --mysql-host=127.0.0.1 --mysql-port="${port[$name]}" --mysql-user=$user \
    --mysql-password=$password --mysql-db=sb --tables="$tables" --table-size="$rows" --threads=2 --rand-seed=1 "$@" >"$scratch/sysbench.log" 2>&1 ||
    { tail -n 5 "$scratch/sysbench.log" >&2; die "sysbench failed"; }
}

now() { date +%s%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", (b - a) / 1e9 }'; } # FROM TO

await() { # SECONDS WHAT COMMAND… -> polls until the command succeeds
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || die "$what took too long"
    if [ -n "$daemon" ]; then kill -0 "$daemon" 2>/dev/null || die "the daemon died, see its log with --keep"; fi
    sleep 0.1
  done
}

checksums() { # SERVER -> one line per table
  local list
  list=$(sql "$1" "select group_concat(concat('sb.', table_name) order by table_name) from information_schema.tables where table_schema='sb'")
  sql "$1" "checksum table $list"
}

same() { # SERVER SERVER
  [ "$(checksums "$1")" = "$(checksums "$2")" ] || die "the data of $1 and $2 differ after the run"
}

start_daemon() { # ARGUMENT… -> $url
  "$binary" serve --listen 127.0.0.1:0 --data-dir "$scratch/state" "$@" >"$scratch/daemon.log" 2>&1 &
  daemon=$!
  await 30 "the daemon's start" listening
  url=http://$(head -n 1 "$scratch/state/serve.addr")
  await 30 "the daemon's readiness" curl -sf -o /dev/null "$url/readyz"
}
listening() { [ -s "$scratch/state/serve.addr" ]; }

connection() { # SERVER
  printf '{"mysql_host":"127.0.0.1","mysql_port":%s,"mysql_user":"%s","mysql_password":"%s"}' "${port[$1]}" $user $password
}

create_job() { # KIND SOURCE TARGET [MORE FIELDS OF src_task [TABLES OF sb]]
  local reply
  reply=$(curl -s "$url/v2/job/$1" -d "{\"job_name\":\"bench\",
    \"src_task\":{\"task_name\":\"src\",\"replicate_do_db\":[{\"table_schema\":\"sb\"${5:+,\"tables\":[$5]}}],\"mysql_connection_config\":$(connection "$2")${4:-}},
    \"dest_task\":{\"task_name\":\"dest\",\"mysql_connection_config\":$(connection "$3")}}")
  case $reply in *'"message":"ok"'*) ;; *) die "the job was refused: $reply" ;; esac
}

failed_job() { # fails the script when the job has failed
  local list
  list=$(curl -s "$url/v2/jobs")
  case $list in *'"job_status":"failed"'*) die "the job failed: $list" ;; esac
}

peak_rss() { awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$daemon/status"; }
