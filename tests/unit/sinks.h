#ifndef SINKS_H
#define SINKS_H

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

enum { SINK_PORTS = 64 };

struct sinks {
    char folder[PATH_MAX];
    pid_t server;
    int in; /* the server ends when it is closed */
    struct {
        char name[32];
        int number;
    } ports[SINK_PORTS];
    size_t n_ports;
};

static inline void sinks_write(const struct sinks *sinks, const char *name, const char *text)
{
    char path[PATH_MAX + 64];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", sinks->folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The content of a file; "": there is none. The text is overwritten by the next call. */
static inline const char *sinks_read(const struct sinks *sinks, const char *name)
{
    static char text[64 << 10];
    char path[PATH_MAX + 64];
    size_t size = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", sinks->folder, name);
    file = fopen(path, "r");
    if (file) {
        size = fread(text, 1, sizeof text - 1, file);
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

static inline int sinks_port(const struct sinks *sinks, const char *name)
{
    for (size_t i = 0; i < sinks->n_ports; i++) {
        if (strcmp(sinks->ports[i].name, name) == 0)
            return sinks->ports[i].number;
    }
    fail_msg("no port %s", name);
    return 0;
}

static inline void sinks_read_ports(struct sinks *sinks, int fd)
{
    FILE *from = fdopen(fd, "r");
    char line[64];

    assert_non_null(from);
    while (fgets(line, sizeof line, from) && line[0] != '\n') {
        assert_true(sinks->n_ports < SINK_PORTS);
        assert_int_equal(sscanf(line, "%31[^=]=%d", sinks->ports[sinks->n_ports].name,
                                &sinks->ports[sinks->n_ports].number),
                         2);
        sinks->n_ports++;
    }
    fclose(from);
    assert_true(sinks->n_ports > 0);
}

static inline void sinks_open(struct sinks *sinks)
{
    const char *temporary = getenv("TMPDIR"), *program = getenv("AWKWARD");
    int in[2], out[2];

    memset(sinks, 0, sizeof *sinks);
    snprintf(sinks->folder, sizeof sinks->folder, "%s/uptick-sinks-XXXXXX",
             temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(sinks->folder));
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    sinks->server = fork();
    if (sinks->server == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(program ? program : "build/awkward", "awkward", sinks->folder, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    sinks->in = in[1];
    sinks_read_ports(sinks, out[0]);
}

static inline void sinks_close(struct sinks *sinks)
{
    char command[PATH_MAX + 32];

    close(sinks->in);
    waitpid(sinks->server, NULL, 0);
    snprintf(command, sizeof command, "rm -r '%s'", sinks->folder);
    assert_int_equal(system(command), 0);
}

#endif
