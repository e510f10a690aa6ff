#!/bin/sh
# hardening.sh COMPILER [FLAG...]: prints the flags that make a program harder to exploit: those that
# the compiler accepts and that do not conflict with the given flags.
set -u

# _FORTIFY_SOURCE needs optimisation and breaks sanitizers. A level that is given is kept.
optimised=no fortify=yes pie=yes
for flag in "$@"; do
    case $flag in
    -O0) optimised=no ;;
    -O*) optimised=yes ;;
    -fsanitize=* | *_FORTIFY_SOURCE*) fortify=no ;;
    -no-pie | -fno-pie | -fno-PIE | -static*) pie=no ;;
    esac
done

# Prints the flags, one group a line, with the given level of _FORTIFY_SOURCE. A compiler may have a
# default level, which must be undefined first.
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

# Usually the compiler accepts all of them, and one call is enough. If not, try each group.
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
