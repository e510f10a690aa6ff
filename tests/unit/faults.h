#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

/*
 * Calls that fail: the linker replaces the program's own calls of the functions below by those of
 * __wrap_ (tests/check.mk). These fail if a test asks for that, and else call the real ones.
 * Include after cmocka.h, in a test whose name begins with test_faults_.
 *
 * A sweep runs a scene again and again. The first, second, third ... call of a kind fails, until
 * the scene ends without reaching the fault.
 */
#include "base/arena.h"
#include "base/asset.h"
#include "base/interrupt.h"
#include "base/thread.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <yaml.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum fault_kind {
    FAULT_OFF,
    FAULT_OF_MEMORY,  /* an allocation, by the program or by a library */
    FAULT_OF_FILE,    /* a call on a file or folder, with the errno that the test sets */
    FAULT_OF_SQL,     /* a statement, with the SQLite code that the test sets */
    FAULT_INTERRUPT,  /* EINTR in a call that a signal may interrupt */
    FAULT_SHORT,      /* a read or write that does only half */
    FAULT_OF_BYTES,   /* a read at an offset that returns a wrong byte */
    FAULT_OF_IDN,     /* libcurl was built without it */
    FAULT_OF_ASSET,   /* an embedded file is missing from the program */
    FAULT_TERMINATION, /* SIGTERM was received */
    FAULT_OF_CURL,     /* a call of libcurl for a transfer */
    FAULT_OF_POLLER,   /* a call of epoll, with the errno that the test sets */
    FAULT_OF_THREAD    /* the start of a thread */
};

static struct {
    enum fault_kind kind;
    int left; /* calls before the one that fails */
    bool lasting;
    int code; /* errno, or the code of SQLite */
    bool met;
    CURLUcode url_code; /* of the last part of a URL, if we made it fail */
    int sql_code;       /* of the last SQL call, if we made it fail */
    int held; /* number of objects that the calls below returned and that were not freed */
} fault;

/* Counts an object that a call returned. */
static inline void *fault_hold(void *given)
{
    fault.held += given != NULL;
    return given;
}

static inline void fault_arm(enum fault_kind kind, int nth, bool lasting, int code)
{
    fault.kind = kind;
    fault.left = nth;
    fault.lasting = lasting;
    fault.code = code;
    fault.met = false;
}

/* Returns whether a call failed. */
static inline bool fault_disarm(void)
{
    fault.kind = FAULT_OFF;
    fault.sql_code = 0;
    return fault.met;
}

static inline bool fault_hits(enum fault_kind kind)
{
    if (fault.kind != kind || fault.left <= 0)
        return false;
    if (fault.left > 1) {
        fault.left--;
        return false;
    }
    fault.left = fault.lasting ? 1 : 0;
    fault.met = true;
    return true;
}

static inline bool fault_of_file(void)
{
    if (!fault_hits(FAULT_OF_FILE))
        return false;
    errno = fault.code;
    return true;
}

static inline bool fault_of_memory(void)
{
    if (!fault_hits(FAULT_OF_MEMORY))
        return false;
    errno = ENOMEM;
    return true;
}

static inline bool fault_interrupt(void)
{
    if (!fault_hits(FAULT_INTERRUPT))
        return false;
    errno = EINTR;
    return true;
}

/* Whether a part of a URL cannot be read, because memory or libcurl's IDN is missing. */
static inline bool fault_of_url(CURLUPart part)
{
    bool lacks_idn = part == CURLUPART_HOST && fault_hits(FAULT_OF_IDN);

    fault.url_code = lacks_idn ? CURLUE_LACKS_IDN : CURLUE_OUT_OF_MEMORY;
    return lacks_idn || fault_of_memory();
}

/* Some calls of libcurl and epoll are made in several threads, so every Nth of them fails. */
static struct {
    atomic_int kind; /* FAULT_OFF: none */
    atomic_int every, seen, met;
    int code;
} shared_fault;

static inline bool fault_of_thread(enum fault_kind kind)
{
    if (atomic_load(&shared_fault.kind) != (int)kind ||
        (atomic_fetch_add(&shared_fault.seen, 1) + 1) % atomic_load(&shared_fault.every) != 0)
        return false;
    atomic_fetch_add(&shared_fault.met, 1);
    errno = shared_fault.code;
    return true;
}

static inline int fault_of_sql(void)
{
    fault.sql_code = fault_hits(FAULT_OF_SQL) ? fault.code : 0;
    return fault.sql_code;
}

/* A function that returns a pointer or a number. It fails in one way; else it is the real one. */
/* clang-format off */
#define FAULTY(type, name, parameters, arguments, failed, value)                                   \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return failed ? (value) : __real_##name arguments;                                         \
    }

#define TAKEN(type, name, parameters, arguments)                                                   \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fault_of_memory() ? NULL : fault_hold(__real_##name arguments);                     \
    }
#define GIVEN_BACK(type, name)                                                                     \
    void __real_##name(type *held);                                                                \
    void __wrap_##name(type *held);                                                                \
    void __wrap_##name(type *held)                                                                 \
    {                                                                                              \
        fault.held -= held != NULL;                                                                \
        __real_##name(held);                                                                       \
    }

TAKEN(void *, malloc, (size_t size), (size))
TAKEN(void *, calloc, (size_t n, size_t size), (n, size))
TAKEN(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
TAKEN(char *, strdup, (const char *text), (text))
TAKEN(char *, strndup, (const char *text, size_t size), (text, size))
TAKEN(CURLU *, curl_url, (void), ())
GIVEN_BACK(void, free)
GIVEN_BACK(CURLU, curl_url_cleanup)
FAULTY(int, posix_memalign, (void **memory, size_t alignment, size_t size), (memory, alignment, size), fault_of_memory(), ENOMEM)
FAULTY(int, setenv, (const char *name, const char *value, int replace), (name, value, replace), fault_of_memory(), -1)
FAULTY(void *, arena_alloc, (struct arena *arena, size_t size), (arena, size), fault_of_memory(), NULL)
FAULTY(char *, arena_copy, (struct arena *arena, const void *bytes, size_t size), (arena, bytes, size), fault_of_memory(), NULL)
FAULTY(CURLUcode, curl_url_set, (CURLU *url, CURLUPart part, const char *text, unsigned flags), (url, part, text, flags), fault_of_memory(), CURLUE_OUT_OF_MEMORY)
FAULTY(CURLUcode, curl_url_get, (const CURLU *url, CURLUPart part, char **text, unsigned flags), (url, part, text, flags), fault_of_url(part), fault.url_code)
FAULTY(int, deflateInit2_, (z_stream *zlib, int level, int method, int window, int memory, int strategy, const char *version, int size), (zlib, level, method, window, memory, strategy, version, size), fault_of_memory(), Z_MEM_ERROR)
FAULTY(int, inflateInit2_, (z_stream *zlib, int window, const char *version, int size), (zlib, window, version, size), fault_of_memory(), Z_MEM_ERROR)
FAULTY(int, inflate, (z_stream *zlib, int flush), (zlib, flush), fault_of_memory(), Z_MEM_ERROR)
FAULTY(ZSTD_CCtx *, ZSTD_createCCtx, (void), (), fault_of_memory(), NULL)
FAULTY(ZSTD_DCtx *, ZSTD_createDCtx, (void), (), fault_of_memory(), NULL)
FAULTY(size_t, ZSTD_compressStream2, (ZSTD_CCtx *zstd, ZSTD_outBuffer *to, ZSTD_inBuffer *from, ZSTD_EndDirective how), (zstd, to, from, how), fault_of_memory(), (size_t)-ZSTD_error_memory_allocation)
FAULTY(size_t, ZSTD_decompressStream, (ZSTD_DCtx *zstd, ZSTD_outBuffer *to, ZSTD_inBuffer *from), (zstd, to, from), fault_of_memory(), (size_t)-ZSTD_error_memory_allocation)
FAULTY(pcre2_match_data *, pcre2_match_data_create_8, (uint32_t n, pcre2_general_context *general), (n, general), fault_of_memory(), NULL)
FAULTY(pcre2_match_context *, pcre2_match_context_create_8, (pcre2_general_context *general), (general), fault_of_memory(), NULL)
FAULTY(int, pcre2_match_8, (const pcre2_code *code, PCRE2_SPTR bytes, PCRE2_SIZE size, PCRE2_SIZE from, uint32_t options, pcre2_match_data *match, pcre2_match_context *context), (code, bytes, size, from, options, match, context), fault_of_memory(), PCRE2_ERROR_NOMEMORY)
FAULTY(const unsigned char *, sqlite3_column_text, (sqlite3_stmt *row, int column), (row, column), fault_of_memory(), NULL)

FAULTY(int, fsync, (int fd), (fd), fault_of_file(), -1)
FAULTY(int, syncfs, (int fd), (fd), fault_of_file(), -1)
FAULTY(int, ftruncate, (int fd, off_t size), (fd, size), fault_of_file(), -1)
FAULTY(int, rename, (const char *from, const char *to), (from, to), fault_of_file(), -1)
FAULTY(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), fault_of_file(), -1)
FAULTY(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), fault_of_file(), -1)
FAULTY(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), fault_of_file(), -1)
FAULTY(int, mkdir, (const char *path, mode_t mode), (path, mode), fault_of_file(), -1)
FAULTY(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), fault_of_file(), -1)
FAULTY(int, stat, (const char *path, struct stat *status), (path, status), fault_of_file(), -1)
FAULTY(int, fstat, (int fd, struct stat *status), (fd, status), fault_of_file(), -1)
FAULTY(int, fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags), fault_of_file(), -1)
FAULTY(FILE *, fopen, (const char *path, const char *mode), (path, mode), fault_of_file(), NULL)
FAULTY(DIR *, fdopendir, (int fd), (fd), fault_of_file(), NULL)
FAULTY(struct dirent *, readdir, (DIR *listing), (listing), fault_of_file(), NULL)
FAULTY(pid_t, fork, (void), (), fault_of_file(), -1)
FAULTY(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends), fault_of_file(), -1)
FAULTY(int, flock, (int fd, int how), (fd, how), (fault_of_file() || fault_interrupt()), -1)
FAULTY(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), (fault_of_file() || fault_interrupt()), -1)

FAULTY(CURL *, curl_easy_init, (void), (), fault_of_thread(FAULT_OF_CURL), NULL)
FAULTY(CURLM *, curl_multi_init, (void), (), fault_of_thread(FAULT_OF_CURL), NULL)
FAULTY(CURLMcode, curl_multi_assign, (CURLM *multi, curl_socket_t fd, void *with), (multi, fd, with), fault_of_thread(FAULT_OF_CURL), CURLM_OUT_OF_MEMORY)
FAULTY(CURLMcode, curl_multi_add_handle, (CURLM *multi, CURL *easy), (multi, easy), fault_of_thread(FAULT_OF_CURL), CURLM_OUT_OF_MEMORY)
FAULTY(CURLMcode, curl_multi_remove_handle, (CURLM *multi, CURL *easy), (multi, easy), fault_of_thread(FAULT_OF_CURL), CURLM_BAD_EASY_HANDLE)
FAULTY(CURLMcode, curl_multi_socket_action, (CURLM *multi, curl_socket_t fd, int what, int *running), (multi, fd, what, running), fault_of_thread(FAULT_OF_CURL), CURLM_OUT_OF_MEMORY)
FAULTY(CURLMcode, curl_multi_perform, (CURLM *multi, int *running), (multi, running), fault_of_thread(FAULT_OF_CURL), CURLM_OUT_OF_MEMORY)
FAULTY(CURLMcode, curl_multi_poll, (CURLM *multi, struct curl_waitfd *extra, unsigned n, int ms, int *ready), (multi, extra, n, ms, ready), fault_of_thread(FAULT_OF_CURL), CURLM_OUT_OF_MEMORY)
FAULTY(struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *text), (list, text), fault_of_thread(FAULT_OF_CURL), NULL)
FAULTY(int, thread_start, (pthread_t *thread, void *(*run)(void *), void *context), (thread, run, context), fault_of_thread(FAULT_OF_THREAD), EAGAIN)
FAULTY(int, pipe, (int ends[2]), (ends), fault_of_file(), -1)
FAULTY(int, epoll_create1, (int flags), (flags), fault_of_thread(FAULT_OF_POLLER), -1)
FAULTY(int, epoll_ctl, (int poller, int what, int fd, struct epoll_event *event), (poller, what, fd, event), fault_of_thread(FAULT_OF_POLLER), -1)
FAULTY(const struct asset *, asset_find, (const char *name), (name), fault_hits(FAULT_OF_ASSET), NULL)
FAULTY(bool, interrupt_came, (void), (), fault_hits(FAULT_TERMINATION), true)

FAULTY(int, sqlite3_step, (sqlite3_stmt *statement), (statement), fault_of_sql(), fault.sql_code)
FAULTY(int, sqlite3_exec, (sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *context, char **error), (db, sql, each, context, error), fault_of_sql(), fault.sql_code)
FAULTY(int, sqlite3_prepare_v3, (sqlite3 *db, const char *sql, int size, unsigned flags, sqlite3_stmt **statement, const char **rest), (db, sql, size, flags, statement, rest), fault_of_sql(), fault.sql_code)
FAULTY(int, sqlite3_errcode, (sqlite3 *db), (db), fault.sql_code, fault.sql_code)
FAULTY(int, sqlite3_system_errno, (sqlite3 *db), (db), fault.sql_code, 0)
/* clang-format on */

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    void *grown = fault_of_memory() ? NULL : __real_realloc(old, size);

    fault.held += !old && grown;
    return grown;
}

ssize_t __real_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset)
{
    ssize_t n;

    if (fault_of_file() || fault_interrupt())
        return -1;
    n = __real_pread(fd, bytes, size > 1 && fault_hits(FAULT_SHORT) ? size / 2 : size, offset);
    if (n > 0 && fault_hits(FAULT_OF_BYTES))
        ((unsigned char *)bytes)[n / 2] ^= 1;
    return n;
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (fault_of_file() || fault_interrupt())
        return -1;
    return __real_pwrite(fd, bytes, size > 1 && fault_hits(FAULT_SHORT) ? size / 2 : size, offset);
}

/* The descriptor is closed even if the call fails, as on Linux. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool failed = fault_of_file();
    int os = errno, result = __real_close(fd);

    errno = failed ? os : errno;
    return failed ? -1 : result;
}

static inline mode_t fault_mode(int flags, va_list args)
{
    return flags & O_CREAT ? (mode_t)va_arg(args, unsigned) : 0;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = fault_mode(flags, args);
    va_end(args);
    return fault_of_file() ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = fault_mode(flags, args);
    va_end(args);
    return fault_of_file() ? -1 : __real_openat(folder, path, flags, mode);
}

int __real_yaml_parser_initialize(yaml_parser_t *parser);
int __wrap_yaml_parser_initialize(yaml_parser_t *parser);
int __wrap_yaml_parser_initialize(yaml_parser_t *parser)
{
    return !fault_of_memory() && __real_yaml_parser_initialize(parser);
}

int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
    if (!fault_of_memory())
        return __real_yaml_parser_parse(parser, event);
    parser->error = YAML_MEMORY_ERROR;
    return 0;
}

/* libcurl's options are pointers or as large as pointers. */
CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list args;
    void *value;

    va_start(args, option);
    value = va_arg(args, void *);
    va_end(args);
    return fault_of_thread(FAULT_OF_CURL) ? CURLE_OUT_OF_MEMORY
                                          : __real_curl_easy_setopt(easy, option, value);
}

CURLMcode __real_curl_multi_setopt(CURLM *multi, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    va_list args;
    void *value;

    va_start(args, option);
    value = va_arg(args, void *);
    va_end(args);
    return fault_of_thread(FAULT_OF_CURL) ? CURLM_OUT_OF_MEMORY
                                          : __real_curl_multi_setopt(multi, option, value);
}

/*
 * Opens nothing if memory runs out, like SQLite; for other faults, opens a database with an error.
 */
int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs)
{
    int result;

    *db = NULL;
    if (fault_of_memory())
        return SQLITE_NOMEM;
    result = __real_sqlite3_open_v2(path, db, flags, vfs);
    return fault_of_sql() ? fault.sql_code : result;
}

#endif
