/* Reads durations and percentages. */
#include "config/duration.h"

#include "base/clock.h"
#include "config/value.h"

#include <stdio.h>

static const struct unit {
    char name;
    int64_t ms;
} units[] = {{'d', 24 * MS_PER_HOUR}, {'h', MS_PER_HOUR}, {'m', MS_PER_MINUTE}, {'s', 1000}};

enum { UNITS = sizeof units / sizeof units[0], THOUSAND = 1000 };

static const int64_t MAX_MS = 10000 * (int64_t)(24 * MS_PER_HOUR);

/* Reads the number before a unit of one byte. */
static bool read_number(const char *text, size_t size, int64_t *thousandths)
{
    bool is_exact;

    return size > 1 && value_thousandths(text, size - 1, thousandths, &is_exact) && is_exact;
}

bool duration_read(const char *text, size_t size, int64_t *ms)
{
    int64_t thousandths;

    if (!read_number(text, size, &thousandths))
        return false;
    for (size_t i = 0; i < UNITS; i++) {
        if (text[size - 1] != units[i].name)
            continue;
        *ms = thousandths * (units[i].ms / THOUSAND);
        return *ms <= MAX_MS;
    }
    return false;
}

bool duration_read_percent(const char *text, size_t size, int64_t *thousandths)
{
    return read_number(text, size, thousandths) && text[size - 1] == '%' &&
           *thousandths <= 100 * (int64_t)THOUSAND;
}

const char *duration_write(int64_t ms, char text[DURATION_TEXT_MAX])
{
    size_t i = 0;

    while (i < UNITS - 1 && ms % units[i].ms != 0)
        i++;
    snprintf(text, DURATION_TEXT_MAX, "%.15g%c", (double)ms / (double)units[i].ms, units[i].name);
    return text;
}

const char *duration_write_percent(int64_t thousandths, char text[DURATION_TEXT_MAX])
{
    snprintf(text, DURATION_TEXT_MAX, "%.10g%%", (double)thousandths / THOUSAND);
    return text;
}
