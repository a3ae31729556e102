#!/bin/sh
# Installs Chromium for the browser tests where it is missing and can be installed.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as=""
    elif sudo -n true 2>/dev/null; then as="sudo -n"
    else as="no"
    fi
    if [ "$as" != no ]; then
        echo "Installing Chromium for the browser tests"
        $as apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            $as apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && exit 0
    fi
fi
echo "Chromium is missing and could not be installed: the browser tests will be skipped."
