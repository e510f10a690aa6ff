/* Makes the files of a dashboard, on several threads. */
#include "dashboard/builders.h"

#include "base/interrupt.h"
#include "base/thread.h"
#include "dashboard/outputs.h"
#include "dashboard/publish.h"
#include "dashboard/snapshot.h"
#include "template/run.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A thread costs as much as the files of a few domains. */
enum { DOMAINS_PER_BUILDER = 100 };

/* While one group is made, the caller prepares the next one. */
enum { GROUPS = 2 };

struct builder_thread {
    struct builders *all;
    pthread_t thread;
    struct outputs_values *values;
    struct item_cache *cache;    /* NULL: out of memory, so it is slower */
    const struct output *output; /* the file being made: its output, site and name */
    size_t site;
    char name[NAME_MAX + 1];
    struct publish_file file;
    bool begun;         /* its start has been written */
    struct buffer page; /* the part of it that is not written yet */
    size_t job;         /* its number among all jobs; the first is 0 */
    bool failed;        /* at that job; why: error */
    struct error error;
};

/* Jobs that were added together. Each makes the files of a site; the first n_once make a file that
 * is made once. */
struct job_group {
    const size_t *sites;
    size_t n_once, n, n_begun, n_done;
};

struct builders {
    const struct outputs *outputs;
    const struct template_set *templates;
    struct publication *publication;
    pthread_mutex_t mutex;  /* for what follows, up to stopping */
    pthread_cond_t changed; /* jobs were added, a group is done, or the threads have to end */
    struct job_group groups[GROUPS]; /* those with the numbers n_done to n_added, modulo GROUPS */
    size_t n_added, n_done;          /* groups since the start; they are done in their order */
    size_t n_begun;                  /* jobs since the start */
    bool ending;                     /* no group will be added */
    bool stopping;                   /* no job will be begun: one has failed, or the caller has */
    size_t n_started;                /* with the first one, which the calling thread is */
    size_t n;
    struct builder_thread builders[];
};

/* A signal came: nothing of this build is published. */
static int check_interrupt(struct builder_thread *builder)
{
    if (!interrupt_is_urgent())
        return 0;
    error_set(&builder->error, EXIT_IO, "dashboard: interrupted");
    builder->error.os = EINTR;
    return -1;
}

/* Writes a piece of the page, so that a page of ten thousand domains needs little memory. */
static int write_piece(void *context, const char *bytes, size_t size)
{
    struct builder_thread *builder = context;
    const struct builders *all = builder->all;
    const struct output *output = builder->output;

    if (check_interrupt(builder))
        return -1;
    if (!builder->begun && publish_begin(&builder->file, all->publication,
                                         outputs_number(all->outputs, output, builder->site),
                                         output->folder, builder->name, &builder->error))
        return -1;
    builder->begun = true;
    if (publish_write(&builder->file, bytes, size, &builder->error) == 0)
        return 0;
    builder->begun = false; /* it is abandoned */
    return -1;
}

/* Makes the page, or the end of it. The error is that of a piece, if one could not be written. */
static int make_page(struct builder_thread *builder)
{
    const struct output *output = builder->output;
    struct error error;
    const struct value *root;

    builder->error.text[0] = '\0';
    if (output->write) {
        if (output->write(builder->all->outputs->snapshot, builder->site, &builder->page, &error) ==
            0)
            return 0;
    } else {
        root = output->root(builder->values, builder->site);
        if (!root)
            return error_set(&builder->error, EXIT_IO, "%s: out of memory", builder->name);
        if (run_template(builder->all->templates, output->template, root, builder->cache,
                         &builder->page, &error) == 0)
            return 0;
    }
    if (!builder->error.text[0])
        builder->error = error;
    return -1;
}

static int make_file(struct builder_thread *builder, const struct output *output, size_t site)
{
    const struct outputs *outputs = builder->all->outputs;
    struct buffer *page = &builder->page;

    builder->output = output;
    builder->site = site;
    if (!outputs_name(outputs, output, site, builder->name))
        return 0;
    buffer_reset(page);
    builder->begun = false;
    if (check_interrupt(builder))
        return -1;
    if (make_page(builder)) {
        if (builder->begun)
            publish_abandon(&builder->file);
        return -1;
    }
    if (!builder->begun)
        return publish_add(builder->all->publication, outputs_number(outputs, output, site),
                           output->folder, builder->name, page->data, page->size, &builder->error);
    if (publish_write(&builder->file, page->data, page->size, &builder->error))
        return -1;
    return publish_end(&builder->file, &builder->error);
}

/* The output with this number among those that are made once. */
static const struct output *output_once(size_t number)
{
    const struct output *output = outputs_table;

    for (;; output++) {
        if (!output->each_site && number-- == 0)
            return output;
    }
}

/* Makes the file, or all files of the site: one thread makes them, because they show the same
 * values. */
static int make_job(struct builder_thread *builder, const struct job_group *group, size_t i)
{
    int result = 0;

    if (i < group->n_once)
        return make_file(builder, output_once(i), 0);
    for (size_t k = 0; k < outputs_table_size && result == 0; k++) {
        if (outputs_table[k].each_site)
            result = make_file(builder, &outputs_table[k], group->sites[i - group->n_once]);
    }
    return result;
}

/* The first group with jobs that were not begun; NULL: none. */
static struct job_group *find_jobs(struct builders *all)
{
    for (size_t i = all->n_done; i < all->n_added && !all->stopping; i++) {
        struct job_group *group = &all->groups[i % GROUPS];

        if (group->n_begun < group->n)
            return group;
    }
    return NULL;
}

/* Makes the next job of the group. The mutex is held, but not meanwhile. */
static void make_next(struct builder_thread *builder, struct job_group *group)
{
    struct builders *all = builder->all;
    size_t i = group->n_begun++;

    builder->job = all->n_begun++;
    pthread_mutex_unlock(&all->mutex);
    builder->failed = make_job(builder, group, i) != 0;
    pthread_mutex_lock(&all->mutex);
    all->stopping |= builder->failed;
    if (++group->n_done < group->n && !builder->failed)
        return;
    for (; all->n_done < all->n_added; all->n_done++) {
        group = &all->groups[all->n_done % GROUPS];
        if (group->n_done < group->n)
            break;
    }
    pthread_cond_broadcast(&all->changed);
}

/* Makes a job, or waits until something has changed. The mutex is held, but not meanwhile. */
static void make_or_wait(struct builder_thread *builder)
{
    struct builders *all = builder->all;
    struct job_group *group = find_jobs(all);

    if (group)
        make_next(builder, group);
    else
        pthread_cond_wait(&all->changed, &all->mutex);
}

/* Makes jobs until the last one is done. */
static void *make_all(void *context)
{
    struct builder_thread *builder = context;
    struct builders *all = builder->all;

    pthread_mutex_lock(&all->mutex);
    while (!all->stopping && !(all->ending && all->n_done == all->n_added))
        make_or_wait(builder);
    pthread_mutex_unlock(&all->mutex);
    return NULL;
}

/* Jobs are begun in their order, and each is ended. So of all jobs that would fail, the first one
 * always did. */
static int first_error(const struct builders *builders, struct error *error)
{
    const struct builder_thread *first = NULL;

    for (size_t i = 0; i < builders->n; i++) {
        const struct builder_thread *builder = &builders->builders[i];

        if (builder->failed && (!first || builder->job < first->job))
            first = builder;
    }
    if (!first)
        return 0;
    *error = first->error;
    return -1;
}

/* Starts other builders, at most one for each job. */
static void start_threads(struct builders *builders, size_t n_jobs)
{
    size_t n = n_jobs < builders->n ? n_jobs : builders->n;

    while (builders->n_started < n &&
           thread_start(&builders->builders[builders->n_started].thread, make_all,
                        &builders->builders[builders->n_started]) == 0)
        builders->n_started++;
}

/* Sets a member that makes the threads end, and waits for them. */
static void end_threads(struct builders *builders, bool *why)
{
    pthread_mutex_lock(&builders->mutex);
    *why = true;
    pthread_cond_broadcast(&builders->changed);
    pthread_mutex_unlock(&builders->mutex);
    make_all(&builders->builders[0]);
    while (builders->n_started > 1)
        pthread_join(builders->builders[--builders->n_started].thread, NULL);
}

void builders_stop(struct builders *builders)
{
    end_threads(builders, &builders->stopping);
}

int builders_finish(struct builders *builders, struct error *error)
{
    end_threads(builders, &builders->ending);
    return first_error(builders, error);
}

static size_t count_once(void)
{
    size_t n = 0;

    for (size_t i = 0; i < outputs_table_size; i++)
        n += !outputs_table[i].each_site;
    return n;
}

int builders_add(struct builders *builders, const size_t *sites, size_t n, bool last,
                 struct error *error)
{
    struct job_group group = {.sites = sites, .n_once = last ? count_once() : 0};
    bool failed;

    group.n = group.n_once + n;
    assert(group.n > 0);
    start_threads(builders, group.n);
    pthread_mutex_lock(&builders->mutex);
    assert(builders->n_added - builders->n_done < GROUPS);
    builders->groups[builders->n_added++ % GROUPS] = group;
    pthread_cond_broadcast(&builders->changed);
    while (!builders->stopping && builders->n_added - builders->n_done == GROUPS)
        make_or_wait(&builders->builders[0]);
    failed = builders->stopping;
    pthread_mutex_unlock(&builders->mutex);
    return failed ? builders_finish(builders, error) : 0;
}

/* How many builders are worth their threads. */
static size_t useful_builders(const struct snapshot *snapshot)
{
    size_t n = 1, max = (size_t)snapshot->config->workers;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    for (size_t i = 0; i < snapshot->n_sites; i++)
        n += snapshot->sites[i].n_domains;
    n = 1 + n / DOMAINS_PER_BUILDER;
    if (processors > 0 && max > (size_t)processors)
        max = (size_t)processors;
    if (n > max)
        n = max;
    return n ? n : 1;
}

struct builders *builders_new(const struct outputs *outputs, const struct template_set *templates,
                              struct publication *publication)
{
    size_t n = useful_builders(outputs->snapshot);
    struct builders *builders = calloc(1, sizeof *builders + n * sizeof *builders->builders);

    if (!builders)
        return NULL;
    builders->outputs = outputs;
    builders->templates = templates;
    builders->publication = publication;
    builders->n_started = 1;
    pthread_mutex_init(&builders->mutex, NULL);
    pthread_cond_init(&builders->changed, NULL);
    for (; builders->n < n; builders->n++) {
        struct builder_thread *builder = &builders->builders[builders->n];

        builder->all = builders;
        builder->values = outputs_values_new(outputs);
        builder->cache = item_cache_new();
        if (!builder->values) {
            item_cache_free(builder->cache);
            break;
        }
        builder->page = (struct buffer){
            .ceiling = BUFFER_MAX_PAGE, .sink = write_piece, .sink_context = builder};
    }
    if (builders->n > 0)
        return builders;
    free(builders);
    return NULL;
}

void builders_free(struct builders *builders)
{
    for (size_t i = 0; builders && i < builders->n; i++) {
        outputs_values_free(builders->builders[i].values);
        item_cache_free(builders->builders[i].cache);
        buffer_free(&builders->builders[i].page);
    }
    free(builders);
}
