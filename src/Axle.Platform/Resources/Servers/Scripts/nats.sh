#!/bin/sh
# nats.sh serve: writes the server's settings, then becomes NATS with its data in the volume.
# nats.sh user NAME: reads one user's line of the settings from its input and puts it in the place of the one before (no
# line takes the user away), and has the running server read its settings again. Users that stay the same stay connected.
# PORT is where it listens; ADMIN_HASH is what the administrator's password is checked against (never the password).
set -eu
umask 077
cd /data

users() {
    # Whole or not at all: the server may start at any moment.
    {
        echo 'users: ['
        for user in users/*.conf; do [ ! -f "$user" ] || cat "$user"; done
        echo ']'
    } >users.new
    sync users.new
    mv users.new users.conf
}

case $1 in
serve)
    mkdir -p users jetstream
    users
    cat >nats.conf <<END
listen: "127.0.0.1:$PORT"
server_name: "axle-$PORT"
pid_file: "/data/nats.pid"
max_payload: $PAYLOAD
$STREAMS
accounts {
  SYS { users: [ { user: axle, password: "$ADMIN_HASH" } ] }
  APP {
    $APP_STREAMS
    include "users.conf"
  }
}
system_account: SYS
END
    rm -f nats.pid
    exec nats-server --config /data/nats.conf
    ;;
user)
    cat >"users/$2.new"
    if [ -s "users/$2.new" ]; then mv "users/$2.new" "users/$2.conf"; else rm -f "users/$2.new" "users/$2.conf"; fi
    users
    kill -HUP "$(cat nats.pid)"
    ;;
esac
