/* Reads Retry-After, from a response and from the failure text of a record. */
#include "model/retry_after.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOWN_MAX_S = 999999999, DIGITS_MAX = 9 };

/* Reads decimal digits. Returns the number, at most SHOWN_MAX_S, or -1 if there are other bytes. */
static int read_number(const char *digits, size_t size)
{
    int64_t number = 0;

    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)digits[i]))
            return -1;
        if (number < SHOWN_MAX_S)
            number = number * 10 + digits[i] - '0';
    }
    if (size == 0)
        return -1;
    return number > SHOWN_MAX_S ? SHOWN_MAX_S : (int)number;
}

/* Reads a date in one of the three formats of RFC 9110. */
static bool read_date(const char *text, int64_t *ms)
{
    static const char *const formats[] = {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %d %H:%M:%S %Y"};

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm date = {.tm_mday = 0};
        const char *end = strptime(text, formats[i], &date);
        int day = date.tm_mday;

        if (!end || *end)
            continue;
        *ms = (int64_t)timegm(&date) * MS_PER_SECOND;

        /* timegm makes 3 March of 31 February. */
        return date.tm_mday == day;
    }
    return false;
}

bool retry_after_read(const char *value, size_t size, int64_t now_ms, int *seconds)
{
    char text[40];
    bool is_negative = size > 0 && *value == '-';
    int number = is_negative ? read_number(value + 1, size - 1) : read_number(value, size);
    int64_t ms, wait;

    if (number >= 0) {
        *seconds = is_negative ? 0 : number;
        return true;
    }
    if (size >= sizeof text)
        return false;
    memcpy(text, value, size);
    text[size] = '\0';
    if (strlen(text) != size || !read_date(text, &ms))
        return false;
    wait = ms <= now_ms ? 0 : (ms - now_ms + MS_PER_SECOND - 1) / MS_PER_SECOND;
    *seconds = wait > SHOWN_MAX_S ? SHOWN_MAX_S : (int)wait;
    return true;
}

int retry_after_wait(const char *failure)
{
    static const char kind[] = "http_status: ", begin[] = " (Retry-After ", end[] = " s)";
    const char *at = strncmp(failure, kind, sizeof kind - 1) == 0 ? strstr(failure, begin) : NULL;
    size_t digits;
    int seconds;

    if (!at)
        return 0;
    at += sizeof begin - 1;
    digits = strspn(at, "0123456789");
    if (digits > DIGITS_MAX || strcmp(at + digits, end) != 0)
        return 0;
    seconds = read_number(at, digits);
    if (seconds < 0)
        return 0;
    return seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds;
}

int64_t retry_after_until(int64_t end_ms, const char *failure)
{
    int seconds = retry_after_wait(failure);

    return seconds > 0 ? end_ms + (int64_t)seconds * MS_PER_SECOND : 0;
}
