/* Creates live files while a tick waits for servers. */
#include "records/new_files.h"

#include "base/file.h"
#include "records/record.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MIN = 256,     /* new domains: fewer are not worth it */
    AT_ONCE = 512, /* files, which take a few hundredths of a second */
};

static bool are_many(const struct config *config, const int64_t *due_after_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < config->n_domains; i++)
        n += due_after_ms[i] == 0;
    return n >= MIN;
}

static void create(int folder_fd, const char *domain)
{
    char name[CALL_PATH_MAX];
    struct stat status;
    int fd;

    record_name_file(name, domain);
    fd = record_open_quietly(folder_fd, name, O_RDWR | O_CREAT, &status);
    if (fd >= 0)
        close(fd);
}

/* Creates the files of new domains from number *from on, in the folder of the site of the first
 * one. Adds them to *n, up to AT_ONCE, and moves *from after the last one. */
static void create_in_folder(const struct config *config, int live_fd, const int64_t *due_after_ms,
                             size_t *from, size_t *n)
{
    size_t site = config->domains[*from].site;
    int fd = file_open_folder(live_fd, config->sites[site].id, RECORD_FOLDER_MODE);

    for (; *from < config->n_domains && config->domains[*from].site == site && *n < AT_ONCE;
         ++*from) {
        if (fd < 0 || due_after_ms[*from] != 0)
            continue;
        create(fd, config->domains[*from].id);
        ++*n;
    }
    if (fd >= 0)
        close(fd);
}

size_t new_files_create(const struct journal *journal, const int64_t *due_after_ms, size_t from)
{
    const struct config *config = journal->config;
    size_t n = 0;
    int live_fd;

    if (from == config->n_domains || (from == 0 && !are_many(config, due_after_ms)))
        return config->n_domains;
    live_fd = file_open_folder(journal->data_fd, "live", RECORD_FOLDER_MODE);
    while (from < config->n_domains && live_fd >= 0 && n < AT_ONCE) {
        if (due_after_ms[from] == 0)
            create_in_folder(config, live_fd, due_after_ms, &from, &n);
        else
            from++;
    }
    if (live_fd < 0)
        return config->n_domains;
    close(live_fd);
    return from;
}
