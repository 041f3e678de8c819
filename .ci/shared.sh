# What the scripts here share: tools that have to be there, a folder that goes with the script, Python environments, and servers
# that end with it. Sourced in the folder of the checkout. Every message begins with the name of the script's folder.

name=$(cd "$OLDPWD" && basename "$(realpath "$(dirname "$0")")")
work=$(mktemp -d)
pids=()
clean_up() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT

fail() { echo "$name: $1" >&2; exit 1; }

# needs <tool>…: a tool that is missing is a failure, never a skip.
needs() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is missing"
  done
}

# venv [<requirements.txt>]: a Python environment in $work/venv, by default with the requirements of the script's folder.
venv() {
  needs python3 node
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "${1:-.ci/$name/requirements.txt}"
}

# quietly <log> <command>…: what the command prints, only if it fails.
quietly() {
  "${@:2}" >"$1" 2>&1 || { cat "$1" >&2; exit 1; }
}

free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(`${s.address().port}`); s.close(); })'
}

# await <what> <command>…: goes on once the command succeeds, while the last server runs, and for two minutes at most.
await() {
  for _ in $(seq 600); do
    if "${@:2}" 2>/dev/null; then return; fi
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.2
  done
  cat "$work/$1.log" >&2
  fail "$1 did not start"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

# serve <what> <port> <command>…: starts a server, and goes on once it listens on the port of 127.0.0.1.
serve() {
  "${@:3}" >"$work/$1.log" 2>&1 &
  pids+=($!)
  await "$1" listens "$2"
}
