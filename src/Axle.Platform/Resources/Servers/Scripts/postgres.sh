#!/bin/sh
# postgres.sh BIN: makes the cluster when the volume is empty, then becomes PostgreSQL.
# PORT is where it listens; ADMIN_VERIFIER is what the administrator's password is checked against (never the password).
set -eu
bin=$1
data=/data/pg
archive=/data/wal
umask 077
mkdir -p "$archive"
rm -rf /data/new
if [ ! -s "$data/PG_VERSION" ]; then
    # Aside and moved, so that a kill in between leaves no half-made cluster.
    "$bin/initdb" -D /data/new -U axle --auth=trust --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-sync >/data/initdb.log 2>&1 ||
        { cat /data/initdb.log >&2; exit 1; }
    printf "ALTER ROLE axle PASSWORD '%s';\n" "$ADMIN_VERIFIER" | "$bin/postgres" --single -D /data/new postgres >/data/initdb.log 2>&1 ||
        { cat /data/initdb.log >&2; exit 1; }
    sync -f /data/new
    mv /data/new "$data"
fi
# At every start, so that servers made by an earlier version get it too. Physical copies are the administrator's only.
printf '%s\n' 'host all all 127.0.0.1/32 scram-sha-256' 'host replication axle 127.0.0.1/32 scram-sha-256' >"$data/pg_hba.conf.new"
mv "$data/pg_hba.conf.new" "$data/pg_hba.conf"
# Its log may be read by whoever may read logs: it holds neither statements nor rows.
exec "$bin/postgres" -D "$data" -c "port=$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=200 -c shared_buffers=128MB -c password_encryption=scram-sha-256 -c log_statement=none -c log_min_error_statement=panic -c log_error_verbosity=terse \
    -c wal_level=replica -c archive_mode=on -c archive_timeout=60 \
    -c "archive_command=test -f $archive/%f.gz || { gzip -1 -c %p >$archive/%f.part && sync $archive/%f.part && mv $archive/%f.part $archive/%f.gz; }" \
    -c shared_preload_libraries=pg_stat_statements -c timezone=UTC -c log_timezone=UTC -c log_destination=stderr -c logging_collector=off
