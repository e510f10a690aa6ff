/* records/csv: a written row is read back as the same row, whatever its failure; a prefix of it is
 * not a row. */
#include "fuzz.h"

#include "records/csv.h"

/* An id as the configuration allows it. */
static void take_id(struct input *input, char id[65])
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_";
    size_t size = input_byte(input) % 64 + 1;

    for (size_t i = 0; i < size; i++)
        id[i] = allowed[input_byte(input) % (sizeof allowed - 1)];
    if (size > 1)
        id[1] = ".-_a"[input_byte(input) % 4];
    id[size] = '\0';
}

static void take_check(struct input *input, struct check *check)
{
    static const enum status statuses[] = {STATUS_UP, STATUS_DOWN, STATUS_BOT_DETECTED,
                                           STATUS_TIMEOUT};
    static const int64_t year_10000 = 253402300800000;
    char *failure;
    size_t size;

    *check = (struct check){.status = statuses[input_byte(input) % 4]};
    check->start_ms = (int64_t)(input_number(input, 6) % (uint64_t)year_10000);
    check->http_status = (int)(input_number(input, 2) % 1000);
    check->latency_ms = (int)(input_number(input, 4) & INT32_MAX) - 1;
    failure = input_part(input, '\0', &size);
    snprintf(check->failure, sizeof check->failure, "%s", failure);
    free(failure);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    struct input input = {data, size};
    size_t cut = input_number(&input, 2), used;
    char site[65], domain[65];
    struct check check;
    struct row row;
    const char *why;

    take_id(&input, site);
    take_id(&input, domain);
    take_check(&input, &check);
    must(csv_write(&into, site, domain, &check) == 0, "a row can be written");
    must(csv_read(into.data, cut % into.size, &row, &used, &why) ==
             (cut % into.size ? CSV_TORN : CSV_END),
         "a prefix of a row is torn");
    must(csv_read(into.data, into.size, &row, &used, &why) == CSV_ROW, "it is read as a row");
    must(used == into.size, "it is read as one row");
    must(strcmp(row.site, site) == 0 && strcmp(row.domain, domain) == 0, "the same monitor");
    must(row.check.start_ms == check.start_ms && row.check.status == check.status &&
             row.check.http_status == check.http_status && row.check.latency_ms == check.latency_ms,
         "the same numbers");
    must(strcmp(row.check.failure, check.failure) == 0, "the same failure");
    buffer_free(&into);
    return 0;
}
