#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a, 64 bits (Fowler, Noll, Vo), with the finalizer of MurmurHash3 so that remainders of it
 * are evenly distributed. Never change it: the slots of a domain depend on it.
 */
uint64_t hash_bytes(const void *bytes, size_t size);

#endif
