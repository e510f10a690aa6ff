/* base/clock: a moment that was read is written as it was read; so is a day. */
#include "fuzz.h"

#include "base/clock.h"

static void read_person(const char *text)
{
    char written[CLOCK_TEXT_MAX];
    int64_t ms, again;

    if (clock_read_person(text, &ms))
        return;
    clock_write_ms(ms, written);
    must(clock_read_ms(written, strlen(written), &again) == 0 && again == ms,
         "a moment from a user can be written");
    must(clock_read_person(written, &again) == 0 && again == ms,
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
    read_person(part);
    free(part);
    return 0;
}
