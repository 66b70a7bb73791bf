#!/bin/sh
# Set up a till from this folder, without a network:  sh install.sh --root 0123456789abcdef --name 01号机
here=$(dirname -- "$(readlink -f -- "$0")")
which='import sys, venv; sys.version_info < (3, 11) and sys.exit(1); print("cp%d%d" % sys.version_info[:2])'
for python in python3 python3.14 python3.13 python3.12 python3.11; do
    tag=$("$python" -c "$which" 2>/dev/null) || continue
    # Some wheels are for one Python alone: it must be one that this stick has them for.
    case "$(ls "$here/wheels")" in
        *-"$tag-$tag"-*) ;;
        *-cp3[0-9]*-cp3[0-9]*) continue ;;
    esac
    cd / && PYTHONPATH="$here/installer" exec "$python" -B -s -P -m till.installer.install "$here" "$@"
done
echo "No Python 3.11 or newer for which this stick was made (apt install python3; wheels/ says which)." >&2
echo "没有适合此安装盘的 Python（3.11 或更新；apt install python3，版本见 wheels/）。" >&2
exit 2
