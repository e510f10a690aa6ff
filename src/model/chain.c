/* Chains of certificates, and their text. */
#include "model/chain.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The moments of a certificate: the years 0 to 9999. */
#define FIRST_MS (-62167219200000)
#define LAST_MS  253402300799999

size_t chain_write(const struct chain_facts *facts, char text[CHAIN_TEXT_MAX])
{
    size_t size;

    assert(facts->n > 0 && facts->n <= CHAIN_LINKS_MAX);
    size = (size_t)snprintf(text, CHAIN_TEXT_MAX, "%s\n", facts->fingerprint);
    for (size_t i = 0; i < facts->n; i++) {
        const struct chain_link *link = &facts->links[i];

        size += (size_t)snprintf(text + size, CHAIN_TEXT_MAX - size, "%lld\t%lld\t%s\t%s\n",
                                 (long long)link->from_ms, (long long)link->until_ms, link->subject,
                                 link->issuer);
        assert(size < CHAIN_TEXT_MAX);
    }
    return size;
}

bool chain_is_hash(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!text[i] || !strchr("0123456789abcdef", text[i]))
            return false;
    }
    return size == CHAIN_HASH_MAX - 1;
}

/* A text that is being read. */
struct chain_text {
    const char *at, *end;
};

/* Takes what is before the next `stop`, and that. Returns false if there is none. */
static bool take_part(struct chain_text *text, char stop, const char **part, size_t *size)
{
    const char *found = memchr(text->at, stop, (size_t)(text->end - text->at));

    if (!found)
        return false;
    *part = text->at;
    *size = (size_t)(found - text->at);
    text->at = found + 1;
    return true;
}

static bool take_ms(struct chain_text *text, int64_t *ms)
{
    char number[32], *end;
    const char *part;
    size_t size;

    if (!take_part(text, '\t', &part, &size) || size == 0 || size >= sizeof number)
        return false;
    memcpy(number, part, size);
    number[size] = '\0';
    if (number[strspn(number, "-0123456789")])
        return false;
    *ms = strtoll(number, &end, 10);
    return !*end && *ms >= FIRST_MS && *ms <= LAST_MS;
}

/* Takes a name, which must be clean and not too long. */
static bool take_name(struct chain_text *text, char stop, char name[CHAIN_NAME_MAX])
{
    const char *part;
    size_t size;

    if (!take_part(text, stop, &part, &size))
        return false;
    text_one_line(name, CHAIN_NAME_MAX, part, size);
    return strlen(name) == size && memcmp(name, part, size) == 0;
}

static bool take_link(struct chain_text *text, struct chain_link *link)
{
    return take_ms(text, &link->from_ms) && take_ms(text, &link->until_ms) &&
           take_name(text, '\t', link->subject) && take_name(text, '\n', link->issuer);
}

int chain_read(const char *bytes, size_t size, struct chain_facts *facts)
{
    struct chain_text text = {bytes, bytes};
    const char *hash;
    size_t hash_size;

    facts->n = facts->earliest = 0;
    if (!bytes)
        return -1;
    text.end += size;
    if (!take_part(&text, '\n', &hash, &hash_size) || !chain_is_hash(hash, hash_size))
        return -1;
    memcpy(facts->fingerprint, hash, hash_size);
    facts->fingerprint[hash_size] = '\0';
    while (text.at < text.end) {
        if (facts->n == CHAIN_LINKS_MAX || !take_link(&text, &facts->links[facts->n]))
            return -1;
        if (facts->links[facts->n].until_ms < facts->links[facts->earliest].until_ms)
            facts->earliest = facts->n;
        facts->n++;
    }
    return facts->n > 0 ? 0 : -1;
}

struct chain *chain_new(const char id[CHAIN_HASH_MAX], const char *server,
                        const struct chain_facts *facts)
{
    const struct chain_link *earliest = &facts->links[facts->earliest];
    size_t server_size = server ? strlen(server) + 1 : 0;
    char text[CHAIN_TEXT_MAX];
    size_t size = chain_write(facts, text) + 1;
    struct chain *chain = malloc(sizeof *chain + size + server_size);
    char *copy;

    if (!chain)
        return NULL;
    copy = (char *)(chain + 1);
    memcpy(copy, text, size);
    if (server)
        memcpy(copy + size, server, server_size);
    *chain = (struct chain){.from_ms = earliest->from_ms,
                            .until_ms = earliest->until_ms,
                            .server = server ? copy + size : NULL,
                            .text = copy};
    atomic_init(&chain->holders, 1);
    memcpy(chain->id, id, CHAIN_HASH_MAX);
    return chain;
}

struct chain *chain_hold(struct chain *chain)
{
    if (chain)
        atomic_fetch_add(&chain->holders, 1);
    return chain;
}

void chain_release(struct chain *chain)
{
    if (chain && atomic_fetch_sub(&chain->holders, 1) == 1)
        free(chain);
}
