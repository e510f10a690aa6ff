/* A mail server, which answers as the rules in the file "smtp" say, and stores each mail. */
#include "awkward.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { LINE_SIZE = 2048, RULES_SIZE = 4096, MAIL_MAX = 4 << 20, LOGIN_SIZE = 256 };

struct session {
    struct connection *connection;
    enum certificate certificate; /* for STARTTLS */
    char rules[RULES_SIZE];
    char waiting[LINE_SIZE]; /* bytes that were read, but not used */
    size_t n_waiting;
    char envelope[RULES_SIZE]; /* the commands of this mail */
    char login[LOGIN_SIZE];    /* "USER PASSWORD" of the client; "": it did not log in */
    bool is_over;
};

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;

static void read_rules(struct session *session)
{
    char path[PATH_MAX];
    FILE *file;
    size_t size = 0;

    snprintf(path, sizeof path, "%s/smtp", server_folder());
    file = fopen(path, "r");
    if (file) {
        size = fread(session->rules, 1, sizeof session->rules - 1, file);
        fclose(file);
    }
    session->rules[size] = '\0';
}

/* Copies the rest of the first rule "STEP REST" or "STEP=TEXT REST" whose TEXT is in the line. */
static bool find_rule(const struct session *session, const char *step, const char *line,
                      char rest[LINE_SIZE])
{
    size_t length = strlen(step);

    for (const char *at = session->rules; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        char text[LINE_SIZE] = "";
        const char *from = at + length;

        if (strncmp(at, step, length) != 0 || !strchr(" =\n", *from))
            continue;
        if (*from == '=' && sscanf(from + 1, "%2047[^ \n]", text) == 1 && !strstr(line, text))
            continue;
        from += strcspn(from, " \n");
        from += *from == ' ';
        snprintf(rest, LINE_SIZE, "%.*s", (int)strcspn(from, "\n"), from);
        return true;
    }
    return false;
}

static void say(struct session *session, const char *line)
{
    if (connection_printf(session->connection, "%s\r\n", line))
        session->is_over = true;
}

/* Bytes for ever, or until the client goes away. */
static void flood(struct session *session)
{
    char line[LINE_SIZE];

    memset(line, 'x', sizeof line);
    memcpy(line, "250-", 4);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    while (connection_send(session->connection, line, sizeof line) == 0)
        continue;
}

/* Does what the rules want at a step; the usual reply if there is no rule. Returns whether the
 * usual reply was sent. */
static bool act(struct session *session, const char *step, const char *line, const char *usual)
{
    char rest[LINE_SIZE];

    if (!find_rule(session, step, line, rest)) {
        if (usual)
            say(session, usual);
        return true;
    }
    if (strncmp(rest, "wait ", 5) == 0) {
        connection_pause(session->connection, atoi(rest + 5));
        if (usual)
            say(session, usual);
        return true;
    }
    if (strcmp(rest, "hang") == 0)
        connection_hang(session->connection);
    else if (strcmp(rest, "flood") == 0)
        flood(session);
    else if (strcmp(rest, "reset") == 0)
        connection_reset(session->connection);
    else if (strcmp(rest, "close") != 0) {
        say(session, rest);
        return false;
    }
    session->is_over = true;
    return false;
}

/* Reads a line without its end. Returns false if the client is gone. */
static bool read_line(struct session *session, char line[LINE_SIZE])
{
    for (;;) {
        char *end = memchr(session->waiting, '\n', session->n_waiting);
        size_t size, left;
        ssize_t n;

        if (end) {
            size = (size_t)(end - session->waiting) + 1;
            snprintf(line, LINE_SIZE, "%.*s", (int)size, session->waiting);
            line[strcspn(line, "\r\n")] = '\0';
            session->n_waiting -= size;
            memmove(session->waiting, end + 1, session->n_waiting);
            return true;
        }
        left = sizeof session->waiting - session->n_waiting;
        n = left ? connection_read(session->connection, session->waiting + session->n_waiting, left)
                 : 0;
        if (n <= 0)
            return false;
        session->n_waiting += (size_t)n;
    }
}

/* Adds a line to the file "smtp.log", which has no passwords. */
static void record_line(const char *line)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/smtp.log", server_folder());
    pthread_mutex_lock(&files_lock);
    file = fopen(path, "a");
    if (file) {
        if (strncasecmp(line, "AUTH ", 5) == 0)
            fprintf(file, "%.*s\n", 5 + (int)strcspn(line + 5, " "), line);
        else
            fprintf(file, "%s\n", line);
        fclose(file);
    }
    pthread_mutex_unlock(&files_lock);
}

/* Stores a mail as mails/N: the commands of its envelope, an empty line, and the mail. */
static void store_mail(const struct session *session, const char *mail)
{
    static int n;
    char path[PATH_MAX], tmp[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/mails", server_folder());
    mkdir(path, 0755);
    pthread_mutex_lock(&files_lock);
    n++;
    snprintf(path, sizeof path, "%s/mails/%d", server_folder(), n);
    snprintf(tmp, sizeof tmp, "%s/mails/%d.tmp", server_folder(), n);
    file = fopen(tmp, "w");
    if (file) {
        fprintf(file, "%s%s%s", session->envelope, session->connection->ssl ? "TLS\n" : "", mail);
        fclose(file);
        rename(tmp, path);
    }
    pthread_mutex_unlock(&files_lock);
}

/* Stores a mail before it is accepted, so that the client finds it. */
static void end_mail(struct session *session, const char *mail)
{
    char rest[LINE_SIZE];

    if (!find_rule(session, "end", "", rest) || strncmp(rest, "wait ", 5) == 0)
        store_mail(session, mail);
    act(session, "end", "", "250 2.0.0 Ok: queued as 4F2");
}

/* Reads a mail up to its final dot, and removes the other dots that the protocol adds. */
static void receive_mail(struct session *session)
{
    char *mail = calloc(1, MAIL_MAX + LINE_SIZE), line[LINE_SIZE];
    size_t size = 1;

    if (!mail)
        abort();
    mail[0] = '\n';
    while (!session->is_over && read_line(session, line) && strcmp(line, ".") != 0) {
        size +=
            (size_t)snprintf(mail + size, LINE_SIZE + 2, "%s\n", line[0] == '.' ? line + 1 : line);
        if (size > MAIL_MAX)
            size = 1;
        act(session, "body", line, NULL);
    }
    if (!session->is_over && strcmp(line, ".") == 0)
        end_mail(session, mail);
    free(mail);
    session->envelope[0] = '\0';
}

static void decode(const char *text, char into[LOGIN_SIZE])
{
    unsigned char bytes[LINE_SIZE] = {0};
    size_t size = strlen(text);
    int n = size < LINE_SIZE ? EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size) : 0;

    for (int i = 0; i < n && i < LOGIN_SIZE; i++)
        into[i] = (char)bytes[i];
    into[n > 0 && n < LOGIN_SIZE ? n : 0] = '\0';
}

static void ask_login(struct session *session, const char *question, char answer[LOGIN_SIZE])
{
    char line[LINE_SIZE];

    say(session, question);
    if (!read_line(session, line))
        session->is_over = true;
    else
        decode(line, answer);
}

/* AUTH PLAIN, with or without its text, and AUTH LOGIN. */
static void log_in(struct session *session, const char *line)
{
    char user[LOGIN_SIZE] = "", password[LOGIN_SIZE] = "", wanted[LINE_SIZE] = "";

    if (strncasecmp(line, "AUTH LOGIN", 10) == 0) {
        if (line[10] == ' ')
            decode(line + 11, user);
        else
            ask_login(session, "334 VXNlcm5hbWU6", user);
        ask_login(session, "334 UGFzc3dvcmQ6", password);
    } else {
        char text[LOGIN_SIZE] = "";

        if (line[10] == ' ')
            decode(line + 11, text);
        else
            ask_login(session, "334 ", text);
        snprintf(user, sizeof user, "%s", text + 1);
        snprintf(password, sizeof password, "%s", text + 1 + strlen(user) + 1);
    }
    snprintf(session->login, sizeof session->login, "%.100s %.100s", user, password);
    find_rule(session, "login", "", wanted);
    if (strcmp(session->login, wanted) == 0) {
        act(session, "auth", line, "235 2.7.0 Authentication successful");
    } else {
        session->login[0] = '\0';
        act(session, "auth", line, "535 5.7.8 Error: authentication failed");
    }
}

static void start_tls(struct session *session)
{
    struct connection *connection = session->connection;
    SSL_CTX *context = certificates_context(session->certificate);

    if (!act(session, "starttls", "", "220 2.0.0 Ready to start TLS"))
        return;
    session->n_waiting = 0;
    connection->ssl = context ? SSL_new(context) : NULL;
    if (!connection->ssl || !SSL_set_fd(connection->ssl, connection->fd) ||
        SSL_accept(connection->ssl) != 1)
        session->is_over = true;
}

static void greet(struct session *session, const char *line)
{
    char text[LINE_SIZE], rest[LINE_SIZE], kinds[LINE_SIZE] = "PLAIN LOGIN";
    bool offers_tls = !session->connection->ssl && !find_rule(session, "no-starttls", "", rest);
    bool offers_login = find_rule(session, "login", "", rest);

    find_rule(session, "kinds", "", kinds);
    snprintf(text, sizeof text, "250-awkward.example\r\n250-SIZE 4000000\r\n%s%.500s%s250 8BITMIME",
             offers_login ? "250-AUTH " : "", offers_login ? kinds : "",
             offers_login ? "\r\n" : "");
    if (offers_tls)
        snprintf(text + strlen(text), 64, "\r\n250 STARTTLS");
    for (char *last = strstr(text, "250 8"); offers_tls && last; last = NULL)
        last[3] = '-';
    act(session, "ehlo", line, text);
}

/* Each part of an envelope is kept if it is accepted. */
static void add_to_envelope(struct session *session, const char *step, const char *line)
{
    char wanted[LINE_SIZE];
    size_t size = strlen(session->envelope);

    if (find_rule(session, "login", "", wanted) && !session->login[0]) {
        say(session, "530 5.7.0 Authentication required");
    } else if (act(session, step, line, "250 2.1.0 Ok")) {
        snprintf(session->envelope + size, sizeof session->envelope - size, "%.500s\n", line);
    }
}

static void obey(struct session *session, const char *line)
{
    record_line(line);
    if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "HELO", 4) == 0)
        greet(session, line);
    else if (strcasecmp(line, "STARTTLS") == 0)
        start_tls(session);
    else if (strncasecmp(line, "AUTH ", 5) == 0)
        log_in(session, line);
    else if (strncasecmp(line, "MAIL ", 5) == 0)
        add_to_envelope(session, "mail", line);
    else if (strncasecmp(line, "RCPT ", 5) == 0)
        add_to_envelope(session, "rcpt", line);
    else if (strcasecmp(line, "DATA") != 0)
        session->is_over =
            act(session, "quit", line, strcasecmp(line, "QUIT") == 0 ? "221 Bye" : "502 No") &&
            strcasecmp(line, "QUIT") == 0;
    else if (!strstr(session->envelope, "RCPT"))
        say(session, "554 5.5.1 Error: no valid recipients");
    else if (act(session, "data", line, "354 End data with <CR><LF>.<CR><LF>"))
        receive_mail(session);
}

void smtp_answer(struct connection *connection, enum certificate certificate)
{
    struct session session = {.connection = connection, .certificate = certificate};
    char line[LINE_SIZE];

    read_rules(&session);
    act(&session, "greeting", "", "220 awkward.example ESMTP");
    while (!session.is_over && read_line(&session, line))
        obey(&session, line);
    record_line("(closed)");
}
