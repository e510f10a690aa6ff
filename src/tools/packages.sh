#!/bin/sh
# packages.sh SET [install]: makes sure that the system packages of a set are installed.
#
# The sets: build (to build the program), demo (the same), test (to run make check), browser (to run
# make browser), ci (to run .ci/run, except for its browser tests), fuzz, bench and coverage (to run
# the target of that name).
#
# With "install", missing packages are installed on Debian and systems derived from it, as root or
# with a sudo that needs no password. Without it, or elsewhere, their names are printed in one line
# and the exit status is 1.
set -u

set_name=${1:-build}
install=${2:-}

# A row for each need: how to find it, and its package for apt, dnf, apk, pacman and brew ("-" if the
# system includes it).
build_needs='
compiler                gcc                   gcc                gcc            gcc               gcc
command:make            make                  make               make           make              make
command:pkg-config      pkg-config            pkgconf-pkg-config pkgconf        pkgconf           pkgconf
header:stdio.h          libc6-dev             glibc-devel        musl-dev       glibc             -
pc:libcurl              libcurl4-openssl-dev  libcurl-devel      curl-dev       curl              curl
pc:libcares             libc-ares-dev         c-ares-devel       c-ares-dev     c-ares            c-ares
pc:yaml-0.1             libyaml-dev           libyaml-devel      yaml-dev       libyaml           libyaml
pc:sqlite3              libsqlite3-dev        sqlite-devel       sqlite-dev     sqlite            sqlite
pc:openssl              libssl-dev            openssl-devel      openssl-dev    openssl           openssl@3
pc:jansson              libjansson-dev        jansson-devel      jansson-dev    jansson           jansson
pc:libpcre2-8           libpcre2-dev          pcre2-devel        pcre2-dev      pcre2             pcre2
pc:zlib                 zlib1g-dev            zlib-devel         zlib-dev       zlib              zlib
pc:libzstd              libzstd-dev           libzstd-devel      zstd-dev       zstd              zstd
file:authorities        ca-certificates       ca-certificates    ca-certificates ca-certificates  ca-certificates
'
test_needs='
pc:libbrotlidec         libbrotli-dev         brotli-devel       brotli-dev     brotli            brotli
pc:cmocka               libcmocka-dev         libcmocka-devel    cmocka-dev     cmocka            cmocka
command:zstd            zstd                  zstd               zstd           zstd              zstd
command:nginx           nginx-light           nginx              nginx          nginx             nginx
command:openssl         openssl               openssl            openssl        openssl           openssl@3
command:tinyproxy       tinyproxy-bin         tinyproxy          tinyproxy      tinyproxy         tinyproxy
command:microsocks      microsocks            microsocks         microsocks     microsocks        microsocks
command:ip              iproute2              iproute            iproute2       iproute2          -
command:nft             nftables              nftables           nftables       nftables          -
file:zones              tzdata                tzdata             tzdata         tzdata            -
python:jsonschema       python3-jsonschema    python3-jsonschema py3-jsonschema python-jsonschema python-jsonschema
'
browser_needs='
command:chromium        chromium              chromium           chromium       chromium          chromium
command:node            nodejs                nodejs             nodejs         nodejs            node
command:npm             npm                   nodejs-npm         npm            npm               node
command:w3m             w3m                   w3m                w3m            w3m               w3m
command:lynx            lynx                  lynx               lynx           lynx              lynx
'
coverage_needs='
command:gcovr           gcovr                 gcovr              gcovr          gcovr             gcovr
'
bench_needs='
command:nginx           nginx-light           nginx              nginx          nginx             nginx
command:openssl         openssl               openssl            openssl        openssl           openssl@3
command:mkfs.ext4       e2fsprogs             e2fsprogs          e2fsprogs      e2fsprogs         -
command:setpriv         util-linux            util-linux         setpriv        util-linux        -
'
fuzz_needs='
command:clang           clang                 clang              clang          clang             llvm
fuzzer                  libclang-rt-dev       compiler-rt        compiler-rt    compiler-rt       llvm
'
ci_needs='
command:gcc             gcc                   gcc                gcc            gcc               gcc
command:clang           clang                 clang              clang          clang             llvm
sanitizers              libclang-rt-dev       compiler-rt        compiler-rt    compiler-rt       llvm
command:git             git                   git                git            git               git
command:promtool        prometheus            prometheus         prometheus     prometheus        prometheus
command:sendmail        dma                   dma                dma            dma               -
'

# Succeeds if one need is met.
has() {
    case $1 in
    compiler) compiler=${CC:-gcc} && command -v "${compiler%% *}" >/dev/null ;;
    sanitizers) echo 'int main;' | clang -fsanitize=address,undefined -w -x c -o /dev/null - 2>/dev/null ;;
    fuzzer)
        echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
            clang -fsanitize=fuzzer,address,undefined -w -x c -o /dev/null - 2>/dev/null
        ;;
    python:*)
        for python in /usr/bin/python3 python3; do
            "$python" -c "import ${1#python:}" 2>/dev/null && return 0
        done
        return 1
        ;;
    command:*) command -v "${1#command:}" >/dev/null || [ -x "/usr/sbin/${1#command:}" ] ;;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    header:*) [ -e "/usr/include/${1#header:}" ] || [ "$(uname)" = Darwin ] ;;
    file:zones) [ -e /usr/share/zoneinfo/Europe/Berlin ] ;;
    file:authorities)
        for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
            /etc/ssl/cert.pem /etc/ssl/certs/*; do
            [ -s "$file" ] && return 0
        done
        return 1
        ;;
    esac
}

# Looks for all libraries with one call of pkg-config, because usually all of them are installed.
libraries_are_there() {
    names=$(printf '%s\n' "$needs" | sed -n 's/^pc:\([^ ]*\).*/\1/p')
    # shellcheck disable=SC2086 # the names are words
    pkg-config --exists $names 2>/dev/null
}

find_missing() {
    missing=
    all_libraries=no
    libraries_are_there && all_libraries=yes
    while read -r need apt dnf apk pacman brew; do
        case $need in
        '') continue ;;
        pc:*) [ $all_libraries = yes ] && continue ;;
        esac
        has "$need" || missing="$missing$apt $dnf $apk $pacman $brew
"
    done <<EOT
$needs
EOT
}

# Prints the missing packages of one column, in one line.
column() {
    printf '%s' "$missing" | awk -v n="$1" '$n != "-" && !seen[$n]++ { printf "%s%s", sep, $n; sep = " " }'
}

name_missing() {
    echo "missing packages: apt: $(column 1) | dnf: $(column 2) | apk: $(column 3)" \
        "| pacman: $(column 4) | brew: $(column 5)" >&2
    exit 1
}

# Runs a command as root; fails if sudo would ask for a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

apt_can_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# Prints the missing packages that apt knows. A package that a release does not have is part of
# another one there.
known_to_apt() {
    for package in $(column 1); do
        apt-cache show "$package" >/dev/null 2>&1 && printf '%s ' "$package"
    done
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q -q >&2
    packages=$(known_to_apt)
    echo "installing $packages"
    # shellcheck disable=SC2086 # the packages are words
    as_root apt-get install -q -y --no-install-recommends $packages >&2
}

case $set_name in
build) needs=$build_needs ;;
demo) needs=$build_needs ;;
test) needs=$build_needs$test_needs ;;
bench) needs=$build_needs$bench_needs ;;
coverage) needs=$build_needs$test_needs$coverage_needs ;;
fuzz) needs=$build_needs$fuzz_needs ;;
browser) needs=$build_needs$browser_needs ;;
ci) needs=$build_needs$test_needs$bench_needs$ci_needs ;;
*)
    echo "usage: packages.sh build|demo|test|ci|fuzz|bench|browser|coverage [install]" >&2
    exit 64
    ;;
esac

find_missing
[ -z "$missing" ] && exit 0
if [ "$install" = install ] && apt_can_install; then
    apt_install
    find_missing
    [ -z "$missing" ] && exit 0
fi
name_missing
