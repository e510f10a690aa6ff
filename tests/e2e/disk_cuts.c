/* What is lost in a power cut: a table of ways. */
#define _GNU_SOURCE
#include "disk_cuts.h"
#include "cmocka_all.h"
#include "midnight.h"

#include <stdlib.h>

enum { PAGE = 4096, SECTOR = 512 };

static unsigned long below(const struct disk_cut *cut, size_t bound)
{
    return sweep_number(cut->seed) % (bound ? bound : 1);
}

static bool is_content(const struct disk_operation *operation)
{
    return operation->kind == DISK_WRITE || operation->kind == DISK_LENGTH;
}

/*
 * Sets the fates of everything that is not durable: one for writes, one for lengths, one for names.
 */
static void decide(const struct disk_cut *cut, enum disk_end writes, enum disk_end lengths,
                   enum disk_end names)
{
    disk_do_durable(cut->disk, cut->at, cut->fates);
    for (size_t i = 0; i < cut->at; i++) {
        struct disk_fate *fate = &cut->fates[i];
        int kind = (int)cut->disk->operations[i].kind;

        if (!fate->durable)
            fate->how = kind == DISK_WRITE ? writes : kind == DISK_LENGTH ? lengths : names;
    }
}

static bool lose_all(const struct disk_cut *cut)
{
    decide(cut, DISK_LOST, DISK_LOST, DISK_LOST);
    return true;
}

static bool lose_nothing(const struct disk_cut *cut)
{
    decide(cut, DISK_DONE, DISK_DONE, DISK_DONE);
    return true;
}

static bool keep_names(const struct disk_cut *cut)
{
    decide(cut, DISK_LOST, DISK_LOST, DISK_DONE);
    return true;
}

static bool keep_names_and_lengths(const struct disk_cut *cut)
{
    decide(cut, DISK_ZEROED, DISK_DONE, DISK_DONE);
    return true;
}

static bool keep_contents(const struct disk_cut *cut)
{
    decide(cut, DISK_DONE, DISK_DONE, DISK_LOST);
    return true;
}

/* The inode of the operation before the cut, if it changed contents that were not synced. */
static int last_file(const struct disk_cut *cut)
{
    const struct disk_operation *last = cut->at ? &cut->disk->operations[cut->at - 1] : NULL;

    return last && is_content(last) ? last->inode : DISK_NONE;
}

/* Gives this fate to each write of the last file that is not durable; the first `skip` of them are
 * done. */
static bool damage_last(const struct disk_cut *cut, struct disk_fate fate, size_t skip)
{
    int inode = last_file(cut);

    if (inode == DISK_NONE)
        return false;
    lose_nothing(cut);
    for (size_t i = 0; i < cut->at; i++) {
        const struct disk_operation *operation = &cut->disk->operations[i];

        if (cut->fates[i].durable || !is_content(operation) || operation->inode != inode)
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        fate.seed = sweep_number(cut->seed);
        cut->fates[i] = fate;
        if (operation->kind == DISK_LENGTH && fate.how == DISK_ZEROED)
            cut->fates[i].how = DISK_DONE;
    }
    return true;
}

static bool lose_last_file(const struct disk_cut *cut)
{
    return damage_last(cut, (struct disk_fate){.how = DISK_LOST}, 0);
}

static bool zero_last_file(const struct disk_cut *cut)
{
    return damage_last(cut, (struct disk_fate){.how = DISK_ZEROED}, 0);
}

static size_t count_pending(const struct disk_cut *cut, int inode)
{
    size_t n = 0;

    lose_all(cut);
    for (size_t i = 0; i < cut->at; i++)
        n += !cut->fates[i].durable && is_content(&cut->disk->operations[i]) &&
             cut->disk->operations[i].inode == inode;
    return n;
}

static bool keep_first_writes(const struct disk_cut *cut)
{
    int inode = last_file(cut);
    size_t n = inode == DISK_NONE ? 0 : count_pending(cut, inode);

    return n > 1 && damage_last(cut, (struct disk_fate){.how = DISK_LOST}, 1 + below(cut, n - 1));
}

static bool page_last_file(const struct disk_cut *cut)
{
    return damage_last(cut, (struct disk_fate){.how = DISK_PIECES, .size = PAGE}, 0);
}

static bool sector_last_file(const struct disk_cut *cut)
{
    return damage_last(cut, (struct disk_fate){.how = DISK_PIECES, .size = SECTOR}, 0);
}

static bool cut_last_write(const struct disk_cut *cut, size_t unit)
{
    struct disk_fate *last = cut->at ? &cut->fates[cut->at - 1] : NULL;

    if (!last || cut->disk->operations[cut->at - 1].kind != DISK_WRITE)
        return false;
    lose_nothing(cut);
    last->how = DISK_CUT;
    last->size = below(cut, cut->disk->operations[cut->at - 1].size / unit + 1) * unit;
    return true;
}

static bool cut_at_sector(const struct disk_cut *cut)
{
    return cut_last_write(cut, SECTOR);
}

static bool cut_anywhere(const struct disk_cut *cut)
{
    return cut_last_write(cut, 1);
}

/* Does the changes of names in each folder up to one that chance chooses. */
static void choose_names(const struct disk_cut *cut)
{
    size_t *until = calloc((size_t)cut->disk->now.n_inodes, sizeof *until);

    if (!until)
        fail_msg("out of memory");
    for (int i = 0; i < cut->disk->now.n_inodes; i++)
        until[i] = below(cut, 4) ? below(cut, cut->at + 1) : cut->at * below(cut, 2);
    disk_do_names(cut->disk, cut->at, until, cut->fates);
    free(until);
}

static bool choose_names_keep_contents(const struct disk_cut *cut)
{
    decide(cut, DISK_DONE, DISK_DONE, DISK_LOST);
    choose_names(cut);
    return true;
}

static bool choose_names_lose_contents(const struct disk_cut *cut)
{
    decide(cut, DISK_LOST, DISK_LOST, DISK_LOST);
    choose_names(cut);
    return true;
}

/* Decides for each write and length separately, or once for a file, like a disk that writes a whole
 * file. */
static bool choose_all(const struct disk_cut *cut)
{
    bool whole_files = below(cut, 2);
    unsigned long salt = sweep_number(cut->seed);

    choose_names_lose_contents(cut);
    for (size_t i = 0; i < cut->at; i++) {
        const struct disk_operation *operation = &cut->disk->operations[i];
        struct disk_fate *fate = &cut->fates[i];
        unsigned long seed = salt + (unsigned long)operation->inode;

        if (fate->durable || !is_content(operation))
            continue;
        fate->seed = sweep_number(whole_files ? &seed : cut->seed);
        fate->how = (enum disk_end)(fate->seed % (operation->kind == DISK_WRITE ? 5 : 2));
        fate->size = fate->how == DISK_CUT         ? below(cut, operation->size + 1)
                     : sweep_number(cut->seed) & 1 ? PAGE
                                                   : SECTOR;
    }
    return true;
}

static const struct {
    const char *text;
    bool (*decide)(const struct disk_cut *cut);
} ways[] = {
    {"everything unsynced lost", lose_all},
    {"nothing lost", lose_nothing},
    {"names kept, contents lost", keep_names},
    {"names and lengths kept, contents all zeros", keep_names_and_lengths},
    {"contents kept, names lost", keep_contents},
    {"the last file lost", lose_last_file},
    {"the last file filled with zeros", zero_last_file},
    {"only the first writes of the last file", keep_first_writes},
    {"some pages of the last file", page_last_file},
    {"other pages of the last file", page_last_file},
    {"some sectors of the last file", sector_last_file},
    {"other sectors of the last file", sector_last_file},
    {"the last write cut at a sector", cut_at_sector},
    {"the last write cut anywhere", cut_anywhere},
    {"some names, all contents", choose_names_keep_contents},
    {"some names, no contents", choose_names_lose_contents},
    {"random", choose_all},
    {"random, second seed", choose_all},
    {"random, third seed", choose_all},
    {"random, fourth seed", choose_all},
};

const int disk_ways = sizeof ways / sizeof ways[0];

const char *disk_way(int way)
{
    return ways[way].text;
}

bool disk_cut_in(const struct disk_cut *cut, int way)
{
    return ways[way].decide(cut);
}
