/* Reads the certificate of a client and its private key. */
#include "config/client_certificate.h"

#include "base/file.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

/* Two files while they are read. */
struct pem_files {
    struct client_certificate *into;
    bool no_key; /* the only fault is that certificate_file has no key, and no other was named */
    bool no_memory;
    bool is_of_key; /* the fault is that of the key */
    bool is_encrypted;
    char fault[256]; /* "": none */
};

__attribute__((format(printf, 2, 3))) static void set_fault(struct pem_files *reading,
                                                            const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reading->fault, sizeof reading->fault, format, args);
    va_end(args);
}

/* Reads a whole file. NULL after setting the fault. */
static BIO *read_whole(struct pem_files *reading, const char *path, struct buffer *content)
{
    struct stat status;
    struct error error;
    BIO *bio = NULL;

    if (stat(path, &status)) {
        set_fault(reading, "cannot read the file: %s", strerror(errno));
    } else if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
        set_fault(reading, "expected a file of at most 1 MiB");
    } else if (file_read(path, content, &error)) {
        reading->no_memory = error.os == ENOMEM;
        set_fault(reading, "cannot read the file: %s", strerror(error.os ? error.os : EFBIG));
    } else {
        bio = BIO_new_mem_buf(content->size ? content->data : "", (int)content->size);
        reading->no_memory = !bio;
    }
    return bio;
}

static int refuse_passphrase(char *into, int size, int is_writing, void *context)
{
    struct pem_files *reading = context;

    (void)into, (void)size, (void)is_writing;
    reading->is_encrypted = true;
    return -1;
}

static void read_certificates(struct pem_files *reading, BIO *bio)
{
    struct client_certificate *made = reading->into;
    X509 *next;

    made->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    if (!made->certificate) {
        set_fault(reading, "the file contains no PEM certificate");
        return;
    }
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (!made->chain)
            made->chain = sk_X509_new_null();
        if (!made->chain || !sk_X509_push(made->chain, next)) {
            reading->no_memory = true;
            X509_free(next);
            return;
        }
    }
}

static void read_key(struct pem_files *reading, BIO *bio)
{
    struct client_certificate *made = reading->into;

    made->key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, reading);
    if (reading->is_encrypted) {
        set_fault(reading, "the key is encrypted with a passphrase; store it without one, readable "
                           "only by the account that runs uptick");
    } else if (!made->key) {
        reading->no_key = !made->key_file;
        set_fault(reading, made->key_file ? "the file contains no PEM private key"
                                          : "the file contains no PEM private key; set client_key");
    } else if (!X509_check_private_key(made->certificate, made->key)) {
        set_fault(reading, "the key does not belong to the certificate");
    }
}

/* Reads the files. Returns false after setting the fault or no_memory. */
static bool read_files(struct pem_files *reading)
{
    const struct client_certificate *made = reading->into;
    struct buffer content = BUFFER_WITH_CEILING(FILE_MAX + 1);
    BIO *bio = read_whole(reading, made->certificate_file, &content);

    if (bio)
        read_certificates(reading, bio);
    BIO_free(bio);
    bio = NULL;
    if (!*reading->fault && !reading->no_memory) {
        reading->is_of_key = true;
        buffer_reset(&content);
        bio =
            read_whole(reading, made->key_file ? made->key_file : made->certificate_file, &content);
    }
    if (bio)
        read_key(reading, bio);
    BIO_free(bio);
    buffer_free(&content);
    ERR_clear_error();
    return !*reading->fault && !reading->no_memory;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void free_one(struct client_certificate *one)
{
    X509_free(one->certificate);
    sk_X509_pop_free(one->chain, X509_free);
    EVP_PKEY_free(one->key);
    free(one);
}

/* Returns the certificate of these files, which are read once; NULL after setting the fault. */
static struct client_certificate *use_files(struct loader *loader, const struct domain *domain,
                                            struct pem_files *reading)
{
    struct client_certificate **list = &loader->config->client_certificates, *made;

    for (made = *list; made; made = made->next) {
        if (is_same(made->certificate_file, domain->certificate_file) &&
            is_same(made->key_file, domain->key_file))
            return made;
    }
    made = calloc(1, sizeof *made);
    reading->no_memory = !made;
    if (!made)
        return NULL;
    made->certificate_file = domain->certificate_file;
    made->key_file = domain->key_file;
    reading->into = made;
    if (!read_files(reading)) {
        free_one(made);
        return NULL;
    }
    made->next = *list;
    return *list = made;
}

/* Whether OpenSSL refuses to use the certificate. If it fails for another reason, that shows when a
 * check is made. */
static bool is_too_weak(const struct client_certificate *client, bool is_old)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    bool is_used;
    int reason;

    if (tls && is_old)
        SSL_CTX_set_security_level(tls, 0);
    is_used =
        !tls || SSL_CTX_use_cert_and_key(tls, client->certificate, client->key, client->chain, 1);
    reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    SSL_CTX_free(tls);
    return !is_used && (reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
                        reason == SSL_R_CA_MD_TOO_WEAK);
}

/* Reports a certificate that no check of the domain could show, once. */
static void check_strength(struct loader *loader, struct node *at, const struct domain *domain)
{
    bool is_old = domain->tls_min_version == TLS_1_0 || domain->tls_min_version == TLS_1_1;
    struct client_certificate *client = loader->config->client_certificates;

    while (client && client != domain->client_certificate)
        client = client->next;
    if (!client || client->is_compared[is_old])
        return;
    client->is_compared[is_old] = true;
    if (is_too_weak(client, is_old))
        mistakes_at(loader->mistakes, at,
                    "client_certificate: OpenSSL does not accept a short key or a weak signature, "
                    "also in the chain; make a new certificate");
}

void client_certificate_complete(struct loader *loader, const struct mapping_values *values,
                                 struct node *at, struct domain *domain)
{
    struct node *certificate, *key, *blamed;
    struct pem_files reading = {.into = NULL};
    bool is_defaults = values->table == &keys_defaults;

    if (!domain->certificate_file && !domain->key_file && !domain->client_certificate)
        return;
    certificate = mapping_value(values, "client_certificate");
    key = mapping_value(values, "client_key");
    if ((certificate && certificate->mistakes) || (key && key->mistakes))
        return;
    if (!domain->certificate_file) {
        domain->client_certificate = NULL;
        if (domain->key_file && key && !is_defaults)
            mistakes_at(loader->mistakes, key,
                        "client_key: there is no certificate; set client_certificate");
        return;
    }
    if (!certificate && !key && domain->client_certificate) {
        check_strength(loader, at, domain);
        return;
    }
    domain->client_certificate = use_files(loader, domain, &reading);
    blamed = reading.is_of_key && key ? key : certificate ? certificate : key ? key : at;
    if (reading.no_memory)
        mistakes_no_memory(loader->mistakes);
    else if (*reading.fault && !(reading.no_key && is_defaults))
        mistakes_at(loader->mistakes, blamed, "%s: %s",
                    blamed == key ? "client_key" : "client_certificate", reading.fault);
    else if (!is_defaults)
        check_strength(loader, certificate ? certificate : at, domain);

    /* So that the mistake is reported once, and not for each domain. */
    if (*reading.fault && is_defaults && !reading.no_key)
        domain->certificate_file = domain->key_file = NULL;
}

void client_certificate_free_all(struct client_certificate *list)
{
    while (list) {
        struct client_certificate *next = list->next;

        free_one(list);
        list = next;
    }
}
