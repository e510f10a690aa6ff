/* The rule for warnings about certificates that end soon. */
#include "model/expiry_notice.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>

enum { WARN_MAX_DAYS = 30, CRITICAL_MAX_DAYS = 7, WHOLE = 100 * 1000 /* 100 % */ };

/* Thousandths of a percent of a lifetime. Of a long one, the product would overflow. */
static int64_t take_share(int64_t lifetime_ms, int64_t share)
{
    return lifetime_ms / WHOLE * share + lifetime_ms % WHOLE * share / WHOLE;
}

/* Whether the limit is reached with this much time left. */
static bool is_reached(const struct certificate_limit *limit, int64_t lifetime_ms, int64_t left_ms,
                       int64_t max_days)
{
    int64_t share_ms;

    switch (limit->kind) {
    case CERTIFICATE_PERCENT:
        share_ms = lifetime_ms > 0 ? take_share(lifetime_ms, limit->value) : 0;
        if (share_ms > max_days * MS_PER_DAY)
            share_ms = max_days * MS_PER_DAY;
        return left_ms <= share_ms;
    case CERTIFICATE_DURATION:
        return left_ms <= limit->value;
    default:
        return false;
    }
}

enum expiry_level expiry_notice_level(int64_t from_ms, int64_t until_ms,
                                      const struct certificate_limit *warn,
                                      const struct certificate_limit *critical, int64_t now_ms)
{
    int64_t lifetime_ms = until_ms - from_ms, left_ms = until_ms - now_ms;

    if (is_reached(critical, lifetime_ms, left_ms, CRITICAL_MAX_DAYS))
        return EXPIRY_CRITICAL;
    return is_reached(warn, lifetime_ms, left_ms, WARN_MAX_DAYS) ? EXPIRY_WARN : EXPIRY_NONE;
}

int expiry_notice_compare(struct expiry_rank a, struct expiry_rank b)
{
    if (a.level != b.level)
        return a.level > b.level ? -1 : 1;
    return (a.until_ms > b.until_ms) - (a.until_ms < b.until_ms);
}

bool expiry_notice_step(enum event_state before, enum expiry_level level, bool is_replaced,
                        enum event_change *change, enum event_state *after)
{
    static const enum event_state states[] = {
        [EXPIRY_NONE] = EVENT_UP, [EXPIRY_WARN] = EVENT_WARN, [EXPIRY_CRITICAL] = EVENT_CRITICAL};

    *after = states[level];
    if (before == EVENT_UP) {
        *change = EVENT_OPENED;
        return *after != EVENT_UP;
    }
    if (is_replaced) {
        *change = EVENT_CLOSED;
        *after = EVENT_UP;
        return true;
    }
    *change = EVENT_REASON_CHANGED;
    return before == EVENT_WARN && level == EXPIRY_CRITICAL;
}

/* After this number of rounds without it, a certificate is no longer in use. */
static int64_t unseen_limit(int64_t longest)
{
    enum { UNSEEN_MIN = 3, TIMES_LONGEST = 3 };
    int64_t limit = longest * TIMES_LONGEST;

    return limit > UNSEEN_MIN ? limit : UNSEEN_MIN;
}

bool expiry_notice_is_in_use(int64_t unseen, int64_t longest)
{
    return unseen < unseen_limit(longest);
}

int64_t expiry_notice_miss(int64_t unseen, int64_t longest, int64_t unseen_ms)
{
    return unseen_ms >= MS_PER_DAY && unseen >= longest ? unseen_limit(longest) : unseen + 1;
}

const char *expiry_notice_left(int64_t until_ms, int64_t now_ms, char text[EXPIRY_LEFT_MAX])
{
    static const struct {
        const char *noun;
        int64_t ms, min;
    } units[] = {{"day", MS_PER_DAY, 2}, {"hour", MS_PER_HOUR, 2}, {"minute", MS_PER_MINUTE, 1}};
    int64_t left_ms = until_ms - now_ms;
    char counted[TEXT_COUNTED_MAX];

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (left_ms >= units[i].min * units[i].ms) {
            snprintf(text, EXPIRY_LEFT_MAX, "in %s",
                     text_counted((uint64_t)(left_ms / units[i].ms), units[i].noun, counted));
            return text;
        }
    }
    snprintf(text, EXPIRY_LEFT_MAX, "now");
    return text;
}
