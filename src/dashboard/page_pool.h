#ifndef DASHBOARD_PAGE_POOL_H
#define DASHBOARD_PAGE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Replaced pages, kept to be overwritten by the next build. Creating and removing a thousand files
 * every minute is most of the kernel's work for a large dashboard: ext4 searches past every inode
 * freed in the last minutes, and a disk may be informed of every freed block.
 *
 * The pool is only an optimisation. Whenever a page cannot be reused, the caller creates a file.
 *
 * pool is the descriptor of the pool's folder; -1: there is none. Its pages are numbered from 0: a
 * page has the number of the file that it was, so that it mostly has the size of the next one.
 * Several threads may use the pool if each uses other numbers.
 */

/* Opens the folder, and creates it (0700) if missing. Returns -1 if that fails. The caller closes
 * the descriptor. */
int page_pool_open(const char *path);

/* Whether pages can be moved between the pool and this folder. Tries it with the first page; if
 * there is none, the answer is no. tmp is the name that the page has in the folder meanwhile. */
bool page_pool_reaches(int pool, int folder, const char *tmp);

/*
 * Opens a page of the pool for writing. *size becomes its present size. Returns a descriptor, which
 * the caller closes, or -1. A page is only reused if it is a regular file of ours with this mode,
 * has no other link and is not open anywhere: a slow reader must not see two pages in one. Until
 * the descriptor is closed, nobody else can open the page.
 */
int page_pool_take(int pool, size_t number, mode_t mode, off_t *size);

/*
 * In one step, gives a page of the pool its name in a folder, and puts the file that had this name
 * into the pool. If replaces is false, there is no such file. Returns 0, or -1 with errno.
 */
int page_pool_publish(int pool, size_t number, int folder, const char *name, bool replaces);

/*
 * In one step, renames tmp to name; puts the file that had this name into the pool. Returns 0, or
 * -1 if nothing was changed.
 */
int page_pool_swap(int pool, size_t number, int folder, const char *tmp, const char *name);

/* Removes the pages from this number on. */
void page_pool_trim(int pool, size_t number);

#endif
