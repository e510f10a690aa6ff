/*
 * lookups WHAT N [SERVER]: measures N name lookups, in CPU of this process and in wall clock.
 *
 * WHAT: "dns" (through lookup/lookups, from SERVER or those of resolv.conf), "known" (the same
 * names a second time), "hosts" (names of a hosts file of N lines), "pool" (getaddrinfo on 64
 * threads, with /etc/resolv.conf: give the process a private network and resolv.conf).
 */
#include "lookup/lookups.h"

#include <netdb.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { POOL = 64, HOST_ROOM = 32 };

static struct spent {
    double cpu_us, wall_us;
} begun;

static struct spent spent_now(void)
{
    struct timespec cpu, wall;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    clock_gettime(CLOCK_MONOTONIC, &wall);
    return (struct spent){(double)cpu.tv_sec * 1e6 + (double)cpu.tv_nsec / 1e3,
                          (double)wall.tv_sec * 1e6 + (double)wall.tv_nsec / 1e3};
}

static void report(const char *what, size_t n, size_t found)
{
    struct spent now = spent_now();

    printf("%s: %zu names, %zu found, CPU %.1f us per name, %.0f ms in total\n", what, n, found,
           (now.cpu_us - begun.cpu_us) / (double)n, (now.wall_us - begun.wall_us) / 1e3);
}

static char (*make_hosts(size_t n))[HOST_ROOM]
{
    char(*hosts)[HOST_ROOM] = calloc(n, sizeof *hosts);

    for (size_t i = 0; hosts && i < n; i++)
        snprintf(hosts[i], sizeof *hosts, "www-%zu.test", i);
    return hosts;
}

static void wake(void *context)
{
    sem_post(context);
}

/* Starts all lookups and waits for them. Returns how many names were found. */
static size_t look_up(struct lookups *lookups, char (*hosts)[HOST_ROOM], size_t n)
{
    struct question *questions = calloc(n, sizeof *questions), *question;
    size_t answered = 0, found = 0;
    struct inbox inbox;
    sem_t woken;

    if (!questions)
        return 0;
    sem_init(&woken, 0, 0);
    inbox_init(&inbox, wake, &woken);
    for (size_t i = 0; i < n; i++) {
        questions[i] = (struct question){.host = hosts[i], .family = AF_UNSPEC, .inbox = &inbox};
        answered += lookups_ask(lookups, &questions[i]);
    }
    while (answered < n) {
        question = inbox_take(&inbox);
        answered += question && question->answer;
        if (!question)
            sem_wait(&woken);
    }
    for (size_t i = 0; i < n; i++)
        found += questions[i].answer->result == LOOKUP_FOUND;
    inbox_free(&inbox);
    free(questions);
    return found;
}

static int write_hosts(const char *path, char (*hosts)[HOST_ROOM], size_t n)
{
    FILE *file = fopen(path, "w");

    for (size_t i = 0; file && i < n; i++)
        fprintf(file, "127.1.%zu.%zu %s\n", i / 250 % 256, i % 250 + 1, hosts[i]);
    return file ? fclose(file) : -1;
}

static int run_lookups(const char *what, char (*hosts)[HOST_ROOM], size_t n, const char *server)
{
    char path[] = "/tmp/hosts-XXXXXX";
    struct lookup_sources sources = {.hosts = path, .servers = server};
    struct lookups *lookups;
    struct error error;
    int fd = mkstemp(path);
    size_t found;

    if (fd < 0 || (strcmp(what, "hosts") == 0 && write_hosts(path, hosts, n)))
        return 1;
    begun = spent_now();
    lookups = lookups_new(&sources, &error);
    if (!lookups)
        return 1;
    if (strcmp(what, "known") == 0) {
        look_up(lookups, hosts, n);
        begun = spent_now();
    }
    found = look_up(lookups, hosts, n);
    lookups_free(lookups);
    report(what, n, found);
    close(fd);
    return unlink(path);
}

static struct {
    char (*hosts)[HOST_ROOM];
    size_t n;
    atomic_size_t next, found;
} pool;

static void *work(void *context)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all;
    size_t i;

    while ((i = atomic_fetch_add(&pool.next, 1)) < pool.n) {
        if (getaddrinfo(pool.hosts[i], "80", &hints, &all) == 0) {
            freeaddrinfo(all);
            atomic_fetch_add(&pool.found, 1);
        }
    }
    return context;
}

static int run_pool(char (*hosts)[HOST_ROOM], size_t n)
{
    pthread_t threads[POOL];

    pool.hosts = hosts;
    pool.n = n;
    begun = spent_now();
    for (int i = 0; i < POOL; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL))
            return 1;
    }
    for (int i = 0; i < POOL; i++)
        pthread_join(threads[i], NULL);
    report("pool", n, atomic_load(&pool.found));
    return 0;
}

int main(int argc, char **argv)
{
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    char(*hosts)[HOST_ROOM] = n ? make_hosts(n) : NULL;
    int status;

    if (!hosts) {
        fprintf(stderr, "usage: lookups dns|known|hosts|pool N [SERVER]\n");
        return 64;
    }
    status =
        strcmp(argv[1], "pool") == 0 ? run_pool(hosts, n) : run_lookups(argv[1], hosts, n, argv[3]);
    free(hosts);
    return status;
}
