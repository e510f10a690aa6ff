#!/bin/sh
# fetch_peers.sh FOLDER: downloads the Debian packages of the peers and unpacks them there, once. They
# are not installed, because one of them would start a service.
set -eu
folder=$1
packages="prometheus-blackbox-exporter monitoring-plugins-basic monitoring-plugins-standard liburiparser1"

[ ! -e "$folder/whole" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || exit 1
mkdir -p "$folder"
cd "$folder"
# shellcheck disable=SC2086 # the packages are words
apt-get -q -q download $packages 2>apt.log || { cat apt.log >&2; exit 1; }
for package in *.deb; do
    dpkg-deb -x "$package" .
done
touch whole
