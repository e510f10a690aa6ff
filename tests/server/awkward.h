#ifndef AWKWARD_H
#define AWKWARD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The awkward server: a web server that misbehaves in every way the tests need. It listens on
 * 127.0.0.1 on ports chosen by the kernel, and prints them as NAME=PORT lines and an empty line. It
 * serves until its standard input closes, so it never outlives its parent.
 *
 * Each connection is a thread and serves one request, apart from those of hook/NAME, which may
 * follow each other. The first word of the path is the name of the behaviour.
 */

/* The text that a content test looks for, and the text of a bot page. */
#define CONTENT "Add to basket"
#define BOT     "Checking your browser"

struct connection {
    int fd;
    SSL *ssl;     /* NULL: plain */
    bool is_kept; /* another request may follow */
};

struct request {
    char method[16];
    char target[4096];   /* path and query, as sent */
    char word[64];       /* the behaviour's name */
    char argument[4096]; /* the part between the name and the query, without its slash */
    char *head;          /* all header lines, as sent */
    char *body;
    size_t body_size;
    long count; /* number of requests for this target, including this one */
};

/* Writing. Each returns 0, or -1 if the client is gone. page sends status line, Content-Length,
 * these additional header lines (each ended by \r\n) and the body. */
int connection_send(struct connection *to, const void *bytes, size_t size);
int connection_puts(struct connection *to, const char *text);
int connection_printf(struct connection *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int connection_page(struct connection *to, int status, const char *headers, const char *body);
int connection_page_bytes(struct connection *to, int status, const char *headers, const void *body,
                          size_t size);

/* Waits. Returns -1 at once if the client goes away. */
int connection_pause(struct connection *to, int ms);
/* Waits until the client goes away, at most a minute. */
void connection_hang(struct connection *to);
/* Makes closing the connection a reset. */
void connection_reset(struct connection *to);

ssize_t connection_read(struct connection *from, void *bytes, size_t max_size);

/* Reads one request. Returns 0, or -1 if it is incomplete; request_free accepts either. */
int request_read(struct connection *from, struct request *request);
void request_free(struct request *request);
/* Copies the value of a header. Returns false if the request has no such header. */
bool request_header(const struct request *request, const char *name, char *value, size_t max_size);

/*
 * The requests so far. record counts a request; _count/TARGET, _times/TARGET (milliseconds since
 * the epoch, one per line) and _last/TARGET (the latest request as received) give them to the
 * tests.
 */
void record_add(struct request *request);
void record_answer(struct connection *to, const struct request *request);

/* Splits "/word/argument?query" into the word and the argument of the request, whose target stays.
 */
void request_split(struct request *request, const char *target);

/* Runs the behaviour named by the request's first word; 404 if there is none. */
void behaviour_run(struct connection *to, const struct request *request);

typedef void behaviour(struct connection *to, const struct request *request);

struct behaviour_row {
    const char *word;
    behaviour *run;
    const char *says;
};

/* The behaviours by kind. Each table ends with a row without a word. */
extern const struct behaviour_row behaviours_bodies[], behaviours_encodings[], behaviours_heads[],
    behaviours_parrots[], behaviours_redirects[], behaviours_times[], behaviours_files[],
    behaviours_walls[], behaviours_posts[];

/* Answers a request over HTTP/2 with the content. http2_choose is OpenSSL's callback that agrees on
 * HTTP/2 on connections with application data. */
void http2_answer(struct connection *connection);
int http2_choose(SSL *tls, const unsigned char **chosen, unsigned char *size,
                 const unsigned char *offered, unsigned offered_size, void *argument);

/* The folder that was given to the server. */
const char *server_folder(void);

/* The port with this name, for redirects to other schemes and hosts. */
int server_port(const char *name);

/* The certificate of a TLS port. */
enum certificate {
    CERTIFICATE_GOOD,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_FUTURE,
    CERTIFICATE_WRONG_NAME,
    CERTIFICATE_SELF_SIGNED,
    CERTIFICATE_CHAIN,      /* with an intermediate certificate, of another authority */
    CERTIFICATE_INCOMPLETE, /* the same without the intermediate certificate */
    CERTIFICATE_SOON,
    CERTIFICATE_SHA1,
    CERTIFICATE_SHORT_KEY,

    /* Good ones, but the server makes no handshake that a client may accept. */
    CERTIFICATE_OLD_TLS,   /* TLS 1.1 at most */
    CERTIFICATE_NO_CIPHER, /* no encryption */
    CERTIFICATE_NO_NAME,   /* no host name is known */
    CERTIFICATES,
    CERTIFICATE_LISTED = CERTIFICATES /* as the file "tls-listed" has it */
};

/*
 * Creates an authority and the chain; the authority's certificate is written to FOLDER/ca.pem, the
 * root of the chain to FOLDER/root.pem. All dates are fixed (2000 to 2099; expired on 2020-01-01;
 * ending soon on 2020-02-05; valid from 2090-01-01), so the certificates are valid, expired or too
 * new under a moved clock too. In the chain, the root ends on 2041-01-11, the intermediate
 * certificate on 2041-01-31 and the server's in 2099. Returns 0 or -1.
 */
int certificates_make(const char *folder);

/* The context of a TLS port, made when it is first needed. For any thread. NULL: failed. */
SSL_CTX *certificates_context(enum certificate which);

/* The context of the next connection to the port "tls-listed". Each line of the file "tls-listed"
 * in the folder is a certificate: its first and its last moment in seconds since the epoch and,
 * perhaps, the end of an intermediate certificate (0: none) and a name. The lines take turns. NULL:
 * failed. */
SSL_CTX *certificates_listed(void);

/* Speaks SMTP on a connection, with this certificate for STARTTLS; if it already has TLS, without
 * STARTTLS. See tests/README.md. */
void smtp_answer(struct connection *connection, enum certificate certificate);

#endif
