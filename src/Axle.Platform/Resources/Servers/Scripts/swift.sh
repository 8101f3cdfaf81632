#!/bin/sh
# swift.sh: writes the settings of OpenStack Swift, then becomes it (see swift_parts.py) with its data in the volume.
# PORT is where its proxy listens; /run/secrets/master is what access keys are made from (see swift_keys.py).
set -eu
umask 077
parts=$PWD
mkdir -p /data/settings /data/devices/disk /data/cache
cd /data/settings

# Swift finds an object by a hash of its name and these words, so they stay what they were.
if [ ! -s swift.conf ]; then
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '[swift-hash]\nswift_hash_path_prefix = %s\nswift_hash_path_suffix = %s\n' "$word" "$word" >swift.conf.new
    sync swift.conf.new
    mv swift.conf.new swift.conf
fi

# A part is one process: what it does for several at once, it does in turns.
common() {
    cat <<END
[DEFAULT]
user = $(id -un)
swift_dir = /data/settings
devices = /data/devices
mount_check = false
workers = 0
log_level = WARNING
recon_cache_path = /data/cache
bind_ip = 127.0.0.1
bind_port = $1
END
}

# The parts behind the proxy; the numbers are those in swift_parts.py, and nothing listens on such a port.
number=6200
for kind in object container account; do
    {
        common $number
        printf '[pipeline:main]\npipeline = %s-server\n[app:%s-server]\nuse = egg:swift#%s\n' $kind $kind $kind
        printf '[%s-replicator]\n[%s-updater]\n' $kind $kind
    } >$kind-server.conf
    number=$((number + 1))
done

{
    common "$PORT"
    cat <<END
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck bulk whole clients s3api keys copy account-quotas slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
expose_info = false
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:bulk]
use = egg:swift#bulk
[filter:whole]
paste.filter_factory = swift_keys:whole_factory
[filter:clients]
paste.filter_factory = swift_clients:filter_factory
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
auth_pipeline_check = false
[filter:keys]
paste.filter_factory = swift_keys:keys_factory
keys_file = /data/keys.json
master_file = /run/secrets/master
[filter:copy]
use = egg:swift#copy
[filter:account-quotas]
use = egg:swift#account_quotas
[filter:slo]
use = egg:swift#slo
END
} >proxy-server.conf

# The sandbox mounts the parts read-only.
export PYTHONPATH="$parts" PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$parts/swift_parts.py"
