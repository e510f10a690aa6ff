#ifndef MODEL_CHAIN_H
#define MODEL_CHAIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The verified chain of certificates of a server, without its root: the server's own certificate
 * (the leaf) and those of its issuers. It has the form of a text, which state.db stores: the
 * fingerprint of the leaf in one line, and a line for each certificate, the leaf first:
 *
 *     FROM_MS<tab>UNTIL_MS<tab>SUBJECT<tab>ISSUER
 */

enum {
    CHAIN_HASH_MAX = 65,  /* a SHA-256 in hex, with its NUL */
    CHAIN_NAME_MAX = 128, /* a subject or an issuer, with its NUL; longer ones are cut */
    CHAIN_LINKS_MAX = 16, /* certificates; the others are left out */
    CHAIN_TEXT_MAX = CHAIN_HASH_MAX + CHAIN_LINKS_MAX * (2 * CHAIN_NAME_MAX + 44)
};

/* One certificate. */
struct chain_link {
    int64_t from_ms, until_ms;
    char subject[CHAIN_NAME_MAX], issuer[CHAIN_NAME_MAX]; /* clean lines */
};

/* A chain as its text has it. */
struct chain_facts {
    char fingerprint[CHAIN_HASH_MAX]; /* SHA-256 of the leaf, in lower case */
    struct chain_link links[CHAIN_LINKS_MAX];
    size_t n;        /* at least 1 */
    size_t earliest; /* the one that ends first */
};

/* Writes the text. Returns its length. */
size_t chain_write(const struct chain_facts *facts, char text[CHAIN_TEXT_MAX]);

/* Reads a text. Returns 0, or -1 if it is not one that chain_write can have written. */
int chain_read(const char *text, size_t size, struct chain_facts *facts);

/* Whether this is the hex of a SHA-256. */
bool chain_is_hash(const char *text, size_t size);

/* A check keeps the chain of the server of its URL, and that of the last other server to which a
 * redirect led. */
enum { CHAIN_SEEN_MAX = 2 };

/*
 * A chain that a check has seen. Threads share it, and never change it. It is freed with the last
 * holder.
 */
struct chain {
    atomic_int holders;
    char id[CHAIN_HASH_MAX];   /* equal chains of one server have equal ids */
    int64_t from_ms, until_ms; /* of the certificate that ends first */
    const char *server;        /* whose it is, "host:port", if a redirect led there; NULL: it is
                                  that of the domain's URL */
    const char *text;          /* as chain_write writes it */
};

/* Makes a chain with one holder. Everything is copied. NULL: out of memory. */
struct chain *chain_new(const char id[CHAIN_HASH_MAX], const char *server,
                        const struct chain_facts *facts);

/* Adds a holder. Returns chain, which may be NULL. */
struct chain *chain_hold(struct chain *chain);

/* One holder less. NULL is allowed. */
void chain_release(struct chain *chain);

#endif
