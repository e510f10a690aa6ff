/* Reads the clock, and converts moments to and from text. */
#include "base/clock.h"

#include <ctype.h>
#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND * US_PER_MS + now.tv_nsec / 1000;
}

int64_t clock_now(void)
{
    return clock_floor_div(read_us(CLOCK_REALTIME), US_PER_MS);
}

int64_t clock_monotonic(void)
{
    return read_us(CLOCK_MONOTONIC) / US_PER_MS;
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

int64_t clock_thread_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

/*
 * Convert a date of the Gregorian calendar to days since the epoch, and back. The formulas are from
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days).
 * They count years from March, so that a leap day is the last day of its year.
 */
static int64_t day_of_date(int year, int month, int day)
{
    /* 400 years more, so that no number is negative: then divisions are fast. */
    unsigned y = (unsigned)(month <= 2 ? year + 399 : year + 400);
    unsigned day_of_year = (unsigned)((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1);

    return (int64_t)(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) - 719468 - 146097;
}

static void date_of_day(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = clock_floor_div(z, 146097);
    unsigned day_of_era = (unsigned)(z - era * 146097); /* short, because divisions are fast then */
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned mp = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* Writes the two digits of a number below 100, and returns their end. */
static char *put_two(char *at, unsigned number)
{
    at[0] = (char)('0' + number / 10);
    at[1] = (char)('0' + number % 10);
    return at + 2;
}

/* Writes a number with at least this many digits, and returns its end. This is faster than
 * snprintf, which matters for the timestamps of ten thousand rows. */
static char *put_number(char *at, int digits, int64_t number)
{
    int64_t tens = 10;
    int n = 1;

    for (; n < digits || number >= tens; n++)
        tens *= 10;
    for (int i = n - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + n;
}

static char *write_date(int64_t days, char *at)
{
    int64_t year;
    int month, day;

    date_of_day(days, &year, &month, &day);
    if (year < 0)
        *at++ = '-';
    if (year >= 0 && year < 10000)
        at = put_two(put_two(at, (unsigned)year / 100), (unsigned)year % 100);
    else
        at = put_number(at, year < 0 ? 3 : 4, year < 0 ? -year : year);
    *at++ = '-';
    at = put_two(at, (unsigned)month);
    *at++ = '-';
    return put_two(at, (unsigned)day);
}

static char *write_date_and_time(int64_t ms, char *at)
{
    int64_t days = clock_floor_div(ms, MS_PER_DAY);
    unsigned second = (unsigned)(ms - days * MS_PER_DAY) / MS_PER_SECOND;

    at = write_date(days, at);
    *at++ = 'T';
    at = put_two(at, second / 3600);
    *at++ = ':';
    at = put_two(at, second / 60 % 60);
    *at++ = ':';
    return put_two(at, second % 60);
}

/* Returns the length. */
static size_t end_text(char *at, const char *text)
{
    *at = '\0';
    return (size_t)(at - text);
}

size_t clock_write_ms(int64_t ms, char text[CLOCK_TEXT_MAX])
{
    unsigned within = (unsigned)(ms - clock_floor_div(ms, MS_PER_SECOND) * MS_PER_SECOND);
    char *at = write_date_and_time(ms, text);

    *at++ = '.';
    *at++ = (char)('0' + within / 100);
    at = put_two(at, within % 100);
    *at++ = 'Z';
    return end_text(at, text);
}

size_t clock_write_seconds(int64_t ms, char text[CLOCK_TEXT_MAX])
{
    char *at = write_date_and_time(ms, text);

    *at++ = 'Z';
    return end_text(at, text);
}

size_t clock_write_day(int64_t day, char text[CLOCK_TEXT_MAX])
{
    return end_text(write_date(day, text), text);
}

/* The part of a text that is not read yet. */
struct clock_reader {
    const char *at, *end;
};

static bool read_char(struct clock_reader *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

/* Reads exactly this many digits as a number; false if there are fewer. */
static bool read_digits(struct clock_reader *in, int digits, int *number)
{
    int n = 0;

    if (in->end - in->at < digits)
        return false;
    for (int i = 0; i < digits; i++, in->at++) {
        if (*in->at < '0' || *in->at > '9')
            return false;
        n = n * 10 + (*in->at - '0');
    }
    *number = n;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool find_day(int year, int month, int day, int64_t *days)
{
    if (month < 1 || month > 12 || day < 1 || (day > 28 && day > days_in_month(year, month)))
        return false;
    *days = day_of_date(year, month, day);
    return true;
}

static bool read_date(struct clock_reader *in, int64_t *days)
{
    int year, month, day;

    return read_digits(in, 4, &year) && read_char(in, '-') && read_digits(in, 2, &month) &&
           read_char(in, '-') && read_digits(in, 2, &day) && find_day(year, month, day, days);
}

/*
 * Reads eight bytes of a timestamp at once, because a rebuild reads millions of them. Each must be
 * a digit if the pattern has a '0', and else the pattern's byte; if not, sets the highest bit of a
 * byte of *wrong. Returns in each byte, the lowest one first, the number that the digit there makes
 * with the next one; what is no digit counts as 0.
 */
static inline uint64_t read_pairs(const char *text, const char *pattern, uint64_t *wrong)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t bytes, expected, digits, others, up_to_max;

    memcpy(&bytes, text, sizeof bytes);
    memcpy(&expected, pattern, sizeof expected);
    digits = bytes ^ expected;

    /* What makes the highest digit, or a byte that is equal, 0x7f. */
    others = ((expected ^ each * '0') + each * 0x7f) >> 7 & each;
    up_to_max = each * (0x7f - 9) + others * 9;
    *wrong |= digits | (digits + up_to_max);
    digits = le64toh(digits);
    return digits * 10 + (digits >> 8);
}

/* The number of the two digits at this byte. */
static int two_digits(uint64_t pairs, unsigned at)
{
    return (int)(pairs >> at * 8 & 0xff);
}

int clock_read_ms(const char *text, size_t size, int64_t *ms)
{
    uint64_t wrong = 0, date, time, second;
    int64_t days;

    if (size != strlen("0000-00-00T00:00:00.000Z"))
        return -1;
    date = read_pairs(text, "0000-00-", &wrong);
    time = read_pairs(text + 8, "00T00:00", &wrong);
    second = read_pairs(text + 16, ":00.000Z", &wrong);
    if (wrong & UINT64_C(0x8080808080808080) ||
        !find_day(two_digits(date, 0) * 100 + two_digits(date, 2), two_digits(date, 5),
                  two_digits(time, 0), &days) ||
        two_digits(time, 3) > 23 || two_digits(time, 6) > 59 || two_digits(second, 1) > 59)
        return -1;
    *ms = days * MS_PER_DAY + two_digits(time, 3) * MS_PER_HOUR +
          two_digits(time, 6) * MS_PER_MINUTE + two_digits(second, 1) * MS_PER_SECOND +
          two_digits(second, 3) * 100 + two_digits(second, 5);
    return 0;
}

int clock_read_day(const char *text, size_t size, int64_t *day)
{
    struct clock_reader in = {text, text + size};

    return read_date(&in, day) && in.at == in.end ? 0 : -1;
}
