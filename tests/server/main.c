/* Ports: binding and printing them, and a thread for each connection. */
#include "awkward.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a port does with a connection. */
enum port_mode {
    PLAIN,
    TLS,     /* shows the certificate of its row */
    HTTP2,   /* the same, and speaks only HTTP/2 */
    FALSE2,  /* the same, and agrees to HTTP/2, but speaks HTTP/1.1 */
    LATE,    /* TLS after LATE_MS */
    CUT,     /* resets the connection when the client has begun its handshake */
    OLD,     /* TLS 1.1, as servers speak that do not know newer versions */
    RESET,   /* resets the connection at once */
    SMTP,    /* speaks SMTP */
    SMTPS,   /* the same after a TLS handshake */
    SILENT,  /* accepts, and never sends a byte */
    REFUSED, /* bound, so that nobody else uses it, but not listening */
    FULL     /* its backlog is full, so nobody gets an answer */
};

static struct port {
    const char *name;
    enum port_mode mode;
    enum certificate certificate;
    int family;
    int fd; /* -1: this machine has no such address */
    int number;
} ports[] = {
    {"http", PLAIN, 0, AF_INET, -1, 0},
    {"http6", PLAIN, 0, AF_INET6, -1, 0},
    {"tls", TLS, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"http2", HTTP2, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"tls-expired", TLS, CERTIFICATE_EXPIRED, AF_INET, -1, 0},
    {"tls-future", TLS, CERTIFICATE_FUTURE, AF_INET, -1, 0},
    {"tls-wrong-name", TLS, CERTIFICATE_WRONG_NAME, AF_INET, -1, 0},
    {"tls-chain", TLS, CERTIFICATE_CHAIN, AF_INET, -1, 0},
    {"tls-self-signed", TLS, CERTIFICATE_SELF_SIGNED, AF_INET, -1, 0},
    {"tls-incomplete", TLS, CERTIFICATE_INCOMPLETE, AF_INET, -1, 0},
    {"tls-soon", TLS, CERTIFICATE_SOON, AF_INET, -1, 0},
    {"tls-sha1", TLS, CERTIFICATE_SHA1, AF_INET, -1, 0},
    {"tls-short-key", TLS, CERTIFICATE_SHORT_KEY, AF_INET, -1, 0},
    {"tls-old", TLS, CERTIFICATE_OLD_TLS, AF_INET, -1, 0},
    {"tls-old-hello", OLD, 0, AF_INET, -1, 0},
    {"tls-no-cipher", TLS, CERTIFICATE_NO_CIPHER, AF_INET, -1, 0},
    {"tls-no-name", TLS, CERTIFICATE_NO_NAME, AF_INET, -1, 0},
    {"tls-reset", CUT, 0, AF_INET, -1, 0},
    {"tls-late", LATE, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"tls-listed", TLS, CERTIFICATE_LISTED, AF_INET, -1, 0},
    {"http2-false", FALSE2, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"smtp", SMTP, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"smtps", SMTPS, CERTIFICATE_GOOD, AF_INET, -1, 0},
    {"smtp-self-signed", SMTP, CERTIFICATE_SELF_SIGNED, AF_INET, -1, 0},
    {"reset", RESET, 0, AF_INET, -1, 0},
    {"silent", SILENT, 0, AF_INET, -1, 0},
    {"refused", REFUSED, 0, AF_INET, -1, 0},
    {"full", FULL, 0, AF_INET, -1, 0},
};

enum { PORTS = sizeof ports / sizeof ports[0], BACKLOG = 1024, LATE_MS = 600 };

static const char *folder;

const char *server_folder(void)
{
    return folder;
}

int server_port(const char *name)
{
    for (size_t i = 0; i < PORTS; i++) {
        if (strcmp(ports[i].name, name) == 0)
            return ports[i].number;
    }
    return 1;
}

/* Binds the loopback address on a free port. */
static int bind_port(struct port *port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr *address = port->family == AF_INET ? (void *)&v4 : (void *)&v6;
    socklen_t size = port->family == AF_INET ? sizeof v4 : sizeof v6;

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    port->fd = socket(port->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (port->fd < 0 || bind(port->fd, address, size) || getsockname(port->fd, address, &size)) {
        if (port->fd >= 0)
            close(port->fd);
        port->fd = -1;
        return port->family == AF_INET6 ? 0 : -1;
    }
    port->number = ntohs(port->family == AF_INET ? v4.sin_port : v6.sin6_port);
    return 0;
}

/* Fills the queue of connections to be accepted; more of them get no answer. */
static int fill_backlog(const struct port *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)port->number)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listen(port->fd, 0))
        return -1;
    for (int i = 0; i < 4; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (fd < 0)
            return -1;
        (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    return 0;
}

static int open_ports(void)
{
    for (size_t i = 0; i < PORTS; i++) {
        struct port *port = &ports[i];

        if (bind_port(port))
            return -1;
        if (port->fd < 0 || port->mode == REFUSED)
            continue;
        if (port->mode == FULL ? fill_backlog(port) : listen(port->fd, BACKLOG))
            return -1;
    }
    return 0;
}

struct visit {
    const struct port *port;
    struct connection connection;
};

static bool agrees_to_http2(const struct port *port)
{
    return port->mode == HTTP2 || port->mode == FALSE2;
}

static bool speaks_tls(const struct port *port)
{
    return port->mode == TLS || port->mode == SMTPS || port->mode == LATE || agrees_to_http2(port);
}

/* A ServerHello of TLS 1.1. */
static void greet_as_of_old(struct connection *connection)
{
    static const unsigned char hello[5 + 4 + 38] = {
        22, 3, 2, 0,  42, /* a record */
        2,  0, 0, 38, 3,  2, [5 + 4 + 2 + 32 + 1] = 0xc0, 0x09};

    connection_send(connection, hello, sizeof hello);
    connection_hang(connection);
}

static int greet(struct visit *visit)
{
    struct connection *connection = &visit->connection;
    SSL_CTX *context;

    if (!speaks_tls(visit->port))
        return 0;
    if (visit->port->mode == LATE)
        connection_pause(connection, LATE_MS);
    context = visit->port->certificate == CERTIFICATE_LISTED
                  ? certificates_listed()
                  : certificates_context(visit->port->certificate);
    connection->ssl = context ? SSL_new(context) : NULL;
    if (!connection->ssl || !SSL_set_fd(connection->ssl, connection->fd))
        return -1;
    SSL_set_app_data(connection->ssl, agrees_to_http2(visit->port) ? visit : NULL);
    return SSL_accept(connection->ssl) == 1 ? 0 : -1;
}

static void answer(struct connection *connection)
{
    struct request request;

    do {
        connection->is_kept = false;
        if (request_read(connection, &request) == 0) {
            /* The questions of the tests are not counted themselves. */
            if (request.word[0] != '_')
                record_add(&request);
            behaviour_run(connection, &request);
        }
        request_free(&request);
    } while (connection->is_kept);
}

/* Closes a connection so that the written bytes arrive, even if the client sent more. */
static void close_gracefully(struct connection *connection)
{
    if (connection->ssl) {
        SSL_shutdown(connection->ssl);
        SSL_free(connection->ssl);
    }
    if (connection->fd >= 0) {
        shutdown(connection->fd, SHUT_WR);
        close(connection->fd);
    }
}

static void converse(struct visit *visit)
{
    if (visit->port->mode == HTTP2)
        http2_answer(&visit->connection);
    else if (visit->port->mode == SMTP || visit->port->mode == SMTPS)
        smtp_answer(&visit->connection, visit->port->certificate);
    else
        answer(&visit->connection);
    if (visit->port->mode == FALSE2)
        connection_hang(&visit->connection);
}

static void *serve(void *argument)
{
    struct visit *visit = argument;
    char byte;

    switch (visit->port->mode) {
    case CUT:
        connection_read(&visit->connection, &byte, 1);
        /* fall through */
    case RESET:
        connection_reset(&visit->connection);
        break;
    case SILENT:
        connection_hang(&visit->connection);
        break;
    case OLD:
        greet_as_of_old(&visit->connection);
        break;
    default:
        if (greet(visit) == 0)
            converse(visit);
    }
    close_gracefully(&visit->connection);
    free(visit);
    return NULL;
}

static void welcome(const struct port *port, const pthread_attr_t *attributes)
{
    struct visit *visit = calloc(1, sizeof *visit);
    pthread_t thread;
    int one = 1;

    if (!visit)
        return;
    visit->port = port;
    visit->connection.fd = accept(port->fd, NULL, NULL);

    /* Each piece is sent at once, as its behaviour needs. */
    setsockopt(visit->connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (visit->connection.fd < 0 || pthread_create(&thread, attributes, serve, visit)) {
        close_gracefully(&visit->connection);
        free(visit);
    }
}

/* Serves until standard input closes. */
static int serve_all(void)
{
    struct pollfd polled[PORTS + 1];
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 512 << 10);
    for (size_t i = 0; i < PORTS; i++) {
        bool accepts = ports[i].mode != REFUSED && ports[i].mode != FULL;

        polled[i] = (struct pollfd){.fd = accepts ? ports[i].fd : -1, .events = POLLIN};
    }
    polled[PORTS] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(polled, PORTS + 1, -1) >= 0 && !polled[PORTS].revents) {
        for (size_t i = 0; i < PORTS; i++) {
            if (polled[i].revents & POLLIN)
                welcome(&ports[i], &attributes);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: awkward FOLDER   (created if missing; ca.pem is written there)\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    folder = argv[1];
    mkdir(folder, 0755);
    if (certificates_make(folder) || open_ports()) {
        perror("awkward");
        return 1;
    }
    for (size_t i = 0; i < PORTS; i++)
        printf("%s=%d\n", ports[i].name, ports[i].number);
    printf("\n");
    fflush(stdout);
    return serve_all();
}
