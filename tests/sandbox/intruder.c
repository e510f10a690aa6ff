/*
 * intruder.so, for LD_PRELOAD: what code could do that a hostile server has injected into the tick.
 * When the first HTTP response arrives, each of the attempts below is made, in the thread that
 * reads it. For each, "NAME ERRNO" is written to the open descriptor $INTRUDER_REPORT. Paths start
 * at $INTRUDER_FOLDER. Each attempt has its own files, so none depends on another.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each returns 0, or -1 with errno. */
typedef int attempt(const char *one, const char *other);

static int write_with(const char *path, int flags)
{
    int fd = open(path, flags | O_NOCTTY | O_CLOEXEC, 0755);
    int result = fd < 0 || write(fd, "x", 1) != 1 ? -1 : 0;

    if (fd >= 0)
        close(fd);
    return result;
}

static int append(const char *one, const char *other)
{
    (void)other;
    return write_with(one, O_WRONLY | O_APPEND);
}

static int create(const char *one, const char *other)
{
    (void)other;
    return write_with(one, O_WRONLY | O_CREAT | O_EXCL);
}

static int open_to_read(const char *one, const char *other)
{
    char byte;
    int fd = open(one, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 || read(fd, &byte, 1) != 1 ? -1 : 0;

    (void)other;
    if (fd >= 0)
        close(fd);
    return result;
}

static int shorten(const char *one, const char *other)
{
    (void)other;
    return truncate(one, 0);
}

static int remove_file(const char *one, const char *other)
{
    (void)other;
    return remove(one);
}

static int make_folder(const char *one, const char *other)
{
    (void)other;
    return mkdir(one, 0755);
}

static int make_fifo(const char *one, const char *other)
{
    (void)other;
    return mkfifo(one, 0644);
}

static int make_socket(const char *one, const char *other)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result;

    (void)other;
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", one);
    result = bind(fd, (const struct sockaddr *)&address, sizeof address);
    close(fd);
    return result;
}

static int start(const char *one, const char *other)
{
    char *arguments[] = {(char *)one, NULL};
    int status;
    pid_t pid = fork();

    (void)other;
    if (pid == 0) {
        execv(one, arguments);
        _exit(errno);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    errno = WEXITSTATUS(status);
    return errno ? -1 : 0;
}

/* From memory, not from a file in any folder. */
static int start_from_memory(const char *one, const char *other)
{
    int from = open(one, O_RDONLY | O_CLOEXEC), memory = memfd_create("program", 0);
    char block[4096];
    ssize_t n;

    while (from >= 0 && (n = read(from, block, sizeof block)) > 0) {
        if (write(memory, block, (size_t)n) != n)
            abort();
    }
    close(from);
    snprintf(block, sizeof block, "/proc/self/fd/%d", memory);
    return start(block, other);
}

static int ask_parent(const char *one, const char *other)
{
    (void)one, (void)other;
    return kill(getppid(), 0);
}

static const struct {
    const char *name;
    attempt *try;
    const char *one, *other;
} attempts[] = {
    {"append", append, "/uptick.yaml", ""},
    {"create", create, "/created", ""},
    {"create_in_tmp", create, ".beside", ""},
    {"create_template", create, "/templates/index.html", ""},
    {"follow_a_link", append, "/data/way-out", ""},
    {"truncate", shorten, "/victims/truncate", ""},
    {"rename", rename, "/victims/rename", "/victims/renamed"},
    {"rename_in", rename, "/victims/rename-in", "/data/in"},
    {"rename_out", rename, "/data/out", "/victims/out"},
    {"remove", remove_file, "/victims/remove", ""},
    {"remove_folder", remove_file, "/victims/folder", ""},
    {"make_folder", make_folder, "/victims/made", ""},
    {"link", link, "/victims/link", "/victims/linked"},
    {"link_in", link, "/victims/link", "/data/linked"},
    {"symlink", symlink, "/victims/link", "/victims/symlink"},
    {"symlink_in_public", symlink, "/uptick.yaml", "/public/symlink"},
    {"fifo_in_data", make_fifo, "/data/fifo", ""},
    {"socket", make_socket, "/socket", ""},
    {"start_script", start, "/victims/script", ""},
    {"start_from_data", start, "/data/script", ""},
    {"start_from_memory", start_from_memory, "/true", ""},
    {"signal", ask_parent, "", ""},
    {"read", open_to_read, "/uptick.yaml", ""},
    {"create_in_data", create, "/data/created", ""},
    {"create_in_public", create, "/public/created", ""},
    {"truncate_in_data", shorten, "/data/truncate", ""},
    {"data_to_public", rename, "/data/move", "/public/moved"},
    {"folder_in_data", make_folder, "/data/made", ""},
    {"remove_in_public", remove_file, "/public/remove", ""},
};

static void report(const char *name, int error)
{
    const char *fd = getenv("INTRUDER_REPORT");
    char line[128];
    int size = snprintf(line, sizeof line, "%s %d\n", name, error);

    if (!fd || write(atoi(fd), line, (size_t)size) != size)
        abort();
}

static void intrude(void)
{
    const char *folder = getenv("INTRUDER_FOLDER");

    if (!folder)
        abort();
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        char one[PATH_MAX], other[PATH_MAX];

        snprintf(one, sizeof one, "%s%s", folder, attempts[i].one);
        snprintf(other, sizeof other, "%s%s", folder, attempts[i].other);
        errno = 0;
        report(attempts[i].name, attempts[i].try(one, other) ? errno : 0);
    }
    report("start_true", start("/bin/true", "") ? errno : 0);
    report("end", 0);
}

static atomic_flag came = ATOMIC_FLAG_INIT;

static ssize_t received(const void *bytes, ssize_t n)
{
    int kept = errno;

    if (n > 5 && memcmp(bytes, "HTTP/", 5) == 0 && !atomic_flag_test_and_set(&came))
        intrude();
    errno = kept;
    return n;
}

ssize_t recv(int fd, void *into, size_t max_size, int flags)
{
    static ssize_t (*next)(int, void *, size_t, int);

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "recv");
    return received(into, next(fd, into, max_size, flags));
}

/* A library built with FORTIFY calls this instead. */
ssize_t __recv_chk(int fd, void *into, size_t max_size, size_t size, int flags);
ssize_t __recv_chk(int fd, void *into, size_t max_size, size_t size, int flags)
{
    (void)size;
    return recv(fd, into, max_size, flags);
}
