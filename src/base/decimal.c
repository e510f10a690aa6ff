/* Compares decimal numbers without rounding them. */
#include "base/decimal.h"

#include <assert.h>
#include <stdint.h>

static const int64_t EXPONENT_MAX = 100000000000000000;

/* A number is 0.DDD x 10^exponent. The first digit is not 0. */
struct decimal {
    bool is_negative;
    const char *digits, *end; /* with perhaps a point among them; equal: the number is zero */
    int64_t exponent;
};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Reads the exponent at an 'e'. Returns the byte after it; NULL: there is none. */
static const char *read_exponent(const char *at, const char *end, int64_t *exponent)
{
    bool is_negative = ++at < end && *at == '-';

    at += at < end && (*at == '-' || *at == '+');
    if (!is_digit(at, end))
        return NULL;
    for (; is_digit(at, end); at++) {
        *exponent = 10 * *exponent + (*at - '0');
        if (*exponent > EXPONENT_MAX)
            *exponent = EXPONENT_MAX;
    }
    if (is_negative)
        *exponent = -*exponent;
    return at;
}

/* Removes the zeros at the start. The first digit gives the magnitude. */
static void normalise(struct decimal *number)
{
    bool after_point = false;

    for (const char *at = number->digits; at < number->end; at++) {
        after_point = after_point || *at == '.';
        number->exponent += !after_point;
    }
    for (after_point = false; number->digits < number->end; number->digits++) {
        if (*number->digits != '.' && *number->digits != '0')
            break;
        number->exponent -= *number->digits == '0';
    }
}

static bool read_number(const char *at, size_t size, struct decimal *number)
{
    const char *end = at + size;
    size_t n_digits = 0;

    *number = (struct decimal){.is_negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    number->digits = at;
    for (; is_digit(at, end); at++)
        n_digits++;
    at += at < end && *at == '.';
    for (; is_digit(at, end); at++)
        n_digits++;
    number->end = at;
    if (at < end && (*at == 'e' || *at == 'E'))
        at = read_exponent(at, end, &number->exponent);
    if (n_digits == 0 || at != end)
        return false;
    normalise(number);
    return true;
}

bool decimal_is(const char *text, size_t size)
{
    struct decimal number;

    return read_number(text, size, &number);
}

/* The digit at *at, which moves on; 0 after the last one. */
static char next_digit(const char **at, const char *end)
{
    if (*at < end && **at == '.')
        ++*at;
    return *at < end ? *(*at)++ : '0';
}

/* Compares the sizes of two numbers that are not zero, whatever their signs. */
static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
    const char *at = a->digits, *other = b->digits;

    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    while (at < a->end || other < b->end) {
        char digit = next_digit(&at, a->end), other_digit = next_digit(&other, b->end);

        if (digit != other_digit)
            return digit < other_digit ? -1 : 1;
    }
    return 0;
}

/* -1, 0 or 1. */
static int sign_of(const struct decimal *number)
{
    return number->digits == number->end ? 0 : number->is_negative ? -1 : 1;
}

int decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    struct decimal one, other;
    bool valid = read_number(a, a_size, &one) && read_number(b, b_size, &other);
    int sign;

    assert(valid);
    sign = valid ? sign_of(&one) : 0;
    if (sign != sign_of(&other))
        return sign < sign_of(&other) ? -1 : 1;
    return sign * (sign ? compare_sizes(&one, &other) : 0);
}
