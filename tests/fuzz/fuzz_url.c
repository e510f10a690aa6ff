/* config/http_value and check/target: logins and queries are in no URL that is shown and in no
 * message, and are sent to no other server. */
#define _GNU_SOURCE /* memmem */
#include "fuzz.h"

#include "base/host_name.h"
#include "base/secrets.h"
#include "base/uri.h"
#include "check/target.h"
#include "config/http_value.h"
#include "config/loader.h"
#include "config/url.h"

static const char secret[] = "Zy9SECRETx";

enum place { USER, PASSWORD, QUERY, FRAGMENT, PLACES };

/* Appends bytes of the input up to a NUL; those that would end this part of a URL are escaped (RFC
 * 3986). The secret comes before or after them. */
static void add_part(struct buffer *into, struct input *input, const char *ends, bool with_secret)
{
    bool before = input_byte(input) % 2;
    size_t size;
    char *part = input_part(input, '\0', &size);

    if (with_secret && before)
        buffer_puts(into, secret);
    for (size_t i = 0; i < size; i++) {
        if (strchr(ends, part[i]) || (unsigned char)part[i] <= ' ' || part[i] == 0x7f)
            buffer_printf(into, "%%%02X", (unsigned)(unsigned char)part[i]);
        else
            buffer_putc(into, part[i]);
    }
    if (with_secret && !before)
        buffer_puts(into, secret);
    free(part);
}

/* A well-formed URL around a secret. */
static void compose(struct buffer *url, struct input *input)
{
    enum place place = input_byte(input) % PLACES;
    uint8_t shape = input_byte(input);

    buffer_puts(url, shape & 1 ? "https://" : "http://");
    if ((shape & 2) || place == USER || place == PASSWORD) {
        add_part(url, input, ":@/?#[]\\", place == USER);
        if ((shape & 4) || place == PASSWORD) {
            buffer_putc(url, ':');
            add_part(url, input, "@/?#[]\\", place == PASSWORD);
        }
        buffer_putc(url, '@');
    }
    buffer_puts(url, shape & 8 ? "h.example" : "[::1]:8080");
    if ((shape & 16) || place >= QUERY)
        buffer_putc(url, '/');
    if (shape & 16)
        add_part(url, input, "?#", false);
    if ((shape & 32) || place == QUERY) {
        buffer_putc(url, '?');
        add_part(url, input, "#", place == QUERY);
    }
    if ((shape & 64) || place == FRAGMENT) {
        buffer_putc(url, '#');
        add_part(url, input, "", place == FRAGMENT);
    }
}

/* A shown URL has only a scheme, a host and a path, however it is read. */
static void must_be_bare(const char *shown)
{
    const char *host = strstr(shown, "://");

    must(host && (strncmp(shown, "http", 4) == 0), "it is a URL");
    must(!strpbrk(shown, "?#"), "it has no query");
    host += 3;
    must(!memchr(host, '@', strcspn(host, "/")), "it has no user");
    must_be_clean_line(shown, strlen(shown));
}

static void must_not_contain(const struct mistakes *mistakes)
{
    struct buffer printed = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);

    mistakes_print(mistakes, "f", &printed);
    must(!printed.data || !strstr(printed.data, secret), "no message contains the secret");
    buffer_free(&printed);
}

/* The URL that a request is for is ASCII after its host, and encoding it again changes nothing. */
static void must_be_encoded(const char *url)
{
    struct buffer once = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct buffer twice = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    const char *authority;

    must(uri_encode(&once, url) == 0 && uri_encode(&twice, once.data) == 0, "it is encoded");
    must(strcmp(once.data, twice.data) == 0, "it is encoded once");
    authority = strstr(once.data, "://");
    for (const char *c = authority ? authority + 3 + strcspn(authority + 3, "/?#") : ""; *c; c++)
        must(*c > ' ' && *c != 0x7f, "the rest of it is ASCII");
    buffer_free(&once);
    buffer_free(&twice);
}

/* A redirect to a location from the rest of the input. */
static void follow(const struct domain *domain, struct input *input)
{
    struct target target;
    size_t size;
    char *location = input_part(input, '\0', &size);
    CURLcode code;

    target_start(&target, domain);
    code = target_follow(&target, domain, location);
    must(!strstr(target.scheme, secret), "no scheme contains the secret");
    if (code == CURLE_OK) {
        must(target.host && !host_name_fault(target.host), "the target has a host");
        must(!*target.scheme && !target.host_fault, "the target has no fault");
        must(target.same_origin || !strstr(target.url, secret), "no secret goes to another origin");
    }
    target_free(&target);
    free(location);
}

static void read_url(struct loader *loader, struct bytes url, struct input *input)
{
    const struct key *key = &keys_domain.keys[keys_find(&keys_domain, "url", 3)];
    struct node node = {.kind = NODE_TEXT, .line = 1, .column = 1, .text = url};
    struct domain domain = {.url = NULL};

    loader->key = key;
    key->kind->read(loader, &node, &domain);
    must_not_contain(loader->mistakes);
    must((domain.shown_url != NULL) == !mistakes_any(loader->mistakes),
         "the URL is accepted or has a mistake");
    if (!domain.shown_url)
        return;
    must(!strstr(domain.shown_url, secret), "the shown URL does not contain the secret");
    must(!strstr(domain.host, secret), "the host does not contain the secret");
    must(!host_name_fault(domain.host), "the host can be that of a request");
    must_be_bare(domain.shown_url);
    must_be_encoded(domain.url);
    follow(&domain, input);
}

static bool holds_secret(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + sizeof secret - 1 <= size; i++) {
        if (memcmp(data + i, secret, sizeof secret - 1) == 0)
            return true;
    }
    return false;
}

/* The input: whether to compose the URL, its parts or the whole up to a NUL, then a Location. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct buffer url = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct config config = {.path = "f", .secrets = secrets_new()};
    struct mistakes mistakes = {.arena = arena_new()};
    struct loader loader = {
        .mistakes = &mistakes, .arena = mistakes.arena, .config = &config, .place = ""};

    /* If the input itself contains the secret, it may be anywhere. */
    if (!mistakes.arena || !config.secrets || holds_secret(data, size))
        goto out;
    loader.url = url_new();
    if (input_byte(&input) % 4) {
        compose(&url, &input);
    } else {
        char *raw = input_part(&input, '\0', &size);

        buffer_append(&url, raw, size);
        free(raw);
    }

    /* The path of a file is shown, and the secret may be in it. */
    if (!url.size || !memmem(url.data, url.size, "${file:", 7))
        read_url(&loader, (struct bytes){url.data, url.size}, &input);
    url_free(loader.url);
    table_free(&loader.variables);
out:
    secrets_free(config.secrets);
    buffer_free(&url);
    arena_free(mistakes.arena);
    return 0;
}
