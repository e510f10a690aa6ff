/* The bars of the last 90 days, and the worst of those days as text. */
#include "dashboard/bars.h"

#include "base/clock.h"
#include "dashboard/snapshot.h"

#include <string.h>

/* In thousandths of a percent. */
enum { WHOLE = 100000, DEGRADED_FROM = 99000 };

/* If less than half of a day was measured, it is not shown as up. Its bad and degraded minutes
 * still show. */
static enum status status_of(const struct uptime *uptime, bool is_degraded)
{
    if (uptime->has_data && uptime->uptime < DEGRADED_FROM)
        return STATUS_DOWN;
    if (uptime->has_data && (uptime->uptime < WHOLE || is_degraded))
        return STATUS_DEGRADED;
    return uptime->is_shown ? STATUS_UP : STATUS_UNKNOWN;
}

enum status bars_status(const struct day_minutes *days, int day, int64_t now_ms, int64_t first_ms)
{
    const struct day_minutes *minutes = &days[day];
    int64_t begin_ms = (clock_floor_div(now_ms, MS_PER_DAY) - DAYS_SHOWN + 1 + day) * MS_PER_DAY;
    struct uptime uptime;

    /* The index has 90 days for each site, and nearly all of them are like these. */
    if (minutes->bad == 0 && minutes->good == 0)
        return STATUS_UNKNOWN;
    if (minutes->bad == 0 && minutes->degraded == 0 && minutes->good >= MINUTES_PER_DAY / 2 &&
        first_ms <= begin_ms)
        return STATUS_UP;
    uptime = snapshot_day_uptime(days, day, now_ms, first_ms);
    return status_of(&uptime, minutes->degraded > 0);
}

static void fill_day(const struct bars *bars, struct object *object, size_t day)
{
    int degraded = bars->days[day].degraded;
    struct uptime uptime = snapshot_day_uptime(bars->days, (int)day, bars->now_ms, bars->first_ms);

    object_clear(object);
    object_text(object, "date", bars->dates[day]);
    object_text(object, "class", status_class(status_of(&uptime, degraded > 0)));
    object_flag(object, "before_data", day < bars->first);
    object_flag(object, "has_data", uptime.is_shown);
    object_flag(object, "bad", bars->days[day].bad > 0);
    if (degraded)
        object_duration(object, "degraded", (int64_t)degraded * MS_PER_MINUTE, bars->messages);
    else
        object_text(object, "degraded", "");
    if (uptime.is_shown)
        object_decimal(object, "percent", uptime.uptime, 3);
    object_flag(object, "partial", uptime.has_data && uptime.measured < WHOLE);

    /* Also if it is empty: a missing name is looked for in all outer objects, for each bar. */
    if (uptime.has_data)
        object_decimal(object, "measured", uptime.measured, 1);
    else
        object_text(object, "measured", "");
}

static const struct value *day_item(void *context, size_t i)
{
    struct bars *bars = context;

    fill_day(bars, &bars->object, i);
    return &bars->object.value;
}

/* For value_key: the date, whether a day before has data, and what the uptime is computed from. It
 * does not matter how long before the day the first check was; but today may have lasted only
 * seconds. */
static size_t day_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    const struct bars *bars = context;
    int64_t before_ms = (bars->today - DAYS_SHOWN + 1 + (int64_t)i) * MS_PER_DAY - MS_PER_MINUTE;

    numbers[0] = (uint64_t)bars->days[i].degraded << 48 | (uint64_t)(i < bars->first) << 40 |
                 (uint64_t)i << 32 | (uint64_t)bars->days[i].good << 16 | bars->days[i].bad;
    numbers[1] = (uint64_t)(bars->first_ms > before_ms ? bars->first_ms : before_ms);
    return 2;
}

static const struct value *named_item(void *context, size_t i)
{
    struct bars *bars = context;

    fill_day(bars, &bars->named_day, bars->named[bars->n_named - 1 - i]);
    object_flag(&bars->named_day, "more", i + 1 < bars->n_named);
    return &bars->named_day.value;
}

/* Counts of days. */
struct bar_sums {
    size_t n_bad, n_degraded, n_no_data;
};

/* Finds the latest bad days, the last one first, and the first day with data, and counts days. */
static struct bar_sums find_bad(struct bars *bars)
{
    struct bar_sums sums = {0};

    bars->n_named = 0;
    bars->first = DAYS_SHOWN;
    for (size_t day = DAYS_SHOWN; day-- > 0;) {
        if (bars->days[day].bad || bars->days[day].good)
            bars->first = day;
        sums.n_degraded += bars->days[day].degraded > 0;
        if (bars->days[day].bad) {
            if (sums.n_bad++ < CEILING_BAD_DAYS)
                bars->named[bars->n_named++] = day;
        } else if (!bars->days[day].good) {
            sums.n_no_data++;
        }
    }
    return sums;
}

/* Writes the dates of the days until today, once a day. */
static void write_dates(struct bars *bars)
{
    int64_t today = clock_floor_div(bars->now_ms, MS_PER_DAY);

    if (bars->dates[0][0] && bars->today == today)
        return;
    for (int i = 0; i < DAYS_SHOWN; i++) {
        char date[CLOCK_TEXT_MAX];

        clock_write_day(today - DAYS_SHOWN + 1 + i, date);
        memcpy(bars->dates[i], date, sizeof bars->dates[i] - 1);
    }
    bars->today = today;
}

void bars_fill(struct bars *bars, const struct day_minutes *days, int64_t now_ms, int64_t first_ms,
               const struct messages *messages, struct object *into)
{
    struct bar_sums sums;

    if (!days)
        return;
    bars->days = days;
    bars->now_ms = now_ms;
    bars->first_ms = first_ms;
    bars->messages = messages;
    write_dates(bars);
    sums = find_bad(bars);
    object_keyed_list(into, "days", DAYS_SHOWN, day_item, bars, day_key);
    object_list(into, "bad_days", bars->n_named, named_item, bars);
    object_count(into, "n_bad_days", bars->n_named);
    object_count(into, "n_bad_earlier", sums.n_bad - bars->n_named);
    object_count(into, "n_degraded_days", sums.n_degraded);
    object_flag(into, "one_degraded_day", sums.n_degraded == 1);
    object_count(into, "n_no_data", sums.n_no_data);
    object_flag(into, "one_no_data", sums.n_no_data == 1);
}
