#ifndef CALLS_H
#define CALLS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The file calls of a program, held by a test. The kernel stops the program at each of them
 * (seccomp's user notification) until a judge has decided what happens to the call. The program is
 * not traced, so its sanitizers, which trace it themselves, can find leaks. No library replaces its
 * own, so the calls that the C library makes itself are held too.
 */

/* A call that is held. Valid while it is being judged. */
struct call {
    long number;      /* SYS_pwrite64 */
    const char *name; /* "pwrite64" */
    bool changes;     /* it may change a file, or bring one to disk */
    bool writes;      /* it writes bytes, and may write only half of them */
    bool reads;       /* it reads bytes, and may read only half of them */
    pid_t pid;        /* the thread that calls */
    uint64_t args[6];
    int fd;              /* the descriptor that it uses; -1: it uses a path */
    char path[PATH_MAX]; /* the file */
    char to[PATH_MAX];   /* the second path of a rename or a link; else empty */
};

enum deed {
    CALL_LET,       /* the kernel does it */
    CALL_FAIL,      /* it is not made, and fails with an error */
    CALL_SHORT,     /* half of a write or a read is done, and that many bytes are returned */
    CALL_KILL,      /* the program dies before it */
    CALL_KILL_HALF, /* the program dies when it has written half */
};

struct judgement {
    enum deed deed;
    int error; /* errno, for CALL_FAIL */
};

struct calls {
    const char *below; /* calls on files below this folder are judged; all others pass */
    bool all;          /* also judge calls that change nothing: reading, looking, locking */
    struct judgement (*judge)(void *context, const struct call *call);
    void *context;
    int listener; /* of the current run; -1: none */
};

/* Whether this machine can hold the calls of a program. */
bool calls_work(void);

/* In the child, before it becomes the program: sends the kernel's listener to the parent through
 * this socket. Returns 0 or -1. */
int calls_hold(int socket);

/* In the parent: receives the listener from the socket, and judges calls until the program has
 * ended. */
int calls_judge(struct calls *calls, int socket);

/* Copies bytes from the memory of the held program, for example those that it writes. Returns 0 or
 * -1. */
int calls_peek(const struct call *call, uint64_t address, void *bytes, size_t size);

/*
 * The offset of the next write to the call's descriptor; with O_APPEND that is the end of the file.
 */
int64_t calls_offset(const struct call *call);

#endif
