#!/bin/sh
# redis.sh SETTINGS...: writes the list of users when there is none, then becomes Redis with its data in the volume.
# ADMIN_HASH is the SHA-256 of the administrator's password (never the password).
set -eu
umask 077
cd /data
if [ ! -s users.acl ]; then
    printf 'user default off\nuser axle on #%s ~* &* +@all\n' "$ADMIN_HASH" >users.new
    sync users.new
    mv users.new users.acl
fi
exec redis-server --bind 127.0.0.1 --dir /data --aclfile /data/users.acl --daemonize no --logfile '' "$@"
