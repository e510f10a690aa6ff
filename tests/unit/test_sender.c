/* Alerts to webhooks, mail servers and commands: what is accepted, what is tried again, and what
 * the user reads about it. */
#include "alert/sender.h"

#include "alert/helper.h"
#include "base/clock.h"
#include "base/secrets.h"
#include "check/alloc_hooks.h"

#include "fake_server.h"
#include "sinks.h"

#include <poll.h>

enum { TARGETS_MAX = 8, DELIVERIES_MAX = 1024, LIMIT_MS = 10 * 1000 };

#define TOKEN "s3cr3t-token-of-the-hook"

static struct sinks sinks;

/* A configuration with targets, and deliveries to them. */
static struct desk {
    struct config config;
    struct alert_target targets[TARGETS_MAX];
    struct delivery deliveries[DELIVERIES_MAX];
    char urls[TARGETS_MAX][256];
    char ca_file[PATH_MAX + 16];
    size_t n;
    double seconds; /* that the sender took */
} desk;

static const char *const to_ops[] = {"ops@example.org", NULL};
static const char *const to_two[] = {"bad@example.org", "ops@example.org", NULL};

/* Replaced, because templates are tested elsewhere. */
bool payload_is_summary(const struct alert_target *target)
{
    return target->type == ALERT_MAIL || target->format == ALERT_SLACK;
}

/* A helper whose commands are /bin/true and so on, made of the input. */
struct helper {
    int pipe[2];
    uint32_t requests[16];
    char inputs[16][64];
    size_t n, n_answered;
    bool is_silent;
};

int helper_run(struct helper *helper, size_t target, uint32_t request, const char *input,
               size_t size, struct error *error)
{
    if (target == 1)
        return error_set(error, EXIT_IO, "no");
    snprintf(helper->inputs[helper->n], sizeof helper->inputs[0], "%.*s", (int)size, input);
    helper->requests[helper->n++] = request;
    return helper->is_silent || write(helper->pipe[1], "", 1) == 1 ? 0 : -1;
}

int helper_descriptor(const struct helper *helper)
{
    return helper->pipe[0];
}

int helper_take(struct helper *helper, struct helper_answer *answer, struct error *error)
{
    struct pollfd fd = {.fd = helper->pipe[0], .events = POLLIN};
    char byte;

    if (poll(&fd, 1, 0) <= 0 || read(helper->pipe[0], &byte, 1) != 1)
        return 0;
    *answer = (struct helper_answer){.request = helper->requests[helper->n_answered]};
    if (strcmp(helper->inputs[helper->n_answered], "gone") == 0)
        return error_set(error, EXIT_IO, "gone");
    if (strcmp(helper->inputs[helper->n_answered], "fail") == 0) {
        answer->status = 1;
        snprintf(answer->output, sizeof answer->output, "no route for " TOKEN "\n");
    }
    answer->is_late = strcmp(helper->inputs[helper->n_answered], "late") == 0;
    helper->n_answered++;
    return 1;
}

static void begin_desk(void)
{
    memset(&desk.targets, 0, sizeof desk.targets);
    desk.n = 0;
    desk.config.alerts = desk.targets;
    desk.config.n_alerts = TARGETS_MAX;
    snprintf(desk.ca_file, sizeof desk.ca_file, "%s/ca.pem", sinks.folder);
}

static const char *expand(size_t target, const char *scheme, const char *port, const char *path)
{
    snprintf(desk.urls[target], sizeof desk.urls[0], "%s://127.0.0.1:%d%s", scheme,
             sinks_port(&sinks, port), path);
    return desk.urls[target];
}

static struct alert_target *add_mail(size_t index, const char *scheme, const char *port)
{
    struct alert_target *target = &desk.targets[index];

    *target = (struct alert_target){.id = "mail",
                                    .type = ALERT_MAIL,
                                    .server = expand(index, scheme, port, ""),
                                    .ca_file = desk.ca_file,
                                    .from = "uptick@example.org",
                                    .to = to_ops};
    return target;
}

static void add_hook(size_t index, const char *port, const char *path)
{
    desk.targets[index] =
        (struct alert_target){.id = "hook", .type = ALERT_WEBHOOK, .ca_file = desk.ca_file};
    expand(index, strncmp(port, "tls", 3) == 0 ? "https" : "http", port, path);
}

static struct delivery *add_delivery(size_t target, const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", "X-Key: " TOKEN,
                                          "X-Empty:", NULL};
    struct delivery *delivery = &desk.deliveries[desk.n++];

    *delivery = (struct delivery){.target = &desk.targets[target],
                                  .payload = {.headers = headers, .url = desk.urls[target]}};
    delivery->payload.body = (struct buffer){.data = (char *)(uintptr_t)body, .size = strlen(body)};
    return delivery;
}

static void send_all_within(int64_t limit_ms, struct helper *helper, const char *ping_url)
{
    int64_t begun_ms = clock_monotonic();
    struct error error = {.text = ""};
    struct sender *sender =
        sender_start(&desk.config, desk.deliveries, desk.n, limit_ms, helper, ping_url, &error);

    if (!sender)
        fail_msg("%s", error.text);
    sender_finish(sender);
    desk.seconds = (double)(clock_monotonic() - begun_ms) / 1000;
}

static void send_all(void)
{
    send_all_within(LIMIT_MS, NULL, NULL);
}

static void expect(size_t index, enum delivery_result result, const char *answer)
{
    const struct delivery *delivery = &desk.deliveries[index];

    if (delivery->result != result || strcmp(delivery->answer, answer) != 0)
        fail_msg("%s: delivery %zu: %d \"%s\", expected %d \"%s\"", desk.urls[0], index,
                 (int)delivery->result, delivery->answer, (int)result, answer);
}

static void a_webhook_gets_headers_and_body(void **state)
{
    const char *post;

    (void)state;
    begin_desk();
    add_hook(0, "http", "/hook/first");
    add_hook(1, "tls", "/hook/second");
    add_delivery(0, "{\"a\":1}");
    add_delivery(1, "{\"b\":2}");
    send_all();
    expect(0, DELIVERY_ACCEPTED, "HTTP 200: ok");
    expect(1, DELIVERY_ACCEPTED, "HTTP 200: ok");
    post = sinks_read(&sinks, "posts/first/1");
    assert_non_null(strstr(post, "POST /hook/first HTTP/1.1\r\n"));
    assert_non_null(strstr(post, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(post, "X-Empty:\r\n"));
    assert_non_null(strstr(post, "User-Agent: uptick/"));
    assert_null(strstr(post, "Expect:"));
    assert_non_null(strstr(post, "\r\n{\"a\":1}"));
    assert_non_null(strstr(sinks_read(&sinks, "posts/second/1"), "\r\n{\"b\":2}"));
}

/* One row for each answer of a webhook. */
static const struct answer {
    const char *port, *path;
    enum delivery_result result;
    int retry_after_s;
    const char *answer;
} answers[] = {
    {"http", "/hook/a?status=204&body=", DELIVERY_ACCEPTED, 0, "HTTP 204"},
    {"http", "/hook/a?status=202&body=queued", DELIVERY_ACCEPTED, 0, "HTTP 202: queued"},
    {"http", "/hook/a?status=301", DELIVERY_FAILED, 0, "HTTP 301: redirects are not followed"},
    {"http", "/hook/a?status=400&body=invalid_" TOKEN "_here", DELIVERY_REFUSED, 0,
     "HTTP 400: invalid ${TOKEN} here"},
    {"http", "/hook/a?status=401&body=no", DELIVERY_REFUSED, 0, "HTTP 401: no"},
    {"http", "/hook/a?status=404&body=no", DELIVERY_REFUSED, 0, "HTTP 404: no"},
    {"http", "/hook/a?status=408&body=slow", DELIVERY_FAILED, 0, "HTTP 408: slow"},
    {"http", "/hook/a?status=413&body=long", DELIVERY_REFUSED, 0, "HTTP 413: long"},
    {"http", "/hook/a?status=429&body=later&retry=30", DELIVERY_FAILED, 30, "HTTP 429: later"},
    {"http", "/hook/a?status=429&body=later&retry=soon", DELIVERY_FAILED, 0, "HTTP 429: later"},
    {"http", "/hook/a?status=500&body=oh", DELIVERY_FAILED, 0, "HTTP 500: oh"},
    {"http", "/hook/a?status=503&body=oh&retry=7", DELIVERY_FAILED, 7, "HTTP 503: oh"},
    {"http", "/continue", DELIVERY_ACCEPTED, 0, "HTTP 200: ok"},
    {"http", "/endless", DELIVERY_ACCEPTED, 0, "HTTP 200"},
    {"http", "/informational/103", DELIVERY_ACCEPTED, 0, "HTTP 200: Add to basket"},
    {"http", "/truncated", DELIVERY_ACCEPTED, 0, "HTTP 200"},
    {"http", "/reset-in-body", DELIVERY_ACCEPTED, 0, "HTTP 200: Add to basket"},
    {"http", "/bot/503", DELIVERY_FAILED, 0, "HTTP 503"},
    {"http", "/garbage", DELIVERY_FAILED, 0, "the answer is not readable"},
    {"http", "/http09", DELIVERY_FAILED, 0, "the answer is not readable"},
    {"http", "/status-line-bad", DELIVERY_FAILED, 0, "the answer is not readable"},
    {"http", "/headers/1000000", DELIVERY_FAILED, 0, "the answer is too long"},
    {"http", "/header/90000", DELIVERY_FAILED, 0, "the answer is too long"},
    {"http", "/reply-empty", DELIVERY_FAILED, 0,
     "the server closed the connection without an answer"},
    {"http", "/reset", DELIVERY_FAILED, 0, "the server closed the connection without an answer"},
    {"http", "/headers-cut", DELIVERY_FAILED, 0,
     "the server closed the connection without an answer"},
    {"http", "/switching", DELIVERY_FAILED, 0, "HTTP 101"},
    {"http", "/redirect-elsewhere", DELIVERY_FAILED, 0, "HTTP 302: redirects are not followed"},
    {"smtp", "/", DELIVERY_FAILED, 0, "the answer is not readable"},
    {"refused", "/", DELIVERY_FAILED, 0, "could not connect"},
    {"tls-reset", "/", DELIVERY_FAILED, 0, "the TLS handshake failed"},
    {"tls-expired", "/hook/a", DELIVERY_FAILED, 0,
     "the certificate is not accepted: certificate expired on 2020-01-01"},
    {"tls-self-signed", "/hook/a", DELIVERY_FAILED, 0,
     "the certificate is not accepted: self-signed certificate"},
    {"tls-wrong-name", "/hook/a", DELIVERY_FAILED, 0,
     "the certificate is not accepted: it is for another name"},
    {"tls-old", "/hook/a", DELIVERY_FAILED, 0, "the TLS handshake failed"},
};

static void answers_of_webhooks_have_results_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        begin_desk();
        add_hook(0, answers[i].port, answers[i].path);
        add_delivery(0, "{}");
        send_all();
        expect(0, answers[i].result, answers[i].answer);
        assert_int_equal(desk.deliveries[0].retry_after_ms, answers[i].retry_after_s * 1000);
    }
}

static void hanging_servers_take_no_time_of_others(void **state)
{
    (void)state;
    begin_desk();
    add_hook(0, "http", "/hang");
    add_hook(1, "silent", "/");
    add_mail(2, "smtp", "silent");
    add_hook(3, "http", "/hang-in-body");
    add_hook(4, "http", "/hook/alive");
    add_hook(5, "http", "/trickle");
    add_hook(6, "full", "/");
    for (size_t i = 0; i < 7; i++)
        add_delivery(i, "{}");
    add_delivery(6, "{}");
    add_delivery(4, "{}");
    send_all_within(1900, NULL, NULL);
    expect(0, DELIVERY_FAILED, "no answer within 2 s");
    expect(1, DELIVERY_FAILED, "no answer within 2 s");
    expect(2, DELIVERY_FAILED, "no answer within 2 s");
    expect(3, DELIVERY_ACCEPTED, "HTTP 200: Add to basket");
    expect(4, DELIVERY_ACCEPTED, "HTTP 200: ok");
    assert_int_equal(desk.deliveries[5].result, DELIVERY_ACCEPTED);
    expect(6, DELIVERY_FAILED, "could not connect within 2 s");
    expect(7, DELIVERY_FAILED, "could not connect within 2 s");
    expect(8, DELIVERY_ACCEPTED, "HTTP 200: ok");
    assert_true(desk.seconds < 2.8);
}

static void a_thousand_messages_take_less_than_ten_seconds(void **state)
{
    (void)state;
    begin_desk();
    add_hook(0, "tls", "/hook/many");
    for (int i = 0; i < 1000; i++)
        add_delivery(0, "{}");
    send_all();
    for (size_t i = 0; i < 1000; i++)
        expect(i, DELIVERY_ACCEPTED, "HTTP 200: ok");
    print_message("%.2f s\n", desk.seconds);
}

static void mail_is_sent_over_tls_with_a_login(void **state)
{
    static const char mail[] = "Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n";
    struct alert_target *target;
    const char *stored;

    (void)state;
    begin_desk();
    sinks_write(&sinks, "smtp", "login uptick pass word\n");
    target = add_mail(0, "smtp", "smtp");
    target->username = "uptick";
    target->password = "pass word";
    target = add_mail(1, "smtps", "smtps");
    target->username = "uptick";
    target->password = "wrong";
    add_mail(2, "smtps", "smtps");
    add_delivery(0, mail);
    add_delivery(1, mail);
    add_delivery(2, mail);
    send_all();
    expect(0, DELIVERY_ACCEPTED, "SMTP 250: 2.0.0 Ok: queued as 4F2");
    expect(1, DELIVERY_REFUSED, "SMTP 535: 5.7.8 Error: authentication failed");
    expect(2, DELIVERY_REFUSED, "SMTP 530: 5.7.0 Authentication required");
    stored = sinks_read(&sinks, "mails/1");
    assert_string_equal(stored, "MAIL FROM:<uptick@example.org> SIZE=32\n"
                                "RCPT TO:<ops@example.org>\nTLS\n"
                                "\nSubject: x\n\n.dot\n..two\nend\n");
}

/* One row for each way in which a mail server answers. */
static const struct mail_case {
    const char *rules;
    bool is_optional;
    enum delivery_result result;
    const char *answer;
} mail_cases[] = {
    {"greeting 554 no service for you", false, DELIVERY_REFUSED, "SMTP 554: no service for you"},
    {"greeting 421 too busy", false, DELIVERY_FAILED, "SMTP 421: too busy"},
    {"greeting close", false, DELIVERY_FAILED,
     "the server closed the connection without an answer"},
    {"no-starttls", false, DELIVERY_FAILED, "the server does not offer STARTTLS"},
    {"no-starttls", true, DELIVERY_ACCEPTED, "SMTP 250: 2.0.0 Ok: queued as 4F2"},
    {"starttls close", false, DELIVERY_FAILED,
     "the server closed the connection without an answer"},
    {"mail 450 4.7.1 try later", false, DELIVERY_FAILED, "SMTP 450: 4.7.1 try later"},
    {"rcpt 550 5.1.1 unknown", false, DELIVERY_REFUSED, "SMTP 550: 5.1.1 unknown"},
    {"rcpt=bad@ 550 5.1.1 unknown", false, DELIVERY_ACCEPTED,
     "SMTP 250; 1 of 2 recipients refused: SMTP 550: 5.1.1 unknown"},
    {"data 451 4.3.0 disk", false, DELIVERY_FAILED, "SMTP 451: 4.3.0 disk"},
    {"end 550 5.7.1 spam", false, DELIVERY_REFUSED, "SMTP 550: 5.7.1 spam"},
    {"end close", false, DELIVERY_FAILED, "the server closed the connection without an answer"},
    {"body close", false, DELIVERY_FAILED, "the server closed the connection without an answer"},
    {"quit hang", false, DELIVERY_ACCEPTED, "SMTP 250: 2.0.0 Ok: queued as 4F2"},
    {"ehlo flood", false, DELIVERY_FAILED, "the answer is too long"},
};

static void answers_of_mail_servers_have_results_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mail_cases / sizeof mail_cases[0]; i++) {
        struct alert_target *target;

        begin_desk();
        sinks_write(&sinks, "smtp", mail_cases[i].rules);
        target = add_mail(0, "smtp", "smtp");
        target->tls_is_optional = mail_cases[i].is_optional;
        target->to = to_two;
        add_delivery(0, "Subject: x\r\n\r\nx\r\n");
        send_all_within(2000, NULL, NULL);
        expect(0, mail_cases[i].result, mail_cases[i].answer);
        assert_true(desk.seconds < 1.5);
    }
}

static void a_mail_server_that_hangs_takes_no_time_of_others(void **state)
{
    static const char *const steps[] = {"greeting", "ehlo", "starttls", "mail",
                                        "rcpt",     "data", "body",     "end"};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char rule[64];

        begin_desk();
        snprintf(rule, sizeof rule, "%s hang\n", steps[i]);
        sinks_write(&sinks, "smtp", rule);
        add_mail(0, "smtp", "smtp");
        add_hook(1, "http", "/hook/beside");
        add_delivery(0, "Subject: x\r\n\r\nx\r\n");
        add_delivery(1, "{}");
        send_all_within(1200, NULL, NULL);
        expect(0, DELIVERY_FAILED, "no answer within 1 s");
        expect(1, DELIVERY_ACCEPTED, "HTTP 200: ok");
        assert_true(desk.seconds < 1.6);
    }
}

static void commands_run_one_after_the_other(void **state)
{
    struct helper helper = {.n = 0};

    (void)state;
    assert_int_equal(pipe(helper.pipe), 0);
    begin_desk();
    for (size_t i = 0; i < 2; i++)
        desk.targets[i] = (struct alert_target){.id = "c", .type = ALERT_COMMAND};
    add_delivery(0, "fine");
    add_delivery(0, "fail");
    add_delivery(1, "fine");
    add_delivery(0, "late");
    add_delivery(0, "gone");
    add_delivery(0, "after");
    send_all_within(2000, &helper, NULL);
    expect(0, DELIVERY_ACCEPTED, "exit status 0");
    expect(1, DELIVERY_FAILED, "exit status 1: no route for ${TOKEN}");
    expect(2, DELIVERY_FAILED, "the command could not be started");
    expect(3, DELIVERY_FAILED, "the command did not end within 10 s");
    expect(4, DELIVERY_FAILED, "the command could not be started");
    expect(5, DELIVERY_FAILED, "the command could not be started");
    assert_true(desk.seconds < 1);

    send_all_within(2000, NULL, NULL);
    for (size_t i = 0; i < desk.n; i++)
        expect(i, DELIVERY_NOT_TRIED, "");
    close(helper.pipe[0]);
    close(helper.pipe[1]);
}

static void a_server_that_asks_to_wait_gets_no_more(void **state)
{
    (void)state;
    begin_desk();
    add_hook(0, "http", "/hook/limited?status=429&retry=9&body=slow_down");
    for (int i = 0; i < 50; i++)
        add_delivery(0, "{}");
    send_all();
    expect(0, DELIVERY_FAILED, "HTTP 429: slow down");
    expect(49, DELIVERY_NOT_TRIED, "");
    assert_int_equal(desk.deliveries[49].retry_after_ms, 9000);
    assert_string_equal(sinks_read(&sinks, "posts/limited/9"), "");
}

static void the_ping_is_requested_and_its_failure_is_none(void **state)
{
    char url[256];

    (void)state;
    begin_desk();
    expand(0, "http", "http", "/hook/ping");
    snprintf(url, sizeof url, "%s", desk.urls[0]);
    send_all_within(2000, NULL, url);
    assert_non_null(strstr(sinks_read(&sinks, "posts/ping/1"), "GET /hook/ping HTTP/1.1\r\n"));
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", sinks_port(&sinks, "refused"));
    send_all_within(2000, NULL, url);
}

static int open_sinks(void **state)
{
    (void)state;
    sinks_open(&sinks);
    desk.config.secrets = secrets_new();
    assert_non_null(desk.config.secrets);
    assert_int_equal(secrets_add(desk.config.secrets, TOKEN, strlen(TOKEN), "${TOKEN}"), 0);
    secrets_sort(desk.config.secrets);
    return 0;
}

static int close_sinks(void **state)
{
    (void)state;
    secrets_free(desk.config.secrets);
    sinks_close(&sinks);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_webhook_gets_headers_and_body),
        cmocka_unit_test(answers_of_webhooks_have_results_and_words),
        cmocka_unit_test(hanging_servers_take_no_time_of_others),
        cmocka_unit_test(a_thousand_messages_take_less_than_ten_seconds),
        cmocka_unit_test(a_server_that_asks_to_wait_gets_no_more),
        cmocka_unit_test(mail_is_sent_over_tls_with_a_login),
        cmocka_unit_test(answers_of_mail_servers_have_results_and_words),
        cmocka_unit_test(a_mail_server_that_hangs_takes_no_time_of_others),
        cmocka_unit_test(commands_run_one_after_the_other),
        cmocka_unit_test(the_ping_is_requested_and_its_failure_is_none),
    };

    alloc_hooks_install();
    return cmocka_run_group_tests_name("sender", tests, open_sinks, close_sinks);
}
