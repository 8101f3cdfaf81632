#!/bin/sh
# import.sh BIN FILE ROLE: brings a file of pg_dump, or of SQL, into the database that the variables name; all of it or nothing.
set -eu
bin=$1
file=/app/$2
[ -r "$file" ] || file=$2
role=$3
if [ "$(head -c 5 "$file")" = PGDMP ]; then
    # Extensions are made by the claim's params; with the rights of an import they could not be.
    "$bin/pg_restore" --list "$file" | grep -vE '^[0-9]+; [0-9]+ [0-9]+ (EXTENSION -|COMMENT - EXTENSION) ' >/tmp/import.list
    exec "$bin/pg_restore" --single-transaction --exit-on-error --no-owner --no-acl --no-publications --no-subscriptions \
        --no-security-labels --no-tablespaces --role="$role" --use-list=/tmp/import.list --dbname="$PGDATABASE" "$file"
fi
exec "$bin/psql" --no-psqlrc --quiet --single-transaction --set=ON_ERROR_STOP=1 --no-password --file="$file" --output=/dev/null
