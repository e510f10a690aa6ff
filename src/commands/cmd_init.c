/* The command init: writes a starter configuration and prints a line for the crontab. */
#include "base/asset.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes a file that must not exist yet. Others cannot read it: users may put secrets into it. */
static int write_new_file(const char *path, const struct asset *asset, struct error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    int result;

    if (fd < 0 && errno == EEXIST)
        return error_set(error, EXIT_IO, "%s: already exists; not changed", path);
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
 * Appends a path as one word of a command in a crontab: quoted for the shell if necessary, and with
 * a backslash before each '%', which would end the command.
 */
static void append_word(struct buffer *line, const char *path)
{
    static const char plain[] = TEXT_LETTERS_AND_DIGITS "/._-+,:@";
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

/* The path of the running program, or its name if the system does not provide the path. */
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
    printf("Wrote %s. Edit it, try it with 'validate' and 'check', then add this line with "
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
        return command_usage(invocation, "unexpected argument '%s'; expected one folder",
                             invocation->argv[2]);
    if (folder[0] == '\0' || folder[0] == '-')
        return command_usage(invocation, "expected a folder, got '%s'", folder);
    if (!asset) {
        error_set(&error, EXIT_BUG, "bug: templates/uptick.yaml is not part of this program");
        return command_fail(invocation, &error);
    }
    if ((size_t)snprintf(path, sizeof path, "%s/uptick.yaml", folder) >= sizeof path)
        return command_usage(invocation, "the path of the folder is too long");
    if (strcmp(folder, ".") == 0)
        strcpy(path, "uptick.yaml");
    else if (file_make_folder(folder, 0755, &error))
        return command_fail(invocation, &error);
    if (write_new_file(path, asset, &error) || print_crontab(path, &error))
        return command_fail(invocation, &error);
    return EXIT_DONE;
}
