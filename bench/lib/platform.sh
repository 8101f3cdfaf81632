# A platform of its own for one benchmark: sourced, never run. Everything is in a temporary folder and ends with the script.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for tool in jq curl git; do
    command -v "$tool" >/dev/null || { echo "bench: $tool is missing (apt-get install $tool)" >&2; exit 1; }
done

work=$(mktemp -d)
data=$work/data
export XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/share GIT_CONFIG_GLOBAL=$work/gitconfig
git config --file "$GIT_CONFIG_GLOBAL" user.name bench
git config --file "$GIT_CONFIG_GLOBAL" user.email bench@example.test
# Two free ports, held until both are known.
read -r port ingress_port < <(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
pids=()

axle() { "$root/axle" "$@"; }
say() { printf '%s\n' "$*" >&2; }
load() { cut -d' ' -f1-3 /proc/loadavg; }
now_us() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }
pid_of() { jq -r .pid "$data/run/$1.json"; }
rss_mb() { awk '/VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$1/status"; }
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

platform_up() { axle up --detach --data "$data" --port "$port" --ingress-port "$ingress_port" >"$work/up.log" 2>&1 || { cat "$work/up.log" >&2; exit 1; }; }

platform_cleanup() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    [ ! -d "$data/run" ] || axle down --data "$data" >"$work/down.log" 2>&1 || cat "$work/down.log" >&2
    [ -n "${KEEP:-}" ] && say "kept: $work" || rm -rf "$work"
}
trap platform_cleanup EXIT
trap 'exit 130' INT TERM

token() { cat "$data/admin.token"; }
api() { curl -fsS -H "Authorization: Bearer $(token)" "${@:2}" "http://127.0.0.1:$port$1"; }

# The service of a benchmark: from the template node-service, cloned to $work/NAME; pushes go to staging by themselves.
service() { (cd "$work" && axle create node-service "$1" --owner platform --clone >"$work/create.log" 2>&1) || { cat "$work/create.log" >&2; exit 1; }; }

bench=$root/artifacts/bin/Axle.Bench/release/axle-bench
build_bench() { [ -n "${SKIP_BUILD:-}" ] || dotnet build "$root/bench/Axle.Bench" -c Release -v q >&2; }
live() { "$bench" await "$ingress_port" "$1" "$2" "$3"; } # HOST PATH TEXT → the moment at which it answers so, in µs

percentile() { sort -g | awk -v p="$1" '{ v[NR] = $1 } END { i = int((NR * p + 99) / 100); if (i < 1) i = 1; print v[i] }'; }

# The service under load, as two releases that differ in one word: v2 and v3. It then serves v3.
two_releases() { # NAME
    service "$1"
    live "$1.staging.localhost" / 'Hello from' >/dev/null
    cp "$root/bench/lib/app.mjs" "$work/$1/src/main.js"
    rm -rf "$work/$1/test" "$work/$1/src/app.js"
    local version
    for version in 1 2; do
        sed -i "s/'version [0-9]*\.'/'version $version.'/" "$work/$1/src/main.js"
        git -C "$work/$1" add -A
        git -C "$work/$1" commit -qm "Version $version"
        git -C "$work/$1" push -q >"$work/push.log" 2>&1 || { cat "$work/push.log" >&2; exit 1; }
        live "$1.staging.localhost" / "version $version." >/dev/null
    done
}

# load_begin NAME FAST SLOW WEBSOCKETS, load_end: constant load; what failed is in $work/failures, the figures in $work/load.
load_begin() {
    mkfifo "$work/load.in"
    "$bench" load "$ingress_port" "$1.staging.localhost" "$2" "$3" "$4" <"$work/load.in" >"$work/load" 2>"$work/failures" &
    load_pid=$!
    pids+=("$load_pid")
    exec 8>"$work/load.in"
}
load_end() { exec 8>&-; wait "$load_pid"; }
load_figure() { tr ' ' '\n' <"$work/load" | sed -n "s/^$1=//p"; }
