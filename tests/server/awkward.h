#ifndef AWKWARD_H
#define AWKWARD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The awkward server: a web server that misbehaves in every way the tests ask for. It binds
 * 127.0.0.1 on ports of the kernel's choosing, prints them as NAME=PORT lines and an empty one, and
 * serves until its standard input closes, so that it never outlives whoever started it.
 *
 * A connection is a thread and serves one request. The path's first word names the behaviour.
 */

/* What a content test looks for, and what a bot page says. */
#define CONTENT "Add to basket"
#define BOT     "Checking your browser"

struct connection {
    int fd;
    SSL *ssl; /* NULL: plain */
};

struct request {
    char method[16];
    char target[4096];   /* path and query, as sent */
    char word[64];       /* the behaviour's name */
    char argument[4096]; /* what stands between the name and the query, without its slash */
    char *head;          /* all header lines, as sent */
    char *body;
    size_t body_size;
    long count; /* how often this target was asked for, this time included */
};

/*
 * Writing. Each returns 0, or -1 once the client is gone. page sends status line, Content-Length,
 * these further header lines (each ended by \r\n) and the body.
 */
int connection_send(struct connection *to, const void *bytes, size_t size);
int connection_puts(struct connection *to, const char *text);
int connection_printf(struct connection *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int connection_page(struct connection *to, int status, const char *headers, const char *body);
int connection_page_bytes(struct connection *to, int status, const char *headers, const void *body,
                          size_t size);

/* Waits; returns -1 at once where the client goes away meanwhile. */
int connection_pause(struct connection *to, int ms);
/* Waits until the client goes away, or a minute. */
void connection_hang(struct connection *to);
/* Makes the closing of the connection a reset. */
void connection_reset(struct connection *to);

ssize_t connection_read(struct connection *from, void *bytes, size_t room);

/* Reads one request. Returns 0, or -1 where none came whole; request_free takes either. */
int request_read(struct connection *from, struct request *request);
void request_free(struct request *request);
/* The value of a header, in a buffer; false where the request has none of this name. */
bool request_header(const struct request *request, const char *name, char *value, size_t room);

/*
 * What was asked for. record counts the request; _count/TARGET, _times/TARGET (milliseconds since
 * the epoch, a line each) and _last/TARGET (the latest request as it came) tell the tests.
 */
void record_add(struct request *request);
void record_tell(struct connection *to, const struct request *request);

/* Calls what the request's word names; 404 where it names nothing. */
void behaviour_run(struct connection *to, const struct request *request);

typedef void behaviour(struct connection *to, const struct request *request);

struct behaviour_row {
    const char *word;
    behaviour *run;
    const char *says;
};

/* The behaviours by kind; each table ends with a row without a word. */
extern const struct behaviour_row behaviours_bodies[], behaviours_encodings[], behaviours_heads[],
    behaviours_redirects[], behaviours_times[];

/* The ports that redirects to other schemes and hosts need. */
int server_port(const char *name);

/* Which certificate a TLS port shows. */
enum certificate {
    CERTIFICATE_GOOD,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_FUTURE,
    CERTIFICATE_WRONG_NAME,
    CERTIFICATE_SELF_SIGNED,
    CERTIFICATES
};

/*
 * Makes an authority and the certificates, fresh at each start; the authority's is written to
 * FOLDER/ca.pem. Their dates are fixed (2000 to 2099; expired on 2020-01-01; valid from
 * 2090-01-01), so that a moved clock finds them as they are named. Returns 0 or -1.
 */
int certificates_make(const char *folder, SSL_CTX *contexts[CERTIFICATES]);

#endif
