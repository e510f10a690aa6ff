/* Finds the moments at which clocks of a time zone show a time. */
#include "base/zone.h"

#include "base/clock.h"
#include "base/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_PER_DAY = MS_PER_DAY / MS_PER_SECOND };

static const char variable[] = "TZ";

const char *zone_folder(void)
{
    const char *folder = getenv("TZDIR");

    return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/* A name has no "..", so it is below the folder. */
static bool is_name(const char *name)
{
    static const char allowed[] = TEXT_LETTERS_AND_DIGITS "_+-/";
    size_t size = strlen(name);

    return size > 0 && size < 64 && name[0] != '/' && name[size - 1] != '/' &&
           strspn(name, allowed) == size && strncmp(name, "right/", 6) != 0;
}

/* glibc takes UTC for a zone whose file it cannot read. */
bool zone_exists(const char *name)
{
    static const char magic[] = "TZif";
    char path[PATH_MAX], begin[sizeof magic - 1] = "";
    int file;
    bool exists;

    if (!is_name(name) ||
        snprintf(path, sizeof path, "%s/%s", zone_folder(), name) >= (int)sizeof path)
        return false;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    exists = file >= 0 && read(file, begin, sizeof begin) == (ssize_t)sizeof begin &&
             memcmp(begin, magic, sizeof begin) == 0;
    if (file >= 0)
        close(file);
    return exists;
}

int zone_enter(const char *name, struct zone_before *before)
{
    const char *old = getenv(variable);
    char value[80];

    before->variable = old ? strdup(old) : NULL;
    snprintf(value, sizeof value, "%s%s", name ? ":" : "", name ? name : "UTC0");
    if ((old && !before->variable) || setenv(variable, value, 1)) {
        free(before->variable);
        return -1;
    }
    tzset();
    return 0;
}

/* The name of the variable is in the environment, so setting it to a value that it had before can
 * only fail if memory is short. Without it, times are UTC, which is what uptick shows. */
void zone_leave(struct zone_before *before)
{
    if (!before->variable || setenv(variable, before->variable, 1))
        unsetenv(variable);
    free(before->variable);
    tzset();
}

/* How far the clocks are ahead of UTC, in seconds. */
static int64_t offset_at(int64_t at)
{
    time_t moment = (time_t)at;
    struct tm local;

    return localtime_r(&moment, &local) ? local.tm_gmtoff : 0;
}

int64_t zone_day(int64_t at_ms)
{
    int64_t at = clock_floor_div(at_ms, MS_PER_SECOND);

    return clock_floor_div(at + offset_at(at), SECONDS_PER_DAY);
}

/* The first second after `from` up to `to` with another offset than `from`. There is one. */
static int64_t find_change(int64_t from, int64_t to)
{
    int64_t offset = offset_at(from);

    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;

        if (offset_at(middle) == offset)
            from = middle;
        else
            to = middle;
    }
    return to;
}

int64_t zone_moment(int64_t day, int minute, bool last)
{
    /* If these seconds were UTC. Offsets are less than a day. */
    int64_t shown = day * SECONDS_PER_DAY + minute * INT64_C(60);
    int64_t from = shown - SECONDS_PER_DAY, to = shown + SECONDS_PER_DAY;
    int64_t before = shown - offset_at(from), after = shown - offset_at(to);
    int64_t change, moment;

    if (before == after)
        return before * MS_PER_SECOND;
    change = find_change(from, to);
    if (before >= change && after < change)
        moment = change;
    else if (before < change && after >= change)
        moment = last ? after : before;
    else
        moment = before < change ? before : after;
    return moment * MS_PER_SECOND;
}
