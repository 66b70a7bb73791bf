#!/bin/sh
# Set up a till from this folder, without a network:  sh install.sh --root 0123456789abcdef --name 01号机
here=$(dirname -- "$(readlink -f -- "$0")")
for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        cd / && PYTHONPATH="$here/installer" exec "$python" -B -s -P -m till.installer.install "$here" "$@"
    fi
done
echo "Python 3.11 or newer is needed: apt install python3" >&2
echo "需要 Python 3.11 或更新版本：apt install python3" >&2
exit 2
