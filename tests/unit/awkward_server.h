#ifndef AWKWARD_SERVER_H
#define AWKWARD_SERVER_H

/* The awkward server ($AWKWARD) for unit tests: webhooks and mail servers that store what they get
 * in a folder. */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { AWKWARD_PORTS = 64 };

struct awkward_server {
    char folder[PATH_MAX];
    pid_t process;
    int in; /* the server ends when it is closed */
    struct {
        char name[32];
        int number;
    } ports[AWKWARD_PORTS];
    size_t n_ports;
};

static inline void awkward_write(const struct awkward_server *server, const char *name,
                                 const char *text)
{
    char path[PATH_MAX + 64];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", server->folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The content of a file; "": there is none. The text is overwritten by the next call. */
static inline const char *awkward_read(const struct awkward_server *server, const char *name)
{
    static char text[64 << 10];
    char path[PATH_MAX + 64];
    size_t size = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", server->folder, name);
    file = fopen(path, "r");
    if (file) {
        size = fread(text, 1, sizeof text - 1, file);
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

static inline int awkward_port(const struct awkward_server *server, const char *name)
{
    for (size_t i = 0; i < server->n_ports; i++) {
        if (strcmp(server->ports[i].name, name) == 0)
            return server->ports[i].number;
    }
    fail_msg("no port %s", name);
    return 0;
}

static inline void awkward_read_ports(struct awkward_server *server, int fd)
{
    FILE *from = fdopen(fd, "r");
    char line[64];

    assert_non_null(from);
    while (fgets(line, sizeof line, from) && line[0] != '\n') {
        assert_true(server->n_ports < AWKWARD_PORTS);
        assert_int_equal(sscanf(line, "%31[^=]=%d", server->ports[server->n_ports].name,
                                &server->ports[server->n_ports].number),
                         2);
        server->n_ports++;
    }
    fclose(from);
    assert_true(server->n_ports > 0);
}

static inline void awkward_open(struct awkward_server *server)
{
    const char *temporary = getenv("TMPDIR"), *program = getenv("AWKWARD");
    int in[2], out[2];

    memset(server, 0, sizeof *server);
    snprintf(server->folder, sizeof server->folder, "%s/uptick-server-XXXXXX",
             temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(server->folder));
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    server->process = fork();
    if (server->process == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(program ? program : "build/awkward", "awkward", server->folder, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server->in = in[1];
    awkward_read_ports(server, out[0]);
}

static inline void awkward_close(struct awkward_server *server)
{
    char command[PATH_MAX + 32];

    close(server->in);
    waitpid(server->process, NULL, 0);
    snprintf(command, sizeof command, "rm -r '%s'", server->folder);
    assert_int_equal(system(command), 0);
}

#endif
