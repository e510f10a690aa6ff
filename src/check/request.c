/* Turns the configured request into options of libcurl, also after a redirect. */
#include "check/request.h"

#include "check/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The configured headers that are also sent to other origins. Any other may be an API key. */
static const char *const allowed_cross_origin[] = {
    "Accept",       "Accept-Encoding", "Accept-Language", "Cache-Control",
    "Content-Type", "Pragma",          "User-Agent",
};

static bool is_allowed_cross_origin(const char *name)
{
    for (size_t i = 0; i < sizeof allowed_cross_origin / sizeof allowed_cross_origin[0]; i++) {
        if (strcasecmp(name, allowed_cross_origin[i]) == 0)
            return true;
    }
    return false;
}

static int append_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (!longer)
        return -1;
    *list = longer;
    return 0;
}

/* In libcurl's notation: "Name: value", "Name;" for an empty value, "Name:" for no such header. A
 * value of blanks alone would be the last of these. */
static int add_header(struct request *request, const struct header *header)
{
    size_t size = strlen(header->name) + strlen(header->value) + 3;
    char *line = malloc(size);
    int result = -1;

    if (!line)
        return -1;
    if (header->value[strspn(header->value, " \t")])
        snprintf(line, size, "%s: %s", header->name, header->value);
    else
        snprintf(line, size, "%s;", header->name);
    result = append_line(&request->headers, line);
    if (result == 0 && is_allowed_cross_origin(header->name))
        result = append_line(&request->allowed_cross_origin, line);
    free(line);
    return result;
}

static bool is_configured(const struct domain *domain, const char *name)
{
    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcasecmp(domain->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Keeps libcurl from adding a header of its own. */
static int omit_header(struct request *request, const char *name, const char *line)
{
    if (!is_configured(request->domain, name) &&
        (append_line(&request->headers, line) || append_line(&request->allowed_cross_origin, line)))
        return -1;
    return 0;
}

static bool has_body(const struct domain *domain)
{
    return domain->body.data || domain->method == METHOD_POST || domain->method == METHOD_PUT ||
           domain->method == METHOD_PATCH;
}

static int set_headers(struct request *request, CURL *easy)
{
    static const struct header accepted = {"Accept-Encoding", decode_accepted};
    const struct domain *domain = request->domain;

    for (size_t i = 0; i < domain->n_headers; i++) {
        /* Not set as a header, so that libcurl can add the cookies that a redirect sets. */
        if (strcasecmp(domain->headers[i].name, "Cookie") == 0)
            request->cookie = domain->headers[i].value;
        else if (add_header(request, &domain->headers[i]))
            return -1;
    }

    if (!is_configured(domain, accepted.name) && add_header(request, &accepted))
        return -1;

    /* Another protocol can be asked for in HTTP/1.1 only. */
    if (is_configured(domain, "Upgrade") &&
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1))
        return -1;

    /* A check does not wait for 100 Continue, and its body is not labelled as a form. */
    if (has_body(domain) && (omit_header(request, "Expect", "Expect:") ||
                             omit_header(request, "Content-Type", "Content-Type:")))
        return -1;
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) ||
                   curl_easy_setopt(easy, CURLOPT_COOKIE, request->cookie)
               ? -1
               : 0;
}

/* libcurl does not copy the body. A method without a body sends length 0. */
static int set_body(const struct domain *domain, CURL *easy)
{
    const struct bytes *body = &domain->body;
    curl_off_t size = (curl_off_t)(body->data ? body->size : 0);

    return curl_easy_setopt(easy, CURLOPT_POST, 1L) ||
                   curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, size) ||
                   curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data ? body->data : "")
               ? -1
               : 0;
}

static int set_method(const struct domain *domain, CURL *easy)
{
    if (domain->method == METHOD_HEAD)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) ? -1 : 0;
    if (has_body(domain) && set_body(domain, easy))
        return -1;
    if (domain->method == METHOD_POST || (domain->method == METHOD_GET && !has_body(domain)))
        return 0;
    if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, config_method_names[domain->method]))
        return -1;
    return 0;
}

int request_set(struct request *request, const struct domain *domain, CURL *easy)
{
    *request = (struct request){.domain = domain};
    return set_headers(request, easy) || set_method(domain, easy) ? -1 : 0;
}

/* Whether the next request is a GET: after 303 always, after a POST also for 301 and 302, as in
 * browsers. Otherwise method and body stay as they are. A HEAD stays a HEAD. */
static bool becomes_get(const struct domain *domain, int status)
{
    if (domain->method == METHOD_HEAD)
        return false;
    return status == 303 || (domain->method == METHOD_POST && (status == 301 || status == 302));
}

/* Headers that describe a body, and go with it. */
static bool is_of_body(const char *line)
{
    static const char *const names[] = {"Content-Type", "Content-Encoding", "Content-Language",
                                        "Content-Location"};
    size_t size = strcspn(line, ":;");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == size && strncasecmp(line, names[i], size) == 0)
            return true;
    }
    return false;
}

static void remove_body_headers(struct curl_slist **list)
{
    while (*list) {
        struct curl_slist *line = *list;

        if (is_of_body(line->data)) {
            *list = line->next;
            line->next = NULL;
            curl_slist_free_all(line);
        } else {
            list = &line->next;
        }
    }
}

int request_redirect(struct request *request, CURL *easy, int status, bool same_origin)
{
    if (becomes_get(request->domain, status)) {
        remove_body_headers(&request->headers);
        remove_body_headers(&request->allowed_cross_origin);
        if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL) ||
            curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L))
            return -1;
    }
    if (curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                         same_origin ? request->headers : request->allowed_cross_origin))
        return -1;
    return curl_easy_setopt(easy, CURLOPT_COOKIE, same_origin ? request->cookie : NULL) ? -1 : 0;
}

void request_free(struct request *request)
{
    curl_slist_free_all(request->headers);
    curl_slist_free_all(request->allowed_cross_origin);
    *request = (struct request){.domain = NULL};
}
