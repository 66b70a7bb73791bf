#!/bin/sh
# Starts the version of Till that `current` names. The first start of a version is a trial: where it cannot start, or cannot open
# the journal, the version before comes back by itself. Nothing in here depends on the version.
unset PYTHONPATH PYTHONHOME
here=$(dirname -- "$(readlink -f -- "$0")")
version=$(head -n 1 "$here/current")
if [ -f "$here/trial" ]; then
    if "$here/versions/$version/bin/python" -P -m till.probe --trial "$here/trial" >/dev/null; then
        rm -f "$here/trial"
    elif [ -f "$here/former" ]; then
        echo "Till $version does not start: back to $(head -n 1 "$here/former")." >&2
        echo "Till $version 不能启动，已恢复为 $(head -n 1 "$here/former")。" >&2
        cp "$here/former" "$here/current.new" && mv -f "$here/current.new" "$here/current" && rm -f "$here/trial"
        version=$(head -n 1 "$here/current")
    fi
fi
exec "$here/versions/$version/bin/python" -P -m till "$@"
