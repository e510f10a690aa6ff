/* Behaviours that repeat a part of the request: the word between QQ and ZZ in its target, headers,
 * login or body. */
#include "awkward.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 256 };

static bool copy_word(const char *text, char word[WORD_MAX])
{
    const char *from = strstr(text, "QQ"), *end = from ? strstr(from, "ZZ") : NULL;

    if (!end)
        return false;
    snprintf(word, WORD_MAX, "%.*s", (int)(end - from - 2), from + 2);
    return true;
}

static void find_word(const struct request *request, char word[WORD_MAX])
{
    char value[4096] = "", login[4096] = "";
    const char *name;

    if (request_header(request, "Authorization", value, sizeof value) ||
        request_header(request, "Proxy-Authorization", value, sizeof value)) {
        name = strchr(value, ' ');
        if (name && strlen(name + 1) % 4 == 0)
            EVP_DecodeBlock((unsigned char *)login, (const unsigned char *)name + 1,
                            (int)strlen(name + 1));
    }
    if (!copy_word(request->head, word) && !copy_word(login, word) &&
        !copy_word(request->body, word))
        strcpy(word, "nothing");
}

/* Other shapes of a word. Each returns shape. */
static const char *upper(const char *word, char shape[WORD_MAX * 4])
{
    size_t i = 0;

    for (; word[i]; i++)
        shape[i] = (char)toupper((unsigned char)word[i]);
    shape[i] = '\0';
    return shape;
}

static const char *percent(const char *word, char shape[WORD_MAX * 4])
{
    *shape = '\0';
    for (size_t i = 0; word[i]; i++)
        sprintf(shape + 3 * i, "%%%02x", (unsigned char)word[i]);
    return shape;
}

static const char *base64(const char *word, char shape[WORD_MAX * 4])
{
    EVP_EncodeBlock((unsigned char *)shape, (const unsigned char *)word, (int)strlen(word));
    shape[strcspn(shape, "=")] = '\0';
    return shape;
}

static const char *cut(const char *word, char shape[WORD_MAX * 4])
{
    snprintf(shape, WORD_MAX * 4, "%.8s", word);
    return shape;
}

static const char *whole(const char *word, char shape[WORD_MAX * 4])
{
    strcpy(shape, word);
    return shape;
}

/* The responses; %1$s is the word, and %2$d the port. */
static const struct place {
    const char *name;
    const char *(*shape)(const char *word, char shape[WORD_MAX * 4]);
    const char *response;
} places[] = {
    {"reason", whole, "HTTP/1.1 500 %1$s\r\nContent-Length: 0\r\n\r\n"},
    {"line", whole, "HTTP/1.1 %1$s %1$s\r\n\r\n"},
    {"protocol", whole, "%1$s/1.1 200 OK\r\n\r\n"},
    {"headers", whole,
     "HTTP/1.1 401 Unauthorized\r\nServer: %1$s\r\n%1$s: x\r\nSet-Cookie: %1$s=%1$s\r\n"
     "WWW-Authenticate: Basic realm=\"%1$s\"\r\nRetry-After: %1$s\r\nContent-Type: "
     "text/html; charset=%1$s\r\nContent-Length: 0\r\n\r\n"},
    {"length", whole, "HTTP/1.1 200 OK\r\nContent-Length: %1$s\r\n\r\n"},
    {"chunks", whole, "HTTP/1.1 200 OK\r\nTransfer-Encoding: %1$s\r\n\r\n%1$s"},
    {"chunk", whole, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%1$s\r\n"},
    {"encoding", whole, "HTTP/1.1 200 OK\r\nContent-Encoding: %1$s\r\nContent-Length: 1\r\n\r\nx"},
    {"body", whole,
     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>%1$s</title>{\"a\": \"%1$s\"}"},
    {"json", whole, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\": \"%1$s\"}"},
    {"path", whole,
     "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%2$d/status/500/%1$s?%1$s#%1$s\r\n"
     "Content-Length: 0\r\n\r\n"},
    {"login", whole,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s:%1$s@127.0.0.1:%2$d/garbage\r\n"
     "Content-Length: 0\r\n\r\n"},
    {"scheme", whole,
     "HTTP/1.1 302 Found\r\nLocation: %1$s://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"},
    {"invalid", whole,
     "HTTP/1.1 302 Found\r\nLocation: http://[%1$s]:%1$s/\r\nContent-Length: 0\r\n\r\n"},
    {"host", whole,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s.invalid/\r\nContent-Length: 0\r\n\r\n"},
    {"host-upper", upper,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s.invalid/\r\nContent-Length: 0\r\n\r\n"},
    {"host-percent", percent,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s.invalid/\r\nContent-Length: 0\r\n\r\n"},
    {"host-base64", base64,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s.invalid/\r\nContent-Length: 0\r\n\r\n"},
    {"host-cut", cut,
     "HTTP/1.1 302 Found\r\nLocation: http://%1$s.invalid/\r\nContent-Length: 0\r\n\r\n"},
};

static void parrot(struct connection *to, const struct request *request)
{
    char word[WORD_MAX], shape[WORD_MAX * 4], response[8192];
    size_t length = strcspn(request->argument, "/");

    find_word(request, word);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct place *place = &places[i];

        if (strlen(place->name) != length || memcmp(place->name, request->argument, length) != 0)
            continue;
        snprintf(response, sizeof response, place->response, place->shape(word, shape),
                 server_port("http"));
        connection_puts(to, response);
        return;
    }
    connection_page(to, 404, "", "no such place\n");
}

const struct behaviour_row behaviours_parrots[] = {
    {"parrot", parrot, "parrot/PLACE: the word of the request between QQ and ZZ, in this place"},
    {NULL, NULL, NULL},
};
