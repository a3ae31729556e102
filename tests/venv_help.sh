#!/bin/sh
# Makes the virtual environment where Debian ships Python without its venv module.
python=$1 venv=$2
rm -rf "$venv"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    exec "$python" -m venv "$venv"
fi
echo "This Python cannot make a virtual environment. On Debian: sudo apt-get install python3-venv" >&2
exit 1
