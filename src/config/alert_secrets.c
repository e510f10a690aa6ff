/* Adds what must not be shown of a target to the secrets. What came from the environment is there
 * already. */
#define _GNU_SOURCE /* strcasestr */
#include "config/alert_secrets.h"

#include "base/secrets.h"
#include "base/text.h"
#include "config/login.h"
#include "config/url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Shorter texts without digits are probably words, and would be hidden everywhere: "sendMessage".
 * Keys have more capitals. */
enum { WORD_MAX = 24, CAPITALS_MAX = 1 /* after a small letter */ };

enum { SHOWN_MAX = TEXT_ID_MAX + 16 };

static bool is_word(const char *text, size_t size)
{
    int capitals = 0;

    for (size_t i = 0; i < size; i++) {
        if (isdigit((unsigned char)text[i]))
            return false;
        capitals += i > 0 && islower((unsigned char)text[i - 1]) && isupper((unsigned char)text[i]);
    }
    return size < WORD_MAX && capitals <= CAPITALS_MAX;
}

/* A key of a service, in any shape. */
static void hide_secret(struct loader *loader, const char *text, size_t size, const char *shown)
{
    if (text && secrets_add(loader->config->secrets, text, size, shown))
        mistakes_no_memory(loader->mistakes);
}

/* An address. */
static void hide_whole(struct loader *loader, const char *text, const char *shown)
{
    if (text && secrets_add_whole(loader->config->secrets, text, strlen(text), shown))
        mistakes_no_memory(loader->mistakes);
}

/* What may be a word. */
static void hide_long(struct loader *loader, const char *text, const char *shown)
{
    if (text && strlen(text) >= SECRETS_PART_MIN && !is_word(text, strlen(text)))
        hide_whole(loader, text, shown);
}

/* Adds a host to a list of lines, if it is not NULL. */
static void add_host(struct buffer *hosts, const char *host)
{
    if (!host)
        return;
    buffer_puts(hosts, host);
    buffer_append(hosts, "\n", 1);
}

/* The hosts that are monitored, and their proxies, a line each. One text is searched faster than
 * ten thousand. NULL: out of memory, which is reported. */
static const char *list_hosts(struct loader *loader)
{
    struct buffer hosts = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);

    if (loader->hosts)
        return loader->hosts;
    for (size_t i = 0; i < loader->n_domains; i++) {
        const struct proxy *proxy = loader->domains[i].proxy;

        add_host(&hosts, loader->domains[i].host);
        add_host(&hosts, proxy ? proxy->host : NULL);
    }
    if (hosts.failed)
        mistakes_no_memory(loader->mistakes);
    else
        loader->hosts = mistakes_copy(loader->mistakes, loader->mistakes->arena,
                                      hosts.size ? hosts.data : "", hosts.size);
    buffer_free(&hosts);
    return loader->hosts;
}

/* A host is only hidden if it is not part of one that is monitored: that one is published, and
 * events have it as their scope. */
static void hide_host(struct loader *loader, const char *host, const char *shown)
{
    const char *hosts;

    if (!host || (strlen(host) < SECRETS_PART_MIN && !strchr(host, '.')))
        return;
    hosts = list_hosts(loader);
    if (hosts && !strcasestr(hosts, host))
        hide_whole(loader, host, shown);
}

/* The parts of a path and a query may be keys. */
static void hide_path(struct loader *loader, const char *path, const char *shown)
{
    while (*path) {
        size_t size = strcspn(path, "/?&=");

        if (size >= SECRETS_PART_MIN && !is_word(path, size))
            hide_secret(loader, path, size, shown);
        path += size + (path[size] != '\0');
    }
}

static void hide_url(struct loader *loader, const char *url, const char *shown)
{
    struct bytes text = {url, url ? strlen(url) : 0};
    const char *username, *password, *authority;

    if (!url || url_parse(loader, &text) != URL_HTTP)
        return;
    if (url_copy_login(loader, &username, &password)) {
        hide_secret(loader, password, strlen(password), shown);
        login_header(loader, username, password);
    }
    hide_host(loader, url_host(loader), shown);
    authority = url + strcspn(url, ":");
    authority += strspn(authority, ":/");
    hide_whole(loader, authority, shown);
    hide_path(loader, authority + strcspn(authority, "/?"), shown);
}

static void hide_server(struct loader *loader, const char *server, const char *shown)
{
    struct bytes text = {server, server ? strlen(server) : 0};
    const char *same;

    if (server && !url_read_mail_server(loader, &text, &same))
        hide_host(loader, url_host(loader), shown);
}

/* The last word of a header's value is its key, as in "Bearer 1f3870be". */
static void hide_header(struct loader *loader, const struct header *header, const char *shown)
{
    const char *space = strrchr(header->value, ' ');
    const char *word = space ? space + 1 : header->value;

    if (strcasecmp(header->name, "Content-Type") != 0 &&
        strcasecmp(header->name, "User-Agent") != 0 &&
        strncasecmp(header->name, "Accept", strlen("Accept")) != 0 && !is_word(word, strlen(word)))
        hide_secret(loader, word, strlen(word), shown);
}

/* The first text of a list that is hidden. */
static void hide_list(struct loader *loader, const char *const *list, size_t first,
                      const char *shown)
{
    for (size_t i = 0; list && list[i]; i++) {
        if (i >= first && strchr(list[i], '@'))
            hide_whole(loader, list[i], shown);
        else if (i >= first)
            hide_long(loader, list[i], shown);
    }
}

/* What a target answers may repeat any text of it, also the words of it. */
static void hide_answer(struct loader *loader, const char *text, const char *shown)
{
    static const char separators[] = " \t\n\"',;/?#&=:@";
    struct secrets *secrets = loader->config->answer_secrets;
    int result = text ? secrets_add(secrets, text, strlen(text), shown) : 0;

    while (text && *text && result == 0) {
        size_t size = strcspn(text, separators);

        if (size >= SECRETS_PART_MIN)
            result = secrets_add(secrets, text, size, shown);
        text += size + strspn(text + size, separators);
    }
    if (result)
        mistakes_no_memory(loader->mistakes);
}

/* A program begins its errors with its name, which is only hidden as a path. */
static void hide_program(struct loader *loader, const char *const *command, const char *shown)
{
    if (command &&
        secrets_add_whole(loader->config->answer_secrets, command[0], strlen(command[0]), shown))
        mistakes_no_memory(loader->mistakes);
}

static void hide_answers(struct loader *loader, const struct alert_target *target,
                         const char *shown)
{
    const char *const texts[] = {
        target->url,      target->server, target->username,
        target->password, target->token,  target->chat,
        target->secret,   target->from,   target->proxy ? target->proxy->url : NULL};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        hide_answer(loader, texts[i], shown);
    for (size_t i = 0; i < target->n_headers; i++)
        hide_answer(loader, target->headers[i].value, shown);
    for (const char *const *to = target->to; to && *to; to++)
        hide_answer(loader, *to, shown);
    hide_program(loader, target->command, shown);
    for (size_t i = 1; target->command && target->command[i]; i++)
        hide_answer(loader, target->command[i], shown);
}

void alert_secrets_add(struct loader *loader, const struct alert_target *target)
{
    const char *const keys[] = {target->password, target->token, target->secret};
    const char *const addresses[] = {target->from, NULL};
    char shown[SHOWN_MAX];

    snprintf(shown, sizeof shown, "(target %s)", target->id);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        hide_secret(loader, keys[i], keys[i] ? strlen(keys[i]) : 0, shown);
    hide_long(loader, target->username, shown);
    hide_long(loader, target->chat, shown);
    hide_list(loader, addresses, 0, shown);
    hide_list(loader, target->to, 0, shown);
    hide_list(loader, target->command, 1, shown);
    for (size_t i = 0; i < target->n_headers; i++)
        hide_header(loader, &target->headers[i], shown);
    hide_url(loader, target->url, shown);
    hide_server(loader, target->server, shown);
    if (target->proxy)
        hide_host(loader, target->proxy->host, shown);
    hide_answers(loader, target, shown);
}

void alert_secrets_add_ping(struct loader *loader)
{
    hide_url(loader, loader->config->ping_url, "(ping_url)");
    hide_answer(loader, loader->config->ping_url, "(ping_url)");
}
