#!/bin/sh
# Goal of this test: the program is built to be hard to exploit.
# - the binary: position-independent, read-only after relocation with all symbols bound at start, no
#   executable stack, guarded and probed stacks, checked copies, landing pads for jumps on x86;
# - the flags of a packager replace them, without a warning.
# usage: hardening.sh UPTICK
set -u
uptick=$1
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
check()
{
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "hardening: $what"
    fi
}
has() { printf '%s\n' "$text" | grep -qE -e "$1"; }
has_not() { ! has "$1"; }

text=$(readelf -hldW "$uptick")
check "is position-independent (-pie)" has 'FLAGS_1.* PIE'
check "has a part that is made read-only (-z relro)" has GNU_RELRO
check "binds all symbols at start (-z now)" has 'FLAGS_1.* NOW'
check "has no executable stack (-z noexecstack)" has 'GNU_STACK.* RW '
text=$(readelf -W --dyn-syms "$uptick")
check "guards its stacks (-fstack-protector-strong)" has __stack_chk_fail
check "checks the bounds of copies (_FORTIFY_SOURCE)" has '__(memcpy|strcpy|snprintf)_chk'
case $(readelf -hW "$uptick" | sed -n 's/ *Machine: *//p') in
*X86-64)
    objdump -d --no-show-raw-insn "$uptick" >"$work/code"
    text=$(grep -A1 'sub  *$0x1000,%rsp' "$work/code")
    check "probes large stacks, a page at a time (-fstack-clash-protection)" \
        has '(orq|movq) +\$0x0,(0x0)?\(%rsp\)'
    text=$(grep -A1 '<main>:' "$work/code")
    check "has landing pads (-fcf-protection)" has endbr64
    ;;
*) echo "hardening: skipped: stack probes and landing pads, which are only known for x86-64" ;;
esac

# The flags, if a packager gives these.
cc=${CC:-gcc}
flags() { text=$(sh src/tools/hardening.sh $cc "$@"); }
flags -O2
check "FORTIFY is on if the code is optimised" has '_FORTIFY_SOURCE=[23]'
for given in -O0 '-O2 -O0' '-O1 -fsanitize=address' '-O2 -D_FORTIFY_SOURCE=2' '-O2 -U_FORTIFY_SOURCE'; do
    flags $given
    check "FORTIFY is off with $given" has_not _FORTIFY_SOURCE
    check "the stack is guarded with $given" has -fstack-protector-strong
done
flags -O2 -static
check "a static program is not built with -pie" has_not -pie
# The flags that distributions use.
distribution='-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2'
flags $distribution
check "a file compiles with a distribution's flags" \
    $cc -Isrc -Wall -Wextra -Werror -D_DEFAULT_SOURCE $(echo "$text" | sed -e 's/-pie//' -e 's/-Wl,[^ ]*//g') $distribution \
    -c -o "$work/error.o" src/base/error.c
echo "hardening: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
