#include "check/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The configured headers that may follow a redirect to another origin. Any other may be a key. */
static const char *const allowed_cross_origin[] = {
    "Accept",       "Accept-Encoding", "Accept-Language", "Cache-Control",
    "Content-Type", "Pragma",          "User-Agent",
};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof allowed_cross_origin / sizeof allowed_cross_origin[0]; i++) {
        if (strcasecmp(name, allowed_cross_origin[i]) == 0)
            return true;
    }
    return false;
}

static int append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (!longer)
        return -1;
    *list = longer;
    return 0;
}

/* libcurl's notation: "Name: value", "Name;" for an empty value, "Name:" for no such header. */
static int add(struct request *request, const struct header *header)
{
    size_t room = strlen(header->name) + strlen(header->value) + 3;
    char *line = malloc(room);
    int result = -1;

    if (!line)
        return -1;
    if (*header->value)
        snprintf(line, room, "%s: %s", header->name, header->value);
    else
        snprintf(line, room, "%s;", header->name);
    result = append(&request->headers, line);
    if (result == 0 && is_harmless(header->name))
        result = append(&request->allowed_cross_origin, line);
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

/* Keeps libcurl from making this one up. */
static int leave_out(struct request *request, const char *name, const char *line)
{
    if (is_configured(request->domain, name))
        return 0;
    return append(&request->headers, line) || append(&request->allowed_cross_origin, line) ? -1 : 0;
}

static bool has_body(const struct domain *domain)
{
    return domain->body.data || domain->method == METHOD_POST || domain->method == METHOD_PUT ||
           domain->method == METHOD_PATCH;
}

static int set_headers(struct request *request, CURL *easy)
{
    const struct domain *domain = request->domain;

    for (size_t i = 0; i < domain->n_headers; i++) {
        /* libcurl joins this one with the cookies that a redirect set. */
        if (strcasecmp(domain->headers[i].name, "Cookie") == 0)
            request->cookie = domain->headers[i].value;
        else if (add(request, &domain->headers[i]))
            return -1;
    }

    /* A check does not wait for 100 Continue, and a body is not taken for a form's. */
    if (has_body(domain) && (leave_out(request, "Expect", "Expect:") ||
                             leave_out(request, "Content-Type", "Content-Type:")))
        return -1;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    return curl_easy_setopt(easy, CURLOPT_COOKIE, request->cookie) ? -1 : 0;
}

/* libcurl sends the body's bytes from where they are; a method without one sends length 0. */
static void set_body(const struct domain *domain, CURL *easy)
{
    const struct bytes *body = &domain->body;

    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(body->data ? body->size : 0));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data ? body->data : "");
}

static int set_method(const struct domain *domain, CURL *easy)
{
    if (domain->method == METHOD_HEAD) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return 0;
    }
    if (has_body(domain))
        set_body(domain, easy);

    if (domain->method == METHOD_POST || (domain->method == METHOD_GET && !has_body(domain)))
        return 0;
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, config_method_name(domain->method)) ? -1
                                                                                             : 0;
}

int request_set(struct request *request, const struct domain *domain, CURL *easy)
{
    *request = (struct request){.domain = domain};
    if (set_headers(request, easy) || set_method(domain, easy))
        return -1;
    return 0;
}

/*
 * Whether the answer is to be had by GET: on 303 whatever was asked, and of a POST, as in browsers,
 * on 301 and 302 as well; any other keeps its method and body there. HEAD is a GET without a body.
 */
static bool turns_into_get(const struct domain *domain, int status)
{
    if (domain->method == METHOD_HEAD)
        return false;
    return status == 303 || (domain->method == METHOD_POST && (status == 301 || status == 302));
}

int request_redirect(const struct request *request, CURL *easy, int status, bool same_origin)
{
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                     same_origin ? request->headers : request->allowed_cross_origin);
    if (turns_into_get(request->domain, status)) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    return curl_easy_setopt(easy, CURLOPT_COOKIE, same_origin ? request->cookie : NULL) ? -1 : 0;
}

void request_free(struct request *request)
{
    curl_slist_free_all(request->headers);
    curl_slist_free_all(request->allowed_cross_origin);
    *request = (struct request){.domain = NULL};
}
