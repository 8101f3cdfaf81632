#!/bin/sh
# recover.sh BIN NAME TIME: a scratch server that goes to a moment and stays there. PORT is where it listens; /app has the
# physical copy, /data/wal the archived log. It archives nothing itself, and takes nobody in before it has arrived.
set -eu
bin=$1
home=/data/recover/$2
umask 077
rm -rf "$home"
mkdir -p "$home/pg"
tar -xzf /app/base.tar.gz -C "$home/pg"
: >"$home/pg/recovery.signal"
exec "$bin/postgres" -D "$home/pg" -c "port=$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=200 -c shared_buffers=64MB -c archive_mode=off -c hot_standby=off -c fsync=off \
    -c "restore_command=test -f /data/wal/%f.gz && gunzip -c /data/wal/%f.gz >%p" \
    -c "recovery_target_time=$3" -c recovery_target_action=promote -c recovery_target_timeline=current \
    -c shared_preload_libraries=pg_stat_statements -c timezone=UTC -c log_timezone=UTC -c log_destination=stderr -c logging_collector=off
