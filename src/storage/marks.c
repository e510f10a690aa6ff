#include "storage/marks.h"

#include "base/clock.h"

void marks_add(unsigned char packed[MARKS_BYTES], const struct mark *mark)
{
    int64_t minute = clock_floor_div(mark->start_ms, MS_PER_MINUTE);
    int64_t hour = clock_floor_div(minute, MINUTES_PER_HOUR);
    unsigned char *at = packed + (minute - hour * MINUTES_PER_HOUR) * MARK_BYTES;
    int within = (int)(mark->start_ms - minute * MS_PER_MINUTE);

    if (at[0] != STATUS_UNKNOWN && (at[1] | at[2] << 8) > within)
        return;
    at[0] = (unsigned char)mark->status;
    at[1] = (unsigned char)(within & 0xff);
    at[2] = (unsigned char)(within >> 8);
}

int marks_unpack(const unsigned char packed[MARKS_BYTES], int64_t hour,
                 struct mark marks[MARKS_MAX], size_t *n)
{
    int64_t minute_ms = hour * MS_PER_HOUR;

    *n = 0;
    for (const unsigned char *at = packed; at < packed + MARKS_BYTES;
         at += MARK_BYTES, minute_ms += MS_PER_MINUTE) {
        int within = at[1] | at[2] << 8;

        if (at[0] >= STATUS_COUNT || within >= MS_PER_MINUTE ||
            (at[0] == STATUS_UNKNOWN && within > 0))
            return -1;
        if (at[0] != STATUS_UNKNOWN)
            marks[(*n)++] = (struct mark){minute_ms + within, (enum status)at[0]};
    }
    return 0;
}
