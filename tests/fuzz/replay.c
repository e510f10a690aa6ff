/* Runs a target with every file of a folder, without libFuzzer: replay FOLDER. */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A signal ends an input that hangs; the time is far longer than any input takes on a busy machine.
 */
enum { PATIENCE_S = 30 };

static char running[PATH_MAX]; /* the input that crashed or hangs */

static void report_crash(int signal_number)
{
    (void)!write(STDERR_FILENO, running, strlen(running));
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* The allocation has the exact size, so that AddressSanitizer detects a byte read too far. */
static bool read_input(const char *path, uint8_t **data, size_t *size)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    bool complete = false;

    *data = NULL;
    if (file && fstat(fileno(file), &status) == 0) {
        *size = (size_t)status.st_size;
        *data = malloc(*size ? *size : 1);
        complete = *data && fread(*data, 1, *size, file) == *size;
    }
    if (file)
        fclose(file);
    if (!complete)
        perror(path);
    return complete;
}

static bool replay(const char *path)
{
    uint8_t *data;
    size_t size;

    if (!read_input(path, &data, &size))
        return false;
    snprintf(running, sizeof running, "it happened with %.*s\n", PATH_MAX - 32, path);
    alarm(PATIENCE_S);
    LLVMFuzzerTestOneInput(data, size);
    alarm(0);
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    char path[PATH_MAX];
    int passed = 0;
    bool good = true;

    if (!folder) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return 64;
    }
    signal(SIGABRT, report_crash);
    signal(SIGALRM, report_crash);
    while (good && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        good = replay(path);
        passed += good;
    }
    closedir(folder);
    if (good)
        printf("[  PASSED  ] %d inputs\n", passed);
    return good && passed > 0 ? 0 : 1;
}
