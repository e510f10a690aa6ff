/* check/failure, check/head and model/verdict: the texts of a server become one clean line of a
 * record, however the exchange ended. */
#include "fuzz.h"

#include "check/failure.h"
#include "check/head.h"
#include "check/local_fault.h"
#include "check/runner.h"
#include "check/transfer.h"
#include "model/code.h"
#include "records/csv.h"

#include <arpa/inet.h>

/* Replace the program's functions, which test whether there are memory and a route: these depend
 * on the machine and not on the input. */
bool local_fault_explain(const struct transfer *transfer, CURLcode code, char *into, size_t room)
{
    if (transfer->local_fault || code == CURLE_OUT_OF_MEMORY)
        snprintf(into, room, "local fault: %s",
                 transfer->local_fault ? transfer->local_fault : "out of memory");
    return transfer->local_fault || code == CURLE_OUT_OF_MEMORY;
}

bool local_fault_explain_connect(const struct transfer *transfer, char *into, size_t room)
{
    snprintf(into, room, "local fault: %s", transfer->attempts.reason);
    return *transfer->attempts.reason;
}

bool local_fault_has_memory(void)
{
    return true;
}

bool local_fault_was_away(const struct transfer *transfer, CURLcode code, char *into, size_t room)
{
    (void)transfer;
    (void)code;
    (void)into;
    (void)room;
    return false;
}

static void take_peer(struct input *input, struct peer *peer)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
    uint8_t kind = input_byte(input);

    peer->error = input_byte(input);
    if (kind % 3 == 0)
        return;
    v4.sin_addr.s_addr = (uint32_t)input_number(input, 4);
    memset(&v6.sin6_addr, (int)v4.sin_addr.s_addr & 0xff, sizeof v6.sin6_addr);
    peer->size = kind % 3 == 1 ? sizeof v4 : sizeof v6;
    memcpy(&peer->address, kind % 3 == 1 ? (void *)&v4 : (void *)&v6, peer->size);
}

/* The last header of this name, as libcurl passes it on; empty if there is none. */
static char *take_location(struct input *input)
{
    size_t size;
    char *line = input_part(input, '\n', &size), *location = NULL;
    struct bytes value;

    if (head_value(line, size, "Location", &value)) {
        must(value.data >= line && value.data + value.size <= line + size,
             "the value is within the line");
        location = strndup(value.data, value.size);
    }
    free(line);
    return location ? location : strdup("");
}

/* A text for a field of fixed size. */
static void take_text(struct input *input, char *into, size_t room)
{
    size_t size;
    char *text = input_part(input, '\n', &size);

    snprintf(into, room, "%s", text);
    free(text);
}

static void must_be_recordable(const struct check *check)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    struct row row;
    const char *why;
    size_t used;

    must(strlen(check->failure) < FAILURE_MAX, "the failure fits");
    must_be_clean_line(check->failure, strlen(check->failure));
    must(csv_write(&into, "s", "d", check) == 0, "it can be written");
    must(csv_read(into.data, into.size, &row, &used, &why) == CSV_ROW, "it is a row");
    must(strcmp(row.check.failure, check->failure) == 0, "it is read back as written");
    must((check->status == STATUS_UP) ==
             !code_of(check->status, check->http_status, check->failure),
         "it has a code");
    buffer_free(&into);
}

/* Perhaps the exchange has a proxy, and came as far as the input says. */
static void reach_proxy(struct input *input, struct domain *domain, struct transfer *transfer)
{
    static struct proxy proxy = {.host = "proxy.example", .port = 3128};

    if (input_byte(input) % 2 == 0)
        return;
    domain->proxy = &proxy;
    proxy.logs_in = input_byte(input) % 2;
    transfer->hop = (enum hop)(input_byte(input) % (HOP_TUNNEL + 1));
    if (input_byte(input) % 4 == 0)
        transfer->halt = HALT_PROXY;
}

/* A complete exchange; the input sets every field. */
static void exchange(struct input *input, struct domain *domain, CURL *easy)
{
    static const enum halt halts[] = {HALT_NONE,    HALT_UPGRADE, HALT_REDIRECT, HALT_BODY,
                                      HALT_HEADERS, HALT_HEAD,    HALT_CODING};
    static const int statuses[] = {200, 404, 0, 101, 302, 599};
    CURLcode code = (CURLcode)(input_byte(input) % CURL_LAST);
    struct transfer transfer;
    struct result result = {.attempts = 1}; /* as the worker passes it */
    bool found;

    transfer_start(&transfer, domain, NULL, NULL);
    transfer.easy = easy;
    transfer.request.domain = domain;
    transfer.halt = halts[input_byte(input) % 7];
    transfer.clock.phase = (enum exchange_phase)(input_byte(input) % (EXCHANGE_BODY + 1));
    transfer.body_bytes = (int64_t)(input_number(input, 4));
    found = input_byte(input) % 2;
    transfer.redirect_status =
        statuses[input_byte(input) % 6]; /* the handle itself has no status */
    transfer.bots = calloc(1, sizeof *transfer.bots);
    transfer.contains = calloc(1, sizeof *transfer.contains);
    if (!transfer.bots || !transfer.contains)
        abort();
    transfer.contains[0].found = found;
    transfer.bots[0].found = input_byte(input) % 4 == 0;
    take_peer(input, &transfer.attempts.last);
    take_peer(input, &transfer.attempts.blamed);
    transfer.head.location = take_location(input);
    take_text(input, transfer.curl_message, sizeof transfer.curl_message);
    take_text(input, transfer.verify_failure, sizeof transfer.verify_failure);
    while (transfer_follow(&transfer, &code)) {
        transfer.halt = halts[input_byte(input) % 7];
        transfer.head.location = take_location(input);
        transfer.requests++;
    }
    reach_proxy(input, domain, &transfer);
    transfer_finish(&transfer, code, &result);
    if (!result.no_verdict)
        must_be_recordable(&result.check);
    else
        must_be_clean_line(result.check.failure, strlen(result.check.failure));
    transfer.easy = NULL; /* it is reused */
    transfer_close(&transfer);
}

/* The input: a string that is expected in the body, a string of a bot page, each up to a NUL, then
 * the exchange. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct status_range ranges[] = {{200, 299}, {404, 404}};
    static CURL *easy;
    struct input input = {data, size};
    char *expected = input_part(&input, '\0', &size);
    struct needle needle = {{expected, size}, {expected, size}};
    struct domain domain = {
        .id = "d",
        .url = "http://user:password@h.example/a?b#c",
        .host = "h.example",
        .port = 80,
        .timeout_ms = 1000,
        .expect = {.statuses = ranges, .n_statuses = 1 + size % 2, .contains = {&needle, 1}},
        .bot_strings = {&needle, 1},
        .follow_redirects = true};

    if (!easy)
        easy = curl_easy_init();
    exchange(&input, &domain, easy);
    free(expected);
    return 0;
}
