#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decimal numbers as texts of any length: "-12", "0.50", "1e400". They are compared digit by digit,
 * so none is rounded. An exponent beyond 10^17 counts as 10^17.
 */

/* Whether the bytes are a number: digits, perhaps with a sign, a point and an exponent. */
bool decimal_is(const char *text, size_t size);

/* Compares two numbers. Less than, equal to or greater than 0. */
int decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size);

#endif
