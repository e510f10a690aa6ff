# Fuzzing, with libFuzzer and sanitizers, of all code that reads bytes written by others. What it
# found is in tests/corpus/; `make check` runs the program on all of it (replay).
# Each target makes FUZZ_RUNS executions or runs FUZZ_SECONDS, whichever ends first. FUZZ_JOBS run
# at once. FUZZ="csv_read url" chooses targets.

FUZZ_RUNS = 10000000
FUZZ_SECONDS = 1200
FUZZ_JOBS = 2
FUZZ := $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BUILD = $(BUILD)/fuzz
FUZZ_CHECKS = address,undefined

REPLAYS := $(FUZZ:%=$(BUILD)/replay/fuzz_%)

.PHONY: fuzz fuzz-merge replay

$(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/fuzz $(LDFLAGS) -o $@ $< tests/fuzz/replay.c $(ROOMS) $(LIBRARY_LIBS)

$(BUILD)/replay/fuzz_%.run: $(BUILD)/replay/fuzz_% FORCE
	$< tests/corpus/$* > $@ 2>&1 || { cat $@; exit 1; }
	sed -n 's/^\[  PASSED  \] /fuzz_$*: passed /p' $@

## replay: run each fuzz target on its corpus
replay: $(REPLAYS:=.run)

tests: $(REPLAYS)

# The program is built for libFuzzer in a build folder of its own.
FUZZ_MAKE = $(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang \
	CFLAGS='-O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$(FUZZ_CHECKS) -fno-sanitize-recover=all' \
	LDFLAGS='-fsanitize=$(FUZZ_CHECKS)'

$(BUILD)/target/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/fuzz $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(ROOMS) $(LIBRARY_LIBS)

## fuzz: run each fuzz target for 20 minutes at most; new inputs go to build/fuzz
fuzz:
	sh src/tools/packages.sh fuzz install
	+$(FUZZ_MAKE) $(FUZZ:%=$(FUZZ_BUILD)/target/fuzz_%)
	printf '%s\n' $(FUZZ) | xargs -P $(FUZZ_JOBS) -I TARGET sh tests/fuzz/run.sh $(FUZZ_BUILD) TARGET \
		-runs=$(FUZZ_RUNS) -max_total_time=$(FUZZ_SECONDS)
	sh tests/fuzz/figures.sh $(FUZZ_BUILD) $(FUZZ)

## fuzz-merge: add the new inputs that reach more code to tests/corpus
fuzz-merge:
	+$(FUZZ_MAKE) $(FUZZ:%=$(FUZZ_BUILD)/target/fuzz_%)
	for target in $(FUZZ); do sh tests/fuzz/merge.sh $(FUZZ_BUILD) $$target; done
