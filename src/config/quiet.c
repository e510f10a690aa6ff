/* Reads quiet hours, and computes when they are. */
#include "config/quiet.h"

#include "base/clock.h"
#include "base/zone.h"
#include "config/mapping.h"
#include "config/value.h"

#include <string.h>

enum { FIRST_DAY = -2, TIME_SIZE = 5 };

static const char utc[] = "UTC";

/* Reads two digits. Returns whether they are, and below a limit. */
static bool read_two(const char *digits, int limit, int *number)
{
    if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9')
        return false;
    *number = (digits[0] - '0') * 10 + (digits[1] - '0');
    return *number < limit;
}

static void read_time(struct loader *loader, struct node *node, void *into)
{
    const char *text = node->text.data;
    int hour, minute;

    if (node->kind == NODE_TEXT && node->text.size == TIME_SIZE && text[2] == ':' &&
        read_two(text, HOURS_PER_DAY, &hour) && read_two(text + 3, MINUTES_PER_HOUR, &minute))
        *(int *)into = hour * MINUTES_PER_HOUR + minute;
    else
        loader_expected(loader, node);
}

static void read_zone(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    char shown[NODE_SHOWN_MAX];

    if (!text)
        return;
    node_show(node, shown);
    if (node_is(node, utc))
        *(const char **)into = NULL;
    else if (strlen(text->data) == text->size && zone_exists(text->data))
        *(const char **)into = text->data;
    else
        loader_report(loader, node,
                      "'%s' is not a time zone in %s; expected one such as Europe/Berlin or UTC "
                      "(the package tzdata has them)",
                      shown, zone_folder());
}

static void read_rules(struct loader *loader, struct node *node, void *into)
{
    struct mapping_values values;
    struct quiet_hours hours = {0};
    struct node *to;

    if (!mapping_is_given(loader, node))
        return;
    mapping_read(loader, &keys_quiet, node, &hours, &values);
    to = mapping_value(&values, "to");
    if (to && !to->mistakes && mapping_value(&values, "from") &&
        hours.from_minute == hours.to_minute)
        mistakes_at(loader->mistakes, to,
                    "to: the same as from, so there are no quiet hours; change one of them");
    *(struct quiet_hours *)into = hours;
}

int quiet_spans_make(const struct quiet_hours *hours, int64_t now_ms, struct quiet_spans *spans)
{
    bool crosses = hours->to_minute < hours->from_minute;
    struct zone_before before;
    int64_t today;

    spans->n = 0;
    if (hours->from_minute == hours->to_minute)
        return 0;
    if (zone_enter(hours->zone, &before))
        return -1;
    today = zone_day(now_ms);
    for (int i = 0; i < (int)(sizeof spans->list / sizeof spans->list[0]); i++) {
        int64_t day = today + FIRST_DAY + i;

        spans->list[i].from_ms = zone_moment(day, hours->from_minute, false);
        spans->list[i].to_ms = zone_moment(day + crosses, hours->to_minute, true);
        spans->n++;
    }
    zone_leave(&before);
    return 0;
}

bool quiet_is_now(const struct quiet_spans *spans, int64_t now_ms, int64_t *from_ms,
                  int64_t *until_ms)
{
    bool is_quiet = false;

    *from_ms = *until_ms = INT64_MAX;
    for (int i = 0; i < spans->n; i++) {
        int64_t at_ms = is_quiet ? *until_ms : now_ms;

        if (spans->list[i].from_ms > at_ms || at_ms >= spans->list[i].to_ms)
            continue;
        if (!is_quiet)
            *from_ms = spans->list[i].from_ms;
        is_quiet = true;
        *until_ms = spans->list[i].to_ms;
    }
    return is_quiet;
}

const struct kind quiet_rules = {"a mapping with the keys from and to", .read = read_rules};
const struct kind quiet_time = {"a time of the day, from \"00:00\" to \"23:59\"",
                                .read = read_time};
const struct kind quiet_zone = {"a time zone such as Europe/Berlin", .read = read_zone};
