#!/bin/sh
# mariadb.sh: makes the system tables when the volume is empty, then becomes MariaDB.
# PORT is where it listens; ADMIN_HASH is what the administrator's password is checked against (never the password).
set -eu
umask 077
data=/data/mariadb
rm -rf /data/new
if [ ! -d "$data" ]; then
    # Aside and moved, so that a kill in between leaves no half-made tables. Nobody but the administrator can log in.
    mkdir /data/new
    cat >/data/first.sql <<END
DELETE FROM mysql.global_priv WHERE User <> 'mariadb.sys';
DELETE FROM mysql.proxies_priv;
FLUSH PRIVILEGES;
CREATE USER axle@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING '$ADMIN_HASH';
GRANT ALL PRIVILEGES ON *.* TO axle@'127.0.0.1' WITH GRANT OPTION;
END
    mariadb-install-db --no-defaults --datadir=/data/new --auth-root-authentication-method=socket --skip-test-db \
        --skip-name-resolve --extra-file=/data/first.sql >/data/install.log 2>&1 ||
        { cat /data/install.log >&2; exit 1; }
    rm /data/first.sql
    sync -f /data/new
    mv /data/new "$data"
fi
exec mariadbd --no-defaults --datadir="$data" --port="$PORT" --bind-address=127.0.0.1 --socket=/data/mariadb.sock --pid-file=/data/mariadb.pid \
    --tmpdir=/tmp --skip-name-resolve --skip-log-bin --local-infile=0 --skip-symbolic-links --max-connections=200 --extra-max-connections=2 \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci --innodb-buffer-pool-size=128M --innodb-log-file-size=48M \
    --performance-schema=OFF --default-time-zone=+00:00
