#!/bin/sh
# hardening.sh COMPILER [FLAG...]: the flags that make a program harder to misuse, as far as this
# compiler takes them and the flags that it is given anyway leave them open.
set -u

# FORTIFY is nothing without optimisation and harms sanitizers, and who says it himself has his way.
optimised=no fortify=yes pie=yes
for flag in "$@"; do
    case $flag in
    -O0) optimised=no ;;
    -O*) optimised=yes ;;
    -fsanitize=* | *_FORTIFY_SOURCE*) fortify=no ;;
    -no-pie | -fno-pie | -fno-PIE | -static*) pie=no ;;
    esac
done

# One a line. A compiler may come with a level of FORTIFY of its own, which is taken back first.
wanted() {
    [ $pie = no ] || echo -fPIE -pie
    printf '%s\n' -fstack-protector-strong -fstack-clash-protection \
        -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
    case $(uname -m) in x86_64 | i?86) echo -fcf-protection ;; esac
    [ $optimised$fortify != yesyes ] || echo "-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$1"
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$work/probe.c"

takes() {
    "$@" -Werror -o "$work/probe" "$work/probe.c" >/dev/null 2>&1
}

# The common case costs one process: all are taken.
# shellcheck disable=SC2046,SC2086 # the flags are words
for level in 3 2; do
    takes "$@" $(wanted $level) && echo $(wanted $level) && exit 0
done
chosen=
wanted 2 >"$work/wanted"
# shellcheck disable=SC2086 # the flags are words
while read -r flags; do
    takes "$@" $flags && chosen="$chosen $flags"
done <"$work/wanted"
echo "$chosen"
