/* Holds a program's file calls with seccomp's user notification; see seccomp_unotify(2). */
#define _GNU_SOURCE
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The arguments of a call that name files, and those with the bytes that it moves. Arguments are
 * numbered from one; 0: none. A path may be relative to the descriptor of a folder. */
struct shape {
    const char *name;
    int number;
    int fd;          /* a descriptor */
    int at, path;    /* the folder's descriptor, and the path */
    int to_at, to;   /* the same for the second path */
    int bytes, size; /* the bytes that are written or read, and their number */
    bool reads;      /* it changes nothing */
};

#define CALL(name) #name, SYS_##name
static const struct shape shapes[] = {
    {CALL(openat), .at = 1, .path = 2},
    {CALL(write), .fd = 1, .bytes = 2, .size = 3},
    {CALL(pwrite64), .fd = 1, .bytes = 2, .size = 3},
    {CALL(writev), .fd = 1},
    {CALL(pwritev), .fd = 1},
    {CALL(pwritev2), .fd = 1},
    {CALL(sendfile), .fd = 1},
    {CALL(copy_file_range), .fd = 3},
    {CALL(ftruncate), .fd = 1},
    {CALL(truncate), .path = 1},
    {CALL(fallocate), .fd = 1},
    {CALL(fsync), .fd = 1},
    {CALL(fdatasync), .fd = 1},
    {CALL(syncfs), .fd = 1},
    {CALL(sync_file_range), .fd = 1},
    {CALL(renameat2), .at = 1, .path = 2, .to_at = 3, .to = 4},
    {CALL(renameat), .at = 1, .path = 2, .to_at = 3, .to = 4},
    {CALL(unlinkat), .at = 1, .path = 2},
    {CALL(mkdirat), .at = 1, .path = 2},
    {CALL(linkat), .at = 1, .path = 2, .to_at = 3, .to = 4},
    {CALL(symlinkat), .to_at = 2, .to = 3},
    {CALL(fchmod), .fd = 1},
    {CALL(fchmodat), .at = 1, .path = 2},
    {CALL(fchown), .fd = 1},
    {CALL(utimensat), .at = 1, .path = 2},
#ifdef SYS_open
    {CALL(open), .path = 1},
    {CALL(creat), .path = 1},
    {CALL(rename), .path = 1, .to = 2},
    {CALL(unlink), .path = 1},
    {CALL(rmdir), .path = 1},
    {CALL(mkdir), .path = 1},
    {CALL(link), .path = 1, .to = 2},
    {CALL(chmod), .path = 1},
    {CALL(stat), .path = 1, .reads = true},
    {CALL(lstat), .path = 1, .reads = true},
    {CALL(access), .path = 1, .reads = true},
    {CALL(readlink), .path = 1, .reads = true},
#endif
    {CALL(read), .fd = 1, .bytes = 2, .size = 3, .reads = true},
    {CALL(pread64), .fd = 1, .bytes = 2, .size = 3, .reads = true},
    {CALL(readv), .fd = 1, .reads = true},
    {CALL(lseek), .fd = 1, .reads = true},
    {CALL(fstat), .fd = 1, .reads = true},
    {CALL(newfstatat), .at = 1, .path = 2, .reads = true},
    {CALL(statx), .at = 1, .path = 2, .reads = true},
    {CALL(faccessat), .at = 1, .path = 2, .reads = true},
    {CALL(faccessat2), .at = 1, .path = 2, .reads = true},
    {CALL(readlinkat), .at = 1, .path = 2, .reads = true},
    {CALL(getdents64), .fd = 1, .reads = true},
    {CALL(flock), .fd = 1, .reads = true},
    {CALL(fcntl), .fd = 1, .reads = true},
    {CALL(close), .fd = 1, .reads = true},
};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

/* The kernel's filter: it holds each call of the table and lets all others pass. */
static int install_filter(void)
{
    struct sock_filter filter[N_SHAPES + 3];
    struct sock_fprog program = {.len = N_SHAPES + 3, .filter = filter};

    filter[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < N_SHAPES; i++)
        filter[1 + i] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)shapes[i].number,
                                         (unsigned char)(N_SHAPES - i), 0);
    filter[N_SHAPES + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[N_SHAPES + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &program);
}

/* Memory for one descriptor sent with a message. */
union ancillary {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

int calls_hold(int socket)
{
    char byte = 0;
    struct iovec bytes = {&byte, 1};
    union ancillary ancillary = {{0}};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = &ancillary,
                             .msg_controllen = sizeof ancillary.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int listener = install_filter();

    if (listener < 0)
        return -1;
    *header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof listener), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &listener, sizeof listener);
    /* The kernel closes this end of the listener when the program starts. */
    return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_listener(int socket)
{
    char byte;
    struct iovec bytes = {&byte, 1};
    union ancillary ancillary;
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = &ancillary,
                             .msg_controllen = sizeof ancillary.bytes};
    struct cmsghdr *header;
    int listener;

    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
        return -1;
    header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return -1;
    memcpy(&listener, CMSG_DATA(header), sizeof listener);
    return listener;
}

int calls_peek(const struct call *call, uint64_t address, void *bytes, size_t size)
{
    struct iovec here = {bytes, size};
    struct iovec there = {(void *)(uintptr_t)address, size};

    return process_vm_readv(call->pid, &here, 1, &there, 1, 0) == (ssize_t)size ? 0 : -1;
}

/* Read in steps, since a text may be at the end of a page that has no page after it. */
static void peek_text(const struct call *call, uint64_t address, char text[PATH_MAX])
{
    size_t length = 0;

    while (length < PATH_MAX - 1) {
        size_t piece = 4096 - (address + length) % 4096;

        if (piece > PATH_MAX - 1 - length)
            piece = PATH_MAX - 1 - length;
        if (calls_peek(call, address + length, text + length, piece))
            break;
        if (memchr(text + length, '\0', piece))
            return;
        length += piece;
    }
    text[length] = '\0';
}

static void follow(pid_t pid, const char *what, int fd, char path[PATH_MAX])
{
    char link[64];
    ssize_t length;

    if (fd >= 0)
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, fd);
    else
        snprintf(link, sizeof link, "/proc/%d/%s", (int)pid, what);
    length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
}

/* The path named by two arguments: a folder's descriptor, and a path that may be relative to it. */
static void find_path(const struct call *call, int at, int path, char found[PATH_MAX])
{
    char text[PATH_MAX], folder[PATH_MAX];
    int fd = at ? (int)call->args[at - 1] : AT_FDCWD;

    peek_text(call, call->args[path - 1], text);
    if (text[0] == '/') {
        memcpy(found, text, strlen(text) + 1);
        return;
    }
    follow(call->pid, "cwd", fd == AT_FDCWD ? -1 : fd, folder);
    if (!*text)
        memcpy(found, folder, strlen(folder) + 1);
    else if (snprintf(found, PATH_MAX, "%s/%s", folder, text) >= PATH_MAX)
        found[0] = '\0';
}

static bool opens_to_change(const struct call *call)
{
    uint64_t flags = call->args[call->number == SYS_openat ? 2 : 1];

    return (flags & (O_CREAT | O_TRUNC)) != 0;
}

static void describe_call(struct call *call, const struct shape *shape,
                          const struct seccomp_notif *held)
{
    *call = (struct call){.number = shape->number,
                          .name = shape->name,
                          .changes = !shape->reads,
                          .writes = shape->bytes && !shape->reads,
                          .reads = shape->bytes && shape->reads,
                          .pid = (pid_t)held->pid,
                          .fd = -1};
    for (int i = 0; i < 6; i++)
        call->args[i] = held->data.args[i];
    if (shape->fd) {
        call->fd = (int)call->args[shape->fd - 1];
        follow(call->pid, "", call->fd, call->path);
    }
    if (shape->path)
        find_path(call, shape->at, shape->path, call->path);
    if (shape->to)
        find_path(call, shape->to_at, shape->to, call->to);
#ifdef SYS_open
    if (call->number == SYS_open)
        call->changes = opens_to_change(call);
#endif
    if (call->number == SYS_openat)
        call->changes = opens_to_change(call);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

static bool matters(const struct calls *calls, const struct call *call)
{
    return (call->changes || calls->all) &&
           (is_below(call->path, calls->below) || is_below(call->to, calls->below));
}

int64_t calls_offset(const struct call *call)
{
    char name[64];
    long long position = -1;
    unsigned flags = 0;
    struct stat status;
    FILE *file;

    if (call->number == SYS_pwrite64)
        return (int64_t)call->args[3];
    snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", (int)call->pid, call->fd);
    file = fopen(name, "r");
    if (!file)
        return -1;
    if (fscanf(file, "pos: %lld flags: %o", &position, &flags) != 2)
        position = -1;
    fclose(file);
    if (flags & O_APPEND && stat(call->path, &status) == 0)
        position = status.st_size;
    return position;
}

/* The process that a thread belongs to. */
static pid_t process_of(pid_t thread)
{
    char name[64], line[128];
    int process = thread;
    FILE *file;

    snprintf(name, sizeof name, "/proc/%d/status", (int)thread);
    file = fopen(name, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "Tgid: %d", &process) == 1)
            break;
    }
    if (file)
        fclose(file);
    return process;
}

/* A copy of the program's own descriptor: reads and writes move the same file offset. */
static int borrow(const struct call *call)
{
    int process = (int)syscall(SYS_pidfd_open, process_of(call->pid), 0);
    int fd;

    if (process < 0)
        return -1;
    fd = (int)syscall(SYS_pidfd_getfd, process, call->fd, 0);
    close(process);
    return fd;
}

/* Reads half, into the program's memory. */
static ssize_t read_into(const struct call *call, int fd, char *bytes, size_t size,
                         uint64_t address)
{
    ssize_t n = call->number == SYS_read ? read(fd, bytes, size)
                                         : pread(fd, bytes, size, (off_t)call->args[3]);
    struct iovec here = {bytes, n > 0 ? (size_t)n : 0};
    struct iovec there = {(void *)(uintptr_t)address, here.iov_len};

    if (n > 0 && process_vm_writev(call->pid, &here, 1, &there, 1, 0) != n)
        return -1;
    return n;
}

static ssize_t write_from(const struct call *call, int fd, char *bytes, size_t size,
                          uint64_t address)
{
    if (calls_peek(call, address, bytes, size))
        return -1;
    return call->number == SYS_write ? write(fd, bytes, size)
                                     : pwrite(fd, bytes, size, (off_t)call->args[3]);
}

/* Writes or reads half of the bytes in place of the program. Returns how many; -1: half is not
 * possible. */
static int64_t do_half(const struct call *call, const struct shape *shape)
{
    size_t size = shape->bytes ? (size_t)call->args[shape->size - 1] / 2 : 0;
    ssize_t done = -1;
    char *bytes;
    int fd;

    if (size == 0)
        return -1;
    fd = borrow(call);
    bytes = malloc(size);
    if (fd >= 0 && bytes)
        done = (call->reads ? read_into : write_from)(call, fd, bytes, size,
                                                      call->args[shape->bytes - 1]);
    free(bytes);
    if (fd >= 0)
        close(fd);
    return done;
}

static void carry_out(const struct call *call, const struct shape *shape, struct judgement judged,
                      struct seccomp_notif_resp *answer)
{
    int64_t half;

    switch (judged.deed) {
    case CALL_LET:
        answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        return;
    case CALL_FAIL:
        answer->error = -judged.error;
        return;
    case CALL_SHORT:
        half = do_half(call, shape);
        if (half < 0)
            answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        else
            answer->val = half;
        return;
    case CALL_KILL_HALF:
        do_half(call, shape);
        kill(process_of(call->pid), SIGKILL);
        return;
    case CALL_KILL:
        kill(process_of(call->pid), SIGKILL);
        return;
    }
}

static const struct shape *shape_of(int number)
{
    for (size_t i = 0; i < N_SHAPES; i++) {
        if (shapes[i].number == number)
            return &shapes[i];
    }
    return NULL;
}

/* Judges one call. Returns 0, or -1 when the program has ended. */
static int judge_one(struct calls *calls)
{
    struct seccomp_notif held = {0};
    struct seccomp_notif_resp answer = {0};
    struct judgement judged = {CALL_LET, 0};
    const struct shape *shape;
    struct call call;

    if (ioctl(calls->listener, SECCOMP_IOCTL_NOTIF_RECV, &held))
        return errno == EINTR || errno == ENOENT ? 0 : -1; /* it died in the meantime */
    answer.id = held.id;
    shape = shape_of(held.data.nr);
    describe_call(&call, shape, &held);
    if (matters(calls, &call))
        judged = calls->judge(calls->context, &call);
    carry_out(&call, shape, judged, &answer);
    ioctl(calls->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* it may have died */
    return 0;
}

int calls_judge(struct calls *calls, int socket)
{
    struct pollfd listener = {.events = POLLIN};
    int result = 0;

    calls->listener = listener.fd = receive_listener(socket);
    if (calls->listener < 0)
        return -1;
    while (result == 0 && (poll(&listener, 1, -1) > 0 || errno == EINTR)) {
        if (!(listener.revents & POLLIN))
            break;
        result = judge_one(calls);
    }
    close(calls->listener);
    calls->listener = -1;
    return result;
}

bool calls_work(void)
{
    pid_t child = fork();
    int status = 1;

    if (child == 0)
        _exit(install_filter() < 0);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
