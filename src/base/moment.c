/* Reads moments as people write them. */
#include "base/moment.h"

#include "base/clock.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */

enum {
    AMOUNT_DIGITS = 6, /* of "-2h" */
    SECONDS_DIGITS = 12,
    DATE_SIZE = 10,
    DAYS_PER_WEEK = 7,
    EPOCH_WEEKDAY = 3 /* a Thursday; Monday is 0 */
};

/* Moves past one character, in either case. */
static bool skip(const char **at, char expected)
{
    if (tolower((unsigned char)**at) != expected)
        return false;
    ++*at;
    return true;
}

static bool skip_word(const char **at, const char *word)
{
    size_t size = strlen(word);

    if (strncasecmp(*at, word, size) != 0)
        return false;
    *at += size;
    return true;
}

/* Reads a number of min to max digits. */
static bool read_number(const char **at, int min, int max, int64_t *number)
{
    int n = 0;

    for (*number = 0; n < max && isdigit((unsigned char)**at); n++, ++*at)
        *number = *number * 10 + (**at - '0');
    return n >= min;
}

/* Reads what follows '-': amounts with units, each smaller than the one before. */
static bool read_ago(const char *at, int64_t now_ms, int64_t *at_ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'w', (int64_t)DAYS_PER_WEEK * MS_PER_DAY},
                 {'d', MS_PER_DAY},
                 {'h', MS_PER_HOUR},
                 {'m', MS_PER_MINUTE},
                 {'s', MS_PER_SECOND}};
    enum { UNITS = sizeof units / sizeof units[0] };
    size_t unit = 0;

    *at_ms = now_ms;
    do {
        int64_t amount;

        if (!read_number(&at, 1, AMOUNT_DIGITS, &amount))
            return false;
        while (unit < UNITS && !skip(&at, units[unit].letter))
            unit++;
        if (unit == UNITS)
            return false;
        *at_ms -= amount * units[unit++].ms;
    } while (*at);
    if (*at_ms < 0)
        *at_ms = 0; /* there are no records so old */
    return true;
}

static bool read_epoch_seconds(const char *at, int64_t *at_ms)
{
    bool is_read = read_number(&at, 1, SECONDS_DIGITS, at_ms) && !*at && *at_ms <= LAST_SECOND;

    *at_ms *= MS_PER_SECOND;
    return is_read;
}

/* The days from the last such weekday before today until today, 1 to 7. */
static int days_since(int weekday, int64_t today)
{
    int64_t since = today + EPOCH_WEEKDAY - weekday - 1;

    return (int)(since - clock_floor_div(since, DAYS_PER_WEEK) * DAYS_PER_WEEK) + 1;
}

/* Reads a day as a word or a date, in days since the epoch. */
static bool read_day(const char **at, int64_t today, int64_t *day)
{
    static const char *const weekdays[][2] = {
        {"monday", "mon"}, {"tuesday", "tue"},  {"wednesday", "wed"}, {"thursday", "thu"},
        {"friday", "fri"}, {"saturday", "sat"}, {"sunday", "sun"}};

    *day = today;
    if (skip_word(at, "today"))
        return true;
    for (int i = 0; i < DAYS_PER_WEEK; i++) {
        if (skip_word(at, weekdays[i][0]) || skip_word(at, weekdays[i][1])) {
            *day -= days_since(i, today);
            return true;
        }
    }
    if (skip_word(at, "yesterday")) {
        --*day;
        return true;
    }
    if (strnlen(*at, DATE_SIZE) < DATE_SIZE || clock_read_day(*at, DATE_SIZE, day))
        return false;
    *at += DATE_SIZE;
    return true;
}

/* Reads a fraction of a second, of any number of digits. Those after the third are ignored. */
static bool read_fraction(const char **at, int64_t *ms)
{
    const char *first = *at;

    for (int64_t weight = 100; isdigit((unsigned char)**at); ++*at, weight /= 10)
        *ms += weight * (**at - '0');
    return *at > first;
}

/* Reads a time of the day, in milliseconds since midnight. */
static bool read_time(const char **at, int64_t *ms)
{
    int64_t hour, minute, second = 0, fraction = 0;

    if (!read_number(at, 1, 2, &hour) || !skip(at, ':') || !read_number(at, 2, 2, &minute))
        return false;
    if (skip(at, ':') &&
        (!read_number(at, 2, 2, &second) || (skip(at, '.') && !read_fraction(at, &fraction))))
        return false;
    *ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND + fraction;
    return hour < HOURS_PER_DAY && minute < MINUTES_PER_HOUR && second < SECONDS_PER_MINUTE;
}

/* Reads the end of the text: by how much the time given is ahead of UTC. */
static bool read_offset(const char *at, int64_t *offset_ms)
{
    int64_t hours, minutes = 0;
    bool is_behind;

    *offset_ms = 0;
    skip(&at, ' ');
    if (skip(&at, 'z') || skip_word(&at, "utc"))
        return !*at;
    is_behind = *at == '-';
    if (!skip(&at, '+') && !skip(&at, '-'))
        return !*at && at[-1] != ' ';
    if (!read_number(&at, 2, 2, &hours))
        return false;
    if ((skip(&at, ':') || *at) && !read_number(&at, 2, 2, &minutes))
        return false;
    *offset_ms = (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE) * (is_behind ? -1 : 1);
    return !*at && hours < HOURS_PER_DAY && minutes < MINUTES_PER_HOUR;
}

/* The latest moment until now whose time of the day is that of ms. */
static int64_t latest(int64_t ms, int64_t now_ms)
{
    return ms + clock_floor_div(now_ms - ms, MS_PER_DAY) * MS_PER_DAY;
}

static void set_whole_day(struct moment *moment, int64_t day, int64_t now_ms)
{
    int64_t first_ms = day * MS_PER_DAY, last_ms = first_ms + MS_PER_DAY - 1;

    moment->whole_day = true;
    moment->at_ms = last_ms <= now_ms ? last_ms : first_ms <= now_ms ? now_ms : first_ms;
}

int moment_read(const char *text, int64_t now_ms, struct moment *moment)
{
    int64_t day, ms, offset_ms;
    bool has_day;

    *moment = (struct moment){.at_ms = now_ms};
    if (strcasecmp(text, "now") == 0)
        return 0;
    if (*text == '@')
        return read_epoch_seconds(text + 1, &moment->at_ms) ? 0 : -1;
    if (*text == '-')
        return read_ago(text + 1, now_ms, &moment->at_ms) ? 0 : -1;
    has_day = read_day(&text, clock_floor_div(now_ms, MS_PER_DAY), &day);
    if (has_day && !*text) {
        set_whole_day(moment, day, now_ms);
        return 0;
    }
    if (has_day && !skip(&text, 't') && !skip(&text, ' '))
        return -1;
    if (!read_time(&text, &ms) || !read_offset(text, &offset_ms))
        return -1;
    moment->at_ms = has_day ? day * MS_PER_DAY + ms - offset_ms : latest(ms - offset_ms, now_ms);
    return 0;
}
