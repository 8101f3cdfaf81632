#!/bin/sh
# join.sh COUNT CGROUP... COMMAND...
# Moves itself into control groups, then becomes the command. The limits hold before its first instruction.
count=$1
shift
while [ "$count" -gt 0 ]; do
    echo 0 >"$1/cgroup.procs" || { echo "axle: cannot join the control group $1" >&2; exit 126; }
    shift
    count=$((count - 1))
done
exec "$@"
