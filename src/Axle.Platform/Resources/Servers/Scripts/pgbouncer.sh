#!/bin/sh
# pgbouncer.sh: writes the pooler's settings, then becomes PgBouncer.
# PORT is where it listens, SERVER_PORT where its PostgreSQL does, MODE is session or transaction, ROLE looks up who may log in;
# its password lies in /run/secrets/users. Users' own passwords are nowhere: whoever logs in here proves to know one, and with
# the same proof PgBouncer logs in at the server.
set -eu
umask 077
cat >/data/pgbouncer.ini <<END
[databases]
* = host=127.0.0.1 port=$SERVER_PORT
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $PORT
unix_socket_dir = /data
unix_socket_mode = 0700
auth_type = scram-sha-256
auth_file = /run/secrets/users
auth_user = $ROLE
auth_query = SELECT name, verifier FROM axle_pool.login(\$1)
pool_mode = $MODE
default_pool_size = $POOL_SIZE
max_client_conn = 2000
server_idle_timeout = 60
server_login_retry = 1
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
END
exec pgbouncer /data/pgbouncer.ini
