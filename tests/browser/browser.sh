#!/bin/sh
# browser.sh SCRIPT [ARGUMENT...]: installs the npm packages of the browser tests into $BROWSER_MODULES
# and runs the script of this folder, such as run.mjs. The tests are skipped if there is no browser or npm cannot install; with CI=true they fail.
# Only the installation uses the network.
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

sh "$here/../../src/tools/packages.sh" browser install || skip "no browser"
if ! cmp -s "$here/package.json" "$BROWSER_MODULES/installed.json"; then
    mkdir -p "$BROWSER_MODULES" && cp "$here/package.json" "$BROWSER_MODULES/package.json"
    (install) || skip "npm could not install its packages; see $BROWSER_MODULES/install.log"
    cp "$here/package.json" "$BROWSER_MODULES/installed.json"
fi
script=$1
shift
exec node "$here/$script" "$@"
