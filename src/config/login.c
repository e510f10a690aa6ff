/* Reads user name and password, and makes a header of them. */
#include "config/login.h"

#include "base/secrets.h"
#include "config/url.h"
#include "config/value.h"

#include <string.h>
#include <strings.h>

/* What is shown in place of a password that did not come from the environment. */
#define SHOWN "***"

static const char scheme[] = "Basic ";

static bool has_control(const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        if ((unsigned char)text->data[i] < 0x20 || text->data[i] == 0x7f)
            return true;
    }
    return false;
}

/* No message may quote a part of a login. */
static void read_part(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = node_is_null(node) ? NULL : value_text(loader, node);

    if (node_is_null(node))
        *(const char **)into = NULL;
    else if (text && has_control(text))
        loader_report(loader, node, "a login has no control characters and no line breaks");
    else if (text && loader->key->kind == &login_username && strchr(text->data, ':'))
        loader_report(loader, node, "a user name has no ':', which ends it in a Basic login");
    else if (text)
        *(const char **)into = text->data;
}

/* Writes the base64 of these bytes, with its NUL. */
static void write_base64(const char *bytes, size_t size, char *into)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        unsigned n = 0;

        for (size_t j = i; j < i + 3; j++)
            n = n << 8 | (j < size ? (unsigned char)bytes[j] : 0);
        *into++ = digits[n >> 18];
        *into++ = digits[n >> 12 & 63];
        *into++ = i + 1 < size ? digits[n >> 6 & 63] : '=';
        *into++ = i + 2 < size ? digits[n & 63] : '=';
    }
    *into = '\0';
}

const char *login_header(struct loader *loader, const char *username, const char *password)
{
    struct secrets *secrets = loader->config->secrets;
    struct arena *work = loader->mistakes->arena;
    size_t size = strlen(username) + 1 + strlen(password);
    char *pair = mistakes_alloc(loader->mistakes, work, size + 1);
    char *header = loader_alloc(loader, sizeof scheme + (size + 2) / 3 * 4);

    if (!pair || !header)
        return NULL;
    stpcpy(stpcpy(stpcpy(pair, username), ":"), password);
    write_base64(pair, size, stpcpy(header, scheme));

    /* Both may be there already, under the name of a variable. */
    if (secrets_add(secrets, password, strlen(password), SHOWN) ||
        secrets_add(secrets, header + sizeof scheme - 1, strlen(header) - sizeof scheme + 1,
                    SHOWN)) {
        mistakes_no_memory(loader->mistakes);
        return NULL;
    }
    return header;
}

static void add_header(struct loader *loader, struct domain *domain)
{
    struct login *last = &loader->login;
    const char *password = domain->password ? domain->password : "";
    struct header *headers = loader_alloc(loader, (domain->n_headers + 1) * sizeof *headers);

    /* Domains that have the login from `defaults` share its header. */
    if (last->username != domain->username || last->password != domain->password)
        *last = (struct login){domain->username, domain->password,
                               login_header(loader, domain->username, password)};
    if (!headers || !last->header)
        return;
    if (domain->n_headers)
        memcpy(headers, domain->headers, domain->n_headers * sizeof *headers);
    headers[domain->n_headers++] = (struct header){"Authorization", last->header};
    domain->headers = headers;
}

static bool has_authorization(const struct domain *domain)
{
    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcasecmp(domain->headers[i].name, "Authorization") == 0)
            return true;
    }
    return false;
}

static bool url_has_login(struct loader *loader, const struct domain *domain)
{
    struct bytes url = {domain->url, domain->url ? strlen(domain->url) : 0};

    return domain->url && url_parse(loader, &url) == URL_HTTP && url_logs_in(loader);
}

void login_complete(struct loader *loader, const struct mapping_values *values, struct node *at,
                    struct domain *domain)
{
    struct node *username, *password;

    if (!domain->username && !domain->password)
        return;
    username = mapping_value(values, "username");
    password = mapping_value(values, "password");
    if (domain->username && url_has_login(loader, domain))
        mistakes_at(loader->mistakes, username ? username : at,
                    "username: the URL has a login too; remove one of them");
    else if (domain->username && has_authorization(domain))
        mistakes_at(loader->mistakes, username ? username : at,
                    "username: the header Authorization is set too; remove one of them");
    else if (domain->username)
        add_header(loader, domain);
    else if (domain->password && password && !(username && username->mistakes))
        mistakes_at(loader->mistakes, password,
                    "password: there is no user name; set username (\"\" is an empty one)");
}

const struct kind login_username = {"text without ':', or ~ for none", .read = read_part};
const struct kind login_password = {"text, or ~ for none", .read = read_part};
