/* Packs the samples of an hour, and unpacks them. */
#include "state/samples.h"

#include "base/clock.h"

#include <assert.h>
#include <stdbool.h>

enum { NO_LATENCY = SAMPLE_LATENCY_MAX + 1 };

static int get_number(const unsigned char *at)
{
    return at[0] | at[1] << 8;
}

static void put_number(unsigned char *at, int number)
{
    at[0] = (unsigned char)(number & 0xff);
    at[1] = (unsigned char)(number >> 8);
}

static int packed_latency(const struct sample *sample)
{
    if (sample->latency_ms < 0)
        return NO_LATENCY;
    return sample->latency_ms < SAMPLE_LATENCY_MAX ? sample->latency_ms : SAMPLE_LATENCY_MAX;
}

void samples_add(unsigned char packed[SAMPLES_BYTES], const struct sample *sample)
{
    int64_t minute = clock_floor_div(sample->start_ms, MS_PER_MINUTE);
    int64_t hour = clock_floor_div(minute, MINUTES_PER_HOUR);
    unsigned char *at = packed + (minute - hour * MINUTES_PER_HOUR) * SAMPLE_BYTES;
    int within = (int)(sample->start_ms - minute * MS_PER_MINUTE);

    assert(sample->status > STATUS_UNKNOWN && sample->status < STATUS_COUNT);
    if (at[0] != STATUS_UNKNOWN && get_number(at + 1) > within)
        return;
    at[0] = (unsigned char)sample->status;
    put_number(at + 1, within);
    put_number(at + 3, packed_latency(sample));
}

int samples_unpack(const unsigned char packed[SAMPLES_BYTES], int64_t hour,
                   struct sample samples[SAMPLES_MAX], size_t *n)
{
    int64_t minute_ms = hour * MS_PER_HOUR;
    struct sample *next = samples;
    bool is_possible = true;

    for (const unsigned char *at = packed; at < packed + SAMPLES_BYTES;
         at += SAMPLE_BYTES, minute_ms += MS_PER_MINUTE) {
        int status = at[0], within = get_number(at + 1), latency = get_number(at + 3);

        if (status == STATUS_UNKNOWN) {
            is_possible = is_possible && (within | latency) == 0;
            continue;
        }
        is_possible = is_possible && status < STATUS_COUNT && within < MS_PER_MINUTE;
        next->start_ms = minute_ms + within;
        next->status = (enum status)status;
        next->latency_ms = latency == NO_LATENCY ? -1 : latency;
        next++;
    }
    *n = (size_t)(next - samples);
    return is_possible ? 0 : -1;
}
