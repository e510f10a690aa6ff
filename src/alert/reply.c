/* Reads what a server answers to an alert, and decides whether it was accepted. */
#include "alert/reply.h"

#include "base/clock.h"
#include "base/secrets.h"
#include "base/text.h"
#include "model/retry_after.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TIMEOUT = 408, TOO_MANY = 429, DATA_WANTED = 354, BYE = 221, UPGRADED = 101 };

/* The size of a line without its end and the blanks before that. */
static size_t trim_line(const char *bytes, size_t size)
{
    while (size > 0 && isspace((unsigned char)bytes[size - 1]))
        size--;
    return size;
}

/* Reads the three digits at the start of a line of a mail server, or of the number in a status
 * line. Returns -1 if they are not there. */
static int read_status(const char *bytes, size_t size)
{
    int status = 0;

    if (size < 3 || (size > 3 && isdigit((unsigned char)bytes[3])))
        return -1;
    for (int i = 0; i < 3; i++) {
        if (!isdigit((unsigned char)bytes[i]))
            return -1;
        status = status * 10 + bytes[i] - '0';
    }
    return status;
}

static void keep_line(struct reply *reply, const char *bytes, size_t size)
{
    reply->line_size = size < sizeof reply->line ? size : sizeof reply->line;
    memcpy(reply->line, bytes, reply->line_size);
}

/* The last lines before "354" are those about the recipients. */
static void count_refused(struct reply *reply)
{
    reply->n_refused = 0;
    for (unsigned i = 1; i <= reply->n_recipients && i <= reply->n_lines; i++) {
        if (i <= REPLY_RECIPIENTS_MAX)
            reply->n_refused += reply->refusals[(reply->n_lines - i) % REPLY_RECIPIENTS_MAX];
    }
}

/* "250-first line", "250 last line". */
static void add_mail_line(struct reply *reply, const char *bytes, size_t size)
{
    int status = read_status(bytes, size);
    bool is_last = size == 3 || bytes[3] == ' ';
    size_t head = size > 3 ? 4 : 3;

    /* After a refusal libcurl sends QUIT. */
    if (status < 0 || !is_last || status == BYE)
        return;
    reply->status = status;
    keep_line(reply, bytes + head, size - head);
    if (status == DATA_WANTED)
        count_refused(reply);
    reply->refusals[reply->n_lines++ % REPLY_RECIPIENTS_MAX] = status >= 400;
    if (status >= 400) {
        reply->refused_status = status;
        snprintf(reply->refusal, sizeof reply->refusal, "%.*s", (int)reply->line_size, reply->line);
    }
}

/* A status line begins an answer. A line without a colon and without a number is no header. */
static void add_header(struct reply *reply, const char *bytes, size_t size, int64_t now_ms)
{
    static const char name[] = "Retry-After:";
    const char *blank = memchr(bytes, ' ', size);
    int seconds;

    if (size > 5 && memcmp(bytes, "HTTP/", 5) == 0 && blank) {
        int status = read_status(blank + 1, size - (size_t)(blank + 1 - bytes));

        reply->status = status < 0 ? 0 : status;
        reply->retry_after_ms = 0;
    } else if (size >= sizeof name && strncasecmp(bytes, name, sizeof name - 1) == 0) {
        const char *value = bytes + sizeof name - 1;

        while (value < bytes + size && isspace((unsigned char)*value))
            value++;
        if (retry_after_read(value, (size_t)(bytes + size - value), now_ms, &seconds))
            reply->retry_after_ms = (int64_t)seconds * MS_PER_SECOND;
    }
}

bool reply_add_line(struct reply *reply, const char *bytes, size_t size, int64_t now_ms)
{
    size_t length = trim_line(bytes, size);

    reply->bytes += size;
    if (reply->is_mail)
        add_mail_line(reply, bytes, length);
    else if (length > 0 && !reply->has_head)
        add_header(reply, bytes, length, now_ms);
    else if (reply->status >= 200 || reply->status == UPGRADED)
        reply->has_head = true;
    return reply->bytes < REPLY_BYTES_MAX;
}

bool reply_add_body(struct reply *reply, const char *bytes, size_t size)
{
    size_t left = sizeof reply->line - reply->line_size, kept = size < left ? size : left;

    reply->bytes += size;
    memcpy(reply->line + reply->line_size, bytes, kept);
    reply->line_size += kept;
    return reply->bytes < REPLY_BYTES_MAX;
}

/* Replaces each run of blanks by one blank, and those at the ends by nothing. */
static void squeeze_blanks(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != ' ')
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

void reply_write(const struct secrets *secrets, const char *words, const char *text, size_t size,
                 char answer[DELIVERY_ANSWER_MAX])
{
    char shown[SECRETS_TEXT_MAX], line[SECRETS_TEXT_MAX + DELIVERY_ANSWER_MAX];

    /* Hidden before and after, because a value may have a line end, or be torn by one. */
    snprintf(shown, sizeof shown, "%.*s", (int)strnlen(text, size), text);
    secrets_hide(secrets, shown, sizeof shown);
    text_clean(shown);
    squeeze_blanks(shown);
    secrets_hide(secrets, shown, sizeof shown);
    snprintf(line, sizeof line, "%s%s%s", words, *shown ? ": " : "", shown);
    text_one_line(answer, DELIVERY_ANSWER_MAX, line, strlen(line));
}

static enum delivery_result judge_status(const struct reply *reply)
{
    int status = reply->status;

    if (status >= 200 && status < 300)
        return DELIVERY_ACCEPTED;
    if (reply->is_mail)
        return status >= 500 ? DELIVERY_REFUSED : DELIVERY_FAILED;
    return status >= 400 && status < 500 && status != TIMEOUT && status != TOO_MANY
               ? DELIVERY_REFUSED
               : DELIVERY_FAILED;
}

/* What libcurl reports of an attempt without an answer. */
static const struct {
    CURLcode code;
    const char *words;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "the name of the server was not found"},
    {CURLE_COULDNT_RESOLVE_PROXY, "the name of the proxy was not found"},
    {CURLE_COULDNT_CONNECT, "could not connect"},
    {CURLE_PROXY, "the proxy did not connect"},
    {CURLE_SSL_CONNECT_ERROR, "the TLS handshake failed"},
    {CURLE_PEER_FAILED_VERIFICATION, "the certificate is not accepted"},
    {CURLE_SSL_CACERT_BADFILE, "the CA file is not readable"},
    {CURLE_USE_SSL_FAILED, "the server does not offer STARTTLS"},
    {CURLE_LOGIN_DENIED, "the server does not offer a known way to log in"},
    {CURLE_OK, "the server closed the connection without an answer"}, /* within the headers */
    {CURLE_GOT_NOTHING, "the server closed the connection without an answer"},
    {CURLE_RECV_ERROR, "the server closed the connection without an answer"},
    {CURLE_SEND_ERROR, "the server closed the connection without an answer"},
    {CURLE_PARTIAL_FILE, "the server closed the connection without an answer"},
    {CURLE_WRITE_ERROR, "the answer is too long"},
    {CURLE_WEIRD_SERVER_REPLY, "the answer is not readable"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is not readable"},
    {CURLE_URL_MALFORMAT, "the URL is not valid"},
    {CURLE_FAILED_INIT, "out of memory"},
};

static void write_failure(const struct reply *reply, CURLcode code, int64_t waited_ms,
                          const struct secrets *secrets, char answer[DELIVERY_ANSWER_MAX])
{
    const char *found = "the connection failed";
    char words[DELIVERY_ANSWER_MAX];
    int64_t seconds = (waited_ms + MS_PER_SECOND / 2) / MS_PER_SECOND;

    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].code == code)
            found = failures[i].words;
    }
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK)
        snprintf(words, sizeof words, "%s within %lld s",
                 reply->is_connected  ? "no answer"
                 : reply->has_address ? "could not connect"
                                      : "no address was found",
                 (long long)(seconds > 0 ? seconds : 1));
    else if (reply->proxy_status >= 300)
        snprintf(words, sizeof words, "the proxy answered HTTP %ld", reply->proxy_status);
    else
        snprintf(words, sizeof words, "%s", found);
    reply_write(secrets, words, reply->certificate, sizeof reply->certificate, answer);
}

/* HTML shows nothing in one line. */
static bool is_page(const struct reply *reply)
{
    size_t i = 0;

    while (i < reply->line_size && isspace((unsigned char)reply->line[i]))
        i++;
    return i < reply->line_size && reply->line[i] == '<';
}

static void judge_answer(const struct reply *reply, const struct secrets *secrets,
                         struct delivery *delivery)
{
    char words[DELIVERY_ANSWER_MAX];
    const char *text = reply->line;
    size_t size = reply->line_size;

    delivery->result = judge_status(reply);
    snprintf(words, sizeof words, "%s %d", reply->is_mail ? "SMTP" : "HTTP", reply->status);
    if (delivery->result != DELIVERY_ACCEPTED)
        delivery->retry_after_ms = reply->retry_after_ms;
    if (!reply->is_mail && reply->status >= 300 && reply->status < 400) {
        text = "redirects are not followed";
        size = strlen(text);
    } else if (!reply->is_mail && is_page(reply)) {
        size = 0;
    } else if (reply->n_refused > 0) {
        snprintf(words, sizeof words, "SMTP %d; %u of %u recipients refused: SMTP %d",
                 reply->status, reply->n_refused, reply->n_recipients, reply->refused_status);
        text = reply->refusal;
        size = sizeof reply->refusal;
    }
    reply_write(secrets, words, text, size, delivery->answer);
}

bool reply_is_answer(const struct reply *reply, CURLcode code)
{
    return reply->is_mail ? code == CURLE_OK || reply->status >= 400 : reply->has_head;
}

void reply_judge(const struct reply *reply, CURLcode code, int64_t waited_ms,
                 const struct secrets *secrets, struct delivery *delivery)
{
    delivery->retry_after_ms = 0;
    if (reply_is_answer(reply, code)) {
        judge_answer(reply, secrets, delivery);
        return;
    }
    delivery->result = DELIVERY_FAILED;
    write_failure(reply, code, waited_ms, secrets, delivery->answer);
}
