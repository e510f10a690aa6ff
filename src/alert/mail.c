/* Writes mails: header fields, MIME, and the ids that make threads. */
#include "alert/mail.h"

#include "alert/content.h"
#include "alert/sign.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    QUOTED_WIDTH = 75,    /* of a line, before the "=" that continues it */
    WORD_BYTES = 39,      /* of UTF-8 in one encoded word: 52 characters of base64 */
    FIELD_WIDTH = 76,     /* where header fields are folded, if they can be */
    REFERENCES_MAX = 20,  /* outages of a summary that it refers to */
    HOST_NAME_SIZE = 256, /* with the NUL */
    FIELD_SIZE = 4096     /* of the value of a header field, with the NUL */
};

/* Ends the line of the mail. */
static void end_line(struct buffer *into)
{
    buffer_puts(into, "\r\n");
}

static bool is_printable(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

/* Whether a header field can have the text as it is. */
static bool is_plain(const char *text)
{
    for (const char *at = text; *at; at++) {
        if (!is_printable((unsigned char)*at))
            return false;
    }
    return !strstr(text, "=?");
}

static void put_base64(struct buffer *into, const char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        size_t n = size - i < 3 ? size - i : 3;
        unsigned bits = 0;

        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < n ? (unsigned char)bytes[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            buffer_putc(into, j <= n ? digits[bits >> (18 - 6 * j) & 63] : '=');
    }
}

/* Appends text as encoded words (RFC 2047), which contain whole characters. */
static void put_words(struct buffer *into, const char *text)
{
    while (*text) {
        size_t n = 0, length;

        while (text[n]) {
            length = text_utf8_length(text + n, strlen(text + n));
            length = length ? length : 1;
            if (n + length > WORD_BYTES)
                break;
            n += length;
        }
        buffer_puts(into, "=?UTF-8?B?");
        put_base64(into, text, n);
        buffer_puts(into, "?=");
        text += n;
        if (*text) {
            end_line(into);
            buffer_putc(into, ' ');
        }
    }
}

/* Appends text, which does not end with a space, folded at spaces. */
static void put_folded(struct buffer *into, const char *text, size_t column)
{
    while (*text) {
        size_t n = strspn(text, " ");

        n += strcspn(text + n, " ");
        if (column + n > FIELD_WIDTH && *text == ' ') {
            end_line(into);
            column = 0;
        }
        buffer_append(into, text, n);
        column += n;
        text += n;
    }
}

/* Writes the value of a field. What could end it becomes a space. */
static void write_line(const char *text, char line[FIELD_SIZE])
{
    size_t size;

    text_one_line(line, FIELD_SIZE, text, strlen(text));
    for (size = strlen(line); size > 0 && line[size - 1] == ' '; size--)
        line[size - 1] = '\0';
}

static void put_field(struct buffer *into, const char *name, const char *text)
{
    char line[FIELD_SIZE];

    write_line(text, line);
    buffer_printf(into, "%s: ", name);
    if (is_plain(line))
        put_folded(into, line, strlen(name) + 2);
    else
        put_words(into, line);
    end_line(into);
}

/* Appends an address, "ops@example.org" or "Operations <ops@example.org>". Only the name before the
 * address may be encoded. */
static void put_mailbox(struct buffer *into, const char *text)
{
    char line[FIELD_SIZE], *angle;

    write_line(text, line);
    angle = strrchr(line, '<');
    if (!angle || angle == line || is_plain(line)) {
        buffer_puts(into, line);
        return;
    }
    for (char *end = angle; end > line && end[-1] == ' '; end--)
        end[-1] = '\0';
    put_words(into, line);
    end_line(into);
    buffer_printf(into, " %s", angle);
}

static void put_addresses(struct buffer *into, const struct alert_target *target)
{
    if (target->from) {
        buffer_puts(into, "From: ");
        put_mailbox(into, target->from);
        end_line(into);
    }
    buffer_puts(into, "To: ");
    for (const char *const *to = target->to; to && *to; to++) {
        if (to != target->to) {
            buffer_puts(into, ",");
            end_line(into);
            buffer_puts(into, " ");
        }
        put_mailbox(into, *to);
    }
    if (!target->to || !*target->to)
        buffer_puts(into, "undisclosed-recipients:;");
    end_line(into);
}

static void put_date(struct buffer *into, int64_t now_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)clock_floor_div(now_ms, MS_PER_SECOND);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm))
        return;
    buffer_printf(into, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
                  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                  tm.tm_sec);
}

/* The host in the ids: that of the sender, so that it stays the same; else this machine. */
static void find_host(const struct alert_target *target, char host[HOST_NAME_SIZE])
{
    const char *at = target->from ? strrchr(target->from, '@') : NULL;
    size_t n = at ? strspn(at + 1, TEXT_LETTERS_AND_DIGITS ".-") : 0;

    if (n > 0 && n < HOST_NAME_SIZE) {
        snprintf(host, HOST_NAME_SIZE, "%.*s", (int)n, at + 1);
        return;
    }
    if (gethostname(host, HOST_NAME_SIZE))
        host[0] = '\0';
    host[HOST_NAME_SIZE - 1] = '\0';
    host[strspn(host, TEXT_LETTERS_AND_DIGITS ".-")] = '\0';
    if (!host[0])
        snprintf(host, HOST_NAME_SIZE, "localhost");
}

/* What the ids need of an event. */
struct mail_event {
    const char *id;
    long number; /* of the message, at the end of the key "ID.2" */
    bool is_first;
};

/* Whether the message is the first one about its series of outages. */
static bool is_first(const struct json_text *event, struct arena *arena, bool *failed)
{
    const char *check = content_text(event, "check", arena);
    const char *change = content_text(event, "change", arena);
    const char *outages = "";
    struct json_text value;

    if (content_find(event, "outages", &value))
        outages = value.data;
    *failed |= !check || !change;
    return check && change && strcmp(check, "http") == 0 && strcmp(change, "began") == 0 &&
           strtol(outages, NULL, 10) == 1;
}

/* Returns 0, or -1 if out of memory. */
static int read_event(const struct json_text *json, struct arena *arena, struct mail_event *event)
{
    const char *key = content_text(json, "key", arena);
    const char *dot = key ? strrchr(key, '.') : NULL;
    bool failed = !key;

    event->id = content_text(json, "id", arena);
    event->number = dot ? strtol(dot + 1, NULL, 10) : 0;
    event->is_first = is_first(json, arena, &failed) || event->number <= 1;
    return failed || !event->id ? -1 : 0;
}

/* Reads the events of a message. NULL: out of memory. */
static struct mail_event *read_events(const struct mail *mail, size_t *n)
{
    struct json_text events, event;
    struct json_walk walk = {NULL};
    size_t max = content_find(mail->message, "events", &events) ? json_text_length(&events) : 0;
    struct mail_event *list = arena_alloc(mail->arena, (max + 1) * sizeof *list);

    for (*n = 0; list && *n < max && json_text_next(&events, &walk, NULL, &event); ++*n) {
        if (read_event(&event, mail->arena, &list[*n]))
            return NULL;
    }
    return list;
}

/* Appends the id of the mail: of one event, or of several. */
static int put_id(struct buffer *into, const struct mail_event *events, size_t n, const char *host)
{
    struct buffer ids = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    char hex[SIGN_HEX_MAX];
    int result;

    for (size_t i = 0; i < n; i++)
        buffer_printf(&ids, "%s%s", i ? "\n" : "", events[i].id);
    result = ids.failed || sign_hash(ids.data ? ids.data : "", ids.size, hex) ? -1 : 0;
    buffer_free(&ids);
    if (result == 0)
        buffer_printf(into, "Message-ID: <%s.%ld@%s>\r\n", hex, events[0].number, host);
    return result;
}

/* Appends the ids of earlier mails of an outage: the first one, and the one before this one. */
static int put_earlier(struct buffer *into, const struct mail_event *event, const char *host)
{
    char hex[SIGN_HEX_MAX];

    if (sign_hash(event->id, strlen(event->id), hex))
        return -1;
    buffer_printf(into, "\r\n <%s.1@%s>", hex, host);
    if (event->number > 2)
        buffer_printf(into, "\r\n <%s.%ld@%s>", hex, event->number - 1, host);
    return 0;
}

/* Appends a field with the ids of earlier mails, if there are any. */
static int put_references(struct buffer *into, const char *name, const struct mail_event *events,
                          size_t n, const char *host)
{
    bool has_one = false;
    int result = 0;

    for (size_t i = 0; i < n && i < REFERENCES_MAX && result == 0; i++) {
        if (n == 1 && events[i].is_first)
            continue;
        if (!has_one)
            buffer_printf(into, "%s:", name);
        has_one = true;
        result = put_earlier(into, &events[i], host);
    }
    if (has_one)
        end_line(into);
    return result;
}

static int put_ids(struct buffer *into, const struct mail *mail)
{
    size_t n;
    const struct mail_event *events = read_events(mail, &n);
    char host[HOST_NAME_SIZE];

    if (!events)
        return -1;
    find_host(mail->target, host);
    return put_id(into, events, n, host) || put_references(into, "In-Reply-To", events, n, host) ||
                   put_references(into, "References", events, n, host)
               ? -1
               : 0;
}

/* Whether a byte of a body is written as "=XX". Servers change spaces at the end of a line, and
 * some change a dot or "From" at its start. */
static bool needs_code(const char *text, size_t i, size_t column)
{
    unsigned char byte = (unsigned char)text[i];

    if (byte == ' ')
        return text[i + 1] == '\n' || text[i + 1] == '\0';
    return byte == '=' || !is_printable(byte) ||
           (column == 0 && (byte == '.' || byte == 'F' || byte == '-'));
}

/* Appends text as quoted-printable (RFC 2045). */
static void put_quoted(struct buffer *into, const char *text)
{
    size_t column = 0;

    for (size_t i = 0; text[i]; i++) {
        bool code;

        if (text[i] == '\n') {
            end_line(into);
            column = 0;
            continue;
        }
        if (column + 3 > QUOTED_WIDTH) {
            buffer_puts(into, "=\r\n");
            column = 0;
        }
        code = needs_code(text, i, column);
        if (code)
            buffer_printf(into, "=%02X", (unsigned)(unsigned char)text[i]);
        else
            buffer_putc(into, text[i]);
        column += code ? 3 : 1;
    }
    if (column)
        end_line(into);
}

/* "=_" is in no text in quoted-printable, so this is in no part. */
static const char boundary[] = "uptick=_part";

static void put_part(struct buffer *into, const char *type, const char *text)
{
    buffer_printf(into,
                  "--%s\r\n"
                  "Content-Type: %s; charset=UTF-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  boundary, type);
    put_quoted(into, text);
}

/* Removes the CR of each line end. No other CR is in a mail. */
static void remove_returns(struct buffer *mail, size_t from)
{
    size_t n = from;

    for (size_t i = from; i < mail->size; i++) {
        if (mail->data[i] != '\r')
            mail->data[n++] = mail->data[i];
    }
    mail->size = n;
    if (mail->data)
        mail->data[n] = '\0';
}

int mail_write(const struct mail *mail, struct buffer *into)
{
    size_t from = into->size;

    put_date(into, mail->now_ms);
    put_addresses(into, mail->target);
    put_field(into, "Subject", mail->title);
    if (put_ids(into, mail))
        return -1;
    buffer_printf(into,
                  "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
                  boundary);
    put_part(into, "text/plain", mail->text);
    put_part(into, "text/html", mail->html);
    buffer_printf(into, "--%s--\r\n", boundary);
    if (mail->target->type == ALERT_SENDMAIL)
        remove_returns(into, from);
    return into->failed ? -1 : 0;
}
