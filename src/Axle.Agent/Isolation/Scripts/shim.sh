#!/bin/sh
# shim.sh RUN EVENTS ID COMMAND...
# Stays beside one sandboxed process: keeps its output pipes open, writes down how it ended, and waits until an agent has
# taken the last lines. It outlives the agent. All paths come from the agent; nothing is interpreted.
run=$1 events=$2 id=$3
shift 3
trap : HUP INT TERM
exec </dev/null >/dev/null 2>&1 7<>"$run/out" 8<>"$run/err"
printf '%s\n' "$$" >"$run/shim.new" && mv -f "$run/shim.new" "$run/shim"
"$@" >&7 2>&8 7>&- 8>&- 9>"$run/sandbox"
code=$?
printf '%s\n' "$code" >"$run/exit.new" && mv -f "$run/exit.new" "$run/exit"
printf '%s\n' "$id" 1<>"$events"
read -r _ <"$run/release"
