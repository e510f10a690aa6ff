/* Sets libcurl's options for an alert. */
#include "alert/transport.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "check/certificate.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BODY_MS = 2000 /* for the rest of an answer whose status is there */
};

/* The callbacks. */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    return sockets_add(context, address->family, address->socktype, address->protocol);
}

static int on_close(void *context, curl_socket_t fd)
{
    return sockets_remove(context, fd);
}

static int on_certificate(X509_STORE_CTX *chain, void *context)
{
    struct transport *transport = context;
    int good = X509_verify_cert(chain);

    transport->is_verified = good > 0;

    /* The host belongs to the URL, which is not shown. libcurl compares it. */
    if (good <= 0)
        certificate_explain(chain, "", transport->reply.certificate,
                            sizeof transport->reply.certificate);
    return good;
}

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
    (void)easy;
    SSL_CTX_set_cert_verify_callback(tls, on_certificate, context);
    return CURLE_OK;
}

static int on_request(void *context, char *to, char *from, int to_port, int from_port)
{
    struct transport *transport = context;

    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    transport->reply.was_reached = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *bytes, size_t one, size_t size, void *context)
{
    struct transport *transport = context;
    bool wants_more = reply_add_line(&transport->reply, bytes, size, clock_now());
    int64_t end_ms = clock_monotonic() + BODY_MS;

    (void)one;
    if (transport->reply.has_head && end_ms < transport->end_ms)
        transport->end_ms = end_ms;
    return wants_more ? size : 0;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct transport *transport = context;

    (void)one;
    if (transport->reply.is_mail)
        return size;
    return reply_add_body(&transport->reply, bytes, size) ? size : 0;
}

static size_t on_upload(char *into, size_t one, size_t size, void *context)
{
    struct transport *transport = context;
    const struct buffer *body = &transport->delivery->payload.body;
    size_t left = body->size - transport->sent, n = one * size < left ? one * size : left;

    if (n > 0)
        memcpy(into, body->data + transport->sent, n);
    transport->sent += n;
    return n;
}

static int on_step(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_send,
                   curl_off_t sent)
{
    (void)to_come;
    (void)came;
    (void)to_send;
    (void)sent;
    return transport_is_over(context);
}

bool transport_is_over(const struct transport *transport)
{
    return interrupt_is_urgent() || clock_monotonic() >= transport->end_ms;
}

/* The options. Each function returns 0 or -1. */

static int set_callbacks(struct transport *transport)
{
    CURL *easy = transport->easy;
    unsigned failed = 0;
    CURLcode code;

    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transport->sockets);
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transport->sockets);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transport);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transport);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transport);
    failed |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_step);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transport);

    /* If libcurl was built without OpenSSL, certificates are not explained. */
    code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    if (code == CURLE_NOT_BUILT_IN || code == CURLE_UNKNOWN_OPTION)
        return failed ? -1 : 0;
    failed |= code;
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transport);
    return failed ? -1 : 0;
}

/* No protocol but these, no redirects, and nothing of the environment. */
static int set_limits(struct transport *transport)
{
    CURL *easy = transport->easy;
    int64_t left_ms = transport->end_ms - transport->begun_ms;
    bool is_mail = transport->reply.is_mail;
    unsigned failed = 0;

#if LIBCURL_VERSION_NUM >= 0x075500
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_mail ? "smtp,smtps" : "http,https");
#else
    failed |= curl_easy_setopt(
        easy, CURLOPT_PROTOCOLS,
        (long)(is_mail ? CURLPROTO_SMTP | CURLPROTO_SMTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Do not wait for a name lookup that hangs. */
    failed |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    failed |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "uptick/" UPTICK_VERSION);
    return failed ? -1 : 0;
}

/* The target's own way: its authorities and its proxy. */
static int set_route(CURL *easy, const struct alert_target *target)
{
    unsigned failed = 0;

    if (target->ca_file)
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, target->ca_file);
    if (!target->proxy)
        return failed ? -1 : 0;
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY, target->proxy->url);
    failed |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (target->proxy->kind != PROXY_HTTPS)
        return failed ? -1 : 0;
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (target->ca_file)
        failed |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, target->ca_file);
    return failed ? -1 : 0;
}

static int append_text(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);

    if (!longer)
        return -1;
    *list = longer;
    return 0;
}

/* libcurl leaves out a header without a value, unless it ends with a semicolon. */
static int add_header(struct curl_slist **list, const char *line)
{
    const char *colon = strchr(line, ':');
    char *empty;
    int result;

    if (!colon || colon[1 + strspn(colon + 1, " \t")])
        return append_text(list, line);
    empty = strdup(line);
    if (!empty)
        return -1;
    empty[colon - line] = ';';
    empty[colon - line + 1] = '\0';
    result = append_text(list, empty);
    free(empty);
    return result;
}

static int set_webhook(struct transport *transport)
{
    const struct payload *payload = &transport->delivery->payload;
    CURL *easy = transport->easy;
    unsigned failed = 0;

    /* A server need not know 100 Continue. */
    if (append_text(&transport->headers, "Expect:"))
        return -1;
    for (const char *const *line = payload->headers; line && *line; line++) {
        if (add_header(&transport->headers, *line))
            return -1;
    }
    failed |= curl_easy_setopt(easy, CURLOPT_URL, payload->url);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    failed |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)payload->body.size);
    failed |=
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, payload->body.data ? payload->body.data : "");
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transport->headers);
    return failed ? -1 : 0;
}

/* If a server refuses a recipient, the others get the mail. */
static int allow_refusals(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x080200
    return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L) ? -1 : 0;
#else
    return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L) ? -1 : 0;
#endif
}

static int set_mail(struct transport *transport)
{
    const struct alert_target *target = transport->delivery->target;
    curl_off_t size = (curl_off_t)transport->delivery->payload.body.size;
    CURL *easy = transport->easy;
    long tls = target->tls_is_optional ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    unsigned failed = 0;

    for (const char *const *to = target->to; to && *to; to++) {
        if (append_text(&transport->recipients, *to))
            return -1;
        transport->reply.n_recipients++;
    }
    failed |= curl_easy_setopt(easy, CURLOPT_URL, target->server);
    failed |= curl_easy_setopt(easy, CURLOPT_USE_SSL, tls);
    if (target->username)
        failed |= curl_easy_setopt(easy, CURLOPT_USERNAME, target->username);
    if (target->password)
        failed |= curl_easy_setopt(easy, CURLOPT_PASSWORD, target->password);
    failed |= curl_easy_setopt(easy, CURLOPT_MAIL_FROM, target->from);
    failed |= curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transport->recipients);
    failed |= curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, size);
    failed |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
    failed |= curl_easy_setopt(easy, CURLOPT_READDATA, transport);
    return failed || allow_refusals(easy) ? -1 : 0;
}

int transport_begin(struct transport *transport, const struct delivery *delivery, const char *url,
                    struct sockets *sockets, int64_t end_ms)
{
    *transport = (struct transport){.easy = curl_easy_init(),
                                    .delivery = delivery,
                                    .sockets = sockets,
                                    .begun_ms = clock_monotonic(),
                                    .end_ms = end_ms};
    transport->reply.is_mail = delivery && delivery->target->type == ALERT_MAIL;
    if (!transport->easy || set_callbacks(transport) || set_limits(transport))
        return -1;
    if (!delivery)
        return curl_easy_setopt(transport->easy, CURLOPT_URL, url) ? -1 : 0;
    if (set_route(transport->easy, delivery->target))
        return -1;
    return transport->reply.is_mail ? set_mail(transport) : set_webhook(transport);
}

void transport_end(struct transport *transport, CURLcode code)
{
    struct reply *reply = &transport->reply;
    curl_off_t connected = 0, found = 0;

    curl_easy_getinfo(transport->easy, CURLINFO_CONNECT_TIME_T, &connected);
    curl_easy_getinfo(transport->easy, CURLINFO_NAMELOOKUP_TIME_T, &found);
    curl_easy_getinfo(transport->easy, CURLINFO_HTTP_CONNECTCODE, &reply->proxy_status);
    reply->has_address = found > 0;
    reply->is_connected = connected > 0 || reply->was_reached;

    /* libcurl compares the name after OpenSSL has accepted the chain. */
    if (code == CURLE_PEER_FAILED_VERIFICATION && transport->is_verified)
        snprintf(reply->certificate, sizeof reply->certificate, "it is for another name");
}

void transport_free(struct transport *transport)
{
    curl_easy_cleanup(transport->easy);
    curl_slist_free_all(transport->headers);
    curl_slist_free_all(transport->recipients);
    transport->easy = NULL;
}
