#ifndef CMOCKA_ALL_H
#define CMOCKA_ALL_H

/* cmocka.h with what it wants included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
