/* Reads the URL of a proxy. */
#include "config/proxy.h"

#include "base/secrets.h"
#include "config/http_value.h"
#include "config/login.h"
#include "config/url.h"
#include "config/value.h"

#include <string.h>

/* A host from the environment is also secret in the form that name servers know. */
static void hide_host(struct loader *loader, const struct node *node, const struct proxy *proxy)
{
    const char *shown = NULL;

    if (value_is_secret(node))
        url_shown_filled(loader, node->filled, &shown);
    if (shown && secrets_add(loader->config->secrets, proxy->host, strlen(proxy->host), shown))
        mistakes_no_memory(loader->mistakes);
}

/* No message may quote the URL: it may contain a password. */
static void read_url(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = node_is_null(node) ? NULL : value_text(loader, node);
    struct proxy *proxy = text ? loader_alloc(loader, sizeof *proxy) : NULL;
    const char *username = "", *password = "", *fault;

    if (node_is_null(node))
        *(const struct proxy **)into = NULL;
    if (!proxy || !http_value_keeps_login(loader, node))
        return;
    fault = url_read_proxy(loader, text, proxy, &username, &password);
    if (fault) {
        loader_report(loader, node, "expected %s (%s)", loader->key->kind->expected, fault);
        return;
    }
    hide_host(loader, node, proxy);
    if (proxy->logs_in)
        login_header(loader, username, password);
    *(const struct proxy **)into = proxy;
}

const struct kind proxy_url = {
    "the http, https or socks5h URL of a proxy, without a path, or ~ for none", .read = read_url};
