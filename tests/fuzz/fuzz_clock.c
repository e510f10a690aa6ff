/* base/clock and base/moment: a moment that was read is written as it was read; so is a day. */
#include "fuzz.h"

#include "base/clock.h"
#include "base/moment.h"

static void read_moment(const char *text, int64_t now_ms)
{
    char written[CLOCK_TEXT_MAX];
    struct moment moment, again;
    int64_t ms;

    if (moment_read(text, now_ms, &moment))
        return;
    clock_write_ms(moment.at_ms, written);
    must(clock_read_ms(written, strlen(written), &ms) == 0 && ms == moment.at_ms,
         "a moment from a user can be written");
    must(moment_read(written, now_ms, &again) == 0 && again.at_ms == moment.at_ms,
         "a user may write it like the program");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    char written[CLOCK_TEXT_MAX];
    const char *text = (const char *)data;
    int64_t number;
    char *part;

    if (clock_read_ms(text, size, &number) == 0) {
        clock_write_ms(number, written);
        must(strlen(written) == size && memcmp(written, text, size) == 0, "the same moment");
    }
    if (clock_read_day(text, size, &number) == 0) {
        clock_write_day(number, written);
        must(strlen(written) == size && memcmp(written, text, size) == 0, "the same day");
    }
    part = input_part(&input, '\0', &size);
    read_moment(part, 1795512600123);
    free(part);
    return 0;
}
