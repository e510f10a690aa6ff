/* The command init: the starter configuration and the crontab line that goes with it. */
#include "base/asset.h"
#include "base/buffer.h"
#include "base/file.h"
#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes a file that must not be there yet. It may come to hold secrets, so others cannot read it.
 */
static int write_new(const char *path, const struct asset *asset, struct error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    int result;

    if (fd < 0 && errno == EEXIST)
        return error_set(error, EXIT_IO, "%s: is there already, and is left as it is", path);
    if (fd < 0)
        return error_errno(error, "%s", path);
    result = file_write_at(fd, asset->data, asset->size, 0);
    if (result == 0)
        result = fsync(fd);
    if (result)
        error_errno(error, "%s", path);
    if (close(fd) && result == 0)
        result = error_errno(error, "%s", path);
    if (result)
        unlink(path);
    return result;
}

/*
 * A path as one word of a command in a crontab: quoted for the shell where it needs that, and with
 * "\" before each "%", which cron takes for the end of the command otherwise.
 */
static void append_word(struct buffer *line, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789/._-+,:@";
    const char *quote = path[strspn(path, plain)] ? "'" : "";

    buffer_puts(line, quote);
    for (; *path; path++) {
        if (*path == '\'')
            buffer_puts(line, "'\\''");
        else if (*path == '%')
            buffer_puts(line, "\\%");
        else
            buffer_putc(line, *path);
    }
    buffer_puts(line, quote);
}

/* The program that runs, by its whole path; where the system does not tell, its name. */
static void find_program(char program[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", program, PATH_MAX - 1);

    if (size > 0)
        program[size] = '\0';
    else
        strcpy(program, "uptick");
}

static int print_crontab(const char *path, struct error *error)
{
    struct buffer line = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    char program[PATH_MAX], absolute[PATH_MAX];

    if (!realpath(path, absolute))
        return error_errno(error, "%s", path);
    find_program(program);
    buffer_puts(&line, "* * * * * ");
    append_word(&line, program);
    buffer_puts(&line, " -c ");
    append_word(&line, absolute);
    buffer_puts(&line, " tick");
    printf("%s is written. Edit it, try it with 'validate' and 'check', then add this line by "
           "'crontab -e':\n\n%s\n",
           path, line.failed ? "" : line.data);
    buffer_free(&line);
    return 0;
}

int cmd_init(const struct invocation *invocation)
{
    const char *folder = invocation->argc > 1 ? invocation->argv[1] : ".";
    const struct asset *asset = asset_find("templates/uptick.yaml");
    struct error error;
    char path[PATH_MAX];

    if (invocation->argc > 2)
        return command_usage(invocation, "takes one folder, and got '%s' too", invocation->argv[2]);
    if (folder[0] == '\0' || folder[0] == '-')
        return command_usage(invocation, "takes a folder, and got '%s'", folder);
    if (!asset) {
        error_set(&error, EXIT_BUG, "templates/uptick.yaml is missing from the program");
        return command_fail(invocation, &error);
    }
    if ((size_t)snprintf(path, sizeof path, "%s/uptick.yaml", folder) >= sizeof path)
        return command_usage(invocation, "takes a folder with a shorter path");
    if (strcmp(folder, ".") == 0)
        strcpy(path, "uptick.yaml");
    else if (file_make_folder(folder, 0755, &error))
        return command_fail(invocation, &error);
    if (write_new(path, asset, &error) || print_crontab(path, &error))
        return command_fail(invocation, &error);
    return EXIT_DONE;
}
