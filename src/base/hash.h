#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a, 64 bits (Fowler, Noll, Vo), its bits mixed at the end by the finalizer of MurmurHash3 so
 * that a remainder of it is evenly spread. Fixed for ever: a domain's slots hang on it.
 */
uint64_t hash_bytes(const void *bytes, size_t size);

#endif
