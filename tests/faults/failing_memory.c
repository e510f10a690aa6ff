/*
 * failing_memory.so, for LD_PRELOAD: refuses memory. $FAILING_MEMORY is "N FROM TO FILE": the Nth
 * allocation since main started fails, in whatever thread. "N+ FROM TO FILE": that one and all
 * after it fail. 0: none. At the end, a line "ALLOCATIONS LEFT WHERE" is written to FILE: the
 * number of allocations, the number of blocks that the program itself allocated and never freed,
 * and the address in it that allocated the first of them. Allocations between the addresses FROM
 * and TO are made for its libraries.
 *
 * Not for a program with AddressSanitizer, which has its own allocator. Leaks are counted here
 * instead.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);
void *memalign(size_t alignment, size_t size);

enum { SLOTS = 1 << 18 };

static struct {
    pthread_mutex_t lock;
    bool counting;
    long at; /* 0: never */
    bool goes_on;
    long seen;
    uintptr_t from, to, base; /* addresses of the program's own code */
    uintptr_t libraries[2];   /* the part of it that allocates for libraries */
    int file;                 /* the report; -1: none */
    struct {
        void *block;
        uintptr_t caller;
    } held[SLOTS]; /* blocks that the program allocated, each near the slot of its hash */
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER, .file = -1};

static size_t slot_of(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 46) % SLOTS;
}

/* A freed slot holds the address of this library, so that a search goes on after it. */
static void *const freed = &memory;

static void add_block(void *block, uintptr_t caller)
{
    size_t at = slot_of(block);

    if (!block || caller < memory.from || caller >= memory.to ||
        (caller >= memory.base + memory.libraries[0] && caller < memory.base + memory.libraries[1]))
        return;
    pthread_mutex_lock(&memory.lock);
    while (memory.held[at].block && memory.held[at].block != freed)
        at = (at + 1) % SLOTS;
    memory.held[at].block = block;
    memory.held[at].caller = caller;
    pthread_mutex_unlock(&memory.lock);
}

static void forget(const void *block)
{
    size_t at = slot_of(block);

    if (!block || !memory.counting)
        return;
    pthread_mutex_lock(&memory.lock);
    while (memory.held[at].block && memory.held[at].block != block)
        at = (at + 1) % SLOTS;
    if (memory.held[at].block)
        memory.held[at].block = freed;
    pthread_mutex_unlock(&memory.lock);
}

static bool is_refused(void)
{
    long seen;

    if (!__atomic_load_n(&memory.counting, __ATOMIC_RELAXED))
        return false;
    seen = __atomic_add_fetch(&memory.seen, 1, __ATOMIC_RELAXED);
    if (memory.at == 0 || (memory.goes_on ? seen < memory.at : seen != memory.at))
        return false;
    errno = ENOMEM;
    return true;
}

#define CALLER (uintptr_t) __builtin_return_address(0)

void *malloc(size_t size)
{
    void *block = is_refused() ? NULL : __libc_malloc(size);

    add_block(block, CALLER);
    return block;
}

void *calloc(size_t n, size_t size)
{
    void *block = is_refused() ? NULL : __libc_calloc(n, size);

    add_block(block, CALLER);
    return block;
}

static void *resize(void *block, size_t size, uintptr_t caller)
{
    void *grown;

    if (is_refused())
        return NULL;
    forget(block);
    grown = __libc_realloc(block, size);
    add_block(grown ? grown : size ? block : NULL, caller);
    return grown;
}

void *realloc(void *block, size_t size)
{
    return resize(block, size, CALLER);
}

void *reallocarray(void *block, size_t n, size_t size)
{
    size_t product;

    if (__builtin_mul_overflow(n, size, &product)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, product, CALLER);
}

static void *align(size_t alignment, size_t size, uintptr_t caller)
{
    void *block = is_refused() ? NULL : __libc_memalign(alignment, size);

    add_block(block, caller);
    return block;
}

void *memalign(size_t alignment, size_t size)
{
    return align(alignment, size, CALLER);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return align(alignment, size, CALLER);
}

int posix_memalign(void **into, size_t alignment, size_t size)
{
    void *block = align(alignment, size, CALLER);

    if (block)
        *into = block;
    return block ? 0 : ENOMEM;
}

void free(void *block)
{
    forget(block);
    __libc_free(block);
}

/* The first object of a program is the program. */
static int find_program(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    memory.base = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];

        if (header->p_type == PT_LOAD && header->p_flags & PF_X) {
            memory.from = info->dlpi_addr + header->p_vaddr;
            memory.to = memory.from + header->p_memsz;
        }
    }
    return 1;
}

static void set_up(void)
{
    const char *text = getenv("FAILING_MEMORY");
    char *end;

    if (!text)
        return;
    memory.at = strtol(text, &end, 10);
    memory.goes_on = *end == '+';
    end += memory.goes_on;
    for (int i = 0; i < 2; i++)
        memory.libraries[i] = strtoul(end, &end, 16);

    /* Opened now, because the tick is in the sandbox when there is something to report. */
    memory.file = open(end + strspn(end, " "), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dl_iterate_phdr(find_program, NULL);
    memory.counting = true;
}

static void write_report(void)
{
    uintptr_t where = 0;
    long left = 0;

    memory.counting = false;
    for (size_t i = 0; i < SLOTS; i++) {
        if (!memory.held[i].block || memory.held[i].block == freed)
            continue;
        left++;
        where = memory.held[i].caller - memory.base;
    }
    if (memory.file >= 0)
        dprintf(memory.file, "%ld %ld %#lx\n", memory.seen, left, (unsigned long)where);
}

typedef int main_function(int argc, char **argv, char **environment);
typedef int start_function(main_function *main, int argc, char **argv, void (*init)(void),
                           void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

static main_function *programs_main;

static int counted_main(int argc, char **argv, char **environment)
{
    int status;

    set_up();
    status = programs_main(argc, argv, environment);
    write_report();
    return status;
}

/*
 * Allocations before main are made by the dynamic linker; the program is not responsible for them.
 */
start_function __libc_start_main;
int __libc_start_main(main_function *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    start_function *next = NULL;

    *(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
    programs_main = main;
    return next(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
