/*
 * records DATA_DIR SITES DOMAINS INTERVAL_S ROWS END_S: writes the CSV of SITES sites (site0,
 * site1, ...) with DOMAINS domains each (d0, d1, ...): ROWS checks for each, one per interval, the
 * last of them one interval before END_S (seconds since the epoch). The rows of the hour of END_S
 * are in the live files, as a tick leaves them, and all others in the archive. The first tick
 * builds its state from them. If DATA_DIR is /dev/null, all rows go there.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { HOUR_S = 3600 };

struct plan {
    const char *data_dir;
    long sites, domains, interval_s, rows;
    time_t end_s;
};

static void die(const char *what)
{
    perror(what);
    exit(74);
}

/* Creates all folders on the path of a file. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0750) && errno != EEXIST)
            die(path);
        *slash = '/';
    }
}

/* FOLDER is "live", or "archive/" and a day. */
static FILE *open_records(const struct plan *plan, const char *folder, long site, long domain)
{
    char path[4096];
    FILE *file;

    if (strcmp(plan->data_dir, "/dev/null") == 0)
        strcpy(path, plan->data_dir);
    else
        snprintf(path, sizeof path, "%s/%s/site%ld/d%ld.log", plan->data_dir, folder, site, domain);
    file = fopen(path, "w");
    if (!file && errno == ENOENT) {
        make_folders(path);
        file = fopen(path, "w");
    }
    if (!file)
        die(path);
    return file;
}

/* One check in a thousand fails, so that pages and days differ. */
static void write_row(FILE *file, const char *second, long site, long domain, long row)
{
    long latency = 20 + (site * 7 + domain * 3 + row) % 50;

    if ((site * 31 + domain * 17 + row) % 1000 == 0)
        fprintf(file,
                "%s.%03ldZ,site%ld,d%ld,DOWN,503,%ld,\"http_status: expected 200, got 503\"\n",
                second, 100 + row % 7, site, domain, latency);
    else
        fprintf(file, "%s.%03ldZ,site%ld,d%ld,UP,200,%ld,\n", second, 100 + row % 7, site, domain,
                latency);
}

static void write_monitor(const struct plan *plan, long site, long domain)
{
    char second[32], folder[32], last[32] = "";
    FILE *file = NULL;

    for (long row = 0; row < plan->rows; row++) {
        time_t at = plan->end_s - (plan->rows - row) * plan->interval_s;
        struct tm utc;

        strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", gmtime_r(&at, &utc));
        if (at >= plan->end_s / HOUR_S * HOUR_S)
            strcpy(folder, "live");
        else
            snprintf(folder, sizeof folder, "archive/%.10s", second);
        if (strcmp(folder, last) != 0) {
            if (file && fclose(file))
                die("records");
            file = open_records(plan, folder, site, domain);
            strcpy(last, folder);
        }
        write_row(file, second, site, domain, row);
    }
    if (file && fclose(file))
        die("records");
}

int main(int argc, char **argv)
{
    struct plan plan;

    if (argc != 7) {
        fputs("usage: records DATA_DIR SITES DOMAINS INTERVAL_S ROWS END_S\n", stderr);
        return 64;
    }
    plan = (struct plan){argv[1],       atol(argv[2]), atol(argv[3]),
                         atol(argv[4]), atol(argv[5]), (time_t)atoll(argv[6])};
    for (long site = 0; site < plan.sites; site++) {
        for (long domain = 0; domain < plan.domains; domain++)
            write_monitor(&plan, site, domain);
    }
    return 0;
}
