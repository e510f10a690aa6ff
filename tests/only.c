/* Linked into each test program: $ONLY, if set, is a pattern of the tests to run (`make one`). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void choose_tests(void)
{
    const char *only = getenv("ONLY");

    if (only && *only)
        cmocka_set_test_filter(only);
}
