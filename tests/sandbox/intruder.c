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
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
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

/* The process that starts commands for the tick, its only child; 0: not found. */
static pid_t find_helper(void)
{
    char path[64];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    file = fopen(path, "re");
    if (!file || fscanf(file, "%d", &pid) != 1)
        pid = 0;
    if (file)
        fclose(file);
    return pid;
}

static int find_helper_socket(void)
{
    for (int fd = 3; fd < 1024; fd++) {
        int type = 0;
        socklen_t size = sizeof type;

        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
            return fd;
    }
    return -1;
}

static int trace_helper(const char *one, const char *other)
{
    (void)one, (void)other;
    return ptrace(PTRACE_SEIZE, find_helper(), NULL, NULL) ? -1 : 0;
}

static char byte_of_helper;

static int write_to_helper(const char *one, const char *other)
{
    struct iovec ours = {"x", 1}, theirs = {&byte_of_helper, 1};

    (void)one, (void)other;
    return process_vm_writev(find_helper(), &ours, 1, &theirs, 1, 0) == 1 ? 0 : -1;
}

static int open_helper(const char *one, const char *other)
{
    char path[64];

    (void)one;
    snprintf(path, sizeof path, "/proc/%d/%s", find_helper(), strrchr(other, '/') + 1);
    return open(path, O_RDWR | O_CLOEXEC) < 0 ? -1 : 0;
}

static int stop_helper(const char *one, const char *other)
{
    (void)one, (void)other;
    return kill(find_helper(), 0);
}

/* Asks the helper for a target, by its index. Returns its answer, or that it ended. */
static int ask_helper(uint32_t target)
{
    const uint32_t request[] = {target, 1, 6};
    char answer[4096];
    int fd = find_helper_socket();
    struct pollfd answered = {.fd = fd, .events = POLLIN};

    if (fd < 0 || send(fd, request, sizeof request, MSG_NOSIGNAL) < 0)
        return -1;
    if (send(fd, "chosen", 6, MSG_NOSIGNAL) < 0 || poll(&answered, 1, 10000) != 1 ||
        recv(fd, answer, sizeof answer, 0) <= 0) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

static int run_command(const char *one, const char *other)
{
    (void)one, (void)other;
    return ask_helper(1);
}

static int run_other_command(const char *one, const char *other)
{
    (void)one, (void)other;
    return ask_helper(2);
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
    {"helper_trace", trace_helper, "", ""},
    {"helper_write", write_to_helper, "", ""},
    {"helper_memory", open_helper, "", "/mem"},
    {"helper_signal", stop_helper, "", ""},
    {"run_command", run_command, "", ""},
    {"helper_run_other", run_other_command, "", ""},
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
