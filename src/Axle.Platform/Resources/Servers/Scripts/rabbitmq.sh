#!/bin/sh
# rabbitmq.sh: writes the broker's settings, then becomes RabbitMQ with its data in the volume.
# AMQP_PORT, ADMIN_PORT, NODE_PORT and NAMES_PORT are its ports; ADMIN_HASH is what the administrator's password is checked
# against (never the password).
set -eu
umask 077
mkdir -p /data/home /data/mnesia
cd /data
export HOME=/data/home
if [ ! -s home/.erlang.cookie ]; then
    # Whoever has it may do everything to the broker.
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >cookie.new
    chmod 400 cookie.new
    mv cookie.new home/.erlang.cookie
fi
cat >definitions.json <<END
{"users":[{"name":"axle","password_hash":"$ADMIN_HASH","hashing_algorithm":"rabbit_password_hashing_sha256","tags":["administrator"],"limits":{}}]}
END
cat >rabbitmq.conf <<END
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
management.tcp.ip = 127.0.0.1
management.tcp.port = $ADMIN_PORT
management.load_definitions = /data/definitions.json
vm_memory_high_watermark.absolute = $MEMORY
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.file = false
END
echo '[rabbitmq_management].' >plugins

# The node's name is made of the machine's as the sandbox knows it, and must stay the same for its data to be found.
export RABBITMQ_NODENAME=axle@localhost RABBITMQ_MNESIA_BASE=/data/mnesia RABBITMQ_LOG_BASE=/data RABBITMQ_CONFIG_FILE=/data/rabbitmq \
    RABBITMQ_ENABLED_PLUGINS_FILE=/data/plugins RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ADVANCED_CONFIG_FILE=/data/none RABBITMQ_PID_FILE=/data/pid \
    RABBITMQ_DIST_PORT="$NODE_PORT" ERL_EPMD_PORT="$NAMES_PORT" ERL_EPMD_ADDRESS=127.0.0.1 ERL_MAX_PORTS=4096 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none' \
    RUNNING_UNDER_SYSTEMD=true
exec /usr/lib/rabbitmq/bin/rabbitmq-server
