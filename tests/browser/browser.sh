#!/bin/sh
# browser.sh [quick]: sees to it that there is a browser and what drives it, and runs run.mjs. Where
# they cannot be had it says so, and fails where $CI is true. npm's packages go to $BROWSER_MODULES;
# their install is all that asks the network.
set -u
here=$(dirname "$0")

skip()
{
    echo "browser: skipped: $*"
    [ "${CI:-}" != true ]
    exit
}

install()
{
    mkdir -p "$BROWSER_MODULES" && cd "$BROWSER_MODULES" || return 1
    PUPPETEER_SKIP_DOWNLOAD=1 npm install --no-audit --no-fund --ignore-scripts --no-package-lock \
        --loglevel=error --no-update-notifier >install.log 2>&1
}

sh "$here/../../src/tools/packages.sh" browser install || skip "there is no browser"
if ! cmp -s "$here/package.json" "$BROWSER_MODULES/installed.json"; then
    mkdir -p "$BROWSER_MODULES" && cp "$here/package.json" "$BROWSER_MODULES/package.json"
    (install) || skip "npm cannot install its packages: see $BROWSER_MODULES/install.log"
    cp "$here/package.json" "$BROWSER_MODULES/installed.json"
fi
exec node "$here/run.mjs" "$@"
