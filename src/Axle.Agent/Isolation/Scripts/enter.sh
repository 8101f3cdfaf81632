#!/bin/sh
# enter.sh VARIABLES FOLDER COMMAND...
# The last step, with the rights of the application: takes over its variables and becomes it.
umask 022
. "$1"
cd "$2" || { echo "axle: the working folder $2 is not there" >&2; exit 126; }
shift 2
exec "$@"
