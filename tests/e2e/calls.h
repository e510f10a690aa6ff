#ifndef CALLS_H
#define CALLS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The file calls of a program in a test's hand: the kernel holds the program at each of them
 * (seccomp's user notification) until a judge has said what becomes of it. The program is not
 * traced, so that its sanitizers, which trace it themselves, find their leaks, and no library
 * stands before its own: what the C library calls inside itself is held too.
 */

/* A call that is held. Valid while it is judged. */
struct call {
    long number;      /* SYS_pwrite64 */
    const char *name; /* "pwrite64" */
    bool changes;     /* it may change a file, or bring one to disk */
    bool writes;      /* it writes bytes, and can be done by half */
    bool reads;       /* it reads bytes, and can be done by half */
    pid_t pid;        /* the thread that calls */
    uint64_t args[6];
    int fd;              /* the descriptor it is about; -1: it is about a path */
    char path[PATH_MAX]; /* the file */
    char to[PATH_MAX];   /* where a rename or a link leads; else empty */
};

enum deed {
    CALL_LET,       /* the kernel does it */
    CALL_FAIL,      /* it is not done, and fails with an error */
    CALL_SHORT,     /* of a write or a read, half is done, and that many bytes are told */
    CALL_KILL,      /* the program dies before it */
    CALL_KILL_HALF, /* the program dies having written half */
};

struct judgement {
    enum deed deed;
    int error; /* errno, for CALL_FAIL */
};

struct calls {
    const char *below; /* the folder whose files matter; other calls are let through unseen */
    bool all;          /* judge also what changes nothing: reading, looking, locking */
    struct judgement (*judge)(void *context, const struct call *call);
    void *context;
    int listener; /* of the run under way; -1: none */
};

/* Whether this machine lets a program be held. */
bool calls_work(void);

/*
 * In the child, before it becomes the program: hands the kernel's listener to the parent through
 * this socket. Returns 0 or -1.
 */
int calls_hold(int socket);

/* In the parent: takes the listener from the socket, and judges until the program is gone. */
int calls_judge(struct calls *calls, int socket);

/* Copies bytes of the held program's memory, as those that it writes. Returns 0 or -1. */
int calls_peek(const struct call *call, uint64_t address, void *bytes, size_t size);

/* Where the next write to the call's descriptor goes; with O_APPEND that is the file's end. */
int64_t calls_offset(const struct call *call);

#endif
