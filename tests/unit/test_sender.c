/* Alerts to webhooks, mail servers and commands: what is accepted, what is tried again, and what
 * the user reads about it. */
#include "alert/sender.h"

#include "base/interrupt.h"
#include "check/alloc_hooks.h"

#include "fake_server.h"
#include "sender_desk.h"

#include <signal.h>

static const char *const to_two[] = {"bad@example.org", "ops@example.org", NULL};

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
    post = awkward_read(&server, "posts/first/1");
    assert_non_null(strstr(post, "POST /hook/first HTTP/1.1\r\n"));
    assert_non_null(strstr(post, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(post, "X-Empty:\r\n"));
    assert_non_null(strstr(post, "User-Agent: uptick/"));
    assert_null(strstr(post, "Expect:"));
    assert_non_null(strstr(post, "\r\n{\"a\":1}"));
    assert_non_null(strstr(awkward_read(&server, "posts/second/1"), "\r\n{\"b\":2}"));
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
    {"http", "/header/1000000", DELIVERY_FAILED, 0, "the answer is too long"},
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
    awkward_write(&server, "smtp", "login uptick pass word\n");
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
    stored = awkward_read(&server, "mails/1");
    assert_string_equal(stored, "MAIL FROM:<uptick@example.org> SIZE=32\n"
                                "RCPT TO:<ops@example.org>\nTLS\n"
                                "\nSubject: x\n\n.dot\n..two\nend\n");
}

/* One row for each way in which a mail server answers. */
static const struct mail_case {
    const char *rules;
    bool is_optional; /* TLS */
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
    {"login uptick word\nkinds XTOKEN", false, DELIVERY_FAILED,
     "the server does not offer a known way to log in"},
    {"login uptick word\nkinds LOGIN", false, DELIVERY_ACCEPTED,
     "SMTP 250: 2.0.0 Ok: queued as 4F2"},
    {"auth 454 4.7.0 later\nlogin uptick word", false, DELIVERY_FAILED, "SMTP 454: 4.7.0 later"},
    {"rcpt wait 100", false, DELIVERY_ACCEPTED, "SMTP 250: 2.0.0 Ok: queued as 4F2"},
    {"end 250 " TOKEN "\t\x07", false, DELIVERY_ACCEPTED, "SMTP 250: ${TOKEN}"},
    {"ehlo flood", false, DELIVERY_FAILED, "the answer is too long"},
};

static void answers_of_mail_servers_have_results_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mail_cases / sizeof mail_cases[0]; i++) {
        struct alert_target *target;

        begin_desk();
        awkward_write(&server, "smtp", mail_cases[i].rules);
        target = add_mail(0, "smtp", "smtp");
        target->tls_is_optional = mail_cases[i].is_optional;
        target->to = to_two;
        if (strstr(mail_cases[i].rules, "login")) {
            target->username = "uptick";
            target->password = "word";
        }
        add_delivery(0, "Subject: x\r\n\r\nx\r\n");
        add_mail(1, "smtp", "smtp-self-signed");
        add_delivery(1, "Subject: x\r\n\r\nx\r\n");
        send_all_within(2000, NULL, NULL);
        assert_true(desk.deliveries[1].result != DELIVERY_ACCEPTED);
        expect(0, mail_cases[i].result, mail_cases[i].answer);
        assert_true(desk.seconds < 1.5);
    }
}

static const char *stored_name(int n)
{
    static char name[32];

    snprintf(name, sizeof name, "mails/%d", n);
    return name;
}

static void a_mail_that_is_cut_short_is_not_delivered(void **state)
{
    static char mail[16 << 20]; /* more than sockets hold */
    char path[PATH_MAX + 16];
    int64_t end_ms;

    (void)state;
    begin_desk();
    for (size_t at = 0; at + 64 < sizeof mail; at += 64)
        snprintf(mail + at, 65, "%062d\r\n", at == 640);
    snprintf(path, sizeof path, "%s/smtp.log", server.folder);
    unlink(path);
    awkward_write(&server, "smtp", "body=01 wait 1500\n");
    add_mail(0, "smtps", "smtps");
    add_delivery(0, mail);
    send_all_within(1200, NULL, NULL);
    expect(0, DELIVERY_FAILED, "no answer within 1 s");
    for (end_ms = clock_monotonic() + 10 * 1000; clock_monotonic() < end_ms; poll(NULL, 0, 5)) {
        if (strstr(awkward_read(&server, "smtp.log"), "(closed)"))
            break;
    }
    assert_non_null(strstr(awkward_read(&server, "smtp.log"), "DATA\n(closed)\n"));
    for (int n = 1; *awkward_read(&server, stored_name(n)); n++)
        assert_null(strstr(awkward_read(&server, stored_name(n)), "\n0000"));
}

static void a_mail_to_a_hundred_recipients_counts_those_refused(void **state)
{
    static char addresses[100][32];
    const char *to[101] = {NULL};

    (void)state;
    begin_desk();
    awkward_write(&server, "smtp", "rcpt=<n7 550 no\nrcpt=<n99@ 451 later\n");
    for (int i = 0; i < 100; i++) {
        snprintf(addresses[i], sizeof addresses[0], "n%d@example.org", i);
        to[i] = addresses[i];
    }
    add_mail(0, "smtp", "smtp")->to = to;
    add_delivery(0, "Subject: x\r\n\r\nx\r\n");
    send_all();
    expect(0, DELIVERY_ACCEPTED, "SMTP 250; 12 of 100 recipients refused: SMTP 451: later");
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
        awkward_write(&server, "smtp", rule);
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
    for (size_t i = 0; i < 3; i++)
        desk.targets[i] = (struct alert_target){.id = "c", .type = ALERT_COMMAND};
    add_delivery(2, "missing");
    add_delivery(2, "fine");
    send_all_within(2000, &helper, NULL);
    for (size_t i = 0; i < 2; i++)
        expect(i, DELIVERY_FAILED, "the command could not be started: No such file or directory");
    desk.n = 0;
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
    expect(4, DELIVERY_FAILED, "the process that runs commands has ended");
    expect(5, DELIVERY_FAILED, "the process that runs commands has ended");
    assert_true(desk.seconds < 1);

    send_all_within(2000, NULL, NULL);
    for (size_t i = 0; i < desk.n; i++)
        expect(i, DELIVERY_NOT_TRIED, "");

    /* A run that was given up is answered while the next one waits for its own answer. */
    helper.n = helper.n_answered = 0;
    helper.is_silent = true;
    desk.n = 0;
    add_delivery(0, "fine");
    send_all_within(1200, &helper, NULL);
    expect(0, DELIVERY_FAILED, "the command did not end within 1 s");
    assert_int_equal(write(helper.pipe[1], "", 1), 1);
    send_all_within(100, &helper, NULL);
    expect(0, DELIVERY_NOT_TRIED, "");
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
    assert_string_equal(awkward_read(&server, "posts/limited/9"), "");
}

static void the_ping_is_requested_and_its_failure_is_none(void **state)
{
    char url[256];

    (void)state;
    begin_desk();
    expand(0, "http", "http", "/hook/ping");
    snprintf(url, sizeof url, "%s", desk.urls[0]);
    send_all_within(2000, NULL, url);
    assert_non_null(strstr(awkward_read(&server, "posts/ping/1"), "GET /hook/ping HTTP/1.1\r\n"));
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", awkward_port(&server, "refused"));
    send_all_within(2000, NULL, url);
}

/* Whatever it waits for: an answer, its rest, or the handshake of TLS. */
static void a_ping_that_hangs_ends_after_three_seconds(void **state)
{
    static const char *const paths[] = {"http://127.0.0.1:%d/hang", "http://127.0.0.1:%d/stall",
                                        "https://127.0.0.1:%d/hang"};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char url[256];

        begin_desk();
        snprintf(url, sizeof url, paths[i], awkward_port(&server, "http"));
        add_hook(0, "http", "/hook/beside_ping");
        add_delivery(0, "{}");
        send_all_within(10 * MS_PER_SECOND, NULL, url);
        expect(0, DELIVERY_ACCEPTED, "HTTP 200: ok");
        if (desk.seconds > 4)
            fail_msg("%s: %f s", url, desk.seconds);
    }
}

static void an_attempt_without_time_is_none(void **state)
{
    (void)state;
    begin_desk();
    add_hook(0, "http", "/hang");
    add_hook(1, "http", "/hook/untimely");
    desk.targets[2] = (struct alert_target){.id = "p", .type = ALERT_PRINT};
    for (size_t i = 0; i < 3; i++)
        add_delivery(i, "{}");
    send_all_within(300, NULL, NULL);
    assert_int_equal(desk.deliveries[0].result, DELIVERY_NOT_TRIED);
    expect(1, DELIVERY_ACCEPTED, "HTTP 200: ok");
    expect(2, DELIVERY_NOT_TRIED, "");
    send_all_within(0, NULL, NULL);
    for (size_t i = 0; i < 3; i++)
        expect(i, DELIVERY_NOT_TRIED, "");
    assert_true(desk.seconds < 1);
}

/* A server that answers one request and closes, without a word about that. */
static void answer_once(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nonce");
}

static void a_connection_that_the_server_has_closed_is_opened_again(void **state)
{
    struct fake fake;

    (void)state;
    begin_desk();
    fake_start(&fake, answer_once, NULL);
    add_hook(0, "http", "/");
    desk.targets[0].format = ALERT_SLACK;
    snprintf(desk.urls[0], sizeof desk.urls[0], "http://127.0.0.1:%d/", fake.port);
    for (int i = 0; i < 50; i++)
        add_delivery(0, "{}");
    send_all();
    for (size_t i = 0; i < 50; i++)
        expect(i, DELIVERY_ACCEPTED, "HTTP 200: once");
    fake_stop(&fake);
}

static void refuse_tunnel(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    if (strncmp(fake->request, "CONNECT ", 8) == 0)
        fake_say(fd, "HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n");
    else
        fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy");
}

static void a_proxy_is_used_and_its_refusal_reported(void **state)
{
    struct proxy proxy = {.kind = PROXY_HTTP};
    char url[64];
    struct fake fake;

    (void)state;
    begin_desk();
    fake_start(&fake, refuse_tunnel, NULL);
    snprintf(url, sizeof url, "http://user:word@127.0.0.1:%d", fake.port);
    proxy.url = url;
    add_hook(0, "tls", "/hook/proxied");
    add_mail(1, "smtp", "smtp");
    add_hook(2, "http", "/hook/proxied");
    for (size_t i = 0; i < 3; i++) {
        desk.targets[i].proxy = &proxy;
        add_delivery(i, "{}");
    }
    send_all();
    expect(0, DELIVERY_FAILED, "the proxy answered HTTP 407");
    expect(1, DELIVERY_FAILED, "the proxy answered HTTP 407");
    expect(2, DELIVERY_ACCEPTED, "HTTP 200: proxy");
    fake_stop(&fake);
    assert_non_null(strstr(fake.request, "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n"));
    assert_string_equal(awkward_read(&server, "posts/proxied/1"), "");
}

static void a_proxy_of_the_environment_is_not_used(void **state)
{
    char url[64];

    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%d", awkward_port(&server, "refused"));
    setenv("http_proxy", url, 1);
    setenv("ALL_PROXY", url, 1);
    begin_desk();
    awkward_write(&server, "smtp", "");
    add_hook(0, "http", "/hook/direct");
    add_mail(1, "smtp", "smtp");
    add_delivery(0, "{}");
    add_delivery(1, "Subject: x\r\n\r\nx\r\n");
    send_all();
    expect(0, DELIVERY_ACCEPTED, "HTTP 200: ok");
    expect(1, DELIVERY_ACCEPTED, "SMTP 250: 2.0.0 Ok: queued as 4F2");
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

static void a_server_that_cannot_be_reached_fails_all_its_messages(void **state)
{
    (void)state;
    begin_desk();
    add_hook(0, "refused", "/");
    desk.targets[0].format = ALERT_SLACK;
    add_hook(1, "http", "/reset");
    desk.targets[1].format = ALERT_SLACK;
    for (int i = 0; i < 20; i++)
        add_delivery((size_t)i % 2, "{}");
    send_all();
    for (size_t i = 0; i < 20; i++)
        expect(i, DELIVERY_FAILED,
               i % 2 ? "the server closed the connection without an answer" : "could not connect");
}

/* In a process of its own, because a signal is never forgotten. Returns its exit status. */
static int send_until_signal(void)
{
    struct error error;
    struct sender *sender;
    int64_t begun_ms;

    interrupt_install();
    awkward_write(&server, "smtp", "end hang\n");
    begin_desk();
    add_mail(0, "smtp", "smtp");
    add_hook(1, "http", "/hang");
    add_hook(2, "full", "/");
    for (size_t i = 0; i < 3; i++)
        add_delivery(i, "Subject: x\r\n\r\nx\r\n");
    add_delivery(0, "Subject: x\r\n\r\nx\r\n");
    sender = sender_start(&desk.config, desk.deliveries, desk.n, LIMIT_MS, NULL, NULL, &error);
    if (!sender)
        return 2;
    poll(NULL, 0, 300);
    if (sender_is_done(sender))
        return 3;
    begun_ms = clock_monotonic();
    raise(SIGTERM);
    sender_finish(sender);
    for (size_t i = 0; i < desk.n; i++) {
        if (desk.deliveries[i].result != DELIVERY_NOT_TRIED)
            return 10 + (int)i;
    }
    return clock_monotonic() - begun_ms < 500 ? 0 : 4;
}

static void a_signal_ends_all_attempts_within_half_a_second(void **state)
{
    int status = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(send_until_signal());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
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
        cmocka_unit_test(a_mail_that_is_cut_short_is_not_delivered),
        cmocka_unit_test(a_mail_to_a_hundred_recipients_counts_those_refused),
        cmocka_unit_test(a_mail_server_that_hangs_takes_no_time_of_others),
        cmocka_unit_test(commands_run_one_after_the_other),
        cmocka_unit_test(a_signal_ends_all_attempts_within_half_a_second),
        cmocka_unit_test(a_ping_that_hangs_ends_after_three_seconds),
        cmocka_unit_test(an_attempt_without_time_is_none),
        cmocka_unit_test(a_connection_that_the_server_has_closed_is_opened_again),
        cmocka_unit_test(a_server_that_cannot_be_reached_fails_all_its_messages),
        cmocka_unit_test(a_proxy_is_used_and_its_refusal_reported),
        cmocka_unit_test(a_proxy_of_the_environment_is_not_used),
        cmocka_unit_test(the_ping_is_requested_and_its_failure_is_none),
    };

    alloc_hooks_install();
    return cmocka_run_group_tests_name("sender", tests, open_server, close_server);
}
