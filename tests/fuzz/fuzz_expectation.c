/* model/expectation, model/expect_url, model/code: whatever a server sends, a failure is one clean
 * line with the code of its kind, and so is each line of an explanation. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/pattern.h"
#include "base/text.h"
#include "model/code.h"
#include "model/expect_url.h"
#include "model/expectation.h"
#include "model/rule.h"

static const char *const kinds[] = {"http_status.", "protocol.", "redirect.", "certificate.",
                                    "header.",      "body.",     "json.",     "latency."};

static void must_have_its_code(const char *failure)
{
    const char *code = code_of(STATUS_DOWN, 503, failure);
    size_t kind = strcspn(failure, ":");

    must(code != NULL, "a failure has a code");
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(kinds[i], failure, kind) == 0 && kinds[i][kind] == '.')
            must(strncmp(code, failure, kind) == 0 && code[kind] == '.', "the code has the kind");
    }
}

static void must_explain(const struct domain *domain, const struct exchange *exchange,
                         const char *failure)
{
    struct buffer lines = BUFFER_WITH_CEILING(1 << 20);
    char *end;

    if (expectation_explain(domain, exchange, failure, &lines))
        abort();
    for (char *line = lines.data; line && *line; line = end + 1) {
        end = strchr(line, '\n');
        must(end != NULL && end - line < 400, "a line has an end and is short");
        must_be_clean_line(line, (size_t)(end - line));
    }
    buffer_free(&lines);
}

/* The input: two bytes that choose what is expected; a word of the configuration and a URL, each up
 * to a NUL; then the body, which is also the headers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct status_range just_200[] = {{200, 200}};
    struct input input = {data, size};
    unsigned chosen = (unsigned)input_number(&input, 2);
    size_t word_size, url_size;
    char *word = input_part(&input, '\0', &word_size), *url = input_part(&input, '\0', &url_size);
    struct rule_part part = {.test = chosen & 1 ? RULE_EXISTS : RULE_ABOVE,
                             .operand = chosen & 1 ? "false" : "5",
                             .shown = chosen & 1 ? "false" : "5"};
    struct rule rule = {&part, 1};
    struct expect_header header = {word, &rule};
    struct expect_json json = {url, url, &rule};
    struct needle needle = {{word, word_size}, {word, word_size}};
    struct bytes body = {(const char *)input.at, input.left};
    struct exchange exchange = {.http_status = 200,
                                .version = HTTP_1_1,
                                .redirects = (int)(chosen >> 8 & 15),
                                .final_url = url,
                                .insecure_url = chosen & 2 ? url : NULL,
                                .headers = body,
                                .bot_string = -1,
                                .missing = chosen & 4 && word_size ? 0 : -1,
                                .excluded = chosen & 8 && word_size ? 0 : -1,
                                .body_cut = (chosen & 16) != 0,
                                .body_bytes = (int64_t)body.size,
                                .body = body,
                                .charset = chosen & 32 ? "UTF-16" : NULL};
    struct domain domain = {.timeout_ms = 1000,
                            .max_body_bytes = 100,
                            .expect = {.statuses = just_200,
                                       .n_statuses = 1,
                                       .final_url = chosen & 64 ? word : NULL,
                                       .shown_final_url = word,
                                       .has_max_redirects = true,
                                       .max_redirects = 14,
                                       .https_only = true,
                                       .headers = &header,
                                       .n_headers = chosen >> 7 & 1,
                                       .contains = {&needle, 1},
                                       .excludes = {&needle, 1},
                                       .json = &json,
                                       .n_json = 1}};
    char failure[FAILURE_MAX], shown[QUOTE_MAX];

    expect_url_show(NULL, url, shown);
    must_be_clean_line(shown, strlen(shown));
    if (expectation_test(&domain, &exchange, failure) == EXPECTATION_FAILS) {
        text_clean(failure); /* as verdict.c does */
        must_be_clean_line(failure, strlen(failure));
        must_have_its_code(failure);
    }
    must_explain(&domain, &exchange, failure);
    free(word);
    free(url);
    return 0;
}
