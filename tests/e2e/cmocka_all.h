#ifndef CMOCKA_ALL_H
#define CMOCKA_ALL_H

/* cmocka.h, after the headers that it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
