#ifndef DASHBOARD_PAGE_POOL_H
#define DASHBOARD_PAGE_POOL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Replaced pages, kept to be written over by the next build. To make a thousand files and remove a
 * thousand each minute is most of what a dashboard costs the kernel: ext4 searches past each inode
 * that was freed in the last minutes, and a disk may be told of each block that falls free. None of
 * this is needed: wherever a spare is not to be had, a file is made new.
 *
 * spares is the descriptor of their folder, -1: there are none. Spares are numbered from 0.
 */

/* Opens the folder, making it (0700) where it is missing. Returns -1 where that cannot be done. */
int page_pool_open(const char *path);

/*
 * Moves a spare under this name into the folder and opens it to be written from its start; *size is
 * what it holds still. Returns -1 where there is none that is ours alone: regular, with the mode,
 * without another link, open nowhere else, lest a slow reader see two pages in one.
 */
int page_pool_take(int spares, size_t number, int folder, const char *name, mode_t mode,
                   off_t *size);

/*
 * Puts the file aside into its place and keeps as a spare, in one step, what stood there. Returns
 * 0, or -1 where nothing was done.
 */
int page_pool_swap(int spares, size_t number, int folder, const char *aside, const char *name);

/* Removes the spares from this number on. */
void page_pool_trim(int spares, size_t number);

#endif
