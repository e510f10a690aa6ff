# Unit tests of what fails: the program's own calls of these go through tests/unit/faults.h.

FAULTY = free malloc calloc realloc aligned_alloc posix_memalign strdup strndup arena_alloc arena_copy \
	fopen open openat close read pread pwrite fsync syncfs ftruncate rename renameat linkat unlinkat mkdir mkdirat \
	stat fstat fstatat fdopendir readdir flock \
	sqlite3_open_v2 sqlite3_prepare_v3 sqlite3_step sqlite3_exec sqlite3_column_text sqlite3_errcode \
	sqlite3_system_errno yaml_parser_initialize yaml_parser_parse curl_url curl_url_cleanup curl_url_set curl_url_get \
	deflateInit2_ inflateInit2_ inflate ZSTD_createCCtx ZSTD_createDCtx ZSTD_compressStream2 ZSTD_decompressStream \
	interrupt_came asset_find
WRAPPED = $(FAULTY:%=-Wl,--wrap=%)

$(BUILD)/unit/test_faults_%: LINKED = $(WRAPPED)
