#include "storage/marks.h"

#include "base/clock.h"

#include <string.h>

enum { NO_LATENCY = 65535, LONGEST_LATENCY = 65534 };

void marks_add(struct marks *marks, const struct mark *mark)
{
    int64_t minute = clock_floor_div(mark->start_ms, MS_PER_MINUTE);
    size_t at = marks->n;

    /* From the end, since checks come in the order of their start but for a clock set back. */
    while (at > 0 && marks->mark[at - 1].start_ms >= minute * MS_PER_MINUTE + MS_PER_MINUTE)
        at--;
    if (at > 0 && marks->mark[at - 1].start_ms >= minute * MS_PER_MINUTE) {
        if (marks->mark[at - 1].start_ms <= mark->start_ms)
            marks->mark[at - 1] = *mark;
        return;
    }
    memmove(&marks->mark[at + 1], &marks->mark[at], (marks->n - at) * sizeof *mark);
    marks->mark[at] = *mark;
    marks->n++;
}

static unsigned packed_latency(int latency_ms)
{
    if (latency_ms < 0)
        return NO_LATENCY;
    return latency_ms < LONGEST_LATENCY ? (unsigned)latency_ms : LONGEST_LATENCY;
}

size_t marks_pack(const struct marks *marks, unsigned char blob[MARKS_BYTES_MAX])
{
    unsigned char *at = blob;

    for (size_t i = 0; i < marks->n; i++, at += MARK_BYTES) {
        const struct mark *mark = &marks->mark[i];
        int64_t minute = clock_floor_div(mark->start_ms, MS_PER_MINUTE);
        unsigned within = (unsigned)(mark->start_ms - minute * MS_PER_MINUTE);
        unsigned latency = packed_latency(mark->latency_ms);

        at[0] = (unsigned char)(within & 0xff);
        at[1] = (unsigned char)(within >> 8);
        at[2] = (unsigned char)(latency & 0xff);
        at[3] = (unsigned char)(latency >> 8);
        at[4] =
            (unsigned char)(minute - clock_floor_div(minute, MINUTES_PER_HOUR) * MINUTES_PER_HOUR);
        at[5] = (unsigned char)mark->status;
    }
    return (size_t)(at - blob);
}

int marks_unpack(struct marks *marks, int64_t hour, const unsigned char *blob, size_t size)
{
    marks->n = 0;
    if (size % MARK_BYTES || size > MARKS_BYTES_MAX)
        return -1;
    for (const unsigned char *at = blob; at < blob + size; at += MARK_BYTES) {
        int within = at[0] | at[1] << 8, latency = at[2] | at[3] << 8;
        int64_t start_ms = hour * MS_PER_HOUR + at[4] * MS_PER_MINUTE + within;

        if (within >= MS_PER_MINUTE || at[4] >= MINUTES_PER_HOUR || at[5] == STATUS_UNKNOWN ||
            at[5] >= STATUS_COUNT)
            return -1;
        if (marks->n && at[4] <= at[4 - MARK_BYTES])
            return -1;
        marks->mark[marks->n++] =
            (struct mark){start_ms, (enum status)at[5], latency == NO_LATENCY ? -1 : latency};
    }
    return 0;
}
