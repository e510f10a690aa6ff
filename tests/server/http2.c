/* HTTP/2, as much as one response needs. Header compression is not read, so the response is the
 * same for every request. */
#include "awkward.h"

#include <stdio.h>
#include <string.h>

enum { DATA, HEADERS, SETTINGS = 4 };     /* types of frames */
enum { END_STREAM = 1, END_HEADERS = 4 }; /* their flags */
enum { FRAME_MAX = 16384, PREFACE = 24, HEAD = 9 };

/* Sends a frame of fewer than 256 bytes for the first request. */
static int send_frame(struct connection *to, int type, int flags, int stream, const char *bytes)
{
    size_t size = strlen(bytes);
    char frame[HEAD + 256] = {0, 0, (char)size, (char)type, (char)flags, 0, 0, 0, (char)stream};

    memcpy(frame + HEAD, bytes, size);
    return connection_send(to, frame, HEAD + size);
}

static bool read_all(struct connection *from, unsigned char *into, size_t size)
{
    while (size > 0) {
        ssize_t n = connection_read(from, into, size);

        if (n <= 0)
            return false;
        into += n;
        size -= (size_t)n;
    }
    return true;
}

/* Reads up to the end of the request's headers, which fit into one frame. */
static bool read_request(struct connection *from)
{
    unsigned char bytes[FRAME_MAX], type = DATA;

    if (!read_all(from, bytes, PREFACE))
        return false;
    while (type != HEADERS) {
        size_t size;

        if (!read_all(from, bytes, HEAD))
            return false;
        type = bytes[3];
        size = (size_t)bytes[1] << 8 | bytes[2];
        if (bytes[0] || size > sizeof bytes || !read_all(from, bytes, size))
            return false;
    }
    return true;
}

void http2_answer(struct connection *connection)
{
    char byte;

    if (!read_request(connection))
        return;
    send_frame(connection, SETTINGS, 0, 0, "");
    send_frame(connection, HEADERS, END_HEADERS, 1, "\x88"); /* :status 200 */
    send_frame(connection, DATA, END_STREAM, 1, CONTENT);
    while (connection_read(connection, &byte, 1) > 0)
        continue;
}

int http2_choose(SSL *tls, const unsigned char **chosen, unsigned char *size,
                 const unsigned char *offered, unsigned offered_size, void *argument)
{
    static const unsigned char names[] = "\2h2";
    unsigned char *found = NULL;

    /* Only one of the ports speaks it; its connections have application data. */
    (void)argument;
    if (!SSL_get_app_data(tls) ||
        SSL_select_next_proto(&found, size, names, sizeof names - 1, offered, offered_size) !=
            OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}
