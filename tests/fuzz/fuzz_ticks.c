/* records/ticks: any record of ticks can be read, and a written tick is read back. */
#include "fuzz.h"

#include "base/clock.h"
#include "records/ticks.h"

static char ring[TICKS_SIZE];

static void blank(char *from, size_t size)
{
    memset(from, ' ', size);
    for (size_t end = TICKS_LINE; end <= size; end += TICKS_LINE)
        from[end - 1] = '\n';
}

/* Copies bytes of the input to the beginning of a minute's line, whose offset is returned. */
static size_t put_line(struct input *input)
{
    size_t offset = input_number(input, 2) % MINUTES_PER_DAY * TICKS_LINE;

    for (size_t i = 0; i < TICKS_LINE - 1 && input->left && *input->at != '\n'; i++)
        ring[offset + i] = (char)input_byte(input);
    if (input->left && *input->at == '\n')
        input_byte(input);
    return offset;
}

static void must_be_sound(const struct ticks *ticks, int64_t now_ms)
{
    if (!ticks->has_data)
        return;
    must(ticks->last.start_ms <= now_ms, "the last tick is not in the future");
    must(ticks->last.duration_ms >= 0 && ticks->last.checks_done >= 0 && ticks->last.left_over >= 0,
         "no number is negative");
    must(ticks->counted >= 0 && ticks->counted <= MINUTES_PER_DAY,
         "at most one tick in each minute");
    must(ticks->expected >= 0 && ticks->expected <= MINUTES_PER_DAY,
         "at most the minutes of a day");
    must(ticks->counted <= ticks->expected, "no more than are expected");
    ticks_missing(ticks);
}

/* A record by itself, in a folder that does not exist. */
static void round_trip(struct input *input, int64_t now_ms)
{
    static const int64_t max = 9999999999;
    struct ticks_record record = {.start_ms = now_ms};
    struct ticks ticks;

    record.duration_ms = (int64_t)(input_number(input, 8) & INT64_MAX);
    record.checks_done = (int64_t)(input_number(input, 5));
    record.left_over = (int64_t)(input_number(input, 2));
    ticks_read("/nowhere", now_ms, &record, &ticks);
    must(ticks.has_data && ticks.counted == 1 && ticks.expected == 1, "the tick is counted");
    must(ticks.last.start_ms == record.start_ms, "the same start");
    must(ticks.last.duration_ms == (record.duration_ms < max ? record.duration_ms : max),
         "the same duration");
    must(ticks.last.checks_done == (record.checks_done < max ? record.checks_done : max),
         "the same checks");
    must(ticks.last.left_over == record.left_over, "the same number left over");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t year_10000 = 253402300800000;
    enum { LINES_MAX = 16 };
    struct input input = {data, size};
    size_t offsets[LINES_MAX], n = 0;
    uint8_t kind = input_byte(&input);
    int64_t now_ms = (int64_t)(input_number(&input, 6) % (uint64_t)year_10000);
    struct ticks ticks;

    if (kind % 4 == 0) {
        round_trip(&input, now_ms);
        return 0;
    }
    if (ring[0] == '\0')
        blank(ring, sizeof ring);
    while (input.left && n < LINES_MAX)
        offsets[n++] = put_line(&input);
    ticks_summary(ring, sizeof ring, now_ms, &ticks);
    must_be_sound(&ticks, now_ms);
    ticks_summary((const char *)data, size, now_ms, &ticks);
    must(!ticks.has_data || size == TICKS_SIZE, "a file of another size has no ticks");
    while (n > 0)
        blank(ring + offsets[--n], TICKS_LINE);
    return 0;
}
