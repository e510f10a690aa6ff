/* Makes what targets are sent from messages: text, JSON of a service, or mail. */
#include "alert/payload.h"

#include "alert/content.h"
#include "alert/mail.h"
#include "alert/message.h"
#include "alert/payload_values.h"
#include "alert/sign.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json_syntax.h"
#include "base/text.h"
#include "template/run.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a service is sent, and where. */
static const struct format {
    const char *template;     /* NULL: the message itself */
    const char *path;         /* of the service, if the URL has no path; NULL: "/" */
    const char *token_header; /* the start of the header with the token; NULL: it is elsewhere */
    bool is_for_programs;     /* one message for each subject */
    struct payload_limits limits;
} formats[ALERT_FORMATS] = {
    [ALERT_JSON] = {NULL, NULL, "Authorization: Bearer ", true, {PAYLOAD_PLAIN, 0, 0}},
    [ALERT_SLACK] = {"alert.slack.mustache", NULL, NULL, false, {PAYLOAD_ENTITIES, 250, 2900}},
    [ALERT_DISCORD] = {"alert.discord.mustache", NULL, NULL, false, {PAYLOAD_MENTIONS, 250, 1500}},
    [ALERT_TEAMS] = {"alert.teams.mustache", NULL, NULL, false, {PAYLOAD_PLAIN, 250, 5000}},
    [ALERT_NTFY] =
        {"alert.ntfy.mustache", NULL, "Authorization: Bearer ", false, {PAYLOAD_PLAIN, 250, 3900}},
    [ALERT_GOTIFY] =
        {"alert.gotify.mustache", "/message", "X-Gotify-Key: ", false, {PAYLOAD_PLAIN, 250, 8000}},
    [ALERT_TELEGRAM] =
        {"alert.telegram.mustache", NULL, NULL, false, {PAYLOAD_MENTIONS, 250, 4000}},
    [ALERT_PAGERDUTY] =
        {"alert.pagerduty.mustache", "/v2/enqueue", NULL, true, {PAYLOAD_PLAIN, 1000, 8000}},
    [ALERT_OPSGENIE] = {"alert.opsgenie.mustache",
                        "/v2/alerts",
                        "Authorization: GenieKey ",
                        true,
                        {PAYLOAD_MENTIONS, 130, 8000}},
    [ALERT_ALERTMANAGER] = {"alert.alertmanager.mustache",
                            "/api/v2/alerts",
                            "Authorization: Bearer ",
                            true,
                            {PAYLOAD_PLAIN, 0, 0}},
    [ALERT_GOOGLECHAT] =
        {"alert.googlechat.mustache", NULL, NULL, false, {PAYLOAD_MENTIONS, 250, 3500}},
    [ALERT_MATTERMOST] =
        {"alert.mattermost.mustache", NULL, NULL, false, {PAYLOAD_MENTIONS, 250, 3500}},
};

/* A mail has one template, for its HTML. */
static const char mail_template[] = "alert.mail.html.mustache";
static const struct payload_limits mail_limits = {PAYLOAD_PLAIN, 250, 60000};

struct making_payload {
    const struct alert_target *target;
    const struct template_set *templates;
    const struct format *format; /* of a webhook */
    struct json_text message;
    const char *key;                    /* of the message */
    const char *first_id, *first_state; /* of its first event */
    int64_t now_ms;
    struct payload *payload;
    struct error *error;
};

bool payload_is_summary(const struct alert_target *target)
{
    if (target->type == ALERT_COMMAND)
        return false;
    return target->type != ALERT_WEBHOOK || !formats[target->format].is_for_programs;
}

static int report_memory(const struct making_payload *making)
{
    return error_set(making->error, EXIT_IO, "alert target %s: out of memory", making->target->id);
}

/* Keeps a text that was built, and frees the buffer. NULL: out of memory. */
static const char *keep_text(const struct making_payload *making, struct buffer *text)
{
    char *kept = text->failed ? NULL : arena_copy(making->payload->arena, text->data, text->size);

    buffer_free(text);
    return kept;
}

/* The parts of a URL without a fragment. */
struct service_url {
    size_t path, query; /* where they begin */
};

static struct service_url split_url(const char *url)
{
    const char *host = strstr(url, "://");
    struct service_url parts;

    host = host ? host + 3 : url;
    parts.path = (size_t)(host - url) + strcspn(host, "/?#");
    parts.query = parts.path + strcspn(url + parts.path, "?#");
    return parts;
}

static bool has_path(struct service_url parts)
{
    return parts.query > parts.path + 1;
}

/* Appends bytes, percent-encoded as a part of a path. */
static void put_encoded(struct buffer *into, const char *text)
{
    for (; *text; text++) {
        if (strchr(TEXT_LETTERS_AND_DIGITS "-._~:@", *text))
            buffer_putc(into, *text);
        else
            buffer_printf(into, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

/* Appends what comes after the configured path. */
static void put_method(const struct making_payload *making, struct buffer *into)
{
    char alias[PAYLOAD_ALIAS_MAX + 1];
    bool is_over = strcmp(making->first_state, "UP") == 0;

    if (making->target->format == ALERT_TELEGRAM) {
        buffer_puts(into, "/bot");
        put_encoded(into, making->target->token ? making->target->token : "");
        buffer_puts(into, "/sendMessage");
    } else if (making->target->format == ALERT_OPSGENIE && is_over) {
        into->failed |= payload_values_alias(making->first_id, alias) != 0;
        buffer_putc(into, '/');
        put_encoded(into, into->failed ? "" : alias);
        buffer_puts(into, "/close?identifierType=alias");
    }
}

/* The URL of a service, and for ntfy the topic, which is the last part of the configured path. */
static int make_url(struct making_payload *making, const char **topic)
{
    const char *url = making->target->url;
    struct service_url parts = split_url(url);
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE), name = into;
    size_t end = parts.query;

    while (end > parts.path && url[end - 1] == '/')
        end--;
    if (making->target->format == ALERT_NTFY) {
        size_t start = end;

        while (start > parts.path && url[start - 1] != '/')
            start--;
        buffer_append(&name, url + start, end - start);
        end = start;
    }
    buffer_append(&into, url, end);
    if (!has_path(parts) && making->format->path)
        buffer_puts(&into, making->format->path);
    put_method(making, &into);
    if (url[parts.query] == '?')
        buffer_printf(&into, "%s%s", into.data && strchr(into.data, '?') ? "&" : "?",
                      url + parts.query + 1);
    *topic = keep_text(making, &name);
    making->payload->url = keep_text(making, &into);
    return *topic && making->payload->url ? 0 : report_memory(making);
}

/* Whether one of the target's own headers has this name. */
static bool is_replaced(const struct alert_target *target, const char *header)
{
    size_t size = strcspn(header, ":");

    for (size_t i = 0; i < target->n_headers; i++) {
        const char *name = target->headers[i].name;

        if (strlen(name) == size && strncasecmp(name, header, size) == 0)
            return true;
    }
    return false;
}

/* Keeps a header, if it is not replaced. What could end it becomes a space. */
static int add_header(struct making_payload *making, const char **headers, size_t *n,
                      const char *before, const char *value)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    char *kept;

    buffer_printf(&text, "%s%s", before, value);
    kept = (char *)keep_text(making, &text);
    if (!kept)
        return report_memory(making);
    for (char *at = kept; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    }
    if (!is_replaced(making->target, kept))
        headers[(*n)++] = kept;
    return 0;
}

static int add_signature(struct making_payload *making, const char **headers, size_t *n)
{
    const struct buffer *body = &making->payload->body;
    long long seconds = clock_floor_div(making->now_ms, MS_PER_SECOND);
    char hex[SIGN_HEX_MAX], value[SIGN_HEX_MAX + 64];

    if (!making->target->secret)
        return 0;
    if (sign_body(making->target->secret, seconds, body->data, body->size, hex))
        return report_memory(making);
    snprintf(value, sizeof value, "t=%lld,v1=%s", seconds, hex);
    return add_header(making, headers, n, "Uptick-Signature: ", value);
}

/* Makes the headers; those of the target replace ours. */
static int make_headers(struct making_payload *making)
{
    enum { OURS = 4 };
    const struct alert_target *target = making->target;
    size_t n = 0;
    const char **headers =
        arena_alloc(making->payload->arena, (OURS + target->n_headers + 1) * sizeof *headers);

    if (!headers)
        return report_memory(making);
    if (add_header(making, headers, &n, "Content-Type: ", "application/json") ||
        add_header(making, headers, &n, "Idempotency-Key: ", making->key) ||
        add_signature(making, headers, &n))
        return -1;
    if (target->token && making->format->token_header &&
        add_header(making, headers, &n, making->format->token_header, target->token))
        return -1;
    for (size_t i = 0; i < target->n_headers; i++) {
        struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

        buffer_printf(&text, "%s: %s", target->headers[i].name, target->headers[i].value);
        headers[n] = keep_text(making, &text);
        if (!headers[n++])
            return report_memory(making);
    }
    making->payload->headers = headers;
    return 0;
}

static int run_format(struct making_payload *making, const char *template,
                      const struct value *values, struct buffer *into)
{
    if (!values)
        return report_memory(making);
    return run_template(making->templates, template, values, NULL, into, making->error);
}

/* A template of a user may make anything. */
static int check_json(const struct making_payload *making)
{
    const struct buffer *body = &making->payload->body;
    const char *bytes = body->data ? body->data : "";
    struct json_text value;

    if (json_syntax_parse(bytes, body->size, &value) == JSON_SYNTAX_VALID)
        return 0;
    return error_set(making->error, EXIT_CONFIG, "%s: the result is no JSON, from byte %zu on",
                     making->format->template, (size_t)(value.data - bytes) + 1);
}

static int make_webhook(struct making_payload *making, const char *content)
{
    const char *topic;

    making->format = &formats[making->target->format];
    if (make_url(making, &topic))
        return -1;
    if (!making->format->template) {
        if (buffer_puts(&making->payload->body, content))
            return report_memory(making);
    } else if (run_format(making, making->format->template,
                          payload_values_make(&making->message, making->target, topic,
                                              &making->format->limits, making->payload->arena),
                          &making->payload->body) ||
               check_json(making)) {
        return -1;
    }
    return make_headers(making);
}

/* Finds a text among the values of the root. */
static const char *find_text(const struct value *values, const char *name)
{
    for (size_t i = 0; i < values->object.n; i++) {
        const struct field *field = &values->object.fields[i];

        if (strcmp(field->name, name) == 0 && field->value.kind == VALUE_TEXT)
            return field->value.text.data;
    }
    return "";
}

static int make_mail(struct making_payload *making)
{
    const struct value *values = payload_values_make(&making->message, making->target, "",
                                                     &mail_limits, making->payload->arena);
    struct buffer html = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result = run_format(making, mail_template, values, &html);

    if (result == 0) {
        struct mail mail = {.target = making->target,
                            .message = &making->message,
                            .arena = making->payload->arena,
                            .title = find_text(values, "title"),
                            .text = find_text(values, "text"),
                            .html = html.data ? html.data : "",
                            .now_ms = making->now_ms};

        result = mail_write(&mail, &making->payload->body) ? report_memory(making) : 0;
    }
    buffer_free(&html);
    return result;
}

static int report_damage(const struct making_payload *making)
{
    return error_set(making->error, EXIT_IO, "alert target %s: a stored message is damaged",
                     making->target->id);
}

/* Reads a text that must be there. Returns 0 or -1. */
static int read_text(const struct making_payload *making, const struct json_text *object,
                     const char *name, const char **text)
{
    *text = content_text(object, name, making->payload->arena);
    if (!*text)
        return report_memory(making);
    return (*text)[0] ? 0 : report_damage(making);
}

/* Messages come from state.db, so any bytes are possible. */
static int read_message(struct making_payload *making, const char *content)
{
    struct json_text events, event;
    struct json_walk walk = {NULL};
    const char *text, *id, *state;

    if (!content_parse(content, &making->message) ||
        !content_find(&making->message, "events", &events) || !content_at(&events, 0, &event))
        return report_damage(making);
    if (read_text(making, &making->message, "title", &text) ||
        read_text(making, &making->message, "text", &text) ||
        read_text(making, &making->message, "key", &making->key) ||
        read_text(making, &event, "id", &making->first_id) ||
        read_text(making, &event, "state", &making->first_state))
        return -1;
    while (json_text_next(&events, &walk, NULL, &event)) {
        if (read_text(making, &event, "id", &id) || read_text(making, &event, "state", &state))
            return -1;
    }
    return 0;
}

static int make_payload(struct making_payload *making, const char *content)
{
    switch (making->target->type) {
    case ALERT_PRINT:
        return message_text(content, &making->payload->body, making->error);
    case ALERT_COMMAND:
        return buffer_puts(&making->payload->body, content) ? report_memory(making) : 0;
    case ALERT_WEBHOOK:
        return make_webhook(making, content);
    default:
        return make_mail(making);
    }
}

int payload_make(const struct alert_target *target, const struct template_set *templates,
                 const char *content, int64_t now_ms, struct payload *payload, struct error *error)
{
    struct making_payload making = {.target = target,
                                    .templates = templates,
                                    .now_ms = now_ms,
                                    .payload = payload,
                                    .error = error};

    *payload = (struct payload){.body = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE), .arena = arena_new()};
    if (!payload->arena)
        return report_memory(&making);
    return read_message(&making, content) || make_payload(&making, content) ? -1 : 0;
}

void payload_free(struct payload *payload)
{
    buffer_free(&payload->body);
    arena_free(payload->arena);
    *payload = (struct payload){.url = NULL};
}
