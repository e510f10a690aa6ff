#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "config/loader.h"

struct filled;

/* A parser of URLs, by the rules of libcurl and RFC 3986. It keeps only the URL that it parsed
 * last, so one parser is enough for a file. No URL is read relative to the one before it. */
struct url;

/* NULL: out of memory. */
struct url *url_new(void);

/* NULL is allowed. */
void url_free(struct url *url);

/* URL_BAD_HOST: its host cannot be that of a request (base/host_name.h). */
enum url_kind { URL_HTTP, URL_OTHER_SCHEME, URL_BAD_HOST, URL_BAD_PORT, URL_BAD };

/* Parses a URL with the loader's parser. If memory runs out, reports that and returns URL_BAD. */
enum url_kind url_parse(struct loader *loader, const struct bytes *text);

/* A plain URL. Texts belong to the configuration. */
struct url_plain {
    const char *host, *shown; /* as url_server and url_shown give them */
    int port;
};

/*
 * Reads a plain URL without the parser, which takes a third of the time of reading a file: one
 * without login and with a path, of characters that libcurl leaves as they are. text may also
 * become `shown`. Returns false if the URL is not plain, or if memory ran out, which is reported.
 */
bool url_read_plain(struct loader *loader, const struct bytes *text, struct url_plain *plain);

/* Why the text parsed last is not a URL; after URL_BAD_HOST, this completes "the host ...". */
const char *url_reason(const struct loader *loader);

/*
 * Parts of the URL parsed last, which must be URL_HTTP. Texts belong to the configuration. If
 * memory runs out, they report that and return NULL or false.
 */

/* The whole URL, with its scheme and host normalised. */
const char *url_text(struct loader *loader);

/* The URL of this text as the end of redirects is compared with it: encoded, with its host in lower
 * case as name servers know it, and without the default port. The text must be one that url_parse
 * has accepted. NULL: it is no URL once it is encoded, or memory ran out. */
const char *url_compared(struct loader *loader, const struct bytes *text);

/* The URL as it may be published: without user, password, query and fragment, which may be secret,
 * and with control characters and the like escaped. The parser then has only this URL. */
const char *url_shown(struct loader *loader);

/*
 * The same for a URL with variables: with ${NAME} in place of each value in the part that is shown.
 * *host becomes the same of the host alone; NULL: the host has no variable. The text must be one
 * that url_parse has accepted.
 */
const char *url_shown_filled(struct loader *loader, const struct filled *filled, const char **host);

/* Sets the host, as name servers know it, and the port. */
void url_server(struct loader *loader, const char **host, int *port);

/* Whether it has a user or password. */
bool url_logs_in(struct loader *loader);

/* Copies the login of the URL parsed last to the configuration, decoded; "" for a part that it does
 * not have. Returns false if there is no login, or none that can be decoded. */
bool url_copy_login(struct loader *loader, const char **username, const char **password);

/* Whether its host is ASCII. */
bool url_has_plain_host(struct loader *loader);

/*
 * Reads the URL of a proxy. Fills in *proxy; without a port, it has the usual one of its scheme. If
 * it has a login, sets *username and *password to the parts of it. Returns NULL, or why the text is
 * not such a URL, for people. If memory runs out, that is also reported.
 */
const char *url_read_proxy(struct loader *loader, const struct bytes *text, struct proxy *proxy,
                           const char **username, const char **password);

/*
 * Reads the URL of a mail server, without login, path, query and fragment. *server becomes that
 * URL, for libcurl. Returns NULL, or why the text is not such a URL, for people. If memory runs
 * out, that is also reported.
 */
const char *url_read_mail_server(struct loader *loader, const struct bytes *text,
                                 const char **server);

/* The host of the URL parsed last, as name servers know it; NULL: out of memory, which is reported.
 */
const char *url_host(struct loader *loader);

/* Whether a text has a user, judged by its bytes as they are written in the file: no ${...} in it
 * is filled in yet. */
bool url_writes_user(const struct bytes *text);

/* Whether a value in the user of a URL, as it is written, has a byte that ends the user or the
 * authority: then the rest of the value would become the host or the path. */
bool url_loses_user(const struct bytes *written, const struct filled *filled);

#endif
